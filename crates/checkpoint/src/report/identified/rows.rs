//! The rows of the table: a group of tensors each.

use diagnostics::{TextTable, significant};
use nn_init::Scheme;

use super::IdentifyReport;
use crate::report::rows::range;
use crate::{GroupKind, SchemeFit, TensorGroup, TensorOrigin, UnknownReason};

/// So many rows of zeros are listed.
const LISTED: usize = 6;

/// Other schemes are named beside the best up to so many characters; the others are counted.
const ROOM: usize = 36;

impl IdentifyReport {
    /// The table of all tensors, those of a group in one row.
    pub(super) fn table(&self) -> TextTable {
        let mut groups: Vec<&TensorGroup> = self.found.groups.iter().collect();
        groups.sort_by_key(|group| place(&group.kind));
        let column = |heading: &str, cell: &dyn Fn(&TensorGroup) -> String| {
            (heading.to_owned(), groups.iter().map(|group| cell(group)).collect::<Vec<String>>())
        };
        let count = |group: &TensorGroup| match group.tensors.len() {
            1 => String::new(),
            count => format!("×{count}"),
        };
        let columns = vec![
            column("tensor", &|group| self.name(group)),
            column("", &count),
            column("shape", &|group| self.shapes(group)),
            column("std", &|group| self.std(group)),
            column("drawn from", &|group| self.drawn_from(group)),
        ];
        let bad: Vec<bool> =
            groups.iter().map(|group| group.is_odd && group.kind != GroupKind::NotJudged).collect();
        TextTable::of(columns, &bad)
    }

    /// The pattern, or the names of tensors that do not have it for themselves.
    fn name(&self, group: &TensorGroup) -> String {
        let name = |at: usize| self.tensors[at].name.as_str();
        let same = self.found.groups.iter().filter(|other| other.pattern == group.pattern);
        match (&group.tensors[..], same.max_by_key(|other| other.tensors.len())) {
            ([one], _) => name(*one).to_owned(),
            (_, Some(largest)) if largest == group => group.pattern.clone(),
            (several, _) => format!("{} and {} more", name(several[0]), several.len() - 1),
        }
    }

    fn shapes(&self, group: &TensorGroup) -> String {
        let text = |at: usize| {
            let sizes: Vec<String> = self.tensors[at].shape.iter().map(usize::to_string).collect();
            let size = if sizes.is_empty() { "scalar".to_owned() } else { sizes.join("×") };
            format!("{size} {}", self.tensors[at].dtype)
        };
        let mut shapes: Vec<String> = group.tensors.iter().map(|&at| text(at)).collect();
        shapes.dedup();
        match &shapes[..] {
            [one] => one.clone(),
            [first, .., last] if first != last => format!("{first} … {last}"),
            [first, ..] => format!("{first}, …"),
            [] => String::new(),
        }
    }

    /// The measured standard deviation: with its error, if the scheme gives all tensors the same; the smallest and the largest
    /// otherwise.
    fn std(&self, group: &TensorGroup) -> String {
        if let Some((std, error)) = self.common_std(group) {
            return with_error(std, error);
        }
        let summaries = group.tensors.iter().filter_map(|&at| self.summaries[at].as_ref());
        match group.kind {
            GroupKind::Constant(_) | GroupKind::NotJudged => String::new(),
            _ => range(summaries.map(|summary| summary.moments.std())),
        }
    }

    /// The standard deviation of all tensors of a group together, and its standard error.
    pub(super) fn common_std(&self, group: &TensorGroup) -> Option<(f64, f64)> {
        let best = group.kind.best()?;
        let schemes = || group.tensors.iter().map(|&at| self.found.tensors[at].scheme);
        let first = schemes().next()??;
        if schemes().any(|scheme| scheme != Some(first)) {
            return None;
        }
        let (mut weights, mut sum) = (0.0, 0.0);
        for &at in &group.tensors {
            let fits = self.found.tensors[at].origin.fits();
            let fit = fits.iter().find(|fit| fit.family == best.family)?;
            let weight = (fit.scale_error * fit.family.std()).powi(-2);
            weights += weight;
            sum += weight * fit.std();
        }
        let (std, error): (f64, f64) = (sum / weights, f64::sqrt(1.0 / weights));
        (std.is_finite() && error > 0.0).then_some((std, error))
    }

    /// The best scheme and the layer whose default it is, other schemes that the values do not exclude, and what is odd.
    pub(super) fn drawn_from(&self, group: &TensorGroup) -> String {
        let text = match &group.kind {
            GroupKind::NotJudged => self.reason_not_judged(group),
            GroupKind::Constant(value) => Scheme::Constant(*value).to_string(),
            GroupKind::Pattern(scheme) => scheme.to_string(),
            GroupKind::Orthogonal { gain, is_certain } => {
                let scheme = Scheme::Orthogonal { gain: (*gain).into() };
                let doubt = if *is_certain { "" } else { ", or rows of equal length" };
                format!("{scheme}{doubt}")
            }
            GroupKind::Drawn(schemes) => schemes_text(schemes) + &self.zeros(group),
            GroupKind::Trained => "trained".to_owned(),
            GroupKind::Unknown => self.unknown(group),
        };
        match self.odd_text(group) {
            Some(odd) => format!("{text}  ← {odd}"),
            None => text,
        }
    }

