//! Weights whose values depend on each other: rotations, identities, sparse connections.

use nn_init::{Element, InitError, Layout, Scheme, Source, Tensor};
use proptest::prelude::*;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

fn sample<T: Element>(scheme: &str, shape: &[usize], layout: Layout, seed: u64) -> Tensor<T> {
    scheme.parse::<Scheme>().unwrap().sample(shape, layout, &mut rng(seed)).unwrap()
}

fn refused(scheme: &str, shape: &[usize], layout: Layout) -> String {
    let result: Result<Tensor, InitError> =
        scheme.parse::<Scheme>().unwrap().sample(shape, layout, &mut rng(0));
    result.unwrap_err().to_string()
}

/// The largest difference between `a·aᵀ` or `aᵀ·a`, whichever is the smaller matrix, and `gain²·1`.
fn from_orthogonal(a: &Tensor<f64>, gain: f64) -> f64 {
    let (m, n) = a.shape().matrix().unwrap();
    let gram = if m <= n { a.matmul_nt(a) } else { a.matmul_tn(a) };
    let k = m.min(n);
    let off = |(i, x): (usize, &f64)| (x - if i % (k + 1) == 0 { gain * gain } else { 0.0 }).abs();
    gram.data().iter().enumerate().map(off).fold(0.0, f64::max)
}

/// `QᵀQ` is the identity to 1e-6 in single precision, whose ε is 1.2e-7: the products of a row round n times, at
/// random.
#[test]
fn rows_or_columns_are_orthonormal() {
    for (shape, rows) in
        [(vec![3, 4], 3), (vec![4, 3], 4), (vec![20, 2, 3, 4], 20), (vec![2, 3, 4, 5], 2), (vec![64, 64], 64)]
    {
        let columns = shape.iter().product::<usize>() / rows;
        for (scheme, gain) in [("orthogonal", 1.0), ("orthogonal(1.7)", 1.7)] {
            let single =
                sample::<f32>(scheme, &shape, Layout::OUT_IN, 3).cast::<f64>().reshape([rows, columns]);
            assert!(from_orthogonal(&single, gain) < 1e-6 * gain * gain, "{scheme} {shape:?}");
            let double = sample::<f64>(scheme, &shape, Layout::OUT_IN, 3).reshape([rows, columns]);
            assert!(from_orthogonal(&double, gain) < 1e-13, "{scheme} {shape:?}");
        }
    }
    let mut wrong = sample::<f64>("orthogonal", &[6, 6], Layout::OUT_IN, 3);
    wrong.data_mut()[7] += 1e-5;
    assert!(from_orthogonal(&wrong, 1.0) > 1e-6);
}

/// The rotation is the same for any order of the axes.
#[test]
fn a_layout_changes_the_order_and_not_the_matrix() {
    let of = |shape: &[usize], layout| sample::<f64>("orthogonal", shape, layout, 9);
    let (torch, keras) = (of(&[6, 4], Layout::OUT_IN), of(&[4, 6], Layout::IN_OUT));
    assert_eq!(torch, keras.transpose());
    // The draws of [kernel, in, out] differ from those of [out, in, kernel], but the matrix [out, in·kernel] is
    // orthonormal for both.
    let kernel = of(&[3, 2, 5], Layout::IN_OUT).reshape([6, 5]);
    assert!(from_orthogonal(&kernel, 1.0) < 1e-13);
    // The rotations of a batch are independent.
    let batch = of(&[2, 3, 3], Layout::axes(&[1], &[2], &[0]));
    for half in batch.data().chunks_exact(9) {
        let matrix = Tensor::from_vec(half.to_vec(), [3, 3]).unwrap();
        assert!(from_orthogonal(&matrix, 1.0) < 1e-13);
    }
    assert_ne!(batch.data()[..9], batch.data()[9..]);
}

/// A source whose normals are the numbers of a list.
struct Fixed(Vec<f64>);

impl Source<f64> for Fixed {
    fn uniform(&mut self, _: f64, _: f64, _: &mut [f64]) {
        unreachable!("orthogonal draws normals");
    }
    fn normal(&mut self, _: f64, _: f64, out: &mut [f64]) {
        out.copy_from_slice(&self.0);
    }
    fn permutation(&mut self, _: usize) -> Vec<usize> {
        unreachable!("orthogonal draws normals");
    }
}

