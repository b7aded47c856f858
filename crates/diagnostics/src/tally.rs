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

/// The same for at most 256 slots, whatever the values: a million of N(0, 1) take 0.56 ms and as many that are all equal
/// 0.69, where one table takes 0.63 and 2.6.
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
