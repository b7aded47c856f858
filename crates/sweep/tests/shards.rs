//! Shards on disk: any number of them, in any order, interrupted or damaged, give the same table.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use proptest::prelude::*;
use sweep::{
    CellRecord, CellRunner, CpuLevel, OpenedShard, ShardLog, ShardState, SweepColumns, SweepError,
    SweepFolder, SweepPlan, SweepShard, TableFile, merge, run_shard,
};
use tempfile::TempDir;

use crate::{SMALL, small};

/// Computes a shard as far as `most` cells, and finishes it if it is complete.
fn compute(folder: &SweepFolder, shard: SweepShard, threads: usize, most: u64) -> Result<bool, SweepError> {
    let OpenedShard::Open { mut log, done, .. } = ShardLog::open(folder, shard)? else { return Ok(true) };
    let (stop, count) = (AtomicBool::new(most == 0), AtomicU64::new(0));
    run_shard(
        folder.plan(),
        shard,
        threads,
        |cell| done.contains(&cell),
        &stop,
        |record| {
            if count.fetch_add(1, Ordering::Relaxed) + 1 >= most {
                stop.store(true, Ordering::Relaxed);
            }
            log.append(record)
        },
    )?;
    log.finish()
}

/// The merged table of all shards of a folder.
fn table(folder: &SweepFolder, count: u64, memory: usize) -> Result<Vec<u8>, SweepError> {
    let columns = SweepColumns::new(folder.plan(), false);
    let path = folder.path().join("table.csv");
    let mut file = TableFile::create(&path, &columns)?;
    merge(folder.plan(), &mut folder.sources(count, memory)?, |record| file.row(record))?;
    file.finish()?;
    Ok(fs::read(path).unwrap())
}

fn folder(directory: &TempDir, plan: &SweepPlan) -> SweepFolder {
    SweepFolder::new(directory.path(), plan)
}

/// The table of one shard, cell after cell.
fn expected(plan: &SweepPlan) -> Vec<u8> {
    let columns = SweepColumns::new(plan, false);
    let mut runner = CellRunner::new(plan);
    let row = |cell| {
        let values = runner.run(cell).unwrap();
        columns.csv_row(&CellRecord { cell, level: CpuLevel::here(), values })
    };
    let rows: String = (0..plan.cells()).map(row).collect();
    (columns.csv_header() + &rows).into_bytes()
}

#[test]
fn any_number_of_shards_gives_the_same_bytes() {
    let plan = small();
    let expected = expected(&plan);
    let text = String::from_utf8(expected.clone()).unwrap();
    assert!(text.starts_with("gain,activation,seed,loss@6,gradient_growth,chi_1\n0.5,tanh,0,"), "{text}");
    for count in [1, 3, 7, 100] {
        for threads in [1, 4] {
            let directory = TempDir::new().unwrap();
            let folder = folder(&directory, &plan);
            // In some other order, the first of them twice.
            for index in (0..count).rev().chain([count - 1]) {
                assert!(compute(&folder, SweepShard { index, count }, threads, u64::MAX).unwrap());
            }
            for memory in [0, 1000, 1 << 20] {
                assert_eq!(
                    table(&folder, count, memory).unwrap(),
                    expected,
                    "{count} shards, {threads} threads"
                );
            }
        }
    }
}

#[test]
fn an_interrupted_shard_goes_on() {
    let plan = small();
    let directory = TempDir::new().unwrap();
    let folder = folder(&directory, &plan);
    let mut runs = 0;
    while !compute(&folder, SweepShard::WHOLE, 1, 5).unwrap() {
        assert_eq!(folder.state(SweepShard::WHOLE), ShardState::Begun);
        assert_eq!(folder.missing(1), [0]);
        runs += 1;
    }
    assert_eq!((runs, folder.state(SweepShard::WHOLE)), (2, ShardState::Finished));
    assert_eq!(table(&folder, 1, 1 << 20).unwrap(), expected(&plan));
}

/// A file that ends anywhere, as after a full disk or a crash, loses no more than the last record.
#[test]
fn a_torn_end_is_cut_off() {
    let plan = small();
    let record = CellRecord::length(3);
    let directory = TempDir::new().unwrap();
    let folder = folder(&directory, &plan);
    assert!(!compute(&folder, SweepShard::WHOLE, 1, 7).unwrap());
    let path = folder.begun(SweepShard::WHOLE);
    let whole = fs::read(&path).unwrap();
    let header = whole.len() - 7 * record;
    for length in (0..whole.len()).step_by(13).chain([header - 1, header, header + 1, whole.len() - 1]) {
        fs::write(&path, &whole[..length]).unwrap();
        let OpenedShard::Open { done, cut, .. } = ShardLog::open(&folder, SweepShard::WHOLE).unwrap() else {
            panic!("it is not complete")
        };
        let records = length.saturating_sub(header) / record;
        assert_eq!(done.len(), records, "{length} bytes");
        let kept = if length < header { 0 } else { header + records * record };
        assert_eq!(cut as usize, length - kept, "{length} bytes");
    }
    // Garbage behind whole records, and a block of zeros as some file systems leave it.
    for garbage in [vec![7; 50], vec![0; 4096]] {
        fs::write(&path, [&whole[..], &garbage].concat()).unwrap();
        assert!(compute(&folder, SweepShard::WHOLE, 2, u64::MAX).unwrap());
        assert_eq!(table(&folder, 1, 1 << 20).unwrap(), expected(&plan));
        fs::remove_file(folder.finished(SweepShard::WHOLE)).unwrap();
    }
}

