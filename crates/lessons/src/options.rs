//! Options of a network, shared by every command that builds one.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use cli::Failure;
use specimen::{Network, Norm, Spread};
use tensor::Activation;

use crate::lesson::{Lesson, RandomSource};
use crate::named_init::NamedInit;

/// The network and its seed. An option that is not given leaves the network as it is.
#[derive(Args, Clone, Default, PartialEq)]
pub struct NetworkOptions {
    /// Seed of the random numbers [default: the lesson's 42, the lecture's 2147483647].
    #[arg(long)]
    pub seed: Option<u64>,

    /// Units of the hidden layers: `200`, `100x5`, `40,30,20` [default: 100x3, or those of the run].
    #[arg(long, value_name = "UNITS")]
    pub layers: Option<Layers>,

    /// Symbols per example [default: 1, or those of the run].
    #[arg(long, value_name = "SYMBOLS")]
    pub context: Option<usize>,

    /// Size of the embedding [default: 10].
    #[arg(long)]
    pub embedding: Option<usize>,

    /// Activation of the hidden layers: `tanh`, `relu`, `leaky_relu(0.01)`, …; `none` for none [default: tanh].
    #[arg(long, value_parser = activation)]
    pub activation: Option<Activation>,

    /// The products that batch normalisation follows [default: none].
    #[arg(long, value_enum)]
    pub norm: Option<NormPlacement>,

    /// Keep the bias of a normalised product, as the lecture's first normalised network does.
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true)]
    pub norm_bias: Option<bool>,

    /// ε of the normalisation [default: 1e-5].
    #[arg(long, value_parser = eps)]
    pub eps: Option<f64>,

    /// Weight of each batch in the running statistics, from 0 to 1 [default: 0.1].
    #[arg(long, value_parser = fraction)]
    pub momentum: Option<f64>,

    /// Measure of spread that the running statistics average [default: variance].
    #[arg(long, value_name = "variance|deviation", value_parser = spread)]
    pub keeps: Option<Spread>,
}

/// The initialisation.
#[derive(Args, Clone, Default, PartialEq)]
pub struct InitOptions {
    /// Initialisation: the lesson's `random`, `kaiming` or `xavier`; `kaiming-textbook` or `xavier-textbook`, with the
    /// papers' formulae; a framework's default, such as `torch.linear` or `flax.dense`; or any scheme for the weights,
    /// such as `orthogonal` or `kaiming_normal(fan_in, forward(tanh))`, with zero biases [default: random].
    #[arg(long)]
    pub scheme: Option<NamedInit>,
}

/// The lesson: its network unless options say otherwise, on its names.
#[derive(Args)]
pub struct LessonOptions {
    /// The network.
    #[command(flatten)]
    pub network: NetworkOptions,

    /// Source of the random numbers: PyTorch's own stream, or ChaCha8.
    #[arg(long, value_enum, default_value_t = RandomSource::Torch)]
    pub source: RandomSource,

    /// Units of each hidden layer: with --hidden, the older form of --layers.
    #[arg(long, hide = true, conflicts_with = "layers")]
    pub width: Option<usize>,

    /// Number of hidden layers: with --width, the older form of --layers.
    #[arg(long, hide = true, conflicts_with = "layers")]
    pub hidden: Option<usize>,
}

/// Units of hidden layers, from the input on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers(pub Vec<usize>);

/// Positions of batch normalisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NormPlacement {
    /// No product is normalised.
    None,
    /// The products of the hidden layers are.
    Hidden,
    /// The logits are too.
    All,
}

/// The largest number of layers, and of values in a network and the activations of one pass; more are refused rather than
/// left to run out of memory.
const MOST_LAYERS: usize = 100_000;
const MOST_VALUES: usize = 100_000_000;

impl NetworkOptions {
    /// Changes a network as the options say.
    ///
    /// # Errors
    /// If an option asks for a part that the network does not have.
    pub fn apply(&self, network: &mut Network) -> Result<(), Failure> {
        set(&mut network.context, self.context);
        set(&mut network.embedding, self.embedding);
        set(&mut network.hidden, self.layers.clone().map(|layers| layers.0));
        set(&mut network.activation, self.activation);
        match self.norm {
            Some(NormPlacement::None) => network.norm = None,
            Some(placement) => {
                let norm = network.norm.unwrap_or(Norm::LECTURE);
                network.norm = Some(Norm { logits: placement == NormPlacement::All, ..norm });
            }
            None => {}
        }
        if let Some(norm) = &mut network.norm {
            set(&mut norm.eps, self.eps);
            set(&mut norm.momentum, self.momentum);
            set(&mut norm.keeps, self.keeps);
            set(&mut norm.bias, self.norm_bias);
        } else if let Some(option) = self.needs_norm() {
            return Err(Failure::new(format!(
                "{option} is about a normalised product, and there is none; add --norm hidden or --norm all"
            )));
        }
        Ok(())
    }

