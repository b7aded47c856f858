//! Ticks: round places on an axis, as many as their labels leave room for.

use super::axis::Axis;
use super::number::{decimal, power_of_ten};

/// A labelled place on an axis; `at` is a fraction of its length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
}

/// The ticks for an axis of `length` dots whose labels take `extent` dots along it each.
pub(super) fn ticks(axis: &Axis, length: i32, extent: impl Fn(&str) -> i32) -> Vec<Tick> {
    /// Numbers closer than this make an axis restless.
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

/// Dots between neighbouring labels at least, and between the names of rows.
const GAP: i32 = 14;
const ROW_GAP: i32 = 2;

/// Dots between the nearest two ticks.
fn spacing(ticks: &[Tick], length: i32) -> i32 {
    let apart = |pair: &[Tick]| (pair[1].at - pair[0].at).abs();
    // Ticks of a linear axis are equally far, but for rounding.
    let nearest = ticks.windows(2).map(apart).fold(1.0, f64::min);
    (nearest * f64::from(length) + 1e-6) as i32
}

/// Round ticks, at most about `count` of them.
fn at_most(axis: &Axis, count: usize) -> Vec<Tick> {
    match axis {
        Axis::Linear { low, high, whole } => linear(axis, low.min(*high), low.max(*high), *whole, count),
        Axis::Log { low, high } => log(axis, *low, *high, count),
        Axis::Names(names) => named(axis, names, 0.5, count),
        Axis::Rows { names, .. } => named(axis, names, 1.0, count),
    }
}

/// Every so many names, each `inside` its stretch of the axis.
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

/// `digits` × 10^`exponent`, as near as a float comes.
fn scaled(digits: i64, exponent: i32) -> f64 {
    let power = 10f64.powi(exponent.abs());
    if exponent < 0 { digits as f64 / power } else { digits as f64 * power }
}

/// Powers of ten; on less than two of them 1, 2, 5 between, and on a stretch without those any round numbers.
fn log(axis: &Axis, low: f64, high: f64, count: usize) -> Vec<Tick> {
    let powers = decades(low, high, count);
    // Nearer to 0, a double has no digits left to step by.
    if high.floor() - low.ceil() >= 1.0 || low < -290.0 {
        return powers;
    }
    let round = round_numbers(axis, low, high);
    match (round.len(), powers.len()) {
        (3.., _) if round.len() <= count => round,
        (3.., 1..) => powers,
        _ => linear(axis, 10f64.powf(low), 10f64.powf(high).min(f64::MAX), false, count),
    }
}

fn decades(low: f64, high: f64, count: usize) -> Vec<Tick> {
    let (first, last) = (low.ceil() as i32, high.floor() as i32);
    // One interval more than ticks.
    let step = round_up((last - first).max(0).unsigned_abs() as usize / count.max(1) + 1);
    (first..=last)
        .filter(|e| e.rem_euclid(step as i32) == 0)
        .map(|e| Tick { at: (f64::from(e) - low) / (high - low), label: power_of_ten(e) })
        .collect()
}

/// The multiples by 1, 2 and 5 of powers of ten.
fn round_numbers(axis: &Axis, low: f64, high: f64) -> Vec<Tick> {
    (low.floor() as i32..=high.floor() as i32)
        .flat_map(|e| [1, 2, 5].map(|digit| (digit, e)))
        .filter(|&(digit, e)| (low..=high).contains(&(f64::from(e) + (digit as f64).log10())))
        .map(|(digit, e)| Tick { at: axis.fraction(scaled(digit, e)), label: decimal(digit, e) })
        .collect()
}

/// The next of 1, 2, 5, 10, 20, 50, ...
fn round_up(step: usize) -> usize {
    let mut unit = 1;
    loop {
        if let Some(d) = [1, 2, 5].into_iter().find(|d| d * unit >= step) {
            return d * unit;
        }
        unit *= 10;
    }
}

/// Unlabelled lines between the decades of a log axis, as fractions; none when there are too many decades.
pub(super) fn minor(axis: &Axis) -> Vec<f64> {
    match *axis {
        Axis::Log { low, high } if high - low <= 8.0 => (low.floor() as i32..high.ceil() as i32)
            .flat_map(|e| (2..10).map(move |d| f64::from(e) - low + f64::from(d).log10()))
            .map(|place| place / (high - low))
            .filter(|place| (0.0..=1.0).contains(place))
            .collect(),
        _ => Vec::new(),
    }
}
