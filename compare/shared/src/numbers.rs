//! Numbers that stand for a result of many values.

/// Root mean square, first and last value.
///
/// # Panics
/// If there are no values.
pub fn digest(values: &[f32]) -> Vec<f64> {
    let ends = [values[0], values[values.len() - 1]].map(f64::from);
    vec![norm(values) / (values.len() as f64).sqrt(), ends[0], ends[1]]
}

/// `√Σx²`.
pub fn norm<'a>(values: impl IntoIterator<Item = &'a f32>) -> f64 {
    values.into_iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn a_digest_is_the_root_mean_square_and_both_ends() {
        assert_eq!(digest(&[1.0, 5.0, 7.0, -5.0]), [5.0, 1.0, -5.0]);
        assert!(digest(&[1.0, f32::NAN, 1.0])[0].is_nan());
    }
}
