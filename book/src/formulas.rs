//! Formulas: `LaTeX`, as GitHub typesets it, to `MathML`, which a browser typesets without scripts, fonts or a network.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

/// A formula in a line: `$…$`, or `` $`…`$ ``, which GitHub hands over unchanged.
///
/// # Errors
/// If it is not LaTeX, or GitHub's Markdown would change it.
pub(crate) fn inline(formula: &str) -> Result<String, String> {
    match formula.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
        Some(formula) => Ok(inert(&mathml(formula, DisplayMode::Inline)?)),
        None => {
            unchanged_by_github(formula)?;
            Ok(inert(&mathml(formula, DisplayMode::Inline)?))
        }
    }
}

/// A formula by itself: a block of code of the language `math`.
///
/// # Errors
/// If it is not LaTeX.
pub(crate) fn display(formula: &str) -> Result<String, String> {
    // A blank line would end the block of HTML.
    let made = mathml(formula.trim(), DisplayMode::Block)?;
    Ok(format!("<div>{}</div>\n", made.replace('\n', " ")))
}

/// Refuses what GitHub reads as Markdown inside `$…$` before it typesets: escapes, emphasis and tags.
fn unchanged_by_github(formula: &str) -> Result<(), String> {
    let escape = formula.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_punctuation());
    if escape || formula.contains(['*', '<']) || formula.contains("}_") {
        return Err(format!("GitHub's Markdown would change ${formula}$: write $`{formula}`$"));
    }
    Ok(())
}

fn mathml(formula: &str, display_mode: DisplayMode) -> Result<String, String> {
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(formula, &storage)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("the formula {formula}: {}", error.to_string().replace('\n', " ")))?;
    let config = RenderConfig { display_mode, annotation: Some(formula), ..RenderConfig::default() };
    let mut text = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut text, events, config).map_err(|error| error.to_string())?;
    Ok(text)
}

/// HTML whose text holds nothing that Markdown would read.
fn inert(html: &str) -> String {
    let mut in_tag = false;
    let escaped = html.chars().map(|c| {
        in_tag = (in_tag || c == '<') && c != '>';
        match c {
            '*' | '_' | '`' | '[' | ']' | '\\' | '$' | '|' if !in_tag => format!("&#{};", u32::from(c)),
            '\n' => " ".to_owned(),
            _ => c.to_string(),
        }
    });
    escaped.collect()
}
