//! Files written by PyTorch, transformers and NumPy, against their values as PyTorch measures them.

use std::path::{Path, PathBuf};

use checkpoint::{Checkpoint, TensorSummary};
use serde_json::Value;

use super::{one_line, refused, summary_of};

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/files").join(name)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Sums in double precision in another order: errors of 10⁻¹³ of the largest term or so.
fn close(ours: f64, theirs: f64, scale: f64) -> bool {
    (ours - theirs).abs() <= 1e-12 * scale.max(theirs.abs())
}

fn compare(name: &str, ours: &TensorSummary, theirs: &Value) {
    let integer = |key: &str| theirs[key].as_u64().unwrap();
    assert_eq!(ours.nan, integer("nan"), "{name}");
    assert_eq!(ours.positive_infinite + ours.negative_infinite, integer("infinite"), "{name}");
    assert_eq!(ours.zeros, integer("zeros"), "{name}");
    let (min, max) = (theirs["min"].as_f64(), theirs["max"].as_f64());
    for (ours, theirs) in [(ours.min, min), (ours.max, max)] {
        // serde_json reads a number to its last digit or the one beside it.
        let same =
            theirs.map_or(ours.is_nan(), |theirs| (ours - theirs).abs() <= f64::EPSILON * theirs.abs());
        assert!(same, "{name}: {ours} {theirs:?}");
    }
    let largest = ours.min.abs().max(ours.max.abs());
    let moments = ours.moments;
    assert!(close(moments.mean, theirs["mean"].as_f64().unwrap(), largest), "{name}: {moments:?}");
    let sums = [moments.squares, moments.cubes, moments.fourths];
    for ((sum, theirs), power) in sums.iter().zip(numbers(&theirs["moments"])).zip(2..) {
        let ours = sum / ours.finite().max(1) as f64;
        assert!(close(ours, theirs, (2.0 * largest).powi(power)), "{name}: {ours} {theirs}");
    }
    let (Some(rows), Some(columns)) = (&ours.rows, &ours.columns) else {
        assert!(theirs["rows"].is_null(), "{name}");
        return;
    };
    if theirs["rows"].is_null() {
        return;
    }
    let lines = [
        ("rows", rows.iter().map(|row| row.sum).collect::<Vec<_>>()),
        ("row_squares", rows.iter().map(|row| row.squares).collect()),
        ("columns", columns.iter().map(|column| column.sum).collect()),
        ("column_squares", columns.iter().map(|column| column.squares).collect()),
    ];
    for (key, ours) in lines {
        let theirs = numbers(&theirs[key]);
        assert_eq!(ours.len(), theirs.len(), "{name}: {key}");
        let scale = 100.0 * largest.max(largest * largest);
        assert!(ours.iter().zip(&theirs).all(|(a, b)| close(*a, *b, scale)), "{name}: {key}");
    }
}

#[test]
fn every_tensor_has_the_statistics_of_pytorch() {
    let expected: Value =
        serde_json::from_slice(&std::fs::read(reference("expected.json")).unwrap()).unwrap();
    let mut compared = 0;
    for (file, tensors) in expected.as_object().unwrap() {
        let checkpoint = Checkpoint::open(&[reference(file)]).unwrap();
        let summaries = checkpoint.measure(|_, _| ()).unwrap();
        assert_eq!(checkpoint.tensors().len(), tensors.as_object().unwrap().len(), "{file}");
        for (tensor, summary) in checkpoint.tensors().iter().zip(&summaries) {
            let theirs = &tensors[&tensor.name];
            assert_eq!(summary.is_some(), theirs.is_object(), "{}", tensor.name);
            if let Some(summary) = summary {
                let shape: Vec<f64> = tensor.shape.iter().map(|n| *n as f64).collect();
                assert_eq!(shape, numbers(&theirs["shape"]), "{}", tensor.name);
                compare(&tensor.name, summary, theirs);
                compared += 1;
            }
        }
    }
    assert!(compared > 40, "{compared}");
}

