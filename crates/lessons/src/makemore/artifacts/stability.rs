//! Initialization decides reproducibility: a figure that the lecture does not have.

use plot::{Curve, Figure, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;
use crate::makemore::stability::{self, Distance, Measured, Twin};
use cli::digits::ROUGH;
use cli::{Cell, Table};

const RUNS: [&str; 7] =
    ["shallow-raw", "shallow-logits", "shallow-tanh", "shallow-norm", "deep", "deep-three", "deep-norm"];

/// Steps of the short measurement, and of the long one.
const STEPS: u64 = 3_000;
const LONG: u64 = 50_000;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "reproducibility",
    title: "Initialization decides reproducibility: a run, and its twin with one weight an ulp off or other sums",
    run: output,
};

fn output(lecture: &Lecture) -> Output {
    let steps = if lecture.long { LONG } else { STEPS };
    let runs: Vec<Run> = RUNS.iter().filter_map(|name| Run::find(name)).collect();
    let runs: Vec<Run> = runs.into_iter().map(|run| run.cut(steps, steps)).collect();
    let measured = stability::measure(lecture, &runs);
    let mut table = Table::new(&[
        ("run", "run"),
        ("chi", "χ₁"),
        ("curvature", "rate·λ"),
        ("largest", "largest"),
        ("twin", "twin"),
        ("first", "after 1 step"),
        ("last", "at the end"),
        ("visible", "log differs from"),
    ]);
    for run in &measured {
        for (twin, distances) in &run.twins {
            let apart =
                |distance: Option<&Distance>| distance.map_or(f64::NAN, |distance| distance.parameters);
            let visible = stability::visible(distances);
            let visible = visible.map_or("never".to_owned(), |step| format!("{ROUGH}{step}"));
            table.push(vec![
                Cell::text(&run.run),
                Cell::fixed(run.chi, 2),
                Cell::fixed(run.curvature, 2),
                Cell::text(format!("{ROUGH}{:.2}", run.largest)),
                Cell::text(twin.name()),
                Cell::rough(apart(distances.first())),
                Cell::rough(apart(distances.last())),
                Cell::text(visible),
            ]);
        }
    }
    let panels = Twin::ALL.map(|twin| panel(twin, &measured));
    let notes = [format!(
        "Distances are ‖θ′ − θ‖/‖θ‖, over {steps} steps. χ₁ is that of the last hidden layer; rate·λ is the learning rate \
         times the largest curvature of the loss, before the first step and at most in ten looks: above 2, descent moves twins \
         apart. A log differs where a loss moved by half of its fourth decimal. What stands behind ~ is decided by roundings: \
         another machine has other numbers."
    )];
    Output::figure(table, Figure::new("Distance of a run from its twin", panels), true).notes(notes)
}

fn panel(twin: Twin, measured: &[Measured]) -> LinePanel {
    let curve = |run: &Measured| {
        let of_twin = run.twins.iter().filter(|(other, _)| *other == twin);
        let points = of_twin.flat_map(|(_, distances)| distances).map(|at| (at.step as f64, at.parameters));
        Curve::new(&run.run, points.collect())
    };
    let curves = measured.iter().map(curve).collect();
    LinePanel::new(twin.name(), curves)
        .log_x()
        .log_y()
        .x_label("step")
        .y_label("relative distance of the parameters")
}
