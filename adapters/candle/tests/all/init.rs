//! The values of candle's layers: PyTorch's numbers, nn-init's own, the same from the same seed, and still trainable.

use candle_core::{DType, Result, Shape, Tensor, Var};
use candle_nn::init::{FanInOut, Init, NonLinearity, NormalOrUniform};
use candle_nn::{Linear, Module, Optimizer, SGD, VarBuilder, linear};
use diagnostics::Summary;
use nn_init::{Layout, Preset, Scheme};
use step_zero_candle::{Initialised, Recipe, candles_own};
use torch_rng::Generator;

use crate::values;

/// One scheme for every weight; for the rest what candle has.
fn weights_by(scheme: Scheme) -> Recipe {
    Recipe::by(move |variable| variable.name.ends_with("weight").then_some(scheme))
}

fn two_layers(vb: VarBuilder<'_>) -> Result<[Linear; 2]> {
    Ok([linear(10, 100, vb.pp("first"))?, linear(100, 5, vb.pp("second"))?])
}

fn variable<M>(init: &Initialised<M>, name: &str) -> Var {
    init.variables.data().lock().unwrap()[name].clone()
}

/// PyTorch 2.15: `torch.manual_seed(42); m = nn.Sequential(nn.Linear(10, 100), nn.Tanh(), nn.Linear(100, 5))`, and of
/// each `b = p.detach().numpy().reshape(-1).view(numpy.uint32)`: `b[0]`, `b[-1]`, `numpy.bitwise_xor.reduce(b)`.
#[test]
fn layers_have_pytorchs_numbers() {
    let torch: Preset = "torch.linear".parse().unwrap();
    let init = weights_by(torch.weight).init(42, two_layers).unwrap();
    let [first, second] = &init.model;
    let expected = [
        (first.weight(), [0x3e77_921d, 0xbe98_4e1f, 0x0480_2746]),
        (first.bias().unwrap(), [0x3e14_913d, 0x3e56_6ea1, 0x0b9f_7e63]),
        (second.weight(), [0xbd8a_80d7, 0x3da1_4b6d, 0x8e32_cbc0]),
        (second.bias().unwrap(), [0xbdb7_0df5, 0x3bc3_6f80, 0xbac7_99ad]),
    ];
    for (tensor, pytorch) in expected {
        let bits = crate::bits(tensor);
        let xor = bits.iter().fold(0, |xor, bits| xor ^ bits);
        assert_eq!([bits[0], bits[bits.len() - 1], xor], pytorch);
    }
}

#[test]
fn variables_are_what_nn_init_samples_in_the_same_order() {
    let init = weights_by(Scheme::orthogonal()).init(7, two_layers).unwrap();
    let mut source = Generator::manual_seed(7);
    assert_eq!(init.drawn.len(), 4);
    for drawn in &init.drawn {
        let scheme = drawn.draw.as_ref().unwrap().parts[0].scheme;
        let expected = scheme.sample::<f32>(&drawn.shape, Layout::OUT_IN, &mut source).unwrap();
        assert_eq!(values(&variable(&init, &drawn.name)), expected.data(), "{}", drawn.name);
    }
}

#[test]
fn a_seed_decides_every_value_and_any_source_will_do() {
    let draw = |seed| {
        let init = weights_by(Scheme::orthogonal()).init(seed, two_layers).unwrap();
        init.drawn.iter().map(|drawn| values(&variable(&init, &drawn.name))).collect::<Vec<_>>()
    };
    assert_eq!(draw(1), draw(1));
    for (one, other) in draw(1).iter().zip(&draw(2)) {
        assert_ne!(one, other);
    }

    /// Counts up.
    struct Counter(f32);
    impl nn_init::Source<f32> for Counter {
        fn uniform(&mut self, _: f64, _: f64, out: &mut [f32]) {
            out.iter_mut().for_each(|x| (*x, self.0) = (self.0, self.0 + 1.0));
        }
        fn normal(&mut self, mean: f64, std: f64, out: &mut [f32]) {
            self.uniform(mean, std, out);
        }
        fn permutation(&mut self, n: usize) -> Vec<usize> {
            (0..n).collect()
        }
    }
    let init = Recipe::candles_own().init_from(&mut Counter(0.0), two_layers).unwrap();
    assert_eq!(values(init.model[1].bias().unwrap()), [1600.0, 1601.0, 1602.0, 1603.0, 1604.0]);
    assert_eq!(init.seed, None);
}

