//! Every layer that can be watched: its kind, its units, its function, and outputs that are those of `forward`.

use burn_core::module::Module;
use burn_core::tensor::{Device, Int, Tensor};
use burn_nn::activation::{self, ActivationConfig};
use burn_nn::conv::{
    Conv1dConfig, Conv2dConfig, Conv3dConfig, ConvTranspose1dConfig, ConvTranspose2dConfig,
    ConvTranspose3dConfig,
};
use burn_nn::pool::{
    AdaptiveAvgPool1dConfig, AdaptiveAvgPool2dConfig, AdaptiveAvgPool3dConfig, AvgPool1dConfig,
    AvgPool2dConfig, MaxPool1dConfig, MaxPool2dConfig,
};
use burn_nn::{
    BatchNormConfig, DropoutConfig, EmbeddingConfig, GroupNormConfig, InstanceNormConfig, LayerNormConfig,
    LinearConfig, RmsNormConfig,
};
use diagnostics::{NormKind, Recording, Site, SiteKind};
use step_zero_burn::{Watched, watch};

fn device() -> Device {
    Device::flex().autodiff()
}

/// Numbers without a pattern between −6 and 6.
fn numbers<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let count = shape.iter().product::<usize>() as i64;
    let numbers = Tensor::<1, Int>::arange(0..count, &device()).float();
    numbers.powi_scalar(2).mul_scalar(0.37).sin().mul_scalar(6.0).reshape(shape)
}

fn bits<const D: usize>(tensor: &Tensor<D>) -> Vec<u32> {
    let values: Vec<f32> = tensor.clone().try_into_vec_as().unwrap();
    values.into_iter().map(f32::to_bits).collect()
}

/// The site of the only layer, which reads all of its parameters, weight and bias or scale and shift.
fn last(recording: &Recording) -> Site {
    assert!(recording.out_of_sight.is_empty(), "{:?}", recording.out_of_sight);
    let site = recording.sites.last().unwrap().clone();
    let read = [site.weight, site.bias].into_iter().flatten().count();
    assert_eq!(read, recording.parameters.len());
    site
}

/// Watches each layer on an input of this shape, and compares its kind, number of units and number of positions.
macro_rules! sites {
    ($($config:expr => $shape:expr, $kind:ident, $units:literal units, $positions:literal positions;)*) => {$(
        let layer = $config;
        let mut outputs = vec![];
        let recording = watch(&layer, |layer| {
            let output = layer.watched(numbers($shape));
            outputs = bits(&output);
            output.mean()
        });
        let site = last(&recording.unwrap());
        assert_eq!(site.inputs.len(), 1, "{}", stringify!($config));
        assert_eq!(outputs, bits(&layer.forward(numbers($shape))), "{}", stringify!($config));
        let s = &site.statistics;
        let expected = (SiteKind::$kind, 2.0, f64::from($units), f64::from($positions));
        assert_eq!((site.kind, s.examples, s.units, s.positions), expected, "{}", stringify!($config));
    )*};
}

#[test]
fn layers_have_their_kind_and_their_units() {
    let device = &device();
    sites! {
        LinearConfig::new(4, 7).init(device) => [2, 4], Linear, 7 units, 1 positions;
        LinearConfig::new(4, 7).with_bias(false).init(device) => [2, 5, 4], Linear, 7 units, 5 positions;
        LinearConfig::new(4, 7).init(device) => [2, 3, 5, 4], Linear, 7 units, 15 positions;
        Conv1dConfig::new(4, 6, 3).init(device) => [2, 4, 9], Convolution, 6 units, 7 positions;
        Conv2dConfig::new([4, 6], [3, 3]).with_groups(2).init(device) => [2, 4, 9, 8], Convolution, 6 units, 42 positions;
        Conv3dConfig::new([2, 3], [2, 2, 2]).init(device) => [2, 2, 3, 3, 3], Convolution, 3 units, 8 positions;
        ConvTranspose1dConfig::new([4, 6], 3).init(device) => [2, 4, 5], TransposedConvolution, 6 units, 7 positions;
        ConvTranspose2dConfig::new([4, 6], [3, 3]).with_groups(2).init(device)
            => [2, 4, 3, 2], TransposedConvolution, 6 units, 20 positions;
        ConvTranspose3dConfig::new([2, 3], [2, 2, 2]).init(device)
            => [2, 2, 2, 2, 2], TransposedConvolution, 3 units, 27 positions;
        LayerNormConfig::new(6).init(device) => [2, 5, 6], Norm, 6 units, 5 positions;
        LayerNormConfig::new(6).with_bias(false).init(device) => [2, 6], Norm, 6 units, 1 positions;
        RmsNormConfig::new(6).init(device) => [2, 5, 6], Norm, 6 units, 5 positions;
        GroupNormConfig::new(2, 6).init(device) => [2, 6, 5], Norm, 6 units, 5 positions;
        GroupNormConfig::new(2, 6).with_affine(false).init(device) => [2, 6, 5], Norm, 6 units, 5 positions;
        InstanceNormConfig::new(6).init(device) => [2, 6, 5], Norm, 6 units, 5 positions;
        BatchNormConfig::new(6).init(&Device::flex()).valid() => [2, 6, 5], Norm, 6 units, 5 positions;
    }
}

