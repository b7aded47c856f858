//! Properties for every activation, weight and variance.

use mean_field::{
    Activation, CriticalPoint, Layer, MeanField, Phase, correlations, predict, slope_squared, value_squared,
};
use proptest::prelude::*;

/// The usual number of cases, or fewer by a factor where each needs some pairs, at 20 ms.
fn cases(fewer: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    ProptestConfig { cases: config.cases.div_ceil(fewer), ..config }
}

fn activation() -> impl Strategy<Value = Activation> {
    let parametric = prop_oneof![
        (-1.0..1.0_f64).prop_map(Activation::LeakyRelu),
        (0.1..3.0_f64).prop_map(Activation::Elu),
    ];
    prop_oneof![6 => prop::sample::select(Activation::ALL.to_vec()), 1 => parametric]
}

/// A number between two powers of ten, uniform in its logarithm.
fn size(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from..to).prop_map(|exponent| 10_f64.powf(exponent))
}

fn field() -> impl Strategy<Value = MeanField> {
    let bias = prop_oneof![Just(0.0), size(-6.0, 2.0)];
    (activation(), size(-2.0, 3.0), bias).prop_map(|(activation, weight, bias)| MeanField {
        activation,
        weight,
        bias,
    })
}

fn close(value: f64, exact: f64, tolerance: f64) -> bool {
    (value - exact).abs() <= tolerance * exact.abs()
}

