//! The third door: a test that fails if the initialisation of a model changes.

use std::path::Path;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;
use diagnostics::baseline::GuardSettings;

use crate::{Recipe, Watch};

/// Fails a test if a model does not begin as its baseline says: a test in one line, for a model that somebody else wrote too.
///
/// ```no_run
/// # use candle_core::{Device, Tensor};
/// # use candle_transformers::models::bert::{BertForMaskedLM, Config};
/// # let (config, ids) = (Config::default(), Tensor::zeros((2, 8), candle_core::DType::U32, &Device::Cpu)?);
/// # let (types, labels) = (ids.clone(), ids.flatten_all()?);
/// step_zero_candle::guard(
///     "baselines/bert.json",
///     |vb| BertForMaskedLM::load(vb, &config),
///     |model, watch| watch.cross_entropy(&model.forward(&ids, &types, None)?.flatten_to(1)?, &labels),
/// );
/// # Ok::<(), candle_core::Error>(())
/// ```
///
/// Each seed initialises the model by candle's own schemes; [`Recipe::guard`] takes a recipe. What is compared are the
/// statistics of variables, of their gradients where they have any, of what the watch observed (here the logits), and the
/// loss: [`Recording::statistics`](diagnostics::Recording::statistics). `STEP_ZERO_BASELINE=accept cargo test` records; see
/// [`diagnostics::baseline::guard`].
///
/// # Panics
/// As [`diagnostics::baseline::guard`], and if the model cannot be built or run, with the error.
#[track_caller]
pub fn guard<M>(
    path: impl AsRef<Path>,
    build: impl FnMut(VarBuilder<'static>) -> Result<M>,
    forward: impl FnMut(&mut M, &Watch) -> Result<Tensor>,
) {
    Recipe::candles_own().guard(path, build, forward);
}

impl Recipe {
    /// [`guard`](crate::guard) of a model that is initialised by this recipe.
    ///
    /// # Panics
    /// As [`guard`](crate::guard).
    #[track_caller]
    pub fn guard<M>(
        &self,
        path: impl AsRef<Path>,
        build: impl FnMut(VarBuilder<'static>) -> Result<M>,
        forward: impl FnMut(&mut M, &Watch) -> Result<Tensor>,
    ) {
        self.guard_with(path, GuardSettings::default(), build, forward);
    }

    /// [`guard`](Self::guard) with other numbers of seeds or another rate of false alarms.
    ///
    /// # Panics
    /// As [`guard`](crate::guard).
    #[track_caller]
    pub fn guard_with<M>(
        &self,
        path: impl AsRef<Path>,
        settings: GuardSettings,
        mut build: impl FnMut(VarBuilder<'static>) -> Result<M>,
        mut forward: impl FnMut(&mut M, &Watch) -> Result<Tensor>,
    ) {
        let path = path.as_ref();
        diagnostics::baseline::guard_with(path, settings, |seed| {
            let statistics = self.statistics(seed, &mut build, &mut forward);
            statistics.unwrap_or_else(|error| panic!("{}: seed {seed}: {error}", path.display()))
        });
    }

    /// The statistics that a guard compares, of the model at one seed.
    ///
    /// # Errors
    /// Those of [`init`](Self::init) and of the pass.
    pub fn statistics<M>(
        &self,
        seed: u64,
        build: impl FnMut(VarBuilder<'static>) -> Result<M>,
        forward: impl FnOnce(&mut M, &Watch) -> Result<Tensor>,
    ) -> Result<Vec<diagnostics::Statistic>> {
        self.init(seed, build)?.pass(forward)?.statistics()
    }
}
