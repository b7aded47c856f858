//! What a sweep would take, from a timed sample of its cells.

use std::path::Path;
use std::time::Instant;

use ::sweep::{CellDeal, CellRecord, CellRunner, SweepPlan};
use cli::Failure;
use cli::files::typed;

use super::work;

/// Seconds and cells after which the sample ends.
const SECONDS: f64 = 3.0;
const CELLS: u64 = 200;
/// The length of a suggested task: long enough to be worth scheduling, short enough to fit between others.
const TASK: f64 = 1800.0;
/// Slurm's default for the largest array is 1001.
const MOST_TASKS: f64 = 1000.0;

/// Cells, core-hours, memory and tasks. The sample is the first cells of the deal, which is a random sample of the grid.
pub(super) fn estimate(plan: &SweepPlan, path: &Path) -> Result<String, Failure> {
    let cells = plan.cells();
    let seconds = sample(plan)?;
    let n = seconds.len() as f64;
    let mean = seconds.iter().sum::<f64>() / n;
    let variance = seconds.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    // Of the mean, if there is more than one; a sample of all cells has none.
    let error = if n > 1.0 { (variance / n * (1.0 - n / cells as f64)).sqrt() / mean } else { f64::INFINITY };
    let total = mean * cells as f64;
    let [least, most] = [f64::min, f64::max].map(|of| seconds.iter().copied().reduce(of).unwrap_or(mean));
    let tasks = (total / TASK).ceil().clamp(1.0, MOST_TASKS.min(cells as f64));
    let cores = work::threads(None)?;
    let bytes = CellRecord::length(plan.measures.len()) as f64;
    let shown_plan = typed(path);
    let more = if error.is_finite() { format!(", ± {:.0}%", 200.0 * error) } else { String::new() };
    // Half as much again, because nodes differ and the estimate has an error.
    let limit = hours_and_minutes(1.5 * total / tasks);
    let lines = [
        ("plan", format!("{}, {} measures", &plan.hash()[..12], plan.measures.len())),
        ("cells", cells.to_string()),
        ("sample", format!("{n} cells: {} per cell, from {} to {}", time(mean), time(least), time(most))),
        ("core-hours", format!("{}{more}", significant(total / 3600.0))),
        ("memory", format!("{} per process", memory())),
        ("files", format!("{} MB", significant(bytes * cells as f64 / 1e6))),
        (
            "this machine",
            format!("{} on {cores} cores: step-zero sweep {shown_plan}", time(total / cores as f64)),
        ),
        (
            "Slurm",
            format!(
                "{tasks} {} of {}: step-zero sweep {shown_plan} --slurm --array {tasks} -- --time={limit}",
                if tasks == 1.0 { "task" } else { "tasks" },
                time(total / tasks)
            ),
        ),
    ];
    Ok(lines.map(|(name, text)| format!("{name:<14}{text}\n")).concat())
}

/// The seconds that each cell of the sample takes on one thread.
fn sample(plan: &SweepPlan) -> Result<Vec<f64>, Failure> {
    let (deal, mut runner, began) = (CellDeal::new(plan.cells()), CellRunner::new(plan), Instant::now());
    let mut seconds = Vec::new();
    for place in 0..plan.cells().min(CELLS) {
        let start = Instant::now();
        runner.run(deal.cell(place)).map_err(Failure::new)?;
        seconds.push(start.elapsed().as_secs_f64());
        if began.elapsed().as_secs_f64() > SECONDS {
            break;
        }
    }
    Ok(seconds)
}

/// The most memory that this process has had, where the system says so.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.map_or("unknown".to_owned(), |kilobytes| format!("{} MB", significant(kilobytes / 1024.0)))
}

fn significant(x: f64) -> String {
    diagnostics::significant(x, 3)
}

/// A time in the unit that suits it.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{} µs", significant(1e6 * s)),
        s if s < 1.0 => format!("{} ms", significant(1e3 * s)),
        s if s < 120.0 => format!("{} s", significant(s)),
        s if s < 7200.0 => format!("{} minutes", significant(s / 60.0)),
        s => format!("{} hours", significant(s / 3600.0)),
    }
}

/// A time as sbatch takes it, rounded up to minutes and at least five.
fn hours_and_minutes(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil().max(5.0) as u64;
    format!("{}:{:02}:00", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::{hours_and_minutes, time};

    #[test]
    fn times_have_their_units() {
        let shown = [2e-5, 0.012, 3.0, 150.0, 8000.0].map(time);
        assert_eq!(shown, ["20 µs", "12 ms", "3 s", "2.5 minutes", "2.22 hours"]);
        assert_eq!([1.0, 3601.0].map(hours_and_minutes), ["0:05:00", "1:01:00"]);
    }
}
