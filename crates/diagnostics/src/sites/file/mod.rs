//! Recordings as safetensors files: a manifest in JSON, and values or statistics.
//!
//! The format is described in `docs/recordings.md`.

mod assemble;
mod manifest;
mod read;
mod write;

pub use read::FileError;
