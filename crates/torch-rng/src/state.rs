//! Saving and restoring a generator, in the bytes of `torch.Generator.get_state()`.
//!
//! | bytes | content |
//! |---|---|
//! | 0–7 | the seed |
//! | 8–11 | `left`: 1 for a seeded generator, else 625 − `next` |
//! | 12–15 | 1: it has been seeded |
//! | 16–23 | `next`: 0 for a seeded generator, else the number of words drawn from the state, 1 to 624 |
//! | 24–5015 | the 624 words of the engine, each in 64 bits |
//! | 5024–5031 | the spare normal number, a double |
//! | 5040–5043 | 1 if there is a spare, else 0 |
//! | 5052 | 1 if there is a spare in single precision: no release that saves 5056 bytes leaves one |
//!
//! All other bytes are 0. Numbers are little-endian.

use crate::Generator;
use crate::mt19937::{Mt19937, N};
use std::fmt;

const LEN: usize = 5056;
const LEFT: usize = 8;
const SEEDED: usize = 12;
const NEXT: usize = 16;
const WORDS: usize = 24;
const SPARE: usize = 5024;
const HAS_SPARE: usize = 5040;
const HAS_SINGLE: usize = 5052;

/// The reason why some bytes are not the state of a generator.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StateError {
    /// The number of bytes is wrong; this is the number.
    Length(usize),
    /// The generator was never seeded; this is the flag, which should be 1.
    Seeded(u32),
    /// `left` and `next` do not agree on the engine's position.
    Position {
        /// The number of words left, plus one.
        left: u32,
        /// The number of words drawn.
        next: u64,
    },
    /// A word of the engine has more than 32 bits.
    Word {
        /// Its index.
        index: usize,
        /// Its value.
        value: u64,
    },
    /// The spare normal is not a finite number, or its flag is neither 0 nor 1.
    Spare {
        /// The spare.
        value: f64,
        /// The flag.
        flag: u32,
    },
    /// There is a spare normal in single precision, which PyTorch's samplers never use.
    SinglePrecision,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(n) => {
                write!(f, "the state has {n} bytes; that of a CPU generator has {LEN}")
            }
            Self::Seeded(flag) => {
                write!(f, "the state was never seeded: byte {SEEDED} is {flag}; expected 1")
            }
            Self::Position { left, next } => {
                write!(
                    f,
                    "the state's position is inconsistent: left = {left} and next = {next} must add up to 625"
                )
            }
            Self::Word { index, value } => {
                write!(f, "word {index} of the state has more than 32 bits: {value:#x}")
            }
            Self::Spare { value, flag } => {
                write!(
                    f,
                    "the state's spare normal is {value} and its flag {flag}; expected a finite number and 0 or 1"
                )
            }
            Self::SinglePrecision => {
                write!(
                    f,
                    "byte {HAS_SINGLE} of the state marks a single-precision spare, which is never drawn; expected 0"
                )
            }
        }
    }
}

impl std::error::Error for StateError {}

impl Generator {
    /// The state as PyTorch saves it: the bytes of `generator.get_state()`.
    ///
    /// ```
    /// use torch_rng::Generator;
    ///
    /// let mut generator = Generator::manual_seed(42);
    /// generator.randperm(1000);
    /// let saved = generator.state();
    /// let mut resumed = Generator::from_state(&saved)?;
    /// assert_eq!(resumed.randperm(9), generator.randperm(9));
    /// # Ok::<(), torch_rng::StateError>(())
    /// ```
    pub fn state(&self) -> Vec<u8> {
        let mut bytes = vec![0; LEN];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        let (words, next) = self.engine.position();
        put(0, &self.seed.to_le_bytes());
        put(
            LEFT,
            &[next.map_or(1, |next| (N + 1 - next) as u32).to_le_bytes(), 1_u32.to_le_bytes()].concat(),
        );
        put(NEXT, &(next.unwrap_or(0) as u64).to_le_bytes());
        for (i, &word) in words.iter().enumerate() {
            put(WORDS + 8 * i, &word.to_le_bytes());
        }
        if let Some(spare) = self.spare {
            put(SPARE, &spare.to_le_bytes());
            put(HAS_SPARE, &[1]);
        }
        bytes
    }

    /// The generator of a state, as after `generator.set_state(bytes)`.
    ///
    /// # Errors
    /// If the number of bytes is not that of a CPU generator, or if they contradict each other. PyTorch refuses a wrong
    /// length, a missing seed and a position out of bounds. This function also refuses states that PyTorch would never
    /// write, and whose contents it would read differently.
    pub fn from_state(bytes: &[u8]) -> Result<Self, StateError> {
        let bytes: &[u8; LEN] = bytes.try_into().map_err(|_| StateError::Length(bytes.len()))?;
        if u32_at(bytes, SEEDED) != 1 {
            return Err(StateError::Seeded(u32_at(bytes, SEEDED)));
        }
        if bytes[HAS_SINGLE] != 0 {
            return Err(StateError::SinglePrecision);
        }
        let engine = Mt19937::resume(words(bytes)?, position(bytes)?);
        Ok(Self { seed: u64_at(bytes, 0), engine, spare: spare(bytes)? })
    }
}

