//! Comparison to significant digits: another CPU sums in another order and moves the last ones.

/// The number of significant digits that must agree.
pub const DIGITS: i32 = 3;

/// The mark before a number that depends on rounding and differs between machines.
pub const ROUGH: &str = "~";

/// True if `now` is within half a unit of the third significant digit of `committed`; NaN equals NaN.
pub fn same_number(committed: f64, now: f64) -> bool {
    if committed == now || (committed.is_nan() && now.is_nan()) {
        return true;
    }
    let size = committed.abs().max(now.abs());
    let unit = 10f64.powi(size.log10().floor() as i32 - (DIGITS - 1));
    (committed - now).abs() <= unit / 2.0
}

/// True if two texts agree: every number in them to three significant digits, everything else exactly, except that any
/// run of white space, rules and table dashes counts as one space. A number behind `~` agrees with any other.
pub fn same_text(committed: &str, now: &str) -> bool {
    let (mut old, mut new) = (tokens(committed), tokens(now));
    loop {
        match (old.next(), new.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
                (Ok(a), Ok(b)) if same_number(a, b) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
}

/// The numbers of a text and the stretches between them; rules and bars of tables, whose length follows the widest
/// cell, are left out.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().filter(|word| !word.bytes().all(|b| b"-|".contains(&b))).flat_map(split_word)
}

/// The numbers of a word and the stretches between them: `[97.2,` gives `[`, `97.2`, `,`.
fn split_word(word: &str) -> Vec<&str> {
    if word.strip_prefix(ROUGH).is_some_and(|number| number.parse::<f64>().is_ok()) {
        return vec![ROUGH];
    }
    let mut parts = Vec::new();
    let mut rest = word;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let signed = rest[..start].ends_with('-') || rest[..start].ends_with('+');
        let from = start - usize::from(signed);
        let length = number_length(&rest[from..]);
        parts.extend([&rest[..from], &rest[from..from + length]]);
        rest = &rest[from + length..];
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The length of the longest number that a text begins with, in bytes.
fn number_length(text: &str) -> usize {
    let candidate = text.bytes().take_while(|b| b.is_ascii_digit() || b"+-.eE".contains(b)).count();
    (1..=candidate).rev().find(|&end| text[..end].parse::<f64>().is_ok()).unwrap_or(candidate)
}

#[cfg(test)]
mod tests {
    use super::{same_number, same_text};

    #[test]
    fn three_digits_decide() {
        assert!(same_number(0.872_178, 0.872_600) && !same_number(0.872_178, 0.873));
        assert!(same_number(5485.0, 5489.0) && !same_number(5485.0, 5491.0));
        assert!(same_number(1.0, 0.999_6) && !same_number(1e-5, 1.01e-5));
        assert!(same_number(f64::NAN, f64::NAN) && !same_number(f64::NAN, 1.0));
        assert!(same_number(0.0, 0.0) && !same_number(0.0, 1e-30));
    }

    #[test]
    fn texts_agree_but_for_the_last_digits() {
        assert!(same_text("std 0.35281, 6.73e-01", "std 0.35282,  6.7301e-01"));
        assert!(same_text("|  42.2% |\n|---|", "| 42.23% |\n|-----|"));
        assert!(!same_text("std 0.353", "std 0.363"));
        assert!(!same_text("holds", "FAILS"));
        assert!(!same_text("1 2", "1 2 3"));
        assert!(!same_text("mean -0.5", "mean +0.5"));
        assert!(!same_text("▁▂█", "▁▃█"));
        assert!(same_text("~1.6e-09 never", "~2.1e-03 never"));
        assert!(!same_text("~30", "never") && !same_text("~30", "30") && !same_text("~ 30", "~ 40"));
    }
}
