//! The guard of a test: a measurement held to the baseline in a file.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use super::file::{read, say, variable, write};
use super::{Baseline, BaselineComparison, BaselineError, FEWEST_SEEDS, Statistic};

/// The environment variable that decides what [`guard`] does: unset, it checks; `accept` records what moved anew.
pub const VARIABLE: &str = "STEP_ZERO_BASELINE";

const HINT: &str = "STEP_ZERO_BASELINE=accept cargo test";

/// Recorded are seeds from 0 on, checked are seeds from here on: they never meet, in the lower 32 bits neither, which
/// are all that PyTorch's generator looks at.
const CHECKED_FROM: u64 = 1 << 30;

/// How many seeds a guard takes, and how often it may be wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardSettings {
    /// Seeds that are recorded: 64, from seed 0 on.
    pub recorded: u64,
    /// Seeds that are checked with: 32, from seed 2³⁰ on.
    pub checked: u64,
    /// The family-wise rate of false alarms of one baseline: 0.001.
    pub alpha: f64,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self { recorded: 64, checked: 32, alpha: 1e-3 }
    }
}

/// Checks a measurement against the baseline in a file, with the default [`GuardSettings`]; a test in one line.
///
/// `measure` gives the statistics at a seed, and must give the same ones at every seed. It is called with the seeds
/// 2³⁰ to 2³⁰ + 31, always.
///
/// **A new baseline** is written by `STEP_ZERO_BASELINE=accept cargo test`, to be looked at and committed: of the seeds 0
/// to 63, to a file that appears whole or not at all, in directories that are made where they are missing. Baselines
/// from which nothing moved stay as they are; to record those anew too, delete them. What was written, and what had
/// moved, is said on standard error. Where `CI` is set nothing is accepted: a runner's files go away with it.
///
/// # Panics
/// With the table of what moved; or in one line if there is no baseline, it is damaged or of a later version, it has
/// other statistics than were measured, or it cannot be written. Every text says what to do.
#[track_caller]
pub fn guard<I>(path: impl AsRef<Path>, measure: impl FnMut(u64) -> I)
where
    I: IntoIterator<Item = Statistic>,
{
    guard_with(path, GuardSettings::default(), measure);
}

/// As [`guard`], with other numbers of seeds or another rate of false alarms.
///
/// # Panics
/// As [`guard`]; and with fewer seeds than [`FEWEST_SEEDS`](super::FEWEST_SEEDS), more than 2³⁰, or a rate that is not
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
        "seeds are {possible:?}: {settings:?}"
    );
    assert!(0.0 < alpha && alpha < 1.0, "a rate of false alarms is between 0 and 1, not {alpha}");
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

/// Whether the environment asks to accept.
fn accepting(variable: impl Fn(&str) -> Option<OsString>) -> Result<bool, String> {
    let value = |name| variable(name).unwrap_or_default().to_string_lossy().into_owned();
    let (wanted, ci) = (value(VARIABLE), value("CI"));
    match wanted.as_str() {
        "" => Ok(false),
        "accept" if ["", "0", "false"].contains(&ci.as_str()) => Ok(true),
        "accept" => {
            Err(format!("no baseline is accepted where CI is set; run {HINT} at home and commit the file"))
        }
        other => Err(format!("{VARIABLE} is '{other}'; it can be 'accept', or unset to check")),
    }
}

/// The seeds to check with, and what they showed.
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
        return Err(BaselineError::Damaged(format!("seeds {start} to {end} were never recorded by a guard")));
    }
    baseline.check(CHECKED_FROM..CHECKED_FROM + settings.checked, settings.alpha, measure)
}

fn checks<I>(path: &Path, settings: GuardSettings, measure: impl FnMut(u64) -> I) -> Result<(), String>
where
    I: IntoIterator<Item = Statistic>,
{
    let text =
        read(path)?.ok_or_else(|| format!("there is no baseline; record one with {HINT}, and commit it"))?;
    let comparison = Baseline::from_json(&text).and_then(|baseline| check(&baseline, settings, measure));
    let comparison = comparison.map_err(|error| match error {
        // Nothing that another baseline would mend.
        BaselineError::Measurement(_) => error.to_string(),
        _ => format!("{error}; to record anew: {HINT}"),
    })?;
    if comparison.passed() { Ok(()) } else { Err(format!("{comparison}If that is wanted: {HINT}")) }
}

/// Records anew unless the file is as good as new, and says so.
fn accept<I>(path: &Path, settings: GuardSettings, mut measure: impl FnMut(u64) -> I) -> Result<(), String>
where
    I: IntoIterator<Item = Statistic>,
{
    let seeds = 0..settings.recorded;
    let said = match read(path)?.as_deref().map(Baseline::from_json) {
        None => "there was no baseline\n".to_owned(),
        Some(Err(error)) => format!("{error}\n"),
        Some(Ok(old)) => match check(&old, settings, &mut measure) {
            Ok(comparison) if comparison.passed() && old.seeds() == seeds => return Ok(()),
            Ok(comparison) => comparison.to_string(),
            Err(error) => format!("{error}\n"),
        },
    };
    let new = Baseline::measure(seeds, measure).map_err(|error| error.to_string())?;
    write(path, &new.to_json())?;
    say(&format!("{}: recorded anew; {said}", path.display()));
    Ok(())
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
