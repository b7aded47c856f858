//! The schemes that may explain the scales of a group of tensors: by fans and gains, by constants, by numbers of layers.

use nn_init::{Distribution, FanMode, Fans, Layout, Preset, Scheme};

use super::decimal::shortest_between;
use super::family::DrawnFamily;
use super::fit::FamilyFit;
use super::groups::SchemeFit;
use super::scale_evidence::GroupMember;

/// A scheme that is tried on a group.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// A text of nn-init, or the name of a preset for a bias.
    pub(super) text: String,
    source: SchemeSource,
    pub(super) layout: Layout,
    /// How unusual it is: the negative logarithm of its prior probability, up to a constant.
    pub(super) cost: f64,
    /// True if its number was read off the values.
    pub(super) is_free: bool,
}

#[derive(Clone, Copy, Debug)]
enum SchemeSource {
    Scheme(Scheme),
    /// The bias of a preset, which takes the fans of its weight.
    Bias(Preset),
}

impl Candidate {
    /// The scheme for one tensor, without fans.
    pub(super) fn scheme(&self, member: &GroupMember) -> Option<Scheme> {
        match self.source {
            SchemeSource::Scheme(scheme @ Scheme::Scaled(_)) => {
                Some(scheme.with_fans(Fans::of(member.shape, self.layout).ok()?))
            }
            SchemeSource::Scheme(scheme) => Some(scheme),
            SchemeSource::Bias(preset) => {
                let fans = Fans::of(member.weight_shape?, preset.layout).ok()?;
                Some(preset.bias?.scheme(fans))
            }
        }
    }

    /// The frameworks' layers whose default it is, for a weight of so many axes.
    pub(super) fn presets(&self, rank: usize) -> Vec<&'static str> {
        let scheme = match self.source {
            SchemeSource::Bias(preset) => return vec![preset.name],
            SchemeSource::Scheme(scheme) => scheme,
        };
        let fits = |preset: &Preset| {
            let is_kernel = preset.name.contains("conv");
            let same_layout = preset.layout == self.layout || !depends_on_order(scheme, rank);
            is_same(preset.weight, scheme) && same_layout && is_kernel == (rank > 2) && rank >= 2
        };
        Preset::all().into_iter().filter(fits).map(|preset| preset.name).collect()
    }

    fn read(text: String, layout: Layout, cost: f64) -> Option<Self> {
        let scheme = text.parse().ok()?;
        Some(Self { text, source: SchemeSource::Scheme(scheme), layout, cost, is_free: false })
    }
}

/// The scheme that a fit stands for at the shape of one tensor, without fans.
pub(super) fn scheme_of(fit: &SchemeFit, member: &GroupMember) -> Option<Scheme> {
    let source = match fit.text.parse() {
        Ok(scheme) => SchemeSource::Scheme(scheme),
        Err(_) => SchemeSource::Bias(fit.text.parse().ok()?),
    };
    let (text, layout) = (fit.text.clone(), fit.layout);
    Candidate { text, source, layout, cost: 0.0, is_free: false }.scheme(member)
}

/// True if the order of axes changes the scale of a weight of so many axes.
fn depends_on_order(scheme: Scheme, rank: usize) -> bool {
    match scheme {
        Scheme::Scaled(scaling) => rank > 2 || !matches!(scaling.mode, FanMode::FanAvg | FanMode::FanGeoAvg),
        _ => false,
    }
}

/// True if two schemes draw the same: gains are compared by value.
fn is_same(a: Scheme, b: Scheme) -> bool {
    match (a, b) {
        (Scheme::Scaled(a), Scheme::Scaled(b)) => {
            let same_gain = (a.gain.value() / b.gain.value() - 1.0).abs() < 1e-12;
            same_gain && a.mode == b.mode && a.distribution == b.distribution
        }
        _ => a == b,
    }
}

