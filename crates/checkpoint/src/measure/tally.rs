//! Counts of values, and where their range ends.

use super::bit_histogram::NEGATIVE;
use super::number::MeasuredNumber;
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
    pub(super) fraction_bits: u32,
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
            fraction_bits: 0,
        }
    }
}

/// The number of values for which a condition holds.
#[inline(always)]
fn count<T: Copy>(values: &[T], is: impl Fn(T) -> bool) -> u64 {
    values.iter().filter(|&&x| is(x)).count() as u64
}

impl Tally {
    /// Adds values that are finite and whose range this is, but for the counts of zeros and subnormal numbers.
    #[inline(always)]
    pub(super) fn add_finite<T: MeasuredNumber>(&mut self, values: &[T], min: T, max: T) {
        self.finite += values.len() as u64;
        // Few blocks reach the ends of the range so far.
        if min.double() <= self.min {
            let more = count(values, |x| x == min);
            self.at_min = if min.double() < self.min { more } else { self.at_min + more };
            self.min = min.double();
        }
        if max.double() >= self.max {
            let more = count(values, |x| x == max);
            self.at_max = if max.double() > self.max { more } else { self.at_max + more };
            self.max = max.double();
        }
        self.fraction_bits = self.fraction_bits.max(T::fraction_bits(values));
    }

    /// Adds the zeros and the subnormal numbers of values with these counts in bins.
    pub(super) fn add_small<T: MeasuredNumber>(&mut self, values: &[T], dtype: &Dtype, bins: &[(u16, u64)]) {
        let smallest_normal = dtype.smallest_normal();
        let below = |end: u16| -> u64 {
            bins.iter().filter(|(bin, _)| bin & !NEGATIVE < end).map(|(_, count)| count).sum()
        };
        // Zeros are in the bins that begin at 0; few chunks have any value there.
        let zeros = if below(1) == 0 { 0 } else { count(values, |x| x.double() == 0.0) };
        // A bin begins at the smallest normal number, except in double precision.
        let small = match dtype {
            Dtype::F64 if below(1) == 0 => 0,
            Dtype::F64 => count(values, |x| x.double().abs() < smallest_normal),
            _ => below((smallest_normal as f32).bin() as u16),
        };
        self.zeros += zeros;
        self.subnormals += small - zeros;
    }

    /// Adds the values that are not finite.
    pub(super) fn add_others<T: MeasuredNumber>(&mut self, values: &[T]) {
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
            fraction_bits: self.fraction_bits.max(other.fraction_bits),
        };
    }
}
