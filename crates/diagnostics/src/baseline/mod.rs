//! Statistical regression tests: a file of the statistics of many seeds, and the changes since.
//!
//! An initialisation is random, so its numbers cannot be compared digit by digit. A [`Baseline`] holds, for every
//! [`Statistic`], its mean and spread over some seeds and the number of seeds at which it was not a number. A check
//! measures again **with other seeds** and reports the statistics that moved by more than chance allows. Another generator
//! or another CPU passes; a missing gain, swapped fans or a std that is 5% off do not.
//!
//! ```no_run
//! use diagnostics::Summary;
//! use diagnostics::baseline::{Statistic, guard};
//!
//! # fn weights(seed: u64) -> Vec<f32> { vec![seed as f32] }
//! // In a test. To record the baseline: STEP_ZERO_BASELINE=accept cargo test
//! guard(concat!(env!("CARGO_MANIFEST_DIR"), "/baselines/mlp.json"), |seed| {
//!     let w1 = Summary::of(&weights(seed));
//!     [Statistic::linear("W1", "mean", w1.mean()), Statistic::log("W1", "std", w1.std())]
//! });
//! ```
//!
//! **The guarantee.** If nothing changed but the random numbers, the probability that a check of one baseline reports any
//! statistic as moved is at most α, the family-wise rate of false alarms, whatever the number of statistics (Holm 1979). α
//! is 0.001 unless [`GuardSettings`] say otherwise. Seeds are fixed, so one state of the code always gives the same result:
//! an alarm does not come and go.
//!
//! **The test.** For each statistic, the difference of the means is divided by the larger of Welch's and the pooled standard
//! error, and compared with Student's t at the degrees of freedom of Welch (1947) and Satterthwaite (1946). Welch's error
//! alone allows for a changed spread, but has up to 27 times its nominal rate of false alarms at 1e-6 if statistics have few
//! or bounded values, because one group may show no spread by chance. The pooled error has no such flaw, since both groups
//! have the same spread if nothing changed. Together they stay at or below the nominal rate for nineteen distributions from
//! two-valued to Cauchy, from 16 seeds per side on; `examples/baseline_rates.rs` measures that. NaN, infinity, and zeros of a
//! statistic that is compared by its logarithm do not enter the means: the numbers of seeds that have them are compared by
//! Fisher's exact test.
//!
//! **Power.** With the default 64 seeds recorded and 32 checked, 60 statistics and α = 0.001, a mean must move by 4.7
//! standard errors, which is 1.0 times the spread over seeds. The std of 1,000 normal weights has a spread of 2.2%: a change
//! of 5% is found with a probability above 99.9%, a change of 2% in about one case of three. With more seeds, the smallest
//! change that is found falls with their square root.
//!
//! **Rounding.** The last digits of sums depend on the CPU, so relative differences up to [`ROUNDING`] do not count. For a
//! statistic that is the same at every seed, such as the std of a zero bias, this alone decides. A value that is only
//! rounding, such as a mean after layer norm, needs [`Statistic::rounding`].

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
