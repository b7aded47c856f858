//! The gradient checks themselves: correct ops must pass both, and planted errors must fail both.

use autograd::check::{GradError, GradErrorKind, gradcheck, gradcheck_projected};
use autograd::{Activation, Tape, Tensor, Var};
use proptest::prelude::*;

/// Pseudo-random values in −1..1.
fn noise(shape: [usize; 2]) -> Tensor<f64> {
    let value = |i: usize| (i as f64 * 12.9898).sin() * 43_758.545_3;
    let data = (0..shape[0] * shape[1]).map(|i| 2.0 * value(i).rem_euclid(1.0) - 1.0).collect();
    Tensor::from_vec(data, shape).unwrap()
}

/// The result of both checks, which must find the same kind of error.
fn checked(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), GradError> {
    let (each, along) = (gradcheck(&f, inputs), gradcheck_projected(&f, inputs));
    assert_eq!(each.map_err(|e| e.kind), along.clone().map_err(|e| e.kind));
    along
}

/// The error found in `sin x` when `plant` alters its exact cotangent.
fn error_of(x: &Tensor<f64>, plant: fn(Tensor<f64>) -> Tensor<f64>) -> GradError {
    let op = Sine(plant);
    checked(|tape, v| op.record(tape, v[0]), std::slice::from_ref(x)).unwrap_err()
}

struct Sine(fn(Tensor<f64>) -> Tensor<f64>);

impl Sine {
    fn record<'t>(&self, tape: &'t Tape<f64>, x: Var<'t, f64>) -> Var<'t, f64> {
        let (value, plant) = (x.value(), self.0);
        tape.record("sine", [x], value.map(f64::sin), move |g| [plant(g.mul(&value.map(f64::cos)))])
    }
}

/// The tensor with one of its entries changed.
fn edited(mut x: Tensor<f64>, entry: usize, edit: fn(f64) -> f64) -> Tensor<f64> {
    let old = x.data()[entry];
    x.data_mut()[entry] = edit(old);
    x
}

#[test]
fn a_correct_pullback_passes() {
    let op = Sine(|g| g);
    checked(|tape, v| op.record(tape, v[0]), &[noise([7, 9])]).unwrap();
    checked(|tape, v| op.record(tape, v[0]), &[Tensor::zeros([0, 3])]).unwrap();
}

#[test]
fn planted_errors_are_located() {
    type Plant = fn(Tensor<f64>) -> Tensor<f64>;
    let x = noise([8, 8]);
    let plants: [(&str, Plant, Option<usize>); 7] = [
        ("a wrong factor", |g| g.scale(1.001), None),
        ("a wrong sign", |g| g.scale(-1.0), None),
        ("a gradient that is 0", |g| g.scale(0.0), None),
        ("one wrong entry among many", |g| edited(g, 37, |x| x * 1.0001), Some(37)),
        ("one forgotten entry", |g| edited(g, 11, |_| 0.0), Some(11)),
        ("one NaN", |g| edited(g, 5, |_| f64::NAN), Some(5)),
        ("a transposed cotangent", |g| g.transpose(), None),
    ];
    for (name, plant, entry) in plants {
        let error = error_of(&x, plant);
        assert_eq!((error.kind, error.op, error.input), (GradErrorKind::Mismatch, "sine", 0), "{name}");
        assert!(entry.is_none_or(|entry| entry == error.entry), "{name}: {error}");
        assert!(
            (error.analytic - error.numeric).abs() > error.tolerance || error.analytic.is_nan(),
            "{name}"
        );
    }
}

/// `x + x` without the cotangent of the second x, and a product whose two cotangents are exchanged.
#[test]
fn missing_and_exchanged_cotangents_are_rejected() {
    let forgotten = checked(
        |tape, v| {
            let x = v[0].value();
            tape.record("double", [v[0], v[0]], x.add(&x), |g| [g.clone(), g.scale(0.0)])
        },
        &[noise([3, 4])],
    );
    assert_eq!(forgotten.unwrap_err().op, "double");
    let exchanged = checked(
        |tape, v| {
            let (x, y) = (v[0].value(), v[1].value());
            tape.record("mul", [v[0], v[1]], x.mul(&y), move |g| [g.mul(&x), g.mul(&y)])
        },
        &[noise([3, 4]), noise([3, 4]).scale(0.3)],
    );
    assert_eq!(exchanged.unwrap_err().op, "mul");
}

#[test]
fn the_error_has_op_input_entry_and_both_slopes() {
    let error = gradcheck_projected(
        |tape, v| {
            let (x, y) = (v[0].value(), v[1].value());
            let wrong = edited(x.clone(), 2, |x| x + 1.0);
            tape.record("mul", [v[0], v[1]], x.mul(&y), move |g| [g.mul(&y), g.mul(&wrong)])
        },
        &[Tensor::full([1, 4], 0.5), Tensor::full([1, 4], 0.25)],
    )
    .unwrap_err();
    assert_eq!((error.input, error.entry), (1, 2));
    assert!((error.analytic / error.numeric - 3.0).abs() < 1e-9, "{error}");
    assert!(error.to_string().starts_with("mul: input 1, entry 2: backward gives "), "{error}");
}

