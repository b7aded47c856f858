//! A family of tests: which of them count, so that a false alarm among all is rarer than a level.

/// The places of the probabilities that Holm's procedure rejects at a family-wise level.
///
/// The k-th smallest of m is compared with `level/(m − k + 1)`, up to the first that is larger (Holm, Scand. J. Stat. 6, 1979).
/// Nothing is assumed about how the tests depend on each other.
pub(super) fn rejected(probabilities: &[f64], level: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let left = (1..=order.len()).rev();
    let kept =
        order.iter().zip(left).take_while(|&(&at, left)| probabilities[at] <= level / left as f64).count();
    let mut rejected = order[..kept].to_vec();
    rejected.sort_unstable();
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_holm() {
        assert_eq!(rejected(&[0.011, 0.026, 0.005, 0.9], 0.05), [0, 2], "0.0125, 0.0167 and 0.025");
        assert_eq!(rejected(&[0.011, 0.025, 0.005, 0.9], 0.05), [0, 1, 2]);
        assert_eq!(rejected(&[0.013, 0.014, 0.9, 0.9], 0.05), [0; 0], "the smallest decides first");
        assert_eq!(rejected(&[0.0, f64::NAN], 1e-6), [0]);
        assert_eq!(rejected(&[], 0.1), [0; 0]);
    }
}
