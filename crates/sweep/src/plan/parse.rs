//! From TOML text to a plan, with the line and column of whatever is wrong.

use std::borrow::Cow;

use specimen::Network;
use tensor::suggestion;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::axis::{linear, logarithmic};
use super::{PlanError, PlanValue, SweepAxis, SweepPlan, ValueKind};
use crate::measures::{MeasureKind, MeasureNames, StatisticLocation};
use crate::{CellSettings, Measure, SeedPolicy, Setting};

type PlanTable<'a> = DeTable<'a>;
type PlanEntry<'a> = Spanned<DeValue<'a>>;

/// The keys of a plan and of its tables; `docs/plan.schema.json` lists the same.
const PLAN_KEYS: &[&str] = &["version", "measure", "seeds", "axes", "fixed", "train"];
const AXIS_KEYS: &[&str] = &["linear", "log", "points", "count"];
const TRAIN_KEYS: &[&str] = &["sgd", "adam", "steps", "batch"];

/// The one version of the format.
const VERSION: u64 = 1;
/// More values than any axis needs, so that reading a plan stays fast.
const MOST_VALUES: usize = 1_000_000;
/// More cells than could ever be computed, so that arithmetic on them stays exact.
const MOST_CELLS: u64 = 1 << 50;
/// More weights and activations than fit into memory on every core.
const MOST_NUMBERS: u64 = 100_000_000;

/// A mistake, and the byte where it is.
struct PlanMistake {
    at: usize,
    message: String,
}

fn mistake<V>(at: usize, message: impl Into<String>) -> Result<V, PlanMistake> {
    Err(PlanMistake { at, message: message.into() })
}

impl SweepPlan {
    /// Reads the text of a plan; `docs/sweeps.md` describes it.
    ///
    /// ```
    /// use sweep::SweepPlan;
    ///
    /// let error = SweepPlan::parse("version = 1\nmeasure = ['xi_c']\n[axes]\ngai = [1, 2]").unwrap_err();
    /// assert_eq!(error.to_string(), "4:1: there is no setting `gai` (did you mean `gain`?)");
    /// ```
    ///
    /// # Errors
    /// If the text is not TOML; if a key, setting or measure is unknown, with the nearest valid name; if a value does not
    /// suit its setting, or a setting is given twice. The error has the line and column.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let parsed = DeTable::parse(text).map_err(|error| PlanMistake {
            at: error.span().map_or(0, |span| span.start),
            message: error.message().replace('\n', ", "),
        });
        let plan = parsed.and_then(|table| read(table.get_ref()));
        plan.map_err(|PlanMistake { at, message }| PlanError::at(text, at, message))
    }
}

fn read(table: &PlanTable<'_>) -> Result<SweepPlan, PlanMistake> {
    check_keys(table, PLAN_KEYS)?;
    read_version(table)?;
    let seeds = read_seeds(table)?;
    let mut given: Vec<&'static str> = Vec::new();
    let (mut axes, mut fixed) = (Vec::new(), Vec::new());
    for (name, value) in entries(table, "axes")? {
        let setting = new_setting(name, &mut given)?;
        axes.push(SweepAxis { setting, values: read_axis(value, setting)? });
    }
    for (name, value) in entries(table, "fixed")? {
        let setting = new_setting(name, &mut given)?;
        fixed.push((setting, read_value(value, setting)?));
    }
    for (name, value) in entries(table, "train")? {
        for (setting, value) in read_training(name, value)? {
            if given.contains(&setting.name) {
                return twice(name.span().start, setting.name);
            }
            given.push(setting.name);
            fixed.push((setting, value));
        }
    }
    if axes.is_empty() {
        return mistake(0, "the plan has no axes; add [axes] with a setting, such as gain = [1, 2]");
    }
    let cells = axes.iter().try_fold(1_u64, |cells, axis| cells.checked_mul(axis.values.len() as u64));
    if cells.is_none_or(|cells| cells > MOST_CELLS) {
        return mistake(0, format!("the plan has more than {MOST_CELLS} cells"));
    }
    let mut plan = SweepPlan { measures: vec![], axes, fixed, seeds };
    check_cells(&plan)?;
    plan.measures = read_measures(table, &plan)?;
    Ok(plan)
}

