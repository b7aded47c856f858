//! The numbers of one parameter, and how they are measured.

use super::fields::{statistics, summarised};
use super::site_statistics::{equal_share, spread};
use super::values::{Chunk, SiteValues};
use crate::stats::Summary;
use tensor::{Real, Tensor};

statistics! {
    /// The statistics of one parameter, and of the gradient of the loss by it. NaN: not measured.
    ParameterStatistics {
        /// The number of finite values.
        count,
        /// The number of values that are NaN or infinite.
        non_finite,
        /// The number of values that are 0.
        zeros,
        /// The number of values that are subnormal in single precision.
        subnormal,
        /// The mean.
        mean,
        /// The standard deviation, divided by n − 1.
        std,
        /// The root mean square.
        rms,
        /// The smallest value.
        min,
        /// The largest value.
        max,
        /// The skew.
        skew,
        /// The kurtosis: 3 for normal values, 9/5 for uniform ones.
        kurtosis,
        /// The number of rows: of the weights of one output.
        rows,
        /// The number of weights in a row.
        columns,
        /// The number of rows that are 0.
        zero_rows,
        /// The first row that is 0.
        first_zero_row,
        /// The last row that is 0.
        last_zero_row,
        /// The share of rows, among those that are not 0, that equal another row.
        equal_rows,
        /// The number of times that the rows repeat from the first to the last: 1 if they do not.
        repeats,
        /// The largest magnitude of the cosine of two rows, over all pairs of at most 256 evenly spaced ones.
        row_cosine,
        /// The number of rows whose pairs were compared for it.
        compared_rows,
        /// The number of columns by which they were compared.
        compared_columns,
        /// The largest eigenvalue of `W·Wᵀ`, for those rows and columns, as a share of the sum of all.
        top_share,
        /// The largest root mean square of a block of rows, divided by the smallest.
        block_ratio,
        /// The number of finite gradients.
        gradient_count,
        /// The number of gradients that are NaN or infinite.
        gradient_non_finite,
        /// The number of gradients that are 0.
        gradient_zeros,
        /// The root mean square of the gradient.
        gradient_rms,
    }
}

/// The rows of a parameter: an index is `[before, rows, after]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowLayout {
    pub(super) before: usize,
    pub(super) rows: usize,
    pub(super) after: usize,
    /// The number of blocks of rows that were drawn on their own.
    pub(super) blocks: usize,
}

impl RowLayout {
    pub(super) fn of(shape: &[usize], output_axis: usize, blocks: usize) -> Self {
        let at = output_axis.min(shape.len());
        Self {
            before: shape[..at].iter().product(),
            rows: shape.get(at).copied().unwrap_or(1),
            after: shape.get(at + 1..).map_or(1, |axes| axes.iter().product()),
            blocks,
        }
    }

    fn columns(&self) -> usize {
        self.before * self.after
    }
}

summarised!(ParameterStatistics);

impl ParameterStatistics {
    pub(super) fn of(values: SiteValues<'_>, layout: RowLayout) -> Self {
        let mut record = Self::UNKNOWN;
        record.add_summary(&values.summary());
        record.subnormal = subnormal(values);
        record.add_rows(values, layout);
        record
    }

    /// Measures what rows have to do with each other, after the summary.
    fn add_rows(&mut self, values: SiteValues<'_>, layout: RowLayout) {
        (self.rows, self.columns) = (layout.rows as f64, layout.columns() as f64);
        if layout.rows > 1 && layout.columns() > 1 {
            let rows = RowSums::of(values, layout);
            rows.finish(self);
            if let Some(sample) = RowSample::of(values, layout, &rows) {
                sample.finish(self);
            }
        }
    }

    /// The relations between the rows of a matrix whose root mean square is known, and nothing else.
    pub(crate) fn of_matrix(values: SiteValues<'_>, rms: f64, shape: &[usize], output_axis: usize) -> Self {
        let mut record = Self { subnormal: subnormal(values), rms, ..Self::UNKNOWN };
        record.add_rows(values, RowLayout::of(shape, output_axis, 1));
        record
    }
}

fn subnormal(values: SiteValues<'_>) -> f64 {
    let mut count = 0_u64;
    let is = |x: f64| x != 0.0 && x.abs() < f64::from(f32::MIN_POSITIVE);
    values.blocks(1 << 16, |_, chunk| {
        count += match chunk {
            Chunk::F32(values) => values.iter().filter(|&&x| is(f64::from(x))).count(),
            Chunk::F64(values) => values.iter().filter(|&&x| is(x)).count(),
        } as u64;
    });
    count as f64
}

/// Sums over each row: by these, equal rows are found.
struct RowSums {
    layout: RowLayout,
    /// For each row: its sum, and its product with numbers that differ from column to column.
    sums: Vec<[f64; 2]>,
    squares: Vec<f64>,
}

/// A number in ±1 that differs from column to column without a pattern.
fn weight_of(column: usize) -> f64 {
    spread(column as u64)
}