    /// An option that was given and means nothing without a normalisation. A run file that says `norm = none` may have
    /// the others.
    fn needs_norm(&self) -> Option<&'static str> {
        let unsaid = self.norm.is_none();
        let given = [
            ("norm-bias", self.norm_bias == Some(true)),
            ("eps", unsaid && self.eps.is_some()),
            ("momentum", unsaid && self.momentum.is_some()),
            ("keeps", unsaid && self.keeps.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}

/// Checks that a network can be built and that a pass over `rows` examples fits in memory.
///
/// # Errors
/// If not.
pub fn check_network(network: &Network, rows: usize) -> Result<(), Failure> {
    if network.hidden.is_empty() {
        return Err(Failure::new("there is no hidden layer; the network needs at least 1; see --help"));
    }
    network.check(0).map_err(|error| Failure::new(format!("{error}; see --help")))?;
    let products = (1..=network.depth()).map(|layer| network.sizes(layer));
    let weights = products.fold(0_usize, |sum, (ins, outs)| sum.saturating_add(ins.saturating_mul(outs)));
    let table = network.classes.saturating_mul(network.embedding);
    let units = network.hidden.iter().fold(0_usize, |sum, &units| sum.saturating_add(units));
    let inputs = network.context.saturating_mul(network.embedding);
    let activations = units.saturating_add(inputs).saturating_mul(rows);
    let values = weights.saturating_add(table).saturating_add(activations);
    if values > MOST_VALUES {
        return Err(Failure::new(format!(
            "the network has too many values: {weights} weights and {activations} activations for {rows} examples, where \
             {MOST_VALUES} fit; choose a smaller network"
        )));
    }
    Ok(())
}

impl LessonOptions {
    /// The lesson's data and the network that these options describe.
    ///
    /// # Errors
    /// If the network cannot be built.
    pub fn lesson(&self) -> Result<Lesson, Failure> {
        let mut network = Network::lesson();
        if self.width.is_some() || self.hidden.is_some() {
            let (width, layers) = (self.width.unwrap_or(100), self.hidden.unwrap_or(network.hidden.len()));
            network.hidden = equal_layers(width, layers)?;
        }
        self.network.apply(&mut network)?;
        check_network(&network, specimen::lesson::bigrams().batch.targets.len())?;
        Ok(Lesson::new(self.source, self.network.seed.unwrap_or(Lesson::SEED), network))
    }
}

/// So many layers of the same width.
fn equal_layers(units: usize, layers: usize) -> Result<Vec<usize>, Failure> {
    if layers > MOST_LAYERS {
        return Err(Failure::new(format!(
            "{layers} hidden layers are too many; at most {MOST_LAYERS} are possible"
        )));
    }
    Ok(vec![units; layers])
}

impl FromStr for Layers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' are not units of layers, such as 200, 100x5 or 40,30,20");
        let size = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
        let mut layers = Vec::new();
        for part in text.split(',').filter(|_| !text.trim().is_empty()) {
            let (units, count) = part.split_once('x').unwrap_or((part, "1"));
            layers.extend(equal_layers(size(units)?, size(count)?).map_err(|error| error.to_string())?);
        }
        Ok(Self(layers))
    }
}

fn activation(text: &str) -> Result<Activation, String> {
    let text = if text == "none" { "identity" } else { text };
    text.parse().map_err(|error: tensor::ActivationError| error.to_string())
}

/// A finite number of at least 0.
fn eps(text: &str) -> Result<f64, String> {
    let eps: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if eps.is_finite() && eps >= 0.0 { Ok(eps) } else { Err("it must be finite and at least 0".to_owned()) }
}

/// A number from 0 to 1.
///
/// # Errors
/// If the text is not one.
pub fn fraction(text: &str) -> Result<f64, String> {
    let fraction: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=1.0).contains(&fraction) { Ok(fraction) } else { Err("it must be from 0 to 1".to_owned()) }
}

fn spread(text: &str) -> Result<Spread, String> {
    let names = || Spread::ALL.map(Spread::name).join(" or ");
    let spread = Spread::ALL.into_iter().find(|spread| spread.name() == text);
    spread.ok_or_else(|| format!("'{text}' is not {}", names()))
}

/// Replaces a value if there is another.
pub(crate) fn set<V>(value: &mut V, other: Option<V>) {
    if let Some(other) = other {
        *value = other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_read() {
        let layers = |text: &str| text.parse::<Layers>().map(|layers| layers.0);
        assert_eq!(layers("200"), Ok(vec![200]));
        assert_eq!(layers("100x3, 7"), Ok(vec![100, 100, 100, 7]));
        assert_eq!(layers(""), Ok(vec![]));
        for wrong in ["x", "3,,4", "-1", "3x", "2x3x4", "7x100001"] {
            assert!(layers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_of_a_normalisation_need_one() {
        let options = NetworkOptions { eps: Some(1e-3), ..NetworkOptions::default() };
        let refused = options.apply(&mut Network::lesson()).unwrap_err().to_string();
        assert!(refused.starts_with("eps is about a normalised product"), "{refused}");
        let said = NetworkOptions { norm: Some(NormPlacement::None), ..options.clone() };
        assert!(said.apply(&mut Network::lesson()).is_ok());
        let mut normalised = Network { norm: Some(Norm::LECTURE), ..Network::lesson() };
        assert!(options.apply(&mut normalised).is_ok() && normalised.norm.unwrap().eps == 1e-3);
        assert!(eps("nan").is_err() && eps("-1").is_err() && eps("inf").is_err() && eps("0") == Ok(0.0));
        assert!(fraction("1.5").is_err() && fraction("nan").is_err() && fraction("1") == Ok(1.0));
    }

    #[test]
    fn a_network_without_hidden_layers_is_refused() {
        let none = Network { hidden: vec![], ..Network::lesson() };
        let refused = check_network(&none, 130).unwrap_err().to_string();
        assert!(refused.starts_with("there is no hidden layer"), "{refused}");
    }

    #[test]
    fn sizes_beyond_memory_are_refused() {
        let refused = |hidden, rows| check_network(&Network { hidden, ..Network::lesson() }, rows).is_err();
        assert!(!refused(vec![100; 3], 130));
        assert!(refused(vec![10_000; 3], 130) && refused(vec![10; 3], 10_000_000));
        assert!(refused(vec![usize::MAX; 3], usize::MAX));
    }
}
