//! One point of a training, at which a network is measured.

use std::cell::OnceCell;

use diagnostics::{Flow, Settings, Statistic};
use nn_init::Generator;
use specimen::{Batch, Curvature, Mode, Model, Network, Pass, PassLayer, SpectrumEnds, Tape};

use crate::measures::{Measure, MeasureKind, StatisticLocation, growth, rms};
use crate::settings::CellSettings;

/// A network after some steps, its pass over all examples, and what was computed of them.
pub(crate) struct CellMoment<'a> {
    pub(super) settings: &'a CellSettings,
    pub(super) model: &'a Model,
    pub(super) pass: &'a Pass,
    pub(super) data: &'a Batch,
    pub(super) statistics: OnceCell<Vec<Statistic>>,
    pub(super) hessian: OnceCell<SpectrumEnds>,
    pub(super) wanted: StatisticsWanted,
}

/// What the statistics of a plan need that takes time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatisticsWanted {
    /// Relations between examples.
    geometry: bool,
    /// Singular values of the Jacobian.
    jacobian: bool,
    /// More than the statistics that baselines compare: quantiles, growth, predictions.
    all: bool,
}

/// The examples whose Jacobians are factored.
const JACOBIANS: usize = 8;

/// The examples among which pairs are correlated.
const CORRELATED: usize = 16;

impl StatisticsWanted {
    pub(super) fn by(measures: &[Measure]) -> Self {
        let mut wanted = Self::default();
        for measure in measures {
            let MeasureKind::Statistic { name, .. } = &measure.what else { continue };
            wanted.geometry |= ["effective rank", "mean cosine similarity"].contains(&name.as_str());
            wanted.jacobian |= name.starts_with("Jacobian ");
            wanted.all |= !name.starts_with("Jacobian ") && !CHEAP.contains(&name.as_str());
        }
        wanted
    }
}

/// Statistics that are among those which baselines compare; the others take all of them.
const CHEAP: [&str; 8] =
    ["post mean", "post std", "pre mean", "pre std", "gradient rms", "value mean", "value std", "dead share"];

/// The mean over pairs of different inputs among the first ones of `Σ xy/√(Σ x²·Σ y²)`, x and y the last pre-activations;
/// NaN if there is no pair.
pub(crate) fn correlation(moment: &CellMoment<'_>) -> f64 {
    let width = moment.settings.width;
    let inputs = moment.data.inputs.chunks(moment.settings.context);
    let rows = moment.last().pre.data().chunks(width);
    let examples: Vec<(&[usize], &[f32])> = inputs.zip(rows).take(CORRELATED).collect();
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
    let (mut sum, mut count) = (0.0, 0_usize);
    for (at, (input, x)) in examples.iter().enumerate() {
        for (_, y) in examples[..at].iter().filter(|(other, _)| other != input) {
            sum += dot(x, y) / (dot(x, x) * dot(y, y)).sqrt();
            count += 1;
        }
    }
    sum / count as f64
}

/// The mean square of gradients at the first hidden layer over that at the last; NaN where one is missing.
pub(crate) fn gradient_ratio(moment: &CellMoment<'_>) -> f64 {
    let square = |layer: &PassLayer| layer.gradient.as_ref().map_or(f64::NAN, |g| rms(g.data()).powi(2));
    square(&moment.pass.layers[0]) / square(moment.last())
}

impl CellMoment<'_> {
    pub(crate) fn activation_flow(&self) -> Flow {
        growth(self.pass.layers.iter().map(|layer| layer.post.data()))
    }

    pub(crate) fn gradient_flow(&self) -> Flow {
        growth(self.pass.layers.iter().filter_map(|layer| Some(layer.gradient.as_ref()?.data())))
    }

    /// The pass over all examples.
    pub(crate) fn pass(&self) -> &Pass {
        self.pass
    }

    /// The last hidden layer.
    pub(crate) fn last(&self) -> &PassLayer {
        self.pass.layers.last().expect("a cell has a hidden layer")
    }

    /// Both ends of a curvature's spectrum; one search serves both of the Hessian.
    pub(crate) fn curvature(&self, of: Curvature, tolerance: f64, products: usize) -> SpectrumEnds {
        let search = || {
            let start = &mut Generator::manual_seed(0);
            self.model.curvature(of, self.data, tolerance, products, start)
        };
        if of == Curvature::Hessian { *self.hessian.get_or_init(search) } else { search() }
    }

    /// A statistic of the report; NaN where it does not apply, such as one of a layer that there is not.
    pub(super) fn statistic(&self, location: &StatisticLocation, name: &str) -> f64 {
        let location = match location {
            StatisticLocation::Network => "network".to_owned(),
            StatisticLocation::First => "Layer 1".to_owned(),
            StatisticLocation::Last => format!("Layer {}", self.settings.depth),
            StatisticLocation::Named(name) => name.clone(),
        };
        let statistics = self.statistics.get_or_init(|| self.report());
        let found =
            statistics.iter().find(|statistic| statistic.location == location && statistic.name == name);
        found.map_or(f64::NAN, |statistic| statistic.value)
    }

    fn report(&self) -> Vec<Statistic> {
        let settings = Settings { geometry: self.wanted.geometry, ..Settings::default() };
        let report = self.model.report(self.pass, settings);
        let mut report = report.with_expected(self.settings.init().expected(&self.model.network));
        if self.wanted.jacobian && self.model.network.norm.is_none() {
            report = report.with_singular_values(&self.jacobian());
        }
        if self.wanted.all { report.all_statistics() } else { report.statistics() }
    }

    /// The singular values of the logits' Jacobian in the embedded input, of the first examples together.
    fn jacobian(&self) -> Vec<f32> {
        let network: &Network = &self.model.network;
        let mut tape = Tape::new();
        let mut values = Vec::new();
        for input in self.data.inputs.chunks(network.context).take(JACOBIANS) {
            let outputs = network.outputs(&tape, &self.model.parameters, input, Mode::Training);
            values.extend(outputs.logits.jacobian(outputs.embedded).singular_values());
            tape.clear();
        }
        values
    }
}
