//! Counting by slot: a vector loop that computes slots, and a plain one that counts them.

use tensor::Real;

/// Values whose slots are computed at once, small enough to stay in the cache.
const CHUNK: usize = 1024;

/// Values that 32 bits can count, without a check for each: tables of half the size stay in the cache, where 64 bits took a
/// tenth longer.
const AT_ONCE: usize = u32::MAX as usize;

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
    for values in values.chunks(AT_ONCE) {
        let mut table = vec![0_u32; counts.len()];
        for chunk in values.chunks(CHUNK) {
            let slots = &mut slots[..chunk.len()];
            fill(chunk, slots, slot);
            let mut count = |&x: &T, &slot: &u32| {
                let count = &mut table[place(x, slot as usize)];
                *count = count.wrapping_add(1);
            };
            // Eight at a time: the quantiles of a million values take 1.2 ms in place of 1.4.
            let ((groups, rest), (slots, last)) = (chunk.as_chunks::<8>(), slots.as_chunks::<8>());
            for (group, slots) in groups.iter().zip(slots) {
                for (x, slot) in group.iter().zip(slots) {
                    count(x, slot);
                }
            }
            rest.iter().zip(last).for_each(|(x, slot)| count(x, slot));
        }
        counts.iter_mut().zip(table).for_each(|(count, more)| *count += u64::from(more));
    }
}

/// Tables that take turns: a count that waits for the one before it, of the same bin, takes five clock cycles.
const TABLES: usize = 8;

/// The same for at most 256 slots, whatever the values: a million of them that are mostly equal take as long as others,
/// 0.85 ms, where one table takes 0.9 and 1.5.
#[inline(always)]
pub(crate) fn tally_few<T: Real>(values: &[T], counts: &mut [u64], slot: impl Fn(T) -> u8 + Copy) {
    let mut slots = [0; CHUNK];
    for values in values.chunks(AT_ONCE) {
        let mut tables = [[0_u32; 1 << u8::BITS]; TABLES];
        for chunk in values.chunks(CHUNK) {
            let slots = &mut slots[..chunk.len()];
            fill(chunk, slots, slot);
            let (turns, rest) = slots.as_chunks::<TABLES>();
            for turn in turns {
                for (table, &slot) in tables.iter_mut().zip(turn) {
                    let count = &mut table[usize::from(slot)];
                    *count = count.wrapping_add(1);
                }
            }
            rest.iter().for_each(|&slot| tables[0][usize::from(slot)] += 1);
        }
        for (slot, count) in counts.iter_mut().enumerate() {
            *count += tables.iter().map(|table| u64::from(table[slot])).sum::<u64>();
        }
    }
}

#[inline(always)]
fn fill<T: Real, S>(chunk: &[T], slots: &mut [S], slot: impl Fn(T) -> S) {
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
    use super::{rounder, whole};

    #[test]
    fn whole_numbers_without_casts() {
        assert_eq!([0.0, 1.0, 4294967295.0].map(whole), [0, 1, u32::MAX]);
        let (single, double) = (rounder::<f32>(), rounder::<f64>());
        for x in [0.0_f32, 0.4, 0.6, 1.5, 2.5, -0.3, -0.7, 2e6, -1_048_575.6] {
            assert_eq!((x + single) - single, x.round_ties_even(), "{x}");
            assert_eq!((f64::from(x) + double) - double, f64::from(x).round_ties_even(), "{x}");
        }
    }
}
