//! The one list of statistics, from which text, Markdown, CSV, JSON, snapshots and baselines are made.

use std::borrow::Cow;

use mean_field::Prediction;

use super::quantity::Quantity::{self, *};
use crate::report::{
    LayerReport, LossCurvature, LossReport, Report, WeightReport, activation_range, gradient_flow_of,
};
use crate::stats::{Flow, Spectrum, ValueStatistics};

/// One statistic of a layer, of a parameter or of the network.
pub(super) struct ListEntry {
    /// Its name in CSV, JSON, snapshots and baselines.
    pub(super) name: Cow<'static, str>,
    /// Its heading in tables; `None` if tables leave it out.
    pub(super) heading: Option<Cow<'static, str>>,
    /// The quantity that it measures.
    pub(super) quantity: Quantity,
    /// Its value; `None` if it was not measured or does not apply.
    pub(super) value: Option<f64>,
    /// True if it is part of snapshots and baselines.
    pub(super) compared: bool,
    /// Differences up to this are rounding.
    pub(super) rounding: f64,
}

impl ListEntry {
    /// Includes it in snapshots and baselines.
    fn compared(&mut self) -> &mut Self {
        self.compared = true;
        self
    }

    /// Includes it in tables.
    fn heading(&mut self, heading: impl Into<Cow<'static, str>>) -> &mut Self {
        self.heading = Some(heading.into());
        self
    }
}

/// The part of the list that is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The statistics of snapshots and baselines. Most others are not computed.
    Compared,
    /// The statistics of tables. Most others are not computed.
    Headed,
    /// All statistics.
    All,
}