fn read_version(table: &PlanTable<'_>) -> Result<(), PlanMistake> {
    match value(table, "version") {
        None => mistake(0, format!("the plan has no version; begin it with version = {VERSION}")),
        Some(version) if whole(version) == Some(VERSION) => Ok(()),
        Some(version) => {
            mistake(version.span().start, format!("this program reads version {VERSION} of the format"))
        }
    }
}

fn read_seeds(table: &PlanTable<'_>) -> Result<SeedPolicy, PlanMistake> {
    let Some(given) = value(table, "seeds") else { return Ok(SeedPolicy::Hashed) };
    let name = given.get_ref().as_str().unwrap_or_default();
    match SeedPolicy::ALL.into_iter().find(|policy| policy.name() == name) {
        Some(policy) => Ok(policy),
        None => {
            let names = SeedPolicy::ALL.map(|policy| format!("\"{}\"", policy.name())).join(" or ");
            mistake(given.span().start, format!("`seeds` is {names}"))
        }
    }
}

// ---- Settings ----

/// The setting of a key, noted so that a second one is refused.
fn new_setting(
    name: &Spanned<Cow<'_, str>>,
    given: &mut Vec<&'static str>,
) -> Result<&'static Setting, PlanMistake> {
    let at = name.span().start;
    let Some(setting) = Setting::named(name.get_ref()) else {
        let near = suggestion(name.get_ref(), Setting::ALL.iter().map(|setting| setting.name));
        return mistake(at, format!("there is no setting `{}`{near}", name.get_ref()));
    };
    if given.contains(&setting.name) {
        return twice(at, setting.name);
    }
    given.push(setting.name);
    Ok(setting)
}

fn twice<V>(at: usize, name: &str) -> Result<V, PlanMistake> {
    mistake(at, format!("the setting `{name}` is given twice"))
}

/// `sgd` and `adam` are an optimiser with its learning rate.
fn read_training(
    name: &Spanned<Cow<'_, str>>,
    given: &PlanEntry<'_>,
) -> Result<Vec<(&'static Setting, PlanValue)>, PlanMistake> {
    let key = name.get_ref().as_ref();
    if !TRAIN_KEYS.contains(&key) {
        return mistake(name.span().start, unknown_key(key, TRAIN_KEYS));
    }
    let setting = |name| Setting::named(name).expect("it is in the list of settings");
    if ["steps", "batch"].contains(&key) {
        return Ok(vec![(setting(key), read_value(given, setting(key))?)]);
    }
    let rate = setting("learning_rate");
    Ok(vec![(setting("optimizer"), PlanValue::Text(key.to_owned())), (rate, read_value(given, rate)?)])
}

/// One value, of the setting's kind and accepted by it.
fn read_value(given: &PlanEntry<'_>, setting: &Setting) -> Result<PlanValue, PlanMistake> {
    let at = given.span().start;
    let value = match setting.kind {
        ValueKind::Whole => whole(given).map(PlanValue::Whole),
        ValueKind::Number => number(given).map(PlanValue::Number),
        ValueKind::Text => given.get_ref().as_str().map(|text| PlanValue::Text(text.to_owned())),
    };
    let Some(value) = value else {
        let kind = match setting.kind {
            ValueKind::Whole => "a whole number",
            ValueKind::Number => "a number",
            ValueKind::Text => "a text in quotes",
        };
        return mistake(at, format!("`{}` takes {kind}", setting.name));
    };
    accepted(at, setting, &value)?;
    Ok(value)
}

