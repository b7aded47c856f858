//! What one pass over a tensor gathers.

use std::convert::Infallible;
use std::ops::Range;

use super::bit_histogram::{BINS, BitHistogram};
use super::central_moments::CentralMoments;
use super::chunk::{ChunkSummary, Scratch, WantedSums};
use super::grid::TensorGrid;
use super::hash;
use super::lines::{ColumnTotals, Projection, RowTotals};
use super::tally::Tally;
use crate::Dtype;

/// What one pass over the values of a tensor gathers: counts, range, moments, a histogram, sums of rows and columns, hashes.
///
/// Rows are the values of one index of the first axis; every other combination of indices is a column.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorSummary {
    /// The type of its values.
    pub dtype: Dtype,
    /// Its shape; empty for a scalar.
    pub shape: Vec<usize>,
    /// The number of all values.
    pub count: u64,
    /// The number of values that are NaN.
    pub nan: u64,
    /// The number of values that are ∞.
    pub positive_infinite: u64,
    /// The number of values that are −∞.
    pub negative_infinite: u64,
    /// The number of zeros of either sign.
    pub zeros: u64,
    /// The number of values closer to zero than the smallest normal number of their type, zeros left out.
    pub subnormals: u64,
    /// The smallest finite value; NaN if there is none.
    pub min: f64,
    /// The largest finite value; NaN if there is none.
    pub max: f64,
    /// The number of values equal to `min`: more than one or two suggest a bound on which values were piled.
    pub at_min: u64,
    /// The number of values equal to `max`.
    pub at_max: u64,
    /// The number of bits that the fractions of all values fit in: 52 for doubles, 23 for singles, and fewer for values that were
    /// converted from a type with shorter fractions, such as bf16's of 7.
    pub fraction_bits: u32,
    /// Mean and central moments of the finite values.
    pub moments: CentralMoments,
    /// The histogram of the finite values. Doubles beyond single precision are in its outermost bins.
    pub histogram: BitHistogram,
    /// The sums of each row; `None` for scalars and vectors, and above 2²⁰ rows.
    pub rows: Option<Vec<RowTotals>>,
    /// The sums of each column; `None` where rows have none, and above 2²⁰ columns.
    pub columns: Option<Vec<ColumnTotals>>,
    /// As many as were asked for; none where rows or columns have no sums.
    pub projections: Vec<Projection>,
    /// A hash of the bits of all values: tensors of the same shape and type with equal hashes are equal, but for one pair in
    /// 10¹⁹.
    pub hash: u64,
}

impl TensorSummary {
    /// Measures a tensor in memory from the little-endian bytes of its values, in row-major order.
    ///
    /// ```
    /// use checkpoint::{Dtype, TensorSummary};
    ///
    /// // 1 and −2 in bf16.
    /// let summary = TensorSummary::of(&[2], &Dtype::Bf16, &[0x80, 0x3f, 0x00, 0xc0]);
    /// assert_eq!((summary.min, summary.max, summary.moments.mean), (-2.0, 1.0, -0.5));
    /// ```
    ///
    /// # Panics
    /// If the number of bytes is not that of the shape, or if values of this type are not judged.
    #[track_caller]
    pub fn of(shape: &[usize], dtype: &Dtype, bytes: &[u8]) -> Self {
        Self::with_projections(shape, dtype, bytes, 0)
    }

    /// [`of`](Self::of), with a number of products with pseudo-random vectors.
    ///
    /// ```
    /// use checkpoint::{Dtype, TensorSummary};
    ///
    /// let identity = [1.0_f32, 0.0, 0.0, 0.0, 1.0, 0.0].map(f32::to_le_bytes).concat();
    /// let summary = TensorSummary::with_projections(&[2, 3], &Dtype::F32, &identity, 1);
    /// assert_eq!(summary.projections[0].of_columns, 2.0);
    /// ```
    ///
    /// # Panics
    /// As [`of`](Self::of).
    #[track_caller]
    pub fn with_projections(shape: &[usize], dtype: &Dtype, bytes: &[u8], projections: usize) -> Self {
        let wanted = shape.iter().product::<usize>() * dtype.size();
        assert_eq!(bytes.len(), wanted, "the bytes of a tensor of shape {shape:?} of type {dtype}");
        let mut measurement = Measurement::new(shape, dtype, projections);
        let mut scratch = Scratch::default();
        for at in 0..measurement.grid.chunks() {
            let chunk = measurement.grid.chunk(at);
            let source = &bytes[chunk.start * dtype.size()..][..chunk.len() * dtype.size()];
            let summary = scratch.measure(dtype, &chunk, measurement.wanted(), |bytes| {
                bytes.copy_from_slice(source);
                Ok::<(), Infallible>(())
            });
            let Ok(summary) = summary;
            measurement.add(at, &summary);
        }
        measurement.finish()
    }

