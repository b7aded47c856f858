//! From TOML text to rules, with the line and column of whatever is wrong.

use tensor::{ExpressionError, evaluate, suggestion};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::constants::{RESERVED, names_in, wrong_name};
use super::scheme_text::{SchemeText, with_nearest_constant};
use super::{
    ConstantSource, IgnoreRule, LAYOUTS, NamePattern, NameRule, NameRules, NamedConstant, RuleBlocks,
    RuleParts, RulesError, TieRule,
};

type RulesTable<'a> = DeTable<'a>;
type RulesValue<'a> = Spanned<DeValue<'a>>;

/// The keys of a file and of its tables; `docs/rules.schema.json` lists the same.
pub(super) const FILE_KEYS: &[&str] = &["version", "prefix", "constants", "rule", "ignore", "tied"];
pub(super) const CONSTANT_KEYS: &[&str] = &["count", "config", "of", "axis", "default"];
pub(super) const RULE_KEYS: &[&str] = &[
    "match",
    "scheme",
    "layout",
    "groups",
    "stride",
    "blocks",
    "zero_rows",
    "fans_of",
    "dims",
    "when",
    "optional",
    "reason",
];
pub(super) const BLOCK_KEYS: &[&str] = &["axis", "count", "sizes"];
pub(super) const IGNORE_KEYS: &[&str] = &["match", "reason", "optional"];
pub(super) const TIED_KEYS: &[&str] = &["names", "when", "optional"];

/// The one version of the format.
pub(super) const VERSION: &str = "1";
/// More constants than any model has, so that checking them stays fast.
const MOST_CONSTANTS: usize = 256;

/// A mistake, and the byte where it is.
struct Mistake {
    at: usize,
    message: String,
}

fn mistake<V>(at: usize, message: impl Into<String>) -> Result<V, Mistake> {
    Err(Mistake { at, message: message.into() })
}

impl NameRules {
    /// Reads the text of a rules file; `docs/rules-file.md` describes it.
    ///
    /// ```
    /// use checkpoint::NameRules;
    ///
    /// let error = NameRules::parse("version = 1\n[[rule]]\nmatch = '**'\nscheme = 'kaimin_normal'").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "4:10: there is no scheme or preset `kaimin_normal` (did you mean `kaiming_normal`?)"
    /// );
    /// ```
    ///
    /// # Errors
    /// If the text is not TOML; if a key, scheme, layout or constant is unknown, with the nearest valid name; if a value has
    /// the wrong type or constants depend on each other in a circle. The error has the line and column.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let parsed = DeTable::parse(text).map_err(|error| Mistake {
            at: error.span().map_or(0, |span| span.start),
            message: error.message().replace('\n', ", "),
        });
        let rules = parsed.and_then(|table| read(table.get_ref()));
        rules.map_err(|Mistake { at, message }| RulesError::at(text, at, message))
    }
}

fn read(table: &RulesTable<'_>) -> Result<NameRules, Mistake> {
    check_keys(table, FILE_KEYS)?;
    read_version(table)?;
    let prefixes = match value(table, "prefix") {
        Some(list) => texts(list, "prefix")?.into_iter().map(|(_, text)| text.to_owned()).collect(),
        None => vec![],
    };
    let constants = read_constants(table)?;
    let known: Vec<(&str, Option<f64>)> = constants
        .iter()
        .map(|constant| match constant.source {
            ConstantSource::Number(value) => (constant.name.as_str(), Some(value)),
            _ => (constant.name.as_str(), None),
        })
        .collect();
    let rules = list(table, "rule")?.map(|entry| read_rule(entry, &known)).collect::<Result<_, _>>()?;
    let ignored = list(table, "ignore")?.map(read_ignored).collect::<Result<_, _>>()?;
    let tied = list(table, "tied")?.map(|entry| read_tied(entry, &known)).collect::<Result<_, _>>()?;
    Ok(NameRules { prefixes, constants, rules, ignored, tied })
}

