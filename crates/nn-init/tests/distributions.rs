//! Independent values against theory: first four moments and distribution function, at stated false-alarm rates.

use gaussian::{cdf, expectation_within};
use nn_init::{
    Activation, Distribution, FanMode, Fans, Gain, Generator, Layout, Moments, Scheme, Tensor, torch_gain,
};
use proptest::prelude::*;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

use crate::schemes::independent;

/// The z-scores of mean, variance, skew and kurtosis of a sample against the expected moments.
///
/// Standard errors of n independent values: mean σ/√n; variance σ²√((κ − 1)/n); for a symmetric distribution skew
/// `√((μ₆ − 6μ₄ + 9)/n)` and kurtosis `√((μ₈ − 4κμ₆ − κ² + 4κ³)/n)` with standardised central moments
/// (Kendall & Stuart, vol. 1, ch. 10).
fn z_scores(values: &[f64], expected: Moments, [six, eight]: [f64; 2]) -> [f64; 4] {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let power = |p: i32| values.iter().map(|x| (x - mean).powi(p)).sum::<f64>() / n;
    let (variance, k) = (power(2), expected.kurtosis);
    [
        (mean - expected.mean) / (expected.std / n.sqrt()),
        (variance / expected.variance() - 1.0) / ((k - 1.0) / n).sqrt(),
        (power(3) / variance.powf(1.5) - expected.skew) / ((six - 6.0 * k + 9.0) / n).sqrt(),
        (power(4) / variance.powi(2) - k) / ((eight - 4.0 * k * six - k * k + 4.0 * k.powi(3)) / n).sqrt(),
    ]
}

/// The standardised sixth and eighth moments of a symmetric distribution. Its kurtosis identifies it among those here.
fn higher(kurtosis: f64) -> [f64; 2] {
    match kurtosis {
        3.0 => [15.0, 105.0],
        1.8 => [27.0 / 7.0, 9.0],
        _ => [6, 8].map(|p| truncated_at_two(p) / truncated_at_two(2).powi(p / 2)),
    }
}

/// `E zᵖ` of N(0, 1) truncated at ±2.
fn truncated_at_two(p: i32) -> f64 {
    expectation_within(-2.0, 2.0, &[], |z| z.powi(p))
}

/// Five standard errors: a right sample fails one of its four tests about once in 400,000 (normal tails, 4 · 5.7e-7),
/// so the 288 samples of a run would raise a false alarm in one of 1,500 runs with fresh seeds; the seeds here are
/// fixed, so a run that passes always passes.
fn agrees(values: &[f64], expected: Moments) -> bool {
    z_scores(values, expected, higher(expected.kurtosis)).iter().all(|z| z.abs() < 5.0)
}

/// True if Kolmogorov's distance `√n·max |Fₙ − F|` is below 2.7, which a right sample exceeds once in a million
/// (2·e^(−2·2.7²)).
fn follows(values: &[f64], cdf: impl Fn(f64) -> f64) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = |(i, &x): (usize, &f64)| {
        let (below, f) = (i as f64 / n, cdf(x));
        (f - below).abs().max((f - below - 1.0 / n).abs())
    };
    // `all`, so that NaN fails.
    sorted.iter().enumerate().map(distance).all(|d| n.sqrt() * d < 2.7)
}

const SHAPE: [usize; 2] = [160, 250];

fn schemes() -> Vec<Scheme> {
    let scaled = |mode| Distribution::ALL.map(|distribution| Scheme::scaled(1.3, mode, distribution));
    let mut all: Vec<_> = FanMode::ALL.into_iter().flat_map(scaled).collect();
    all.extend([
        Scheme::STANDARD_NORMAL,
        Scheme::Normal { mean: -3.0, std: 0.02 },
        Scheme::Uniform { lo: -0.1, hi: 0.7 },
        Scheme::kaiming_normal(Gain::torch(Activation::Relu).unwrap()),
        Scheme::kaiming_uniform(5.0 / 3.0),
        Scheme::truncated_normal_in_sigmas(0.7, -2.0, 2.0),
    ]);
    all
}

