//! A tokeniser for Rust sources, complete enough for checks of names.

/// Words, lifetimes and punctuation in their order, without comments, strings and characters.
pub(super) fn tokens(source: &str) -> Vec<&str> {
    let (mut tokens, mut rest) = (Vec::new(), source);
    while let Some(first) = rest.chars().next() {
        let (length, kept) = token(rest, first);
        if kept {
            tokens.push(&rest[..length]);
        }
        rest = &rest[length..];
    }
    tokens
}

/// The length of the first token of `rest`, and whether it is kept.
fn token(rest: &str, first: char) -> (usize, bool) {
    let word = |from: usize| rest[from..].find(|c| !is_word(c)).map_or(rest.len(), |end| from + end);
    if first.is_whitespace() {
        (first.len_utf8(), false)
    } else if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (block_comment(rest), false)
    } else if let Some(length) = string(rest) {
        (length, false)
    } else if first == '\'' {
        character(rest).map_or_else(|| (word(1), true), |length| (length, false))
    } else if is_word(first) {
        (word(0), true)
    } else {
        (first.len_utf8(), true)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let pair = text.as_bytes().get(at..at + 2).unwrap_or_default();
        let (step, length) = match pair {
            b"/*" => (1, 2),
            b"*/" => (-1, 2),
            _ => (0, 1),
        };
        depth += step;
        at += length;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string with its prefix, such as `"…"`, `b"…"` or `r#"…"#`; `None` if the text is not one.
fn string(text: &str) -> Option<usize> {
    let body = text.trim_start_matches(['b', 'c', 'r', '#']);
    let prefix = &text[..text.len() - body.len()];
    let hashes = prefix.matches('#').count();
    let open = prefix.len() + 1;
    if !body.starts_with('"') || (hashes > 0 && !prefix.contains('r')) {
        return None;
    }
    if prefix.contains('r') {
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(text[open..].find(&close).map_or(text.len(), |end| open + end + close.len()));
    }
    let mut escaped = false;
    let end = text[open..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(end.map_or(text.len(), |end| open + end + 1))
}

/// The length of a character such as `'x'` or `'\n'`; `None` for a lifetime.
fn character(text: &str) -> Option<usize> {
    let mut inner = text.chars().skip(1);
    let first = inner.next()?;
    if first == '\\' {
        // The escaped character may itself be a quote.
        return text.get(3..)?.find('\'').map(|end| end + 4);
    }
    (inner.next() == Some('\'')).then(|| first.len_utf8() + 2)
}

/// The tokens without the items that are `#[cfg(test)]`.
pub(super) fn outside_tests<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut rest) = (Vec::new(), tokens);
    while let Some((&first, after)) = rest.split_first() {
        if rest.starts_with(&MARK) {
            rest = &rest[MARK.len() + item(&rest[MARK.len()..])..];
        } else {
            kept.push(first);
            rest = after;
        }
    }
    kept
}

/// The length of an item: up to its `;`, or to the end of its braces.
fn item(tokens: &[&str]) -> usize {
    let mut depth = 0;
    for (at, &token) in tokens.iter().enumerate() {
        match token {
            ";" if depth == 0 => return at + 1,
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The modules of std that are named in a path or in a group of imports.
pub(super) fn std_modules<'a>(tokens: &[&'a str]) -> Vec<&'a str> {
    let mut modules = Vec::new();
    for (at, _) in tokens.windows(3).enumerate().filter(|(_, three)| *three == ["std", ":", ":"]) {
        let after = &tokens[at + 3..];
        let mut depth = 0;
        for (&token, &next) in after.iter().zip(&after[1..]) {
            match token {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && (token == "{" || token == ",") {
                modules.push(next);
            }
        }
        modules.extend(after.first().filter(|&&token| token != "{"));
    }
    modules
}

#[test]
fn comments_and_literals_are_left_out() {
    let source = r##"
        //! faer
        /* a /* faer */ faer */
        let x = ("faer \" faer", r#"faer " faer"#, b"faer", 'f', '\'', '"', '\u{66}');
        fn kept<'a>(r#type: &'a str) {}
    "##;
    let found = tokens(source).join(" ");
    assert_eq!(found, "let x = ( , , , , , , ) ; fn kept < 'a > ( r # type : & 'a str ) { }");
}

#[test]
fn items_of_tests_are_left_out() {
    let source = "a; #[cfg(test)] mod tests { fn f() { b; } } c; #[cfg(test)] mod d; #[cfg(unix)] e;";
    assert_eq!(outside_tests(&tokens(source)).join(""), "a;c;#[cfg(unix)]e;");
}

#[test]
fn modules_of_std_are_found_in_groups() {
    let source = "use std::{fmt, io::{Read, Write}, fs}; std::env::args(); let x = std::mem::take;";
    assert_eq!(std_modules(&tokens(source)), ["fmt", "io", "fs", "env", "mem"]);
}
