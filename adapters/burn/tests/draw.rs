//! The values of burn's parameters: PyTorch's numbers, nn-init's own, the same from the same seed, and still trainable.

use burn_core as burn;
use burn_core::module::{Module, ModuleMapper, Param};
use burn_core::tensor::{DType, Device, Tensor};
use burn_nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2dConfig};
use burn_nn::{BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, Linear, LinearConfig, LinearLayout};
use checkpoint::{NameRules, RuleSettings, ShippedRules};
use diagnostics::Summary;
use nn_init::{Layout, LsuvError, Preset, Scheme};
use step_zero_burn::{DrawError, Draws, Parameter, draw, draw_by_rules, lsuv};
use torch_rng::Generator;

#[derive(Module, Debug)]
struct Network {
    embedding: Embedding,
    conv: Conv2d,
    hidden: Linear,
}

fn network(device: &Device) -> Network {
    Network {
        embedding: EmbeddingConfig::new(27, 8).init(device),
        conv: Conv2dConfig::new([1, 4], [3, 3]).init(device),
        hidden: LinearConfig::new(10, 100).init(device),
    }
}

fn layer() -> Linear {
    LinearConfig::new(10, 100).init(&Device::flex())
}

fn values<const D: usize>(param: &Param<Tensor<D>>) -> Vec<f32> {
    param.val().try_into_vec_as().unwrap()
}

fn parse(text: &str) -> Scheme {
    text.parse().unwrap()
}

/// PyTorch 2.15: `torch.manual_seed(42); m = nn.ModuleDict({"embedding": nn.Embedding(27, 8),
/// "conv": nn.Conv2d(1, 4, 3), "hidden": nn.Linear(10, 100)})`, and of each
/// `b = p.detach().numpy().reshape(-1).view(numpy.uint32)`: `b[0]`, `b[-1]`, `numpy.bitwise_xor.reduce(b)`.
#[test]
fn a_module_has_pytorchs_numbers() {
    let [linear, embedding]: [Preset; 2] =
        ["torch.linear", "torch.embedding"].map(|name| name.parse().unwrap());
    let torch = |parameter: &Parameter| {
        Some(if parameter.layer == "Embedding" { embedding.weight } else { linear.weight })
    };
    let (network, _) = draw(network(&Device::flex()), &mut Generator::manual_seed(42), torch).unwrap();

    // PyTorch's order of axes; the linear layer's weight is the transpose of burn's.
    let hidden: Vec<f32> = network.hidden.weight.val().transpose().try_into_vec_as().unwrap();
    let expected = [
        (values(&network.embedding.weight), [0x3ff6_a529, 0xbf39_5a4a, 0xf83a_bd49]),
        (values(&network.conv.weight), [0x3e23_e048, 0xbb28_f0ab, 0x0053_257a]),
        (values(network.conv.bias.as_ref().unwrap()), [0xbd9d_2bb6, 0xbea9_6c82, 0x8399_08b2]),
        (hidden, [0x3e49_0695, 0x3dd1_3f2f, 0x8cf7_4af8]),
        (values(network.hidden.bias.as_ref().unwrap()), [0xbdc2_43d6, 0x3e98_0031, 0x874f_85b6]),
    ];
    for (values, pytorch) in expected {
        let bits: Vec<u32> = values.into_iter().map(f32::to_bits).collect();
        let xor = bits.iter().fold(0, |xor, bits| xor ^ bits);
        assert_eq!([bits[0], bits[bits.len() - 1], xor], pytorch);
    }
}

#[test]
fn a_linear_layers_weight_is_nn_inits_transposed() {
    let scheme = parse("sparse(0.9, 0.3)");
    let only_weights = |parameter: &Parameter| parameter.path.ends_with("weight").then_some(scheme);
    let (layer, drawn) = draw(layer(), &mut Generator::manual_seed(7), only_weights).unwrap();

    let sample = scheme.sample::<f32>(&[100, 10], Layout::OUT_IN, &mut Generator::manual_seed(7)).unwrap();
    let expected: Vec<f32> =
        (0..10).flat_map(|i| sample.data().iter().skip(i).step_by(10)).copied().collect();
    assert_eq!(values(&layer.weight), expected);
    let [(parameter, by)] = &drawn[..] else { panic!("one parameter was drawn: {drawn:?}") };
    assert_eq!((parameter.path.as_str(), parameter.layer.as_str(), *by), ("weight", "Linear", scheme));
    assert_eq!(parameter.shape, [100, 10]);
}

