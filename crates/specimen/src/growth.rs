//! The growth of a small difference between two runs that see the same batches.

use nn_init::Source;
use tensor::Real;

use crate::{Batch, Curvature, Model};

/// The direction of a difference between two runs that is too small to change either: a unit vector, which each step maps
/// to a longer or a shorter one.
///
/// The logarithms of the factors add up to how far two runs have parted, and their mean over many steps is the largest
/// Lyapunov exponent of the product of the maps (Benettin et al. 1980).
#[derive(Clone, Debug, PartialEq)]
pub struct Tangent {
    direction: Vec<f64>,
}

impl Tangent {
    /// The tangent along `difference`.
    ///
    /// # Panics
    /// If the difference is 0, or not finite.
    #[track_caller]
    pub fn new(difference: Vec<f64>) -> Self {
        let length = length(&difference);
        assert!(length > 0.0 && length.is_finite(), "a tangent needs a finite length above 0, not {length}");
        Self { direction: scaled(difference, length) }
    }

    /// A tangent over so many values, in a direction that `source` draws: every direction is equally likely.
    ///
    /// # Panics
    /// If `values` is 0.
    #[track_caller]
    pub fn random(values: usize, source: &mut (impl Source<f64> + ?Sized)) -> Self {
        let mut difference = vec![0.0; values];
        source.normal(0.0, 1.0, &mut difference);
        Self::new(difference)
    }

    /// The direction, of length 1.
    pub fn direction(&self) -> &[f64] {
        &self.direction
    }

    /// Maps the tangent, scales it back to length 1, and returns the logarithm of the factor by which it grew. A map to 0
    /// gives −∞ and one to values that are not finite gives NaN; the direction then stays as it was.
    ///
    /// ```
    /// use specimen::Tangent;
    ///
    /// let mut tangent = Tangent::new(vec![1.0, 0.0]);
    /// let fibonacci = |v: &[f64]| vec![v[0] + v[1], v[0]];
    /// let growth: f64 = (0..100).map(|_| tangent.advance(fibonacci)).sum();
    /// assert!((growth / 100.0 - 1.618_033_988_749_895_f64.ln()).abs() < 2e-3);
    /// ```
    ///
    /// # Panics
    /// If the map changes the number of values.
    #[track_caller]
    pub fn advance(&mut self, map: impl FnOnce(&[f64]) -> Vec<f64>) -> f64 {
        let mapped = map(&self.direction);
        let (got, values) = (mapped.len(), self.direction.len());
        assert!(got == values, "a tangent of {values} values was mapped to {got}");
        let length = length(&mapped);
        if length > 0.0 && length.is_finite() {
            self.direction = scaled(mapped, length);
        }
        if length.is_finite() { length.ln() } else { f64::NAN }
    }
}

impl<T: Real> Model<T> {
    /// The difference after a step of gradient descent on a batch, `(I − rate·H)·difference`: exact for differences that are
    /// small beside the scale on which the Hessian H changes. Two runs that see the same batches part by the product of
    /// these maps, each at the parameters before its step.
    ///
    /// ```
    /// use specimen::{Generator, Init, Model, Network, Tangent, Tape, lesson};
    ///
    /// let network = Network { hidden: vec![8], ..Network::lesson() };
    /// let init = Init::LESSON_KAIMING;
    /// let mut model: Model<f64> = Model::new(network.clone(), init.draw(&network, &mut Generator::manual_seed(1)));
    /// let batch = lesson::bigrams().batch;
    /// let mut tangent = Tangent::random(model.parameters.count(), &mut Generator::manual_seed(2));
    /// let mut growth = 0.0;
    /// for _ in 0..20 {
    ///     growth += tangent.advance(|v| model.sgd_difference(&batch, 0.1, v));
    ///     let pass = model.pass(&mut Tape::new(), &batch);
    ///     model.sgd_step(&pass, 0.1);
    /// }
    /// assert!(growth.abs() < 0.1); // runs that start close stay close
    /// ```
    ///
    /// # Panics
    /// As [`curvature_product`](Self::curvature_product).
    #[track_caller]
    pub fn sgd_difference(&self, batch: &Batch, rate: f64, difference: &[f64]) -> Vec<f64> {
        let product = self.curvature_product(Curvature::Hessian, batch, difference);
        difference.iter().zip(product).map(|(v, product)| v - rate * product).collect()
    }
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum::<f64>().sqrt()
}

fn scaled(mut values: Vec<f64>, length: f64) -> Vec<f64> {
    values.iter_mut().for_each(|v| *v /= length);
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use nn_init::Generator;

    /// On a quadratic, n steps multiply the component along each eigenvector by (1 − ηλ)ⁿ.
    #[test]
    fn on_a_quadratic_growth_is_known_exactly() {
        let (spectrum, start): ([f64; 4], [f64; 4]) = ([-0.3, 0.0, 0.9, 2.5], [0.1, 2.0, -1.0, 0.3]);
        for rate in [0.01, 0.1, 0.5, 1.0] {
            let mut tangent = Tangent::new(start.to_vec());
            let growth: f64 = (0..200)
                .map(|_| tangent.advance(|v| v.iter().zip(spectrum).map(|(v, x)| v - rate * x * v).collect()))
                .sum();
            let after = start.iter().zip(spectrum).map(|(v, x)| v * (1.0 - rate * x).powi(200));
            let exact = (length(&after.collect::<Vec<_>>()) / length(&start)).ln();
            // Two hundred sums of a few roundings each.
            assert!((growth - exact).abs() < 1e-12 * (1.0 + exact.abs()), "{rate}: {growth} for {exact}");
        }
    }

    /// Products of n × n matrices with entries from N(0, 1) have the exponent (ln 2 + ψ(n/2))/2 (Newman 1986); for n = 2,
    /// ψ(1) = −γ. The logarithms of the factors are independent, with variance ψ′(n/2)/4 = π²/24.
    #[test]
    fn products_of_random_matrices_have_the_known_exponent() {
        const GAMMA: f64 = 0.577_215_664_901_532_9;
        let exact = (2f64.ln() - GAMMA) / 2.0;
        let (steps, source) = (100_000, &mut Generator::manual_seed(3));
        let mut tangent = Tangent::new(vec![1.0, 1.0]);
        let mut exponent = |scale: f64| {
            let step = |_| {
                let mut m = [0.0; 4];
                source.normal(0.0, scale, &mut m);
                tangent.advance(|v| vec![m[0] * v[0] + m[1] * v[1], m[2] * v[0] + m[3] * v[1]])
            };
            (0..steps).map(step).sum::<f64>() / f64::from(steps)
        };
        let five_errors = 5.0 * (std::f64::consts::PI.powi(2) / 24.0 / f64::from(steps)).sqrt();
        assert!((exponent(1.0) - exact).abs() < five_errors);
        // Matrices 3% larger have another exponent, which the bound tells apart.
        assert!((exponent(1.03) - exact).abs() > five_errors);
    }

    #[test]
    fn what_vanishes_or_overflows_is_shown() {
        let mut tangent = Tangent::new(vec![3.0, 4.0]);
        assert_eq!(tangent.advance(|_| vec![0.0, 0.0]), f64::NEG_INFINITY);
        assert!(tangent.advance(|_| vec![f64::INFINITY, 0.0]).is_nan());
        assert_eq!(tangent.direction(), [0.6, 0.8]);
    }

    #[test]
    #[should_panic(expected = "a tangent needs a finite length above 0, not 0")]
    fn zero_has_no_direction() {
        Tangent::new(vec![0.0; 3]);
    }
}
