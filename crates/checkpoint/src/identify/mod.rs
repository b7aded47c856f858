//! What the tensors of a file were drawn from, without rules: [`Identification`].
//!
//! Each tensor's values decide which families of distributions remain. Tensors whose names differ in numbers only are a
//! group, and its scheme is chosen over all their shapes: a standard deviation that follows the fan is one scheme, and a
//! constant one is another. The member that follows neither is the odd one.

mod candidates;
mod chi_squared;
mod decimal;
mod exact;
mod family;
mod fit;
mod groups;
mod lines;
mod names;
mod origin;
mod sample;
mod scale_evidence;
mod seeds;
#[cfg(test)]
mod tests;
mod written_rules;

use std::collections::HashMap;

use nn_init::Scheme;

use crate::{Dtype, TensorInfo, TensorSummary};
use candidates::GroupContext;
pub use family::DrawnFamily;
pub use fit::FamilyFit;
pub use groups::{GroupKind, SchemeFit, TensorGroup};
use names::NameGroup;
pub use origin::{DrawnValues, TensorOrigin, UnknownReason};
use sample::DrawnSample;
use scale_evidence::GroupMember;
pub use seeds::SeedMatch;
pub use written_rules::IdentifiedRule;
pub(crate) use written_rules::literal;

/// The origins of the tensors of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Identification {
    /// One for each tensor, in the order of the file.
    pub tensors: Vec<IdentifiedTensor>,
    /// The tensors by pattern and scheme, in the order of their first members.
    pub groups: Vec<TensorGroup>,
    /// True if most weights have values that no initialisation has or no known scheme explains, as after training.
    pub is_trained: bool,
}

/// The origin of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifiedTensor {
    /// The origin that its values show.
    pub origin: TensorOrigin,
    /// The place of its group.
    pub group: usize,
    /// The scheme of its group for its shape, without fans; `None` for values that are no initialisation.
    pub scheme: Option<Scheme>,
    /// Its standard deviation over that of most tensors of its pattern, if it is an odd one; its mean over their value where they
    /// are constant.
    pub odd_ratio: Option<f64>,
}

/// Tensors with fewer values may be trained and still look drawn.
const FEW_VALUES: u64 = 1000;

impl Identification {
    /// Identifies the tensors of a file, given a summary of each whose type is judged.
    ///
    /// ```
    /// use checkpoint::{Dtype, Identification, TensorInfo, TensorSummary};
    /// use nn_init::{Layout, Scheme, Tensor};
    /// use torch_rng::Generator;
    ///
    /// let mut generator = Generator::manual_seed(0);
    /// let (mut infos, mut summaries) = (vec![], vec![]);
    /// for (at, shape) in [[64, 32], [128, 64], [64, 128]].into_iter().enumerate() {
    ///     let weight: Tensor<f32> = Scheme::xavier_uniform(1.0).sample(&shape, Layout::OUT_IN, &mut generator).unwrap();
    ///     summaries.push(Some(TensorSummary::of_f32(&shape, weight.data())));
    ///     infos.push(TensorInfo { name: format!("layers.{at}.weight"), dtype: Dtype::F32, shape: shape.to_vec() });
    /// }
    /// let identified = Identification::of(&infos, &summaries);
    /// let group = &identified.groups[0];
    /// assert_eq!(group.pattern, "layers.{i}.weight");
    /// assert_eq!(group.kind.best().unwrap().text, "xavier_uniform");
    /// ```
    ///
    /// # Panics
    /// If there are not as many summaries as tensors.
    pub fn of(tensors: &[TensorInfo], summaries: &[Option<TensorSummary>]) -> Self {
        assert_eq!(tensors.len(), summaries.len(), "a summary, or none, for each tensor");
        let origins: Vec<TensorOrigin> = summaries
            .iter()
            .map(|summary| summary.as_ref().map_or(TensorOrigin::NotJudged, TensorOrigin::of))
            .collect();
        let mut file = FileOrigins {
            tensors,
            summaries,
            is_trained: false,
            places: tensors.iter().enumerate().map(|(at, tensor)| (tensor.name.as_str(), at)).collect(),
            sizes: sizes(tensors),
            origins,
        };
        let patterns = names::groups(tensors);
        let divided = |file: &FileOrigins, usual: &[String]| -> Vec<TensorGroup> {
            patterns.iter().flat_map(|group| file.divided(group, usual)).collect()
        };
        let first = divided(&file, &[]);
        file.is_trained = is_trained(tensors, &first);
        // A scheme that is sure in one group is likelier in the others.
        let usual: Vec<String> = first.iter().filter_map(sure_scheme).collect();
        let groups = divided(&file, &usual);
        file.finished(groups)
    }
}

