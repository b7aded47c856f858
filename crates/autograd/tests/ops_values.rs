//! The values of ops against their definitions; adjoints; panics; NaN, infinities and kinks.

use autograd::{
    Activation, BatchStatistics, CrossEntropy, Dual, Real, Reduction, Tape, Tensor, Var, hvp, jvp,
};
use proptest::prelude::*;

fn filled(shape: &[usize]) -> impl Strategy<Value = Tensor<f64>> + use<> {
    let shape = shape.to_vec();
    let count = shape.iter().product::<usize>();
    prop::collection::vec(-2.0..2.0, count).prop_map(move |data| Tensor::from_vec(data, &*shape).unwrap())
}

/// Two matrices of the same shape, and a row and a column that fit them; none is empty.
fn operands() -> impl Strategy<Value = [Tensor<f64>; 4]> {
    (1..6_usize, 1..6_usize)
        .prop_flat_map(|(m, n)| [filled(&[m, n]), filled(&[m, n]), filled(&[n]), filled(&[m])])
}

fn row(data: &[f64]) -> Tensor<f64> {
    Tensor::from_vec(data.to_vec(), [1, data.len()]).unwrap()
}

/// The rows of a matrix.
fn rows(x: &Tensor<f64>) -> Vec<Vec<f64>> {
    x.data().chunks_exact(x.shape().dims()[1]).map(<[f64]>::to_vec).collect()
}

fn columns(x: &Tensor<f64>) -> Vec<Vec<f64>> {
    rows(&x.transpose())
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len() as f64
}

fn variance(x: &[f64], correction: usize) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (x.len() - correction) as f64
}

/// True if all values are equal within about 50 roundings of numbers of order 1 to 10. Divisors are at least √ε, with
/// the ε of the caller.
fn close(got: &[f64], want: &[f64]) -> bool {
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
    got.len() == want.len() && got.iter().zip(want).all(near)
}

/// Ops with a constant have the values of `T`'s own arithmetic with the constant rounded to `T`.
fn constants_are_rounded_once<T: Real>(x: &Tensor<f64>, c: f64) -> Result<(), TestCaseError> {
    let (tape, x, k) = (Tape::<T>::new(), x.cast::<T>(), T::of(c));
    let v = tape.leaf(x.clone());
    let clamped = |x: T| {
        if x < -k {
            -k
        } else if x > k {
            k
        } else {
            x
        }
    };
    for (got, want) in [
        (v + c, x.map(|x| x + k)),
        (v - c, x.map(|x| x - k)),
        (v * c, x.map(|x| x * k)),
        (v / c, x.map(|x| x / k)),
        (c + v, x.map(|x| k + x)),
        (c - v, x.map(|x| k - x)),
        (c * v, x.map(|x| k * x)),
        (c / v, x.map(|x| k / x)),
        (v.scale(c), x.map(|x| k * x)),
        (v.clamp(-c, c), x.map(clamped)),
    ] {
        prop_assert_eq!(got.value(), want, "{}", got.op());
    }
    Ok(())
}

/// `⟨a, b⟩`.
fn inner(a: &Tensor<f64>, b: &Tensor<f64>) -> f64 {
    a.mul(b).sum()
}

/// The value of `f`, and the cotangent of each input for the cotangent `seed` of the value.
fn pulled(
    f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>,
    inputs: &[Tensor<f64>],
    seed: &[f64],
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|x| tape.leaf(x.clone())).collect();
    let y = f(&vars);
    let grads = y.backward_from(Tensor::from_vec(seed.to_vec(), y.shape()).unwrap());
    (y.value().data().to_vec(), vars.iter().map(|&x| grads.get(x).unwrap().data().to_vec()).collect())
}

fn value(f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>, inputs: &[&Tensor<f64>]) -> Tensor<f64> {
    let tape = Tape::new();
    let vars: Vec<_> = inputs.iter().map(|&x| tape.leaf(x.clone())).collect();
    f(&vars).value()
}

