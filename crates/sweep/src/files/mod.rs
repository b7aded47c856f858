//! Files of a sweep: the only part of this crate that reads and writes.

mod folder;
mod shard_file;
mod shard_log;
mod table_file;

#[cfg(feature = "parquet")]
mod parquet_file;

pub use folder::{ShardState, SweepFolder};
pub use shard_file::FinishedShard;
pub use shard_log::{OpenedShard, ShardLog};
pub use table_file::TableFile;

#[cfg(feature = "parquet")]
pub use parquet_file::ParquetFile;
