//! `docs/sweeps.md` beside the lists that it shows.

use sweep::{NamedMeasure, Setting, SweepPlan};

const PAGE: &str = include_str!("../../../docs/sweeps.md");

/// The lines of a table between two comments, without its head.
fn rows<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let (_, rest) = page.split_once(&format!("<!-- {name} -->")).unwrap();
    let (table, _) = rest.split_once("<!-- end -->").unwrap();
    table.lines().filter(|line| line.starts_with('|')).skip(2).collect()
}

#[test]
fn the_page_lists_every_setting_and_measure() {
    let settings = Setting::ALL.iter().map(|s| format!("| `{}` | {} | {} |", s.name, s.default, s.about));
    assert_eq!(rows(PAGE, "settings"), settings.collect::<Vec<_>>());
    let measures =
        NamedMeasure::ALL.iter().map(|measure| format!("| `{}` | {} |", measure.name, measure.about));
    let measures: Vec<String> = measures.collect();
    assert_eq!(rows(PAGE, "measures"), measures);
    let stale = PAGE.replacen("| `loss` |", "| `lost` |", 1);
    assert_ne!(rows(&stale, "measures"), measures, "a stale page is rejected");
}

/// Names of measures that the page's prose has.
#[test]
fn the_plan_and_the_names_on_the_page_are_valid() {
    let (_, rest) = PAGE.split_once("```toml\n").unwrap();
    let (plan, _) = rest.split_once("```").unwrap();
    let plan = SweepPlan::parse(plan).unwrap();
    assert_eq!(plan.cells(), 3072);
    let (_, rest) = PAGE.split_once("The statistics of a report are measures too").unwrap();
    let (prose, _) = rest.split_once("A statistic that a cell does not").unwrap();
    let names: Vec<&str> =
        prose.split('`').skip(1).step_by(2).filter(|name| !name.starts_with("step-zero")).collect();
    assert!(names.len() >= 8, "{names:?}");
    let text =
        format!("version = 1\nmeasure = {names:?}\n[axes]\ngain = [1]\n[train]\nsgd = 0.1\nsteps = 300");
    assert_eq!(SweepPlan::parse(&text).unwrap().measures.len(), names.len());
}
