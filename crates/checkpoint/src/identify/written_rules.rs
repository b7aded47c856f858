//! What was identified as rows of rules by name.

use std::collections::HashSet;

use nn_init::{Layout, Scheme};

use super::groups::GroupKind;
use super::{Identification, TensorGroup, names};
use crate::TensorInfo;

/// A rule that an identified group stands for: its names, and what they are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifiedRule {
    /// The places of the tensors in the file.
    pub tensors: Vec<usize>,
    /// One pattern with `{i}`, `{j}`… for numbers; or names one by one, where tensors of the pattern have another rule.
    pub patterns: Vec<String>,
    /// The number of axes of the tensors, where the same pattern stands for tensors of another rank.
    pub dims: Option<usize>,
    /// The scheme and the layout by which its fans are counted; `None` for tensors that are not judged.
    pub scheme: Option<(String, Layout)>,
    /// The rows that are 0.
    pub zero_rows: Vec<usize>,
    /// A remark: for tensors that are not judged, the reason.
    pub remark: Option<&'static str>,
}

impl Identification {
    /// The rules that describe this file, the narrower first: the first that matches a tensor is its own.
    ///
    /// Tensors of types that are not judged have none.
    ///
    /// ```
    /// use checkpoint::{Dtype, Identification, TensorInfo, TensorSummary};
    ///
    /// let names = ["ln.0.weight", "ln.1.weight"];
    /// let infos = names.map(|name| TensorInfo { name: name.into(), dtype: Dtype::F32, shape: vec![8] });
    /// let summaries = names.map(|_| Some(TensorSummary::of_f32(&[8], &[1.0; 8])));
    /// let rules = Identification::of(&infos, &summaries).rules(&infos);
    /// assert_eq!(rules[0].patterns, ["ln.{i}.weight"]);
    /// assert_eq!(rules[0].scheme.as_ref().unwrap().0, "ones");
    /// ```
    pub fn rules(&self, tensors: &[TensorInfo]) -> Vec<IdentifiedRule> {
        let judged = self.groups.iter().filter(|group| group.kind != GroupKind::NotJudged);
        let mut parts: Vec<(Vec<usize>, IdentifiedRule)> =
            judged.map(|group| self.rule(group, tensors)).collect();
        // The narrower come first; among equal ones, that of most tensors is last and keeps the pattern.
        parts.sort_by_key(|(matched, rule)| (matched.len(), rule.tensors.len()));
        let (mut by_name, mut by_pattern) = (vec![], vec![]);
        let mut claimed = HashSet::new();
        for (matched, rule) in parts {
            let own: HashSet<usize> = rule.tensors.iter().copied().collect();
            // Entries of `ignore` come before all rules.
            let is_ignored = rule.scheme.is_none();
            let may_have = |at: &usize| own.contains(at) || !is_ignored && claimed.contains(at);
            let has_pattern = !matched.is_empty() && matched.iter().all(may_have);
            claimed.extend(own);
            if has_pattern {
                by_pattern.push(rule);
            } else {
                let patterns = rule.tensors.iter().map(|&at| literal(&tensors[at].name)).collect();
                by_name.push(IdentifiedRule { patterns, dims: None, ..rule });
            }
        }
        by_name.append(&mut by_pattern);
        by_name
    }

    /// The rule of a group by its pattern, and the tensors that it matches; none if the pattern cannot be written.
    fn rule(&self, group: &TensorGroup, tensors: &[TensorInfo]) -> (Vec<usize>, IdentifiedRule) {
        let rank = tensors[group.tensors[0]].shape.len();
        let is_plain = group.tensors.iter().all(|&at| literal(&tensors[at].name) == tensors[at].name);
        let can_match = |at: &usize| {
            let tensor = &tensors[*at];
            tensor.dtype.is_judged() && !tensor.is_empty() && names::matches(&group.pattern, &tensor.name)
        };
        let mut matched: Vec<usize> = (0..tensors.len()).filter(can_match).collect();
        let scheme = scheme(&group.kind);
        let other_rank = |at: &usize| tensors[*at].shape.len() != rank;
        let dims = (scheme.is_some() && matched.iter().any(other_rank)).then_some(rank);
        if dims.is_some() {
            matched.retain(|at| !other_rank(at));
        }
        if !is_plain || group.pattern.contains('*') {
            matched.clear();
        }
        let zero_rows = match &self.tensors[group.tensors[0]].origin {
            super::TensorOrigin::Drawn(drawn) => drawn.zero_rows.clone(),
            _ => vec![],
        };
        let patterns = vec![group.pattern.clone()];
        let remark = remark(group);
        (
            matched,
            IdentifiedRule { tensors: group.tensors.clone(), patterns, dims, scheme, zero_rows, remark },
        )
    }
}

/// A pattern for one name: the name, with `*` for characters that mean something else in patterns.
pub(crate) fn literal(name: &str) -> String {
    let mut pattern = String::new();
    for letter in name.chars() {
        let letter = if matches!(letter, '{' | '}') { '*' } else { letter };
        if letter != '*' || !pattern.ends_with('*') {
            pattern.push(letter);
        }
    }
    if pattern.is_empty() { "*".to_owned() } else { pattern }
}

fn scheme(kind: &GroupKind) -> Option<(String, Layout)> {
    let plain = |scheme: Scheme| Some((scheme.to_string(), Layout::OUT_IN));
    match kind {
        GroupKind::Constant(value) => plain(Scheme::Constant(*value)),
        GroupKind::Pattern(scheme) => plain(*scheme),
        GroupKind::Orthogonal { gain, .. } => plain(Scheme::Orthogonal { gain: (*gain).into() }),
        GroupKind::Drawn(schemes) => {
            let best = schemes.first()?;
            Some((best.rule_text().to_owned(), best.layout))
        }
        GroupKind::NotJudged | GroupKind::Trained | GroupKind::Unknown => None,
    }
}

fn remark(group: &TensorGroup) -> Option<&'static str> {
    match &group.kind {
        GroupKind::Trained => Some("trained weights"),
        GroupKind::Unknown => Some("values of no known initialisation"),
        _ if group.is_odd => Some("differs from the other tensors of its pattern"),
        GroupKind::Drawn(schemes) if schemes.first().is_some_and(|best| best.is_free) => {
            Some("its scale was read off the values")
        }
        _ => None,
    }
}
