//! Changes that a check reports, and those that it does not, at fixed seeds.

use diagnostics::baseline::{Aspect, Baseline, BaselineComparison, BaselineError, Statistic};

use super::network::{CHAOTIC, Change, HEALTHY, Network, RELU};

fn against(baseline: &Baseline, network: Network<'_>) -> BaselineComparison {
    baseline.check(1000..1032, 1e-3, |seed| network.statistics(seed)).unwrap()
}

#[test]
fn changes_of_the_initialisation_are_found_and_others_pass() {
    let baseline = Baseline::measure(0..64, |seed| HEALTHY.statistics(seed)).unwrap();
    for change in [Change::None, Change::OtherStream, Change::Noise] {
        let comparison = against(&baseline, HEALTHY.with(change));
        assert!(comparison.passed(), "{change:?}: {comparison}");
    }
    for (change, location) in [
        (Change::GainDropped, "W1"),
        (Change::FansSwapped, "W3"),
        (Change::AnothersFan, "W2"),
        (Change::BiasZeroed, "b1"),
        (Change::Scaled(0, 1.05), "W1"),
        (Change::Scaled(2, 0.95), "W3"),
        (Change::Measured(1.05), "Layer 2"),
        (Change::Measured(0.95), "Layer 2"),
    ] {
        let comparison = against(&baseline, HEALTHY.with(change));
        let first = comparison.moved().next().expect("something moved");
        assert_eq!(first.location, location, "{change:?}: {comparison}");
    }
}

#[test]
fn networks_that_vary_more_cause_no_alarm() {
    for network in [RELU, CHAOTIC] {
        let baseline = Baseline::measure(0..64, |seed| network.statistics(seed)).unwrap();
        let same = against(&baseline, network.with(Change::OtherStream));
        assert!(same.passed(), "{same}");
        assert!(!against(&baseline, network.with(Change::GainDropped)).passed());
    }
}

/// Compares one statistic, given its values at the recorded seeds and at those checked now.
fn compared(
    recorded: impl Fn(u64) -> f64,
    now: impl Fn(u64) -> f64,
    of: impl Fn(f64) -> Statistic,
) -> BaselineComparison {
    let baseline = Baseline::measure(0..64, |seed| [of(recorded(seed))]).unwrap();
    baseline.check(100..132, 1e-3, |seed| [of(now(seed))]).unwrap()
}

fn linear(x: f64) -> Statistic {
    Statistic::linear("W1", "x", x)
}

fn log(x: f64) -> Statistic {
    Statistic::log("W1", "x", x)
}

/// A number between 0 and 1 that differs between seeds.
fn spread(seed: u64) -> f64 {
    (seed as f64 * 0.618_033_988_75).fract()
}

#[test]
fn constants_move_beyond_rounding_only() {
    let passes = |a: f64, b: f64, of: fn(f64) -> Statistic| compared(|_| a, |_| b, of).passed();
    for of in [linear, log] {
        assert!(passes(0.1, 0.1 * (1.0 + 9e-6), of) && !passes(0.1, 0.1 * (1.0 + 2e-5), of));
        assert!(passes(0.0, 0.0, of) && !passes(0.0, 1e-30, of) && !passes(1e300, 2e300, of));
    }
    assert!(passes(-3.0, -3.0, linear) && !passes(-3.0, 3.0, linear));
    // A value that cancels to 0 has a rounding of its own.
    let cancelled = |x: f64| linear(x).rounding(1e-7);
    assert!(compared(|_| 2e-9, |_| -5e-8, cancelled).passed());
    assert!(!compared(|_| 2e-9, |_| -5e-7, cancelled).passed());
    assert!(compared(|_| 0.0, |_| 5e-8, |x| log(x).rounding(1e-7)).passed());
    // A relative shift by 1e-6 of values that hardly vary is 10 standard errors, and still rounding.
    let (narrow, shifted) =
        (|seed| 1.0 + 1e-6 * spread(seed), |seed| (1.0 + 1e-6 * spread(seed)) * 1.000_001);
    assert!(compared(narrow, shifted, linear).passed());
}

#[test]
fn one_side_may_have_no_spread() {
    let one_moved = compared(|_| 0.5, |seed| 10.0 + spread(seed), linear);
    assert!(!one_moved.passed(), "{one_moved}");
    assert!(!compared(|seed| 10.0 + spread(seed), |_| 0.5, linear).passed());
    assert!(compared(|_| 0.5, spread, linear).passed() && compared(spread, |_| 0.5, linear).passed());
    // A count that is 0 but for one seed.
    let rare = |seed| f64::from(u8::from(seed == 120));
    assert!(compared(|_| 0.0, rare, linear).passed());
}

#[test]
fn seeds_without_a_number_are_counted() {
    let until = |bad: f64, seeds: u64| move |seed: u64| if seed < seeds { bad } else { 1.0 + spread(seed) };
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let found = compared(until(bad, 0), until(bad, 120), log);
        let moved: Vec<_> = found.moved().map(|row| row.aspect).collect();
        assert_eq!(moved, [Aspect::NotFinite], "{found}");
        assert!(found.to_string().contains("x: not finite   0 of 64  20 of 32    +62%"), "{found}");
        assert!(!compared(|_| bad, |_| 1.0, linear).passed() && !compared(|_| 1.0, |_| bad, linear).passed());
        assert!(compared(|_| bad, |_| bad, log).passed());
        // Half of the seeds on both sides, or one of 32 after none of 64, are chance.
        assert!(compared(until(bad, 32), until(bad, 116), linear).passed());
        assert!(compared(until(bad, 0), until(bad, 101), linear).passed());
    }
    let zeros = compared(until(0.0, 0), until(0.0, 120), log);
    let moved: Vec<_> = zeros.moved().map(|row| row.aspect).collect();
    assert_eq!(moved, [Aspect::Zeros], "{zeros}");
    assert!(!compared(|_| 1.0, |_| 0.0, log).passed() && compared(|_| 0.0, |_| 0.0, log).passed());
}

