//! `cargo xtask observe`.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use diagnostics::Style;

use crate::Outcome;
use crate::cli::{self, Observe, ReportFormat};
use crate::fault::Fault;
use crate::lesson::Lesson;
use crate::progress::Progress;

pub(crate) fn command(options: &Observe) -> Result<Outcome, Fault> {
    let lesson = options.network.lesson()?;
    let start = cli::start(&options.scheme, &lesson.mlp)?;
    let Lesson { stream, seed, mlp, bigrams, .. } = &lesson;
    let progress = Progress::spinner("running the network");
    let parameters = stream.draw(*seed, mlp, &start);
    let report = mlp.observe(&parameters, &bigrams.batch, Default::default()).report;
    let report = report.with_laws(start.laws(mlp));
    drop(progress);
    let no_color: Option<OsString> = std::env::var_os("NO_COLOR");
    let text = match options.format {
        ReportFormat::Text => report.text(Style::of(io::stdout().is_terminal(), no_color.as_deref())),
        ReportFormat::Markdown => report.markdown(),
        ReportFormat::Json => report.json(),
        ReportFormat::Csv => report.csv(),
    };
    Ok(Outcome { text, moved: false })
}