/// The distribution function of a scheme without fans.
fn distribution_function(scheme: Scheme) -> impl Fn(f64) -> f64 {
    let at = |x: f64, mean: f64, std: f64| cdf((x - mean) / std);
    move |x| match scheme {
        Scheme::Normal { mean, std } => at(x, mean, std),
        Scheme::Uniform { lo, hi } => ((x - lo) / (hi - lo)).clamp(0.0, 1.0),
        Scheme::TruncatedNormal { mean, std, lo, hi } => {
            // Reflected to the left of 0, where differences of cdf keep their digits.
            let s = if lo > mean { -1.0 } else { 1.0 };
            let at = |x: f64| cdf(s * (x - mean) / std);
            (at(x.clamp(lo, hi)) - at(lo)) / (at(hi) - at(lo))
        }
        other => panic!("{other} has no distribution function here"),
    }
}

fn draw(scheme: Scheme, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let sample: Tensor<f64> = scheme.sample(&SHAPE, Layout::IN_OUT, &mut rng).unwrap();
    sample.data().to_vec()
}

fn draw_torch(scheme: Scheme, seed: u64) -> Vec<f64> {
    let sample: Tensor<f32> =
        scheme.sample(&SHAPE, Layout::IN_OUT, &mut Generator::manual_seed(seed)).unwrap();
    sample.data().iter().map(|&x| x.into()).collect()
}

#[test]
fn values_from_both_sources_have_the_expected_moments_and_distribution() {
    let fans = Fans::of(&SHAPE, Layout::IN_OUT).unwrap();
    for scheme in schemes() {
        let moments = scheme.moments(&SHAPE, Layout::IN_OUT).unwrap();
        for seed in 0..8 {
            for (source, values) in [("ChaCha8", draw(scheme, seed)), ("PyTorch", draw_torch(scheme, seed))] {
                assert!(agrees(&values, moments), "{scheme}, {source}, seed {seed}: moments");
                let cdf = distribution_function(scheme.with_fans(fans));
                assert!(follows(&values, cdf), "{scheme}, {source}, seed {seed}: distribution");
            }
        }
    }
}

/// Each fault must be caught with every seed, not on average: with 40,000 values a std off by 10% is 26 standard errors
/// away.
#[test]
fn the_checks_reject_wrong_samples() {
    let scheme = Scheme::kaiming_normal(2f64.sqrt());
    let moments = scheme.moments(&SHAPE, Layout::IN_OUT).unwrap();
    let cdf = distribution_function(scheme.with_fans(Fans::of(&SHAPE, Layout::IN_OUT).unwrap()));
    for seed in 0..50 {
        let values = draw(scheme, seed);
        let changed = |f: &dyn Fn(f64) -> f64| values.iter().map(|&x| f(x)).collect::<Vec<_>>();
        let rejected = |values: &[f64], why: &str| {
            assert!(!agrees(values, moments), "{why}: moments");
            assert!(!follows(values, &cdf), "{why}: distribution");
        };
        rejected(&changed(&|x| 1.1 * x), "std 10% too large");
        rejected(&changed(&|x| x / 2f64.sqrt()), "std off by √2");
        rejected(&changed(&|x| x + 0.1 * moments.std), "biased");
        rejected(&changed(&|_| 0.0), "all zeros");
        rejected(&changed(&|x| moments.std * x.signum()), "two values with the right mean and std");
        rejected(&changed(&|_| f64::NAN), "not numbers");
        let (uniform, truncated) = (Scheme::kaiming_uniform(2f64.sqrt()), Scheme::he_normal());
        rejected(&draw(uniform, seed), "a uniform distribution with the right mean and std");
        assert!(!agrees(&draw(truncated, seed), moments), "a truncated one with the right mean and std");
        let mut outlier = values.clone();
        outlier[7] = 40.0 * moments.std;
        assert!(
            !agrees(&outlier, moments),
            "one value at 40 standard deviations, which changes the kurtosis and little else"
        );
    }
}