/// With a positive diagonal of R, Q is the Gram-Schmidt basis of the columns, or of the rows if those are fewer.
#[test]
fn the_factor_is_the_gram_schmidt_basis() {
    for (rows, columns, seed) in [(2, 2, 1), (3, 2, 2), (2, 3, 3), (4, 4, 4), (3, 5, 5), (5, 3, 6)] {
        let normals = sample::<f64>("normal(0, 1)", &[rows, columns], Layout::OUT_IN, seed);
        let scheme = Scheme::orthogonal();
        let q = scheme.sample(&[rows, columns], Layout::OUT_IN, &mut Fixed(normals.data().to_vec())).unwrap();
        let (vectors, got) = if rows < columns { (normals, q) } else { (normals.transpose(), q.transpose()) };
        let want = gram_schmidt(&vectors);
        let distance = got.data().iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(distance < 1e-12, "{rows} x {columns}: {distance}");
    }
}

/// An orthonormal basis of the rows: each minus its part along the ones before, normalised.
fn gram_schmidt(rows: &Tensor<f64>) -> Vec<f64> {
    let (_, n) = rows.shape().matrix().unwrap();
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for row in rows.data().chunks_exact(n) {
        let mut rest = row.to_vec();
        for unit in &basis {
            let along: f64 = rest.iter().zip(unit).map(|(a, b)| a * b).sum();
            rest.iter_mut().zip(unit).for_each(|(a, b)| *a -= along * b);
        }
        let length = rest.iter().map(|a| a * a).sum::<f64>().sqrt();
        basis.push(rest.iter().map(|a| a / length).collect());
    }
    basis.concat()
}

/// z-scores of `E q₁₁ = 0`, `E q₁₁² = 1/n` and `E det q = 0` over `count` 3×3 matrices.
fn haar_scores(count: u32, matrix: impl Fn(u64) -> Tensor<f64>) -> [f64; 3] {
    let n = f64::from(count);
    let mut sums = [0.0; 3];
    for seed in 0..count {
        let q = matrix(seed.into());
        let [a, b, c, d, e, f, g, h, i] = q.data().try_into().unwrap();
        let determinant: f64 = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        for (sum, x) in sums.iter_mut().zip([a, a * a - 1.0 / 3.0, determinant]) {
            *sum += x;
        }
    }
    // E q⁴ = 3/(n(n + 2)) = 1/5, so q² has variance 1/5 − 1/9; a determinant is ±1.
    let deviation = [(1.0 / 3f64).sqrt(), (1.0 / 5.0 - 1.0 / 9.0_f64).sqrt(), 1.0];
    [0, 1, 2].map(|i| sums[i] / n.sqrt() / deviation[i])
}

/// Five standard errors: one of three right scores exceeds them once in 600,000 runs with fresh seeds.
#[test]
fn rotations_and_reflections_are_equally_likely_and_no_axis_is_favoured() {
    let scores = haar_scores(4000, |seed| sample("orthogonal", &[3, 3], Layout::OUT_IN, seed));
    assert!(scores.iter().all(|z| z.abs() < 5.0), "{scores:?}");
    // Without the sign correction the signs of the factorisation are detected.
    let raw = haar_scores(4000, |seed| sample::<f64>("normal(0, 1)", &[3, 3], Layout::OUT_IN, seed).qr().0);
    assert!(raw.iter().any(|z| z.abs() > 5.0), "{raw:?}");
}

#[test]
fn orthogonal_fills_any_weight_and_refuses_vectors() {
    assert_eq!(sample::<f32>("orthogonal", &[0, 5], Layout::OUT_IN, 0).data(), [0_f32; 0]);
    assert_eq!(sample::<f32>("orthogonal", &[5, 0, 3], Layout::IN_OUT, 0).data(), [0_f32; 0]);
    assert_eq!(sample::<f64>("orthogonal(2)", &[1, 1], Layout::OUT_IN, 0).data()[0].abs(), 2.0);
    assert!(refused("orthogonal", &[5], Layout::OUT_IN).starts_with("shape [5] has no fans"));
    assert!(refused("orthogonal", &[], Layout::OUT_IN).starts_with("shape [] has no fans"));
}

