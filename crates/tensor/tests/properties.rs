//! Products, rows and activations against plain implementations, at random shapes and values.

use proptest::prelude::*;
use tensor::{Activation, Dual, Real, Tensor};

/// A matrix with values in −2..2.
fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Tensor<f64>> {
    prop::collection::vec(-2.0..2.0, rows * columns)
        .prop_map(move |data| Tensor::from_vec(data, [rows, columns]).unwrap())
}

/// The factors of a product `[m, k] · [k, n]`, empty ones included.
fn factors() -> impl Strategy<Value = (Tensor<f64>, Tensor<f64>)> {
    (0..40_usize, 0..40_usize, 0..40_usize).prop_flat_map(|(m, k, n)| (matrix(m, k), matrix(k, n)))
}

/// The definition `Σₖ aᵢₖ·bₖⱼ` of each entry, with `Σₖ |aᵢₖ·bₖⱼ|`, to which the rounding error is proportional.
fn naive<T: Real>(a: &Tensor<T>, b: &Tensor<T>) -> Vec<(f64, f64)> {
    let ((m, k), (_, n)) = (a.shape().matrix().unwrap(), b.shape().matrix().unwrap());
    let term = |i: usize, j: usize, l: usize| a.data()[i * k + l].to_f64() * b.data()[l * n + j].to_f64();
    let entry = |i: usize, j: usize| {
        (0..k).fold((0.0, 0.0), |(sum, size), l| (sum + term(i, j, l), size + term(i, j, l).abs()))
    };
    (0..m).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect()
}

/// True if every entry is within `k` roundings of the definition: |error| ≤ k·ε·Σ|terms|
/// (Higham, Accuracy and Stability of Numerical Algorithms, eq. 3.5, any summation order).
fn is_product<T: Real>(got: &Tensor<T>, a: &Tensor<T>, b: &Tensor<T>, epsilon: f64) -> bool {
    let k = a.shape().dims()[1] as f64 + 1.0;
    let pairs = got.data().iter().zip(naive(a, b));
    got.shape().dims() == [a.shape().dims()[0], b.shape().dims()[1]]
        && pairs.into_iter().all(|(x, (sum, size))| (x.to_f64() - sum).abs() <= k * epsilon * size)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_match_the_definition_in_every_transposition((a, b) in factors()) {
        prop_assert!(is_product(&a.matmul(&b), &a, &b, f64::EPSILON));
        prop_assert!(is_product(&a.matmul_nt(&b.transpose()), &a, &b, f64::EPSILON));
        prop_assert!(is_product(&a.transpose().matmul_tn(&b), &a, &b, f64::EPSILON));
        prop_assert!(is_product(&a.transpose().matmul_tt(&b.transpose()), &a, &b, f64::EPSILON));
        let (a, b) = (a.cast::<f32>(), b.cast::<f32>());
        let epsilon = f64::from(f32::EPSILON);
        prop_assert!(is_product(&a.matmul(&b), &a, &b, epsilon));
        prop_assert!(is_product(&a.matmul_nt(&b.transpose()), &a, &b, epsilon));
        prop_assert!(is_product(&a.transpose().matmul_tn(&b), &a, &b, epsilon));
        prop_assert!(is_product(&a.transpose().matmul_tt(&b.transpose()), &a, &b, epsilon));
    }

    #[test]
    fn a_product_off_by_one_percent_in_one_entry_is_rejected(a in matrix(3, 4), b in matrix(4, 2)) {
        let mut off = a.matmul(&b);
        prop_assume!(off.data()[5].abs() > 1e-3);
        off.data_mut()[5] *= 1.01;
        prop_assert!(!is_product(&off, &a, &b, f64::EPSILON));
    }

    #[test]
    fn transposition_swaps_row_and_column(a in matrix(3, 4), row in 0..3_usize, column in 0..4_usize) {
        prop_assert_eq!(a.transpose().data()[column * 3 + row], a.data()[row * 4 + column]);
        prop_assert_eq!(a.transpose().transpose(), a);
    }

    #[test]
    fn scatter_is_the_adjoint_of_gather(
        table in matrix(5, 3),
        indices in prop::collection::vec(0..5_usize, 0..12),
        seed in prop::collection::vec(-2.0..2.0, 36),
    ) {
        let gathered = table.gather_rows(&indices);
        let cotangent = Tensor::from_vec(seed[..indices.len() * 3].to_vec(), [indices.len(), 3]).unwrap();
        let inner = cotangent.mul(&gathered).sum();
        let outer = cotangent.scatter_rows(&indices, 5).mul(&table).sum();
        // Both sums have at most 36 terms below 4 in size.
        prop_assert!((inner - outer).abs() <= 36.0 * 36.0 * 4.0 * f64::EPSILON);
    }

    #[test]
    fn slopes_are_derivatives(x in -6.0..6.0_f64) {
        // The stencil must not reach across a kink.
        for activation in Activation::ALL.into_iter().filter(|f| f.kinks().iter().all(|k| (x - k).abs() > 1e-2)) {
            prop_assert!(has_slope(|x| activation.eval(x), x), "{activation} at {x}");
        }
    }

    #[test]
    fn single_precision_agrees_with_double(x in -30.0..30.0_f32) {
        for activation in Activation::ALL {
            let ((value, slope), exact) = (activation.eval(x), activation.eval(f64::from(x)));
            // The tolerance is a few roundings of terms up to 1 + |x|, or of the value, which may be x².
            let tolerance = |y: f64| 8.0 * f64::from(f32::EPSILON) * (1.0 + f64::from(x).abs()).max(y.abs());
            prop_assert!((f64::from(value) - exact.0).abs() <= tolerance(exact.0), "{activation} at {x}");
            prop_assert!((f64::from(slope) - exact.1).abs() <= tolerance(exact.1), "{activation}' at {x}");
        }
    }

    #[test]
    fn apply_is_eval_of_each_value(data in prop::collection::vec(-20.0..20.0_f32, 0..70)) {
        let x = Tensor::from_vec(data.clone(), [data.len()]).unwrap();
        for activation in Activation::ALL {
            let (values, slopes) = activation.apply(&x);
            for ((&x, &value), &slope) in data.iter().zip(values.data()).zip(slopes.data()) {
                prop_assert_eq!((value, slope), activation.eval(x), "{} at {}", activation, x);
            }
        }
    }
}