/// The same tensor with another tensor's values is rejected by the comparison above.
#[test]
#[should_panic = "w"]
fn other_statistics_are_rejected() {
    let expected: Value =
        serde_json::from_slice(&std::fs::read(reference("expected.json")).unwrap()).unwrap();
    let mut summary = summary_of(&reference("array.npy"), "array").unwrap();
    summary.moments.squares *= 1.0 + 1e-9;
    compare("w", &summary, &expected["array.npy"]["array"]);
}

#[test]
fn types_that_are_not_judged_are_listed() {
    let checkpoint = Checkpoint::open(&[reference("every_type.safetensors")]).unwrap();
    let mut types: Vec<_> = checkpoint
        .tensors()
        .iter()
        .filter(|tensor| !tensor.dtype.is_judged())
        .map(|tensor| format!("{} {}", tensor.name, tensor.dtype))
        .collect();
    types.sort();
    assert_eq!(
        types,
        [
            "bool BOOL",
            "c64 C64",
            "f8_e4m3 F8_E4M3",
            "f8_e5m2 F8_E5M2",
            "i16 I16",
            "i32 I32",
            "i64 I64",
            "i8 I8",
            "u8 U8"
        ]
    );
    let names = |file| {
        let checkpoint = Checkpoint::open(&[reference(file)]).unwrap();
        checkpoint.tensors().iter().map(|tensor| tensor.dtype.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names("objects.npy"), ["|O"]);
    assert_eq!(names("structured.npy"), ["structured"]);
}

#[test]
fn shards_are_found_by_index_directory_or_name() {
    let index = Checkpoint::open(&[reference("gpt2_shards/model.safetensors.index.json")]).unwrap();
    let directory = Checkpoint::open(&[reference("gpt2_shards")]).unwrap();
    let shards = [1, 2, 3].map(|i| reference(&format!("gpt2_shards/model-0000{i}-of-00003.safetensors")));
    let files = Checkpoint::open(&shards).unwrap();
    assert_eq!(index.tensors(), directory.tensors());
    assert_eq!(index.tensors(), files.tensors());
    assert_eq!(files.files().collect::<Vec<_>>(), shards);
    assert_eq!(files.file_of(0), shards[0]);
    let twice = Checkpoint::open(&[&shards[0], &shards[0]]).unwrap_err();
    assert!(one_line(twice.to_string()).contains("name files of one model"), "{twice}");
}

#[test]
fn values_are_read_where_they_are() {
    let bytes = |file: &str, name: &str, values| {
        let checkpoint = Checkpoint::open(&[reference(file)]).unwrap();
        let at = checkpoint.tensors().iter().position(|tensor| tensor.name == name).unwrap();
        checkpoint.bytes(at, values).unwrap()
    };
    let all = bytes("array.npy", "array", 0..30);
    for file in ["arrays.npz", "compressed.npz"] {
        assert_eq!(bytes(file, "f4", 0..30), all, "{file}");
        assert_eq!(bytes(file, "f4", 7..9), all[28..36], "{file}");
        assert!(bytes(file, "f4", 30..30).is_empty(), "{file}");
    }
    let file = std::fs::read(reference("every_type.safetensors")).unwrap();
    let theirs = safetensors::SafeTensors::deserialize(&file).unwrap();
    for name in ["f64", "f32", "f16", "bf16", "conv", "special"] {
        let theirs = theirs.tensor(name).unwrap();
        let n = theirs.shape().iter().product();
        assert_eq!(bytes("every_type.safetensors", name, 0..n), theirs.data(), "{name}");
    }
}

#[test]
fn pickles_of_pytorch_are_refused_with_the_conversion() {
    for file in ["zip.pt", "legacy.pth"] {
        let error = refused(&reference(file));
        assert!(error.contains("pickle") && error.contains(&format!("torch.load('{file}'")), "{error}");
    }
}

#[test]
fn arrays_that_are_not_read_say_what_to_save() {
    assert!(refused(&reference("fortran.npy")).contains("ascontiguousarray"));
    assert!(refused(&reference("big_endian.npy")).contains("astype('<f4')"));
}
