//! A chapter as it stands in docs/, made ready for mdBook.

use std::ops::Range;
use std::path::Path;

use mdbook_preprocessor::book::Book;
use mdbook_preprocessor::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::{flowchart, formulas, repository};

/// A block of code as HTML.
type Draw = fn(&str) -> std::result::Result<String, String>;

/// The preprocessor: formulas become `MathML`, links out of `docs` become text.
pub(crate) struct Chapters;

impl Preprocessor for Chapters {
    fn name(&self) -> &str {
        "step-zero"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let docs = context.root.join(&context.config.book.src);
        let mut failure = None;
        book.for_each_chapter_mut(|chapter| {
            let name = chapter.source_path.as_deref().unwrap_or(Path::new("?")).display().to_string();
            match ready(&chapter.content, &docs) {
                Ok(content) => chapter.content = content,
                Err(error) => failure = failure.take().or(Some(Error::msg(format!("docs/{name}: {error}")))),
            }
        });
        failure.map_or(Ok(book), Err)
    }
}

/// A page with its formulas typeset and its links out of `docs` replaced.
///
/// # Errors
/// If a formula is wrong, would be changed by GitHub's Markdown, or a link out of `docs` leads nowhere.
pub(crate) fn ready(page: &str, docs: &Path) -> std::result::Result<String, String> {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut block: Option<(Range<usize>, String, Draw)> = None;
    let mut in_code = false;
    for (event, range) in
        Parser::new_ext(page, Options::ENABLE_MATH | Options::ENABLE_TABLES).into_offset_iter()
    {
        let located =
            |error: String| format!("line {}: {error}", 1 + page[..range.start].matches('\n').count());
        match event {
            Event::InlineMath(formula) => {
                edits.push((range.clone(), formulas::inline(&formula).map_err(located)?));
            }
            Event::DisplayMath(formula) => {
                edits.push((range.clone(), formulas::display(&formula).map_err(located)?));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                let drawn: Option<Draw> = match kind {
                    CodeBlockKind::Fenced(language) if &*language == "math" => Some(formulas::display),
                    CodeBlockKind::Fenced(language) if &*language == "mermaid" => Some(flowchart::svg),
                    _ => None,
                };
                block = drawn.map(|draw| (range, String::new(), draw));
            }
            Event::Text(text) => match &mut block {
                Some((_, content, _)) => *content += &text,
                None if text.contains('$') && !in_code => return Err(located(format!("no formula: {text}"))),
                None => {}
            },
            Event::End(TagEnd::CodeBlock) => {
                in_code = false;
                if let Some((range, content, draw)) = block.take() {
                    edits.push((range, draw(&content).map_err(located)?));
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) if dest_url.starts_with("../") => {
                let text = repository::text(&page[range.clone()], &dest_url, docs).map_err(located)?;
                edits.push((range, text));
            }
            _ => {}
        }
    }
    let mut page = page.to_owned();
    for (range, text) in edits.into_iter().rev() {
        page.replace_range(range, &text);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::ready;
    use std::path::Path;

    fn page(text: &str) -> Result<String, String> {
        ready(text, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs"))
    }

    #[test]
    fn formulas_become_mathml_and_code_does_not() {
        let made =
            page("The std is $\\sqrt n$, `$HOME` is none.\n\n```math\nq = 1\n```\n\n```sh\n$ ls $x$\n```\n")
                .unwrap();
        assert_eq!(made.matches("<math").count(), 2, "{made}");
        assert!(made.contains("<msqrt><mi>n</mi></msqrt>") && made.contains("`$HOME`"), "{made}");
        assert!(made.contains("display=\"block\"") && made.contains("$ ls $x$"), "{made}");
    }

    #[test]
    fn a_formula_that_github_would_change_is_refused() {
        let refused = |text: &str| page(text).unwrap_err();
        assert!(refused("first\n\nthe set $\\{x\\}$").starts_with("line 3: "), "{}", refused("$\\{x\\}$"));
        assert!(refused("$a*b$").contains("GitHub"), "{}", refused("$a*b$"));
        assert!(page("$`\\{x\\}`$").is_ok());
    }

    #[test]
    fn a_wrong_formula_is_refused() {
        assert_eq!(page("$\\frac{1}{$").unwrap_err(), "line 1: no formula: $");
        assert!(page("```math\n\\nosuchcommand\n```").unwrap_err().starts_with("line 1: "));
    }

    #[test]
    fn a_link_out_of_docs_becomes_text() {
        let made = page("see [`plot`](../crates/plot) and [the lesson](lesson.md)").unwrap();
        assert!(
            made.contains(
                "title=\"crates/plot in the repository\">`plot`</span> and [the lesson](lesson.md)"
            ),
            "{made}"
        );
        assert!(page("[gone](../crates/gone)").unwrap_err().contains("crates/gone"));
    }
}
