//! What shards and their merging cost beside the cells: `scale DIR [CELLS [SHARDS]]`, with cells that take no time.
//!
//! `cargo run -p sweep --features bench --example scale -- DIR 1000000 1000`
#![allow(clippy::print_stdout, reason = "a measurement is printed")]

use std::path::Path;
use std::time::Instant;

use sweep::{
    CellDeal, CellRecord, CpuLevel, OpenedShard, ShardLog, SweepColumns, SweepFolder, SweepPlan, SweepShard,
    TableFile, merge,
};

/// Bytes of records that a merge holds, as in `step-zero merge`.
const MEMORY: usize = 64 << 20;

/// The most memory that this process has had, in MB, on Linux.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("NaN kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default: u64| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (cells, count) = (number(1, 1_000_000)?, number(2, 1000)?);
    let path = Path::new(arguments.first().ok_or("name an empty folder")?);
    std::fs::create_dir_all(path)?;
    let text = format!(
        "version = 1\nmeasure = ['q_star', 'chi_1', 'xi_c']\n[axes]\ngain = {{ log = [0.5, 4], points = 1000 }}\n\
         seed = {{ count = {} }}",
        cells / 1000
    );
    let plan = SweepPlan::parse(&text)?;
    let (folder, deal, level) =
        (SweepFolder::new(path, &plan), CellDeal::new(plan.cells()), CpuLevel::here());

    let began = Instant::now();
    for index in 0..count {
        let shard = SweepShard { index, count };
        let OpenedShard::Open { mut log, .. } = ShardLog::open(&folder, shard)? else { continue };
        for place in 0..shard.cells(plan.cells()) {
            let cell = deal.cell(index + place * count);
            let value = (cell as f64).sqrt();
            log.append(&CellRecord { cell, level, values: vec![value, value / 3.0, -value] })?;
        }
        assert!(log.finish()?, "every cell of the shard is there");
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{} cells in {count} shards: {seconds:.1} s, {:.1} ms per shard, {:.2} µs per cell, {:.0} MB at most",
        plan.cells(),
        1e3 * seconds / count as f64,
        1e6 * seconds / plan.cells() as f64,
        peak()
    );

    let began = Instant::now();
    let columns = SweepColumns::new(&plan, false);
    let file = path.join("table.csv");
    let mut table = TableFile::create(&file, &columns)?;
    let merged = merge(&plan, &mut folder.sources(count, MEMORY)?, |record| table.row(record))?;
    table.finish()?;
    assert_eq!((merged.rows, merged.missing), (plan.cells(), 0));
    let bytes = std::fs::metadata(&file)?.len();
    println!(
        "merged in {:.1} s, {:.0} MB at most; {} bytes per record, {:.0} per row of the table",
        began.elapsed().as_secs_f64(),
        peak(),
        CellRecord::length(3),
        bytes as f64 / merged.rows as f64
    );
    Ok(())
}
