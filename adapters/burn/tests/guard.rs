//! A guard of a model's start: what CI runs, and that it would notice.

use std::path::{Path, PathBuf};

use diagnostics::baseline::{Baseline, guard};
use nn_init::{Gain, Scheme};
use step_zero_burn::Parameter;
use step_zero_burn::models::{burns_own, network};

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines/network.json")
}

#[test]
fn the_network_starts_as_it_did() {
    guard(path(), |seed| network(seed, burns_own).unwrap().statistics());
}

#[test]
fn fans_that_are_swapped_move_and_other_seeds_do_not() {
    let baseline = Baseline::from_json(&std::fs::read_to_string(path()).unwrap()).unwrap();
    let moved = |choose: fn(&Parameter) -> Scheme| {
        let check =
            baseline.check(5000..5016, 1e-3, |seed| network(seed, choose).unwrap().statistics()).unwrap();
        check.moved().map(|row| row.location.clone()).collect::<Vec<_>>()
    };
    assert!(moved(burns_own).is_empty());
    let swapped = moved(|parameter| match parameter.path.as_str() {
        "conv2.weight" => "scaled(0.5773502691896258, fan_out, uniform)".parse().unwrap(),
        _ => burns_own(parameter),
    });
    assert!(swapped.contains(&"conv2.weight".to_owned()), "{swapped:?}");
}

/// Burn's layers are drawn from `U(±1/√fan_in)`, a gain of 1/√3: signals shrink by √6 in each ReLU layer.
#[test]
fn verdicts_are_about_burns_default_and_kaimings_gain_silences_them() {
    let shrinks = network(1, burns_own).unwrap().verdicts();
    assert!(
        shrinks
            .iter()
            .any(|verdict| verdict.rule == "wrong-gain"
                && verdict.locations.iter().any(|at| at == "conv2.weight")),
        "{shrinks:?}"
    );
    let kaiming = |parameter: &Parameter| match parameter.path.as_str() {
        "logits.weight" => Scheme::lecun_uniform(),
        path if path.ends_with("weight") => {
            Scheme::kaiming_normal(Gain::torch(diagnostics::Activation::Relu).unwrap())
        }
        _ => Scheme::ZEROS,
    };
    let healthy = network(1, kaiming).unwrap().verdicts();
    assert!(healthy.is_empty(), "{healthy:?}");
}
