//! Many tests at one rate of false alarms (Holm 1979).

/// The p-values of single tests, adjusted for their number. Rejecting all tests whose adjusted value is at most α has the
/// family-wise rate of false alarms α, however the tests depend on each other.
///
/// The k-th smallest of m values, from 0, becomes `(m − k)·p`, but at least its predecessor and at most 1.
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
    fn p_values_are_multiplied_by_the_number_of_tests_left() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15);
        assert!(close(&adjusted(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02]));
        assert!(close(&adjusted(&[0.9, 0.8]), &[1.0, 1.0]));
        assert_eq!(adjusted(&[]), [0.0; 0]);
    }
}
