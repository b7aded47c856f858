//! The thresholds of all rules.

/// The thresholds of all rules. Each default is documented, and a caller can change it.
///
/// ```
/// use diagnostics::Limits;
/// let strict = Limits { saturated: 0.1, ..Limits::default() };
/// assert_eq!(strict.gain_margin, 1.2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The number of standard errors by which a parameter's mean and std may differ from those of its scheme: 5, which chance
    /// exceeds once in 1.7 million draws.
    pub standard_errors: f64,
    /// The factor by which a layer's gain may leave the range between the critical gain and the gain that preserves the
    /// variance: 1.2, less than √2. Four standard errors, `4/√(2n)` for n weights, are added to it.
    pub gain_margin: f64,
    /// The share of a layer's activations that may be saturated: 0.3. With normal pre-activations, tanh has 0.11 at gain 5/3
    /// and erf 0.2 at gain 1.4.
    pub saturated: f64,
    /// The share of units that may be 0 in every example: 0.5.
    pub dead: f64,
    /// The probability at which chance no longer explains dead units: 1e-6. A healthy ReLU unit is 0 in half of all examples,
    /// so a few examples, or many that are alike, show little.
    pub chance: f64,
    /// The root mean square that a bias may have, relative to that of its layer's pre-activations: 0.5. At 0.7, half of their
    /// variance is that of the bias.
    pub bias: f64,
    /// The factor by which an embedding's root mean square may differ from 1: 3.
    pub embedding: f64,
    /// The rate at which activations and gradients may grow or shrink, in nats per layer: 0.25. A ReLU network without its
    /// gain of √2 has 0.35. An allowance for chance, in few or narrow layers, is added to it.
    pub rate: f64,
    /// The growth over all layers together that is allowed, in nats: 6.9, a factor of a thousand.
    pub span: f64,
    /// The initial loss above ln(classes) that is allowed, in nats: 3, at which the right class is twenty times less probable
    /// than by uniform guessing. Logits of variance v cost about v/2; Kaiming's gain gives v = 2 after ReLU, and chance can
    /// triple that.
    pub excess_loss: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            standard_errors: 5.0,
            gain_margin: 1.2,
            saturated: 0.3,
            dead: 0.5,
            chance: 1e-6,
            bias: 0.5,
            embedding: 3.0,
            rate: 0.25,
            span: 6.9,
            excess_loss: 3.0,
        }
    }
}
