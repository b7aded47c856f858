//! Five hidden layers of 100 units: activations, gradients and weights, before the first step and after a thousand.

use plot::Figure;

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::seen::{self, Seen};
use cli::Table;

/// The gains of the lecture, and what becomes of them without a function between the products.
const GAINS_OF: [&str; 7] =
    ["deep", "deep-half", "deep-one", "deep-three", "deep-linear", "deep-linear-gain", "deep-norm"];

/// The two that the lecture trains.
const TRAINED: [&str; 2] = ["deep", "deep-norm"];

/// Steps after which the lecture looks.
const STEPS: u64 = 1001;

pub(super) const GAINS: Artifact<Lecture> = Artifact {
    id: "gains",
    title: "Activations before the first step: gain 5/3, 0.5, 1, 3; no function; normalised",
    run: |lecture: &Lecture| {
        shown(lecture, &GAINS_OF, 1, seen::activations, figure_of(&GAINS, seen::activation_figure))
    },
};

pub(super) const GAIN_GRADIENTS: Artifact<Lecture> = Artifact {
    id: "gain-gradients",
    title: "Gradients at the activations before the first step",
    run: |lecture: &Lecture| {
        shown(lecture, &GAINS_OF, 1, seen::gradients, figure_of(&GAIN_GRADIENTS, seen::gradient_figure))
    },
};

pub(super) const ACTIVATIONS: Artifact<Lecture> = Artifact {
    id: "trained-activations",
    title: "Activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, seen::activations, figure_of(&ACTIVATIONS, seen::activation_figure))
    },
};

pub(super) const GRADIENTS: Artifact<Lecture> = Artifact {
    id: "trained-gradients",
    title: "Gradients at the activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, seen::gradients, figure_of(&GRADIENTS, seen::gradient_figure))
    },
};

pub(super) const WEIGHTS: Artifact<Lecture> = Artifact {
    id: "trained-weights",
    title: "Gradients of the weights after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, seen::weights, figure_of(&WEIGHTS, seen::weight_figure))
    },
};

fn shown(
    lecture: &Lecture,
    runs: &[&'static str],
    steps: u64,
    table: fn(&[Seen<'_>]) -> Table,
    figure: impl Fn(&[Seen<'_>]) -> Figure,
) -> Output {
    let report =
        |&run: &&'static str| Some((run, lecture.trained(run, steps).report(seen::SATURATION, false)?));
    let reports: Vec<Seen<'_>> = runs.iter().filter_map(report).collect();
    Output::figure(table(&reports), figure(&reports), true)
}

fn figure_of(
    artifact: &Artifact<Lecture>,
    draw: fn(&str, &[Seen<'_>]) -> Figure,
) -> impl Fn(&[Seen<'_>]) -> Figure {
    let title = artifact.title;
    move |runs| draw(title, runs)
}