fn panic_text<R>(f: impl FnOnce() -> R) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| _ = f()));
    *result.unwrap_err().downcast::<String>().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broadcasts_match_their_definitions([x, _, r, c] in operands()) {
        let n = x.shape().dims()[1];
        let by = |f: fn(f64, f64) -> f64, other: &dyn Fn(usize) -> f64| -> Tensor<f64> {
            let data = x.data().iter().enumerate().map(|(i, &x)| f(x, other(i))).collect();
            Tensor::from_vec(data, x.shape()).unwrap()
        };
        let (of_row, of_column) = (|i: usize| r.data()[i % n], |i: usize| c.data()[i / n]);
        prop_assert_eq!(value(|v| v[0].add_row(v[1]), &[&x, &r]), by(|x, y| x + y, &of_row));
        prop_assert_eq!(value(|v| v[0].mul_row(v[1]), &[&x, &r]), by(|x, y| x * y, &of_row));
        prop_assert_eq!(value(|v| v[0].add_column(v[1]), &[&x, &c]), by(|x, y| x + y, &of_column));
        prop_assert_eq!(value(|v| v[0].mul_column(v[1]), &[&x, &c]), by(|x, y| x * y, &of_column));
    }

    #[test]
    fn constants_are_plain_numbers_on_either_side([x, ..] in operands(), c in 0.5..2.0_f64) {
        constants_are_rounded_once::<f32>(&x, c)?;
        constants_are_rounded_once::<f64>(&x, c)?;
        constants_are_rounded_once::<Dual<f32>>(&x, c)?;
    }

    #[test]
    fn products_with_a_transposed_factor([x, y, ..] in operands()) {
        let (nt, tn) = (value(|v| v[0].matmul_nt(v[1]), &[&x, &y]), value(|v| v[0].matmul_tn(v[1]), &[&x, &y]));
        prop_assert!(close(nt.data(), x.matmul(&y.transpose()).data()));
        prop_assert!(close(tn.data(), x.transpose().matmul(&y).data()));
        let tt = value(|v| v[0].matmul_tt(v[1].transpose()), &[&x, &y]);
        prop_assert!(close(tt.data(), tn.data()));
    }

    #[test]
    fn statistics_match_their_definitions([x, ..] in operands(), correction in 0..2_usize) {
        let (rows, columns) = (rows(&x), columns(&x));
        let of = |parts: &[Vec<f64>], f: &dyn Fn(&[f64]) -> f64| parts.iter().map(|part| f(part)).collect::<Vec<_>>();
        prop_assert!(close(value(|v| v[0].sum_rows(), &[&x]).data(), &of(&columns, &|x| x.iter().sum())));
        prop_assert!(close(value(|v| v[0].mean_rows(), &[&x]).data(), &of(&columns, &mean)));
        prop_assert!(close(value(|v| v[0].sum_columns(), &[&x]).data(), &of(&rows, &|x| x.iter().sum())));
        prop_assert!(close(value(|v| v[0].mean_columns(), &[&x]).data(), &of(&rows, &mean)));
        prop_assume!(rows.len() > correction && columns.len() > correction);
        let spread = |x: &[f64]| variance(x, correction);
        let var = value(|v| v[0].var(correction), &[&x]).item();
        prop_assert!(close(&[var], &[spread(x.data())]));
        prop_assert!(close(value(|v| v[0].var_rows(correction), &[&x]).data(), &of(&columns, &spread)));
        prop_assert!(close(value(|v| v[0].var_columns(correction), &[&x]).data(), &of(&rows, &spread)));
        prop_assert_eq!(value(|v| v[0].std(correction), &[&x]).item(), var.sqrt());
        let squared = value(|v| v[0].std_rows(correction).powf(2.0), &[&x]);
        prop_assert!(close(squared.data(), &of(&columns, &spread)));
        let squared = value(|v| v[0].std_columns(correction).powf(2.0), &[&x]);
        prop_assert!(close(squared.data(), &of(&rows, &spread)));
    }

    #[test]
    fn softmax_matches_its_definition([x, ..] in operands()) {
        let p: Vec<f64> = rows(&x).iter().flat_map(|row| {
            let sum: f64 = row.iter().map(|x| x.exp()).sum();
            row.iter().map(|x| x.exp() / sum).collect::<Vec<_>>()
        }).collect();
        prop_assert!(close(value(|v| v[0].softmax(), &[&x]).data(), &p));
        prop_assert!(close(value(|v| v[0].log_softmax().exp(), &[&x]).data(), &p));
    }

    #[test]
    fn losses_match_their_definitions([x, y, ..] in operands(), draws in prop::collection::vec(0..60_usize, 5), smoothing in 0.0..=1.0_f64) {
        let (m, n) = x.shape().matrix().unwrap();
        let targets: Vec<_> = draws[..m].iter().map(|draw| draw % n).collect();
        let log_p = x.log_softmax_rows();
        let losses: Vec<f64> = rows(&log_p).iter().zip(&targets).map(|(row, &target)| {
            let kept = |i| if i == target { 1.0 - smoothing } else { 0.0 };
            row.iter().enumerate().map(|(i, log_p)| -(kept(i) + smoothing / n as f64) * log_p).sum()
        }).collect();
        for (reduction, want) in [(Reduction::Sum, losses.iter().sum()), (Reduction::Mean, mean(&losses))] {
            let options = CrossEntropy { reduction, smoothing, ..CrossEntropy::default() };
            prop_assert!(close(&[value(|v| v[0].cross_entropy_with(&targets, options), &[&x]).item()], &[want]));
        }
        let plain = value(|v| v[0].cross_entropy(&targets), &[&x]);
        prop_assert_eq!(value(|v| v[0].cross_entropy_with(&targets, CrossEntropy::default()), &[&x]), plain);
        let error = x.sub(&y);
        prop_assert!(close(&[value(|v| v[0].mse(v[1]), &[&x, &y]).item()], &[inner(&error, &error) / (m * n) as f64]));
    }

    #[test]
    fn norms_match_their_definitions([x, _, gamma, _] in operands(), eps in 0.1..1.0_f64) {
        let (m, n) = x.shape().matrix().unwrap();
        let beta = gamma.map(|x| 1.0 - x);
        let affine = |i: usize, x: f64| gamma.data()[i % n] * x + beta.data()[i % n];
        let normal = |part: &[f64], x: f64| (x - mean(part)) / (variance(part, 0) + eps).sqrt();
        let (rows, columns) = (rows(&x), columns(&x));
        let entries = |f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            x.data().iter().enumerate().map(|(i, &x)| f(i, x)).collect()
        };
        let layer = value(|v| v[0].layer_norm(v[1], v[2], eps), &[&x, &gamma, &beta]);
        prop_assert!(close(layer.data(), &entries(&|i, x| affine(i, normal(&rows[i / n], x)))));
        let batch = value(|v| v[0].batch_norm(v[1], v[2], eps).0, &[&x, &gamma, &beta]);
        prop_assert!(close(batch.data(), &entries(&|i, x| affine(i, normal(&columns[i % n], x)))));
        let square = |part: &[f64]| part.iter().map(|x| x * x).sum::<f64>() / n as f64;
        let rms = value(|v| v[0].rms_norm(v[1], eps), &[&x, &gamma]);
        prop_assert!(close(rms.data(), &entries(&|i, x| gamma.data()[i % n] * x / (square(&rows[i / n]) + eps).sqrt())));

        // With the batch's own mean and variance, evaluation equals training. The reported variance has the divisor m
        // − 1.
        let tape = Tape::new();
        let leaf = |x: &Tensor<f64>| tape.leaf(x.clone());
        let (_, batch_statistics) = leaf(&x).batch_norm(leaf(&gamma), leaf(&beta), eps);
        prop_assert!(m > 1 || batch_statistics.variance.data().iter().all(|x| x.is_nan()));
        prop_assume!(m > 1);
        prop_assert!(close(batch_statistics.variance.data(), &columns.iter().map(|x| variance(x, 1)).collect::<Vec<_>>()));
        let biased = BatchStatistics { variance: batch_statistics.variance.scale((m - 1) as f64 / m as f64), ..batch_statistics };
        let running = leaf(&x).batch_norm_running(leaf(&gamma), leaf(&beta), &biased, eps);
        prop_assert!(close(running.value().data(), batch.data()));
    }

    #[test]
    fn slices_concatenate_to_the_whole([x, y, ..] in operands(), at in 0.0..1.0) {
        let (m, n) = x.shape().matrix().unwrap();
        let (i, j) = ((at * (m + 1) as f64) as usize, (at * (n + 1) as f64) as usize);
        let again = value(|v| Var::concat_rows(&[v[0].slice_rows(0..i), v[0].slice_rows(i..m)]), &[&x]);
        prop_assert_eq!(&again, &x);
        let again = value(|v| Var::concat_columns(&[v[0].slice_columns(0..j), v[0].slice_columns(j..n)]), &[&x]);
        prop_assert_eq!(&again, &x);
        let side = value(|v| Var::concat_rows(&[v[0].transpose(), v[1].transpose()]).transpose(), &[&x, &y]);
        prop_assert_eq!(Tensor::concat_columns(&[x.clone(), y.clone()]), side);
        prop_assert_eq!(value(|v| v[0].reshape([n, m]).reshape([m, n]), &[&x]), x);
    }

    #[test]
    fn adjoints([x, y, r, c] in operands(), at in 0.0..1.0) {
        let (m, n) = x.shape().matrix().unwrap();
        let (i, j) = ((at * m as f64) as usize, (at * n as f64) as usize);
        let (bottom, right) = (y.slice_rows(i..m), y.slice_columns(j..n));
        let same = |a: f64, b: f64| close(&[a], &[b]);
        prop_assert!(same(inner(&x.slice_rows(i..m), &bottom), inner(&x, &bottom.place_rows(i, m))));
        prop_assert!(same(inner(&x.slice_columns(j..n), &right), inner(&x, &right.place_columns(j, n))));
        prop_assert!(same(inner(&x.sum_rows(), &r), inner(&x, &Tensor::zeros([m, n]).add_row(&r))));
        prop_assert!(same(inner(&x.sum_columns(), &c), inner(&x, &Tensor::zeros([m, n]).add_column(&c))));
    }
}