#[test]
fn two_processes_cannot_append_to_one_shard() {
    let plan = small();
    let directory = TempDir::new().unwrap();
    let folder = folder(&directory, &plan);
    let first = ShardLog::open(&folder, SweepShard::WHOLE).unwrap();
    let second = ShardLog::open(&folder, SweepShard::WHOLE).unwrap_err().to_string();
    assert!(
        second.starts_with("another process is computing ") && second.ends_with("; wait for it, or end it"),
        "{second}"
    );
    drop(first);
    assert!(compute(&folder, SweepShard::WHOLE, 1, u64::MAX).unwrap());
}

/// An error's text with the folder's path left out.
fn shown<V>(result: Result<V, SweepError>, directory: &Path) -> String {
    let text = result.err().expect("it is refused").to_string();
    text.replace(&format!("{}/", directory.display()), "").replace(&directory.display().to_string(), "DIR")
}

#[test]
fn foreign_stale_and_damaged_files_are_refused() {
    let plan = small();
    let other = SweepPlan::parse(&SMALL.replace("width = 6", "width = 5")).unwrap();
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    let (folder, others) = (folder(&directory, &plan), folder(&directory, &other));
    let shard = SweepShard { index: 1, count: 3 };
    assert!(compute(&folder, shard, 1, u64::MAX).unwrap());
    let good = fs::read(folder.finished(shard)).unwrap();

    insta::assert_snapshot!(shown(others.count(), path), @"d5e24516a2e4-1of3.cells is a shard of another plan than this one (6749b37effeb); move it away, or choose another folder");
    insta::assert_snapshot!(shown(compute(&folder, SweepShard::WHOLE, 1, 1), path), @"DIR has shards of 3, and this would be one of 1; give --shard K/3, or choose another folder with --out");
    // A file under the name of another.
    let renamed = SweepShard { index: 2, count: 3 };
    fs::write(folder.finished(renamed), &good).unwrap();
    insta::assert_snapshot!(shown(table(&folder, 3, 0), path), @"d5e24516a2e4-2of3.cells: it is of another sweep (shard 1/3, not shard 2/3); move it away");
    fs::write(folder.finished(renamed), "hello").unwrap();
    insta::assert_snapshot!(shown(table(&folder, 3, 0), path), @"d5e24516a2e4-2of3.cells: it is no file of a sweep; move it away");
    fs::remove_file(folder.finished(renamed)).unwrap();
    fs::write(folder.begun(renamed), &good).unwrap();
    insta::assert_snapshot!(shown(compute(&folder, renamed, 1, 1), path), @"d5e24516a2e4-2of3.part: it is of another sweep (shard 1/3, not shard 2/3); move it away");
    fs::remove_file(folder.begun(renamed)).unwrap();
    // Shorter, and with a changed bit.
    fs::write(folder.finished(shard), &good[..good.len() - 1]).unwrap();
    insta::assert_snapshot!(shown(table(&folder, 3, 0), path), @"d5e24516a2e4-1of3.cells is damaged: it has 281 bytes, not 282; delete it and run --shard 1/3 again");
    insta::assert_snapshot!(shown(compute(&folder, shard, 1, 1), path), @"d5e24516a2e4-1of3.cells is damaged: it has 281 bytes, not 282; delete it and run --shard 1/3 again");
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(folder.finished(shard), changed).unwrap();
    insta::assert_snapshot!(shown(table(&folder, 3, 0), path), @"d5e24516a2e4-1of3.cells is damaged: a record is not what was written; delete it and run its shard again");
    // A shard of another number beside it.
    fs::write(folder.finished(shard), &good).unwrap();
    fs::write(folder.begun(SweepShard { index: 0, count: 7 }), "").unwrap();
    let text = shown(folder.count(), path);
    assert!(
        text.starts_with("DIR has shards of ") && text.ends_with("; keep one kind and move the others away"),
        "{text}"
    );
}

/// Records in memory.
struct Records(std::vec::IntoIter<CellRecord>);

impl sweep::ShardSource for Records {
    fn next(&mut self) -> Result<Option<CellRecord>, SweepError> {
        Ok(self.0.next())
    }
}

