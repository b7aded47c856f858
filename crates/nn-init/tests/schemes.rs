//! Random schemes for the properties of the other files, and the properties that every form of a scheme has.
//!
//! A new row of `Scheme::FORMS` is tested here without a change to this file.

use nn_init::{
    Activation, Distribution, FanMode, Gain, Generator, InitError, Layout, Moments, Scheme, SchemeForm,
    Tensor,
};
use proptest::prelude::*;

// ---- Random schemes ----

pub(crate) fn any_gain() -> impl Strategy<Value = Gain> {
    let of_activations = |rule: fn(Activation) -> Option<Gain>| {
        let known: Vec<Gain> = Activation::ALL.into_iter().filter_map(rule).collect();
        prop::sample::select(known)
    };
    prop_oneof![
        (0.0..1e9_f64).prop_map(Gain::number),
        of_activations(Gain::torch),
        of_activations(|f| Some(Gain::forward(f))),
        of_activations(|f| Some(Gain::backward(f))),
        of_activations(Gain::critical),
    ]
}

/// Schemes whose values are independent, so that they fill a weight of any shape.
pub(crate) fn independent() -> impl Strategy<Value = Scheme> {
    let modes = prop::sample::select(FanMode::ALL.to_vec());
    let distributions = prop::sample::select(Distribution::ALL.to_vec());
    let (x, positive) = (-2.0..2.0_f64, 0.0..3.0_f64);
    prop_oneof![
        x.clone().prop_map(Scheme::Constant),
        (0.0..5.0_f64, modes, distributions).prop_map(|(gain, mode, distribution)| Scheme::scaled(
            gain,
            mode,
            distribution
        )),
        (x.clone(), positive.clone()).prop_map(|(mean, std)| Scheme::Normal { mean, std }),
        (x.clone(), positive.clone()).prop_map(|(lo, width)| Scheme::Uniform { lo, hi: lo + width }),
        (x, positive, -9.0..9.0_f64, 0.0..9.0_f64)
            .prop_map(|(mean, std, lo, width)| Scheme::TruncatedNormal { mean, std, lo, hi: lo + width }),
    ]
}

/// Schemes of every variant, with gains by every rule.
pub(crate) fn any_scheme() -> impl Strategy<Value = Scheme> {
    let modes = prop::sample::select(FanMode::ALL.to_vec());
    let distributions = prop::sample::select(Distribution::ALL.to_vec());
    prop_oneof![
        independent(),
        (any_gain(), modes, distributions).prop_map(|(gain, mode, distribution)| Scheme::scaled(
            gain,
            mode,
            distribution
        )),
        any_gain().prop_map(|gain| Scheme::Orthogonal { gain }),
        any_gain().prop_map(|gain| Scheme::DeltaOrthogonal { gain }),
        any_gain().prop_map(|gain| Scheme::Identity { gain }),
        (1..9_usize, any_gain()).prop_map(|(groups, gain)| Scheme::Dirac { groups, gain }),
        (0.0..=1.0_f64, 0.0..1e3_f64).prop_map(|(sparsity, std)| Scheme::Sparse { sparsity, std }),
    ]
}

// ---- Every form ----

/// The example of a form and a shape that it fills: a matrix, or a convolution if it needs a kernel.
fn example(form: &SchemeForm) -> (Scheme, &'static [usize]) {
    let scheme: Scheme = form.example().parse().unwrap_or_else(|error| panic!("{error}"));
    let shapes: [&[usize]; 2] = [&[6, 4], &[6, 4, 3]];
    let fits = |shape: &&&[usize]| scheme.moments(shape, Layout::OUT_IN).is_ok();
    let shape = shapes.iter().find(fits).unwrap_or_else(|| panic!("{scheme} fills none of {shapes:?}"));
    (scheme, shape)
}

#[test]
fn the_example_of_every_form_is_read_and_printed() {
    for form in Scheme::FORMS {
        let (scheme, _) = example(form);
        assert!(form.example().split('(').next() == Some(form.name()), "{form}: {}", form.example());
        assert_eq!(scheme.to_string().parse(), Ok(scheme), "{form}");
    }
}

