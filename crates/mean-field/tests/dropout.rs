//! Dropout, number formats, inputs with a mean and recurrent networks, against recorded numbers and samples.

use mean_field::{
    Activation, DropoutField, LstmScales, MeanField, NumberFormat, inputs_cosine, memory_horizon,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use tensor::Tensor;

use crate::monte_carlo::{errors, mean, normals, second};

fn relu(dropout: f64) -> DropoutField {
    let field = MeanField { activation: Activation::Relu, weight: 2.0 * (1.0 - dropout), bias: 0.0 };
    DropoutField { field, dropout }
}

/// Six digits, computed by other quadrature.
#[test]
fn correlations_with_dropout() {
    for (dropout, cosine, depth) in [(0.1, "0.627146", "2.27403"), (0.5, "0.217234", "0.79631")] {
        let field = relu(dropout);
        assert_eq!(format!("{:.6}", field.fixed_correlation(1.0)), cosine, "{dropout}");
        assert_eq!(format!("{:.5}", field.correlation_depth(1.0)), depth, "{dropout}");
        assert!((field.variance(2.5) - 2.5).abs() < 1e-12 && (field.chi(2.5) - 1.0).abs() < 1e-12);
        let fixed = field.fixed_correlation(7.0);
        assert!((field.correlation(7.0, fixed) - fixed).abs() < 1e-10);
    }
    // He initialisation grows by 1/(1 − p) per layer.
    let he = DropoutField { field: MeanField { weight: 2.0, ..relu(0.0).field }, dropout: 0.5 };
    assert!((he.variance(1.0) - 2.0).abs() < 1e-12 && he.fixed_variance(1.0) == f64::INFINITY);
    let tanh = MeanField { activation: Activation::Tanh, weight: 2.0, bias: 0.0 };
    assert_eq!(DropoutField { field: tanh, dropout: 0.2 }.fixed_correlation(0.5), 0.0);
}

#[test]
fn without_dropout_it_is_the_plain_network_and_a_bad_fraction_is_nan() {
    let plain = MeanField { activation: Activation::Gelu, weight: 1.5, bias: 0.1 };
    let none = DropoutField { field: plain, dropout: 0.0 };
    let q = plain.fixed_variance(1.0);
    assert_eq!(none.fixed_variance(1.0), q);
    assert_eq!(none.fixed_correlation(q), plain.fixed_correlation(q));
    assert!((none.correlation(q, 0.4) - plain.correlation(q, 0.4)).abs() < 1e-11);
    assert!((none.correlation_depth(q) / plain.correlation_depth(q) - 1.0).abs() < 1e-9);
    for dropout in [-0.1, 1.0, f64::NAN] {
        let bad = DropoutField { field: plain, dropout };
        assert!(bad.variance(1.0).is_nan() && bad.chi(1.0).is_nan() && bad.fixed_correlation(1.0).is_nan());
        assert!(bad.correlation_depth(1.0).is_nan() && bad.correlation(1.0, 0.5).is_nan());
    }
}

/// Two passes of one input through six layers: their second moment, and their mean product less c of it.
fn passes(field: DropoutField, c: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let width = 400;
    let one = normals(rng, 1, width, 1.0);
    let mut h = Tensor::from_vec([one.data(), one.data()].concat(), [2, width]).unwrap();
    for _ in 0..6 {
        let kept = 1.0 - field.dropout;
        let mut a = field.field.activation.apply(&h).0;
        for a in a.data_mut() {
            *a = if f64::from(rng.next_u32()) < kept * 2_f64.powi(32) { *a / kept } else { 0.0 };
        }
        h = a.matmul(&normals(rng, width, width, (field.field.weight / width as f64).sqrt()));
    }
    let (first, last) = h.data().split_at(width);
    let product = mean(first.iter().zip(last).map(|(a, b)| a * b));
    vec![second(&h), product - c * second(&h)]
}

#[test]
fn dropout_agrees_with_random_networks() {
    let sixth = |field: DropoutField| (0..6).fold(1.0, |c, _| field.correlation(1.0, c));
    for dropout in [0.1, 0.5] {
        let field = relu(dropout);
        let c = sixth(field);
        let worst = errors(20, &[1.0, 0.0], &|rng| passes(field, c, rng));
        assert!(worst < 5.0, "{dropout}: {worst} standard errors");
    }
    let (field, wrong) = (relu(0.5), sixth(relu(0.1)));
    assert!(errors(20, &[1.0, 0.0], &|rng| passes(field, wrong, rng)) > 5.0);
}

/// The shares that theory gives to the digits printed; the zero shares agree with 4 million draws.
#[test]
fn number_formats() {
    for (format, zeros, overflows) in [
        (NumberFormat::FP16, [0.023_775, 2.3779e-5, 1.19e-6, 2.4e-8], [0.0, 0.028_962]),
        (NumberFormat::BF16, [0.0, 0.0, 0.0, 0.0], [0.0, 0.0]),
        (NumberFormat::E4M3, [1.0, 0.671_214, 0.038_944, 7.79e-4], [0.121_944, 0.987_660]),
        (NumberFormat::E5M2, [1.0, 0.006_087, 3.04e-4, 6.1e-6], [0.0, 0.040_560]),
    ] {
        let close = |value: f64, exact: f64| (value - exact).abs() <= 6e-7 + 5e-3 * exact.min(1e-3);
        for (std, exact) in [1e-6, 1e-3, 0.02, 1.0].into_iter().zip(zeros) {
            assert!(close(format.zeros(std), exact), "{format:?} at {std}: {}", format.zeros(std));
        }
        for (std, exact) in [300.0, 30000.0].into_iter().zip(overflows) {
            assert!(close(format.overflows(std), exact), "{format:?} at {std}: {}", format.overflows(std));
        }
    }
    assert!((NumberFormat::FP16.zeros(1.0) / 2.4e-8 - 1.0).abs() < 0.02, "one of 24 bits");
}

/// Half of the smallest number, and the limit, are where PyTorch's conversions round to 0 and overflow. It saturates E4M3.
#[test]
fn ends_of_number_formats_as_in_pytorch() {
    let lines: Vec<&str> = include_str!("reference/formats.txt").lines().collect();
    let formats = [NumberFormat::FP16, NumberFormat::BF16, NumberFormat::E4M3, NumberFormat::E5M2];
    for ((format, name), line) in formats.iter().zip(["FP16", "BF16", "E4M3", "E5M2"]).zip(&lines) {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(words[0], name);
        assert_eq!(format.smallest / 2.0, f64::from(words[1].parse::<f32>().unwrap()), "{name}");
        match words[2].parse::<f32>() {
            Ok(limit) => assert_eq!(format.limit, f64::from(limit), "{name}"),
            Err(_) => assert_eq!(name, "E4M3"),
        }
    }
}

/// 100 images of 2,000 uniform pixels; without the mean the cosine is 0.
#[test]
fn cosines_of_inputs_with_a_mean() {
    let (centre, std) = (127.5, (65535.0_f64 / 12.0).sqrt());
    // 127.5² over (255·511)/6.
    assert!((inputs_cosine(centre, std) - 16256.25 / 21717.5).abs() < 1e-15);
    assert!((centre.hypot(std) - 147.369).abs() < 6e-4);
    assert_eq!(inputs_cosine(0.0, 1.0), 0.0);
    let measure = |rng: &mut ChaCha8Rng| {
        let x: Vec<f64> = (0..4000).map(|_| f64::from(rng.next_u32() >> 24)).collect();
        let (one, two) = x.split_at(2000);
        let product = |a: &[f64], b: &[f64]| mean(a.iter().zip(b).map(|(a, b)| a * b));
        vec![product(one, two) / (product(one, one) * product(two, two)).sqrt()]
    };
    assert!(errors(100, &[inputs_cosine(centre, std)], &measure) < 5.0);
    assert!(errors(100, &[inputs_cosine(centre, 1.05 * std)], &measure) > 5.0);
}

#[test]
fn horizons_of_forget_gates() {
    for (bias, steps) in [(0.0, "1.4427"), (1.0, "3.1922"), (2.0, "7.8785")] {
        assert_eq!(format!("{:.4}", memory_horizon(bias, 0.0)), steps, "{bias}");
    }
    // ln σ is concave: variation shortens the memory.
    assert!(memory_horizon(1.0, 1.0) < memory_horizon(1.0, 0.0) - 0.2);
    assert!(memory_horizon(f64::NAN, 0.0).is_nan());
}

/// The rms of h of an LSTM as `torch.nn.LSTM` draws it, after 40 steps of normal inputs.
fn lstm(units: usize, forget_bias: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let std = (1.0 / (3.0 * units as f64)).sqrt();
    let (input, recurrent) = (normals(rng, units, 4 * units, std), normals(rng, units, 4 * units, std));
    let bias = normals(rng, 1, 4 * units, 2_f64.sqrt() * std).reshape([4 * units]);
    let (mut h, mut c) = (normals(rng, 2, units, 0.0), vec![0.0; 2 * units]);
    for _ in 0..40 {
        let gates = normals(rng, 2, units, 1.0).matmul(&input).add(&h.matmul(&recurrent)).add_row(&bias);
        let gate = |row: usize, kind: usize, unit: usize| gates.data()[(4 * row + kind) * units + unit];
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let states = (0..2 * units).map(|k| {
            let (row, unit) = (k / units, k % units);
            let keep = sigmoid(gate(row, 1, unit) + forget_bias);
            c[k] = keep * c[k] + sigmoid(gate(row, 0, unit)) * gate(row, 2, unit).tanh();
            sigmoid(gate(row, 3, unit)) * c[k].tanh()
        });
        h = Tensor::from_vec(states.collect(), [2, units]).unwrap();
    }
    vec![second(&h).sqrt()]
}

/// Measured states are 2 to 5% larger than the theory of independent gates, in PyTorch (256 units, 8 seeds) and here.
#[test]
fn states_of_lstms() {
    let third = 1.0 / 3.0;
    let scales =
        |units: f64, forget| LstmScales::of(third, third, 2.0 * third / units, forget).unwrap().hidden;
    for (forget, expected, measured) in [(0.0, "0.1359", 0.1384), (1.0, "0.1640", 0.1709)] {
        let predicted = scales(256.0, forget);
        assert_eq!(format!("{predicted:.4}"), expected);
        assert!((1.0..1.05).contains(&(measured / predicted)), "{forget}: {predicted}");
        let here = 1.03 * scales(64.0, forget);
        let worst = errors(12, &[here], &|rng| lstm(64, forget, rng));
        assert!(worst < 5.0, "{forget}: {worst} standard errors");
    }
    assert!(errors(12, &[1.03 * scales(64.0, 1.0)], &|rng| lstm(64, 0.0, rng)) > 5.0);
    assert_eq!(LstmScales::of(f64::NAN, third, 0.0, 0.0), None);
}