#[test]
fn delta_orthogonal_is_a_rotation_at_the_centre() {
    for (kernel, centre) in [(vec![3], 1), (vec![4], 1), (vec![1], 0), (vec![3, 5], 7), (vec![2, 3, 4], 5)] {
        let shape = [kernel.as_slice(), &[3, 5]].concat();
        let weight = sample::<f64>("delta_orthogonal(2)", &shape, Layout::IN_OUT, 4);
        for (position, matrix) in weight.data().chunks_exact(15).enumerate() {
            let matrix = Tensor::from_vec(matrix.to_vec(), [3, 5]).unwrap();
            if position == centre {
                assert!(from_orthogonal(&matrix, 2.0) < 1e-13, "{shape:?}");
            } else {
                assert_eq!(matrix, Tensor::zeros([3, 5]), "{shape:?} at {position}");
            }
        }
    }
    assert!(
        refused("delta_orthogonal", &[3, 5, 4], Layout::IN_OUT)
            .contains("a weight with 5 inputs and 4 outputs cannot keep norms")
    );
    assert!(refused("delta_orthogonal", &[3, 5], Layout::IN_OUT).contains("it needs a kernel"));
}

#[test]
fn the_identity_of_a_wide_weight_copies_the_first_inputs() {
    let eye = sample::<f32>("identity(3)", &[2, 4], Layout::OUT_IN, 0);
    assert_eq!(eye.data(), [3.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0]);
    assert_eq!(sample::<f32>("identity", &[0, 3], Layout::OUT_IN, 0).data(), [0_f32; 0]);
    assert!(refused("identity", &[3, 3, 3], Layout::OUT_IN).contains("it needs a matrix"));
    assert!(refused("identity", &[3], Layout::OUT_IN).contains("no fans"));
}

/// A convolution over one axis without padding: `y[o, t] = Σ_{i, k} w[o, i, k]·x[group(o)·ins + i, t + k]`.
fn convolve(weight: &Tensor<f64>, groups: usize, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let &[outs, ins, kernel] = weight.shape().dims() else { panic!("a kernel of one axis") };
    let steps = x[0].len() - kernel + 1;
    let summand = |o: usize, t: usize, i: usize, k: usize| {
        weight.data()[(o * ins + i) * kernel + k] * x[o / (outs / groups) * ins + i][t + k]
    };
    let sum = |o, t| {
        (0..ins).flat_map(|i| (0..kernel).map(move |k| (i, k))).map(|(i, k)| summand(o, t, i, k)).sum()
    };
    (0..outs).map(|o| (0..steps).map(|t| sum(o, t)).collect()).collect()
}

