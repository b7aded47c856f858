//! `step-zero.toml`: levels of rules, findings that are allowed, and limits.

mod glob;
mod read;

use std::path::Path;

use cli::{Failure, files};
use diagnostics::{Judged, Level, Limits, Verdict};

/// The file that is read from the working directory if no other is named.
pub const NAME: &str = "step-zero.toml";

/// How verdicts are judged and what becomes of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The thresholds.
    pub limits: Limits,
    /// The level of each rule that has one of its own; `None`: its verdicts are allowed.
    levels: Vec<(&'static str, Option<Level>)>,
    allow: Vec<Allow>,
}

/// Verdicts of one rule at some locations that are allowed.
#[derive(Clone, Debug, PartialEq)]
struct Allow {
    rule: &'static str,
    location: String,
    reason: String,
}

impl Config {
    /// The configuration in a file, or in [`NAME`] in the working directory, or the default one if there is none.
    pub fn find(path: Option<&Path>) -> Result<Self, Failure> {
        let path = match path {
            Some(path) => path,
            None if Path::new(NAME).exists() => Path::new(NAME),
            None => return Ok(Self::default()),
        };
        let hint = "name another file with --config";
        let text = String::from_utf8(files::read(path, hint)?)
            .map_err(|_| Failure::new(format!("{} is not text in UTF-8; {hint}", cli::shown(path))))?;
        Self::parse(&text).map_err(|problem| Failure::new(format!("{}:{problem}", cli::shown(path))))
    }

    /// The verdicts at their configured levels, errors first, and those that are allowed, each with the reason.
    ///
    /// A verdict about several locations is allowed only if each of them is.
    pub fn apply(&self, verdicts: Vec<Verdict>) -> Judged {
        let (mut kept, mut allowed) = (vec![], vec![]);
        for mut verdict in verdicts {
            let level = self.levels.iter().rev().find(|(rule, _)| *rule == verdict.rule);
            match (self.reason(&verdict), level) {
                (Some(reason), _) => allowed.push((verdict, reason)),
                (None, Some((_, None))) => {
                    allowed.push((verdict, format!("the rule's level is allow in {NAME}")));
                }
                (None, Some((_, Some(level)))) => {
                    verdict.level = *level;
                    kept.push(verdict);
                }
                (None, None) => kept.push(verdict),
            }
        }
        kept.sort_by_key(|verdict| std::cmp::Reverse(verdict.level));
        Judged { verdicts: kept, allowed }
    }

    /// The reason for which a verdict is allowed, if all of its locations are: that of the first.
    fn reason(&self, verdict: &Verdict) -> Option<String> {
        let allowed = |location: &String| {
            let entry =
                |allow: &&Allow| allow.rule == verdict.rule && glob::matches(&allow.location, location);
            self.allow.iter().find(entry)
        };
        let entries: Option<Vec<&Allow>> = verdict.locations.iter().map(allowed).collect();
        entries?.first().map(|allow| allow.reason.clone())
    }
}
