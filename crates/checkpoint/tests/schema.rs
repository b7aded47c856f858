//! `docs/rules.schema.json` beside the parser: what one accepts, the other does.

use std::collections::BTreeSet;

use checkpoint::{NameRules, ShippedRules};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/rules.schema.json")).unwrap()
}

/// The keywords that [`fault`] checks, and those that describe only. A schema with others is not checked, so it is refused.
const KEYWORDS: &[&str] = &[
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "required",
    "additionalProperties",
    "properties",
    "propertyNames",
    "items",
    "minItems",
    "anyOf",
    "enum",
    "const",
    "minimum",
    "maximum",
    "minLength",
    "pattern",
];

/// The first place at which a value is not as a schema says, for the part of JSON Schema that ours uses.
fn fault(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = schema.as_object().unwrap();
    if let Some(unknown) = schema.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
        panic!("the keyword {unknown} is not checked");
    }
    let wrong = |why: &str| Some(format!("{at}: {why}"));
    if let Some(name) = schema.get("$ref") {
        let target = root.pointer(name.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
        if let Some(found) = fault(root, target, value, at) {
            return Some(found);
        }
    }
    let refuses = |one: &Value| fault(root, one, value, at).is_some();
    if schema.get("anyOf").is_some_and(|of| of.as_array().unwrap().iter().all(refuses)) {
        return wrong("no alternative fits");
    }
    let fits = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("the type {other} is not checked"),
    };
    if schema.get("type").is_some_and(|kind| !fits(kind.as_str().unwrap())) {
        return wrong("another type");
    }
    if schema.get("const").is_some_and(|expected| expected != value) {
        return wrong("another constant");
    }
    if schema.get("enum").is_some_and(|all| !all.as_array().unwrap().contains(value)) {
        return wrong("none of the names");
    }
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let number = value.as_f64();
    if number.is_some_and(|number| limit("minimum").is_some_and(|least| number < least))
        || number.is_some_and(|number| limit("maximum").is_some_and(|most| number > most))
    {
        return wrong("out of range");
    }
    if value
        .as_str()
        .is_some_and(|text| limit("minLength").is_some_and(|least| (text.chars().count() as f64) < least))
    {
        return wrong("too short");
    }
    if let Some(items) = value.as_array() {
        if limit("minItems").is_some_and(|least| (items.len() as f64) < least) {
            return wrong("too few");
        }
        let item = schema.get("items");
        let mut faults = items.iter().filter_map(|one| fault(root, item?, one, &format!("{at}[]")));
        if let Some(found) = faults.next() {
            return Some(found);
        }
    }
    value.as_object().and_then(|object| object_fault(root, schema, object, at))
}

fn object_fault(
    root: &Value,
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
) -> Option<String> {
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    let missing = required.map(|key| key.as_str().unwrap()).find(|key| !object.contains_key(*key));
    if let Some(missing) = missing {
        return Some(format!("{at}: no {missing}"));
    }
    object.iter().find_map(|(key, value)| {
        let at = format!("{at}.{key}");
        let property = schema.get("properties").and_then(|properties| properties.get(key));
        match (property, schema.get("additionalProperties")) {
            (Some(property), _) => fault(root, property, value, &at),
            (None, Some(Value::Bool(false))) => Some(format!("{at}: unknown key")),
            (None, Some(other)) => fault(root, other, value, &at),
            (None, None) => None,
        }
    })
}

fn as_json(value: &DeValue) -> Value {
    let number = |text: &str| Value::from(text.parse::<f64>().unwrap());
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => Value::from(integer.as_str().parse::<i64>().unwrap()),
        DeValue::Float(float) => number(float.as_str()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| as_json(item.get_ref())).collect(),
        DeValue::Table(table) => table_as_json(table),
    }
}

fn table_as_json(table: &DeTable) -> Value {
    let entries = table.iter().map(|(key, value)| (key.get_ref().to_string(), as_json(value.get_ref())));
    Value::Object(entries.collect())
}

