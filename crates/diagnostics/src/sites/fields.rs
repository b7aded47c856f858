//! Statistics as records of numbers with names, so that a file can hold them as rows of a matrix, and what they share.

/// Declares a record of `f64` fields: NaN is a number that was not measured.
macro_rules! statistics {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: f64,)*
        }

        /// Numbers that were not measured are equal.
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.row().iter().zip(other.row()).all(|(x, y)| *x == y || (x.is_nan() && y.is_nan()))
            }
        }

        impl $name {
            /// The names of the fields, in order.
            pub const FIELDS: &[&str] = &[$(stringify!($field)),*];

            /// A record of which nothing was measured.
            pub const UNKNOWN: Self = Self { $($field: f64::NAN,)* };

            /// The numbers, in the order of [`FIELDS`](Self::FIELDS).
            pub fn row(&self) -> Vec<f64> {
                vec![$(self.$field),*]
            }

            /// The record of numbers with names. Names that are not known are ignored, and what is missing is NaN.
            pub fn from_row<'a>(names: impl IntoIterator<Item = &'a str>, row: &[f64]) -> Self {
                let mut record = Self::UNKNOWN;
                for (name, &value) in names.into_iter().zip(row) {
                    match name {
                        $(stringify!($field) => record.$field = value,)*
                        _ => {}
                    }
                }
                record
            }
        }
    };
}

/// Implements `add_summary` for records of values and of the gradient at them.
macro_rules! summarised {
    ($name:ident) => {
        impl $name {
            /// Fills in what a summary of the values knows.
            pub(crate) fn add_summary(&mut self, summary: &Summary) {
                self.count = summary.count as f64;
                self.non_finite = summary.non_finite as f64;
                self.zeros = summary.zeros as f64;
                self.mean = summary.mean();
                self.std = summary.std();
                self.rms = summary.rms();
                (self.min, self.max) = (summary.min, summary.max);
                self.skew = summary.skew();
                self.kurtosis = summary.kurtosis();
            }

            /// Fills in what a summary of the gradient knows of counts and size.
            pub(crate) fn add_gradient_size(&mut self, summary: &Summary) {
                self.gradient_count = summary.count as f64;
                self.gradient_non_finite = summary.non_finite as f64;
                self.gradient_zeros = summary.zeros as f64;
                self.gradient_rms = summary.rms();
            }
        }
    };
}

pub(super) use {statistics, summarised};
