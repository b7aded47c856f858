//! One run: everything that the lecture prints and plots of it.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel, MapPanel};

use super::corpus::{Corpus, Splits};
use super::run_figures;
use super::run_report::{self, RunReport};
use super::samples::samples;
use super::training::Trained;
use crate::artifact::{Artifact, Output};

/// A finished run.
pub(super) struct Single {
    pub(super) trained: Trained,
    pub(super) corpus: Corpus,
    pub(super) splits: Splits,
    /// Names to make up.
    pub(super) samples: usize,
}

impl Single {
    fn name(&self) -> &str {
        &self.trained.training.run.name
    }

    /// The last step; nothing of a run that was resumed at its end.
    fn report(&self, saturation: f64, maps: bool) -> Vec<RunReport<'_>> {
        self.trained.report(saturation, maps).map(|report| (self.name(), report)).into_iter().collect()
    }
}

/// The artifacts of a run, in the lecture's order.
pub(super) const ALL: &[Artifact<Single>] =
    &[RUN, LOG, LOSSES, ACTIVATIONS, GRADIENTS, WEIGHTS, HIDDEN, MAP, UPDATES, SAMPLES];

const RUN: Artifact<Single> = Artifact {
    id: "run",
    title: "The run, as a run file",
    run: |single: &Single| {
        let training = &single.trained.training;
        let mut table = Table::new(&[("option", "option"), ("value", "value")]);
        for line in training.run.to_string().lines() {
            if let Some((option, value)) = line.split_once(" = ") {
                table.push(vec![Cell::text(option), Cell::text(value)]);
            }
        }
        let count = training.model.parameters.count();
        Output::table(table).notes([format!("{}: {count} parameters.", training.run.name)])
    },
};

const LOG: Artifact<Single> = Artifact {
    id: "loss-log",
    title: "Loss log",
    run: |single: &Single| {
        let training = &single.trained.training;
        let mut table = Table::new(&[("step", "step"), ("loss", "loss")]);
        for (step, loss) in training.log() {
            table.push(vec![Cell::Count(step), Cell::fixed(loss, 4)]);
        }
        // The lecture's mean over a thousand steps, or a hundredth of a shorter run.
        let window = (training.losses.len() / 100).clamp(1, 1000);
        let mean = |part: &[f32]| part.iter().map(|&x| f64::from(x)).sum::<f64>() / part.len() as f64;
        let centre = |at: usize| at as f64 * window as f64 + window as f64 / 2.0;
        let points = training.losses.chunks_exact(window).map(mean).enumerate();
        let curve = Curve::new(&training.run.name, points.map(|(at, loss)| (centre(at), loss)).collect());
        let chance = (single.corpus.alphabet.0.len() as f64).ln();
        let panel = LinePanel::new("", vec![curve]).level(chance, "ln(symbols)", Line::Dashed);
        let panel = panel.x_label("step").y_label(format!("loss, mean of {window} batches"));
        Output::figure(table, Figure::new(LOG.title, [panel]), true)
    },
};

const LOSSES: Artifact<Single> = Artifact {
    id: "losses",
    title: "Losses at the end, over all examples",
    run: |single: &Single| {
        let training = &single.trained.training;
        let mut table = Table::new(&[("split", "split"), ("loss", "loss")]);
        let mut add = |name: &str, losses: super::training::Losses| {
            for (split, loss) in [("train", losses.train), ("val", losses.val), ("test", losses.test)] {
                table.push(vec![Cell::text(format!("{split}{name}")), Cell::fixed(loss, 7)]);
            }
        };
        add("", training.evaluate(&single.splits));
        if training.run.network.norm.is_some() {
            add(", calibrated", training.calibrated(&single.splits));
        }
        Output::table(table)
    },
};

const ACTIVATIONS: Artifact<Single> = Artifact {
    id: "activations",
    title: "Activations of the last step",
    run: |single: &Single| {
        let seen = single.report(run_report::SATURATION, false);
        Output::figure(
            run_report::activations(&seen),
            run_figures::activations(ACTIVATIONS.title, &seen),
            true,
        )
    },
};

