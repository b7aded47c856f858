//! Files of weights held to rules: one call, and its result in every form.

mod against;
mod copies;
mod identified;
mod json;
mod junit;
#[cfg(feature = "plot")]
mod page;
mod rows;
mod text;

use std::collections::HashSet;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fmt, iter, thread};

use nn_init::Scheme;

use crate::judge::is_of_another_depth;
pub use against::{ComparedFiles, ComparedTensor, Relation};
pub use copies::Copies;
pub use identified::{IdentifyReport, SeedSearch};

use crate::files::config_beside;
use crate::{
    CheckKind, CheckedTensor, Checkpoint, CheckpointError, FALSE_ALARMS, MeasureOptions, Mention, NameRules,
    ResolvedRules, RuleSettings, RulesError, TensorFinding, TensorInfo, TensorSummary, grouped_findings,
    judge_tensors,
};

/// Files of weights beside what their rules expect.
///
/// ```no_run
/// use checkpoint::{CheckReport, ShippedRules};
///
/// // A test of your own, in one line.
/// CheckReport::read(&["model.safetensors"], &ShippedRules::named("hf/gpt2").unwrap().rules())?.assert_clean();
/// # Ok::<(), checkpoint::CheckError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// The files.
    pub files: Vec<String>,
    /// The tensors, in the order of the files.
    pub tensors: Vec<TensorInfo>,
    /// The statistics of each tensor; `None` for types that are not judged.
    pub summaries: Vec<Option<TensorSummary>>,
    /// What the rules say of each tensor.
    pub resolved: ResolvedRules,
    /// The probability that a file as expected has a finding.
    pub false_alarms: f64,
    /// The findings, those with one cause in many tensors joined.
    pub findings: Vec<TensorFinding>,
}

/// Files or rules that cannot be used: one line that says what, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckError(String);

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CheckError {}

impl From<CheckpointError> for CheckError {
    fn from(error: CheckpointError) -> Self {
        Self(error.to_string())
    }
}

impl From<RulesError> for CheckError {
    fn from(error: RulesError) -> Self {
        Self(error.to_string())
    }
}

/// The number of random vectors that a matrix is multiplied with to see whether it is orthogonal.
const PROJECTIONS: usize = 4;

impl CheckReport {
    /// Holds the files of one model to rules, with a `config.json` beside the first file if there is one, and at the usual
    /// rate of false alarms.
    ///
    /// # Errors
    /// If a file cannot be read or is damaged, or a constant of the rules has no value.
    pub fn read<P: AsRef<Path>>(paths: &[P], rules: &NameRules) -> Result<Self, CheckError> {
        let checkpoint = Checkpoint::open(paths)?;
        let config = paths.first().and_then(|path| config_beside(path.as_ref()));
        let settings = RuleSettings { config: config.as_deref(), ..RuleSettings::default() };
        Self::of(&checkpoint, rules, &settings, FALSE_ALARMS, |_, _| ())
    }

    /// Holds an opened checkpoint to rules. `progress` gets the number of bytes measured so far, and that of all.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn of(
        checkpoint: &Checkpoint,
        rules: &NameRules,
        settings: &RuleSettings<'_>,
        false_alarms: f64,
        progress: impl FnMut(u64, u64) + Send,
    ) -> Result<Self, CheckError> {
        let resolved = rules.resolve(checkpoint.tensors(), settings)?;
        let orthogonal = names_of_orthogonal(checkpoint.tensors(), &resolved);
        let projections =
            |tensor: &TensorInfo| if orthogonal.contains(tensor.name.as_str()) { PROJECTIONS } else { 0 };
        let options = MeasureOptions { projections: &projections, ..MeasureOptions::default() };
        let summaries = checkpoint.measure_with(&options, progress)?;
        let files = checkpoint.files().map(|path| path.display().to_string()).collect();
        Ok(Self::judged(files, checkpoint.tensors().to_vec(), summaries, resolved, false_alarms))
    }

    /// Holds tensors in memory to rules: each with the little-endian bytes of its values, in row-major order. They are measured
    /// on all cores. `name` is that of the whole in the report.
    ///
    /// ```
    /// use checkpoint::{CheckReport, Dtype, FALSE_ALARMS, NameRules, RuleSettings, TensorInfo};
    ///
    /// let rules = NameRules::parse("version = 1\n[[rule]]\nmatch = \"bias\"\nscheme = \"zeros\"")?;
    /// let bias = TensorInfo { name: "bias".to_owned(), dtype: Dtype::F32, shape: vec![2] };
    /// let bytes = [0.0_f32, 0.5].map(f32::to_le_bytes).concat();
    /// let report = CheckReport::in_memory("layer", &[(bias, &bytes)], &rules, &RuleSettings::default(), FALSE_ALARMS)?;
    /// assert!(!report.is_clean());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// If a constant of the rules has no value, or a tensor has another number of bytes than its shape and type say.
    pub fn in_memory(
        name: &str,
        tensors: &[(TensorInfo, &[u8])],
        rules: &NameRules,
        settings: &RuleSettings<'_>,
        false_alarms: f64,
    ) -> Result<Self, CheckError> {
        let infos: Vec<TensorInfo> = tensors.iter().map(|(info, _)| info.clone()).collect();
        for (info, bytes) in tensors.iter().filter(|(info, _)| info.dtype.is_judged()) {
            let wanted = info.shape.iter().try_fold(info.dtype.size(), |size, &axis| size.checked_mul(axis));
            if wanted != Some(bytes.len()) {
                let TensorInfo { name, dtype, shape } = info;
                let why = format!("{name}: {} bytes for the shape {shape:?} of {dtype}", bytes.len());
                return Err(CheckError(why));
            }
        }
        let resolved = rules.resolve(&infos, settings)?;
        let orthogonal = names_of_orthogonal(&infos, &resolved);
        let summary = |&(ref info, bytes): &(TensorInfo, &[u8])| {
            let projections = if orthogonal.contains(info.name.as_str()) { PROJECTIONS } else { 0 };
            let TensorInfo { shape, dtype, .. } = info;
            let measured = || TensorSummary::with_projections(shape, dtype, bytes, projections);
            dtype.is_judged().then(measured)
        };
        let summaries = on_all_cores(tensors, summary);
        Ok(Self::judged(vec![name.to_owned()], infos, summaries, resolved, false_alarms))
    }

    /// Judges tensors that were measured before.
    ///
    /// # Panics
    /// If there is not one summary and one mention per tensor.
    pub fn judged(
        files: Vec<String>,
        tensors: Vec<TensorInfo>,
        summaries: Vec<Option<TensorSummary>>,
        resolved: ResolvedRules,
        false_alarms: f64,
    ) -> Self {
        assert!(tensors.len() == summaries.len() && tensors.len() == resolved.tensors.len());
        let mut findings = findings_of_rules(&tensors, &resolved);
        findings.extend(findings_of_values(&tensors, &summaries, &resolved, false_alarms));
        if let Some((_, layers)) = resolved.constants.iter().find(|(name, _)| *name == "layers") {
            findings
                .iter_mut()
                .for_each(|finding| finding.causes.retain(|cause| !is_of_another_depth(cause, *layers)));
        }
        let findings = grouped_findings(findings);
        Self { files, tensors, summaries, resolved, false_alarms, findings }
    }

    /// True if nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Fails a test with the report as its message if anything was found.
    ///
    /// # Panics
    /// If there is a finding.
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.is_clean(), "the weights differ from their rules:\n{}", self.findings_text());
    }

    /// The number of values that were judged.
    pub fn values(&self) -> u64 {
        self.summaries.iter().flatten().map(|summary| summary.count).sum()
    }
}

