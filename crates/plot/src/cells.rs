//! Matrices as coloured rectangles, or as pixels where they are too many.

use crate::palette::PAPER;
use crate::raster::Raster;
use crate::scene::{Area, Colour, Primitive, Scene};

/// The most cells that are drawn as rectangles. In the worst case, no two neighbours equal, this is about half a megabyte of
/// SVG; the pixels of a raster take a byte each.
const MOST: usize = 10_000;

/// The most cells of a raster; larger matrices are averaged in blocks.
const MOST_PIXELS: usize = 1 << 21;

/// A matrix in row-major order, with its first row at the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cells {
    pub columns: usize,
    pub rows: usize,
    pub values: Vec<f64>,
}

/// The columns and rows of a matrix that one drawn cell stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Block {
    pub columns: usize,
    pub rows: usize,
}

impl Cells {
    /// Creates a matrix with this number of columns.
    ///
    /// # Panics
    /// If the last row is not full.
    #[track_caller]
    pub(crate) fn new(columns: usize, values: Vec<f64>) -> Self {
        let whole = values.len().checked_rem(columns).unwrap_or(values.len()) == 0;
        assert!(whole, "{} values do not fill rows of {columns}", values.len());
        Cells { columns, rows: values.len().checked_div(columns).unwrap_or(0), values }
    }

    /// The smallest block that [`MOST_PIXELS`] allows, about as wide as high on a wide frame.
    pub(crate) fn block(&self) -> Block {
        let mut block = Block { columns: 1, rows: 1 };
        loop {
            let (across, down) = self.drawn(block);
            if across * down <= MOST_PIXELS {
                return block;
            }
            *(if across > 2 * down { &mut block.columns } else { &mut block.rows }) += 1;
        }
    }

    /// The number of blocks across and down.
    fn drawn(&self, block: Block) -> (usize, usize) {
        (self.columns.div_ceil(block.columns), self.rows.div_ceil(block.rows))
    }

    /// The mean of every block.
    pub(crate) fn means(&self, block: Block) -> Vec<f64> {
        let (across, down) = self.drawn(block);
        let at = |i: usize| self.mean((i % across) * block.columns, (i / across) * block.rows, block);
        (0..across * down).map(at).collect()
    }

    /// The mean of a block; it is not finite if one of the values is not.
    fn mean(&self, column: usize, row: usize, Block { columns, rows }: Block) -> f64 {
        let (right, bottom) = ((column + columns).min(self.columns), (row + rows).min(self.rows));
        let count = ((right - column) * (bottom - row)) as f64;
        let line = |row: usize| &self.values[row * self.columns..][column..right];
        (row..bottom).flat_map(line).map(|value| value / count).sum()
    }
}

/// Draws `cells` in blocks: the most frequent colour as the background, on it rectangles of equal blocks; or a raster, if there
/// are many.
pub(crate) fn draw(scene: &mut Scene, area: Area, cells: &Cells, colour: impl Fn(f64) -> Colour) {
    let block = cells.block();
    let across = cells.drawn(block).0;
    let colours: Vec<Colour> = cells.means(block).into_iter().map(colour).collect();
    if colours.len() > MOST {
        scene.shapes.push(Primitive::Raster(area, Raster { columns: across, pixels: colours }));
        return;
    }
    let background = most_frequent(&colours);
    scene.rect(area, background);
    let part = |length: i32, at: usize, size: usize, of: usize| {
        (f64::from(length) * (at * size).min(of) as f64 / of as f64).round() as i32
    };
    let x = |column: usize| area.left + part(area.width(), column, block.columns, cells.columns);
    let y = |row: usize| area.top + part(area.height(), row, block.rows, cells.rows);
    for (row, bottom, first, last) in rectangles(across, &colours) {
        let colour = colours[row * across + first];
        if colour != background {
            scene.rect(Area::new(x(first), y(row), x(last), y(bottom)), colour);
        }
    }
}

fn most_frequent(colours: &[Colour]) -> Colour {
    let mut counts: Vec<(Colour, usize)> = Vec::new();
    for &colour in colours {
        match counts.iter_mut().find(|(known, _)| *known == colour) {
            Some((_, count)) => *count += 1,
            None => counts.push((colour, 1)),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(PAPER, |(colour, _)| colour)
}

/// Runs of equal cells along rows, each extended downwards while the rows below have the same run:
/// (first row, row after, first column, column after).
fn rectangles(columns: usize, colours: &[Colour]) -> Vec<(usize, usize, usize, usize)> {
    let mut rectangles: Vec<(usize, usize, usize, usize)> = Vec::new();
    // The rectangle that ends with the row above and starts in this column.
    let mut open: Vec<Option<usize>> = vec![None; columns];
    for (row, line) in colours.chunks(columns.max(1)).enumerate() {
        let mut first = 0;
        for run in line.chunk_by(|left, right| left == right) {
            let last = first + run.len();
            let same = |&index: &usize| {
                let (top, bottom, _, end) = rectangles[index];
                bottom == row && end == last && colours[top * columns + first] == run[0]
            };
            match open[first].filter(same) {
                Some(index) => rectangles[index].1 = row + 1,
                None => {
                    open[first] = Some(rectangles.len());
                    rectangles.push((row, row + 1, first, last));
                }
            }
            first = last;
        }
    }
    rectangles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_cover_every_cell_once_with_its_colour() {
        let colours: Vec<Colour> = (0u32..600).map(|i| Colour((i * i / 7 % 3) as u8, 0, 0)).collect();
        let mut seen = vec![0; colours.len()];
        for (top, bottom, left, right) in rectangles(30, &colours) {
            for i in (top..bottom).flat_map(|row| (left..right).map(move |column| row * 30 + column)) {
                assert_eq!(colours[i], colours[top * 30 + left]);
                seen[i] += 1;
            }
        }
        assert!(seen.iter().all(|&count| count == 1));
        // Stripes come to one rectangle each.
        let stripes: Vec<Colour> = (0..600).map(|i| Colour(i as u8 % 30 % 2, 0, 0)).collect();
        assert_eq!(rectangles(30, &stripes).len(), 30);
    }

    #[test]
    fn blocks_keep_the_mean_and_the_limit() {
        let values: Vec<f64> = (0..4_000_000).map(|i| f64::from(i % 10_000)).collect();
        let large = Cells::new(10_000, values.clone());
        let block = large.block();
        let means = large.means(block);
        assert!(means.len() <= MOST_PIXELS);
        assert_eq!(means.len(), 10_000usize.div_ceil(block.columns) * 400usize.div_ceil(block.rows));
        // The first block: means of 0, 1, ..., one for each of its columns.
        assert!((means[0] - (block.columns - 1) as f64 / 2.0).abs() < 1e-12);
        let small = Cells::new(100, values[..13_000].to_vec());
        assert_eq!(small.means(small.block()), small.values);
    }

    #[test]
    fn a_block_with_a_value_that_is_not_finite_is_not_finite() {
        let mut values = vec![1.0; 4_000_000];
        values[3_999_999] = f64::NAN;
        values[0] = f64::INFINITY;
        let cells = Cells::new(2000, values);
        let means = cells.means(cells.block());
        assert_eq!(means.iter().filter(|mean| !mean.is_finite()).count(), 2);
    }
}