#[test]
fn a_convolution_with_dirac_copies_its_input() {
    for (groups, outs, ins) in [(1, 3, 3), (1, 9, 3), (3, 9, 3), (2, 8, 2), (1, 2, 5)] {
        let weight = sample::<f64>(&format!("dirac({groups})"), &[outs, ins, 3], Layout::OUT_IN, 0);
        let x = sample::<f64>("normal(0, 1)", &[ins * groups, 8], Layout::OUT_IN, 1);
        let x: Vec<Vec<f64>> = x.data().chunks_exact(8).map(<[f64]>::to_vec).collect();
        for (o, y) in convolve(&weight, groups, &x).into_iter().enumerate() {
            let (group, own) = (o / (outs / groups), o % (outs / groups));
            let want = if own < ins { x[group * ins + own][1..7].to_vec() } else { vec![0.0; 6] };
            assert_eq!(y, want, "output {o} of {outs} in {groups} groups");
        }
    }
    let ones = |shape: &[usize]| sample::<f64>("dirac", shape, Layout::OUT_IN, 0).data().iter().sum::<f64>();
    assert_eq!(ones(&[4, 6, 2]), 4.0, "even kernels");
    assert_eq!(ones(&[4, 6, 2, 3, 4]), 4.0, "three axes");
    assert!(
        refused("dirac(2)", &[5, 4, 3], Layout::OUT_IN).contains("5 outputs cannot be divided into 2 groups")
    );
    assert!(refused("dirac(0)", &[5, 4, 3], Layout::OUT_IN).contains("divided into 0 groups"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sparse_weights_have_the_stated_number_of_zeros(
        outputs in 1..30_usize,
        inputs in 1..20_usize,
        sparsity in 0.0..=1.0_f64,
        seed: u64,
    ) {
        let scheme = Scheme::Sparse { sparsity, std: 0.5 };
        let weight: Tensor<f64> = scheme.sample(&[outputs, inputs], Layout::OUT_IN, &mut rng(seed)).unwrap();
        for input in 0..inputs {
            let zeros = (0..outputs).filter(|o| weight.data()[o * inputs + input] == 0.0).count();
            prop_assert_eq!(zeros, (sparsity * outputs as f64).ceil() as usize, "input {}", input);
        }
    }

    #[test]
    fn moments_without_randomness_are_exact(outs in 1..7_usize, ins in 1..7_usize, groups in 1..3_usize) {
        for scheme in [Scheme::Identity { gain: 1.5.into() }, Scheme::Dirac { groups, gain: 2.0.into() }] {
            let matrix = matches!(scheme, Scheme::Identity { .. });
            let shape = [outs * groups, ins, 3];
            let shape = if matrix { &shape[..2] } else { &shape };
            let weight: Tensor<f64> = scheme.sample(shape, Layout::OUT_IN, &mut rng(0)).unwrap();
            let moments = scheme.moments(shape, Layout::OUT_IN).unwrap();
            let n = weight.data().len() as f64;
            let mean = weight.data().iter().sum::<f64>() / n;
            let central = |p| weight.data().iter().map(|x| (x - mean).powi(p)).sum::<f64>() / n;
            prop_assert!((moments.mean - mean).abs() < 1e-12 && (moments.variance() - central(2)).abs() < 1e-12);
            if moments.std > 0.0 {
                prop_assert!((moments.skew - central(3) / moments.std.powi(3)).abs() < 1e-9);
                prop_assert!((moments.kurtosis - central(4) / moments.std.powi(4)).abs() < 1e-9);
            }
        }
    }
}

/// The mean square and the mean fourth power over many tensors are within 5 standard errors of the expected moments,
/// each tensor one independent observation. Other shapes than those of `schemes.rs`.
#[test]
fn dependent_values_have_the_expected_moments() {
    let layout = Layout::OUT_IN;
    for (text, shape) in [
        ("orthogonal(1.3)", vec![6, 4]),
        ("orthogonal", vec![3, 2, 5]),
        ("delta_orthogonal(0.7)", vec![5, 3, 3]),
        ("sparse(0.4, 0.3)", vec![7, 5]),
    ] {
        let scheme: Scheme = text.parse().unwrap();
        let moments = scheme.moments(&shape, layout).unwrap();
        for (power, want) in [(2, moments.variance()), (4, moments.kurtosis * moments.variance().powi(2))] {
            let tensors = (0..2000).map(|seed| sample::<f64>(text, &shape, layout, seed));
            let observed: Vec<f64> = tensors
                .map(|t| t.data().iter().map(|x| x.powi(power)).sum::<f64>() / t.data().len() as f64)
                .collect();
            let n = observed.len() as f64;
            let mean = observed.iter().sum::<f64>() / n;
            let variance = observed.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            // The mean square of a rotation is the same in every tensor, up to rounding.
            let error = (variance / n).sqrt() + 1e-12;
            assert!(
                (mean - want).abs() < 5.0 * error,
                "{text} {shape:?}: E x^{power} {mean}, expected {want}"
            );
            assert!((mean - 1.3 * want).abs() > 5.0 * error, "{text} {shape:?}: 30% must be detected");
        }
    }
    assert!(refused("sparse(0.1, 1)", &[3, 3, 3], layout).contains("it needs a matrix"));
    assert!(refused("sparse(0.1, 1)", &[3], layout).contains("no fans"));
}
