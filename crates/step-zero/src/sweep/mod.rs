//! `step-zero sweep`: compute the cells of a plan, all of them or one shard, or have Slurm do it.

mod estimate;
mod shard;
mod slurm;
mod work;

use std::path::{Path, PathBuf};

use ::sweep::{SweepFolder, SweepPlan, SweepShard};
use clap::Args;
use cli::{Failure, Outcome, files, shown};

use crate::merge;
use shard::ShardChoice;
pub(crate) use slurm::ARRAY_SCRIPT;

/// Compute many small networks: one for every combination of a plan's settings. docs/sweeps.md describes plans.
#[derive(Args)]
pub struct Sweep {
    /// The plan, a file of TOML.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,

    /// The folder for shards and the table [default: the plan's name with `.sweep`, in the working directory].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Compute shard K of N only, counted from 0: `3/100`, or `auto/100`, where K is that of a Slurm array's task.
    #[arg(long, value_name = "K/N", conflicts_with = "slurm")]
    pub shard: Option<ShardChoice>,

    /// Threads [default: those of the Slurm task, or all cores].
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub threads: Option<u64>,

    /// Time a sample and print the number of cells, core-hours, memory, and the tasks that they suggest; with --slurm, print
    /// the scripts. Nothing is written.
    #[arg(long)]
    pub dry_run: bool,

    /// Write and submit a job array of --array tasks, and a merge after it.
    #[arg(long, requires = "array")]
    pub slurm: bool,

    /// Tasks of the job array.
    #[arg(long, value_name = "N", requires = "slurm", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub array: Option<u64>,

    /// Options for sbatch, such as --time=1:00:00 or --partition=short.
    #[arg(last = true, value_name = "SBATCH OPTIONS", requires = "slurm")]
    pub sbatch: Vec<String>,
}

/// Runs the command.
pub fn command(options: &Sweep) -> Result<Outcome, Failure> {
    let plan = read(&options.plan)?;
    if options.dry_run && !options.slurm {
        return estimate::estimate(&plan, &options.plan).map(Outcome::clean);
    }
    let out = options.out.clone().unwrap_or_else(|| default_folder(&options.plan));
    if let Some(tasks) = options.array {
        // Tasks of another number of shards than the folder has would all be refused.
        let accepted = || SweepFolder::new(&out, &plan).accepts(SweepShard { index: 0, count: tasks });
        return slurm::command(options, &out, tasks, || {
            accepted().map_err(|error| Failure::new(error.to_string()))?;
            keep(&options.plan, &plan, &out)
        });
    }
    let shard = options.shard.map_or(Ok(SweepShard::WHOLE), ShardChoice::resolve)?;
    keep(&options.plan, &plan, &out)?;
    let folder = SweepFolder::new(&out, &plan);
    let done = work::compute(&folder, shard, work::threads(options.threads)?)?;
    if shard == SweepShard::WHOLE {
        let merged = merge::merged(&folder, 1, &merge::MergeSettings::default())?;
        return Ok(Outcome::new(format!("{done}{}", merged.text), merged.findings));
    }
    Ok(Outcome::clean(format!("{done}when all shards are done: step-zero merge {}\n", files::typed(&out))))
}

/// Reads a plan; a mistake has the file's name before its line and column.
pub(crate) fn read(path: &Path) -> Result<SweepPlan, Failure> {
    let bytes = files::read(path, "name a plan, a file of TOML")?;
    let text =
        String::from_utf8(bytes).map_err(|_| Failure::new(format!("{}: it is no text", shown(path))))?;
    SweepPlan::parse(&text).map_err(|error| Failure::new(format!("{}:{error}", shown(path))))
}

fn default_folder(plan: &Path) -> PathBuf {
    let stem = plan.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    PathBuf::from(format!("{stem}.sweep"))
}

/// The name of the plan in the folder of its sweep.
pub(crate) const PLAN: &str = "plan.toml";

/// True if the folder has the script of a job array.
pub(crate) fn has_script(folder: &Path) -> bool {
    folder.join(ARRAY_SCRIPT).exists()
}

/// Keeps a copy of the plan beside the shards, so that a merge needs the folder only.
fn keep(path: &Path, plan: &SweepPlan, out: &Path) -> Result<(), Failure> {
    let kept = out.join(PLAN);
    if !kept.exists() {
        return files::write(&kept, &files::read(path, "name a plan, a file of TOML")?);
    }
    if read(&kept)?.hash() == plan.hash() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} has the shards of another plan than {}; choose another folder with --out",
        shown(out),
        shown(path)
    )))
}
