//! All tests of the crate but those beside its code.

mod cases;
mod files;
#[path = "../src/testing/half.rs"]
mod half;
mod identify;
mod models;
mod moments;
mod rules_file;
mod schema;
mod shipped;
