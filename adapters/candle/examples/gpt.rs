//! A GPT from candle-transformers, unchanged: GPT-BigCode, by GPT-2's rules for its names.

use candle_core::{Device, Result, Tensor};
use candle_transformers::models::bigcode::{Config, GPTBigCode};
use checkpoint::NameRules;
use step_zero_candle::{Recipe, WatchReport};

const VOCABULARY: usize = 200;

/// GPT-2's, without its layout `in_out`. The rules count the layers by their names, and divide the ends of residual branches
/// by √(2·layers).
pub(crate) const RULES: &str = r#"
version = 1
prefix = ["transformer."]

[constants]
std = 0.02
layers = { count = "h.{i}.**" }

[[rule]]
match = ["wte.weight", "wpe.weight", "h.{i}.attn.c_attn.weight", "h.{i}.mlp.c_fc.weight"]
scheme = "normal(0, std)"

[[rule]]
match = "h.{i}.*.c_proj.weight"
scheme = "normal(0, std/sqrt(2*layers))"
reason = "the end of a residual branch"

[[rule]]
match = ["h.{i}.ln_*.weight", "ln_f.weight"]
scheme = "ones"

[[rule]]
match = "**.bias"
scheme = "zeros"
"#;

/// GPT-2 in small.
pub(crate) fn config() -> Config {
    Config {
        vocab_size: VOCABULARY,
        max_position_embeddings: 16,
        num_hidden_layers: 4,
        hidden_size: 32,
        layer_norm_epsilon: 1e-5,
        n_inner: None,
        num_attention_heads: 4,
        // Its branch for as many keys as queries fails in candle-transformers 0.11.1.
        multi_query: true,
        use_cache: false,
    }
}

/// 32 sequences of 16 tokens, and the token that follows each.
pub(crate) fn batch() -> Result<(Tensor, Tensor)> {
    let token = |at: u32| at * 7919 % VOCABULARY as u32;
    let tokens: Vec<u32> = (0..32 * 16).map(token).collect();
    let labels: Vec<u32> = (0..32).map(|sequence| token(sequence * 16 + 1)).collect();
    Ok((Tensor::from_vec(tokens, (32, 16), &Device::Cpu)?, Tensor::from_vec(labels, 32, &Device::Cpu)?))
}

/// The recipe of [`RULES`].
pub(crate) fn recipe() -> Result<Recipe> {
    Ok(Recipe::rules(NameRules::parse(RULES).map_err(candle_core::Error::wrap)?))
}

/// The report on the model with the weights of a recipe.
pub(crate) fn report(recipe: &Recipe) -> Result<WatchReport> {
    let (tokens, labels) = batch()?;
    let mut init = recipe.init(42, |vb| GPTBigCode::load(vb, config()))?;
    init.watch(|model, watch| watch.cross_entropy(&model.forward(&tokens, 0)?, &labels))
}

fn main() -> Result<()> {
    let init = recipe()?.init(42, |vb| GPTBigCode::load(vb, config()))?;
    for drawn in init.drawn.iter().filter(|drawn| drawn.name.ends_with("c_proj.weight")) {
        println!("{} {:?}: {}", drawn.name, drawn.shape, drawn.scheme);
    }
    println!("\n{}", report(&recipe()?)?);
    Ok(())
}
