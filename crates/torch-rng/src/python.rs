//! Python's own `random`: the same engine, with other seeding and other conversions.
//!
//! PyTorch programs often shuffle their data with it. The numbers are those of Python 3.2 and later, which draws
//! indices by bits (recorded from 3.11). Before that, `shuffle`, `choice`, `sample` and `randrange` scaled `random()`.
//!
//! ```
//! use torch_rng::python::Random;
//!
//! // rng = random.Random(42); words = ["emma", "olivia", "ava", "isabella"]; rng.shuffle(words)
//! let mut random = Random::seed(42);
//! let mut words = ["emma", "olivia", "ava", "isabella"];
//! random.shuffle(&mut words);
//! assert_eq!(words, ["ava", "olivia", "isabella", "emma"]);
//! // rng.random()
//! assert_eq!(random.random(), 0.24489185380347622);
//! ```

use crate::mt19937::Mt19937;
use std::collections::HashSet;

/// Python's generator: the same numbers as `random.Random(seed)`, in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    engine: Mt19937,
}

impl Random {
    /// The generator of an integer seed. As in Python, the sign of the seed does not matter.
    ///
    /// Python's other seeds, hashes of texts and floats or the clock, are not available.
    pub fn seed(seed: impl Into<i128>) -> Self {
        let mut rest = seed.into().unsigned_abs();
        let mut key = vec![rest as u32];
        while rest >> 32 != 0 {
            rest >>= 32;
            key.push(rest as u32);
        }
        Self { engine: Mt19937::init_by_array(&key) }
    }

    /// x ~ U[0, 1), a multiple of 2⁻⁵³.
    pub fn random(&mut self) -> f64 {
        let high = u64::from(self.engine.next_u32() >> 5);
        let low = u64::from(self.engine.next_u32() >> 6);
        (high << 26 | low) as f64 / (1_u64 << 53) as f64
    }

    /// x ~ U[a, b], computed as a + (b − a)·`random()`; rounding may give b itself.
    pub fn uniform(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.random()
    }

    /// An integer of k random bits.
    ///
    /// # Panics
    /// If k is more than 64. Python has no such limit.
    #[track_caller]
    pub fn getrandbits(&mut self, k: u32) -> u64 {
        assert!(k <= 64, "getrandbits: k = {k} must not exceed 64");
        self.bits(k) as u64
    }

    /// A random integer from 0, …, n − 1.
    ///
    /// Integers of this type are `u64` and `i64`, to cover Python's ranges; indices are `usize`.
    ///
    /// # Panics
    /// If n is 0.
    #[track_caller]
    pub fn randrange(&mut self, n: u64) -> u64 {
        assert!(n > 0, "randrange: n must be at least 1");
        self.below(n.into()) as u64
    }

    /// A random integer from a, …, b, both included.
    ///
    /// # Panics
    /// If `a > b`.
    #[track_caller]
    pub fn randint(&mut self, a: i64, b: i64) -> i64 {
        assert!(a <= b, "randint: a = {a} must not exceed b = {b}");
        let range = b.abs_diff(a);
        a.wrapping_add(self.below(u128::from(range) + 1) as i64)
    }

