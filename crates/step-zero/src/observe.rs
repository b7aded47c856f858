//! `step-zero observe`: measure one network before its first step.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cli::{Failure, Outcome, files};
use diagnostics::{Report, Settings, Style};
use lessons::named_init::NamedInit;
use lessons::options::{InitOptions, LessonOptions, fraction};

/// Measure one network before its first step: loss, layers, parameters, gradients.
#[derive(Args)]
pub struct Observe {
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
}

/// Runs the command: a verdict is a finding.
pub fn command(options: &Observe) -> Result<Outcome, Failure> {
    let report = report(options)?;
    if let Some(directory) = &options.figures {
        files::write_all(directory, &figures(&report))
            .map_err(|failure| Failure::new(format!("--figures: {failure}")))?;
    }
    Ok(Outcome::new(shown(&report, options.format, cli::style()), !report.verdicts().is_empty()))
}

/// The text that the command prints without colours; nothing is written.
pub fn text(options: &Observe) -> Result<String, Failure> {
    Ok(shown(&report(options)?, options.format, Style::Plain))
}

fn shown(report: &Report, format: ReportFormat, style: Style) -> String {
    match format {
        ReportFormat::Text => report.text(style),
        ReportFormat::Markdown => report.markdown(),
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
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
    Ok(observed.report.with_expected(init.expected(&lesson.network)))
}

fn figures(report: &Report) -> Vec<(String, Vec<u8>)> {
    let drawn = report.figures().into_iter().flat_map(|(name, figure)| {
        [(format!("{name}.svg"), figure.svg().into_bytes()), (format!("{name}.png"), figure.png())]
    });
    drawn.collect()
}
