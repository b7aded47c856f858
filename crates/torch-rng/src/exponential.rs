//! Exponential numbers: −ln(1 − u)/λ, computed in double precision for every type.

use crate::{Float, Generator, check, uniform};

impl Generator {
    /// `out[i] ~ Exp(lambda)`, with density λ·e^(−λx) on x ≥ 0: `tensor.exponential_(lambda)`.
    ///
    /// # Panics
    /// If `lambda` is not greater than zero.
    #[track_caller]
    pub fn exponential<T: Float>(&mut self, lambda: f64, out: &mut [T]) {
        check::rate(lambda);
        // PyTorch rounds −1/λ too.
        let scale = -1.0 / lambda;
        uniform::fill_by(self, out, |u| T::nearest(scale * libm::log1p(-u)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_stability() {
        let mut single = [0_f32; 3];
        Generator::manual_seed(42).exponential(1.5, &mut single);
        assert_eq!(single, [0.039942678, 0.04331742, 0.08794452]);
        let mut double = [0_f64; 3];
        Generator::manual_seed(42).exponential(1.5, &mut double);
        let close = |(x, y): (&f64, f64)| (x - y).abs() <= 4.0 * f64::EPSILON * y;
        assert!(
            double.iter().zip([0.039942677127201426, 0.04331741919559019, 0.0879445199893937]).all(close)
        );
    }

    #[test]
    fn an_infinite_rate_gives_zeros() {
        let mut out = [1_f64; 9];
        Generator::manual_seed(1).exponential(f64::INFINITY, &mut out);
        assert_eq!(out, [0.0; 9]);
    }

    #[test]
    #[should_panic(expected = "lambda = NaN must be greater than zero")]
    fn a_rate_that_is_not_a_number_is_refused() {
        Generator::manual_seed(1).exponential::<f32>(f64::NAN, &mut []);
    }

    #[test]
    #[should_panic(expected = "lambda = 0 must be greater than zero")]
    fn a_rate_of_zero_is_refused() {
        Generator::manual_seed(1).exponential::<f32>(0.0, &mut []);
    }

    #[test]
    fn the_tail_is_exponential() {
        let mut out = vec![0_f64; 100_000];
        Generator::manual_seed(42).exponential(2.0, &mut out);
        // P(X > x) = e^(−2x), within five standard errors of a binomial fraction.
        let within = |x: f64, p: f64| {
            let fraction = out.iter().filter(|v| **v > x).count() as f64 / out.len() as f64;
            (fraction - p).abs() < 5.0 * (p * (1.0 - p) / out.len() as f64).sqrt()
        };
        for x in [0.1_f64, 0.5, 2.0] {
            assert!(within(x, (-2.0 * x).exp()), "at {x}");
        }
        assert!(!within(0.5, (-1.05_f64).exp()), "a rate 5% off");
    }
}
