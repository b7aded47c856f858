//! A residual network with batch norm: convolutions, shortcuts, strides and groups.

use std::error::Error;

use burn_core as burn;
use burn_core::module::Module;
use burn_core::tensor::activation::relu;
use burn_core::tensor::{Device, Int, Tensor, TensorData};
use burn_nn::conv::{Conv2d, Conv2dConfig};
use burn_nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use checkpoint::{NameRules, RuleSettings};
use diagnostics::{Activation, Limits, RecordingReport, SiteKind, Style};
use nn_init::{Layout, Scheme};
use step_zero_burn::{Draws, Loss, Place, Through, Watched, draw_by_rules, expect, residual, watch};
use torch_rng::Generator;

fn convolution(channels: [usize; 2], kernel: usize, stride: usize, groups: usize, device: &Device) -> Conv2d {
    let padding = PaddingConfig2d::Explicit(kernel / 2, kernel / 2, kernel / 2, kernel / 2);
    let config = Conv2dConfig::new(channels, [kernel, kernel]).with_bias(false);
    config.with_stride([stride, stride]).with_groups(groups).with_padding(padding).init(device)
}

/// Two convolutions and a shortcut, with a projection where the shape changes.
#[derive(Module, Debug)]
pub(crate) struct Block {
    pub(crate) conv1: Conv2d,
    pub(crate) norm1: BatchNorm,
    pub(crate) conv2: Conv2d,
    pub(crate) norm2: BatchNorm,
    pub(crate) projection: Option<(Conv2d, BatchNorm)>,
}

impl Block {
    fn new(channels: [usize; 2], groups: usize, device: &Device) -> Self {
        let [input, output] = channels;
        let (stride, norm) = (output / input, BatchNormConfig::new(output));
        let projection =
            (input != output).then(|| (convolution(channels, 1, stride, 1, device), norm.init(device)));
        Self {
            conv1: convolution(channels, 3, stride, 1, device),
            norm1: norm.init(device),
            conv2: convolution([output, output], 3, 1, groups, device),
            norm2: norm.init(device),
            projection,
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let branch = self.norm1.watched(self.conv1.watched(x.clone())).through(Activation::Relu, relu);
        let branch = self.norm2.watched(self.conv2.watched(branch));
        let stream = match &self.projection {
            Some((conv, norm)) => norm.watched(conv.watched(x)),
            None => x,
        };
        residual(stream, branch).through(Activation::Relu, relu)
    }
}

/// Images `[batch, 3, 16, 16]` to the logits of ten classes.
#[derive(Module, Debug)]
pub(crate) struct ResNet {
    pub(crate) stem: Conv2d,
    pub(crate) norm: BatchNorm,
    pub(crate) blocks: Vec<Block>,
    pub(crate) head: Linear,
}

impl ResNet {
    pub(crate) fn new(device: &Device) -> Self {
        Self {
            stem: convolution([3, 16], 3, 1, 1, device),
            norm: BatchNormConfig::new(16).init(device),
            blocks: vec![
                Block::new([16, 16], 1, device),
                Block::new([16, 32], 1, device),
                Block::new([32, 32], 4, device),
            ],
            head: LinearConfig::new(32, 10).init(device),
        }
    }

    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.norm.watched(self.stem.watched(images)).through(Activation::Relu, relu);
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let pooled = x.through(Place::new(SiteKind::Pooling).named("pool"), |x| {
            x.mean_dim(3).mean_dim(2).flatten::<2>(1, 3)
        });
        self.head.watched(pooled)
    }
}

/// The recipe of torchvision's residual networks, with the names of burn's norms, and true fans for the grouped convolution.
pub(crate) const RULES: &str = r#"
version = 1

[[rule]]
match = "blocks.2.conv2.weight"
scheme = "kaiming_normal(fan_out, relu)"
groups = 4

[[rule]]
match = ["**.conv{i}.weight", "stem.weight", "**.projection.0.weight"]
scheme = "kaiming_normal(fan_out, relu)"

[[rule]]
match = "**.gamma"
scheme = "ones"

[[rule]]
match = "**.beta"
scheme = "zeros"

[[rule]]
match = ["head.weight", "head.bias"]
scheme = "torch.linear"
"#;

/// A batch of 16 images from N(0, 1), and their classes.
pub(crate) fn batch(device: &Device) -> (Tensor<4>, Tensor<1, Int>) {
    let shape = [16, 3, 16, 16];
    let mut values = vec![0_f32; shape.iter().product()];
    let fill =
        Scheme::STANDARD_NORMAL.fill(&shape, Layout::OUT_IN, &mut values, &mut Generator::manual_seed(9));
    fill.expect("a distribution for any shape");
    let classes = Tensor::arange(0..16, device).remainder_scalar(10);
    (Tensor::from_data(TensorData::new(values, shape), device), classes)
}

pub(crate) fn loss(model: &ResNet) -> Loss {
    let (images, classes) = batch(&model.devices()[0]);
    Loss::cross_entropy(model.forward(images), classes)
}

/// The model as the rules draw it from a seed, and the draws.
pub(crate) fn by_rules(seed: u64) -> Result<(ResNet, Draws), Box<dyn Error>> {
    let model = ResNet::new(&Device::flex().autodiff());
    let mut source = Generator::manual_seed(seed);
    Ok(draw_by_rules(model, &mut source, &NameRules::parse(RULES)?, &RuleSettings::default())?)
}

/// The report on one pass of the model, which is held to its draws.
pub(crate) fn report(model: &ResNet, drawn: &Draws) -> Result<RecordingReport, Box<dyn Error>> {
    let mut recording = watch(model, loss)?;
    expect(&mut recording, drawn);
    Ok(RecordingReport::of(vec![recording], &Limits::default())?)
}

#[allow(dead_code, reason = "tests include this file for its model")]
fn main() -> Result<(), Box<dyn Error>> {
    let (model, drawn) = by_rules(1)?;
    println!("{}", report(&model, &drawn)?.text(Style::Plain));
    Ok(())
}
