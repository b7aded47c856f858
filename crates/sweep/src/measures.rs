//! The one list of measures, and the names by which a plan chooses them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::fmt;

use diagnostics::{Flow, Settings};
use nn_init::Generator;
use specimen::{Curvature, Init, Network, Pass};
use tensor::{Activation, suggestion};

use crate::cell::{CellField, CellLosses, CellMoment, correlation, gradient_ratio};

/// One number that is measured in each cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    text: String,
    pub(crate) what: MeasureKind,
    pub(crate) step: MeasureStep,
}

/// The point in training at which a measure is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MeasureStep {
    /// Before the first step.
    Init,
    /// After so many steps: `@300`.
    After(u64),
    /// After the last step: `@end`.
    End,
}

impl MeasureStep {
    /// The number of steps in a training of so many.
    pub(crate) fn of(self, steps: u64) -> u64 {
        match self {
            Self::Init => 0,
            Self::After(step) => step,
            Self::End => steps,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MeasureKind {
    Named(&'static NamedMeasure),
    Statistic { location: StatisticLocation, name: String },
}

/// The part of a network that a statistic is of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatisticLocation {
    /// The network as a whole, the first or the last hidden layer.
    Network,
    First,
    Last,
    /// A layer or parameter by its name.
    Named(String),
}

/// A measure that is no statistic of a report.
pub struct NamedMeasure {
    /// Its name in plans and the heading of its column.
    pub name: &'static str,
    /// What it is, with its unit.
    pub about: &'static str,
    /// How it is measured.
    pub(crate) of: MeasureSource,
}

/// What a measure is computed from.
pub(crate) enum MeasureSource {
    /// The losses so far.
    Losses(fn(&CellLosses) -> f64),
    /// One pass over all examples, and the network.
    Moment(fn(&CellMoment<'_>) -> f64),
    /// The pass before the first step, and one after some steps.
    Change(fn(&Pass, &Pass) -> f64),
    /// A copy of the network whose first weight was moved.
    Copy,
    /// The theory of deep networks of layers like this one.
    Theory(fn(&CellField) -> f64),
}

impl PartialEq for NamedMeasure {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for NamedMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The residual at which the ends of a spectrum count as found, in units of the larger.
const TOLERANCE: f64 = 1e-3;
/// The products after which the search ends.
const PRODUCTS: usize = 200;

macro_rules! measure {
    ($name:literal, $about:literal, $of:ident $(($function:expr))?) => {
        NamedMeasure { name: $name, about: $about, of: MeasureSource::$of $(($function))? }
    };
}

impl NamedMeasure {
    /// Every measure that is no statistic of a report.
    pub const ALL: &[Self] = &[
        measure!("loss", "mean cross-entropy over all examples, in nats", Losses(|losses| losses.now)),
        measure!(
            "mean_loss",
            "mean of the losses of the training batches so far, in nats",
            Losses(|losses| { losses.batches.iter().sum::<f64>() / losses.batches.len() as f64 })
        ),
        measure!(
            "least_loss",
            "least loss of the training batches so far, in nats",
            Losses(|losses| {
                let finite = losses.batches.iter().copied().filter(|loss| !loss.is_nan());
                finite.fold(f64::INFINITY, f64::min)
            })
        ),
        measure!(
            "inverse_losses",
            "sum of the inverses of the losses of the training batches so far, 0 for a loss that is not finite",
            Losses(|losses| {
                let finite = losses.batches.iter().filter(|loss| loss.is_finite());
                finite.map(|loss| loss.recip()).sum()
            })
        ),
        measure!(
            "diverged",
            "1 if the loss over all examples is not finite or above the one before the first step, else 0",
            Losses(|losses| f64::from(!(losses.now.is_finite() && losses.now <= losses.first)))
        ),
        measure!(
            "activation_growth",
            "factor by which the root mean square of activations grows per layer, towards the output",
            Moment(|moment| moment.activation_flow().rate().exp())
        ),
        measure!(
            "gradient_growth",
            "factor by which the root mean square of gradients at the activations grows per layer, towards the input",
            Moment(|moment| (-moment.gradient_flow().rate()).exp())
        ),
        measure!(
            "hessian_min",
            "smallest eigenvalue of the loss's Hessian",
            Moment(|moment| { moment.curvature(Curvature::Hessian, TOLERANCE, PRODUCTS).smallest.value })
        ),
        measure!(
            "hessian_max",
            "largest eigenvalue of the loss's Hessian",
            Moment(|moment| { moment.curvature(Curvature::Hessian, TOLERANCE, PRODUCTS).largest.value })
        ),
        measure!(
            "gauss_newton_max",
            "largest eigenvalue of the Gauss–Newton matrix",
            Moment(|moment| { moment.curvature(Curvature::GaussNewton, TOLERANCE, PRODUCTS).largest.value })
        ),
        measure!(
            "perturbation_growth",
            "factor by which the distance of a copy has grown whose first weight was moved by one unit in the last place",
            Copy
        ),
        measure!(
            "first_rms",
            "root mean square of the first hidden layer's activations",
            Moment(|moment| rms(moment.pass().layers[0].post.data()))
        ),
        measure!(
            "last_rms",
            "root mean square of the last hidden layer's activations",
            Moment(|moment| rms(moment.last().post.data()))
        ),
        measure!(
            "logits_rms",
            "root mean square of the logits",
            Moment(|moment| rms(moment.pass().logits.data()))
        ),
        measure!(
            "first_change",
            "root mean square of what the first hidden layer's activations have changed by since before the first step",
            Change(|first, now| change(first.layers[0].post.data(), now.layers[0].post.data()))
        ),
        measure!(
            "last_change",
            "the same of the last hidden layer's activations",
            Change(|first, now| {
                let last = now.layers.len() - 1;
                change(first.layers[last].post.data(), now.layers[last].post.data())
            })
        ),
        measure!(
            "logits_change",
            "the same of the logits",
            Change(|first, now| change(first.logits.data(), now.logits.data()))
        ),
        measure!(
            "last_q",
            "mean square of the last hidden layer's pre-activations",
            Moment(|moment| rms(moment.last().pre.data()).powi(2))
        ),
        measure!(
            "last_c",
            "correlation of the last hidden layer's pre-activations, without subtraction of a mean: of pairs of different inputs among the first 16, on average",
            Moment(correlation)
        ),
        measure!(
            "gradient_ratio",
            "mean square of gradients at the first hidden layer's activations over that at the last's",
            Moment(gradient_ratio)
        ),
        measure!(
            "expected_q",
            "last_q in theory, for inputs with the second moment of C's scheme",
            Theory(|cell| cell.last().0)
        ),
        measure!(
            "expected_c",
            "last_c in theory, for such inputs at right angles",
            Theory(|cell| cell.last().1)
        ),
        measure!(
            "expected_gradient_ratio",
            "gradient_ratio in theory, for such inputs",
            Theory(CellField::gradient_ratio)
        ),
        measure!(
            "q_star",
            "variance of pre-activations that deep networks approach",
            Theory(|cell| cell.fixed)
        ),
        measure!(
            "chi_1",
            "χ₁ at q*: factor of squared distances per layer, and of squared gradients backwards",
            Theory(|cell| cell.field.chi(cell.fixed))
        ),
        measure!(
            "c_star",
            "correlation of pre-activations that deep networks approach",
            Theory(|cell| cell.field.fixed_correlation(cell.fixed))
        ),
        measure!(
            "xi_q",
            "layers in which the distance to q* shrinks e-fold",
            Theory(|cell| cell.field.variance_depth(cell.fixed))
        ),
        measure!(
            "xi_c",
            "layers in which the distance to c* shrinks e-fold",
            Theory(|cell| cell.field.correlation_depth(cell.fixed))
        ),
        measure!(
            "expected_gradient_growth",
            "√χ₁: factor by which gradients are expected to grow per layer, towards the input",
            Theory(|cell| cell.field.chi(cell.fixed).sqrt())
        ),
    ];

    /// The measure of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|measure| measure.name == name)
    }
}

/// The growth over depth of these values' root mean square.
pub(crate) fn growth<'a>(layers: impl Iterator<Item = &'a [f32]>) -> Flow {
    Flow::of(&layers.map(rms).collect::<Vec<_>>())
}

pub(crate) fn rms(values: &[f32]) -> f64 {
    let squares: f64 = values.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    (squares / values.len() as f64).sqrt()
}

/// The root mean square of differences.
fn change(first: &[f32], now: &[f32]) -> f64 {
    let squares: f64 = first.iter().zip(now).map(|(&a, &b)| (f64::from(b) - f64::from(a)).powi(2)).sum();
    (squares / now.len() as f64).sqrt()
}

impl Measure {
    /// True if it is the same number as another one: `loss` and `loss@0`, in a training of 300 steps `loss@end` and `loss@300`.
    pub(crate) fn is_same(&self, other: &Self, steps: u64) -> bool {
        self.what == other.what && self.step.of(steps) == other.step.of(steps)
    }

    /// The number of steps after which it is taken, if the plan says one.
    pub fn step(&self) -> Option<u64> {
        match self.step {
            MeasureStep::After(step) => Some(step),
            MeasureStep::Init | MeasureStep::End => None,
        }
    }
}

/// As the plan has it.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The names of statistics, which a report of a small network has; made when they are first needed.
#[derive(Default)]
pub(crate) struct MeasureNames {
    known: OnceCell<KnownStatistics>,
}

#[derive(Default)]
struct KnownStatistics {
    network: BTreeSet<String>,
    layer: BTreeSet<String>,
    parameter: BTreeSet<String>,
}

impl MeasureNames {
    /// The measure with this text: `NAME`, `LOCATION: NAME`, with `@300` or `@end` behind it.
    pub(crate) fn parse(&self, text: &str) -> Result<Measure, String> {
        let (name, step) = match text.rsplit_once('@') {
            None => (text, MeasureStep::Init),
            Some((name, "end")) => (name, MeasureStep::End),
            Some((name, steps)) => match canonical(steps) {
                Some(steps) => (name, MeasureStep::After(steps)),
                None => {
                    return Err(format!(
                        "`{text}`: after the @ comes a number of steps, as in loss@300, or `end`"
                    ));
                }
            },
        };
        let what = self.measured(name)?;
        if let MeasureKind::Named(NamedMeasure { name, of: MeasureSource::Theory(_), .. }) = what
            && step != MeasureStep::Init
        {
            return Err(format!(
                "`{name}` is theory of the initialisation and does not change with steps; leave the @ out"
            ));
        }
        if let MeasureKind::Named(NamedMeasure { name, of: MeasureSource::Change(_), .. }) = what
            && step.of(1) == 0
        {
            return Err(format!("`{name}` is a change by training; write {name}@1 or {name}@end"));
        }
        if let MeasureKind::Named(NamedMeasure {
            name: name @ ("mean_loss" | "least_loss" | "inverse_losses"),
            ..
        }) = what
            && step.of(1) == 0
        {
            return Err(format!("`{name}` is of training steps; write {name}@300 or {name}@end"));
        }
        Ok(Measure { text: text.to_owned(), what, step })
    }

    fn measured(&self, name: &str) -> Result<MeasureKind, String> {
        let statistic = |location, name: &str| MeasureKind::Statistic { location, name: name.to_owned() };
        if let Some((location, name)) = name.split_once(": ") {
            let (known, at) = self.of_location(location)?;
            if known.contains(name) {
                return Ok(statistic(at, name));
            }
            let near = suggestion(name, known.iter().map(String::as_str));
            return Err(format!(
                "`{location}` has no statistic `{name}`{near}; docs/sweeps.md says where they are listed"
            ));
        }
        if let Some(named) = NamedMeasure::named(name) {
            return Ok(MeasureKind::Named(named));
        }
        let known = &self.known().network;
        if known.contains(name) {
            return Ok(statistic(StatisticLocation::Network, name));
        }
        let names = NamedMeasure::ALL.iter().map(|measure| measure.name);
        let near = suggestion(name, names.chain(known.iter().map(String::as_str)));
        Err(format!("there is no measure `{name}`{near}; docs/sweeps.md lists them"))
    }

    /// The statistics of a location.
    fn of_location(&self, location: &str) -> Result<(&BTreeSet<String>, StatisticLocation), String> {
        let known = self.known();
        let numbered =
            |start: &str| location.strip_prefix(start).and_then(canonical).is_some_and(|number| number > 0);
        let named = StatisticLocation::Named(location.to_owned());
        match location {
            "first" => Ok((&known.layer, StatisticLocation::First)),
            "last" => Ok((&known.layer, StatisticLocation::Last)),
            _ if numbered("Layer ") => Ok((&known.layer, named)),
            "C" => Ok((&known.parameter, named)),
            _ if ["W", "b", "gamma", "beta"].into_iter().any(numbered) => Ok((&known.parameter, named)),
            _ => Err(format!(
                "there is no location `{location}`: it is first, last, a layer such as `Layer 2`, or a parameter such as \
                 `W2`, `b2`, `gamma2`, `beta2` or `C`"
            )),
        }
    }

    fn known(&self) -> &KnownStatistics {
        self.known.get_or_init(KnownStatistics::of_reports)
    }
}

/// A whole number that is written in the one usual way: `7`, not `07` or `+7`.
fn canonical(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

impl KnownStatistics {
    /// Those of two networks, as a statistic may not apply to one of them.
    fn of_reports() -> Self {
        let mut known = Self::default();
        for activation in [Activation::Tanh, Activation::Sigmoid] {
            let network = Network { hidden: vec![4; 3], activation, ..Network::lesson() };
            let parameters = Init::LESSON_KAIMING.draw::<f32>(&network, &mut Generator::manual_seed(0));
            let batch = specimen::lesson::bigrams().batch;
            let report = network.observe(&parameters, &batch, Settings::default()).report;
            let expected = Init::LESSON_KAIMING.expected(&network);
            for statistic in report.with_expected(expected).with_singular_values(&[1.0]).all_statistics() {
                let names = match statistic.location.as_str() {
                    "network" => &mut known.network,
                    location if location.starts_with("Layer") => &mut known.layer,
                    _ => &mut known.parameter,
                };
                names.insert(statistic.name);
            }
        }
        known
    }
}