    /// A random item.
    ///
    /// # Panics
    /// If there are no items.
    #[track_caller]
    pub fn choice<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        assert!(!items.is_empty(), "choice: there must be at least one item");
        &items[self.index(items.len())]
    }

    /// Puts the items in random order: from the last one on, each is swapped with one at or before its index.
    ///
    /// This is `shuffle(x)`. With the argument `random`, which Python 3.11 removed, it was another algorithm.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }

    /// k distinct indices from 0, …, n − 1 in random order: `sample(range(n), k)`, or the indices of any sample.
    ///
    /// # Panics
    /// If k is more than n.
    #[track_caller]
    pub fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        assert!(k <= n, "sample: k = {k} must not exceed n = {n}");
        // Python's estimate of the size of a set with k elements, in list entries.
        let set = 21 + if k > 5 { 4_usize.pow((3 * k).ilog(4) + 1) } else { 0 };
        if n <= set { self.sample_from_list(n, k) } else { self.sample_by_set(n, k) }
    }

    /// Each chosen index is replaced by the last one still in the list.
    fn sample_from_list(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut pool: Vec<usize> = (0..n).collect();
        (0..k).map(|i| pool.swap_remove(self.index(n - i))).collect()
    }

    /// Draws each index until it is new.
    fn sample_by_set(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut drawn = HashSet::with_capacity(k);
        let mut fresh = || loop {
            let index = self.index(n);
            if drawn.insert(index) {
                return index;
            }
        };
        (0..k).map(|_| fresh()).collect()
    }

    fn index(&mut self, n: usize) -> usize {
        self.below(n as u128) as usize
    }

    /// A random integer from 0, …, n − 1: as many bits as n has, drawn again until they are less than n.
    fn below(&mut self, n: u128) -> u128 {
        let k = u128::BITS - n.leading_zeros();
        loop {
            let draw = self.bits(k);
            if draw < n {
                return draw;
            }
        }
    }

    /// k random bits: one word for each 32, the lowest first, and the upper bits of another word for the rest.
    fn bits(&mut self, k: u32) -> u128 {
        let mut bits = 0;
        for at in (0..k).step_by(32) {
            let unwanted = 32_u32.saturating_sub(k - at);
            bits |= u128::from(self.engine.next_u32() >> unwanted) << at;
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn value_stability() {
        let mut random = Random::seed(42);
        assert_eq!(random.random(), 0.6394267984578837);
        assert_eq!(random.uniform(-1.0, 1.0), -0.9499784895546661);
        assert_eq!(random.getrandbits(40), 267_469_214_295);
        assert_eq!(random.randrange(27), 7);
        assert_eq!(random.randint(-5, 5), -3);
        assert_eq!(*random.choice(&['a', 'b', 'c']), 'c');
        assert_eq!(random.sample(10, 3), [1, 8, 9]);
        let mut items = [0, 1, 2, 3, 4];
        random.shuffle(&mut items);
        assert_eq!(items, [1, 2, 0, 3, 4]);
    }

    #[test]
    fn the_sign_of_a_seed_does_not_matter() {
        assert_eq!(Random::seed(-7), Random::seed(7));
        assert_ne!(Random::seed(1_i64 << 40), Random::seed(0));
        assert_ne!(Random::seed(i128::MIN), Random::seed(i128::MAX));
    }

    #[test]
    fn zero_bits_draw_no_word() {
        let mut random = Random::seed(1);
        assert_eq!(random.getrandbits(0), 0);
        assert_eq!(random.randint(3, 3), 3);
        assert_ne!(random, Random::seed(1), "a range of one still draws bits until one is zero");
    }

    #[test]
    fn the_range_of_all_integers_is_valid() {
        let mut random = Random::seed(1);
        let signs = [0; 64].map(|_| random.randint(i64::MIN, i64::MAX).signum());
        assert!(signs.contains(&1) && signs.contains(&-1));
    }

    #[test]
    #[should_panic(expected = "k = 65 must not exceed 64")]
    fn more_than_64_bits_are_refused() {
        Random::seed(1).getrandbits(65);
    }

    #[test]
    #[should_panic(expected = "n must be at least 1")]
    fn an_empty_range_is_refused() {
        Random::seed(1).randrange(0);
    }

    #[test]
    #[should_panic(expected = "a = 1 must not exceed b = 0")]
    fn bounds_in_the_wrong_order_are_refused() {
        Random::seed(1).randint(1, 0);
    }

    #[test]
    #[should_panic(expected = "there must be at least one item")]
    fn a_choice_from_no_items_is_refused() {
        Random::seed(1).choice::<u8>(&[]);
    }

    #[test]
    #[should_panic(expected = "k = 3 must not exceed n = 2")]
    fn a_sample_larger_than_its_population_is_refused() {
        Random::seed(1).sample(2, 3);
    }

    proptest! {
        #[test]
        fn samples_are_distinct_indices(seed: i64, n in 0..3000_usize, fraction in 0.0..1.0_f64) {
            let k = (n as f64 * fraction) as usize;
            let mut sample = Random::seed(seed).sample(n, k);
            prop_assert!(sample.iter().all(|&index| index < n));
            sample.sort_unstable();
            sample.dedup();
            prop_assert_eq!(sample.len(), k);
        }
    }
}
