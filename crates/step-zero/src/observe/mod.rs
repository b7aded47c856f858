//! `step-zero observe`: measure one network before its first step, or judge recordings of one.

mod recording;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cli::{Failure, Outcome, files};
use diagnostics::{Judged, Report, Settings, Style, github};
use lessons::named_init::NamedInit;
use lessons::options::{InitOptions, LessonOptions, fraction};

pub(crate) use recording::report as report_of;

use crate::config::Config;

/// Measure one network before its first step: loss, layers, parameters, gradients.
#[derive(Args)]
pub struct Observe {
    /// Judge recordings of one network in place of a network of our own: safetensors files, several seeds or batches
    /// together. docs/recordings.md describes the format.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["NetworkOptions", "InitOptions", "source", "width", "hidden", "saturation", "figures", "curvature"])]
    pub recording: Vec<PathBuf>,

    /// Write the recording with statistics in place of values, a few hundred bytes per site.
    #[arg(long, value_name = "FILE", requires = "recording")]
    pub condense: Option<PathBuf>,

    /// The configuration: levels of rules, allowed findings, limits [default: step-zero.toml, if there is one].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Also write the report as one page of HTML with figures.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// The network and its random numbers.
    #[command(flatten)]
    pub network: LessonOptions,

    /// The initialisation of its parameters.
    #[command(flatten)]
    pub init: InitOptions,

    /// The point from which an activation counts as saturated, as a fraction of the way from the middle of its
    /// function's range to an end; the lecture uses 0.97.
    #[arg(long, value_name = "FRACTION", default_value_t = Settings::default().saturation, value_parser = fraction)]
    pub saturation: f64,

    /// Also measure the curvature of the loss: both ends of the spectrum of its Hessian, and the Gauss–Newton matrix. It takes some
    /// hundred passes.
    #[arg(long)]
    pub curvature: bool,

    /// Format of the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Also draw figures into this directory, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    pub figures: Option<PathBuf>,
}

/// The format of a report.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For the terminal, coloured unless `NO_COLOR` is set.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
    /// For a spreadsheet: one number per line.
    Csv,
    /// For a workflow on GitHub: an annotation per verdict.
    Github,
}

/// Runs the command: a verdict is a finding.
pub fn command(options: &Observe) -> Result<Outcome, Failure> {
    if !options.recording.is_empty() {
        return recording::command(options);
    }
    let report = report(options)?;
    let judged = judged(&report, &Config::find(options.config.as_deref())?);
    if let Some(directory) = &options.figures {
        files::write_all(directory, &figures(&report))
            .map_err(|failure| Failure::new(format!("--figures: {failure}")))?;
    }
    write_page(options, || report.judged_page(&judged).html())?;
    Ok(Outcome::new(shown(&report, &judged, options.format, cli::style()), judged.has_findings()))
}

/// The verdicts on a report as a configuration leaves them.
fn judged(report: &Report, config: &Config) -> Judged {
    config.apply(config.limits.judge(std::slice::from_ref(report)))
}

/// Writes the page of a report, if one was asked for.
fn write_page(options: &Observe, html: impl FnOnce() -> String) -> Result<(), Failure> {
    match &options.html {
        Some(path) => files::write(path, html().as_bytes())
            .map_err(|failure| Failure::new(format!("--html: {failure}"))),
        None => Ok(()),
    }
}

/// The text that the command prints without colours and by no configuration; nothing is written.
pub fn text(options: &Observe) -> Result<String, Failure> {
    if !options.recording.is_empty() {
        let report = report_of(&options.recording, &Config::default())?;
        return Ok(recording::shown(&report, options.format, Style::Plain));
    }
    let report = report(options)?;
    Ok(shown(&report, &judged(&report, &Config::default()), options.format, Style::Plain))
}

fn shown(report: &Report, judged: &Judged, format: ReportFormat, style: Style) -> String {
    match format {
        ReportFormat::Text => report.judged_text(judged, style),
        ReportFormat::Markdown => report.judged_markdown(judged),
        ReportFormat::Json => report.judged_json(judged),
        ReportFormat::Csv => report.csv(),
        ReportFormat::Github => github(&judged.verdicts),
    }
}

fn report(options: &Observe) -> Result<Report, Failure> {
    let lesson = options.network.lesson()?;
    let scheme = options.init.scheme.unwrap_or(NamedInit::Random);
    let init = scheme.init(lesson.network.activation)?;
    init.check(&lesson.network).map_err(Failure::new)?;
    let (maps, saturation) = (options.figures.is_some(), options.saturation);
    let settings = Settings { maps, saturation, ..Settings::default() };
    let observed = lesson.observe(&init, settings);
    let report = observed.report.with_expected(init.expected(&lesson.network));
    Ok(if options.curvature { report.with_curvature(lesson.curvature(&init)?) } else { report })
}

fn figures(report: &Report) -> Vec<(String, Vec<u8>)> {
    let drawn = report.figures().into_iter().flat_map(|(name, figure)| {
        [(format!("{name}.svg"), figure.svg().into_bytes()), (format!("{name}.png"), figure.png())]
    });
    drawn.collect()
}
