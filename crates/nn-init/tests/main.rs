//! Schemes, their laws and their texts.

mod fans;
mod gains;
mod laws;
mod presets;
mod text;
mod torch;
mod weights;
