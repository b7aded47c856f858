//! A coordinate check as a test: the powers of the width or the depth with which activations, logits and their changes by
//! training grow, each with an interval, against a table of what the parametrisation promises.
//!
//! Yang et al. 2022 (arXiv 2203.03466) plot the coordinates of a network at several widths and look whether they grow. Here
//! the slope on logarithmic axes decides.
//!
//! ```
//! use diagnostics::scaling::{self, ScalingExpectations, ScalingRole};
//! # fn normal(n: usize, mut state: u64) -> Vec<f64> {
//! #     let mut uniform = move || { state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); (state >> 11) as f64 / (1u64 << 53) as f64 };
//! #     (0..n).map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0).collect()
//! # }
//!
//! // Two linear layers, eight outputs y = V·u of one input of 1, and descent on their sum. `rate` is that of V.
//! let check = |rate: fn(f64) -> f64| {
//!     scaling::check(&[32, 64, 128, 256], 0..6, |width, seed, run| {
//!         let n = width as f64;
//!         let (mut u, mut v) = (normal(width, 2 * seed + 1), normal(8 * width, 2 * seed + 2));
//!         v.iter_mut().for_each(|v| *v /= n);                       // μP: the output's std is 1/n
//!         for step in 0..=1 {
//!             let y = |v: &[f64]| v.iter().zip(&u).map(|(v, u)| v * u).sum::<f64>();
//!             let y: Vec<f64> = v.chunks(width).map(y).collect();
//!             run.values(step, ScalingRole::Input, "hidden", &u);
//!             run.values(step, ScalingRole::Logits, "y", &y);
//!             let gradient: Vec<f64> = (0..width).map(|i| v.iter().skip(i).step_by(width).sum()).collect();
//!             v.iter_mut().zip(u.iter().cycle()).for_each(|(v, u)| *v -= 0.1 * rate(n) * u);
//!             u.iter_mut().zip(&gradient).for_each(|(u, g)| *u -= 0.1 * n * g);
//!         }
//!     }, &ScalingExpectations::mup_sgd())
//! };
//! let mup = check(|n| 1.0 / n)?;
//! assert!(mup.passed(), "{mup}");
//! let wrong = check(|_| 1.0)?;
//! assert!(wrong.to_string().contains("Divide the learning rate of the output by the width"), "{wrong}");
//! # Ok::<(), scaling::ScalingCheckError>(())
//! ```
//!
//! **The interval.** An exponent is the slope of the logarithm of a root mean square against that of the size, by least squares
//! over all networks, with a level of its own for every seed: networks of one seed may share their data. Its 95% interval is
//! Student's, with as many degrees of freedom as there are networks, less the seeds, less one. It assumes that around the
//! line of its seed a logarithm varies normally, independently and equally at all sizes. It is an interval of the slope over these sizes,
//! not of its limit at infinite width, so an expectation has a margin.
//!
//! **The judgement.** A quantity passes if its whole interval is within the expected range and its margin, and fails if its
//! whole interval is outside. In between it is undecided, and more seeds or sizes decide. A value that is NaN or infinite fails.

use std::ops::Range;

mod error;
mod expected;
mod exponent;
mod judge;
mod measurements;
mod quantity;
mod show;

pub use error::ScalingCheckError;
pub use expected::{ExpectedExponent, MARGIN, ScalingExpectations};
pub use exponent::ScalingExponent;
pub use judge::{ScalingCheck, ScalingOutcome, ScalingRow};
pub use measurements::{ScalingMeasurement, ScalingMeasurements, ScalingRun};
pub use quantity::{ScaledQuantity, ScalingAspect, ScalingAxis, ScalingRole};

/// Measures networks of several sizes and seeds, and judges how their quantities grow with the size.
///
/// `measure` builds the network of a size and a seed, trains it for a few steps, and hands its values to the
/// [`ScalingRun`], beginning with step 0, before the first update. The same batch and the same number of steps serve all sizes.
///
/// # Errors
/// If fewer than three different sizes were measured, a size is 0, a quantity was measured twice at a step, or its number of
/// values changed between steps.
pub fn check(
    sizes: &[usize],
    seeds: Range<u64>,
    mut measure: impl FnMut(usize, u64, &mut ScalingRun),
    expected: &ScalingExpectations,
) -> Result<ScalingCheck, ScalingCheckError> {
    let mut measurements = ScalingMeasurements::default();
    for &size in sizes {
        for seed in seeds.clone() {
            let mut run = ScalingRun::new(size, seed);
            measure(size, seed, &mut run);
            measurements.add(run)?;
        }
    }
    measurements.check(expected)
}
