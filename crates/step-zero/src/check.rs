//! `step-zero check`: hold files of weights to the rules of their model.

use std::path::PathBuf;

use checkpoint::{
    CheckReport, Checkpoint, ComparedFiles, Copies, NameRules, RuleSettings, ShippedRules, suggestion,
};
use clap::{Args, ValueEnum};
use cli::{Failure, Outcome, Progress, files};

/// Hold files of weights to rules, which say what each tensor is drawn from; exit with 1 if one differs.
#[derive(Args)]
pub struct Check {
    /// The files of one model: safetensors, an index of shards, a directory that has one, or NumPy's `.npz`.
    #[arg(required_unless_present = "list_presets")]
    pub files: Vec<PathBuf>,

    /// The rules, a TOML file; docs/rules-file.md describes it.
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub rules: Option<PathBuf>,

    /// Rules that come with the program, such as `hf/gpt2`; `--list-presets` lists them.
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,

    /// Set a constant of the rules, such as `layers=24`.
    #[arg(long, value_name = "NAME=NUMBER", value_parser = assignment)]
    pub set: Vec<(String, f64)>,

    /// The model's configuration, from which rules may take constants [default: config.json beside the first file].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Each file is a copy of the whole model: replicas must agree, shards must not repeat each other's draws.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub copies: Option<CopiesArgument>,

    /// Compare with the files of another model in place of rules: same values, same distributions, or neither.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["rules", "preset", "set", "config", "copies", "html"])]
    pub against: Vec<PathBuf>,

    /// The probability that files as expected have a finding.
    #[arg(long, value_name = "RATE", default_value_t = checkpoint::FALSE_ALARMS, value_parser = rate)]
    pub false_alarms: f64,

    /// Format of the report.
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,

    /// Also write the report as one page of HTML, with a histogram of each tensor that differs.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// List the rules that come with the program.
    #[arg(long, exclusive = true)]
    pub list_presets: bool,
}

/// The format of a report on files of weights.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For the terminal, coloured unless `NO_COLOR` is set.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
    /// For a workflow on GitHub: an annotation per finding.
    Github,
    /// For other services: JUnit's XML, a test case per tensor.
    Junit,
}

/// What several files are to each other.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CopiesArgument {
    /// The same values in each, as data-parallel processes have.
    Replicas,
    /// Other values in each, as tensor-parallel processes have.
    Shards,
}

fn assignment(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("it must be NAME=NUMBER, such as layers=24")?;
    let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    let value = value.ok_or_else(|| format!("the value of {name} must be a number"))?;
    Ok((name.trim().to_owned(), value))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| *rate > 0.0 && *rate < 1.0);
    rate.ok_or_else(|| "it must be between 0 and 1, such as 1e-6".to_owned())
}

/// Runs the command: a tensor that is not as expected is a finding.
pub fn command(options: &Check) -> Result<Outcome, Failure> {
    if options.list_presets {
        return Ok(Outcome::clean(presets()));
    }
    if !options.against.is_empty() {
        return against(options);
    }
    let report = checked(options)?;
    if let Some(path) = &options.html {
        files::write(path, report.page().html().as_bytes())
            .map_err(|failure| Failure::new(format!("--html: {failure}")))?;
    }
    let text = match options.format {
        CheckFormat::Text => report.text(cli::style()),
        CheckFormat::Markdown => report.markdown(),
        CheckFormat::Json => report.json(),
        CheckFormat::Github => report.github(),
        CheckFormat::Junit => report.junit(),
    };
    Ok(Outcome::new(text, !report.is_clean()))
}

