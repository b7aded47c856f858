//! Candle's own schemes, as those of nn-init.

use candle_nn::init::{FanInOut, Init, NormalOrUniform};
use nn_init::{Distribution, FanMode, Scheme};

/// The scheme that a layer of candle asks for.
///
/// ```
/// use candle_nn::init::DEFAULT_KAIMING_NORMAL;
///
/// // The weight of `candle_nn::linear`.
/// let scheme = step_zero_candle::candles_own(DEFAULT_KAIMING_NORMAL);
/// assert_eq!(scheme.moments(&[100, 50], nn_init::Layout::OUT_IN)?.std, (2.0_f64 / 50.0).sqrt());
/// # Ok::<(), nn_init::InitError>(())
/// ```
pub fn candles_own(init: Init) -> Scheme {
    match init {
        Init::Const(value) => Scheme::Constant(value),
        Init::Randn { mean, stdev } => Scheme::Normal { mean, std: stdev },
        Init::Uniform { lo, up } => Scheme::Uniform { lo, hi: up },
        Init::Kaiming { dist, fan, non_linearity } => {
            let mode = match fan {
                FanInOut::FanIn => FanMode::FanIn,
                FanInOut::FanOut => FanMode::FanOut,
            };
            let distribution = match dist {
                NormalOrUniform::Normal => Distribution::Normal,
                NormalOrUniform::Uniform => Distribution::Uniform,
            };
            Scheme::scaled(non_linearity.gain(), mode, distribution)
        }
    }
}
