//! A rule: its name, its level, its documentation, and the function that finds what it is about.

use super::{Context, Verdict};

/// The weight of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Worth knowing. A command still exits with 0.
    Note,
    /// The network is likely to train worse than it could.
    Warning,
    /// The network, or a part of it, cannot learn as it is.
    Error,
}

impl Level {
    /// All levels, the lightest first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// Its name in texts and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One rule, as in a linter.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its stable name, such as `dead-units`.
    pub name: &'static str,
    /// The heaviest level that its verdicts have unless a configuration says otherwise.
    pub level: Level,
    /// The condition that it checks.
    pub checks: &'static str,
    /// Why that matters.
    pub matters: &'static str,
    /// A network that it reports.
    pub example: &'static str,
    /// The advice: the network to have instead.
    pub instead: &'static str,
    /// Finds its verdicts, given those of the rules before it.
    pub(super) find: fn(&Context<'_>, &[Verdict]) -> Vec<Verdict>,
}

impl Rule {
    /// The rule with that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        super::rules::ALL.iter().copied().find(|rule| rule.name == name)
    }

    /// All rules, causes before consequences.
    pub fn all() -> &'static [&'static Self] {
        super::rules::ALL
    }

    /// Its page in the catalogue, as Markdown.
    pub fn page(&self) -> String {
        let Self { name, level, checks, matters, example, instead, .. } = self;
        format!(
            "### `{name}` ({})\n\n**What it checks.** {checks}\n\n**Why it matters.** {matters}\n\n**Example.** {example}\n\n\
             **What to do instead.** {instead}\n",
            level.name()
        )
    }
}
