//! A small network of burn's own layers, started by schemes that burn lacks, the same at every run.

use std::collections::HashMap;
use std::error::Error;

use burn_core as burn;
use burn_core::module::{Module, ModuleVisitor, Param, ParamId};
use burn_core::tensor::{Device, Int, Tensor};
use burn_nn::conv::{Conv2d, Conv2dConfig};
use burn_nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use diagnostics::Summary;
use nn_init::{Gain, Scheme};
use step_zero_burn::{Parameter, draw, lsuv};
use torch_rng::Generator;

/// Six letters `[batch, 6]` to the logits of the next one, `[batch, 27]`.
#[derive(Module, Debug)]
struct Network {
    embedding: Embedding,
    conv: Conv2d,
    hidden: Linear,
    logits: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        Self {
            embedding: EmbeddingConfig::new(27, 8).init(device),
            conv: Conv2dConfig::new([1, 8], [3, 3]).init(device),
            hidden: LinearConfig::new(8 * 4 * 6, 64).init(device),
            logits: LinearConfig::new(64, 27).init(device),
        }
    }

    /// The input of the last layer, `[batch, 64]`.
    fn features(&self, letters: Tensor<2, Int>) -> Tensor<2> {
        let image = self.embedding.forward(letters).unsqueeze_dim(1);
        self.hidden.forward(self.conv.forward(image).tanh().flatten(1, 3)).tanh()
    }
}

/// The scheme of each parameter.
fn choose(parameter: &Parameter, tanh: Gain) -> Scheme {
    match parameter.path.as_str() {
        // Cut off at two deviations, and wider before, so that 0.5 is left.
        "embedding.weight" => Scheme::truncated_normal_corrected(0.5),
        "conv.weight" => Scheme::DeltaOrthogonal { gain: tanh },
        // Of the 64 connections that each input has, 58 are cut.
        "hidden.weight" => Scheme::Sparse { sparsity: 0.9, std: 0.3 },
        "logits.weight" => Scheme::orthogonal(),
        _ => Scheme::ZEROS,
    }
}

/// The standard deviation of each parameter, by its name.
#[derive(Default)]
struct Deviations(HashMap<ParamId, f64>);

impl ModuleVisitor for Deviations {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().try_into_vec_as::<f32>().expect("a tensor of the CPU can be read");
        self.0.insert(param.id, Summary::of(&values).std());
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let mut generator = Generator::manual_seed(42);
    let tanh: Gain = "tanh".parse()?;
    let (mut network, drawn) =
        draw(Network::new(&device), &mut generator, |parameter| Some(choose(parameter, tanh)))?;

    let mut measured = Deviations::default();
    network.visit(&mut measured);
    println!("parameter         drawn as      expected std  measured  scheme");
    for (parameter, scheme) in &drawn {
        let expected = scheme.moments(&parameter.shape, parameter.layout)?.std;
        let (path, shape, measured) =
            (&parameter.path, format!("{:?}", parameter.shape), measured.0[&parameter.id]);
        println!("{path:<18}{shape:<14}{expected:>12.5}{measured:>10.5}  {scheme}");
    }

    let letters = Tensor::<1, Int>::arange(0..32 * 6, &device).remainder_scalar(27).reshape([32, 6]);
    let features = network.features(letters);
    let (weight, scaled) = lsuv(network.logits.weight, |weight| features.clone().matmul(weight))?;
    network.logits.weight = weight;
    let logits = network.logits.forward(features).try_into_vec_as::<f32>()?;
    let (factor, variance) = (scaled.factor, Summary::of(&logits).variance());
    println!("logits.weight times {factor:.4} by LSUV: logits of variance {variance:.4}");
    Ok(())
}
