//! What was identified as rows of rules by name.

use nn_init::{Layout, Scheme};

use super::groups::GroupKind;
use super::{Identification, TensorGroup, names};
use crate::TensorInfo;

/// A rule that an identified group stands for: its names, and what they are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifiedRule {
    /// One pattern with `{i}`, `{j}`… for numbers; or names one by one, where most tensors of the pattern have another rule.
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
        let mut rules: Vec<(usize, IdentifiedRule)> = judged.map(|group| self.rule(group, tensors)).collect();
        rules.sort_by_key(|&(matched, _)| matched);
        rules.into_iter().map(|(_, rule)| rule).collect()
    }

    /// The rule of a group, and for how many tensors its pattern stands: 0 if it names them one by one.
    fn rule(&self, group: &TensorGroup, tensors: &[TensorInfo]) -> (usize, IdentifiedRule) {
        let rank = |group: &TensorGroup| tensors[group.tensors[0]].shape.len();
        let same = |other: &&TensorGroup| other.pattern == group.pattern && rank(other) == rank(group);
        // The largest group of a pattern has it, as the names of the others come first.
        let largest = self.groups.iter().filter(same).max_by_key(|other| other.tensors.len());
        let has_pattern = largest == Some(group) && !group.pattern.contains('*');
        let matching = |tensor: &&TensorInfo| names::matches(&group.pattern, &tensor.name);
        let matched: Vec<&TensorInfo> = tensors.iter().filter(matching).collect();
        let other_rank = matched.iter().any(|tensor| tensor.shape.len() != rank(group));
        let patterns = if has_pattern {
            vec![group.pattern.clone()]
        } else {
            group.tensors.iter().map(|&at| tensors[at].name.clone()).collect()
        };
        let drawn = group.tensors.first().map(|&at| &self.tensors[at].origin);
        let zero_rows = match drawn {
            Some(super::TensorOrigin::Drawn(drawn)) => drawn.zero_rows.clone(),
            _ => vec![],
        };
        let rule = IdentifiedRule {
            patterns,
            dims: (has_pattern && other_rank).then(|| rank(group)),
            scheme: scheme(&group.kind),
            zero_rows,
            remark: remark(group),
        };
        (if has_pattern { matched.len() } else { 0 }, rule)
    }
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
