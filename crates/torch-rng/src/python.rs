//! Python's own `random`: the same engine, seeded and read differently.
//!
//! Programs in PyTorch often shuffle their data with it. The numbers are those of Python 3.2 and later, where indices
//! are drawn by bits (recorded from 3.11); before that, `shuffle`, `choice`, `sample` and `randrange` scaled `random()`.
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
    /// The generator of an integer seed, of which Python takes the absolute value.
    ///
    /// Python's other seeds are hashes (of texts and floats) or the clock; they are not here.
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

    /// x ~ U[a, b] as a + (b − a)·`random()`; rounding may give b itself.
    pub fn uniform(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.random()
    }

    /// An integer of k random bits.
    ///
    /// # Panics
    /// If k is more than 64, where Python's integers go on.
    #[track_caller]
    pub fn getrandbits(&mut self, k: u32) -> u64 {
        assert!(k <= 64, "getrandbits: k = {k} must not exceed 64");
        self.bits(k) as u64
    }

    /// One of 0, …, n − 1.
    ///
    /// # Panics
    /// If n is 0.
    #[track_caller]
    pub fn randrange(&mut self, n: u64) -> u64 {
        assert!(n > 0, "randrange: n = 0 leaves nothing to choose from");
        self.below(n.into()) as u64
    }

    /// One of a, …, b, both included.
    ///
    /// # Panics
    /// If `a > b`.
    #[track_caller]
    pub fn randint(&mut self, a: i64, b: i64) -> i64 {
        assert!(a <= b, "randint: a = {a} must not exceed b = {b}");
        let range = b.abs_diff(a);
        a.wrapping_add(self.below(u128::from(range) + 1) as i64)
    }

    /// One of the items.
    ///
    /// # Panics
    /// If there are none.
    #[track_caller]
    pub fn choice<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        assert!(!items.is_empty(), "choice: there is nothing to choose from");
        &items[self.index(items.len())]
    }

    /// Puts the items in random order: from the last on, each changes with one at or before its place.
    ///
    /// As `shuffle(x)`; the argument `random`, which Python 3.11 took away, was another algorithm.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }

    /// k different places of 0, …, n − 1 in random order: `sample(range(n), k)`, or the indices of any sample.
    ///
    /// # Panics
    /// If k is more than n.
    #[track_caller]
    pub fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        assert!(k <= n, "sample: k = {k} must not exceed n = {n}");
        // Python's estimate of what a set of k takes, in list entries.
        let set = 21 + if k > 5 { 4_usize.pow((3 * k).ilog(4) + 1) } else { 0 };
        if n <= set { self.sample_from_list(n, k) } else { self.sample_by_set(n, k) }
    }

    /// Each chosen place is taken over by the last one still in the list.
    fn sample_from_list(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut pool: Vec<usize> = (0..n).collect();
        (0..k).map(|i| pool.swap_remove(self.index(n - i))).collect()
    }

    /// Draws until a place is new.
    fn sample_by_set(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut seen = HashSet::with_capacity(k);
        let mut fresh = || loop {
            let place = self.index(n);
            if seen.insert(place) {
                return place;
            }
        };
        (0..k).map(|_| fresh()).collect()
    }

    fn index(&mut self, n: usize) -> usize {
        self.below(n as u128) as usize
    }

    /// One of 0, …, n − 1: as many bits as n has, drawn until they are less.
    fn below(&mut self, n: u128) -> u128 {
        let k = u128::BITS - n.leading_zeros();
        loop {
            let draw = self.bits(k);
            if draw < n {
                return draw;
            }
        }
    }

    /// k random bits: a word for each 32, the lowest first; the rest are the upper bits of one more.
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
    fn seeds_count_by_their_size() {
        assert_eq!(Random::seed(-7), Random::seed(7));
        assert_ne!(Random::seed(1_i64 << 40), Random::seed(0));
        assert_ne!(Random::seed(i128::MIN), Random::seed(i128::MAX));
    }

    #[test]
    fn no_bits_draw_nothing() {
        let mut random = Random::seed(1);
        assert_eq!(random.getrandbits(0), 0);
        assert_eq!(random.randint(3, 3), 3);
        assert_ne!(random, Random::seed(1), "a range of one still draws one bit until it is zero");
    }

    #[test]
    fn all_integers_are_a_range() {
        let mut random = Random::seed(1);
        let signs = [0; 64].map(|_| random.randint(i64::MIN, i64::MAX).signum());
        assert!(signs.contains(&1) && signs.contains(&-1));
    }

    #[test]
    #[should_panic(expected = "k = 65 must not exceed 64")]
    fn more_bits_than_fit_are_refused() {
        Random::seed(1).getrandbits(65);
    }

    #[test]
    #[should_panic(expected = "n = 0 leaves nothing")]
    fn an_empty_range_is_refused() {
        Random::seed(1).randrange(0);
    }

    #[test]
    #[should_panic(expected = "a = 1 must not exceed b = 0")]
    fn bounds_in_the_wrong_order_are_refused() {
        Random::seed(1).randint(1, 0);
    }

    #[test]
    #[should_panic(expected = "there is nothing to choose from")]
    fn a_choice_of_nothing_is_refused() {
        Random::seed(1).choice::<u8>(&[]);
    }

    #[test]
    #[should_panic(expected = "k = 3 must not exceed n = 2")]
    fn a_sample_larger_than_its_population_is_refused() {
        Random::seed(1).sample(2, 3);
    }

    proptest! {
        #[test]
        fn samples_are_different_places(seed: i64, n in 0..3000_usize, share in 0.0..1.0_f64) {
            let k = (n as f64 * share) as usize;
            let mut sample = Random::seed(seed).sample(n, k);
            prop_assert!(sample.iter().all(|&place| place < n));
            sample.sort_unstable();
            sample.dedup();
            prop_assert_eq!(sample.len(), k);
        }
    }
}
