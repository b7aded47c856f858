//! Counts of values, and where their range ends.

use super::number::Number;
use crate::Dtype;

/// The number of values of each kind; the ends of the range of finite values, and how many values are there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tally {
    pub(super) finite: u64,
    pub(super) nan: u64,
    pub(super) positive_infinite: u64,
    pub(super) negative_infinite: u64,
    pub(super) zeros: u64,
    pub(super) subnormals: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) at_min: u64,
    pub(super) at_max: u64,
}

impl Default for Tally {
    /// The tally of no values.
    fn default() -> Self {
        Self {
            finite: 0,
            nan: 0,
            positive_infinite: 0,
            negative_infinite: 0,
            zeros: 0,
            subnormals: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            at_min: 0,
            at_max: 0,
        }
    }
}

/// The number of values for which a condition holds.
#[inline(always)]
fn count<T: Copy>(values: &[T], is: impl Fn(T) -> bool) -> u64 {
    values.iter().filter(|&&x| is(x)).count() as u64
}

impl Tally {
    /// Adds values that are finite.
    #[inline(always)]
    pub(super) fn add_finite<T: Number>(&mut self, values: &[T], dtype: &Dtype) {
        let smallest_normal = dtype.smallest_normal();
        let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), x| {
            (x.double().min(min), x.double().max(max))
        });
        let zeros = count(values, |x| x.double() == 0.0);
        self.merge(&Self {
            finite: values.len() as u64,
            zeros,
            subnormals: count(values, |x| x.double().abs() < smallest_normal) - zeros,
            min,
            max,
            at_min: count(values, |x| x.double() == min),
            at_max: count(values, |x| x.double() == max),
            ..Self::default()
        });
    }

    /// Adds the values that are not finite.
    pub(super) fn add_others<T: Number>(&mut self, values: &[T]) {
        self.nan += count(values, |x| x.double().is_nan());
        self.positive_infinite += count(values, |x| x.double() == f64::INFINITY);
        self.negative_infinite += count(values, |x| x.double() == f64::NEG_INFINITY);
    }

    /// Adds another tally.
    pub(super) fn merge(&mut self, other: &Self) {
        let at = |end: f64| {
            let ours = if self.finite > 0 && self.min == end { self.at_min } else { 0 };
            ours + if other.finite > 0 && other.min == end { other.at_min } else { 0 }
        };
        let min = self.min.min(other.min);
        let at_min = at(min);
        let at = |end: f64| {
            let ours = if self.finite > 0 && self.max == end { self.at_max } else { 0 };
            ours + if other.finite > 0 && other.max == end { other.at_max } else { 0 }
        };
        let max = self.max.max(other.max);
        *self = Self {
            finite: self.finite + other.finite,
            nan: self.nan + other.nan,
            positive_infinite: self.positive_infinite + other.positive_infinite,
            negative_infinite: self.negative_infinite + other.negative_infinite,
            zeros: self.zeros + other.zeros,
            subnormals: self.subnormals + other.subnormals,
            at_max: at(max),
            min,
            max,
            at_min,
        };
    }
}