#[test]
fn values_approach_their_limits() {
    let others = [
        Activation::LeakyRelu(0.0),
        Activation::LeakyRelu(-0.5),
        Activation::Softplus(-2.0),
        Activation::Celu(0.5),
        Activation::Celu(-0.5),
    ];
    for activation in Activation::ALL.into_iter().chain(others) {
        let (low, high) = activation.limits();
        for (x, limit) in [(-1e10_f64, low), (1e10, high)] {
            let value = activation.eval(x).0;
            if limit.is_nan() {
                assert!(
                    matches!(activation, Activation::Sine(_)) && value.abs() <= 1.0,
                    "{activation}: {value}"
                );
                continue;
            }
            // An activation without a limit grows at least as x/100; softsign approaches its own as 1/x.
            let near = if limit.is_infinite() {
                value * limit.signum() >= 1e8
            } else {
                (value - limit).abs() < 1e-9
            };
            assert!(near, "{activation} at {x} is {value}; expected about {limit}");
        }
    }
}

/// True if the slope is the five-point central difference of the value, within h⁴·|f⁽⁵⁾|/30 + ε/h.
fn has_slope(f: impl Fn(f64) -> (f64, f64), x: f64) -> bool {
    let h = 1e-3;
    let at = |steps: f64| f(x + steps * h).0;
    let difference = (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * h);
    // The fifth derivatives of all activations are below 120 here, softsign's next to 0, and their values below 37,
    // those of ReLU².
    let tolerance = 120.0 * h.powi(4) / 30.0 + 37.0 * 4.0 * f64::EPSILON / h;
    (f(x).1 - difference).abs() <= tolerance
}

#[test]
fn a_tanh_with_slope_one_minus_y_is_rejected() {
    let wrong = |x: f64| (x.tanh(), 1.0 - x.tanh());
    assert!(!has_slope(wrong, 0.7));
    assert!(has_slope(|x| (x.tanh(), 1.0 - x.tanh().powi(2)), 0.7));
}

/// Rounding and conversion to an integer by arithmetic, against std.
#[test]
fn integers_without_casts() {
    fn agrees<T: Real>(x: f32) -> bool {
        let rounded = (T::of(x.into()) + T::ROUNDER) - T::ROUNDER;
        let whole = x.round_ties_even();
        rounded.to_f64() == f64::from(whole) && (x < 0.0 || rounded.whole() == whole as u32)
    }
    for x in [0.0, 0.4, 0.6, 1.5, 2.5, -0.3, -0.7, 2e6, 4_194_303.0, -1_048_575.5] {
        assert!(agrees::<f32>(x) && agrees::<f64>(x) && agrees::<Dual<f64>>(x), "{x}");
    }
    assert!(!agrees::<f32>(4_194_304.0), "2²² is too large");
}