/// A pooling's input is a convolution's output, from which it takes the axis.
#[test]
fn poolings_keep_the_channels() {
    macro_rules! pooled {
        ($($pool:expr => $conv:expr, $shape:expr, $positions:literal;)*) => {$(
            let (conv, pool) = ($conv, $pool);
            let recording = watch(&conv, |conv| pool.watched(conv.watched(numbers($shape))).mean()).unwrap();
            let site = recording.sites.last().unwrap();
            let s = &site.statistics;
            assert_eq!((site.kind, s.units, s.positions), (SiteKind::Pooling, 6.0, f64::from($positions)));
            assert_eq!(site.inputs[0].site, 1);
            let plain = pool.forward(conv.forward(numbers($shape)));
            assert_eq!(bits(&pool.watched(conv.forward(numbers($shape)))), bits(&plain));
        )*};
    }
    let device = &device();
    pooled! {
        AvgPool1dConfig::new(2).init() => Conv1dConfig::new(4, 6, 3).init(device), [2, 4, 10], 4;
        MaxPool1dConfig::new(2).init() => Conv1dConfig::new(4, 6, 3).init(device), [2, 4, 10], 4;
        AdaptiveAvgPool1dConfig::new(6).init() => Conv1dConfig::new(4, 6, 3).init(device), [2, 4, 14], 6;
        AvgPool2dConfig::new([2, 2]).init() => Conv2dConfig::new([4, 6], [3, 3]).init(device), [2, 4, 6, 6], 4;
        MaxPool2dConfig::new([2, 2]).init() => Conv2dConfig::new([4, 6], [3, 3]).init(device), [2, 4, 6, 6], 4;
        AdaptiveAvgPool2dConfig::new([6, 6]).init() => Conv2dConfig::new([4, 6], [3, 3]).init(device), [2, 4, 14, 14], 36;
        AdaptiveAvgPool3dConfig::new([1, 1, 1]).init()
            => Conv3dConfig::new([4, 6], [2, 2, 2]).init(device), [2, 4, 3, 3, 3], 1;
    }
}

#[test]
fn norms_say_which_they_are() {
    let device = &device();
    macro_rules! norm {
        ($layer:expr) => {{
            let layer = $layer;
            watch(&layer, |layer| layer.watched(numbers([2, 6, 6])).mean()).unwrap().sites[1].norm
        }};
    }
    assert_eq!(norm!(LayerNormConfig::new(6).init(device)), Some(NormKind::Layer));
    assert_eq!(norm!(RmsNormConfig::new(6).init(device)), Some(NormKind::Rms));
    assert_eq!(norm!(GroupNormConfig::new(2, 6).init(device)), Some(NormKind::Group));
    assert_eq!(norm!(InstanceNormConfig::new(6).init(device)), Some(NormKind::Instance));
    assert_eq!(norm!(BatchNormConfig::new(6).init(device)), Some(NormKind::Batch));
}

