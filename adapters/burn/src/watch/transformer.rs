//! Burn's attention and transformers, with the places inside.
//!
//! Their `forward` is one call, so their parts are called here instead, in the same order as in burn-nn 0.22.1. A test holds
//! the results to those of `forward`, to the bit.

use burn_core::tensor::activation::{quiet_softmax, softmax};
use burn_core::tensor::{Bool, Tensor};
use burn_nn::LayerNorm;
use burn_nn::attention::{MhaInput, MhaOutput, MultiHeadAttention};
use burn_nn::transformer::{
    PositionWiseFeedForward, TransformerDecoder, TransformerDecoderInput, TransformerDecoderLayer,
    TransformerEncoder, TransformerEncoderInput, TransformerEncoderLayer,
};
use diagnostics::{SiteInput, SiteKind};

use super::tape::{is_open, module_of, origin, write};
use super::{Place, Watched, residual};

/// The masks of an attention, true where a key is hidden. Burn's input types do not show theirs.
#[derive(Clone, Debug, Default)]
pub struct Masks {
    /// Keys that are padding, `[batch, keys]`.
    pub pad: Option<Tensor<2, Bool>>,
    /// Keys that a query must not see, `[batch, queries, keys]`.
    pub attention: Option<Tensor<3, Bool>>,
}

impl Masks {
    fn of_attention(&self, mut input: MhaInput) -> MhaInput {
        if let Some(pad) = &self.pad {
            input = input.mask_pad(pad.clone());
        }
        if let Some(attention) = &self.attention {
            input = input.mask_attn(attention.clone());
        }
        input
    }

    /// Scores `[batch, heads, queries, keys]` with `hidden` in place of those that are masked.
    fn hide(&self, mut scores: Tensor<4>, hidden: f64) -> Tensor<4> {
        if let Some(pad) = &self.pad {
            let [batch, keys] = pad.dims();
            scores = scores.mask_fill(pad.clone().reshape([batch, 1, 1, keys]), hidden);
        }
        if let Some(attention) = &self.attention {
            let [batch, queries, keys] = attention.dims();
            scores = scores.mask_fill(attention.clone().reshape([batch, 1, queries, keys]), hidden);
        }
        scores
    }
}

/// Self-attention without masks.
impl Watched<Tensor<3>> for MultiHeadAttention {
    type Output = MhaOutput;

    fn watched(&self, input: Tensor<3>) -> MhaOutput {
        self.watched((input, Masks::default()))
    }
}

/// Self-attention.
impl Watched<(Tensor<3>, Masks)> for MultiHeadAttention {
    type Output = MhaOutput;

    fn watched(&self, (input, masks): (Tensor<3>, Masks)) -> MhaOutput {
        let [query, key, value] = [input.clone(), input.clone(), input];
        self.watched((query, key, value, masks))
    }
}

/// Attention to the keys and values of other tensors.
impl Watched<(Tensor<3>, Tensor<3>, Tensor<3>, Masks)> for MultiHeadAttention {
    type Output = MhaOutput;

    fn watched(&self, (query, key, value, masks): (Tensor<3>, Tensor<3>, Tensor<3>, Masks)) -> MhaOutput {
        if !is_open() {
            return self.forward(masks.of_attention(MhaInput::new(query, key, value)));
        }
        let [batch, queries, width] = query.dims();
        let projected = [self.query.watched(query), self.key.watched(key), self.value.watched(value)];
        let from = projected.each_ref().map(origin);
        let module = from[0].as_ref().map_or_else(String::new, module_of);
        let place = |kind: SiteKind| Place::new(kind).named(&format!("{module}.{}", kind.name()));
        let [query, key, value] = projected.map(|tensor| {
            let [batch, length, _] = tensor.dims();
            tensor.reshape([batch, length, self.n_heads, self.d_k]).swap_dims(1, 2)
        });

        let scores = query.matmul(key.transpose()).div_scalar((self.d_k as f32).sqrt());
        let [from_query, from_key, from_value] = from;
        let (scores_site, scores) =
            write(scores, place(SiteKind::Scores).along(3), inputs([from_query, from_key]));
        let scores = masks.hide(scores, self.min_float);
        let weights = if self.quiet_softmax { quiet_softmax(scores, 3) } else { softmax(scores, 3) };
        let from_scores = scores_site.map(|site| SiteInput { site, role: None });
        let (softmax_site, weights) =
            write(weights, place(SiteKind::Softmax).along(3), inputs([from_scores, None]));
        let weights = self.dropout.forward(weights);

        let context = weights.clone().matmul(value).swap_dims(1, 2).reshape([batch, queries, width]);
        let from_weights = softmax_site.map(|site| SiteInput { site, role: None });
        let (_, context) = write(context, place(SiteKind::Mix).along(2), inputs([from_weights, from_value]));
        MhaOutput { weights, context: self.output.watched(context) }
    }
}

fn inputs(known: [Option<SiteInput>; 2]) -> Vec<SiteInput> {
    known.into_iter().flatten().collect()
}