#[test]
fn every_form_says_how_it_is_written() {
    for form in Scheme::FORMS {
        let many = format!("{}({})", form.name(), ["1"; 5].join(", "));
        let error = many.parse::<Scheme>().unwrap_err().to_string();
        assert_eq!(error, format!("invalid scheme `{many}`: expected `{form}`"));
    }
}

/// The z-score of the mean of `observed` against `expected`; 0 where both agree to 1e-12.
fn z_score(observed: &[f64], expected: f64) -> f64 {
    let n = observed.len() as f64;
    let mean = observed.iter().sum::<f64>() / n;
    let variance = observed.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    // Some statistics are the same in every tensor, such as the mean square of a rotation.
    (mean - expected) / ((variance / n).sqrt() + 1e-12)
}

/// The z-scores of the first four moments about the expected mean, each tensor one independent observation.
fn z_scores(scheme: Scheme, shape: &[usize], expected: Moments) -> Result<[f64; 4], InitError> {
    const TENSORS: u64 = 10_000;
    let mut generator = Generator::manual_seed(1);
    let mut observed = [const { Vec::new() }; 4];
    for _ in 0..TENSORS {
        let values: Tensor<f64> = scheme.sample(shape, Layout::OUT_IN, &mut generator)?;
        for (power, means) in (1..).zip(&mut observed) {
            let sum: f64 = values.data().iter().map(|x| (x - expected.mean).powi(power)).sum();
            means.push(sum / values.data().len() as f64);
        }
    }
    let Moments { std, skew, kurtosis, .. } = expected;
    // Skew and kurtosis are NaN where all values are equal.
    let central = [0.0, std.powi(2), std.powi(3) * skew, std.powi(4) * kurtosis];
    let central = central.map(|moment| if std == 0.0 { 0.0 } else { moment });
    Ok([0, 1, 2, 3].map(|i| z_score(&observed[i], central[i])))
}

/// Five standard errors: a right scheme fails one of its four tests about once in 400,000 (normal tails, 4 · 5.7e-7).
/// The seed is fixed.
#[test]
fn the_values_of_every_form_have_the_expected_moments() {
    for form in Scheme::FORMS {
        let (scheme, shape) = example(form);
        let expected = scheme.moments(shape, Layout::OUT_IN).unwrap();
        let scores = z_scores(scheme, shape, expected).unwrap();
        assert!(scores.iter().all(|z| z.abs() < 5.0), "{scheme}: {scores:?}");
    }
    // 5% of the standard deviation is 10% of the variance.
    let scheme = Scheme::Orthogonal { gain: 1.05.into() };
    let wrong = Scheme::orthogonal().moments(&[6, 4], Layout::OUT_IN).unwrap();
    let scores = z_scores(scheme, &[6, 4], wrong).unwrap();
    assert!(scores.iter().any(|z| z.abs() > 5.0), "a std 5% off: {scores:?}");
    let normal = Scheme::STANDARD_NORMAL;
    let wrong = Moments { kurtosis: 3.3, ..normal.moments(&[6, 4], Layout::OUT_IN).unwrap() };
    let scores = z_scores(normal, &[6, 4], wrong).unwrap();
    assert!(scores[3].abs() > 5.0, "a kurtosis 10% off: {scores:?}");
}

#[test]
fn every_form_can_be_multiplied() {
    for form in Scheme::FORMS {
        let (scheme, shape) = example(form);
        for factor in [0.5, 3.0] {
            let moments = |scheme: Scheme| scheme.moments(shape, Layout::OUT_IN).unwrap();
            let (one, times) = (moments(scheme), moments(scheme.times(factor)));
            assert!((times.std - factor * one.std).abs() <= 1e-9 * one.std, "{scheme}: {one:?}, {times:?}");
            assert!((times.mean - factor * one.mean).abs() <= 1e-9 * (one.mean.abs() + one.std), "{scheme}");
            let values = |scheme: Scheme| -> Tensor<f64> {
                scheme.sample(shape, Layout::OUT_IN, &mut Generator::manual_seed(1)).unwrap()
            };
            let pairs = values(scheme);
            let pairs = pairs.data().iter().zip(values(scheme.times(factor)).data().to_vec());
            assert!(
                pairs.into_iter().all(|(x, y)| (y - factor * x).abs() <= 1e-9 * (x.abs() + one.std)),
                "{scheme}"
            );
        }
    }
}
