//! The upper tail of the χ² distribution.

/// The probability that a χ² variable with `dof` degrees of freedom, which need not be whole, exceeds `x`.
///
/// The regularised incomplete gamma function by its series or its continued fraction (Press et al., Numerical Recipes,
/// section 6.2), to a relative error of about 10⁻¹².
pub(super) fn upper_tail(x: f64, dof: f64) -> f64 {
    let (a, x) = (dof / 2.0, x / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let scale = (a * x.ln() - x - libm::lgamma(a)).exp();
    if x < a + 1.0 { 1.0 - scale * series(a, x) } else { scale * fraction(a, x) }
}

/// `Σ xⁿ Γ(a)/Γ(a + 1 + n)`.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut divisor) = (1.0 / a, 1.0 / a, a);
    while term > sum * 1e-16 {
        divisor += 1.0;
        term *= x / divisor;
        sum += term;
    }
    sum
}

/// Lentz's evaluation of the continued fraction.
fn fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1.0 / TINY, 1.0 / b);
    let mut value = d;
    for i in 1..100_000 {
        let factor = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = 1.0 / nonzero(factor * d + b, TINY);
        c = nonzero(b + factor / c, TINY);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

fn nonzero(x: f64, tiny: f64) -> f64 {
    if x.abs() < tiny { tiny } else { x }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With two degrees of freedom the tail is `e^(−x/2)`, with one `erfc(√(x/2))`; four add a term to two.
    #[test]
    fn closed_forms() {
        for x in [1e-3, 0.1, 1.0, 2.9, 3.1, 10.0, 60.0, 200.0] {
            let half: f64 = x / 2.0;
            let expected =
                [(1.0, libm::erfc(half.sqrt())), (2.0, (-half).exp()), (4.0, (-half).exp() * (1.0 + half))];
            for (dof, expected) in expected {
                let tail = upper_tail(x, dof);
                assert!((tail / expected - 1.0).abs() < 1e-11, "{x} {dof}: {tail} {expected}");
            }
        }
    }

    /// The sum over the even half-integers of a Poisson distribution, for as many degrees as tensors have bins and rows.
    #[test]
    fn many_degrees() {
        for (x, dof) in [(150.0, 100_u32), (260.0, 100), (1200.0, 1000)] {
            let half: f64 = x / 2.0;
            let (mut term, mut sum) = ((-half).exp(), 0.0);
            for k in 0..dof / 2 {
                sum += term;
                term *= half / f64::from(k + 1);
            }
            let tail = upper_tail(x, f64::from(dof));
            assert!((tail / sum - 1.0).abs() < 1e-10, "{x} {dof}: {tail} {sum}");
        }
    }
}