#[test]
fn the_others_stay_as_they_were() {
    let before = network(&Device::flex());
    let only_conv = |parameter: &Parameter| (parameter.path == "conv.weight").then(|| parse("dirac"));
    let (after, _) = draw(before.clone(), &mut Generator::manual_seed(7), only_conv).unwrap();
    assert_ne!(values(&after.conv.weight), values(&before.conv.weight));
    assert_eq!(values(&after.hidden.weight), values(&before.hidden.weight));
    assert_eq!(values(&after.embedding.weight), values(&before.embedding.weight));
    assert_eq!(after.conv.weight.id, before.conv.weight.id); // an optimizer still knows it
}

#[test]
fn a_seed_decides_every_value() {
    let drawn = |seed| {
        let choose = |_: &Parameter| Some(Scheme::truncated_normal_corrected(0.5));
        let (network, _) = draw(network(&Device::flex()), &mut Generator::manual_seed(seed), choose).unwrap();
        [values(&network.embedding.weight), values(&network.conv.weight), values(&network.hidden.weight)]
    };
    assert_eq!(drawn(1), drawn(1));
    for (one, other) in drawn(1).iter().zip(&drawn(2)) {
        assert_ne!(one, other);
    }
}

/// The standard deviation of n values of kurtosis κ has a standard error of `σ·√((κ − 1)/(4n))` if they are
/// independent. Five of them, at a fixed seed. A sparse scheme fixes the number of zeros, so that its is nearer.
#[test]
fn deviations_are_as_expected() {
    for scheme in [Scheme::truncated_normal_corrected(0.5), parse("sparse(0.9, 0.3)"), parse("xavier_normal")]
    {
        let layer = LinearConfig::new(300, 200).with_bias(false).init(&Device::flex());
        let (layer, drawn) = draw(layer, &mut Generator::manual_seed(3), |_| Some(scheme)).unwrap();
        let std = Summary::of(&values(&layer.weight)).std();
        let near = |scheme: Scheme| {
            let expected = scheme.moments(&drawn[0].0.shape, drawn[0].0.layout).unwrap();
            let error = expected.std * ((expected.kurtosis - 1.0) / (4.0 * 60_000.0)).sqrt();
            (std - expected.std).abs() < 5.0 * error
        };
        assert!(near(scheme), "{scheme}: {std}");
        assert!(!near(scheme.times(1.1)), "{scheme}: a change of 10% is not noticed");
    }
}

#[test]
fn a_transposed_convolution_has_its_own_fans() {
    let up = ConvTranspose2dConfig::new([4, 2], [3, 3]).init(&Device::flex());
    let he = |_: &Parameter| Some(parse("kaiming_normal"));
    let (_, drawn) = draw(up, &mut Generator::manual_seed(3), he).unwrap();
    let (weight, scheme) = &drawn[0];
    let std = scheme.moments(&weight.shape, weight.layout).unwrap().std;
    assert!((std - (2.0 / 36_f64).sqrt()).abs() < 1e-15); // fan_in 4·3·3
    assert_eq!(drawn[1].1, Scheme::Normal { mean: 0.0, std }); // its bias has the same
}

#[test]
fn what_was_trained_is_trained_still() {
    let device = Device::flex().autodiff();
    let (mut trained, mut frozen) = (network(&device).hidden, network(&device).hidden.no_grad());
    for layer in [&mut trained, &mut frozen] {
        *layer = draw(layer.clone(), &mut Generator::manual_seed(3), |_| Some(Scheme::ONES)).unwrap().0;
    }
    assert!(!frozen.weight.val().is_require_grad());

    let weight = trained.weight.clone();
    trained.weight = lsuv(weight, |weight| inputs(&device).matmul(weight)).unwrap().0;
    let gradients = trained.forward(inputs(&device)).powi_scalar(2).sum().backward();
    let gradient = trained.weight.val().grad(&gradients).unwrap();
    assert_eq!(gradient.dims(), [10, 100]);
    assert!(trained.bias.unwrap().val().grad(&gradients).is_some());
}

