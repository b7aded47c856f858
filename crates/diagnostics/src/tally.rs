//! Counting by slot: a vector loop that computes slots, and a plain one that counts them.

use tensor::Real;

/// Values whose slots are computed at once, small enough to stay in the cache.
const CHUNK: usize = 1024;

/// Counts every value at `place(x, slot(x))`.
///
/// `slot` is a closure without branches, marked `#[inline(always)]`, which the compiler turns into vector
/// instructions; `place` may look things up.
#[inline(always)]
pub(crate) fn tally<T: Real>(
    values: &[T],
    counts: &mut [u64],
    slot: impl Fn(T) -> u32 + Copy,
    place: impl Fn(T, usize) -> usize,
) {
    let mut slots = [0; CHUNK];
    for chunk in values.chunks(CHUNK) {
        let slots = &mut slots[..chunk.len()];
        fill(chunk, slots, slot);
        for (&x, &slot) in chunk.iter().zip(slots.iter()) {
            counts[place(x, slot as usize)] += 1;
        }
    }
}

#[inline(always)]
fn fill<T: Real>(chunk: &[T], slots: &mut [u32], slot: impl Fn(T) -> u32) {
    tensor::dispatch(
        #[inline(always)]
        move || {
            for (out, &x) in slots.iter_mut().zip(chunk) {
                *out = slot(x);
            }
        },
    );
}

/// Doubles of this size have no digits after the point: adding it rounds, in the last bits.
const WHOLE: f64 = 6_755_399_441_055_744.0; // 1.5·2⁵², so that sums with negative numbers stay in one octave

/// `⌊x⌋` for `|x| < 2⁵¹`, in vector loops: without SSE 4.1 there is no instruction for it.
#[inline(always)]
pub(crate) fn floor(x: f64) -> f64 {
    let nearest = (x + WHOLE) - WHOLE;
    if nearest > x { nearest - 1.0 } else { nearest }
}

/// What rounds a `T` of less than 2²¹ to the nearest whole number when it is added and taken away again.
pub(crate) fn rounder<T: Real>() -> T {
    let single = T::of(1.0 + f64::EPSILON) == T::ONE;
    T::of(if single { 12_582_912.0 } else { WHOLE }) // 1.5·2²³, for the same reason as WHOLE
}

/// A whole `x` in `0..2³²` as an integer, in vector loops: a cast that checks its range keeps them scalar.
#[inline(always)]
pub(crate) fn whole(x: f64) -> u32 {
    (x + WHOLE).to_bits() as u32
}

#[cfg(test)]
mod tests {
    use super::{floor, rounder, whole};

    #[test]
    fn whole_numbers_without_casts() {
        for x in [0.0, 0.5, 1.0, 1.5, 2.5, -0.5, -1.0, -1.5, 4e9, 1e15, -1e15, 0.9999999999999999, -1e-300] {
            assert_eq!(floor(x), f64::floor(x), "{x}");
        }
        assert_eq!([0.0, 1.0, 4294967295.0].map(whole), [0, 1, u32::MAX]);
        let (single, double) = (rounder::<f32>(), rounder::<f64>());
        for x in [0.0_f32, 0.4, 0.6, 1.5, 2.5, -0.3, -0.7, 2e6, -1_048_575.6] {
            assert_eq!((x + single) - single, x.round_ties_even(), "{x}");
            assert_eq!((f64::from(x) + double) - double, f64::from(x).round_ties_even(), "{x}");
        }
    }
}
