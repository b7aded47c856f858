//! The measurement of one chunk of a tensor.

use super::bit_histogram::{BINS, BitHistogram};
use super::central_moments::{CentralMoments, sum};
use super::grid::Chunk;
use super::hash;
use super::lines::{ColumnTotals, RowTotals};
use super::number::{Number, Numbers};
use super::tally::Tally;
use crate::Dtype;

/// What a chunk adds to its tensor.
#[derive(Clone, Debug)]
pub(crate) struct ChunkSummary {
    pub(crate) tally: Tally,
    pub(crate) moments: CentralMoments,
    pub(crate) histogram: BitHistogram,
    /// One for each row of the chunk.
    pub(crate) rows: Vec<RowTotals>,
    /// One for each column of the chunk, or none.
    pub(crate) columns: Vec<ColumnTotals>,
    /// One for each projection: sums by row and by column, each value times its sign.
    pub(crate) projections: Vec<[Vec<f64>; 2]>,
}

/// What is gathered beyond what every tensor has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) columns: bool,
    pub(crate) projections: usize,
}

/// The number of values that are gone over several times: few enough to stay in the fastest cache.
const BLOCK: usize = 4096;

/// Buffers of one thread, used for one chunk after another.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
}

impl Scratch {
    /// Measures a chunk, whose bytes `read` fills in.
    pub(crate) fn measure<E>(
        &mut self,
        dtype: &Dtype,
        chunk: &Chunk,
        wanted: Wanted,
        read: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<ChunkSummary, E> {
        self.bytes.resize(chunk.len() * dtype.size(), 0);
        read(&mut self.bytes)?;
        let bytes = &self.bytes[..];
        let mut summary = match Numbers::of(dtype, bytes) {
            Numbers::Single(values) => ChunkSummary::of_numbers(&values, dtype, chunk, wanted),
            Numbers::Double(values) => ChunkSummary::of_numbers(&values, dtype, chunk, wanted),
        };
        let words = dtype.size() * chunk.columns.start / 8;
        let row_bytes = bytes.chunks_exact(bytes.len() / chunk.rows.len());
        for (row, bytes) in summary.rows.iter_mut().zip(row_bytes) {
            row.hash = hash::of_bytes(bytes, words as u64);
        }
        Ok(summary)
    }
}

impl ChunkSummary {
    fn of_numbers<T: Number>(values: &[T], dtype: &Dtype, chunk: &Chunk, wanted: Wanted) -> Self {
        let width = chunk.columns.len();
        let mut counts = Box::new([0_u64; BINS]);
        let mut summary = Self {
            tally: Tally::default(),
            moments: CentralMoments::default(),
            histogram: BitHistogram::default(),
            rows: values.chunks_exact(width).map(row_totals).collect(),
            columns: if wanted.columns { column_totals(values, width) } else { vec![] },
            projections: (0..wanted.projections).map(|at| signed_sums(values, chunk, at)).collect(),
        };
        for block in values.chunks(BLOCK) {
            summary.add_block(block, dtype);
            block.iter().for_each(|x| counts[x.bin()] += 1);
        }
        summary.histogram = BitHistogram::of_counts(&counts);
        summary
    }

    fn add_block<T: Number>(&mut self, block: &[T], dtype: &Dtype) {
        let total = sum(block);
        // A sum is finite only if every term is; a sum that overflows takes the slow path too.
        if total.is_finite() {
            self.tally.add_finite(block, dtype);
            self.moments.merge(&CentralMoments::of(block, total));
        } else {
            let finite: Vec<T> = block.iter().copied().filter(|x| x.double().is_finite()).collect();
            self.tally.add_others(block);
            self.tally.add_finite(&finite, dtype);
            self.moments.merge(&CentralMoments::of(&finite, sum(&finite)));
        }
    }
}

fn row_totals<T: Number>(row: &[T]) -> RowTotals {
    let squares = row.iter().map(|x| x.double() * x.double()).sum();
    RowTotals { sum: sum(row), squares, hash: 0 }
}

fn column_totals<T: Number>(values: &[T], width: usize) -> Vec<ColumnTotals> {
    let mut columns = vec![ColumnTotals::default(); width];
    for row in values.chunks_exact(width) {
        for (column, x) in columns.iter_mut().zip(row) {
            column.sum += x.double();
            column.squares += x.double() * x.double();
        }
    }
    columns
}

/// The sums of rows and of columns, each value times the sign of its column or row.
fn signed_sums<T: Number>(values: &[T], chunk: &Chunk, projection: usize) -> [Vec<f64>; 2] {
    let width = chunk.columns.len();
    let signs: Vec<f64> = chunk.columns.clone().map(|column| hash::sign(column, 2 * projection)).collect();
    let mut columns = vec![0.0; width];
    let mut rows = Vec::new();
    for (row, at) in values.chunks_exact(width).zip(chunk.rows.clone()) {
        let sign = hash::sign(at, 2 * projection + 1);
        rows.push(row.iter().zip(&signs).map(|(x, sign)| x.double() * sign).sum());
        columns.iter_mut().zip(row).for_each(|(sum, x)| *sum += x.double() * sign);
    }
    [rows, columns]
}
