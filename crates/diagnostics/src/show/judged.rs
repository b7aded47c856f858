//! Verdicts as a configuration leaves them.

use crate::judge::{Level, Verdict};

/// Verdicts, and those among them that somebody allows.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The verdicts, errors first.
    pub verdicts: Vec<Verdict>,
    /// Verdicts that a configuration allows, each with the reason given there.
    pub allowed: Vec<(Verdict, String)>,
}

/// Verdicts none of which is allowed.
impl From<Vec<Verdict>> for Judged {
    fn from(verdicts: Vec<Verdict>) -> Self {
        Self { verdicts, allowed: vec![] }
    }
}

impl Judged {
    /// True if there is an error or a warning that is not allowed, for which a command exits with 1.
    pub fn has_findings(&self) -> bool {
        self.verdicts.iter().any(Verdict::is_finding)
    }

    /// The rules whose verdicts are allowed, each with their number; `None` if there are none.
    pub(super) fn allowed_line(&self) -> Option<String> {
        let mut rules: Vec<(&str, usize)> = vec![];
        for (verdict, _) in &self.allowed {
            match rules.iter_mut().find(|(rule, _)| *rule == verdict.rule) {
                Some((_, count)) => *count += 1,
                None => rules.push((verdict.rule, 1)),
            }
        }
        let texts: Vec<String> = rules.iter().map(|(rule, count)| format!("{rule} {count}×")).collect();
        (!rules.is_empty()).then(|| format!("allowed by configuration: {}", texts.join(", ")))
    }

    /// The number of verdicts of each level.
    pub(super) fn count_line(&self) -> String {
        let counts = self.counts();
        if counts.is_empty() { "nothing found".to_owned() } else { format!("found: {counts}") }
    }

    /// The first line of a page: the number of verdicts of each level, and the first verdict; empty if there are none.
    #[cfg(feature = "plot")]
    pub(super) fn headline(&self) -> String {
        let first = self.verdicts.first();
        let first = first
            .map(|first| format!("{}; first of all {} at {}.", self.counts(), first.rule, first.location()));
        first.unwrap_or_default()
    }

    fn counts(&self) -> String {
        let of = |level: Level| {
            let count = self.verdicts.iter().filter(|verdict| verdict.level == level).count();
            (count > 0).then(|| format!("{count} {}{}", level.name(), if count == 1 { "" } else { "s" }))
        };
        let counts: Vec<String> = Level::ALL.into_iter().rev().filter_map(of).collect();
        counts.join(", ")
    }
}
