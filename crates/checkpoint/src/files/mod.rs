//! Files of weights: what they hold, read at positions, and measured on all cores.

mod checkpoint;
mod error;
mod format;
mod inflater;
mod json;
mod measure_all;
mod npy;
mod npz;
mod safetensors;
mod shard_index;
mod source_file;
mod stored_tensor;
mod zip_directory;

pub use checkpoint::Checkpoint;
pub use error::CheckpointError;
pub use measure_all::MeasureOptions;
pub use source_file::config_beside;