fn accepted(at: usize, setting: &Setting, value: &PlanValue) -> Result<(), PlanMistake> {
    (setting.set)(&mut CellSettings::default(), value)
        .or_else(|why| mistake(at, format!("`{}` cannot be {value}: {why}", setting.name)))
}

// ---- Axes ----

/// The values of a list or of a range.
fn read_axis(given: &PlanEntry<'_>, setting: &Setting) -> Result<Vec<PlanValue>, PlanMistake> {
    let at = given.span().start;
    let values = match given.get_ref() {
        DeValue::Array(list) => {
            list.iter().map(|value| read_value(value, setting)).collect::<Result<_, _>>()?
        }
        DeValue::Table(table) => read_range(at, table, setting)?,
        _ => {
            return mistake(
                at,
                format!(
                    "an axis is a list or a range, such as {0} = [1, 2] or {0} = {{ log = [0.5, 4], points = 64 }}; \
                     one value belongs to [fixed]",
                    setting.name
                ),
            );
        }
    };
    if values.is_empty() {
        return mistake(at, format!("the axis `{}` has no values", setting.name));
    }
    let mut texts: Vec<String> = values.iter().map(PlanValue::to_string).collect();
    texts.sort_unstable();
    if let Some(two) = texts.windows(2).find(|two| two[0] == two[1]) {
        return mistake(at, format!("the axis `{}` has the value {} twice", setting.name, two[0]));
    }
    match two_spellings(&values, setting) {
        Some([a, b]) => {
            mistake(at, format!("the axis `{}` has one value twice, as {a} and as {b}", setting.name))
        }
        None => Ok(values),
    }
}

/// Two texts that mean the same, such as `xavier_normal` and `xavier_normal(1)`.
fn two_spellings<'a>(values: &'a [PlanValue], setting: &Setting) -> Option<[&'a PlanValue; 2]> {
    let mut seen: Vec<(CellSettings, &PlanValue)> = Vec::new();
    for value in values.iter().filter(|value| value.kind() == ValueKind::Text) {
        let mut settings = CellSettings::default();
        // Every value was accepted before.
        (setting.set)(&mut settings, value).ok()?;
        if let Some((_, same)) = seen.iter().find(|(other, _)| *other == settings) {
            return Some([same, value]);
        }
        seen.push((settings, value));
    }
    None
}

fn read_range(at: usize, table: &PlanTable<'_>, setting: &Setting) -> Result<Vec<PlanValue>, PlanMistake> {
    check_keys(table, AXIS_KEYS)?;
    let form = "a range is { count = 8 }, { linear = [0, 1], points = 5 } or { log = [0.5, 4], points = 64 }";
    let [linear_ends, log_ends, points, count] =
        ["linear", "log", "points", "count"].map(|key| value(table, key));
    let numbers = match (linear_ends, log_ends, points, count) {
        (None, None, None, Some(count)) => {
            let count = size(count)?;
            (0..count).map(|i| i as f64).collect()
        }
        (Some(ends), None, Some(points), None) => linear(read_ends(ends)?, range_size(ends, points)?),
        (None, Some(ends), Some(points), None) => {
            let [from, to] = read_ends(ends)?;
            if from.signum() != to.signum() || from == 0.0 || to == 0.0 {
                return mistake(
                    ends.span().start,
                    "the ends of a logarithmic range must have one sign and not be 0",
                );
            }
            logarithmic([from, to], range_size(ends, points)?)
        }
        _ => return mistake(at, form),
    };
    let value = |number: f64| match setting.kind {
        ValueKind::Number => Ok(PlanValue::Number(number)),
        ValueKind::Whole if number >= 0.0 && number.fract() == 0.0 && number < 9e15 => {
            Ok(PlanValue::Whole(number as u64))
        }
        ValueKind::Whole => mistake(
            at,
            format!("`{}` takes whole numbers, and the range has {number}; list its values", setting.name),
        ),
        ValueKind::Text => mistake(at, format!("`{}` takes texts; list them", setting.name)),
    };
    let values: Vec<PlanValue> = numbers.into_iter().map(value).collect::<Result<_, _>>()?;
    values.iter().try_for_each(|value| accepted(at, setting, value))?;
    Ok(values)
}