/// The function of the site, which our own crates evaluate, gives burn's outputs: to 1e-5 of 6, the rounding of single precision
/// and burn's approximation of erf.
#[test]
fn functions_are_those_that_burn_evaluates() {
    let linear = LinearConfig::new(4, 4).init(&device());
    macro_rules! functions {
        ($($function:expr;)*) => {$(
            let function = $function;
            let mut outputs: Vec<f32> = vec![];
            let recording = watch(&linear, |_| {
                let output = function.watched(numbers([50, 4]));
                outputs = output.clone().try_into_vec_as().unwrap();
                output.mean()
            });
            let recording = recording.unwrap();
            let site = recording.sites.last().unwrap();
            let ours = site.function.unwrap_or_else(|| panic!("{} has no function", stringify!($function)));
            assert_eq!((site.kind, &*site.name), (SiteKind::Activation, &*format!("input.{}", ours.name())));
            let inputs: Vec<f32> = numbers([50, 4]).try_into_vec_as().unwrap();
            for (x, y) in inputs.into_iter().zip(outputs) {
                let expected = ours.eval(f64::from(x)).0;
                assert!((f64::from(y) - expected).abs() < 6e-5, "{} of {x}: {y}, {expected}", stringify!($function));
            }
        )*};
    }
    let device = &device();
    functions! {
        burn_nn::Relu::new();
        burn_nn::Tanh::new();
        burn_nn::Sigmoid::new();
        burn_nn::Selu::new();
        burn_nn::Softsign::new();
        burn_nn::Gelu::new();
        burn_nn::Gelu::new_approximate();
        burn_nn::LeakyReluConfig::new().with_negative_slope(0.2).init();
        burn_nn::EluConfig::new().with_alpha(0.7).init();
        burn_nn::CeluConfig::new().with_alpha(0.7).init();
        burn_nn::SoftplusConfig::new().with_beta(2.0).init();
        activation::SiLU::new();
        activation::Mish::new();
        activation::Relu6::new();
        activation::HardSwish::new();
        activation::LogSigmoid::new();
        ActivationConfig::Relu.init(device);
        ActivationConfig::Gelu.init(device);
        ActivationConfig::GeluApproximate.init(device);
        ActivationConfig::LeakyRelu(burn_nn::LeakyReluConfig::new().with_negative_slope(0.2)).init(device);
        ActivationConfig::Selu.init(device);
        ActivationConfig::Sigmoid.init(device);
        ActivationConfig::Tanh.init(device);
        ActivationConfig::HardSwish.init(device);
        ActivationConfig::Softplus(burn_nn::SoftplusConfig::new().with_beta(2.0)).init(device);
        ActivationConfig::Softsign.init(device);
        ActivationConfig::Elu(burn_nn::EluConfig::new().with_alpha(0.7)).init(device);
        ActivationConfig::Celu(burn_nn::CeluConfig::new().with_alpha(0.7)).init(device);
    }
    // One that diagnostics does not have is an activation of unknown function.
    let shrink = ActivationConfig::HardShrink(burn_nn::HardShrinkConfig::new()).init(device);
    let recording = watch(&linear, |_| shrink.watched(numbers([50, 4])).mean()).unwrap();
    assert_eq!((recording.sites[1].kind, recording.sites[1].function), (SiteKind::Activation, None));
}

#[test]
fn an_embedding_is_a_table_of_rows() {
    let table = EmbeddingConfig::new(9, 4).init(&device());
    let tokens = || Tensor::<1, Int>::arange(0..6, &device()).reshape([2, 3]);
    let recording = watch(&table, |table| table.watched(tokens()).mean()).unwrap();
    let site = last(&recording);
    assert_eq!(
        (site.kind, site.statistics.units, site.statistics.positions),
        (SiteKind::Embedding, 4.0, 3.0)
    );
    let parameter = &recording.parameters[0];
    assert_eq!((parameter.role, parameter.statistics.rows), (diagnostics::Role::Embedding, 9.0));
    assert_eq!(bits(&table.watched(tokens())), bits(&table.forward(tokens())));
}

/// A dropout that does nothing is no site.
#[test]
fn a_dropout_is_a_site_in_training_only() {
    let linear = LinearConfig::new(4, 4).init(&device());
    let sites = |prob: f64, frozen: bool| {
        let dropout = DropoutConfig::new(prob).init();
        let dropout = if frozen { dropout.freeze() } else { dropout };
        let pass = |linear: &burn_nn::Linear| dropout.watched(linear.watched(numbers([50, 4]))).mean();
        watch(&linear, pass).unwrap().sites
    };
    let active = sites(0.5, false);
    assert_eq!((active[2].kind, &*active[2].name), (SiteKind::Dropout, "weight.dropout"));
    assert!(active[2].statistics.zeros > 0.0);
    assert_eq!([sites(0.0, false).len(), sites(0.5, true).len()], [2, 2]);
}