/// The text of a scheme that is ten times likelier than others and explains the values.
fn sure_scheme(group: &TensorGroup) -> Option<String> {
    let sure = group.kind.best().filter(|best| !best.is_free && group.kind.evidence() > 2.3);
    sure.map(|best| best.text.clone())
}

/// Makes one group of the trained tensors of a pattern.
fn join_trained(parts: &mut Vec<TensorGroup>) {
    let trained = |part: &TensorGroup| part.kind == GroupKind::Trained;
    let Some(first) = parts.iter().position(trained) else { return };
    let mut tensors: Vec<usize> =
        parts.iter().filter(|part| trained(part)).flat_map(|part| part.tensors.clone()).collect();
    tensors.sort_unstable();
    let joined = TensorGroup { tensors, ..parts[first].clone() };
    parts.retain(|part| !trained(part));
    parts.push(joined);
}

/// The origins of all tensors, and what groups need to know of the file.
struct FileOrigins<'a> {
    tensors: &'a [TensorInfo],
    summaries: &'a [Option<TensorSummary>],
    origins: Vec<TensorOrigin>,
    is_trained: bool,
    places: HashMap<&'a str, usize>,
    sizes: Vec<usize>,
}

/// True if there are weights with values of no initialisation, and these and those that no known scheme explains are more than
/// the others.
fn is_trained(tensors: &[TensorInfo], groups: &[TensorGroup]) -> bool {
    let (mut unknown, mut unexplained, mut explained) = (0, 0, 0);
    for group in groups.iter().filter(|group| tensors[group.tensors[0]].shape.len() >= 2) {
        let counted = match &group.kind {
            GroupKind::Unknown => &mut unknown,
            GroupKind::Drawn(schemes) if schemes.iter().all(|scheme| scheme.is_free) => &mut unexplained,
            GroupKind::Drawn(_) | GroupKind::Orthogonal { .. } => &mut explained,
            _ => continue,
        };
        *counted += group.tensors.len();
    }
    unknown > 0 && unknown + unexplained > explained
}

/// The sizes of axes that occur in a file and their thirds and quarters, the most frequent first.
fn sizes(tensors: &[TensorInfo]) -> Vec<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for &size in tensors.iter().flat_map(|tensor| &tensor.shape) {
        for part in [1, 3, 4].into_iter().filter(|part| size % part == 0) {
            // A whole size counts more than a part of another.
            *counts.entry(size / part).or_default() += if part == 1 { 4 } else { 1 };
        }
    }
    let mut sizes: Vec<(usize, usize)> = counts.into_iter().collect();
    sizes.sort_by_key(|&(size, count)| (std::cmp::Reverse(count), size));
    sizes.into_iter().map(|(size, _)| size).collect()
}

