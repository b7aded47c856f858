//! Attention, the layers of a transformer, stacks of them, and the transformer as a whole.

use super::{linear, norm};
use crate::{Gain, Module, Scheme};

/// `nn.MultiheadAttention`: Xavier uniform projections and biases of 0.
///
/// If keys and values are as wide as the queries, the three projections are one matrix `[3·embed, embed]`, whose fan-out is
/// three times that of each: their std is √½ of what Xavier gives a square matrix. Otherwise they are drawn apart. The
/// number of heads changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiheadAttention {
    /// The width of the queries and of the output.
    pub embed: usize,
    /// False for projections without biases; true by default.
    pub bias: bool,
    /// True for a key and a value that are learned, PyTorch's `add_bias_kv`.
    pub bias_kv: bool,
    /// The width of the keys, PyTorch's `kdim`.
    pub keys: usize,
    /// The width of the values, PyTorch's `vdim`.
    pub values: usize,
}

impl MultiheadAttention {
    /// PyTorch's defaults: one width, with biases.
    pub const fn new(embed: usize) -> Self {
        Self { embed, bias: true, bias_kv: false, keys: embed, values: embed }
    }

    /// The parameters. The output projection is drawn first, as a linear layer, and its bias set to 0 afterwards.
    pub fn module(self) -> Module {
        let Self { embed, bias, bias_kv, keys, values } = self;
        let (uniform, normal) = (Scheme::xavier_uniform(Gain::ONE), Scheme::xavier_normal(Gain::ONE));
        let module = Module::new().with("out_proj", linear(embed, embed, bias));
        let module = if keys == embed && values == embed {
            module.and("in_proj_weight", &[3 * embed, embed], uniform)
        } else {
            let module = module.and("q_proj_weight", &[embed, embed], uniform);
            module.and("k_proj_weight", &[embed, keys], uniform).and(
                "v_proj_weight",
                &[embed, values],
                uniform,
            )
        };
        module
            .and_if(bias, "in_proj_bias", &[3 * embed], Scheme::ZEROS)
            .and_if(bias, "out_proj.bias", &[embed], Scheme::ZEROS)
            .and_if(bias_kv, "bias_k", &[1, 1, embed], normal)
            .and_if(bias_kv, "bias_v", &[1, 1, embed], normal)
    }
}

/// `nn.TransformerEncoderLayer(width, heads, feedforward)`.
pub fn encoder_layer(width: usize, feedforward: usize, bias: bool) -> Module {
    let attention = MultiheadAttention { bias, ..MultiheadAttention::new(width) };
    let module = Module::new().with("self_attn", attention.module());
    feedforward_and_norms(module, width, feedforward, bias, 2)
}

/// `nn.TransformerDecoderLayer(width, heads, feedforward)`.
pub fn decoder_layer(width: usize, feedforward: usize, bias: bool) -> Module {
    let attention = MultiheadAttention { bias, ..MultiheadAttention::new(width) }.module();
    let module = Module::new().with("self_attn", attention.clone()).with("multihead_attn", attention);
    feedforward_and_norms(module, width, feedforward, bias, 3)
}

fn feedforward_and_norms(
    module: Module,
    width: usize,
    feedforward: usize,
    bias: bool,
    norms: usize,
) -> Module {
    let module = module.with("linear1", linear(width, feedforward, bias));
    let module = module.with("linear2", linear(feedforward, width, bias));
    (1..=norms).fold(module, |module, at| module.with(&format!("norm{at}"), norm(&[width], bias)))
}

