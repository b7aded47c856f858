//! Adam beside PyTorch's.

use specimen::{Adam, Parameter, Parameters, Role, Tensor};
use tensor::Real;

const RECORDED: &str = include_str!("reference/adam.txt");

/// One recorded run: rate, β₁, β₂ and ε, then lines of numbers by name.
struct Run<'a> {
    dtype: &'a str,
    settings: [f64; 4],
    lines: Vec<(&'a str, Option<Vec<f64>>)>,
}

fn runs() -> Vec<Run<'static>> {
    let numbers = |words: std::str::SplitWhitespace<'static>| words.map(|word| word.parse().ok()).collect();
    RECORDED
        .split("\n\n")
        .skip(1)
        .map(|run| {
            let mut lines = run.lines().map(|line| line.split_whitespace());
            let mut head = lines.next().unwrap().skip(1);
            let dtype = head.next().unwrap();
            let settings: Vec<f64> = head.map(|word| word.parse().unwrap()).collect();
            let lines = lines.map(|mut words| (words.next().unwrap(), numbers(words))).collect();
            Run { dtype, settings: settings.try_into().unwrap(), lines }
        })
        .collect()
}

/// The largest difference from a recorded value, in ε of the value; `spoil` changes the settings.
fn largest_error<T: Real>(run: &Run, spoil: impl Fn(&mut [f64; 4])) -> f64 {
    let mut settings = run.settings;
    spoil(&mut settings);
    let [rate, beta1, beta2, eps] = settings;
    let tensor = |values: &[f64]| {
        Tensor::from_vec(values.iter().map(|&x| T::of(x)).collect(), [values.len()]).unwrap()
    };
    let first = run.lines[..2].iter().map(|(_, values)| Parameter {
        name: "p".to_owned(),
        role: Role::Bias,
        value: tensor(values.as_ref().unwrap()),
    });
    let mut parameters = Parameters(first.collect());
    let mut adam = Adam::new([beta1, beta2], eps);
    let mut largest = 0.0_f64;
    for step in run.lines[2..].chunks(4) {
        let gradients: Vec<_> = step[..2].iter().map(|(_, g)| g.as_deref().map(tensor)).collect();
        adam.step(&mut parameters, &gradients, rate);
        for ((_, expected), parameter) in step[2..].iter().zip(&parameters.0) {
            for (x, expected) in parameter.value.data().iter().zip(expected.as_ref().unwrap()) {
                largest = largest.max((x.to_f64() - expected).abs() / expected.abs().max(rate));
            }
        }
    }
    largest
}

#[test]
fn adam_is_pytorchs() {
    let runs = runs();
    assert_eq!(runs.len(), 6);
    for run in &runs {
        assert_eq!(run.lines.len(), 2 + 8 * 4);
        // A step has about ten roundings, and eight steps add up; measured: at most 3 ε.
        let (error, bound) = match run.dtype {
            "float32" => (largest_error::<f32>(run, |_| ()), 10.0 * f64::from(f32::EPSILON)),
            _ => (largest_error::<f64>(run, |_| ()), 10.0 * f64::EPSILON),
        };
        assert!(error <= bound, "{}: {error:e}", run.dtype);
    }
}

#[test]
fn another_adam_is_rejected() {
    for at in 0..3 {
        let error = largest_error::<f64>(&runs()[4], |settings| settings[at] += 1e-9);
        assert!(error > 10.0 * f64::EPSILON, "setting {at}: {error:e}");
    }
}
