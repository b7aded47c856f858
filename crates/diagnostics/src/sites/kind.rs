//! The kinds of sites and of their inputs, by the names that files use.

use std::fmt;
use std::str::FromStr;

/// Declares an enum whose variants have names in files, and lists them.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in files and tables.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| {
                    let names: Vec<_> = Self::ALL.iter().map(|kind| kind.name()).collect();
                    format!("unknown {} `{text}`: it must be one of {}", $what, names.join(", "))
                })
            }
        }
    };
}

pub(super) use named;

named! {
    /// The operation whose results a site holds. It decides which rules apply there.
    SiteKind: "kind of site" {
        /// Values that enter the network, such as pixels.
        Input = "input",
        /// Rows looked up in a table.
        Embedding = "embedding",
        /// A product of a signal with a matrix of parameters, with or without a bias.
        Linear = "linear",
        /// A convolution.
        Convolution = "convolution",
        /// A transposed convolution.
        TransposedConvolution = "transposed_convolution",
        /// A function of each value on its own.
        Activation = "activation",
        /// A normalisation, scaled and shifted if it has parameters.
        Norm = "norm",
        /// The values that a softmax reads, without those that a mask removes.
        Scores = "scores",
        /// Probabilities along the unit axis.
        Softmax = "softmax",
        /// Values averaged with probabilities.
        Mix = "mix",
        /// A sum of two signals neither of which is computed from the other.
        Sum = "sum",
        /// A stream plus a branch that is computed from it.
        ResidualSum = "residual_sum",
        /// A product of two signals.
        Gate = "gate",
        /// A signal times or plus constants or a row of parameters.
        Scale = "scale",
        /// An average or maximum over positions.
        Pooling = "pooling",
        /// Values some of which were set to 0 at random.
        Dropout = "dropout",
        /// Signals side by side.
        Concat = "concat",
        /// A recurrent layer, as one site.
        Recurrent = "recurrent",
        /// The values that the loss reads, if nothing else is known of them.
        Logits = "logits",
        /// Anything else.
        Other = "other",
    }
}

impl SiteKind {
    /// True for a product of a signal with a weight.
    pub fn is_product(self) -> bool {
        matches!(self, Self::Linear | Self::Convolution | Self::TransposedConvolution | Self::Logits)
    }
}

named! {
    /// The values over which a normalisation takes its statistics.
    NormKind: "kind of norm" {
        /// Each unit over examples and positions.
        Batch = "batch",
        /// All units of one position.
        Layer = "layer",
        /// The same, without subtracting the mean.
        Rms = "rms",
        /// Groups of units over positions.
        Group = "group",
        /// Each unit over the positions of one example.
        Instance = "instance",
    }
}

named! {
    /// The role of an input at a residual sum.
    InputRole: "role of an input" {
        /// The signal that the sum passes on.
        Stream = "stream",
        /// The signal that is added to it.
        Branch = "branch",
    }
}
