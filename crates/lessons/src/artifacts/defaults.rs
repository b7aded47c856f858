//! The lesson's network with the default initialisation of six frameworks.

use cli::{Cell, Table};
use diagnostics::{Settings, Summary};
use nn_init::{Preset, Scheme, VarianceScaling};
use specimen::{Init, Observation};

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::of_all;

/// The default of each framework's linear layer.
const LINEAR: [&str; 6] =
    ["torch.linear", "keras.dense", "flax.dense", "burn.linear", "candle.linear", "tch.linear"];

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "defaults",
    title: "Defaults: the lesson's network with the linear layers of six frameworks",
    run: |lesson: &Lesson| {
        let mut table = Table::new(&[
            ("default", "default"),
            ("distribution", "distribution"),
            ("weight_std", "std of W2"),
            ("first_std", "first layer"),
            ("last_std", "last layer"),
            ("gradient_ratio", "gradients, first/last"),
            ("loss", "loss"),
        ]);
        for name in LINEAR {
            let preset: Preset = name.parse().expect("a preset");
            let seen = lesson.observe(&Init::preset(&preset), Settings::default());
            table.push(row(&preset, &seen));
        }
        Output::table(table).notes(["The embedding is N(0, 1). First and last layer: std of the activations in the first and last hidden layer. Gradients: mean |gradient| of W1 over that of the last weight.".to_owned()])
    },
};

fn row(preset: &Preset, seen: &Observation) -> Vec<Cell> {
    let layers = &seen.report.layers;
    let weights: Vec<_> = seen.report.weights.iter().filter(|weight| weight.name.starts_with('W')).collect();
    let gradient = |at: usize| {
        weights[at].gradient.as_ref().map_or(f64::NAN, |grad| of_all(&grad.summary, Summary::mean_abs))
    };
    let std = |of: &Summary| Cell::fixed(of_all(of, Summary::std), 4);
    let Scheme::Scaled(VarianceScaling { distribution, .. }) = preset.weight else {
        unreachable!("linear layers are scaled")
    };
    vec![
        Cell::text(preset.name),
        Cell::text(distribution.to_string().replace('_', " ")),
        std(&weights[1].weight.summary),
        std(&layers[0].post.summary),
        std(&layers[layers.len() - 1].post.summary),
        Cell::fixed(gradient(0) / gradient(weights.len() - 1), 3),
        Cell::fixed(seen.loss, 4),
    ]
}
