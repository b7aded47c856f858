//! Axes: where a value lies between the two ends.

/// One axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Axis {
    /// Values from `low` to `high`; `whole` for counts, which have no ticks between whole numbers.
    Linear { low: f64, high: f64, whole: bool },
    /// Positive values from 10^`low` to 10^`high`.
    Log { low: i32, high: i32 },
    /// Names, the one of index `i` reaching from `i` to `i + 1`.
    Names(Vec<String>),
}

impl Axis {
    /// A linear axis that holds the values of `range`, widened when they are (nearly) all equal.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        // Below these spans, ticks would differ in digits that nobody reads, or not at all.
        let (low, high) = if high - low > (1e-9 * size).max(1e-290) {
            (low, high)
        } else {
            let half = 0.5 * size.max(1.0);
            ((low - half).max(f64::MIN), (high + half).min(f64::MAX))
        };
        Axis::Linear { low, high, whole: false }
    }

    /// The linear axis with a margin on either side: this part of its span below, and this part above.
    pub(super) fn padded(self, below: f64, above: f64) -> Self {
        let Axis::Linear { low, high, whole } = self else { return self };
        // Halves, because the whole span of huge values is not a number.
        let half = high / 2.0 - low / 2.0;
        let low = (low - 2.0 * below * half).max(f64::MIN);
        let high = (high + 2.0 * above * half).min(f64::MAX);
        Axis::Linear { low, high, whole }
    }

    /// A count axis from 0, with headroom over `highest`.
    pub(super) fn counts(highest: u64) -> Self {
        Axis::Linear { low: 0.0, high: highest.max(1) as f64 * 1.05, whole: true }
    }

    /// A log axis over the positive values given, 0.1 to 1 without any.
    ///
    /// It starts at the last power of ten under half the smallest, so that the shortest bar is seen.
    pub(super) fn log(positive: impl Iterator<Item = f64> + Clone) -> Self {
        let smallest = positive.clone().fold(f64::INFINITY, f64::min);
        let largest = positive.fold(0.0, f64::max);
        if largest == 0.0 {
            return Axis::Log { low: -1, high: 0 };
        }
        let low = (smallest.log10() - 0.3).floor() as i32;
        Axis::Log { low, high: ((largest.log10() - 1e-9).ceil() as i32).max(low + 1) }
    }

    /// Where `value` lies: 0 at the low end, 1 at the high one, and never outside.
    pub(super) fn fraction(&self, value: f64) -> f64 {
        let fraction = match *self {
            Axis::Linear { low, high, .. } => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
            Axis::Log { low, high } => (value.log10() - f64::from(low)) / f64::from(high - low),
            Axis::Names(ref names) => value / names.len().max(1) as f64,
        };
        fraction.clamp(0.0, 1.0)
    }
}
