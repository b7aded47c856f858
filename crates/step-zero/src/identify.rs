//! `step-zero identify`: find out what the tensors of a file were drawn from.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use checkpoint::IdentifyReport;
use clap::{Args, ValueEnum};
use cli::{Failure, Outcome, Progress, files};

use crate::check::{MeasureProgress, open};

/// Find out what each tensor of a file was drawn from, and whether it is trained.
///
/// Each tensor's values are compared with the distributions that initialisations draw from, and their scale with fans, gains
/// and the defaults of frameworks. Tensors whose names differ in numbers only are one row.
///
/// The exit code is 1 if a tensor differs from most others of the same name (it is odd), 2 if the input is bad, and 0 otherwise:
/// trained weights and values of no known initialisation are no findings.
#[derive(Args)]
pub struct Identify {
    /// The files of one model: safetensors, an index of shards, a directory that has one, or NumPy's `.npz`.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,

    /// Also write what was found as rules for `step-zero check`, a TOML file; docs/rules-file.md describes it.
    #[arg(long, value_name = "FILE")]
    pub write_rules: Option<PathBuf>,

    /// Search the seed with which PyTorch draws the tensors on a CPU, such as 0..1000000; both ends are tried.
    #[arg(long, value_name = "FROM..TO", value_parser = seed_range, allow_hyphen_values = true)]
    pub seed_range: Option<RangeInclusive<u32>>,

    /// Format of the report.
    #[arg(long, value_enum, default_value_t = IdentifyFormat::Text)]
    pub format: IdentifyFormat,
}

/// The format of a report on what was identified.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IdentifyFormat {
    /// For the terminal, coloured unless `NO_COLOR` is set.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
}

fn seed_range(text: &str) -> Result<RangeInclusive<u32>, String> {
    let (from, to) = text.split_once("..").ok_or("it must be FROM..TO, such as 0..1000000")?;
    let seed = |text: &str| {
        let seed = text.trim().replace('_', "").parse::<u32>();
        seed.map_err(|_| {
            format!("`{}` is no seed; seeds are whole numbers from 0 to {}", text.trim(), u32::MAX)
        })
    };
    let (from, to) = (seed(from)?, seed(to)?);
    if from > to {
        return Err(format!("it ends before it begins; write {to}..{from}"));
    }
    Ok(from..=to)
}

/// Runs the command: an odd tensor is a finding.
pub fn command(options: &Identify) -> Result<Outcome, Failure> {
    let checkpoint = open(&options.files)?;
    if let Some(path) = &options.write_rules {
        refuse_weights(path, checkpoint.files())?;
    }
    let progress = MeasureProgress::default();
    let mut report =
        IdentifyReport::of(&checkpoint, |done, all| progress.show(done, all)).map_err(Failure::new)?;
    drop(progress);
    if let Some(seeds) = &options.seed_range {
        let all = u64::from(*seeds.end()) - u64::from(*seeds.start()) + 1;
        let progress = Progress::bar("searching seeds", usize::try_from(all).unwrap_or(usize::MAX));
        report.search_seeds(&checkpoint, seeds.clone(), |done, _| progress.at(done)).map_err(Failure::new)?;
    }
    let mut text = match options.format {
        IdentifyFormat::Text => report.text(cli::style()),
        IdentifyFormat::Markdown => report.markdown(),
        IdentifyFormat::Json => report.json(),
    };
    if let Some(path) = &options.write_rules {
        write_rules(&report, path)?;
        if options.format == IdentifyFormat::Text {
            let files: Vec<String> = options.files.iter().map(|file| file.display().to_string()).collect();
            let (files, rules) = (files.join(" "), path.display());
            text +=
                &format!("\nWrote {rules}; to hold a file to it: step-zero check {files} --rules {rules}\n");
        }
    }
    Ok(Outcome::new(text, !report.odd().is_empty()))
}

fn write_rules(report: &IdentifyReport, path: &Path) -> Result<(), Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::new(format!("--write-rules: {error}"));
    let text = report.rules_text().map_err(|error| fail(&error))?;
    files::write(path, text.as_bytes()).map_err(|error| fail(&error))
}

/// Refuses to replace the weights by their rules.
fn refuse_weights<'a>(path: &Path, mut weights: impl Iterator<Item = &'a Path>) -> Result<(), Failure> {
    let place = path.canonicalize().ok();
    let is_same = |file: &Path| place.is_some() && file.canonicalize().ok() == place;
    if weights.any(is_same) {
        let shown = cli::shown(path);
        return Err(Failure::new(format!("--write-rules: {shown} holds the weights; name another file")));
    }
    Ok(())
}
