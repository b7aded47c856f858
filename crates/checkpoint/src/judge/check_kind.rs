//! The kinds of findings, by their stable names.

use std::fmt;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// A kind of finding. Its text is a stable name in kebab-case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum CheckKind {
            $($(#[$doc])* $variant,)*
        }

        impl CheckKind {
            /// All kinds, causes before consequences.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name: `wrong-std`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// No rule mentions a tensor.
    Unmentioned "unmentioned",
    /// A rule matches a tensor that it cannot apply to.
    UnfitRule "unfit-rule",
    /// A rule matches no tensor.
    UnusedRule "unused-rule",
    /// Values are NaN or infinite.
    NotFinite "not-finite",
    /// Values are far larger or far smaller than any draw: memory that nothing was written to.
    Uninitialised "uninitialised",
    /// A tensor of equal values has another value, or other values.
    WrongConstant "wrong-constant",
    /// An identity, a Dirac kernel or another fixed pattern differs.
    WrongPattern "wrong-pattern",
    /// Rows that are expected to be zero are not, as those of padding.
    PaddingNotZero "padding-not-zero",
    /// Rows or columns are zero.
    ZeroBlock "zero-block",
    /// More values are zero than the distribution has, or fewer than a sparse one has.
    Zeros "zeros",
    /// Rows repeat each other: rows, heads, experts, blocks.
    EqualRows "equal-rows",
    /// Rows, columns or blocks have different means or standard deviations.
    Uneven "uneven",
    /// Values are beyond the bounds of the distribution.
    OutOfBounds "out-of-bounds",
    /// Many values are exactly the smallest or the largest one: they were clipped, not drawn again.
    PiledOnBound "piled-on-bound",
    /// A value is farther out than the distribution reaches with so many values.
    Outlier "outlier",
    /// The mean differs.
    WrongMean "wrong-mean",
    /// The standard deviation differs.
    WrongStd "wrong-std",
    /// The distribution has another shape: kurtosis or goodness of fit.
    WrongDistribution "wrong-distribution",
    /// Rows or columns are not orthogonal.
    NotOrthogonal "not-orthogonal",
    /// Different tensors have the same values.
    IdenticalTensors "identical-tensors",
    /// Different tensors share rows.
    SharedRows "shared-rows",
    /// Tied tensors differ.
    TiedDiffer "tied-differ",
    /// Copies of one model differ.
    FilesDiffer "files-differ",
    /// Shards of one model repeat each other.
    FilesRepeat "files-repeat",
}

impl fmt::Display for CheckKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
