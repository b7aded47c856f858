//! Numbers and fields as text.

/// `x` with `decimals` decimal places: Python's `f"{x:.4f}"`, except that a rounded zero has no sign, and that a number with
/// more than nine digits before the point has an exponent.
pub fn fixed(x: f64, decimals: usize) -> String {
    if x.is_finite() && x.abs() >= 1e9 {
        return scientific(x, decimals);
    }
    unsigned_zero(format!("{x:.decimals$}"))
}

/// `x` with `decimals` decimal places and a sign: Python's `f"{x:+.4f}"`, except that a rounded zero is `+0`.
pub fn signed(x: f64, decimals: usize) -> String {
    let text = fixed(x, decimals);
    if text.starts_with('-') || x.is_nan() { text } else { format!("+{text}") }
}

/// `x` with one digit before the point, `decimals` after it, and an exponent of two digits: Python's `f"{x:.2e}"`.
pub fn scientific(x: f64, decimals: usize) -> String {
    let text = unsigned_zero(format!("{x:.decimals$e}"));
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        None => text,
    }
}

/// `x` to `digits` significant digits, without trailing zeros; `1.2e-7` if it would need many zeros.
///
/// This is the form of every number in a committed file: its precision follows the size of the value, unlike a number of
/// decimal places.
pub fn significant(x: f64, digits: usize) -> String {
    if !x.is_finite() {
        return x.to_string();
    }
    let rounded: f64 = format!("{x:.*e}", digits.max(1) - 1).parse().unwrap_or(x);
    let magnitude = rounded.abs();
    if magnitude == 0.0 {
        "0".to_owned()
    } else if (1e-4..1e15).contains(&magnitude) {
        rounded.to_string()
    } else {
        format!("{rounded:e}")
    }
}

/// A field of CSV by RFC 4180: in quotes, with quotes doubled, if it contains a comma, a quote or a line break.
pub(crate) fn csv_field(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn unsigned_zero(text: String) -> String {
    let zero = text.bytes().take_while(|&b| b != b'e').all(|b| matches!(b, b'-' | b'0' | b'.'));
    if zero { text.trim_start_matches('-').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{csv_field, fixed, scientific, signed, significant};

    #[test]
    fn digits_are_pythons() {
        assert_eq!(fixed(0.87217, 4), "0.8722");
        assert_eq!(fixed(-0.00001, 4), "0.0000");
        assert_eq!([signed(-0.0296, 4), signed(0.5, 1), signed(-0.0, 2)], ["-0.0296", "+0.5", "+0.00"]);
        assert_eq!(scientific(0.672651, 2), "6.73e-01");
        assert_eq!(
            [scientific(0.0, 2), scientific(-0.0, 1), scientific(1e100, 0)],
            ["0.00e+00", "0.0e+00", "1e+100"]
        );
        assert_eq!(
            [fixed(-1.5e38, 4), signed(3e9, 1), fixed(999_999_999.0, 0)],
            ["-1.5000e+38", "+3.0e+09", "999999999"]
        );
        assert_eq!([fixed(f64::NAN, 4), signed(f64::INFINITY, 2)], ["NaN", "+inf"]);
        assert_eq!(scientific(f64::NEG_INFINITY, 2), "-inf");
    }

    #[test]
    fn significant_digits_follow_the_size() {
        assert_eq!(significant(0.123_456_789, 6), "0.123457");
        assert_eq!(significant(-0.0, 6), "0");
        assert_eq!([significant(1.234_5e-5, 3), significant(13_000.0, 6)], ["1.23e-5", "13000"]);
        assert_eq!(significant(9.999_99, 3), "10");
    }

    #[test]
    fn fields_are_quoted_where_rfc_4180_asks_for_it() {
        assert_eq!(["W1", "a b|c"].map(csv_field), ["W1", "a b|c"]);
        assert_eq!(csv_field("conv(3, \"same\")"), "\"conv(3, \"\"same\"\")\"");
        assert_eq!(csv_field("a\nb"), "\"a\nb\"");
    }
}