fn inputs(device: &Device) -> Tensor<2> {
    let mut values = vec![0_f32; 320];
    let scheme = Scheme::Normal { mean: 0.0, std: 3.0 };
    scheme.fill(&[32, 10], Layout::OUT_IN, &mut values, &mut Generator::manual_seed(9)).unwrap();
    Tensor::<1>::from_floats(values.as_slice(), device).reshape([32, 10])
}

#[test]
fn lsuv_makes_a_variance_of_1() {
    let orthogonal = |_: &Parameter| Some(parse("orthogonal"));
    let plain = LinearConfig::new(10, 100).with_bias(false).init(&Device::flex());
    let (mut layer, _) = draw(plain, &mut Generator::manual_seed(3), orthogonal).unwrap();
    let inputs = inputs(&Device::flex());
    let variance = |layer: &Linear| {
        let outputs: Vec<f32> = layer.forward(inputs.clone()).try_into_vec_as().unwrap();
        Summary::of(&outputs).variance()
    };
    assert!((variance(&layer) - 1.0).abs() > 0.02);
    let (weight, scaled) = lsuv(layer.weight.clone(), |weight| inputs.clone().matmul(weight)).unwrap();
    assert_eq!(weight.id, layer.weight.id);
    layer.weight = weight;
    assert!((variance(&layer) - 1.0).abs() < 0.02);
    assert_eq!(scaled.steps, 1); // a linear layer

    let nothing = lsuv(layer.weight, |weight| inputs.clone().matmul(weight).mul_scalar(0.0));
    assert!(matches!(nothing, Err(LsuvError::Variance(0.0))));
}

#[test]
fn a_scheme_that_does_not_fit_names_its_parameter() {
    let orthogonal = |_: &Parameter| Some(parse("orthogonal"));
    let error = draw(network(&Device::flex()), &mut Generator::manual_seed(3), orthogonal).unwrap_err();
    assert!(error.to_string().starts_with("conv.bias: shape [4] has no fans"), "{error}");
}

/// The recipe's numbers are those of the closure's, so those of PyTorch above.
#[test]
fn rules_draw_what_schemes_draw() {
    let rules = rules(
        "[[rule]]\nmatch = \"embedding.weight\"\nscheme = \"torch.embedding\"\n[[rule]]\nmatch = \"**\"\nscheme = \"torch.linear\"",
    );
    let (by_rules, drawn) = by(&rules, network(&Device::flex())).unwrap();
    let [linear, embedding]: [Preset; 2] =
        ["torch.linear", "torch.embedding"].map(|name| name.parse().unwrap());
    let torch = |parameter: &Parameter| {
        Some(if parameter.layer == "Embedding" { embedding.weight } else { linear.weight })
    };
    let (by_schemes, _) = draw(network(&Device::flex()), &mut Generator::manual_seed(42), torch).unwrap();
    for (one, other) in [
        (values(&by_rules.embedding.weight), values(&by_schemes.embedding.weight)),
        (values(&by_rules.conv.weight), values(&by_schemes.conv.weight)),
        (values(by_rules.conv.bias.as_ref().unwrap()), values(by_schemes.conv.bias.as_ref().unwrap())),
        (values(&by_rules.hidden.weight), values(&by_schemes.hidden.weight)),
        (values(by_rules.hidden.bias.as_ref().unwrap()), values(by_schemes.hidden.bias.as_ref().unwrap())),
    ] {
        assert_eq!(one, other);
    }
    let paths: Vec<&str> = drawn.iter().map(|(parameter, _)| parameter.path.as_str()).collect();
    assert_eq!(paths, ["embedding.weight", "conv.weight", "conv.bias", "hidden.weight", "hidden.bias"]);
}

fn rules(text: &str) -> NameRules {
    NameRules::parse(&format!("version = 1\n{text}\n")).unwrap()
}

