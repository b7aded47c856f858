//! Every number against those of PyTorch 2.15 and Python, as recorded in `reference/torch_rng.txt` by the script beside
//! it.

#[path = "reference/draw.rs"]
mod draw;

use draw::RecordedStream;
use std::fmt::Debug;
use std::str::FromStr;

const RECORDED: &str = include_str!("reference/torch_rng.txt");

/// The relative tolerance for double-precision normals and exponentials. PyTorch takes their logarithm, sine and cosine
/// from the platform: each of them is within an ulp on both sides, and the product adds one rounding.
const TOLERANCE: f64 = 4.0 * f64::EPSILON;

/// One line of the record: a call and its result.
pub(crate) struct Call<'a> {
    op: &'a str,
    kind: &'a str,
    n: usize,
    parameters: Vec<&'a str>,
    /// The bits of all values, or of the first and the last ones if there is a hash or `n` is larger.
    bits: Vec<u64>,
    hash: Option<u64>,
}

impl Call<'_> {
    fn parameter<T: FromStr<Err: Debug>>(&self, i: usize) -> T {
        self.parameters[i].parse().expect("a number")
    }
}

fn parse(line: &str) -> Call<'_> {
    let hex = |word| u64::from_str_radix(word, 16).expect("a hexadecimal number");
    let (call, result) = line.split_once(':').expect("a call and its result");
    let (bits, hash) = result.split_once('#').unwrap_or((result, ""));
    let mut words = call.split_whitespace();
    Call {
        op: words.next().expect("an operation"),
        kind: words.next().expect("a type"),
        n: words.next().and_then(|n| n.parse().ok()).expect("a length"),
        parameters: words.collect(),
        bits: bits.split_whitespace().map(hex).collect(),
        hash: Some(hash).filter(|h| !h.is_empty()).map(hex),
    }
}

/// True if `got` agrees with the record.
fn agrees(call: &Call, got: &[u64]) -> bool {
    match (call.op, call.kind) {
        ("state", _) => close(0.0, got[0], call.bits[0]) && call.hash == Some(fnv(&got[1..])),
        ("normal", "f64") => values_agree(call, got, |a, b| close(call.parameter(0), a, b)),
        ("exponential", "f64") => values_agree(call, got, |a, b| close(0.0, a, b)),
        _ => values_agree(call, got, |a, b| a == b),
    }
}

fn values_agree(call: &Call, got: &[u64], same: impl Fn(u64, u64) -> bool) -> bool {
    let half = call.bits.len() / 2;
    let compared =
        if got.len() == call.bits.len() { got } else { &[&got[..half], &got[got.len() - half..]].concat() };
    compared.len() == call.bits.len()
        && compared.iter().zip(&call.bits).all(|(a, b)| same(*a, *b))
        && call.hash.is_none_or(|hash| hash == fnv(got))
}

fn close(mean: f64, a: u64, b: u64) -> bool {
    let [a, b] = [a, b].map(f64::from_bits);
    a == b || (a - b).abs() <= TOLERANCE * (b - mean).abs().max(b.abs())
}

/// FNV-1a over words instead of bytes.
fn fnv(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |h, w| (h ^ w).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The number of calls in a record, all of which give the same numbers here; a panic names the first that does not.
fn check(record: &str) -> usize {
    let (mut seed, mut stream) = ("", None);
    let mut calls = 0;
    for line in record.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(next) = RecordedStream::new(line) {
            (seed, stream) = (line, Some(next));
            continue;
        }
        let call = parse(line);
        let got = stream.as_mut().expect("a seed comes first").draw(&call);
        assert!(agrees(&call, &got), "{seed}, after {calls} calls: {line}\ngot {got:x?}");
        calls += 1;
    }
    calls
}

#[test]
fn every_recorded_call_gives_the_same_numbers() {
    assert_eq!(check(RECORDED), 3723, "the record is cut short");
}

#[test]
#[should_panic(expected = "after 1 calls: uniform f32 1 0 1 : 0")]
fn a_record_with_a_wrong_call_is_rejected() {
    check("seed 42\nrandperm i64 6 : 0 3 2 4 1 5\nuniform f32 1 0 1 : 0");
}

/// Thousands of calls in random order that PyTorch has just made:
///
/// ```sh
/// venv/bin/python crates/torch-rng/tests/reference/make.py --random 2000 1 > calls.txt
/// TORCH_RNG_RANDOM=calls.txt cargo test -p torch-rng -- --ignored random
/// ```
#[test]
#[ignore = "needs a file that PyTorch has written"]
fn random_calls_give_the_same_numbers() {
    let path =
        std::env::var("TORCH_RNG_RANDOM").expect("set TORCH_RNG_RANDOM to the output of make.py --random");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let record = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let calls = check(&record);
    assert!(calls > 0, "no calls in {}", path.display());
}

#[test]
fn a_wrong_number_is_rejected() {
    let short = parse("uniform f32 2 0 1 : 3f000000 3f000001");
    assert!(agrees(&short, &[0x3f00_0000, 0x3f00_0001]));
    assert!(!agrees(&short, &[0x3f00_0000, 0x3f00_0000]), "one bit");
    assert!(!agrees(&short, &[0x3f00_0000]), "a number missing");

    let hash = fnv(&[1, 2, 3, 4]);
    let line = format!("randperm i64 4 : 1 4 #{hash:x}");
    assert!(agrees(&parse(&line), &[1, 2, 3, 4]));
    assert!(!agrees(&parse(&line), &[1, 3, 2, 4]), "in the part that only the hash covers");

    for call in ["normal f64 1 0 1", "exponential f64 1 1"] {
        let line = format!("{call} : 3ff0000000000000");
        assert!(agrees(&parse(&line), &[0x3ff0_0000_0000_0004]));
        assert!(!agrees(&parse(&line), &[0x3ff0_0000_0000_0005]), "outside the tolerance");
    }

    let line = format!("state u8 0 : 3ff0000000000000 #{hash:x}");
    assert!(agrees(&parse(&line), &[0x3ff0_0000_0000_0004, 1, 2, 3, 4]));
    assert!(!agrees(&parse(&line), &[0x3ff0_0000_0000_0005, 1, 2, 3, 4]), "in the spare normal");
    assert!(!agrees(&parse(&line), &[0x3ff0_0000_0000_0000, 1, 2, 3, 5]), "in a byte");
}