/// The facts beside a group that its candidates are made from.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupContext {
    /// The numbers of different values of the numbers in its names, the number of layers probably among them.
    pub(super) counts: Vec<usize>,
    /// The sizes of axes in the file, the most frequent first.
    pub(super) sizes: Vec<usize>,
    /// True for a file of trained weights, among which only known schemes mean an initialisation.
    pub(super) is_trained: bool,
    /// The schemes that are sure in other groups.
    pub(super) usual: Vec<String>,
}

/// The logarithm by which a scheme of other groups is likelier.
const USUAL: f64 = 4.0;

/// All candidates of a family, for a group whose typical tensor is `typical`, with its fit of this family.
pub(super) fn of_family(typical: &GroupMember, fit: &FamilyFit, context: &GroupContext) -> Vec<Candidate> {
    let mut candidates = vec![];
    if typical.zeros > 0 {
        candidates.extend(sparse(typical, fit));
        return candidates;
    }
    if fit.mean == 0.0 {
        candidates.extend(by_fan(typical, fit));
        candidates.extend(biases(typical, fit.family));
        candidates.extend(by_count(fit, context));
        candidates.extend(by_size(typical, fit, context));
    }
    candidates.extend(constants(typical, fit));
    for candidate in &mut candidates {
        let is_usual = context.usual.contains(&candidate.text);
        candidate.cost += if fit.family == RARE { 2.5 } else { 0.0 } - if is_usual { USUAL } else { 0.0 };
    }
    candidates
}

/// A cut that few libraries use.
const RARE: DrawnFamily = DrawnFamily::Truncated { cut: 3.0 };

/// Gains with their costs.
const GAINS: [(&str, f64); 4] = [("1", 0.5), ("relu", 0.5), ("tanh", 2.0), ("0.5", 4.0)];

fn by_fan(member: &GroupMember, fit: &FamilyFit) -> Vec<Candidate> {
    let Some(distribution) = distribution(fit.family) else { return vec![] };
    let layouts = [(Layout::OUT_IN, 0.0), (Layout::IN_OUT, 1.0)];
    let mut candidates = vec![];
    for (layout, layout_cost) in layouts {
        let Ok(fans) = Fans::of(member.shape, layout) else { continue };
        for (mode, mode_cost) in [
            (FanMode::FanIn, 0.5),
            (FanMode::FanOut, 2.0),
            (FanMode::FanAvg, 0.5),
            (FanMode::FanGeoAvg, 4.0),
            (FanMode::Spectral, 4.0),
        ] {
            let cost = layout_cost + mode_cost;
            for (gain, gain_cost) in GAINS {
                let text = scaled_text(gain, mode, distribution);
                candidates.extend(Candidate::read(text, layout, cost + gain_cost));
            }
            // A gain of the user's own, to as many digits as the values tell.
            let gain = fit.std() * fans.by(mode).sqrt();
            let error = error_of(member, fit) * gain;
            let (gain, digits) = shortest_between(gain - error, gain + error);
            let free = Candidate::read(scaled_text(&gain.to_string(), mode, distribution), layout, cost);
            candidates.extend(free.map(|free| Candidate {
                cost: cost + 4.0 + 2.3 * digits as f64,
                is_free: true,
                ..free
            }));
        }
        candidates.extend(named_by_fan(fans, fit, layout, layout_cost));
    }
    candidates
}

/// Schemes by fan that have a form of their own.
fn named_by_fan(fans: Fans, fit: &FamilyFit, layout: Layout, cost: f64) -> Vec<Candidate> {
    let texts = match fit.family {
        DrawnFamily::Uniform => vec![
            ("kaiming_uniform(a=sqrt(5))".to_owned(), 0.0),
            ("siren_first".to_owned(), 3.0),
            ("siren(30)".to_owned(), 3.0),
        ],
        DrawnFamily::Normal => {
            let head = (fit.std() * fans.fan_in.sqrt()).powi(-2).round();
            let is_size = (2.0..=1024.0).contains(&head) && head.rem_euclid(8.0) == 0.0;
            is_size.then(|| (format!("t5_query({head})"), 5.0)).into_iter().collect()
        }
        DrawnFamily::Truncated { .. } => vec![],
    };
    texts.into_iter().filter_map(|(text, more)| Candidate::read(text, layout, cost + more)).collect()
}

