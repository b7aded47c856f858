//! The distributions that independent values are drawn from.

use gaussian::{Quadrature, cdf};
use nn_init::{Fans, InitError, Layout, Scheme};

use super::chernoff;

/// A distribution of independent values, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Population {
    shape: Form,
    /// The mean.
    pub(crate) mean: f64,
    /// The standard deviation, after truncation.
    pub(crate) std: f64,
    /// The fourth standardised moment.
    pub(super) kurtosis: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Normal,
    Uniform {
        lo: f64,
        hi: f64,
    },
    /// A normal distribution with these moments before truncation.
    Truncated {
        mean: f64,
        std: f64,
        lo: f64,
        hi: f64,
    },
}

impl Population {
    /// The distribution of a scheme whose values are independent, of which some zeros of a known number may have been left
    /// out; `None` for constants and for schemes that fill a whole matrix at once.
    ///
    /// # Errors
    /// If the shape lacks the fans that the scheme needs.
    pub(crate) fn of(scheme: Scheme, shape: &[usize], layout: Layout) -> Result<Option<Self>, InitError> {
        let resolved = match scheme {
            Scheme::Scaled(_) => scheme.with_fans(Fans::of(shape, layout)?),
            Scheme::Sparse { std, .. } => Scheme::Normal { mean: 0.0, std },
            other => other,
        };
        let form = match resolved {
            Scheme::Normal { .. } => Form::Normal,
            Scheme::Uniform { lo, hi } => Form::Uniform { lo, hi },
            Scheme::TruncatedNormal { mean, std, lo, hi } => Form::Truncated { mean, std, lo, hi },
            _ => return Ok(None),
        };
        let moments = resolved.moments(shape, layout)?;
        let (mean, std, kurtosis) = (moments.mean, moments.std, moments.kurtosis);
        Ok((std > 0.0 && std.is_finite()).then_some(Self { shape: form, mean, std, kurtosis }))
    }

    /// The same form with other moments.
    pub(super) fn rescaled(self, mean: f64, std: f64) -> Self {
        let at = |x: f64| mean + (x - self.mean) * (std / self.std);
        let shape = match self.shape {
            Form::Normal => Form::Normal,
            Form::Uniform { lo, hi } => Form::Uniform { lo: at(lo), hi: at(hi) },
            Form::Truncated { mean, std: own, lo, hi } => {
                Form::Truncated { mean: at(mean), std: own * (std / self.std), lo: at(lo), hi: at(hi) }
            }
        };
        Self { shape, mean, std, ..self }
    }

    /// The same distribution with bounds that hold these values too.
    pub(super) fn widened(self, min: f64, max: f64) -> Self {
        let shape = match self.shape {
            Form::Normal => Form::Normal,
            Form::Uniform { lo, hi } => Form::Uniform { lo: lo.min(min), hi: hi.max(max) },
            Form::Truncated { mean, std, lo, hi } => {
                Form::Truncated { mean, std, lo: lo.min(min), hi: hi.max(max) }
            }
        };
        Self { shape, ..self }
    }

    /// The ends of the support.
    pub(crate) fn bounds(self) -> [f64; 2] {
        match self.shape {
            Form::Normal => [f64::NEG_INFINITY, f64::INFINITY],
            Form::Uniform { lo, hi } | Form::Truncated { lo, hi, .. } => [lo, hi],
        }
    }

    /// "normal", "uniform" or "truncated normal".
    pub(super) fn name(self) -> &'static str {
        match self.shape {
            Form::Normal => "normal",
            Form::Uniform { .. } => "uniform",
            Form::Truncated { .. } => "truncated normal",
        }
    }

    /// The probability of the values between two numbers, with its digits in both tails.
    pub(crate) fn between(self, lower: f64, upper: f64) -> f64 {
        let [lo, hi] = self.bounds();
        let (lower, upper) = (lower.clamp(lo, hi), upper.clamp(lo, hi));
        match self.shape {
            Form::Normal => normal_between((lower - self.mean) / self.std, (upper - self.mean) / self.std),
            Form::Uniform { .. } => (upper - lower) / (hi - lo),
            Form::Truncated { mean, std, .. } => {
                let part =
                    |lower: f64, upper: f64| normal_between((lower - mean) / std, (upper - mean) / std);
                part(lower, upper) / part(lo, hi)
            }
        }
    }

    /// At most the probability that the mean of `n` values deviates this far, in standard deviations of a value.
    pub(super) fn p_of_mean(self, n: f64, deviation: f64) -> f64 {
        if self.shape == Form::Normal {
            return 2.0 * cdf(-deviation.abs() * n.sqrt());
        }
        chernoff::two_sided(n, deviation, 1.0, self.steepest(1), self.cumulant(|z| z))
    }

    /// At most the probability that the mean of `n` values of `z²` is as far from 1 as `mean_square`.
    pub(super) fn p_of_mean_square(self, n: f64, mean_square: f64) -> f64 {
        let excess = mean_square - 1.0;
        if self.shape == Form::Normal {
            return chernoff::two_sided_of(n * (excess - excess.ln_1p()) / 2.0);
        }
        chernoff::two_sided(n, excess, self.kurtosis - 1.0, self.steepest(2), self.cumulant(|z| z * z - 1.0))
    }

    /// The largest t that is tried: `t·|z|^power` is at most 60, so that quadrature has all digits.
    fn steepest(self, power: i32) -> f64 {
        let far = self.bounds().map(|bound| ((bound - self.mean) / self.std).abs());
        60.0 / far[0].max(far[1]).powi(power)
    }

    /// `ln E e^(t·y(z))`, as a function of t, for a function whose expectation is 0; z is standardised.
    fn cumulant(self, y: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
        let (mean, std, [lo, hi]) = match self.shape {
            Form::Truncated { mean, std, .. } => (mean, std, self.bounds()),
            _ => (self.mean, self.std, [f64::NEG_INFINITY, f64::INFINITY]),
        };
        // The exponentials are entire functions, so the normal density decides how fine the nodes are.
        let nodes = Quadrature::within((lo - mean) / std, (hi - mean) / std, &[], 0.5);
        move |t| {
            let f = |z: f64| (t * y(z)).exp_m1();
            let expectation = match self.shape {
                Form::Uniform { .. } => simpson(3f64.sqrt(), f),
                _ => nodes.means(|u| [f((mean + std * u - self.mean) / self.std)])[0],
            };
            expectation.ln_1p()
        }
    }
}

