//! From TOML text to a configuration, with the line and column of whatever is wrong.

use diagnostics::{Level, Limits, Rule};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Allow, Config};
use checkpoint::suggestion;

type ConfigTable<'a> = DeTable<'a>;
type Value<'a> = Spanned<DeValue<'a>>;

/// What is wrong, and the byte where.
struct Problem {
    at: usize,
    text: String,
}

fn problem<V>(at: usize, text: impl Into<String>) -> Result<V, Problem> {
    Err(Problem { at, text: text.into() })
}

impl Config {
    /// Reads the text of a configuration. An error is `LINE:COLUMN: what is wrong`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parsed = DeTable::parse(text).map_err(|error| Problem {
            at: error.span().map_or(0, |span| span.start),
            text: error.message().replace('\n', ", "),
        });
        parsed.and_then(|table| config(table.get_ref())).map_err(|Problem { at, text: what }| {
            let (line, column) = position(text, at);
            format!("{line}:{column}: {what}")
        })
    }
}

/// The line and the column, in letters, of a byte; both count from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn config(table: &ConfigTable<'_>) -> Result<Config, Problem> {
    check_keys(table, &["rules", "allow", "limits"])?;
    let mut config = Config::default();
    for (name, rule) in entries(table, "rules")? {
        let rule_name = rule_named(name.span().start, name.get_ref())?.name;
        let rule = as_table(rule, "a rule")?;
        check_keys(rule, &["level"])?;
        let Some(level) = value(rule, "level") else {
            return problem(
                name.span().start,
                format!("the rule `{rule_name}` has no level; add level = \"note\""),
            );
        };
        config.levels.push((rule_name, level_named(level)?));
    }
    for (name, limit) in entries(table, "limits")? {
        let number = number(limit)?;
        if !config.limits.set(name.get_ref(), number) {
            let near = suggestion(name.get_ref(), Limits::NAMES.iter().copied());
            return problem(name.span().start, format!("there is no limit `{}`{near}", name.get_ref()));
        }
    }
    config.allow = allowed(table)?;
    Ok(config)
}

fn allowed(table: &ConfigTable<'_>) -> Result<Vec<Allow>, Problem> {
    let Some(list) = value(table, "allow") else { return Ok(vec![]) };
    let Some(entries) = list.get_ref().as_array() else {
        return problem(list.span().start, "`allow` is a list: write [[allow]]");
    };
    entries.iter().map(allow).collect()
}

fn allow(entry: &Value<'_>) -> Result<Allow, Problem> {
    let table = as_table(entry, "an entry of `allow`")?;
    check_keys(table, &["rule", "location", "reason"])?;
    let text = |key: &str, example: &str| {
        let Some(value) = value(table, key) else {
            return problem(
                entry.span().start,
                format!("an entry of `allow` has no {key}; add {key} = \"{example}\""),
            );
        };
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Ok((value.span().start, text.to_owned())),
            _ => problem(value.span().start, format!("`{key}` must be a text that is not empty")),
        }
    };
    let (at, rule) = text("rule", "dead-units")?;
    let rule = rule_named(at, &rule)?.name;
    let (_, location) = text("location", "h.*.mlp")?;
    let (_, reason) = text("reason", "why this is as it should be")?;
    Ok(Allow { rule, location, reason })
}

/// The entries of a table of a table, none if it is not there.
fn entries<'a, 'i>(
    table: &'a ConfigTable<'i>,
    key: &str,
) -> Result<impl Iterator<Item = (&'a Spanned<std::borrow::Cow<'i, str>>, &'a Value<'i>)>, Problem> {
    let inner = value(table, key).map(|value| as_table(value, &format!("`{key}`"))).transpose()?;
    Ok(inner.into_iter().flat_map(DeTable::iter))
}

fn value<'a, 'i>(table: &'a ConfigTable<'i>, key: &str) -> Option<&'a Value<'i>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn as_table<'a, 'i>(value: &'a Value<'i>, what: &str) -> Result<&'a ConfigTable<'i>, Problem> {
    match value.get_ref().as_table() {
        Some(table) => Ok(table),
        None => problem(value.span().start, format!("{what} must be a table of keys and values")),
    }
}

fn check_keys(table: &ConfigTable<'_>, known: &[&str]) -> Result<(), Problem> {
    match table.keys().find(|key| !known.contains(&key.get_ref().as_ref())) {
        Some(key) => {
            let near = suggestion(key.get_ref(), known.iter().copied());
            let known = known.join(", ");
            problem(key.span().start, format!("unknown key `{}`{near}; known here: {known}", key.get_ref()))
        }
        None => Ok(()),
    }
}

