//! Moments, quantiles, geometry and flow against NumPy 2.4 and `SciPy` 1.17; what merges against one pass.

use diagnostics::{
    Binning, Flow, Geometry, Histogram, LayerView, MergeError, Quantiles, Report, Settings, Summary,
    UnitCounts, UnitMap, Updates, WeightView, update_ratio,
};
use proptest::prelude::*;

/// `i = numpy.arange(200); numpy.sin(i*1.7) + 0.3*numpy.cos(i*0.31)**3 + 0.01*i`.
fn wave() -> Vec<f64> {
    (0..200).map(f64::from).map(|i| (i * 1.7).sin() + 0.3 * (i * 0.31).cos().powi(3) + 0.01 * i).collect()
}

/// Sums of 200 terms of order 1: a few hundred roundings.
fn near(ours: f64, theirs: f64) -> bool {
    (ours / theirs - 1.0).abs() < 1e-12
}

/// `scipy.stats.skew`, `kurtosis(fisher=False)`, and the root and sum of squares.
#[test]
fn moments_are_scipys() {
    let of = Summary::of(&wave());
    // The third moment cancels to a hundredth.
    assert!((of.skew() - -0.006_410_062_292_355_786_5).abs() < 1e-13);
    assert!(near(of.kurtosis(), 2.317_536_871_355_935));
    assert!(near(of.rms(), 1.351_336_666_031_593_5) && near(of.norm(), 19.110_786_404_339_212));
    assert!(!near(of.kurtosis(), 2.317_536_871_355_935 - 3.0), "the excess is another number");
}

/// `numpy.quantile(x, p, method="lower")`.
#[test]
fn quantiles_are_numpys_to_the_stated_error() {
    let sketch = Quantiles::of(&wave());
    for (p, exact) in [
        (0.05, -0.601_954_677_735_706_5),
        (0.25, 0.305_850_892_681_757_3),
        (0.5, 1.025_981_322_420_676_4),
        (0.75, 1.653_148_131_642_527_8),
        (0.95, 2.498_133_228_329_544),
    ] {
        assert!((sketch.quantile(p) / exact - 1.0_f64).abs() <= Quantiles::RELATIVE_ERROR, "{p}");
    }
}

/// `numpy.linalg.eigvalsh(numpy.cov(m.T))`, of more examples than features and of fewer; mean of `n @ n.T` off the
/// diagonal.
#[test]
fn geometry_is_numpys() {
    let tall = Geometry::of(&wave(), 10);
    assert!(
        near(tall.effective_rank, 3.050_291_700_480_127_3) && near(tall.correlation, 0.468_065_258_617_781_4)
    );
    assert!(near(Geometry::of(&wave()[..60], 12).effective_rank, 2.275_952_889_465_476));
    let equal = Geometry::of(&[1.0_f32, 2.0, 1.0, 2.0], 2);
    assert!(equal.effective_rank.is_nan() && (equal.correlation - 1.0).abs() < 1e-15);
    assert!(Geometry::of(&[1.0_f32, 2.0], 2).correlation.is_nan(), "one example has no pair");
    assert!(Geometry::of(&[0.0_f32, 0.0, 1.0, 2.0], 2).correlation.is_nan(), "nothing has no direction");
}

/// `scipy.stats.linregress(range(6), numpy.log(y))` and `scipy.stats.t.ppf(0.975, 4)`.
#[test]
fn flow_is_scipys() {
    let flow = Flow::of(&[3.0, 2.2, 1.9, 1.1, 0.83, 0.71]);
    assert!(near(flow.rate(), -0.305_040_500_288_851_16));
    let (low, high) = flow.interval().unwrap();
    assert!(near(low, -0.372_667_382_681_160_45) && near(high, -0.237_413_617_896_541_86));
    // 0.71·e^(−0.305·n) is the smallest normal number after 285 layers.
    assert!((flow.layers_left() - (0.71_f64 / f64::from(f32::MIN_POSITIVE)).ln() / 0.305_040_5).abs() < 1e-3);
}

#[test]
fn flow_leaves_out_what_has_no_logarithm() {
    let flow = Flow::of(&[1.0, 0.0, 4.0, f64::NAN, f64::INFINITY]);
    assert_eq!((flow.layers(), flow.left_out(), flow.interval()), (2, 3, None));
    assert!(near(flow.rate(), 2_f64.ln()));
    assert!(Flow::of(&[1.0]).rate().is_nan());
    assert_eq!(Flow::of(&[]).to_string(), "too few layers for a rate");
    assert_eq!(Flow::of(&[2.0, 2.0, 2.0]).layers_per_decade(), f64::INFINITY);
}

/// Two channels of two positions, three examples.
#[test]
fn units_are_counted_with_their_positions() {
    let values = [0.0_f32, 0.0, 1.0, -1.0, 0.0, 0.0, 0.995, 1.0, 0.0, 0.0, -0.992, 0.1];
    let counts = UnitCounts::of(&values, 2, 2, 0.99, (-1.0, 1.0));
    assert_eq!(
        (counts.entries, counts.active.as_slice(), counts.beyond.as_slice()),
        (6, &[0, 6][..], &[0, 5][..])
    );
    assert_eq!((counts.dead().collect::<Vec<_>>(), counts.stuck().count()), (vec![0], 0));
    // A sigmoid's ends are 0 and 1: within half a hundredth of them.
    let sigmoid = UnitCounts::of(&[0.004_f32, 0.5, 0.996, 0.2], 1, 1, 0.99, (0.0, 1.0));
    assert_eq!((sigmoid.saturated[0], sigmoid.beyond[0]), (2, 1));
    let nothing = UnitCounts::of::<f32>(&[], 3, 1, 0.99, (-1.0, 1.0));
    assert_eq!((nothing.dead().count(), nothing.stuck().count()), (0, 0));
    assert!(nothing.saturated_share().is_nan());
    // NaN is not 0, and beyond no threshold.
    let bad = UnitCounts::of(&[f32::NAN, f32::INFINITY], 1, 1, 0.99, (-1.0, 1.0));
    assert_eq!((bad.active[0], bad.beyond[0]), (2, 1));
}

