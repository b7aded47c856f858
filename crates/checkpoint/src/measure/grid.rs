//! How a tensor is cut: into rows and columns, and into the chunks that are measured at once.

use std::ops::Range;

/// The most rows and the most columns whose sums are kept.
pub(crate) const MOST_LINES: usize = 1 << 20;

/// The number of values of a chunk, at most. A multiple of the words that rows are hashed in.
pub(crate) const CHUNK: usize = 1 << 18;

/// A tensor as rows of equal length, and their chunks: some whole rows, or a part of one that is long. The chunks depend on
/// the shape alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TensorGrid {
    rows: usize,
    columns: usize,
    /// True if the rows have sums and hashes of their own.
    pub(crate) keeps_rows: bool,
    /// True if the columns have sums.
    pub(crate) keeps_columns: bool,
}

/// The values of one chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TensorChunk {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
    /// The index of its first value.
    pub(crate) start: usize,
}

impl TensorChunk {
    /// The number of its values.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() * self.columns.len()
    }
}

impl TensorGrid {
    /// The rows and columns of a shape. Scalars, vectors and tensors with too many rows are one row of which nothing is kept.
    pub(crate) fn of(shape: &[usize]) -> Self {
        let values: usize = shape.iter().product();
        match shape {
            [rows, _, ..] if values > 0 && *rows <= MOST_LINES => {
                let columns = values / rows;
                Self { rows: *rows, columns, keeps_rows: true, keeps_columns: columns <= MOST_LINES }
            }
            _ => Self { rows: 1, columns: values, keeps_rows: false, keeps_columns: false },
        }
    }

    /// The number of rows of which sums are kept.
    pub(crate) fn kept_rows(&self) -> usize {
        if self.keeps_rows { self.rows } else { 0 }
    }

    /// The number of columns of which sums are kept.
    pub(crate) fn kept_columns(&self) -> usize {
        if self.keeps_columns { self.columns } else { 0 }
    }

    /// The number of whole rows in a chunk; 0 if a row is longer than a chunk.
    fn rows_of_chunk(&self) -> usize {
        CHUNK.checked_div(self.columns).unwrap_or(0)
    }

    /// The number of chunks.
    pub(crate) fn chunks(&self) -> usize {
        match (self.columns, self.rows_of_chunk()) {
            (0, _) => 0,
            (columns, 0) => self.rows * columns.div_ceil(CHUNK),
            (_, rows) => self.rows.div_ceil(rows),
        }
    }

    /// The chunk at an index.
    pub(crate) fn chunk(&self, at: usize) -> TensorChunk {
        let (rows, columns) = match self.rows_of_chunk() {
            0 => {
                let parts = self.columns.div_ceil(CHUNK);
                let (row, start) = (at / parts, at % parts * CHUNK);
                (row..row + 1, start..(start + CHUNK).min(self.columns))
            }
            rows => (at * rows..(at * rows + rows).min(self.rows), 0..self.columns),
        };
        let start = rows.start * self.columns + columns.start;
        TensorChunk { rows, columns, start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_consecutive_and_small() {
        for shape in [
            vec![],
            vec![5],
            vec![CHUNK * 3 + 1],
            vec![7, 3],
            vec![CHUNK, 3],
            vec![3, CHUNK],
            vec![3, CHUNK + 5],
            vec![1000, 700],
            vec![4, 3, 2, 5],
            vec![MOST_LINES + 1, 2],
            vec![2, MOST_LINES + 1],
        ] {
            let grid = TensorGrid::of(&shape);
            let mut end = 0;
            for chunk in (0..grid.chunks()).map(|at| grid.chunk(at)) {
                assert_eq!(chunk.start, end, "{shape:?}");
                assert!((1..=CHUNK).contains(&chunk.len()), "{shape:?}: {chunk:?}");
                assert!(chunk.rows.len() == 1 || chunk.columns.len() == grid.columns, "{shape:?}: {chunk:?}");
                end += chunk.len();
            }
            assert_eq!(end, shape.iter().product::<usize>(), "{shape:?}");
        }
    }

    #[test]
    fn what_is_kept() {
        let kept = |shape: &[usize]| {
            let grid = TensorGrid::of(shape);
            (grid.kept_rows(), grid.kept_columns())
        };
        assert_eq!(kept(&[4, 3, 2]), (4, 6));
        assert_eq!(kept(&[]), (0, 0));
        assert_eq!(kept(&[9]), (0, 0));
        assert_eq!(kept(&[3, 0]), (0, 0));
        assert_eq!(kept(&[2, MOST_LINES + 1]), (2, 0));
        assert_eq!(kept(&[MOST_LINES + 1, 2]), (0, 0));
    }
}