const GRADIENTS: Artifact<Single> = Artifact {
    id: "gradients",
    title: "Gradients at the activations of the last step",
    run: |single: &Single| {
        let seen = single.report(run_report::SATURATION, false);
        Output::figure(run_report::gradients(&seen), run_figures::gradients(GRADIENTS.title, &seen), true)
    },
};

const WEIGHTS: Artifact<Single> = Artifact {
    id: "weights",
    title: "Gradients of the weights in the last step",
    run: |single: &Single| {
        let seen = single.report(run_report::SATURATION, false);
        Output::figure(run_report::weights(&seen), run_figures::weights(WEIGHTS.title, &seen), true)
    },
};

const HIDDEN: Artifact<Single> = Artifact {
    id: "hidden-histograms",
    title: "The first hidden layer of the last step: activations and pre-activations",
    run: |single: &Single| {
        let seen = single.report(0.99, false);
        let mut table = Table::new(&[("value", "value"), ("from", "from"), ("to", "to"), ("count", "count")]);
        for layer in seen.iter().filter_map(|(_, report)| report.layers.first()) {
            let values = [("h", Some(&layer.post)), ("pre-activation", layer.pre.as_ref())];
            for (name, seen) in values.into_iter().filter_map(|(name, seen)| Some((name, seen?))) {
                for (edges, &count) in seen.histogram.edges.windows(2).zip(&seen.histogram.counts) {
                    let (from, to) = (Cell::fixed(edges[0], 4), Cell::fixed(edges[1], 4));
                    table.push(vec![Cell::text(name), from, to, Cell::Count(count)]);
                }
            }
        }
        Output::figure(table, run_figures::hidden(HIDDEN.title, 0.99, &seen), false)
    },
};

const MAP: Artifact<Single> = Artifact {
    id: "saturation-map",
    title: "Where |h| > 0.99 in the last step: each unit in each example",
    run: |single: &Single| {
        let mut table =
            Table::new(&[("layer", "layer"), ("example", "example"), ("units", "saturated units")]);
        let mut panels = Vec::new();
        for (_, report) in single.report(0.99, true) {
            for layer in report.layers.iter().take(5) {
                let Some(map) = &layer.map else { continue };
                for (example, row) in (1..).zip(map.rows()) {
                    let count = row.iter().filter(|&&is| is).count() as u64;
                    table.push(vec![Cell::text(&layer.name), Cell::Count(example), Cell::Count(count)]);
                }
                let panel = MapPanel::flags(&layer.name, map.units, &map.cells, "|h| > 0.99", "|h| ≤ 0.99");
                panels.push(panel.x_label("unit").y_label("example"));
            }
        }
        Output::figure(table, Figure::new(MAP.title, panels), false)
    },
};

const UPDATES: Artifact<Single> = Artifact {
    id: "updates",
    title: "Updates against weights over the first steps",
    run: |single: &Single| {
        let updates = &single.trained.training.updates;
        let mut table =
            Table::new(&[("step", "step"), ("weight", "weight"), ("ratio", "log₁₀ std(update)/std(weight)")]);
        for (step, ratios) in &updates.rows {
            for (name, &ratio) in updates.names.iter().zip(ratios) {
                table.push(vec![Cell::Count(*step), Cell::text(name), Cell::fixed(ratio, 4)]);
            }
        }
        Output::figure(table, updates.figure(), false)
    },
};

const SAMPLES: Artifact<Single> = Artifact {
    id: "samples",
    title: "Names made up",
    run: |single: &Single| {
        let Single { trained, corpus, samples: count, .. } = single;
        let seed = trained.training.run.seed;
        let names = samples(&trained.training.model, &corpus.alphabet, seed.wrapping_add(10), *count);
        let mut table = Table::new(&[("at", "at"), ("name", "name")]);
        for (at, name) in (1..).zip(names) {
            table.push(vec![Cell::Count(at), Cell::text(name)]);
        }
        Output::table(table)
    },
};
