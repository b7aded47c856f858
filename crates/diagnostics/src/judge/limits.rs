//! The thresholds of all rules.

/// Declares the thresholds, with their defaults, and lists them by name.
macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident = $default:expr,)*) => {
        /// The thresholds of all rules. Each default is documented, and a caller can change it.
        ///
        /// ```
        /// use diagnostics::Limits;
        /// let strict = Limits { saturated: 0.1, ..Limits::default() };
        /// assert_eq!(strict.gain_margin, 1.2);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: f64,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl Limits {
            /// The names of the thresholds.
            pub const NAMES: &[&str] = &[$(stringify!($field)),*];

            /// Sets a threshold by its name; false if there is none of that name.
            pub fn set(&mut self, name: &str, value: f64) -> bool {
                match name {
                    $(stringify!($field) => self.$field = value,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

limits! {
    /// The number of standard errors by which a parameter's mean and std may differ from those of its scheme: 5, which chance
    /// exceeds once in 1.7 million draws.
    standard_errors = 5.0,
    /// The factor by which a product's gain may leave the range between the critical gain and the gain that preserves the
    /// variance: 1.2, less than √2. Four standard errors, `4/√(2n)` for n weights, are added to it.
    gain_margin = 1.2,
    /// The factor by which the gain of one product may differ from those of the others, relative to what each needs, before it
    /// is more than a note: 3.
    gain_factor = 3.0,
    /// The factor by which the gain of a product that cannot be compared may leave its range before it is more than a note: 10.
    lone_gain = 10.0,
    /// The growth or shrinkage over all layers together from which it is more than a note, as a factor: 1,000.
    span = 1000.0,
    /// The growth or shrinkage per layer from which it is a note: 1.28. A ReLU network without its gain of √2 has 1.41.
    rate = 1.28,
    /// The share of a site's activations that may be saturated: 0.3. With normal pre-activations, tanh has 0.11 at gain 5/3
    /// and erf 0.2 at gain 1.4.
    saturated = 0.3,
    /// The share of rows of a softmax that may have one probability above 0.99: 0.5.
    one_hot = 0.5,
    /// The share of units that may be 0 everywhere: 0.5.
    dead = 0.5,
    /// The probability at which chance no longer explains dead units: 1e-6. A healthy ReLU unit is 0 in half of all examples,
    /// so a few examples, or many that are alike, show little.
    chance = 1e-6,
    /// The root mean square that a bias may have, relative to that of its product: 0.5. At 0.7, half of the variance is that of
    /// the bias.
    bias = 0.5,
    /// The factor by which the root mean square of an embedding may differ from 1 where a product reads it: 3 for a note, and
    /// above 1 its cube for a warning.
    embedding = 3.0,
    /// The mean of a weight as a multiple of its std, times the root of the fan-in, from which it matters: 1.5. At 1 the shared
    /// part of a signal begins to grow faster than the rest (Benaych-Georges & Nadakuditi's threshold).
    offset = 1.5,
    /// The share of a weight's squares in one direction from which it counts as of rank one: 0.8.
    rank_one = 0.8,
    /// The size of a residual branch that stands out from the others, relative to its stream: 3. The first block of a healthy
    /// GPT-2 has 4, as all its branches are alike.
    stream_jump = 3.0,
    /// The initial loss above ln(classes) from which it is a note, in nats: 3, at which the right class is twenty times less
    /// probable than by uniform guessing. Logits of variance v cost about v/2; Kaiming's gain gives v = 2 after ReLU, and
    /// chance can triple that.
    excess_loss = 3.0,
    /// The same from which it is a warning: 10. Healthy deep networks without a small last layer have up to 7.
    high_loss = 10.0,
    /// The root mean square of inputs from which they are not normalised: 10. Pixels from 0 to 255 have 147.
    input = 10.0,
    /// The number of examples times positions below which the rules about units are not sure: 8.
    examples = 8.0,
}
