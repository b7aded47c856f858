//! Verdicts on reports that no network of the lessons gives.

use diagnostics::{
    Activation, Expected, Fix, LayerView, Level, Limits, Report, Settings, Verdict, WeightView,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// Layers of 1,000 units whose activations and gradients change by these factors per layer: the rules that report them, with
/// their levels.
fn faults(layers: i32, activations: f32, gradients: f32) -> Vec<(&'static str, Level)> {
    let values = |factor: f32, layer: i32| -> Vec<f32> {
        (0..1000).map(|unit| factor.powi(layer) * 0.1 * f32::sin(unit as f32)).collect()
    };
    let names: Vec<String> = (0..layers).map(|layer| format!("layer {layer}")).collect();
    let layers: Vec<_> =
        (0..layers).map(|layer| (values(activations, layer), values(gradients, layer))).collect();
    let views = names
        .iter()
        .zip(&layers)
        .map(|(name, (post, gradient))| LayerView::new(name, 1000, post).gradient(gradient));
    let report = Report::of(views, [], Settings::default());
    let verdicts = report.verdicts();
    let judged = verdicts.iter().filter(|verdict| verdict.rule != "few-examples");
    judged.map(|verdict| (verdict.rule, verdict.level)).collect()
}

#[test]
fn growth_over_depth_is_judged_in_both_directions() {
    assert_eq!(faults(5, 1.0, 1.0), []);
    assert_eq!(faults(5, 1.2, 0.9), [], "too little to matter");
    assert_eq!(faults(5, 1.6, 1.0), [("exploding-activations", Level::Note)]);
    assert_eq!(faults(5, 0.5, 1.0), [("vanishing-activations", Level::Note)]);
    // The layers are in order towards the output.
    assert_eq!(faults(5, 1.0, 0.5), [("exploding-gradients", Level::Note)]);
    assert_eq!(faults(5, 1.0, 2.0), [("vanishing-gradients", Level::Note)]);
    assert_eq!(faults(20, 1.6, 1.0), [("exploding-activations", Level::Warning)]);
    assert_eq!(faults(20, 1.0, 2.0), [("vanishing-gradients", Level::Warning)]);
}

/// The findings on a report, in order.
fn rules(report: &Report) -> Vec<&'static str> {
    report.verdicts().iter().filter(|verdict| verdict.is_finding()).map(|verdict| verdict.rule).collect()
}

/// A layer of ReLU units over examples that are drawn anew, or all alike.
fn relu(units: usize, examples: usize, alike: bool, seed: u64) -> Report {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let row: Vec<f32> = (0..units).map(|_| StandardNormal.sample(&mut rng)).collect();
    let fresh = (0..units * examples).map(|_| StandardNormal.sample(&mut rng)).collect();
    let pre: Vec<f32> = if alike { row.repeat(examples) } else { fresh };
    let post: Vec<f32> = pre.iter().map(|x| x.max(0.0)).collect();
    let layer = LayerView::new("fc", units, &post).pre(&pre).activation(Activation::Relu);
    Report::of([layer], [], Settings::default())
}

/// One example, or many that are alike, cannot show that a unit is dead.
#[test]
fn few_examples_show_no_dead_units() {
    for (units, examples, alike) in [(256, 1, false), (256, 64, true), (5, 2, false), (256, 3, false)] {
        let found = (0..200).filter(|&seed| !rules(&relu(units, examples, alike, seed)).is_empty());
        assert_eq!(found.count(), 0, "{units} units, {examples} examples");
    }
    let by_share_alone = Limits { chance: 2.0, ..Limits::default() };
    let judged = |seed| by_share_alone.judge(&[relu(256, 1, false, seed)]);
    let alarms = (0..200).filter(|&seed| judged(seed).iter().any(Verdict::is_finding));
    assert!(alarms.count() > 50);
}