fn read_version(table: &RulesTable<'_>) -> Result<(), Mistake> {
    let Some(version) = value(table, "version") else {
        return mistake(0, format!("the file has no version; begin it with version = {VERSION}"));
    };
    match whole(version) {
        Some(number) if number == VERSION => Ok(()),
        _ => mistake(version.span().start, format!("this program reads version {VERSION} of the format")),
    }
}

// ---- Constants ----

fn read_constants(table: &RulesTable<'_>) -> Result<Vec<NamedConstant>, Mistake> {
    let Some(constants) = value(table, "constants") else { return Ok(vec![]) };
    // In the order of the text, which the table does not keep.
    let mut entries: Vec<_> = as_table(constants, "`constants`")?.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    if entries.len() > MOST_CONSTANTS {
        return mistake(constants.span().start, format!("there are more than {MOST_CONSTANTS} constants"));
    }
    let read = |(name, value): &(&Spanned<std::borrow::Cow<'_, str>>, &RulesValue<'_>)| {
        if let Some(why) = wrong_name(name.get_ref()) {
            return mistake(name.span().start, why);
        }
        read_constant(name.get_ref(), value)
    };
    let constants = entries.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for (constant, (_, value)) in constants.iter().zip(&entries) {
        if let ConstantSource::Expression(text) = &constant.source {
            let known: Vec<_> = constants.iter().map(|constant| (constant.name.as_str(), None)).collect();
            check_expression(value.span().start, text, &known)?;
        }
    }
    let rules = NameRules { constants, ..NameRules::default() };
    if let Some(name) = rules.cycle() {
        let at = entries.iter().find(|(key, _)| key.get_ref() == name).map_or(0, |(key, _)| key.span().start);
        return mistake(at, format!("constant `{name}` depends on itself"));
    }
    Ok(rules.constants)
}

fn read_constant(name: &str, given: &RulesValue<'_>) -> Result<NamedConstant, Mistake> {
    let plain = |source| Ok(NamedConstant::new(name, source));
    if let Some(number) = float(given) {
        return plain(ConstantSource::Number(number));
    }
    if let Some(text) = given.get_ref().as_str() {
        return plain(ConstantSource::Expression(text.to_owned()));
    }
    let at = given.span().start;
    let what = "a constant is a number, an expression, or a table with count, config, or of and axis";
    let Some(table) = given.get_ref().as_table() else { return mistake(at, what) };
    check_keys(table, CONSTANT_KEYS)?;
    let here = |key: &str| value(table, key);
    let sources = ["count", "config", "of"].map(|key| usize::from(here(key).is_some()));
    if sources.iter().sum::<usize>() != 1 || here("of").is_some() != here("axis").is_some() {
        return mistake(at, what);
    }
    let source = if let Some(pattern) = here("count") {
        ConstantSource::count(text(pattern, "count")?)
            .or_else(|error| mistake(pattern.span().start, error.to_string()))?
    } else if let Some(key) = here("config") {
        ConstantSource::Config(text(key, "config")?.to_owned())
    } else {
        let of = here("of").expect("one of three keys is there");
        let axis = axis(here("axis").expect("it comes with `of`"))?;
        ConstantSource::Size { of: pattern(of.span().start, text(of, "of")?)?, axis }
    };
    let default = match here("default") {
        Some(number) => match float(number) {
            Some(default) => Some(default),
            None => return mistake(number.span().start, "`default` must be a number"),
        },
        None => None,
    };
    Ok(NamedConstant { name: name.to_owned(), source, default })
}

// ---- Entries ----

type KnownConstants<'a> = [(&'a str, Option<f64>)];

