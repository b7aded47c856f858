//! What burn's parameters get: PyTorch's numbers, nn-init's own, the same from the same seed, and still trainable.

use burn_core as burn;
use burn_core::module::{Module, Param};
use burn_core::tensor::{Device, Tensor};
use burn_nn::conv::{Conv2d, Conv2dConfig, ConvTranspose2dConfig};
use burn_nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use diagnostics::Summary;
use nn_init::{Layout, LsuvError, Preset, Scheme};
use step_zero_burn::{Parameter, draw, lsuv};
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

/// Of n values of kurtosis κ the standard deviation has a standard error of `σ·√((κ − 1)/(4n))` if they are
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
        assert!(!near(scheme.times(1.1)), "{scheme}: 10 % are not seen");
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

#[test]
fn the_program_ends_with_a_variance_of_1() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_step-zero-burn")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.trim_end().ends_with("logits of variance 1.0012"), "{printed}"); // n/(n − 1) of 864 logits
}
