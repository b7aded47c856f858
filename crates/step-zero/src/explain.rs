//! `step-zero explain`: the page of one rule, or the list of all.

use clap::Args;
use cli::{Failure, Outcome};
use diagnostics::Rule;

use checkpoint::suggestion;

/// Explain one rule, or list all rules.
#[derive(Args)]
pub struct Explain {
    /// The rule, such as `dead-units`; all rules are listed if none is named.
    pub rule: Option<String>,

    /// Print the page of every rule as one document in Markdown.
    #[arg(long, conflicts_with = "rule")]
    pub catalogue: bool,
}

/// Runs the command.
pub fn command(options: &Explain) -> Result<Outcome, Failure> {
    match &options.rule {
        None if options.catalogue => Ok(Outcome::clean(catalogue())),
        None => Ok(Outcome::clean(list())),
        Some(name) => Rule::named(name).map(|rule| Outcome::clean(rule.page())).ok_or_else(|| unknown(name)),
    }
}

/// The document `docs/rules.md`.
fn catalogue() -> String {
    let pages: Vec<String> = Rule::all().iter().map(|rule| rule.page()).collect();
    format!(
        "# Rules\n\n\
         The rules by which `step-zero` judges a network, causes before consequences. Each has the heaviest level that its verdicts\n\
         have: an error means that the network, or a part of it, cannot learn as it is; a warning, that it is likely to train worse\n\
         than it could; a note is worth knowing, and a command still exits with 0. [recordings.md](recordings.md) says how\n\
         `step-zero.toml` changes levels and limits, and allows findings.\n\n\
         This page is written by `cargo step-zero explain --catalogue > docs/rules.md`.\n\n{}",
        pages.join("\n")
    )
}

/// One line that says that there is no such rule, and what to do.
fn unknown(name: &str) -> Failure {
    let near = suggestion(name, Rule::all().iter().map(|rule| rule.name));
    Failure::new(format!("there is no rule `{name}`{near}; `step-zero explain` lists all rules"))
}

/// All rules, each with its level and the first sentence about it.
fn list() -> String {
    let width = Rule::all().iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let line = |rule: &&'static Rule| {
        let sentence = rule.checks.split_once(". ").map_or(rule.checks, |(first, _)| first);
        format!("{:<width$}  {:<7}  {}.\n", rule.name, rule.level.name(), sentence.trim_end_matches('.'))
    };
    Rule::all().iter().map(line).collect()
}
