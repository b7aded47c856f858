//! Names grouped by pattern: numbers become `{i}`, and what stands beside a tensor tells layers of different kinds apart.

use std::collections::BTreeMap;

use crate::TensorInfo;

/// Tensors whose names differ in numbers only, of equal rank, each beside the same other parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NameGroup {
    /// The name with `{i}`, `{j}`… for the numbers that differ between the members.
    pub(super) pattern: String,
    /// The places of the members in the file, in its order.
    pub(super) members: Vec<usize>,
    /// The number of different values that each varying number takes.
    pub(super) counts: Vec<usize>,
}

/// A name as the texts around its numbers, and the numbers.
fn split(name: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut texts, mut numbers) = (vec![], vec![]);
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let length = rest[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - start);
        texts.push(&rest[..start]);
        numbers.push(&rest[start..start + length]);
        rest = &rest[start + length..];
    }
    texts.push(rest);
    (texts, numbers)
}

/// The part of a name in front of its last dot, and the part behind it.
fn parent(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// All tensors in groups, in the order of their first members.
pub(super) fn groups(tensors: &[TensorInfo]) -> Vec<NameGroup> {
    let mut siblings: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    for tensor in tensors {
        let (parent, last) = parent(&tensor.name);
        siblings.entry(parent).or_default().push((last, tensor.shape.len()));
    }
    siblings.values_mut().for_each(|list| list.sort_unstable());
    // A scope with hundreds of parameters of its own is no layer whose kind they tell.
    let beside = |name: &str| {
        let list = &siblings[parent(name).0];
        if parent(name).0.is_empty() { &[][..] } else { &list[..list.len().min(32)] }
    };
    let mut by_key: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, tensor) in tensors.iter().enumerate() {
        let key = (split(&tensor.name).0, tensor.shape.len(), beside(&tensor.name));
        by_key.entry(key).or_default().push(at);
    }
    let mut groups: Vec<NameGroup> = by_key.into_values().map(|members| group(tensors, members)).collect();
    groups.sort_by_key(|group| group.members[0]);
    groups
}

/// The names of captures, in order.
const CAPTURES: [&str; 8] = ["i", "j", "k", "l", "m", "n", "o", "p"];

fn group(tensors: &[TensorInfo], members: Vec<usize>) -> NameGroup {
    let names: Vec<(Vec<&str>, Vec<&str>)> = members.iter().map(|&at| split(&tensors[at].name)).collect();
    let (texts, numbers) = &names[0];
    let mut pattern = texts[0].to_owned();
    let mut counts = vec![];
    for (place, text) in texts[1..].iter().enumerate() {
        let mut values: Vec<&str> = names.iter().map(|(_, numbers)| numbers[place]).collect();
        values.sort_unstable();
        values.dedup();
        match CAPTURES.get(counts.len()) {
            Some(capture) if values.len() > 1 => {
                pattern.push_str(&format!("{{{capture}}}"));
                counts.push(values.len());
            }
            _ if values.len() > 1 => pattern.push('*'),
            _ => pattern.push_str(numbers[place]),
        }
        pattern.push_str(text);
    }
    NameGroup { pattern, members, counts }
}

/// The pattern of some members of a group, if it is narrower than the group's and stands for no other member: the last norm of
/// each block, for example. One member alone has none.
pub(super) fn narrower(tensors: &[TensorInfo], whole: &NameGroup, part: &[usize]) -> Option<String> {
    let pattern = group(tensors, part.to_vec()).pattern;
    let matched = whole.members.iter().filter(|at| matches(&pattern, &tensors[**at].name)).count();
    (part.len() > 1 && matched == part.len()).then_some(pattern)
}

