//! Moments, quantiles, geometry and growth compared with NumPy 2.4 and `SciPy` 1.17; counts of units.

use diagnostics::{
    Activation, Flow, Geometry, LayerView, Quantiles, Report, Settings, Summary, UnitCounts, UnitMap,
    Updates, update_ratio,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

/// `i = numpy.arange(200); numpy.sin(i*1.7) + 0.3*numpy.cos(i*0.31)**3 + 0.01*i`.
fn wave() -> Vec<f64> {
    (0..200).map(f64::from).map(|i| (i * 1.7).sin() + 0.3 * (i * 0.31).cos().powi(3) + 0.01 * i).collect()
}

/// Equal up to a few hundred roundings, for sums of 200 terms of order 1.
fn near(ours: f64, theirs: f64) -> bool {
    (ours / theirs - 1.0).abs() < 1e-12
}

/// `scipy.stats.skew`, `kurtosis(fisher=False)`, and the root and sum of squares.
#[test]
fn moments_are_those_of_scipy() {
    let of = Summary::of(&wave());
    // The third moment cancels to a hundredth.
    assert!((of.skew() - -0.006_410_062_292_355_786_5).abs() < 1e-13);
    assert!(near(of.kurtosis(), 2.317_536_871_355_935));
    assert!(near(of.rms(), 1.351_336_666_031_593_5) && near(of.norm(), 19.110_786_404_339_212));
    assert!(!near(of.kurtosis(), 2.317_536_871_355_935 - 3.0), "the excess kurtosis is another number");
}

/// `numpy.quantile(x, p, method="lower")`.
#[test]
fn quantiles_are_those_of_numpy_to_the_stated_error() {
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

/// `numpy.linalg.eigvalsh(numpy.cov(m.T))`, with more examples than features and with fewer; the mean of `n @ n.T` off
/// the diagonal.
#[test]
fn geometry_is_that_of_numpy() {
    let tall = Geometry::of(&wave(), 10);
    assert!(
        near(tall.effective_rank, 3.050_291_700_480_127_3)
            && near(tall.mean_cosine_similarity, 0.468_065_258_617_781_4)
    );
    assert!(near(Geometry::of(&wave()[..60], 12).effective_rank, 2.275_952_889_465_476));
    let equal = Geometry::of(&[1.0_f32, 2.0, 1.0, 2.0], 2);
    assert!(equal.effective_rank.is_nan() && (equal.mean_cosine_similarity - 1.0).abs() < 1e-15);
    assert!(Geometry::of(&[1.0_f32, 2.0], 2).mean_cosine_similarity.is_nan(), "one example has no pair");
    assert!(
        Geometry::of(&[0.0_f32, 0.0, 1.0, 2.0], 2).mean_cosine_similarity.is_nan(),
        "a zero row has no direction"
    );
}

/// `scipy.stats.linregress(range(6), numpy.log(y))` and `scipy.stats.t.ppf(0.975, 4)`.
#[test]
fn growth_is_that_of_scipy() {
    let flow = Flow::of(&[3.0, 2.2, 1.9, 1.1, 0.83, 0.71]);
    assert!(near(flow.rate(), -0.305_040_500_288_851_16));
    let (low, high) = flow.interval().unwrap();
    assert!(near(low, -0.372_667_382_681_160_45) && near(high, -0.237_413_617_896_541_86));
    // 0.71·e^(−0.305·n) is the smallest normal number after 285 layers.
    assert!((flow.layers_left() - (0.71_f64 / f64::from(f32::MIN_POSITIVE)).ln() / 0.305_040_5).abs() < 1e-3);
}

#[test]
fn layers_without_a_logarithm_are_left_out() {
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
        (counts.entries, counts.active.as_slice(), counts.above_threshold.as_slice()),
        (6, &[0, 6][..], &[0, 5][..])
    );
    assert_eq!((counts.dead().collect::<Vec<_>>(), counts.always_saturated().count()), (vec![0], 0));
    // A sigmoid's ends are 0 and 1: within half a hundredth of them.
    let sigmoid = UnitCounts::of(&[0.004_f32, 0.5, 0.996, 0.2], 1, 1, 0.99, (0.0, 1.0));
    assert_eq!((sigmoid.saturated[0], sigmoid.above_threshold[0]), (2, 1));
    // A ReLU has one end: nothing is saturated, whatever its size.
    let relu = UnitCounts::of(&[2.0_f32, 5.0], 1, 1, 0.99, Activation::Relu.limits());
    assert_eq!((relu.saturated[0], relu.above_threshold[0], relu.always_saturated().count()), (0, 2, 0));
    let nothing = UnitCounts::of::<f32>(&[], 3, 1, 0.99, (-1.0, 1.0));
    assert_eq!((nothing.dead().count(), nothing.always_saturated().count()), (0, 0));
    assert!(nothing.saturated_share().is_nan());
    // NaN is not 0, and not above a threshold.
    let bad = UnitCounts::of(&[f32::NAN, f32::INFINITY], 1, 1, 0.99, (-1.0, 1.0));
    assert_eq!((bad.active[0], bad.above_threshold[0]), (2, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    /// Thousands of rows, more than are counted at once.
    #[test]
    fn units_are_counted_over_any_number_of_rows(
        units in 1..4_usize, positions in 1..4_usize, rows in 0..3000_usize, unit in 0..4_usize,
    ) {
        let unit = unit % units;
        let values: Vec<f32> = (0..rows * units * positions).map(|i| [0.0, 0.5, 0.995, -1.0][i * i % 7 % 4]).collect();
        let counts = UnitCounts::of(&values, units, positions, 0.99, (0.0, 1.0));
        let of_unit = values.iter().enumerate().filter(|(i, _)| i / positions % units == unit).map(|(_, x)| *x);
        let count = |is: fn(f32) -> bool| of_unit.clone().filter(|&x| is(x)).count() as u64;
        prop_assert_eq!(counts.entries, (rows * positions) as u64);
        prop_assert_eq!(counts.active[unit], count(|x| x != 0.0));
        prop_assert_eq!(counts.above_threshold[unit], count(|x| x.abs() > 0.99));
        prop_assert_eq!(counts.saturated[unit], count(|x| !(0.005..=0.995).contains(&x)));
    }
}

#[test]
fn a_map_has_one_row_per_example() {
    let map = UnitMap::of(&[0.999_f32, 0.2, 0.995, 1.0], 2, |h| h.abs() > 0.99);
    assert_eq!(map.rows().collect::<Vec<_>>(), [[true, false], [true, true]]);
    assert_eq!(map.everywhere().collect::<Vec<_>>(), [0]);
}

/// Two sigmoid units, one always at 0 and one in between, and two ReLU units, one dead and one large.
#[test]
fn saturation_and_death_depend_on_the_function() {
    let settings = Settings { maps: true, ..Settings::default() };
    let layer = |values: &[f32], activation: Activation| {
        let view = LayerView::new("Layer 1", 2, values).activation(activation);
        Report::of([view], [], settings).layers.remove(0)
    };
    let sigmoid = layer(&[0.001, 0.5, 0.002, 0.999], Activation::Sigmoid);
    assert_eq!((sigmoid.always_saturated_units(), sigmoid.dead_units(), sigmoid.saturated()), (1, 0, 0.75));
    assert_eq!(sigmoid.map.unwrap().cells, [true, false, true, true]);
    let relu = layer(&[0.0, 3.0, 0.0, 4.0], Activation::Relu);
    assert_eq!(
        (relu.always_saturated_units(), relu.dead_units(), relu.saturated(), relu.above_threshold()),
        (0, 1, 0.0, 0.5)
    );
    assert!(relu.map.unwrap().everywhere().next().is_none());
    assert_eq!(relu.zeros.unwrap().everywhere().collect::<Vec<_>>(), [0]);
    // The lecture's threshold.
    let settings = Settings { saturation: 0.97, ..settings };
    let tanh = LayerView::new("Layer 1", 1, &[0.98_f32, 0.96, -0.98, 0.0]).activation(Activation::Tanh);
    let report = Report::of([tanh], [], settings);
    assert_eq!(report.layers[0].above_threshold(), 0.5);
    assert!(report.to_string().contains("|h|>0.97"));
}

/// The table shows saturation at both ends of a sigmoid, and none for a ReLU.
#[test]
fn tables_show_saturation_of_bounded_functions_only() {
    let text = |values: &[f32], activation: Activation| {
        let view = LayerView::new("Layer 1", 2, values).activation(activation);
        Report::of([view], [], Settings::default()).to_string()
    };
    let sigmoid = text(&[0.001, 0.5, 0.002, 0.999], Activation::Sigmoid);
    assert!(sigmoid.contains("saturated>0.99") && sigmoid.contains("75.0%"), "{sigmoid}");
    let relu = text(&[0.0, 3.0, 0.0, 4.0], Activation::Relu);
    assert!(!relu.contains("0.99") && relu.contains("dead"), "{relu}");
}

#[test]
fn updates_are_ratios_in_decades() {
    let (weight, update) = ([1.0_f32, -1.0, 3.0], [0.001_f32, -0.001, 0.003]);
    // A ratio of two numbers in single precision.
    assert!((update_ratio(&update, &weight) + 3.0).abs() < 1e-6);
    assert_eq!(update_ratio(&[0.0_f32; 3], &weight), f64::NEG_INFINITY);
    let mut updates = Updates::new(["W1"]);
    updates.push(0, [(&weight[..], &weight[..])]);
    assert_eq!(updates.csv(), "step,W1\n0,0\n");
}

/// Rows that are too long are sampled, to the stated error, and the report says so.
#[test]
fn long_rows_are_compared_by_a_sample() {
    let features = 3 * Geometry::LARGEST + 7;
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    // Eight examples that share a part: their cosine is a half, and the eigenvalues of their covariance are equal.
    let shared: Vec<f32> = (0..features).map(|_| StandardNormal.sample(&mut rng)).collect();
    let own = |rng: &mut ChaCha8Rng, x: &f32| x + Distribution::<f32>::sample(&StandardNormal, rng);
    let values: Vec<f32> =
        (0..8).flat_map(|_| shared.iter().map(|x| own(&mut rng, x)).collect::<Vec<_>>()).collect();
    let sample = Geometry::of(&values, features);
    assert!(sample.sampled && (sample.mean_cosine_similarity - 0.5).abs() < 0.02, "{sample:?}");
    assert!((sample.effective_rank - 7.0).abs() < 0.1, "{sample:?}");
    let report = Report::of([LayerView::new("conv", features, &values)], [], Settings::default());
    assert!(report.to_string().contains("from a sample of 65536 values per example"), "{report}");
    assert!(!Geometry::of(&values[..800], 100).sampled);
}
