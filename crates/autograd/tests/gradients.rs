//! Every op against central differences, at random shapes and values; and planted errors.

use autograd::check::{GradErrorKind, gradcheck};
use autograd::{Activation, BatchStatistics, CrossEntropy, Reduction, Tape, Tensor, Var};
use proptest::prelude::*;

/// A tensor of the given shape with values in −2..2.
fn filled(shape: &[usize]) -> impl Strategy<Value = Tensor<f64>> + use<> {
    let shape = shape.to_vec();
    let count = shape.iter().product::<usize>();
    prop::collection::vec(-2.0..2.0, count).prop_map(move |data| Tensor::from_vec(data, &*shape).unwrap())
}

/// A matrix, possibly empty or of one row or column.
fn matrix() -> impl Strategy<Value = Tensor<f64>> {
    (0..5_usize, 0..5_usize).prop_flat_map(|(m, n)| filled(&[m, n]))
}

/// Two matrices of the same shape.
fn pair() -> impl Strategy<Value = [Tensor<f64>; 2]> {
    (0..5_usize, 0..5_usize).prop_flat_map(|(m, n)| [filled(&[m, n]), filled(&[m, n])])
}

/// A matrix `[m, n]`, a row `[n]`, another, and a column `[m]`.
fn with_row_and_column() -> impl Strategy<Value = [Tensor<f64>; 4]> {
    (0..5_usize, 0..5_usize)
        .prop_flat_map(|(m, n)| [filled(&[m, n]), filled(&[n]), filled(&[n]), filled(&[m])])
}

/// The values halved, and raised by 3 in a checkerboard pattern. Neighbours differ by at least 1, so that no standard
/// deviation of several values is near 0.
fn checkered(x: &Tensor<f64>) -> Tensor<f64> {
    let columns = x.shape().dims()[1].max(1);
    let mut x = x.scale(0.5);
    let raise = |(i, x): (usize, &mut f64)| *x += 3.0 * ((i / columns + i % columns) % 2) as f64;
    x.data_mut().iter_mut().enumerate().for_each(raise);
    x
}

