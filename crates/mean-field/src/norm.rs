//! Networks with normalisation: batch, layer and RMS norm.

use gaussian::Quadrature;
use tensor::Activation;

use crate::nodes::{eval, finest};
use crate::root::root;
use crate::series::PairSeries;
use crate::{ActivationMoments, slope_squared, value, value_squared};

/// The growth per layer of the squared distance of close inputs and of squared gradients, and the cosine similarity that
/// any two inputs approach, in a deep network with a norm in every layer. Biases are 0, and the norm's own scale and shift 1
/// and 0.
///
/// | f | χ, norm before f | c* | χ, layer norm after f, `σ_w² = 1` |
/// |---|---|---|---|
/// | ReLU | 1 | 1 | 1.466942 |
/// | tanh | 1.177807 | 0 | 1.177807 |
/// | GELU | 1.072032 | 0.760402 | 1.318845 |
/// | SiLU | 1.066634 | 0.658667 | 1.212081 |
///
/// ```
/// use mean_field::{Activation, NormScales};
/// let gelu = NormScales::before(Activation::Gelu);
/// assert!((gelu.chi - 1.072_032).abs() < 1e-6 && (gelu.cosine - 0.760_402).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormScales {
    /// χ.
    pub chi: f64,
    /// c*: of pre-activations behind a norm before f, of activations behind a layer norm after f; NaN for linear f, which
    /// keeps every cosine.
    pub cosine: f64,
}

impl NormScales {
    /// Layer or RMS norm of the pre-activations, which undoes the scale of the weights: `χ = E f′²/E f²` at q = 1, and the
    /// correlation map is `E f·f/E f²` (derived here).
    pub fn before(activation: Activation) -> Self {
        Self::rms_after(activation, 1.0)
    }

    /// RMS norm of the activations, behind which pre-activations have the variance `q = σ_w²`, the variance of a weight times
    /// fan-in: `χ = q·E f′²/E f²`, and the correlation map is `E f·f/E f²` (derived here).
    pub fn rms_after(activation: Activation, weight: f64) -> Self {
        let second = value_squared(activation, weight);
        let chi = weight * slope_squared(activation, weight) / second;
        if chi.is_nan() || chi <= 1.0 + 1e-9 {
            let linear = value(activation, weight).abs() < 1e-12 * second.sqrt();
            return Self { chi, cosine: if chi.is_nan() || linear { f64::NAN } else { 1.0 } };
        }
        let pairs = PairSeries::of(activation, weight);
        // The division removes the fixed point at 1.
        let rest = |c: f64| {
            if c == 1.0 { 1.0 - chi } else { (pairs.values(c) / second - c) / (1.0 - c) }
        };
        Self { chi, cosine: if rest(0.0) <= 1e-12 { 0.0 } else { root(0.0, 1.0, rest) } }
    }

    /// Layer norm of the activations, which subtracts their mean: `χ = q·E f′²/Var f` at `q = σ_w²`, and the correlation map
    /// `(E f·f − (E f)²)/Var f` has its only stable fixed point at 0 (derived here).
    pub fn layer_after(activation: Activation, weight: f64) -> Self {
        let at = ActivationMoments::at(activation, 0.0, weight);
        let chi = weight * at.slope_squared / at.variance;
        Self { chi, cosine: if chi > 1.0 + 1e-9 { 0.0 } else { f64::NAN } }
    }
}

/// The factor λ by which squared gradients grow per layer of a deep network with batch norm before f (Yang et al. 2019),
/// for batches of `batch` independent examples; NaN below 4, where the expectation diverges.
///
/// | f | 8 | 32 | 128 | ∞ |
/// |---|---|---|---|---|
/// | linear | 1.200000 | 1.034483 | 1.008000 | 1 |
/// | ReLU | 1.788190 | 1.521953 | 1.479681 | π/(π − 1) |
/// | tanh | 1.358548 | 1.208303 | 1.184853 | 1.177807 |
/// | GELU | 1.622301 | 1.371237 | 1.331000 | 1.318845 |
///
/// Derived here, and confirmed by simulation; the expressions of the paper were not compared. The normalised
/// pre-activations y of one unit are uniform on the sphere `|y|² = B` in the plane `Σy = 0`. With `D = diag f′(y)`,
/// `G = I − 11ᵀ/B` and `a = E f(y₁)² − E f(y₁)f(y₂)`, λ is `B·E[tr(GDGD) − yᵀDGDy/B]/(a·(B − 3)(B − 1))`. It takes 10 to
/// 100 ms; linear functions and ReLU are closed forms.
///
/// ```
/// use mean_field::{Activation, batch_norm_growth, large_batch_norm_growth};
/// // 50 layers of ReLU behind batch norm: gradients explode by 1.52^25.
/// assert!((batch_norm_growth(Activation::Relu, 32) - 1.521_953).abs() < 1e-6);
/// assert!((large_batch_norm_growth(Activation::Relu) - 1.466_942).abs() < 1e-6);
/// ```
pub fn batch_norm_growth(activation: Activation, batch: usize) -> f64 {
    if batch < 4 {
        return f64::NAN;
    }
    match activation {
        Activation::Identity => (batch as f64 - 2.0) / (batch as f64 - 3.0),
        Activation::Relu => relu_growth(batch as f64),
        _ => Sphere::of(activation, batch as f64).growth(),
    }
}

