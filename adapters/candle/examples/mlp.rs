//! Three ReLU layers, initialised twice: by candle, and as PyTorch does it by default. The forward pass takes a watch; the
//! model is otherwise what anybody would write.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Activation::Relu, Linear, VarBuilder, linear};
use nn_init::Scheme;
use step_zero_candle::{Recipe, Watch, WatchReport};
use torch_rng::{Generator, Source};

const FEATURES: usize = 64;
const CLASSES: usize = 27;

/// Features to the logits of classes.
pub(crate) struct Mlp {
    hidden: Vec<Linear>,
    head: Linear,
}

impl Mlp {
    /// Asks for the variables.
    pub(crate) fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let sizes = [FEATURES, 128, 128, 128];
        let hidden = (1..sizes.len())
            .map(|layer| linear(sizes[layer - 1], sizes[layer], vb.pp(format!("hidden{layer}"))))
            .collect::<Result<_>>()?;
        Ok(Self { hidden, head: linear(128, CLASSES, vb.pp("head"))? })
    }

    /// `[batch, features]` to `[batch, classes]`.
    pub(crate) fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor> {
        let mut x = x.clone();
        for layer in &self.hidden {
            x = x.apply(&watch.layer(layer))?.apply(&watch.layer(&Relu))?;
        }
        x.apply(&watch.layer(&self.head))
    }
}

/// 128 standard normal examples and their labels.
pub(crate) fn batch() -> Result<(Tensor, Tensor)> {
    let mut features = vec![0_f32; 128 * FEATURES];
    Generator::manual_seed(1).normal(0.0, 1.0, &mut features);
    let labels: Vec<u32> = (0..128).map(|example| example % CLASSES as u32).collect();
    Ok((
        Tensor::from_vec(features, (128, FEATURES), &Device::Cpu)?,
        Tensor::from_vec(labels, 128, &Device::Cpu)?,
    ))
}

/// The report on the network with the weights of a recipe.
pub(crate) fn report(recipe: &Recipe) -> Result<WatchReport> {
    let (features, labels) = batch()?;
    let mut init = recipe.init(42, |vb| Mlp::new(&vb))?;
    init.watch(|model, watch| watch.cross_entropy(&model.forward(&features, watch)?, &labels))
}

/// Candle's linear layers have Kaiming's gain for ReLU.
pub(crate) fn candles_own() -> Recipe {
    Recipe::candles_own()
}

/// PyTorch's have 1/√3, whatever function follows: signals shrink by a factor of √6 per layer.
pub(crate) fn pytorchs_default() -> Recipe {
    Recipe::by(|variable| {
        let weight = variable.name.ends_with("weight");
        weight.then(|| Scheme::kaiming_uniform(1.0 / 3_f64.sqrt()))
    })
}

fn main() -> Result<()> {
    println!("Candle's own initialisation\n\n{}", report(&candles_own())?);
    println!("PyTorch's default\n\n{}", report(&pytorchs_default())?);
    Ok(())
}
