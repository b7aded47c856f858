//! Links to files of the repository that are not in the book.

use std::path::Path;

/// The text of a link to a file outside docs/, with the file's path for those who point at it.
///
/// # Errors
/// If there is no such file.
pub(crate) fn text(link: &str, to: &str, docs: &Path) -> Result<String, String> {
    let path = to.split('#').next().unwrap_or(to);
    if !docs.join(path).exists() {
        return Err(format!("{to} does not exist"));
    }
    let text = link.strip_prefix('[').and_then(|rest| rest.rsplit_once("](")).map_or(link, |(text, _)| text);
    let path = path.trim_start_matches("../");
    Ok(format!("<span class=\"in-repository\" title=\"{path} in the repository\">{text}</span>"))
}
