//! Turns at burn's generator of random numbers, of which a process has one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burn_core::tensor::Device;

static TURN: Mutex<()> = Mutex::new(());

/// Seeds the generator of `device`; others of this crate that seed it wait until the turn is dropped.
pub(crate) fn seeded(device: &Device, seed: u64) -> MutexGuard<'static, ()> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    device.seed(seed);
    turn
}
