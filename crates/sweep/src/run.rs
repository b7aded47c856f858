//! The cells of a shard on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::{CellDeal, CellRecord, CellRunner, CpuLevel, SweepError, SweepPlan, SweepShard};

/// Computes the cells of a shard that are not `done` on so many threads, and hands each to `append` as soon as it is
/// computed, in no fixed order. Ends early, after the cells that are being computed, when `stop` is set.
///
/// A cell is computed by one thread and depends on the plan alone, so records are the same for any number of threads.
///
/// # Errors
/// The first error of a cell or of `append`; nothing is appended after it.
///
/// # Panics
/// If `done` or `append` panics.
pub fn run_shard(
    plan: &SweepPlan,
    shard: SweepShard,
    threads: usize,
    done: impl Fn(u64) -> bool + Sync,
    stop: &AtomicBool,
    append: impl FnMut(&CellRecord) -> Result<(), SweepError> + Send,
) -> Result<(), SweepError> {
    let (deal, level) = (CellDeal::new(plan.cells()), CpuLevel::here());
    let places = shard.cells(plan.cells());
    let next = AtomicU64::new(0);
    // The end: an error ends all threads.
    let sink = Mutex::new((append, Ok(())));
    let failed = AtomicBool::new(false);
    let fail = |error| {
        failed.store(true, Ordering::Relaxed);
        let mut sink = sink.lock().expect("no thread panics");
        if sink.1.is_ok() {
            sink.1 = Err(error);
        }
    };
    let work = || {
        let mut runner = CellRunner::new(plan);
        while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= places {
                return;
            }
            let cell = deal.cell(shard.index + place * shard.count);
            if done(cell) {
                continue;
            }
            let values = match runner.run(cell) {
                Ok(values) => values,
                Err(error) => return fail(error),
            };
            let mut sink = sink.lock().expect("no thread panics");
            if sink.1.is_err() {
                return;
            }
            if let Err(error) = (sink.0)(&CellRecord { cell, level, values }) {
                drop(sink);
                return fail(error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    sink.into_inner().expect("no thread panics").1
}