fn read_rule(entry: &RulesValue<'_>, constants: &KnownConstants) -> Result<NameRule, Mistake> {
    let table = as_table(entry, "a rule")?;
    check_keys(table, RULE_KEYS)?;
    let patterns = patterns(entry, table, "match", "h.{i}.*.weight")?;
    let scheme = required(entry, table, "scheme", "normal(0, 0.02)")?;
    let mut rule = NameRule::of(patterns, text(scheme, "scheme")?);
    rule.layout = value(table, "layout").map(read_layout).transpose()?;
    let expression = |key: &str| value(table, key).map(|value| expression(value, key, constants)).transpose();
    rule.groups = expression("groups")?;
    rule.when = expression("when")?;
    rule.stride =
        value(table, "stride").map_or(Ok(vec![]), |value| expressions(value, "stride", constants))?;
    rule.zero_rows =
        value(table, "zero_rows").map_or(Ok(vec![]), |value| expressions(value, "zero_rows", constants))?;
    rule.blocks = value(table, "blocks").map(|value| read_blocks(value, constants)).transpose()?;
    rule.fans_of = value(table, "fans_of").map(|value| read_fans_of(value, &rule.patterns)).transpose()?;
    rule.dims = value(table, "dims").map(axis).transpose()?;
    rule.optional = flag(table, "optional")?;
    rule.reason = value(table, "reason").map(|value| text(value, "reason").map(str::to_owned)).transpose()?;
    check_scheme(scheme, &rule, constants)?;
    Ok(rule)
}

fn check_scheme(at: &RulesValue<'_>, rule: &NameRule, constants: &KnownConstants) -> Result<(), Mistake> {
    let scheme = SchemeText::of(&rule.scheme);
    let at = at.span().start;
    if scheme.layout().is_some()
        && (rule.layout.is_some() || rule.groups.is_some() || !rule.stride.is_empty())
    {
        return mistake(
            at,
            format!("the preset `{}` has its own layout; leave out layout, groups and stride", rule.scheme),
        );
    }
    for pattern in &rule.patterns {
        let mut known = constants.to_vec();
        for name in pattern.names() {
            let taken = constants.iter().any(|(constant, _)| *constant == name);
            if taken || wrong_name(name).is_some() {
                return mistake(
                    at,
                    format!("`{{{name}}}` in `{pattern}` has the name of a constant; choose another"),
                );
            }
            known.push((name, None));
        }
        known.extend(RESERVED[2..].iter().map(|&name| (name, None)));
        known.extend(AXES.map(|name| (name, None)));
        if let Err(why) = scheme.check(&known) {
            return mistake(at, why);
        }
    }
    Ok(())
}

/// The sizes of a tensor's axes, as constants of its scheme.
pub(super) const AXES: [&str; 8] = ["dim0", "dim1", "dim2", "dim3", "dim4", "dim5", "dim6", "dim7"];

fn read_layout(value: &RulesValue<'_>) -> Result<nn_init::Layout, Mistake> {
    let name = text(value, "layout")?;
    match LAYOUTS.iter().find(|(known, _)| *known == name) {
        Some((_, layout)) => Ok(*layout),
        None => {
            let names = LAYOUTS.map(|(name, _)| name);
            let near = suggestion(name, names);
            mistake(
                value.span().start,
                format!("there is no layout `{name}`{near}; they are {}", names.join(", ")),
            )
        }
    }
}

fn read_blocks(given: &RulesValue<'_>, constants: &KnownConstants) -> Result<RuleBlocks, Mistake> {
    let table = as_table(given, "`blocks`")?;
    check_keys(table, BLOCK_KEYS)?;
    let Some(number) = value(table, "axis") else {
        return mistake(given.span().start, "`blocks` has no axis; add axis = 0");
    };
    let parts = match (value(table, "count"), value(table, "sizes")) {
        (Some(_), Some(sizes)) => {
            return mistake(sizes.span().start, "`blocks` has a count or sizes, and not both");
        }
        (Some(count), None) => RuleParts::Count(expression(count, "count", constants)?),
        (None, Some(sizes)) => RuleParts::Sizes(expressions(sizes, "sizes", constants)?),
        (None, None) => RuleParts::Stacked,
    };
    Ok(RuleBlocks { axis: axis(number)?, parts })
}

