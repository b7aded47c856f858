//! Convolutions and pooling, against closed forms, recorded quadrature and samples.

use std::f64::consts::PI;

use mean_field::{Activation, ConvAxis, Pooled, gradient_per_element, padding_factors};
use rand_chacha::ChaCha8Rng;

use crate::monte_carlo::{errors, mean, normals};

fn near(value: f64, exact: f64) -> bool {
    (value - exact).abs() < 6e-7
}

const RECORDED: &str = include_str!("reference/conv.txt");

fn axis(size: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> ConvAxis {
    ConvAxis { size, kernel, stride, padding, dilation }
}

/// The numbers of the lines of one kind.
fn lines(kind: &str) -> impl Iterator<Item = Vec<usize>> {
    let lines = RECORDED.lines().filter_map(move |line| line.strip_prefix(kind));
    lines.map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect())
}

/// Ones summed by PyTorch.
#[test]
fn zero_padding_as_in_pytorch() {
    assert_eq!((lines("conv ").count(), lines("transposed ").count()), (7, 4));
    for line in lines("conv ") {
        let [size, kernel, stride, padding, dilation, outputs, sum] = line[..] else { panic!("{line:?}") };
        let factor = axis(size, kernel, stride, padding, dilation).padding_factor();
        assert!((factor - sum as f64 / (outputs * kernel) as f64).abs() < 1e-15, "{line:?}: {factor}");
    }
    for line in lines("transposed ") {
        let [_, kernel, stride, padding, outputs, sum] = line[..] else { panic!("{line:?}") };
        let factor = axis(outputs, kernel, stride, padding, 1).transposed_padding_factor();
        assert!(
            (factor - (sum * stride) as f64 / (outputs * kernel) as f64).abs() < 1e-15,
            "{line:?}: {factor}"
        );
    }
}

#[test]
fn zero_padding() {
    for size in [3, 8, 56] {
        let factor = axis(size, 3, 1, 1, 1).padding_factor();
        assert!((factor - (1.0 - 2.0 / (3.0 * size as f64))).abs() < 1e-15, "{size}");
    }
    assert!(near(axis(8, 3, 1, 1, 1).padding_factor().powi(2), 0.840_278));
    assert!(axis(2, 5, 1, 1, 1).padding_factor().is_nan() && axis(2, 2, 0, 0, 1).padding_factor().is_nan());
    assert!(axis(2, 5, 1, 1, 1).transposed_padding_factor().is_nan());

    let factors = padding_factors(8, 3, 60);
    assert!((factors[0] - axis(8, 3, 1, 1, 1).padding_factor()).abs() < 1e-15);
    assert!((factors[59] - (1.0 + 2.0 * (PI / 9.0).cos()) / 3.0).abs() < 1e-9);
    assert!((padding_factors(20, 5, 1)[0] - axis(20, 5, 1, 2, 1).padding_factor()).abs() < 1e-15);
    // From layer 8 to 12, per layer and for both axes; measured 0.913 ± 0.004.
    let deep = factors[8..12].iter().product::<f64>().sqrt();
    assert!((deep - 0.919_43).abs() < 6e-6, "{deep}");
    assert!(padding_factors(8, 2, 3)[2].is_nan() && padding_factors(0, 3, 1)[0].is_nan());
    assert_eq!(padding_factors(5, 1, 2), [1.0, 1.0]);
}

/// Gradients through random convolutions of 24 positions: kernel 3, stride 2, circular, per element.
#[test]
fn strides_agree_with_random_convolutions() {
    let (inputs, outputs, positions) = (20, 40, 24);
    let measure = |rng: &mut ChaCha8Rng| {
        let weight = normals(rng, outputs, 3 * inputs, 1.0 / (3.0 * inputs as f64).sqrt());
        let gradient = normals(rng, positions / 2, outputs, 1.0);
        let taps = gradient.matmul(&weight);
        let mut before = vec![0.0; positions * inputs];
        for (k, tap) in taps.data().iter().enumerate() {
            let (position, tap_of, input) = (k / (3 * inputs), k / inputs % 3, k % inputs);
            before[(2 * position + tap_of) % positions * inputs + input] += tap;
        }
        let before = mean(before.iter().map(|x| x * x));
        vec![before / mean(gradient.data().iter().map(|x| x * x))]
    };
    let exact = gradient_per_element(inputs, outputs, 2.0).powi(2);
    assert!(errors(20, &[exact], &measure) < 5.0);
    assert!(errors(20, &[2.0 * exact], &measure) > 10.0);
    assert_eq!(gradient_per_element(64, 64, 4.0), 0.5);
    assert!((gradient_per_element(64, 128, 4.0) - 0.5_f64.sqrt()).abs() < 1e-15);
}

