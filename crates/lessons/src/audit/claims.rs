//! The claims, each with the measurement that decides it. What the lesson leaves vague is given a number here.

mod first_half;
mod second_half;

use diagnostics::{fixed, scientific, significant};

use super::{Evidence, Layer, Net};

/// One claim of the lesson.
pub struct Claim {
    /// A name for it.
    pub id: &'static str,
    /// Where the lesson makes it.
    pub section: &'static str,
    /// What it says, in our words and with the number that we hold it to.
    pub says: &'static str,
    /// How often it must be true.
    pub kind: Kind,
    /// What a seed says of it.
    pub measure: fn(&Evidence) -> Finding<'_>,
    /// Why it holds or fails.
    pub why: &'static str,
}

/// How often a claim must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At every seed, near enough.
    Always,
    /// At more seeds than not: the lesson says "often" or "tends to".
    Often,
    /// It does not depend on the seed.
    ByDefinition,
}

/// What one seed says.
pub struct Finding<'e> {
    /// Whether the claim is true there.
    pub holds: bool,
    /// Written only where it is read: at a thousand seeds the texts alone took 6 % of the audit.
    measured: Box<dyn Fn() -> String + 'e>,
}

impl Finding<'_> {
    /// The figure that decides it.
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

/// `0.872, 0.949, 0.954`: one figure a layer.
fn each(net: &Net, figure: impl Fn(&Layer) -> f64, decimals: usize) -> String {
    net.layers.iter().map(|layer| fixed(figure(layer), decimals)).collect::<Vec<_>>().join(", ")
}

/// `42.2%, 75.1%, 78.1%`.
fn each_percent(net: &Net, share: impl Fn(&Layer) -> f64) -> String {
    net.layers
        .iter()
        .map(|layer| format!("{}%", fixed(100.0 * share(layer), 1)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// `6.7e-01, 1.3e-01`: mean |gradient| of every weight.
fn each_grad(net: &Net) -> String {
    net.grads.iter().map(|&grad| scientific(grad, 2)).collect::<Vec<_>>().join(", ")
}

/// The largest of some figures over the smallest.
fn spread(figures: impl Iterator<Item = f64> + Clone) -> f64 {
    figures.clone().fold(f64::NAN, f64::max) / figures.fold(f64::NAN, f64::min)
}

/// Mean |gradient| of W1 over that of the last weight: above 1 when gradients grow towards the input.
fn first_over_last(net: &Net) -> f64 {
    net.grads[0] / net.grads[net.grads.len() - 1]
}

/// A factor for readers: `17.6 times`.
fn times(factor: f64) -> String {
    format!("{} times", significant(factor, 3))
}

/// No layer with more than 5 % of its activations saturated, and none squeezed below a std of 0.1.
fn in_range(net: &Net) -> bool {
    net.layers.iter().all(|layer| layer.saturated <= 0.05 && layer.post.std() >= 0.1)
}

/// No weight's mean |gradient| is ten times another's.
fn gradients_flow(net: &Net) -> bool {
    spread(net.grads.iter().copied()) < 10.0
}
