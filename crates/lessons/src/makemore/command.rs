//! `cargo xtask reproduce makemore`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::artifacts;
use super::corpus::Corpus;
use super::interrupt;
use super::lecture::Lecture;
use super::names::Names;
use super::options::{self, RunOptions};
use super::run::Run;
use super::single::{self, Single};
use super::training::{Trained, Training};
use super::watch::Watch;
use crate::artifact::Artifact;
use crate::outputs;
use cli::Failure;
use cli::Format;
use cli::Outcome;
use cli::shown;

/// Reproduce the lecture behind the lesson: makemore, part 3.
#[derive(Args)]
#[command(
    after_help = "With --run, --resume or any option of a run, that one run is trained and shown. A run file has \
the same options, a line each, as 'gain = 5/3'; its first may be 'run = NAME'. The lecture's runs: shallow-raw, \
shallow-logits, shallow-tanh, shallow-kaiming, shallow-norm, deep, deep-half, deep-one, deep-three, deep-linear, \
deep-linear-gain, deep-norm."
)]
pub struct Makemore {
    /// Artifacts to run; all when none is named (see --list).
    #[arg(value_name = "ARTIFACT")]
    artifacts: Vec<String>,

    /// The lecture's names.txt: 32,033 words, one a line.
    #[arg(long, value_name = "PATH")]
    names: Option<PathBuf>,

    /// Take another file of words than the lecture's.
    #[arg(long)]
    any_names: bool,

    /// Where files go [default: docs/out/makemore for the lecture's artifacts, target/reproduce/makemore for anything
    /// else].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// List the artifacts and do nothing else.
    #[arg(long)]
    list: bool,

    /// Compare with the committed files to three significant digits, write nothing, exit 1 if anything moved.
    #[arg(long, conflicts_with = "list")]
    check: bool,

    /// Run what takes minutes: the published runs of 200,000 steps, and reproducibility over 50,000.
    #[arg(long)]
    long: bool,

    /// One run: one of the lecture's, or a run file.
    #[arg(long, value_name = "NAME|FILE")]
    run: Option<String>,

    /// Go on with an interrupted run from its checkpoint.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    resume: Option<PathBuf>,

    /// Where Ctrl-C leaves the checkpoint, and the end of the run too if this is given [default:
    /// target/reproduce/makemore/RUN.safetensors].
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Names that a single run makes up.
    #[arg(long, default_value_t = 20)]
    samples: usize,

    #[command(flatten, next_help_heading = "One run")]
    options: RunOptions,
}

/// Runs the command; the committed record is below `root`, the root of the repository.
pub fn command(options: &Makemore, root: &Path) -> Result<Outcome, Failure> {
    if options.list {
        let all = artifacts::ALL.iter().map(|artifact| (artifact, ""));
        let long = artifacts::LONG.iter().map(|artifact| (artifact, " (minutes; by --long or by name only)"));
        let line = |(artifact, more): (&Artifact<Lecture>, &str)| {
            format!("{:<20} {}{more}\n", artifact.id, artifact.title)
        };
        return Ok(Outcome { text: all.chain(long).map(line).collect(), findings: false });
    }
    let alone = options.run.is_some() || options.resume.is_some() || options.options.any();
    if alone {
        return one(options, root);
    }
    let chosen = chosen(&options.artifacts, options.long)?;
    let names = Names::read(options.names.as_deref(), options.any_names)?;
    let lecture = Lecture::new(&names, options.long).map_err(Failure::new)?;
    let outputs: Vec<_> = chosen.into_iter().map(|artifact| (artifact, (artifact.run)(&lecture))).collect();
    let lectures = names.is_lectures() && !options.long;
    let directory = directory(options.out.as_deref(), options.check || lectures, root);
    if options.check {
        outputs::checked(&outputs, &directory, options.format)
    } else {
        outputs::written(&outputs, &outputs::drawn(&outputs), &directory, options.format)
    }
}

fn directory(out: Option<&Path>, committed: bool, root: &Path) -> PathBuf {
    match out {
        Some(directory) => directory.to_owned(),
        None if committed => root.join("docs").join("out").join("makemore"),
        None => root.join("target").join("reproduce").join("makemore"),
    }
}

/// The artifacts of these names in the lecture's order; without names those that take seconds, or with `long` all.
pub fn chosen(names: &[String], long: bool) -> Result<Vec<&'static Artifact<Lecture>>, Failure> {
    let all = || artifacts::ALL.iter().chain(artifacts::LONG);
    if let Some(unknown) = names.iter().find(|name| !all().any(|artifact| artifact.id == **name)) {
        let ids: Vec<&str> = all().map(|artifact| artifact.id).collect();
        return Err(Failure::new(format!("no artifact is named '{unknown}'; there are {}", ids.join(", "))));
    }
    let wanted = |artifact: &&Artifact<Lecture>| names.iter().any(|name| name == artifact.id);
    Ok(match (names, long) {
        ([], false) => artifacts::ALL.iter().collect(),
        ([], true) => all().collect(),
        _ => all().filter(wanted).collect(),
    })
}

/// Trains one run and shows it.
fn one(options: &Makemore, root: &Path) -> Result<Outcome, Failure> {
    if options.check || options.long || !options.artifacts.is_empty() {
        return Err(Failure::new(
            "artifacts, --long and --check are the lecture's: leave the options of one run away",
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
        return Err(Failure::new("the words are too few to train by: 80 % of them are none"));
    }
    let directory = directory(options.out.as_deref(), false, root);
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
    let outputs: Vec<_> = single::ALL.iter().map(|artifact| (artifact, (artifact.run)(&single))).collect();
    let outputs: Vec<_> = outputs.into_iter().filter(|(_, output)| output.table.has_rows()).collect();
    outputs::written(&outputs, &outputs::drawn(&outputs), &directory, options.format)
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