/// `Φ(b) − Φ(a)`, reflected to the left tail, where differences keep their digits.
fn normal_between(a: f64, b: f64) -> f64 {
    if a > 0.0 { cdf(-a) - cdf(-b) } else { cdf(b) - cdf(a) }
}

/// The mean of a smooth function on [−end, end], by Simpson's rule.
fn simpson(end: f64, f: impl Fn(f64) -> f64) -> f64 {
    const STEPS: usize = 512;
    let at = |i: usize| f(end * (2.0 * i as f64 / STEPS as f64 - 1.0));
    let inner: f64 = (1..STEPS).map(|i| if i % 2 == 1 { 4.0 * at(i) } else { 2.0 * at(i) }).sum();
    (at(0) + inner + at(STEPS)) / (3 * STEPS) as f64
}

#[cfg(test)]
mod tests {
    use gaussian::expectation_within;

    use super::*;

    fn of(scheme: Scheme) -> Population {
        Population::of(scheme, &[2, 2], Layout::OUT_IN).unwrap().unwrap()
    }

    fn populations() -> [Population; 4] {
        [
            Scheme::Normal { mean: 0.5, std: 2.0 },
            Scheme::Uniform { lo: -1.0, hi: 0.5 },
            Scheme::truncated_normal_in_sigmas(0.02, -2.0, 2.0),
            Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo: 0.5, hi: 3.0 },
        ]
        .map(of)
    }

    #[test]
    fn probabilities_add_up_and_have_the_moments() {
        for population in populations() {
            let (mean, std) = (population.mean, population.std);
            let steps = 20_000;
            let at = |i: i32| mean + 12.0 * std * (f64::from(i) / f64::from(steps / 2) - 1.0);
            let bins: Vec<_> = (0..steps)
                .map(|i| (at(i) / 2.0 + at(i + 1) / 2.0, population.between(at(i), at(i + 1))))
                .collect();
            let expect = |f: &dyn Fn(f64) -> f64| bins.iter().map(|(x, p)| p * f(*x)).sum::<f64>();
            // Bins of 0.0012 standard deviations, each moved to its middle.
            let close = |a: f64, b: f64| (a - b).abs() < 1e-5;
            assert!(
                close(expect(&|_| 1.0), 1.0) && close(expect(&|x| (x - mean) / std), 0.0),
                "{population:?}"
            );
            assert!(close(expect(&|x| ((x - mean) / std).powi(2)), 1.0), "{population:?}");
            assert!(close(expect(&|x| ((x - mean) / std).powi(4)), population.kurtosis), "{population:?}");
        }
    }

    #[test]
    fn bounds_of_the_mean_and_of_the_square_are_near_their_normal_approximation() {
        // Far enough in for the exponents to be those of the central limit theorem, to first order in the deviation.
        for population in populations() {
            let n = 1e8;
            let exponent = -(population.p_of_mean(n, 6e-4) / 2.0).ln();
            assert!((exponent / 18.0 - 1.0).abs() < 0.16, "{population:?}: {exponent}");
            let exponent =
                -(population.p_of_mean_square(n, 1.0 + 6e-4 * (population.kurtosis - 1.0).sqrt()) / 2.0).ln();
            assert!((exponent / 18.0 - 1.0).abs() < 0.01, "{population:?}: {exponent}");
        }
    }

    /// The nodes are as exact as the adaptive ones, up to the largest exponents that are tried.
    #[test]
    fn cumulants_are_those_of_quadrature() {
        for (lo, hi) in [(-2.0, 2.0), (0.5, 3.0), (-1.0, 30.0), (3.0, 100.0)] {
            let population = of(Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo, hi });
            let cumulant = population.cumulant(|z| z * z - 1.0);
            for share in [-1.0, -0.1, -1e-4, 1e-4, 0.1, 1.0] {
                let t = share * population.steepest(2);
                let square = |u: f64| ((u - population.mean) / population.std).powi(2);
                let exact = expectation_within(lo, hi, &[], |u| (t * (square(u) - 1.0)).exp_m1()).ln_1p();
                assert!(
                    (cumulant(t) - exact).abs() <= 1e-13 + 1e-10 * exact,
                    "{lo} {hi} {t}: {} {exact}",
                    cumulant(t)
                );
            }
        }
    }

    #[test]
    fn constants_and_matrices_have_no_population() {
        for scheme in [Scheme::ONES, Scheme::orthogonal(), Scheme::Normal { mean: 1.0, std: 0.0 }] {
            assert_eq!(Population::of(scheme, &[2, 2], Layout::OUT_IN).unwrap(), None);
        }
        assert!(Population::of(Scheme::he_normal(), &[2], Layout::OUT_IN).is_err());
    }
}
