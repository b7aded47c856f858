//! Guards of two models' starts: what CI runs, and that it would notice.

use diagnostics::Report;
use diagnostics::baseline::{Baseline, guard};
use nn_init::Scheme;
use step_zero_candle::models::{mlp, transformer};

/// Seeds that no guard uses.
const OTHERS: std::ops::Range<u64> = 5000..5032;

#[test]
fn the_mlp_starts_as_it_did() {
    guard(path("mlp"), |seed| mlp(seed, |_, candles| candles).unwrap().statistics());
}

#[test]
fn the_transformer_starts_as_it_did() {
    guard(path("transformer"), |seed| transformer(seed, |_, candles| candles).unwrap().statistics());
}

fn path(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines").join(format!("{name}.json"))
}

/// The locations where a model with other schemes moved.
fn moved(name: &str, model: impl Fn(u64) -> Report) -> Vec<String> {
    let text = std::fs::read_to_string(path(name)).unwrap();
    let baseline = Baseline::from_json(&text).unwrap();
    let comparison = baseline.check(OTHERS, 1e-3, |seed| model(seed).statistics()).unwrap();
    comparison.moved().map(|row| row.location.clone()).collect()
}

#[test]
fn a_gain_that_is_dropped_moves_and_other_seeds_do_not() {
    assert!(moved("mlp", |seed| mlp(seed, |_, candles| candles).unwrap()).is_empty());
    let narrower =
        |name: &str, candles: Scheme| if name == "hidden2.weight" { candles.times(0.95) } else { candles };
    let locations = moved("mlp", |seed| mlp(seed, narrower).unwrap());
    assert!(locations.contains(&"hidden2.weight".to_owned()), "{locations:?}");

    let xavier =
        |name: &str, candles| if name == "shrink.weight" { Scheme::xavier_normal(1.0) } else { candles };
    let locations = moved("transformer", |seed| transformer(seed, xavier).unwrap());
    assert!(locations.contains(&"shrink.weight".to_owned()), "{locations:?}");
}

/// Candle's linear layers have Kaiming's gain for ReLU, which is what three ReLU layers ask for; PyTorch's have 1/√3.
#[test]
fn candles_default_suits_relu_and_pytorchs_makes_signals_smaller() {
    let healthy = mlp(1, |_, candles| candles).unwrap().verdicts();
    assert!(healthy.is_empty(), "{healthy:?}");
    let torch = Scheme::kaiming_uniform(1.0 / 3f64.sqrt());
    let torchs = |name: &str, candles| if name.ends_with("weight") { torch } else { candles };
    let verdicts = mlp(1, torchs).unwrap().verdicts();
    let found = verdicts.iter().find(|verdict| verdict.rule == "wrong-gain");
    let verdict = found.unwrap_or_else(|| panic!("{verdicts:?}"));
    assert!(verdict.finding.ends_with("relu needs 1.41."), "{verdict}");
    let gain = verdict.evidence.iter().find(|(name, _)| *name == "gain from the weights").unwrap().1;
    assert!((gain - 1.0 / 3f64.sqrt()).abs() < 0.02, "{verdict}");
}