#[test]
fn the_comparison_rejects_a_part_in_a_billion() {
    assert!(close(&[1.0, 2.0], &[1.0, 2.0]) && !close(&[1.0, 2.0], &[1.0, 2.0 + 2e-9]));
    assert!(!close(&[1.0], &[1.0, 2.0]) && !close(&[f64::NAN], &[1.0]));
}

/// As in PyTorch 2.15: halves at ties, 0 at or outside a bound, 0 at the kink of |x|.
#[test]
fn slopes_at_kinks() {
    let (x, y) = (row(&[1.0, 2.0, f64::NAN]), row(&[1.0, 3.0, 1.0]));
    let ones = [1.0; 3];
    let (values, grads) = pulled(|v| v[0].maximum(v[1]), &[x.clone(), y.clone()], &ones);
    assert!(values[..2] == [1.0, 3.0] && values[2].is_nan());
    assert_eq!(grads, [[0.5, 0.0, 1.0], [0.5, 1.0, 1.0]]);
    let (values, grads) = pulled(|v| v[0].minimum(v[1]), &[x, y], &ones);
    assert!(values[..2] == [1.0, 2.0] && values[2].is_nan());
    assert_eq!(grads, [[0.5, 1.0, 1.0], [0.5, 0.0, 1.0]]);
    assert_eq!(pulled(|v| v[0].abs(), &[row(&[-2.0, 0.0, 3.0])], &ones).1, [[-1.0, 0.0, 1.0]]);
    let (values, grads) = pulled(|v| v[0].clamp(-1.0, 1.0), &[row(&[-1.0, 1.0, -2.0, 2.0, 0.5])], &[1.0; 5]);
    assert_eq!((values, &grads[0][..]), (vec![-1.0, 1.0, -1.0, 1.0, 0.5], &[0.0, 0.0, 0.0, 0.0, 1.0][..]));
}

