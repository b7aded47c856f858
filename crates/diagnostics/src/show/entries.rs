//! Every number of a report: one list for its CSV, its JSON, its snapshot and its baseline.

use tensor::Activation;

use super::Statistic;
use crate::report::{LayerReport, LossReport, Report, WeightReport};
use crate::stats::{Flow, Geometry, Spectrum, ValueStatistics};
use mean_field::Prediction;

/// Roundings of single precision, in units of a distribution's std, that a mean of values that cancel may have.
const CANCELLED: f64 = 1e-6;

impl Report {
    /// What characterises the network: for each layer means, deviations, shares, rank and correlation; for each
    /// parameter mean, deviation and gradient; the loss. A baseline compares these.
    pub fn statistics(&self) -> Vec<Statistic> {
        let layers = self.layers.iter().flat_map(|layer| of_layer(layer, self.settings.saturation));
        let weights = self.weights.iter().flat_map(of_weight);
        let network = self.loss.iter().flat_map(of_loss).chain(self.jacobian.iter().flat_map(of_jacobian));
        layers.chain(weights).chain(network).collect()
    }

    /// [`statistics`](Self::statistics), and of every distribution counts, extremes, further moments and quantiles; the
    /// gradients' norms, the growth over depth, and what theory predicts of all this.
    pub fn all_statistics(&self) -> Vec<Statistic> {
        let layers = self.layers.iter().flat_map(|layer| {
            let parts = [
                ("pre", layer.pre.as_ref()),
                ("post", Some(&layer.post)),
                ("gradient", layer.gradient.as_ref()),
            ];
            with_distributions(of_layer(layer, self.settings.saturation), &layer.name, &parts)
        });
        let theory = self.layers.iter().zip(self.predictions());
        let theory = theory.flat_map(|(layer, prediction)| of_prediction(&layer.name, &prediction));
        let weights = self.weights.iter().flat_map(|weight| {
            let parts = [("value", Some(&weight.weight)), ("gradient", weight.gradient.as_ref())];
            let mut all = of_weight(weight);
            let ratio = || Statistic::log(&weight.name, "grad:data", weight.grad_data_ratio());
            all.extend(weight.gradient.as_ref().map(|_| ratio()));
            with_distributions(all, &weight.name, &parts)
        });
        let network = self.loss.iter().flat_map(of_loss).chain(self.jacobian.iter().flat_map(of_jacobian));
        layers.chain(theory).chain(weights).chain(network).chain(self.of_network()).collect()
    }

    /// What follows from all layers together, where there are enough.
    fn of_network(&self) -> Vec<Statistic> {
        let number = |name: &str, value| Statistic::linear("network", name, value);
        let (layers, parameters) = (self.layers.iter(), self.weights.iter());
        let mut all = Vec::new();
        if self.layers.len() > 1 {
            all.extend(of_flow("activation", &self.activation_flow()));
        }
        if layers.filter(|layer| layer.gradient.is_some()).count() > 1 {
            all.extend(of_flow("gradient", &self.gradient_flow()));
        }
        let theory = self.predicted_gradient_flow();
        all.extend((theory.layers() > 1).then(|| number("predicted gradient rate", theory.rate())));
        if parameters.filter(|parameter| parameter.gradient.is_some()).count() > 0 {
            all.push(number("gradient norm", self.gradient_norm()));
        }
        all.extend(self.loss.iter().map(|loss| number("loss above ln(classes)", loss.excess())));
        all
    }
}

/// Nats a layer with the interval, and where single precision ends.
fn of_flow(what: &str, flow: &Flow) -> Vec<Statistic> {
    let mut numbers = vec![("rate", flow.rate())];
    if let Some((low, high)) = flow.interval() {
        numbers.extend([("rate from", low), ("rate to", high)]);
    }
    numbers.extend([
        ("layers for a factor of 10", flow.layers_per_decade()),
        ("layers until f32 ends", flow.layers_left()),
    ]);
    let statistic = |(name, value)| Statistic::linear("network", format!("{what} {name}"), value);
    numbers.into_iter().map(statistic).collect()
}

/// What theory says of a layer.
fn of_prediction(location: &str, prediction: &Prediction) -> Vec<Statistic> {
    let number = |name: &str, value| Statistic::linear(location, format!("predicted {name}"), value);
    let mut all = vec![
        number("pre std", prediction.variance.sqrt()),
        number("post mean", prediction.mean),
        number("post std", prediction.std),
        number("zero share", prediction.zeros),
        number("gradient growth", prediction.backward.sqrt()),
    ];
    all.extend(prediction.saturated.map(|share| number("saturated share", share)));
    all
}

