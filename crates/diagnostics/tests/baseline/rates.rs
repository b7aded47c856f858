//! How often a check is wrong, on few cases; `examples/baseline_rates.rs` has the long run.

use super::laws;
use diagnostics::baseline::{Baseline, BaselineComparison, Statistic};

/// The k-th check of its own 64 seeds and 32 others.
fn trial(k: u64, measure: impl Fn(u64, bool) -> Vec<Statistic>) -> BaselineComparison {
    let (start, middle, end) = (96 * k, 96 * k + 64, 96 * k + 96);
    let baseline = Baseline::measure(start..middle, |seed| measure(seed, false)).unwrap();
    baseline.check(middle..end, 1e-3, |seed| measure(seed, true)).unwrap()
}

fn smallest(comparison: &BaselineComparison) -> f64 {
    comparison.rows.iter().map(|row| row.p).fold(1.0, f64::min)
}

/// At a rate of 0.05, of 2,000 checks 100 may be wrong; more than 140 are once in 25,000 runs with fresh seeds
/// (binomial), and these seeds are fixed. A rate far below would be no test either: a sixth of the laws are normal or
/// near, so more than 5 must be.
#[test]
fn false_alarms_are_as_rare_as_stated_whatever_the_law() {
    let wrong = (0..2000).filter(|&k| smallest(&trial(k, |seed, _| laws::statistics(seed))) <= 0.05).count();
    assert!((6..=140).contains(&wrong), "{wrong} of 2000");
}

#[test]
fn five_percent_of_a_thousand_weights_are_found() {
    for factor in [1.05, 0.95] {
        let found = (0..400).filter(|&k| {
            let comparison = trial(k, |seed, now| laws::weights(seed, if now { factor } else { 1.0 }));
            comparison.moved().any(|row| row.location == "W0")
        });
        // The true rate is above 99.9 %: two of 400 missed are once in 16 runs with fresh seeds.
        assert!(found.count() >= 398, "{factor}");
    }
}