fn by<M: Module>(rules: &NameRules, module: M) -> Result<(M, Draws), DrawError> {
    draw_by_rules(module, &mut Generator::manual_seed(42), rules, &RuleSettings::default())
}

/// The std of 16·8·9 values at their kurtosis of 3 has a standard error of 2.1%; half of the fan would be 41% off.
#[test]
fn rules_know_the_groups_of_a_convolution() {
    let conv = |groups| {
        Conv2dConfig::new([16, 16], [3, 3]).with_groups(groups).with_bias(false).init(&Device::flex())
    };
    let std = |groups: usize, text: &str| {
        let rule =
            format!("[[rule]]\nmatch = \"weight\"\nscheme = \"kaiming_normal(fan_out, relu)\"\n{text}");
        let (conv, _) = by(&rules(&rule), conv(groups)).unwrap();
        Summary::of(&values(&conv.weight)).std()
    };
    assert!((std(2, "groups = 2") / (2.0 / 72_f64).sqrt() - 1.0).abs() < 0.1);
    assert!((std(2, "") / (2.0 / 144_f64).sqrt() - 1.0).abs() < 0.1, "PyTorch counts no groups");
}

/// Each block of `[out, in]` is orthogonal by itself; burn keeps the transpose.
#[test]
fn rules_draw_packed_weights_block_by_block() {
    let rule = "[[rule]]\nmatch = \"weight\"\nscheme = \"orthogonal\"\nblocks = { axis = 0, count = 3 }";
    let packed = LinearConfig::new(4, 12).with_bias(false).init(&Device::flex());
    let (packed, drawn) = by(&rules(rule), packed).unwrap();
    assert_eq!((&drawn[0].0.shape[..], drawn[0].1.parts.len()), (&[12, 4][..], 3));
    for block in 0..3 {
        let block = packed.weight.val().slice([0..4, 4 * block..4 * (block + 1)]);
        let product: Vec<f32> = block.clone().transpose().matmul(block).try_into_vec_as().unwrap();
        let identity = (0..16).map(|at| f32::from(u8::from(at % 5 == 0)));
        assert!(product.iter().zip(identity).all(|(x, one)| (x - one).abs() < 1e-5), "{product:?}");
    }
}

#[test]
fn rules_that_do_not_fit_are_one_line() {
    let error = |text: &str| by(&rules(text), network(&Device::flex())).unwrap_err().to_string();
    let weights = "[[rule]]\nmatch = \"**.weight\"\nscheme = \"xavier_uniform\"\n";
    assert_eq!(
        error(weights),
        "conv.bias: no rule mentions it (Conv2d, shape [4]); add one, or an [[ignore]] with a reason"
    );
    let unfit = error("[[rule]]\nmatch = \"**\"\nscheme = \"xavier_uniform\"");
    assert!(unfit.starts_with("conv.bias: rule `**`: shape [4] has no fans"), "{unfit}");
    let unused = error(&format!(
        "{weights}[[rule]]\nmatch = \"**.bias\"\nscheme = \"zeros\"\n[[rule]]\nmatch = \"head.*\"\nscheme = \"zeros\""
    ));
    assert_eq!(unused, "[[rule]] `head.*`: it matches no parameter; correct it, or mark it optional");
    let constant = error(
        "[constants]\nlayers = { count = \"h.{i}.**\" }\n[[rule]]\nmatch = \"**\"\nscheme = \"normal(0, 1/layers)\"",
    );
    assert!(constant.contains("layers") && !constant.contains('\n'), "{constant}");
    let ignored = format!("{weights}[[ignore]]\nmatch = \"**.bias\"\nreason = \"as burn draws them\"");
    let before = network(&Device::flex());
    let (after, _) = by(&rules(&ignored), before.clone()).unwrap();
    assert_eq!(values(after.hidden.bias.as_ref().unwrap()), values(before.hidden.bias.as_ref().unwrap()));
}

