//! A report of layers as a list of sites, which the judge reads.

use super::{LayerReport, Report, Role, WeightReport};
use crate::sites::{
    ParameterStatistics, PassMode, RecordedLoss, RecordedParameter, Recording, Site, SiteInput, SiteKind,
    SiteStatistics,
};
use crate::stats::ValueStatistics;

impl Report {
    /// The same network as sites: the input or the embedding, then a product and an activation for each layer, then the
    /// logits.
    ///
    /// A product has the name of its weight, or that of its layer with `(pre)`; an activation has that of its layer.
    pub fn recording(&self) -> Recording {
        let mut chain = Chain { report: self, sites: vec![], shapes: vec![vec![]; self.weights.len()] };
        chain.entering();
        for layer in &self.layers {
            chain.layer(layer);
        }
        let logits = self.loss.as_ref().and_then(|loss| loss.logits.as_ref());
        let at = logits.map(|logits| chain.logits(logits));
        Recording {
            model: String::new(),
            framework: String::new(),
            mode: PassMode::Train,
            seed: None,
            learning_rate: None,
            curvature: self.curvature.map(|curvature| curvature.gauss_newton_max),
            loss: self.loss.as_ref().map(|loss| RecordedLoss {
                value: loss.value,
                kind: "cross_entropy".to_owned(),
                reduction: "mean".to_owned(),
                classes: Some(loss.classes),
                logits: at,
            }),
            sites: chain.sites,
            parameters: self.weights.iter().zip(chain.shapes).map(recorded).collect(),
            out_of_sight: vec![],
        }
    }
}

/// A parameter with the shape that was given, or else the one that the sizes of its layers imply.
fn recorded((weight, implied): (&WeightReport, Vec<usize>)) -> RecordedParameter {
    let mut statistics = weight.relations.unwrap_or(ParameterStatistics::UNKNOWN);
    statistics.add_summary(&weight.weight.summary);
    if let Some(gradient) = &weight.gradient {
        statistics.add_gradient_size(&gradient.summary);
    }
    RecordedParameter {
        name: weight.name.clone(),
        role: weight.role,
        shape: if weight.shape.is_empty() { implied } else { weight.shape.clone() },
        dtype: "f32".to_owned(),
        output_axis: weight.output_axis,
        input_axis: 1 - weight.output_axis.min(1),
        groups: 1,
        stride: 1,
        blocks: 1,
        trainable: true,
        hash: None,
        expected: weight.expected,
        statistics,
    }
}

/// The sites so far.
struct Chain<'a> {
    report: &'a Report,
    sites: Vec<Site>,
    /// For each parameter, the shape that the sizes of its layers imply: `[outputs, inputs, kernel]`.
    shapes: Vec<Vec<usize>>,
}

