//! The options, and what their help says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lessons::catalogue::ArtifactOptions;
use lessons::makemore::command::Makemore;
use lessons::options::LessonOptions;

use crate::boundary::Boundary;
use crate::compare::Compare;

/// Reproduce the lesson on weight initialisation, and keep this repository's documents up to date.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Xtask {
    #[command(subcommand)]
    pub(crate) command: XtaskCommand,
}

#[derive(Subcommand)]
pub(crate) enum XtaskCommand {
    /// Print every table of the lesson, write every figure, and audit its claims.
    Reproduce(Box<Reproduce>),
    /// Renew the tables and figures between the markers of a document.
    Splice(Splice),
    /// Draw the map of a sweep over gain and learning rate, such as plans/boundary.toml, from its table.
    Boundary(Boundary),
    /// Time the same work here and in other programs; forwarded to the comparison in compare/.
    Compare(Compare),
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Reproduce {
    #[command(subcommand)]
    pub(crate) of: Option<ReproduceOf>,

    #[command(flatten)]
    pub(crate) artifacts: ArtifactOptions,

    #[command(flatten)]
    pub(crate) network: LessonOptions,
}

/// What is reproduced in place of the lesson.
#[derive(Subcommand)]
pub(crate) enum ReproduceOf {
    /// Reproduce the lecture behind the lesson, makemore part 3, or train one run of its family.
    Makemore(Box<Makemore>),
    /// Reproduce the figures of sweeps from small versions of their plans: two minutes on two cores.
    Sweeps(ArtifactOptions),
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
