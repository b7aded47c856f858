//! Sums of up to 20 million terms in single precision, against double precision and the error bounds that their
//! documentation states.

use tensor::Tensor;

/// ε/2: the largest relative error of one rounding.
const U: f64 = f32::EPSILON as f64 / 2.0;

/// The depth of the tree of additions: ⌈log₂ n⌉ and what is stated beside it.
fn depth(n: usize, more: f64) -> f64 {
    (n as f64).log2().ceil() + more
}

/// `|sum − Σx|/Σ|x|` in units of U; 0 if there is nothing to sum. The exact sums are of terms in double precision, whose
/// own error is 10⁻⁹ of these bounds.
fn error(sum: f32, terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let (exact, size) = (terms.clone().sum::<f64>(), terms.map(f64::abs).sum::<f64>());
    if size == 0.0 { 0.0 } else { (f64::from(sum) - exact).abs() / size / U }
}

/// Terms of one sign and one size, whose roundings go the same way; of both signs; of many sizes.
fn terms(kind: usize, n: usize) -> Vec<f32> {
    let noise = |i: usize| ((i * 7919 + 13) % 65_537) as f32 / 65_537.0;
    let term = |i: usize| match kind {
        0 => 1.0 / 130.0,
        1 => noise(i) - 0.5,
        _ => noise(i).powi(4),
    };
    (0..n).map(term).collect()
}

/// The errors of one matrix of n values in rows of the given width: of its sum, of its row sums, of its column sums, of the
/// sum of squares by `sum_zip_rows`, of `scatter_rows`; and of a running sum of all.
fn check(kind: usize, n: usize, columns: usize) {
    let values = terms(kind, n);
    let rows = n / columns;
    let x = Tensor::from_vec(values.clone(), [rows, columns]).unwrap();
    let wide = |x: &f32| f64::from(*x);
    let here = |what: &str, error: f64, bound: f64| {
        assert!(error <= bound, "{what} of {rows}x{columns}, kind {kind}: {error} u, more than {bound}");
    };
    here("sum", error(x.sum(), values.iter().map(wide)), depth(n, 11.0));
    let scattered = x.scatter_rows(&vec![1; rows], 3);
    for (column, &sum) in x.sum_rows().data().iter().enumerate() {
        let line = values[column..].iter().step_by(columns).map(wide);
        here("sum_rows", error(sum, line.clone()), depth(rows, 6.0));
        here("scatter_rows", error(scattered.data()[columns + column], line), depth(rows, 6.0));
    }
    let squares = x.sum_zip_rows("squares", &x, [], |x, y, _: [f32; 0]| x * y);
    for (column, &sum) in squares.data().iter().enumerate() {
        let line = values[column..].iter().step_by(columns).map(|x| f64::from(*x).powi(2));
        here("sum_zip_rows", error(sum, line), depth(rows, 7.0));
    }
    for (row, &sum) in x.sum_columns().data().iter().enumerate() {
        let line = values[row * columns..][..columns].iter().map(wide);
        here("sum_columns", error(sum, line), depth(columns, 11.0));
    }
}

/// Every row of the result has the bits of `sum_rows`, whose bounds the other tests measure: rows to which 0 to 300 lines are
/// added, few and many side by side. A running sum has other bits from the fourth line on.
#[test]
fn scattered_rows_are_row_sums() {
    for (lines, rows, columns) in
        [(96, 1000, 5), (500, 61, 3), (1024, 27, 10), (301, 2, 8), (1, 1, 1), (0, 4, 2)]
    {
        let x = Tensor::from_vec(terms(1, lines * columns), [lines, columns]).unwrap();
        let indices: Vec<usize> = (0..lines).map(|line| (line * line / 3 + line * 7) % rows).collect();
        let scattered = x.scatter_rows(&indices, rows);
        let (mut most, mut running_differs) = (0, false);
        for row in 0..rows {
            let of_row: Vec<usize> = (0..lines).filter(|&line| indices[line] == row).collect();
            let expected = x.gather_rows(&of_row).sum_rows();
            let here = &scattered.data()[row * columns..][..columns];
            assert_eq!(here, expected.data(), "row {row} of {rows}, from {} lines", of_row.len());
            let running = of_row.iter().fold(0.0, |sum, line| sum + x.data()[line * columns]);
            assert!(of_row.len() > 3 || running == here[0]);
            running_differs |= running != here[0];
            most = most.max(of_row.len());
        }
        assert_eq!(running_differs, most > 3, "{lines} into {rows}, at most {most}");
    }
}

#[test]
fn short_and_long_sums_keep_their_bounds() {
    for kind in 0..3 {
        for (n, columns) in
            [(1, 1), (128, 1), (130, 1), (128 * 7, 7), (100_000, 1), (300_000, 3), (100_000, 100_000)]
        {
            check(kind, n, columns);
        }
    }
}

/// Twenty million terms of one kind, once: it is 80 MB.
#[test]
fn twenty_million_terms_keep_their_bounds() {
    let n = 20_000_000;
    check(0, n, 1);
    let running: f32 = terms(0, n).iter().sum();
    let off = error(running, (0..n).map(|_| f64::from(1.0_f32 / 130.0)));
    assert!(off > depth(n, 11.0), "a running sum is detected: {off}");
}

/// 1/130 in single precision is a little larger; 128 of it are 0.984615393…, and the nearest float prints as 0.9846154.
#[test]
fn the_row_sum_of_equal_values_is_the_nearest_float() {
    assert_eq!(Tensor::full([128, 1], 1.0_f32 / 130.0).sum_rows().item(), 0.984_615_4);
    assert_ne!([1.0_f32 / 130.0; 128].iter().sum::<f32>(), 0.984_615_4, "a running sum is not");
}
