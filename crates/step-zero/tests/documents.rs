//! Documents that describe what the program reads and judges, compared with it.

use std::path::Path;

use diagnostics::{AxisName, InputRole, NormKind, ParameterStatistics, SiteKind, SiteStatistics};

use crate::{stdout, step_zero};

fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)).unwrap()
}

#[test]
fn the_catalogue_of_rules_is_that_of_the_program() {
    let fresh = stdout(&step_zero(&["explain", "--catalogue"]));
    assert!(document("rules.md") == fresh, "renew it: cargo step-zero explain --catalogue > docs/rules.md");
}

/// The first cells of the table after a marker.
fn fields(document: &str, marker: &str) -> Vec<String> {
    let table = document.split_once(marker).map_or("", |(_, rest)| rest);
    let table = table.split("<!-- end -->").next().unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

#[test]
fn every_statistic_of_the_format_is_documented() {
    let page = document("recordings.md");
    let site = "<!-- fields of SiteStatistics -->";
    assert_eq!(fields(&page, site), SiteStatistics::FIELDS);
    assert_eq!(fields(&page, "<!-- fields of ParameterStatistics -->"), ParameterStatistics::FIELDS);
    let stale = page.replacen("| `kurtosis` |", "| `curtosis` |", 1);
    assert_ne!(fields(&stale, site), SiteStatistics::FIELDS, "a stale table is rejected");
}

#[test]
fn every_name_of_the_format_is_documented() {
    let page = document("recordings.md");
    let kinds = SiteKind::ALL.iter().map(|kind| kind.name());
    let norms = NormKind::ALL.iter().map(|norm| norm.name());
    let others =
        AxisName::ALL.iter().map(|axis| axis.name()).chain(InputRole::ALL.iter().map(|role| role.name()));
    for name in kinds.chain(norms).chain(others) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not documented");
    }
}
