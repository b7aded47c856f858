//! A histogram beside the probabilities of its bins.

use super::chernoff;
use super::population::Population;
use crate::{BitHistogram, Dtype};

/// The bins of a histogram that a distribution reaches: a probability, a count and the standardised middle of each. The bins
/// depend on the distribution alone.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedBins {
    bins: Vec<ExpectedBin>,
    total: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct ExpectedBin {
    probability: f64,
    count: f64,
    /// The middle, in standard deviations from the mean.
    middle: f64,
}

/// Values closer to 0 than this many standard deviations are one bin.
const FINEST: f64 = 1.0 / 64.0;
/// Values farther out than this many standard deviations are one bin on each side.
const FARTHEST: f64 = 16.0;

impl ExpectedBins {
    /// The bins of a distribution, with the counts of a histogram, from which `left_out` zeros are removed.
    pub(crate) fn new(
        population: Population,
        histogram: &BitHistogram,
        dtype: &Dtype,
        left_out: f64,
    ) -> Self {
        let edges = edges(population, dtype);
        let ends = |i: usize| {
            let lower = if i == 0 { f64::NEG_INFINITY } else { edges[i - 1] };
            (lower, edges.get(i).copied().unwrap_or(f64::INFINITY))
        };
        let bin = |i: usize| {
            let (lower, upper) = ends(i);
            let middle = match (lower.is_finite(), upper.is_finite()) {
                (true, true) => lower / 2.0 + upper / 2.0,
                (true, false) => lower,
                _ => upper,
            };
            let probability = population.between(lower, upper);
            ExpectedBin { probability, count: 0.0, middle: (middle - population.mean) / population.std }
        };
        let mut bins: Vec<_> = (0..=edges.len()).map(bin).collect();
        for filled in histogram.bins(dtype) {
            let middle = filled.lower / 2.0 + filled.upper / 2.0;
            bins[edges.partition_point(|&edge| edge <= middle)].count += filled.count as f64;
        }
        let zero = edges.partition_point(|&edge| edge <= 0.0);
        bins[zero].count = (bins[zero].count - left_out).max(0.0);
        let total = bins.iter().map(|bin| bin.count).sum();
        Self { bins, total }
    }

    /// At most the probability that the counts deviate as much from their expectation, in relative entropy.
    ///
    /// Bins are pooled until each has an equal share; more values have more bins. `P(n·KL ≥ x) ≤ e^(−x)·(e·x/(k − 1))^(k − 1)`
    /// for k bins and `x > k − 1`, whatever the probabilities and the number of values (Agrawal, "Finite-sample concentration of
    /// the multinomial in relative entropy", IEEE Trans. Inf. Theory 66, 2020).
    pub(crate) fn p_of_shape(&self) -> f64 {
        let pooled = self.pooled((self.total.sqrt() / 2.0).clamp(4.0, 64.0).recip());
        let degrees = pooled.len() as f64 - 1.0;
        let term = |bin: &ExpectedBin| match bin.count {
            0.0 => 0.0,
            count => count * (count / (self.total * bin.probability)).ln(),
        };
        let entropy: f64 = pooled.iter().map(term).sum();
        if degrees < 1.0 || entropy.is_nan() || entropy <= degrees {
            return 1.0;
        }
        (degrees * (1.0 + (entropy / degrees).ln()) - entropy).exp()
    }

    /// At most the probability that the kurtosis deviates as much: Chernoff's bound for the mean of `z⁴ − 6z² + 3` at the middle
    /// of each bin, with |z| at most 4, so that no single value decides. The polynomial is blind to small errors of the standard
    /// deviation.
    pub(crate) fn p_of_kurtosis(&self) -> f64 {
        let scores: Vec<_> = self.bins.iter().map(|bin| score(bin.middle)).collect();
        let expected: f64 = self.bins.iter().zip(&scores).map(|(bin, score)| bin.probability * score).sum();
        let measured: f64 = self.bins.iter().zip(&scores).map(|(bin, score)| bin.count * score).sum();
        let cumulant = |t: f64| {
            let terms = self.bins.iter().zip(&scores);
            terms.map(|(bin, score)| bin.probability * (t * (score - expected)).exp_m1()).sum::<f64>().ln_1p()
        };
        let spread = |(bin, score): (&ExpectedBin, &f64)| bin.probability * (score - expected).powi(2);
        let variance = self.bins.iter().zip(&scores).map(spread).sum();
        // The scores are between −6 and 163.
        let steepest = 60.0 / (score(4.0) + 6.0);
        chernoff::two_sided(self.total, measured / self.total - expected, variance, steepest, cumulant)
    }

