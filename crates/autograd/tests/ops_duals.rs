//! Ops on dual numbers: forward mode agrees with reverse mode, and second derivatives are symmetric.

use autograd::{BatchStatistics, CrossEntropy, Dual, Real, Reduction, Tensor, Var, hvp, jvp};
use proptest::prelude::*;

type D = Dual<f64>;

/// A matrix `[3, 4]`, two rows `[4]` and a column `[3]`, all in 1/2..2, so that logarithms and roots exist.
fn operands() -> impl Strategy<Value = Vec<Tensor<f64>>> {
    let of = |shape: &'static [usize]| {
        prop::collection::vec(0.5..2.0, shape.iter().product::<usize>())
            .prop_map(move |data| Tensor::from_vec(data, shape).unwrap())
    };
    (of(&[3, 4]), of(&[4]), of(&[4]), of(&[3])).prop_map(|(x, a, b, c)| vec![x, a, b, c])
}

/// The values with neighbours moved apart along both axes, so that no standard deviation is near 0.
fn apart<'t>(x: Var<'t, D>) -> Var<'t, D> {
    let ramp = (0..12).map(|i| D::of(f64::from(2 * (i % 2) + 3 * (i % 3)))).collect();
    x + x.tape().leaf(Tensor::from_vec(ramp, [3, 4]).unwrap())
}

/// The number of functions in [`op`].
const OPS: usize = 29;

fn op<'t>(which: usize, v: &[Var<'t, D>]) -> Var<'t, D> {
    let (x, gamma, beta, column, eps) = (v[0], v[1], v[2], v[3], 0.01);
    let running =
        BatchStatistics { mean: Tensor::full([4], D::of(0.5)), variance: Tensor::full([4], D::ONE) };
    match which {
        0 => x / x.mul_row(gamma),
        1 => x.powf(2.5).add_scalar(0.5),
        2 => x.exp(),
        3 => x.ln(),
        4 => x.sqrt(),
        5 => (-x).abs(),
        6 => x.clamp(0.25, 4.0),
        7 => x.maximum(x.scale(0.5)),
        8 => x.minimum(x.scale(0.5)),
        9 => x.matmul_nt(x).matmul_tt(x.transpose()),
        10 => x.matmul_tn(x),
        11 => x.add_row(gamma).mul_row(beta),
        12 => x.add_column(column).mul_column(column),
        13 => Var::concat_rows(&[x.slice_rows(1..3), x.reshape([4, 3]).transpose()]),
        14 => Var::concat_columns(&[x.slice_columns(1..3), x]),
        15 => apart(x).var(1),
        16 => apart(x).std(0),
        17 => apart(x).var_rows(0) * x.mean_rows(),
        18 => apart(x).std_rows(1) * x.sum_rows(),
        19 => apart(x).var_columns(1) * x.mean_columns(),
        20 => apart(x).std_columns(0) * x.sum_columns(),
        21 => x.softmax(),
        22 => x.log_softmax(),
        23 => x.cross_entropy_with(
            &[0, 3, 1],
            CrossEntropy { reduction: Reduction::Sum, smoothing: 0.2, ..CrossEntropy::default() },
        ),
        24 => x.mse(x.mul_row(gamma)),
        25 => apart(x).batch_norm(gamma, beta, eps).0 + x.batch_norm_running(gamma, beta, &running, eps),
        26 => apart(x).layer_norm(gamma, beta, eps) + x.rms_norm(gamma, eps),
        27 => (1.0 - x) / 3.0 * (2.0 / x) + 2.0 * x - 0.5,
        _ => x.dropout(&[true, false, true].repeat(4), 0.25),
    }
}

fn inner(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.mul(b).sum()).sum()
}

/// `Σ |aᵢ·bᵢ|`, to which the rounding error of [`inner`] is proportional.
fn size(a: &[Tensor<f64>], b: &[Tensor<f64>]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.mul(b).map(f64::abs).sum()).sum()
}

/// True if, for `Σ f²`, whose outputs have unequal weights, `⟨∇, v⟩` is the slope of forward mode along v, and
/// `⟨u, H·v⟩ = ⟨v, H·u⟩`.
pub(crate) fn agrees(
    f: impl for<'t> Fn(&[Var<'t, D>]) -> Var<'t, D>,
    [x, u, v]: [&[Tensor<f64>]; 3],
) -> bool {
    let (_, forward) = jvp(|_, x| squares(f(x)), x, v);
    let (gradient, h_v) = hvp(|_, x| squares(f(x)), x, v);
    let (_, h_u) = hvp(|_, x| squares(f(x)), x, u);
    // A few hundred roundings on either side, and a loss of up to 1/√ε = 10 per standard deviation.
    let near = |a: f64, b: f64, size: f64| (a - b).abs() <= 1e-11 * size.max(1.0);
    near(inner(&gradient, v), forward.item(), size(&gradient, v))
        && near(inner(u, &h_v), inner(v, &h_u), size(u, &h_v))
}

fn squares(y: Var<'_, D>) -> Var<'_, D> {
    (y * y).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(32) })]

    #[test]
    fn forward_mode_agrees_with_reverse_mode_and_hessians_are_symmetric(x in operands(), u in operands(), v in operands()) {
        for which in 0..OPS {
            prop_assert!(agrees(|x| op(which, x), [&x, &u, &v]), "op {which}");
        }
    }

    #[test]
    fn a_pullback_off_by_a_millionth_is_rejected(x in operands(), v in operands()) {
        let wrong = agrees(|x| wrong_exp(x[0]), [&x, &v, &v]);
        prop_assert!(!wrong && agrees(|x| x[0].exp(), [&x, &v, &v]));
    }
}

fn wrong_exp(x: Var<'_, D>) -> Var<'_, D> {
    let y = x.value().map(D::exp);
    x.tape().record("wrong", [x], y.clone(), move |g| [g.mul(&y).scale(D::of(1.000_001))])
}
