//! Pairs as a power series of their correlation, which takes microseconds where quadrature takes ten milliseconds.

use gaussian::Quadrature;
use tensor::Activation;

use crate::expectations::{breaks, scale, slopes, value_squared_inside, values};
use crate::nodes::{eval, finest};

/// The number of terms. The Hermite polynomials of higher orders reach beyond the quadrature's end at 14.
const TERMS: usize = 40;

/// `E f(√q·x)·f(√q·y) = Σ aₖ²·cᵏ` with `aₖ = E f(√q·z)·hₖ(z)`, hₖ the normalised Hermite polynomials (Mehler's formula).
///
/// The terms left out are at most `c^TERMS` of `E f² − Σ aₖ²`. Where that is too much, near c = 1 for functions with kinks,
/// quadrature takes over.
pub(crate) struct PairSeries {
    activation: Activation,
    variance: f64,
    /// `aₖ²`, from k = 0.
    squares: Vec<f64>,
    /// `E f²`.
    second: f64,
}

impl PairSeries {
    pub(crate) fn of(activation: Activation, variance: f64) -> Self {
        let scale = scale(variance);
        let nodes = Quadrature::new(&breaks(activation, scale), finest(activation, scale));
        let coefficients: [f64; TERMS] = nodes.means(|z| {
            let mut terms = [0.0; TERMS];
            let (mut before, mut hermite) = (0.0, 1.0);
            let value = eval(activation, scale * z).0;
            for (k, term) in terms.iter_mut().enumerate() {
                *term = value * hermite;
                let k = k as f64;
                (before, hermite) = (hermite, (z * hermite - k.sqrt() * before) / (k + 1.0).sqrt());
            }
            terms
        });
        let squares = coefficients.map(|a| a * a).to_vec();
        Self { activation, variance, squares, second: value_squared_inside(activation, variance) }
    }

    /// `E f(√q·x)·f(√q·y)`, with an error below 1e-11 of `E f²`.
    #[track_caller]
    pub(crate) fn values(&self, c: f64) -> f64 {
        if self.oscillates() || self.rest() * c.abs().powi(TERMS as i32) > 1e-12 * self.second {
            return values(self.activation, (self.variance, self.variance), c);
        }
        self.squares.iter().rev().fold(0.0, |sum, square| sum * c + square)
    }

    /// `E f′(√q·x)·f′(√q·y)`, with an error below 1e-10 of its value at c = 1 or of `E f²/q`.
    #[track_caller]
    pub(crate) fn slopes(&self, c: f64) -> f64 {
        // `k·c^(k − 1)` of the terms left out falls from k = TERMS on if c is below 1 − 1/TERMS.
        let largest = TERMS as f64 * c.abs().powi(TERMS as i32 - 1);
        if self.oscillates() || c.abs() > 0.95 || self.rest() * largest > 1e-11 * self.second {
            return slopes(self.activation, (self.variance, self.variance), c);
        }
        let terms = self.squares.iter().enumerate().skip(1).rev();
        terms.fold(0.0, |sum, (k, square)| sum * c + k as f64 * square) / scale(self.variance).powi(2)
    }

    /// True for sine, which quadrature cannot follow; its pairs are closed forms.
    fn oscillates(&self) -> bool {
        matches!(self.activation, Activation::Sine(_))
    }

    /// The part of `E f²` that the terms do not have; a difference below 1e-14 is rounding.
    fn rest(&self) -> f64 {
        let rest = self.second - self.squares.iter().sum::<f64>();
        if rest < 1e-14 * self.second { 0.0 } else { rest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_agree_with_quadrature() {
        for (activation, q) in [(Activation::Gelu, 0.3), (Activation::Tanh, 2.0), (Activation::Relu, 1.0)] {
            let series = PairSeries::of(activation, q);
            for c in [-0.4, 0.6, 0.97] {
                let (value, slope) = (values(activation, (q, q), c), slopes(activation, (q, q), c));
                let what = format!("{activation} at {c}: {value}, {slope}");
                assert!((series.values(c) - value).abs() < 1e-11 * series.second, "{what}");
                let size = slope.abs().max(series.second / q);
                assert!((series.slopes(c) - slope).abs() < 1e-10 * size, "{what}");
            }
        }
        let sine = PairSeries::of(Activation::Sine(30.0), 1.0);
        assert_eq!(sine.values(0.3), values(Activation::Sine(30.0), (1.0, 1.0), 0.3));
        // Without the check of the rest, ReLU's series is wrong in the sixth digit at 0.97.
        let relu = PairSeries::of(Activation::Relu, 1.0);
        let bare = relu.squares.iter().rev().fold(0.0, |sum, square| sum * 0.97 + square);
        assert!((bare - relu.values(0.97)).abs() > 1e-7, "{bare}");
    }
}
