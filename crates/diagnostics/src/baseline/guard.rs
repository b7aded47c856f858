//! The guard of a test: a measurement compared with the baseline in a file.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use super::file::{print_error, read, variable, write};
use super::{Baseline, BaselineComparison, BaselineError, FEWEST_SEEDS, Statistic};

/// The environment variable that decides what [`guard`] does: if it is unset, it checks; if it is `accept`, it records anew
/// what moved.
pub const VARIABLE: &str = "STEP_ZERO_BASELINE";

const HINT: &str = "STEP_ZERO_BASELINE=accept cargo test";

/// The first seed to check with. Recorded seeds start at 0, so the two never meet, not even in the lower 32 bits, which are
/// all that PyTorch's generator uses.
const CHECKED_FROM: u64 = 1 << 30;

/// The numbers of seeds of a guard, and its rate of false alarms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardSettings {
    /// The number of seeds to record: 64, from seed 0 on.
    pub recorded: u64,
    /// The number of seeds to check with: 32, from seed 2³⁰ on.
    pub checked: u64,
    /// The family-wise rate of false alarms of one baseline: 0.001.
    pub alpha: f64,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self { recorded: 64, checked: 32, alpha: 1e-3 }
    }
}

/// Checks a measurement against the baseline in a file, with the default [`GuardSettings`]: a test in one line.
///
/// `measure` returns the statistics at a seed, and must return the same ones at every seed. It is always called with the
/// seeds 2³⁰ to 2³⁰ + 31.
///
/// **Recording.** `STEP_ZERO_BASELINE=accept cargo test` writes the baseline of the seeds 0 to 63; look at it and commit it.
/// The file appears whole or not at all, and missing directories are created. Baselines from which nothing moved are left
/// alone; to record those anew too, delete them. Standard error says what was written and what had moved. If `CI` is set,
/// nothing is accepted, because the files of a runner do not last.
///
/// **New statistics.** A statistic that the baseline does not have is a note on standard error, not a failure; accepting
/// adds it. A statistic of the baseline that is not measured any more is a failure.
///
/// # Panics
/// With the table of what moved; or in one line, if there is no baseline, it is damaged or of a later version, one of its
/// statistics was not measured, or it cannot be written. Every text says what to do.
#[track_caller]
pub fn guard<I>(path: impl AsRef<Path>, measure: impl FnMut(u64) -> I)
where
    I: IntoIterator<Item = Statistic>,
{
    guard_with(path, GuardSettings::default(), measure);
}

/// [`guard`] with other numbers of seeds or another rate of false alarms.
///
/// # Panics
/// As [`guard`]; and if there are fewer seeds than [`FEWEST_SEEDS`](super::FEWEST_SEEDS) or more than 2³⁰, or the rate is not
/// between 0 and 1.
#[track_caller]
pub fn guard_with<I>(path: impl AsRef<Path>, settings: GuardSettings, mut measure: impl FnMut(u64) -> I)
where
    I: IntoIterator<Item = Statistic>,
{
    let GuardSettings { recorded, checked, alpha } = settings;
    let possible = FEWEST_SEEDS..=CHECKED_FROM;
    assert!(
        possible.contains(&recorded) && possible.contains(&checked),
        "guard: {recorded} seeds recorded and {checked} checked; both must be in {possible:?}"
    );
    assert!(0.0 < alpha && alpha < 1.0, "guard: alpha is {alpha}; it must be between 0 and 1");
    let path = path.as_ref();
    let done = match accepting(variable) {
        Ok(false) => checks(path, settings, &mut measure),
        Ok(true) => accept(path, settings, &mut measure),
        Err(why) => Err(why),
    };
    if let Err(text) = done {
        panic!("{}: {text}", path.display());
    }
}

