//! Axes: the position of a value between the two ends.

/// One axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Axis {
    /// Values from `low` to `high`, which may be the smaller; with `whole`, ticks are on whole numbers only.
    Linear { low: f64, high: f64, whole: bool },
    /// Positive values from 10^`low` to 10^`high`.
    Log { low: f64, high: f64 },
    /// Names; the one with index `i` reaches from `i` to `i + 1`.
    Names(Vec<String>),
    /// Names from the top down; the one with index `i` stands at `i + 1`, and `above` is the space above the first row.
    Rows { names: Vec<String>, above: f64 },
}

/// The reason why an axis cannot show a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Nan,
    Above,
    Below,
}

/// The smallest and the largest of the finite values.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let wider = |range: Option<(f64, f64)>, v: f64| {
        Some(range.map_or((v, v), |(low, high)| (low.min(v), high.max(v))))
    };
    values.filter(|value| value.is_finite()).fold(None, wider)
}

impl Axis {
    /// A linear axis from `low` to `high`, widened if they are (nearly) equal.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        // With smaller spans, ticks would differ in digits that nobody reads, or not at all.
        let (low, high) = if high - low > (1e-9 * size).max(1e-290) {
            (low, high)
        } else {
            let half = 0.5 * size.max(1.0);
            ((low - half).max(f64::MIN), (high + half).min(f64::MAX))
        };
        Axis::Linear { low, high, whole: false }
    }

    /// Adds a margin at either end, as fractions of the span.
    pub(crate) fn padded(self, below: f64, above: f64) -> Self {
        match self {
            Axis::Linear { low, high, whole } => {
                // Halves, because the whole span of huge values overflows.
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

    /// An axis of counts from 0, with headroom above `highest`.
    pub(crate) fn counts(highest: u64) -> Self {
        Axis::Linear { low: 0.0, high: highest.max(1) as f64 * 1.05, whole: true }
    }

    /// The axis of `count` cells; the first is at the low end, with its middle at 0.
    pub(crate) fn cells(count: usize) -> Self {
        Axis::Linear { low: -0.5, high: count.max(1) as f64 - 0.5, whole: true }
    }

    /// An axis that holds what both hold, if they are of one kind; otherwise this one.
    pub(crate) fn joined(self, other: Axis) -> Self {
        match (self, other) {
            (Axis::Linear { low, high, whole }, Axis::Linear { low: lower, high: higher, .. })
                if low < high =>
            {
                Axis::Linear { low: low.min(lower), high: high.max(higher), whole }
            }
            (Axis::Log { low, high }, Axis::Log { low: lower, high: higher }) => {
                Axis::Log { low: low.min(lower), high: high.max(higher) }
            }
            (own, _) => own,
        }
    }

    /// Puts ticks on whole numbers only.
    pub(crate) fn whole(self) -> Self {
        match self {
            Axis::Linear { low, high, .. } => Axis::Linear { low, high, whole: true },
            other => other,
        }
    }

    /// Removes the part of the margin below 0 if the smallest value is not negative.
    pub(crate) fn starting_at_zero(self, smallest: f64) -> Self {
        match self {
            Axis::Linear { low, high, whole } if smallest >= 0.0 => {
                Axis::Linear { low: low.max(0.0), high, whole }
            }
            other => other,
        }
    }

    /// Reverses the axis.
    pub(crate) fn reversed(self) -> Self {
        match self {
            Axis::Linear { low, high, whole } => Axis::Linear { low: high, high: low, whole },
            other => other,
        }
    }

    /// A log axis over positive values; from 0.1 to 1 if there are none.
    ///
    /// It begins at the last power of ten below half the smallest value, so that the shortest bar is visible.
    pub(crate) fn log(positive: impl Iterator<Item = f64> + Clone) -> Self {
        let smallest = positive.clone().fold(f64::INFINITY, f64::min);
        let largest = positive.fold(0.0, f64::max);
        if largest == 0.0 {
            return Axis::Log { low: -1.0, high: 0.0 };
        }
        let low = (smallest.log10() - 0.3).floor();
        Axis::Log { low, high: (largest.log10() - 1e-9).ceil().max(low + 1.0) }
    }

    /// The axis that shows all values that it can, with the same margin at both ends; 0 to 1, or 1 to 10 on a log axis,
    /// if there are none.
    pub(crate) fn holding(values: impl Iterator<Item = f64>, log: bool, margin: f64) -> Self {
        let axis = if log {
            let (low, high) = range(values.map(f64::log10)).unwrap_or((0.0, 1.0));
            // Values within a hundredth of a decade count as equal.
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

    /// The reason why the axis cannot show `value`; `None` if it can.
    pub(crate) fn missing(&self, value: f64) -> Option<Missing> {
        match value {
            v if v.is_nan() => Some(Missing::Nan),
            f64::INFINITY => Some(Missing::Above),
            f64::NEG_INFINITY => Some(Missing::Below),
            v if v <= 0.0 && matches!(self, Axis::Log { .. }) => Some(Missing::Below),
            _ => None,
        }
    }

    /// The position of `value`: 0 at the low end, 1 at the high end, and never outside.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        self.fraction_beyond(value).clamp(0.0, 1.0)
    }

    /// The position of `value`: 0 at the low end, 1 at the high end, and outside for values beyond them.
    pub(crate) fn fraction_beyond(&self, value: f64) -> f64 {
        match *self {
            Axis::Linear { low, high, .. } => (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
            Axis::Log { low, high } => (value.max(0.0).log10() - low) / (high - low),
            Axis::Names(ref names) => value / names.len().max(1) as f64,
            Axis::Rows { ref names, above } => 1.0 - (value + above) / (names.len().max(1) as f64 + above),
        }
    }
}
