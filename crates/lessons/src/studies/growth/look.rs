//! Measurements between two steps of a run: the growth of a difference so far, and several curvatures.

use autograd::Tape;
use specimen::{Batch, Curvature, SpectrumEnds, Tangent};
use torch_rng::Generator;

use super::pair::{CopiedRun, Start};
use crate::makemore::stability::chi;

/// The steps after which a run is looked at.
pub(super) const LOOKS: [u64; 8] = [0, 1, 10, 30, 100, 300, 1000, 2000];

/// A measured number of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookQuantity {
    /// ln of the factor by which the tangent has grown since the start.
    Growth,
    /// The same of the distance of a real copy.
    Parted,
    /// The loss on all data.
    Loss,
    /// χ₁ of the last hidden layer.
    Chi,
    /// The smallest eigenvalue of the Hessian of the next batch's loss.
    BatchMin,
    /// The largest.
    BatchMax,
    /// The smallest eigenvalue of the Hessian of the loss on all data.
    AllMin,
    /// The largest: the sharpness.
    AllMax,
    /// The largest eigenvalue of the Gauss–Newton matrix on all data.
    GaussNewton,
    /// The mean of `gᵀHg/gᵀg` over batches, with the gradient g and the Hessian H of the same batch.
    BatchSharpness,
    /// The exponent of the product of `I − rate·H` over the coming batches, all at the parameters of this look.
    Frozen,
}

/// The columns of the record, in their order: the quantity, its key and its heading.
pub(super) const COLUMNS: [(LookQuantity, &str, &str); 11] = [
    (LookQuantity::Growth, "growth", "ln of the tangent's growth"),
    (LookQuantity::Parted, "parted", "ln of a copy's growth"),
    (LookQuantity::Loss, "loss", "loss"),
    (LookQuantity::Chi, "chi", "χ₁"),
    (LookQuantity::BatchMin, "batch_min", "λ_min of a batch"),
    (LookQuantity::BatchMax, "batch_max", "λ_max of a batch"),
    (LookQuantity::AllMin, "all_min", "λ_min of all data"),
    (LookQuantity::AllMax, "all_max", "λ_max of all data"),
    (LookQuantity::GaussNewton, "gauss_newton_max", "λ_max of G"),
    (LookQuantity::BatchSharpness, "batch_sharpness", "batch sharpness"),
    (LookQuantity::Frozen, "frozen", "frozen exponent"),
];

/// A look at a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// Steps done.
    pub(super) step: u64,
    /// The quantities in the order of [`COLUMNS`].
    pub(super) values: [f64; COLUMNS.len()],
}

/// Batches over which batch sharpness is averaged; those of a frozen exponent, and the first of them, in which the tangent
/// turns to the direction that grows.
const SHARPNESS: usize = 16;
const FROZEN: usize = 100;
const TURNING: usize = 40;

/// The residual at which the ends of a spectrum count as found, in units of the larger, and products at most.
const TOLERANCE: f64 = 1e-2;
const PRODUCTS: usize = 100;

impl Look {
    /// The number of this look.
    pub(super) fn get(&self, quantity: LookQuantity) -> f64 {
        COLUMNS
            .iter()
            .zip(self.values)
            .find(|((of, ..), _)| *of == quantity)
            .map_or(f64::NAN, |(_, value)| value)
    }

    fn of(pair: &CopiedRun, step: u64, data: &Batch) -> Self {
        let coming = pair.coming(FROZEN, data);
        let [batch, all] = [&coming[0], data].map(|of| ends(pair, Curvature::Hessian, of));
        let value = |(quantity, ..): (LookQuantity, &str, &str)| match quantity {
            LookQuantity::Growth => pair.growth,
            LookQuantity::Parted => pair.parted(),
            LookQuantity::Loss => pair.model.loss(data),
            LookQuantity::Chi => chi(&pair.model, &pair.model.pass(&mut Tape::new(), data)),
            LookQuantity::BatchMin => batch.smallest.value,
            LookQuantity::BatchMax => batch.largest.value,
            LookQuantity::AllMin => all.smallest.value,
            LookQuantity::AllMax => all.largest.value,
            LookQuantity::GaussNewton => ends(pair, Curvature::GaussNewton, data).largest.value,
            LookQuantity::BatchSharpness => batch_sharpness(pair, &coming[..SHARPNESS]),
            LookQuantity::Frozen => frozen(pair, &coming),
        };
        Self { step, values: COLUMNS.map(value) }
    }
}

/// Trains a run and looks at it after each of `looks` steps.
pub(super) fn looks(start: Start, looks: &[u64], data: &Batch) -> Vec<Look> {
    let (mut pair, mut tape, mut step) = (CopiedRun::new(start), Tape::new(), 0);
    let mut look = |&at: &u64| {
        while step < at {
            pair.step(&mut tape, data);
            step += 1;
        }
        Look::of(&pair, at, data)
    };
    looks.iter().map(&mut look).collect()
}

fn ends(pair: &CopiedRun, of: Curvature, batch: &Batch) -> SpectrumEnds {
    pair.model.curvature(of, batch, TOLERANCE, PRODUCTS, &mut Generator::manual_seed(0))
}

/// The mean of `gᵀHg/gᵀg`.
fn batch_sharpness(pair: &CopiedRun, batches: &[Batch]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut tape = Tape::new();
    let along = |batch: &Batch| {
        let pass = pair.model.pass(&mut tape, batch);
        // Every parameter takes part in the loss.
        let gradient: Vec<f64> =
            pass.gradients.iter().flatten().flat_map(|gradient| gradient.data().iter().copied()).collect();
        let product = pair.model.curvature_product(Curvature::Hessian, batch, &gradient);
        dot(&gradient, &product) / dot(&gradient, &gradient)
    };
    batches.iter().map(along).sum::<f64>() / batches.len() as f64
}

/// The mean growth of a tangent over batches at parameters that stay as they are, after it has turned.
fn frozen(pair: &CopiedRun, batches: &[Batch]) -> f64 {
    let mut tangent = Tangent::random(pair.model.parameters.count(), &mut Generator::manual_seed(0));
    let mut grown = |batch| tangent.advance(|v| pair.model.sgd_difference(batch, pair.start.rate, v));
    let growth: Vec<f64> = batches.iter().map(&mut grown).collect();
    growth[TURNING..].iter().sum::<f64>() / (growth.len() - TURNING) as f64
}