fn distribution(family: DrawnFamily) -> Option<Distribution> {
    match family {
        DrawnFamily::Normal => Some(Distribution::Normal),
        DrawnFamily::Uniform => Some(Distribution::Uniform),
        DrawnFamily::Truncated { cut } => (cut == 2.0).then_some(Distribution::TruncatedNormal),
    }
}

/// Variance scaling by the name that papers give it, or as `scaled`.
fn scaled_text(gain: &str, mode: FanMode, distribution: Distribution) -> String {
    match (mode, distribution, gain) {
        (FanMode::FanAvg, Distribution::Normal, "1") => "xavier_normal".to_owned(),
        (FanMode::FanAvg, Distribution::Uniform, "1") => "xavier_uniform".to_owned(),
        (FanMode::FanAvg, Distribution::Normal, gain) => format!("xavier_normal({gain})"),
        (FanMode::FanAvg, Distribution::Uniform, gain) => format!("xavier_uniform({gain})"),
        (FanMode::FanIn | FanMode::FanOut, Distribution::Normal, gain) => {
            format!("kaiming_normal({mode}, {gain})")
        }
        (FanMode::FanIn | FanMode::FanOut, Distribution::Uniform, gain) => {
            format!("kaiming_uniform({mode}, {gain})")
        }
        (FanMode::FanIn, Distribution::TruncatedNormal, "1") => "lecun_normal".to_owned(),
        (FanMode::FanIn, Distribution::TruncatedNormal, "relu") => "he_normal".to_owned(),
        (FanMode::FanAvg, Distribution::TruncatedNormal, "1") => "glorot_normal".to_owned(),
        _ => format!("scaled({gain}, {mode}, {distribution})"),
    }
}

/// Biases that take the fans of their weight.
fn biases(member: &GroupMember, family: DrawnFamily) -> Vec<Candidate> {
    let Some(weight) = member.weight_shape else { return vec![] };
    let names: &[(&str, f64)] = match family {
        DrawnFamily::Uniform if weight.len() > 2 => &[("torch.conv", 0.0)],
        DrawnFamily::Uniform => &[("torch.linear", 0.0), ("burn.linear", 1.5)],
        DrawnFamily::Normal => &[("burn.rnn", 3.0)],
        DrawnFamily::Truncated { .. } => &[],
    };
    let candidate = |&(name, cost): &(&str, f64)| {
        let preset: Preset = name.parse().ok()?;
        let source = SchemeSource::Bias(preset);
        Some(Candidate { text: name.to_owned(), source, layout: preset.layout, cost, is_free: false })
    };
    names.iter().filter_map(candidate).collect()
}

/// The distribution around 0 whose scale is an expression.
fn centred_text(family: DrawnFamily, scale: &str) -> String {
    match family {
        DrawnFamily::Normal => format!("normal(0, {scale})"),
        DrawnFamily::Uniform => format!("uniform(-{scale}, {scale})"),
        DrawnFamily::Truncated { cut } => {
            let cut = shortest_between(cut * 0.999, cut * 1.001).0;
            format!("truncated_normal(0, {scale}, -{cut}*{scale}, {cut}*{scale})")
        }
    }
}

/// GPT-2's scale at the end of a residual branch, by the number of blocks.
fn by_count(fit: &FamilyFit, context: &GroupContext) -> Vec<Candidate> {
    if fit.family == DrawnFamily::Uniform {
        return vec![];
    }
    let bases = [("0.02", 2.0), ("0.01", 4.0), ("1", 4.0)];
    let counts = context.counts.iter().filter(|count| **count > 1);
    counts
        .flat_map(|count| bases.map(|(base, cost)| (format!("{base}/sqrt(2*{count})"), cost)))
        .filter_map(|(scale, cost)| Candidate::read(centred_text(fit.family, &scale), Layout::OUT_IN, cost))
        .collect()
}