/// The standard deviation of n independent values of kurtosis κ has a standard error of `σ·√((κ − 1)/(4n))`. Five of
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
        let init = weights_by(scheme).init(3, |vb| linear(300, 200, vb)).unwrap();
        let std = Summary::of(&values(init.model.weight())).std();
        assert!(near(std, scheme, &[200, 300]), "{text}: {std}");
        assert!(!near(std, scheme.times(1.05), &[200, 300]), "{text}: 5% are not noticed");
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
    let init = weights_by(Scheme::orthogonal()).init(5, two_layers).unwrap();
    let x = crate::noise(1, &[4, 10]);
    let loss = || {
        let hidden = init.model[0].forward(&x).unwrap().tanh().unwrap();
        init.model[1].forward(&hidden).unwrap().sqr().unwrap().mean_all().unwrap()
    };
    let variables = init.variables.all_vars();
    let before: Vec<_> = variables.iter().map(|variable| values(variable)).collect();
    let first = loss();
    SGD::new(variables.clone(), 0.01).unwrap().backward_step(&first).unwrap();
    for (variable, before) in variables.iter().zip(before) {
        assert_ne!(values(variable), before);
    }
    assert!(values(&loss())[0] < values(&first)[0]);
}

/// A layer that keeps a transposed copy of its weight, as some models do when they load.
struct Transposed(Tensor);

#[test]
fn a_model_that_copies_its_weights_while_it_loads_has_the_drawn_ones() {
    let build = |vb: VarBuilder<'_>| Ok(Transposed(vb.get((3, 5), "weight")?.t()?.contiguous()?));
    let init = Recipe::by(|_| Some(Scheme::STANDARD_NORMAL)).init(3, build).unwrap();
    let drawn = variable(&init, "weight");
    assert_eq!(values(&init.model.0), values(&drawn.t().unwrap()));
    assert!(values(&drawn).iter().all(|&x| x != 0.0));
}

#[test]
fn a_name_is_drawn_once_and_keeps_its_shape() {
    let twice = |vb: VarBuilder<'_>| Ok([linear(4, 3, vb.pp("tied"))?, linear(4, 3, vb.pp("tied"))?]);
    let init = weights_by(Scheme::orthogonal()).init(5, twice).unwrap();
    assert_eq!(init.model[0].weight().id(), init.model[1].weight().id());
    assert_eq!(init.drawn.len(), 2);

    let differ = |vb: VarBuilder<'_>| Ok([linear(4, 3, vb.pp("tied"))?, linear(3, 4, vb.pp("tied"))?]);
    let error = weights_by(Scheme::orthogonal()).init(5, differ).err().unwrap().to_string();
    assert_eq!(error, "tied.weight: the model asks for [3, 4] first, and for [4, 3] later");
}

/// Both buildings see the same answers, whatever was drawn in between.
#[test]
fn a_model_that_asks_what_there_is_is_built_the_same_way_twice() {
    let build = |vb: VarBuilder<'_>| {
        let before = vb.contains_tensor("weight");
        let weight = vb.get(3, "weight")?;
        Ok((before, vb.contains_tensor("weight"), weight, vb.get_unchecked("weight")?))
    };
    let init = Recipe::by(|_| Some(Scheme::STANDARD_NORMAL)).init(3, build).unwrap();
    let (before, after, weight, again) = &init.model;
    assert_eq!((*before, *after), (false, true));
    assert_eq!(weight.id(), again.id());
    let unknown = Recipe::candles_own().init(3, |vb| vb.get_unchecked("weight")).err().unwrap().to_string();
    assert_eq!(unknown, "weight: the model asks for it without a shape, so it cannot be drawn");
}

/// Half precision is what single precision rounds to, as by PyTorch's `model.to(torch.bfloat16)`.
#[test]
fn values_take_the_variables_type() {
    let draw = |dtype| {
        let init = weights_by(Scheme::orthogonal()).dtype(dtype).init(5, |vb| linear(8, 8, vb)).unwrap();
        assert_eq!(init.model.weight().dtype(), dtype);
        init.model.weight().clone()
    };
    let single = draw(DType::F32);
    assert_eq!(values(&draw(DType::F64)), values(&single));
    for dtype in [DType::F16, DType::BF16] {
        assert_eq!(values(&draw(dtype)), values(&single.to_dtype(dtype).unwrap()));
        assert_ne!(values(&draw(dtype)), values(&single));
    }
}

/// Integers are no matter of schemes.
#[test]
fn integers_are_candles_own() {
    let build = |vb: VarBuilder<'_>| {
        let ids = vb.get_with_hints_dtype(4, "position_ids", Init::Const(3.0), DType::U32)?;
        Ok((ids, vb.get((2, 2), "weight")?))
    };
    let init = Recipe::by(|_| Some(Scheme::STANDARD_NORMAL)).init(3, build).unwrap();
    assert_eq!(init.model.0.to_vec1::<u32>().unwrap(), [3; 4]);
    assert_eq!(init.drawn("position_ids").unwrap().draw, None);
}

#[test]
fn a_scheme_that_does_not_fit_names_its_variable() {
    let orthogonal = Recipe::by(|_| Some(Scheme::orthogonal()));
    let error = orthogonal.init(1, |vb| linear(4, 3, vb.pp("hidden"))).err().unwrap().to_string();
    assert!(error.starts_with("hidden.bias: scheme orthogonal: shape [3] has no fans"), "{error}");
    assert!(!error.contains('\n'), "{error}");
}
