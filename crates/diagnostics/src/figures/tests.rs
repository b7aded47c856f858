//! The contents of the figures of reports.

use tensor::Activation;

use crate::report::{LayerView, Report, Settings, WeightView};
use crate::stats::{UnitMap, Updates};
use plot::Figure;

const POST: [f32; 4] = [0.5, -0.999, 0.0, -0.995];
const NAMES: [&str; 60] = {
    let mut names = ["middle"; 60];
    (names[0], names[59]) = ("first", "last");
    names
};

/// A report of `layers` layers of two units.
fn report(layers: usize, activation: Activation) -> Report {
    let settings = Settings { maps: true, ..Settings::default() };
    let weight = [0.7_f32, -0.7, 0.8, 0.6];
    let layer = |at: usize| {
        // The last has the last name.
        let name = NAMES[if at + 1 == layers { 59 } else { at }];
        LayerView::new(name, 2, &POST).pre(&POST).gradient(&POST).activation(activation).weight("W")
    };
    let weights = [WeightView::new("W", &weight).gradient(&weight)];
    Report::of((0..layers).map(layer), weights, settings).with_inputs(2, &POST)
}

fn svg(report: &Report, name: &str) -> Option<String> {
    report.figures().into_iter().find(|figure| figure.0 == name).map(|(_, figure)| figure.svg())
}

/// The labels of ticks, and all other words.
fn words(svg: &str) -> Vec<String> {
    let after = svg.split(r#" aria-label=""#).skip(1);
    after.filter_map(|text| Some(text.split_once('"')?.0.to_owned())).collect()
}

#[test]
fn every_figure_is_there_where_it_has_data() {
    let names = |activation| report(3, activation).figures().into_iter().map(|f| f.0).collect::<Vec<_>>();
    let common = ["histograms", "depth", "gradients", "theory", "phase"];
    assert_eq!(names(Activation::Tanh), [&common[..], &["saturation", "zeros"]].concat());
    // A ReLU has no second end to be saturated at.
    assert_eq!(names(Activation::Relu), [&common[..], &["zeros"]].concat());
    let plain = Report::of([LayerView::new("A", 2, &[0.5_f32, 1.0])], [], Settings::default());
    assert_eq!(plain.figures().into_iter().map(|f| f.0).collect::<Vec<_>>(), ["histograms", "depth"]);
    assert!(Report::of::<f32>([], [], Settings::default()).figures().is_empty());
}

#[test]
fn layers_that_are_left_out_are_the_middle_ones_and_the_title_says_so() {
    let deep = report(50, Activation::Tanh);
    for (name, title) in
        [("histograms", "12 of 50 layers"), ("saturation", "6 of 50 layers"), ("zeros", "6 of 50 layers")]
    {
        let words = words(&svg(&deep, name).unwrap());
        assert!(words.iter().any(|word| word.contains(title)), "{name}: {words:?}");
        let shown = |layer: &str| words.iter().any(|word| word.starts_with(layer));
        assert!(shown("first") && shown("last"), "{name}: {words:?}");
    }
    let words = words(&svg(&report(6, Activation::Tanh), "saturation").unwrap());
    assert!(words.contains(&"Saturated units".to_owned()), "{words:?}");
    assert!(words.contains(&"first: 1 always saturated".to_owned()), "{words:?}");
}

#[test]
fn there_is_no_layer_and_no_step_between_two() {
    let half = |figure: &str| words(figure).iter().any(|word| word.ends_with(".5") || word.ends_with(".0"));
    let theory = svg(&report(3, Activation::Relu), "theory").unwrap();
    let along: Vec<String> =
        words(&theory).into_iter().filter(|word| ["1", "2", "3"].contains(&word.as_str())).collect();
    assert!(along.len() >= 3 && !words(&theory).contains(&"1.5".to_owned()), "{along:?}");
    let mut updates = Updates::new(["W1"]);
    for step in 0..3 {
        updates.push(step, [(&[1e-3_f32, -1e-3][..], &[1.0_f32, -1.0][..])]);
    }
    let steps = updates.figure().svg();
    assert!(steps.contains("about right") && !half(&steps), "{:?}", words(&steps));
}

/// Every function with an edge of chaos shows it near its layers, and no std is below 0.
#[test]
fn phases_have_their_edge_and_no_negative_std() {
    for activation in
        [Activation::Tanh, Activation::Relu, Activation::Sigmoid, Activation::Erf, Activation::Selu]
    {
        let figure = svg(&report(3, activation), "phase").unwrap();
        assert!(figure.contains("edge of chaos") && figure.contains("chaotic"), "{activation}");
    }
    for activation in Activation::ALL {
        let words = words(&svg(&report(3, activation), "phase").unwrap());
        assert!(words.iter().all(|word| !word.starts_with('−')), "{activation}: {words:?}");
    }
}

#[test]
fn a_map_is_a_picture() {
    let figure: Figure = UnitMap::of(&POST, 2, |h| h.abs() > 0.99).figure("Saturated", "yes", "no");
    let words = words(&figure.svg());
    assert!(["Saturated", "yes", "no"].iter().all(|word| words.contains(&(*word).to_owned())), "{words:?}");
}