/// One over the root of a size that occurs in the file: T5's `d_model^-0.5`, the bound of PyTorch's recurrent layers.
fn by_size(member: &GroupMember, fit: &FamilyFit, context: &GroupContext) -> Vec<Candidate> {
    let size = fit.scale.powi(-2);
    let tolerance = 2.0 * size * 5.0 * error_of(member, fit);
    let near = |candidate: &&usize| (**candidate as f64 - size).abs() <= tolerance.max(1e-3 * size);
    let sizes = context.sizes.iter().filter(|size| **size > 1);
    let candidates = sizes.filter(near).take(4).filter_map(|size| {
        let text = centred_text(fit.family, &format!("1/sqrt({size})"));
        Candidate::read(text, Layout::OUT_IN, 4.0)
    });
    candidates.collect()
}

/// The relative error within which a number is read off the values.
fn error_of(member: &GroupMember, fit: &FamilyFit) -> f64 {
    (2.0 * fit.scale_error / fit.scale).max(member.rounding)
}

/// Constants in as few digits as the values allow.
fn constants(member: &GroupMember, fit: &FamilyFit) -> Vec<Candidate> {
    let error = error_of(member, fit) * fit.scale;
    // The typical tensor of a group may be off by more errors than the group.
    let mut intervals: Vec<(f64, f64)> =
        [1.0, 2.5].map(|errors| (fit.scale - errors * error, fit.scale + errors * error)).to_vec();
    if fit.family.bound().is_finite() && fit.mean == 0.0 {
        let least = member.reach * (1.0 - member.rounding) / fit.family.bound();
        intervals.push((least, least + (fit.scale - least).max(0.0) * 4.0 + error));
    }
    let mut candidates = vec![];
    for (lo, hi) in intervals {
        let (scale, digits) = shortest_between(lo, hi);
        let text = match fit.family {
            _ if fit.mean == 0.0 => centred_text(fit.family, &scale.to_string()),
            DrawnFamily::Normal => format!("normal({}, {scale})", mean_text(member, fit)),
            DrawnFamily::Uniform => format!("uniform({}, {})", fit.mean - scale, fit.mean + scale),
            DrawnFamily::Truncated { cut } => {
                let (lo, hi) = (fit.mean - cut * scale, fit.mean + cut * scale);
                format!("truncated_normal({}, {scale}, {lo}, {hi})", fit.mean)
            }
        };
        let cost = match scale {
            0.02 | 0.01 | 1.0 => 1.0,
            0.1 | 0.05 | 0.001 => 3.0,
            _ => 2.0 + 2.3 * digits as f64,
        };
        let read = Candidate::read(text, Layout::OUT_IN, cost);
        candidates.extend(read.map(|read| Candidate { is_free: digits > 1 || fit.mean != 0.0, ..read }));
    }
    candidates
}

fn mean_text(member: &GroupMember, fit: &FamilyFit) -> f64 {
    let error = 2.0 * fit.std() / member.count.sqrt();
    let (mean, _) = shortest_between(fit.mean.abs() - error, fit.mean.abs() + error);
    mean * fit.mean.signum()
}

/// A share of zeros in each column.
fn sparse(member: &GroupMember, fit: &FamilyFit) -> Option<Candidate> {
    let [outputs, inputs] = member.shape else { return None };
    if fit.family != DrawnFamily::Normal || *inputs == 0 || !member.zeros.is_multiple_of(*inputs) {
        return None;
    }
    let (per_input, outputs) = ((member.zeros / inputs) as f64, *outputs as f64);
    let (sparsity, _) = shortest_between((per_input - 1.0 + 1e-6) / outputs, per_input / outputs);
    let error = error_of(member, fit) * fit.scale;
    let (std, _) = shortest_between(fit.scale - error, fit.scale + error);
    Candidate::read(format!("sparse({sparsity}, {std})"), Layout::OUT_IN, 2.0)
}
