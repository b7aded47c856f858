//! diagnostics by itself: what plain slices show, wherever they come from.

use diagnostics::{Activation, LayerView, Report, Settings, WeightView};

fn main() {
    // Four examples of three units, the last of which is always saturated.
    let pre = [0.5_f32, -0.5, 9.0, 1.0, -1.0, 9.0, 0.2, 3.0, 9.0, -0.7, 0.1, 9.0];
    let post = pre.map(f32::tanh);
    let layer = LayerView::new("hidden", 3, &post).pre(&pre).activation(Activation::Tanh);
    let weight = WeightView::new("w", &[0.1, -0.1, 0.3]).gradient(&[1e-3, f32::NAN, -1e-3]);
    let report = Report::of([layer], [weight], Settings::default());

    assert_eq!(report.layers[0].always_saturated_units(), 1);
    assert_eq!(report.layers[0].above_threshold(), 5.0 / 12.0);
    assert_eq!(report.weights[0].gradient.as_ref().map(|grad| grad.summary.non_finite), Some(1));
    println!("{report}\n{}", report.verdicts()[0].to_string().lines().next().unwrap());
}
