//! Every number against PyTorch 2.15's, as recorded in `reference/torch_rng.txt` by the script beside it.

use torch_rng::{Generator, Source};

const RECORDED: &str = include_str!("reference/torch_rng.txt");

/// Relative distance that a double-precision normal may have from PyTorch's, whose logarithm, sine and cosine are
/// the platform's: each of them, here and there, is within an ulp, and the product adds one rounding.
const TOLERANCE: f64 = 4.0 * f64::EPSILON;

/// One line of the record: a call, and what it must give.
struct Call<'a> {
    op: &'a str,
    kind: &'a str,
    n: usize,
    parameters: Vec<&'a str>,
    /// All bits, or the first and the last when there is a hash or `n` is larger.
    bits: Vec<u64>,
    hash: Option<u64>,
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

/// The bits that `call` draws here.
fn draw(generator: &mut Generator, call: &Call) -> Vec<u64> {
    match (call.op, call.kind) {
        ("randperm", _) => generator.randperm(call.n).into_iter().map(|v| v as u64).collect(),
        ("randint", _) => {
            let [lo, hi] = [0, 1].map(|i| call.parameters[i].parse().expect("an integer"));
            let mut out = vec![0; call.n];
            generator.randint(lo, hi, &mut out);
            out.into_iter().map(|v| v as u64).collect()
        }
        (_, "f32") => reals(generator, call).into_iter().map(|v: f32| v.to_bits().into()).collect(),
        _ => reals(generator, call).into_iter().map(f64::to_bits).collect(),
    }
}

fn reals<T: Clone + Default>(generator: &mut Generator, call: &Call) -> Vec<T>
where
    Generator: Source<T>,
{
    let [a, b] = [0, 1].map(|i| call.parameters[i].parse().expect("a number"));
    let mut out = vec![T::default(); call.n];
    if call.op == "uniform" {
        generator.uniform(a, b, &mut out);
    } else {
        generator.normal(a, b, &mut out);
    }
    out
}

/// Whether `got` is what the record says.
fn agrees(call: &Call, got: &[u64]) -> bool {
    let exact = (call.op, call.kind) != ("normal", "f64");
    let mean = if exact { 0.0 } else { call.parameters[0].parse().expect("a mean") };
    let same = |&(a, b): &(&u64, &u64)| if exact { a == b } else { close(mean, *a, *b) };
    let half = call.bits.len() / 2;
    let shown =
        if got.len() == call.bits.len() { got } else { &[&got[..half], &got[got.len() - half..]].concat() };
    shown.len() == call.bits.len()
        && shown.iter().zip(&call.bits).all(|pair| same(&pair))
        && call.hash.is_none_or(|hash| hash == fnv(got))
}

fn close(mean: f64, a: u64, b: u64) -> bool {
    let [a, b] = [a, b].map(f64::from_bits);
    (a - b).abs() <= TOLERANCE * (b - mean).abs().max(b.abs())
}

/// FNV-1a, over words in place of bytes.
fn fnv(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |h, w| (h ^ w).wrapping_mul(0x0000_0100_0000_01b3))
}

#[test]
fn every_recorded_call_gives_pytorchs_numbers() {
    let mut generator = Generator::manual_seed(0);
    let mut seed = "";
    let mut calls = 0;
    for line in RECORDED.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(next) = line.strip_prefix("seed ") {
            seed = next;
            generator = Generator::manual_seed(seed.parse().expect("a seed"));
            continue;
        }
        let call = parse(line);
        let got = draw(&mut generator, &call);
        assert!(agrees(&call, &got), "seed {seed}, after {calls} calls: {line}\ngot {got:x?}");
        calls += 1;
    }
    assert_eq!(calls, 1696, "the record is cut short");
}

#[test]
fn a_wrong_number_is_found() {
    let short = parse("uniform f32 2 0 1 : 3f000000 3f000001");
    assert!(agrees(&short, &[0x3f00_0000, 0x3f00_0001]));
    assert!(!agrees(&short, &[0x3f00_0000, 0x3f00_0000]), "one bit");
    assert!(!agrees(&short, &[0x3f00_0000]), "a number missing");

    let hash = fnv(&[1, 2, 3, 4]);
    let line = format!("randperm i64 4 : 1 4 #{hash:x}");
    assert!(agrees(&parse(&line), &[1, 2, 3, 4]));
    assert!(!agrees(&parse(&line), &[1, 3, 2, 4]), "in the part that only the hash sees");

    let normal = parse("normal f64 1 0 1 : 3ff0000000000000");
    assert!(agrees(&normal, &[0x3ff0_0000_0000_0004]));
    assert!(!agrees(&normal, &[0x3ff0_0000_0000_0005]), "beyond the tolerance");
}
