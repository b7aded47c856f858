//! `docs/plan.schema.json` beside the parser: what one accepts, the other does.

#[path = "../../checkpoint/tests/schema/fault.rs"]
mod fault;

use std::collections::BTreeSet;

use serde_json::Value;
use sweep::{Setting, SweepPlan};

use crate::SMALL;
use fault::toml_fault;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/plan.schema.json")).unwrap()
}

#[test]
fn plans_are_accepted() {
    let mut plans = Vec::new();
    for folder in ["/../../plans", "/../../plans/small"] {
        let folder = format!("{}{folder}", env!("CARGO_MANIFEST_DIR"));
        let paths = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let texts = paths.filter(|path| path.is_file()).map(|path| std::fs::read_to_string(path).unwrap());
        let before = plans.len();
        plans.extend(texts);
        assert!(plans.len() > before, "there are plans in {folder}");
    }
    plans.push(SMALL.to_owned());
    for plan in plans {
        assert_eq!(toml_fault(&schema(), &plan), None, "{plan}");
        SweepPlan::parse(&plan).unwrap_or_else(|error| panic!("{error} in {plan}"));
    }
}

#[test]
fn what_the_parser_refuses_for_its_form_the_schema_refuses() {
    let axis = |line: &str| SMALL.replace("gain = [0.5, 1.5, 4]", line);
    let fixed = |line: &str| SMALL.replace("width = 6", line);
    let wrong = [
        String::new(),
        SMALL.replace("version = 1", "version = 2"),
        SMALL.replace("[fixed]", "[fix]"),
        SMALL.replace("['loss@6', 'gradient_growth', 'chi_1']", "[]"),
        SMALL.replace("['loss@6', 'gradient_growth', 'chi_1']", "'loss@6'"),
        format!("seeds = 'own'\n{SMALL}"),
        axis("gian = [1]"),
        axis("gain = 1"),
        axis("gain = []"),
        axis("gain = ['x']"),
        axis("gain = { log = [1, 2] }"),
        axis("gain = { log = [1, 2], linear = [1, 2], points = 3 }"),
        axis("gain = { log = [1, 2], points = 0 }"),
        axis("gain = { log = [1], points = 3 }"),
        axis("gain = { count = 0.5 }"),
        axis("scheme = [1]"),
        axis("scheme = { count = 2 }"),
        fixed("width = 0"),
        fixed("width = 2000000"),
        fixed("width = 1.5"),
        fixed("width = [1]"),
        fixed("bias = -1"),
        fixed("norm = 'batch'"),
        fixed("data = 'mnist'"),
        fixed("data = 3"),
        SMALL.replace("sgd = 0.1", "rmsprop = 0.1"),
        SMALL.replace("sgd = 0.1", "sgd = '0.1'"),
    ];
    for text in wrong {
        assert!(toml_fault(&schema(), &text).is_some(), "the schema accepts {text}");
        assert!(SweepPlan::parse(&text).is_err(), "the parser accepts {text}");
    }
}

/// The keys that an unknown key's error lists.
fn known_keys(text: &str) -> BTreeSet<String> {
    let error = SweepPlan::parse(text).unwrap_err().to_string();
    let (_, keys) = error.split_once("known here: ").unwrap_or_else(|| panic!("{error}"));
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn schema_and_parser_know_the_same_keys() {
    let schema = schema();
    let keys = |pointer: &str| -> BTreeSet<String> {
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    let settings: BTreeSet<String> = Setting::ALL.iter().map(|setting| setting.name.to_owned()).collect();
    assert_eq!(keys("/properties/axes/properties"), settings);
    assert_eq!(keys("/properties/fixed/properties"), settings);
    assert_eq!(keys("/properties"), known_keys("version = 1\nsurely_unknown = 1"));
    assert_eq!(keys("/properties/train/properties"), known_keys("version = 1\n[train]\nsurely_unknown = 1"));
    let ranges = ["count", "linear", "log"].map(|range| keys(&format!("/$defs/{range}/properties")));
    let ranges: BTreeSet<String> = ranges.into_iter().flatten().collect();
    assert_eq!(ranges, known_keys("version = 1\n[axes]\ngain = { surely_unknown = 1 }"));
}

/// The schema's description of a setting has that of the list and its default.
#[test]
fn schema_and_list_say_the_same() {
    let schema = schema();
    for setting in Setting::ALL {
        let described = schema.pointer(&format!("/properties/fixed/properties/{}/description", setting.name));
        let expected = format!("{}; {} if it is not given.", setting.about, setting.default);
        assert_eq!(described.unwrap(), &Value::from(expected), "{}", setting.name);
    }
}
