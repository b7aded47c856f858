//! QR and singular values against their definitions.

use proptest::prelude::*;
use tensor::{Real, Tensor};

fn matrix() -> impl Strategy<Value = Tensor<f64>> {
    (1..12_usize, 1..12_usize).prop_flat_map(|(m, n)| {
        prop::collection::vec(-2.0..2.0, m * n).prop_map(move |data| Tensor::from_vec(data, [m, n]).unwrap())
    })
}

/// The largest entry of `a − b`.
fn distance<T: Real>(a: &Tensor<T>, b: &Tensor<T>) -> f64 {
    a.sub(b).data().iter().map(|x| x.to_f64().abs()).fold(0.0, f64::max)
}

fn identity(k: usize) -> Tensor<f64> {
    Tensor::from_vec((0..k * k).map(|i| f64::from(u8::from(i % (k + 1) == 0))).collect(), [k, k]).unwrap()
}

/// Householder QR is backward stable: `‖A − QR‖ ≤ c·m·n·ε·‖A‖` with a small c (Higham 2002, theorem 19.4). Entries are
/// below 2 and sizes below 12 here.
const ROUNDING: f64 = 12.0 * 12.0 * 2.0 * f64::EPSILON;

fn is_qr(a: &Tensor<f64>, q: &Tensor<f64>, r: &Tensor<f64>) -> bool {
    let (k, n) = r.shape().matrix().unwrap();
    let triangular = (0..k).all(|i| (0..i.min(n)).all(|j| r.data()[i * n + j] == 0.0));
    triangular && distance(&q.matmul(r), a) < ROUNDING && distance(&q.matmul_tn(q), &identity(k)) < ROUNDING
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn qr_is_orthonormal_times_triangular(a in matrix()) {
        let (q, r) = a.qr();
        prop_assert!(is_qr(&a, &q, &r), "{a:?}");
        let (mut q, r) = (q, r);
        q.data_mut()[0] += 1e-6;
        prop_assert!(!is_qr(&a, &q, &r));
        let (single, _) = a.cast::<f32>().qr();
        let (m, n) = a.shape().matrix().unwrap();
        prop_assert_eq!(single.shape().dims(), [m, m.min(n)]);
    }

    /// `Σσ² = Σa²`, `σ₁ ≥ ‖A·x‖/‖x‖` for any x, and a transposition changes nothing.
    #[test]
    fn singular_values_satisfy_their_identities(a in matrix()) {
        let s = a.singular_values();
        let (m, n) = a.shape().matrix().unwrap();
        prop_assert!(s.len() == m.min(n) && s.windows(2).all(|two| two[0] >= two[1]) && s.iter().all(|&x| x >= 0.0));
        let (squares, sum) = (a.mul(&a).sum(), s.iter().map(|x| x * x).sum::<f64>());
        prop_assert!((squares - sum).abs() < 1e-12 * squares);
        let x = Tensor::full([n, 1], 1.0);
        let stretched = a.matmul(&x);
        prop_assert!(stretched.mul(&stretched).sum().sqrt() <= s[0] * (n as f64).sqrt() * (1.0 + 1e-12));
        let turned = a.transpose().singular_values();
        prop_assert!(s.iter().zip(&turned).all(|(x, y)| (x - y).abs() < 1e-12 * s[0]));
        let single = a.cast::<f32>().singular_values();
        prop_assert!(s.iter().zip(&single).all(|(x, y)| (x - f64::from(*y)).abs() < 1e-5 * s[0]));
    }
}

/// The Hilbert matrix of order 3: 1.40831892712365, 0.12232706585390, 0.00268734035577 (R. Gregory and D. Karney 1969).
#[test]
fn a_published_spectrum() {
    let hilbert =
        Tensor::from_vec((0..9).map(|i| 1.0 / (i / 3 + i % 3 + 1) as f64).collect(), [3, 3]).unwrap();
    let published = [1.408_318_927_123_65, 0.122_327_065_853_90, 0.002_687_340_355_77];
    assert!(hilbert.singular_values().iter().zip(published).all(|(s, p): (&f64, f64)| (s - p).abs() < 1e-13));
}

#[test]
fn empty_and_non_finite_matrices() {
    assert_eq!(Tensor::<f64>::zeros([0, 3]).singular_values(), []);
    let nan = Tensor::from_vec(vec![1.0_f32, f32::NAN, 0.0, 1.0], [2, 2]).unwrap();
    assert!(nan.singular_values().iter().all(|s| s.is_nan()));
    let (q, r) = Tensor::<f64>::zeros([0, 3]).qr();
    assert_eq!((q.shape().dims(), r.shape().dims()), (&[0, 0][..], &[0, 3][..]));
}

#[test]
#[should_panic(expected = "qr: shape [4] is not a matrix")]
fn only_matrices_are_factored() {
    let _ = Tensor::<f64>::zeros([4]).qr();
}
