//! Reports: their statistics in every form, and the merging of two batches.

use diagnostics::{
    Activation, Binning, Histogram, LayerView, LossCurvature, MergeError, Report, Settings, WeightView,
};
use proptest::prelude::*;

/// Equal up to rounding, for sums of a few terms of order 1.
fn near(ours: f64, theirs: f64) -> bool {
    (ours / theirs - 1.0).abs() < 1e-12
}

/// The report of a network with one layer over a batch.
fn report(values: &[f32], bins: Binning) -> Report {
    let settings = Settings { bins, gradient_bins: Binning::PowerOfTwo(20), ..Settings::default() };
    let layer = LayerView::new("Layer 1", 2, values).pre(values).gradient(values);
    let weight = WeightView::new("W1", &[0.5_f32, -0.5, 1.0, 2.0]).gradient(&values[..4]);
    Report::of([layer], [weight], settings).with_inputs(2, values).with_loss(f64::from(values[0]), 3)
}

/// True if all sums over examples are equal: moments up to the fourth, quantiles, counts and shares of pre-activations,
/// activations and gradients.
fn same(merged: &Report, whole: &Report) -> bool {
    let of_layer = |report: &Report| {
        let all = report.all_statistics().into_iter().filter(|s| s.location == "Layer 1");
        let sums = all.filter(|s| !["effective rank", "mean cosine similarity"].contains(&s.name.as_str()));
        sums.map(|s| (s.name, s.value)).collect::<Vec<_>>()
    };
    let (ours, one) = (of_layer(merged), of_layer(whole));
    // The kurtosis, a ratio of 40 fourth powers to a variance that may be small, loses digits.
    let near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * (1.0 + b.abs());
    ours.len() == one.len() && ours.iter().zip(&one).all(|(a, b)| a.0 == b.0 && near(a.1, b.1))
}

#[test]
fn the_comparison_of_reports_rejects_another_batch() {
    let bins = Binning::PowerOfTwo(30);
    let (a, b) = (report(&[1.0, 2.0, 3.0, 5.0], bins), report(&[1.0, 2.0, 3.0, 5.5], bins));
    assert!(same(&a, &a) && !same(&a, &b));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_batches_merge_to_one(
        a in prop::collection::vec(-3.0..3.0_f32, 2..20), b in prop::collection::vec(-3.0..3.0_f32, 2..20),
    ) {
        let (a, b) = ([a.clone(), a].concat(), [b.clone(), b].concat());
        let bins = Binning::PowerOfTwo(30);
        let mut merged = report(&a, bins);
        merged.merge(&report(&b, bins)).unwrap();
        let whole = report(&[a.clone(), b.clone()].concat(), bins);
        let (ours, one) = (&merged.layers[0], &whole.layers[0]);
        prop_assert_eq!(&ours.post.histogram, &one.post.histogram);
        prop_assert_eq!(&ours.post.quantiles, &one.post.quantiles);
        prop_assert_eq!(&ours.units, &one.units);
        prop_assert_eq!(&merged.inputs, &whole.inputs);
        // Sums of 40 terms in two orders.
        prop_assert!((ours.post.summary.mean() - one.post.summary.mean()).abs() < 1e-12);
        prop_assert!((ours.post.summary.variance() - one.post.summary.variance()).abs() < 1e-12);
        prop_assert!(same(&merged, &whole), "{:?} {:?}", merged.csv(), whole.csv());
        prop_assert_eq!(merged.weights[0].weight.summary.count, 4, "parameters do not change");
        prop_assert_eq!(merged.weights[0].gradient.as_ref().unwrap().summary.count, 8);
        let (n, m) = (a.len() as f64, b.len() as f64);
        let loss = (n * f64::from(a[0]) + m * f64::from(b[0])) / (n + m);
        prop_assert!((merged.loss.unwrap().value - loss).abs() < 1e-12);
    }
}

