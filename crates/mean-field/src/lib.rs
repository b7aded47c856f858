//! The mean-field theory of wide networks at initialization, by quadrature, for every [`Activation`].
//!
//! With many units a layer, a pre-activation is a sum of many independent terms: normal, of a variance q that follows
//! from the layer before. So a network that nobody has drawn yet can be described by a few expectations a layer.
//!
//! ```
//! use mean_field::{Activation, CriticalPoint, Layer, MeanField, Phase, predict};
//!
//! // Linear(30, 100), four times Linear(100, 100), tanh after each, weights N(0, 1/fan_in) times 5/3.
//! let layer = |inputs: usize| Layer {
//!     inputs,
//!     units: 100,
//!     weight_std: 5.0 / 3.0 / (inputs as f64).sqrt(),
//!     bias_std: 0.0,
//!     activation: Activation::Tanh,
//! };
//! let layers = [layer(30), layer(100), layer(100), layer(100), layer(100)];
//! let shown = predict(&layers, &[1.0], 0.97); // features of second moment 1
//! assert_eq!(format!("{:.3}", shown[0].std), "0.759");
//! assert_eq!(format!("{:.1} %", 100.0 * shown[4].saturated.unwrap()), "5.7 %");
//!
//! // Where that leads, and what it does to gradients on the way back.
//! let field: MeanField = layer(100).field();
//! let q = field.fixed_variance(1.0);
//! assert_eq!(format!("{q:.4} {:.4}", field.chi(q)), "1.1785 1.2098");
//! assert_eq!(field.phase(), Phase::Chaotic);
//!
//! // Biases that would make it critical, where neither signals nor gradients change exponentially.
//! let point = CriticalPoint::of_weight(Activation::Tanh, 25.0 / 9.0).unwrap();
//! assert_eq!(format!("{:.3}", point.field.bias), "0.457");
//! assert_eq!(point.field.phase(), Phase::Critical);
//! ```
//!
//! # What there is
//! | question | answer |
//! |---|---|
//! | What does one layer do to a length? | [`MeanField::variance`], its slope |
//! | Where do lengths settle, and how fast? | [`MeanField::fixed_variance`], [`variance_depth`](MeanField::variance_depth) |
//! | Do two inputs become alike? | [`MeanField::correlation`], [`fixed_correlation`](MeanField::fixed_correlation), [`correlation_depth`](MeanField::correlation_depth) |
//! | Do gradients vanish or explode? | [`MeanField::chi`], [`MeanField::phase`] |
//! | Which weights and biases are critical? | [`CriticalPoint`]; without biases [`Critical`] |
//! | What will the layers of this network show? | [`predict`], [`correlations`] |
//!
//! Three networks, from a variance of 1:
//!
//! | f | `σ_w²` | `σ_b²` | q* | χ₁ | phase | c* | `ξ_q` | `ξ_c` |
//! |---|---|---|---|---|---|---|---|---|
//! | tanh | 1.69 | 0.09 | 0.607 | 0.940 | ordered | 1 | 1.34 | 16.1 |
//! | tanh | 16 | 0.09 | 12.6 | 2.37 | chaotic | 0.030 | 0.490 | 3.64 |
//! | ReLU | 2 | 0 | every | 1 | critical | 1 | ∞ | ∞ |
//!
//! # What it assumes
//! - Weights and biases are independent, of mean 0, and a layer's have one variance each. Any law will do where fan in
//!   is large; a mean other than 0, of biases or of weights, is not supported.
//! - Layers are wide. At a width of n second moments are off by a part of size 1/n on average, and one draw spreads
//!   around that by its root: 0.3 % and 2 % of activations' second moment at the fourth of the layers above.
//! - Gradients are independent of the weights that they pass on their way back (Schoenholz et al. 2017, section 4).
//! - Inputs enter by their second moments, one each: see [`predict`].
//!
//! Lengths of 0 and ∞ are answers and arguments; NaN stays NaN.
//!
//! # Sources
//! Poole et al. 2016, *Exponential expressivity in deep neural networks through transient chaos*; Schoenholz et al.
//! 2017, *Deep information propagation*; Roberts, Yaida & Hanin 2022, *The principles of deep learning theory*; the
//! kernels that tests compare with are those of Williams 1997 and Cho & Saul 2009.

mod critical;
mod expectations;
mod field;
mod fixed_point;
mod layer;
mod line;
mod root;
mod share;

pub use critical::Critical;
pub use expectations::{slope_squared, value, value_squared, value_squared_slope};
pub use field::MeanField;
pub use fixed_point::Phase;
pub use layer::{Layer, Prediction, correlations, predict};
pub use line::CriticalPoint;
pub use tensor::Activation;
