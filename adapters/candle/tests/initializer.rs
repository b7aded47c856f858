//! What candle's layers get: PyTorch's numbers, nn-init's own, the same from the same seed, and still trainable.

use candle_core::{DType, Device, Result, Shape, Tensor, Var};
use candle_nn::init::{FanInOut, Init, NonLinearity, NormalOrUniform};
use candle_nn::{Linear, Module, Optimizer, SGD, VarBuilder, linear};
use diagnostics::Summary;
use nn_init::{Layout, Preset, Scheme};
use step_zero_candle::{Initializer, candles_own};
use torch_rng::Generator;

/// An initializer with one scheme for every weight; for the rest what candle has.
fn weights_by(
    scheme: Scheme,
    seed: u64,
) -> Initializer<Generator, impl Fn(&str, Scheme) -> Scheme + Send + Sync> {
    Initializer::new(
        Generator::manual_seed(seed),
        move |name: &str, candles| {
            if name.ends_with("weight") { scheme } else { candles }
        },
    )
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn two_layers(vb: &VarBuilder) -> Result<[Linear; 2]> {
    Ok([linear(10, 100, vb.pp("first"))?, linear(100, 5, vb.pp("second"))?])
}

fn orthogonal() -> Scheme {
    "orthogonal".parse().unwrap()
}

/// PyTorch 2.15: `torch.manual_seed(42); m = nn.Sequential(nn.Linear(10, 100), nn.Tanh(), nn.Linear(100, 5))`, and of
/// each `b = p.detach().numpy().reshape(-1).view(numpy.uint32)`: `b[0]`, `b[-1]`, `numpy.bitwise_xor.reduce(b)`.
#[test]
fn layers_have_pytorchs_numbers() {
    let torch: Preset = "torch.linear".parse().unwrap();
    let initializer = weights_by(torch.weight, 42);
    let [first, second] = two_layers(&initializer.var_builder(DType::F32, &Device::Cpu)).unwrap();
    let expected = [
        (first.weight(), [0x3e77_921d, 0xbe98_4e1f, 0x0480_2746]),
        (first.bias().unwrap(), [0x3e14_913d, 0x3e56_6ea1, 0x0b9f_7e63]),
        (second.weight(), [0xbd8a_80d7, 0x3da1_4b6d, 0x8e32_cbc0]),
        (second.bias().unwrap(), [0xbdb7_0df5, 0x3bc3_6f80, 0xbac7_99ad]),
    ];
    for (tensor, pytorch) in expected {
        let bits: Vec<u32> = values(tensor).into_iter().map(f32::to_bits).collect();
        let xor = bits.iter().fold(0, |xor, bits| xor ^ bits);
        assert_eq!([bits[0], bits[bits.len() - 1], xor], pytorch);
    }
}

#[test]
fn variables_are_what_nn_init_samples_in_the_same_order() {
    let initializer = weights_by(orthogonal(), 7);
    two_layers(&initializer.var_builder(DType::F32, &Device::Cpu)).unwrap();

    let mut source = Generator::manual_seed(7);
    let variables = initializer.variables().data().lock().unwrap();
    let drawn = initializer.drawn();
    assert_eq!(drawn.len(), 4);
    for drawn in drawn {
        let expected = drawn.scheme.sample::<f32>(&drawn.shape, Layout::OUT_IN, &mut source).unwrap();
        assert_eq!(values(&variables[&drawn.name]), expected.data(), "{}", drawn.name);
    }
}

#[test]
fn a_seed_decides_every_value() {
    let draw = |seed| {
        let initializer = weights_by(orthogonal(), seed);
        let [first, second] = two_layers(&initializer.var_builder(DType::F32, &Device::Cpu)).unwrap();
        [values(first.weight()), values(first.bias().unwrap()), values(second.weight())]
    };
    assert_eq!(draw(1), draw(1));
    for (one, other) in draw(1).iter().zip(&draw(2)) {
        assert_ne!(one, other);
    }
}

/// Of n independent values of kurtosis κ the standard deviation has a standard error of `σ·√((κ − 1)/(4n))`. Five of
/// them, at a fixed seed. Those of an orthogonal scheme depend on each other, so that theirs is nearer.
#[test]
fn deviations_are_as_expected() {
    let near = |std: f64, scheme: Scheme, shape: &[usize]| {
        let expected = scheme.moments(shape, Layout::OUT_IN).unwrap();
        let n = shape.iter().product::<usize>() as f64;
        (std - expected.std).abs() < 5.0 * expected.std * ((expected.kurtosis - 1.0) / (4.0 * n)).sqrt()
    };
    for text in
        ["orthogonal(tanh)", "xavier_uniform(tanh)", "glorot_normal", "truncated_normal(0, 1, -0.5, 2)"]
    {
        let scheme: Scheme = text.parse().unwrap();
        let initializer = weights_by(scheme, 3);
        let layer = linear(300, 200, initializer.var_builder(DType::F32, &Device::Cpu)).unwrap();
        let std = Summary::of(&values(layer.weight())).std();
        assert!(near(std, scheme, &[200, 300]), "{text}: {std}");
        assert!(!near(std, scheme.times(1.05), &[200, 300]), "{text}: 5 % are not seen");
    }
}

#[test]
fn candles_own_schemes_have_candles_deviations() {
    let shape = [16, 4, 3, 5];
    for fan in [FanInOut::FanIn, FanInOut::FanOut] {
        for dist in [NormalOrUniform::Normal, NormalOrUniform::Uniform] {
            for non_linearity in [NonLinearity::ReLU, NonLinearity::Tanh, NonLinearity::ExplicitGain(1.3)] {
                let scheme = candles_own(Init::Kaiming { dist, fan, non_linearity });
                let candles = non_linearity.gain() / (fan.for_shape(&Shape::from(&shape)) as f64).sqrt();
                let std = scheme.moments(&shape, Layout::OUT_IN).unwrap().std;
                assert!((std / candles - 1.0).abs() < 1e-14, "{scheme}: {std} for {candles}");
            }
        }
    }
    assert_eq!(candles_own(Init::Const(1.0)), Scheme::ONES);
    assert_eq!(candles_own(Init::Randn { mean: 0.0, stdev: 1.0 }), Scheme::STANDARD_NORMAL);
    assert_eq!(candles_own(Init::Uniform { lo: -1.0, up: 2.0 }), Scheme::Uniform { lo: -1.0, hi: 2.0 });
}

#[test]
fn what_is_drawn_is_what_is_trained() {
    let device = Device::Cpu;
    let initializer = weights_by(orthogonal(), 5);
    let [first, second] = two_layers(&initializer.var_builder(DType::F32, &device)).unwrap();
    let x =
        Tensor::arange(0_f32, 40.0, &device).unwrap().reshape((4, 10)).unwrap().affine(0.05, -1.0).unwrap();
    let loss = || {
        let hidden = first.forward(&x).unwrap().tanh().unwrap();
        second.forward(&hidden).unwrap().sqr().unwrap().mean_all().unwrap()
    };

    let variables: Vec<Var> = initializer.variables().all_vars();
    let before: Vec<_> = variables.iter().map(|variable| values(variable)).collect();
    let start = loss();
    SGD::new(variables.clone(), 0.01).unwrap().backward_step(&start).unwrap();
    for (variable, before) in variables.iter().zip(before) {
        assert_ne!(values(variable), before);
    }
    assert!(values(&loss())[0] < values(&start)[0]);
}

#[test]
fn a_name_is_drawn_once_and_keeps_its_shape() {
    let initializer = weights_by(orthogonal(), 5);
    let vb = initializer.var_builder(DType::F32, &Device::Cpu);
    let (one, tied) = (linear(4, 3, vb.pp("tied")).unwrap(), linear(4, 3, vb.pp("tied")).unwrap());
    assert_eq!(values(one.weight()), values(tied.weight()));
    assert_eq!(initializer.drawn().len(), 2);
    assert_eq!(values(&vb.get_unchecked("tied.weight").unwrap()), values(one.weight()));

    assert!(linear(3, 4, vb.pp("tied")).unwrap_err().to_string().contains("tied.weight"));
    assert!(vb.get_unchecked("other.weight").is_err());
}

#[test]
fn values_take_the_variables_type() {
    let draw = |dtype| {
        let initializer = weights_by(orthogonal(), 5);
        let layer = linear(8, 8, initializer.var_builder(dtype, &Device::Cpu)).unwrap();
        assert_eq!(layer.weight().dtype(), dtype);
        layer.weight().to_dtype(DType::F32).unwrap()
    };
    assert_eq!(values(&draw(DType::F64)), values(&draw(DType::F32)));
}

#[test]
fn a_scheme_that_does_not_fit_names_its_variable() {
    let initializer = Initializer::new(Generator::manual_seed(1), |_: &str, _| orthogonal());
    let error = linear(4, 3, initializer.var_builder(DType::F32, &Device::Cpu).pp("hidden")).unwrap_err();
    assert!(error.to_string().starts_with("hidden.bias: shape [3] has no fans"), "{error}");
}

/// The README shows the first rows; what is measured in them is rounded as the CPU adds.
#[test]
fn the_program_prints_what_the_readme_shows() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_step-zero-candle")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let shown =
        include_str!("../../README.md").split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(shown.lines().count() > 3);
    for (shown, printed) in shown.lines().zip(printed.lines()) {
        assert_eq!(shown[..41], printed[..41]); // name, shape and expected std
    }
}
