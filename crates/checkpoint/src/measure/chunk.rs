//! The measurement of one chunk of a tensor.

use super::bit_histogram::BinCounts;
use super::central_moments::CentralMoments;
use super::grid::TensorChunk;
use super::hash;
use super::lines::{RowTotals, column_sums, row_totals, signed_sums};
use super::number::{MeasuredNumber, read_doubles, read_singles};
use super::tally::Tally;
use crate::Dtype;

/// What a chunk adds to its tensor.
#[derive(Clone, Debug)]
pub(crate) struct ChunkSummary {
    pub(crate) tally: Tally,
    pub(crate) moments: CentralMoments,
    /// The bins that are not empty.
    pub(crate) bins: Vec<(u16, u64)>,
    /// One for each row of the chunk.
    pub(crate) rows: Vec<RowTotals>,
    /// The sums of each column of the chunk and those of squares, or nothing.
    pub(crate) columns: [Vec<f64>; 2],
    /// One for each projection: sums by row and by column, each value times its sign.
    pub(crate) projections: Vec<[Vec<f64>; 2]>,
}

/// What is gathered beyond what every tensor has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WantedSums {
    pub(crate) columns: bool,
    pub(crate) projections: usize,
}

/// Buffers of one thread, used for one chunk after another.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    bytes: Vec<u8>,
    singles: Vec<f32>,
    doubles: Vec<f64>,
    counts: BinCounts,
}

/// The number of values that are gone over several times: few enough to stay in the fastest cache.
const BLOCK: usize = 4096;

impl Scratch {
    /// Measures a chunk, whose bytes `read` fills in.
    pub(crate) fn measure<E>(
        &mut self,
        dtype: &Dtype,
        chunk: &TensorChunk,
        wanted: WantedSums,
        read: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<ChunkSummary, E> {
        let Self { bytes, singles, doubles, counts } = self;
        bytes.resize(chunk.len() * dtype.size(), 0);
        read(bytes)?;
        let mut summary = match dtype {
            Dtype::F64 => {
                read_doubles(bytes, doubles);
                measured(doubles, dtype, chunk, wanted, counts)
            }
            _ => {
                read_singles(dtype, bytes, singles);
                measured(singles, dtype, chunk, wanted, counts)
            }
        };
        let words = (dtype.size() * chunk.columns.start / 8) as u64;
        let row_bytes = bytes.chunks_exact(bytes.len() / chunk.rows.len());
        summary
            .rows
            .iter_mut()
            .zip(row_bytes)
            .for_each(|(row, bytes)| row.hash = hash::of_bytes(bytes, words));
        Ok(summary)
    }
}

/// The summary of a chunk without the hashes of its rows.
fn measured<T: MeasuredNumber>(
    values: &[T],
    dtype: &Dtype,
    chunk: &TensorChunk,
    wanted: WantedSums,
    counts: &mut BinCounts,
) -> ChunkSummary {
    let width = chunk.columns.len();
    counts.clear();
    let (tally, moments) = tensor::dispatch(
        #[inline(always)]
        || {
            let (mut tally, mut moments) = (Tally::default(), CentralMoments::default());
            for block in values.chunks(BLOCK) {
                add_block(block, &mut tally, &mut moments);
                counts.add(block);
            }
            (tally, moments)
        },
    );
    let mut summary = ChunkSummary {
        tally,
        moments,
        bins: counts.filled(),
        rows: row_totals(values, width),
        columns: if wanted.columns { column_sums(values, width) } else { [vec![], vec![]] },
        projections: (0..wanted.projections).map(|at| signed_sums(values, chunk, at)).collect(),
    };
    summary.tally.add_small(values, dtype, &summary.bins);
    summary
}

/// Adds consecutive values to the tally, but for those near zero, and to the moments.
#[inline(always)]
fn add_block<T: MeasuredNumber>(block: &[T], tally: &mut Tally, moments: &mut CentralMoments) {
    let range = BlockRange::of(block);
    // A sum is finite only if every term is; a sum that overflows takes the slow path too.
    if range.sum.is_finite() {
        tally.add_finite(block, range.min, range.max);
        moments.merge(&CentralMoments::of(block, range.sum));
    } else {
        add_special_block(block, tally, moments);
    }
}

/// [`add_block`] for values some of which are not finite, or whose sum is not.
#[cold]
#[inline(never)]
fn add_special_block<T: MeasuredNumber>(block: &[T], tally: &mut Tally, moments: &mut CentralMoments) {
    let finite: Vec<T> = block.iter().copied().filter(|x| x.double().is_finite()).collect();
    tally.add_others(block);
    if !finite.is_empty() {
        let range = BlockRange::of(&finite);
        tally.add_finite(&finite, range.min, range.max);
        moments.merge(&CentralMoments::of(&finite, range.sum));
    }
}

/// The sum and the ends of the range of values that are not NaN.
struct BlockRange<T> {
    sum: f64,
    min: T,
    max: T,
}

/// The number of partial sums, so that no addition waits for the one before.
const WIDTH: usize = 16;

impl<T: MeasuredNumber> BlockRange<T> {
    #[inline(always)]
    fn of(values: &[T]) -> Self {
        let mut sums = [0.0; WIDTH];
        let (mut mins, mut maxes) = ([values[0]; WIDTH], [values[0]; WIDTH]);
        let (chunks, rest) = values.as_chunks::<WIDTH>();
        for chunk in chunks {
            for lane in 0..WIDTH {
                let x = chunk[lane];
                sums[lane] += x.double();
                mins[lane] = if x < mins[lane] { x } else { mins[lane] };
                maxes[lane] = if x > maxes[lane] { x } else { maxes[lane] };
            }
        }
        for (lane, &x) in rest.iter().enumerate() {
            sums[lane] += x.double();
            mins[lane] = if x < mins[lane] { x } else { mins[lane] };
            maxes[lane] = if x > maxes[lane] { x } else { maxes[lane] };
        }
        let min = mins.into_iter().reduce(|a, b| if b < a { b } else { a });
        let max = maxes.into_iter().reduce(|a, b| if b > a { b } else { a });
        Self { sum: sums.iter().sum(), min: min.unwrap_or(values[0]), max: max.unwrap_or(values[0]) }
    }
}