impl<const D: usize> Watched<Tensor<D>> for PositionWiseFeedForward {
    type Output = Tensor<D>;

    fn watched(&self, input: Tensor<D>) -> Tensor<D> {
        let inner = self.activation.watched(self.linear_inner.watched(input));
        self.linear_outer.watched(self.dropout.watched(inner))
    }
}

impl Watched<(Tensor<3>, Masks)> for TransformerEncoderLayer {
    type Output = Tensor<3>;

    fn watched(&self, (input, masks): (Tensor<3>, Masks)) -> Tensor<3> {
        if !is_open() {
            return self.forward(input, masks.pad, masks.attention);
        }
        let mut branch = input.clone();
        if self.norm_first {
            branch = self.norm_2.watched(branch);
        }
        let branch = self.mha.watched((branch, masks)).context;
        let x = residual(input, self.dropout.watched(branch));
        let (x, branch) = branched(&self.norm_1, x, self.norm_first);
        let branch = self.pwff.watched(branch);
        let mut x = residual(x, self.dropout.watched(branch));
        if !self.norm_first {
            x = self.norm_2.watched(x);
        }
        x
    }
}

/// A stream and the start of a branch from it, with a norm at the start of the branch or in front of both.
fn branched(norm: &LayerNorm, x: Tensor<3>, norm_first: bool) -> (Tensor<3>, Tensor<3>) {
    let normed = norm.watched(x.clone());
    if norm_first { (x, normed) } else { (normed.clone(), normed) }
}

/// The encoder without masks.
impl Watched<Tensor<3>> for TransformerEncoder {
    type Output = Tensor<3>;

    fn watched(&self, input: Tensor<3>) -> Tensor<3> {
        self.watched((input, Masks::default()))
    }
}

impl Watched<(Tensor<3>, Masks)> for TransformerEncoder {
    type Output = Tensor<3>;

    fn watched(&self, (input, masks): (Tensor<3>, Masks)) -> Tensor<3> {
        if !is_open() {
            let mut whole = TransformerEncoderInput::new(input);
            if let Some(pad) = masks.pad {
                whole = whole.mask_pad(pad);
            }
            if let Some(attention) = masks.attention {
                whole = whole.mask_attn(attention);
            }
            return self.forward(whole);
        }
        self.layers.iter().fold(input, |x, layer| layer.watched((x, masks.clone())))
    }
}

/// The inputs of a decoder: the targets, and the outputs of an encoder.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The targets, `[batch, target time, features]`.
    pub target: Tensor<3>,
    /// The masks of the attention of targets to targets.
    pub target_masks: Masks,
    /// The encoder's output, `[batch, time, features]`.
    pub memory: Tensor<3>,
    /// The masks of the attention of targets to the memory.
    pub memory_masks: Masks,
}

impl Decoded {
    /// Targets and memory without masks.
    pub fn new(target: Tensor<3>, memory: Tensor<3>) -> Self {
        let (target_masks, memory_masks) = (Masks::default(), Masks::default());
        Self { target, target_masks, memory, memory_masks }
    }

    fn into_burns(self) -> TransformerDecoderInput {
        let mut input = TransformerDecoderInput::new(self.target, self.memory);
        if let Some(pad) = self.target_masks.pad {
            input = input.target_mask_pad(pad);
        }
        if let Some(attention) = self.target_masks.attention {
            input = input.target_mask_attn(attention);
        }
        if let Some(pad) = self.memory_masks.pad {
            input = input.memory_mask_pad(pad);
        }
        if let Some(attention) = self.memory_masks.attention {
            input = input.memory_mask_attn(attention);
        }
        input
    }
}

impl Watched<Decoded> for TransformerDecoder {
    type Output = Tensor<3>;

    fn watched(&self, input: Decoded) -> Tensor<3> {
        if !is_open() {
            return self.forward(input.into_burns());
        }
        let Decoded { target, target_masks, memory, memory_masks } = input;
        let layer = |x, layer: &TransformerDecoderLayer| {
            decode(layer, x, target_masks.clone(), memory.clone(), memory_masks.clone())
        };
        self.layers.iter().fold(target, layer)
    }
}

/// One layer of a decoder.
fn decode(
    layer: &TransformerDecoderLayer,
    x: Tensor<3>,
    target_masks: Masks,
    memory: Tensor<3>,
    memory_masks: Masks,
) -> Tensor<3> {
    let branch = if layer.norm_first { layer.norm_3.watched(x.clone()) } else { x.clone() };
    let branch = layer.self_attn.watched((branch, target_masks)).context;
    let x = residual(x, layer.dropout.watched(branch));

    let (x, branch) = branched(&layer.norm_1, x, layer.norm_first);
    let branch = layer.cross_attn.watched((branch, memory.clone(), memory, memory_masks)).context;
    let x = residual(x, layer.dropout.watched(branch));

    let (x, branch) = branched(&layer.norm_2, x, layer.norm_first);
    let branch = layer.pwff.watched(branch);
    let x = residual(x, layer.dropout.watched(branch));
    if layer.norm_first { x } else { layer.norm_3.watched(x) }
}