/// Mean and std.
fn of_spread(location: &str, part: &str, values: Option<&ValueStatistics>) -> Vec<Statistic> {
    values.map_or(vec![], |ValueStatistics { summary, .. }| {
        let mean = Statistic::linear(location, format!("{part} mean"), summary.mean());
        vec![
            mean.rounding(CANCELLED * summary.std().max(0.0)),
            Statistic::log(location, format!("{part} std"), summary.std()),
        ]
    })
}

/// Magnitudes of a gradient.
fn of_gradient(location: &str, values: Option<&ValueStatistics>) -> Vec<Statistic> {
    values.map_or(vec![], |ValueStatistics { summary, .. }| {
        vec![
            Statistic::log(location, "gradient rms", summary.rms()),
            Statistic::log(location, "gradient mean abs", summary.mean_abs()),
        ]
    })
}

fn of_layer(layer: &LayerReport, threshold: f64) -> Vec<Statistic> {
    let location = layer.name.as_str();
    let units = layer.units.units() as f64;
    let mut all = of_spread(location, "pre", layer.pre.as_ref());
    all.extend(of_spread(location, "post", Some(&layer.post)));
    all.push(Statistic::linear(location, format!("share with |h| > {threshold}"), layer.above_threshold()));
    if layer.activation.is_some_and(other_range) {
        all.push(Statistic::linear(location, "saturated share", layer.saturated()));
    }
    all.push(Statistic::linear(
        location,
        "always saturated share",
        layer.always_saturated_units() as f64 / units,
    ));
    all.push(Statistic::linear(location, "dead share", layer.dead_units() as f64 / units));
    if let Some(Geometry { effective_rank, .. }) = layer.geometry {
        all.push(Statistic::log(location, "effective rank", effective_rank));
    }
    if let Some(Geometry { mean_cosine_similarity, .. }) = layer.pre_geometry.or(layer.geometry) {
        all.push(Statistic::linear(location, "mean cosine similarity", mean_cosine_similarity));
    }
    all.extend(of_gradient(location, layer.gradient.as_ref()));
    all
}

/// Whether a function has two ends that are not −1 and 1, so that saturation is not the same as being beyond a threshold.
fn other_range(activation: Activation) -> bool {
    let (low, high) = activation.limits();
    (high - low).is_finite() && (low, high) != (-1.0, 1.0)
}

fn of_weight(weight: &WeightReport) -> Vec<Statistic> {
    let mut all = of_spread(&weight.name, "value", Some(&weight.weight));
    all.extend(of_gradient(&weight.name, weight.gradient.as_ref()));
    all
}

fn of_loss(loss: &LossReport) -> Vec<Statistic> {
    let mut all = vec![Statistic::linear("network", "loss", loss.value)];
    all.extend(of_spread("network", "logits", loss.logits.as_ref()));
    all
}

fn of_jacobian(jacobian: &Spectrum) -> Vec<Statistic> {
    let of = |name: &str, value| Statistic::log("network", name, value);
    vec![
        of("Jacobian largest", jacobian.largest),
        of("Jacobian smallest", jacobian.smallest),
        of("Jacobian mean square", jacobian.mean_square),
    ]
}

/// Quantiles that a list shows, in percent.
const PERCENT: [u32; 5] = [5, 25, 50, 75, 95];

fn of_distribution(location: &str, part: &str, values: &ValueStatistics) -> Vec<Statistic> {
    let ValueStatistics { summary, quantiles, .. } = values;
    let numbers = [
        ("count", summary.count as f64),
        ("not finite", summary.non_finite as f64),
        ("zeros", summary.zeros as f64),
        ("min", summary.min),
        ("max", summary.max),
        ("mean", summary.mean()),
        ("std", summary.std()),
        ("rms", summary.rms()),
        ("norm", summary.norm()),
        ("mean abs", summary.mean_abs()),
        ("skew", summary.skew()),
        ("kurtosis", summary.kurtosis()),
    ];
    let moments = numbers.map(|(name, value)| Statistic::linear(location, format!("{part} {name}"), value));
    let quantile = |&percent: &u32| {
        let value = quantiles.quantile(f64::from(percent) / 100.0);
        Statistic::linear(location, format!("{part} {percent} %"), value)
    };
    moments.into_iter().chain(PERCENT.iter().map(quantile)).collect()
}

/// The list, and of each part what is not in it yet.
fn with_distributions(
    mut all: Vec<Statistic>,
    location: &str,
    parts: &[(&str, Option<&ValueStatistics>)],
) -> Vec<Statistic> {
    for (part, values) in parts {
        for statistic in values.iter().flat_map(|values| of_distribution(location, part, values)) {
            if all.iter().all(|known| known.name != statistic.name) {
                all.push(statistic);
            }
        }
    }
    all
}
