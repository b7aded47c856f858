//! The conditions that a scheme puts on its parameters and on the shape that it fills.
//!
//! Each match names every scheme, so that the compiler asks for the conditions of a new one.

use crate::weight::Weight;
use crate::{Gain, InitError, Layout, Scheme};

impl Scheme {
    /// Refuses parameters that are out of range, or whose values exceed the largest number of the tensor's precision.
    ///
    /// A scaled scheme has two sets of parameters: its own, and those of `resolved`, the same scheme for known fans.
    pub(crate) fn check_parameters(self, resolved: Self, largest: f64) -> Result<(), InitError> {
        match self.wrong_parameter(largest).or_else(|| resolved.wrong_parameter(largest)) {
            None => Ok(()),
            Some(why) => Err(InitError::Parameter { scheme: self.to_string(), why }),
        }
    }

    /// The reason why a parameter is out of range.
    pub(crate) fn wrong_parameter(self, largest: f64) -> Option<String> {
        match self {
            Self::Constant(_) => None,
            Self::Scaled(scaling) => wrong_gain(scaling.gain).or_else(|| wrong_std(scaling.gain.value())),
            Self::Normal { std, .. } => wrong_std(std),
            Self::Uniform { lo, hi } => wrong_bounds(lo, hi).or_else(|| too_large(lo, hi, largest)),
            Self::TruncatedNormal { mean, std, lo, hi } => wrong_std(std)
                .or_else(|| wrong_bounds(lo, hi))
                .or_else(|| infinite(mean, std, largest))
                .or_else(|| out_of_reach(lo, hi, largest)),
            Self::Orthogonal { gain } | Self::DeltaOrthogonal { gain } => wrong_gain(gain),
            Self::Identity { gain } | Self::Dirac { gain, .. } => wrong_gain(gain),
            Self::Sparse { sparsity, std } => wrong_std(std).or_else(|| wrong_fraction(sparsity)),
        }
    }

    /// The weight of this shape, unless it has no fans or the scheme cannot fill it.
    pub(crate) fn weight(self, shape: &[usize], layout: Layout) -> Result<Weight<'_>, InitError> {
        let weight = Weight::of(shape, layout)?;
        match self.wrong_weight(&weight) {
            None => Ok(weight),
            Some(why) => Err(InitError::Shape { scheme: self.to_string(), shape: shape.to_vec(), why }),
        }
    }

    /// The requirement that a weight does not meet.
    fn wrong_weight(self, weight: &Weight) -> Option<String> {
        let (inputs, outputs) = (weight.inputs(), weight.outputs());
        match self {
            Self::Constant(_) | Self::Normal { .. } | Self::Uniform { .. } => None,
            Self::TruncatedNormal { .. } | Self::Scaled(_) | Self::Orthogonal { .. } => None,
            Self::Identity { .. } | Self::Sparse { .. } => {
                (!weight.is_matrix()).then(|| "it needs a matrix, with input and output axes only".to_owned())
            }
            Self::DeltaOrthogonal { .. } if !weight.has_kernel() => {
                Some("it needs a kernel; for a weight without one use `orthogonal`".to_owned())
            }
            Self::DeltaOrthogonal { .. } => (inputs > outputs)
                .then(|| format!("a weight with {inputs} inputs and {outputs} outputs cannot keep norms")),
            Self::Dirac { .. } if !(1..=3).contains(&weight.kernel_axes()) => Some(format!(
                "it needs a kernel of 1 to 3 axes, not {}; for a matrix use `identity`",
                weight.kernel_axes()
            )),
            Self::Dirac { groups, .. } if groups == 0 || !outputs.is_multiple_of(groups) => {
                Some(format!("{outputs} outputs cannot be divided into {groups} groups"))
            }
            Self::Dirac { .. } => {
                (weight.kernel() == 0 && inputs * outputs > 0).then(|| "its kernel has no centre".to_owned())
            }
        }
    }
}

fn wrong_std(std: f64) -> Option<String> {
    let wrong = if std.is_nan() { "NaN" } else { "negative" };
    (std.is_nan() || std < 0.0).then(|| format!("the standard deviation must not be {wrong}"))
}

fn wrong_bounds(lo: f64, hi: f64) -> Option<String> {
    let right = lo <= hi;
    (!right).then(|| format!("the lower bound {lo} must not exceed the upper bound {hi}"))
}

fn too_large(lo: f64, hi: f64, largest: f64) -> Option<String> {
    let fits = [lo, hi, hi - lo].iter().all(|x| x.abs() <= largest);
    (!fits)
        .then(|| format!("{lo}, {hi} and their difference must not exceed the largest number, {largest:e}"))
}

fn infinite(mean: f64, std: f64, largest: f64) -> Option<String> {
    let fits = [mean, std].iter().all(|x| x.abs() <= largest);
    (!fits).then(|| "the mean and the standard deviation must be finite".to_owned())
}

fn out_of_reach(lo: f64, hi: f64, largest: f64) -> Option<String> {
    let none = lo > largest || hi < -largest;
    none.then(|| format!("no number between {lo} and {hi} is at most {largest:e} in size"))
}

fn wrong_gain(gain: Gain) -> Option<String> {
    (!gain.value().is_finite()).then(|| format!("the gain {} must be finite", gain.value()))
}

fn wrong_fraction(sparsity: f64) -> Option<String> {
    let right = (0.0..=1.0).contains(&sparsity);
    (!right).then(|| format!("the sparsity {sparsity} must be between 0 and 1"))
}
