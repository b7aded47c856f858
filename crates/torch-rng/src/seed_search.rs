//! The search for the seed of a tensor: on one core, all 2³² seeds take minutes.
//!
//! A seeding is a recurrence of 623 steps, each of which waits for the one before. Two things make the search fast. The
//! seeds of a batch stand side by side, so that a step is vector code. And the words that decide about a seed need only
//! part of its state: word i of the first 227 needs the steps up to i + 397. The remaining seeds, one in millions, are tried
//! with the generator itself.

use std::num::NonZero;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::mt19937::{self, LANES, Lanes, N};
use crate::{Generator, Source, check, normal, uniform};

/// A call of PyTorch that fills a tensor of single precision with random numbers.
///
/// ```
/// use torch_rng::{Generator, TensorDraw};
///
/// // torch.manual_seed(0); layer = torch.nn.Linear(3, 2)
/// let mut generator = Generator::manual_seed(0);
/// let bound = 1.0 / 3_f64.sqrt();
/// let default = TensorDraw::Uniform { lo: -bound, hi: bound };
/// let weight = [-0.0043225177, 0.30971584, -0.47518533, -0.4248946, -0.22236897, 0.15482073];
/// let bias = [-0.011439145, 0.45777494];
/// assert!(default.continues(&weight, &mut generator));
/// assert!(!default.continues(&weight, &mut generator), "the stream goes on with the bias");
/// assert!(default.continues(&bias, &mut generator));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TensorDraw {
    /// `tensor.uniform_(lo, hi)`: what `torch.rand`, `kaiming_uniform_`, `xavier_uniform_` and the default of most layers
    /// call.
    Uniform {
        /// The lower bound.
        lo: f64,
        /// The upper bound.
        hi: f64,
    },
    /// `tensor.normal_(mean, std)`: what `torch.randn`, `kaiming_normal_`, `xavier_normal_` and embeddings call.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation.
        std: f64,
    },
}

impl TensorDraw {
    /// Draws a tensor of PyTorch's numbers.
    fn fill(self, generator: &mut Generator, out: &mut [f32]) {
        match self {
            Self::Uniform { lo, hi } => generator.uniform(lo, hi, out),
            Self::Normal { mean, std } => generator.normal(mean, std, out),
        }
    }

    /// True if a tensor holds the numbers that the generator gives next, bit for bit. The generator then stands behind the
    /// tensor, and otherwise where it stood.
    ///
    /// This follows a model that was built in order from the seed of its first tensor.
    ///
    /// # Panics
    /// See [`Source`].
    pub fn continues(self, tensor: &[f32], generator: &mut Generator) -> bool {
        let mut behind = generator.clone();
        let mut drawn = vec![0.0; tensor.len()];
        self.fill(&mut behind, &mut drawn);
        let same = equal(&drawn, tensor);
        if same {
            *generator = behind;
        }
        same
    }

    #[track_caller]
    fn check(self) {
        match self {
            Self::Uniform { lo, hi } => check::bounds(lo, hi, f32::MAX.into()),
            Self::Normal { std, .. } => check::standard_deviation(std),
        }
    }
}

/// A tensor whose seed is searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DrawnTensor<'a> {
    /// The call that filled it.
    pub draw: TensorDraw,
    /// The number of its values, by which PyTorch chooses the algorithm of normal numbers.
    pub len: usize,
    /// Its first values, at most `len`. A single-precision value has 24 bits or fewer, so two are shared by one wrong seed
    /// in 2⁴⁰ or more, and four leave none.
    pub values: &'a [f32],
    /// The number of words that had been drawn since the seeding: 0 for the first tensor of a model. A call takes a word
    /// per value in single precision; normals of 16 values and more take 16 further ones unless the number is a multiple
    /// of 16, those of fewer take four per pair.
    pub skipped: usize,
}

/// The seeds of a range from which PyTorch's CPU generator draws a tensor, bit for bit, in ascending order.
///
/// Seeds have 32 bits here, because the generator uses no more of the 64 that `torch.manual_seed` takes: each result
/// stands for all seeds that are equal to it modulo 2³².
///
/// All cores search. The time per seed grows with `skipped`, slowly up to 200 and then in proportion; the benchmark in the
/// README has numbers. A program that shows its progress searches a long range in pieces.
///
/// ```
/// use torch_rng::{DrawnTensor, TensorDraw, find_seed};
///
/// // torch.manual_seed(1337); torch.empty(65, 32).normal_(0, 0.02)
/// let tensor = DrawnTensor {
///     draw: TensorDraw::Normal { mean: 0.0, std: 0.02 },
///     len: 65 * 32,
///     values: &[0.0036154317, -0.0013997619, -0.0071924697, -0.01830409],
///     skipped: 0,
/// };
/// assert_eq!(find_seed(&tensor, 0..=99_999), [1337]);
/// ```
///
/// # Panics
/// If there are no values or more than `len`, or if the parameters are those that [`Source`] refuses.
#[track_caller]
pub fn find_seed(tensor: &DrawnTensor, seeds: RangeInclusive<u32>) -> Vec<u32> {
    let (given, len) = (tensor.values.len(), tensor.len);
    assert!((1..=len).contains(&given), "find_seed: {given} values of a tensor of {len}");
    tensor.draw.check();
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let (start, end) = seeds.into_inner();
    let next = AtomicU64::new(start.into());
    let mut found = thread::scope(|scope| {
        let searches: Vec<_> = (0..threads).map(|_| scope.spawn(|| search(tensor, &next, end))).collect();
        searches
            .into_iter()
            .flat_map(|search| search.join().expect("a search does not panic"))
            .collect::<Vec<_>>()
    });
    found.sort_unstable();
    found
}

