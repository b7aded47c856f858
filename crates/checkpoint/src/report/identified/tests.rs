//! Reports on committed files, and on small ones with everything that a file may have.

use std::path::{Path, PathBuf};

use diagnostics::Style;
use nn_init::{Generator, Layout, Scheme};

use super::*;
use crate::{CheckReport, FALSE_ALARMS, NameRules, RuleSettings};

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

fn identified(file: &Checkpoint) -> IdentifyReport {
    IdentifyReport::of(file, |_, _| ()).expect("the file is whole")
}

/// The findings of a file held to rules.
fn findings(file: &Checkpoint, rules: &str) -> String {
    let rules = NameRules::parse(rules).unwrap();
    let check = CheckReport::of(file, &rules, &RuleSettings::default(), FALSE_ALARMS, |_, _| ()).unwrap();
    check.findings_text()
}

/// All files of safetensors in a folder and those below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "safetensors") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn written_rules_hold_for_the_file() {
    let (mut held, mut faults) = (0, String::new());
    for path in files(&reference()) {
        // Among the files for the reader there are damaged ones.
        let Ok(file) = Checkpoint::open(&[&path]) else { continue };
        let rules = identified(&file).rules_text().unwrap();
        let found = findings(&file, &rules);
        held += 1;
        if !found.is_empty() {
            faults += &format!("{}\n{found}\n{rules}\n", path.display());
        }
    }
    assert!(held > 30, "{held} files");
    assert!(faults.is_empty(), "{faults}");
}

/// A file with everything: an odd layer, a tie, an orthogonal matrix, zeros in a row, names that mean something in patterns, no
/// values, NaN, integers.
fn odd_file(odd: f64) -> (tempfile::TempDir, Checkpoint) {
    use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
    let mut generator = Generator::manual_seed(3);
    let mut draw = |scheme: &str, shape: &[usize]| {
        let scheme: Scheme = scheme.parse().unwrap();
        scheme.sample::<f32>(shape, Layout::OUT_IN, &mut generator).unwrap().data().to_vec()
    };
    let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> = vec![];
    for layer in 0..6 {
        let mut values = draw("normal(0, 0.02)", &[64, 96]);
        if layer == 3 {
            values.iter_mut().for_each(|x| *x *= odd as f32);
        }
        tensors.push((format!("h.{layer}.weight"), vec![64, 96], values));
        tensors.push((format!("h.{layer}.bias"), vec![64], vec![0.0; 64]));
    }
    tensors.push(("tied".to_owned(), vec![64, 96], tensors[0].2.clone()));
    let mut rows = draw("normal(0, 1)", &[50, 40]);
    rows[..40].fill(0.0);
    tensors.push(("embedding".to_owned(), vec![50, 40], rows));
    tensors.push(("orthogonal".to_owned(), vec![32, 80], draw("orthogonal(1.5)", &[32, 80])));
    tensors.push(("a.{i}.**b".to_owned(), vec![3], vec![1.0; 3]));
    tensors.push(("empty".to_owned(), vec![0, 3], vec![]));
    tensors.push(("nan".to_owned(), vec![2], vec![f32::NAN; 2]));
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(.., values)| values.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
    let mut views: Vec<(&str, TensorView)> = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| {
            (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
        })
        .collect();
    views.push(("ids", TensorView::new(Dtype::I64, vec![1], &[0; 8]).unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.safetensors");
    serialize_to_file(views, None, &path).unwrap();
    let file = Checkpoint::open(&[path]).unwrap();
    (folder, file)
}

#[test]
fn the_odd_layer_is_marked_in_every_form() {
    let (_folder, file) = odd_file(2.0);
    let report = identified(&file);
    let names: Vec<&str> = report.odd().iter().map(|&at| report.tensors[at].name.as_str()).collect();
    assert_eq!(names, ["h.3.weight"]);
    let text = report.text(Style::Plain);
    let row = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap_or_default();
    assert!(row("odd: ").starts_with("odd: 1 tensor differs"), "{text}");
    assert!(row("h.3.weight ").ends_with("normal(0, 0.04)  ← odd: 2× the others' std"), "{text}");
    assert!(row("h.{i}.weight ").ends_with("normal(0, 0.02)"), "{text}");
    assert!(row("the same values").ends_with("h.0.weight, tied"), "{text}");
    assert!(row("orthogonal ").ends_with("orthogonal(1.5)"), "{text}");
    assert!(row("embedding ").contains("; row 0 is 0"), "{text}");
    assert!(row("ids ").ends_with("not judged: values of type I64"), "{text}");
    assert!(report.text(Style::Ansi).contains("\u{1b}[31mh.3.weight"), "odd rows are red");
    assert!(report.markdown().contains("| **h.3.weight** |"));
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!((&json["format"], &json["version"]), (&"step-zero-identify".into(), &1.into()));
    assert_eq!(json["odd"], serde_json::json!(["h.3.weight"]));
    let (_folder, even) = odd_file(1.0);
    assert_eq!(identified(&even).odd(), [0; 0]);
}

#[test]
fn written_rules_hold_for_an_odd_file_and_for_no_other() {
    let (_folder, file) = odd_file(2.0);
    let rules = identified(&file).rules_text().unwrap();
    assert_eq!(findings(&file, &rules), "", "{rules}");
    assert!(rules.contains("match = \"h.{i}.weight\"\nscheme = \"normal(0, 0.02)\""), "{rules}");
    let (_folder, even) = odd_file(1.0);
    assert!(findings(&even, &rules).starts_with("error[wrong-std] h.3.weight"));
    let untied = rules.replace("[[tied]]\nnames = [\"h.0.weight\", \"tied\"]\n", "");
    assert_ne!(rules, untied);
    assert!(findings(&file, &untied).starts_with("error[identical-tensors]"));
}

#[test]
fn seeds_are_named_with_what_they_draw() {
    let file = Checkpoint::open(&[reference().join("identify/digits-init.safetensors")]).unwrap();
    let mut report = identified(&file);
    report.search_seeds(&file, 0..=1000, |_, _| ()).unwrap();
    assert!(
        report.text(Style::Plain).contains("seed: none from 0 to 1000 draws any of 6 tensors right after")
    );
    let mut calls = vec![];
    report.search_seeds(&file, 0..=u32::MAX, |done, all| calls.push((done, all))).unwrap();
    let seeds = report.seeds.as_ref().unwrap();
    assert_eq!(seeds.found[0].seed, 1234);
    assert_eq!((calls.len(), calls[0].1), (1, 1 << 32), "the search ends where a seed is found");
    let text = report.text(Style::Plain);
    assert!(
        text.contains("torch.manual_seed(1234) draws these 6 tensors in this order, bit for bit:"),
        "{text}"
    );
    assert!(text.contains("\n  0.weight, 0.bias, 2.weight, 2.bias, 4.weight, 4.bias\n"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(json["seeds"]["found"][0]["tensors"][1], "0.bias");
}
