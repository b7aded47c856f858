//! Networks with dropout.

use crate::MeanField;
use crate::expectations::value_squared_inside;
use crate::root::root;
use crate::series::PairSeries;

/// A wide network of equal layers with inverted dropout of activations: a fraction is set to 0 and the rest divided by what
/// is left, with a mask of its own for every input.
///
/// Dropout adds to variances and gradients but not to the covariance of two inputs, so that no two inputs, not even equal
/// ones, stay alike: `c* < 1`, and there is no critical point (Schoenholz et al. 2017, section 5). ReLU keeps its variance at
/// `σ_w² = 2(1 − p)` (Pretorius et al. 2018).
///
/// | ReLU at `σ_w² = 2(1 − p)`, no biases | c* | `ξ_c` |
/// |---|---|---|
/// | p = 0.1 | 0.627146 | 2.27403 |
/// | p = 0.5 | 0.217234 | 0.796314 |
///
/// ```
/// use mean_field::{Activation, DropoutField, MeanField};
/// let field = MeanField { activation: Activation::Relu, weight: 1.8, bias: 0.0 };
/// let dropped = DropoutField { field, dropout: 0.1 };
/// assert!((dropped.variance(3.0) - 3.0).abs() < 1e-12);
/// assert!((dropped.fixed_correlation(3.0) - 0.627_146).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DropoutField {
    /// The network without dropout.
    pub field: MeanField,
    /// p: the probability that an activation is dropped, at least 0 and below 1; otherwise every prediction is NaN.
    pub dropout: f64,
}

impl DropoutField {
    /// The variance map `σ_w²·E f²/(1 − p) + σ_b²`.
    pub fn variance(&self, q: f64) -> f64 {
        self.widened().variance(q)
    }

    /// The variance that deep layers approach from `from`, as [`MeanField::fixed_variance`].
    pub fn fixed_variance(&self, from: f64) -> f64 {
        self.widened().fixed_variance(from)
    }

    /// `σ_w²·E f′²/(1 − p)`: the growth of the gradient's second moment per layer backwards.
    pub fn chi(&self, q: f64) -> f64 {
        self.widened().chi(q)
    }

    /// The correlation in the next layer of two inputs of correlation c, with masks of their own:
    /// `(σ_w²·E f·f + σ_b²)/V(q)`.
    ///
    /// # Panics
    /// If c is not between −1 and 1.
    #[track_caller]
    pub fn correlation(&self, q: f64, c: f64) -> f64 {
        self.covariance(&PairSeries::of(self.field.activation, q), c) / self.second(q)
    }

    /// c*: the correlation that any two inputs, and two passes of one input, approach while their variance stays at q.
    pub fn fixed_correlation(&self, q: f64) -> f64 {
        let pairs = PairSeries::of(self.field.activation, q);
        let second = self.second(q);
        if self.dropout == 0.0 {
            return self.field.fixed_correlation(q);
        }
        let rise = |c: f64| self.covariance(&pairs, c) / second - c;
        let (from, to) = (rise(0.0), rise(1.0));
        if from.is_nan() || to.is_nan() {
            return f64::NAN;
        }
        // The map is a power series with coefficients of at least 0, so it meets the diagonal once if it ends below.
        if from <= 1e-12 {
            return 0.0;
        }
        root(0.0, 1.0, rise)
    }

    /// `ξ_c`: the number of layers in which the difference to c* shrinks e-fold, at a variance that stays at q.
    pub fn correlation_depth(&self, q: f64) -> f64 {
        let c = self.fixed_correlation(q);
        if c.is_nan() {
            return c;
        }
        let slope = PairSeries::of(self.field.activation, q).slopes(c);
        let rate = self.field.weight * slope * (crate::expectations::scale(q).powi(2) / self.second(q));
        -1.0 / rate.ln()
    }

    /// The network whose variances and gradients are those with dropout.
    fn widened(&self) -> MeanField {
        let kept = if (0.0..1.0).contains(&self.dropout) { 1.0 - self.dropout } else { f64::NAN };
        MeanField { weight: self.field.weight / kept, ..self.field }
    }

    fn covariance(&self, pairs: &PairSeries, c: f64) -> f64 {
        self.field.weight * pairs.values(c) + self.field.bias
    }

    /// `V(q)` with q limited as in the series.
    fn second(&self, q: f64) -> f64 {
        self.widened().weight * value_squared_inside(self.field.activation, q) + self.field.bias
    }
}
