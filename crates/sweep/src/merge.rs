//! Shards merged into one table, cell by cell in the order of the plan.

use crate::{CellDeal, CellRecord, CpuLevel, SweepError, SweepPlan};

/// The records of one shard in the order of its cells, a few at a time.
pub trait ShardSource {
    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// If it cannot be read, or is not what was written.
    fn next(&mut self) -> Result<Option<CellRecord>, SweepError>;
}

/// What a merge found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Rows of the table.
    pub rows: u64,
    /// Cells that no shard has.
    pub missing: u64,
    /// The instruction sets of the rows, each once, in order.
    pub levels: Vec<CpuLevel>,
}

/// Hands the records of shards to `row`, in the order of cells. Each shard is read once from its beginning to its end, so
/// memory holds one record of each; `shards` has one source for each of n shards, in order.
///
/// # Errors
/// If a shard has a cell that is not its own, or twice, or out of order; if a source or `row` fails.
pub fn merge(
    plan: &SweepPlan,
    shards: &mut [impl ShardSource],
    mut row: impl FnMut(&CellRecord) -> Result<(), SweepError>,
) -> Result<Merged, SweepError> {
    let (deal, count) = (CellDeal::new(plan.cells()), shards.len() as u64);
    let mut heads = shards.iter_mut().map(ShardSource::next).collect::<Result<Vec<_>, _>>()?;
    let mut merged = Merged::default();
    for cell in 0..plan.cells() {
        let shard = deal.shard(cell, count) as usize;
        match &heads[shard] {
            Some(record) if record.cell == cell => {
                if !merged.levels.contains(&record.level) {
                    merged.levels.push(record.level);
                }
                row(record)?;
                merged.rows += 1;
                heads[shard] = shards[shard].next()?;
            }
            Some(record) if record.cell < cell => {
                return Err(SweepError::new(format!(
                    "shard {shard}/{count} has cell {} where it does not belong; delete its file and run it again",
                    record.cell
                )));
            }
            _ => merged.missing += 1,
        }
    }
    if let Some((shard, Some(record))) = heads.iter().enumerate().find(|(_, head)| head.is_some()) {
        return Err(SweepError::new(format!(
            "shard {shard}/{count} has cell {} of {}; delete its file and run it again",
            record.cell,
            plan.cells()
        )));
    }
    merged.levels.sort_unstable();
    Ok(merged)
}
