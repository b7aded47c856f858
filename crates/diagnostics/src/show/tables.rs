//! A report as tables: layers, parameters, and what holds for the network.

use std::fmt;

use super::Style;
use super::table::TextTable;
use crate::format::{fixed, scientific, signed, significant};
use crate::report::activation_range;
use crate::report::{LayerReport, Report, WeightReport};
use crate::stats::ValueStatistics;
use crate::verdict::Verdict;

/// Columns of a distribution's shape.
const SPARK: usize = 25;

/// As aligned tables, without colours.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Style::Plain))
    }
}

impl Report {
    /// Aligned tables with a small histogram in each row, lines for the network, and the verdicts.
    pub fn text(&self, style: Style) -> String {
        let verdicts = self.verdicts();
        let [layers, weights] = self.tables(&verdicts).map(|table| table.map(|table| table.aligned(style)));
        let mut text = layers.into_iter().chain(weights).collect::<Vec<_>>().join("\n");
        let verdicts = verdicts.iter().map(|verdict| style.paint("31", &verdict.to_string()));
        for block in [self.lines(), verdicts.collect()].iter().filter(|block| !block.is_empty()) {
            text += &format!("\n{}\n", block.join("\n"));
        }
        text
    }

    /// The same as Markdown.
    pub fn markdown(&self) -> String {
        let verdicts = self.verdicts();
        let tables = self.tables(&verdicts).into_iter().flatten().map(|table| table.markdown());
        let lines = self.lines().into_iter().chain(verdicts.iter().map(|v| v.to_string().replace("\n ", "")));
        let list: String = lines.map(|line| format!("- {line}\n")).collect();
        tables.chain([list]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn tables(&self, verdicts: &[Verdict]) -> [Option<TextTable>; 2] {
        let bad = |name: &String| verdicts.iter().any(|verdict| verdict.location == *name);
        let layers: Vec<bool> = self.layers.iter().map(|layer| bad(&layer.name)).collect();
        let weights: Vec<bool> = self.weights.iter().map(|weight| bad(&weight.name)).collect();
        [
            (!layers.is_empty()).then(|| TextTable::of(self.layer_columns(), &layers)),
            (!weights.is_empty()).then(|| TextTable::of(self.weight_columns(), &weights)),
        ]
    }

    fn layer_columns(&self) -> Vec<(String, Vec<String>)> {
        let predictions = self.predictions();
        let column = |header: &str, cell: &dyn Fn(&LayerReport) -> String| {
            (header.to_owned(), self.layers.iter().map(cell).collect())
        };
        let theory = |header: &str, cell: &dyn Fn(&mean_field::Prediction) -> String| {
            let cell = |at| predictions.get(at).map(cell).unwrap_or_default();
            (header.to_owned(), (0..self.layers.len()).map(cell).collect())
        };
        let share = |share: f64| format!("{} %", fixed(100.0 * share, 1));
        let some = |count: usize| if count == 0 { String::new() } else { count.to_string() };
        vec![
            column("layer", &|layer| layer.name.clone()),
            column("mean", &|layer| signed(layer.post.summary.mean(), 4)),
            column("std", &|layer| fixed(layer.post.summary.std(), 4)),
            theory("theory", &|prediction| fixed(prediction.std, 4)),
            column(&self.saturation_header(), &|layer| {
                if bounded(layer) { share(layer.saturated()) } else { String::new() }
            }),
            theory("theory", &|prediction| prediction.saturated.map(share).unwrap_or_default()),
            column("always sat.", &|layer| some(layer.always_saturated_units())),
            column("dead", &|layer| some(layer.dead_units())),
            column("eff. rank", &|layer| {
                layer.geometry.map_or(String::new(), |g| fixed(g.effective_rank, 1))
            }),
            column("mean cosine", &|layer| {
                layer
                    .pre_geometry
                    .or(layer.geometry)
                    .map_or(String::new(), |g| fixed(g.mean_cosine_similarity, 2))
            }),
            column("rms grad", &|layer| rms(layer.gradient.as_ref())),
            column("not finite", &|layer| some(layer_non_finite(layer))),
            column("min..max", &|layer| layer.post.histogram.spark(SPARK)),
        ]
    }

    /// `|h|>0.99` where every function ends at −1 and 1, else the threshold as a share of the way to an end.
    fn saturation_header(&self) -> String {
        let threshold = self.settings.saturation;
        let unit = |layer: &LayerReport| !bounded(layer) || activation_range(layer.activation) == (-1.0, 1.0);
        if self.layers.iter().all(unit) {
            format!("|h|>{threshold}")
        } else {
            format!("saturated>{threshold}")
        }
    }

    fn weight_columns(&self) -> Vec<(String, Vec<String>)> {
        let column = |header: &str, cell: &dyn Fn(&WeightReport) -> String| {
            (header.to_owned(), self.weights.iter().map(cell).collect())
        };
        let some = |count: usize| if count == 0 { String::new() } else { count.to_string() };
        let bad = |w: &WeightReport| non_finite(&w.weight) + w.gradient.as_ref().map_or(0, non_finite);
        let ratio = |w: &WeightReport| {
            w.gradient.as_ref().map_or(String::new(), |_| scientific(w.grad_data_ratio(), 1))
        };
        vec![
            column("parameter", &|w| w.name.clone()),
            column("mean", &|w| signed(w.weight.summary.mean(), 4)),
            column("std", &|w| fixed(w.weight.summary.std(), 4)),
            column("expected", &|w| w.expected.map_or(String::new(), |expected| fixed(expected.std, 4))),
            column("rms grad", &|w| rms(w.gradient.as_ref())),
            column("mean |grad|", &|w| {
                w.gradient.as_ref().map_or(String::new(), |g| scientific(g.summary.mean_abs(), 2))
            }),
            column("grad:data", &ratio),
            column("not finite", &|w| some(bad(w))),
            column("min..max", &|w| w.weight.histogram.spark(SPARK)),
        ]
    }

    /// What holds for the whole network, a line each.
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.layers.len() > 1 {
            lines.push(format!("activations: {}", self.activation_flow()));
        }
        if self.layers.iter().filter(|layer| layer.gradient.is_some()).count() > 1 {
            lines.push(format!("gradients, towards the output: {}", self.gradient_flow()));
            let theory = self.predicted_gradient_flow();
            if theory.layers() > 1 {
                lines.push(format!("  theory: {} nats a layer", significant(theory.rate(), 3)));
            }
        }
        if self.weights.iter().any(|weight| weight.gradient.is_some()) {
            lines.push(format!("gradient norm: {}", scientific(self.gradient_norm(), 3)));
        }
        if let Some(jacobian) = &self.jacobian {
            lines.push(format!("Jacobian: {jacobian}"));
        }
        if let Some(loss) = &self.loss {
            let guess = fixed((loss.classes as f64).ln(), 4);
            lines.push(format!("loss: {}, a guess has ln {} = {guess}", fixed(loss.value, 4), loss.classes));
        }
        lines
    }
}

/// Whether a layer's function has two ends, or may have.
fn bounded(layer: &LayerReport) -> bool {
    let (low, high) = activation_range(layer.activation);
    (high - low).is_finite()
}

fn rms(of: Option<&ValueStatistics>) -> String {
    of.map_or(String::new(), |values| scientific(values.summary.rms(), 2))
}

fn non_finite(values: &ValueStatistics) -> usize {
    values.summary.non_finite as usize
}

fn layer_non_finite(layer: &LayerReport) -> usize {
    [Some(&layer.post), layer.pre.as_ref(), layer.gradient.as_ref()]
        .into_iter()
        .flatten()
        .map(non_finite)
        .sum()
}