#[test]
fn a_kink_inside_the_stencil_is_not_smooth() {
    let x = edited(noise([6, 6]).map(|x| x + 3.0), 20, |_| 1e-5);
    let error = checked(|_, v| v[0].activation(Activation::Relu), &[x]).unwrap_err();
    assert_eq!((error.kind, error.entry), (GradErrorKind::NotSmooth, 20));
}

/// Central differences at 0 are 0 for |x| and ½ for ReLU with any step.
#[test]
fn a_kink_at_the_point_itself_is_not_smooth() {
    type Kinked = for<'t> fn(Var<'t, f64>) -> Var<'t, f64>;
    let kinked: [(f64, Kinked); 7] = [
        (0.0, |x| x.abs()),
        (0.0, |x| x.activation(Activation::Relu)),
        (0.0, |x| x.activation(Activation::Selu)),
        // Its curvature jumps, which is detected with any step.
        (0.0, |x| x.activation(Activation::Elu(1.0))),
        (1.0, |x| x.activation(Activation::HardTanh)),
        (-0.5, |x| x.clamp(-0.5, 0.5)),
        (2.0, |x| x.maximum(x.scale(2.0) - 2.0)),
    ];
    for (at, f) in kinked {
        let (x, y) = (Tensor::full([4, 5], 3.0 + at), Tensor::scalar(at).reshape([1, 1]));
        let [above, below] = [x.slice_rows(0..2), x.slice_rows(2..4)].map(|x| x.reshape([10, 1]));
        let x = Tensor::concat_rows(&[above, y, below]);
        let error = checked(|_, v| f(v[0]), std::slice::from_ref(&x)).unwrap_err();
        assert_eq!((error.kind, error.entry), (GradErrorKind::NotSmooth, 10), "{error}");
        checked(|_, v| f(v[0].scale(1.1) + 0.1), &[x]).unwrap();
    }
}

/// Values that are not finite, or that f does not depend on, do not enlarge the tolerance.
#[test]
fn an_infinite_or_huge_value_elsewhere_does_not_excuse_an_error() {
    let wrong = Sine(|g| g.scale(1.0001));
    for aside in [f64::INFINITY, f64::NAN] {
        let error = checked(
            |tape, v| {
                let masked = tape.leaf(Tensor::full([2, 2], aside)).dropout(&[false; 4], 0.5);
                wrong.record(tape, v[0]) + masked
            },
            &[noise([2, 2])],
        );
        assert_eq!(error.unwrap_err().kind, GradErrorKind::Mismatch);
    }
    let right = Sine(|g| g);
    for (op, passes) in [(wrong, false), (right, true)] {
        let found = checked(
            |tape, v| {
                _ = v[0].scale(1e200);
                op.record(tape, v[0])
            },
            &[noise([2, 2])],
        );
        assert_eq!(found.is_ok(), passes);
    }
}

/// Added to 10¹⁵, a sine is rounded to eighths, so no slope can be measured.
#[test]
fn a_slope_hidden_by_rounding_does_not_pass() {
    for op in [Sine(|g| g), Sine(|g| g.scale(-3.0))] {
        let found = checked(|tape, v| op.record(tape, v[0]) + 1e15 - 1e15, &[noise([2, 2])]);
        assert_eq!(found.unwrap_err().kind, GradErrorKind::NotSmooth);
    }
}

/// A layer with 120,200 inputs; entry by entry it would take three quarters of a million evaluations.
#[test]
fn large_inputs_cost_six_evaluations() {
    let calls = std::cell::Cell::new(0);
    let inputs = [noise([100, 400]), noise([400, 200]).scale(0.05), noise([1, 200]).reshape([200])];
    gradcheck_projected(
        |_, v| {
            calls.set(calls.get() + 1);
            v[0].linear(v[1], v[2]).activation(Activation::Tanh)
        },
        &inputs,
    )
    .unwrap();
    assert_eq!(calls.get(), 7, "one evaluation for the gradient, six for differences");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A relative error of 1e-6 in any one of up to 400 entries.
    #[test]
    fn one_entry_off_by_a_millionth_is_located(m in 1..20_usize, n in 1..20_usize, at: prop::sample::Index) {
        let (x, entry) = (noise([m, n]), at.index(m * n));
        let error = gradcheck_projected(|tape, v| {
            let x = v[0].value();
            tape.record("sine", [v[0]], x.map(f64::sin), move |g| {
                let mut cotangent = g.mul(&x.map(f64::cos));
                cotangent.data_mut()[entry] *= 1.0 + 1e-6;
                [cotangent]
            })
        }, &[x]).unwrap_err();
        prop_assert_eq!((error.kind, error.entry), (GradErrorKind::Mismatch, entry));
    }
}
