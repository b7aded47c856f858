//! Ticks: round values on an axis, as many as their labels have room for, and their labels.

use crate::axis::Axis;

/// A labelled position on an axis; `at` is a fraction of its length.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub label: String,
}

/// The ticks of an axis of `length` dots, where a label takes `extent` dots along it.
pub(crate) fn ticks(axis: &Axis, length: i32, extent: impl Fn(&str) -> i32) -> Vec<Tick> {
    /// Numbers closer together than this make an axis restless, in dots.
    const APART: i32 = 76;
    let most = match axis {
        Axis::Names(names) | Axis::Rows { names, .. } => names.len(),
        _ => (length / APART).clamp(2, 9) as usize,
    };
    let widest_name = match axis {
        Axis::Names(names) => names.iter().map(|name| extent(name)).max(),
        _ => None,
    };
    let gap = if matches!(axis, Axis::Rows { .. }) { ROW_GAP } else { GAP };
    for count in (2..=most).rev() {
        let ticks = at_most(axis, count);
        let widest = widest_name.or_else(|| ticks.iter().map(|tick| extent(&tick.label)).max());
        if widest.unwrap_or(0) + gap <= spacing(&ticks, length) {
            return ticks;
        }
    }
    at_most(axis, 1)
}

/// The least dots between neighbouring labels, and between the names of rows.
const GAP: i32 = 14;
const ROW_GAP: i32 = 2;

/// Dots between the nearest two ticks.
fn spacing(ticks: &[Tick], length: i32) -> i32 {
    let apart = |pair: &[Tick]| (pair[1].at - pair[0].at).abs();
    // Ticks of a linear axis are equally far apart except for rounding.
    let nearest = ticks.windows(2).map(apart).fold(1.0, f64::min);
    (nearest * f64::from(length) + 1e-6) as i32
}

/// Round ticks, at most about `count`.
fn at_most(axis: &Axis, count: usize) -> Vec<Tick> {
    match axis {
        Axis::Linear { low, high, whole } => linear(axis, low.min(*high), low.max(*high), *whole, count),
        Axis::Log { low, high } => log(axis, *low, *high, count),
        Axis::Names(names) => named(axis, names, 0.5, count),
        Axis::Rows { names, .. } => named(axis, names, 1.0, count),
    }
}

/// As many names as fit, at even steps; each tick lies the fraction `inside` into its name's interval.
fn named(axis: &Axis, names: &[String], inside: f64, count: usize) -> Vec<Tick> {
    let step = round_up(names.len().div_ceil(count.max(1)));
    let tick =
        |(i, name): (usize, &String)| Tick { at: axis.fraction(i as f64 + inside), label: name.clone() };
    names.iter().enumerate().step_by(step).map(tick).collect()
}

fn linear(axis: &Axis, low: f64, high: f64, whole: bool, count: usize) -> Vec<Tick> {
    let raw = high / count as f64 - low / count as f64;
    let raw = if whole { raw.max(1.0) } else { raw };
    let exponent = (raw.log10() + 1e-9).floor() as i32;
    let unit = 10f64.powi(exponent);
    let digit = [1, 2, 5].into_iter().find(|&d| d as f64 * unit >= raw * (1.0 - 1e-9));
    let (digit, exponent) = digit.map_or((1, exponent + 1), |d| (d, exponent));
    let value = |k: i64| scaled(k * digit, exponent);
    let step = value(1);
    let first = (low / step - 1e-6).ceil() as i64;
    let last = (high / step + 1e-6).floor() as i64;
    (first..=last)
        .map(|k| Tick { at: axis.fraction(value(k)), label: decimal(k * digit, exponent) })
        .collect()
}

/// `digits` × 10^`exponent`, as exactly as a double can be.
fn scaled(digits: i64, exponent: i32) -> f64 {
    let power = 10f64.powi(exponent.abs());
    if exponent < 0 { digits as f64 / power } else { digits as f64 * power }
}

