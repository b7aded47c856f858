//! Dual numbers against the slopes of activations, and against finite differences.

use proptest::prelude::*;
use tensor::{Activation, Dual, Real, Tensor};

/// True if the slope that an activation computes is the slope that dual numbers derive from its value, within 1e-13
/// of the slope, or of 1 if the slope is smaller.
fn has_the_slope_of_its_dual(activation: Activation, x: f64) -> bool {
    let dual = activation.eval(Dual { value: x, slope: 1.0 });
    let (value, slope) = activation.eval(x);
    value == dual.0.value && (dual.0.slope - slope).abs() <= 1e-13 * slope.abs().max(1.0)
}

/// A function on dual numbers, the same function on numbers, and an interval on which it is smooth.
type Smooth = (fn(Dual<f64>) -> Dual<f64>, fn(f64) -> f64, f64, f64);

const FUNCTIONS: [Smooth; 12] = [
    (Real::exp, Real::exp, -3.0, 3.0),
    (Real::exp_m1, Real::exp_m1, -3.0, 3.0),
    (Real::ln, Real::ln, 0.1, 9.0),
    (Real::ln_1p, Real::ln_1p, -0.9, 9.0),
    (Real::sqrt, Real::sqrt, 0.1, 9.0),
    (Real::sin, Real::sin, -3.0, 3.0),
    (Real::cos, Real::cos, -3.0, 3.0),
    (Real::tanh, Real::tanh, -3.0, 3.0),
    (Real::erf, Real::erf, -3.0, 3.0),
    (Real::abs, Real::abs, 0.1, 3.0),
    (|x| x.powf(2.5), |x| x.powf(2.5), 0.1, 3.0),
    (|x| x.powf(-3.0), |x| x.powf(-3.0), -3.0, -0.1),
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn activations_have_the_slopes_of_their_duals(x in -8.0..8.0_f64) {
        for activation in Activation::ALL {
            prop_assert!(has_the_slope_of_its_dual(activation, x), "{activation} at {x}");
        }
    }

    /// The error of a five-point difference with h = 1e-3 is about 1e-10 of the values here.
    #[test]
    fn duals_have_the_slopes_of_differences(t in 0.0..1.0_f64) {
        for (at, &(dual, plain, lo, hi)) in FUNCTIONS.iter().enumerate() {
            let (h, x) = (1e-3_f64.min((hi - lo) / 100.0), lo + t * (hi - lo));
            let x = x.clamp(lo + 2.0 * h * f64::from(lo != 0.1), hi);
            let d = |k: f64| plain(x + k * h) - plain(x - k * h);
            let difference = (8.0 * d(1.0) - d(2.0)) / (12.0 * h);
            let slope = dual(Dual { value: x, slope: 1.0 }).slope;
            prop_assert!((slope / difference - 1.0).abs() < 1e-4, "function {at} at {x}: {slope}, {difference}");
        }
    }

    #[test]
    fn products_of_dual_matrices_obey_the_product_rule(a in any_matrix(3, 4), da in any_matrix(3, 4), b in any_matrix(4, 2), db in any_matrix(4, 2)) {
        let product = Tensor::from_parts(&a, &da).matmul(&Tensor::from_parts(&b, &db));
        prop_assert_eq!(product.values(), a.matmul(&b));
        prop_assert_eq!(product.slopes(), da.matmul(&b).add(&a.matmul(&db)));
        let transposed = Tensor::from_parts(&a, &da).matmul_nt(&Tensor::from_parts(&b, &db).transpose());
        prop_assert_eq!(transposed.slopes(), da.matmul_nt(&b.transpose()).add(&a.matmul_nt(&db.transpose())));
    }
}

fn any_matrix(rows: usize, columns: usize) -> impl Strategy<Value = Tensor<f64>> {
    prop::collection::vec(-2.0..2.0, rows * columns)
        .prop_map(move |data| Tensor::from_vec(data, [rows, columns]).unwrap())
}

/// The slope of SiLU without its second term differs from that of the dual number.
#[test]
fn a_wrong_slope_is_rejected() {
    let wrong = |x: f64| Activation::Silu.eval(x).0 / x;
    let dual = Activation::Silu.eval(Dual { value: 0.7, slope: 1.0 }).0.slope;
    assert!((wrong(0.7) - dual).abs() > 0.01);
}

#[test]
fn a_constant_has_slope_zero_even_where_the_derivative_is_infinite() {
    let zero = Dual::constant(0.0_f64);
    assert_eq!((zero.sqrt().slope, zero.ln().slope, zero.powf(-1.0).slope), (0.0, 0.0, 0.0));
    let infinite = Dual { value: f64::INFINITY, slope: 0.0 };
    assert_eq!((infinite * Dual { value: 2.0, slope: 0.0 }).slope, 0.0);
    assert!((Dual { value: 0.0, slope: 1.0 } as Dual<f64>).sqrt().slope.is_infinite());
    assert!(Dual { value: f64::NAN, slope: 1.0 }.tanh().slope.is_nan());
}

/// A value of 0 keeps its slope, in dual numbers of dual numbers too: `x·0` has the slope x, and `(x·y)″ = 2` at 0.
#[test]
fn a_slope_is_kept_where_the_value_is_zero() {
    let weight = Dual { value: 0.0_f64, slope: 3.0 };
    assert_eq!(Dual::constant(2.0).damped(weight).slope, 6.0);
    assert_eq!(Dual { value: f64::INFINITY, slope: 1.0 }.damped(Dual::ZERO).slope, 0.0);
    let x = Dual { value: Dual { value: 0.0_f64, slope: 1.0 }, slope: Dual::constant(1.0) };
    assert_eq!((x * x).slope.slope, 2.0);
    let y = Dual { value: Dual { value: 1.0_f64, slope: 0.0 }, slope: Dual { value: 0.0, slope: 1.0 } };
    assert_eq!(y.exp().slope.slope, Real::exp(1.0_f64));
}

#[test]
fn a_tie_mixes_slopes() {
    let (x, y) = (Dual { value: 1.0_f64, slope: 3.0 }, Dual { value: 1.0, slope: 5.0 });
    assert_eq!((x.tied(y, 0.5).slope, x.tied(y, 0.25).slope), (4.0, 3.5));
    assert_eq!((Real::abs(-x).slope, Real::abs(Dual { value: f64::NAN, slope: 1.0 }).slope), (3.0, 0.0));
}

#[test]
#[should_panic(expected = "from_parts: values have shape [2], but slopes have shape [3]")]
fn values_and_slopes_have_the_same_shape() {
    let _ = Tensor::from_parts(&Tensor::<f64>::zeros([2]), &Tensor::zeros([3]));
}
