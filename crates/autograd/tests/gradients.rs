//! Every op against central differences, over random shapes and values, and planted errors.

use autograd::check::{GradErrorKind, gradcheck};
use autograd::{Tape, Var};
use proptest::prelude::*;
use tensor::{Activation, Tensor};

/// A tensor of the given shape with values in −2..2.
fn filled(shape: &[usize]) -> impl Strategy<Value = Tensor<f64>> + use<> {
    let shape = shape.to_vec();
    let count = shape.iter().product::<usize>();
    prop::collection::vec(-2.0..2.0, count).prop_map(move |data| Tensor::from_vec(data, &*shape).unwrap())
}

/// One matrix, empty and one-row and one-column ones included.
fn matrix() -> impl Strategy<Value = Tensor<f64>> {
    (0..5_usize, 0..5_usize).prop_flat_map(|(m, n)| filled(&[m, n]))
}

/// Two matrices of one shape.
fn pair() -> impl Strategy<Value = [Tensor<f64>; 2]> {
    (0..5_usize, 0..5_usize).prop_flat_map(|(m, n)| [filled(&[m, n]), filled(&[m, n])])
}

/// `x [m, k]`, `w [k, n]`, `b [n]`.
fn layer() -> impl Strategy<Value = (Tensor<f64>, Tensor<f64>, Tensor<f64>)> {
    (0..5_usize, 0..5_usize, 0..5_usize)
        .prop_flat_map(|(m, k, n)| (filled(&[m, k]), filled(&[k, n]), filled(&[n])))
}

fn check(
    f: impl for<'t> Fn(&'t Tape<f64>, &[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
) -> Result<(), TestCaseError> {
    gradcheck(f, inputs).map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elementwise_ops([x, y] in pair(), factor in -3.0..3.0) {
        check(|_, v| v[0] + v[1], &[x.clone(), y.clone()])?;
        check(|_, v| v[0] - v[1], &[x.clone(), y.clone()])?;
        check(|_, v| v[0] * v[1], &[x.clone(), y.clone()])?;
        check(|_, v| v[0] * v[0] + v[0], std::slice::from_ref(&x))?;
        check(|_, v| -v[0], std::slice::from_ref(&x))?;
        check(|_, v| v[0].scale(factor), &[x])?;
    }

    #[test]
    fn every_activation(x in matrix()) {
        // Away from the kink at 0 by more than the widest stencil, four steps.
        prop_assume!(x.data().iter().all(|x| x.abs() > 0.01));
        for activation in Activation::ALL {
            check(|_, v| v[0].activation(activation), std::slice::from_ref(&x))?;
        }
    }

    #[test]
    fn products((x, w, b) in layer()) {
        check(|_, v| v[0].matmul(v[1]), &[x.clone(), w.clone()])?;
        check(|_, v| v[0].linear(v[1], v[2]), &[x, w, b])?;
    }

    #[test]
    fn lookups_with_repeated_indices(table in filled(&[4, 3]), indices in prop::collection::vec(0..4_usize, 0..9)) {
        check(|_, v| v[0].gather(&indices), &[table])?;
    }

    #[test]
    fn reductions(x in (1..5_usize, 1..5_usize).prop_flat_map(|(m, n)| filled(&[m, n]))) {
        check(|_, v| v[0].sum(), std::slice::from_ref(&x))?;
        check(|_, v| v[0].mean(), &[x])?;
    }

    #[test]
    fn cross_entropy((logits, targets) in (1..5_usize, 1..5_usize).prop_flat_map(|(m, n)| {
        (filled(&[m, n]), prop::collection::vec(0..n, m))
    })) {
        check(|_, v| v[0].scale(4.0).cross_entropy(&targets), &[logits])?;
    }

    #[test]
    fn whole_networks(
        (table, w1, b1, w2) in (1..4_usize, 1..6_usize)
            .prop_flat_map(|(e, h)| (filled(&[5, e]), filled(&[e, h]), filled(&[h]), filled(&[h, 3]))),
        rows in prop::collection::vec((0..5_usize, 0..3_usize), 1..8),
        activation in prop::sample::select(&[Activation::Tanh, Activation::Gelu, Activation::Softplus][..]),
    ) {
        let (inputs, targets): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        check(
            |_, v| {
                let hidden = v[0].gather(&inputs).linear(v[1], v[2]).activation(activation);
                let skip = hidden * hidden + hidden;
                skip.matmul(v[3]).cross_entropy(&targets)
            },
            // Halved: the fifth derivative grows with the fifth power of the weights.
            &[table, w1, b1, w2].map(|x| x.scale(0.5)),
        )?;
    }

    #[test]
    fn a_gradient_off_by_one_percent_is_rejected(x in filled(&[2, 3])) {
        let wrong = gradcheck(|tape, v| {
            tape.record("wrong", [v[0]], v[0].value().map(f64::sin), {
                let x = v[0].value();
                move |g| [g.mul(&x.map(|x| 1.01 * x.cos()))]
            })
        }, std::slice::from_ref(&x));
        prop_assume!(x.data()[0].cos().abs() > 1e-3);
        let error = wrong.unwrap_err();
        prop_assert_eq!((error.kind, error.op, error.entry), (GradErrorKind::Mismatch, "wrong", 0));
    }

    #[test]
    fn a_kink_within_reach_is_reported(at in 0.0..1e-4) {
        let x = Tensor::from_vec(vec![1.0, at], [2]).unwrap();
        let error = gradcheck(|_, v| v[0].activation(Activation::Relu), &[x]).unwrap_err();
        prop_assert_eq!((error.kind, error.entry), (GradErrorKind::NotSmooth, 1));
    }
}

#[test]
fn a_forgotten_pullback_is_rejected() {
    let x = Tensor::from_vec(vec![0.5], [1]).unwrap();
    let wrong = gradcheck(|tape, v| tape.leaf(v[0].value().map(f64::exp)), &[x]);
    assert_eq!(wrong.unwrap_err().analytic, 0.0);
}