#[test]
fn pooled_moments() {
    let average = Pooled::average(Activation::Relu, (0.0, 1.0), 4);
    assert!(near(average.second, 0.244_366) && near(average.backward, 0.125), "{average:?}");
    let max = Pooled::max(Activation::Relu, (0.0, 1.0), 4).unwrap();
    assert!(near(max.second, 1.543_785) && near(max.backward.sqrt(), 0.968_246), "{max:?}");
    // Pooling alone multiplies the gradient's norm by 1/k.
    assert!(near(Pooled::average(Activation::Identity, (0.0, 3.0), 9).backward.sqrt(), 1.0 / 3.0));
    // The mean of the larger of two normals is 1/√π, of three 3/(2√π).
    for (window, exact) in [(1, 0.0), (2, 1.0 / PI.sqrt()), (3, 1.5 / PI.sqrt())] {
        let max = Pooled::max(Activation::Identity, (5.0, 4.0), window).unwrap();
        assert!(
            (max.mean - 5.0 - 2.0 * exact).abs() < 1e-12 && (max.backward - 1.0).abs() < 1e-12,
            "{max:?}"
        );
    }
    assert_eq!(Pooled::max(Activation::Gelu, (0.0, 1.0), 4), None);
    assert_eq!(Pooled::max(Activation::Relu, (0.0, 1.0), 0), None);
    assert_eq!(Pooled::max(Activation::Relu, (0.0, f64::NAN), 4), None);
    assert!(Pooled::average(Activation::Relu, (0.0, 1.0), 0).second.is_nan());
}

/// Values and slopes of a window to its pooled value and the squared slope that the gradient passes.
type Pool = fn(&[(f64, f64)]) -> (f64, f64);

fn average(window: &[(f64, f64)]) -> (f64, f64) {
    let count = window.len() as f64;
    (mean(window.iter().map(|a| a.0)), mean(window.iter().map(|a| a.1 * a.1)) / count)
}

fn largest(window: &[(f64, f64)]) -> (f64, f64) {
    let (value, slope) = window.iter().copied().fold((f64::MIN, 0.0), |a, b| if b.0 > a.0 { b } else { a });
    (value, slope * slope)
}

/// The moments of 500 pooled windows of four.
fn sampled(pool: Pool, activation: Activation, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let z = normals(rng, 500, 4, 1.5).map(|z| z + 0.4);
    let values: Vec<(f64, f64)> = z.data().iter().map(|&z| activation.eval(z)).collect();
    let pooled: Vec<(f64, f64)> = values.chunks(4).map(pool).collect();
    let of = |number: fn(&(f64, f64)) -> f64| mean(pooled.iter().map(number));
    vec![of(|a| a.0), of(|a| a.0 * a.0), of(|a| a.1)]
}

/// Three numbers for each kind of pooling, each within five standard errors of 20 seeds.
#[test]
fn pooling_agrees_with_samples() {
    let list = |pooled: Pooled| [pooled.mean, pooled.second, pooled.backward];
    for activation in [Activation::Relu, Activation::Sigmoid] {
        let max = |window| list(Pooled::max(activation, (0.4, 2.25), window).unwrap());
        let expected = list(Pooled::average(activation, (0.4, 2.25), 4));
        assert!(errors(20, &expected, &|rng| sampled(average, activation, rng)) < 5.0, "{activation}");
        assert!(errors(20, &max(4), &|rng| sampled(largest, activation, rng)) < 5.0, "{activation}");
        assert!(errors(20, &max(3), &|rng| sampled(largest, activation, rng)) > 10.0, "{activation}");
    }
}
