//! The examples' reports: healthy networks are silent, and a planted fault is the first verdict, at its place.

#[path = "../examples/mlp.rs"]
mod mlp;
#[path = "../examples/resnet.rs"]
mod resnet;
#[path = "../examples/transformer.rs"]
mod transformer;

use burn_core::module::Module;
use burn_core::tensor::Device;
use diagnostics::{RecordingReport, Verdict};
use nn_init::Scheme;
use step_zero_burn::draw;
use torch_rng::Generator;

/// The model with one parameter drawn from another scheme.
fn with_fault<M: Module>(model: M, path: &str, scheme: &str) -> M {
    let scheme: Scheme = scheme.parse().unwrap();
    let source = &mut Generator::manual_seed(2);
    let (model, drawn) = draw(model, source, |parameter| (parameter.path == path).then_some(scheme)).unwrap();
    assert_eq!(drawn.len(), 1, "there is no {path}");
    model
}

fn first(report: &RecordingReport) -> String {
    let head =
        |verdict: &Verdict| format!("{}[{}] {}", verdict.level.name(), verdict.rule, verdict.location());
    report.judged.verdicts.first().map_or_else(|| "nothing".to_owned(), head)
}

macro_rules! first_verdicts {
    ($example:ident: $($path:literal from $scheme:literal: $expected:literal;)*) => {$(
        let model = with_fault($example::by_rules(1).unwrap().0, $path, $scheme);
        let report = $example::report(&model, &Vec::new()).unwrap();
        assert_eq!(first(&report), $expected, "{} from {}", $path, $scheme);
    )*};
}

#[test]
fn networks_by_the_rules_are_silent() {
    for seed in 1..=3 {
        let (model, drawn) = mlp::by_rules(seed).unwrap();
        assert_eq!(first(&mlp::report(&model, &drawn).unwrap()), "nothing", "MLP, seed {seed}");
        let (model, drawn) = resnet::by_rules(seed).unwrap();
        assert_eq!(first(&resnet::report(&model, &drawn).unwrap()), "nothing", "ResNet, seed {seed}");
        let (model, drawn) = transformer::by_rules(seed).unwrap();
        assert_eq!(
            first(&transformer::report(&model, &drawn).unwrap()),
            "nothing",
            "transformer, seed {seed}"
        );
    }
}

#[test]
fn a_fault_of_an_mlp_is_found_at_its_place() {
    first_verdicts! { mlp:
        "hidden.2.weight" from "normal(0, 1)": "warning[wrong-gain] hidden.2";
        "hidden.2.weight" from "lecun_uniform": "note[wrong-gain] hidden.2";
        "hidden.2.weight" from "zeros": "error[zero-gradient] hidden.2.weight";
        "hidden.2.weight" from "constant(0.05)": "error[symmetric-units] hidden.2.weight";
        "hidden.2.bias" from "constant(-9)": "error[dead-units] hidden.2.relu";
        "head.weight" from "normal(0, 1)": "warning[overconfident-logits] head";
    }
}

/// Among them one that is none: the scale of the last norm of a branch may be 0.
#[test]
fn a_fault_of_a_resnet_is_found_at_its_place() {
    first_verdicts! { resnet:
        "blocks.1.norm2.gamma" from "zeros": "nothing";
        "stem.weight" from "zeros": "error[zero-gradient] stem.weight";
        "blocks.1.conv1.weight" from "constant(0.1)": "error[symmetric-units] blocks.1.conv1.weight";
        "blocks.1.norm1.beta" from "constant(-9)": "warning[norm-weight] blocks.1.norm1.beta";
        "head.weight" from "normal(0, 3)": "note[overconfident-logits] head";
    }
}

#[test]
fn a_fault_of_a_transformer_is_found_at_its_place() {
    first_verdicts! { transformer:
        "encoder.layers.1.mha.query.weight" from "normal(0, 3)":
            "warning[saturated-softmax] encoder.layers.1.mha.softmax";
        "encoder.layers.1.mha.output.weight" from "normal(0, 5)":
            "warning[stream-growth] encoder.layers.1.mha (residual sum)";
        "encoder.layers.1.norm_1.gamma" from "zeros": "error[norm-weight] encoder.layers.1.norm_1.gamma";
        "encoder.layers.2.pwff.linear_inner.weight" from "constant(0.05)":
            "error[symmetric-units] encoder.layers.2.pwff.linear_inner.weight";
        "tokens.weight" from "normal(0, 20)": "warning[embedding-scale] tokens.weight";
        "head.weight" from "normal(0, 2)": "warning[overconfident-logits] head";
    }
}

/// Burn's linear layers are drawn from `U(±1/√fan_in)`, a gain of 1/√3 where `ReLU` needs √2. The std of 16,384 uniform values
/// has a standard error of `√((9/5 − 1)/(4n))`, or 0.35%; burn's generator is not seeded here, so five of them.
#[test]
fn burns_own_initialisation_lacks_relus_gain() {
    let report = mlp::report(&mlp::Mlp::new(&Device::flex().autodiff()), &Vec::new()).unwrap();
    let verdict = &report.judged.verdicts[0];
    assert_eq!(verdict.rule, "wrong-gain");
    assert!(verdict.locations.iter().any(|location| location == "hidden.2"), "{verdict}");
    let recording = &report.recordings[0];
    let std = recording.parameters[recording.parameter("hidden.2.weight").unwrap()].statistics.std;
    assert!((std * (3.0 * 128.0_f64).sqrt() - 1.0).abs() < 5.0 * 0.0035, "{std}");
}

/// A distribution that a parameter was not drawn from is noticed by its std: 16,384 values have a standard error of 0.6%.
#[test]
fn a_parameter_is_held_to_its_draw() {
    let (model, drawn) = mlp::by_rules(1).unwrap();
    let other = with_fault(model, "hidden.2.weight", "scaled(1.1, fan_in, normal)");
    let report = mlp::report(&other, &drawn).unwrap();
    let found = report
        .judged
        .verdicts
        .iter()
        .any(|verdict| verdict.rule == "wrong-distribution" && verdict.location() == "hidden.2.weight");
    assert!(found, "{:?}", report.judged.verdicts);
}
