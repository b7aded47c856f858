//! A model of burn's layers with burn's own initialisation, from a seed.

use burn_core as burn;
use burn_core::module::{Module, ModuleVisitor, Param};
use burn_core::tensor::activation::log_softmax;
use burn_core::tensor::{Device, Gradients, Int, Tensor, TensorData};
use burn_nn::conv::{Conv2d, Conv2dConfig};
use burn_nn::{Linear, LinearConfig};
use diagnostics::{Activation, Expected, Report, Role, Settings, WeightView};
use nn_init::{Layout, Scheme};
use torch_rng::Generator;

use crate::watch::values;
use crate::{DrawError, Parameter, Watch, draw};

const BATCH: usize = 32;
const CLASSES: usize = 10;
/// Rows and columns of an image.
const SIDE: usize = 10;

/// Images to logits: two convolutions and an MLP, ReLU after each layer.
#[derive(Module, Debug)]
struct Network {
    conv1: Conv2d,
    conv2: Conv2d,
    hidden: Linear,
    logits: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        Self {
            conv1: Conv2dConfig::new([3, 16], [3, 3]).init(device),
            conv2: Conv2dConfig::new([16, 32], [3, 3]).init(device),
            hidden: LinearConfig::new(32 * 6 * 6, 128).init(device),
            logits: LinearConfig::new(128, CLASSES).init(device),
        }
    }

    fn forward(&self, images: Tensor<4>, watch: &Watch) -> Tensor<2> {
        let pre = self.conv1.forward(images);
        let x = watch.layer("conv1", "conv1.weight", Activation::Relu, &pre, relu(&pre));
        let pre = self.conv2.forward(x);
        let x = watch.layer("conv2", "conv2.weight", Activation::Relu, &pre, relu(&pre));
        let pre = self.hidden.forward(x.flatten::<2>(1, 3));
        let x = watch.layer("hidden", "hidden.weight", Activation::Relu, &pre, relu(&pre));
        self.logits.forward(x)
    }
}

fn relu<const R: usize>(x: &Tensor<R>) -> Tensor<R> {
    burn_core::tensor::activation::relu(x.clone())
}

/// Burn's own distribution for linear and convolutional layers: `U(±1/√fan_in)`, for the biases too.
///
/// Burn draws from a generator of the whole process; here the same distribution is sampled from a seed.
pub fn burns_own(_: &Parameter) -> Scheme {
    Scheme::kaiming_uniform(1.0 / 3f64.sqrt())
}

/// The network on random images, with parameters of these schemes.
///
/// # Errors
/// If a scheme cannot fill its parameter.
///
/// # Panics
/// Never: the images' distribution fills any shape, and every parameter has moments and a gradient.
pub fn network(seed: u64, choose: impl Fn(&Parameter) -> Scheme) -> Result<Report, DrawError> {
    let device = Device::flex().autodiff();
    let source = &mut Generator::manual_seed(seed);
    let (network, drawn) = draw(Network::new(&device), source, |parameter| Some(choose(parameter)))?;

    let shape = [BATCH, 3, SIDE, SIDE];
    let mut pixels = vec![0_f32; shape.iter().product()];
    Scheme::STANDARD_NORMAL
        .fill(&shape, Layout::OUT_IN, &mut pixels, source)
        .expect("a distribution for any shape");
    let images = Tensor::<4>::from_data(TensorData::new(pixels.clone(), shape), &device);

    let watch = Watch::default();
    let logits = network.forward(images, &watch);
    let labels = Tensor::<1, Int>::arange(0..BATCH as i64, &device).remainder_scalar(CLASSES as i64);
    let loss = -log_softmax(logits, 1).gather(1, labels.reshape([BATCH, 1])).mean();
    let gradients = loss.backward();

    let layers = watch.into_layers(&gradients);
    let mut parameters = Parameters { gradients: &gradients, found: vec![] };
    network.visit(&mut parameters);
    let views = layers.iter().map(|(seen, gradient)| seen.view(gradient));
    let weights = parameters.found.iter().zip(&drawn).map(|((weight, gradient), (parameter, scheme))| {
        let view = WeightView::new(&parameter.path, weight)
            .gradient(gradient)
            .expected(expected(parameter, *scheme));
        view.role(if parameter.shape.len() > 1 { Role::Weight } else { Role::Bias })
    });
    let report = Report::of(views, weights, Settings::default());
    Ok(report
        .with_inputs(shape[1] * SIDE * SIDE, &pixels)
        .with_loss(f64::from(loss.into_scalar::<f32>()), CLASSES))
}

fn expected(parameter: &Parameter, scheme: Scheme) -> Expected {
    let moments = scheme.moments(&parameter.shape, parameter.layout).expect("it was drawn from it");
    Expected { mean: moments.mean, std: moments.std, kurtosis: moments.kurtosis }
}

/// The values and gradients of a module's parameters, in the order of its fields.
struct Parameters<'a> {
    gradients: &'a Gradients,
    found: Vec<(Vec<f32>, Vec<f32>)>,
}

impl ModuleVisitor for Parameters<'_> {
    fn visit_float<const R: usize>(&mut self, param: &Param<Tensor<R>>) {
        let gradient = param.val().grad(self.gradients).expect("every parameter has a gradient");
        self.found.push((values(param.val()), values(gradient)));
    }
}
