//! Fused operations and products summed in blocks, against separate operations and plain sums.

use tensor::{Dual, Real, Tensor};

/// Values in −1..1 whose period is not a power of two.
fn matrix<T: Real>(rows: usize, columns: usize, seed: usize) -> Tensor<T> {
    let value = |i: usize| T::of(((i * 37 + seed * 101) % 8191) as f64 / 4096.0 - 1.0);
    Tensor::from_vec((0..rows * columns).map(value).collect(), [rows, columns]).unwrap()
}

fn row<T: Real>(n: usize, seed: usize) -> Tensor<T> {
    matrix(1, n, seed).reshape([n])
}

/// True if `got` is `want` within k roundings of terms below 1: |error| ≤ k·ε·k (Higham 2002, eq. 3.5).
fn is_near<T: Real>(got: &Tensor<T>, want: &[f64], k: usize, epsilon: f64) -> bool {
    let bound = epsilon * (k * k) as f64;
    got.data().len() == want.len()
        && got.data().iter().zip(want).all(|(x, want)| (x.to_f64() - want).abs() <= bound)
}

/// Inner sizes that are split into blocks, and one that is not.
fn long_products<T: Real>(epsilon: f64) {
    for k in [511, 512, 515, 1100] {
        let (a, b, r) = (matrix::<T>(3, k, 1), matrix::<T>(k, 2, 2), row::<T>(2, 3));
        let term = |i: usize, j: usize, l: usize| a.data()[i * k + l].to_f64() * b.data()[l * 2 + j].to_f64();
        let entry = |i: usize, j: usize| (0..k).map(|l| term(i, j, l)).sum::<f64>();
        let want: Vec<f64> = (0..6).map(|at| entry(at / 2, at % 2)).collect();
        let (at, bt) = (a.transpose(), b.transpose());
        for got in [a.matmul(&b), a.matmul_nt(&bt), at.matmul_tn(&b), at.matmul_tt(&bt)] {
            assert!(is_near(&got, &want, k, epsilon), "{k}: {got:?}, not {want:?}");
        }
        let with_row: Vec<f64> = (0..6).map(|at| want[at] + r.data()[at % 2].to_f64()).collect();
        assert!(is_near(&a.matmul_add_row(&b, &r), &with_row, k, epsilon), "{k} and a row");
        assert!(!is_near(&a.matmul(&b), &with_row, k, epsilon), "a missing row is rejected");
    }
}

#[test]
fn long_products_match_the_definition_in_every_transposition() {
    long_products::<f32>(f64::from(f32::EPSILON));
    long_products::<f64>(f64::EPSILON);
    long_products::<Dual<f64>>(f64::EPSILON);
}

#[test]
fn matmul_add_row_is_matmul_then_add_row() {
    for (m, k, n) in [(0, 3, 2), (3, 0, 2), (3, 2, 0), (1, 1, 1), (32, 30, 200), (130, 100, 27)] {
        let (a, b, r) = (matrix::<f32>(m, k, 1), matrix::<f32>(k, n, 2), row::<f32>(n, 3));
        let want: Vec<f64> = a.matmul(&b).add_row(&r).data().iter().map(|&x| f64::from(x)).collect();
        assert!(is_near(&a.matmul_add_row(&b, &r), &want, k + 1, f64::from(f32::EPSILON)), "{m} {k} {n}");
    }
}

/// `x·s − y + t` with rows s and t, and its sums over rows: the same operations in the same order.
#[test]
fn zip_rows_equals_separate_operations() {
    for (m, n) in [(0, 3), (3, 0), (1, 1), (5, 7), (32, 100)] {
        let (x, y) = (matrix::<f32>(m, n, 1), matrix::<f32>(m, n, 2));
        let (s, t) = (row::<f32>(n, 3), row::<f32>(n, 4));
        let f = |x: f32, y: f32, [s, t]: [f32; 2]| x * s - y + t;
        let want = x.clone().mul_row(&s).sub(&y).add_row(&t);
        assert_eq!(x.zip_rows("f", &y, [&s, &t], f), want);
        assert_eq!(x.sum_zip_rows("f", &y, [&s, &t], f), want.sum_rows());
    }
}

#[test]
fn mismatched_shapes_panic_with_both_shapes() {
    let (x, y, r) = (matrix::<f32>(2, 3, 1), matrix::<f32>(3, 2, 2), row::<f32>(3, 3));
    let first = |f: &dyn Fn()| {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).unwrap_err();
        caught.downcast::<String>().map(|text| *text).unwrap()
    };
    let f = |x: f32, _: f32, _: [f32; 1]| x;
    assert_eq!(first(&|| drop(x.zip_rows("f", &y, [&r], f))), "f: shapes [2, 3] and [3, 2] differ");
    assert!(first(&|| drop(y.sum_zip_rows("f", &y, [&r], f))).starts_with("f: got shapes [3, 2] and [3]"));
    assert!(
        first(&|| drop(x.matmul_add_row(&y, &r))).starts_with("matmul_add_row: got shapes [2, 2] and [3]")
    );
}