fn rule_named(at: usize, name: &str) -> Result<&'static Rule, Problem> {
    match Rule::named(name) {
        Some(rule) => Ok(rule),
        None => {
            let near = suggestion(name, Rule::all().iter().map(|rule| rule.name));
            problem(at, format!("there is no rule `{name}`{near}; `step-zero explain` lists all"))
        }
    }
}

/// The level of that name; `None` for `allow`.
fn level_named(value: &Value<'_>) -> Result<Option<Level>, Problem> {
    let name = value.get_ref().as_str().unwrap_or_default();
    match Level::ALL.into_iter().find(|level| level.name() == name) {
        Some(level) => Ok(Some(level)),
        None if name == "allow" => Ok(None),
        None => problem(value.span().start, "a level is \"note\", \"warning\", \"error\" or \"allow\""),
    }
}

fn number(value: &Value<'_>) -> Result<f64, Problem> {
    let text = match value.get_ref() {
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        _ => String::new(),
    };
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => problem(value.span().start, "a limit must be a number, and not negative"),
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use diagnostics::{Level, Limits};

    #[test]
    fn everything_is_read() {
        let text = r#"
            [rules.dead-units]
            level = "error"
            [rules.offset]
            level = "allow"
            [[allow]]
            rule = "saturated"
            location = "h.*.attn"
            reason = "gates start open"
            [limits]
            saturated = 0.5
            examples = 4
        "#;
        let config = Config::parse(text).unwrap();
        assert_eq!(config.levels, [("dead-units", Some(Level::Error)), ("offset", None)]);
        assert_eq!(config.limits, Limits { saturated: 0.5, examples: 4.0, ..Limits::default() });
        assert_eq!(config.allow[0].reason, "gates start open");
        assert_eq!(Config::parse("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_named_with_line_and_column() {
        let wrong = |text: &str| Config::parse(text).unwrap_err();
        insta::assert_snapshot!(wrong("[rule.offset]\nlevel = 'note'"), @"1:2: unknown key `rule` (did you mean `rules`?); known here: rules, allow, limits");
        insta::assert_snapshot!(wrong("[rules.dead-unit]\nlevel = 'note'"), @"1:8: there is no rule `dead-unit` (did you mean `dead-units`?); `step-zero explain` lists all");
        insta::assert_snapshot!(wrong("[rules.offset]\nlevel = 'notice'"), @r#"2:9: a level is "note", "warning", "error" or "allow""#);
        insta::assert_snapshot!(wrong("[rules.offset]"), @r#"1:8: the rule `offset` has no level; add level = "note""#);
        insta::assert_snapshot!(wrong("[limits]\nsaturate = 0.5"), @"2:1: there is no limit `saturate` (did you mean `saturated`?)");
        insta::assert_snapshot!(wrong("[limits]\n'ä' = 1"), @"2:1: there is no limit `ä`");
        insta::assert_snapshot!(wrong("[limits]\nsaturated = '0.5'"), @"2:13: a limit must be a number, and not negative");
        insta::assert_snapshot!(wrong("[limits]\nsaturated = nan"), @"2:13: a limit must be a number, and not negative");
        insta::assert_snapshot!(wrong("[limits]\nsaturated = -1"), @"2:13: a limit must be a number, and not negative");
        insta::assert_snapshot!(wrong("limits = 3"), @"1:10: `limits` must be a table of keys and values");
        insta::assert_snapshot!(wrong("allow = 3"), @"1:9: `allow` is a list: write [[allow]]");
        insta::assert_snapshot!(wrong("[[allow]]\nrule = 'offset'\nlocation = 'a'"), @r#"1:1: an entry of `allow` has no reason; add reason = "why this is as it should be""#);
        insta::assert_snapshot!(wrong("[[allow]]\nrule = 'offset'\nlocation = 'a'\nreason = ' '"), @"4:10: `reason` must be a text that is not empty");
        insta::assert_snapshot!(wrong("[[allow]]\nrule = 'offst'\nlocation = 'a'\nreason = 'b'"), @"2:8: there is no rule `offst` (did you mean `offset`?); `step-zero explain` lists all");
        insta::assert_snapshot!(wrong("[limits\nsaturated = 1"), @"1:8: unclosed table, expected `]`");
    }
}