#[test]
fn missing_statistics_are_an_error_and_new_ones_a_note() {
    let baseline = Baseline::measure(0..8, |_| {
        [linear(1.0), log(2.0)].map(|s| Statistic { name: format!("{:?}", s.scale), ..s })
    })
    .unwrap();
    let error = baseline.check(8..16, 0.5, |_| [linear(1.0)]).unwrap_err();
    let expected = "recorded in the baseline but not measured: W1 Linear (linear), W1 Log (log); \
                    measured but not recorded: W1 x (linear)";
    assert_eq!(error.to_string(), expected);
    // A new statistic is not compared, whatever its value, and does not hide a move of the others.
    let spreads = |factor: f64| {
        move |seed: u64| vec![linear(factor * (1.0 + spread(seed))), Statistic::linear("W1", "new", f64::NAN)]
    };
    let old = Baseline::measure(0..64, |seed| [linear(1.0 + spread(seed))]).unwrap();
    let same = old.check(100..132, 1e-3, spreads(1.0)).unwrap();
    assert_eq!((same.rows.len(), same.unrecorded.as_slice()), (1, &["W1 new (linear)".to_owned()][..]));
    assert!(same.passed());
    assert!(
        same.to_string().ends_with("\nnote: not in the baseline: W1 new (linear); accept to add\n"),
        "{same}"
    );
    assert!(!old.check(100..132, 1e-3, spreads(2.0)).unwrap().passed());
    // The order does not matter; another scale is another statistic.
    let in_order =
        |names: [&'static str; 2]| move |_: u64| names.map(|name| Statistic::linear("", name, 1.0));
    let ab = Baseline::measure(0..8, in_order(["a", "b"])).unwrap();
    assert!(ab.check(8..16, 0.5, in_order(["b", "a"])).unwrap().passed());
    let scales = Baseline::measure(0..8, |_| [log(1.0)]).unwrap().check(8..16, 0.5, |_| [linear(1.0)]);
    assert!(matches!(scales, Err(BaselineError::Missing { .. })));
}

#[test]
fn a_measurement_has_the_same_statistics_at_every_seed() {
    let refused = |measure: fn(u64) -> Vec<Statistic>| {
        let error = Baseline::measure(3..20, measure).unwrap_err();
        assert!(matches!(error, BaselineError::Measurement(_)), "{error:?}");
        error.to_string()
    };
    assert!(refused(|_| vec![]).ends_with("it has no statistics"));
    assert!(refused(|_| vec![linear(1.0), log(1.0)]).ends_with("it has W1 x twice"));
    assert!(
        refused(|seed| vec![linear(1.0); usize::from(seed < 7)])
            .contains("seed 7 has 0 statistics instead of the 1 at seed 3")
    );
    let switching = |seed| vec![if seed == 5 { log(1.0) } else { linear(1.0) }];
    assert!(refused(switching).contains("seed 5 has W1 x (log) instead of W1 x (linear) at seed 3"));
}

/// Half of the seeds are 1% above, half below. The means are 0.6 and 0.5 and the spread is `√(n/(n − 1))·ln 1.01`, so
/// Welch's variance `(ln 1.01)²·(1/63 + 1/31)` is the larger one and gives `ln(5/6)/0.0021830`, −83.5 standard errors.
#[test]
fn the_table_has_what_moved_and_by_how_much() {
    let around = |mean: f64| move |seed: u64| if seed.is_multiple_of(2) { mean * 1.01 } else { mean / 1.01 };
    let expected = "\
1 of 1 comparisons moved, more than chance allows at a family-wise rate of 0.001 (64 seeds recorded, 32 checked)
location  statistic  recorded       now  change  errors      p
W1        x          0.6 ± 1%  0.5 ± 1%  -16.7%   -83.5  0e-00
";
    let text = compared(around(0.6), around(0.5), log).to_string();
    let (table, p) = text.trim_end().rsplit_once(' ').unwrap();
    assert_eq!(table.trim_end(), expected.trim_end().rsplit_once(' ').unwrap().0.trim_end());
    assert!(p.parse::<f64>().unwrap() < 1e-50, "{text}");
    let none = compared(spread, spread, linear).to_string();
    let line = "0 of 1 comparisons moved, no more than chance allows at a family-wise rate of 0.001";
    assert!(none.starts_with(line) && none.lines().count() == 1, "{none}");
}

#[test]
#[should_panic(expected = "check: seeds 60..92 overlap the recorded seeds 0..64")]
fn recorded_seeds_cannot_be_checked() {
    let _ = Baseline::measure(0..64, |_| [linear(1.0)]).unwrap().check(60..92, 0.01, |_| [linear(1.0)]);
}

#[test]
#[should_panic(expected = "baseline: 7 seeds, 0..7; there must be at least 8")]
fn too_few_seeds_are_refused() {
    let _ = Baseline::measure(0..7, |_| [linear(1.0)]);
}

#[test]
#[should_panic(expected = "check: alpha is NaN; it must be between 0 and 1")]
fn alpha_is_a_probability() {
    let _ = Baseline::measure(0..64, |_| [linear(1.0)]).unwrap().check(64..80, f64::NAN, |_| [linear(1.0)]);
}