impl Chain<'_> {
    fn parameter(&self, name: Option<&str>) -> Option<usize> {
        let name = name?;
        self.report.weights.iter().position(|weight| weight.name == name)
    }

    /// A name that no site has yet.
    fn unique(&self, name: &str) -> String {
        let taken = |name: &str| self.sites.iter().any(|site| site.name == name);
        let numbered = (2..).map(|number| format!("{name} #{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    /// Adds a site that reads the last one.
    fn add(&mut self, name: &str, kind: SiteKind, statistics: SiteStatistics) -> &mut Site {
        let last = self.sites.len().checked_sub(1);
        let name = self.unique(name);
        self.sites.push(Site {
            name,
            kind,
            function: None,
            norm: None,
            inputs: last.map(|site| SiteInput { site, role: None }).into_iter().collect(),
            weight: None,
            bias: None,
            dtype: "f32".to_owned(),
            statistics,
        });
        self.sites.last_mut().expect("a site was added")
    }

    /// The input of the first layer: the rows of an embedding, if there is one.
    fn entering(&mut self) {
        let embedding = self.report.weights.iter().position(|weight| weight.role == Role::Embedding);
        let inputs = &self.report.inputs;
        if inputs.is_empty() && embedding.is_none() {
            return;
        }
        let non_finite = inputs.iter().filter(|x| !x.is_finite()).count() as f64;
        let rms = (inputs.iter().sum::<f64>() / inputs.len() as f64).sqrt();
        let statistics = SiteStatistics {
            rms,
            non_finite: if inputs.is_empty() { f64::NAN } else { non_finite },
            examples: inputs.len() as f64,
            ..SiteStatistics::UNKNOWN
        };
        let (name, kind) = match embedding {
            Some(at) => (self.report.weights[at].name.as_str(), SiteKind::Embedding),
            None => ("input", SiteKind::Input),
        };
        self.add(name, kind, statistics).weight = embedding;
    }

    /// The shape of a weight from the sizes of its layer and the one before: a convolution's kernel is what is left.
    fn implied_shape(&self, layer: &LayerReport, weight: usize) -> Vec<usize> {
        let values = self.report.weights[weight].weight.summary;
        let (values, units) = ((values.count + values.non_finite) as usize, layer.units.units());
        let at = self.report.layers.iter().position(|other| other.name == layer.name);
        let before = at.and_then(|at| at.checked_sub(1)).map(|at| self.report.layers[at].units.units());
        match before.filter(|before| values.is_multiple_of(units * before)) {
            Some(before) => vec![units, before, values / (units * before)],
            None => vec![units, values / units],
        }
    }

    fn layer(&mut self, layer: &LayerReport) {
        let weight = self.parameter(layer.weight.as_deref());
        let bias = self.parameter(layer.bias.as_deref());
        if let Some(weight) = weight {
            self.shapes[weight] = self.implied_shape(layer, weight);
        }
        if let Some(pre) = &layer.pre {
            let name = layer.weight.clone().unwrap_or_else(|| format!("{} (pre)", layer.name));
            let mut statistics = of_values(pre, layer);
            if let Some(geometry) = layer.pre_geometry {
                statistics.mean_cosine = geometry.mean_cosine_similarity;
                statistics.effective_rank = geometry.effective_rank;
            }
            let kind = if weight.is_some() { SiteKind::Linear } else { SiteKind::Other };
            let site = self.add(&name, kind, statistics);
            (site.weight, site.bias) = (weight, bias);
        }
        let mut statistics = of_values(&layer.post, layer);
        let units = layer.units.units() as f64;
        statistics.dead_units = layer.dead_units() as f64 / units;
        statistics.always_saturated = layer.always_saturated_units() as f64 / units;
        statistics.saturated = layer.saturated();
        if let Some(geometry) = layer.geometry {
            statistics.mean_cosine = geometry.mean_cosine_similarity;
            statistics.effective_rank = geometry.effective_rank;
        }
        if let Some(gradient) = &layer.gradient {
            statistics.add_gradient_summary(&gradient.summary);
        }
        let kind = match (layer.activation, &layer.pre, weight) {
            (Some(_), ..) => SiteKind::Activation,
            (None, None, Some(_)) => SiteKind::Linear,
            _ => SiteKind::Other,
        };
        let site = self.add(&layer.name, kind, statistics);
        site.function = layer.activation;
        if kind == SiteKind::Linear {
            (site.weight, site.bias) = (weight, bias);
        }
    }

    fn logits(&mut self, logits: &ValueStatistics) -> usize {
        let parameters = &self.report.loss.as_ref().expect("logits belong to a loss").parameters;
        let weight = self.parameter(parameters.first().map(String::as_str));
        let bias = self.parameter(parameters.get(1).map(String::as_str));
        let mut statistics = SiteStatistics::UNKNOWN;
        statistics.add_summary(&logits.summary);
        let site = self.add("logits", SiteKind::Logits, statistics);
        (site.weight, site.bias) = (weight, bias);
        self.sites.len() - 1
    }
}

/// The statistics that a report has of a set of values of a layer.
fn of_values(values: &ValueStatistics, layer: &LayerReport) -> SiteStatistics {
    let mut statistics = SiteStatistics::UNKNOWN;
    statistics.add_summary(&values.summary);
    statistics.add_quantiles(&values.quantiles);
    statistics.units = layer.units.units() as f64;
    // How many of a unit's values belong to one example is known where examples were compared.
    let entries = layer.units.entries as f64;
    let geometry = layer.geometry.or(layer.pre_geometry);
    statistics.examples = geometry.map_or(entries, |geometry| geometry.examples as f64);
    statistics.positions = entries / statistics.examples;
    statistics
}