#[test]
fn uniform_values_reach_their_bounds_and_stay_within() {
    for seed in 0..20 {
        let values = draw(Scheme::xavier_uniform(1.0), seed);
        let bound = (6.0 / (160.0 + 250.0_f64)).sqrt();
        let largest = values.iter().fold(0_f64, |largest, x| largest.max(x.abs()));
        // All 40,000 values miss the last thousandth with probability e⁻⁴⁰.
        assert!(largest <= bound && largest > 0.999 * bound, "{largest} of {bound}");
    }
}

/// Bounds around, beside and far from the mean; on one side only; and too close together for redrawing.
const TRUNCATIONS: [[f64; 4]; 8] = [
    [0.0, 1.0, -2.0, 2.0],
    [0.5, 2.0, -1.0, 1.5],
    [0.0, 1.0, 2.0, 3.0],
    [0.0, 1.0, 6.0, f64::INFINITY],
    [3.0, 0.1, f64::NEG_INFINITY, 1.0],
    [0.0, 1.0, -0.05, 0.1],
    [-1.0, 0.02, -1.2, f64::INFINITY],
    [0.0, 1.0, 0.0, f64::INFINITY],
];

fn truncated([mean, std, lo, hi]: [f64; 4]) -> Scheme {
    Scheme::TruncatedNormal { mean, std, lo, hi }
}

#[test]
fn truncated_normals_follow_their_distribution_for_any_bounds() {
    for parameters in TRUNCATIONS {
        let scheme = truncated(parameters);
        let [_, _, lo, hi] = parameters;
        let moments = scheme.moments(&SHAPE, Layout::IN_OUT).unwrap();
        for values in [draw(scheme, 1), draw_torch(scheme, 1)] {
            assert!(
                values.iter().all(|&x| lo as f32 as f64 <= x.max(lo) && x.min(hi) <= hi as f32 as f64),
                "{scheme}"
            );
            assert!(follows(&values, distribution_function(scheme)), "{scheme}");
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            assert!(
                (mean - moments.mean).abs() < 5.0 * moments.std / n.sqrt(),
                "{scheme}: {mean}, {moments:?}"
            );
        }
    }
    let wrong = draw(truncated([0.0, 1.0, 2.0, 3.1]), 1);
    assert!(!follows(&wrong, distribution_function(truncated([0.0, 1.0, 2.0, 3.0]))), "another bound");
    // The truncated normal of a published sampler had a plausible standard deviation and a kurtosis of 28,122.
    let mut tailed = draw(truncated(TRUNCATIONS[0]), 1);
    tailed[0] = 60.0;
    assert!(!agrees(&tailed, truncated(TRUNCATIONS[0]).moments(&SHAPE, Layout::IN_OUT).unwrap()));
}

/// Both of PyTorch's loops go on for ever here: a proposal is accepted once in 2·10¹² draws, and every normal is rounded to
/// 10⁹, below the rounded lower bound of 10⁹ + 64.
#[test]
fn loops_that_would_not_end_are_given_up() {
    let draw = |scheme: Scheme| scheme.sample(&[20], Layout::OUT_IN, &mut Generator::manual_seed(1)).unwrap();
    let values: Tensor<f64> = draw(truncated([0.0, 1.0, 1.0, 1e12]));
    let expected = truncated([0.0, 1.0, 1.0, f64::INFINITY]).moments(&[20], Layout::OUT_IN).unwrap();
    assert!(values.data().iter().all(|x| (1.0..9.2).contains(x)), "{values:?}");
    let mean = values.data().iter().sum::<f64>() / 20.0;
    assert!((mean - expected.mean).abs() < 5.0 * expected.std / 20_f64.sqrt(), "{mean}, {expected:?}");
    let scheme = truncated([1e9 + 31.9, 1.0, 1e9 + 32.1, 1e9 + 40.0]);
    let values: Tensor = scheme.sample(&[20], Layout::OUT_IN, &mut Generator::manual_seed(1)).unwrap();
    assert_eq!(values.data(), [1e9 + 64.0; 20]);
}

