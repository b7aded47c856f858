//! Integers: one draw modulo the range, or two draws if one has too few bits.

use crate::Generator;

/// From this range on, `randint` draws 64 bits, as in PyTorch 2.15; older releases draw 32 bits up to 2³².
const WIDE_RANDINT: u64 = 1 << 28;
/// From this length on, `randperm` draws 64 bits.
const WIDE_RANDPERM: u64 = u32::MAX as u64 / 20;

impl Generator {
    /// `out[i] ~ U{lo, …, hi − 1}`: lo + draw mod (hi − lo), as `torch.randint(lo, hi, …)` draws.
    ///
    /// The integers are `i64`, as in PyTorch, where bounds may be negative. Indices and counts are `usize` throughout
    /// this crate.
    ///
    /// # Panics
    /// If `lo ≥ hi`.
    #[track_caller]
    pub fn randint(&mut self, lo: i64, hi: i64, out: &mut [i64]) {
        assert!(lo < hi, "randint: lo = {lo} must be less than hi = {hi}");
        // Wrapping, because an i64 cannot hold the range of all integers.
        let range = hi.wrapping_sub(lo) as u64;
        for value in out {
            let draw =
                if range < WIDE_RANDINT { self.engine.next_u32().into() } else { self.engine.next_u64() };
            *value = lo.wrapping_add((draw % range) as i64);
        }
    }

    /// A permutation of 0, …, n − 1, as `torch.randperm(n)` draws it.
    ///
    /// The element at index i is swapped with the one at i + draw mod (n − i), for i = 0, …, n − 2. From
    /// n = 214,748,364 on, PyTorch builds the permutation from the front with 64-bit draws: i goes to index draw mod
    /// (i + 1), and the element there to index i.
    pub fn randperm(&mut self, n: usize) -> Vec<usize> {
        if (n as u64) < WIDE_RANDPERM { self.shuffled(n) } else { self.inside_out(n) }
    }

    fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = (0..n).collect();
        for i in 0..n.saturating_sub(1) {
            let step = self.engine.next_u32() as usize % (n - i);
            indices.swap(i, i + step);
        }
        indices
    }

    fn inside_out(&mut self, n: usize) -> Vec<usize> {
        let mut indices: Vec<usize> = Vec::with_capacity(n);
        for i in 0..n {
            let other = (self.engine.next_u64() % (i as u64 + 1)) as usize;
            indices.push(i);
            indices.swap(i, other);
        }
        indices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn value_stability() {
        let mut out = [0; 4];
        Generator::manual_seed(42).randint(0, 27, &mut out);
        assert_eq!(out, [6, 23, 7, 22]);
        Generator::manual_seed(42).randint(0, 1 << 40, &mut out);
        assert_eq!(out, [441_507_790_259, 395_924_837_646, 458_615_280_711, 810_017_303_572]);
        assert_eq!(Generator::manual_seed(42).randperm(6), [0, 3, 2, 4, 1, 5]);
        assert_eq!(Generator::manual_seed(42).inside_out(6), [3, 0, 5, 4, 1, 2]);
    }

    #[test]
    #[should_panic(expected = "lo = 3 must be less than hi = 3")]
    fn an_empty_range_is_refused() {
        Generator::manual_seed(1).randint(3, 3, &mut []);
    }

    fn is_permutation(mut indices: Vec<usize>) -> bool {
        indices.sort_unstable();
        indices.iter().zip(0..).all(|(&index, i)| index == i)
    }

    #[test]
    fn a_repeated_index_is_rejected() {
        assert!(is_permutation(vec![2, 0, 1]));
        assert!(!is_permutation(vec![2, 0, 2]));
    }

    proptest! {
        #[test]
        fn randperm_is_a_permutation(seed: u64, n in 0..2000_usize) {
            let mut generator = Generator::manual_seed(seed);
            for indices in [generator.randperm(n), generator.inside_out(n)] {
                prop_assert_eq!(indices.len(), n);
                prop_assert!(is_permutation(indices));
            }
        }

        #[test]
        fn integers_are_between_their_bounds(seed: u64, a: i64, b: i64, narrow in 1..1000_i64) {
            prop_assume!(a != b);
            let mut generator = Generator::manual_seed(seed);
            let mut out = [0; 50];
            for (lo, hi) in [(a.min(b), a.max(b)), (-narrow, narrow)] {
                generator.randint(lo, hi, &mut out);
                prop_assert!(out.iter().all(|i| (lo..hi).contains(i)));
            }
        }
    }
}