fn record(cell: u64, level: &str) -> CellRecord {
    CellRecord { cell, level: CpuLevel::named(level).unwrap(), values: vec![0.0; 3] }
}

#[test]
fn a_merge_notes_levels_and_missing_cells() {
    let plan = small();
    let deal = sweep::CellDeal::new(plan.cells());
    let of = |shard: u64, change: &dyn Fn(&mut Vec<CellRecord>)| {
        let cells = (0..plan.cells()).filter(|&cell| deal.shard(cell, 2) == shard);
        let mut records: Vec<_> =
            cells.map(|cell| record(cell, ["avx2", "avx512"][shard as usize])).collect();
        change(&mut records);
        Records(records.into_iter())
    };
    let mut rows = Vec::new();
    let merged = merge(&plan, &mut [of(0, &|_| ()), of(1, &|records| drop(records.remove(2)))], |record| {
        rows.push(record.cell);
        Ok(())
    });
    let merged = merged.unwrap();
    assert_eq!((merged.rows, merged.missing), (11, 1));
    assert_eq!(merged.levels.iter().map(|level| level.name()).collect::<Vec<_>>(), ["avx2", "avx512"]);
    assert!(rows.is_sorted());

    let merged = |change: &dyn Fn(&mut Vec<CellRecord>)| {
        merge(&plan, &mut [of(0, change), of(1, &|_| ())], |_| Ok(())).unwrap_err().to_string()
    };
    assert!(merged(&|records| records.swap(0, 1)).contains("where it does not belong"));
    assert!(merged(&|records| records.insert(1, records[0].clone())).contains("where it does not belong"));
    assert!(merged(&|records| records.push(record(12, "avx2"))).contains("has cell 12 of 12"));
}

/// A merge by hand beside one of Slurm: each writes to a file of its own, and the last that ends has the name.
#[test]
fn two_merges_of_one_folder_do_not_mix() {
    let (plan, directory) = (small(), TempDir::new().unwrap());
    let (columns, path) = (SweepColumns::new(&plan, false), directory.path().join("table.csv"));
    let mut one = TableFile::create(&path, &columns).unwrap();
    let other = TableFile::create(&path, &columns).unwrap();
    one.row(&record(0, "avx2")).unwrap();
    drop(other);
    one.finish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2, "the names of columns, and a row");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
    // What a killed merge leaves has no lock.
    fs::write(directory.path().join("table.csv.0.tmp"), "gain").unwrap();
    TableFile::create(&path, &columns).unwrap().finish().unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "it was removed");
}

#[test]
fn names_of_shards_that_cannot_be_are_refused() {
    let (plan, directory) = (small(), TempDir::new().unwrap());
    let folder = folder(&directory, &plan);
    let name = |shard: SweepShard| folder.finished(shard);
    for (index, count) in [(0, 0), (3, 3), (0, SweepShard::MOST + 1), (0, u64::MAX)] {
        let file = name(SweepShard { index, count });
        fs::write(&file, "").unwrap();
        assert!(folder.count().is_err(), "{index} of {count}");
        fs::remove_file(file).unwrap();
    }
    assert_eq!(SweepShard { index: 5, count: u64::MAX }.cells(24), 1);
    assert_eq!(SweepShard { index: 30, count: 100 }.cells(24), 0);
}

#[test]
fn texts_with_commas_are_quoted_and_cpus_named() {
    let text = "version = 1\nmeasure = ['chi_1']\n[axes]\nscheme = ['normal(0, 0.5)', 'orthogonal']";
    let plan = SweepPlan::parse(text).unwrap();
    let columns = SweepColumns::new(&plan, true);
    let row = CellRecord { cell: 0, level: CpuLevel::named("neon").unwrap(), values: vec![f64::NAN] };
    assert_eq!(
        columns.csv_header() + &columns.csv_row(&row),
        "scheme,chi_1,cpu\n\"normal(0, 0.5)\",NaN,neon\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Whatever of a shard was lost, it is computed again to the same file.
    #[test]
    fn any_damage_to_an_open_shard_is_repaired(cells in 1_u64..12, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let plan = small();
        let directory = TempDir::new().unwrap();
        let folder = folder(&directory, &plan);
        prop_assume!(!compute(&folder, SweepShard::WHOLE, 1, cells).unwrap());
        let path = folder.begun(SweepShard::WHOLE);
        let mut bytes = fs::read(&path).unwrap();
        let header = bytes.len() - cells as usize * CellRecord::length(3);
        let at = header + at.index(bytes.len() - header);
        bytes[at] ^= byte;
        fs::write(&path, bytes).unwrap();
        prop_assert!(compute(&folder, SweepShard::WHOLE, 2, u64::MAX).unwrap());
        prop_assert_eq!(table(&folder, 1, 100).unwrap(), expected(&plan));
    }
}
