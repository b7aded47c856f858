//! Every number of a report: one list for its CSV, its JSON, its snapshot and its baseline.

use tensor::Activation;

use crate::{Distribution, Geometry, LayerReport, LossReport, Report, Spectrum, WeightReport};

/// How the values of a statistic are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "baseline", derive(serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Scale {
    /// As they are: means, shares, counts, whatever may be negative.
    Linear,
    /// By their logarithm: magnitudes, of which factors matter, as deviations, norms and maxima.
    Log,
}

/// One number about one place of a network, at one seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// The layer or parameter: `Layer 1`, `W1`.
    pub place: String,
    /// What was measured there: `activation std`.
    pub name: String,
    /// The number; NaN and infinity are counted apart.
    pub value: f64,
    /// How it is compared.
    pub scale: Scale,
    /// Differences up to this are rounding, in the value's unit: 0 unless set. At the logarithmic scale, values
    /// up to this count as zeros.
    pub rounding: f64,
}

impl Statistic {
    /// A number that is compared as it is.
    pub fn linear(place: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        Self { place: place.into(), name: name.into(), value, scale: Scale::Linear, rounding: 0.0 }
    }

    /// A magnitude that is compared by its logarithm; zero and what is below are counted apart.
    pub fn log(place: impl Into<String>, name: impl Into<String>, value: f64) -> Self {
        Self { scale: Scale::Log, ..Self::linear(place, name, value) }
    }

    /// The statistic with an absolute tolerance beside the relative one, for a value that cancels to about 0:
    /// `1e-6 * std` for the mean after layer norm in single precision.
    #[must_use]
    pub fn rounding(self, rounding: f64) -> Self {
        Self { rounding, ..self }
    }
}

/// Roundings of single precision, in units of a distribution's std, that a mean of values that cancel may have.
const CANCELLED: f64 = 1e-6;

impl Report {
    /// What characterises the network: for each layer means, deviations, shares, rank and correlation; for each
    /// parameter mean, deviation and gradient; the loss. A baseline compares these.
    pub fn statistics(&self) -> Vec<Statistic> {
        let layers = self.layers.iter().flat_map(of_layer);
        let weights = self.weights.iter().flat_map(of_weight);
        let network = self.loss.iter().flat_map(of_loss).chain(self.jacobian.iter().flat_map(of_jacobian));
        layers.chain(weights).chain(network).collect()
    }

    /// [`statistics`](Self::statistics), and of every distribution counts, extremes, further moments and quantiles.
    pub fn all_statistics(&self) -> Vec<Statistic> {
        let layers = self.layers.iter().flat_map(|layer| {
            let parts = [
                ("pre", layer.pre.as_ref()),
                ("post", Some(&layer.post)),
                ("gradient", layer.gradient.as_ref()),
            ];
            let more =
                parts.into_iter().flat_map(|(part, values)| of_distribution(&layer.name, part, values));
            of_layer(layer).into_iter().chain(more).collect::<Vec<_>>()
        });
        let weights = self.weights.iter().flat_map(|weight| {
            let parts = [("value", Some(&weight.weight)), ("gradient", weight.gradient.as_ref())];
            let more =
                parts.into_iter().flat_map(|(part, values)| of_distribution(&weight.name, part, values));
            let ratio = weight
                .gradient
                .as_ref()
                .map(|_| Statistic::log(&weight.name, "grad:data", weight.grad_data_ratio()));
            of_weight(weight).into_iter().chain(ratio).chain(more).collect::<Vec<_>>()
        });
        let network = self.loss.iter().flat_map(of_loss).chain(self.jacobian.iter().flat_map(of_jacobian));
        layers.chain(weights).chain(network).collect()
    }
}

/// Mean and std.
fn of_spread(place: &str, part: &str, values: Option<&Distribution>) -> Vec<Statistic> {
    values.map_or(vec![], |Distribution { summary, .. }| {
        let mean = Statistic::linear(place, format!("{part} mean"), summary.mean());
        vec![
            mean.rounding(CANCELLED * summary.std().max(0.0)),
            Statistic::log(place, format!("{part} std"), summary.std()),
        ]
    })
}

/// Magnitudes of a gradient.
fn of_gradient(place: &str, values: Option<&Distribution>) -> Vec<Statistic> {
    values.map_or(vec![], |Distribution { summary, .. }| {
        vec![
            Statistic::log(place, "gradient rms", summary.rms()),
            Statistic::log(place, "gradient mean abs", summary.mean_abs()),
        ]
    })
}

fn of_layer(layer: &LayerReport) -> Vec<Statistic> {
    let place = layer.name.as_str();
    let units = layer.units.units() as f64;
    let mut all = of_spread(place, "pre", layer.pre.as_ref());
    all.extend(of_spread(place, "post", Some(&layer.post)));
    all.push(Statistic::linear(place, "beyond share", layer.beyond()));
    if layer.activation.is_some_and(other_range) {
        all.push(Statistic::linear(place, "saturated share", layer.saturated()));
    }
    all.push(Statistic::linear(place, "stuck share", layer.stuck_units() as f64 / units));
    all.push(Statistic::linear(place, "dead share", layer.dead_units() as f64 / units));
    if let Some(Geometry { effective_rank, .. }) = layer.geometry {
        all.push(Statistic::log(place, "effective rank", effective_rank));
    }
    if let Some(Geometry { correlation, .. }) = layer.pre_geometry.or(layer.geometry) {
        all.push(Statistic::linear(place, "correlation", correlation));
    }
    all.extend(of_gradient(place, layer.gradient.as_ref()));
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

fn of_distribution(place: &str, part: &str, values: Option<&Distribution>) -> Vec<Statistic> {
    let Some(Distribution { summary, quantiles, .. }) = values else { return vec![] };
    let numbers = [
        ("count", summary.count as f64),
        ("not finite", summary.non_finite as f64),
        ("zeros", summary.zeros as f64),
        ("min", summary.min),
        ("max", summary.max),
        ("rms", summary.rms()),
        ("mean abs", summary.mean_abs()),
        ("skew", summary.skew()),
        ("kurtosis", summary.kurtosis()),
    ];
    let moments = numbers.map(|(name, value)| Statistic::linear(place, format!("{part} {name}"), value));
    let quantile = |&percent: &u32| {
        Statistic::linear(
            place,
            format!("{part} {percent} %"),
            quantiles.quantile(f64::from(percent) / 100.0),
        )
    };
    moments.into_iter().chain(PERCENT.iter().map(quantile)).collect()
}
