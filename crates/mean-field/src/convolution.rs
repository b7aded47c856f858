//! Convolutions: zero padding, strides and pooling.

/// One axis of a convolution, with zeros as padding.
///
/// ```
/// use mean_field::ConvAxis;
/// // A 3×3 kernel on 8×8 pixels keeps 84% of the variance.
/// let axis = ConvAxis { size: 8, kernel: 3, stride: 1, padding: 1, dilation: 1 };
/// assert!((axis.padding_factor().powi(2) - 0.840_278).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvAxis {
    /// The number of inputs.
    pub size: usize,
    /// The number of taps.
    pub kernel: usize,
    /// The number of inputs from one output to the next, at least 1.
    pub stride: usize,
    /// The number of zeros at each end.
    pub padding: usize,
    /// The number of inputs from one tap to the next, at least 1.
    pub dilation: usize,
}

impl ConvAxis {
    /// The fraction of taps that meet an input and not the padding, on average over outputs: the factor of the variance that
    /// a convolution of independent weights loses here. For images, multiply the factors of both axes.
    ///
    /// With kernel 3, padding 1 and stride 1 it is `1 − 2/(3·size)`. NaN if there is no output.
    pub fn padding_factor(&self) -> f64 {
        let outputs = self.outputs();
        self.taps() as f64 / (outputs * self.kernel) as f64
    }

    /// The same for the transposed convolution that leads back, whose *outputs* are the `size`: the number of taps that meet
    /// an output, on average, over kernel/stride.
    ///
    /// ```
    /// use mean_field::ConvAxis;
    /// // From 8 to 16 positions; each end lacks one tap of two.
    /// let axis = ConvAxis { size: 16, kernel: 4, stride: 2, padding: 1, dilation: 1 };
    /// assert_eq!(axis.transposed_padding_factor(), 30.0 / 32.0);
    /// ```
    pub fn transposed_padding_factor(&self) -> f64 {
        let all = (self.size * self.kernel) as f64 / self.stride as f64;
        if self.outputs() == 0 { f64::NAN } else { self.taps() as f64 / all }
    }

    /// The number of outputs; 0 if the kernel does not fit, and without stride, dilation or taps.
    fn outputs(&self) -> usize {
        let Self { size, kernel, stride, padding, dilation } = *self;
        let reach = dilation * kernel.saturating_sub(1) + 1;
        let fits = kernel > 0 && stride > 0 && dilation > 0 && size + 2 * padding >= reach;
        if fits { (size + 2 * padding - reach) / stride + 1 } else { 0 }
    }

    /// The number of pairs of an output and a tap that meets an input.
    fn taps(&self) -> usize {
        let inside = |at: &usize| (self.padding..self.padding + self.size).contains(at);
        let window =
            |output: usize| (0..self.kernel).map(move |tap| output * self.stride + tap * self.dilation);
        (0..self.outputs()).map(|output| window(output).filter(inside).count()).sum()
    }
}

/// The factors by which layer after layer keeps the mean variance on one axis: convolutions of stride 1 that keep the size,
/// of an odd kernel, each with weights of variance 1/fan-in and a function that keeps variances, such as ReLU with He's.
///
/// The first is [`ConvAxis::padding_factor`]. Later ones are larger, because variance is then lost near the edges already; for kernel
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
