//! The lists in the documentation against the code: every scheme and preset, and no other.

use std::collections::BTreeSet;

use nn_init::{Preset, Scheme, SchemeForm};

const README: &str = include_str!("../README.md");
const TEXT: &str = include_str!("../src/text.rs");

/// The names in backticks in the first column of the table below `heading`, without their arguments.
fn listed<'a>(text: &'a str, heading: &str) -> BTreeSet<&'a str> {
    let rows = text.lines().map(|line| line.trim_start_matches('/').trim());
    let table =
        rows.skip_while(|line| !line.starts_with(heading)).skip(2).take_while(|line| line.starts_with('|'));
    let first_columns = table.filter_map(|line| line.split('|').nth(1));
    let quoted = first_columns.flat_map(|column| column.split('`').skip(1).step_by(2));
    quoted.map(|name| name.split('(').next().unwrap_or_default()).collect()
}

/// The names that only one of the two lists has.
fn differences<'a>(listed: &BTreeSet<&'a str>, real: &BTreeSet<&'a str>) -> Vec<&'a str> {
    listed.symmetric_difference(real).copied().collect()
}

fn forms() -> BTreeSet<&'static str> {
    Scheme::FORMS.iter().map(SchemeForm::name).collect()
}

fn presets() -> BTreeSet<&'static str> {
    Preset::all().into_iter().map(|preset| preset.name).collect()
}

#[test]
fn the_readme_lists_every_scheme() {
    assert_eq!(differences(&listed(README, "| text | scheme |"), &forms()), [""; 0]);
}

#[test]
fn the_reference_lists_every_scheme() {
    assert_eq!(differences(&listed(TEXT, "| text | scheme |"), &forms()), [""; 0]);
}

#[test]
fn the_readme_lists_every_preset() {
    assert_eq!(differences(&listed(README, "| preset |"), &presets()), [""; 0]);
}

#[test]
fn a_missing_row_and_a_stale_row_are_found() {
    let differs = |heading: &str, from: &str, to: &str| {
        let edited = README.replace(from, to);
        let names = differences(&listed(&edited, heading), &listed(README, heading)).into_iter();
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(differs("| text | scheme |", "`sparse(0.9, 0.01)`", ""), ["sparse"]);
    assert_eq!(differs("| text | scheme |", "`dirac(2)`", "`dirac(2)`, `gumbel(0, 1)`"), ["gumbel"]);
    assert_eq!(differs("| preset |", "`tch.conv`", "`tch.deconv`"), ["tch.conv", "tch.deconv"]);
    assert_eq!(listed("no table", "| preset |"), BTreeSet::new());
}
