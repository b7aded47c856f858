//! A convolutional network with batch norm and a shortcut, initialised by rules: those of a file that `step-zero check` reads.

use candle_core::{Device, Result, Tensor};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, Linear, VarBuilder, batch_norm, conv2d, conv2d_no_bias, linear,
};
use checkpoint::NameRules;
use diagnostics::{Activation, SiteKind};
use step_zero_candle::{Recipe, Watch, WatchReport};
use torch_rng::{Generator, Source};

/// He's initialisation for ReLU; the head is small, so that the first loss is that of guessing.
pub(crate) const RULES: &str = r#"
version = 1

[[rule]]
match = ["stem.weight", "block.*.weight"]
scheme = "he_normal"
dims = 4

[[rule]]
match = "head.weight"
scheme = "xavier_uniform"

[[rule]]
match = ["block.norm.weight", "**.running_var"]
scheme = "ones"

[[rule]]
match = ["**.bias", "**.running_mean"]
scheme = "zeros"
"#;

/// Images `[batch, 3, 8, 8]` to the logits `[batch, 10]`.
pub(crate) struct Network {
    stem: Conv2d,
    conv: Conv2d,
    norm: BatchNorm,
    head: Linear,
}

impl Network {
    /// Asks for the variables.
    pub(crate) fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let padded = Conv2dConfig { padding: 1, ..Default::default() };
        Ok(Self {
            stem: conv2d(3, 16, 3, padded, vb.pp("stem"))?,
            conv: conv2d_no_bias(16, 16, 3, padded, vb.pp("block.conv"))?,
            norm: batch_norm(16, 1e-5, vb.pp("block.norm"))?,
            head: linear(16, 10, vb.pp("head"))?,
        })
    }

    /// In the mode of training.
    pub(crate) fn forward(&self, images: &Tensor, watch: &Watch) -> Result<Tensor> {
        let x = watch.activation(Activation::Relu, &images.apply(&watch.layer(&self.stem))?, Tensor::relu)?;
        let branch = watch.layer_t(&self.norm, &x.apply(&watch.layer(&self.conv))?, true)?;
        let x = watch.residual("block", &x, &branch)?;
        // No layer of candle's: its input and the axis of its units are said.
        let pooled = watch.site("pool", SiteKind::Pooling).reads(&x).unit_axis(1).values(&x.mean((2, 3))?)?;
        pooled.apply(&watch.layer(&self.head))
    }
}

/// 16 images of noise and their labels.
pub(crate) fn batch() -> Result<(Tensor, Tensor)> {
    let mut pixels = vec![0_f32; 16 * 3 * 8 * 8];
    Generator::manual_seed(1).normal(0.0, 1.0, &mut pixels);
    let labels: Vec<u32> = (0..16).map(|image| image % 10).collect();
    Ok((Tensor::from_vec(pixels, (16, 3, 8, 8), &Device::Cpu)?, Tensor::from_vec(labels, 16, &Device::Cpu)?))
}

/// The recipe of [`RULES`].
pub(crate) fn recipe() -> Result<Recipe> {
    Ok(Recipe::rules(NameRules::parse(RULES).map_err(candle_core::Error::wrap)?))
}

/// The report on the network with the weights of a recipe.
pub(crate) fn report(recipe: &Recipe) -> Result<WatchReport> {
    let (images, labels) = batch()?;
    let mut init = recipe.init(42, |vb| Network::new(&vb))?;
    init.watch(|model, watch| watch.cross_entropy(&model.forward(&images, watch)?, &labels))
}

fn main() -> Result<()> {
    println!("{}", report(&recipe()?)?);
    Ok(())
}
