//! The loss before the first step, from the scale of the logits.

use crate::{RandomSoftmax, log_sum_with};

/// The expected cross-entropy of `classes` independent logits of `N(0, std²)` that do not depend on the target: about
/// `ln classes + std²/2`, later `std·√(2·ln classes)`; to 1e-6.
///
/// Label smoothing leaves it as it is. `std` is `rms(h)·σ·√d` for inputs h of d features and weights of standard
/// deviation σ. NaN without classes, or unless `std` is finite and at least 0.
///
/// | std | 27 classes | 1000 | 50257 |
/// |---|---|---|---|
/// | 0.1 | 3.300651 | 6.912750 | 10.829905 |
/// | 1 | 3.766300 | 7.406899 | 11.324888 |
/// | 3 | 6.661196 | 11.188423 | 15.302522 |
/// | 10 | 20.160087 | 32.725773 | 42.752244 |
/// | 30 | 60.004316 | 97.336449 | 127.072844 |
///
/// ```
/// use mean_field::first_loss;
/// // GPT-2: std 0.02·√768.
/// assert!((first_loss(50257, 0.02 * 768_f64.sqrt()) - 10.9785).abs() < 1e-4);
/// ```
pub fn first_loss(classes: usize, std: f64) -> f64 {
    RandomSoftmax::of(classes, std).log_sum
}

/// The expected logit of the input's own token in a head that shares the embedding: `d·rms·σ·cosine`, for a last hidden
/// state of d features and root mean square `rms`, whose cosine similarity with the embedding of its token is `cosine`.
pub fn own_logit(width: usize, rms: f64, embedding_std: f64, cosine: f64) -> f64 {
    width as f64 * rms * embedding_std * cosine
}

/// The expected cross-entropy if one logit, that of the input's own token, is `own`, the others are independent and
/// `N(0, std²)`, and the fraction `repeats` of targets is that token; to 1e-6 (derived here).
///
/// Random targets repeat the input in 1/classes of all cases. NaN without classes, or as [`first_loss`].
///
/// ```
/// use mean_field::{own_logit, tied_loss};
/// // Nothing but an embedding of std 0.02 and a norm: measured 7.094 ± 0.010.
/// let own = own_logit(256, 1.0, 0.02, 1.0);
/// assert!((tied_loss(1000, 0.02 * 16.0, own, 1e-3) - 7.094).abs() < 0.02);
/// ```
pub fn tied_loss(classes: usize, std: f64, own: f64, repeats: f64) -> f64 {
    if classes == 0 {
        return f64::NAN;
    }
    log_sum_with(own, classes - 1, std) - repeats * own
}

/// The least cross-entropy with label smoothing ε: the entropy of the smoothed target, 1 − ε + ε/classes for one class
/// and ε/classes for each other.
///
/// ```
/// use mean_field::smoothing_floor;
/// assert!((smoothing_floor(1000, 0.1) - 1.014_848).abs() < 1e-6);
/// assert_eq!(smoothing_floor(10, 0.0), 0.0);
/// ```
pub fn smoothing_floor(classes: usize, epsilon: f64) -> f64 {
    let share = epsilon / classes as f64;
    let entropy = |p: f64| if p == 0.0 { 0.0 } else { -p * p.ln() };
    entropy(1.0 - epsilon + share) + (classes as f64 - 1.0) * entropy(share)
}
