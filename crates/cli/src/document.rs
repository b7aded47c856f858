//! Documents with parts that a command renews.

use crate::Failure;

/// The end of a part.
pub const END: &str = "<!-- end -->";

/// A document with `fresh` between this marker and the end after it.
///
/// # Errors
/// If it has no such marker, or no end after it.
pub fn between(document: &str, marker: &str, fresh: &str) -> Result<String, Failure> {
    let place = document.split_once(&format!("{marker}\n"));
    let parts = place.and_then(|(before, after)| Some((before, after.split_once(END)?.1)));
    let none = || Failure::new(format!("the document has no '{marker}' with '{END}' after it; restore it"));
    let (before, after) = parts.ok_or_else(none)?;
    Ok(format!("{before}{marker}\n{fresh}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn only_what_is_between_is_renewed() {
        let page = "a\n<!-- mine -->\nold\n<!-- end -->\nb\n<!-- other -->\nkept\n<!-- end -->\n";
        let fresh = between(page, "<!-- mine -->", "new\n").unwrap();
        let expected = "a\n<!-- mine -->\nnew\n\n<!-- end -->\nb\n<!-- other -->\nkept\n<!-- end -->\n";
        assert_eq!(fresh, expected);
        assert_eq!(between(&fresh, "<!-- mine -->", "new\n").unwrap(), expected, "again");
        for damaged in ["", "<!-- mine -->\n", "<!-- end -->\n<!-- mine -->\n"] {
            let refused = between(damaged, "<!-- mine -->", "new\n").unwrap_err().to_string();
            assert!(refused.starts_with("the document has no '<!-- mine -->'"), "{refused}");
        }
    }
}
