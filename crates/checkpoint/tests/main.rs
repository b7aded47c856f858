//! All tests of the crate but those beside its code.

mod files;
mod identify;
mod models;
mod moments;
mod rules_file;
mod schema;
mod shipped;
