//! Axes: where a value lies between the two ends.

/// One axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Axis {
    /// Values from `low` to `high`, which may be less; `whole` for counts, which have no ticks between whole numbers.
    Linear { low: f64, high: f64, whole: bool },
    /// Positive values from 10^`low` to 10^`high`.
    Log { low: f64, high: f64 },
    /// Names, the one of index `i` reaching from `i` to `i + 1`.
    Names(Vec<String>),
    /// Names from the top down, the one of index `i` standing at `i + 1`; `above` is the room over the first row.
    Rows { names: Vec<String>, above: f64 },
}

/// Why a value has no place on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    Nan,
    Above,
    Below,
}

/// The smallest and the largest of the finite values.
pub(super) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let wider = |range: Option<(f64, f64)>, v: f64| {
        Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
    };
    values.filter(|value| value.is_finite()).fold(None, wider)
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

    /// The axis with a margin on either side: this part of its span below, and this part above.
    pub(super) fn padded(self, below: f64, above: f64) -> Self {
        match self {
            Axis::Linear { low, high, whole } => {
                // Halves, because the whole span of huge values is not a number.
                let half = high / 2.0 - low / 2.0;
                let low = (low - 2.0 * below * half).max(f64::MIN);
                let high = (high + 2.0 * above * half).min(f64::MAX);
                Axis::Linear { low, high, whole }
            }
            Axis::Log { low, high } => {
                let span = high - low;
                Axis::Log { low: low - below * span, high: high + above * span }
            }
            names => names,
        }
    }

    /// A count axis from 0, with headroom over `highest`.
    pub(super) fn counts(highest: u64) -> Self {
        Axis::Linear { low: 0.0, high: highest.max(1) as f64 * 1.05, whole: true }
    }

    /// The axis of `count` cells of which the first stands at the low end, its middle at 0.
    pub(super) fn cells(count: usize) -> Self {
        Axis::Linear { low: -0.5, high: count.max(1) as f64 - 0.5, whole: true }
    }

    /// The axis without ticks between whole numbers.
    pub(super) fn whole(self) -> Self {
        match self {
            Axis::Linear { low, high, .. } => Axis::Linear { low, high, whole: true },
            other => other,
        }
    }

    /// The axis without what its margin put below 0, where no value is.
    pub(super) fn starting_at_zero(self, smallest: f64) -> Self {
        match self {
            Axis::Linear { low, high, whole } if smallest >= 0.0 => {
                Axis::Linear { low: low.max(0.0), high, whole }
            }
            other => other,
        }
    }

    /// The axis from its high end to its low one.
    pub(super) fn reversed(self) -> Self {
        match self {
            Axis::Linear { low, high, whole } => Axis::Linear { low: high, high: low, whole },
            other => other,
        }
    }

    /// A log axis over the positive values given, 0.1 to 1 without any.
    ///
    /// It starts at the last power of ten under half the smallest, so that the shortest bar is seen.
    pub(super) fn log(positive: impl Iterator<Item = f64> + Clone) -> Self {
        let smallest = positive.clone().fold(f64::INFINITY, f64::min);
        let largest = positive.fold(0.0, f64::max);
        if largest == 0.0 {
            return Axis::Log { low: -1.0, high: 0.0 };
        }
        let low = (smallest.log10() - 0.3).floor();
        Axis::Log { low, high: (largest.log10() - 1e-9).ceil().max(low + 1.0) }
    }

    /// The axis that holds what has a place on it, with the same margin at both ends; 0 to 1 or 1 to 10 for nothing.
    pub(super) fn holding(values: impl Iterator<Item = f64>, log: bool, margin: f64) -> Self {
        let axis = if log {
            let (low, high) = range(values.map(f64::log10)).unwrap_or((0.0, 1.0));
            // Within a hundredth of a decade, all is one value.
            if high - low > 0.01 {
                Axis::Log { low, high }
            } else {
                Axis::Log { low: low - 0.5, high: high + 0.5 }
            }
        } else {
            let (low, high) = range(values).unwrap_or((0.0, 1.0));
            Self::linear(low, high)
        };
        axis.padded(margin, margin)
    }

    /// Why `value` has no place, or nothing when it has one.
    pub(super) fn missing(&self, value: f64) -> Option<Missing> {
        match value {
            v if v.is_nan() => Some(Missing::Nan),
            f64::INFINITY => Some(Missing::Above),
            f64::NEG_INFINITY => Some(Missing::Below),
            v if v <= 0.0 && matches!(self, Axis::Log { .. }) => Some(Missing::Below),
            _ => None,
        }
    }

    /// Where `value` lies: 0 at the low end, 1 at the high one, and never outside.
    pub(super) fn fraction(&self, value: f64) -> f64 {
        let fraction = match *self {
            Axis::Linear { low, high, .. } => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
            Axis::Log { low, high } => (value.max(0.0).log10() - low) / (high - low),
            Axis::Names(ref names) => value / names.len().max(1) as f64,
            Axis::Rows { ref names, above } => 1.0 - (value + above) / (names.len().max(1) as f64 + above),
        };
        fraction.clamp(0.0, 1.0)
    }
}
