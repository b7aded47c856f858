//! `cargo xtask reproduce makemore`.

use std::path::{Path, PathBuf};

use clap::Args;
use cli::{Failure, Outcome, shown};

use super::artifacts::CATALOGUE;
use super::corpus::Corpus;
use super::interrupt;
use super::lecture::Lecture;
use super::names::Names;
use super::options::{self, RunOptions};
use super::run::Run;
use super::single::{self, Single};
use super::training::{Trained, Training};
use super::watch::Watch;
use crate::catalogue::ArtifactOptions;
use crate::outputs;

/// Reproduce the lecture behind the lesson: makemore, part 3.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Makemore {
    #[command(flatten)]
    artifacts: ArtifactOptions,

    /// The lecture's names.txt: 32,033 words, one per line.
    #[arg(long, value_name = "PATH")]
    names: Option<PathBuf>,

    /// Accept another file of words than the lecture's.
    #[arg(long)]
    any_names: bool,

    /// Take minutes: make the published runs of 200,000 steps too, and measure reproducibility over 50,000.
    #[arg(long)]
    long: bool,

    /// One run: one of the lecture's, or a run file.
    #[arg(long, value_name = "NAME|FILE")]
    run: Option<String>,

    /// Go on with an interrupted run from its checkpoint.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    resume: Option<PathBuf>,

    /// File for the checkpoint that Ctrl-C leaves [default: target/reproduce/makemore/RUN.safetensors]; if this is given,
    /// the end of the run is saved too.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Number of names that a single run makes up.
    #[arg(long, default_value_t = 20)]
    samples: usize,

    #[command(flatten, next_help_heading = "One run")]
    options: RunOptions,
}

fn after_help() -> String {
    format!(
        "With --run, --resume or any option of a run, that one run is trained and shown; it starts from the run deep. A run \
         file has the same options, one per line, as 'gain = 5/3'; its first line may be 'run = NAME'. The lecture's runs: \
         {}.",
        Run::names().join(", ")
    )
}

/// Runs the command; the committed record is below `root`, the root of the repository.
pub fn command(options: &Makemore, root: &Path) -> Result<Outcome, Failure> {
    if options.run.is_some() || options.resume.is_some() || options.options.any() {
        return one(options, root);
    }
    CATALOGUE.command(&options.artifacts, options.long, root, || {
        let names = Names::read(options.names.as_deref(), options.any_names)?;
        let lecture = Lecture::new(&names, options.long).map_err(Failure::new)?;
        Ok((lecture, names.is_lectures() && !options.long))
    })
}

/// Trains one run and shows it.
fn one(options: &Makemore, root: &Path) -> Result<Outcome, Failure> {
    let ArtifactOptions { artifacts, check, list, out, format } = &options.artifacts;
    if *check || *list || options.long || !artifacts.is_empty() {
        return Err(Failure::new(
            "options of a single run cannot be combined with the lecture's artifacts, --list, --long or --check; leave \
             out one or the other",
        ));
    }
    let run = match &options.run {
        Some(name) => Some(options::run(name)?),
        None if options.resume.is_none() => Run::find("deep"),
        None => None,
    };
    let names = Names::read(options.names.as_deref(), options.any_names)?;
    let corpus = Corpus::of(&names).map_err(Failure::new)?;
    let training = match (run, &options.resume) {
        (Some(mut run), _) => {
            options.options.apply(&mut run)?;
            Training::new(options::checked(run)?, &corpus)
        }
        (None, Some(path)) => resumed(path, options, &corpus)?,
        (None, None) => return Err(Failure::new("name a run with --run")),
    };
    let splits = corpus.splits(training.run.network.context);
    if splits.train.targets.is_empty() {
        return Err(Failure::new("the words are too few to train by: 80% of them are none"));
    }
    let directory = CATALOGUE.directory(out.as_deref(), false, root);
    let checkpoint = options.checkpoint.clone();
    let checkpoint =
        checkpoint.unwrap_or_else(|| directory.join(format!("{}.safetensors", training.run.name)));
    let steps = training.run.steps;
    let mut watch = Watch::of(&training, Some(interrupt::flag()?));
    let trained = training.run(&splits.train, |training| watch.step(training));
    drop(watch);
    if trained.training.step() < steps {
        return interrupted(&trained, &checkpoint, &corpus);
    }
    if options.checkpoint.is_some() {
        trained.training.save(&checkpoint, &corpus)?;
    }
    let single = Single { trained, corpus, splits, samples: options.samples };
    let page =
        outputs::ArtifactPage { title: "One run of the lecture's family", directory: directory.clone() };
    outputs::write(&single::ALL.iter().collect::<Vec<_>>(), &single, &directory, &page, *format)
}

/// The run of a checkpoint, for more steps if that is asked for.
fn resumed(path: &Path, options: &Makemore, corpus: &Corpus) -> Result<Training, Failure> {
    let mut training = Training::load(path, corpus)?;
    let mut run = training.run.clone();
    options.options.apply(&mut run)?;
    let same = |run: &Run| Run { steps: 0, every: 0, ..run.clone() };
    if same(&run) != same(&training.run) {
        return Err(Failure::new(format!(
            "{} goes on as it began: only --steps and --every can be given with --resume",
            shown(path)
        )));
    }
    training.run = options::checked(run)?;
    Ok(training)
}

/// Leaves a checkpoint, and says how to go on.
fn interrupted(trained: &Trained, checkpoint: &Path, corpus: &Corpus) -> Result<Outcome, Failure> {
    let training = &trained.training;
    training.save(checkpoint, corpus)?;
    Err(Failure::new(format!(
        "interrupted after {} of {} steps; go on with --resume {}",
        training.step(),
        training.run.steps,
        shown(checkpoint)
    )))
}