/// The name of another tensor, in which captures of all patterns may stand.
fn read_fans_of(value: &RulesValue<'_>, patterns: &[NamePattern]) -> Result<String, Mistake> {
    let name = text(value, "fans_of")?;
    let at = value.span().start;
    let template = pattern(at, name)?;
    if name.contains('*') {
        return mistake(at, "`fans_of` names one tensor, so it has no `*`");
    }
    let unknown = template
        .names()
        .find(|name| !patterns.iter().all(|pattern| pattern.names().any(|other| other == *name)));
    match unknown {
        Some(unknown) => mistake(at, format!("`{{{unknown}}}` is not captured by every pattern of the rule")),
        None => Ok(name.to_owned()),
    }
}

fn read_ignored(entry: &RulesValue<'_>) -> Result<IgnoreRule, Mistake> {
    let table = as_table(entry, "an entry of `ignore`")?;
    check_keys(table, IGNORE_KEYS)?;
    let reason = required(entry, table, "reason", "why it is not judged")?;
    let given = text(reason, "reason")?;
    if given.trim().is_empty() {
        return mistake(reason.span().start, "`reason` must not be empty");
    }
    let patterns = patterns(entry, table, "match", "**.attn.bias")?;
    Ok(IgnoreRule { patterns, reason: given.to_owned(), optional: flag(table, "optional")? })
}

fn read_tied(entry: &RulesValue<'_>, constants: &KnownConstants) -> Result<TieRule, Mistake> {
    let table = as_table(entry, "an entry of `tied`")?;
    check_keys(table, TIED_KEYS)?;
    let names = patterns(entry, table, "names", "lm_head.weight")?;
    let when = value(table, "when").map(|value| expression(value, "when", constants)).transpose()?;
    Ok(TieRule { names, when, optional: flag(table, "optional")? })
}

// ---- Values ----

fn patterns(
    entry: &RulesValue<'_>,
    table: &RulesTable<'_>,
    key: &str,
    example: &str,
) -> Result<Vec<NamePattern>, Mistake> {
    let given = required(entry, table, key, example)?;
    let texts = texts(given, key)?;
    if texts.is_empty() {
        return mistake(given.span().start, format!("`{key}` must not be empty"));
    }
    texts.into_iter().map(|(at, text)| pattern(at, text)).collect()
}

fn pattern(at: usize, text: &str) -> Result<NamePattern, Mistake> {
    NamePattern::parse(text).or_else(|why| mistake(at, why))
}

/// A text, or a list of texts, each with its place.
fn texts<'a>(given: &'a RulesValue<'_>, key: &str) -> Result<Vec<(usize, &'a str)>, Mistake> {
    one_or_more(given).map(|item| Ok((item.span().start, text(item, key)?))).collect()
}

/// The items of a list, or the one value that is no list.
fn one_or_more<'a, 'i>(given: &'a RulesValue<'i>) -> impl Iterator<Item = &'a RulesValue<'i>> {
    let list = given.get_ref().as_array();
    let one = list.is_none().then_some(given);
    list.into_iter().flat_map(|list| list.iter()).chain(one)
}

fn text<'a>(given: &'a RulesValue<'_>, key: &str) -> Result<&'a str, Mistake> {
    match given.get_ref().as_str() {
        Some(text) => Ok(text),
        None => mistake(given.span().start, format!("`{key}` must be a text in quotes")),
    }
}

/// A number or a text, as the text of an expression.
fn expression(given: &RulesValue<'_>, key: &str, constants: &KnownConstants) -> Result<String, Mistake> {
    let at = given.span().start;
    let text = match (given.get_ref().as_str(), float(given)) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        (None, None) => return mistake(at, format!("`{key}` must be a number or an expression")),
    };
    let mut known = constants.to_vec();
    // A rule's numbers may depend on the tensor: groups = "dim0" is a depthwise convolution.
    if key != "when" {
        known.extend(AXES.map(|name| (name, None)));
    }
    check_expression(at, &text, &known)?;
    Ok(text)
}

