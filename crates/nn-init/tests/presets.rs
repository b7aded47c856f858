//! Defaults of frameworks against the frameworks' own values, and the scales that depend on data, depth or width.

use nn_init::{
    Activation, Bias, CompleteP, Fans, Fixup, InitError, Layout, Lsuv, LsuvError, Moments, Mup, MupRole,
    Preset, Scheme, Tensor, residual_factor,
};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

fn preset(name: &str) -> Preset {
    name.parse().unwrap()
}

fn moments(name: &str, shape: &[usize]) -> Moments {
    preset(name).weight.moments(shape, preset(name).layout).unwrap()
}

/// Preset, weight shape, std and kurtosis of the weight, bound of the bias, which is the std of one by Xavier. The formulas are from the frameworks'
/// sources and were confirmed by drawing from PyTorch 2.15, Keras 3.15, Flax 0.12, burn 0.22 and candle 0.11, but not
/// from tch 0.26, nor from the recurrent layers and the transposed convolutions of burn and
/// candle.
const DRAWN: &[(&str, &[usize], f64, f64, f64)] = &[
    ("torch.linear", &[128, 784], 0.020_619_652_471_058_063, 1.8, 0.035_714_285_714_285_71),
    ("torch.conv", &[8, 4, 3, 3], 0.096_225_044_864_937_63, 1.8, 0.166_666_666_666_666_66),
    ("torch.embedding", &[27, 10], 1.0, 3.0, 0.0),
    ("torch.conv_transpose", &[8, 4, 3, 3], 0.096_225_044_864_937_63, 1.8, 0.166_666_666_666_666_66),
    ("keras.dense", &[784, 128], 0.046_829_290_579_084_7, 1.8, 0.0),
    ("keras.dense", &[64, 1], 0.175_411_603_861_405_86, 1.8, 0.0),
    ("keras.embedding", &[1000, 300], 0.028_867_513_459_481_29, 1.8, 0.0),
    ("keras.conv", &[3, 3, 4, 8], 0.136_082_763_487_954_33, 1.8, 0.0),
    ("flax.dense", &[784, 128], 0.035_714_285_714_285_71, 2.365_536_72, 0.0),
    ("flax.embed", &[1000, 300], 0.057_735_026_918_962_57, 3.0, 0.0),
    ("flax.conv", &[3, 3, 4, 8], 0.166_666_666_666_666_66, 2.365_536_72, 0.0),
    ("burn.linear", &[784, 128], 0.020_619_652_471_058_063, 1.8, 0.035_714_285_714_285_71),
    ("burn.conv", &[8, 4, 3, 3], 0.096_225_044_864_937_63, 1.8, 0.166_666_666_666_666_66),
    ("burn.conv_transpose", &[8, 4, 3, 3], 0.096_225_044_864_937_63, 1.8, 0.166_666_666_666_666_66),
    ("burn.rnn", &[784, 128], 0.046_829_290_579_084_7, 3.0, 0.046_829_290_579_084_7),
    ("burn.rnn", &[128, 128], 0.088_388_347_648_318_44, 3.0, 0.088_388_347_648_318_44),
    ("burn.embedding", &[27, 10], 1.0, 3.0, 0.0),
    ("candle.linear", &[128, 784], 0.050_507_627_227_610_534, 3.0, 0.035_714_285_714_285_71),
    ("candle.conv_transpose", &[8, 4, 3, 3], 0.096_225_044_864_937_63, 1.8, 0.166_666_666_666_666_66),
    ("candle.embedding", &[27, 10], 1.0, 3.0, 0.0),
    ("candle.rnn", &[128, 784], 0.050_507_627_227_610_54, 1.8, 0.0),
    ("tch.linear", &[128, 784], 0.050_507_627_227_610_54, 1.8, 0.035_714_285_714_285_71),
    ("tch.embedding", &[27, 10], 1.0, 3.0, 0.0),
    ("tch.conv", &[8, 4, 3, 3], 0.235_702_260_395_515_84, 1.8, 0.0),
];

