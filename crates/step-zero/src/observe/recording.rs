//! `step-zero observe --recording`: judge a network that a framework has recorded.

use std::path::PathBuf;

use cli::{Failure, Outcome, files};
use diagnostics::{Recording, RecordingReport, Style};

use super::{Observe, ReportFormat};
use crate::config::Config;

/// Reads the recordings, writes the files that were asked for, and prints the report.
pub(super) fn command(options: &Observe) -> Result<Outcome, Failure> {
    let report = report(&options.recording, &Config::find(options.config.as_deref())?)?;
    if let Some(path) = &options.condense {
        condense(&report, path)?;
    }
    super::write_page(options, || report.page().html())?;
    Ok(Outcome::new(shown(&report, options.format, cli::style()), report.judged.has_findings()))
}

/// The recordings, judged as a configuration says.
pub(crate) fn report(paths: &[PathBuf], config: &Config) -> Result<RecordingReport, Failure> {
    let read = |path: &PathBuf| Recording::read(path).map_err(Failure::new);
    let recordings: Vec<Recording> = paths.iter().map(read).collect::<Result<_, _>>()?;
    for (path, other) in paths.iter().zip(&recordings).skip(1) {
        if let Some(difference) = recordings[0].network_difference(other) {
            let (first, other) = (cli::shown(&paths[0]), cli::shown(path));
            return Err(Failure::new(format!(
                "{first} and {other} are of different networks: {difference}; observe them one at a time"
            )));
        }
    }
    let mut report = RecordingReport::of(recordings, &config.limits).map_err(Failure::new)?;
    report.judged = config.apply(report.judged.verdicts);
    Ok(report)
}

/// Writes the condensed form of the one recording.
fn condense(report: &RecordingReport, path: &std::path::Path) -> Result<(), Failure> {
    let [recording] = &report.recordings[..] else {
        return Err(Failure::new("--condense: it condenses one recording; name one after --recording"));
    };
    files::write(path, &recording.condensed())
        .map_err(|failure| Failure::new(format!("--condense: {failure}")))
}

/// The report in a format.
pub(super) fn shown(report: &RecordingReport, format: ReportFormat, style: Style) -> String {
    match format {
        ReportFormat::Text => report.text(style),
        ReportFormat::Markdown => report.markdown(),
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
        ReportFormat::Github => diagnostics::github(&report.judged.verdicts),
    }
}