#[test]
fn units_that_no_example_reaches_are_dead() {
    for (units, examples) in [(5, 64), (64, 2), (256, 1)] {
        let (pre, post) = (vec![-1.0_f32; units * examples], vec![0.0_f32; units * examples]);
        let varied: Vec<f32> =
            pre.iter().enumerate().map(|(i, x)| x - (i as f32 * 0.7).sin().abs()).collect();
        let layer = LayerView::new("fc", units, &post).pre(&varied).activation(Activation::Relu);
        let faults = rules(&Report::of([layer], [], Settings::default()));
        // All pre-activations point the same way, so that five units could all be 0 by chance: once in 32.
        assert_eq!(faults, if units == 5 { vec![] } else { vec!["dead-units"] }, "{units} units");
    }
}

/// Normalised values and sums have no ends, however large they are.
#[test]
fn without_a_function_nothing_is_saturated() {
    let values: Vec<f32> = (0..6400).map(|i| (i as f32 * 0.7).sin() * 2.0).collect();
    let layer = LayerView::new("norm", 64, &values);
    assert_eq!(rules(&Report::of([layer], [], Settings::default())), Vec::<&str>::new());
    assert_eq!(
        rules(&Report::of([layer.activation(Activation::Tanh)], [], Settings::default())),
        ["saturated"]
    );
}

/// NaN in one parameter hides no other fault, and what it reaches is not judged.
#[test]
fn every_parameter_is_judged_beside_one_with_nan() {
    let expected = Expected { mean: 0.0, std: 1.0, kurtosis: 3.0 };
    let normal = |factor: f32| -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..4096).map(|_| factor * Distribution::<f32>::sample(&StandardNormal, &mut rng)).collect()
    };
    let (mut lost, mut gone, wide) = (normal(1.0), normal(1.0), normal(2.0));
    // Memory that was never initialised holds huge numbers, and subnormal ones.
    let (garbage, dust) = (normal(1e30), normal(1e-41));
    (lost[7], gone[0]) = (f32::NAN, f32::INFINITY);
    let weights = [("a", &lost), ("b", &wide), ("c", &gone), ("d", &garbage), ("e", &dust)];
    let weights = weights.map(|(name, values)| WeightView::new(name, values).expected(expected));
    let post = [f32::NAN; 64];
    let report = Report::of([LayerView::new("fc", 64, &post).weight("a")], weights, Settings::default());
    let verdicts = report.verdicts();
    let found: Vec<_> = verdicts.iter().map(|verdict| (verdict.location(), verdict.rule)).collect();
    assert_eq!(
        found,
        [
            ("d", "uninitialised-memory"),
            ("e", "uninitialised-memory"),
            ("a", "not-finite"),
            ("c", "not-finite"),
            ("b", "wrong-distribution"),
        ]
    );
    let redraw = |name: &str| Some(Fix::Redraw { parameters: vec![name.to_owned()], std: None });
    assert_eq!(
        [0, 1, 2, 3].map(|at| &verdicts[at].fix),
        [&redraw("d"), &redraw("e"), &redraw("a"), &redraw("c")]
    );
    let Some(Fix::Scale { parameters, .. }) = &verdicts[4].fix else { panic!("{:#?}", verdicts[4]) };
    assert!((parameters[0].1 * 2.0 - 1.0).abs() < 0.05);
}

/// tanh cannot overflow, whatever its growth.
#[test]
fn bounded_activations_do_not_overflow() {
    let report = |activation: Activation| {
        let layers: Vec<Vec<f32>> = (1..5).map(|layer| vec![0.1 * layer as f32; 64]).collect();
        let views = layers.iter().map(|post| LayerView::new("fc", 64, post).activation(activation));
        Report::of(views, [], Settings::default())
    };
    let tanh = report(Activation::Tanh).activation_flow();
    assert!(
        tanh.rate() > 0.0 && tanh.layers_left() == f64::INFINITY && !tanh.to_string().contains("overflows")
    );
    let relu = report(Activation::Relu).activation_flow();
    assert!(relu.layers_left().is_finite() && relu.to_string().contains("overflows after"));
}
