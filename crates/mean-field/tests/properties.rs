//! What holds for every activation, weight and length.

use mean_field::{Activation, CriticalPoint, Layer, MeanField, Phase, correlations, predict};
use proptest::prelude::*;

/// As many cases as elsewhere, or fewer by a factor where each costs some pairs, 20 ms.
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

/// A number of any size between two powers of ten.
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
    fn longer_inputs_stay_longer(field in field(), q in size(-8.0, 8.0), factor in 1.001..100.0_f64) {
        // A slope of 1e-16 of V is flat: tanh's at 1e8, with biases on top.
        let (short, long) = (field.variance(q), field.variance(q * factor));
        prop_assert!(long >= short * (1.0 - 1e-13), "{long} after {short}");
        prop_assert!(field.variance_slope(q) >= 0.0);
    }

    /// The orbit never passes q* and comes nearer with every layer, until its last digits.
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
        // Whoever starts later arrives at the same place, to the digits that V′ near 1 leaves.
        let again = field.fixed_variance(q);
        let apart = 1e-11 / (1.0 - field.variance_slope(fixed)).abs();
        prop_assert!(again == fixed || close(again, fixed, apart), "{again} after 30 layers, {fixed} before");
    }

    #[test]
    fn relu_has_no_length_of_its_own(a in -1.0..1.0_f64, weight in size(-1.0, 1.0), q in size(-6.0, 6.0)) {
        let field = MeanField { activation: Activation::LeakyRelu(a), weight, bias: 0.0 };
        prop_assert!(close(field.variance(q), q * field.variance(1.0), 1e-12));
        prop_assert!(close(field.chi(q), field.variance(1.0), 1e-12));
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

    /// Where σ_b² gives a point, its σ_w² gives a point, of the same network.
    #[test]
    fn the_line_is_one_line(
        activation in prop::sample::select(vec![Activation::Tanh, Activation::Erf, Activation::Elu(1.0)]),
        bias in size(-3.0, 2.0),
    ) {
        let point = CriticalPoint::of_bias(activation, bias).unwrap();
        let back = CriticalPoint::of_weight(activation, point.field.weight).unwrap();
        prop_assert!(close(back.field.bias, bias, 1e-12 * (1.0 + point.variance / bias) * 100.0), "{back:?}");
        prop_assert_eq!(point.field.phase(), Phase::Critical);
    }

    #[test]
    fn moments_and_shares_are_possible(field in field(), inputs in prop::collection::vec(size(-4.0, 4.0), 1..4)) {
        let (weight_std, bias_std) = (field.weight.sqrt() / 4.0, field.bias.sqrt());
        let layer = Layer { inputs: 16, units: 8, weight_std, bias_std, activation: field.activation };
        let all = predict(&[layer, layer], &inputs, 0.9);
        for shown in &all {
            prop_assert!(close(shown.rms.powi(2), shown.mean.powi(2) + shown.std.powi(2), 1e-12), "{shown:?}");
            prop_assert!(close(shown.backward * 2.0, shown.chi, 1e-12), "{shown:?}");
            prop_assert!((0.0..=0.5).contains(&shown.zeros), "{shown:?}");
            prop_assert!(shown.saturated.is_none_or(|share| (0.0..=1.0).contains(&share)), "{shown:?}");
        }
        // The second layer sees what the first shows.
        prop_assert!(close(all[1].variance, field.weight * all[0].rms.powi(2) + field.bias, 1e-12));
        // Equal inputs are one input.
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
        // A power series with coefficients of at least 0 has |C(−c)| ≤ C(c), and rises ever faster: its slope is
        // between the chord's and C′(1).
        prop_assert!(at(-c).abs() <= low + 1e-12);
        let slope = (high - low) / 0.05;
        let (before, after) = (field.correlation_slope(q, c), field.correlation_slope(q, c + 0.05));
        prop_assert!(before <= slope + 1e-10 && slope <= after + 1e-10, "{before}, {slope}, {after}");
    }

    #[test]
    fn both_inputs_are_alike(field in field(), p in size(-2.0, 2.0), q in size(-2.0, 2.0), c in -1.0..1.0_f64) {
        let (one, two) = (field.correlation_between((p, q), c), field.correlation_between((q, p), c));
        prop_assert!((one - two).abs() < 2e-12, "{one} and {two}");
        prop_assert!(one.abs() <= 1.0);
    }

    /// χ₁ is C′(1) where the length is fixed; c* stays, and chaos alone has one below 1.
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

    /// The first layer is linear in its inputs, and every later one is the map of the one before.
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
fn nothing_gives_nothing() {
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
#[should_panic(expected = "a correlation of 1.5")]
fn a_correlation_beyond_one_panics() {
    MeanField { activation: Activation::Tanh, weight: 1.0, bias: 0.0 }.correlation(1.0, 1.5);
}