/// The report on the files as one model, or on each as a copy of it.
fn checked(options: &Check) -> Result<CheckReport, Failure> {
    let rules = rules(options)?;
    let Some(copies) = options.copies else { return report(options, &rules, &options.files) };
    if options.files.len() < 2 {
        return Err(Failure::new("--copies: name two files or more"));
    }
    let each = options.files.iter().map(|file| report(options, &rules, std::slice::from_ref(file)));
    let mut reports = each.collect::<Result<Vec<_>, _>>()?;
    let mut first = reports.remove(0);
    let copies = match copies {
        CopiesArgument::Replicas => Copies::Replicas,
        CopiesArgument::Shards => Copies::Shards,
    };
    first.add_copies(&reports, copies);
    Ok(first)
}

fn report(options: &Check, rules: &NameRules, files: &[PathBuf]) -> Result<CheckReport, Failure> {
    let checkpoint = open(files)?;
    let config = match &options.config {
        Some(path) => Some(read(path, "--config")?),
        None => files.first().and_then(|file| checkpoint::config_beside(file)),
    };
    let set: Vec<(&str, f64)> = options.set.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let settings = RuleSettings { set: &set, config: config.as_deref() };
    let progress = MeasureProgress::default();
    CheckReport::of(&checkpoint, rules, &settings, options.false_alarms, |done, all| progress.show(done, all))
        .map_err(Failure::new)
}

fn against(options: &Check) -> Result<Outcome, Failure> {
    let both = [open(&options.files)?, open(&options.against)?];
    let progress = MeasureProgress::default();
    let compared =
        ComparedFiles::of([&both[0], &both[1]], options.false_alarms, |done, all| progress.show(done, all))
            .map_err(Failure::new)?;
    let text = match options.format {
        CheckFormat::Text => compared.text(cli::style()),
        CheckFormat::Markdown => compared.markdown(),
        CheckFormat::Json => compared.json(),
        CheckFormat::Github => compared.github(),
        CheckFormat::Junit => {
            return Err(Failure::new("--format junit: it is not available with --against; choose another"));
        }
    };
    Ok(Outcome::new(text, compared.has_differences()))
}

/// Opens the files of one model.
pub(crate) fn open(files: &[PathBuf]) -> Result<Checkpoint, Failure> {
    Checkpoint::open(files).map_err(Failure::new)
}

const MEGABYTE: u64 = 1_000_000;

/// A bar of the megabytes that were measured.
#[derive(Default)]
pub(crate) struct MeasureProgress(std::sync::OnceLock<Progress>);

impl MeasureProgress {
    pub(crate) fn show(&self, done: u64, all: u64) {
        self.0.get_or_init(|| Progress::bar("measuring, MB", (all / MEGABYTE) as usize)).at(done / MEGABYTE);
    }
}

fn rules(options: &Check) -> Result<NameRules, Failure> {
    match (&options.rules, &options.preset) {
        (Some(path), _) => NameRules::parse(&read(path, "--rules")?)
            .map_err(|error| Failure::new(format!("{}: {error}", cli::shown(path)))),
        (None, Some(name)) => shipped(name).map(ShippedRules::rules),
        (None, None) => Err(Failure::new(
            "name the rules: --rules FILE, or --preset NAME; `step-zero identify FILE --write-rules rules.toml` makes a start",
        )),
    }
}

fn shipped(name: &str) -> Result<ShippedRules, Failure> {
    ShippedRules::named(name).ok_or_else(|| {
        let names = || ShippedRules::ALL.iter().map(|shipped| shipped.name());
        let (near, all) = (suggestion(name, names()), names().collect::<Vec<_>>().join(", "));
        Failure::new(format!("--preset: there are no rules `{name}`{near}; there are {all}"))
    })
}

fn presets() -> String {
    let line = |shipped: &ShippedRules| {
        let about = shipped.text().lines().next().unwrap_or_default().trim_start_matches("# ");
        let (about, _) =
            about.split_once(", read from ").or_else(|| about.split_once(':')).unwrap_or((about, ""));
        format!("{:<20}{about}\n", shipped.name())
    };
    ShippedRules::ALL.iter().map(line).collect()
}

fn read(path: &std::path::Path, option: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{option}: {}: {error}", cli::shown(path))))
}