/// `scipy.stats.truncnorm(-2, 2)` and `(-1, 3)`: std, mean, kurtosis.
#[test]
fn truncated_moments_equal_scipys() {
    let of = |lo, hi| truncated([0.0, 1.0, lo, hi]).moments(&[3], Layout::IN_OUT).unwrap();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-8, "{a} and {b}");
    close(of(-2.0, 2.0).std, 0.879_625_661_034_24);
    close(of(-2.0, 2.0).kurtosis, 2.365_536_72);
    close(of(-1.0, 3.0).mean, 0.282_786_110_7);
    close(of(-1.0, 3.0).std, 0.784_946_963_4);
    let corrected = Scheme::truncated_normal_corrected(0.3).moments(&[3], Layout::IN_OUT).unwrap();
    close(corrected.std, 0.3);
}

#[test]
fn named_schemes_follow_the_formulas_of_the_papers() {
    let fans = Fans { fan_in: 10.0, fan_out: 100.0 };
    let std = |scheme: Scheme| scheme.with_fans(fans).moments(&[1], Layout::IN_OUT).unwrap().std;
    let close = |scheme, want: f64| assert!((std(scheme) / want - 1.0).abs() < 1e-13, "{scheme}: {want}");
    close(Scheme::kaiming_normal(2f64.sqrt()), (2.0 / 10f64).sqrt());
    close(Scheme::scaled(2f64.sqrt(), FanMode::FanOut, Distribution::Normal), (2.0 / 100f64).sqrt());
    close(Scheme::scaled(1.0, FanMode::FanGeoAvg, Distribution::Normal), (1.0 / 1000f64.sqrt()).sqrt());
    for scheme in [Scheme::lecun_normal(), Scheme::lecun_uniform()] {
        close(scheme, (1.0 / 10f64).sqrt());
    }
    for scheme in [Scheme::he_normal(), Scheme::he_uniform()] {
        close(scheme, (2.0 / 10f64).sqrt());
    }
    for scheme in [Scheme::glorot_normal(), Scheme::glorot_uniform(), Scheme::xavier_normal(1.0)] {
        close(scheme, (2.0 / 110f64).sqrt());
    }
    // `GPT2PreTrainedModel` and `T5PreTrainedModel` of transformers 5.24, the authors' code of SIREN, and the formula of
    // arXiv 2310.17813 for matrices that are tall and wide.
    close(Scheme::GPT2, 0.02);
    close(Scheme::t5(0.5), 0.5 * 10f64.powf(-0.5));
    close(Scheme::t5_query(64, 1.0), 640f64.powf(-0.5));
    close(Scheme::siren_first(), 0.1 / 3f64.sqrt());
    close(Scheme::siren(30.0), (6.0 / 10f64).sqrt() / 30.0 / 3f64.sqrt());
    close(Scheme::spectral(2.0), 2.0 / 10f64.sqrt());
    close(Scheme::kaiming_uniform(1.0).fan_out(), 0.1);
    let wide = Scheme::spectral(1.0).with_fans(Fans { fan_in: 100.0, fan_out: 10.0 });
    assert!((std(wide) / (0.1_f64.sqrt() / 10.0) - 1.0).abs() < 1e-13);
    assert_eq!(Scheme::orthogonal().fan_out(), Scheme::orthogonal());
    assert_eq!(std(Scheme::Constant(3.0)), 0.0);
    assert!((torch_gain(Activation::LeakyRelu(0.2)).unwrap() - (2.0 / 1.04f64).sqrt()).abs() < 1e-15);
}

/// The spectral norm of a random matrix tends to `std·(√in + √out)`; over `√(out/in)` it is `1 + √(min/max)`, whichever side
/// is longer. In eight PyTorch draws of 1024×64 it was 1.243 ± 0.005.
#[test]
fn the_spectral_scheme_has_the_spectral_norm_of_its_condition() {
    for shape in [[1024, 64], [64, 1024]] {
        let [out, inputs] = shape.map(|size| size as f64);
        let norms = (0..8).map(|seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let weight: Tensor = Scheme::spectral(1.0).sample(&shape, Layout::OUT_IN, &mut rng).unwrap();
            f64::from(weight.singular_values()[0])
        });
        let mean = norms.sum::<f64>() / 8.0 / (out / inputs).sqrt();
        assert!((mean - 1.243).abs() < 5.0 * (0.005 * 2f64.sqrt()), "{shape:?}: {mean}");
    }
}

