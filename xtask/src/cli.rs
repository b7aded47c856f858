//! The options, and what their help says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use diagnostics::Settings;
use nn_init::{ParseError, Preset, Scheme};
use specimen::{Mlp, Start};
use tensor::Activation;

use crate::compare::{Compare, Serve};
use crate::fault::Fault;
use crate::lesson::{Lesson, Stream};
use crate::makemore::command::Makemore;
use crate::outputs::Format;

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
    Compare(Compare),
    #[command(hide = true)]
    Serve(Serve),
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Reproduce {
    #[command(subcommand)]
    pub(crate) lecture: Option<Lecture>,

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

#[derive(Subcommand)]
pub(crate) enum Lecture {
    /// Reproduce the lecture behind the lesson, makemore part 3, or train one run of its family.
    Makemore(Box<Makemore>),
}

#[derive(Args)]
pub(crate) struct Observe {
    #[command(flatten)]
    pub(crate) network: Network,

    /// How its parameters are started: the lesson's `random`, `kaiming`, `xavier`; a framework's default, as
    /// `torch.linear` or `flax.dense`; any scheme for the weights, as `kaiming_normal(fan_in, forward(tanh))` or
    /// `orthogonal`, with biases 0.
    #[arg(long, default_value = "random")]
    pub(crate) scheme: String,

    /// Where an activation counts as saturated, as a share of the way from the middle of its function's range to an
    /// end; the lecture takes 0.97.
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().saturation, value_parser = share)]
    pub(crate) saturation: f64,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,

    /// Draw its figures into this directory too, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    pub(crate) figures: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Splice {
    /// The document.
    #[arg(default_value = "docs/lesson.md")]
    pub(crate) document: PathBuf,

    /// Write nothing; exit 1 if anything is stale.
    #[arg(long)]
    pub(crate) check: bool,

    /// The lecture's names.txt, for docs/makemore.md.
    #[arg(long, value_name = "PATH")]
    pub(crate) names: Option<PathBuf>,

    /// Take another file of words than the lecture's.
    #[arg(long)]
    pub(crate) any_names: bool,
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

/// What a report is printed as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For the terminal, in colours if that has them and `NO_COLOR` is not set.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
    /// For a spreadsheet: one number a line.
    Csv,
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

/// A number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is from 0 to 1".to_owned()) }
}

/// The start that `--scheme` names, on a network that it can start.
pub(crate) fn start(name: &str, mlp: &Mlp) -> Result<Start, Fault> {
    let activation = mlp.activation;
    let no_gain =
        || Fault::new(format!("PyTorch has no gain for {activation}: choose random, kaiming or xavier"));
    let start = match name {
        "random" => Start::LESSON_RANDOM,
        "kaiming" => Start::LESSON_KAIMING,
        "xavier" => Start::LESSON_XAVIER,
        "kaiming-textbook" => Start::textbook_kaiming(activation).ok_or_else(no_gain)?,
        "xavier-textbook" => Start::textbook_xavier(activation).ok_or_else(no_gain)?,
        other => named(other)?,
    };
    start.check(mlp).map_err(Fault::new)?;
    Ok(start)
}

/// A framework's default, or a scheme for the weights.
fn named(name: &str) -> Result<Start, Fault> {
    if let Ok(preset) = name.parse::<Preset>() {
        return Ok(Start::preset(&preset));
    }
    let weight: Scheme = name.parse().map_err(|error: ParseError| {
        let presets = Preset::all().map(|preset| preset.name).join(", ");
        Fault::new(format!("{error}; and there are random, kaiming, xavier, {presets}"))
    })?;
    Ok(Start::direct(weight, Scheme::ZEROS))
}
