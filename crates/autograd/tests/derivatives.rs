//! Forward mode, Jacobians and second order, against reverse mode and finite differences.

use autograd::{Activation, Dual, Real, Tape, Tensor, Var, hvp, jvp};
use proptest::prelude::*;

fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Tensor<f64>> {
    prop::collection::vec(-1.5..1.5, rows * columns)
        .prop_map(move |data| Tensor::from_vec(data, [rows, columns]).unwrap())
}

/// A small, smooth classifier on three rows, for any number type.
fn network<'t, T: Real>(f: Activation, x: &[Var<'t, T>]) -> Var<'t, T> {
    let hidden = x[0].gather(&[0, 2, 0]).linear(x[1], x[2]).activation(f);
    (hidden + hidden * hidden).matmul(x[3]).scale(0.7).cross_entropy(&[1, 0, 1])
}

fn inputs() -> impl Strategy<Value = [Tensor<f64>; 4]> {
    let bias = prop::collection::vec(-1.0..1.0, 4).prop_map(|data| Tensor::from_vec(data, [4]).unwrap());
    (matrix(3, 2), matrix(2, 4), bias, matrix(4, 2)).prop_map(|(a, b, c, d)| [a, b, c, d])
}

const SMOOTH: [Activation; 6] = [
    Activation::Tanh,
    Activation::Sigmoid,
    Activation::Gelu,
    Activation::Silu,
    Activation::Softplus(1.0),
    Activation::Erf,
];

fn gradient(f: Activation, inputs: &[Tensor<f64>]) -> Vec<Tensor<f64>> {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|x| tape.leaf(x.clone())).collect();
    let grads = network(f, &vars).backward();
    vars.iter().map(|&var| grads.get(var).unwrap().clone()).collect()
}

fn dot(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).flat_map(|(a, b)| a.data().iter().zip(b.data())).map(|(x, y)| x * y).sum()
}

/// True if a and b are equal within the rounding of a few hundred operations on numbers of size `scale`.
fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + scale)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// `⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩`: forward and reverse mode compute the same number.
    #[test]
    fn forward_mode_agrees_with_reverse_mode(x in inputs(), v in inputs(), at in 0..SMOOTH.len()) {
        let f = SMOOTH[at];
        let (_, slope) = jvp(|_, x| network(f, x), &x, &v);
        let reverse = dot(&gradient(f, &x), &v);
        prop_assert!(close(slope.item(), reverse, reverse.abs()), "{} and {}", slope.item(), reverse);
        let (_, wrong) = jvp(|_, x| network(f, x).scale(1.001), &x, &v);
        prop_assert!(reverse.abs() < 1e-8 || !close(wrong.item(), reverse, reverse.abs()));
    }

    /// The Hessian is symmetric, `⟨w, H·v⟩ = ⟨v, H·w⟩`, and equals finite differences of the gradient.
    #[test]
    fn the_hessian_is_symmetric_and_the_derivative_of_the_gradient(
        x in inputs(), v in inputs(), w in inputs(), at in 0..SMOOTH.len(),
    ) {
        let f = SMOOTH[at];
        let (same, hv) = hvp(|_, x| network(f, x), &x, &v);
        let (_, hw) = hvp(|_, x| network(f, x), &x, &w);
        let (left, right) = (dot(&w, &hv), dot(&v, &hw));
        prop_assert!(close(left, right, left.abs() + right.abs()), "{left} and {right}");
        for (a, b) in same.iter().zip(&gradient(f, &x)) {
            prop_assert!(a.data().iter().zip(b.data()).all(|(x, y)| close(*x, *y, y.abs())));
        }
        // The error of a central difference of the gradient: truncation h²/6·f⁗, rounding ε/h.
        let h = 1e-4;
        let moved = |sign: f64| -> Vec<_> { x.iter().zip(&v).map(|(x, v)| x.add(&v.scale(sign * h))).collect() };
        let difference = (dot(&gradient(f, &moved(1.0)), &w) - dot(&gradient(f, &moved(-1.0)), &w)) / (2.0 * h);
        prop_assert!((difference - left).abs() < 1e-4 * (1.0 + left.abs()), "{difference} and {left}");
    }

    #[test]
    fn rows_of_the_jacobian_are_gradients(x in matrix(2, 3), w in matrix(3, 2)) {
        let tape = Tape::new();
        let (x, w) = (tape.leaf(x), tape.leaf(w));
        let y = x.matmul(w).activation(Activation::Tanh);
        let jacobian = y.jacobian(w);
        prop_assert_eq!(jacobian.shape().dims(), [4, 6]);
        let summed = y.sum().backward();
        let total = jacobian.sum_rows();
        let gradient = summed.get(w).unwrap();
        prop_assert!(total.data().iter().zip(gradient.data()).all(|(a, b)| close(*a, *b, b.abs())));
        prop_assert_eq!(x.jacobian(w), Tensor::zeros([6, 6]));
    }
}

