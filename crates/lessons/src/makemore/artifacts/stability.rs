//! Initialisation decides reproducibility: the distance of runs from perturbed copies, which the lecture does not show.

use cli::{Cell, Table, digits::ROUGH};
use plot::{Curve, Figure, LinePanel};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::run::Run;
use crate::makemore::stability::{self, Distance, Measured, Perturbation};

const RUNS: [&str; 7] =
    ["shallow-raw", "shallow-logits", "shallow-tanh", "shallow-norm", "deep", "deep-three", "deep-norm"];

/// Steps of the short measurement and of the long one.
const STEPS: u64 = 3_000;
const LONG: u64 = 50_000;

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "reproducibility",
    title: "Initialisation decides reproducibility: the distance of each run from perturbed copies of itself",
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
        ("hessian_min", "rate·λ_min"),
        ("hessian_max", "rate·λ_max"),
        ("gauss_newton_max", "rate·λ_max of G"),
        ("least", "least rate·λ_min"),
        ("largest", "largest rate·λ_max"),
        ("perturbation", "perturbation"),
        ("first", "after 1 step"),
        ("last", "at the end"),
        ("visible", "log differs from"),
    ]);
    for run in &measured {
        for (perturbation, distances) in &run.copies {
            let apart =
                |distance: Option<&Distance>| distance.map_or(f64::NAN, |distance| distance.parameters);
            table.push(vec![
                Cell::text(&run.run),
                Cell::fixed(run.chi, 2),
                Cell::fixed(run.hessian[0], 2),
                Cell::fixed(run.hessian[1], 2),
                Cell::fixed(run.gauss_newton, 2),
                Cell::text(format!("{ROUGH}{:.2}", run.outermost[0])),
                Cell::text(format!("{ROUGH}{:.2}", run.outermost[1])),
                Cell::text(perturbation.name()),
                Cell::rough(apart(distances.first())),
                Cell::rough(apart(distances.last())),
                differs_from(distances),
            ]);
        }
    }
    let panels = Perturbation::ALL.map(|perturbation| panel(perturbation, &measured));
    let notes = [format!(
        "Distances are ‖θ′ − θ‖/‖θ‖ over {steps} steps. χ₁ is measured at the last hidden layer. rate·λ_min and rate·λ_max \
         are the learning rate times both ends of the spectrum of the Hessian of one batch's loss before the first step, and \
         rate·λ_max of G is that of its Gauss–Newton matrix, which leaves out the curvature of the network itself. The \
         outermost values are those of eleven batches, the first and one after each tenth of the steps. 2/λ_max is where \
         full-batch descent on the local quadratic diverges. At init it gives the order of magnitude of the largest learning \
         rate, not a limit: curvature changes within steps, and small batches need less. A log differs from \
         the first step at which the losses differ by half a unit of the fourth decimal. Values marked ~ depend on rounding \
         and differ between machines."
    )];
    let figure = Figure::new(title(&measured), panels).shared_axes();
    Output::figure(table, figure, true).brief(brief(&measured)).notes(notes)
}

/// The number of runs whose printed losses a perturbation changes.
fn title(measured: &[Measured]) -> String {
    let parted =
        |run: &&Measured| run.copies.iter().any(|(_, distances)| stability::visible(distances).is_some());
    let names: Vec<&str> = measured.iter().filter(parted).map(|run| run.run.as_str()).collect();
    let count = measured.len();
    match &names[..] {
        [] => format!("None of {count} runs parts visibly from a copy that differs by a rounding"),
        [name] => format!("{name}, one of {count} runs, parts from copies that differ by a rounding"),
        names => {
            format!("Of {count} runs, {} part from copies that differ by a rounding", names.join(" and "))
        }
    }
}

fn panel(perturbation: Perturbation, measured: &[Measured]) -> LinePanel {
    let curve = |run: &Measured| {
        let own = run.copies.iter().filter(|(other, _)| *other == perturbation);
        let points = own.flat_map(|(_, distances)| distances).map(|at| (at.step as f64, at.parameters));
        Curve::new(&run.run, points.collect())
    };
    let curves = measured.iter().map(curve).collect();
    // On a linear axis of steps, exponential growth is a straight line.
    LinePanel::new(panel_title(perturbation), curves)
        .log_y()
        .x_label("step")
        .y_label("relative distance of the parameters")
}

/// The title of a perturbation's panel, which names it in full.
fn panel_title(perturbation: Perturbation) -> &'static str {
    match perturbation {
        Perturbation::Ulp => "Copies with one weight larger by one unit in the last place",
        Perturbation::Order => "Copies that sum the examples of each batch in reverse order",
    }
}

/// The first step at which the loss log of a perturbed copy differs.
fn differs_from(distances: &[Distance]) -> Cell {
    Cell::text(stability::visible(distances).map_or("never".to_owned(), |step| format!("{ROUGH}{step}")))
}

/// One row per run.
fn brief(measured: &[Measured]) -> Table {
    let mut table = Table::new(&[
        ("run", "run"),
        ("chi", "χ₁"),
        ("hessian", "rate·λ_min, rate·λ_max"),
        ("gauss_newton_max", "rate·λ_max of G"),
        ("outermost", "outermost of 11"),
        ("ulp", "log differs from, one ulp"),
        ("order", "log differs from, sum order"),
    ]);
    for run in measured {
        let [(_, ulp), (_, order)] = &run.copies;
        table.push(vec![
            Cell::text(&run.run),
            Cell::fixed(run.chi, 2),
            Cell::text(format!("{:.2}, {:.2}", run.hessian[0], run.hessian[1])),
            Cell::fixed(run.gauss_newton, 2),
            Cell::text(format!("{ROUGH}{:.2}, {ROUGH}{:.2}", run.outermost[0], run.outermost[1])),
            differs_from(ulp),
            differs_from(order),
        ]);
    }
    table
}