/// At a logit of 2,400, the spacing of f32 is 2.4e-4, but differences of logits are exact, so their log-softmax can be
/// accurate, as PyTorch's is.
#[test]
fn log_softmax_is_accurate_at_large_logits() {
    let row = Tensor::from_vec(vec![2400.0_f32, 2399.5, 2398.25, -17.0], [1, 4]).unwrap();
    let (single, double) = (row.log_softmax_rows(), row.cast::<f64>().log_softmax_rows());
    for (&x, &y) in single.data().iter().zip(double.data()) {
        assert!((f64::from(x) / y - 1.0).abs() < 4.0 * f64::from(f32::EPSILON), "{x} for {y}");
    }
}

#[test]
fn nan_and_infinity_pass_through() {
    for activation in Activation::ALL {
        assert!(activation.eval(f32::NAN).0.is_nan(), "{activation}");
        if let Activation::Sine(_) = activation {
            assert!(activation.eval(f64::INFINITY).0.is_nan(), "the sine of ∞ is no number");
            continue;
        }
        let (value, slope) = activation.eval(f64::INFINITY);
        assert!(!value.is_nan() && !slope.is_nan(), "{activation} at ∞: {value}, {slope}");
        let (value, slope) = activation.eval(f64::NEG_INFINITY);
        assert!(!value.is_nan() && !slope.is_nan(), "{activation} at −∞: {value}, {slope}");
    }
    let nan = Tensor::from_vec(vec![f32::NAN, 1.0], [1, 2]).unwrap();
    assert!(nan.matmul(&Tensor::zeros([2, 1])).item().is_nan());
}

#[test]
fn activations_parse_what_they_print() {
    for activation in Activation::ALL {
        assert_eq!(activation.to_string().parse(), Ok(activation));
    }
    for text in ["elu", " elu ( ) ", "elu( 1 )"] {
        assert_eq!(text.parse(), Ok(Activation::Elu(1.0)), "{text}");
    }
    for (text, softplus) in
        [("softplus", Activation::Softplus(1.0)), ("softplus(2)", Activation::Softplus(2.0))]
    {
        assert_eq!((text.parse(), softplus.to_string().as_str()), (Ok(softplus), text));
    }
}

#[test]
fn a_text_that_names_no_activation_says_why() {
    for (text, reason) in [
        ("", "it has no name; expected a name"),
        ("relu7", "expected one of identity, tanh, sigmoid, relu, leaky_relu(0.01), elu(1), "),
        ("tanh(1)", "tanh has no parameter"),
        ("elu(x)", "the parameter `x` is not a finite number"),
        ("elu(nan)", "the parameter `nan` is not a finite number"),
        ("celu(0)", "the parameter of celu must not be 0"),
        ("softplus(-0)", "the parameter of softplus must not be 0"),
        ("elu(1, 2)", "2 parameters; expected one"),
        ("leaky_relu(0.1", "the `(` at character 11 has no matching `)`"),
    ] {
        let error = text.parse::<Activation>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("invalid activation `{text}`: {reason}")), "{error}");
    }
}

#[test]
fn wrong_data_is_an_error_and_wrong_arithmetic_panics_with_both_shapes() {
    let error = Tensor::from_vec(vec![0.0_f32; 5], [2, 3]).unwrap_err();
    assert_eq!(error.to_string(), "from_vec: 5 values, but shape [2, 3] holds 6");
    let error = Tensor::from_vec(vec![0.0_f32; 5], [usize::MAX, 3]).unwrap_err();
    assert!(error.to_string().ends_with(", 3] overflows usize"), "{error}");

    let (a, b) = (Tensor::<f32>::zeros([130, 10]), Tensor::zeros([100, 100]));
    let message = panic_text(|| drop(a.matmul(&b)));
    assert_eq!(message, "matmul: [130, 10] · [100, 100]: inner sizes 10 and 100 differ");
    assert_eq!(panic_text(|| drop(a.add(&b))), "add: shapes [130, 10] and [100, 100] differ");
    let message = panic_text(|| drop(a.gather_rows(&[0, 130])));
    assert_eq!(message, "gather_rows: index 130 at position 1 is out of bounds for 130 rows");
}

fn panic_text(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *std::panic::catch_unwind(f).unwrap_err().downcast::<String>().unwrap()
}
