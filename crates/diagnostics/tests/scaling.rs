//! Exponents in width and depth, and their judgement.

use diagnostics::scaling::{
    self, ScaledQuantity, ScalingAspect, ScalingAxis, ScalingCheckError, ScalingExpectations,
    ScalingExponent, ScalingMeasurement, ScalingMeasurements, ScalingOutcome, ScalingRole, ScalingRun,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};

const WIDTHS: [usize; 4] = [64, 128, 256, 512];

/// Measurements of one quantity, the change of the logits after step 1.
fn logit_changes(rms: impl Fn(f64, u64) -> f64) -> ScalingMeasurements {
    let mut measurements = ScalingMeasurements::default();
    for size in WIDTHS {
        for seed in 0..3 {
            let mut run = ScalingRun::new(size, seed);
            run.rms(1, ScalingRole::Logits, ScalingAspect::Change, "logits", rms(size as f64, seed));
            measurements.add(run).unwrap();
        }
    }
    measurements
}

/// The outcome of that one quantity under μP with SGD, and all that is printed.
fn judged(rms: impl Fn(f64, u64) -> f64) -> (ScalingOutcome, String) {
    let check = logit_changes(rms).check(&ScalingExpectations::mup_sgd()).unwrap();
    assert_eq!(check.passed(), check.rows[0].outcome == ScalingOutcome::Pass);
    (check.rows[0].outcome, check.to_string())
}

/// A factor near 1 that depends on the network alone.
fn noise(n: f64, seed: u64) -> f64 {
    1.0 + 0.02 * (n * 1.7 + seed as f64 * 2.3).sin()
}

#[test]
fn constants_pass_and_powers_fail_with_their_cause() {
    assert_eq!(judged(|n, seed| 0.1 * noise(n, seed)).0, ScalingOutcome::Pass);
    let (outcome, text) = judged(|n, seed| 0.1 / 64.0 * n * noise(n, seed));
    assert_eq!(outcome, ScalingOutcome::Fail);
    let line = text.lines().find(|line| line.starts_with("FAIL")).unwrap();
    assert!(line.starts_with("FAIL: change of logits after step 1 ∝ width^+1.0"), "{line}");
    assert!(line.contains("at width 64 to 0.8"), "{line}");
    assert!(line.contains("; μP with SGD expects 0 ± 0.2."), "{line}");
    assert!(line.ends_with("Divide the learning rate of the output by the width."), "{line}");
    let (outcome, text) = judged(|n, seed| noise(n, seed) / n);
    assert_eq!(outcome, ScalingOutcome::Fail);
    assert!(text.contains("by the width once, and no more."), "{text}");
}

#[test]
fn a_wide_interval_is_undecided() {
    let (outcome, text) = judged(|n, seed| if (n as u64 / 64 + seed).is_multiple_of(2) { 1.0 } else { 3.0 });
    assert_eq!(outcome, ScalingOutcome::Undecided, "{text}");
    assert!(text.contains("Measure more seeds or sizes."), "{text}");
}

#[test]
fn numbers_that_are_not_finite_fail() {
    for bad in [f64::NAN, f64::INFINITY] {
        let (outcome, text) = judged(|n, seed| if n >= 256.0 && seed > 0 { bad } else { 0.1 });
        assert_eq!(outcome, ScalingOutcome::Fail);
        assert!(text.contains("is not finite in 4 of 12 networks, from width 256 on"), "{text}");
    }
    let (outcome, text) = judged(|_, _| f64::NAN);
    assert_eq!(outcome, ScalingOutcome::Fail);
    assert!(text.contains("is not finite in 12 of 12 networks, from width 64 on"), "{text}");
}

#[test]
fn zeros_have_no_exponent() {
    assert_eq!(judged(|_, _| 0.0).0, ScalingOutcome::Unjudged);
    let (outcome, text) = judged(|n, seed| if n < 100.0 && seed == 0 { 0.0 } else { 0.1 });
    assert_eq!(outcome, ScalingOutcome::Undecided);
    assert!(text.contains("is 0 in 1 of 12 networks"), "{text}");
}