/// `next`; `None` for a seeded engine from which nothing has been drawn.
fn position(bytes: &[u8; LEN]) -> Result<Option<usize>, StateError> {
    match (u32_at(bytes, LEFT), u64_at(bytes, NEXT)) {
        (1, 0) => Ok(None),
        (left @ 1..=624, next) if next == u64::from(625 - left) => Ok(Some(next as usize)),
        (left, next) => Err(StateError::Position { left, next }),
    }
}

fn words(bytes: &[u8; LEN]) -> Result<[u32; N], StateError> {
    let mut words = [0; N];
    for (index, word) in words.iter_mut().enumerate() {
        let value = u64_at(bytes, WORDS + 8 * index);
        *word = u32::try_from(value).map_err(|_| StateError::Word { index, value })?;
    }
    Ok(words)
}

fn spare(bytes: &[u8; LEN]) -> Result<Option<f64>, StateError> {
    let value = f64::from_bits(u64_at(bytes, SPARE));
    match u32_at(bytes, HAS_SPARE) {
        0 => Ok(None),
        1 if value.is_finite() => Ok(Some(value)),
        flag => Err(StateError::Spare { value, flag }),
    }
}

fn u64_at(bytes: &[u8; LEN], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn u32_at(bytes: &[u8; LEN], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;
    use proptest::prelude::*;

    #[test]
    fn a_state_has_its_position() {
        let mut generator = Generator::manual_seed((1 << 32) + 5);
        let at = |generator: &Generator| {
            let state = generator.state();
            let state: &[u8; LEN] = state.as_slice().try_into().expect("a state has LEN bytes");
            (u32_at(state, LEFT), u64_at(state, NEXT), u32_at(state, HAS_SPARE))
        };
        assert_eq!(generator.state()[..16], [5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(at(&generator), (1, 0, 0));
        generator.uniform(0.0, 1.0, &mut [0_f32]);
        assert_eq!(at(&generator), (624, 1, 0));
        generator.uniform(0.0, 1.0, &mut [0_f32; 623]);
        assert_eq!(at(&generator), (1, 624, 0));
        generator.normal(0.0, 1.0, &mut [0_f32]);
        assert_eq!(at(&generator), (621, 4, 1));
    }

    /// The error for the state of seed 42 after one draw and one normal, with `value` written at `at`.
    fn refusal(at: usize, value: &[u8]) -> String {
        let mut generator = Generator::manual_seed(42);
        generator.uniform(0.0, 1.0, &mut [0_f32]);
        generator.normal(0.0, 1.0, &mut [0_f32]);
        let mut state = generator.state();
        assert_eq!(Generator::from_state(&state).as_ref(), Ok(&generator));
        state[at..at + value.len()].copy_from_slice(value);
        Generator::from_state(&state).expect_err("a corrupt state").to_string()
    }

    #[test]
    fn corrupt_bytes_are_refused() {
        let short = Generator::from_state(&[0; 16]).expect_err("the length of a GPU's state");
        assert_eq!(short.to_string(), "the state has 16 bytes; that of a CPU generator has 5056");
        assert!(refusal(SEEDED, &[0]).contains("byte 12 is 0; expected 1"));
        assert!(refusal(LEFT, &[0; 4]).ends_with("left = 0 and next = 5 must add up to 625"));
        assert!(refusal(NEXT, &[6]).ends_with("left = 620 and next = 6 must add up to 625"));
        assert!(refusal(NEXT + 7, &[1]).contains("next = 72057594037927941"));
        assert!(
            refusal(WORDS + 8 * 623 + 4, &[1])
                .starts_with("word 623 of the state has more than 32 bits: 0x1")
        );
        assert!(refusal(HAS_SPARE, &[2]).contains("its flag 2;"));
        assert!(refusal(SPARE, &f64::NAN.to_le_bytes()).contains("is NaN and its flag 1;"));
        assert!(refusal(HAS_SINGLE, &[1]).contains("single-precision"));
    }

    proptest! {
        #[test]
        fn a_generator_is_restored(seed: u64, words in 0..1300_usize, normals in 0..3_usize) {
            let mut generator = Generator::manual_seed(seed);
            Source::<f32>::uniform(&mut generator, 0.0, 1.0, &mut vec![0.0; words]);
            Source::<f64>::normal(&mut generator, 0.0, 1.0, &mut vec![0.0; normals]);
            let state = generator.state();
            let back = Generator::from_state(&state).expect("a state");
            prop_assert_eq!(&back, &generator);
            prop_assert_eq!(back.initial_seed(), seed);
            prop_assert_eq!(back.state(), state);
        }
    }
}
