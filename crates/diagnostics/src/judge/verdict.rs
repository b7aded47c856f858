//! Verdicts: what a rule found, where, how sure it is, the likely causes, and the change that would mend it.

use std::fmt;

use super::{Estimate, Fix, Level};
use crate::format::significant;

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The name of the rule.
    pub rule: &'static str,
    /// Its weight.
    pub level: Level,
    /// The sites or parameters that it is about, or `network`; the worst first.
    pub locations: Vec<String>,
    /// The measured number that passed the limit, at the first location.
    pub measured: Estimate,
    /// The limit that it passed, or the value that was expected.
    pub limit: f64,
    /// The finding at the first location as a sentence, with its numbers.
    pub finding: String,
    /// The likely causes as sentences, the likeliest first.
    pub causes: Vec<String>,
    /// Further numbers that the verdict rests on, by name.
    pub evidence: Vec<(&'static str, f64)>,
    /// The change that would mend it, if one is known.
    pub fix: Option<Fix>,
    /// Verdicts of one rule with the same key have one cause and become one verdict.
    pub(super) key: String,
}

impl Verdict {
    pub(super) fn new(
        (rule, level): (&'static str, Level),
        location: impl Into<String>,
        measured: impl Into<Estimate>,
        limit: f64,
        finding: String,
    ) -> Self {
        Self {
            rule,
            level,
            locations: vec![location.into()],
            measured: measured.into(),
            limit,
            finding,
            causes: vec![],
            evidence: vec![],
            fix: None,
            key: String::new(),
        }
    }

    #[must_use]
    pub(super) fn cause(mut self, cause: impl Into<Option<String>>) -> Self {
        self.causes.extend(cause.into());
        self
    }

    #[must_use]
    pub(super) fn evidence(mut self, name: &'static str, value: f64) -> Self {
        self.evidence.push((name, value));
        self
    }

    /// Adds a fix, unless one of its numbers cannot be applied.
    #[must_use]
    pub(super) fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into().filter(Fix::is_applicable), ..self }
    }

    #[must_use]
    pub(super) fn key(self, key: impl Into<String>) -> Self {
        Self { key: key.into(), ..self }
    }

    /// The first location: the worst.
    pub fn location(&self) -> &str {
        &self.locations[0]
    }

    /// The distance from the limit in standard errors; `None` if the error is unknown.
    pub fn standard_errors(&self) -> Option<f64> {
        self.measured.errors_from(self.limit)
    }

    /// True for errors and warnings, for which a command exits with 1.
    pub fn is_finding(&self) -> bool {
        self.level > Level::Note
    }
}

/// The number of further locations that a text names.
const NAMED: usize = 6;

/// The level, the rule and the finding, then a line each for further locations, certainty, causes and fix.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}", self.level.name(), self.rule, self.location(), self.finding)?;
        let more = &self.locations[1..];
        if !more.is_empty() {
            let named = more.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let rest = more.len().saturating_sub(NAMED);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let plural = if more.len() == 1 { "" } else { "s" };
            write!(f, "\n  Also at {} other location{plural}: {named}{rest}.", more.len())?;
        }
        if let Some(errors) = self.standard_errors() {
            write!(f, "\n  That is {} standard errors from the limit.", significant(errors, 2))?;
        }
        for cause in &self.causes {
            write!(f, "\n  {cause}")?;
        }
        match &self.fix {
            Some(fix) => write!(f, "\n  {fix}"),
            None => Ok(()),
        }
    }
}
