//! Expectations of `f(h) = sin(ω·h)` in closed form: quadrature cannot follow an oscillation through large variances.
//!
//! They follow from `E cos(ω·h) = e^(−ω²q/2)` for `h ~ N(0, q)`. Scales are √q.

/// `E f(h)² = (1 − e^(−2ω²q))/2`.
pub(crate) fn value_squared(omega: f64, scale: f64) -> f64 {
    -(-2.0 * (omega * scale).powi(2)).exp_m1() / 2.0
}

/// `E f′(h)² = ω²·(1 + e^(−2ω²q))/2`.
pub(crate) fn slope_squared(omega: f64, scale: f64) -> f64 {
    omega * omega * (1.0 + (-2.0 * (omega * scale).powi(2)).exp()) / 2.0
}

/// The derivative of `E f(h)²` with respect to q: `ω²·e^(−2ω²q)`.
pub(crate) fn value_squared_slope(omega: f64, scale: f64) -> f64 {
    omega * omega * (-2.0 * (omega * scale).powi(2)).exp()
}

/// `E f(g)·f(h) = e^(−ω²(p + q)/2)·sinh(ω²c√(pq))`, in the form that neither overflows nor cancels.
pub(crate) fn values(omega: f64, scales: (f64, f64), c: f64) -> f64 {
    let (near, product) = parts(omega, scales, c.abs());
    -c.signum() * near * (-2.0 * product * c.abs()).exp_m1() / 2.0
}

/// `E f′(g)·f′(h) = ω²·e^(−ω²(p + q)/2)·cosh(ω²c√(pq))`.
pub(crate) fn slopes(omega: f64, scales: (f64, f64), c: f64) -> f64 {
    let (near, product) = parts(omega, scales, c.abs());
    omega * omega * near * (1.0 + (-2.0 * product * c.abs()).exp()) / 2.0
}

/// `e^(−ω²(p + q − 2c√(pq))/2)` and `ω²√(pq)`.
fn parts(omega: f64, (a, b): (f64, f64), c: f64) -> (f64, f64) {
    let product = omega * a * (omega * b);
    let apart = (omega * (a - b)).powi(2) / 2.0 + product * (1.0 - c);
    ((-apart).exp(), product)
}

#[cfg(test)]
mod tests {
    use gaussian::{bivariate, expectation};

    use super::*;

    /// Where quadrature can follow, it agrees: 1e-13 of 1 for one variable, 1e-12 for pairs.
    #[test]
    fn closed_forms_agree_with_quadrature() {
        for omega in [0.3, 1.0, 2.0] {
            for a in [0.1, 1.0, 2.0] {
                let f = |x: f64| (omega * x).sin();
                let slope = |x: f64| omega * (omega * x).cos();
                let squares =
                    (expectation(&[], |z| f(a * z).powi(2)), expectation(&[], |z| slope(a * z).powi(2)));
                assert!((value_squared(omega, a) - squares.0).abs() < 1e-13, "E f² at {omega}, {a}");
                assert!((slope_squared(omega, a) - squares.1).abs() < 4e-13, "E f′² at {omega}, {a}");
                let growth = expectation(&[], |z| z * f(a * z) * slope(a * z) / a);
                assert!((value_squared_slope(omega, a) - growth).abs() < 4e-12, "slope at {omega}, {a}");
                for (b, c) in [(a, 0.6), (0.7, -0.8), (1.9, 0.0), (a, 1.0)] {
                    let both = bivariate(c, &[], |x| f(a * x), |y| f(b * y));
                    let of_slopes = bivariate(c, &[], |x| slope(a * x), |y| slope(b * y));
                    assert!((values(omega, (a, b), c) - both).abs() < 1e-12, "{omega}, {a}, {b}, {c}");
                    assert!((slopes(omega, (a, b), c) - of_slopes).abs() < 4e-12, "{omega}, {a}, {b}, {c}");
                }
            }
        }
        assert!((value_squared(1.0, 1.0) - value_squared(1.001, 1.0)).abs() > 1e-4);
    }
}
