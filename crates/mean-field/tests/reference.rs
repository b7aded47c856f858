//! Every number of `reference/mean_field.txt`, computed by mpmath and numpy with other quadrature rules.

use mean_field::{
    Activation, ActivationMoments, CriticalPoint, Layer, MeanField, predict, slope_squared, value,
    value_squared, value_squared_slope,
};

const RECORDED: &str = include_str!("reference/mean_field.txt");

/// The lines of one kind: activation and numbers.
fn lines(kind: &str) -> Vec<(Activation, Vec<f64>)> {
    let words = RECORDED.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let lines = words.filter(|words| words[0] == kind);
    let number = |word: &&str| word.parse().unwrap();
    lines.map(|words| (words[1].parse().unwrap(), words[2..].iter().map(number).collect())).collect()
}

fn assert_close(what: &str, value: f64, exact: f64, tolerance: f64) {
    assert!((value - exact).abs() <= tolerance * exact.abs(), "{what} is {value}, not {exact}");
}

#[test]
fn moments() {
    let lines = lines("moments");
    assert_eq!(lines.len(), 4 * Activation::ALL.len(), "record every activation at four variances");
    for (f, numbers) in lines {
        let [q, first, second, slope] = numbers[..] else { panic!("{f}: {numbers:?}") };
        // The mean may be 0, so its error is relative to E |f|.
        assert!((value(f, q) - first).abs() <= 1e-13 * second.sqrt(), "E {f} at {q}");
        assert_close(&format!("E {f}² at {q}"), value_squared(f, q), second, 1e-13);
        assert_close(&format!("E {f}′² at {q}"), slope_squared(f, q), slope, 1e-13);
    }
}

/// Pre-activations with a mean.
#[test]
fn shifted_moments() {
    let lines = lines("shifted");
    assert_eq!(lines.len(), 2 * Activation::ALL.len(), "record every activation at two means");
    for (f, numbers) in lines {
        let [mean, variance, first, second, slope] = numbers[..] else { panic!("{f}: {numbers:?}") };
        let at = ActivationMoments::at(f, mean, variance);
        let what = format!("{f} at {mean}, {variance}");
        assert!((at.mean - first).abs() <= 1e-13 * second.sqrt(), "E {what}");
        assert_close(&format!("E f² of {what}"), at.second, second, 1e-13);
        // The difference of the recorded numbers has an error of 1e-16 of each.
        let spread = (second - first * first, 1e-12 * (second - first * first) + 4e-16 * second);
        assert!((at.variance - spread.0).abs() <= spread.1, "variance of {what}");
        assert_close(&format!("E f′² of {what}"), at.slope_squared, slope, 1e-13);
    }
}

#[test]
fn pairs() {
    let lines = lines("pair");
    assert_eq!(lines.len(), 6);
    for (activation, numbers) in lines {
        let [p, q, c, values, slopes] = numbers[..] else { panic!("{activation}: {numbers:?}") };
        let field = MeanField { activation, weight: 1.0, bias: 0.0 };
        let covariance =
            field.correlation_between((p, q), c) * (field.variance(p) * field.variance(q)).sqrt();
        assert_close(&format!("E {activation}·{activation} at {c}"), covariance, values, 1e-11);
        if p == q {
            assert_close(&format!("χ of {activation} at {c}"), field.chi_at(q, c), slopes, 1e-11);
        }
    }
}

#[test]
fn fixed_points() {
    let lines = lines("fixed");
    assert_eq!(lines.len(), 13);
    for (activation, numbers) in lines {
        let [weight, bias, q, slope, chi, ref correlation @ ..] = numbers[..] else { panic!("{numbers:?}") };
        let field = MeanField { activation, weight, bias };
        let found = field.fixed_variance(1.0);
        // The error of V is 1e-13, that of q* 1/(1 − V′) times as much; V′ and χ follow q*.
        assert_close(&format!("q* of {field:?}"), found, q, 1e-12);
        assert_close(&format!("V′ of {field:?}"), field.variance_slope(found), slope, 3e-12);
        assert_close(&format!("χ of {field:?}"), field.chi(found), chi, 1e-12);
        if let [c, chi] = correlation[..] {
            let fixed = field.fixed_correlation(found);
            assert_close(&format!("c* of {field:?}"), fixed, c, 1e-10);
            assert_close(&format!("χ at c* of {field:?}"), field.chi_at(found, fixed), chi, 1e-10);
        }
        assert_close(&format!("ξ_q of {field:?}"), field.variance_depth(found), -1.0 / slope.ln(), 1e-11);
        let ordered = chi < 1.0 - 1e-9;
        let depth = || field.correlation_depth(found);
        assert!(!ordered || (depth() * chi.ln() + 1.0).abs() < 1e-11, "ξ_c of {field:?}");
    }
}