proptest! {
    #![proptest_config(cases(1))]

    #[test]
    fn larger_variances_stay_larger(field in field(), q in size(-8.0, 8.0), factor in 1.001..100.0_f64) {
        // The map may be flat: for tanh at 1e8, plus biases, the slope is 1e-16 of V.
        let (small, large) = (field.variance(q), field.variance(q * factor));
        prop_assert!(large >= small * (1.0 - 1e-13), "{large} after {small}");
        prop_assert!(field.variance_slope(q) >= 0.0);
    }

    /// The sequence of variances never crosses q* and comes closer with every layer, up to the last digits.
    #[test]
    fn every_layer_leads_towards_the_fixed_point(field in field(), from in size(-4.0, 4.0)) {
        let fixed = field.fixed_variance(from);
        let mut q = from;
        for _ in 0..30 {
            let next = field.variance(q);
            let (lo, hi) = (q.min(fixed) * (1.0 - 1e-11), q.max(fixed) * (1.0 + 1e-11));
            prop_assert!((lo..=hi).contains(&next), "{q} → {next}, q* = {fixed}");
            q = next;
        }
        prop_assert!(fixed == 0.0 || fixed == f64::INFINITY || close(field.variance(fixed), fixed, 2e-12));
        // The fixed point found from a later layer is the same, to the digits that V′ near 1 leaves.
        let again = field.fixed_variance(q);
        let apart = 1e-11 / (1.0 - field.variance_slope(fixed)).abs();
        prop_assert!(again == fixed || close(again, fixed, apart), "{again} after 30 layers, {fixed} before");
    }

    /// `V(q) = 3σ_w²q²/2 + σ_b²`, a parabola (derived here): from below its larger root, variances approach the smaller one.
    #[test]
    fn two_fixed_points_of_squared_relu(weight in size(-2.0, 2.0), share in 0.3..0.999_f64, start in 0.0..0.99_f64) {
        let a = 1.5 * weight;
        let bias = share / (4.0 * a);
        let root = (1.0 - share).sqrt();
        let [small, large] = [share / (1.0 + root), 1.0 + root].map(|twice| twice / (2.0 * a));
        let field = MeanField { activation: Activation::ReluSquared, weight, bias };
        // Newton's last step is exact to what V′ near 1 leaves.
        prop_assert!(close(field.fixed_variance(start * large), small, 1e-11 / root));
        prop_assert_eq!(field.fixed_variance(1.01 * large), f64::INFINITY);
    }

    #[test]
    fn maps_of_leaky_relu_are_linear(a in -1.0..1.0_f64, weight in size(-1.0, 1.0), q in size(-6.0, 6.0)) {
        let field = MeanField { activation: Activation::LeakyRelu(a), weight, bias: 0.0 };
        prop_assert!(close(field.variance(q), q * field.variance(1.0), 1e-12));
        prop_assert!(close(field.chi(q), field.variance(1.0), 1e-12));
    }

    /// GELU in closed form, derived here: with `A = asin(q/(1 + q))`, `E f² = q/4 + qA/2π + q²/(π(1 + q)√(1 + 2q))` and
    /// `E f′² = 1/4 + (A + q(3 + 5q)/((1 + q)(1 + 2q)^(3/2)))/2π`.
    #[test]
    fn gelu_has_closed_forms(q in size(-6.0, 3.0)) {
        use std::f64::consts::PI;
        let (angle, root) = ((q / (1.0 + q)).asin(), (1.0 + 2.0 * q).sqrt());
        let second = q / 4.0 + q * angle / (2.0 * PI) + q * q / (PI * (1.0 + q) * root);
        let slopes = 0.25 + (angle + q * (3.0 + 5.0 * q) / ((1.0 + q) * root.powi(3))) / (2.0 * PI);
        // asin loses digits near 1: 1e-13 at q = 1000.
        prop_assert!(close(value_squared(Activation::Gelu, q), second, 1e-12), "E f² at {q}");
        prop_assert!(close(slope_squared(Activation::Gelu, q), slopes, 1e-12), "E f′² at {q}");
        // The tanh form is rejected.
        let other = value_squared(Activation::GeluTanh, 1.0);
        prop_assert!(!close(other, value_squared(Activation::Gelu, 1.0), 1e-12));
    }

    #[test]
    fn critical_points_are_fixed_and_critical(activation in activation(), q in size(-2.0, 4.0)) {
        if let Some(CriticalPoint { field, variance }) = CriticalPoint::at(activation, q) {
            prop_assert!(variance == q && close(field.variance(q), q, 2e-12), "{field:?}");
            prop_assert_eq!(Phase::of(field.chi(q)), Phase::Critical);
            let more = MeanField { weight: field.weight * 1.001, ..field };
            prop_assert_eq!(Phase::of(more.chi(q)), Phase::Chaotic);
        }
    }

    /// The point found by σ_b² is the point found by its σ_w².
    #[test]
    fn both_searches_find_the_same_line(
        activation in prop::sample::select(vec![Activation::Tanh, Activation::Erf, Activation::Elu(1.0)]),
        bias in size(-3.0, 2.0),
    ) {
        let point = CriticalPoint::of_bias(activation, bias).unwrap();
        let back = CriticalPoint::of_weight(activation, point.field.weight).unwrap();
        prop_assert!(close(back.field.bias, bias, 1e-12 * (1.0 + point.variance / bias) * 100.0), "{back:?}");
        prop_assert_eq!(point.field.phase(), Phase::Critical);
    }

    #[test]
    fn moments_and_fractions_are_consistent(field in field(), inputs in prop::collection::vec(size(-4.0, 4.0), 1..4)) {
        let (weight_std, bias_std) = (field.weight.sqrt() / 4.0, field.bias.sqrt());
        let layer = Layer { inputs: 16, units: 8, weight_std, bias_std, activation: field.activation };
        let all = predict(&[layer, layer], &inputs, 0.9);
        for layer in &all {
            prop_assert!(close(layer.rms.powi(2), layer.mean.powi(2) + layer.std.powi(2), 1e-12), "{layer:?}");
            prop_assert!(close(layer.backward * 2.0, layer.chi, 1e-12), "{layer:?}");
            prop_assert!((0.0..=0.5).contains(&layer.zeros), "{layer:?}");
            prop_assert!(layer.saturated.is_none_or(|fraction| (0.0..=1.0).contains(&fraction)), "{layer:?}");
        }
        // The inputs of the second layer are the activations of the first.
        prop_assert!(close(all[1].variance, field.weight * all[0].rms.powi(2) + field.bias, 1e-12));
        // Equal inputs count as one.
        let one = predict(&[layer], &inputs[..1], 0.9);
        let two = predict(&[layer], &[inputs[0], inputs[0]], 0.9);
        prop_assert!(one[0] == two[0]);
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn correlations_rise_to_one(field in field(), q in size(-3.0, 3.0), c in 0.0..0.95_f64) {
        let at = |c: f64| field.correlation(q, c);
        prop_assert!((at(1.0) - 1.0).abs() < 1e-12, "C(1) = {}", at(1.0));
        let (low, high) = (at(c), at(c + 0.05));
        prop_assert!((-1.0..=1.0).contains(&low) && low <= high + 1e-12, "{low} before {high}");
        // A power series with coefficients of at least 0 has |C(−c)| ≤ C(c) and an increasing slope, which bounds the
        // slope of the chord.
        prop_assert!(at(-c).abs() <= low + 1e-12);
        let slope = (high - low) / 0.05;
        let (before, after) = (field.correlation_slope(q, c), field.correlation_slope(q, c + 0.05));
        prop_assert!(before <= slope + 1e-10 && slope <= after + 1e-10, "{before}, {slope}, {after}");
    }

    #[test]
    fn correlations_are_symmetric_in_the_inputs(field in field(), p in size(-2.0, 2.0), q in size(-2.0, 2.0), c in -1.0..1.0_f64) {
        let (one, two) = (field.correlation_between((p, q), c), field.correlation_between((q, p), c));
        prop_assert!((one - two).abs() < 2e-12, "{one} and {two}");
        prop_assert!(one.abs() <= 1.0);
    }

    /// χ₁ is C′(1) at a fixed variance; c* is a fixed point, and is below 1 only in the chaotic phase.
    #[test]
    fn fixed_correlations_stay(field in field()) {
        let q = field.fixed_variance(1.0);
        prop_assume!(q > 0.0 && q.is_finite());
        let chi = field.chi(q);
        prop_assert!(close(field.correlation_slope(q, 1.0), chi, 1e-11));
        let fixed = field.fixed_correlation(q);
        prop_assert_eq!(fixed < 1.0, Phase::of(chi) == Phase::Chaotic);
        prop_assert!((field.correlation(q, fixed) - fixed).abs() < 1e-11, "c* = {fixed}");
        let depth = field.correlation_depth(q);
        prop_assert!(depth >= 0.0, "{depth}");
    }

    /// The first layer is linear in its inputs, and every later one applies the correlation map.
    #[test]
    fn layers_chain_the_map(field in field(), c in -1.0..1.0_f64) {
        let (weight_std, bias_std) = (field.weight.sqrt() / 4.0, field.bias.sqrt());
        let layer = Layer { inputs: 16, units: 16, weight_std, bias_std, activation: field.activation };
        let all = correlations(&[layer, layer], (1.0, 3.0), c);
        let variance = |second: f64| field.weight * second + field.bias;
        let first = (field.weight * 3f64.sqrt() * c + field.bias) / (variance(1.0) * variance(3.0)).sqrt();
        prop_assert!((all[0] - first).abs() < 1e-11, "{all:?}, {first}");
        let second = field.correlation_between((variance(1.0), variance(3.0)), first.clamp(-1.0, 1.0));
        prop_assert!((all[1] - second).abs() < 1e-10, "{all:?}, {second}");
    }
}

#[test]
fn empty_networks_missing_inputs_nan_and_zeros() {
    let tanh = Layer { inputs: 4, units: 4, weight_std: 0.5, bias_std: 0.0, activation: Activation::Tanh };
    assert!(predict(&[], &[1.0], 0.9).is_empty() && correlations(&[], (1.0, 1.0), 0.5).is_empty());
    let empty = predict(&[tanh], &[], 0.9)[0];
    assert!(empty.variance.is_nan() && empty.std.is_nan() && empty.chi.is_nan());
    let lost = predict(&[tanh, tanh], &[1.0, f64::NAN], 0.9)[1];
    assert!(lost.variance.is_nan() && lost.rms.is_nan() && lost.saturated.unwrap().is_nan());
    let still = predict(&[tanh], &[0.0], 0.9)[0];
    assert_eq!((still.variance, still.rms, still.std, still.zeros, still.chi), (0.0, 0.0, 0.0, 1.0, 1.0));
}

#[test]
#[should_panic(expected = "the correlation c = 1.5 must be between -1 and 1")]
fn a_correlation_above_one_panics() {
    MeanField { activation: Activation::Tanh, weight: 1.0, bias: 0.0 }.correlation(1.0, 1.5);
}
