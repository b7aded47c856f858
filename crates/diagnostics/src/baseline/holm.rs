//! Many tests at one rate of false alarms.

/// The probabilities of false alarms of single tests, adjusted for their number: a test whose result is at most α counts
/// among all of them at the family-wise rate α, however they depend on each other (Holm 1979).
///
/// The k-th smallest of m, from 0, becomes `(m − k)·p`, at least what its predecessors became, at most 1.
pub(super) fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut adjusted, mut floor) = (vec![1.0; p.len()], 0.0_f64);
    for (k, &test) in order.iter().enumerate() {
        floor = floor.max((p.len() - k) as f64 * p[test]).min(1.0);
        adjusted[test] = floor;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::adjusted;

    /// The numbers of `p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")` in R's manual of the procedure.
    #[test]
    fn probabilities_are_multiplied_by_what_is_left() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!(close(&adjusted(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02]));
        assert!(close(&adjusted(&[0.9, 0.8]), &[1.0, 1.0]));
        assert_eq!(adjusted(&[]), [0.0; 0]);
    }
}
