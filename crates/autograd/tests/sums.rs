//! Reductions of many values in single precision, against the same ops in double precision, and far from 1.

use autograd::{Tape, Tensor, Var};

/// The relative difference between an op in single precision and in double precision at the same values.
macro_rules! difference {
    ($values:expr, $shape:expr, |$x:ident| $op:expr) => {{
        let values = Tensor::from_vec($values.clone(), $shape).unwrap();
        let (single, double) = (Tape::<f32>::new(), Tape::<f64>::new());
        let want = {
            let $x = double.leaf(values.cast());
            $op.data()[0]
        };
        let got = {
            let $x = single.leaf(values);
            $op.data()[0]
        };
        (f64::from(got) - want).abs() / want.abs()
    }};
}

/// The bound for a sum of n terms of one sign, which are rounded 9 times themselves: depth ⌈log₂ n⌉ + 11, in units of ε/2.
fn bound(n: usize) -> f64 {
    f64::from(f32::EPSILON) / 2.0 * ((n as f64).log2().ceil() + 20.0)
}

fn alternating(n: usize, a: f32) -> Vec<f32> {
    (0..n).map(|i| if i % 2 == 0 { a } else { -a }).collect()
}

/// γ and β of one or many columns.
macro_rules! norm {
    ($x:ident, $n:expr) => {
        ($x.tape().leaf(Tensor::full([$n], 1.0)), $x.tape().leaf(Tensor::zeros([$n])))
    };
}

#[test]
fn long_reductions_keep_their_digits() {
    for n in [2, 128, 100_000, 1_000_000] {
        let (x, same) = (alternating(n, 0.3), vec![1.0 / 130.0; n]);
        let off = [
            (
                "batch_norm",
                difference!(x, [n, 1], |x| {
                    let (gamma, beta) = norm!(x, 1);
                    x.batch_norm(gamma, beta, 0.0).1.variance
                }),
            ),
            (
                "the gradient of batch_norm's γ",
                difference!(x, [n, 1], |x| {
                    let (gamma, beta) = norm!(x, 1);
                    let y = x.batch_norm(gamma, beta, 0.0).0;
                    (y * y).sum().backward().get(gamma).unwrap().clone()
                }),
            ),
            (
                "layer_norm",
                difference!(x, [1, n], |x| {
                    let (gamma, beta) = norm!(x, n);
                    x.layer_norm(gamma, beta, 0.0).value()
                }),
            ),
            (
                "rms_norm",
                difference!(x, [1, n], |x| {
                    let (gamma, _) = norm!(x, n);
                    x.rms_norm(gamma, 0.0).value()
                }),
            ),
            ("var", difference!(x, [n, 1], |x| x.var(0).value())),
            ("std_rows", difference!(x, [n, 1], |x| x.std_rows(1).value())),
            ("var_columns", difference!(x, [1, n], |x| x.var_columns(1).value())),
            ("mean", difference!(same, [n, 1], |x| x.mean().value())),
            ("mse", difference!(x, [n, 1], |x| x.mse(x + x + x).value())),
            ("cross_entropy", difference!(x, [n / 2, 2], |x| x.cross_entropy(&vec![0; n / 2]).value())),
            ("log_softmax", difference!(x, [1, n], |x| x.log_softmax().value())),
            (
                "the gradient of a bias",
                difference!(same, [n, 1], |x| {
                    let bias = x.tape().leaf(Tensor::zeros([1]));
                    (x * x.add_row(bias)).sum().backward().get(bias).unwrap().clone()
                }),
            ),
            (
                "the gradient of an embedding",
                difference!(same, [n, 1], |x| {
                    let table = x.tape().leaf(Tensor::zeros([2, 1]));
                    (x * table.gather(&vec![0; n])).sum().backward().get(table).unwrap().clone()
                }),
            ),
        ];
        for (op, off) in off {
            assert!(off <= bound(n), "{op} of {n}: {off:e}, more than {:e}", bound(n));
        }
    }
}

/// The variance of 20 million rows ±1 is 1; a running sum in single precision ends at 2²⁴, 0.84 of that.
#[test]
fn the_variance_of_twenty_million_rows_is_that_of_one() {
    let n = 20_000_000;
    let tape = Tape::<f32>::new();
    let x = tape.leaf(Tensor::from_vec(alternating(n, 1.0), [n, 1]).unwrap());
    let (gamma, beta) = norm!(x, 1);
    let (_, batch) = x.batch_norm(gamma, beta, 0.0);
    assert_eq!((batch.mean.item(), batch.variance.item()), (0.0, 1.0));
    let running: f32 = (0..n).map(|_| 1.0_f32).sum();
    assert!((f64::from(running) / n as f64 - 1.0).abs() > bound(n), "a running sum is detected");
}

/// A power of two changes no digit of a standard deviation, although squares overflow or vanish.
#[test]
fn standard_deviations_follow_the_scale_of_their_values() {
    let values = [1.0_f32, -2.0, 0.5, 3.0, 0.25, -1.5];
    let results = |scale: f32| -> Vec<Vec<f32>> {
        let tape = Tape::<f32>::new();
        let x = tape.leaf(Tensor::from_vec(values.iter().map(|x| scale * x).collect(), [2, 3]).unwrap());
        let ops = [x.std(1), x.std_rows(0), x.std_columns(1)];
        let gradient = |y: Var<'_, f32>| y.sum().backward().get(x).unwrap().data().to_vec();
        let stds = ops.iter().map(|y| y.value().data().iter().map(|std| std / scale).collect());
        stds.chain(ops.iter().map(|&y| gradient(y))).collect()
    };
    let unscaled = results(1.0);
    for power in [-100, -80, -40, 40, 63, 100, 120] {
        assert_eq!(results(2.0_f32.powi(power)), unscaled, "2^{power}");
    }
    assert_ne!(results(3.0), unscaled, "a factor that is no power of two is rounded");
}

#[test]
fn columns_of_different_scales_keep_their_own() {
    let tape = Tape::<f32>::new();
    let x =
        tape.leaf(Tensor::from_vec(vec![1e30, 1.0, 1e-30, 0.1, -1e30, -1.0, -1e-30, 0.1], [2, 4]).unwrap());
    assert_eq!(x.std_rows(0).value().data(), [1e30, 1.0, 1e-30, 0.0]);
    assert_eq!(x.var_rows(0).value().data(), [f32::INFINITY, 1.0, 0.0, 0.0]);
}