/// A model with the names of nanoGPT's: shipped rules are a recipe too.
#[test]
fn shipped_rules_are_a_recipe() {
    #[derive(Module, Debug)]
    struct Vgg {
        features: Vec<Conv2d>,
        classifier: Vec<Linear>,
    }
    let device = Device::flex();
    let conv = |channels| Conv2dConfig::new(channels, [3, 3]).init(&device);
    let model = Vgg {
        features: vec![conv([3, 16]), conv([16, 32])],
        classifier: vec![LinearConfig::new(32, 64).init(&device), LinearConfig::new(64, 10).init(&device)],
    };
    let rules = ShippedRules::named("torchvision/vgg").unwrap().rules();
    let (model, drawn) = by(&rules, model).unwrap();
    assert_eq!(drawn.len(), 8);
    assert_eq!(values(model.features[0].bias.as_ref().unwrap()), [0.0; 16]);
    let std = Summary::of(&values(&model.classifier[0].weight)).std();
    assert!((std / 0.01 - 1.0).abs() < 0.08, "{std}"); // normal(0, 0.01); 2,048 values: 1.6%
}

#[test]
fn a_parameter_that_two_fields_share_is_drawn_once() {
    let device = Device::flex().autodiff();
    let shared = LinearConfig::new(4, 4).with_bias(false).init(&device);
    let pair = (shared.clone(), shared);
    let ((one, other), drawn) =
        draw(pair, &mut Generator::manual_seed(1), |_| Some(parse("orthogonal"))).unwrap();
    assert_eq!(drawn.len(), 1);
    assert_eq!(values(&one.weight), values(&other.weight));
    let gradients = (one.weight.val() * other.weight.val()).sum().backward();
    let gradient: Vec<f32> = one.weight.val().grad(&gradients).unwrap().try_into_vec_as().unwrap();
    let twice: Vec<f32> = values(&one.weight).iter().map(|value| 2.0 * value).collect();
    assert_eq!(gradient, twice, "both fields still hold one variable");
}

#[test]
fn running_statistics_are_not_drawn() {
    #[derive(Module, Debug)]
    struct Normed {
        norm: BatchNorm,
    }
    for device in [Device::flex(), Device::flex().autodiff()] {
        let model = Normed { norm: BatchNormConfig::new(3).init(&device) };
        let (model, drawn) =
            draw(model, &mut Generator::manual_seed(1), |_| Some(Scheme::STANDARD_NORMAL)).unwrap();
        let paths: Vec<&str> = drawn.iter().map(|(parameter, _)| parameter.path.as_str()).collect();
        assert_eq!(paths, ["norm.gamma", "norm.beta"]);
        let mean: Vec<f32> = model.norm.running_mean.value().try_into_vec_as().unwrap();
        assert_eq!(mean, [0.0; 3]);
        assert_eq!(model.norm.running_mean.value().device().is_autodiff(), device.is_autodiff());
    }
}

struct Cast(DType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(self.0))
    }
}

/// Half-precision parameters have the numbers of single precision, rounded.
#[test]
fn half_precision_stays_half_precision() {
    for dtype in [DType::F16, DType::BF16] {
        let normal = |_: &Parameter| Some(Scheme::STANDARD_NORMAL);
        let (single, _) = draw(layer(), &mut Generator::manual_seed(1), normal).unwrap();
        let (half, _) = draw(layer().map(&mut Cast(dtype)), &mut Generator::manual_seed(1), normal).unwrap();
        assert_eq!(half.weight.val().dtype(), dtype);
        let rounded: Vec<f32> = single.weight.val().cast(dtype).cast(DType::F32).try_into_vec_as().unwrap();
        let found: Vec<f32> = half.weight.val().cast(DType::F32).try_into_vec_as().unwrap();
        assert_eq!(found, rounded);
        assert_ne!(found, values(&single.weight));
    }
}

/// A layer that is stored by columns computes the same.
#[test]
fn a_column_layout_has_the_same_numbers() {
    let column = LinearConfig::new(10, 100).with_layout(LinearLayout::Col).init(&Device::flex());
    let normal = |_: &Parameter| Some(Scheme::STANDARD_NORMAL);
    let (row, _) = draw(layer(), &mut Generator::manual_seed(1), normal).unwrap();
    let (column, _) = draw(column, &mut Generator::manual_seed(1), normal).unwrap();
    assert_eq!(values(&row.weight), values(&column.weight));
}
