//! A language model of burn's own transformer encoder, whose attention and feed-forward layers are watched inside.

use std::error::Error;

use burn_core as burn;
use burn_core::module::Module;
use burn_core::tensor::{Device, Int, Tensor};
use burn_nn::attention::generate_autoregressive_mask;
use burn_nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn_nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use checkpoint::{NameRules, RuleSettings};
use diagnostics::{Limits, RecordingReport, SiteKind, Style};
use step_zero_burn::{Draws, Loss, Masks, Through, Watched, draw_by_rules, expect, watch};
use torch_rng::Generator;

pub(crate) const VOCABULARY: usize = 65;
const WIDTH: usize = 64;
const LENGTH: usize = 24;
const BATCH: usize = 8;

/// Tokens `[batch, time]` to the logits of the next ones, `[batch, time, vocabulary]`.
#[derive(Module, Debug)]
pub(crate) struct LanguageModel {
    pub(crate) tokens: Embedding,
    pub(crate) positions: Embedding,
    pub(crate) encoder: TransformerEncoder,
    pub(crate) norm: LayerNorm,
    pub(crate) head: Linear,
}

impl LanguageModel {
    pub(crate) fn new(device: &Device) -> Self {
        let encoder = TransformerEncoderConfig::new(WIDTH, 4 * WIDTH, 4, 4).with_norm_first(true);
        Self {
            tokens: EmbeddingConfig::new(VOCABULARY, WIDTH).init(device),
            positions: EmbeddingConfig::new(LENGTH, WIDTH).init(device),
            encoder: encoder.with_dropout(0.0).init(device),
            norm: LayerNormConfig::new(WIDTH).init(device),
            head: LinearConfig::new(WIDTH, VOCABULARY).with_bias(false).init(device),
        }
    }

    pub(crate) fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = tokens.dims();
        let device = tokens.device();
        let positions = Tensor::<1, Int>::arange(0..length as i64, &device).reshape([1, length]);
        let positions = self.positions.watched(positions.repeat_dim(0, batch));
        let x = self.tokens.watched(tokens).joined(SiteKind::Sum, positions, |x, y| x + y);
        let attention = Some(generate_autoregressive_mask(batch, length, &device));
        let x = self.encoder.watched((x, Masks { pad: None, attention }));
        self.head.watched(self.norm.watched(x))
    }
}

/// GPT-2's recipe, with a std of 1/√width in place of 0.02, which is that of a width of 2,500.
pub(crate) const RULES: &str = r#"
version = 1

[constants]
width = { axis = 1, of = "tokens.weight" }
layers = { count = "encoder.layers.{i}.**" }
std = "1/sqrt(width)"

[[rule]]
match = ["encoder.layers.{i}.mha.output.weight", "encoder.layers.{i}.pwff.linear_outer.weight"]
scheme = "scaled(1/sqrt(2*layers), fan_in, normal)"

[[rule]]
match = ["tokens.weight", "positions.weight"]
scheme = "normal(0, std)"

[[rule]]
match = ["encoder.**.weight", "head.weight"]
scheme = "lecun_normal"

[[rule]]
match = "**.gamma"
scheme = "ones"

[[rule]]
match = ["**.beta", "**.bias"]
scheme = "zeros"
"#;

/// A batch of texts, and the tokens that follow.
pub(crate) fn batch(device: &Device) -> (Tensor<2, Int>, Tensor<1, Int>) {
    let mut text = [0_i64; BATCH * LENGTH + 1];
    Generator::manual_seed(9).randint(0, VOCABULARY as i64, &mut text);
    let shifted = |from: usize| Tensor::<1, Int>::from_ints(&text[from..from + BATCH * LENGTH], device);
    (shifted(0).reshape([BATCH, LENGTH]), shifted(1))
}

pub(crate) fn loss(model: &LanguageModel) -> Loss {
    let (tokens, next) = batch(&model.devices()[0]);
    let logits = model.forward(tokens).reshape([BATCH * LENGTH, VOCABULARY]);
    Loss::cross_entropy(logits, next)
}

/// The model as the rules draw it from a seed, and the draws.
pub(crate) fn by_rules(seed: u64) -> Result<(LanguageModel, Draws), Box<dyn Error>> {
    let model = LanguageModel::new(&Device::flex().autodiff());
    let mut source = Generator::manual_seed(seed);
    Ok(draw_by_rules(model, &mut source, &NameRules::parse(RULES)?, &RuleSettings::default())?)
}

/// The report on one pass of the model, which is held to its draws.
pub(crate) fn report(model: &LanguageModel, drawn: &Draws) -> Result<RecordingReport, Box<dyn Error>> {
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