fn expressions(
    given: &RulesValue<'_>,
    key: &str,
    constants: &KnownConstants,
) -> Result<Vec<String>, Mistake> {
    let all =
        one_or_more(given).map(|item| expression(item, key, constants)).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() { mistake(given.span().start, format!("`{key}` must not be empty")) } else { Ok(all) }
}

/// Checks the syntax and the names of an expression. Its value depends on those of the constants.
fn check_expression(at: usize, text: &str, constants: &KnownConstants) -> Result<(), Mistake> {
    let values: Vec<(&str, f64)> =
        constants.iter().map(|(name, value)| (*name, value.unwrap_or(1.0))).collect();
    match evaluate(text, &values) {
        Ok(_) => Ok(()),
        Err(ExpressionError::NotANumber(_)) if names_in(text).next().is_some() => Ok(()),
        Err(error) => {
            let reason = with_nearest_constant(&error.to_string(), constants.iter().map(|(name, _)| *name));
            mistake(at, format!("`{text}` has no value: {reason}"))
        }
    }
}

fn axis(given: &RulesValue<'_>) -> Result<usize, Mistake> {
    match whole(given).and_then(|number| number.parse().ok()).filter(|axis| *axis < AXES.len()) {
        Some(axis) => Ok(axis),
        None => mistake(given.span().start, format!("expected a whole number below {}", AXES.len())),
    }
}

/// The digits of a decimal integer.
fn whole<'a>(given: &'a RulesValue<'_>) -> Option<&'a str> {
    given.get_ref().as_integer().filter(|number| number.radix() == 10).map(toml::de::DeInteger::as_str)
}

/// A finite number.
fn float(given: &RulesValue<'_>) -> Option<f64> {
    let text = given.get_ref().as_float().map(toml::de::DeFloat::as_str).or_else(|| whole(given))?;
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn flag(table: &RulesTable<'_>, key: &str) -> Result<bool, Mistake> {
    let Some(given) = value(table, key) else { return Ok(false) };
    match given.get_ref().as_bool() {
        Some(flag) => Ok(flag),
        None => mistake(given.span().start, format!("`{key}` must be true or false")),
    }
}

// ---- Tables ----

fn value<'a, 'i>(table: &'a RulesTable<'i>, key: &str) -> Option<&'a RulesValue<'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn required<'a, 'i>(
    entry: &RulesValue<'_>,
    table: &'a RulesTable<'i>,
    key: &str,
    example: &str,
) -> Result<&'a RulesValue<'i>, Mistake> {
    match value(table, key) {
        Some(value) => Ok(value),
        None => mistake(entry.span().start, format!("there is no `{key}` here; add {key} = \"{example}\"")),
    }
}

fn as_table<'a, 'i>(value: &'a RulesValue<'i>, what: &str) -> Result<&'a RulesTable<'i>, Mistake> {
    match value.get_ref().as_table() {
        Some(table) => Ok(table),
        None => mistake(value.span().start, format!("{what} must be a table of keys and values")),
    }
}

/// The entries of a list of tables.
fn list<'a, 'i>(
    table: &'a RulesTable<'i>,
    key: &str,
) -> Result<impl Iterator<Item = &'a RulesValue<'i>>, Mistake> {
    let entries = match value(table, key) {
        Some(value) => match value.get_ref().as_array() {
            Some(entries) => Some(entries),
            None => return mistake(value.span().start, format!("`{key}` is a list: write [[{key}]]")),
        },
        None => None,
    };
    Ok(entries.into_iter().flat_map(|entries| entries.iter()))
}

fn check_keys(table: &RulesTable<'_>, known: &[&str]) -> Result<(), Mistake> {
    let unknown = table.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
    match unknown.min_by_key(|key| key.span().start) {
        Some(key) => {
            let near = suggestion(key.get_ref(), known.iter().copied());
            let known = known.join(", ");
            mistake(key.span().start, format!("unknown key `{}`{near}; known here: {known}", key.get_ref()))
        }
        None => Ok(()),
    }
}