#[test]
fn an_expectation_of_ones_own_goes_before_those_of_roles() {
    let measurements = logit_changes(|n, seed| n.sqrt() * noise(n, seed));
    let ours = ScalingExpectations::not_growing(ScalingAxis::Width);
    assert!(!measurements.check(&ours).unwrap().passed());
    let ours = ours.expect_of("logits", ScalingAspect::Change, 1..=1, 0.5..=0.5);
    let check = measurements.check(&ours).unwrap();
    assert!(check.passed(), "{check}");
    assert!(!measurements.check(&ours.with_margin(0.001)).unwrap().passed(), "no interval fits");
}

#[test]
fn tables_are_found_by_name() {
    for name in ScalingExpectations::NAMES {
        let table = ScalingExpectations::named(name).unwrap();
        assert_eq!(
            table.axis == ScalingAxis::Depth,
            name == "complete-p" || name.ends_with("depth"),
            "{name}"
        );
        assert!(!table.rows.is_empty(), "{name}");
    }
    assert_eq!(ScalingExpectations::named("mup"), None);
}

#[test]
fn what_was_not_measured_is_said() {
    let text = logit_changes(|_, _| 1.0).check(&ScalingExpectations::mup_adam()).unwrap().to_string();
    let not = "Not measured: the first layer, later layers, logits, change of the first layer, change of later layers.";
    assert!(text.contains(not), "{text}");
}

#[test]
fn an_unexpected_quantity_is_shown_and_not_judged() {
    let table = ScalingExpectations::new("nothing", ScalingAxis::Depth);
    let check = logit_changes(|n, _| n).check(&table).unwrap();
    assert!(!check.passed(), "nothing was judged");
    let row = check.row("change of logits", 1).unwrap();
    assert_eq!((row.outcome, row.networks), (ScalingOutcome::Unjudged, 12));
    assert!(check.to_string().contains("at depth 64"), "{check}");
}

#[test]
fn mistakes_are_one_line() {
    let expected = ScalingExpectations::mup_sgd();
    let error = |sizes: &[usize], measure: fn(usize, u64, &mut ScalingRun)| {
        let error = scaling::check(sizes, 0..2, measure, &expected).unwrap_err();
        assert_eq!(error.to_string().lines().count(), 1);
        error
    };
    let fine = |size: usize, _: u64, run: &mut ScalingRun| {
        run.values(0, ScalingRole::Logits, "logits", &[size as f32]);
    };
    assert_eq!(error(&[8, 16], fine), ScalingCheckError::TooFewSizes(vec![8, 16]));
    assert_eq!(error(&[0, 8, 16], fine), ScalingCheckError::NoSize);
    let twice = error(&[8, 16, 32, 16], fine);
    assert!(
        twice.to_string().contains("logits after step 0 of the network of size 16 and seed 0"),
        "{twice}"
    );
    let late = error(&[8, 16, 32], |_, _, run| run.values(1, ScalingRole::Logits, "logits", &[1.0]));
    assert!(matches!(late, ScalingCheckError::NoStart(_)), "{late}");
    let longer = error(&[8, 16, 32], |_, _, run| {
        run.values(0, ScalingRole::Logits, "logits", &[1.0]);
        run.values(1, ScalingRole::Logits, "logits", &[1.0, 2.0]);
    });
    assert!(matches!(longer, ScalingCheckError::OtherLength { lengths: [1, 2], .. }), "{longer}");
}

#[test]
fn a_run_computes_sizes_and_changes() {
    let mut run = ScalingRun::new(8, 1);
    run.values(0, ScalingRole::Hidden, "h", &[3.0_f32, -4.0]);
    run.values(1, ScalingRole::Hidden, "h", &[3.0_f32, -2.0]);
    run.values(2, ScalingRole::Hidden, "h", &[0.0_f32, -4.0]);
    let mut measurements = ScalingMeasurements::default();
    measurements.add(run).unwrap();
    for size in [16, 32] {
        let quantity =
            ScaledQuantity { role: ScalingRole::Hidden, name: "h".to_owned(), aspect: ScalingAspect::Change };
        measurements.push(ScalingMeasurement { size, seed: 1, step: 1, quantity, rms: 1.0 }).unwrap();
    }
    let check = measurements.check(&ScalingExpectations::mup_sgd()).unwrap();
    let start = |quantity, step| check.row(quantity, step).unwrap().ends[0];
    // √(25/2), and of the changes (0, 2) and (−3, 0).
    assert_eq!(start("h", 0), (8, 12.5_f64.ln().mul_add(0.5, 0.0).exp()));
    for (step, square) in [(1, 2.0_f64), (2, 4.5)] {
        let (size, rms) = start("change of h", step);
        assert!(size == 8 && (rms - square.sqrt()).abs() < 1e-12, "step {step}: {rms}");
    }
}

