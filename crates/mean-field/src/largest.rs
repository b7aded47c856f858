//! The largest probability of a softmax of independent normal logits.

/// `E max pᵢ` of a softmax over `keys` independent logits of `N(0, std²)`, to 1e-4: the attention that the strongest key
/// gets before training. NaN without keys, or unless `std` is finite and at least 0.
///
/// | keys | s = 0.3072 | 1 | 3 |
/// |---|---|---|---|
/// | 64 | 0.0309 | 0.1073 | 0.4768 |
/// | 1024 | 0.0025 | 0.0162 | 0.2745 |
///
/// Derived here. The largest may be any of N keys, and `1/Z = ∫e^−x·exp(−e^−x·Z)dx`, so that with `d = e^(sz − x)`
/// it is `N∫E[d·e^−d·ψ(x, z)^(N − 1)]dx`, where `ψ(x, z)` is `E e^−d` over keys below z. It takes some milliseconds.
///
/// ```
/// use mean_field::largest_probability;
/// assert!((largest_probability(64, 3.0) - 0.4768).abs() < 1e-4);
/// assert_eq!(largest_probability(10, 0.0), 0.1);
/// ```
pub fn largest_probability(keys: usize, std: f64) -> f64 {
    /// Beyond it, the rest is a multiple of 1/s.
    const WIDEST: f64 = 64.0;
    if keys == 0 || !(0.0..f64::INFINITY).contains(&std) {
        return f64::NAN;
    }
    if keys == 1 || std == 0.0 {
        return 1.0 / keys as f64;
    }
    if std > WIDEST {
        return 1.0 - (1.0 - largest_probability(keys, WIDEST)) * WIDEST / std;
    }
    let others = keys as f64 - 1.0;
    // Fine enough for a cumulative sum, and for d to change little from node to node.
    let step = 0.02_f64.min(0.1 / std);
    let half = (7.5 / step) as i64;
    let scale = step / (2.0 * std::f64::consts::PI).sqrt();
    let node = |k: i64| (k as f64 * step, scale * (-(k as f64 * step).powi(2) / 2.0).exp());
    let nodes: Vec<(f64, f64)> = (-half..=half).map(node).collect();
    let at = |x: f64| {
        let (mut below, mut sum) = (0.0, 0.0);
        for &(z, weight) in &nodes {
            let d = (std * z - x).exp();
            if d > 40.0 {
                break;
            }
            let survival = weight * (-d).exp();
            // Half of the node's own weight, and the next term of the Euler-Maclaurin formula, `−h²/12` of the slope.
            let psi = below + survival * (0.5 + step * (z + std * d) / 12.0);
            if d > 1e-10 && psi > 0.0 {
                sum += d * survival * (others * psi.ln()).exp();
            }
            below += survival;
        }
        sum
    };
    // From where all keys are above x, to where ln Z is below x by 30.
    const STRIDE: f64 = 0.3;
    let top = (others.ln() + std * std / 2.0).min(std * 8.5) + 30.0;
    let (from, to) = ((-7.5 * std - 4.0) / STRIDE, top / STRIDE);
    let integral: f64 = (from as i64..=to as i64).map(|k| at(k as f64 * STRIDE)).sum();
    keys as f64 * STRIDE * integral
}
