//! A guard of a model that knows nothing of this crate: what CI runs, and that it would notice.

use std::path::{Path, PathBuf};

use burn_core as burn;
use burn_core::module::Module;
use burn_core::tensor::activation::relu;
use burn_core::tensor::{Device, Int, Tensor};
use burn_nn::{Dropout, DropoutConfig, Initializer, Linear, LinearConfig};
use diagnostics::baseline::Baseline;
use step_zero_burn::{Loss, guard, statistics};

#[derive(Module, Debug)]
struct Net {
    hidden: Linear,
    dropout: Dropout,
    head: Linear,
}

impl Net {
    fn new(device: &Device, initializer: Initializer) -> Self {
        Self {
            hidden: LinearConfig::new(16, 64).with_initializer(initializer).init(device),
            dropout: DropoutConfig::new(0.1).init(),
            head: LinearConfig::new(64, 4).init(device),
        }
    }
}

fn burns_own() -> Initializer {
    LinearConfig::new(1, 1).initializer
}

/// A fixed batch; the dropout draws from burn's generator.
fn loss(model: &Net) -> Loss {
    let device = &model.devices()[0];
    let x = Tensor::<1, Int>::arange(0..32 * 16, device)
        .float()
        .powi_scalar(2)
        .mul_scalar(0.37)
        .sin()
        .reshape([32, 16]);
    let logits = model.head.forward(model.dropout.forward(relu(model.hidden.forward(x))));
    Loss::cross_entropy(logits, Tensor::arange(0..32, device).remainder_scalar(4))
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines/net.json")
}

#[test]
fn the_net_starts_as_it_did() {
    guard(path(), |device| Net::new(device, burns_own()), loss);
}

#[test]
fn fans_that_are_swapped_move_and_other_seeds_do_not() {
    let baseline = Baseline::from_json(&std::fs::read_to_string(path()).unwrap()).unwrap();
    let device = Device::flex().autodiff();
    let moved = |initializer: Initializer| {
        let measure =
            |seed| statistics(&device, seed, |device| Net::new(device, initializer.clone()), loss).unwrap();
        let check = baseline.check(5000..5016, 1e-3, measure).unwrap();
        check.moved().map(|row| format!("{} {}", row.location, row.name)).collect::<Vec<_>>()
    };
    let own = moved(burns_own());
    assert!(own.is_empty(), "{own:?}");
    let swapped = moved(Initializer::KaimingUniform { gain: 1.0 / 3_f64.sqrt(), fan_out_only: true });
    assert!(swapped.contains(&"hidden.weight value std".to_owned()), "{swapped:?}");
}

#[test]
fn a_seed_decides_the_statistics_although_guards_run_in_parallel() {
    let device = Device::flex().autodiff();
    let at = |seed| statistics(&device, seed, |device| Net::new(device, burns_own()), loss).unwrap();
    let alone = at(3);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| at(3))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone);
        }
    });
    assert_ne!(alone, at(4));
    let names: Vec<_> = alone.iter().map(|s| format!("{} {}", s.location, s.name)).collect();
    for expected in [
        "outputs activation rms",
        "outputs activation gradient rms",
        "hidden.weight value std",
        "head.bias gradient rms",
        "network loss",
    ] {
        assert!(names.iter().any(|name| name == expected), "{expected} is not in {names:?}");
    }
}