/// `nn.TransformerEncoder(layer, layers, norm)` or `nn.TransformerDecoder(layer, layers, norm)`.
///
/// Both deep-copy the layer, so it is drawn once and **all layers start equal**. In a stack whose layers are to differ, each is a
/// module of its own: `Module::new().with("0", layer()).with("1", layer())`.
///
/// ```
/// use nn_init::{Generator, torch};
///
/// let encoder = torch::stack(torch::encoder_layer(8, 16, true), 2, Some(torch::norm(&[8], true)));
/// let parameters = encoder.sample::<f32>(&mut Generator::manual_seed(1))?;
/// let find = |name| &parameters.iter().find(|(other, _)| other == name).expect("a parameter").1;
/// assert_eq!(find("layers.0.linear1.weight"), find("layers.1.linear1.weight"));
/// # Ok::<(), nn_init::InitError>(())
/// ```
pub fn stack(layer: Module, layers: usize, norm: Option<Module>) -> Module {
    let module = Module::new().with("layers", layer.copied(layers));
    if let Some(norm) = norm { module.with("norm", norm) } else { module }
}

/// `nn.Transformer`: an encoder and a decoder, each a [`stack`] with a layer norm at its end.
///
/// After both are made, every matrix of every layer is drawn again by Xavier's uniform scheme, so the layers differ. The linear
/// layers keep the biases that they were made with, and those are equal in all layers of a stack.
///
/// ```
/// use nn_init::{Generator, torch::Transformer};
///
/// // torch.manual_seed(1); nn.Transformer(8, 2, num_encoder_layers=2, num_decoder_layers=1, dim_feedforward=16)
/// let transformer = Transformer { encoders: 2, decoders: 1, feedforward: 16, ..Transformer::new(8) };
/// let parameters = transformer.module().sample::<f32>(&mut Generator::manual_seed(1))?;
/// let find = |name| &parameters.iter().find(|(other, _)| other == name).expect("a parameter").1;
/// assert_ne!(find("encoder.layers.0.linear1.weight"), find("encoder.layers.1.linear1.weight"));
/// assert_eq!(find("encoder.layers.0.linear1.bias"), find("encoder.layers.1.linear1.bias"));
/// # Ok::<(), nn_init::InitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transformer {
    /// The width of the stream, PyTorch's `d_model`.
    pub width: usize,
    /// The number of encoder layers; 6 by default.
    pub encoders: usize,
    /// The number of decoder layers; 6 by default.
    pub decoders: usize,
    /// The width inside the linear layers, PyTorch's `dim_feedforward`; 2048 by default.
    pub feedforward: usize,
    /// False for layers and norms without biases; true by default.
    pub bias: bool,
}

impl Transformer {
    /// PyTorch's defaults: six layers of each kind, with biases. Its own width is 512.
    pub const fn new(width: usize) -> Self {
        Self { width, encoders: 6, decoders: 6, feedforward: 2048, bias: true }
    }

    /// The parameters. The number of heads changes nothing.
    pub fn module(self) -> Module {
        let Self { width, encoders, decoders, feedforward, bias } = self;
        let ending = Some(norm(&[width], bias));
        let encoder = stack(encoder_layer(width, feedforward, bias), encoders, ending.clone());
        let decoder = stack(decoder_layer(width, feedforward, bias), decoders, ending);
        let module = Module::new().with("encoder", encoder).with("decoder", decoder);
        let module = (0..encoders).fold(module, |module, at| {
            module.with(&format!("encoder.layers.{at}"), self.matrices(&["self_attn"]))
        });
        (0..decoders).fold(module, |module, at| {
            module.with(&format!("decoder.layers.{at}"), self.matrices(&["self_attn", "multihead_attn"]))
        })
    }

    /// The matrices of a layer, drawn by Xavier's scheme in the order of PyTorch's `parameters()`.
    fn matrices(self, attentions: &[&str]) -> Module {
        let (width, feedforward) = (self.width, self.feedforward);
        let uniform = Scheme::xavier_uniform(Gain::ONE);
        attentions
            .iter()
            .fold(Module::new(), |module, name| {
                module.and(&format!("{name}.in_proj_weight"), &[3 * width, width], uniform).and(
                    &format!("{name}.out_proj.weight"),
                    &[width, width],
                    uniform,
                )
            })
            .and("linear1.weight", &[feedforward, width], uniform)
            .and("linear2.weight", &[width, feedforward], uniform)
    }
}