/// True if the environment asks to accept.
fn accepting(variable: impl Fn(&str) -> Option<OsString>) -> Result<bool, String> {
    let value = |name| variable(name).unwrap_or_default().to_string_lossy().into_owned();
    let (wanted, ci) = (value(VARIABLE), value("CI"));
    match wanted.as_str() {
        "" => Ok(false),
        "accept" if ["", "0", "false"].contains(&ci.as_str()) => Ok(true),
        "accept" => {
            Err(format!("no baseline is accepted if CI is set; run {HINT} locally and commit the file"))
        }
        other => Err(format!("{VARIABLE} is '{other}'; set it to 'accept', or unset it to check")),
    }
}

/// Measures the seeds to check with, and compares them with the baseline.
fn check<I>(
    baseline: &Baseline,
    settings: GuardSettings,
    measure: impl FnMut(u64) -> I,
) -> Result<BaselineComparison, BaselineError>
where
    I: IntoIterator<Item = Statistic>,
{
    let Range { start, end } = baseline.seeds();
    if end > CHECKED_FROM || end - start < FEWEST_SEEDS {
        return Err(BaselineError::Damaged(format!("a guard never records the seeds {start} to {end}")));
    }
    baseline.check(CHECKED_FROM..CHECKED_FROM + settings.checked, settings.alpha, measure)
}

/// Fails if anything moved, and prints a note about statistics that are not in the baseline.
fn checks<I>(path: &Path, settings: GuardSettings, measure: impl FnMut(u64) -> I) -> Result<(), String>
where
    I: IntoIterator<Item = Statistic>,
{
    let text =
        read(path)?.ok_or_else(|| format!("there is no baseline; record one by {HINT} and commit it"))?;
    let comparison = Baseline::from_json(&text).and_then(|baseline| check(&baseline, settings, measure));
    let comparison = comparison.map_err(|error| match error {
        // Another baseline would not help.
        BaselineError::Measurement(_) => error.to_string(),
        _ => format!("{error}; to record it anew, run {HINT}"),
    })?;
    if !comparison.passed() {
        return Err(format!("{comparison}If this change is intended, run {HINT}"));
    }
    if !comparison.unrecorded.is_empty() {
        let names = comparison.unrecorded.join(", ");
        print_error(&format!("{}: not in the baseline: {names}; to add, run {HINT}\n", path.display()));
    }
    Ok(())
}

/// Records anew and says so, unless the file would say the same.
fn accept<I>(path: &Path, settings: GuardSettings, mut measure: impl FnMut(u64) -> I) -> Result<(), String>
where
    I: IntoIterator<Item = Statistic>,
{
    let seeds = 0..settings.recorded;
    let reason = match read(path)?.as_deref().map(Baseline::from_json) {
        None => "there was no baseline\n".to_owned(),
        Some(Err(error)) => format!("{error}\n"),
        Some(Ok(old)) => match check(&old, settings, &mut measure) {
            Ok(comparison) if up_to_date(&comparison) && old.seeds() == seeds => return Ok(()),
            Ok(comparison) => comparison.to_string(),
            Err(error) => format!("{error}\n"),
        },
    };
    let new = Baseline::measure(seeds, measure).map_err(|error| error.to_string())?;
    write(path, &new.to_json())?;
    print_error(&format!("{}: recorded anew; {reason}", path.display()));
    Ok(())
}

fn up_to_date(comparison: &BaselineComparison) -> bool {
    comparison.passed() && comparison.unrecorded.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{HINT, VARIABLE, accepting};

    #[test]
    fn the_environment_decides() {
        let asked = |value: &str, ci: &str| {
            accepting(|name| {
                [(VARIABLE, value), ("CI", ci)]
                    .into_iter()
                    .find(|pair| pair.0 == name)
                    .map(|pair| pair.1.into())
            })
        };
        assert_eq!([asked("", ""), asked("", "true")], [Ok(false), Ok(false)]);
        assert_eq!(["", "0", "false"].map(|ci| asked("accept", ci)), [const { Ok(true) }; 3]);
        assert!(asked("accept", "true").unwrap_err().contains("CI is set"));
        assert!(asked("acept", "").unwrap_err().contains("'acept'"));
        assert!(HINT.starts_with(VARIABLE));
    }
}
