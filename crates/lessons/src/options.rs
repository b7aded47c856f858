//! Options of the lesson's network, and the schemes that `--scheme` names.

use clap::Args;
use cli::Failure;
use nn_init::{ParseError, Preset, Scheme};
use specimen::{Mlp, Start};
use tensor::{Activation, Call};

use crate::lesson::{Lesson, Stream};

/// The network and its random numbers; the defaults are the lesson's.
#[derive(Args)]
pub struct NetworkOptions {
    /// Seed of the random source.
    #[arg(long, default_value_t = Lesson::SEED)]
    pub seed: u64,

    /// Random source: PyTorch's own stream, or ChaCha8.
    #[arg(long, value_enum, default_value_t = Stream::Torch)]
    pub source: Stream,

    /// Units of each hidden layer.
    #[arg(long, default_value_t = Mlp::LESSON.width)]
    pub width: usize,

    /// Hidden layers.
    #[arg(long, default_value_t = Mlp::LESSON.hidden)]
    pub hidden: usize,

    /// Size of the embedding.
    #[arg(long, default_value_t = Mlp::LESSON.embedding)]
    pub embedding: usize,

    /// Activation of the hidden layers: tanh, relu, `leaky_relu(0.01)`, …
    #[arg(long, default_value_t = Mlp::LESSON.activation)]
    pub activation: Activation,
}

/// More values than this in one tensor, or more layers, are refused rather than left to run out of memory.
const LARGEST: usize = 100_000_000;

impl NetworkOptions {
    /// The lesson's data and the network that these options describe.
    pub fn lesson(&self) -> Result<Lesson, Failure> {
        let Self { width, hidden, embedding, activation, .. } = *self;
        let mlp = Mlp { width, hidden, embedding, activation, ..Mlp::LESSON };
        mlp.check(0).map_err(|error| Failure::new(format!("{error}; see --help")))?;
        let rows = specimen::lesson::bigrams().batch.inputs.len();
        let values = |a: usize, b: usize| a.saturating_mul(b);
        let widest =
            values(width, width.max(mlp.classes).max(rows)).max(values(embedding, width.max(mlp.classes)));
        if values(widest, hidden) > LARGEST {
            return Err(Failure::new(format!(
                "{hidden} hidden layers of {width} units on an embedding of {embedding} need more than {LARGEST} values; choose a smaller network"
            )));
        }
        Ok(Lesson::new(self.source, self.seed, mlp))
    }
}

/// The start that `--scheme` names, on a network that it can start.
pub fn start(name: &str, mlp: &Mlp) -> Result<Start, Failure> {
    let activation = mlp.activation;
    let no_gain =
        || Failure::new(format!("PyTorch has no gain for {activation}: choose random, kaiming or xavier"));
    let start = match name {
        "random" => Start::LESSON_RANDOM,
        "kaiming" => Start::LESSON_KAIMING,
        "xavier" => Start::LESSON_XAVIER,
        "kaiming-textbook" => Start::textbook_kaiming(activation).ok_or_else(no_gain)?,
        "xavier-textbook" => Start::textbook_xavier(activation).ok_or_else(no_gain)?,
        other => named(other)?,
    };
    start.check(mlp).map_err(Failure::new)?;
    Ok(start)
}

/// A framework's default, or a scheme for the weights.
fn named(name: &str) -> Result<Start, Failure> {
    if let Ok(preset) = name.parse::<Preset>() {
        return Ok(Start::preset(&preset));
    }
    let weight: Scheme = name.parse().map_err(|error| unreadable(name, &error))?;
    Ok(Start::direct(weight, Scheme::ZEROS))
}

/// The error of a scheme; for an unknown name, with the other names that `--scheme` takes.
fn unreadable(name: &str, error: &ParseError) -> Failure {
    let is_scheme = |call: Call| Scheme::FORMS.iter().any(|form| form.name() == call.name);
    if Call::parse(name).is_ok_and(is_scheme) {
        return Failure::new(error);
    }
    let presets: Vec<_> = Preset::all().into_iter().map(|preset| preset.name).collect();
    Failure::new(format!("{error}; or one of random, kaiming, xavier, {}", presets.join(", ")))
}
