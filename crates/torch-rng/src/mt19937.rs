//! The engine: 32-bit words from a state of 19,937 bits.

use std::fmt;

/// The number of words in the state.
pub(crate) const N: usize = 624;
/// The distance between the two words that the recurrence combines.
const M: usize = 397;
const MATRIX: u32 = 0x9908_b0df;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;

/// The Mersenne Twister MT19937: xₖ₊₆₂₄ = xₖ₊₃₉₇ ⊕ (upper bit of xₖ | lower bits of xₖ₊₁)·A, tempered.
///
/// Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); the seedings are
/// `init_genrand` and `init_by_array` of their 2002 revision.
#[derive(Clone)]
pub(crate) struct Mt19937 {
    state: [u32; N],
    /// The index of the next word of `state`; `N` if a new state is needed first.
    next: usize,
    /// True if no word has been drawn since the seeding. A used-up state and a fresh one give the same words, but are
    /// saved differently.
    fresh: bool,
}

impl Mt19937 {
    /// The engine seeded by xᵢ = 1812433253·(xᵢ₋₁ ⊕ xᵢ₋₁ ≫ 30) + i, x₀ = `seed`.
    pub(crate) fn init_genrand(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            let last = state[i - 1];
            state[i] = seeded(last, i);
        }
        Self { state, next: N, fresh: true }
    }

    /// The engine seeded by a key, which must not be empty: two passes over the state of `init_genrand(19650218)`.
    pub(crate) fn init_by_array(key: &[u32]) -> Self {
        let mut engine = Self::init_genrand(19_650_218);
        let x = &mut engine.state;
        let mut i = 1;
        for k in 0..key.len().max(N) {
            let j = k % key.len();
            x[i] = stir(x[i], x[i - 1], 1_664_525).wrapping_add(key[j]).wrapping_add(j as u32);
            i = step(x, i);
        }
        for _ in 1..N {
            x[i] = stir(x[i], x[i - 1], 1_566_083_941).wrapping_sub(i as u32);
            i = step(x, i);
        }
        x[0] = UPPER;
        engine
    }

    /// The engine that continues with word `next` of `state`; without `next` it is a fresh engine.
    pub(crate) fn resume(state: [u32; N], next: Option<usize>) -> Self {
        Self { state, next: next.unwrap_or(N), fresh: next.is_none() }
    }

    /// The words of the state, and the index of the next one; `None` for a fresh engine.
    pub(crate) fn position(&self) -> (&[u32; N], Option<usize>) {
        (&self.state, Some(self.next).filter(|_| !self.fresh))
    }

    /// The next word.
    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.twist();
        }
        let word = temper(self.state[self.next]);
        self.next += 1;
        word
    }

    /// The next two words as one number, the first as its high half.
    pub(crate) fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    /// Fills `out` with `convert(word)`, one word per value, in the order of `next_u32`.
    ///
    /// It handles whole runs of the state at a time, which is several times as fast as word by word.
    #[inline(always)]
    pub(crate) fn fill<T>(&mut self, mut out: &mut [T], convert: impl Fn(u32) -> T) {
        while !out.is_empty() {
            if self.next == N {
                self.twist();
            }
            let run = out.len().min(N - self.next);
            let (now, later) = out.split_at_mut(run);
            for (value, &word) in now.iter_mut().zip(&self.state[self.next..]) {
                *value = convert(temper(word));
            }
            self.next += run;
            out = later;
        }
    }

    /// Drops the next `count` words.
    pub(crate) fn skip(&mut self, count: usize) {
        (0..count).for_each(|_| _ = self.next_u32());
    }

    /// Replaces the state by the next one. There are three loops, so that no index needs a remainder.
    fn twist(&mut self) {
        let x = &mut self.state;
        for k in 0..N - M {
            x[k] = x[k + M] ^ mix(x[k], x[k + 1]);
        }
        for k in N - M..N - 1 {
            x[k] = x[k + M - N] ^ mix(x[k], x[k + 1]);
        }
        x[N - 1] = x[M - 1] ^ mix(x[N - 1], x[0]);
        self.next = 0;
        self.fresh = false;
    }
}

