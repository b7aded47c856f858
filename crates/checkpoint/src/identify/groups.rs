//! The scheme of a group of tensors, chosen over all their shapes, and the members that differ from the others.

use nn_init::{Layout, Scheme};

use super::candidates::{self, Candidate, GroupContext};
use super::family::DrawnFamily;
use super::fit::{FamilyFit, std_error};
use super::origin::TensorOrigin;
use super::scale_evidence::{GroupMember, distribution};

/// Tensors whose names have the same pattern and which have the same scheme.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorGroup {
    /// The name, with `{i}`, `{j}`… for numbers that differ.
    pub pattern: String,
    /// The places of the tensors in the file.
    pub tensors: Vec<usize>,
    /// The origin that they have in common.
    pub kind: GroupKind,
    /// True if the tensors differ from most others of their pattern.
    pub is_odd: bool,
}

/// The origin of the tensors of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupKind {
    /// Not judged.
    NotJudged,
    /// One value everywhere.
    Constant(f64),
    /// An identity or a Dirac kernel.
    Pattern(Scheme),
    /// Orthogonal matrices times a gain.
    Orthogonal {
        /// The factor.
        gain: f64,
        /// See [`TensorOrigin::Orthogonal`].
        is_certain: bool,
    },
    /// Independent values: the schemes that explain them, the likeliest first; one at least.
    Drawn(Vec<SchemeFit>),
    /// Trained weights. They are no initialisation and not judged as one.
    Trained,
    /// Values of no known initialisation in a file that is not trained.
    Unknown,
}

/// A scheme that agrees with a group.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemeFit {
    /// The scheme as a text that nn-init reads; for a bias with the fans of its weight, the name of a preset.
    pub text: String,
    /// The order of axes by which its fans are counted.
    pub layout: Layout,
    /// Other schemes that draw the same for the shapes of this group: fan-out beside fan-in for square matrices.
    pub same: Vec<String>,
    /// The layers of frameworks whose default it is.
    pub presets: Vec<&'static str>,
    /// The family of its distribution.
    pub family: DrawnFamily,
    /// The logarithm of its posterior probability, up to a constant of the group: differences say how much likelier one scheme
    /// is than another.
    pub score: f64,
    /// The largest distance of a tensor's scale from that of the scheme, in standard errors.
    pub deviation: f64,
    /// True if a number of it was read off the values, so that nothing is explained.
    pub is_free: bool,
}

impl SchemeFit {
    /// The text of a rule: the preset's name where fans decide and a default fits, else the scheme.
    pub fn rule_text(&self) -> &str {
        let by_fan = self.text.parse().is_ok_and(|scheme| matches!(scheme, Scheme::Scaled(_)));
        self.presets.first().filter(|_| by_fan).copied().unwrap_or(&self.text)
    }
}

impl GroupKind {
    /// The likeliest scheme of independent values.
    pub fn best(&self) -> Option<&SchemeFit> {
        match self {
            Self::Drawn(schemes) => schemes.first(),
            _ => None,
        }
    }

    /// The logarithm of how much likelier the best scheme is than the next; ∞ if there is no other.
    pub fn evidence(&self) -> f64 {
        match self {
            Self::Drawn(schemes) if schemes.len() > 1 => schemes[0].score - schemes[1].score,
            _ => f64::INFINITY,
        }
    }
}

/// Schemes that are less likely than the best by this logarithm are not listed: 1 in 1,000.
const LISTED: f64 = 6.9;

/// The scheme of members of one pattern, as groups: the first has most of them.
pub(super) fn drawn(members: Vec<GroupMember>, context: &GroupContext) -> Vec<(Vec<SchemeFit>, Vec<usize>)> {
    let mut rest = members;
    let mut groups = vec![];
    while !rest.is_empty() {
        let (fits, explained) = best_of(&rest, context);
        let (taken, left): (Vec<GroupMember>, Vec<GroupMember>) =
            rest.into_iter().partition(|member| explained.contains(&member.at));
        groups.push((fits, taken.iter().map(|member| member.at).collect()));
        rest = left;
    }
    groups
}

/// A candidate with the members that it explains.
struct Trial {
    candidate: Candidate,
    family: DrawnFamily,
    explained: Vec<usize>,
    score: f64,
    deviation: f64,
}

/// The schemes that explain the most members, and these.
fn best_of(members: &[GroupMember], context: &GroupContext) -> (Vec<SchemeFit>, Vec<usize>) {
    let mut trials: Vec<Trial> =
        all_candidates(members, context).into_iter().map(|candidate| trial(candidate, members)).collect();
    let is_known = |trial: &Trial| !trial.candidate.is_free && !trial.explained.is_empty();
    if context.is_trained && trials.iter().any(is_known) {
        trials.retain(is_known);
    }
    let most = trials.iter().map(|trial| trial.explained.len()).max().unwrap_or(0);
    trials.retain(|trial| trial.explained.len() == most);
    trials.sort_by(|a, b| b.score.total_cmp(&a.score));
    let Some(best) = trials.first().filter(|_| most > 0) else {
        // Its own scale explains each tensor, up to roundings of texts.
        return (vec![], members.iter().map(|member| member.at).collect());
    };
    let (least, explained) = (best.score - LISTED, best.explained.clone());
    let rank = members.first().map_or(0, |member| member.shape.len());
    trials.retain(|trial| trial.score >= least && trial.explained == explained);
    let trials = distinct(trials, members);
    let fit = |(trial, same): (Trial, Vec<String>)| SchemeFit {
        same,
        presets: trial.candidate.presets(rank),
        text: trial.candidate.text,
        layout: trial.candidate.layout,
        family: trial.family,
        score: trial.score,
        deviation: trial.deviation,
        is_free: trial.candidate.is_free,
    };
    (trials.into_iter().map(fit).collect(), explained)
}

