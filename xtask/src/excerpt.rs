//! Items of the workspace's own source files, for documents that show them.

use cli::{Failure, files};

use crate::root::root;

/// The item that begins with the first code line that contains `start`, as a fenced block. The item's doc comment is
/// left out, and its indentation is removed.
///
/// # Errors
/// If the file cannot be read or has no such item.
pub(crate) fn block(path: &str, start: &str) -> Result<String, Failure> {
    let bytes = files::read(&root().join(path), "name a source file of the workspace")?;
    let source = String::from_utf8_lossy(&bytes);
    let missing =
        || Failure::new(format!("{path} has no complete item that begins with a line containing '{start}'"));
    let item = item(&source, start).ok_or_else(missing)?;
    Ok(format!("```rs\n// {path}\n{item}\n```\n"))
}

/// The lines from the first that contains `start` to the one that closes the brackets opened on the way.
fn item(source: &str, start: &str) -> Option<String> {
    let mut lines =
        source.lines().skip_while(|line| !line.contains(start) || line.trim_start().starts_with("//"));
    let first = lines.next()?;
    let indent = first.len() - first.trim_start().len();
    let (mut item, mut depth) = (String::new(), 0_i32);
    for line in std::iter::once(first).chain(lines) {
        let text = line.get(indent..).unwrap_or_default();
        item += &format!("{text}\n");
        let count = |bracket: &str| i32::try_from(line.matches(bracket).count()).unwrap_or(0);
        depth += count("{") + count("(") + count("[") - count("}") - count(")") - count("]");
        if depth == 0 && (text.ends_with('}') || text.ends_with(';')) {
            return Some(item.trim_end().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "/// fn a is here\nimpl X {\n    fn a(\n        x: [u8; 2],\n    ) -> u8 {\n        x[0]\n    }\n\n    type T = u8;\n}\n";

    #[test]
    fn an_item_ends_where_its_brackets_close() {
        assert_eq!(item(SOURCE, "fn a").unwrap(), "fn a(\n    x: [u8; 2],\n) -> u8 {\n    x[0]\n}");
        assert_eq!(item(SOURCE, "type T").unwrap(), "type T = u8;");
        assert_eq!(item(SOURCE, "fn b"), None);
        assert_eq!(item("fn cut() {\n", "fn cut"), None);
    }

    #[test]
    fn a_missing_item_is_named() {
        let error = block("xtask/src/excerpt.rs", "fn nowhere_to\u{200b}be").unwrap_err().to_string();
        assert!(
            error.starts_with(
                "xtask/src/excerpt.rs has no complete item that begins with a line containing 'fn nowhere"
            ),
            "{error}"
        );
    }
}