fn any_shape() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..7_usize, 2..5)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn independent_and_orthogonal_values_fill_any_weight_and_are_finite(
        scheme in prop_oneof![independent(), (0.0..3.0_f64).prop_map(|gain| Scheme::Orthogonal { gain: gain.into() })],
        shape in any_shape(),
        seed: u64,
    ) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for layout in [Layout::OUT_IN, Layout::IN_OUT, Layout::IN_OUT_KERNEL, Layout::KERNEL_OUT_IN] {
            let sample: Result<Tensor, _> = scheme.sample(&shape, layout, &mut rng);
            let by_mean = matches!(scheme, Scheme::Scaled(scaling) if scaling.mode == FanMode::FanAvg);
            if by_mean && Fans::of(&shape, layout).unwrap() == (Fans { fan_in: 0.0, fan_out: 0.0 }) {
                prop_assert!(sample.is_err(), "as in PyTorch");
                continue;
            }
            let sample = sample.unwrap();
            prop_assert!(sample.data().iter().all(|x| x.is_finite()), "{scheme} {shape:?}: {:?}", sample.data());
        }
    }

    #[test]
    fn the_gain_scales_every_value(seed in 0_u64..1000, gain in 0.1..10.0_f64, m in 1..8_usize, n in 2..8_usize) {
        // At least 16 values; for fewer, PyTorch scales in double precision before it rounds.
        let shape = [16 * m, n];
        let sample = |scheme: Scheme| -> Tensor<f32> {
            scheme.sample(&shape, Layout::IN_OUT, &mut Generator::manual_seed(seed)).unwrap()
        };
        let one = Scheme::kaiming_normal(1.0);
        for (one, scaled) in sample(one).data().iter().zip(sample(one.times(gain)).data()) {
            // Each std and each product is rounded to f32.
            prop_assert!((f64::from(*scaled) / f64::from(*one) / gain - 1.0).abs() < 4.0 * f64::from(f32::EPSILON));
        }
    }

    #[test]
    fn times_multiplies_the_expected_moments(scheme in independent(), factor in 0.1..3.0_f64) {
        let moments = |scheme: Scheme| scheme.moments(&[6, 5], Layout::IN_OUT).unwrap();
        let (one, scaled) = (moments(scheme), moments(scheme.times(factor)));
        prop_assert!((scaled.std - factor * one.std).abs() <= 1e-9 * one.std, "{scheme}: {one:?}, {scaled:?}");
        prop_assert!((scaled.mean - factor * one.mean).abs() <= 1e-9 * (one.mean.abs() + one.std));
    }
}

/// A change of these numbers is an entry under Values in the changelog.
#[test]
fn value_stability() {
    let first = |scheme: Scheme| -> Vec<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(42);
        let sample: Tensor = scheme.sample(&[3, 5], Layout::OUT_IN, &mut rng).unwrap();
        sample.data()[..4].to_vec()
    };
    assert_eq!(first(Scheme::he_normal()), [0.34367105, 0.9592039, -0.15161426, 0.34249598]);
    assert_eq!(first(truncated([0.0, 1.0, 3.0, 4.0])), [3.5126898, 3.0232577, 3.4868817, 3.0998416]);
    assert_eq!(first(Scheme::Sparse { sparsity: 0.3, std: 1.0 }), [0.47798124, 1.3340706, 0.0, 0.4763469]);
    // The sums of the factorisation depend on the CPU, but in double precision only far beyond these digits.
    let rotation = first(Scheme::orthogonal()).into_iter().map(|x| format!("{x:.6}"));
    assert_eq!(rotation.collect::<Vec<_>>(), ["0.299805", "0.836771", "-0.132262", "0.298780"]);
}
