//! Texts of TOML held to a JSON Schema, for the part of it that ours use.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

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

/// Where a text of TOML is not as a schema says.
pub(super) fn toml_fault(schema: &Value, text: &str) -> Option<String> {
    let parsed = DeTable::parse(text).unwrap();
    fault(schema, schema, &table_as_json(parsed.get_ref()), "file")
}