/// The results of a function, in the order of its arguments.
fn on_all_cores<T: Sync, R: Send>(all: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let places = iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        places.map_while(|at| Some((at, of(all.get(at)?)))).collect::<Vec<_>>()
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(all.len());
    let mut found: Vec<(usize, R)> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("measuring does not panic")).collect()
    });
    found.sort_unstable_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, result)| result).collect()
}

fn names_of_orthogonal<'a>(tensors: &'a [TensorInfo], resolved: &ResolvedRules) -> HashSet<&'a str> {
    let orthogonal = |mention: &Mention| {
        let Mention::Expected(expectation) = mention else { return false };
        expectation.draw.parts.iter().any(|part| matches!(part.scheme, Scheme::Orthogonal { .. }))
    };
    let mentioned = tensors.iter().zip(&resolved.tensors);
    mentioned.filter(|(_, mention)| orthogonal(mention)).map(|(tensor, _)| tensor.name.as_str()).collect()
}

/// The findings that need no values: tensors without a rule, and rules without a tensor.
fn findings_of_rules(tensors: &[TensorInfo], resolved: &ResolvedRules) -> Vec<TensorFinding> {
    let mut findings = vec![];
    for (tensor, mention) in tensors.iter().zip(&resolved.tensors) {
        let (kind, message) = match mention {
            Mention::Unmentioned => {
                (CheckKind::Unmentioned, "no rule mentions it: was it initialised?".to_owned())
            }
            Mention::Unfit { rule, why } => {
                (CheckKind::UnfitRule, format!("the rule {rule} cannot apply to it: {why}"))
            }
            _ => continue,
        };
        findings.push(TensorFinding::certain(kind, vec![tensor.name.clone()], message));
    }
    for unused in &resolved.unused {
        let why = if unused.shadowed {
            "entries before it match all of its tensors"
        } else {
            "it matches no tensor of the file"
        };
        let message = format!("the {} {} says nothing: {why}", unused.entry, unused.patterns);
        findings.push(TensorFinding::certain(CheckKind::UnusedRule, vec![], message));
    }
    findings
}

fn findings_of_values(
    tensors: &[TensorInfo],
    summaries: &[Option<TensorSummary>],
    resolved: &ResolvedRules,
    false_alarms: f64,
) -> Vec<TensorFinding> {
    // The places of judged tensors among all, and among the judged.
    let judged: Vec<usize> = (0..tensors.len())
        .filter(|&at| summaries[at].is_some() && !matches!(resolved.tensors[at], Mention::Ignored { .. }))
        .collect();
    let checked: Vec<CheckedTensor> = judged
        .iter()
        .filter_map(|&at| {
            let expected = match &resolved.tensors[at] {
                Mention::Expected(expectation) => Some(&expectation.draw),
                _ => None,
            };
            Some(CheckedTensor { name: &tensors[at].name, summary: summaries[at].as_ref()?, expected })
        })
        .collect();
    let place = |tensor: &usize| judged.binary_search(tensor).ok();
    let tied: Vec<Vec<usize>> =
        resolved.tied.iter().map(|group| group.tensors.iter().filter_map(place).collect()).collect();
    judge_tensors(&checked, &tied, false_alarms)
}

#[cfg(test)]
mod tests;
