//! `docs/rules.schema.json` beside the parser: what one accepts, the other does.

mod fault;

use std::collections::BTreeSet;

use checkpoint::{NameRules, ShippedRules};
use serde_json::Value;

use fault::toml_fault;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/rules.schema.json")).unwrap()
}

/// Where a text of TOML is not as the schema says.
fn fault_of(text: &str) -> Option<String> {
    toml_fault(&schema(), text)
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
