//! Rows that are equal, and how similar independent ones are by chance.

use crate::root::root;

/// About the largest |cosine| among `rows` independent rows of `columns` normal numbers: `√(1 − rows^(−4/columns))`
/// (derived here, from `(1 − t²)^(n/2) ≈ 1/pairs`). It is about 10% too high; [`largest_cosine_quantile`] has the distribution.
///
/// Rows whose cosine is far above it, near 1, start as copies: they compute and learn the same, if their biases and outgoing
/// weights are equal too.
///
/// ```
/// use mean_field::largest_cosine;
/// // Measured 0.361 ± 0.009 and 0.1495 ± 0.0026.
/// assert!((largest_cosine(100, 100) - 0.410).abs() < 1e-3);
/// assert!((largest_cosine(1000, 1000) - 0.165).abs() < 1e-3);
/// ```
pub fn largest_cosine(rows: usize, columns: usize) -> f64 {
    (-(-4.0 * (rows as f64).ln() / columns as f64).exp_m1()).sqrt()
}

/// The probability that the |cosine| of two independent directions in `columns` dimensions exceeds t: a beta distribution's,
/// `I_{1 − t²}((columns − 1)/2, 1/2)`. NaN unless t is between 0 and 1, and without columns.
///
/// ```
/// use mean_field::cosine_exceeds;
/// // In three dimensions cosines are uniform (Archimedes).
/// assert!((cosine_exceeds(0.75, 3) - 0.25).abs() < 1e-12);
/// ```
pub fn cosine_exceeds(t: f64, columns: usize) -> f64 {
    if !(0.0..=1.0).contains(&t) || columns == 0 {
        return f64::NAN;
    }
    if columns == 1 || t == 0.0 {
        return 1.0;
    }
    beta((1.0 - t * t, t * t), (columns as f64 - 1.0) / 2.0, 0.5)
}

/// The value below which the largest |cosine| of `rows` independent rows of `columns` normal numbers is with the given
/// probability: where `exp(−pairs·P) = probability`, P that of [`cosine_exceeds`].
///
/// Cosines of pairs are independent two by two, so that the number of large ones is close to Poisson's distribution. A row
/// of any independent numbers of mean 0 will do if there are many columns. NaN unless the probability is inside 0..1.
///
/// ```
/// use mean_field::largest_cosine_quantile;
/// let half = largest_cosine_quantile(100, 100, 0.5);
/// let rare = largest_cosine_quantile(100, 100, 1.0 - 1e-6);
/// assert!((half - 0.361).abs() < 0.01 && rare > half && rare < 0.7); // measured 0.361 ± 0.009
/// ```
pub fn largest_cosine_quantile(rows: usize, columns: usize, probability: f64) -> f64 {
    if !(probability > 0.0 && probability < 1.0) || columns == 0 {
        return f64::NAN;
    }
    let pairs = rows as f64 * (rows as f64 - 1.0) / 2.0;
    let target = -probability.ln() / pairs;
    if columns == 1 || pairs == 0.0 || target >= 1.0 {
        return if columns == 1 && pairs > 0.0 { 1.0 } else { 0.0 };
    }
    root(0.0, 1.0, |t| (cosine_exceeds(t, columns) / target).max(f64::MIN_POSITIVE).ln())
}

/// The regularised incomplete beta function `I_x(a, b)` from x and 1 − x (Abramowitz & Stegun, 26.5.8, or its mirror image).
fn beta((x, rest): (f64, f64), a: f64, b: f64) -> f64 {
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta((rest, x), b, a);
    }
    if x == 0.0 {
        return 0.0;
    }
    let front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * rest.ln();
    // The continued fraction 1/(1 + d₁/(1 + d₂/(1 + …))), from far inside.
    let coefficient = |k: u32| {
        let m = f64::from(k / 2);
        if k.is_multiple_of(2) {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        }
    };
    let terms = 40 + 2 * a.max(b).sqrt() as u32;
    let fraction = (1..=terms).rev().fold(1.0, |rest, k| 1.0 + coefficient(k) / rest);
    front.exp() / (a * fraction)
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// Two, three, four and five dimensions in closed form: `1 − 2·asin(t)/π`, `1 − t`, `1 − 2(asin t + t√(1 − t²))/π`,
    /// `1 − (3t − t³)/2`; and many, where cosines are normal.
    #[test]
    fn the_tail_of_cosines() {
        for t in [1e-6, 0.1, 0.5, 0.9, 0.999] {
            let height = f64::sqrt(1.0 - t * t);
            for (columns, exact) in [
                (2, 1.0 - 2.0 * t.asin() / PI),
                (3, 1.0 - t),
                (4, 1.0 - 2.0 * (t.asin() + t * height) / PI),
                (5, 1.0 - (3.0 * t - t.powi(3)) / 2.0),
            ] {
                let found = cosine_exceeds(t, columns);
                assert!((found - exact).abs() < 1e-13, "{columns} at {t}: {found}, {exact}");
            }
        }
        let (n, t) = (1_000_000, 3.0e-3);
        let normal = libm::erfc(t * (n as f64 / 2.0).sqrt());
        assert!((cosine_exceeds(t, n) / normal - 1.0).abs() < 1e-4);
        assert_eq!(
            (cosine_exceeds(1.0, 50), cosine_exceeds(0.0, 50), cosine_exceeds(0.3, 1)),
            (0.0, 1.0, 1.0)
        );
        assert!(cosine_exceeds(1.5, 3).is_nan() && cosine_exceeds(0.5, 0).is_nan());
    }
}
