//! The parameters that belong to no law.

use crate::{Element, Gain, InitError, Scheme};

impl Scheme {
    /// Whether `plain`, which this scheme stands for, is a law whose values a `T` holds.
    pub(crate) fn check<T: Element>(self, plain: Self) -> Result<(), InitError> {
        match plain.problem::<T>() {
            None => Ok(()),
            Some(why) => Err(InitError::Parameter { scheme: self.to_string(), why }),
        }
    }

    fn problem<T: Element>(self) -> Option<String> {
        match self {
            Self::Constant(_) => None,
            Self::Scaled(scaling) => gain(scaling.gain).or_else(|| deviation(scaling.gain.value())),
            Self::Normal { std, .. } => deviation(std),
            Self::Uniform { lo, hi } => bounds(lo, hi).or_else(|| {
                let fits = [lo, hi, hi - lo].iter().all(|&x| T::of(x).to_f64().is_finite());
                (!fits).then(|| {
                    format!("the bounds {lo}, {hi} or their difference are beyond the largest number")
                })
            }),
            Self::TruncatedNormal { mean, std, lo, hi } => {
                let finite = mean.is_finite() && std.is_finite();
                let wrong = || (!finite).then(|| format!("mean {mean} and std {std} must be finite"));
                deviation(std).or_else(|| bounds(lo, hi)).or_else(wrong)
            }
            Self::Orthogonal { gain: g } | Self::DeltaOrthogonal { gain: g } => gain(g),
            Self::Identity { gain: g } | Self::Dirac { gain: g, .. } => gain(g),
            Self::Sparse { sparsity, std } => deviation(std).or_else(|| {
                let share = (0.0..=1.0).contains(&sparsity);
                (!share).then(|| format!("sparsity {sparsity} must lie between 0 and 1"))
            }),
        }
    }
}

fn deviation(std: f64) -> Option<String> {
    // Written such that NaN is a problem.
    let fine = std >= 0.0;
    (!fine).then(|| format!("its deviation {std} must be zero or more"))
}

fn bounds(lo: f64, hi: f64) -> Option<String> {
    let fine = lo <= hi;
    (!fine).then(|| format!("its lower bound {lo} must not exceed its upper bound {hi}"))
}

fn gain(gain: Gain) -> Option<String> {
    (!gain.value().is_finite()).then(|| format!("its gain {} must be finite", gain.value()))
}