    fn reason_not_judged(&self, group: &TensorGroup) -> String {
        let first = &self.tensors[group.tensors[0]];
        if first.dtype.is_judged() {
            "no values".to_owned()
        } else {
            format!("not judged: values of type {}", first.dtype)
        }
    }

    /// The values that are 0 without having been drawn.
    fn zeros(&self, group: &TensorGroup) -> String {
        match &self.found.tensors[group.tensors[0]].origin {
            TensorOrigin::Drawn(drawn) if !drawn.zero_rows.is_empty() => {
                let rows: Vec<String> = drawn.zero_rows.iter().take(LISTED).map(usize::to_string).collect();
                let more = if drawn.zero_rows.len() > LISTED { ", …" } else { "" };
                let (noun, verb) = if drawn.zero_rows.len() == 1 { ("row", "is") } else { ("rows", "are") };
                format!("; {noun} {}{more} {verb} 0", rows.join(", "))
            }
            TensorOrigin::Drawn(drawn) if drawn.sparsity > 0.0 => {
                format!("; {}% of the values are 0", significant(100.0 * drawn.sparsity, 3))
            }
            _ => String::new(),
        }
    }

    /// The reason why the values of a group are no known initialisation.
    fn unknown(&self, group: &TensorGroup) -> String {
        let summaries = || group.tensors.iter().filter_map(|&at| self.summaries[at].as_ref());
        let why = match self.found.tensors[group.tensors[0]].origin {
            TensorOrigin::Unknown(UnknownReason::NotFinite) => "some values are NaN or infinite".to_owned(),
            TensorOrigin::Unknown(UnknownReason::Distribution) => {
                let min = summaries().map(|summary| summary.min).fold(f64::INFINITY, f64::min);
                let max = summaries().map(|summary| summary.max).fold(f64::NEG_INFINITY, f64::max);
                let [min, max] = [min, max].map(|x| significant(x, 3));
                format!("no initialisation draws such values, from {min} to {max}")
            }
            TensorOrigin::Unknown(UnknownReason::Lines) => {
                "rows or columns differ more, or less, than independent values".to_owned()
            }
            _ => "no scheme explains the scale".to_owned(),
        };
        format!("unknown: {why}")
    }

    /// The difference of an odd group from the others of its pattern.
    fn odd_text(&self, group: &TensorGroup) -> Option<String> {
        if !group.is_odd || group.kind == GroupKind::NotJudged {
            return None;
        }
        let is_usual = |other: &&TensorGroup| other.pattern == group.pattern && !other.is_odd;
        let usual = self.found.groups.iter().filter(is_usual).max_by_key(|other| other.tensors.len());
        // The ratio is that of means where the others are constant.
        let quantity = match usual.map(|usual| &usual.kind) {
            Some(GroupKind::Constant(_)) => "mean",
            _ => "std",
        };
        let ratios = group.tensors.iter().filter_map(|&at| self.found.tensors[at].odd_ratio);
        let ratios: Vec<f64> = ratios.filter(|ratio| ratio.is_finite() && *ratio != 0.0).collect();
        let ratio = range(ratios.iter().copied());
        Some(match ratio.as_str() {
            "" => "odd: unlike the others".to_owned(),
            "1" => format!("odd: unlike the others, although its {quantity} is the same"),
            _ => format!("odd: {ratio}× the others' {quantity}"),
        })
    }
}

/// What was drawn comes first, then what was trained, constants, and what is not judged.
fn place(kind: &GroupKind) -> usize {
    match kind {
        GroupKind::Drawn(_) | GroupKind::Orthogonal { .. } | GroupKind::Unknown => 0,
        GroupKind::Trained => 1,
        GroupKind::Constant(_) | GroupKind::Pattern(_) => 2,
        GroupKind::NotJudged => 3,
    }
}

/// The best scheme, the layers whose default it is, and others that the values do not exclude, as far as there is room.
fn schemes_text(schemes: &[SchemeFit]) -> String {
    let Some((best, others)) = schemes.split_first() else { return String::new() };
    let mut text = named(best);
    let mut others: Vec<String> =
        best.same.iter().cloned().chain(others.iter().map(named)).filter(|other| *other != text).collect();
    others.dedup();
    if best.is_free {
        text += ", no known default";
    }
    let mut left = others.len();
    for other in others {
        if text.len() + other.len() > ROOM {
            break;
        }
        text += &format!(" or {other}");
        left -= 1;
    }
    if left > 0 {
        text += &format!(" or {left} more");
    }
    text
}

/// A scheme and the first layer whose default it is.
fn named(fit: &SchemeFit) -> String {
    match fit.presets.first() {
        _ if fit.text.parse::<Scheme>().is_err() => format!("{}'s bias", fit.text),
        Some(preset) => format!("{} ({preset})", fit.text),
        None => fit.text.clone(),
    }
}

/// A number with its error, to the first digit of the error: `0.0200 ± 0.0001`.
fn with_error(value: f64, error: f64) -> String {
    let decimals = -error.log10().floor();
    if error < value * 1e-5 {
        return significant(value, 5);
    }
    if !(0.0..=9.0).contains(&decimals) || value < 1e-4 {
        return format!("{} ± {}", significant(value, 2), significant(error, 1));
    }
    let decimals = decimals as usize;
    format!("{value:.decimals$} ± {error:.decimals$}")
}