    /// Adjacent bins together until each has at least this share.
    fn pooled(&self, share: f64) -> Vec<ExpectedBin> {
        let mut pooled = vec![ExpectedBin::default()];
        for bin in &self.bins {
            if pooled.last().is_some_and(|last| last.probability >= share) {
                pooled.push(ExpectedBin::default());
            }
            let last = pooled.last_mut().expect("one bin at least");
            last.probability += bin.probability;
            last.count += bin.count;
        }
        if let [.., before, last] = &mut pooled[..]
            && last.probability < share
        {
            before.probability += last.probability;
            before.count += last.count;
            pooled.pop();
        }
        pooled
    }
}

/// `z⁴ − 6z² + 3`, the fourth Hermite polynomial.
fn score(z: f64) -> f64 {
    let square = z.clamp(-4.0, 4.0).powi(2);
    square * square - 6.0 * square + 3.0
}

/// The edges of bins that matter for a distribution, in ascending order: those between its finest and farthest values.
fn edges(population: Population, dtype: &Dtype) -> Vec<f64> {
    let near = FINEST * population.std;
    let far = population.mean.abs() + FARTHEST * population.std;
    let magnitudes: Vec<_> = BitHistogram::magnitudes(near, far, dtype).collect();
    magnitudes.iter().rev().map(|x| -x).chain(magnitudes.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use nn_init::{Generator, Layout, Scheme, Source};

    use super::*;
    use crate::TensorSummary;

    fn of(scheme: Scheme) -> Population {
        Population::of(scheme, &[2, 2], Layout::OUT_IN).unwrap().unwrap()
    }

    fn bins(expected: Scheme, values: &[f32]) -> ExpectedBins {
        let summary = TensorSummary::of_f32(&[values.len()], values);
        ExpectedBins::new(of(expected), &summary.histogram, &Dtype::F32, 0.0)
    }

    fn draw(scheme: Scheme, n: usize, seed: u64) -> Vec<f32> {
        let mut values = vec![0.0; n];
        scheme.fill(&[n, 1], Layout::OUT_IN, &mut values, &mut Generator::manual_seed(seed)).unwrap();
        values
    }

    const NORMAL: Scheme = Scheme::Normal { mean: 0.0, std: 0.02 };

    fn others() -> [Scheme; 3] {
        let bound = 0.02 * 3f64.sqrt();
        [
            Scheme::Uniform { lo: -bound, hi: bound },
            Scheme::truncated_normal_corrected(0.02),
            Scheme::Normal { mean: 0.0, std: 0.022 },
        ]
    }

    #[test]
    fn other_distributions_are_rejected_and_right_ones_are_not() {
        for scheme in [NORMAL, others()[0], others()[1]] {
            let bins = bins(scheme, &draw(scheme, 100_000, 1));
            assert!((bins.bins.iter().map(|bin| bin.probability).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(bins.p_of_shape() > 0.01 && bins.p_of_kurtosis() > 0.01, "{scheme}");
        }
        for other in others() {
            assert!(bins(NORMAL, &draw(other, 100_000, 1)).p_of_shape() < 1e-12, "{other}");
        }
        for other in &others()[..2] {
            assert!(bins(NORMAL, &draw(*other, 20_000, 1)).p_of_kurtosis() < 1e-12, "{other}");
        }
        assert!(
            bins(NORMAL, &draw(Scheme::Normal { mean: 0.0, std: 0.0204 }, 20_000, 1)).p_of_kurtosis() > 1e-3
        );
    }

    /// The bounds hold: in 3,000 tensors of each size, fewer alarms than the level promises plus five standard errors.
    #[test]
    fn the_null_is_calibrated() {
        let mut generator = Generator::manual_seed(7);
        for n in [16, 100, 1000] {
            let mut alarms = [[0; 3]; 2];
            let mut values = vec![0_f32; n];
            for _ in 0..3000 {
                generator.normal(0.0, 0.02, &mut values);
                let bins = bins(NORMAL, &values);
                for (alarms, p) in alarms.iter_mut().zip([bins.p_of_shape(), bins.p_of_kurtosis()]) {
                    for (alarms, level) in alarms.iter_mut().zip([0.1, 0.01, 0.001]) {
                        *alarms += i32::from(p < level);
                    }
                }
            }
            for alarms in alarms {
                for (alarms, level) in alarms.iter().zip([0.1, 0.01, 0.001]) {
                    let expected: f64 = 3000.0 * level;
                    assert!(
                        f64::from(*alarms) < expected + 5.0 * expected.sqrt(),
                        "{n}: {alarms} at {level}"
                    );
                }
            }
        }
    }
}
