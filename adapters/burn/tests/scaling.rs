//! Networks of burn's layers: μP passes, the standard parametrisation and a planted rate do not.

use burn_core as burn;
use burn_core::module::{Module, Param};
use burn_core::tensor::activation::relu;
use burn_core::tensor::{Device, Int, Tensor};
use burn_nn::loss::CrossEntropyLossConfig;
use burn_nn::{Initializer, Linear, LinearConfig};
use diagnostics::scaling::{ScalingCheck, ScalingExpectations, ScalingOutcome};
use nn_init::{Mup, MupRole};
use step_zero_burn::scaling_check;

const BASE: usize = 32;

#[derive(Module, Debug)]
struct Net {
    first: Linear,
    second: Linear,
    head: Linear,
}

fn linear(device: &Device, [inputs, outputs]: [usize; 2], std: f64) -> Linear {
    let initializer = Initializer::Normal { mean: 0.0, std };
    LinearConfig::new(inputs, outputs).with_bias(false).with_initializer(initializer).init(device)
}

/// 8-n-n-5, trained by gradient descent with `rates` of its three weights.
fn check(mup: bool, rates: impl Fn(Mup) -> [f64; 3]) -> ScalingCheck {
    let build = |device: &Device, width: usize, _| {
        let n = width as f64;
        let output = if mup { (BASE as f64 / n).sqrt() } else { 1.0 };
        Net {
            first: linear(device, [8, width], 0.5),
            second: linear(device, [width, width], (2.0 / n).sqrt()),
            head: linear(device, [width, 5], output / n.sqrt()),
        }
    };
    let checked = scaling_check(
        &[32, 64, 128, 256],
        0..12,
        2,
        &ScalingExpectations::mup_sgd(),
        build,
        |net: Net, trace| {
            let device = &net.devices()[0];
            let x = Tensor::<1, Int>::arange(0..16 * 8, device).float().powi_scalar(2).mul_scalar(0.37).sin();
            let one = relu(net.first.forward(x.reshape([16, 8])));
            let two = relu(net.second.forward(one.clone()));
            let logits = net.head.forward(two.clone());
            trace.input("layer 1", &one);
            trace.hidden("layer 2", &two);
            trace.logits(&logits);
            let labels = Tensor::arange(0..16, device).remainder_scalar(3);
            let width = two.dims()[1];
            let rates = rates(Mup { base: BASE, width });
            let gradients = CrossEntropyLossConfig::new().init(device).forward(logits, labels).backward();
            let updated = |layer: Linear, rate: f64| {
                let weight = layer.weight.val();
                let step = weight.grad(&gradients).unwrap().mul_scalar(0.02 * rate);
                // What burn-optim does: the gradient has no autodiff of its own, and the new value is a leaf.
                let value = Tensor::from_inner(weight.inner() - step).require_grad();
                Linear { weight: Param::initialized(layer.weight.id, value), ..layer }
            };
            Net {
                first: updated(net.first, rates[0]),
                second: updated(net.second, rates[1]),
                head: updated(net.head, rates[2]),
            }
        },
    );
    checked.unwrap()
}

fn of_mup(mup: Mup) -> [f64; 3] {
    [MupRole::Input, MupRole::Hidden, MupRole::Output].map(|role| mup.sgd_rate(role))
}

#[test]
fn mup_passes() {
    let check = check(true, of_mup);
    assert!(check.passed(), "{check}");
}

/// Burn draws from one generator per process: without turns, the seeds of one check would feed the other.
#[test]
fn checks_in_parallel_find_what_one_finds_alone() {
    let found = || check(true, of_mup).to_string();
    let alone = found();
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(found)).collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), alone);
    }
}

#[test]
fn the_standard_parametrisation_fails() {
    let check = check(false, |_| [1.0; 3]);
    for quantity in ["change of layer 1", "change of layer 2", "change of logits"] {
        assert_eq!(check.row(quantity, 1).unwrap().outcome, ScalingOutcome::Fail, "{check}");
    }
}

#[test]
fn a_rate_of_the_output_that_stays_is_found() {
    let check = check(true, |mup| [of_mup(mup)[0], of_mup(mup)[1], 1.0]);
    assert_eq!(check.row("change of logits", 1).unwrap().outcome, ScalingOutcome::Fail, "{check}");
    assert_eq!(check.row("change of layer 2", 1).unwrap().outcome, ScalingOutcome::Pass, "{check}");
    assert!(check.to_string().contains("Divide the learning rate of the output by the width."), "{check}");
}

#[test]
fn two_widths_are_too_few() {
    let expected = ScalingExpectations::mup_sgd();
    let few = scaling_check(
        &[8, 16],
        0..1,
        0,
        &expected,
        |device, width, _| linear(device, [3, width], 1.0),
        |layer, trace| {
            trace.logits(&layer.weight.val());
            layer
        },
    );
    assert!(
        few.unwrap_err()
            .to_string()
            .starts_with("scaling check: an exponent takes at least 3 different sizes")
    );
}
