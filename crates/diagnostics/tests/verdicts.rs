//! Verdicts on growth over depth, which networks with named weights seldom get.

use diagnostics::{Fault, LayerView, Report, Settings};

/// Five layers of 1,000 units whose activations and gradients change by these factors per layer.
fn faults(activations: f32, gradients: f32) -> Vec<Fault> {
    let values = |factor: f32, layer: i32| -> Vec<f32> {
        (0..1000).map(|unit| factor.powi(layer) * 0.1 * f32::sin(unit as f32)).collect()
    };
    let names = ["A", "B", "C", "D", "E"];
    let layers: Vec<_> = (0..5).map(|layer| (values(activations, layer), values(gradients, layer))).collect();
    let views = names
        .iter()
        .zip(&layers)
        .map(|(name, (post, gradient))| LayerView::new(name, 1000, post).gradient(gradient));
    let report = Report::of(views, [], Settings::default());
    report.verdicts().iter().map(|verdict| verdict.fault).collect()
}

#[test]
fn growth_over_depth_is_judged_in_both_directions() {
    assert_eq!(faults(1.0, 1.0), []);
    assert_eq!(faults(1.2, 0.9), [], "0.18 and 0.11 nats per layer");
    assert_eq!(faults(1.6, 1.0), [Fault::ForwardExplodes]);
    assert_eq!(faults(0.5, 1.0), [Fault::ForwardVanishes]);
    // The layers are in order towards the output.
    assert_eq!(faults(1.0, 0.5), [Fault::BackwardExplodes]);
    assert_eq!(faults(1.0, 2.0), [Fault::BackwardVanishes]);
}
