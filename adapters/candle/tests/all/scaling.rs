//! Networks of candle-nn's layers and optimisers: μP passes, the standard parametrisation and a planted rate do not.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss::cross_entropy};
use diagnostics::scaling::{ScalingCheck, ScalingExpectations, ScalingOutcome};
use nn_init::{Generator, Mup, MupRole, Source};
use step_zero_candle::scaling_check;

const BASE: usize = 32;

struct Net {
    weights: [Var; 3],
    optimisers: [AdamW; 3],
}

/// 8-n-n-5 with ReLU; the factor that each weight's learning rate has beside μP's.
fn net(width: usize, seed: u64, mup: bool, wrong: [f64; 3]) -> Result<Net> {
    let scale = Mup { base: BASE, width };
    let mut source = Generator::manual_seed(seed);
    let output = if mup { (BASE as f64 / width as f64).sqrt() } else { 1.0 };
    let mut weight = |inputs: usize, outputs: usize, gain: f64| {
        let mut values = vec![0_f32; inputs * outputs];
        source.normal(0.0, gain / (inputs as f64).sqrt(), &mut values);
        Var::from_tensor(&Tensor::from_vec(values, (inputs, outputs), &Device::Cpu)?)
    };
    let weights =
        [weight(8, width, 2_f64.sqrt())?, weight(width, width, 2_f64.sqrt())?, weight(width, 5, output)?];
    let adam = |at: usize| {
        let role = [MupRole::Input, MupRole::Hidden, MupRole::Output][at];
        let lr = 1e-3 * wrong[at] * if mup { scale.adam_rate(role) } else { 1.0 };
        AdamW::new(vec![weights[at].clone()], ParamsAdamW { lr, weight_decay: 0.0, ..ParamsAdamW::default() })
    };
    Ok(Net { optimisers: [adam(0)?, adam(1)?, adam(2)?], weights })
}

fn check(mup: bool, wrong: impl Fn(f64) -> [f64; 3]) -> ScalingCheck {
    let x = crate::noise(99, &[16, 8]);
    let labels =
        Tensor::from_iter((0..16).map(|row| row % 3), &Device::Cpu).unwrap().to_dtype(DType::U32).unwrap();
    let checked = scaling_check(
        &[32, 64, 128, 256],
        0..4,
        2,
        &ScalingExpectations::mup_adam(),
        |width, seed| net(width, seed, mup, wrong(width as f64 / BASE as f64)),
        |net, trace| {
            let one = x.matmul(&net.weights[0])?.relu()?;
            let two = one.matmul(&net.weights[1])?.relu()?;
            let logits = two.matmul(&net.weights[2])?;
            trace.input("layer 1", &one)?;
            trace.hidden("layer 2", &two)?;
            trace.logits(&logits)?;
            let gradients = cross_entropy(&logits, &labels)?.backward()?;
            net.optimisers.iter_mut().try_for_each(|optimiser| optimiser.step(&gradients))
        },
    );
    checked.unwrap()
}

#[test]
fn mup_passes() {
    let check = check(true, |_| [1.0; 3]);
    assert!(check.passed(), "{check}");
}

#[test]
fn the_standard_parametrisation_fails() {
    let check = check(false, |_| [1.0; 3]);
    for quantity in ["change of layer 2", "change of logits"] {
        assert_eq!(check.row(quantity, 1).unwrap().outcome, ScalingOutcome::Fail, "{check}");
    }
}

#[test]
fn a_rate_of_the_output_that_stays_is_found() {
    let check = check(true, |m| [1.0, 1.0, m]);
    assert_eq!(check.row("change of logits", 1).unwrap().outcome, ScalingOutcome::Fail, "{check}");
    assert_eq!(check.row("change of layer 2", 1).unwrap().outcome, ScalingOutcome::Pass, "{check}");
    assert!(check.to_string().contains("Divide the learning rate of the output by the width."), "{check}");
}

#[test]
fn errors_of_a_model_and_of_the_check_are_passed_on() {
    let expected = ScalingExpectations::mup_adam();
    let failing = scaling_check(
        &[8, 16, 32],
        0..1,
        0,
        &expected,
        |_, _| Ok(()),
        |(), trace| {
            trace.logits(&Tensor::zeros((2, 3), DType::F32, &Device::Cpu)?.matmul(&crate::noise(0, &[2, 3]))?)
        },
    );
    assert!(failing.unwrap_err().to_string().contains("shape mismatch in matmul"));
    let few = scaling_check(
        &[8, 16],
        0..1,
        0,
        &expected,
        |_, _| Ok(()),
        |(), trace| trace.logits(&crate::noise(0, &[2, 3])),
    );
    assert!(
        few.unwrap_err()
            .to_string()
            .starts_with("scaling check: an exponent takes at least 3 different sizes")
    );
}
