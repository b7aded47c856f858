//! Computing a shard, with progress and Ctrl-C.

use std::env;
use std::sync::atomic::Ordering;
use std::thread::available_parallelism;
use std::time::Instant;

use ::sweep::{CellRecord, OpenedShard, ShardLog, SweepFolder, SweepShard, run_shard};
use cli::{Failure, Progress};
use lessons::makemore::interrupt;

/// Computes the cells of a shard that are not there yet, and returns the line that says so.
pub(super) fn compute(folder: &SweepFolder, shard: SweepShard, threads: usize) -> Result<String, Failure> {
    let SweepShard { index, count } = shard;
    let cells = shard.cells(folder.plan().cells());
    let name = format!("shard {index}/{count}");
    let (mut log, done, cut) = match ShardLog::open(folder, shard).map_err(Failure::new)? {
        OpenedShard::Finished => return Ok(format!("{name}: all {cells} cells are there already\n")),
        OpenedShard::Open { log, done, cut } => (log, done, cut),
    };
    let stop = interrupt::flag()?;
    let progress = Progress::bar("cells", cells as usize);
    progress.skip(done.len() as u64);
    let (began, mut computed) = (Instant::now(), 0_u64);
    let finished = run_shard(
        folder.plan(),
        shard,
        threads,
        |cell| done.contains(&cell),
        &stop,
        |record| {
            log.append(record)?;
            computed += 1;
            progress.step();
            Ok(())
        },
    );
    drop(progress);
    finished.map_err(Failure::new)?;
    let there = done.len() as u64 + computed;
    if there < cells && stop.load(Ordering::Relaxed) {
        return Err(Failure::new(format!(
            "interrupted: {there} of {cells} cells of {name} are done; the same command goes on from there"
        )));
    }
    if !log.finish().map_err(Failure::new)? {
        return Err(Failure::new(format!(
            "{name} is not complete: its file changed meanwhile; run it again"
        )));
    }
    let seconds = began.elapsed().as_secs_f64();
    let mut before =
        if done.is_empty() { String::new() } else { format!(", {} were there already", done.len()) };
    // Less than a record is the torn end of a process that was killed.
    if cut >= CellRecord::length(folder.plan().measures.len()) as u64 {
        before +=
            &format!("; the last {cut} bytes of its file were damaged, and their cells were computed again");
    }
    let threads = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    Ok(format!("{name}: {computed} cells in {seconds:.1} s on {threads}{before}\n"))
}

/// The number of threads: what was given, or what Slurm gave to the task, and no more than there are cores; or all cores.
pub(super) fn threads(given: Option<u64>) -> Result<usize, Failure> {
    if let Some(given) = given {
        return Ok(given as usize);
    }
    let cores = available_parallelism();
    let cores = cores
        .map(usize::from)
        .map_err(|error| Failure::new(format!("cannot count cores: {error}; give --threads")))?;
    let of_task = env::var("SLURM_CPUS_PER_TASK").ok().and_then(|count| count.parse::<usize>().ok());
    Ok(of_task.filter(|count| *count > 0).unwrap_or(cores).min(cores))
}
