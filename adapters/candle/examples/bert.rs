//! BERT from candle-transformers, unchanged: initialised by candle, and by the rules of transformers' BERT.
//!
//! Its inside cannot be observed, but its variables, the logits and the loss are.

use candle_core::{Device, Result, Tensor};
use candle_transformers::models::bert::{BertForMaskedLM, Config};
use step_zero_candle::{Recipe, WatchReport};

/// BERT in small.
pub(crate) fn config() -> Config {
    Config {
        vocab_size: 200,
        hidden_size: 32,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        intermediate_size: 128,
        max_position_embeddings: 16,
        ..Config::default()
    }
}

/// 8 sequences of 16 tokens, and the token to guess at each place.
pub(crate) fn batch() -> Result<(Tensor, Tensor)> {
    let token = |at: u32| 1 + at * 7919 % 199;
    let tokens: Vec<u32> = (0..8 * 16).map(token).collect();
    let labels: Vec<u32> = (0..8 * 16).map(|at| token(at + 50)).collect();
    Ok((Tensor::from_vec(tokens, (8, 16), &Device::Cpu)?, Tensor::from_vec(labels, 8 * 16, &Device::Cpu)?))
}

/// The loss at each place.
pub(crate) fn logits(model: &BertForMaskedLM) -> Result<Tensor> {
    let (tokens, _) = batch()?;
    model.forward(&tokens, &tokens.zeros_like()?, None)?.flatten_to(1)
}

/// The rules of transformers' BERT, which `step-zero check` ships as well.
pub(crate) fn recipe() -> Result<Recipe> {
    Recipe::shipped("hf/bert")
}

/// The report on the model with the weights of a recipe.
pub(crate) fn report(recipe: &Recipe) -> Result<WatchReport> {
    let (_, labels) = batch()?;
    let mut init = recipe.init(42, |vb| BertForMaskedLM::load(vb, &config()))?;
    init.watch(|model, watch| watch.cross_entropy(&logits(model)?, &labels))
}

fn main() -> Result<()> {
    println!("Candle's own initialisation\n\n{}", report(&Recipe::candles_own())?);
    println!("Rules of transformers' BERT\n\n{}", report(&recipe()?)?);
    Ok(())
}
