//! Sums in vector loops.

use tensor::Real;

/// Interleaved sums, one for every eighth value, which the compiler turns into vector instructions.
const WIDTH: usize = 8;

/// `Σ f(x)`, for several sums at once.
///
/// `f` is a closure without branches, marked `#[inline(always)]` and `move`.
#[inline(always)]
pub(crate) fn sums<T: Real, const SUMS: usize>(
    values: &[T],
    f: impl Fn(f64) -> [f64; SUMS] + Copy,
) -> [f64; SUMS] {
    let (groups, rest) = values.as_chunks::<WIDTH>();
    let mut sums = tensor::dispatch(
        #[inline(always)]
        move || {
            let mut sums = [[0.0; WIDTH]; SUMS];
            for group in groups {
                for (lane, x) in group.iter().enumerate() {
                    let terms = f(x.to_f64());
                    for sum in 0..SUMS {
                        sums[sum][lane] += terms[sum];
                    }
                }
            }
            sums
        },
    );
    for (lane, x) in rest.iter().enumerate() {
        let terms = f(x.to_f64());
        sums.iter_mut().zip(terms).for_each(|(lanes, term)| lanes[lane] += term);
    }
    sums.map(|lanes| lanes.iter().sum())
}
