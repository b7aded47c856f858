//! The one door to wide vector units.

use pulp::Arch;

/// Runs `loops` compiled for the best instruction set that this processor has (AVX-512, AVX2 and FMA, or the target's
/// baseline); the processor is asked once. The bits are the same in each.
///
/// What is not inlined into `loops` is compiled for the baseline, so write plain `for` loops over slices: an
/// iterator's `fold` or `extend` may stay outside. Mark the closure and what it calls `#[inline(always)]`, and
/// make it `move` where it captures a function: a captured reference is read again at every step, and the loop
/// stays scalar. Together these took 13,000 values of tanh from 116 to 14 µs.
///
/// ```
/// let x = [1.0_f32, 2.0, 3.0];
/// let mut y = [0.0; 3];
/// let (xs, ys) = (&x[..], &mut y[..]);
/// tensor::dispatch(
///     #[inline(always)]
///     move || {
///         for (&x, y) in xs.iter().zip(ys) {
///             *y = x.mul_add(2.0, 1.0);
///         }
///     },
/// );
/// assert_eq!(y, [3.0, 5.0, 7.0]);
/// ```
#[inline(always)]
pub fn dispatch<R>(loops: impl FnOnce() -> R) -> R {
    Arch::new().dispatch(loops)
}

/// The values taken together by `f`, in eight lanes side by side that each begin with `first`.
///
/// One after the other, each would wait for the last: 13,000 sums of four clock cycles.
#[inline(always)]
pub(crate) fn simd_fold<T: Copy>(values: &[T], first: T, f: impl Fn(T, T) -> T) -> T {
    const LANES: usize = 8;
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [first; LANES];
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = f(*lane, x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = f(*lane, x);
    }
    let [a, b, c, d, e, g, h, i] = lanes;
    f(f(f(a, e), f(b, g)), f(f(c, h), f(d, i)))
}

/// Clears the upper halves of the vector registers.
///
/// faer's x86 kernels return with them dirty, and every SSE instruction that follows then pays: a
/// factor of 2 on a whole training step. One instruction after each product takes it back.
#[inline]
pub(crate) fn clear_upper_halves() {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.avx._mm256_zeroupper();
    }
}

#[cfg(test)]
mod tests {
    use crate::{Activation, Tensor};

    /// Values of all sizes, two zeros and what is not finite; their number leaves a rest in vectors of any width.
    fn values() -> Vec<f32> {
        let sizes = (-300..300).map(|i| (i as f32 / 60.0).powi(7) / 30.0);
        sizes.chain([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN]).collect()
    }

    fn bits(values: &[f32]) -> Vec<u32> {
        values.iter().map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits()).collect()
    }

    #[test]
    fn vectors_have_the_bits_of_single_values() {
        let x = values();
        let tensor = Tensor::from_vec(x.clone(), [x.len()]).expect("a row");
        for activation in Activation::ALL {
            let (values, slopes) = activation.apply(&tensor);
            let (one, other): (Vec<f32>, Vec<f32>) = x.iter().map(|&x| activation.eval(x)).unzip();
            assert_eq!(bits(values.data()), bits(&one), "{activation}");
            assert_eq!(bits(slopes.data()), bits(&other), "{activation}'s slope");
        }
        assert_ne!(bits(&x), bits(tensor.map(|x| x + 1.0).data()));
    }
}
