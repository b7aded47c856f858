//! Sweeps over many small networks: a plan names settings and their values, every combination is a cell, and cells are
//! computed by any number of machines that need not know of each other.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//! use sweep::{SweepPlan, SweepShard, run_shard};
//!
//! let plan = SweepPlan::parse(
//!     "version = 1\nmeasure = ['gradient_growth', 'expected_gradient_growth']\n[axes]\ngain = [1, 2]\ndepth = [5]\n\
//!      seed = { count = 3 }\n[fixed]\nwidth = 50",
//! )?;
//! let mut records = Vec::new();
//! let go_on = AtomicBool::new(false);
//! run_shard(&plan, SweepShard::WHOLE, 2, |_| false, &go_on, |record| {
//!     records.push(record.clone());
//!     Ok(())
//! })?;
//! records.sort_by_key(|record| record.cell);
//! let growth: Vec<String> = records.iter().map(|record| format!("{:.1}", record.values[0])).collect();
//! assert_eq!(growth.len(), 6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`SweepPlan`] is data, read from TOML; [`SweepPlan::settings`] are those of a cell, whose seed is a hash of its
//! coordinates. A [`CellRunner`] draws, trains and measures it. [`CellDeal`] deals cells to shards, a [`ShardLog`] keeps those
//! of one shard while they are computed, and [`merge`] puts all shards into one table, in the order of the plan.
//!
//! **The contract.** A record depends on the plan, the cell, and the [`CpuLevel`] alone: not on the number of shards, on
//! threads, on their order, or on restarts.
//!
//! **Scope.** Networks of specimen, on data that are made on the spot; files, in the folder `files` alone. **Out of scope.**
//! The command line, schedulers and figures, which are programs' business.

mod cell;
mod cpu_level;
mod deal;
mod error;
mod files;
mod measures;
mod merge;
mod missing;
mod plan;
mod record;
mod run;
mod seed;
mod settings;
mod table;

pub use cell::CellRunner;
pub use cpu_level::CpuLevel;
pub use deal::{CellDeal, SweepShard};
pub use error::SweepError;
#[cfg(feature = "parquet")]
pub use files::ParquetFile;
pub use files::{FinishedShard, OpenedShard, ShardLog, ShardState, SweepFolder, TableFile};
pub use measures::{Measure, NamedMeasure};
pub use merge::{Merged, ShardSource, merge};
pub use missing::array_list;
pub use plan::{PlanError, PlanValue, SweepAxis, SweepPlan, ValueKind};
pub use record::{CellRecord, ShardHeader};
pub use run::run_shard;
pub use seed::SeedPolicy;
pub use settings::{CellData, CellOptimizer, CellParametrization, CellSettings, Setting};
pub use table::SweepColumns;