#[test]
fn a_map_has_an_example_a_row() {
    let map = UnitMap::of(&[0.999_f32, 0.2, 0.995, 1.0], 2, |h| h.abs() > 0.99);
    assert_eq!(map.rows().collect::<Vec<_>>(), [[true, false], [true, true]]);
    assert_eq!(map.everywhere().collect::<Vec<_>>(), [0]);
}

#[test]
fn updates_are_ratios_in_decades() {
    let (weight, update) = ([1.0_f32, -1.0, 3.0], [0.001_f32, -0.001, 0.003]);
    // The ratio of two numbers in single precision.
    assert!((update_ratio(&update, &weight) + 3.0).abs() < 1e-6);
    assert_eq!(update_ratio(&[0.0_f32; 3], &weight), f64::NEG_INFINITY);
    let mut updates = Updates::new(["W1"]);
    updates.push(0, [(&weight[..], &weight[..])]);
    assert_eq!(updates.csv(), "step,W1\n0,0\n");
}

/// A network of one layer over a batch.
fn report(values: &[f32], bins: Binning) -> Report {
    let settings = Settings { bins, gradient_bins: Binning::Doubling(20), ..Settings::default() };
    let layer = LayerView::new("Layer 1", 2, values).pre(values).gradient(values);
    let weight = WeightView::new("W1", &[0.5_f32, -0.5, 1.0, 2.0]).gradient(&values[..4]);
    Report::of([layer], [weight], settings).with_inputs(2, values).with_loss(f64::from(values[0]), 3)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_batches_are_one(
        a in prop::collection::vec(-3.0..3.0_f32, 2..20), b in prop::collection::vec(-3.0..3.0_f32, 2..20),
    ) {
        let (a, b) = ([a.clone(), a].concat(), [b.clone(), b].concat());
        let bins = Binning::Doubling(30);
        let mut merged = report(&a, bins);
        merged.merge(&report(&b, bins)).unwrap();
        let whole = report(&[a.clone(), b.clone()].concat(), bins);
        let (ours, one) = (&merged.layers[0], &whole.layers[0]);
        prop_assert_eq!(&ours.post.histogram, &one.post.histogram);
        prop_assert_eq!(&ours.post.quantiles, &one.post.quantiles);
        prop_assert_eq!(&ours.units, &one.units);
        prop_assert_eq!(merged.inputs, whole.inputs);
        // Two orders of a sum of 40 terms.
        prop_assert!((ours.post.summary.mean() - one.post.summary.mean()).abs() < 1e-12);
        prop_assert!((ours.post.summary.variance() - one.post.summary.variance()).abs() < 1e-12);
        prop_assert_eq!(merged.weights[0].weight.summary.count, 4, "parameters stay what they are");
        prop_assert_eq!(merged.weights[0].gradient.as_ref().unwrap().summary.count, 8);
        let (n, m) = (a.len() as f64, b.len() as f64);
        let loss = (n * f64::from(a[0]) + m * f64::from(b[0])) / (n + m);
        prop_assert!((merged.loss.unwrap().value - loss).abs() < 1e-12);
    }
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let values = [1.0_f32, 2.0, 3.0, 4.0];
    let mut ours = report(&values, Binning::Range(4));
    let before = ours.clone();
    let wider = report(&values.map(|x| 2.0 * x), Binning::Range(4));
    let error = ours.merge(&wider).unwrap_err();
    assert!(error.to_string().contains("Binning::Doubling"), "{error}");
    let other = Report::of([LayerView::new("Layer 2", 2, &values)], [], Settings::default());
    let error = ours.merge(&other).unwrap_err();
    assert!(matches!(error, MergeError::Network { .. }));
    assert_eq!(
        error.to_string(),
        "a report of Layer 1 (2), W1 (4) and one of Layer 2 (2) are not of the same network"
    );
    assert_eq!(ours, before);
    let mut counts = Histogram::with(&values, Binning::SymLog { linear: 1.0, decades: 1, per_decade: 2 });
    let same = counts.clone();
    counts.merge(&same).unwrap();
    assert_eq!(counts.total(), 8);
}

#[test]
fn a_report_tells_the_same_in_every_form() {
    let report = report(&[0.5, -0.25, 0.75, f32::NAN], Binning::Range(4));
    let csv = report.csv();
    assert!(csv.starts_with("place,statistic,value\nLayer 1,pre mean,0.3333333333333333\n"), "{csv}");
    assert!(csv.contains("Layer 1,post not finite,1\n"));
    assert!(
        report.markdown().contains("| **W1** | +0.7500 |") || report.markdown().contains("| W1 | +0.7500 |")
    );
    assert!(report.to_string().contains("1 pre-activation that is NaN"));
    assert!(!report.text(diagnostics::Style::Plain).contains('\u{1b}'));
    assert!(report.text(diagnostics::Style::Ansi).contains("\u{1b}[31m"));
    assert!(report.snapshot(2).contains("post mean"));
}