/// The number of seeds that a thread takes at a time: some milliseconds of work.
const SHARE: u64 = 1 << 16;

/// Takes shares of seeds from `next` until `end` has been tried.
fn search(tensor: &DrawnTensor, next: &AtomicU64, end: u32) -> Vec<u32> {
    let end = u64::from(end) + 1;
    let mut state = vec![[0; LANES]; N];
    let mut found = Vec::new();
    loop {
        let first = next.fetch_add(SHARE, Ordering::Relaxed);
        if first >= end {
            return found;
        }
        let seeds = first..end.min(first + SHARE);
        let mut candidates = Vec::new();
        pulp::Arch::new().dispatch(Sieve { tensor, state: &mut state, seeds, candidates: &mut candidates });
        found.extend(candidates.into_iter().filter(|&seed| tensor.is_from(seed)));
    }
}

impl DrawnTensor<'_> {
    /// True if the values are those of this seed.
    fn is_from(&self, seed: u32) -> bool {
        let mut generator = Generator::manual_seed(seed.into());
        generator.engine.skip(self.skipped);
        let mut drawn = vec![0.0; self.prefix()];
        self.draw.fill(&mut generator, &mut drawn);
        equal(&drawn[..self.values.len()], self.values)
    }

    /// The length of the shortest draw that begins with the given values. Normals are drawn in blocks of 16, and if a rest
    /// remains, the last 16 are drawn a second time.
    fn prefix(&self) -> usize {
        let given = self.values.len();
        let whole = given.next_multiple_of(normal::BLOCK);
        let redrawn = if self.len.is_multiple_of(normal::BLOCK) {
            self.len
        } else {
            self.len.saturating_sub(normal::BLOCK)
        };
        match self.draw {
            TensorDraw::Uniform { .. } => given,
            TensorDraw::Normal { .. } if self.len >= normal::BLOCK && given <= redrawn => whole,
            TensorDraw::Normal { .. } => self.len,
        }
    }
}

/// True if all bits are equal.
fn equal(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Finds the seeds whose first value has the right bits, as an operation that pulp also compiles for CPUs with AVX2 and
/// with AVX-512.
struct Sieve<'a> {
    tensor: &'a DrawnTensor<'a>,
    state: &'a mut [Lanes],
    seeds: std::ops::Range<u64>,
    candidates: &'a mut Vec<u32>,
}

impl pulp::WithSimd for Sieve<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        match self.tensor.draw {
            TensorDraw::Uniform { lo, hi } => {
                let (lo, hi) = (lo as f32, hi as f32);
                self.run::<1>(move |[word], l| uniform::from_word(word[l], lo, hi));
            }
            TensorDraw::Normal { mean, std } if self.tensor.len < normal::BLOCK => {
                self.run::<4>(move |words, l| normal::short_from_words(words.map(|word| word[l]), mean, std));
            }
            TensorDraw::Normal { mean, std } => {
                let (mean, std) = (mean as f32, std as f32);
                // The first value and the ninth are a pair.
                self.run::<9>(move |words, l| {
                    let [a, b] = [words[0][l], words[8][l]].map(|word| uniform::from_word(word, 0.0, 1.0));
                    normal::pair_f32(a, b, mean, std).0
                });
            }
        }
    }
}