/// Coverage of the 95% interval over 4,000 seeded trials, for normal noise with a level for each seed. The bound is five
/// standard deviations of the count, √(0.95·0.05/4000) = 0.0034 each: a false alarm in 1.7 million.
#[test]
fn intervals_cover() {
    let mut normal = StandardNormal.sample_iter(ChaCha8Rng::seed_from_u64(5));
    let mut draw = || -> f64 { normal.next().unwrap() };
    for (seeds, exponent) in [(1, 0.5), (3, -0.5), (8, 0.0)] {
        let trials = 4000;
        let mut covered = 0;
        for _ in 0..trials {
            let mut points = Vec::new();
            for seed in 0..seeds {
                let level = 0.5 * draw();
                for n in WIDTHS {
                    let log = level + exponent * (n as f64).ln() + 0.1 * draw();
                    points.push((n as f64, seed, log.exp()));
                }
            }
            let fit = ScalingExponent::fit(points).unwrap();
            covered += usize::from(fit.low() <= exponent && exponent <= fit.high());
        }
        let share = covered as f64 / trials as f64;
        assert!((share - 0.95).abs() < 5.0 * 0.0034, "{seeds} seeds: {share}");
    }
}

/// Without levels of their own, seeds that share a level would make this interval wider.
#[test]
fn a_level_of_a_seed_is_no_noise() {
    let points = |level: f64| {
        (0..3).flat_map(move |seed| {
            WIDTHS.map(|n| {
                let n = n as f64;
                (n, seed, n.powf(0.3) * (level * seed as f64).exp() * noise(n, seed))
            })
        })
    };
    let [without, with] = [0.0, 3.0].map(|level| ScalingExponent::fit(points(level)).unwrap());
    assert!((with.half_width - without.half_width).abs() < 1e-12, "{with:?} {without:?}");
    assert!((with.value - without.value).abs() < 1e-12);
}

/// `scipy.stats.linregress` of scipy 1.17.1 on ln 8, ln 16, ln 32, ln 64 and the logarithms of these values; the half width is its
/// `stderr` times `t.ppf(0.975, 2)`.
#[test]
fn one_seed_is_the_library_s_regression() {
    let values = [(8.0, 1, 1.0), (16.0, 1, 1.7), (32.0, 1, 3.5), (64.0, 1, 5.2)];
    let fit = ScalingExponent::fit(values).unwrap();
    assert!((fit.value - SCIPY.0).abs() < 1e-12 && (fit.half_width - SCIPY.1).abs() < 1e-10, "{fit:?}");
}

const SCIPY: (f64, f64) = (0.8177355045455817, 0.2629281320155577);

proptest! {
    #[test]
    fn exact_power_laws_are_recovered(
        exponent in -3.0..3.0_f64,
        levels in prop::collection::vec(1e-12..1e12_f64, 1..4),
        sizes in prop::collection::btree_set(1_usize..100_000, 3..6),
    ) {
        let points = levels.iter().zip(0..).flat_map(|(level, seed)| {
            sizes.iter().map(move |&size| (size as f64, seed, level * (size as f64).powf(exponent)))
        });
        let fit = ScalingExponent::fit(points).unwrap();
        let ends = [sizes.first().unwrap(), sizes.last().unwrap()].map(|&size| (size as f64).ln());
        // Each logarithm, of up to 60, has an error of an ulp, divided by the spread of the sizes.
        let tolerance = 1e-13 / (ends[1] - ends[0]).min(1.0);
        prop_assert!((fit.value - exponent).abs() < tolerance, "{fit:?}");
        prop_assert!(fit.half_width < 100.0 * tolerance, "{fit:?}");
    }
}

#[test]
fn fewer_than_two_sizes_of_a_seed_have_no_slope() {
    assert_eq!(ScalingExponent::fit([(8.0, 1, 1.0), (16.0, 2, 1.0)]), None);
    assert_eq!(ScalingExponent::fit([]), None);
    let two = ScalingExponent::fit([(8.0, 1, 1.0), (16.0, 1, 2.0)]).unwrap();
    assert!((two.value - 1.0).abs() < 1e-12 && two.half_width.is_nan(), "{two:?}");
}
