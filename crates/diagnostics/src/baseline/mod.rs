//! Statistical regression tests: the statistics of many seeds in a file, and what has moved since.
//!
//! An initialisation is random, so its numbers cannot be compared digit by digit. A [`Baseline`] holds what every
//! [`Statistic`] was over some seeds: its mean, its spread, how often it was no number. A check measures
//! again **with other seeds**, and says which statistics moved by more than chance allows. Another generator or
//! another CPU passes; a gain that was dropped, fans that were swapped, a deviation that is 5 % off do not.
//!
//! ```no_run
//! use diagnostics::baseline::{self, Statistic};
//!
//! # fn weights(seed: u64) -> Vec<f32> { vec![seed as f32] }
//! // In a test. The first run: STEP_ZERO_BASELINE=accept cargo test
//! baseline::guard(concat!(env!("CARGO_MANIFEST_DIR"), "/baselines/mlp.json"), |seed| {
//!     let w1 = diagnostics::Summary::of(&weights(seed));
//!     [Statistic::linear("W1", "mean", w1.mean()), Statistic::log("W1", "std", w1.std())]
//! });
//! ```
//!
//! **The promise.** If nothing changed but the random numbers, a check of one baseline says "moved" about any of its
//! statistics with a probability of at most α, the family-wise rate of false alarms: 0.001 unless
//! [`GuardSettings`] say otherwise, whatever the number of statistics (Holm 1979). Seeds are fixed, so the verdict on
//! one state of the code is always the same: an alarm does not come and go.
//!
//! **The test.** Per statistic, the difference of the means over its standard error, the larger of Welch's and the pooled
//! one, against Student's t with the degrees of freedom of Welch (1947) and Satterthwaite (1946). Welch alone allows
//! for a spread that changed, but has up to 27 times its nominal false alarms at 1e-6 where statistics have few
//! or bounded values: one group may show no spread by luck. The pooled error does not fall for that, since under the
//! hypothesis that nothing changed both groups have one spread. Together they stay at or below the
//! nominal rate for nineteen laws from two-valued to Cauchy, from 16 seeds a side on; `examples/baseline_rates.rs`
//! measures that again. NaN and infinity, and zeros of a statistic that is compared by its logarithm, are no part
//! of the means: how many seeds showed them is compared by Fisher's exact test.
//!
//! **What is found.** With the default 64 seeds recorded and 32 checked, 60 statistics and α = 0.001, the mean must
//! move by 4.7 standard errors, that is 1.0 spread over seeds. The std of 1,000 normal weights has a spread of 2.2 %: a
//! change of 5 % is found with a probability above 99.9 %, one of 2 % in about one case of three. More seeds find
//! less, by the square root.
//!
//! **Rounding.** Sums depend on the CPU in their last digits, so a relative difference up to [`ROUNDING`] is
//! none, and this alone decides where a statistic is the same at every seed, as the std of a zero bias is. A value that
//! is nothing but rounding, as a mean after layer norm, needs [`Statistic::rounding`].

mod chance;
mod compare;
mod error;
mod file;
mod gather;
mod guard;
mod holm;
mod json;
mod record;
mod sample;
mod table;

pub use crate::show::{ComparisonScale, Statistic};
pub use compare::{Aspect, BaselineChange, BaselineComparison, ROUNDING};
pub use error::BaselineError;
pub use guard::{GuardSettings, VARIABLE, guard, guard_with};
pub use record::{Baseline, FEWEST_SEEDS};
pub use sample::SeedSample;
