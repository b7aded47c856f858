//! The probability of a difference between two samples if only the random numbers changed.

use statrs::distribution::{ContinuousCDF, DiscreteCDF, Hypergeometric, StudentsT};

/// The mean, standard deviation and number of a sample's values.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleMoments {
    pub(super) mean: f64,
    pub(super) spread: f64,
    pub(super) count: u64,
}

impl SampleMoments {
    fn scaled(self, unit: f64) -> Self {
        Self { mean: self.mean / unit, spread: self.spread / unit, ..self }
    }

    fn n(self) -> f64 {
        self.count as f64
    }

    /// The variance of the mean, which is the square of its standard error.
    fn variance(self) -> f64 {
        self.spread * self.spread / self.n()
    }
}

/// The difference `b − a` of the means in standard errors, and its two-sided probability. The errors are infinite if
/// neither side has a spread and the means differ.
pub(super) fn of_means(a: SampleMoments, b: SampleMoments) -> (f64, f64) {
    let unit = [a.mean, a.spread, b.mean, b.spread].into_iter().fold(0.0_f64, |unit, x| unit.max(x.abs()));
    if unit == 0.0 {
        return (0.0, 1.0);
    }
    // In this unit, squares neither overflow nor vanish.
    let (a, b) = (a.scaled(unit), b.scaled(unit));
    let difference = b.mean - a.mean;
    if difference == 0.0 {
        return (0.0, 1.0);
    }
    let welch = a.variance() + b.variance();
    if welch == 0.0 {
        return (f64::INFINITY.copysign(difference), 0.0);
    }
    let errors = difference / welch.max(pooled(a, b)).sqrt();
    let freedom = welch * welch / (satterthwaite(a) + satterthwaite(b));
    (errors, two_sided(errors, freedom))
}

/// The variance of the difference of the means, if both samples have the same spread.
fn pooled(a: SampleMoments, b: SampleMoments) -> f64 {
    let squares = |m: SampleMoments| (m.n() - 1.0) * m.spread * m.spread;
    (squares(a) + squares(b)) / (a.n() + b.n() - 2.0) * (1.0 / a.n() + 1.0 / b.n())
}

fn satterthwaite(m: SampleMoments) -> f64 {
    m.variance().powi(2) / (m.n() - 1.0)
}

/// `P(|T| ≥ |t|)` for Student's distribution; 0 if it is undefined, so that the difference is reported.
fn two_sided(t: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(0.0, |student| 2.0 * student.sf(t.abs()))
}

/// Fisher's exact test for `a` of `n_a` seeds against `b` of `n_b`: twice the smaller tail.
pub(super) fn of_counts((a, n_a): (u64, u64), (b, n_b): (u64, u64)) -> f64 {
    Hypergeometric::new(n_a + n_b, a + b, n_b).map_or(0.0, |counts| {
        let (up_to, from) = (counts.cdf(b), if b == 0 { 1.0 } else { counts.sf(b - 1) });
        (2.0 * f64::min(up_to, from)).min(1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::{SampleMoments, of_counts, of_means};

    fn moments((mean, spread, count): (f64, f64, u64)) -> SampleMoments {
        SampleMoments { mean, spread, count }
    }

    /// Equal to ten digits: statrs and scipy sum the series of the incomplete beta function in different orders.
    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-10 * b.abs()
    }

    /// `scipy.stats.ttest_ind_from_stats(*b, *a, equal_var=False)` of scipy 1.17.1; Welch's error is the larger one.
    #[test]
    fn a_small_sample_with_more_spread_has_welchs_error() {
        for (a, b, t, p) in [
            ((1.0, 0.5, 64), (1.5, 0.9, 32), 2.9250896965085222, 0.005599255307175091),
            ((-2.0, 0.1, 20), (-2.01, 0.02, 50), -0.44367825470804734, 0.6621316895999042),
            ((0.3, 0.0, 64), (0.31, 0.04, 32), 1.4142135623730963, 0.16726463089587337),
            ((5.0, 1.0, 64), (13.0, 1.2, 32), 32.49107728427581, 1.0041906125314812e-36),
        ] {
            for unit in [1.0, 1e-250, 1e250] {
                let of = |(mean, spread, count)| moments((mean * unit, spread * unit, count));
                let found = of_means(of(a), of(b));
                assert!(close(found.0, t) && close(found.1, p), "{a:?} {b:?} {unit}: {found:?}");
            }
        }
    }

    /// The same function's t with `equal_var=True`, 1.7523 instead of 2.0969, and `2 * t.sf(t, df)` with Welch's df.
    #[test]
    fn a_small_sample_with_less_spread_has_the_pooled_error() {
        let found = of_means(moments((1.0, 0.9, 64)), moments((1.3, 0.5, 32)));
        assert!(close(found.0, 1.7522648543438375) && close(found.1, 0.08302894062711218), "{found:?}");
    }

    #[test]
    fn without_any_spread_every_difference_counts() {
        let constant = |mean| moments((mean, 0.0, 9));
        assert_eq!(of_means(constant(1.0), constant(1.5)), (f64::INFINITY, 0.0));
        assert_eq!(of_means(constant(1.0), constant(-1.0)), (f64::NEG_INFINITY, 0.0));
        assert_eq!(of_means(constant(2.0), constant(2.0)), (0.0, 1.0));
        assert_eq!(of_means(constant(0.0), constant(0.0)), (0.0, 1.0));
    }

    /// `min(1, 2 * min(h.cdf(b), h.sf(b - 1)))` with `h = scipy.stats.hypergeom(n_a + n_b, a + b, n_b)`.
    #[test]
    fn counts_are_compared_exactly() {
        for (a, b, p) in [
            ((0, 64), (12, 32), 7.229203462093078e-07),
            ((60, 64), (10, 32), 4.109468083314115e-10),
            ((0, 64), (1, 32), 0.6666666666666667),
            ((64, 64), (0, 32), 6.73361047735027e-26),
            ((3, 64), (0, 32), 0.5832026875699888),
            ((64, 64), (32, 32), 1.0),
        ] {
            let found = of_counts(a, b);
            assert!(close(found, p), "{a:?} {b:?}: {found}");
        }
    }
}
