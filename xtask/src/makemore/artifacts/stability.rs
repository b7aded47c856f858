//! Initialization decides reproducibility: a figure that the lecture does not have.

use diagnostics::Report;
use diagnostics::plot::{Curve, Figure, LinePanel};
use mean_field::MeanField;
use specimen::Role;

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;
use crate::makemore::stability::{self, Divergence, Twin};
use crate::makemore::training::Training;
use crate::table::{Cell, Table};

const RUNS: [&str; 7] =
    ["shallow-raw", "shallow-logits", "shallow-tanh", "shallow-norm", "deep", "deep-three", "deep-norm"];

/// Steps of the short measurement, and of the long one.
const STEPS: u64 = 3_000;
const LONG: u64 = 50_000;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "reproducibility",
    title: "Initialization decides reproducibility: the same run, one weight an ulp off, or its sums in another order",
    run: output,
};

fn output(lecture: &Lecture) -> Output {
    let steps = if lecture.long { LONG } else { STEPS };
    let runs: Vec<Run> =
        RUNS.iter().filter_map(|name| Run::find(name)).map(|run| run.cut(steps, steps)).collect();
    let measured = stability::measure(lecture, &runs);
    let mut table = Table::new(&[
        ("run", "run"),
        ("chi", "χ₁ of the first layer"),
        ("twin", "what differs"),
        ("first", "apart after 1 step"),
        ("last", "apart at the end"),
        ("growth", "times as far a step"),
        ("visible", "visible in a loss log from step"),
    ]);
    for divergence in &measured {
        let chi =
            runs.iter().find(|run| run.name == divergence.run).map_or(f64::NAN, |run| chi(lecture, run));
        let first = divergence.distances.first().map_or(f64::NAN, |distance| distance.parameters);
        let visible = divergence.visible().map_or("never".to_owned(), |step| step.to_string());
        table.push(vec![
            Cell::text(&divergence.run),
            Cell::fixed(chi, 2),
            Cell::text(divergence.twin.name()),
            Cell::scientific(first, 1),
            Cell::scientific(divergence.last(), 1),
            Cell::fixed(growth(divergence), 4),
            Cell::text(visible),
        ]);
    }
    let panels = Twin::ALL.map(|twin| panel(twin, &measured));
    Output::figure(table, Figure::new("Distance of a run from its twin", panels), true)
}

fn panel(twin: Twin, measured: &[Divergence]) -> LinePanel {
    let of_twin = measured.iter().filter(|divergence| divergence.twin == twin);
    let curve = |divergence: &Divergence| {
        let points = divergence.distances.iter().map(|distance| (distance.step as f64, distance.parameters));
        Curve::new(&divergence.run, points.collect())
    };
    LinePanel::new(twin.name(), of_twin.map(curve).collect())
        .log_x()
        .log_y()
        .x_label("step")
        .y_label("‖θ′ − θ‖/‖θ‖")
}

/// The mean factor a step by which the distance grows over the first half of the steps up to its largest.
fn growth(divergence: &Divergence) -> f64 {
    let distances = &divergence.distances;
    let (Some(first), Some(last)) = (distances.first(), distances.last()) else { return f64::NAN };
    ((last.parameters / first.parameters).ln() / (last.step - first.step) as f64).exp()
}

/// χ₁ of the network's first hidden layer at the variance of its pre-activations.
fn chi(lecture: &Lecture, run: &Run) -> f64 {
    let trained = lecture.trained(&run.name, 1);
    let report: Option<Report> = trained.report(0.97, false);
    let q = report.and_then(|report| Some(report.layers.first()?.pre.as_ref()?.summary.variance()));
    let start = Training::new(run.clone(), &lecture.corpus);
    let weight = start.model.parameters.0.iter().find(|parameter| parameter.role == Role::Weight);
    let Some((weight, q)) = weight.zip(q) else { return f64::NAN };
    let fan_in = weight.value.shape().dims()[0] as f64;
    let variance = diagnostics::Summary::of(weight.value.data()).mean_square() * fan_in;
    MeanField { activation: run.activation, weight: variance, bias: 0.0 }.chi(q)
}