/// The two ranges on either side of a cut of `0..size`.
fn cut(size: usize, at: f64) -> [std::ops::Range<usize>; 2] {
    let at = (at * (size + 1) as f64) as usize;
    [0..at, at..size]
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
    fn quotients_powers_and_roots([x, y] in pair(), factor in -3.0..3.0) {
        // Away from the pole at 0, and positive for logarithms and roots.
        let away = y.map(|y| if y < 0.0 { y - 0.5 } else { y + 0.5 });
        check(|_, v| v[0] / v[1], &[x.clone(), away.clone()])?;
        check(|_, v| v[0].div_scalar(factor + 4.0), std::slice::from_ref(&x))?;
        check(|_, v| v[0].rsub(factor) * v[1].rdiv(factor), &[x.clone(), away.clone()])?;
        check(|_, v| v[0].powf(-2.0) + v[0].powf(3.0) + v[0].powf(1.0) + v[0].powf(0.0), std::slice::from_ref(&away))?;
        let above = away.map(f64::abs);
        check(|_, v| v[0].ln() * v[0].sqrt() + v[0].powf(2.5), &[above])?;
        check(|_, v| v[0].exp().add_scalar(factor), &[x])?;
    }

    #[test]
    fn ops_with_kinks([x, y] in pair()) {
        // The kinks are at −1, 0, 1 and x = y. Values are moved away from them by more than the widest stencil, four
        // steps.
        let x = x.map(|x| if (x - x.round()).abs() < 0.02 { x.round() + 0.02 } else { x });
        let y = x.zip("apart", &y, |x, y| if (x - y).abs() < 0.05 { x + 0.05 } else { y });
        check(|_, v| v[0].abs() + v[0].clamp(-1.0, 1.0), std::slice::from_ref(&x))?;
        check(|_, v| v[0].maximum(v[1]) * v[0].minimum(v[1]), &[x.clone(), y.clone()])?;
        check(|_, v| v[0].maximum(v[1]), &[x.clone(), y.clone()])?;
        check(|_, v| v[0].minimum(v[1]), &[x, y])?;
    }

    #[test]
    fn broadcasts([x, row, _, column] in with_row_and_column()) {
        check(|_, v| v[0].add_row(v[1]), &[x.clone(), row.clone()])?;
        check(|_, v| v[0].mul_row(v[1]), &[x.clone(), row])?;
        check(|_, v| v[0].add_column(v[1]), &[x.clone(), column.clone()])?;
        check(|_, v| v[0].mul_column(v[1]), &[x, column])?;
    }

    #[test]
    fn layouts([x, y] in pair(), at in 0.0..1.0) {
        let (m, n) = x.shape().matrix().unwrap();
        let ([top, bottom], [left, right]) = (cut(m, at), cut(n, at));
        let one = std::slice::from_ref(&x);
        check(|_, v| v[0].reshape([n * m]), one)?;
        check(|_, v| v[0].transpose(), one)?;
        check(|_, v| v[0].slice_rows(bottom.clone()), one)?;
        check(|_, v| v[0].slice_columns(right.clone()), one)?;
        check(|_, v| Var::concat_rows(&[v[0].slice_rows(top.clone()), v[1], v[0]]), &[x.clone(), y.clone()])?;
        check(|_, v| Var::concat_columns(&[v[0].slice_columns(left.clone()), v[1], v[0]]), &[x, y])?;
    }

    #[test]
    fn every_activation(x in matrix()) {
        for activation in Activation::ALL {
            // Values near a kink are skipped: the widest stencil is four steps of 1e-3.
            let near = |x: &f64| activation.kinks().iter().any(|kink| (x - kink).abs() < 0.01);
            if !x.data().iter().any(near) {
                check(|_, v| v[0].activation(activation), std::slice::from_ref(&x))?;
            }
        }
    }

    #[test]
    fn products((x, w, b) in layer()) {
        check(|_, v| v[0].matmul(v[1]), &[x.clone(), w.clone()])?;
        check(|_, v| v[0].matmul_nt(v[1]), &[x.clone(), w.transpose()])?;
        check(|_, v| v[0].matmul_tn(v[1]), &[x.transpose(), w.clone()])?;
        check(|_, v| v[0].matmul_tt(v[1]), &[x.transpose(), w.transpose()])?;
        check(|_, v| v[0].linear(v[1], v[2]), &[x, w, b])?;
    }

    #[test]
    fn lookups_with_repeated_indices(table in filled(&[4, 3]), indices in prop::collection::vec(0..4_usize, 0..9)) {
        check(|_, v| v[0].gather(&indices), &[table])?;
    }

    #[test]
    fn reductions(x in matrix()) {
        check(|_, v| v[0].sum(), std::slice::from_ref(&x))?;
        // The mean of no values is NaN, without a slope.
        if !x.data().is_empty() {
            check(|_, v| v[0].mean(), &[x])?;
        }
    }

    #[test]
    fn sums_along_an_axis(x in matrix()) {
        let one = std::slice::from_ref(&x);
        check(|_, v| v[0].sum_rows(), one)?;
        check(|_, v| v[0].sum_columns(), one)?;
        // Means of no values are NaN, without a slope.
        if !x.data().is_empty() {
            check(|_, v| v[0].mean_rows(), one)?;
            check(|_, v| v[0].mean_columns(), one)?;
        }
    }

    #[test]
    fn variances_and_deviations(
        x in (2..5_usize, 2..5_usize).prop_flat_map(|(m, n)| filled(&[m, n])), correction in 0..2_usize,
    ) {
        let x = &[checkered(&x)];
        check(|_, v| v[0].var(correction), x)?;
        check(|_, v| v[0].var_rows(correction), x)?;
        check(|_, v| v[0].var_columns(correction), x)?;
        check(|_, v| v[0].std(correction), x)?;
        check(|_, v| v[0].std_rows(correction), x)?;
        check(|_, v| v[0].std_columns(correction), x)?;
    }

    /// A single row or column: the variance of one value is 0 for any value.
    #[test]
    fn variances_of_one_row_or_column(x in (1..7_usize).prop_flat_map(|n| filled(&[1, n]))) {
        for x in [checkered(&x), checkered(&x).transpose()] {
            let one = std::slice::from_ref(&x);
            check(|_, v| v[0].var(0), one)?;
            check(|_, v| v[0].var_rows(0), one)?;
            check(|_, v| v[0].var_columns(0), one)?;
            if x.data().len() > 1 {
                check(|_, v| v[0].std(1), one)?;
                check(|_, v| if x.shape().dims()[0] == 1 { v[0].std_columns(1) } else { v[0].std_rows(1) }, one)?;
            }
        }
    }

    /// Ops and pullbacks accept tensors without values.
    #[test]
    fn empty_tensors(n in 0..5_usize, correction in 0..2_usize) {
        for empty in [Tensor::zeros([0, n]), Tensor::zeros([n, 0])] {
            let tape = Tape::<f64>::new();
            let x = tape.leaf(empty.clone());
            for loss in [x.mean(), x.var(correction), x.std(correction), x.mse(x)] {
                prop_assert!(loss.value().item().is_nan());
                prop_assert_eq!(loss.backward().get(x).cloned(), Some(empty.clone()));
            }
            for y in [x.mean_rows(), x.mean_columns(), x.var_columns(correction), x.std_rows(correction)] {
                prop_assert_eq!(y.sum().backward().get(x).cloned(), Some(empty.clone()));
            }
        }
        let none = [Tensor::zeros([0, n])];
        for smoothing in [0.0, 0.5, 1.0] {
            let options = CrossEntropy { reduction: Reduction::Sum, smoothing, ..CrossEntropy::default() };
            check(|_, v| v[0].cross_entropy_with(&[], options), &none)?;
        }
    }

    #[test]
    fn softmax_of_rows(x in matrix()) {
        check(|_, v| v[0].softmax(), std::slice::from_ref(&x))?;
        check(|_, v| v[0].log_softmax(), &[x])?;
    }

    #[test]
    fn losses(
        (logits, targets) in (1..5_usize, 1..5_usize).prop_flat_map(|(m, n)| {
            (filled(&[m, n]), prop::collection::vec(0..n, m))
        }),
        smoothing in 0.0..=1.0,
        reduction in prop::sample::select(&[Reduction::Mean, Reduction::Sum][..]),
    ) {
        let options = CrossEntropy { reduction, smoothing, ..CrossEntropy::default() };
        check(|_, v| v[0].cross_entropy_with(&targets, options), std::slice::from_ref(&logits))?;
        check(|_, v| v[0].mse(v[1]), &[logits.scale(0.7), logits])?;
    }

    #[test]
    fn normalisation([x, gamma, beta, _] in with_row_and_column()) {
        let running = BatchStatistics { mean: beta.clone(), variance: gamma.map(|x| x * x) };
        let x = checkered(&x);
        let inputs = [x.clone(), gamma.clone(), beta];
        // A large ε keeps the curvature of 1/√(x² + ε) small if a single value is near 0.
        check(|_, v| v[0].layer_norm(v[1], v[2], 0.5), &inputs)?;
        check(|_, v| v[0].batch_norm(v[1], v[2], 0.5).0, &inputs)?;
        check(|_, v| v[0].batch_norm_running(v[1], v[2], &running, 0.5), &inputs)?;
        check(|_, v| v[0].rms_norm(v[1], 0.5), &[x, gamma])?;
    }

    #[test]
    fn dropout(x in matrix(), mask in prop::collection::vec(any::<bool>(), 16), p in 0.0..0.9) {
        let keep = &mask[..x.data().len()];
        check(|_, v| v[0].dropout(keep, p), &[x])?;
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
        activation in prop::sample::select(&[Activation::Tanh, Activation::Gelu, Activation::Softplus(1.0)][..]),
    ) {
        let (inputs, targets): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        check(
            |_, v| {
                let hidden = v[0].gather(&inputs).linear(v[1], v[2]).activation(activation);
                let skip = hidden * hidden + hidden;
                skip.matmul(v[3]).cross_entropy(&targets)
            },
            // They are halved, because the fifth derivative grows with the fifth power of the weights.
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
    fn a_kink_inside_the_stencil_is_reported(at in 0.0..1e-4) {
        let x = Tensor::from_vec(vec![1.0, at], [2]).unwrap();
        let error = gradcheck(|_, v| v[0].activation(Activation::Relu), &[x]).unwrap_err();
        prop_assert_eq!((error.kind, error.entry), (GradErrorKind::NotSmooth, 1));
    }
}

#[test]
fn a_missing_pullback_is_rejected() {
    let x = Tensor::from_vec(vec![0.5], [1]).unwrap();
    let wrong = gradcheck(|tape, v| tape.leaf(v[0].value().map(f64::exp)), &[x]);
    assert_eq!(wrong.unwrap_err().analytic, 0.0);
}