impl RowSums {
    fn of(values: SiteValues<'_>, layout: RowLayout) -> Self {
        let mut sums = Self { layout, sums: vec![[0.0; 2]; layout.rows], squares: vec![0.0; layout.rows] };
        values.blocks(layout.rows * layout.after, |before, chunk| match chunk {
            Chunk::F32(values) => sums.add(before, values),
            Chunk::F64(values) => sums.add(before, values),
        });
        sums
    }

    fn add<T: Real>(&mut self, before: usize, values: &[T]) {
        let after = self.layout.after;
        if after == 1 {
            return self.add_column(weight_of(before), values);
        }
        let weights: Vec<f64> = (before * after..(before + 1) * after).map(weight_of).collect();
        for (row, of_row) in values.chunks_exact(after).enumerate() {
            let [sum, product, square] = sums_of_row(of_row, &weights);
            self.sums[row][0] += sum;
            self.sums[row][1] += product;
            self.squares[row] += square;
        }
    }

    /// Adds one value to each row, as of weights that are stored `[in, out]`.
    fn add_column<T: Real>(&mut self, weight: f64, values: &[T]) {
        let (sums, squares) = (&mut self.sums[..], &mut self.squares[..]);
        tensor::dispatch(
            #[inline(always)]
            move || {
                for ((sums, square), x) in sums.iter_mut().zip(squares).zip(values) {
                    let x = x.to_f64();
                    sums[0] += x;
                    sums[1] += x * weight;
                    *square += x * x;
                }
            },
        );
    }

    fn finish(&self, record: &mut ParameterStatistics) {
        let RowLayout { rows, blocks, .. } = self.layout;
        let zero: Vec<usize> = (0..rows).filter(|&row| self.squares[row] == 0.0).collect();
        record.zero_rows = zero.len() as f64;
        record.first_zero_row = zero.first().map_or(f64::NAN, |&row| row as f64);
        record.last_zero_row = zero.last().map_or(f64::NAN, |&row| row as f64);
        let scale = record.rms * (self.layout.columns() as f64).sqrt();
        record.equal_rows = equal_share(&self.sums, |row| self.squares[row] > 0.0, scale);
        record.repeats = self.repeats() as f64;
        if blocks > 1 && rows.is_multiple_of(blocks) {
            let squares = self.squares.chunks(rows / blocks).map(|block| block.iter().sum::<f64>());
            let (low, high) =
                squares.fold((f64::INFINITY, 0.0), |(low, high), x| (f64::min(low, x), f64::max(high, x)));
            record.block_ratio = (high / low).sqrt();
        }
    }

    /// The largest number of times that the first rows repeat to the end, if they are not all alike.
    fn repeats(&self) -> usize {
        let rows = self.layout.rows;
        let all_zero = self.squares.iter().all(|&square| square == 0.0);
        let periodic = |period: &usize| {
            rows.is_multiple_of(*period)
                && (*period..rows).all(|row| self.sums[row] == self.sums[row - period])
        };
        let period = (1..=rows / 2).filter(|_| !all_zero).find(periodic);
        period.map_or(1, |period| rows / period)
    }
}

/// The number of interleaved sums that the compiler turns into vector instructions.
const WIDTH: usize = 8;

/// The sums of a row's values, of their products with the weights, and of their squares.
fn sums_of_row<T: Real>(row: &[T], weights: &[f64]) -> [f64; 3] {
    let whole = row.len() / WIDTH * WIDTH;
    let mut lanes = tensor::dispatch(
        #[inline(always)]
        move || {
            let mut lanes = [[0.0; WIDTH]; 3];
            for (group, weights) in row.as_chunks::<WIDTH>().0.iter().zip(weights.as_chunks::<WIDTH>().0) {
                for lane in 0..WIDTH {
                    add(&mut lanes, lane, group[lane].to_f64(), weights[lane]);
                }
            }
            lanes
        },
    );
    for (lane, x) in row[whole..].iter().enumerate() {
        add(&mut lanes, lane, x.to_f64(), weights[whole + lane]);
    }
    lanes.map(|lanes| lanes.iter().sum())
}

#[inline(always)]
fn add(lanes: &mut [[f64; WIDTH]; 3], lane: usize, x: f64, weight: f64) {
    lanes[0][lane] += x;
    lanes[1][lane] += x * weight;
    lanes[2][lane] += x * x;
}

/// The largest number of rows whose pairs are compared.
const COMPARED_ROWS: usize = 256;

/// The largest number of columns by which they are compared.
const COMPARED_COLUMNS: usize = 1024;

/// Evenly spaced rows that are not 0, at evenly spaced columns.
struct RowSample {
    rows: usize,
    columns: usize,
    /// The inner products of all pairs, up to one factor.
    products: Tensor<f32>,
}

