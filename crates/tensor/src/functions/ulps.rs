//! The errors of the functions, in units in the last place (ulp).

use super::{cos_f32, erf_f32, exp_f32, exp_m1_f32, ln_1p_f32, ln_f32, normal_f32, sin_f32, tanh_f32};

/// A function in single precision, the exact one, and the bound of the error.
type Bounded = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64);

/// The bounds hold at every float, those of sine and cosine so far at every 997th. It takes half an hour to check all:
/// `cargo test -p tensor --lib -- --ignored every_float`.
const BOUNDS: [Bounded; 10] = [
    ("exp", exp_f32, libm::exp, 1.1),
    ("exp_m1", exp_m1_f32, libm::expm1, 1.5),
    ("ln", ln_f32, libm::log, 1.0),
    ("ln_1p", ln_1p_f32, libm::log1p, 1.0),
    ("sin", sin_f32, libm::sin, 0.501),
    ("cos", cos_f32, libm::cos, 0.501),
    ("tanh", tanh_f32, libm::tanh, 2.5),
    ("erf", erf_f32, libm::erf, 6.0),
    ("Φ", |x| normal_f32(x).0, |x| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2), 8.0),
    ("φ", |x| normal_f32(x).1, |x| libm::exp(-0.5 * x * x) * 0.398_942_280_401_432_7, 3.0),
];

/// The distance in units in the last place of the exact result rounded to f32.
fn ulps(got: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if got == rounded || (got.is_nan() && rounded.is_nan()) {
        return 0.0;
    }
    let spacing = f64::from(rounded.abs().next_up()) - f64::from(rounded.abs());
    let error = (f64::from(got) - exact).abs() / spacing;
    if error.is_nan() { f64::INFINITY } else { error }
}

/// The largest error over every `step`th float of both signs and over the special values, and where it is.
fn worst(f: impl Fn(f32) -> f32, exact: fn(f64) -> f64, step: usize) -> (f64, f32) {
    let edges = [f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1.0, -1.0, f32::MAX, f32::MIN, f32::NAN];
    let all = (0..=u32::MAX).step_by(step).map(f32::from_bits);
    all.chain(edges)
        .map(|x| (ulps(f(x), exact(f64::from(x))), x))
        .fold((0.0, 0.0), |worst, here| if here.0 > worst.0 { here } else { worst })
}

fn assert_bounds(step: usize) {
    let wrong: Vec<_> = BOUNDS
        .iter()
        .map(|&(name, f, exact, bound)| (name, worst(f, exact, step), bound))
        .filter(|(_, (error, _), bound)| error > bound)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn errors_are_within_their_bounds() {
    assert_bounds(997);
}

#[test]
#[ignore = "2³² floats and ten functions: half an hour"]
fn errors_are_within_their_bounds_at_every_float() {
    assert_bounds(1);
}

#[test]
fn an_error_of_three_ulps_is_rejected() {
    let off = |x: f32| f32::from_bits(exp_f32(x).to_bits() + 3);
    assert!(worst(off, libm::exp, 997).0 > 1.1);
    assert_eq!(worst(|_| f32::NAN, libm::exp, 997).0, f64::INFINITY);
}

#[test]
fn the_sign_of_zero_is_kept_and_results_are_in_range() {
    for f in [exp_m1_f32, ln_1p_f32, sin_f32, tanh_f32, erf_f32] {
        assert_eq!((f(-0.0).to_bits(), f(0.0).to_bits()), ((-0.0_f32).to_bits(), 0));
    }
    for x in (0..=u32::MAX).step_by(997).map(f32::from_bits).filter(|x| !x.is_nan()) {
        let bounded = [tanh_f32, erf_f32, sin_f32, cos_f32].map(|f| f(x));
        assert!(bounded.iter().all(|y| y.abs() <= 1.0 || y.is_nan() && x.is_infinite()), "{x:e}");
        assert!((0.0..=1.0).contains(&normal_f32(x).0), "{x:e}");
    }
}
