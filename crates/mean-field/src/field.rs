//! A deep network of equal layers, and its maps of variance, correlation and gradients.

use tensor::Activation;

use crate::expectations::{
    slope_squared, slopes, value_squared, value_squared_inside, value_squared_slope, values,
};

/// A wide network of equal layers `h = W·f(h₋) + b`: weights of `N(0, σ_w²/fan_in)`, biases of `N(0, σ_b²)` (Poole et
/// al. 2016).
///
/// As the width grows, pre-activations become normal, with one variance q per layer and input, and one correlation c
/// per pair of inputs. The papers call q the squared length of the input at that layer.
///
/// ```
/// use mean_field::{Activation, MeanField, Phase};
///
/// // Weights N(0, 1/fan_in) times 5/3, no biases.
/// let field = MeanField { activation: Activation::Tanh, weight: 25.0 / 9.0, bias: 0.0 };
/// let q = field.fixed_variance(1.0);
/// assert!((q - 1.178_480).abs() < 1e-6 && (field.variance(q) - q).abs() < 1e-14);
/// assert!((field.chi(q) - 1.2098).abs() < 1e-4); // Gradients grow by √1.21 = 1.10 per layer.
/// assert_eq!(field.phase(), Phase::Chaotic);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    /// f.
    pub activation: Activation,
    /// `σ_w²`: the variance of a weight times fan-in.
    pub weight: f64,
    /// `σ_b²`: the variance of a bias.
    pub bias: f64,
}

impl MeanField {
    /// The variance map `V(q) = σ_w²·E f(√q·z)² + σ_b²`: the variance of pre-activations in the next layer (the length
    /// map of Poole et al. 2016). The relative error is below 1e-13.
    pub fn variance(&self, q: f64) -> f64 {
        self.weight * value_squared(self.activation, q) + self.bias
    }

    /// `V′(q)`; the limit at q = 0 and q = ∞. At q* it is `χ₁ + σ_w²·E f·f″`, the rate at which variances approach q*.
    pub fn variance_slope(&self, q: f64) -> f64 {
        self.weight * value_squared_slope(self.activation, q)
    }

    /// `χ(q) = σ_w²·E f′(√q·z)²`; the limit at q = 0 and q = ∞.
    ///
    /// The squared distance of two close inputs grows by this factor per layer, and the second moment of gradients per
    /// layer backwards (Poole et al. 2016; Schoenholz et al. 2017, section 4).
    pub fn chi(&self, q: f64) -> f64 {
        self.weight * slope_squared(self.activation, q)
    }

    /// `σ_w²·E f′(√q·x)·f′(√q·y)` for x and y of correlation c: χ(q) at c = 1.
    ///
    /// It takes a million evaluations at |c| < 1.
    ///
    /// # Panics
    /// If c is not between −1 and 1.
    #[track_caller]
    pub fn chi_at(&self, q: f64, c: f64) -> f64 {
        self.weight * slopes(self.activation, (q, q), c)
    }

    /// The correlation map `C(c)` at equal variances: `(σ_w²·E f(√q·x)·f(√q·y) + σ_b²)/V(q)` for x and y of correlation
    /// c (Poole et al. 2016). Accuracy and cost are those of [`correlation_between`](Self::correlation_between).
    ///
    /// ```
    /// use mean_field::{Activation, MeanField};
    /// // ReLU's does not depend on the variance: (√(1 − c²) + (π − θ)·c)/π, cos θ = c (Cho & Saul 2009).
    /// let field = MeanField { activation: Activation::Relu, weight: 2.0, bias: 0.0 };
    /// let exact = 0.75_f64.sqrt() / std::f64::consts::PI + 1.0 / 3.0;
    /// assert!((field.correlation(7.0, 0.5) - exact).abs() < 1e-11);
    /// ```
    ///
    /// # Panics
    /// If c is not between −1 and 1.
    #[track_caller]
    pub fn correlation(&self, q: f64, c: f64) -> f64 {
        self.correlation_between((q, q), c)
    }

    /// `(σ_w²·E f(√p·x)·f(√q·y) + σ_b²)/√(V(p)·V(q))`: the correlation in the next layer, for inputs whose
    /// pre-activations have the variances p, q and the correlation c.
    ///
    /// At a variance of 0 or ∞ it is the limit, or NaN if everything is 0. The error is below 1e-12. It takes about a
    /// million evaluations, 10 to 25 ms, at |c| < 1, and some thousand at ±1.
    ///
    /// # Panics
    /// If c is not between −1 and 1.
    #[track_caller]
    pub fn correlation_between(&self, (p, q): (f64, f64), c: f64) -> f64 {
        let covariance = self.weight * values(self.activation, (p, q), c) + self.bias;
        // Quadrature errors could violate the Cauchy-Schwarz inequality in the last digits.
        (covariance / self.rms(p) / self.rms(q)).clamp(-1.0, 1.0)
    }

    /// `C′(c) = σ_w²·q·E f′(√q·x)·f′(√q·y)/V(q)`, which is χ₁ at c = 1 and q = q*.
    ///
    /// # Panics
    /// If c is not between −1 and 1.
    #[track_caller]
    pub fn correlation_slope(&self, q: f64, c: f64) -> f64 {
        let scale = crate::expectations::scale(q);
        self.chi_at(q, c) * (scale / self.rms(q)).powi(2)
    }

    /// `√V(q)` with q limited as in the correlation map.
    pub(crate) fn rms(&self, q: f64) -> f64 {
        (self.weight * value_squared_inside(self.activation, q) + self.bias).sqrt()
    }
}
