//! `step-zero observe`: measure one network before its first step.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cli::{Failure, Outcome, Progress, files};
use diagnostics::{Report, Settings, Style};
use lessons::options::{NetworkOptions, start};

/// Measure one network before its first step: loss, layers, parameters, gradients.
#[derive(Args)]
pub struct Observe {
    /// The network and its random numbers.
    #[command(flatten)]
    pub network: NetworkOptions,

    /// How its parameters are started: the lesson's `random`, `kaiming`, `xavier`; a framework's default, as
    /// `torch.linear` or `flax.dense`; any scheme for the weights, as `kaiming_normal(fan_in, forward(tanh))` or
    /// `orthogonal`, with biases 0.
    #[arg(long, default_value = "random")]
    pub scheme: String,

    /// Where an activation counts as saturated, as a share of the way from the middle of its function's range to an
    /// end; the lecture takes 0.97.
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().saturation, value_parser = share)]
    pub saturation: f64,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,

    /// Draw its figures into this directory too, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    pub figures: Option<PathBuf>,
}

/// What a report is printed as.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For the terminal, in colours if that has them and `NO_COLOR` is not set.
    Text,
    /// For a document.
    Markdown,
    /// For a program: one JSON document.
    Json,
    /// For a spreadsheet: one number a line.
    Csv,
}

/// Runs the command; the report is in colour if standard output is a terminal and `NO_COLOR` is not set.
pub fn command(options: &Observe) -> Result<Outcome, Failure> {
    let no_color: Option<OsString> = std::env::var_os("NO_COLOR");
    let text = text(options, Style::of(io::stdout().is_terminal(), no_color.as_deref()))?;
    Ok(Outcome::clean(text))
}

/// The text of the report; figures are drawn first.
pub fn text(options: &Observe, style: Style) -> Result<String, Failure> {
    let report = report(options)?;
    if let Some(directory) = &options.figures {
        files::write_all(directory, &figures(&report))?;
    }
    Ok(match options.format {
        ReportFormat::Text => report.text(style),
        ReportFormat::Markdown => report.markdown(),
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
    })
}

fn report(options: &Observe) -> Result<Report, Failure> {
    let lesson = options.network.lesson()?;
    let start = start(&options.scheme, &lesson.mlp)?;
    let _progress = Progress::spinner("running the network");
    let (maps, saturation) = (options.figures.is_some(), options.saturation);
    let settings = Settings { maps, saturation, ..Settings::default() };
    let parameters = lesson.stream.draw(lesson.seed, &lesson.mlp, &start);
    let seen = lesson.mlp.observe(&parameters, &lesson.bigrams.batch, settings);
    Ok(seen.report.with_laws(start.laws(&lesson.mlp)))
}

fn figures(report: &Report) -> Vec<(String, Vec<u8>)> {
    let drawn = report.figures().into_iter().flat_map(|(name, figure)| {
        [(format!("{name}.svg"), figure.svg().into_bytes()), (format!("{name}.png"), figure.png())]
    });
    drawn.collect()
}
/// A number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|error| format!("{error}"))?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("a share is from 0 to 1".to_owned()) }
}
