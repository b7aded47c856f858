//! Networks of five hidden layers of 100 units: activations, gradients and weights, before the first step and after
//! 1,001 steps.

use cli::Table;
use diagnostics::{LayerReport, Summary, ValueStatistics, significant};
use plot::Figure;

use crate::artifact::{Artifact, Output};
use crate::makemore::brief;
use crate::makemore::lecture::Lecture;
use crate::makemore::run_figures;
use crate::makemore::run_report::{self, RunReport};
use crate::of_all;

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
        shown(lecture, &GAINS_OF, 1, (run_report::activations, Some(brief::activations)), |runs| {
            run_figures::gains(&gains_title(runs), runs)
        })
    },
};

pub(super) const GAIN_GRADIENTS: Artifact<Lecture> = Artifact {
    id: "gain-gradients",
    title: "Gradients at the activations before the first step",
    run: |lecture: &Lecture| {
        shown(lecture, &GAINS_OF, 1, (run_report::gradients, Some(brief::gradients)), |runs| {
            run_figures::gain_gradients(&gain_gradients_title(runs), runs)
        })
    },
};

pub(super) const ACTIVATIONS: Artifact<Lecture> = Artifact {
    id: "trained-activations",
    title: "Activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, (run_report::activations, Some(brief::activations)), |runs| {
            run_figures::activations(&activations_title(runs), runs)
        })
    },
};

pub(super) const GRADIENTS: Artifact<Lecture> = Artifact {
    id: "trained-gradients",
    title: "Gradients at the activations after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, (run_report::gradients, Some(brief::gradients)), |runs| {
            run_figures::gradients(&gradients_title(runs), runs)
        })
    },
};

pub(super) const WEIGHTS: Artifact<Lecture> = Artifact {
    id: "trained-weights",
    title: "Gradients of the weights after 1,001 steps",
    run: |lecture: &Lecture| {
        shown(lecture, &TRAINED, STEPS, (run_report::weights, None), |runs| {
            run_figures::weights(&weights_title(runs), runs)
        })
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

/// The reports that a title is about; every artifact has them, because the lecture's runs have names that exist.
fn layers<'a>(runs: &'a [RunReport<'_>], run: &str) -> &'a [LayerReport] {
    runs.iter().find(|(name, _)| *name == run).map_or(&[], |(_, report)| &report.layers)
}

/// The std of what `pick` gives of each layer.
fn stds(layers: &[LayerReport], pick: fn(&LayerReport) -> Option<&ValueStatistics>) -> Vec<f64> {
    layers
        .iter()
        .map(|layer| pick(layer).map_or(f64::NAN, |seen| of_all(&seen.summary, Summary::std)))
        .collect()
}

fn post(layer: &LayerReport) -> Option<&ValueStatistics> {
    Some(&layer.post)
}

fn gains_title(runs: &[RunReport<'_>]) -> String {
    let last = |run| run_figures::std_text(stds(layers(runs, run), post).last().copied().unwrap_or(f64::NAN));
    format!(
        "After five layers of tanh, activations have a std of {} with gain 5/3, {} with gain 0.5, and {} with batch norm",
        last("deep"),
        last("deep-half"),
        last("deep-norm")
    )
}

/// The factor by which gradients change from the last layer to the first.
fn factor(runs: &[RunReport<'_>], run: &str) -> String {
    let stds = stds(layers(runs, run), |layer| layer.gradient.as_ref());
    significant(stds.first().zip(stds.last()).map_or(f64::NAN, |(first, last)| first / last), 2)
}

fn gain_gradients_title(runs: &[RunReport<'_>]) -> String {
    format!(
        "From the last layer to the first, gradients at the activations change by a factor of {} with gain 5/3, {} with \
         0.5, and {} with 3",
        factor(runs, "deep"),
        factor(runs, "deep-half"),
        factor(runs, "deep-three")
    )
}

fn activations_title(runs: &[RunReport<'_>]) -> String {
    let saturated = |run| {
        let shares = layers(runs, run).iter().map(LayerReport::above_threshold);
        let (low, high) = shares.fold((f64::INFINITY, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
        format!("{:.1}% to {:.1}%", 100.0 * low, 100.0 * high)
    };
    format!(
        "After 1,001 steps, {} of each layer's activations have |h| > 0.97 in deep, {} in deep-norm",
        saturated("deep"),
        saturated("deep-norm")
    )
}

fn gradients_title(runs: &[RunReport<'_>]) -> String {
    let spread = |run| {
        let stds = stds(layers(runs, run), |layer| layer.gradient.as_ref());
        let (low, high) =
            stds.iter().fold((f64::INFINITY, 0.0f64), |(low, high), &x| (low.min(x), high.max(x)));
        significant(high / low, 2)
    };
    format!(
        "After 1,001 steps, gradients at the activations differ between layers by a factor of {} in deep, {} in deep-norm",
        spread("deep"),
        spread("deep-norm")
    )
}

fn weights_title(runs: &[RunReport<'_>]) -> String {
    let last = |run: &str| {
        let report = runs.iter().find(|(name, _)| *name == run).map(|(_, report)| report);
        let ratio =
            report.and_then(|report| run_report::matrices(report).last()).map(run_report::gradient_to_data);
        significant(ratio.unwrap_or(f64::NAN), 2)
    };
    format!(
        "After 1,001 steps, the output layer's gradient is {} of its weights in deep, {} in deep-norm",
        last("deep"),
        last("deep-norm")
    )
}