/// The two ends of a range.
fn read_ends(given: &PlanEntry<'_>) -> Result<[f64; 2], PlanMistake> {
    let finite = |entry: &_| number(entry).filter(|number| number.is_finite());
    let ends =
        given.get_ref().as_array().and_then(|list| list.iter().map(finite).collect::<Option<Vec<_>>>());
    match ends.as_deref() {
        Some(&[from, to]) => Ok([from, to]),
        _ => mistake(given.span().start, "the ends of a range are two finite numbers, such as [0.5, 4]"),
    }
}

/// A number of points: 2 or more unless both ends are equal.
fn range_size(ends: &PlanEntry<'_>, points: &PlanEntry<'_>) -> Result<usize, PlanMistake> {
    let (count, [from, to]) = (size(points)?, read_ends(ends)?);
    match (count, from == to) {
        (1, false) => mistake(points.span().start, "a range between two ends has at least 2 points"),
        (2.., true) => mistake(points.span().start, "a range between equal ends has 1 point"),
        _ => Ok(count),
    }
}

fn size(given: &PlanEntry<'_>) -> Result<usize, PlanMistake> {
    match whole(given).and_then(|count| usize::try_from(count).ok()) {
        Some(count @ 1..=MOST_VALUES) => Ok(count),
        _ => mistake(given.span().start, format!("the number of values must be from 1 to {MOST_VALUES}")),
    }
}

// ---- What belongs together ----

/// Checks every combination of settings that can contradict each other, and the largest network.
fn check_cells(plan: &SweepPlan) -> Result<(), PlanMistake> {
    for settings in extremes(plan) {
        if let Err(why) = settings.check() {
            return mistake(0, why);
        }
        if settings.values() > MOST_NUMBERS {
            return mistake(
                0,
                format!(
                    "a cell of depth {}, width {}, {} classes, and {} examples holds {} numbers, and {MOST_NUMBERS} are allowed; \
                     make it smaller",
                    settings.depth,
                    settings.width,
                    settings.classes,
                    settings.batch.max(settings.examples),
                    settings.values()
                ),
            );
        }
    }
    Ok(())
}

/// Cells with the first or last value of long axes and all combinations of texts, short enough to check.
fn extremes(plan: &SweepPlan) -> impl Iterator<Item = CellSettings> {
    let picks = |axis: &SweepAxis| -> Vec<usize> {
        let numbers: Vec<(usize, f64)> = (0..axis.values.len())
            .filter_map(|at| match axis.values[at] {
                PlanValue::Whole(value) => Some((at, value as f64)),
                PlanValue::Number(value) => Some((at, value)),
                PlanValue::Text(_) => None,
            })
            .collect();
        if numbers.is_empty() {
            return (0..axis.values.len()).collect();
        }
        let by_value = |a: &&(usize, f64), b: &&(usize, f64)| a.1.total_cmp(&b.1);
        let ends = [numbers.iter().min_by(by_value), numbers.iter().max_by(by_value)];
        let mut ends: Vec<usize> = ends.into_iter().flatten().map(|&(at, _)| at).collect();
        ends.dedup();
        ends
    };
    let mut combinations: Vec<Vec<usize>> = vec![vec![]];
    for axis in &plan.axes {
        let picked = picks(axis);
        combinations = combinations
            .iter()
            .flat_map(|before| picked.iter().map(move |&at| before.iter().copied().chain([at]).collect()))
            .collect();
    }
    combinations.into_iter().map(|indices| plan.settings(plan.cell(&indices)))
}

