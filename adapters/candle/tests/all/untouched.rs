//! Watching changes neither the outputs nor the gradients of a model, to the last bit.

use candle_core::{Result, Tensor};
use candle_nn::{LayerNorm, Linear, VarBuilder, layer_norm, linear};
use diagnostics::SiteKind;
use step_zero_candle::{Initialised, Recipe, Watch};

use crate::bits;
use crate::{conv, mlp};

/// The logits, the loss and all gradients of a pass, as bits.
type Pass = (Vec<u32>, Vec<u32>, Vec<Option<Vec<u32>>>);

/// Computes a pass.
fn pass<M>(init: &Initialised<M>, logits: &Tensor, labels: &Tensor) -> Result<Pass> {
    let loss = candle_nn::loss::cross_entropy(logits, labels)?;
    let gradients = loss.backward()?;
    let variables = init.variables.data().lock().unwrap();
    let of = |name: &String| gradients.get(variables[name].as_tensor()).map(bits);
    Ok((bits(logits), bits(&loss), init.drawn.iter().map(|drawn| of(&drawn.name)).collect()))
}

/// The same pass unobserved, and observed.
fn same<M>(
    mut init: Initialised<M>,
    labels: &Tensor,
    forward: impl Fn(&M, &Watch) -> Result<Tensor>,
) -> Result<usize> {
    let expected = pass(&init, &forward(&init.model, &Watch::off())?, labels)?;
    let mut observed = None;
    let report = init.watch(|model, watch| {
        let logits = forward(model, watch)?;
        observed = Some(logits.clone());
        watch.cross_entropy(&logits, labels)
    })?;
    let logits = observed.unwrap();
    assert!(expected == pass(&init, &logits, labels)?, "a bit differs");
    Ok(report.recording().sites.iter().filter(|site| !site.statistics.gradient_rms.is_nan()).count())
}

#[test]
fn an_mlp_computes_the_same_bits() -> Result<()> {
    let (features, labels) = mlp::batch()?;
    let init = mlp::candles_own().init(42, |vb| mlp::Mlp::new(&vb))?;
    assert_eq!(same(init, &labels, |model, watch| model.forward(&features, watch))?, 7);
    Ok(())
}

#[test]
fn a_convolutional_network_computes_the_same_bits() -> Result<()> {
    let (images, labels) = conv::batch()?;
    let init = conv::recipe()?.init(42, |vb| conv::Network::new(&vb))?;
    assert_eq!(same(init, &labels, |model, watch| model.forward(&images, watch))?, 7);
    Ok(())
}

/// An attention block: transposed views, a softmax, a norm through which nothing passes back, and a shortcut.
struct Block {
    query: Linear,
    key: Linear,
    value: Linear,
    norm: LayerNorm,
    head: Linear,
}

impl Block {
    fn new(vb: &VarBuilder<'_>) -> Result<Self> {
        let projection = |name| linear(16, 16, vb.pp(name));
        let (query, key, value) = (projection("query")?, projection("key")?, projection("value")?);
        let norm = layer_norm(16, 1e-5, vb.pp("norm"))?;
        Ok(Self { query, key, value, norm, head: linear(16, 5, vb.pp("head"))? })
    }

    fn forward(&self, x: &Tensor, watch: &Watch) -> Result<Tensor> {
        let query = x.apply(&watch.layer(&self.query))?;
        let key = x.apply(&watch.layer(&self.key))?;
        let value = x.apply(&watch.layer(&self.value))?;
        // A view with other strides is observed with them.
        let key = watch.site("keys", SiteKind::Other).reads(&key).unit_axis(1).values(&key.t()?)?;
        assert!(!key.is_contiguous());
        let scores = (query.matmul(&key)? * 0.25)?;
        let scores = watch.site("scores", SiteKind::Scores).reads(&query).unit_axis(2).values(&scores)?;
        let weights = candle_nn::ops::softmax(&scores, 2)?;
        let weights =
            watch.site("softmax", SiteKind::Softmax).reads(&scores).unit_axis(2).values(&weights)?;
        let mixed = watch
            .site("mix", SiteKind::Mix)
            .reads(&weights)
            .reads(&value)
            .unit_axis(2)
            .values(&weights.matmul(&value)?)?;
        let x = watch.residual("block", &value, &mixed)?;
        let x = x.apply(&watch.layer(&self.norm))?;
        // Three readers and a sum, of which only some are observed.
        let y = (x.apply(&watch.layer(&self.head))? + x.apply(&self.head)?)?;
        (y + x.relu()?.apply(&watch.layer(&self.head))?)?.mean(1)
    }
}

#[test]
fn an_attention_block_computes_the_same_bits() -> Result<()> {
    let init = Recipe::candles_own().init(42, |vb| Block::new(&vb))?;
    let labels = Tensor::new(&[0_u32, 1, 2, 3], &candle_core::Device::Cpu)?;
    let x = crate::noise(7, &[4, 6, 16]);
    same(init, &labels, |model, watch| model.forward(&x, watch))?;
    Ok(())
}

/// A watch that is off returns the tensor itself.
#[test]
fn an_idle_watch_hands_tensors_through() -> Result<()> {
    let (watch, x) = (Watch::off(), crate::noise(1, &[2, 3]));
    assert_eq!(watch.site("x", SiteKind::Other).values(&x)?.id(), x.id());
    assert_eq!(watch.activation(diagnostics::Activation::Identity, &x, |x| Ok(x.clone()))?.id(), x.id());
    Ok(())
}
