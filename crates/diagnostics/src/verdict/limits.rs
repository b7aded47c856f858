//! Where healthy ends.

/// The thresholds of every verdict. The defaults are documented one by one; a caller changes what does not suit.
///
/// ```
/// use diagnostics::Limits;
/// let strict = Limits { saturated: 0.1, ..Limits::default() };
/// assert_eq!(strict.gain_margin, 1.2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Standard errors by which a parameter's mean and std may miss the law that it was drawn from: 5, which chance
    /// passes once in 1.7 million draws.
    pub standard_errors: f64,
    /// The factor by which a layer's gain may leave the range between the gain that is critical and the gain that keeps
    /// the variance: 1.2, less than √2; and four standard errors, `4/√(2n)` of n weights, beyond that.
    pub gain_margin: f64,
    /// The share of saturated activations of a layer: 0.3. Normal pre-activations of gain 5/3 have 0.11 under tanh, those
    /// of gain 1.4 have 0.2 under erf.
    pub saturated: f64,
    /// The share of units that are 0 in every example: 0.5.
    pub dead: f64,
    /// The root mean square of a bias over that of its layer's pre-activations: 0.5. Half of the variance is then the
    /// bias's at 0.7.
    pub bias: f64,
    /// The factor by which an embedding's root mean square may differ from 1: 3.
    pub embedding: f64,
    /// The growth of activations and of gradients in nats a layer, either way: 0.25. A ReLU network without its gain of √2
    /// has 0.35. What chance makes of few or narrow layers is added to it.
    pub rate: f64,
    /// The growth over all layers together, in nats: 6.9, a factor of a thousand.
    pub span: f64,
    /// The initial loss above ln(classes), in nats: 3, right answers twenty times less probable than by a guess. Logits of
    /// variance v have about v/2; Kaiming's gain leaves them v = 2 after ReLU, and chance can triple that.
    pub excess_loss: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            standard_errors: 5.0,
            gain_margin: 1.2,
            saturated: 0.3,
            dead: 0.5,
            bias: 0.5,
            embedding: 3.0,
            rate: 0.25,
            span: 6.9,
            excess_loss: 3.0,
        }
    }
}