/// As in PyTorch: NaN if the divisor is 0, and slope 0 if the standard deviation is 0.
#[test]
fn statistics_of_no_values_and_of_one() {
    let (none, one) = (Tensor::zeros([0, 2]), row(&[3.0]));
    assert_eq!(value(|v| v[0].sum_rows(), &[&none]).data(), [0.0; 2]);
    assert_eq!(value(|v| v[0].sum_columns(), &[&none]).shape().dims(), [0]);
    let of_none = [
        value(|v| v[0].mean_rows(), &[&none]),
        value(|v| v[0].var_rows(0), &[&none]),
        value(|v| v[0].std_rows(1), &[&none]),
    ];
    assert!(of_none.iter().all(|x| x.shape().dims() == [2] && x.data().iter().all(|x| x.is_nan())));
    assert!(
        value(|v| v[0].var(1), &[&one]).item().is_nan() && value(|v| v[0].std(1), &[&one]).item().is_nan()
    );
    assert_eq!(value(|v| v[0].var(0), &[&one]).item(), 0.0);
    assert_eq!(pulled(|v| v[0].std(1), &[row(&[3.0, 3.0])], &[1.0]), (vec![0.0], vec![vec![0.0; 2]]));
    assert!(value(|v| v[0].mse(v[1]), &[&none, &none]).item().is_nan());
    let sum = CrossEntropy { reduction: Reduction::Sum, smoothing: 0.1, ..CrossEntropy::default() };
    assert_eq!(value(|v| v[0].cross_entropy_with(&[], sum), &[&none]).item(), 0.0);
}

