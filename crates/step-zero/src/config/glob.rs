//! Patterns over the names of locations.

/// True if a pattern matches all of a text: `*` stands for any letters, dots included, and `?` for one.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // The last star, and the letter up to which it reaches.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&letter) if letter == '?' || letter == text[t] => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((at, reached)) = star else { return false };
                star = Some((at, reached + 1));
                (p, t) = (at + 1, reached + 1);
            }
        }
    }
    pattern[p..].iter().all(|&letter| letter == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks_stand_for_letters() {
        for (pattern, text) in [
            ("h.*.attn", "h.0.attn"),
            ("h.*", "h.11.mlp.c_fc"),
            ("*", ""),
            ("*", "network"),
            ("h.? (residual sum)", "h.3 (residual sum)"),
            ("*.a*b", "x.aab"),
            ("", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("h.*.attn", "h.0.attn.c_fc"), ("h.?", "h.11"), ("fc", "fc1"), ("", "a"), ("?", "")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
