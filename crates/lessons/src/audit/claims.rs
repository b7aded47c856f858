//! The claims, each with the measurement that decides it. Where the lesson is vague, a number is chosen here.

mod first_half;
mod second_half;

use diagnostics::{fixed, scientific, significant};

use super::{Evidence, LayerEvidence, Net};

/// One claim of the lesson.
pub struct Claim {
    /// Its name.
    pub id: &'static str,
    /// The sections of the lesson that make it.
    pub section: &'static str,
    /// The claim in our words, with the number that it is held to.
    pub says: &'static str,
    /// The share of seeds at which it must hold.
    pub kind: ClaimKind,
    /// Measures it at one seed.
    pub measure: fn(&Evidence) -> Finding<'_>,
    /// Why it holds or fails.
    pub why: &'static str,
}

/// The share of seeds at which a claim must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// At nearly every seed.
    Always,
    /// At most seeds: the lesson says "often" or "tends to".
    Often,
    /// Deterministic: no random number enters.
    ByDefinition,
}

/// The outcome at one seed.
pub struct Finding<'e> {
    /// True if the claim holds.
    pub holds: bool,
    /// Formatted only on demand: for a thousand seeds the texts alone took 6% of the audit's time.
    measured: Box<dyn Fn() -> String + 'e>,
}

impl Finding<'_> {
    /// The measured value that decides the claim.
    pub fn measured(&self) -> String {
        (self.measured)()
    }
}

/// Every claim, in the lesson's order.
pub(super) fn all() -> impl Iterator<Item = &'static Claim> {
    first_half::CLAIMS.iter().chain(second_half::CLAIMS)
}

fn finding<'e>(holds: bool, measured: impl Fn() -> String + 'e) -> Finding<'e> {
    Finding { holds, measured: Box::new(measured) }
}

/// One value per layer: `0.872, 0.949, 0.954`.
fn each(net: &Net, figure: impl Fn(&LayerEvidence) -> f64, decimals: usize) -> String {
    net.layers.iter().map(|layer| fixed(figure(layer), decimals)).collect::<Vec<_>>().join(", ")
}

/// One percentage per layer: `42.2%, 75.1%, 78.1%`.
fn each_percent(net: &Net, share: impl Fn(&LayerEvidence) -> f64) -> String {
    net.layers
        .iter()
        .map(|layer| format!("{}%", fixed(100.0 * share(layer), 1)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The mean |gradient| of each weight: `6.73e-01, 1.26e-01`.
fn each_grad(net: &Net) -> String {
    net.grads.iter().map(|&grad| scientific(grad, 2)).collect::<Vec<_>>().join(", ")
}

/// The ratio of the largest value to the smallest.
fn spread(figures: impl Iterator<Item = f64> + Clone) -> f64 {
    figures.clone().fold(f64::NAN, f64::max) / figures.fold(f64::NAN, f64::min)
}

/// The mean |gradient| of W1 divided by that of the last weight: above 1 if gradients grow towards the input.
fn first_over_last(net: &Net) -> f64 {
    net.grads[0] / net.grads[net.grads.len() - 1]
}

/// A factor with three significant digits: `17.6×`.
fn times(factor: f64) -> String {
    format!("{}×", significant(factor, 3))
}

/// In every layer at most 5% of activations are saturated, and their std is at least 0.1.
fn in_range(net: &Net) -> bool {
    net.layers.iter().all(|layer| layer.saturated <= 0.05 && layer.post.std() >= 0.1)
}

/// The mean |gradient| of no weight is ten times that of another.
fn gradients_flow(net: &Net) -> bool {
    spread(net.grads.iter().copied()) < 10.0
}
