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
        Axis::Names(names) => names.len(),
        _ => (length / APART).clamp(2, 9) as usize,
    };
    let widest_name = match axis {
        Axis::Names(names) => names.iter().map(|name| extent(name)).max(),
        _ => None,
    };
    for count in (2..=most).rev() {
        let ticks = at_most(axis, count);
        let widest = widest_name.or_else(|| ticks.iter().map(|tick| extent(&tick.label)).max());
        if widest.unwrap_or(0) + GAP <= spacing(&ticks, length) {
            return ticks;
        }
    }
    at_most(axis, 1)
}

/// Dots between neighbouring labels at least.
const GAP: i32 = 14;

fn spacing(ticks: &[Tick], length: i32) -> i32 {
    match ticks {
        [first, second, ..] => ((second.at - first.at) * f64::from(length)) as i32,
        _ => length,
    }
}

/// Round ticks, at most about `count` of them.
fn at_most(axis: &Axis, count: usize) -> Vec<Tick> {
    match axis {
        Axis::Linear { low, high, whole } => linear(axis, *low, *high, *whole, count),
        Axis::Log { low, high } => decades(*low, *high, count),
        Axis::Names(names) => {
            let step = round_up(names.len().div_ceil(count.max(1)));
            let tick =
                |(i, name): (usize, &String)| Tick { at: axis.fraction(i as f64 + 0.5), label: name.clone() };
            names.iter().enumerate().step_by(step).map(tick).collect()
        }
    }
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

fn decades(low: i32, high: i32, count: usize) -> Vec<Tick> {
    // One interval more than ticks.
    let step = round_up((high - low).unsigned_abs() as usize / count.max(1) + 1);
    let at = |e: i32| f64::from(e - low) / f64::from(high - low);
    (low..=high)
        .filter(|e| e.rem_euclid(step as i32) == 0)
        .map(|e| Tick { at: at(e), label: power_of_ten(e) })
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
        Axis::Log { low, high } if high - low <= 8 => (low..high)
            .flat_map(|e| (2..10).map(move |d| f64::from(e - low) + f64::from(d).log10()))
            .map(|place| place / f64::from(high - low))
            .collect(),
        _ => Vec::new(),
    }
}