impl FileOrigins<'_> {
    /// The tensors of a pattern as groups of one scheme each; those that differ from most others are odd.
    fn divided(&self, group: &NameGroup, usual: &[String]) -> Vec<TensorGroup> {
        let mut kinds: Vec<Vec<usize>> = vec![];
        for &at in &group.members {
            let alike =
                kinds.iter_mut().find(|kind| groups::same_kind(&self.origins[kind[0]], &self.origins[at]));
            match alike {
                Some(kind) => kind.push(at),
                None => kinds.push(vec![at]),
            }
        }
        let mut divided: Vec<TensorGroup> =
            kinds.into_iter().flat_map(|members| self.of_one_kind(group, &members, usual)).collect();
        join_trained(&mut divided);
        let all = group.members.len();
        let is_most =
            |part: &TensorGroup| part.tensors.len() * 3 >= all * 2 && part.kind != GroupKind::Trained;
        let has_majority = all > 2 && divided.iter().any(is_most);
        let is_divided = divided.len() > 1;
        for part in &mut divided {
            let few = part.tensors.len() * 3 < all * 2;
            let narrower = is_divided.then(|| names::narrower(self.tensors, group, &part.tensors)).flatten();
            part.is_odd = has_majority && few && narrower.is_none() && part.kind != GroupKind::Trained;
            if let Some(pattern) = narrower {
                part.pattern = pattern;
            }
        }
        divided
    }

    fn of_one_kind(&self, group: &NameGroup, members: &[usize], usual: &[String]) -> Vec<TensorGroup> {
        let of = |kind, tensors| TensorGroup { pattern: group.pattern.clone(), tensors, kind, is_odd: false };
        let kind = match &self.origins[members[0]] {
            TensorOrigin::NotJudged => GroupKind::NotJudged,
            TensorOrigin::Constant(value) => GroupKind::Constant(self.decimal(members[0], *value)),
            TensorOrigin::Pattern(scheme) => GroupKind::Pattern(*scheme),
            TensorOrigin::Orthogonal { gain, is_certain } => GroupKind::Orthogonal {
                gain: self.orthogonal_gain(members[0], *gain),
                is_certain: *is_certain,
            },
            TensorOrigin::Unknown(_) if self.is_trained => GroupKind::Trained,
            TensorOrigin::Unknown(_) => GroupKind::Unknown,
            TensorOrigin::Drawn(_) => return self.drawn(group, members, usual),
        };
        vec![of(kind, members.to_vec())]
    }

    /// The shortest number that is stored as this value.
    fn decimal(&self, at: usize, value: f64) -> f64 {
        let rounding = match self.tensors[at].dtype {
            Dtype::F16 => 2f64.powi(-12),
            Dtype::Bf16 => 2f64.powi(-9),
            Dtype::F32 => 2f64.powi(-25),
            _ => return value,
        };
        let size = value.abs();
        decimal::shortest_between(size * (1.0 - rounding), size * (1.0 + rounding)).0 * value.signum()
    }

    /// The shortest number that a measured gain of an orthogonal matrix stands for: factorisations in single precision are off
    /// by a millionth.
    fn orthogonal_gain(&self, at: usize, gain: f64) -> f64 {
        let error = match self.tensors[at].dtype {
            Dtype::F16 => 2e-4,
            Dtype::Bf16 => 1e-3,
            _ => 2e-6,
        };
        decimal::shortest_between(gain * (1.0 - error), gain * (1.0 + error)).0
    }

    fn drawn(&self, group: &NameGroup, members: &[usize], usual: &[String]) -> Vec<TensorGroup> {
        let (counts, sizes) = (group.counts.clone(), self.sizes.clone());
        let context = GroupContext { counts, sizes, is_trained: self.is_trained, usual: usual.to_vec() };
        let of = |kind, tensors| TensorGroup { pattern: group.pattern.clone(), tensors, kind, is_odd: false };
        let (drawn, trained): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|&&at| !self.is_trained || self.is_fresh(at));
        let drawn: Vec<GroupMember> = drawn.into_iter().filter_map(|at| self.member(at)).collect();
        let mut parts = vec![];
        for (schemes, tensors) in groups::drawn(drawn, &context) {
            let kind = match schemes.first() {
                Some(best) if !self.is_trained || !best.is_free => GroupKind::Drawn(schemes),
                _ if self.is_trained => GroupKind::Trained,
                _ => GroupKind::Unknown,
            };
            parts.push(of(kind, tensors));
        }
        if !trained.is_empty() {
            parts.push(of(GroupKind::Trained, trained));
        }
        parts
    }

    /// True if a tensor of a trained file is new all the same, as a head that waits for its task: a known scheme explains it, and
    /// it is large; or it stands beside such a weight.
    fn is_fresh(&self, at: usize) -> bool {
        let is_large =
            |at: usize| self.summaries[at].as_ref().is_some_and(|summary| summary.count >= FEW_VALUES);
        let weight = || {
            let name = names::weight_beside(&self.tensors[at].name)?;
            self.places.get(name.as_str()).copied()
        };
        let Some(decisive) = Some(at).filter(|&at| is_large(at)).or_else(weight).filter(|&at| is_large(at))
        else {
            return false;
        };
        let context = GroupContext { is_trained: true, ..GroupContext::default() };
        let alone =
            self.member(decisive).into_iter().flat_map(|member| groups::drawn(vec![member], &context));
        alone.flat_map(|(schemes, _)| schemes).next().is_some_and(|best| !best.is_free)
    }

    fn member(&self, at: usize) -> Option<GroupMember<'_>> {
        let (TensorOrigin::Drawn(drawn), Some(summary)) = (&self.origins[at], &self.summaries[at]) else {
            return None;
        };
        let sample = DrawnSample::of(summary)?;
        let weight = names::weight_beside(&self.tensors[at].name);
        let weight = weight.and_then(|name| self.places.get(name.as_str()));
        Some(GroupMember {
            at,
            shape: &self.tensors[at].shape,
            weight_shape: weight.map(|&weight| self.tensors[weight].shape.as_slice()),
            count: sample.count,
            reach: sample.reach(0.0),
            rounding: sample.rounding(),
            zeros: (drawn.sparsity * summary.finite() as f64).round() as usize,
            fits: &drawn.fits,
        })
    }

    fn finished(self, mut groups: Vec<TensorGroup>) -> Identification {
        groups.sort_by_key(|group| group.tensors[0]);
        let mut identified: Vec<IdentifiedTensor> = self
            .origins
            .iter()
            .map(|origin| IdentifiedTensor {
                origin: origin.clone(),
                group: 0,
                scheme: None,
                odd_ratio: None,
            })
            .collect();
        for (place, group) in groups.iter().enumerate() {
            for &at in &group.tensors {
                identified[at].group = place;
                identified[at].scheme = self.scheme(&group.kind, at);
                identified[at].odd_ratio = group.is_odd.then(|| self.ratio(&groups, group, at));
            }
        }
        Identification { tensors: identified, groups, is_trained: self.is_trained }
    }

    /// The scheme of a group for the shape of one tensor, without fans.
    fn scheme(&self, kind: &GroupKind, at: usize) -> Option<Scheme> {
        match kind {
            GroupKind::NotJudged | GroupKind::Trained | GroupKind::Unknown => None,
            GroupKind::Constant(value) => Some(Scheme::Constant(*value)),
            GroupKind::Pattern(scheme) => Some(*scheme),
            GroupKind::Orthogonal { gain, .. } => Some(Scheme::Orthogonal { gain: (*gain).into() }),
            GroupKind::Drawn(schemes) => candidates::scheme_of(schemes.first()?, &self.member(at)?),
        }
    }

    /// The standard deviation of an odd tensor over that which the scheme of most tensors of its pattern gives its shape.
    fn ratio(&self, groups: &[TensorGroup], odd: &TensorGroup, at: usize) -> f64 {
        let same = |group: &&TensorGroup| group.pattern == odd.pattern && !group.is_odd;
        let usual = groups.iter().filter(same).max_by_key(|group| group.tensors.len());
        let (Some(usual), Some(summary)) = (usual, &self.summaries[at]) else { return f64::NAN };
        if let GroupKind::Constant(value) = usual.kind {
            return summary.moments.mean / value;
        }
        let expected = match (&usual.kind, self.member(at)) {
            (GroupKind::Drawn(schemes), Some(member)) => schemes
                .first()
                .and_then(|best| candidates::scheme_of(best, &member))
                .and_then(scale_evidence::distribution)
                .map(|(family, _, scale)| family.std() * scale),
            _ => None,
        };
        let median = || {
            let mut stds: Vec<f64> = usual
                .tensors
                .iter()
                .filter_map(|&at| self.summaries[at].as_ref().map(|summary| summary.moments.std()))
                .collect();
            stds.sort_by(f64::total_cmp);
            stds[stds.len() / 2]
        };
        summary.moments.std() / expected.unwrap_or_else(median)
    }
}