#[test]
fn presets_have_the_moments_of_the_frameworks() {
    for preset in Preset::all() {
        assert!(DRAWN.iter().any(|row| row.0 == preset.name), "DRAWN has no row for {preset}");
    }
    for &(name, shape, std, kurtosis, bound) in DRAWN {
        let weight = moments(name, shape);
        assert!((weight.std / std - 1.0).abs() < 1e-12, "{name}: {} for {std}", weight.std);
        assert!((weight.kurtosis - kurtosis).abs() < 1e-8 && weight.mean.abs() < 1e-15, "{name}: {weight:?}");
        let fans = Fans::of(shape, preset(name).layout).unwrap();
        let bias = preset(name).bias.unwrap_or(Bias::Zeros);
        let expected = match bias {
            Bias::Zeros => Scheme::ZEROS,
            Bias::FanIn => Scheme::Uniform { lo: -bound, hi: bound },
            Bias::Xavier => Scheme::Normal { mean: 0.0, std: bound },
        };
        assert_eq!(bias.scheme(fans), expected, "{name}");
    }
}

#[test]
fn every_preset_draws_its_layer() {
    for preset in Preset::all() {
        assert_eq!(preset.to_string().parse(), Ok(preset));
        let (shape, outputs) = match (preset.axes, preset.name.ends_with("conv")) {
            (Layout::OUT_IN, false) => (vec![6, 4], 6),
            (Layout::OUT_IN, true) => (vec![6, 4, 3], 6),
            _ if preset.name.ends_with("conv_transpose") => (vec![4, 6, 3], 6),
            (_, false) => (vec![4, 6], 6),
            (_, true) => (vec![3, 4, 6], 6),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (weight, bias): (Tensor, _) = preset.sample(&shape, &mut rng).unwrap();
        assert_eq!(weight.shape().dims(), shape);
        assert_eq!(bias.map(|b| b.shape().dims().to_vec()), preset.bias.map(|_| vec![outputs]), "{preset}");
        let mut slice = vec![0_f32; weight.data().len()];
        preset.fill_weight(&shape, &mut slice, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
        assert_eq!(slice, weight.data());
    }
}

/// Four times the standard error of a std of n normal values, `1/√(2n)`: one healthy run in 16,000 fails. A bias of
/// `burn.linear`'s, `U(±1/√fan_in)`, is wider by √(10,002/6).
#[test]
fn the_biases_of_burns_recurrent_layers_have_xaviers_std() {
    let n = 10_000;
    let ratio = |name: &str| {
        let mut bias = vec![0_f64; n];
        preset(name).fill_bias(&[2, n], &mut bias, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
        variance(&bias).sqrt() / (2.0 / (n + 2) as f64).sqrt()
    };
    let within = 4.0 / (2.0 * n as f64).sqrt();
    assert!((ratio("burn.rnn") - 1.0).abs() < within, "{}", ratio("burn.rnn"));
    assert!((ratio("burn.linear") - 1.0).abs() > 10.0);
    let without = Fans { fan_in: 0.0, fan_out: 0.0 };
    assert_eq!(Bias::Xavier.scheme(without), Scheme::Normal { mean: 0.0, std: 0.0 });
}

/// `nn.ConvTranspose3d(31, 11, 1)` and `nn.ConvTranspose1d(4, 6, 3, groups=2)` have biases of 11 and 6 values.
#[test]
fn a_transposed_convolution_has_a_bias_per_output() {
    let transposed = preset("torch.conv_transpose");
    assert_eq!(transposed.outputs(&[31, 11, 1, 1, 1]), Ok(11));
    assert_eq!(transposed.grouped(2).outputs(&[4, 3, 3]), Ok(6));
    let mut bias = [0_f32; 11];
    transposed.fill_bias(&[31, 11, 1, 1, 1], &mut bias, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    let bound = 1.0 / 11_f32.sqrt();
    assert!(bias.iter().all(|x| x.abs() <= bound) && bias.iter().any(|x| x.abs() > bound / 2.0));
    let odd = transposed.grouped(3).outputs(&[4, 3, 3]).unwrap_err().to_string();
    assert_eq!(odd, "shape [4, 3, 3] has no fans: 4 inputs cannot be divided into 3 groups");
}

#[test]
fn a_layer_without_inputs_has_a_bias_of_zeros() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (_, bias): (Tensor, _) = preset("torch.linear").sample(&[3, 0], &mut rng).unwrap();
    assert_eq!(bias.unwrap().data(), [0.0; 3]);
    let wrong: InitError = preset("torch.linear").fill_bias(&[3, 2], &mut [0_f32; 2], &mut rng).unwrap_err();
    assert_eq!(wrong.to_string(), "the slice has 2 values; shape [3] has 3");
}

#[test]
fn a_refused_slice_is_unchanged() {
    let mut slice = [7_f32; 5];
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut refused = |scheme: Scheme, shape: &[usize]| {
        scheme.fill(shape, Layout::OUT_IN, &mut slice, &mut rng).unwrap_err().to_string()
    };
    assert_eq!(refused(Scheme::ZEROS, &[2, 3]), "the slice has 5 values; shape [2, 3] has 6");
    assert!(refused(Scheme::ZEROS, &[usize::MAX, 3]).contains("more values than can be addressed"));
    assert!(refused(Scheme::Normal { mean: 0.0, std: -1.0 }, &[5]).contains("must not be negative"));
    assert!(
        refused(Scheme::Uniform { lo: -3e38, hi: 3e38 }, &[5])
            .contains("must not exceed the largest number, 3.4028234663852886e38")
    );
    assert!(refused(Scheme::xavier_normal(f64::NAN), &[5, 1]).contains("the gain NaN must be finite"));
    assert!(refused(Scheme::Orthogonal { gain: f64::INFINITY.into() }, &[5, 1]).contains("finite"));
    assert!(refused(Scheme::orthogonal(), &[5]).contains("no fans"));
    assert_eq!(slice, [7.0; 5]);
    let huge: Result<Tensor, _> = Scheme::ZEROS.sample(&[usize::MAX, 3], Layout::OUT_IN, &mut rng);
    assert!(huge.unwrap_err().to_string().contains("more values than can be addressed"));
}

/// The variance of all values.
fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n
}

/// Ten layers of tanh whose initial weights are a hundred times too small. Scaled one after the other on a batch, each
/// has pre-activations of variance 1.
#[test]
fn lsuv_gives_every_layer_unit_variance() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut x: Tensor<f64> =
        Scheme::Normal { mean: 0.5, std: 3.0 }.sample(&[64, 30], Layout::IN_OUT, &mut rng).unwrap();
    for _ in 0..10 {
        let scheme = Scheme::Orthogonal { gain: 0.01.into() };
        let mut weight: Tensor<f64> = scheme.sample(&[30, 30], Layout::IN_OUT, &mut rng).unwrap();
        let run = |values: &[f64]| x.matmul(&Tensor::from_vec(values.to_vec(), [30, 30]).unwrap());
        let before = weight.data()[0];
        let outcome =
            Lsuv::default().scale(weight.data_mut(), |values| variance(run(values).data())).unwrap();
        let pre = run(weight.data());
        assert!((variance(pre.data()) - 1.0).abs() < 1e-9, "a linear layer needs one step");
        assert_eq!(outcome.steps, 1);
        assert!((weight.data()[0] / before / outcome.factor - 1.0).abs() < 1e-12);
        x = pre.map(|z| Activation::Tanh.eval(z).0);
    }
}

#[test]
fn weights_that_lsuv_cannot_scale_are_unchanged() {
    let mut weights = [1.0, -2.0];
    assert_eq!(Lsuv::default().scale(&mut weights, |_| 0.0), Err(LsuvError::Variance(0.0)));
    assert_eq!(
        Lsuv::default().scale(&mut weights, |_| f64::INFINITY),
        Err(LsuvError::Variance(f64::INFINITY))
    );
    assert!(
        matches!(Lsuv::default().scale(&mut weights, |_| f64::NAN), Err(LsuvError::Variance(v)) if v.is_nan())
    );
    assert_eq!(Lsuv::default().scale(&mut weights, |_| 4.0), Err(LsuvError::Unreached(4.0)));
    assert_eq!(weights, [1.0, -2.0]);
}

/// In a residual stream of L blocks with two branches each, every branch adds variance 1/(2L), and variance 1 becomes
/// 2.
#[test]
fn residual_scaling_keeps_the_stream_from_growing_with_depth() {
    for blocks in [1, 12, 96] {
        let each = residual_factor(blocks).powi(2);
        assert!((1.0 + 2.0 * blocks as f64 * each - 2.0).abs() < 1e-12);
    }
}

/// The exponents of the authors' code: −1/2 for two layers per branch, −1/4 for three.
#[test]
fn fixup_scales_the_inner_layers_of_a_branch() {
    let he = Scheme::kaiming_normal(2f64.sqrt());
    let fixup = |branches, layers| Fixup { branches, layers };
    assert_eq!(fixup(54, 2).scheme(0, he), he.times(54f64.powf(-0.5)));
    assert_eq!(fixup(16, 3).scheme(1, he), he.times(0.5));
    assert_eq!(fixup(16, 3).scheme(2, he), Scheme::ZEROS);
    assert_eq!(fixup(16, 1).scheme(0, he), Scheme::ZEROS);
}

#[test]
#[should_panic(expected = "there is no layer 2 in a branch with 2 layers")]
fn fixup_has_no_layer_beyond_the_branch() {
    let _ = Fixup { branches: 4, layers: 2 }.scheme(2, Scheme::ZEROS);
}

/// Table 3 of the paper: variances fall as 1/width, that of the output as 1/width².
#[test]
fn mup_follows_its_table() {
    let variance = |role, width| {
        let mup = Mup { base: 100, width };
        mup.scheme(role, Scheme::kaiming_normal(1.0))
            .moments(&[width, 10], Layout::IN_OUT)
            .unwrap()
            .variance()
    };
    let ratio = |role| variance(role, 800) / variance(role, 100);
    assert!((ratio(MupRole::Hidden) - 1.0 / 8.0).abs() < 1e-12);
    assert!((ratio(MupRole::Output) - 1.0 / 64.0).abs() < 1e-12);
    let wide = Mup { base: 100, width: 800 };
    let roles = [MupRole::Input, MupRole::Hidden, MupRole::Output];
    assert_eq!(roles.map(|role| wide.sgd_rate(role)), [8.0, 1.0, 0.125]);
    assert_eq!(roles.map(|role| wide.adam_rate(role)), [1.0, 0.125, 0.125]);
    let same = Mup { base: 100, width: 100 };
    assert_eq!(roles.map(|role| same.sgd_rate(role)), [1.0; 3]);
    assert_eq!(same.scheme(MupRole::Output, Scheme::ONES), Scheme::ONES);
}

/// The exponents of the authors' code for `AdamW`.
#[test]
fn complete_p_follows_its_authors_code() {
    let larger = CompleteP { base_width: 256, width: 1024, base_depth: 2, depth: 32, alpha: 0.5 };
    let roles = [MupRole::Input, MupRole::Hidden, MupRole::Output];
    let base = Scheme::GPT2;
    assert_eq!(roles.map(|role| larger.scheme(role, base)), [base, base.times(0.5), base]);
    assert_eq!(larger.branch_factor(), 0.25);
    assert_eq!(larger.output_factor(), 0.25);
    assert_eq!(roles.map(|role| larger.adam_rate(role)), [1.0, 0.0625, 1.0]);
    assert_eq!(roles.map(|role| larger.adam_epsilon(role)), [0.25, 0.0625, 0.25]);
    let complete = CompleteP { alpha: 1.0, ..larger };
    assert_eq!(complete.branch_factor(), 0.0625);
    assert_eq!(roles.map(|role| complete.adam_rate(role)), [1.0, 0.25, 1.0]);
    let same = CompleteP { width: 256, depth: 2, ..larger };
    assert_eq!(roles.map(|role| (same.scheme(role, base), same.adam_rate(role))), [(base, 1.0); 3]);
}

#[test]
#[should_panic(expected = "CompleteP: depth 0 and its base 2 must be at least 1")]
fn complete_p_needs_a_depth() {
    let _ = CompleteP { base_width: 1, width: 1, base_depth: 2, depth: 0, alpha: 1.0 }.branch_factor();
}
