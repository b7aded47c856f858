//! Files that are no recording, are damaged or newer: one line each that says what and where.

use safetensors::Dtype;
use serde_json::json;

use super::network::{RecordedFile, changed, network, read};

#[track_caller]
fn refusal(file: &RecordedFile) -> String {
    refused(&file.bytes())
}

#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let text = read(bytes).unwrap_err();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn the_file_that_the_others_damage_is_read() {
    let recording = read(&network(1, 1.0).bytes()).unwrap();
    assert_eq!((recording.sites.len(), recording.parameters.len(), recording.seed), (4, 4, Some(1)));
    assert_eq!(recording.sites[1].statistics.count, 48.0);
    assert_eq!(recording.loss.unwrap().logits, Some(3));
}

#[test]
fn a_file_that_ends_early_is_refused_wherever_it_ends() {
    let whole = network(1, 1.0).bytes();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    for length in [0, 4, 8, header / 2, header - 1, header, header + 1, whole.len() / 2, whole.len() - 1] {
        let text = refused(&whole[..length]);
        let named = text.starts_with("not a safetensors file: ") || text.starts_with("damaged: ");
        assert!(named && text.contains(&length.to_string()), "{length}: {text}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(refused(&longer).starts_with("damaged: its tensors end at byte "));
}

#[test]
fn other_files_are_refused() {
    assert!(
        refused(b"PK\x03\x04 this is a zip file, such as PyTorch's").starts_with("not a safetensors file: ")
    );
    assert!(refused(&[0xff; 64]).starts_with("not a safetensors file: "));
    let other = RecordedFile { format: "pt".to_owned(), ..network(1, 1.0) };
    assert_eq!(refusal(&other), "not a recording: its metadata has no format `step-zero-recording`");
    let newer = RecordedFile { version: "2".to_owned(), ..network(1, 1.0) };
    assert_eq!(
        refusal(&newer),
        "a recording of version 2, newer than 1, which this program reads: update step-zero"
    );
    let unnamed = RecordedFile { version: "one".to_owned(), ..network(1, 1.0) };
    assert_eq!(refusal(&unnamed), "a recording without a version: record it again");
    let bare = RecordedFile { manifest: None, ..network(1, 1.0) };
    assert_eq!(refusal(&bare), "a recording without a manifest: record it again");
}

#[test]
fn a_damaged_manifest_is_refused() {
    let text = |from: &str, to: &str| {
        let mut file = network(1, 1.0);
        let manifest = String::from_utf8(file.manifest.take().unwrap()).unwrap();
        assert!(manifest.contains(from), "{manifest}");
        file.manifest = Some(manifest.replacen(from, to, 1).into_bytes());
        refusal(&file)
    };
    assert!(text("1.25", "NaN").starts_with("manifest: expected value at line 1 column "));
    assert!(text("{", "").starts_with("manifest: "));
    assert!(text("\"sites\"", "\"sits\"").starts_with("manifest: missing field `sites`"));
    let mut binary = network(1, 1.0);
    binary.manifest = Some(vec![0xff; 10]);
    assert!(refusal(&binary).starts_with("manifest: "));
}

#[test]
fn a_manifest_that_contradicts_its_tensors_or_itself_is_refused() {
    let change = |at: &str, to: serde_json::Value| {
        refusal(&changed(|manifest| *manifest.pointer_mut(at).unwrap() = to))
    };
    assert_eq!(
        change("/sites/1/shape", json!([8, 7])),
        "site fc1: tensor values/fc1 has the shape [8, 6], the manifest [8, 7]"
    );
    assert_eq!(
        change("/sites/1/axes", json!(["unit", "unit"])),
        "site fc1: two axes are named unit: at most one may be"
    );
    assert_eq!(change("/sites/1/axes", json!(["unit"])), "site fc1: 1 names of axes for values of 2 axes");
    assert!(
        change("/sites/1/kind", json!("lineer"))
            .starts_with("site fc1: unknown kind of site `lineer`: it must be one of input,")
    );
    assert_eq!(
        change("/sites/1/inputs/0/site", json!("tanh")),
        "site fc1: it reads tanh, which is no earlier site"
    );
    assert_eq!(
        change("/sites/1/inputs/0/site", json!("fc1")),
        "site fc1: it reads fc1, which is no earlier site"
    );
    assert_eq!(change("/sites/1/weight", json!("fc9.weight")), "site fc1: there is no parameter fc9.weight");
    let twice = changed(|manifest| {
        manifest["sites"][2]["id"] = json!("fc1");
        manifest["sites"][3]["inputs"][0]["site"] = json!("fc1");
    });
    assert_eq!(refusal(&twice), "two sites are named fc1: each needs a name of its own");
    assert_eq!(change("/loss/logits", json!("head")), "loss: there is no site head");
    assert!(
        change("/mode", json!("training"))
            .starts_with("unknown mode `training`: it must be one of train, eval")
    );
    assert!(
        change("/parameters/0/role", json!("kernel"))
            .starts_with("parameter fc1.weight: unknown role `kernel`")
    );
    assert_eq!(
        change("/parameters/1/name", json!("fc1.weight")),
        "parameter fc1.weight: tensor parameter/fc1.weight has the shape [6, 4], the manifest [6]"
    );
}

#[test]
fn integers_are_refused() {
    let mut file = network(1, 1.0);
    let place = file.tensors.iter().position(|(name, ..)| name == "values/fc1").unwrap();
    file.tensors[place].1 = Dtype::I32;
    assert_eq!(refusal(&file), "site fc1: tensor values/fc1 holds I32: it must be F16, BF16, F32 or F64");
    let mut file = network(1, 1.0);
    file.tensors.iter_mut().for_each(|tensor| {
        if tensor.0.starts_with("parameter/fc2.weight") {
            tensor.1 = Dtype::U32;
        }
    });
    assert_eq!(
        refusal(&file),
        "parameter fc2.weight: tensor parameter/fc2.weight holds U32: it must be F16, BF16, F32 or F64"
    );
}

/// Every byte of the header and the manifest is changed in turn: the reader says no in one line, or reads a recording.
#[test]
fn no_changed_byte_ends_in_a_panic() {
    let whole = network(1, 1.0).bytes();
    let header = 8 + u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let manifest = whole.windows(11).position(|window| window == b"\"framework\"").unwrap();
    let mut refused = 0;
    for at in (0..header).step_by(3).chain((manifest - 1..whole.len().min(manifest + 2000)).step_by(7)) {
        for with in [b'0', b'"', 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = with;
            if let Err(text) = read(&bytes) {
                refused += 1;
                assert_eq!(text.lines().count(), 1, "{text}");
            }
        }
    }
    assert!(refused > 100, "{refused}");
}
