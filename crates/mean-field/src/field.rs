//! A deep network of one kind of layer, and what it does to lengths, distances and gradients.

use tensor::Activation;

use crate::expectations::{
    slope_squared, slopes, value_squared, value_squared_inside, value_squared_slope, values,
};

/// A wide network of equal layers `h = W·f(h₋) + b`: weights of `N(0, σ_w²/fan_in)`, biases of `N(0, σ_b²)` (Poole et
/// al. 2016).
///
/// As its width grows, pre-activations become normal, with a variance q that is one number for each layer and input,
/// and a correlation c for each two inputs.
///
/// ```
/// use mean_field::{Activation, MeanField, Phase};
///
/// // Weights N(0, 1/fan_in) times 5/3, no biases.
/// let field = MeanField { activation: Activation::Tanh, weight: 25.0 / 9.0, bias: 0.0 };
/// let q = field.fixed_variance(1.0);
/// assert!((q - 1.178_480).abs() < 1e-6 && (field.variance(q) - q).abs() < 1e-14);
/// assert!((field.chi(q) - 1.2098).abs() < 1e-4); // Gradients grow by √1.21 = 10 % a layer.
/// assert_eq!(field.phase(), Phase::Chaotic);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    /// f.
    pub activation: Activation,
    /// `σ_w²`: the variance of a weight times fan in.
    pub weight: f64,
    /// `σ_b²`: the variance of a bias.
    pub bias: f64,
}

impl MeanField {
    /// The length map `V(q) = σ_w²·E f(√q·z)² + σ_b²`: the variance of pre-activations one layer on (Poole et al.
    /// 2016). Within 1e-13 of itself.
    pub fn variance(&self, q: f64) -> f64 {
        self.weight * value_squared(self.activation, q) + self.bias
    }

    /// `V′(q)`; at q = 0 and q = ∞ the limit. At q* it is `χ₁ + σ_w²·E f·f″`, the rate at which lengths approach q*.
    pub fn variance_slope(&self, q: f64) -> f64 {
        self.weight * value_squared_slope(self.activation, q)
    }

    /// `χ(q) = σ_w²·E f′(√q·z)²`; at q = 0 and q = ∞ the limit.
    ///
    /// The factor by which the squared distance of two inputs that are close grows a layer, and by which the second
    /// moment of gradients grows a layer backwards (Poole et al. 2016; Schoenholz et al. 2017, section 4).
    pub fn chi(&self, q: f64) -> f64 {
        self.weight * slope_squared(self.activation, q)
    }

    /// `σ_w²·E f′(√q·x)·f′(√q·y)`, x and y of correlation c: χ(q) at c = 1. A million evaluations at |c| < 1.
    ///
    /// # Panics
    /// If c is not within −1 to 1.
    #[track_caller]
    pub fn chi_at(&self, q: f64, c: f64) -> f64 {
        self.weight * slopes(self.activation, (q, q), c)
    }

    /// The correlation map `C(c)` at equal lengths: `(σ_w²·E f(√q·x)·f(√q·y) + σ_b²)/V(q)`, x and y of correlation c
    /// (Poole et al. 2016). As [`correlation_between`](Self::correlation_between).
    ///
    /// ```
    /// use mean_field::{Activation, MeanField};
    /// // ReLU's, whatever the length: (√(1 − c²) + (π − θ)·c)/π, cos θ = c (Cho & Saul 2009).
    /// let field = MeanField { activation: Activation::Relu, weight: 2.0, bias: 0.0 };
    /// let exact = 0.75_f64.sqrt() / std::f64::consts::PI + 1.0 / 3.0;
    /// assert!((field.correlation(7.0, 0.5) - exact).abs() < 1e-11);
    /// ```
    ///
    /// # Panics
    /// If c is not within −1 to 1.
    #[track_caller]
    pub fn correlation(&self, q: f64, c: f64) -> f64 {
        self.correlation_between((q, q), c)
    }

    /// `(σ_w²·E f(√p·x)·f(√q·y) + σ_b²)/√(V(p)·V(q))`: the correlation one layer on, of inputs whose pre-activations have
    /// the variances p, q and the correlation c.
    ///
    /// At a variance of 0 or ∞ the limit, NaN where all is 0. The error is below 1e-12; about a million evaluations,
    /// 10 to 25 ms, at |c| < 1, and some thousand at ±1.
    ///
    /// # Panics
    /// If c is not within −1 to 1.
    #[track_caller]
    pub fn correlation_between(&self, (p, q): (f64, f64), c: f64) -> f64 {
        let covariance = self.weight * values(self.activation, (p, q), c) + self.bias;
        // Cauchy and Schwarz, where quadrature is off by its last digits.
        (covariance / self.length(p) / self.length(q)).clamp(-1.0, 1.0)
    }

    /// `C′(c) = σ_w²·q·E f′(√q·x)·f′(√q·y)/V(q)`; at c = 1 and q = q* it is χ₁.
    ///
    /// # Panics
    /// If c is not within −1 to 1.
    #[track_caller]
    pub fn correlation_slope(&self, q: f64, c: f64) -> f64 {
        let scale = crate::expectations::scale(q);
        self.chi_at(q, c) * (scale / self.length(q)).powi(2)
    }

    /// `√V(q)`, its argument as the correlation map has it.
    fn length(&self, q: f64) -> f64 {
        (self.weight * value_squared_inside(self.activation, q) + self.bias).sqrt()
    }
}
