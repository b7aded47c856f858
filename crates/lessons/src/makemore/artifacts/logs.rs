//! Loss logs of 1,001 steps and of the lecture's 200,000.

use cli::{Cell, Table};
use plot::{Curve, Figure, Line, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::colours;
use crate::makemore::lecture::Lecture;
use crate::makemore::published;

const RUNS: [&str; 6] =
    ["shallow-raw", "shallow-logits", "shallow-tanh", "shallow-norm", "deep", "deep-norm"];
const STEPS: u64 = 1001;
const EVERY: usize = 100;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "loss-log",
    title: "Loss log of the first 1,001 steps",
    run: |lecture: &Lecture| {
        let mut table = Table::new(&[("run", "run"), ("step", "step"), ("loss", "loss")]);
        let (mut curves, mut starts) = (Vec::new(), Vec::new());
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
            curves.push(colours::curve(run, in_windows(losses)));
            starts.push(losses.first().copied().map_or(f64::NAN, f64::from));
        }
        let classes = lecture.corpus.alphabet.0.len();
        let guess = (classes as f64).ln();
        let guess_name = format!("ln {classes} = {guess:.2}");
        let panel = |title: &str, curves: &[Curve]| {
            let panel =
                LinePanel::new(title, curves.to_vec()).log_x().level(guess, &guess_name, Line::Dashed);
            panel.x_label("step")
        };
        let panels = [
            panel("All runs", &curves).log_y().y_label("loss"),
            panel("All but the raw init", &curves[1..]).y_label("loss"),
        ];
        let (raw, others) = starts.split_first().map_or((f64::NAN, &[][..]), |(raw, others)| (*raw, others));
        // Rounded up: the title says that none is above it.
        let highest = (others.iter().copied().fold(0.0, f64::max) * 100.0).ceil() / 100.0;
        let title = format!(
            "The raw init begins at a loss of {raw:.1}; the others begin at {highest:.2} or less, near a uniform guess"
        );
        let caption = "means over windows that grow with the step; step 1 is a single batch";
        Output::figure(table, Figure::new(title, panels).caption(caption), false)
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

/// The mean loss over windows of steps, each a quarter longer than the one before, at the middle of each on a log axis:
/// single batches of 32 vary too much to plot, but the first steps fall too fast to average.
fn in_windows(losses: &[f32]) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut first = 0;
    while first < losses.len() {
        let last = (first + 1).max((first as f64 * 1.25) as usize).min(losses.len());
        let window = &losses[first..last];
        let mean = window.iter().map(|&loss| f64::from(loss)).sum::<f64>() / window.len() as f64;
        points.push((((first + 1) as f64 * last as f64).sqrt(), mean));
        first = last;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_begin_with_single_steps_and_cover_every_step_once() {
        let losses: Vec<f32> = (0..1001).map(|step| step as f32).collect();
        let points = in_windows(&losses);
        assert_eq!(points[..2], [(1.0, 0.0), (2.0, 1.0)]);
        assert!(points.len() < 60 && points.last().is_some_and(|point| point.0 < 1001.0));
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    }
}
