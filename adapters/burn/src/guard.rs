//! A guard of a model's initialisation: a test in one line.

use std::path::Path;

use burn_core::module::Module;
use burn_core::tensor::Device;
use diagnostics::baseline::{Statistic, guard as guard_statistics};

use crate::turn::seeded;
use crate::{Loss, WatchError, watch};

/// Fails if a model's initialisation is not what it was: compares the statistics of its parameters, their gradients, its
/// outputs and its loss, at 32 seeds, with those of 64 others in a file.
///
/// `STEP_ZERO_BASELINE=accept cargo test` writes the file; see [`diagnostics::baseline::guard`](guard_statistics). The model is
/// built on the default device with autodiff, and may be one that knows nothing of this crate.
///
/// ```no_run
/// # use burn_core as burn;
/// # use burn_core::{module::Module, tensor::{Device, Tensor}};
/// # use burn_nn::{Linear, LinearConfig};
/// use step_zero_burn::{Loss, guard};
/// # fn net(device: &Device) -> Linear { LinearConfig::new(4, 3).init(device) }
/// # fn loss(model: &Linear) -> Loss { model.forward(Tensor::<2>::ones([2, 4], &Device::flex())).mean().into() }
///
/// #[test]
/// fn the_net_starts_as_it_did() {
///     guard("baselines/net.json", |device| net(device), |model| loss(model));
/// }
/// ```
///
/// **Seeds.** Burn draws from one generator per process, whatever the thread. A guard seeds it, builds the model with all of
/// its lazy parameters, and runs the pass, while other guards and scaling checks wait. So guards in parallel threads are as reproducible as in one,
/// in a test program in which nothing else draws: a file of their own, such as `tests/guard.rs`, is one. Where other tests draw
/// in between, the numbers are others at each run but still a sample of the same initialisation, so that a false alarm is no
/// more likely than α. Schemes and rules draw from a source of their own, and are reproducible anywhere.
///
/// # Panics
/// As [`diagnostics::baseline::guard`](guard_statistics); and in one line, if the pass cannot be recorded.
#[track_caller]
pub fn guard<M: Module, L: Into<Loss>>(
    path: impl AsRef<Path>,
    build: impl Fn(&Device) -> M,
    pass: impl Fn(&M) -> L,
) {
    let device = Device::default().autodiff();
    guard_statistics(path, |seed| match statistics(&device, seed, &build, &pass) {
        Ok(statistics) => statistics,
        Err(error) => panic!("guard: {error}"),
    });
}

/// The statistics that a [`guard`] compares, for a model that is built from a seed: those of
/// [`Recording::statistics`](diagnostics::Recording::statistics).
///
/// # Errors
/// If the pass cannot be recorded.
pub fn statistics<M: Module, L: Into<Loss>>(
    device: &Device,
    seed: u64,
    build: impl Fn(&Device) -> M,
    pass: impl Fn(&M) -> L,
) -> Result<Vec<Statistic>, WatchError> {
    let _turn = seeded(device, seed);
    let model = build(device);
    Ok(watch(&model, pass)?.statistics())
}