    /// Measures values in single precision.
    ///
    /// ```
    /// let summary = checkpoint::TensorSummary::of_f32(&[2, 2], &[1.0, 2.0, 3.0, f32::NAN]);
    /// assert_eq!((summary.moments.mean, summary.nan), (2.0, 1));
    /// assert_eq!(summary.rows.unwrap()[0].sum, 3.0);
    /// ```
    ///
    /// # Panics
    /// If the number of values is not that of the shape.
    #[track_caller]
    pub fn of_f32(shape: &[usize], values: &[f32]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::of(shape, &Dtype::F32, &bytes)
    }

    /// Measures values in double precision.
    ///
    /// ```
    /// assert_eq!(checkpoint::TensorSummary::of_f64(&[3], &[0.0, 1e300, 0.0]).zeros, 2);
    /// ```
    ///
    /// # Panics
    /// If the number of values is not that of the shape.
    #[track_caller]
    pub fn of_f64(shape: &[usize], values: &[f64]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self::of(shape, &Dtype::F64, &bytes)
    }

    /// The number of values that are neither NaN nor infinite.
    pub fn finite(&self) -> u64 {
        self.moments.count
    }

    /// The number of rows whose values are all zero; 0 if rows have no sums.
    pub fn zero_rows(&self) -> usize {
        self.rows.iter().flatten().filter(|row| row.squares == 0.0).count()
    }

    /// The number of columns whose values are all zero; 0 if columns have no sums.
    pub fn zero_columns(&self) -> usize {
        self.columns.iter().flatten().filter(|column| column.squares == 0.0).count()
    }

    /// A hash of consecutive rows, the same for equal blocks wherever they are: heads, experts, parts of a stacked weight.
    ///
    /// ```
    /// let summary = checkpoint::TensorSummary::of_f32(&[4, 1], &[1.0, 2.0, 1.0, 2.0]);
    /// assert_eq!(summary.hash_of_rows(0..2), summary.hash_of_rows(2..4));
    /// assert_ne!(summary.hash_of_rows(0..2), summary.hash_of_rows(1..3));
    /// ```
    ///
    /// # Panics
    /// If rows have no sums, or the tensor has fewer of them.
    pub fn hash_of_rows(&self, rows: Range<usize>) -> u64 {
        let all = self.rows.as_ref().expect("the rows of a tensor that has sums of rows");
        hash::of_hashes(all[rows].iter().map(|row| row.hash))
    }

    /// Adds the values of another tensor, as if it were one with this one: its counts, range, moments and histogram.
    ///
    /// The shape becomes that of a vector, without sums of rows and columns; the hash depends on both hashes in order. The type
    /// is kept.
    ///
    /// ```
    /// use checkpoint::TensorSummary;
    ///
    /// let mut both = TensorSummary::of_f32(&[2], &[1.0, 2.0]);
    /// both.merge(&TensorSummary::of_f32(&[1, 1], &[6.0]));
    /// assert_eq!((both.moments.mean, both.max, both.shape), (3.0, 6.0, vec![3]));
    /// ```
    pub fn merge(&mut self, other: &Self) {
        let mut tally = self.tally();
        tally.merge(&other.tally());
        let (mut moments, mut histogram) = (self.moments, std::mem::take(&mut self.histogram));
        moments.merge(&other.moments);
        histogram.merge(&other.histogram);
        let count = (self.count + other.count) as usize;
        let hash = hash::of_hashes([self.hash, other.hash]);
        *self = Self::assembled(self.dtype.clone(), vec![count], tally, moments, histogram, hash);
    }

    fn tally(&self) -> Tally {
        let none = Tally::default();
        Tally {
            finite: self.finite(),
            nan: self.nan,
            positive_infinite: self.positive_infinite,
            negative_infinite: self.negative_infinite,
            zeros: self.zeros,
            subnormals: self.subnormals,
            min: none.min.min(self.min),
            max: none.max.max(self.max),
            at_min: self.at_min,
            at_max: self.at_max,
            fraction_bits: self.fraction_bits,
        }
    }