/// Where a text of TOML is not as the schema says.
fn fault_of(text: &str) -> Option<String> {
    let schema = schema();
    let parsed = DeTable::parse(text).unwrap();
    fault(&schema, &schema, &table_as_json(parsed.get_ref()), "file")
}

#[test]
fn every_shipped_file_is_accepted() {
    for shipped in ShippedRules::ALL {
        assert_eq!(fault_of(shipped.text()), None, "{}", shipped.name());
        // What the program writes too.
        assert_eq!(fault_of(&shipped.rules().to_string()), None, "{}", shipped.name());
    }
}

#[test]
fn what_the_parser_refuses_for_its_form_the_schema_refuses() {
    let rule = |line: &str| format!("version = 1\n[[rule]]\nmatch = 'w'\nscheme = 'ones'\n{line}");
    let wrong = [
        String::new(),
        "version = 2".to_owned(),
        "version = 1\nrules = 3".to_owned(),
        "version = 1\nprefix = 3".to_owned(),
        "version = 1\n[rule]\nmatch = 'w'\nscheme = 'ones'".to_owned(),
        "version = 1\n[[rule]]\nmatch = 'w'".to_owned(),
        "version = 1\n[[rule]]\nmatch = []\nscheme = 'ones'".to_owned(),
        "version = 1\n[[rule]]\nmatch = ''\nscheme = 'ones'".to_owned(),
        "version = 1\n[[ignore]]\nmatch = 'w'".to_owned(),
        "version = 1\n[[tied]]\nname = 'w'".to_owned(),
        "version = 1\n[constants]\na = true".to_owned(),
        "version = 1\n[constants]\na = { default = 3 }".to_owned(),
        "version = 1\n[constants]\na = { of = 'w' }".to_owned(),
        "version = 1\n[constants]\na = { config = 'n', default = 'x' }".to_owned(),
        rule("layout = 'inout'"),
        rule("groups = true"),
        rule("stride = []"),
        rule("blocks = { count = 3 }"),
        rule("blocks = { axis = 8 }"),
        rule("blocks = 3"),
        rule("dims = 1.5"),
        rule("optional = 1"),
        rule("reason = 1"),
        rule("fans_of = 3"),
        rule("when = []"),
    ];
    for text in wrong {
        assert!(fault_of(&text).is_some(), "the schema accepts {text}");
        assert!(NameRules::parse(&text).is_err(), "the parser accepts {text}");
    }
    let right = rule(
        "groups = 2\nstride = [2, 'dim0']\nblocks = { axis = 0, sizes = [1, 2] }\nzero_rows = 0\nwhen = 1\ndims = 2",
    );
    assert_eq!(fault_of(&right), None);
    assert!(NameRules::parse(&right).is_ok());
}

/// The keys that an unknown key's error lists, for an entry with this text in front of it.
fn known_keys(before: &str) -> BTreeSet<String> {
    let error =
        NameRules::parse(&format!("version = 1\n{before}surely_unknown = 1")).unwrap_err().to_string();
    let (_, keys) = error.split_once("known here: ").unwrap_or_else(|| panic!("{error}"));
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn schema_and_parser_know_the_same_keys() {
    let schema = schema();
    let keys = |pointer: &str| -> BTreeSet<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys("/properties"), known_keys(""));
    assert_eq!(keys("/$defs/rule/properties"), known_keys("[[rule]]\n"));
    assert_eq!(keys("/$defs/ignore/properties"), known_keys("[[ignore]]\n"));
    assert_eq!(keys("/$defs/tied/properties"), known_keys("[[tied]]\n"));
    assert_eq!(keys("/$defs/constant_source/properties"), known_keys("constants.a."));
    assert_eq!(
        keys("/$defs/blocks/properties"),
        known_keys("[[rule]]\nmatch = 'w'\nscheme = 'ones'\nblocks.")
    );
}
