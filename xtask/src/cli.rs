//! The options, and what their help says.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use specimen::{Mlp, Start};
use tensor::Activation;

use crate::fault::Fault;
use crate::lesson::{Lesson, Stream};

/// Reproduce the lesson on weight initialisation.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print every table of the lesson, write every figure, and audit its claims.
    Reproduce(Reproduce),
    /// Measure one network before its first step: loss, layers, parameters, gradients.
    Observe(Observe),
    /// Renew the tables and figures between the markers of docs/lesson.md.
    Splice(Splice),
}

#[derive(Args)]
pub(crate) struct Reproduce {
    /// Artifacts to run; all when none is named (see --list).
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifacts: Vec<String>,

    #[command(flatten)]
    pub(crate) network: Network,

    /// Where CSV, SVG and PNG files go [default: docs/out for the lesson itself, target/reproduce for
    /// anything else].
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// List the artifacts and do nothing else.
    #[arg(long)]
    pub(crate) list: bool,

    /// Compare with the committed files to three significant digits, write nothing, exit 1 if anything moved.
    #[arg(long, conflicts_with = "list")]
    pub(crate) check: bool,
}

#[derive(Args)]
pub(crate) struct Observe {
    #[command(flatten)]
    pub(crate) network: Network,

    /// How its parameters are started.
    #[arg(long, value_enum, default_value_t = Scheme::Random)]
    pub(crate) scheme: Scheme,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Args)]
pub(crate) struct Splice {
    /// The document.
    #[arg(default_value = "docs/lesson.md")]
    pub(crate) document: PathBuf,

    /// Write nothing; exit 1 if anything is stale.
    #[arg(long)]
    pub(crate) check: bool,
}

/// The network and its random numbers; the defaults are the lesson's.
#[derive(Args)]
pub(crate) struct Network {
    /// Seed of the random source.
    #[arg(long, default_value_t = Lesson::SEED)]
    pub(crate) seed: u64,

    /// Random source: PyTorch's own stream, or ChaCha8.
    #[arg(long, value_enum, default_value_t = Stream::Torch)]
    pub(crate) source: Stream,

    /// Units of each hidden layer.
    #[arg(long, default_value_t = Mlp::LESSON.width)]
    pub(crate) width: usize,

    /// Hidden layers.
    #[arg(long, default_value_t = Mlp::LESSON.hidden)]
    pub(crate) hidden: usize,

    /// Size of the embedding.
    #[arg(long, default_value_t = Mlp::LESSON.embedding)]
    pub(crate) embedding: usize,

    /// Activation of the hidden layers: tanh, relu, `leaky_relu(0.01)`, …
    #[arg(long, default_value_t = Mlp::LESSON.activation)]
    pub(crate) activation: Activation,
}

/// What a command prints.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For the terminal.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
}

/// A start of `specimen`, by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheme {
    /// N(0, 1) for everything: the lesson's random init.
    Random,
    /// √(2/rows), biases 0: the lesson's Kaiming.
    Kaiming,
    /// √(1/rows), biases 0: the lesson's Xavier.
    Xavier,
    /// PyTorch's `kaiming_normal_` with the activation's gain.
    KaimingTextbook,
    /// PyTorch's `xavier_normal_` with the activation's gain.
    XavierTextbook,
}

/// More values than this in one tensor, or more layers, are refused rather than left to run out of memory.
const LARGEST: usize = 100_000_000;

impl Network {
    pub(crate) fn lesson(&self) -> Result<Lesson, Fault> {
        let Self { width, hidden, embedding, activation, .. } = *self;
        let mlp = Mlp { width, hidden, embedding, activation, ..Mlp::LESSON };
        mlp.check(0).map_err(|error| Fault::new(format!("{error}; see --help")))?;
        let rows = specimen::lesson::bigrams().batch.inputs.len();
        let values = |a: usize, b: usize| a.saturating_mul(b);
        let widest =
            values(width, width.max(mlp.classes).max(rows)).max(values(embedding, width.max(mlp.classes)));
        if values(widest, hidden) > LARGEST {
            return Err(Fault::new(format!(
                "{hidden} hidden layers of {width} units on an embedding of {embedding} need more than {LARGEST} values; choose a smaller network"
            )));
        }
        Ok(Lesson::new(self.source, self.seed, mlp))
    }
}

impl Scheme {
    pub(crate) fn start(self, activation: Activation) -> Result<Start, Fault> {
        let no_gain =
            || Fault::new(format!("PyTorch has no gain for {activation}: choose random, kaiming or xavier"));
        match self {
            Self::Random => Ok(Start::LESSON_RANDOM),
            Self::Kaiming => Ok(Start::LESSON_KAIMING),
            Self::Xavier => Ok(Start::LESSON_XAVIER),
            Self::KaimingTextbook => Start::textbook_kaiming(activation).ok_or_else(no_gain),
            Self::XavierTextbook => Start::textbook_xavier(activation).ok_or_else(no_gain),
        }
    }
}

/// clap's report as one line: the first, with its list of possible values, and where to look.
pub(crate) fn one_line(error: &clap::Error) -> Fault {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Fault::new("name a command: reproduce, observe or splice; see --help");
    }
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("bad command line").trim_start_matches("error: ").to_owned();
    let more = lines.find(|line| line.starts_with("[possible values") || line.starts_with('<'));
    let more = more.map(|line| format!(" {line}")).unwrap_or_default();
    Fault::new(format!("{first}{more}; see --help"))
}
