//! The zoo's recordings (`zoo/README.md`), as PyTorch made them: no rule complains about a healthy network, every planted
//! fault is the first verdict, and the statistics are PyTorch's. `zoo/run.py fixtures` renews the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use diagnostics::{Quantiles, Recording, Verdict};
use serde::Deserialize;

/// A finding that a recording must have; the rule `none` marks a healthy network.
#[derive(Clone, Deserialize)]
struct Expected {
    file: String,
    /// Names of rules, joined by `|`.
    rule: String,
    /// Patterns over names of sites and parameters, joined by `|`; `*` is any text.
    location: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings")
}

fn table<T: for<'a> Deserialize<'a>>(file: &str) -> Vec<T> {
    let rows = csv::Reader::from_path(folder().join(file)).unwrap().into_deserialize();
    rows.collect::<Result<_, _>>().unwrap()
}

fn read(file: &str) -> Recording {
    Recording::read(&folder().join(file)).unwrap_or_else(|error| panic!("{error}"))
}

/// The expected findings by file.
fn expected() -> BTreeMap<String, Vec<Expected>> {
    let mut by_file: BTreeMap<String, Vec<Expected>> = BTreeMap::new();
    for row in table::<Expected>("expected.csv") {
        by_file.entry(row.file.clone()).or_default().push(row);
    }
    by_file
}

/// True if one of the patterns fits the whole name.
fn matches(name: &str, patterns: &str) -> bool {
    patterns.split('|').any(|pattern| fits(name, pattern))
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| fits(&name[at..], rest))
        }),
    }
}

/// What is wrong with the verdicts, if anything is: the first expected finding must be the first verdict, and its first
/// location must fit; the others must be among the verdicts.
fn complaint(verdicts: &[Verdict], expected: &[Expected]) -> Option<String> {
    let named = |verdict: &Verdict, row: &Expected| row.rule.split('|').any(|rule| rule == verdict.rule);
    let first = &expected[0];
    if first.rule == "none" {
        return verdicts
            .iter()
            .find(|verdict| verdict.is_finding())
            .map(|verdict| format!("it is healthy: {verdict}"));
    }
    if let Some(row) = expected.iter().find(|row| !verdicts.iter().any(|verdict| named(verdict, row))) {
        return Some(format!("no {} is found: {verdicts:#?}", row.rule));
    }
    let verdict = &verdicts[0];
    let right = named(verdict, first) && matches(verdict.location(), &first.location);
    (!right).then(|| format!("expected {} at {}: {verdict}", first.rule, first.location))
}

#[test]
fn healthy_networks_have_no_finding_and_every_fault_is_the_first_verdict() {
    let complaints: Vec<String> = expected()
        .iter()
        .filter_map(|(file, rows)| Some(format!("{file}: {}", complaint(&read(file).verdicts(), rows)?)))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_zoo_is_as_large_as_documented() {
    let expected = expected();
    let healthy = expected.values().filter(|rows| rows[0].rule == "none").count();
    assert!(healthy >= 37 + 10 + 8 && expected.len() - healthy >= 70, "{healthy} of {}", expected.len());
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let sizes: BTreeMap<String, u64> =
        files.map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().len())).collect();
    let recordings = sizes.keys().filter(|name| name.ends_with(".safetensors"));
    assert_eq!(recordings.collect::<BTreeSet<_>>(), expected.keys().collect());
    let bytes: u64 = expected.keys().map(|name| sizes[name]).sum();
    assert!(bytes < 8_000_000, "{bytes} bytes; 8 MB are allowed");
}

/// The comparison with what is expected can fail, in each of its ways.
#[test]
fn wrong_expectations_are_rejected() {
    let row = |rule: &str, location: &str| Expected {
        file: String::new(),
        rule: rule.into(),
        location: location.into(),
    };
    let (healthy, faulty) =
        (read("mlp-relu.safetensors").verdicts(), read("one-layer-too-large.safetensors").verdicts());
    assert_eq!(complaint(&healthy, &[row("none", "")]), None);
    assert!(complaint(&healthy, &[row("wrong-gain", "*")]).is_some());
    assert_eq!(complaint(&faulty, &[row("offset|wrong-gain", "layers.3*")]), None);
    assert!(complaint(&faulty, &[row("none", "")]).is_some());
    assert!(complaint(&faulty, &[row("wrong-gain", "layers.2*")]).is_some());
    assert!(complaint(&faulty, &[row("offset", "layers.3*")]).is_some());
    assert!(complaint(&faulty, &[row("wrong-gain", "layers.3*"), row("rank-one", "*")]).is_some());
}