impl RowSample {
    /// `None` if all rows are 0.
    fn of(values: SiteValues<'_>, layout: RowLayout, sums: &RowSums) -> Option<Self> {
        let candidates: Vec<usize> = (0..layout.rows).filter(|&row| sums.squares[row] > 0.0).collect();
        let rows = candidates.len().min(COMPARED_ROWS);
        let columns = layout.columns().min(COMPARED_COLUMNS);
        if rows == 0 {
            return None;
        }
        let index_in_first_row = |column: usize| {
            let column = column * layout.columns() / columns;
            column / layout.after * layout.rows * layout.after + column % layout.after
        };
        let first: Vec<usize> = (0..columns).map(index_in_first_row).collect();
        let row = |i: usize| candidates[i * candidates.len() / rows] * layout.after;
        // Single precision: half the time, and the cosine of equal rows is still 1 to a millionth.
        let scale = (sums.squares.iter().copied().fold(0.0, f64::max) / layout.columns() as f64).sqrt();
        let mut sample = Vec::with_capacity(rows * columns);
        for row in (0..rows).map(row) {
            sample.extend(first.iter().map(|&at| (values.get(row + at) / scale) as f32));
        }
        let sample = Tensor::from_vec(sample, [rows, columns]).expect("rows times columns");
        Some(Self { rows, columns, products: sample.matmul_nt(&sample) })
    }

    fn finish(&self, record: &mut ParameterStatistics) {
        record.compared_rows = self.rows as f64;
        record.compared_columns = self.columns as f64;
        record.row_cosine = self.largest_cosine();
        record.top_share = self.top_share();
    }

    /// The inner products of a row with each.
    fn of_row(&self, row: usize) -> &[f32] {
        &self.products.data()[row * self.rows..][..self.rows]
    }

    /// The squared lengths of the rows.
    fn squares(&self) -> impl Iterator<Item = f64> {
        (0..self.rows).map(|row| f64::from(self.of_row(row)[row]))
    }

    /// NaN if there are fewer than two rows, or one of them is not finite.
    fn largest_cosine(&self) -> f64 {
        let inverse: Vec<f64> = self.squares().map(|square| 1.0 / square.sqrt()).collect();
        let mut largest = if self.rows < 2 { f64::NAN } else { 0.0 };
        for row in 0..self.rows {
            for (&product, inverse_of_other) in self.of_row(row)[..row].iter().zip(&inverse) {
                let cosine = f64::from(product).abs() * inverse[row] * inverse_of_other;
                largest = if cosine <= largest { largest } else { cosine };
            }
        }
        largest
    }

    /// The largest eigenvalue of the products as a share of their trace, by the power method: at most the true share, and
    /// close to it if one eigenvalue stands out, which is what it is for.
    fn top_share(&self) -> f64 {
        let trace: f64 = self.squares().sum();
        let mut direction: Vec<f64> = (0..self.rows).map(|row| 1.0 + 0.5 * weight_of(row)).collect();
        let mut eigenvalue = f64::NAN;
        for _ in 0..POWER_STEPS {
            let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
            direction.iter_mut().for_each(|x| *x /= length);
            let next: Vec<f64> =
                (0..self.rows).map(|row| sums_of_row(self.of_row(row), &direction)[1]).collect();
            eigenvalue = next.iter().zip(&direction).map(|(y, x)| y * x).sum();
            direction = next;
        }
        eigenvalue / trace
    }
}

/// The number of steps of the power method: the second eigenvalue of a share r of the first is then down to `r²⁴`.
const POWER_STEPS: usize = 24;

#[cfg(test)]
mod tests {
    use super::{ParameterStatistics, RowLayout};
    use crate::sites::SiteValues;

    /// A matrix `[out, in]`, and the same as `[in, out]`, in which a row is a column of memory.
    #[test]
    fn rows_are_the_same_whichever_axis_comes_first() {
        let (rows, columns) = (24, 37);
        // The rows repeat after 12, and one is 0.
        let value = |row: usize, column: usize| match row % 12 {
            5 => 0.0,
            row => ((row * 31 + column * 17) % 23) as f32 - 11.0,
        };
        let direct: Vec<f32> = (0..rows * columns).map(|at| value(at / columns, at % columns)).collect();
        let turned: Vec<f32> = (0..rows * columns).map(|at| value(at % rows, at / rows)).collect();
        let of = |values: &[f32], shape, axis| {
            ParameterStatistics::of(SiteValues::F32(values), RowLayout::of(shape, axis, 2))
        };
        let (direct, turned) = (of(&direct, &[rows, columns], 0), of(&turned, &[columns, rows], 1));
        for (name, direct, turned) in [
            ("zero_rows", direct.zero_rows, turned.zero_rows),
            ("first_zero_row", direct.first_zero_row, turned.first_zero_row),
            ("equal_rows", direct.equal_rows, turned.equal_rows),
            ("repeats", direct.repeats, turned.repeats),
            ("row_cosine", direct.row_cosine, turned.row_cosine),
            ("top_share", direct.top_share, turned.top_share),
            ("block_ratio", direct.block_ratio, turned.block_ratio),
        ] {
            assert!((direct - turned).abs() <= 1e-12 * direct.abs(), "{name}: {direct} and {turned}");
        }
        assert_eq!((turned.zero_rows, turned.equal_rows, turned.repeats), (2.0, 1.0, 2.0));
    }
}