/// Powers of ten; on less than two decades also 1, 2 and 5 times them; on less than one, halves of octaves around 1; without any
/// of those, round numbers.
fn log(axis: &Axis, low: f64, high: f64, count: usize) -> Vec<Tick> {
    let powers = decades(low, high, count);
    // Closer to 0, a double has too few digits for steps.
    if high.floor() - low.ceil() >= 1.0 || low < -290.0 {
        return powers;
    }
    let round = round_numbers(axis, low, high);
    let halves = half_octaves(axis, low, high);
    match (round.len(), powers.len()) {
        (3.., _) if round.len() <= count => round,
        // There is one interval more than ticks.
        (..3, 1) if halves.len() > 3 && halves.len() <= count + 1 => halves,
        (3.., 1..) => powers,
        _ => linear(axis, 10f64.powf(low), 10f64.powf(high).min(f64::MAX), false, count),
    }
}

fn decades(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let (first, last) = (low.ceil() as i32, high.floor() as i32);
    // There is one interval more than ticks. Every third power is as plain as every second or fifth.
    let step = match (last - first).max(0).unsigned_abs() as usize / count.max(1) + 1 {
        3 => 3,
        step => round_up(step),
    };
    (first..=last)
        .filter(|e| e.rem_euclid(step as i32) == 0)
        .map(|e| Tick { at: (f64::from(e) - low) / (high - low), label: power_of_ten(e) })
        .collect()
}

/// Numbers around 1 that are a factor of √2 apart: tenths.
const HALF_OCTAVES: [i64; 8] = [5, 7, 10, 14, 20, 28, 40, 56];

/// Those of them that the axis shows.
fn half_octaves(axis: &Axis, low: f64, high: f64) -> Vec<Tick> {
    let shown = |tenths: &i64| (low..=high).contains(&(scaled(*tenths, -1).log10()));
    let label = |tenths: i64| if tenths % 10 == 0 { decimal(tenths / 10, 0) } else { decimal(tenths, -1) };
    let tick = |tenths: i64| Tick { at: axis.fraction(scaled(tenths, -1)), label: label(tenths) };
    HALF_OCTAVES.into_iter().filter(shown).map(tick).collect()
}

/// 1, 2 and 5 times powers of ten.
fn round_numbers(axis: &Axis, low: f64, high: f64) -> Vec<Tick> {
    (low.floor() as i32..=high.floor() as i32)
        .flat_map(|e| [1, 2, 5].map(|digit| (digit, e)))
        .filter(|&(digit, e)| (low..=high).contains(&(f64::from(e) + (digit as f64).log10())))
        .map(|(digit, e)| Tick { at: axis.fraction(scaled(digit, e)), label: decimal(digit, e) })
        .collect()
}

/// The first of 1, 2, 5, 10, 20, 50, ... that is not below `step`.
fn round_up(step: usize) -> usize {
    let mut unit = 1;
    loop {
        if let Some(d) = [1, 2, 5].into_iter().find(|d| d * unit >= step) {
            return d * unit;
        }
        unit *= 10;
    }
}

/// The positions of unlabelled lines between the decades of a log axis, as fractions; none on more than eight decades.
pub(crate) fn minor(axis: &Axis) -> Vec<f64> {
    match *axis {
        Axis::Log { low, high } if high - low <= 8.0 => (low.floor() as i32..high.ceil() as i32)
            .flat_map(|e| (2..10).map(move |d| f64::from(e) - low + f64::from(d).log10()))
            .map(|at| at / (high - low))
            .filter(|at| (0.0..=1.0).contains(at))
            .collect(),
        _ => Vec::new(),
    }
}

/// The label of `digits` × 10^`exponent`; it is exact, because no float is printed.
fn decimal(digits: i64, exponent: i32) -> String {
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

/// A power of ten with a raised exponent: 10⁻³.
fn power_of_ten(exponent: i32) -> String {
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
    use super::{Axis, decimal, power_of_ten, ticks};

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
    fn less_than_a_decade_around_1_has_halves_of_octaves() {
        let labels = |low: f64, high: f64, length| -> Vec<String> {
            let axis = Axis::Log { low: low.log10(), high: high.log10() };
            ticks(&axis, length, |label| 12 * label.len() as i32).into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(0.66, 2.97, 322), ["0.7", "1", "1.4", "2", "2.8"]);
        // Without room, and without a 1.
        assert_eq!(labels(0.66, 2.97, 160), ["2"]);
        assert_eq!(labels(1.1, 4.5, 322), ["2", "3", "4"]);
    }

    #[test]
    fn powers_are_raised() {
        assert_eq!(power_of_ten(-3), "10⁻³");
        assert_eq!(power_of_ten(0), "10⁰");
        assert_eq!(power_of_ten(-120), "10⁻¹²⁰");
    }
}
