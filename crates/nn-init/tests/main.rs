//! Schemes, their distributions and their texts.

mod distributions;
mod fans;
mod gains;
mod presets;
mod text;
mod torch;
mod weights;
