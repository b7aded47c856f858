//! A small network of candle's own layers, each of which starts as a text says, the same at every run.

use std::collections::HashMap;
use std::error::Error;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Conv2d, GroupNorm, Linear, Module, VarBuilder};
use diagnostics::Summary;
use nn_init::{Layout, ParseError, Scheme};
use step_zero_candle::Initializer;
use torch_rng::Generator;

/// The schemes of some variables; candle's layers decide about the others.
const SCHEMES: [(&str, &str); 4] = [
    ("conv.weight", "delta_orthogonal(tanh)"),
    ("hidden.weight", "orthogonal(tanh)"),
    ("hidden.bias", "zeros"),
    ("logits.weight", "glorot_normal"),
];

/// An image `[batch, 1, 8, 8]` to the logits `[batch, 10]`.
struct Network {
    conv: Conv2d,
    norm: GroupNorm,
    hidden: Linear,
    logits: Linear,
}

impl Network {
    fn new(vb: &VarBuilder) -> candle_core::Result<Self> {
        Ok(Self {
            conv: candle_nn::conv2d(1, 8, 3, Default::default(), vb.pp("conv"))?,
            // In place of a layer norm, which in candle 0.11 hands no gradient to the layers before it.
            norm: candle_nn::group_norm(1, 8, 1e-5, vb.pp("norm"))?,
            hidden: candle_nn::linear(8 * 6 * 6, 128, vb.pp("hidden"))?,
            logits: candle_nn::linear(128, 10, vb.pp("logits"))?,
        })
    }

    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let features = self.norm.forward(&self.conv.forward(images)?)?.tanh()?;
        let hidden = self.hidden.forward(&features.flatten_from(1)?)?.tanh()?;
        self.logits.forward(&hidden)
    }
}

/// 32 images of noise and their labels.
fn batch(device: &Device) -> Result<(Tensor, Tensor), Box<dyn Error>> {
    let shape = [32, 1, 8, 8];
    let mut pixels = vec![0_f32; shape.iter().product()];
    Scheme::STANDARD_NORMAL.fill(&shape, Layout::OUT_IN, &mut pixels, &mut Generator::manual_seed(1))?;
    let labels: Vec<u32> = (0..32).map(|image| image % 10).collect();
    Ok((Tensor::from_vec(pixels, &shape, device)?, Tensor::from_vec(labels, 32, device)?))
}

fn std(tensor: &Tensor) -> candle_core::Result<f64> {
    Ok(Summary::of(&tensor.flatten_all()?.to_vec1::<f32>()?).std())
}

fn main() -> Result<(), Box<dyn Error>> {
    let schemes: HashMap<&str, Scheme> =
        SCHEMES.iter().map(|&(name, text)| Ok((name, text.parse()?))).collect::<Result<_, ParseError>>()?;
    let choose = |name: &str, candles| schemes.get(name).copied().unwrap_or(candles);

    let device = Device::Cpu;
    let initializer = Initializer::new(Generator::manual_seed(42), choose);
    let network = Network::new(&initializer.var_builder(DType::F32, &device))?;

    let (images, labels) = batch(&device)?;
    let loss = candle_nn::loss::cross_entropy(&network.forward(&images)?, &labels)?;
    let gradients = loss.backward()?;

    println!("variable       shape         expected std  measured  gradient  scheme");
    let variables = initializer.variables().data().lock().unwrap();
    for drawn in initializer.drawn() {
        let variable: &Var = &variables[&drawn.name];
        let gradient = gradients.get(variable).ok_or_else(|| format!("{} has no gradient", drawn.name))?;
        let expected = drawn.scheme.moments(&drawn.shape, Layout::OUT_IN)?.std;
        let (measured, gradient) = (std(variable)?, std(gradient)?);
        let (name, shape, scheme) = (drawn.name, format!("{:?}", drawn.shape), drawn.scheme);
        println!("{name:<15}{shape:<14}{expected:>12.5}{measured:>10.5}{gradient:>10.5}  {scheme}");
    }
    println!("loss {:.4}; a guess has {:.4}", loss.to_scalar::<f32>()?, 10_f64.ln());
    Ok(())
}