/// The depth of correlations in the chaotic phase follows from the slope at c*, not at 1.
#[test]
fn the_depth_in_the_chaotic_phase() {
    let (_, numbers) = lines("fixed").into_iter().find(|(_, numbers)| numbers.len() == 7).unwrap();
    let [weight, bias, q, _, _, _, chi] = numbers[..] else { panic!("{numbers:?}") };
    let field = MeanField { activation: Activation::Tanh, weight, bias };
    assert_close("ξ_c", field.correlation_depth(q), -1.0 / chi.ln(), 1e-10);
}

#[test]
fn critical_lines() {
    let lines = lines("line");
    assert_eq!(lines.len(), 4);
    for (activation, numbers) in lines {
        let [bias, q, weight] = numbers[..] else { panic!("{activation}: {numbers:?}") };
        let point = CriticalPoint::of_bias(activation, bias).unwrap();
        // σ_b² is a difference of numbers of the size of q*.
        let tolerance = 1e-12 * q / bias;
        assert_close(&format!("q* of {activation}"), point.variance, q, tolerance);
        assert_close(&format!("σ_w² of {activation}"), point.field.weight, weight, tolerance);
        let back = CriticalPoint::of_weight(activation, weight).unwrap();
        assert_close(&format!("σ_b² of {activation}"), back.field.bias, bias, 10.0 * tolerance);
    }
}

#[test]
fn half_stable_points() {
    let lines = lines("half_stable");
    assert_eq!(lines.len(), 4);
    for (activation, numbers) in lines {
        let [q, weight, bias] = numbers[..] else { panic!("{activation}: {numbers:?}") };
        let point = CriticalPoint::half_stable(activation).unwrap();
        // The error of E f·f″ is 1e-13 of E f′², and SiLU's changes by 1e-3 of that while q* changes by its own size.
        assert_close(&format!("q* of {activation}"), point.variance, q, 1e-10);
        assert_close(&format!("σ_w² of {activation}"), point.field.weight, weight, 1e-11);
        assert_close(&format!("σ_b² of {activation}"), point.field.bias, bias, 1e-10);
    }
}

/// Five tanh layers of 100 units with PyTorch's gain of 5/3, and the fixed point that deeper networks approach.
#[test]
fn the_lecture() {
    let line = RECORDED.lines().find_map(|line| line.strip_prefix("lecture ")).unwrap();
    let stds: Vec<f64> = line.split(' ').map(|word| word.parse().unwrap()).collect();
    let layer = |inputs: usize| Layer {
        inputs,
        units: 100,
        weight_std: 5.0 / 3.0 / (inputs as f64).sqrt(),
        bias_std: 0.0,
        activation: Activation::Tanh,
    };
    let layers = [&[layer(30)][..], &[layer(100); 4]].concat();
    let predicted = predict(&layers, &[1.0], 0.97);
    for (layer, exact) in predicted.iter().zip(&stds) {
        assert_close("std", layer.std, *exact, 1e-13);
        assert_close("rms", layer.rms, *exact, 1e-13);
    }
    assert_eq!((predicted.len(), stds.len()), (5, 5));

    let deep = predict(&[layer(100); 60], &[1.0], 0.97);
    let last = deep.last().unwrap();
    assert_close("q*", last.variance, 1.178_480_490_385_907_6, 1e-12);
    assert_close("std", last.std, 3.0 / 5.0 * last.variance.sqrt(), 1e-12);
    assert_eq!(format!("{:.4} {:.4}", last.std, last.chi), "0.6513 1.2098");
    assert_close("χ₁", last.chi, 1.209_831_320_382_828_6, 1e-12);
    assert_close("backward", last.backward, 1.209_831_320_382_828_6, 1e-12);
    let field = layer(100).field();
    assert_close("q*", field.fixed_variance(1.0), last.variance, 1e-12);
}

/// The comparison detects GELU's approximation by tanh, which differs by 2e-5.
#[test]
fn another_function_is_rejected() {
    let (_, gelu) = lines("moments").into_iter().find(|line| line.0 == Activation::Gelu).unwrap();
    assert!((value_squared(Activation::GeluTanh, gelu[0]) / gelu[2] - 1.0).abs() > 1e-6);
    assert!(value_squared_slope(Activation::Gelu, 1.0) != value_squared_slope(Activation::GeluTanh, 1.0));
}
