//! A bar of quantiles for one row of a table.

use std::fmt::Write;

use crate::format::significant;

/// The width of a bar in its own units; it reaches from −3 to 3 root mean squares.
const WIDTH: f64 = 120.0;

/// The quantiles 5%, 25%, 50%, 75% and 95% of values with a root mean square, as a small SVG: a line from 5% to 95%, a box from
/// 25% to 75%, and the median. Empty if one of them is not finite or all values are 0.
pub(super) fn bar(quantiles: [f64; 5], rms: f64) -> String {
    let known = quantiles.iter().all(|value| value.is_finite()) && rms.is_finite() && rms > 0.0;
    if !known {
        return String::new();
    }
    let x = |value: f64| ((value / rms).clamp(-3.0, 3.0) + 3.0) * WIDTH / 6.0;
    let [low, first, median, third, high] = quantiles.map(x);
    let names = ["5%", "25%", "50%", "75%", "95%"];
    let title: Vec<String> = names
        .iter()
        .zip(quantiles)
        .map(|(name, value)| format!("{name} {}", significant(value, 3)))
        .collect();
    let mut svg = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {WIDTH} 14\" role=\"img\"><title>{}</title>",
        title.join(", ")
    );
    let mut line = |class: &str, from: (f64, f64), to: (f64, f64)| {
        let [(x1, y1), (x2, y2)] = [from, to];
        let _ =
            write!(svg, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1}\" x2=\"{x2:.1}\" y2=\"{y2}\"/>");
    };
    line("zero", (x(0.0), 0.0), (x(0.0), 14.0));
    line("whisker", (low, 7.0), (high, 7.0));
    let width = (third - first).max(1.0);
    let _ = write!(svg, "<rect class=\"box\" x=\"{first:.1}\" y=\"3\" width=\"{width:.1}\" height=\"8\"/>");
    let _ = write!(
        svg,
        "<line class=\"median\" x1=\"{median:.1}\" y1=\"2\" x2=\"{median:.1}\" y2=\"12\"/></svg>"
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn quantiles_are_places_along_the_bar() {
        let svg = bar([-1.5, -0.5, 0.0, 0.5, 1.5], 1.0);
        assert!(svg.contains("<title>5% -1.5, 25% -0.5, 50% 0, 75% 0.5, 95% 1.5</title>"), "{svg}");
        assert!(svg.contains("x=\"50.0\" y=\"3\" width=\"20.0\""), "{svg}");
        assert_eq!(bar([f64::NAN; 5], 1.0), "");
        assert_eq!(bar([0.0; 5], 0.0), "");
    }
}
