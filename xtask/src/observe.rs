//! `cargo xtask observe`.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use diagnostics::{Report, Settings, Style};

use crate::Outcome;
use crate::cli::{self, Observe, ReportFormat};
use crate::fault::Fault;
use crate::files;
use crate::progress::Progress;

pub(crate) fn command(options: &Observe) -> Result<Outcome, Fault> {
    let no_color: Option<OsString> = std::env::var_os("NO_COLOR");
    let text = text(options, Style::of(io::stdout().is_terminal(), no_color.as_deref()))?;
    Ok(Outcome { text, moved: false })
}

/// What is printed, after the figures have been drawn.
pub(crate) fn text(options: &Observe, style: Style) -> Result<String, Fault> {
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

fn report(options: &Observe) -> Result<Report, Fault> {
    let lesson = options.network.lesson()?;
    let start = cli::start(&options.scheme, &lesson.mlp)?;
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
