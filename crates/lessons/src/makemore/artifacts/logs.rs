//! Loss logs of 1,001 steps and of the lecture's 200,000.

use cli::{Cell, Table};
use plot::{Curve, Figure, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::published;

const RUNS: [&str; 6] =
    ["shallow-raw", "shallow-logits", "shallow-tanh", "shallow-norm", "deep", "deep-norm"];
const STEPS: u64 = 1001;
const EVERY: usize = 100;

/// Steps over which a curve is averaged: the losses of single batches of 32 vary too much to plot.
const WINDOW: usize = 50;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "loss-log",
    title: "Loss log of the first 1,001 steps",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[("run", "run"), ("step", "step"), ("loss", "loss")]);
        let mut curves = Vec::new();
        for run in RUNS {
            let trained = lecture.trained(run, STEPS);
            let losses = &trained.training.losses;
            for (step, &loss) in losses.iter().enumerate().step_by(EVERY) {
                let loss = f64::from(loss);
                // After some steps from the raw init, rounding decides the loss, and machines differ.
                let chaotic = run == "shallow-raw" && step > 0;
                let loss = if chaotic { Cell::rough(loss) } else { Cell::fixed(loss, 4) };
                table.push(vec![Cell::text(run), Cell::Count(step as u64), loss]);
            }
            let mean = |part: &[f32]| part.iter().map(|&x| f64::from(x)).sum::<f64>() / part.len() as f64;
            let points = losses.chunks_exact(WINDOW).map(mean).zip(0..);
            let points = points.map(|(loss, at)| (f64::from(at) * WINDOW as f64 + WINDOW as f64 / 2.0, loss));
            curves.push(Curve::new(run, points.collect()));
        }
        let panel = LinePanel::new("", curves).log_y().x_label("step").y_label("loss, mean of 50 batches");
        Output::figure(table, Figure::new(ARTIFACT.title, [panel]), false)
    },
};

pub(super) const PUBLISHED: Artifact<Lecture> = Artifact {
    id: "published",
    title: "200,000 steps: the published loss logs and final losses beside ours",
    run: published::output,
};

pub(super) const STEPS_PUBLISHED: Artifact<Lecture> = Artifact {
    id: "published-steps",
    title: "Published statistics of the first step and of step 1,001, beside ours",
    run: published::steps,
};
