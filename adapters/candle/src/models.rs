//! Two models of candle's layers with candle's own initialisation, from a seed.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{Embedding, Init, Linear, Module, VarBuilder, embedding, linear, linear_no_bias, loss};
use diagnostics::{Activation, Report};
use nn_init::{Layout, Scheme, Source};
use torch_rng::Generator;

use crate::{Initializer, Watch};

/// Examples in a batch.
const BATCH: usize = 32;
const CLASSES: usize = 27;
/// Letters in an example, and features of each.
const TIME: usize = 8;
const WIDTH: usize = 64;
const HEADS: usize = 4;

/// Three ReLU layers of 128 on 64 features, as candle starts them or as `choose` says.
///
/// # Errors
/// Candle's own.
pub fn mlp(seed: u64, choose: impl Fn(&str, Scheme) -> Scheme + Send + Sync) -> Result<Report> {
    let initializer = Initializer::new(Generator::manual_seed(seed), choose);
    let vb = initializer.var_builder(DType::F32, &Device::Cpu);
    let input = noise(seed, &[BATCH, WIDTH])?;
    let watch = Watch::default();
    let mut x = input.clone();
    let mut features = WIDTH;
    for layer in ["hidden1", "hidden2", "hidden3"] {
        let pre = linear(features, 128, vb.pp(layer))?.forward(&x)?;
        x = watch.layer(layer, Some(&format!("{layer}.weight")), Activation::Relu, &pre, &pre.relu()?)?;
        features = 128;
    }
    let logits = linear(128, CLASSES, vb.pp("logits"))?.forward(&x)?;
    watch.report(&input, &initializer, &loss::cross_entropy(&logits, &targets(seed)?)?, CLASSES)
}

/// A transformer's block between an embedding and logits: attention, then GELU and two linear layers, each with its own
/// normalisation and shortcut.
struct Transformer {
    embedding: Embedding,
    attention: [Linear; 4],
    grow: Linear,
    shrink: Linear,
    logits: Linear,
    scales: [Tensor; 2],
}

impl Transformer {
    fn new(vb: &VarBuilder) -> Result<Self> {
        let attention = |name| linear_no_bias(WIDTH, WIDTH, vb.pp(name));
        let scale = |name| vb.get_with_hints(WIDTH, name, Init::Const(1.0));
        Ok(Self {
            embedding: embedding(CLASSES, WIDTH, vb.pp("embedding"))?,
            attention: [attention("query")?, attention("key")?, attention("value")?, attention("output")?],
            grow: linear(WIDTH, 4 * WIDTH, vb.pp("grow"))?,
            shrink: linear(4 * WIDTH, WIDTH, vb.pp("shrink"))?,
            logits: linear(WIDTH, CLASSES, vb.pp("logits"))?,
            scales: [scale("norm1")?, scale("norm2")?],
        })
    }

    /// `[batch, time, width]` to the same.
    fn attend(&self, x: &Tensor) -> Result<Tensor> {
        let heads = |linear: &Linear| {
            let split = linear.forward(x)?.reshape((BATCH, TIME, HEADS, WIDTH / HEADS))?;
            split.transpose(1, 2)?.contiguous()
        };
        let [query, key, value, output] = &self.attention;
        let scores = heads(query)?.matmul(&heads(key)?.t()?)?;
        let scores = (scores / ((WIDTH / HEADS) as f64).sqrt())?;
        // `softmax_last_dim` hands no gradient on.
        let mixed = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&heads(value)?)?;
        output.forward(&mixed.transpose(1, 2)?.reshape((BATCH, TIME, WIDTH))?)
    }

    /// The last letter's logits, `[batch, classes]`.
    fn forward(&self, letters: &Tensor, watch: &Watch) -> Result<(Tensor, Tensor)> {
        let input = self.embedding.forward(letters)?;
        let attended = self.attend(&normalised(&input, &self.scales[0])?)?;
        let attended = watch.layer("attention", None, Activation::Identity, &attended, &attended)?;
        let x = (&input + attended)?;
        let pre = self.grow.forward(&normalised(&x, &self.scales[1])?)?;
        let grown = watch.layer("grow", None, Activation::Gelu, &pre, &pre.gelu_erf()?)?;
        let shrunk = self.shrink.forward(&grown)?;
        // Its input is the layer before.
        let shrunk = watch.layer("shrink", Some("shrink.weight"), Activation::Identity, &shrunk, &shrunk)?;
        let last = (x + shrunk)?.narrow(1, TIME - 1, 1)?.squeeze(1)?;
        Ok((self.logits.forward(&last)?, input))
    }
}

/// The transformer, as candle starts it or as `choose` says.
///
/// # Errors
/// Candle's own.
pub fn transformer(seed: u64, choose: impl Fn(&str, Scheme) -> Scheme + Send + Sync) -> Result<Report> {
    let initializer = Initializer::new(Generator::manual_seed(seed), choose);
    let model = Transformer::new(&initializer.var_builder(DType::F32, &Device::Cpu))?;
    let letters = whole(seed, BATCH * TIME)?.reshape((BATCH, TIME))?;
    let watch = Watch::default();
    let (logits, input) = model.forward(&letters, &watch)?;
    watch.report(&input, &initializer, &loss::cross_entropy(&logits, &targets(seed)?)?, CLASSES)
}

/// Layer norm with a scale, of candle's differentiable operations: its own, in 0.11, hands no gradient on.
fn normalised(x: &Tensor, scale: &Tensor) -> Result<Tensor> {
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = (centred.sqr()?.mean_keepdim(D::Minus1)? + 1e-5)?;
    centred.broadcast_div(&variance.sqrt()?)?.broadcast_mul(scale)
}

/// Standard normal numbers; another stream than the parameters'.
fn noise(seed: u64, shape: &[usize]) -> Result<Tensor> {
    let mut values = vec![0_f32; shape.iter().product()];
    let source = &mut Generator::manual_seed(!seed);
    Scheme::STANDARD_NORMAL
        .fill(shape, Layout::OUT_IN, &mut values, source)
        .map_err(candle_core::Error::wrap)?;
    Tensor::from_vec(values, shape, &Device::Cpu)
}

/// Classes at random.
fn whole(seed: u64, count: usize) -> Result<Tensor> {
    let mut values = vec![0_f32; count];
    Generator::manual_seed(!seed).uniform(0.0, CLASSES as f64, &mut values);
    let whole: Vec<u32> = values.into_iter().map(|x: f32| x as u32).collect();
    Tensor::from_vec(whole, count, &Device::Cpu)
}

fn targets(seed: u64) -> Result<Tensor> {
    whole(seed.wrapping_add(1 << 20), BATCH)
}
