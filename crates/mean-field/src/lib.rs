//! The mean-field theory of wide networks at initialisation, by quadrature, for every [`Activation`].
//!
//! With many units per layer, a pre-activation is a sum of many independent terms: it is normal, with a variance q that
//! follows from the layer before. A few expectations per layer therefore describe a network before it is drawn.
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
//! let predicted = predict(&layers, &[1.0], 0.97); // inputs with a mean square of 1
//! assert_eq!(format!("{:.3}", predicted[0].std), "0.759");
//! assert_eq!(format!("{:.1}%", 100.0 * predicted[4].saturated.unwrap()), "5.7%");
//!
//! // The variance that deep layers approach, and the growth of gradients there.
//! let field: MeanField = layer(100).field();
//! let q = field.fixed_variance(1.0);
//! assert_eq!(format!("{q:.4} {:.4}", field.chi(q)), "1.1785 1.2098");
//! assert_eq!(field.phase(), Phase::Chaotic);
//!
//! // The biases with which it is critical: neither signals nor gradients change exponentially.
//! let point = CriticalPoint::of_weight(Activation::Tanh, 25.0 / 9.0).unwrap();
//! assert_eq!(format!("{:.3}", point.field.bias), "0.457");
//! assert_eq!(point.field.phase(), Phase::Critical);
//! ```
//!
//! # Contents
//! | question | answer |
//! |---|---|
//! | How does one layer change the variance? | [`MeanField::variance`], [`variance_slope`](MeanField::variance_slope) |
//! | Which variance do deep layers approach, and how fast? | [`MeanField::fixed_variance`], [`variance_depth`](MeanField::variance_depth) |
//! | Do two inputs become more similar? | [`MeanField::correlation`], [`fixed_correlation`](MeanField::fixed_correlation), [`correlation_depth`](MeanField::correlation_depth) |
//! | Do gradients vanish or explode? | [`MeanField::chi`], [`MeanField::phase`] |
//! | Which weights and biases are critical? | [`CriticalPoint`]; without biases [`Critical`]; for GELU and the like [`CriticalPoint::half_stable`] |
//! | Which scale does a gated pair have? | [`Gated`] |
//! | What do shortcuts change? | [`residual_growth`], [`pre_norm_gradient`], [`Gpt2Stream`] |
//! | And zero padding, strides, pooling? | [`ConvAxis`], [`ConvAxis`], [`padding_factors`], [`gradient_per_element`], [`Pooled`] |
//! | What do batch, layer and RMS norm change? | [`NormScales`], [`batch_norm_growth`] |
//! | And dropout? | [`DropoutField`] |
//! | How long is an LSTM's memory, how large its state? | [`memory_horizon`], [`LstmScales`] |
//! | How similar are inputs with a mean? What does half precision lose? | [`inputs_cosine`], [`NumberFormat`] |
//! | And if pre-activations have a mean, or weights? | [`ActivationMoments`], [`SpikedField`], [`top_singular_value`] |
//! | Are two rows more similar than by chance? | [`largest_cosine_quantile`] |
//! | How concentrated is attention, how large the first loss? | [`RandomSoftmax`], [`largest_probability`], [`first_loss`], [`tied_loss`] |
//! | Do tokens become more similar, do queries learn? | [`attention_cosines`], [`query_gradient_ratio`] |
//! | Which values will the layers of a given network have? | [`predict`], [`correlations`] |
//!
//! Three networks, from a variance of 1:
//!
//! | f | `σ_w²` | `σ_b²` | q* | χ₁ | phase | c* | `ξ_q` | `ξ_c` |
//! |---|---|---|---|---|---|---|---|---|
//! | tanh | 1.69 | 0.09 | 0.607 | 0.940 | ordered | 1 | 1.34 | 16.1 |
//! | tanh | 16 | 0.09 | 12.6 | 2.37 | chaotic | 0.030 | 0.490 | 3.64 |
//! | ReLU | 2 | 0 | any | 1 | critical | 1 | ∞ | ∞ |
//!
//! # Assumptions
//! - Weights and biases are independent, with one variance each per layer, and with mean 0 but for [`SpikedField`]. If
//!   fan-in is large, their distribution does not matter.
//! - Layers are wide. At width n the relative error of second moments is of size 1/n on average, and one draw varies by
//!   the square root of that: 0.3% and 2% of the second moment of activations at the fourth of the layers above.
//! - Gradients are independent of the weights on their way back (Schoenholz et al. 2017, section 4).
//! - Inputs enter by their second moments; see [`predict`].
//!
//! Variances of 0 and ∞ are allowed as arguments and returned as results; NaN stays NaN.
//!
//! # Sources
//! Poole et al. 2016, *Exponential expressivity in deep neural networks through transient chaos*; Schoenholz et al.
//! 2017, *Deep information propagation*; Roberts, Yaida & Hanin 2022, *The principles of deep learning theory*. The
//! tests compare with the kernels of Williams 1997 and Cho & Saul 2009.
//!
//! Beyond the plain chain, formulas marked *derived here* were, and are compared with random networks by the tests or by the
//! measurements quoted. The papers named beside them were not read beyond their introductions.

mod attention;
mod convolution;
mod critical;
mod dropout;
mod expectations;
mod field;
mod fixed_point;
mod formats;
mod fraction;
mod gated;
mod inputs;
mod largest;
mod layer;
mod line;
mod logits;
mod moments;
mod nodes;
mod norm;
mod parallel;
mod pooling;
mod recurrent;
mod residual;
mod root;
mod series;
mod sine;
mod softmax;
mod spike;
mod symmetry;
mod transformer;

pub use attention::{attention_cosines, query_gradient_ratio, score_std};
pub use convolution::{ConvAxis, gradient_per_element, padding_factors};
pub use critical::Critical;
pub use dropout::DropoutField;
pub use expectations::{slope_squared, value, value_squared, value_squared_slope};
pub use field::MeanField;
pub use fixed_point::Phase;
pub use formats::NumberFormat;
pub use gated::Gated;
pub use inputs::inputs_cosine;
pub use largest::largest_probability;
pub use layer::{Layer, Prediction, correlations, predict};
pub use line::CriticalPoint;
pub use logits::{first_loss, own_logit, smoothing_floor, tied_loss};
pub use moments::ActivationMoments;
pub use norm::{NormScales, batch_norm_growth, large_batch_norm_growth};
pub use pooling::Pooled;
pub use recurrent::{LstmScales, log_uniform_mean, memory_horizon, step_bias};
pub use residual::{pre_norm_gradient, pre_norm_stream, residual_growth};
pub use softmax::{RandomSoftmax, log_sum_with};
pub use spike::{SpikedField, UnitMoments, top_singular_value};
pub use symmetry::{cosine_exceeds, largest_cosine, largest_cosine_quantile};
pub use tensor::Activation;
pub use transformer::{Gpt2Stream, StreamMoments};