#[test]
fn reports_that_do_not_fit_are_refused_and_nothing_changes() {
    let values = [1.0_f32, 2.0, 3.0, 4.0];
    let mut ours = report(&values, Binning::Range(4));
    let before = ours.clone();
    let wider = report(&values.map(|x| 2.0 * x), Binning::Range(4));
    let error = ours.merge(&wider).unwrap_err();
    assert!(error.to_string().contains("Binning::PowerOfTwo"), "{error}");
    let other = Report::of([LayerView::new("Layer 2", 2, &values)], [], Settings::default());
    let error = ours.merge(&other).unwrap_err();
    assert!(matches!(error, MergeError::Network { .. }));
    assert_eq!(
        error.to_string(),
        "merge: the reports are of different networks; one has Layer 1 (2), W1 (4), the other Layer 2 (2)"
    );
    assert_eq!(ours, before);
    let mut counts = Histogram::with(&values, Binning::SymLog { linear: 1.0, decades: 1, per_decade: 2 });
    let same = counts.clone();
    counts.merge(&same).unwrap();
    assert_eq!(counts.total(), 8);
}

/// Every statistic of each of the five sets of values, by name.
#[test]
fn the_list_has_every_statistic() {
    let report = report(&[0.5, -0.25, 0.75, 1.5], Binning::Range(4));
    let all = report.all_statistics();
    let has = |location: &str, name: &str| {
        let found = all.iter().filter(|s| s.location == location && s.name == name).count();
        assert_eq!(found, 1, "{location}: {name}");
    };
    let numbers = [
        "count",
        "not finite",
        "zeros",
        "min",
        "max",
        "mean",
        "std",
        "rms",
        "norm",
        "skew",
        "kurtosis",
        "mean abs",
        "5%",
        "50%",
        "95%",
    ];
    for (location, part) in [
        ("Layer 1", "pre"),
        ("Layer 1", "post"),
        ("Layer 1", "gradient"),
        ("W1", "value"),
        ("W1", "gradient"),
    ] {
        numbers.iter().for_each(|number| has(location, &format!("{part} {number}")));
    }
    for name in [
        "share with |h| > 0.99",
        "always saturated share",
        "dead share",
        "effective rank",
        "mean cosine similarity",
    ] {
        has("Layer 1", name);
    }
    has("W1", "grad:data");
    ["loss", "loss above ln(classes)", "gradient norm"].iter().for_each(|name| has("network", name));
    let norm = all.iter().find(|s| s.location == "network" && s.name == "gradient norm").unwrap().value;
    assert!(near(norm, (0.25 + 0.0625 + 0.5625 + 2.25_f64).sqrt()));
}

/// Curvature is in every form, under one name each; a largest eigenvalue that is not positive has no learning rate.
#[test]
fn curvature_is_in_every_form() {
    let plain = report(&[0.5, -0.25, 0.75, 1.5], Binning::Range(4));
    let curvature = LossCurvature { hessian_min: -0.303, hessian_max: 0.8, gauss_newton_max: 0.5 };
    let with = plain.clone().with_curvature(curvature);
    for (name, text) in [
        ("Hessian λ_min", "-0.303"),
        ("Hessian λ_max", "0.8"),
        ("Hessian 2/λ_max", "2.5"),
        ("Gauss–Newton λ_max", "0.5"),
        ("Gauss–Newton 2/λ_max", "4"),
    ] {
        let line = format!("{name}: {text}");
        assert!(with.to_string().lines().any(|row| row == line), "{line} is not in {with}");
        assert!(with.markdown().contains(&format!("- {line}\n")));
        assert!(with.csv().contains(&format!("network,{name},{text}\n")));
        #[cfg(feature = "json")]
        assert!(with.json().contains(&format!("\"{name}\": {text}")), "{}", with.json());
        assert!(!plain.to_string().contains(name) && !plain.csv().contains(name));
    }
    assert!(with.to_string().contains("not a limit") && !plain.to_string().contains("not a limit"));
    assert_eq!((with.recording().curvature, plain.recording().curvature), (Some(0.5), None));
    let flat = plain.with_curvature(LossCurvature { hessian_max: -1.0, ..curvature });
    assert!(!flat.csv().contains("Hessian 2/λ_max") && flat.csv().contains("Gauss–Newton 2/λ_max"));
}

