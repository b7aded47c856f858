//! The nodes at which an activation of a normal pre-activation is evaluated, kept from one expectation to the next.

use std::collections::BTreeMap;

use gaussian::Quadrature;
use tensor::Activation;

use crate::expectations::breaks;

/// The number of scales: 2⁰, 2⁻¹, … and last 0, for functions of any steepness.
const SCALES: usize = 48;

/// Nodes by scale, each computed when it is first needed. A kink at 0 is at every scale, so one set serves all activations
/// that have no other.
#[derive(Default)]
pub(crate) struct KeptNodes(BTreeMap<usize, Quadrature>);

impl KeptNodes {
    /// Calls `f` with the nodes for functions of `activation(scale·z)`.
    pub(crate) fn with<R>(
        &mut self,
        activation: Activation,
        scale: f64,
        f: impl FnOnce(&Quadrature) -> R,
    ) -> R {
        let breaks = breaks(activation, scale);
        let halvings = halvings(activation, scale);
        if breaks.iter().all(|&at| at == 0.0) {
            return f(self.0.entry(halvings).or_insert_with(|| Quadrature::new(&[], power(halvings))));
        }
        f(&Quadrature::new(&breaks, power(halvings)))
    }
}

/// The scale on which `activation(scale·z)` changes between its kinks, rounded down to a power of two or 0.
pub(crate) fn finest(activation: Activation, scale: f64) -> f64 {
    power(halvings(activation, scale))
}

/// The value and the slope of f: one copy of all functions, where each quadrature would compile its own.
#[inline(never)]
pub(crate) fn eval(activation: Activation, x: f64) -> (f64, f64) {
    activation.eval(x)
}

/// The number of halvings until the scale is small enough; NaN is never.
fn halvings(activation: Activation, scale: f64) -> usize {
    let enough = |&k: &usize| (-(k as f64)).exp2() <= width(activation) / scale;
    (0..SCALES - 1).find(enough).unwrap_or(SCALES - 1)
}

/// The scale after some halvings; the last is 0.
fn power(halvings: usize) -> f64 {
    if halvings < SCALES - 1 { (-(halvings as f64)).exp2() } else { 0.0 }
}

/// The scale on which a function changes between its kinks: a third of the distance from 0 to its nearest singularity in
/// the complex plane, or 1 if there is none; 0, which is safe for any function, if it is not known.
fn width(activation: Activation) -> f64 {
    match activation {
        // Poles at ±iπ/2.
        Activation::Tanh => 0.5,
        // At ±iπ.
        Activation::Sigmoid | Activation::Silu | Activation::LogSigmoid => 1.0,
        // At ±iπ/β.
        Activation::Softplus(beta) => 1.0 / beta.abs(),
        // At ∓1, beyond the kink.
        Activation::Softsign => 0.3,
        // The exponential of x/α.
        Activation::Celu(alpha) => alpha.abs(),
        // At ln √2 ± 3πi/4.
        Activation::Mish => 0.75,
        // At ±0.63 ± 2.75i, where √(2/π)·(x + 0.044715·x³) is iπ/2.
        Activation::GeluTanh => 0.75,
        // Polynomials, exponentials and error functions between kinks.
        Activation::Identity
        | Activation::Relu
        | Activation::LeakyRelu(_)
        | Activation::Elu(_)
        | Activation::Selu
        | Activation::Gelu
        | Activation::Erf
        | Activation::HardTanh
        | Activation::ReluSquared
        | Activation::Relu6
        | Activation::HardSwish
        | Activation::HardSigmoid => 1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{slope_squared, value_squared};

    /// The nodes of any steepness are the judge; a scale four times too wide for tanh is rejected.
    #[test]
    fn fewer_nodes_give_the_same_digits() {
        let others = [Activation::Softplus(5.0), Activation::Celu(0.2)];
        let all = Activation::ALL.into_iter().filter(|f| !matches!(f, Activation::Sine(_)));
        for activation in all.chain(others) {
            for scale in [1e-3, 0.1, 0.7, 1.0, 3.0, 40.0, 1e4] {
                let all = Quadrature::new(&breaks(activation, scale), 0.0);
                let f = |z: f64| activation.eval(scale * z);
                let [value, slope] = all.means(|z| [f(z).0.powi(2), f(z).1.powi(2)]);
                let q = scale * scale;
                for (few, many) in
                    [(value_squared(activation, q), value), (slope_squared(activation, q), slope)]
                {
                    assert!(
                        (few - many).abs() <= 1e-13 * many.abs(),
                        "{activation} at {scale}: {few} {many}"
                    );
                }
            }
        }
        let steep = |rule: &Quadrature| rule.means(|z| [(20.0 * z).tanh().powi(2)])[0];
        let [wide, right] = [1.0, 0.5 / 20.0].map(|finest| steep(&Quadrature::new(&[], finest)));
        assert!((wide - right).abs() > 1e-9, "{wide} {right}");
    }
}
