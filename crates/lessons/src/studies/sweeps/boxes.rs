//! Box counting: the length of a boundary, measured with squares of several sizes.

/// The number of squares, `side` steps wide with their borders, that hold both kinds of points, on a map with so many columns.
///
/// For a smooth line it is proportional to the side to the power −1; for a boundary of dimension D, to the power −D.
pub(super) fn mixed_boxes(points: &[bool], columns: usize, side: usize) -> usize {
    let rows = points.len() / columns.max(1);
    let starts = |count: usize| (0..count.saturating_sub(1)).step_by(side);
    let mixed = |row: usize, column: usize| {
        let first = points[row * columns + column];
        let lines = row..(row + side + 1).min(rows);
        lines
            .flat_map(|row| &points[row * columns..][column..(column + side + 1).min(columns)])
            .any(|&point| point != first)
    };
    starts(rows).map(|row| starts(columns).filter(|&column| mixed(row, column)).count()).sum()
}

#[cfg(test)]
mod tests {
    use super::mixed_boxes;

    const SIZE: usize = 65;

    fn map(point: impl Fn(usize, usize) -> bool) -> Vec<bool> {
        (0..SIZE * SIZE).map(|at| point(at / SIZE, at % SIZE)).collect()
    }

    #[test]
    fn boxes_along_a_line_are_as_many_as_it_is_long() {
        let line = map(|_, column| column > 20);
        assert_eq!([1, 2, 4, 8, 64].map(|side| mixed_boxes(&line, SIZE, side)), [64, 32, 16, 8, 1]);
        let diagonal = map(|row, column| column > row);
        let counts = [1, 2, 4, 8].map(|side| mixed_boxes(&diagonal, SIZE, side) * side);
        // A step of one box up or down at each row of boxes.
        assert!(counts.iter().all(|&length| (64..=3 * 64).contains(&length)), "{counts:?}");
    }

    #[test]
    fn a_checkerboard_fills_the_plane_and_one_colour_nothing() {
        let checkers = map(|row, column| (row + column).is_multiple_of(2));
        assert_eq!([1, 2, 4].map(|side| mixed_boxes(&checkers, SIZE, side)), [64 * 64, 32 * 32, 16 * 16]);
        assert_eq!(mixed_boxes(&map(|_, _| true), SIZE, 4), 0);
        assert_eq!(mixed_boxes(&[], 0, 1), 0);
    }
}