    /// A summary without rows and columns.
    fn assembled(
        dtype: Dtype,
        shape: Vec<usize>,
        tally: Tally,
        moments: CentralMoments,
        histogram: BitHistogram,
        hash: u64,
    ) -> Self {
        let end = |end: f64| if tally.finite == 0 { f64::NAN } else { end };
        Self {
            dtype,
            shape,
            count: tally.finite + tally.nan + tally.positive_infinite + tally.negative_infinite,
            nan: tally.nan,
            positive_infinite: tally.positive_infinite,
            negative_infinite: tally.negative_infinite,
            zeros: tally.zeros,
            subnormals: tally.subnormals,
            min: end(tally.min),
            max: end(tally.max),
            at_min: tally.at_min,
            at_max: tally.at_max,
            fraction_bits: tally.fraction_bits,
            moments,
            histogram,
            rows: None,
            columns: None,
            projections: vec![],
            hash,
        }
    }
}

/// A tensor that is being measured: the sums of the chunks so far, which are added in order, so that the result does not
/// depend on who measured them.
#[derive(Debug)]
pub(crate) struct Measurement {
    dtype: Dtype,
    shape: Vec<usize>,
    pub(crate) grid: TensorGrid,
    tally: Tally,
    moments: CentralMoments,
    /// The number of values in each bin.
    counts: Vec<u64>,
    rows: Vec<RowTotals>,
    columns: Vec<ColumnTotals>,
    /// For each projection, the sums of rows and those of columns, with signs.
    projections: Vec<[Vec<f64>; 2]>,
}

impl Measurement {
    pub(crate) fn new(shape: &[usize], dtype: &Dtype, projections: usize) -> Self {
        let grid = TensorGrid::of(shape);
        let WantedSums { projections, .. } = Self::wanted_of(grid, projections);
        let rows = grid.kept_rows().max(1);
        Self {
            dtype: dtype.clone(),
            shape: shape.to_vec(),
            grid,
            tally: Tally::default(),
            moments: CentralMoments::default(),
            counts: vec![0; BINS],
            rows: vec![RowTotals::default(); rows],
            columns: vec![ColumnTotals::default(); grid.kept_columns()],
            projections: vec![[vec![0.0; rows], vec![0.0; grid.kept_columns()]]; projections],
        }
    }

    /// What is to be gathered of each chunk.
    pub(crate) fn wanted(&self) -> WantedSums {
        Self::wanted_of(self.grid, self.projections.len())
    }

    /// What is to be gathered of each chunk of a tensor of which a number of projections is asked for.
    pub(crate) fn wanted_of(grid: TensorGrid, projections: usize) -> WantedSums {
        let projections = if grid.keeps_columns { projections } else { 0 };
        WantedSums { columns: grid.keeps_columns, projections }
    }

    /// Adds the chunk at an index.
    pub(crate) fn add(&mut self, at: usize, summary: &ChunkSummary) {
        let chunk = self.grid.chunk(at);
        self.tally.merge(&summary.tally);
        self.moments.merge(&summary.moments);
        for &(bin, count) in &summary.bins {
            self.counts[usize::from(bin)] += count;
        }
        for (all, row) in self.rows[chunk.rows.clone()].iter_mut().zip(&summary.rows) {
            all.sum += row.sum;
            all.squares += row.squares;
            all.hash = all.hash.wrapping_add(row.hash);
        }
        if self.grid.keeps_columns {
            let [sums, squares] = &summary.columns;
            let columns = self.columns[chunk.columns.clone()].iter_mut();
            for ((column, sum), square) in columns.zip(sums).zip(squares) {
                column.sum += sum;
                column.squares += square;
            }
        }
        for ([rows, columns], [more_rows, more_columns]) in
            self.projections.iter_mut().zip(&summary.projections)
        {
            let add =
                |sums: &mut [f64], more: &[f64]| sums.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
            add(&mut rows[chunk.rows.clone()], more_rows);
            add(&mut columns[chunk.columns.clone()], more_columns);
        }
    }

    /// The summary of all chunks.
    pub(crate) fn finish(self) -> TensorSummary {
        let histogram = BitHistogram::of_counts(&self.counts);
        let hash = hash::of_hashes(self.rows.iter().map(|row| row.hash));
        let length = |sums: &[f64]| sums.iter().map(|x| x * x).sum();
        let projections = self.projections.iter();
        let summary =
            TensorSummary::assembled(self.dtype, self.shape, self.tally, self.moments, histogram, hash);
        TensorSummary {
            projections: projections
                .map(|[rows, columns]| Projection { of_rows: length(rows), of_columns: length(columns) })
                .collect(),
            rows: self.grid.keeps_rows.then_some(self.rows),
            columns: self.grid.keeps_columns.then_some(self.columns),
            ..summary
        }
    }
}
