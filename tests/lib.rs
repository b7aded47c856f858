//! Holds the README to its word: its example is run as a test.

#[doc = include_str!("../README.md")]
mod readme {}