/// `torch.argmax`: the first of equal values, and NaN before all others.
#[test]
fn the_largest_is_the_first_of_equals_and_nan_before_all() {
    let x = Tensor::from_vec(vec![1.0, 3.0, 3.0, f64::NAN, 5.0, f64::NAN], [2, 3]).unwrap();
    let tape = Tape::new();
    let x = tape.leaf(x);
    assert_eq!((x.argmax_columns(), x.argmax_rows()), (vec![1, 0], vec![1, 1, 1]));
    assert_eq!(x.transpose().argmax_rows(), [1, 0]);
}

#[test]
fn a_detached_value_has_no_derivative_in_any_mode() {
    let x = row(&[3.0]);
    let (value, grads) = pulled(|v| v[0] * v[0].detach(), std::slice::from_ref(&x), &[1.0]);
    assert_eq!((value, grads), (vec![9.0], vec![vec![3.0]]));
    let (_, slope) = jvp(|_, x| x[0] * x[0].detach(), std::slice::from_ref(&x), &[row(&[1.0])]);
    let (_, second) = hvp(|_, x| (x[0] * x[0].detach()).sum(), std::slice::from_ref(&x), &[row(&[1.0])]);
    assert_eq!((slope.data(), second[0].data()), (&[3.0][..], &[0.0][..]));
}

/// A value that is not selected has slope 0 even if its cotangent is infinite or NaN.
#[test]
fn values_that_are_not_selected_have_slope_zero() {
    let (x, seed) = (row(&[2.0, f64::INFINITY, f64::NAN]), [f64::INFINITY, f64::NAN, 3.0]);
    let (values, grads) =
        pulled(|v| v[0].dropout(&[false, false, false], 0.5), std::slice::from_ref(&x), &seed);
    assert_eq!((&values[..], &grads[0][..]), (&[0.0; 3][..], &[0.0; 3][..]));
    assert_eq!(pulled(|v| v[0].clamp(0.0, 1.0), &[x], &seed).1, [[0.0; 3]]);
    let below = row(&[-1.0, 0.0, -2.0]);
    for f in [Activation::Relu, Activation::LeakyRelu(0.0)] {
        assert_eq!(pulled(|v| v[0].activation(f), std::slice::from_ref(&below), &seed).1, [[0.0; 3]]);
    }
    let nan = pulled(|v| v[0].where_mask(&[false; 3], v[0].detach()), &[below], &seed);
    assert_eq!((&nan.0[..], &nan.1[0][..]), (&[-1.0, 0.0, -2.0][..], &[0.0; 3][..]));
    let (low, high) = (row(&[1.0]), row(&[2.0]));
    assert_eq!(pulled(|v| v[0].maximum(v[1]), &[low, high], &[f64::INFINITY]).1, [[0.0], [f64::INFINITY]]);
    assert_eq!(pulled(|v| v[0].sqrt(), &[row(&[0.0])], &[1.0]).1, [[f64::INFINITY]]);
    assert_eq!(pulled(|v| v[0].powf(0.0), &[row(&[0.0])], &[1.0]), (vec![1.0], vec![vec![0.0]]));
    // A logit of −∞ excludes a class; it costs nothing unless the class is the target.
    let logits = row(&[1.0, f64::NEG_INFINITY]);
    assert_eq!(pulled(|v| v[0].cross_entropy(&[0]), &[logits], &[1.0]), (vec![0.0], vec![vec![0.0; 2]]));
}

#[test]
fn dropout_divides_kept_values_by_their_probability() {
    let (values, grads) = pulled(|v| v[0].dropout(&[true, false], 0.75), &[row(&[1.0, 2.0])], &[1.0, 1.0]);
    assert_eq!((values, grads), (vec![4.0, 0.0], vec![vec![4.0, 0.0]]));
}

#[test]
fn running_statistics_are_updated_by_the_momentum() {
    let of = |mean, variance| BatchStatistics {
        mean: Tensor::full([2], mean),
        variance: Tensor::full([2], variance),
    };
    let mut running = of(0.0, 1.0);
    of(8.0, 5.0).update(&mut running, 0.25);
    assert_eq!(running, of(2.0, 2.0));
    let narrow = BatchStatistics { mean: Tensor::zeros([1]), variance: Tensor::zeros([1]) };
    assert_eq!(panic_text(|| narrow.update(&mut running, 0.1)), "update: shapes [2] and [1] differ");
}

