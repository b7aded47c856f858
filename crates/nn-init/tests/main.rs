//! Schemes: their values, their distributions, their texts and their documentation.

mod distributions;
mod documentation;
mod fans;
mod gains;
#[cfg(feature = "half")]
mod half;
mod modules;
mod presets;
mod schemes;
mod text;
mod torch;
mod weights;
