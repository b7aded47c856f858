//! Activations in single precision against the same formulas in double precision.

use tensor::Activation;

/// The bounds of the errors: of the value in units in its last place (ulp), of the slope in units of 2⁻²³. They are the
/// largest errors measured at every hundredth float, rounded up.
///
/// Slopes near 0 are differences of terms of order 1, so their own ulp is no measure. Where a value decays like
/// `x·e^−x`, the rounded exponent costs `silu` and `mish` 51 ulp among subnormal results; `gelu_tanh` loses 182 ulp
/// where it decays to 0, because its exponent grows with x³.
fn bounds(activation: Activation) -> (f64, f64) {
    match activation {
        Activation::Identity
        | Activation::Relu
        | Activation::HardTanh
        | Activation::Relu6
        | Activation::ReluSquared => (0.0, 0.0),
        Activation::LeakyRelu(_) => (1.0, 0.5),
        Activation::Tanh => (2.5, 2.0),
        Activation::Sigmoid => (3.0, 1.0),
        Activation::Elu(_) | Activation::Celu(_) => (1.5, 1.0),
        Activation::Selu => (2.0, 1.5),
        Activation::Gelu => (10.0, 2.5),
        Activation::GeluTanh => (200.0, 2.0),
        Activation::Silu | Activation::Mish => (52.0, 2.0),
        Activation::Softplus(_) | Activation::LogSigmoid => (2.0, 1.0),
        Activation::Erf => (6.0, 2.0),
        Activation::Sine(_) => (0.501, 0.5),
        Activation::HardSwish => (2.0, 1.5),
        Activation::HardSigmoid => (1.5, 0.5),
        Activation::Softsign => (2.5, 2.0),
        new => panic!("state the bounds of {new} here; the errors are {:?}", errors(|x| new.eval(x), new)),
    }
}

/// `|got − exact|` divided by the spacing of single precision at the exact result; 0 if both are the same infinity or
/// NaN.
fn ulps(got: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if got == rounded || (got.is_nan() && rounded.is_nan()) {
        return 0.0;
    }
    let spacing = f64::from(rounded.abs().next_up()) - f64::from(rounded.abs());
    (f64::from(got) - exact).abs() / spacing
}

/// The errors of value and slope at a float.
fn errors_at(x: f32, got: (f32, f32), activation: Activation) -> (f64, f64) {
    let exact = activation.eval(f64::from(x));
    let same = got.1.is_nan() && exact.1.is_nan()
        || f64::from(got.1) == exact.1
        || got.1.is_infinite() && got.1 == exact.1 as f32;
    let slope = if same { 0.0 } else { (f64::from(got.1) - exact.1).abs() / f64::from(f32::EPSILON) };
    (ulps(got.0, exact.0), slope)
}

/// Every ten thousandth float, and the special values.
fn floats() -> impl Iterator<Item = f32> {
    let special = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, -1.0];
    (0..=u32::MAX).step_by(9973).map(f32::from_bits).chain(special)
}

/// The largest errors of value and slope.
fn errors(f: impl Fn(f32) -> (f32, f32), activation: Activation) -> (f64, f64) {
    let larger = |a: (f64, f64), b: (f64, f64)| (a.0.max(b.0), a.1.max(b.1));
    floats().map(|x| errors_at(x, f(x), activation)).fold((0.0, 0.0), larger)
}

/// The first float at which the errors of a function exceed its bounds.
fn out_of_bounds(f: impl Fn(f32) -> (f32, f32), activation: Activation) -> Option<f32> {
    let (value, slope) = bounds(activation);
    floats().find(|&x| {
        let errors = errors_at(x, f(x), activation);
        !(errors.0 <= value && errors.1 <= slope)
    })
}

#[test]
fn single_precision_is_within_its_bounds() {
    for activation in Activation::ALL {
        assert_eq!(out_of_bounds(|x| activation.eval(x), activation), None, "{activation}");
    }
}

#[test]
fn a_tail_that_cancels_is_rejected() {
    // ½(1 + erf) cancels where Φ is small.
    let gelu = |x: f32| (0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2)), 0.0);
    assert!(out_of_bounds(gelu, Activation::Gelu).is_some());
    assert!(out_of_bounds(|x| (f32::NAN, x), Activation::Relu).is_some());
}