#[test]
fn patterns_fit_whole_names() {
    for (name, patterns, fit) in [
        ("h.3.attn (softmax)", "h.3.attn*", true),
        ("h.3.attn (softmax)", "h.*.attn*x)", true),
        ("h.3.attn", "h.4*|*attn", true),
        ("h.3.attn", "h.3", false),
        ("fc", "", false),
        ("fc", "f**c", true),
        ("größe", "gr*ße", true),
    ] {
        assert_eq!(matches(name, patterns), fit, "{name} {patterns}");
    }
}

/// Every statistic of a recording, from the same values in PyTorch and double precision: sums in another order differ by
/// roundings. Counts are exact. A quantile is that of a bucket.
#[test]
fn statistics_are_those_of_pytorch() {
    let mut recordings: BTreeMap<String, Recording> = BTreeMap::new();
    let mut compared = BTreeSet::new();
    for reference in table::<BTreeMap<String, String>>("oracle.csv") {
        let [file, of, name] = ["file", "of", "name"].map(|key| reference[key].as_str());
        let recording = recordings.entry(file.to_owned()).or_insert_with(|| read(file));
        let (fields, row) = row_of(recording, of, name);
        let ours: BTreeMap<&str, f64> = fields.iter().copied().zip(row).collect();
        for (statistic, ours_of_it) in &ours {
            let Some(text) = reference.get(*statistic).filter(|text| !text.is_empty()) else { continue };
            let theirs: f64 = text.parse().unwrap();
            let close = is_close(statistic, *ours_of_it, theirs, ours["rms"]);
            assert!(close, "{file}: {of} {name}: {statistic} is {ours_of_it}, and PyTorch's {theirs}");
            compared.insert((of.to_owned(), *statistic));
        }
    }
    let all = |of: &str, fields: &'static [&'static str]| -> Vec<_> {
        fields.iter().map(|&field| (of.to_owned(), field)).collect()
    };
    let of_sites = all("site", diagnostics::SiteStatistics::FIELDS);
    let of_parameters = all("parameter", diagnostics::ParameterStatistics::FIELDS);
    let missing: Vec<_> =
        of_sites.iter().chain(&of_parameters).filter(|field| !compared.contains(field)).collect();
    assert!(missing.is_empty(), "no row of oracle.csv has {missing:?}");
}

/// The statistics of a site or a parameter, with the names of their fields.
fn row_of(recording: &Recording, of: &str, name: &str) -> (&'static [&'static str], Vec<f64>) {
    if of == "site" {
        let site = recording.site(name).unwrap_or_else(|| panic!("no site {name}"));
        (diagnostics::SiteStatistics::FIELDS, recording.sites[site].statistics.row())
    } else {
        let parameter = recording.parameter(name).unwrap_or_else(|| panic!("no parameter {name}"));
        (diagnostics::ParameterStatistics::FIELDS, recording.parameters[parameter].statistics.row())
    }
}

/// Quantiles may err by the relative width of a bucket. Means may be sums that cancel, so their errors are relative to the
/// root mean square.
fn is_close(statistic: &str, ours: f64, theirs: f64, rms: f64) -> bool {
    let (relative, absolute) = match statistic {
        "count" | "non_finite" | "zeros" | "min" | "max" | "examples" | "units" | "positions" => (0.0, 0.0),
        "subnormal" | "rows" | "columns" | "zero_rows" | "first_zero_row" | "last_zero_row" => (0.0, 0.0),
        "gradient_count" | "gradient_non_finite" | "gradient_zeros" | "repeats" => (0.0, 0.0),
        "q05" | "q25" | "q50" | "q75" | "q95" => (Quantiles::RELATIVE_ERROR, 0.0),
        "mean" => (0.0, 1e-12 * rms),
        "skew" => (1e-9, 1e-9),
        "offset" | "mean_cosine" => (1e-9, 1e-12),
        _ => (1e-9, 0.0),
    };
    // The power method does not reach the top of a spectrum without a gap.
    if statistic == "top_share" && theirs < 0.5 {
        return ours <= theirs * (1.0 + 1e-9) && ours > 0.5 * theirs;
    }
    ours == theirs
        || (ours.is_nan() && theirs.is_nan())
        || (ours - theirs).abs() <= relative * theirs.abs() + absolute
}

/// The comparison with PyTorch can fail.
#[test]
fn other_numbers_are_not_close() {
    assert!(is_close("std", 1.0, 1.0 + 1e-12, 1.0) && !is_close("std", 1.0, 1.0 + 1e-6, 1.0));
    assert!(is_close("top_share", 0.3, 0.4, 1.0) && !is_close("top_share", 0.5, 0.4, 1.0));
    assert!(!is_close("top_share", 0.9, 1.0, 1.0));
    assert!(is_close("q50", 1.0, 1.005, 1.0) && !is_close("q50", 1.0, 1.01, 1.0));
    assert!(!is_close("zeros", 1.0, 2.0, 1.0) && !is_close("mean", f64::NAN, 0.0, 1.0));
}
