//! Rules that describe the files, to start from.

use std::collections::HashMap;

use nn_init::{Layout, Preset};

use super::IdentifyReport;
use crate::identify::literal;
use crate::{GroupKind, IdentifiedRule, IgnoreRule, NameRule, NameRules, RulesError, TieRule};

impl IdentifyReport {
    /// Rules that hold for these files: a scheme for each group of tensors, trained and unknown ones ignored, and tensors with
    /// the same values tied.
    ///
    /// # Errors
    /// If a name cannot be written as a pattern, such as one with a segment `**`.
    pub fn rules(&self) -> Result<NameRules, RulesError> {
        let mut rules = NameRules::default();
        for identified in self.found.rules(&self.tensors) {
            rules = match &identified.scheme {
                Some((scheme, layout)) => rules.rule(name_rule(&identified, scheme, *layout)?),
                None => {
                    let reason = identified.remark.unwrap_or("not judged");
                    rules.ignore(IgnoreRule::new(&texts(&identified.patterns), reason)?)
                }
            };
        }
        let empty = self.tensors.iter().filter(|tensor| tensor.dtype.is_judged() && tensor.is_empty());
        for tensor in empty {
            rules = rules.ignore(IgnoreRule::new(&[&literal(&tensor.name)], "it has no values")?.optional());
        }
        for tied in self.tied() {
            let names: Vec<String> = tied.iter().map(|&at| literal(&self.tensors[at].name)).collect();
            rules = rules.tie(TieRule::new(&texts(&names))?);
        }
        rules.checked()
    }

    /// The rules as a file, with a remark on top.
    ///
    /// # Errors
    /// As [`rules`](Self::rules).
    pub fn rules_text(&self) -> Result<String, RulesError> {
        let files = self.files.join(", ").replace(char::is_control, " ");
        Ok(format!(
            "# What the tensors of {files} were drawn from, as far as their values tell.\n\
             # Read the rules before you rely on them: they describe this one file, and constants that follow from the\n\
             # width or the number of layers stand as numbers. docs/rules-file.md describes the format.\n{}",
            self.rules()?
        ))
    }

    /// Tensors with the same values, although they were drawn.
    pub(super) fn tied(&self) -> Vec<Vec<usize>> {
        let is_drawn = |at: &usize| {
            let group = &self.found.groups[self.found.tensors[*at].group];
            matches!(group.kind, GroupKind::Drawn(_) | GroupKind::Orthogonal { .. })
        };
        let (mut places, mut tied): (HashMap<_, usize>, Vec<Vec<usize>>) = (HashMap::new(), vec![]);
        for at in (0..self.tensors.len()).filter(is_drawn) {
            let Some(summary) = &self.summaries[at] else { continue };
            let place = *places.entry((&summary.shape, &summary.dtype, summary.hash)).or_insert(tied.len());
            match tied.get_mut(place) {
                Some(group) => group.push(at),
                None => tied.push(vec![at]),
            }
        }
        tied.retain(|group| group.len() > 1);
        tied
    }
}

fn name_rule(identified: &IdentifiedRule, scheme: &str, layout: Layout) -> Result<NameRule, RulesError> {
    let mut rule = NameRule::new(&texts(&identified.patterns), scheme)?;
    // A preset has its own layout.
    if layout != Layout::OUT_IN && scheme.parse::<Preset>().is_err() {
        rule = rule.layout(layout);
    }
    if let Some(dims) = identified.dims {
        rule = rule.dims(dims);
    }
    for row in &identified.zero_rows {
        rule = rule.zero_row(&row.to_string());
    }
    Ok(match identified.remark {
        Some(remark) => rule.reason(remark),
        None => rule,
    })
}

fn texts(patterns: &[String]) -> Vec<&str> {
    patterns.iter().map(String::as_str).collect()
}
