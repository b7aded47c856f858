//! The built pages: every link, anchor and image leads somewhere inside the book, and nothing is fetched from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use mdbook_driver::errors::Result;

/// The outcome of a check.
pub(crate) struct Checked {
    /// The number of pages.
    pub(crate) pages: usize,
    /// Links and images that were followed.
    pub(crate) links: usize,
    /// The formulas.
    pub(crate) formulas: usize,
    /// One line per fault.
    pub(crate) faults: Vec<String>,
}

/// A built page: its anchors, and its references as tag, attribute and value.
#[derive(Default)]
struct Page {
    anchors: BTreeSet<String>,
    references: Vec<(String, String, String)>,
    formulas: usize,
}

/// Checks the pages and style sheets below a folder.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn check(book: &Path) -> Result<Checked> {
    let mut files = Vec::new();
    below(book, Path::new(""), &mut files)?;
    let mut pages = BTreeMap::new();
    let mut faults = Vec::new();
    for path in &files {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => {
                pages.insert(path.clone(), page(&std::fs::read_to_string(book.join(path))?));
            }
            Some("css") => faults.extend(fetched(path, &std::fs::read_to_string(book.join(path))?)),
            _ => {}
        }
    }
    let mut links = 0;
    for (path, page) in &pages {
        for reference in &page.references {
            links += 1;
            if let Some(fault) = fault(path, reference, &files, &pages) {
                faults.push(format!("{}: {fault}", path.display()));
            }
        }
    }
    let formulas = pages.values().map(|page| page.formulas).sum();
    Ok(Checked { pages: pages.len(), links, formulas, faults })
}

/// The fault of one reference.
fn fault(
    path: &Path,
    (tag, attribute, value): &(String, String, String),
    files: &[PathBuf],
    pages: &BTreeMap<PathBuf, Page>,
) -> Option<String> {
    let outside = value.contains("://") || value.starts_with("//");
    if outside || value.starts_with("mailto:") || value.starts_with("data:") {
        // A citation is followed by a reader; anything else by the browser.
        return (outside && tag != "a").then(|| format!("<{tag} {attribute}=\"{value}\"> needs the network"));
    }
    let (file, anchor) = value.split_once('#').unwrap_or((value, ""));
    let target = if file.is_empty() { path.to_owned() } else { resolved(path, file) };
    if !files.contains(&target) {
        return Some(format!("{value} leads nowhere"));
    }
    let anchored = anchor.is_empty() || pages.get(&target).is_none_or(|page| page.anchors.contains(anchor));
    (!anchored).then(|| format!("{value}: the page has no such heading"))
}

/// A link of a page, relative to the book.
fn resolved(page: &Path, link: &str) -> PathBuf {
    let mut path = page.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

/// Addresses that a style sheet would fetch.
fn fetched(path: &Path, css: &str) -> Vec<String> {
    let urls = css.split("url(").skip(1).filter_map(|rest| rest.split_once(')'));
    let urls = urls.map(|(url, _)| url.trim_matches(['"', '\'']));
    let outside = urls.filter(|url| url.contains("//") && !url.starts_with("data:"));
    outside.map(|url| format!("{}: {url} needs the network", path.display())).collect()
}

/// The anchors and references of a page. Text between tags, and scripts, are skipped.
fn page(html: &str) -> Page {
    let mut page = Page::default();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((tag, next)) = after.split_once('>') else { break };
        let name = tag.split([' ', '\n', '/']).next().unwrap_or_default().to_lowercase();
        page.formulas += usize::from(name == "math");
        for (attribute, value) in attributes(tag) {
            match attribute {
                "id" | "name" => drop(page.anchors.insert(value.to_owned())),
                "href" | "src" => {
                    page.references.push((name.clone(), attribute.to_owned(), value.replace("&amp;", "&")));
                }
                _ => {}
            }
        }
        rest = if name == "script" { next.split_once("</script").map_or("", |(_, rest)| rest) } else { next };
    }
    page
}

/// The attributes of a tag that have values in double quotes.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let (before, after) = rest.split_once("=\"")?;
        let (value, next) = after.split_once('"')?;
        rest = next;
        Some((before.rsplit([' ', '\n', '\t']).next().unwrap_or(before), value))
    })
}

fn below(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() { below(root, &path, files)? } else { files.push(path) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(html: &str) -> Vec<String> {
        let files = ["a.html", "out/b.svg"].map(PathBuf::from);
        let pages = BTreeMap::from([(PathBuf::from("a.html"), page(html))]);
        let references = pages[Path::new("a.html")].references.iter();
        references.filter_map(|reference| fault(Path::new("a.html"), reference, &files, &pages)).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let html = r##"<h1 id="top">x</h1><a href="#top">1</a><a href="a.html#top">2</a><img src="out/b.svg"><a href="https://arxiv.org/abs/1611.01232">3</a>"##;
        assert_eq!(faults(html), [""; 0]);
    }

    #[test]
    fn every_kind_of_dead_link_is_found() {
        assert_eq!(faults(r##"<a href="#gone">x</a>"##), ["#gone: the page has no such heading"]);
        assert_eq!(faults(r#"<img alt="a" src="out/c.svg">"#), ["out/c.svg leads nowhere"]);
        assert_eq!(faults(r#"<a href="../crates/x">x</a>"#), ["../crates/x leads nowhere"]);
        let script = r#"<script async src="https://cdn.example/x.js"></script>"#;
        assert_eq!(faults(script), [r#"<script src="https://cdn.example/x.js"> needs the network"#]);
        let css = "@font-face { src: url('https://fonts.example/x.woff2'); }";
        assert_eq!(
            fetched(Path::new("x.css"), css),
            ["x.css: https://fonts.example/x.woff2 needs the network"]
        );
        assert_eq!(fetched(Path::new("x.css"), "a { src: url(fonts/x.woff2) }"), [""; 0]);
    }
}