/// [`batch_norm_growth`] of large batches: `E f′²/Var f` at q = 1, which is at least 1 by Poincaré's inequality.
pub fn large_batch_norm_growth(activation: Activation) -> f64 {
    NormScales::layer_after(activation, 1.0).chi
}

/// `(B − 2 + κ₀ + κ₁)/((B − 3)(1 − κ₁))` with the arc-cosine kernels of `ρ = −1/(B − 1)`.
fn relu_growth(batch: f64) -> f64 {
    use std::f64::consts::PI;
    let rho = -1.0 / (batch - 1.0);
    let angle = PI - rho.acos();
    let (zero, one) = (angle / PI, ((1.0 - rho * rho).sqrt() + angle * rho) / PI);
    (batch - 2.0 + zero + one) / ((batch - 3.0) * (1.0 - one))
}

/// Expectations over normalised pre-activations of two examples of a batch.
struct Sphere {
    batch: f64,
    /// `E f(y₁)²`, `E f(y₁)f(y₂)`.
    values: (f64, f64),
    /// `E f′(y₁)²`, `E f′(y₁)f′(y₂)`.
    slopes: (f64, f64),
    /// The same with `y·f′(y)`.
    products: (f64, f64),
}

impl Sphere {
    /// `y₁ = √(B − 1)·w` with w one coordinate of the unit sphere in B − 1 dimensions, and y₂ the same of `ρw + √(1 − ρ²)·v`.
    ///
    /// In angles, `w = sin θ` has the density `cos^(B−3) θ`, and `v = √(1 − w²)·sin φ` the density `cos^(B−4) φ`.
    fn of(activation: Activation, batch: f64) -> Self {
        let radius = (batch - 1.0).sqrt();
        let (rho, rest) = (-1.0 / (batch - 1.0), (1.0 - (batch - 1.0).powi(-2)).sqrt());
        // The scale of f, or that of cosᴮ if it is smaller; kinks also leave weak singularities where they reach an end.
        let kinks: Vec<f64> = activation.kinks().iter().map(|kink| kink / radius).collect();
        let fine = if kinks.is_empty() { 0.5 / radius } else { 1e-4 };
        let fine = finest(activation, radius).min(fine);
        let inside = kinks.iter().copied().filter(|kink| kink.abs() < 1.0);
        let ends = inside.clone().flat_map(|kink| {
            let half = rest * (1.0 - kink * kink).sqrt();
            [kink, rho * kink - half, rho * kink + half]
        });
        let outer = angles(ends, fine);
        let sums = outer.means(|theta| {
            let w = theta.sin();
            let height = rest * theta.cos();
            let points = kinks.iter().copied().chain([0.0]).map(|kink| (kink - rho * w) / height);
            let [all, value, slope, product] =
                angles(points.filter(|at| at.abs() < 1.0), fine).means(|phi| {
                    let weight = density(phi, batch - 4.0);
                    let y = radius * (rho * w + height * phi.sin());
                    let (value, slope) = eval(activation, y);
                    [weight, weight * value, weight * slope, weight * y * slope]
                });
            let weight = density(theta, batch - 3.0);
            let (f, d) = eval(activation, radius * w);
            let (weighted, yd) = (weight / all, radius * w * d);
            [
                weight,
                weight * f * f,
                weighted * f * value,
                weight * d * d,
                weighted * d * slope,
                weight * yd * yd,
                weighted * yd * product,
            ]
        });
        let [all, f2, ff, d2, dd, y2, yy] = sums;
        Self {
            batch,
            values: (f2 / all, ff / all),
            slopes: (d2 / all, dd / all),
            products: (y2 / all, yy / all),
        }
    }

    fn growth(&self) -> f64 {
        let b = self.batch;
        // Σ over all pairs of examples, the equal ones included.
        let pairs = |(one, two): (f64, f64)| b * one + b * (b - 1.0) * two;
        let trace = (b - 2.0) * self.slopes.0 + pairs(self.slopes) / (b * b);
        let radial = self.products.0 - pairs(self.products) / (b * b);
        b * (trace - radial) / ((self.values.0 - self.values.1) * (b - 3.0) * (b - 1.0))
    }
}

/// Nodes for angles between −π/2 and π/2, with breaks at these sines.
fn angles(sines: impl Iterator<Item = f64>, finest: f64) -> Quadrature {
    use std::f64::consts::FRAC_PI_2;
    Quadrature::within(-FRAC_PI_2, FRAC_PI_2, &sines.map(f64::asin).collect::<Vec<_>>(), finest)
}

/// `cosᵏ θ`, divided by the normal weight of the nodes.
fn density(theta: f64, k: f64) -> f64 {
    (k * theta.cos().ln() + theta * theta / 2.0).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quadrature over the sphere, at the two functions that have closed forms; a batch of one more is rejected.
    #[test]
    fn the_sphere_agrees_with_closed_forms() {
        for batch in [4.0, 5.0, 8.0, 33.0, 1000.0] {
            let linear = Sphere::of(Activation::Identity, batch).growth();
            assert!((linear / ((batch - 2.0) / (batch - 3.0)) - 1.0).abs() < 1e-12, "{batch}: {linear}");
            let relu = Sphere::of(Activation::Relu, batch).growth();
            assert!((relu / relu_growth(batch) - 1.0).abs() < 1e-12, "{batch}: {relu}");
            assert!((relu / relu_growth(batch + 1.0) - 1.0).abs() > 1e-7);
        }
    }
}
