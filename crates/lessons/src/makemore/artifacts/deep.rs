//! Networks of five hidden layers of 100 units: activations, gradients and weights, before the first step and after
//! 1,001 steps.

use cli::Table;
use plot::Figure;

use crate::artifact::{Artifact, Output};
use crate::makemore::brief;
use crate::makemore::lecture::Lecture;
use crate::makemore::run_report::{self, RunReport};

/// The lecture's gains with tanh, its gains without an activation function, and batch normalisation.
const GAINS_OF: [&str; 7] =
    ["deep", "deep-half", "deep-one", "deep-three", "deep-linear", "deep-linear-gain", "deep-norm"];

/// The two networks that the lecture trains.
const TRAINED: [&str; 2] = ["deep", "deep-norm"];

/// The number of steps after which the lecture looks again.
const STEPS: u64 = 1001;

pub(super) const GAINS: Artifact<Lecture> = Artifact {
    id: "gains",
    title: "Activations before the first step: gains 5/3, 0.5, 1 and 3; no activation function; batch normalisation",
    run: |lecture: &Lecture| {
        shown(
            lecture,
            &GAINS_OF,
            1,
            (run_report::activations, Some(brief::activations)),
            figure_of(&GAINS, run_report::activation_figure),
        )
    },
};

pub(super) const GAIN_GRADIENTS: Artifact<Lecture> = Artifact {
    id: "gain-gradients",
    title: "Gradients at the activations before the first step",
    run: |lecture: &Lecture| {
        shown(
            lecture,
            &GAINS_OF,
            1,
            (run_report::gradients, Some(brief::gradients)),
            figure_of(&GAIN_GRADIENTS, run_report::gradient_figure),
        )
    },
};

pub(super) const ACTIVATIONS: Artifact<Lecture> = Artifact {
    id: "trained-activations",
    title: "Activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(
            lecture,
            &TRAINED,
            STEPS,
            (run_report::activations, Some(brief::activations)),
            figure_of(&ACTIVATIONS, run_report::activation_figure),
        )
    },
};

pub(super) const GRADIENTS: Artifact<Lecture> = Artifact {
    id: "trained-gradients",
    title: "Gradients at the activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(
            lecture,
            &TRAINED,
            STEPS,
            (run_report::gradients, Some(brief::gradients)),
            figure_of(&GRADIENTS, run_report::gradient_figure),
        )
    },
};

pub(super) const WEIGHTS: Artifact<Lecture> = Artifact {
    id: "trained-weights",
    title: "Gradients of the weights after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(
            lecture,
            &TRAINED,
            STEPS,
            (run_report::weights, None),
            figure_of(&WEIGHTS, run_report::weight_figure),
        )
    },
};

/// The full table of some reports, and the short one for documents.
type Tables = (fn(&[RunReport<'_>]) -> Table, Option<fn(&[RunReport<'_>]) -> Table>);

fn shown(
    lecture: &Lecture,
    runs: &[&'static str],
    steps: u64,
    (table, brief): Tables,
    figure: impl Fn(&[RunReport<'_>]) -> Figure,
) -> Output {
    let report =
        |&run: &&'static str| Some((run, lecture.trained(run, steps).report(run_report::SATURATION, false)?));
    let reports: Vec<RunReport<'_>> = runs.iter().filter_map(report).collect();
    let output = Output::figure(table(&reports), figure(&reports), true);
    match brief {
        Some(brief) => output.brief(brief(&reports)),
        None => output,
    }
}

fn figure_of(
    artifact: &Artifact<Lecture>,
    draw: fn(&str, &[RunReport<'_>]) -> Figure,
) -> impl Fn(&[RunReport<'_>]) -> Figure {
    let title = artifact.title;
    move |runs| draw(title, runs)
}
