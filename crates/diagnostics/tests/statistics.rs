//! Summaries and histograms compared with naive implementations.

use diagnostics::{Binning, Histogram, Summary};
use proptest::prelude::*;

/// Mean, variance and mean magnitude in two passes; the variance of fewer than two values is NaN.
fn oracle(values: &[f64]) -> (f64, f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    let variance = if values.len() < 2 { f64::NAN } else { squares / (n - 1.0) };
    (mean, variance, values.iter().map(|x| x.abs()).sum::<f64>() / n)
}

/// True up to n roundings of sums whose terms have the size `scale`.
fn close(a: f64, b: f64, scale: f64, n: usize) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= (n + 8) as f64 * f64::EPSILON * scale
}

fn agrees(summary: &Summary, values: &[f64]) -> bool {
    let (mean, variance, mean_abs) = oracle(values);
    let largest = values.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let n = values.len();
    summary.count == n as u64
        && close(summary.mean(), mean, largest, n)
        && close(summary.variance(), variance, 4.0 * largest * largest, n)
        && close(summary.mean_abs(), mean_abs, largest, n)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_equals_two(values in prop::collection::vec(-1e3..1e3_f64, 0..3000)) {
        prop_assert!(agrees(&Summary::of(&values), &values));
    }

    #[test]
    fn any_split_merges_to_one_pass(
        values in prop::collection::vec(-1e3..1e3_f64, 0..500),
        cuts in prop::collection::vec(0.0..1.0, 0..5),
    ) {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| (cut * values.len() as f64) as usize).collect();
        ends.push(values.len());
        ends.sort_unstable();
        let (mut merged, mut from) = (Summary::default(), 0);
        for end in ends {
            merged.merge(&Summary::of(&values[from..end]));
            from = end;
        }
        prop_assert!(agrees(&merged, &values));
        let whole = Summary::of(&values);
        prop_assert_eq!((merged.min, merged.max, merged.zeros), (whole.min, whole.max, whole.zeros));
    }

    #[test]
    fn non_finite_values_are_counted_and_left_out(
        values in prop::collection::vec(-1e3..1e3_f64, 2..2000),
        at in 0.0..1.0,
        bad in prop::sample::select(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY][..]),
    ) {
        let mut polluted = values.clone();
        polluted.insert((at * values.len() as f64) as usize, bad);
        let summary = Summary::of(&polluted);
        prop_assert_eq!(summary.non_finite, 1);
        prop_assert!(agrees(&summary, &values));
    }

    #[test]
    fn every_value_is_in_the_bin_whose_edges_hold_it(values in prop::collection::vec(-5.0..5.0_f32, 1..400), bins in 1..60_usize) {
        let histogram = Histogram::of(&values, bins);
        let (edges, last) = (&histogram.edges, bins - 1);
        for (bin, &count) in histogram.counts.iter().enumerate() {
            let inside = |&&x: &&f32| {
                let x = f64::from(x);
                x >= edges[bin] && (x < edges[bin + 1] || (bin == last && x <= edges[bin + 1]))
            };
            prop_assert_eq!(values.iter().filter(inside).count() as u64, count, "bin {}", bin);
        }
        prop_assert_eq!(histogram.total(), values.len() as u64);
    }
}

#[test]
fn the_checks_reject_a_std_off_by_ten_percent_and_a_value_in_the_wrong_bin() {
    let values: Vec<f64> = (0..100).map(|i| f64::from(i).sin()).collect();
    let scaled: Vec<f64> = values.iter().map(|x| 1.1 * x).collect();
    assert!(!agrees(&Summary::of(&scaled), &values));
}

/// NIST's NumAcc4 has the mean 10000000.2 and the std 0.1 exactly; `Σx² − n·mean²` has no correct digit there.
#[test]
fn a_large_mean_does_not_spoil_the_std() {
    let values: Vec<f64> = (0..1001)
        .map(|i| 10_000_000.2 + if i == 0 { 0.0 } else { 0.1 * (2.0 * f64::from(i % 2) - 1.0) })
        .collect();
    let summary = Summary::of(&values);
    assert!((summary.std() - 0.1).abs() < 1e-8, "{}", summary.std());
}

#[test]
fn edge_cases() {
    let none = Summary::of::<f32>(&[]);
    assert!(none.mean().is_nan() && none.std().is_nan() && none.mean_abs().is_nan());
    let one = Summary::of(&[2.5_f32]);
    assert_eq!((one.mean(), one.min, one.max), (2.5, 2.5, 2.5));
    assert!(one.std().is_nan(), "one value has no unbiased variance");
    let huge = Summary::of(&[f64::MAX, f64::MAX]);
    assert_eq!((huge.count, huge.non_finite), (2, 0));

    let equal = Histogram::of(&[3.0_f32; 4], 2);
    assert_eq!((equal.edges, equal.counts), (vec![2.5, 3.0, 3.5], vec![0, 4]));
    let nothing = Histogram::of::<f64>(&[f64::NAN], 2);
    assert_eq!((nothing.total(), nothing.non_finite), (0, 1));
    let outside = Histogram::over(&[-2.0_f32, 0.0, 1.0, 2.0], -1.0, 1.0, 4);
    assert_eq!((outside.counts, outside.outside), (vec![0, 0, 1, 1], 2));
}

/// Ranges that overflow, ranges that are narrower than their bins, and single huge values.
#[test]
fn edges_ascend_for_every_range() {
    let huge = Histogram::of(&[f32::MIN, 0.0, f32::MAX], 4);
    assert_eq!((huge.counts.as_slice(), huge.edges[2]), (&[1, 0, 1, 1][..], 0.0));
    let narrow = [1.0_f32, 1.0_f32.next_up()];
    let cases =
        [&narrow[..], &[0.0, f32::from_bits(1)], &[1e30, 1e30], &[f32::MAX], &[f32::MIN], &[-1e-40, 1e-40]];
    for values in cases {
        let histogram = Histogram::of(values, 50);
        assert!(
            histogram.edges.windows(2).all(|pair| pair[0] < pair[1]),
            "{values:?}: {:?}",
            histogram.edges
        );
        assert_eq!(histogram.total(), values.len() as u64, "{values:?}");
    }
    let doubles = Histogram::of(&[f64::MIN, f64::MAX], 3);
    assert_eq!(doubles.counts, [1, 0, 1]);
}

#[test]
fn a_spark_shows_the_shape() {
    let histogram = |counts: &[u64]| Histogram {
        binning: Binning::Range(counts.len()),
        edges: (0..=counts.len()).map(|i| i as f64).collect(),
        counts: counts.to_vec(),
        outside: 0,
        non_finite: 0,
    };
    assert_eq!(histogram(&[800, 1, 0, 400]).spark(4), "█▁ ▄");
    assert_eq!(histogram(&[4, 4, 1, 1]).spark(2), "█▂");
    assert_eq!(histogram(&[0, 0]).spark(4), "    ");
}