/// A network of three layers in which each gradient is a tenth of that in the next layer.
#[test]
fn the_list_has_growth_and_theory() {
    let post = [0.5_f32, -0.5];
    let gradients = [[0.01_f32, -0.01], [0.1, -0.1], [1.0, -1.0]];
    let layer = |at: usize| {
        let view = LayerView::new(["A", "B", "C"][at], 1, &post).gradient(&gradients[at]);
        view.activation(Activation::Tanh).weight("W")
    };
    let report = Report::of((0..3).map(layer), [WeightView::new("W", &[1.0_f32])], Settings::default());
    let all = report.with_inputs(1, &[1.0_f32]).all_statistics();
    let value = |location: &str, name: &str| {
        all.iter()
            .find(|s| s.location == location && s.name == name)
            .unwrap_or_else(|| panic!("no {name}"))
            .value
    };
    // In single precision.
    assert!((value("network", "gradient rate") - 10_f64.ln()).abs() < 1e-6);
    assert!((value("network", "gradient layers for a factor of 10") - 1.0).abs() < 1e-6);
    // From 1 to 3.4e38, the largest number in single precision.
    assert!((value("network", "gradient layers until f32 ends") - 38.5318).abs() < 1e-3);
    assert!(value("network", "gradient rate from") <= value("network", "gradient rate to"));
    // The std of tanh(N(0, 1)), whose inverse is 1.5925.
    assert!((value("A", "predicted post std") - 1.0 / 1.5925).abs() < 1e-4);
    assert!(value("C", "predicted saturated share") < value("A", "predicted saturated share"));
    // Tanh at gain 1 is in the ordered phase: gradients grow towards the output.
    assert!(
        value("network", "predicted gradient rate") > 0.0 && value("B", "predicted gradient growth") < 1.0
    );
}

#[test]
fn a_report_says_the_same_in_every_form() {
    let report = report(&[0.5, -0.25, 0.75, f32::NAN], Binning::Range(4));
    let csv = report.csv();
    assert!(csv.starts_with("location,statistic,value\nLayer 1,pre mean,0.3333333333333333\n"), "{csv}");
    assert!(csv.contains("Layer 1,post not finite,1\n"));
    assert!(
        report.markdown().contains("| **W1** | +0.7500 |") || report.markdown().contains("| W1 | +0.7500 |")
    );
    assert!(report.to_string().contains("1 value is NaN or infinite; what follows is not judged."));
    assert!(!report.text(diagnostics::Style::Plain).contains('\u{1b}'));
    assert!(report.text(diagnostics::Style::Ansi).contains("\u{1b}[31m"));
    assert!(report.snapshot(2).contains("post mean"));
}

/// With batches of different ranges, default histograms have different edges; those of `mergeable` always merge.
#[test]
fn mergeable_settings_merge_batches_of_any_range() {
    let measure = |values: &[f32], settings: Settings| {
        Report::of([LayerView::new("Layer 1", 2, values).gradient(values)], [], settings)
    };
    let (a, b) = ([1.0_f32, 2.0, 3.0, 4.0], [-20.0_f32, 0.0, 1e-3, 7.5]);
    assert!(measure(&a, Settings::default()).merge(&measure(&b, Settings::default())).is_err());
    let mut merged = measure(&a, Settings::mergeable());
    merged.merge(&measure(&b, Settings::mergeable())).unwrap();
    let whole = measure(&[a, b].concat(), Settings::mergeable());
    assert_eq!(merged.layers[0].post.histogram, whole.layers[0].post.histogram);
}