/// The singular values of a linear network of 30 layers are all 1 if its weights are rotations, which is dynamical
/// isometry (Saxe et al. 2014). With shears, whose determinant is 1 too, they spread.
#[test]
fn with_rotations_every_singular_value_is_one() {
    let input_output = |weight: &Tensor<f64>| {
        let tape = Tape::new();
        let x = tape.leaf(Tensor::full([1, 2], 0.3));
        let w = tape.leaf(weight.clone());
        let y = (0..30).fold(x, |h, _| h.matmul(w));
        y.jacobian(x).singular_values()
    };
    let (sin, cos) = 0.7_f64.sin_cos();
    let rotation = Tensor::from_vec(vec![cos, -sin, sin, cos], [2, 2]).unwrap();
    assert!(input_output(&rotation).iter().all(|s| (s - 1.0).abs() < 1e-13));
    let shear = Tensor::from_vec(vec![1.0, 0.5, 0.0, 1.0], [2, 2]).unwrap();
    let values = input_output(&shear);
    assert!(values[0] > 15.0 && values[1] < 1.0 / 15.0, "{values:?}");
}

fn row(data: &[f64]) -> Tensor<f64> {
    Tensor::from_vec(data.to_vec(), [data.len()]).unwrap()
}

/// The curvature of `gelu_tanh` at 0 is √(2/π), and at a tie each operand gives half of its slope.
#[test]
fn a_slope_is_kept_at_zero_at_ties_and_lost_at_bounds() {
    let (_, curvature) =
        hvp(|_, x| x[0].activation(Activation::GeluTanh).sum(), &[row(&[0.0])], &[row(&[1.0])]);
    assert!((curvature[0].item() - (2.0 / std::f64::consts::PI).sqrt()).abs() < 1e-15);
    let (ties, slopes) = ([row(&[0.0, 1.0]), row(&[0.0, 1.0])], [row(&[1.0, 1.0]), row(&[3.0, 5.0])]);
    assert_eq!(jvp(|_, x| x[0].maximum(x[1]), &ties, &slopes).1.data(), [2.0, 3.0]);
    assert_eq!(jvp(|_, x| x[0].minimum(x[1]), &ties, &slopes).1.data(), [2.0, 3.0]);
    let (at, one) = ([row(&[-1.0, 1.0, 0.5])], [row(&[1.0; 3])]);
    assert_eq!(jvp(|_, x| x[0].clamp(-1.0, 1.0), &at, &one).1.data(), [0.0, 0.0, 1.0]);
}

/// Dual numbers of dual numbers have second derivatives.
#[test]
fn duals_nest() {
    let x = Dual { value: Dual { value: 0.4_f64, slope: 1.0 }, slope: Dual::constant(1.0) };
    let second = (x * x * x).slope.slope;
    assert!((second - 6.0 * 0.4).abs() < 1e-15);
    let y = x.tanh();
    let t = 0.4_f64.tanh();
    assert!((y.slope.slope - -2.0 * t * (1.0 - t * t)).abs() < 1e-15);
}

#[test]
#[should_panic(expected = "jvp: input 0 has shape [2], but its direction has shape [3]")]
fn a_direction_has_the_shape_of_its_input() {
    let _ = jvp(|_, x| x[0], &[Tensor::<f64>::zeros([2])], &[Tensor::zeros([3])]);
}

#[test]
#[should_panic(expected = "hvp: got 1 inputs and 0 directions; expected one direction per input")]
fn every_input_has_a_direction() {
    let _ = hvp(|_, x| x[0].sum(), &[Tensor::<f64>::zeros([2])], &[]);
}