#[test]
fn mismatched_shapes_panic_with_both_shapes() {
    let tape = Tape::<f64>::new();
    let [x, y, three, two, cube] =
        [&[2, 3][..], &[3, 2], &[3], &[2], &[2, 3, 4]].map(|s| tape.leaf(Tensor::zeros(s)));
    let (eps, plain) = (1e-5, CrossEntropy::default());
    for (got, want) in [
        (panic_text(|| x / y), "div: shapes [2, 3] and [3, 2] differ"),
        (panic_text(|| x.maximum(y)), "maximum: shapes [2, 3] and [3, 2] differ"),
        (panic_text(|| x.mse(y)), "mse: shapes [2, 3] and [3, 2] differ"),
        (panic_text(|| x.add_row(two)), "add_row: got shapes [2, 3] and [2]; expected [m, n] and [n]"),
        (panic_text(|| x.mul_row(two)), "mul_row: got shapes [2, 3] and [2]; expected [m, n] and [n]"),
        (
            panic_text(|| x.add_column(three)),
            "add_column: got shapes [2, 3] and [3]; expected [m, n] and [m]",
        ),
        (
            panic_text(|| x.mul_column(three)),
            "mul_column: got shapes [2, 3] and [3]; expected [m, n] and [m]",
        ),
        (panic_text(|| x.reshape([7])), "reshape: [2, 3] holds 6 values, [7] holds 7"),
        (
            panic_text(|| x.slice_rows(1..3)),
            "slice_rows: invalid range 1..3 for an axis of size 2 of shape [2, 3]",
        ),
        (
            panic_text(|| x.slice_columns(2..5)),
            "slice_columns: invalid range 2..5 for an axis of size 3 of shape [2, 3]",
        ),
        (
            panic_text(|| Var::concat_rows(&[x, y])),
            "concat_rows: got shapes [2, 3] and [3, 2]; expected matrices with equal numbers of columns",
        ),
        (
            panic_text(|| Var::concat_columns(&[x, y])),
            "concat_columns: got shapes [2, 3] and [3, 2]; expected matrices with equal numbers of rows",
        ),
        (panic_text(|| Var::<f64>::concat_rows(&[])), "concat_rows: no parts; expected at least one matrix"),
        (panic_text(|| three.softmax()), "softmax_rows: shape [3] is not a matrix"),
        (panic_text(|| cube.mean_rows()), "mean_rows: shape [2, 3, 4] is not a matrix"),
        (panic_text(|| three.std_columns(1)), "std_columns: shape [3] is not a matrix"),
        (
            panic_text(|| x.cross_entropy_with(&[0], plain)),
            "cross_entropy: got logits [2, 3] and 1 targets; expected one row per target",
        ),
        (
            panic_text(|| x.layer_norm(two, three, eps)),
            "layer_norm: got shapes [2, 3] and [2]; expected [m, n] and [n]",
        ),
        (
            panic_text(|| x.batch_norm(three, two, eps)),
            "batch_norm: got shapes [2, 3] and [2]; expected [m, n] and [n]",
        ),
        (
            panic_text(|| cube.rms_norm(three, eps)),
            "rms_norm: got shapes [2, 3, 4] and [3]; expected [m, n] and [n]",
        ),
        (
            panic_text(|| x.dropout(&[true], 0.5)),
            "dropout: got 1 mask entries for shape [2, 3]; expected one per value",
        ),
        (
            panic_text(|| x.where_mask(&[true], x)),
            "where_mask: got 1 mask entries for shape [2, 3]; expected one per value",
        ),
        (panic_text(|| x.where_mask(&[true; 6], two)), "where_mask: shapes [2, 3] and [2] differ"),
        (panic_text(|| x.slice_rows(0..0).max_rows()), "max_rows: shape [0, 3] has no values"),
        (panic_text(|| three.argmax_columns()), "argmax_columns: shape [3] is not a matrix"),
        (panic_text(|| x.slice_rows(0..0).logsumexp()), "logsumexp: shape [0, 3] has no values"),
        (
            panic_text(|| x.cross_entropy_with(&[0, 1], CrossEntropy { weights: Some(&[1.0]), ..plain })),
            "cross_entropy: got 1 weights for 3 classes; expected one per class",
        ),
        (panic_text(|| x.dropout(&[true; 6], 1.5)), "dropout: the probability p is 1.5; expected 0 to 1"),
    ] {
        assert_eq!(got, want);
    }
}
