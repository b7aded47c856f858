//! Convolutions: zero padding, strides and pooling.

/// The fraction of a kernel's taps that meet an input and not the padding, on average over the outputs of one axis: the factor
/// of the variance that a convolution of independent weights loses there. For images, multiply the factors of both axes.
///
/// With kernel 3, padding 1 and stride 1 it is `1 − 2/(3·size)`. NaN if there is no output.
///
/// ```
/// use mean_field::padding_factor;
/// // A 3×3 kernel on 8×8 pixels.
/// assert!((padding_factor(8, 3, 1, 1).powi(2) - 0.840_278).abs() < 1e-6);
/// ```
pub fn padding_factor(size: usize, kernel: usize, stride: usize, padding: usize) -> f64 {
    if stride == 0 || kernel == 0 || size + 2 * padding < kernel {
        return f64::NAN;
    }
    let outputs = (size + 2 * padding - kernel) / stride + 1;
    let inside = |at: usize| (at..at + kernel).filter(|tap| (padding..padding + size).contains(tap)).count();
    let taps: usize = (0..outputs).map(|output| inside(output * stride)).sum();
    taps as f64 / (outputs * kernel) as f64
}

/// The factors by which layer after layer keeps the mean variance on one axis: convolutions of stride 1 that keep the size,
/// of an odd kernel, each with weights of variance 1/fan-in and a function that keeps variances, such as ReLU with He's.
///
/// The first is [`padding_factor`]. Later ones are larger, because variance is then lost near the edges already; for kernel
/// 3 they approach `(1 + 2·cos(π/(size + 1)))/3`. NaN for an even kernel or no inputs.
///
/// ```
/// use mean_field::padding_factors;
/// let factors = padding_factors(8, 3, 30);
/// let limit = (1.0 + 2.0 * (std::f64::consts::PI / 9.0).cos()) / 3.0;
/// assert!(factors[0] < factors[1] && (factors[29] - limit).abs() < 1e-6);
/// ```
pub fn padding_factors(size: usize, kernel: usize, layers: usize) -> Vec<f64> {
    if size == 0 || kernel.is_multiple_of(2) {
        return vec![f64::NAN; layers];
    }
    let mut variances = vec![1.0; size];
    let next = |_| {
        let before: f64 = variances.iter().sum();
        let window = |at: usize| &variances[at.saturating_sub(kernel / 2)..(at + kernel / 2 + 1).min(size)];
        let after: Vec<f64> = (0..size)
            .map(|at| window(at).iter().sum::<f64>() / (kernel as f64 * before) * size as f64)
            .collect();
        variances = after;
        variances.iter().sum::<f64>() / size as f64
    };
    (0..layers).map(next).collect()
}

/// The factor by which a convolution changes the root mean square of the gradient per element on the way back, with weights
/// of variance 1/fan-in: `√(outputs/inputs/positions)`, where one output position stands for `positions` input positions,
/// the product of the strides.
///
/// The gradient's norm over one example does not change: there are as many times more elements. Compare norms, not root
/// mean squares, across a stride. A transposed convolution has `positions = 1/(product of its strides)`.
///
/// ```
/// use mean_field::gradient_per_element;
/// // 64 → 64 channels with stride 2 on both axes: measured 0.5012 ± 0.0006; 64 → 128: 0.7077 ± 0.0006.
/// assert_eq!(gradient_per_element(64, 64, 4.0), 0.5);
/// assert!((gradient_per_element(64, 128, 4.0) - 0.7071).abs() < 1e-4);
/// ```
pub fn gradient_per_element(inputs: usize, outputs: usize, positions: f64) -> f64 {
    (outputs as f64 / inputs as f64 / positions).sqrt()
}