/// Engines are equal if they will produce the same words.
impl PartialEq for Mt19937 {
    fn eq(&self, other: &Self) -> bool {
        self.next == other.next && self.state == other.state
    }
}

/// Prints the position only, not the 624 words.
impl fmt::Debug for Mt19937 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mt19937").field("next", &self.next).finish_non_exhaustive()
    }
}

/// The number of seeds that are tried at once: two vectors of AVX2 hide most of a step's latency behind each other.
pub(crate) const LANES: usize = 16;

/// One word of every seed of a batch.
pub(crate) type Lanes = [u32; LANES];

/// The words number `skipped` and after of the seeds `first`, `first` + 1, … . `state` is working memory of `N` entries.
///
/// Word i needs words i, i + 1 and i + M of the seeding, so the first N − M words of an engine need part of it only.
#[inline(always)]
pub(crate) fn words_of_seeds(state: &mut [Lanes], first: u32, skipped: usize, out: &mut [Lanes]) {
    let end = skipped + out.len();
    let mut last: Lanes = std::array::from_fn(|l| first.wrapping_add(l as u32));
    state[0] = last;
    for (i, word) in state.iter_mut().enumerate().take((end + M).min(N)).skip(1) {
        last = last.map(|before| seeded(before, i));
        *word = last;
    }
    for start in (0..end).step_by(N) {
        let count = N.min(end - start);
        for k in 0..count {
            let (now, next, far) = (state[k], state[(k + 1) % N], state[(k + M) % N]);
            for l in 0..LANES {
                state[k][l] = far[l] ^ mix(now[l], next[l]);
            }
        }
        for (i, words) in (skipped..).zip(&mut *out).filter(|(i, _)| (start..start + count).contains(i)) {
            *words = state[i - start].map(temper);
        }
    }
}

/// Word i of the seeding, from the word before it.
#[inline(always)]
fn seeded(last: u32, i: usize) -> u32 {
    1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32)
}

/// One word of `init_by_array`: x ⊕ (the word before it, mixed)·`factor`.
fn stir(x: u32, before: u32, factor: u32) -> u32 {
    x ^ (before ^ (before >> 30)).wrapping_mul(factor)
}

/// The index after `i`. At the end of the state the last word is copied to index 0, the predecessor of index 1.
fn step(x: &mut [u32; N], i: usize) -> usize {
    if i + 1 < N {
        return i + 1;
    }
    x[0] = x[N - 1];
    1
}

/// (upper bit of `a` | lower bits of `b`)·A, a product of bits.
#[inline(always)]
fn mix(a: u32, b: u32) -> u32 {
    let y = (a & UPPER) | (b & LOWER);
    // All ones if b is odd: a mask instead of a branch, so that the loop becomes vector code.
    (y >> 1) ^ ((b & 1).wrapping_neg() & MATRIX)
}

/// The output function: a fixed invertible mixing of one word's bits.
#[inline(always)]
fn temper(mut y: u32) -> u32 {
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c_5680;
    y ^= (y << 15) & 0xefc6_0000;
    y ^ (y >> 18)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_stability() {
        let mut engine = Mt19937::init_genrand(5489);
        assert_eq!(engine.next_u32(), 3_499_211_612);
        // The 10,000th word, which the C++ standard specifies for `std::mt19937`.
        let mut words = [0; 9999];
        engine.fill(&mut words, |word| word);
        assert_eq!(words[9998], 4_123_659_995);
    }

    #[test]
    fn value_stability_of_arrays() {
        // The first words of `mt19937ar.out`, which the authors publish with their code.
        let mut engine = Mt19937::init_by_array(&[0x123, 0x234, 0x345, 0x456]);
        assert_eq!([0; 3].map(|_| engine.next_u32()), [1_067_595_299, 955_945_823, 477_289_528]);
    }

    #[test]
    fn fill_equals_word_by_word() {
        for skip in [0, 1, 623, 624, 625] {
            let mut one = Mt19937::init_genrand(7);
            (0..skip).for_each(|_| _ = one.next_u32());
            let mut many = one.clone();
            let mut words = vec![0; 1500];
            many.fill(&mut words, |word| word);
            assert_eq!(words, (0..1500).map(|_| one.next_u32()).collect::<Vec<_>>());
            assert_eq!(one, many);
        }
    }
}