fn read_measures(table: &PlanTable<'_>, plan: &SweepPlan) -> Result<Vec<Measure>, PlanMistake> {
    let Some(given) = value(table, "measure") else {
        return mistake(0, "the plan measures nothing; add measure = [\"loss@300\"]");
    };
    let Some(list) = given.get_ref().as_array().filter(|list| !list.is_empty()) else {
        return mistake(given.span().start, "`measure` is a list of names, such as [\"loss@300\", \"xi_c\"]");
    };
    let mut lengths: Vec<u64> = extremes(plan).map(|settings| settings.steps).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let shortest = lengths.first().copied().unwrap_or(0);
    let networks: Vec<Network> = extremes(plan).map(|settings| settings.network()).collect();
    let names = MeasureNames::default();
    let mut measures: Vec<Measure> = Vec::new();
    for entry in list.iter() {
        let at = entry.span().start;
        let Some(text) = entry.get_ref().as_str() else {
            return mistake(at, "a measure is a text in quotes");
        };
        let measure = names.parse(text).or_else(|why| mistake(at, why))?;
        if let MeasureKind::Statistic { location: StatisticLocation::Named(name), .. } = &measure.what
            && !networks.iter().any(|network| has(network, name))
        {
            return mistake(at, format!("`{text}`: no cell of the plan has a {name}"));
        }
        if measure.step().is_some_and(|step| step > shortest) {
            return mistake(
                at,
                format!(
                    "`{text}` is measured after more steps than the {shortest} of [train]; set steps there"
                ),
            );
        }
        if let Some(same) =
            measures.iter().find(|same| lengths.iter().all(|&steps| measure.is_same(same, steps)))
        {
            let as_what =
                if same.to_string() == text { String::new() } else { format!(", also as `{same}`") };
            return mistake(at, format!("`{text}` is measured twice{as_what}"));
        }
        measures.push(measure);
    }
    Ok(measures)
}

/// True if the network has a hidden layer or a parameter of that name.
fn has(network: &Network, name: &str) -> bool {
    match name.strip_prefix("Layer ").map(str::parse::<usize>) {
        Some(layer) => layer.is_ok_and(|layer| layer <= network.hidden.len()),
        None => network.plan().iter().any(|(parameter, _, _)| parameter == name),
    }
}

// ---- Values and tables ----

/// A whole number from 0.
fn whole(given: &PlanEntry<'_>) -> Option<u64> {
    let digits = given.get_ref().as_integer().filter(|number| number.radix() == 10)?;
    digits.as_str().parse().ok()
}

/// A finite number.
fn number(given: &PlanEntry<'_>) -> Option<f64> {
    let text = match given.get_ref() {
        DeValue::Float(number) => number.as_str(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        _ => return None,
    };
    // Both zeros are one value.
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(|number| number + 0.0)
}

fn value<'a, 'i>(table: &'a PlanTable<'i>, key: &str) -> Option<&'a PlanEntry<'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

type NamedEntry<'a, 'i> = (&'a Spanned<Cow<'i, str>>, &'a PlanEntry<'i>);

/// The entries of a table of the plan in the order of the text; none if it is not there.
fn entries<'a, 'i>(table: &'a PlanTable<'i>, key: &str) -> Result<Vec<NamedEntry<'a, 'i>>, PlanMistake> {
    let Some(given) = value(table, key) else { return Ok(vec![]) };
    let Some(inner) = given.get_ref().as_table() else {
        return mistake(given.span().start, format!("`{key}` must be a table of settings: write [{key}]"));
    };
    let mut entries: Vec<_> = inner.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    Ok(entries)
}

fn check_keys(table: &PlanTable<'_>, known: &[&str]) -> Result<(), PlanMistake> {
    let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
    match unknown.min_by_key(|key| key.span().start) {
        Some(key) => mistake(key.span().start, unknown_key(key.get_ref(), known)),
        None => Ok(()),
    }
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    let near = suggestion(key, known.iter().copied());
    format!("unknown key `{key}`{near}; known here: {}", known.join(", "))
}
