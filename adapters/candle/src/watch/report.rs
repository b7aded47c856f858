//! The report on a pass.

use std::fmt;

use candle_core::Result;
use diagnostics::{Limits, Recording, RecordingReport, Style, Verdict};

use super::Pass;

/// The report on a pass, and what candle did not let be seen.
#[derive(Clone, Debug)]
pub struct WatchReport {
    /// The program's report, with its recording and the verdicts of all rules.
    pub report: RecordingReport,
    /// The trainable variables that received no gradient.
    pub without_gradient: Vec<String>,
    /// The sites whose function passes no gradient back.
    pub cuts: Vec<String>,
}

impl WatchReport {
    /// The verdicts, errors first.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.report.judged.verdicts
    }

    /// The recording of the pass.
    pub fn recording(&self) -> &Recording {
        &self.report.recordings[0]
    }

    /// One line about the variables without a gradient, if there are any.
    pub fn gradient_line(&self) -> Option<String> {
        let without = &self.without_gradient;
        if without.is_empty() {
            return None;
        }
        let variables = if without.len() == 1 { "variable" } else { "variables" };
        let cuts = match &self.cuts[..] {
            [] => "candle's fast layer_norm, rms_norm, softmax_last_dim or rope is behind them".to_owned(),
            cuts => format!("they are before {}, through which candle passes none back", listed(cuts)),
        };
        Some(format!(
            "no gradient at {} {variables} ({}): they are frozen, the loss does not read them, or {cuts}",
            without.len(),
            listed(without)
        ))
    }
}

impl fmt::Display for WatchReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report.text(Style::Plain))?;
        self.gradient_line().map_or(Ok(()), |line| writeln!(f, "{line}"))
    }
}

impl Pass {
    /// The report on this pass.
    pub(super) fn report(&self, model: &str, seed: Option<u64>) -> Result<WatchReport> {
        let recording = Recording { model: model.to_owned(), seed, ..self.recording()? };
        let report = RecordingReport::of(vec![recording], &Limits::default()).map_err(crate::error)?;
        Ok(WatchReport { report, without_gradient: self.without_gradient(), cuts: self.cuts() })
    }
}

/// The number of names that a line lists.
const NAMED: usize = 3;

/// `a, b, c and 2 more`.
fn listed(names: &[String]) -> String {
    let first = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        rest => format!("{first} and {rest} more"),
    }
}
