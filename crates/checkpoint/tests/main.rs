//! All tests of the crate but those beside its code.

mod files;
mod identify;
