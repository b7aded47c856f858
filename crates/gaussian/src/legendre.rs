//! Gauss-Legendre quadrature on `[−1, 1]`.

use std::f64::consts::PI;

/// The number of nodes per panel: exact for polynomials of degree 23.
///
/// For a function analytic inside the ellipse with foci ±1 and half-axes that add up to ρ, the error falls as
/// `ρ^(−2·NODES)` (Trefethen, Approximation Theory and Approximation Practice, theorem 19.3). The panels of `panels.rs`
/// have ρ of at least 4: `4^−24 = 4e-15` in the worst panel, and far less in most.
pub(crate) const NODES: usize = 12;

/// The nodes and their weights, computed by the compiler: there is no table to mistype, no work or state at run time,
/// and no dependency on the linear algebra that quadrature libraries bring for twelve pairs of numbers.
pub(crate) const RULE: [(f64, f64); NODES] = rule();

/// The zeros of the Legendre polynomial `P_n` by Newton's method; weights `2/((1 − x²)·P_n′(x)²)` (Abramowitz &
/// Stegun, 25.4.29).
const fn rule() -> [(f64, f64); NODES] {
    let mut rule = [(0.0, 0.0); NODES];
    let mut i = 0;
    while i < NODES {
        // An approximation of cos θ, by Bhaskara's fraction: cos cannot be evaluated in constants, and Newton's method
        // needs no more.
        let theta = PI * (i as f64 + 0.75) / (NODES as f64 + 0.5);
        let right = if 2.0 * theta < PI { theta } else { PI - theta };
        let guess = (PI * PI - 4.0 * right * right) / (PI * PI + right * right);
        let mut x = if 2.0 * theta < PI { guess } else { -guess };
        let mut step = 0;
        while step < 8 {
            let (p, slope) = legendre(x);
            x -= p / slope;
            step += 1;
        }
        let slope = legendre(x).1;
        rule[i] = (x, 2.0 / ((1.0 - x * x) * slope * slope));
        i += 1;
    }
    rule
}

/// `P_n(x)` and its slope, by `(k + 1)·P_{k+1} = (2k + 1)·x·P_k − k·P_{k−1}`.
const fn legendre(x: f64) -> (f64, f64) {
    let (mut before, mut p, mut k) = (1.0, x, 1);
    while k < NODES {
        let n = k as f64;
        (before, p) = (p, ((2.0 * n + 1.0) * x * p - n * before) / (n + 1.0));
        k += 1;
    }
    (p, NODES as f64 * (x * p - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::RULE;

    /// `∫x^p` over −1..1 is `2/(p + 1)` for even p. The tolerance is one rounding of each of twelve terms.
    fn integrates(rule: &[(f64, f64)], power: i32) -> bool {
        let exact = if power % 2 == 0 { 2.0 / f64::from(power + 1) } else { 0.0 };
        let sum: f64 = rule.iter().map(|(x, weight)| weight * x.powi(power)).sum();
        (sum - exact).abs() < 12.0 * f64::EPSILON
    }

    #[test]
    fn polynomials_of_degree_23_are_exact_and_of_degree_24_are_not() {
        assert!((0..24).all(|power| integrates(&RULE, power)));
        assert!(!integrates(&RULE, 24));
    }

    #[test]
    fn one_wrong_digit_of_a_node_is_rejected() {
        let mut rule = RULE;
        rule[3].0 += 1e-13;
        assert!(!(0..24).all(|power| integrates(&rule, power)));
    }
}