/// True if a pattern of [`groups`] stands for a name.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    loop {
        let Some(start) = pattern.find(['{', '*']) else { return pattern == name };
        let Some(rest) = name.strip_prefix(&pattern[..start]) else { return false };
        let length = digits(rest);
        if length == 0 {
            return false;
        }
        name = &rest[length..];
        let behind = &pattern[start..];
        pattern =
            behind.strip_prefix('*').unwrap_or_else(|| &behind[behind.find('}').map_or(0, |end| end + 1)..]);
    }
}

/// The name of the weight beside a bias, if the name is that of one.
pub(super) fn weight_beside(name: &str) -> Option<String> {
    let (parent, last) = parent(name);
    let weight = last.contains("bias").then(|| last.replacen("bias", "weight", 1))?;
    Some(if parent.is_empty() { weight } else { format!("{parent}.{weight}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dtype;

    fn infos(names: &[(&str, usize)]) -> Vec<TensorInfo> {
        let info = |&(name, rank): &(&str, usize)| TensorInfo {
            name: name.to_owned(),
            dtype: Dtype::F32,
            shape: vec![3; rank],
        };
        names.iter().map(info).collect()
    }

    fn patterns(names: &[(&str, usize)]) -> Vec<String> {
        groups(&infos(names)).into_iter().map(|group| group.pattern).collect()
    }

    #[test]
    fn numbers_that_differ_are_captured() {
        let names = [
            ("h.0.mlp.c_proj.weight", 2),
            ("h.0.ln_1.weight", 1),
            ("h.0.ln_2.weight", 1),
            ("h.10.mlp.c_proj.weight", 2),
            ("h.10.ln_1.weight", 1),
            ("wte.weight", 2),
            ("stage2.conv1d.weight", 3),
        ];
        let expected =
            ["h.{i}.mlp.c_proj.weight", "h.{i}.ln_{j}.weight", "wte.weight", "stage2.conv1d.weight"];
        assert_eq!(patterns(&names), expected);
        let groups = groups(&infos(&names));
        assert_eq!(groups[1].counts, [2, 2]);
        assert_eq!(groups[1].members, [1, 2, 4]);
    }

    #[test]
    fn layers_of_different_kinds_are_apart() {
        let names = [
            ("0.weight", 2),
            ("0.bias", 1),
            ("1.weight", 1),
            ("1.bias", 1),
            ("1.running_mean", 1),
            ("2.weight", 2),
            ("2.bias", 1),
        ];
        let expected = ["{i}.weight", "{i}.bias", "1.weight", "1.bias", "1.running_mean"];
        assert_eq!(patterns(&names), expected);
    }

    #[test]
    fn members_with_a_number_in_common_have_a_narrower_pattern() {
        let names = [("a.0.bn1.w", 1), ("a.0.bn2.w", 1), ("a.1.bn1.w", 1), ("a.1.bn2.w", 1)];
        let infos = infos(&names);
        let whole = &groups(&infos)[0];
        assert_eq!(narrower(&infos, whole, &[1, 3]).as_deref(), Some("a.{i}.bn2.w"));
        assert_eq!(narrower(&infos, whole, &[0, 3]), None);
        assert_eq!(narrower(&infos, whole, &[3]), None);
    }

    #[test]
    fn patterns_stand_for_their_members() {
        assert!(matches("h.{i}.ln_{j}.weight", "h.12.ln_2.weight"));
        assert!(matches("wte.weight", "wte.weight"));
        assert!(!matches("h.{i}.ln_{j}.weight", "h.12.ln_.weight"));
        assert!(!matches("h.{i}.weight", "h.1.weights"));
        assert!(!matches("{i}", ""));
    }

    #[test]
    fn weights_of_biases() {
        assert_eq!(weight_beside("fc.bias").as_deref(), Some("fc.weight"));
        assert_eq!(weight_beside("rnn.bias_hh_l0").as_deref(), Some("rnn.weight_hh_l0"));
        assert_eq!(weight_beside("bias").as_deref(), Some("weight"));
        assert_eq!(weight_beside("fc.weight"), None);
    }
}
