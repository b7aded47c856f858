//! Sound files with random changes: never a panic, one line for an error, and memory in proportion to the file.

use std::path::Path;

use checkpoint::{Checkpoint, MeasureOptions};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::make::{Folder, Member, entry, npy, of_tensors, safetensors, zip};
use super::one_line;

/// Small files of every kind.
fn sound() -> Vec<(&'static str, Vec<u8>)> {
    let array = npy("'<f4'", "False", "(2, 3)", &[1; 24]);
    let other = npy("'<f8'", "False", "(2,)", &[2; 16]);
    let metadata = format!(
        r#"{{"__metadata__":{{"format":"pt"}},{},{}}}"#,
        entry("a", "BF16", &[2, 2], [0, 8]),
        entry("b", "I64", &[1], [8, 16])
    );
    vec![
        ("a.safetensors", of_tensors(&[("a", &[3], vec![1.0; 3]), ("b.c", &[2, 2], vec![2.0; 4])])),
        ("b.safetensors", safetensors(&metadata, &[7; 16])),
        ("a.npy", array.clone()),
        ("a.npz", zip(&[Member::stored("a.npy", array.clone()), Member::deflated("b.npy", &other)])),
        ("b.npz", zip(&[Member::deflated("long.npy", &npy("'<f2'", "False", "(50, 40)", &[3; 4000]))])),
        (
            "m.index.json",
            br#"{"metadata":{},"weight_map":{"a":"s.safetensors","b.c":"s.safetensors"}}"#.to_vec(),
        ),
    ]
}

/// A change to a file; places are fractions of its length.
#[derive(Clone, Debug)]
enum Change {
    Flip(f64, u8),
    Set(f64, u8),
    Cut(f64),
    Remove(f64, f64),
    Repeat(f64, f64),
    Number(f64, u64, usize),
    Text(f64, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0.0..1.0_f64;
    let numbers = prop_oneof![
        prop::sample::select(vec![
            0,
            1,
            255,
            0xffff,
            0x7fff_ffff,
            0xffff_ffff,
            1 << 40,
            u64::MAX / 2,
            u64::MAX
        ]),
        any::<u64>()
    ];
    let texts = vec![
        "9",
        "99999999999999999999",
        "-1",
        "[",
        "{",
        "\"",
        "]",
        "}",
        ",",
        ":",
        "0,0",
        "e9",
        "\\u0000",
        "(",
        "'",
    ];
    prop_oneof![
        4 => (place(), 0_u8..8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => place().prop_map(Change::Cut),
        1 => (place(), place()).prop_map(|(a, b)| Change::Remove(a, b)),
        1 => (place(), place()).prop_map(|(a, b)| Change::Repeat(a, b)),
        3 => (place(), numbers, 1_usize..9).prop_map(|(at, number, size)| Change::Number(at, number, size)),
        3 => (place(), prop::sample::select(texts)).prop_map(|(at, text)| Change::Text(at, text)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len();
    let place = |fraction: f64| (fraction * length as f64) as usize;
    if length == 0 {
        return;
    }
    match *change {
        Change::Flip(at, bit) => bytes[place(at)] ^= 1 << bit,
        Change::Set(at, byte) => bytes[place(at)] = byte,
        Change::Cut(at) => bytes.truncate(place(at)),
        Change::Remove(a, b) => drop(bytes.drain(place(a.min(b))..place(a.max(b)))),
        Change::Repeat(a, b) => {
            let part = bytes[place(a.min(b))..place(a.max(b))].to_vec();
            bytes.splice(place(a)..place(a), part);
        }
        Change::Number(at, number, size) => {
            let at = place(at);
            let size = size.min(length - at);
            bytes[at..at + size].copy_from_slice(&number.to_le_bytes()[..size]);
        }
        Change::Text(at, text) => drop(bytes.splice(place(at)..place(at), text.bytes())),
    }
}

/// Opens and measures a file; the most bytes that were allocated at once are in proportion to it.
fn read(path: &Path, size: usize) -> Result<(), TestCaseError> {
    let mut text = None;
    let info = allocation_counter::measure(|| {
        let options = MeasureOptions { threads: std::num::NonZero::new(1), ..MeasureOptions::default() };
        let result =
            Checkpoint::open(&[path]).and_then(|checkpoint| checkpoint.measure_with(&options, |_, _| ()));
        text = result.err().map(|error| error.to_string());
    });
    text.map(one_line);
    // Tables of the parsers and of a chunk, whatever the file.
    prop_assert!(info.bytes_max < 400_000 + 100 * size as u64, "{:?} for {} bytes", info, size);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_neither_panic_nor_take_memory(changes in prop::collection::vec(change(), 0..6)) {
        let folder = Folder::new();
        folder.write("s.safetensors", &sound()[0].1);
        for (name, mut bytes) in sound() {
            changes.iter().for_each(|change| apply(&mut bytes, change));
            read(&folder.write(name, &bytes), bytes.len())?;
        }
    }

    #[test]
    fn bytes_of_any_kind_neither_panic_nor_take_memory(
        kind in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"PK\x05\x06", b"\x30\0\0\0\0\0\0\0{"]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let folder = Folder::new();
        let bytes = [kind, &bytes].concat();
        read(&folder.write("a", &bytes), bytes.len())?;
    }
}

/// Minutes of random changes: `CHECKPOINT_FUZZ_SECONDS=600 cargo test -p checkpoint -- --ignored random_changes`.
#[test]
#[ignore = "runs as long as it is told to"]
fn random_changes_for_a_while() {
    let seconds = std::env::var("CHECKPOINT_FUZZ_SECONDS").map_or(10, |text| text.parse().unwrap());
    let end = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::default());
    let (folder, strategy) = (Folder::new(), prop::collection::vec(change(), 0..10));
    folder.write("s.safetensors", &sound()[0].1);
    let mut read_files = 0_u64;
    while std::time::Instant::now() < end {
        let changes = strategy.new_tree(&mut runner).unwrap().current();
        for (name, mut bytes) in sound() {
            changes.iter().for_each(|change| apply(&mut bytes, change));
            read(&folder.write(name, &bytes), bytes.len())
                .unwrap_or_else(|error| panic!("{error}: {changes:?}"));
            read_files += 1;
        }
    }
    assert!(read_files > 0);
}
