//! The shortest decimal number in an interval.

/// The number between two positive ones with the fewest significant digits, and how many these are. Among several, the one
/// nearest to the middle.
///
/// If `lo` and `hi` are not finite and positive in this order, the middle with all its digits.
pub(super) fn shortest_between(lo: f64, hi: f64) -> (f64, usize) {
    let middle = (lo + hi) / 2.0;
    for digits in 1..16 {
        let text = format!("{middle:.*e}", digits - 1);
        let rounded: f64 = text.parse().unwrap_or(middle);
        if (lo..=hi).contains(&rounded) {
            return (rounded, digits);
        }
    }
    (middle, 17)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_digits_that_fit() {
        assert_eq!(shortest_between(0.0199, 0.0203), (0.02, 1));
        assert_eq!(shortest_between(0.0191, 0.0199), (0.0195, 3));
        assert_eq!(shortest_between(0.95, 1.08), (1.0, 1));
        assert_eq!(shortest_between(0.5, 0.5), (0.5, 1));
        assert_eq!(shortest_between(1.0, f64::NAN).1, 17);
    }
}
