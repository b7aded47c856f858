//! Short labels for numbers on axes.

/// The label of `digits` × 10^`exponent`: exact, because no float is printed.
pub(super) fn decimal(digits: i64, exponent: i32) -> String {
    if digits == 0 {
        return "0".to_string();
    }
    let sign = if digits < 0 { "−" } else { "" };
    let text = digits.unsigned_abs().to_string();
    let top = text.len() as i32 + exponent;
    if (-3..=7).contains(&top) && exponent >= -6 {
        format!("{sign}{}", positional(&text, exponent))
    } else {
        format!("{sign}{}", scientific(&text, top - 1))
    }
}

fn positional(digits: &str, exponent: i32) -> String {
    let places = exponent.min(0).unsigned_abs() as usize;
    let zeros = "0".repeat(exponent.max(0).unsigned_abs() as usize);
    if places == 0 {
        return format!("{digits}{zeros}");
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, rest) = padded.split_at(padded.len() - places);
    format!("{whole}.{rest}")
}

fn scientific(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { "−" } else { "" };
    format!("{first}{point}{rest}e{sign}{}", exponent.unsigned_abs())
}

/// A power of ten as on paper: 10⁻³.
pub(super) fn power_of_ten(exponent: i32) -> String {
    let raised = |c| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(u32::from('⁰') + (u32::from(digit) - u32::from('0'))).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_short_and_exact() {
        let cases = [
            (3, -1, "0.3"),
            (-10, -1, "−1.0"),
            (0, -1, "0"),
            (-5, 3, "−5000"),
            (25, -3, "0.025"),
            (15, -6, "1.5e−5"),
            (20, 18, "2e19"),
            (4, 0, "4"),
        ];
        for (digits, exponent, label) in cases {
            assert_eq!(decimal(digits, exponent), label);
        }
    }

    #[test]
    fn powers_are_raised() {
        assert_eq!(power_of_ten(-3), "10⁻³");
        assert_eq!(power_of_ten(0), "10⁰");
        assert_eq!(power_of_ten(-120), "10⁻¹²⁰");
    }
}