impl Sieve<'_> {
    /// `first(words, l)` is the tensor's first value for the seed of lane l, whose next words are those.
    #[inline(always)]
    fn run<const WORDS: usize>(self, first: impl Fn(&[Lanes; WORDS], usize) -> f32) {
        let expected = self.tensor.values[0].to_bits();
        let mut words = [[0; LANES]; WORDS];
        for batch in self.seeds.clone().step_by(LANES) {
            mt19937::words_of_seeds(self.state, batch as u32, self.tensor.skipped, &mut words);
            let same: Lanes = std::array::from_fn(|l| u32::from(first(&words, l).to_bits() == expected));
            if same.iter().fold(0, |any, s| any | s) != 0 {
                let lanes = (batch..self.seeds.end).zip(same);
                self.candidates.extend(lanes.filter(|(_, s)| *s != 0).map(|(seed, _)| seed as u32));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn draws() -> impl Strategy<Value = TensorDraw> {
        let uniform =
            (-2.0..1.0, 0.01..3.0).prop_map(|(lo, width)| TensorDraw::Uniform { lo, hi: lo + width });
        let normal = (-1.0..1.0, 0.001..2.0).prop_map(|(mean, std)| TensorDraw::Normal { mean, std });
        prop_oneof![uniform, normal]
    }

    /// A tensor of `len` values after `skipped` words.
    fn drawn(seed: u32, draw: TensorDraw, len: usize, skipped: usize) -> Vec<f32> {
        let mut generator = Generator::manual_seed(seed.into());
        generator.engine.skip(skipped);
        let mut values = vec![0.0; len];
        draw.fill(&mut generator, &mut values);
        values
    }

    proptest! {
        /// Lengths around a block, words before and after the ends of a state, and all of the given values.
        #[test]
        fn the_seed_of_a_tensor_is_found_and_no_other(
            seed: u32,
            draw in draws(),
            len in 4..80_usize,
            given in 4..80_usize,
            skipped in prop_oneof![Just(0), 1..230_usize, 600..650_usize, 1240..1260_usize],
            (before, after) in (0..300_u32, 0..300_u32),
        ) {
            let tensor = drawn(seed, draw, len, skipped);
            let given = given.min(len);
            let search = DrawnTensor { draw, len, values: &tensor[..given], skipped };
            let range = seed.saturating_sub(before)..=seed.saturating_add(after);
            prop_assert_eq!(find_seed(&search, range), [seed]);

            let mut wrong = tensor.clone();
            wrong[given - 1] = wrong[given - 1].next_up();
            let search = DrawnTensor { values: &wrong[..given], ..search };
            prop_assert_eq!(find_seed(&search, seed..=seed), []);
        }

        #[test]
        fn words_of_seeds_are_those_of_the_engine(first: u32, skipped in 0..2000_usize) {
            let mut state = vec![[0; LANES]; N];
            let mut words = [[0; LANES]; 9];
            mt19937::words_of_seeds(&mut state, first, skipped, &mut words);
            for l in 0..LANES {
                let mut engine = mt19937::Mt19937::init_genrand(first.wrapping_add(l as u32));
                engine.skip(skipped);
                prop_assert!(words.iter().all(|word| word[l] == engine.next_u32()));
            }
        }
    }

    #[test]
    fn one_value_leaves_several_seeds_and_two_leave_one() {
        let draw = TensorDraw::Uniform { lo: 0.0, hi: 1.0 };
        let tensor = drawn(77, draw, 4, 0);
        let search = DrawnTensor { draw, len: 4, values: &tensor[..1], skipped: 0 };
        let found = find_seed(&search, 0..=(1 << 26));
        assert!(found.len() > 1 && found.contains(&77), "a fraction of 2⁻²⁴ by chance: {found:?}");
        assert_eq!(find_seed(&DrawnTensor { values: &tensor[..2], ..search }, 0..=(1 << 26)), [77]);
    }

    #[test]
    fn both_ends_of_all_seeds_are_tried() {
        let draw = TensorDraw::Normal { mean: 0.0, std: 1.0 };
        for seed in [0, u32::MAX] {
            let tensor = drawn(seed, draw, 32, 0);
            let search = DrawnTensor { draw, len: 32, values: &tensor[..4], skipped: 0 };
            assert_eq!(find_seed(&search, seed..=seed), [seed]);
        }
        let tensor = drawn(u32::MAX, draw, 32, 0);
        let search = DrawnTensor { draw, len: 32, values: &tensor[..4], skipped: 0 };
        assert_eq!(find_seed(&search, u32::MAX - 20..=u32::MAX), [u32::MAX]);
        assert_eq!(find_seed(&search, 0..=20), []);
    }

    #[test]
    fn another_length_is_another_tensor() {
        let draw = TensorDraw::Normal { mean: 0.0, std: 1.0 };
        let tensor = drawn(5, draw, 15, 0);
        let search = DrawnTensor { draw, len: 15, values: &tensor[..4], skipped: 0 };
        assert_eq!(find_seed(&search, 0..=100), [5]);
        assert_eq!(find_seed(&DrawnTensor { len: 16, ..search }, 0..=100), []);
    }

    #[test]
    fn a_generator_stays_where_a_tensor_does_not_continue_it() {
        let draw = TensorDraw::Uniform { lo: 0.0, hi: 1.0 };
        let mut generator = Generator::manual_seed(3);
        assert!(!draw.continues(&[0.5; 3], &mut generator));
        assert_eq!(generator, Generator::manual_seed(3));
        let first = drawn(3, draw, 20, 0);
        assert!(draw.continues(&first[..7], &mut generator));
        assert!(draw.continues(&first[7..], &mut generator));
        assert_ne!(generator, Generator::manual_seed(3));
    }

    #[test]
    #[should_panic(expected = "find_seed: 0 values of a tensor of 3")]
    fn no_values_are_refused() {
        let draw = TensorDraw::Uniform { lo: 0.0, hi: 1.0 };
        find_seed(&DrawnTensor { draw, len: 3, values: &[], skipped: 0 }, 0..=1);
    }

    #[test]
    #[should_panic(expected = "std = -1 must not be negative")]
    fn a_negative_std_is_refused() {
        let draw = TensorDraw::Normal { mean: 0.0, std: -1.0 };
        find_seed(&DrawnTensor { draw, len: 1, values: &[0.0], skipped: 0 }, 0..=1);
    }
}