/// A statistic of a set of values: its name after that of the set, its quantity, and its value.
type OfValues = (&'static str, Quantity, fn(&ValueStatistics) -> f64);

/// A number of a curvature: its name, and its value.
type OfCurvature = (&'static str, fn(LossCurvature) -> Option<f64>);

/// Every statistic of a set of values.
const OF_VALUES: &[OfValues] = &[
    ("mean", Mean, |v| v.summary.mean()),
    ("std", Magnitude, |v| v.summary.std()),
    ("rms", SmallMagnitude, |v| v.summary.rms()),
    ("mean abs", SmallMagnitude, |v| v.summary.mean_abs()),
    ("norm", Norm, |v| v.summary.norm()),
    ("min", Value, |v| v.summary.min),
    ("5%", Value, |v| v.quantiles.quantile(0.05)),
    ("25%", Value, |v| v.quantiles.quantile(0.25)),
    ("50%", Value, |v| v.quantiles.quantile(0.5)),
    ("75%", Value, |v| v.quantiles.quantile(0.75)),
    ("95%", Value, |v| v.quantiles.quantile(0.95)),
    ("max", Value, |v| v.summary.max),
    ("skew", Number, |v| v.summary.skew()),
    ("kurtosis", Number, |v| v.summary.kurtosis()),
    ("count", Count, |v| v.summary.count as f64),
    ("not finite", Count, |v| v.summary.non_finite as f64),
    ("zeros", Count, |v| v.summary.zeros as f64),
];

/// The rounding of a mean in single precision, relative to the std of values that cancel.
const CANCELLATION: f64 = 1e-6;

/// Entries in order. Those of two layers are the same but for their values, and so are those of two parameters: each
/// column of a table is one entry.
struct List {
    wanted: Wanted,
    entries: Vec<ListEntry>,
}

impl List {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, entries: Vec::new() }
    }

    fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        quantity: Quantity,
        value: impl Into<Option<f64>>,
    ) -> &mut ListEntry {
        let (name, value) = (name.into(), value.into());
        self.entries.push(ListEntry { name, heading: None, quantity, value, compared: false, rounding: 0.0 });
        self.entries.last_mut().expect("an entry was added")
    }

    /// Adds all of [`OF_VALUES`] for one set of values: `compared` has the names of those that are compared, `headings` those
    /// with a heading.
    fn values(
        &mut self,
        (set, values): (&str, Option<&ValueStatistics>),
        compared: &[&str],
        headings: &[(&str, &'static str)],
    ) {
        let listed = |wanted: &str| OF_VALUES.iter().any(|(name, ..)| *name == wanted);
        let named = compared.iter().copied().chain(headings.iter().map(|(name, _)| *name));
        assert!(
            named.into_iter().all(listed),
            "{set}: {compared:?} and {headings:?} are not all in OF_VALUES"
        );
        for &(name, quantity, of) in OF_VALUES {
            let heading = headings.iter().find(|(of, _)| *of == name).map(|&(_, heading)| heading.into());
            let wanted = match self.wanted {
                Wanted::Compared => compared.contains(&name),
                Wanted::Headed => heading.is_some(),
                Wanted::All => true,
            };
            if !wanted {
                continue;
            }
            let entry = self.add(format!("{set} {name}"), quantity, values.map(of));
            (entry.compared, entry.heading) = (compared.contains(&name), heading);
            if quantity == Mean {
                entry.rounding = values.map_or(0.0, |v| CANCELLATION * v.summary.std().max(0.0));
            }
        }
    }

    /// Adds the growth of a magnitude over depth; without values if there are too few layers.
    fn growth(&mut self, of: &str, flow: &Flow) {
        let known = (flow.layers() > 1).then_some(flow);
        let interval = flow.interval();
        self.add(format!("{of} rate"), NatsPerLayer, known.map(Flow::rate));
        self.add(format!("{of} rate from"), NatsPerLayer, interval.map(|(low, _)| low));
        self.add(format!("{of} rate to"), NatsPerLayer, interval.map(|(_, high)| high));
        self.add(format!("{of} layers for a factor of 10"), Layers, known.map(Flow::layers_per_decade));
        self.add(format!("{of} layers until f32 ends"), Layers, known.map(Flow::layers_left));
    }
}

impl List {
    /// Adds the ends of the loss's curvature, and the learning rates `2/λ_max`.
    fn curvature(&mut self, curvature: Option<LossCurvature>) {
        let entries: [OfCurvature; 5] = [
            ("Hessian λ_min", |curvature| Some(curvature.hessian_min)),
            ("Hessian λ_max", |curvature| Some(curvature.hessian_max)),
            ("Hessian 2/λ_max", |curvature| curvature.hessian_rate()),
            ("Gauss–Newton λ_max", |curvature| Some(curvature.gauss_newton_max)),
            ("Gauss–Newton 2/λ_max", |curvature| curvature.gauss_newton_rate()),
        ];
        for (name, value) in entries {
            self.add(name, Curvature, curvature.and_then(value)).heading(name);
        }
    }
}

/// The statistics of a layer, and beside them what theory predicts.
pub(super) fn of_layer(
    wanted: Wanted,
    layer: &LayerReport,
    theory: Option<&Prediction>,
    threshold: f64,
) -> Vec<ListEntry> {
    let [pre, post, gradient] = layer.sets();
    let mut list = List::new(wanted);
    list.values(pre, &["mean", "std"], &[("not finite", "pre not finite")]);
    list.add("predicted pre std", Magnitude, theory.map(|theory| theory.variance.sqrt()));
    let headings = [("mean", "mean"), ("std", "std"), ("not finite", "not finite")];
    list.values(post, &["mean", "std"], &headings);
    list.add("predicted post mean", Mean, theory.map(|theory| theory.mean));
    list.add("predicted post std", Magnitude, theory.map(|theory| theory.std)).heading("theory");
    list.units(layer, theory, threshold);
    list.examples(layer);
    let headings = [("rms", "rms grad"), ("not finite", "grad not finite")];
    list.values(gradient, &["rms", "mean abs"], &headings);
    list.add("predicted gradient growth", Ratio, theory.map(|theory| theory.backward.sqrt()));
    list.entries
}

impl List {
    /// Adds the shares of saturated and of zero activations, and those of units for which that holds in every example.
    fn units(&mut self, layer: &LayerReport, theory: Option<&Prediction>, threshold: f64) {
        let ends = activation_range(layer.activation);
        let bounded = (ends.1 - ends.0).is_finite();
        let above =
            self.add(format!("share with |h| > {threshold}"), ValueShare, layer.above_threshold()).compared();
        if ends == (-1.0, 1.0) {
            above.heading(format!("|h|>{threshold}"));
        }
        // At the ends −1 and 1 it is the share above.
        let saturated = (bounded && ends != (-1.0, 1.0)).then(|| layer.saturated());
        self.add("saturated share", ValueShare, saturated)
            .compared()
            .heading(format!("saturated>{threshold}"));
        let predicted = theory.and_then(|theory| theory.saturated);
        self.add("predicted saturated share", ValueShare, predicted).heading("theory");
        self.add("predicted zero share", ValueShare, theory.map(|theory| theory.zeros));
        let share = |units: usize| units as f64 / layer.units.units() as f64;
        self.add("always saturated share", UnitShare, share(layer.always_saturated_units()))
            .compared()
            .heading("always sat.");
        self.add("dead share", UnitShare, share(layer.dead_units())).compared().heading("dead");
    }

    /// Adds the relations between the examples of a batch.
    fn examples(&mut self, layer: &LayerReport) {
        let rank = layer.geometry.map(|geometry| geometry.effective_rank);
        self.add("effective rank", Directions, rank).compared().heading("eff. rank");
        let cosine = layer.pre_geometry.or(layer.geometry).map(|geometry| geometry.mean_cosine_similarity);
        self.add("mean cosine similarity", Cosine, cosine).compared().heading("mean cosine");
    }
}

/// The statistics of a parameter.
pub(super) fn of_weight(wanted: Wanted, weight: &WeightReport) -> Vec<ListEntry> {
    let [value, gradient] = weight.sets();
    let mut list = List::new(wanted);
    let headings = [("mean", "mean"), ("std", "std"), ("not finite", "not finite")];
    list.values(value, &["mean", "std"], &headings);
    list.add("expected std", Magnitude, weight.expected.map(|expected| expected.std)).heading("expected");
    let headings = [("rms", "rms grad"), ("mean abs", "mean |grad|"), ("not finite", "grad not finite")];
    list.values(gradient, &["rms", "mean abs"], &headings);
    let ratio = weight.gradient.as_ref().map(|_| weight.grad_data_ratio());
    list.add("grad:data", Ratio, ratio).heading("grad:data");
    list.entries
}

/// The statistics of the network as a whole, with the predictions for its layers. Those with a heading are lines of the
/// text.
pub(super) fn of_network(wanted: Wanted, report: &Report, theory: &[Prediction]) -> Vec<ListEntry> {
    let mut list = List::new(wanted);
    let has_gradients = report.weights.iter().any(|weight| weight.gradient.is_some());
    list.growth("activation", &report.activation_flow());
    list.growth("gradient", &report.gradient_flow());
    let theory = gradient_flow_of(theory);
    list.add("predicted gradient rate", NatsPerLayer, (theory.layers() > 1).then(|| theory.rate()));
    list.add("gradient norm", Norm, has_gradients.then(|| report.gradient_norm())).heading("gradient norm");
    let jacobian = |of: fn(&Spectrum) -> f64| report.jacobian.as_ref().map(of);
    list.add("Jacobian largest", Magnitude, jacobian(|jacobian| jacobian.largest)).compared();
    list.add("Jacobian smallest", Magnitude, jacobian(|jacobian| jacobian.smallest)).compared();
    list.add("Jacobian mean square", Magnitude, jacobian(|jacobian| jacobian.mean_square)).compared();
    let loss = report.loss.as_ref();
    list.add("loss", Nats, loss.map(|loss| loss.value)).compared().heading("loss");
    let guessing = loss.map(|loss| (loss.classes as f64).ln());
    list.add("ln(classes)", Nats, guessing).heading("loss of uniform guessing");
    list.add("loss above ln(classes)", Nats, loss.map(LossReport::excess));
    list.curvature(report.curvature);
    list.values(("logits", loss.and_then(|loss| loss.logits.as_ref())), &["mean", "std"], &[]);
    list.entries
}
