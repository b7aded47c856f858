//! Student's t for whole degrees of freedom.

use std::f64::consts::FRAC_2_PI;

/// The t that a Student variable of `freedom` degrees stays within with this probability, on both sides together.
///
/// Bisection on the closed form; not a library's, of which even the smallest would bring a compiler's worth of macros to
/// every user of this crate for one number.
pub(crate) fn two_sided(confidence: f64, freedom: usize) -> f64 {
    let (mut lo, mut hi) = (0.0, f64::MAX.sqrt());
    loop {
        // The middle of the exponents while they differ, then of the values.
        let middle = if hi > 4.0 * (lo + 1e-3) { ((lo + 1e-3) * hi).sqrt() } else { f64::midpoint(lo, hi) };
        if middle <= lo || middle >= hi {
            return middle;
        }
        if within(middle, freedom) < confidence { lo = middle } else { hi = middle }
    }
}

/// `P(|T| ≤ t)`, Abramowitz & Stegun 1964, equations 26.7.3 and 26.7.4.
fn within(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sin, cos) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = if odd { (cos, 0.0) } else { (1.0, 0.0) };
    // Terms of even or odd powers of the cosine, each from the one before.
    for k in 0..freedom.saturating_sub(1).div_ceil(2) {
        sum += term;
        let k = k as f64;
        let ratio = if odd { (2.0 * k + 2.0) / (2.0 * k + 3.0) } else { (2.0 * k + 1.0) / (2.0 * k + 2.0) };
        term *= ratio * cos * cos;
    }
    if odd { FRAC_2_PI * (angle + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::{two_sided, within};

    #[test]
    fn quantiles_are_a_librarys() {
        for freedom in (1..=30).chain([47, 48, 200, 999]) {
            let library = StudentsT::new(0.0, 1.0, freedom as f64).unwrap();
            for t in [0.1, 1.0, 2.5, 12.7, 300.0] {
                // The library's incomplete beta function has about eleven digits.
                let exact = 1.0 - 2.0 * library.cdf(-t);
                assert!((within(t, freedom) - exact).abs() < 1e-10, "{freedom} degrees at {t}");
            }
            for confidence in [0.5, 0.95, 0.999] {
                let t = two_sided(confidence, freedom);
                assert!((within(t, freedom) - confidence).abs() < 1e-13, "{freedom} degrees, {confidence}");
            }
        }
        // The tables' own digits.
        assert_eq!(
            [1, 2, 10].map(|freedom| format!("{:.3}", two_sided(0.95, freedom))),
            ["12.706", "4.303", "2.228"]
        );
    }
}