/// Candidates with the texts of others behind them that give every member the same scheme.
fn distinct(trials: Vec<Trial>, members: &[GroupMember]) -> Vec<(Trial, Vec<String>)> {
    let mut kept: Vec<(Vec<[f64; 3]>, Trial, Vec<String>)> = vec![];
    for trial in trials {
        let explained = members.iter().filter(|member| trial.explained.contains(&member.at));
        let drawn = explained.filter_map(|member| distribution(trial.candidate.scheme(member)?));
        let drawn: Vec<[f64; 3]> =
            drawn.map(|(family, mean, scale)| [family.bound().min(9.0), mean, scale]).collect();
        let near = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs());
        let equal = |(other, ..): &&mut (Vec<[f64; 3]>, Trial, Vec<String>)| {
            other.iter().zip(&drawn).all(|(a, b)| near(a, b))
        };
        match kept.iter_mut().find(equal) {
            Some((_, first, same)) => {
                let text = trial.candidate.text;
                if text != first.candidate.text && !same.contains(&text) {
                    same.push(text);
                }
            }
            None => kept.push((drawn, trial, vec![])),
        }
    }
    kept.into_iter().map(|(_, trial, same)| (trial, same)).collect()
}

/// So many members, the largest ones, give free numbers to candidates.
const TYPICAL: usize = 8;

/// Candidates of each family that some member allows; free numbers come from the largest members, and from all as one.
fn all_candidates(members: &[GroupMember], context: &GroupContext) -> Vec<Candidate> {
    let mut families: Vec<DrawnFamily> = vec![];
    for fit in members.iter().flat_map(|member| member.fits) {
        if !families.contains(&fit.family) {
            families.push(fit.family);
        }
    }
    // Cuts that were read off the values differ from tensor to tensor.
    families.truncate(DrawnFamily::COMMON.len() + 3);
    let mut candidates = vec![];
    for family in families {
        let fitted = members.iter().filter_map(|member| {
            member.fits.iter().find(|fit| fit.family == family).map(|fit| (member, fit))
        });
        let mut fitted: Vec<_> = fitted.collect();
        fitted.sort_by(|a, b| b.0.count.total_cmp(&a.0.count));
        for (member, fit) in fitted.iter().take(TYPICAL) {
            candidates.extend(candidates::of_family(member, fit, context));
        }
        if fitted.len() > 1 {
            let (all, fit) = pooled(&fitted);
            candidates.extend(candidates::of_family(&all, &fit, context));
        }
    }
    candidates
}

/// Values end before their bound by more average gaps than these once in 3,000 tensors.
const GAPS: f64 = 8.0;

/// All members as one with a common scale.
fn pooled<'a>(fitted: &[(&GroupMember<'a>, &FamilyFit)]) -> (GroupMember<'a>, FamilyFit) {
    let count: f64 = fitted.iter().map(|(member, _)| member.count).sum();
    let reach = fitted.iter().map(|(member, _)| member.reach).fold(0.0, f64::max);
    let square = fitted.iter().map(|(member, fit)| member.count / count * fit.scale * fit.scale).sum::<f64>();
    let (member, fit) = fitted[0];
    let family = fit.family;
    // A common bound is beyond all values, and not too far beyond those of any member.
    let end = |member: &GroupMember, gaps: f64| {
        let gap = gaps / (member.count * family.density_at_bound()) / family.bound();
        member.reach * (1.0 + member.rounding) * (1.0 + gap)
    };
    let least = fitted.iter().map(|(member, _)| member.reach * (1.0 - member.rounding)).fold(0.0, f64::max);
    let most = fitted.iter().map(|(member, _)| end(member, GAPS)).fold(f64::INFINITY, f64::min);
    let width = (most - least) / (most + least);
    let error = std_error(family, count);
    let (scale, relative) = match family.bound() {
        bound if bound.is_finite() && (0.0..error).contains(&width) => {
            ((least + most) / 2.0 / bound, width / 2.0)
        }
        _ => (square.sqrt(), error),
    };
    let all = GroupMember { count, reach, rounding: 0.0, ..(*member).clone() };
    (all, FamilyFit { scale, scale_error: scale * relative, ..*fit })
}

fn trial(candidate: Candidate, members: &[GroupMember]) -> Trial {
    let (mut explained, mut score, mut deviation) = (vec![], -candidate.cost, 0_f64);
    let mut family = DrawnFamily::Normal;
    for member in members {
        let scheme = candidate.scheme(member);
        let Some(evidence) = scheme.and_then(|scheme| member.evidence(scheme)) else { continue };
        if let Some((drawn, ..)) = scheme.and_then(distribution) {
            family = drawn;
        }
        explained.push(member.at);
        score += evidence.log_likelihood;
        deviation = deviation.max(evidence.deviation);
    }
    Trial { candidate, family, explained, score, deviation }
}

/// A key by which members of one pattern are told apart before schemes are tried.
pub(super) fn same_kind(a: &TensorOrigin, b: &TensorOrigin) -> bool {
    match (a, b) {
        (TensorOrigin::Constant(a), TensorOrigin::Constant(b)) => a == b,
        (TensorOrigin::Pattern(a), TensorOrigin::Pattern(b)) => a == b,
        (TensorOrigin::Orthogonal { gain: a, .. }, TensorOrigin::Orthogonal { gain: b, .. }) => {
            (a / b - 1.0).abs() < 1e-3
        }
        (TensorOrigin::Drawn(a), TensorOrigin::Drawn(b)) => {
            (a.sparsity > 0.0) == (b.sparsity > 0.0) && a.zero_rows == b.zero_rows
        }
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
