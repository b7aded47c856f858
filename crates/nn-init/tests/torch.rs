//! Every scheme against `torch.nn.init` of PyTorch 2.15, as recorded in `reference/torch_init.txt` by the script beside
//! it.

use nn_init::{Element, Generator, Layout, Preset, Scheme, Tensor};

const RECORDED: &str = include_str!("reference/torch_init.txt");

/// The tolerance around PyTorch's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Within {
    /// Every bit, because the arithmetic is elementwise.
    Bits,
    /// 4 ε of the value or of its distance from the mean, whichever is larger: double-precision normals depend on the
    /// platform's ln, sin and cos, each within an ulp on both sides. Their means are at most 3.
    Epsilons,
    /// 1e-5: PyTorch factorises in the tensor's own precision, with an ε of 1.2e-7 times the condition number of a
    /// square normal matrix.
    Absolute,
}

/// One line of the record.
struct RecordedTensor<'a> {
    text: &'a str,
    within: Within,
    kind: &'a str,
    shape: Vec<usize>,
    seed: u64,
    /// The bits of all values, or of the first and the last ones if there are many.
    bits: Vec<u64>,
    hash: Option<u64>,
}

fn parse(line: &str) -> RecordedTensor<'_> {
    let hex = |word| u64::from_str_radix(word, 16).expect("a hexadecimal number");
    let [label, what, result] = line.split(" | ").collect::<Vec<_>>()[..] else {
        panic!("three parts: {line}")
    };
    let (how, text) = label.split_once(' ').expect("a kind and a scheme");
    let [kind, shape, seed] = what.split(' ').collect::<Vec<_>>()[..] else { panic!("three words: {what}") };
    let (bits, hash) = result.split_once('#').unwrap_or((result, ""));
    let within = match (how, kind) {
        ("close", _) => Within::Absolute,
        ("normal", "f64") => Within::Epsilons,
        _ => Within::Bits,
    };
    let sizes = shape.split('x').filter(|&size| size != "scalar");
    RecordedTensor {
        text,
        within,
        kind,
        shape: sizes.map(|size| size.parse().expect("a size")).collect(),
        seed: seed.parse().expect("a seed"),
        bits: bits.split_whitespace().map(hex).collect(),
        hash: Some(hash).filter(|hash| !hash.is_empty()).map(hex),
    }
}

/// A number type of the record.
trait Recorded: Element {
    fn bits(self) -> u64;
    fn from_bits(bits: u64) -> f64;
}

impl Recorded for f32 {
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
    fn from_bits(bits: u64) -> f64 {
        f32::from_bits(u32::try_from(bits).expect("32 bits")).into()
    }
}

impl Recorded for f64 {
    fn bits(self) -> u64 {
        self.to_bits()
    }
    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
}

/// The bits of the tensor drawn by this crate.
fn draw<T: Recorded>(case: &RecordedTensor) -> Vec<u64> {
    let mut source = Generator::manual_seed(case.seed);
    let values: Vec<T> = if case.text.starts_with("torch.") {
        let preset: Preset = case.text.parse().expect("a preset");
        let (weight, bias) = preset.sample(&case.shape, &mut source).expect("a layer");
        weight.data().iter().chain(bias.iter().flat_map(Tensor::data)).copied().collect()
    } else {
        let scheme: Scheme = case.text.parse().expect("a scheme");
        scheme.sample(&case.shape, Layout::OUT_IN, &mut source).expect("a tensor").data().to_vec()
    };
    values.into_iter().map(T::bits).collect()
}

/// True if `got` agrees with the record.
fn agrees<T: Recorded>(case: &RecordedTensor, got: &[u64]) -> bool {
    let half = case.bits.len() / 2;
    let compared =
        if got.len() == case.bits.len() { got } else { &[&got[..half], &got[got.len() - half..]].concat() };
    let cut = case.bits.len() == 16 && got.len() > 32;
    (cut || got.len() == case.bits.len())
        && compared.iter().zip(&case.bits).all(|(&a, &b)| near::<T>(case.within, a, b))
        && case.hash.is_none_or(|hash| hash == fnv(got))
}

fn near<T: Recorded>(within: Within, a: u64, b: u64) -> bool {
    let distance = (T::from_bits(a) - T::from_bits(b)).abs();
    match within {
        Within::Bits => a == b,
        Within::Epsilons => distance <= 4.0 * f64::EPSILON * (T::from_bits(b).abs() + 3.0),
        Within::Absolute => distance <= 1e-5,
    }
}

/// FNV-1a over words instead of bytes.
fn fnv(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |h, w| (h ^ w).wrapping_mul(0x0000_0100_0000_01b3))
}

fn holds(line: &str) -> bool {
    let case = parse(line);
    match case.kind {
        "f32" => agrees::<f32>(&case, &draw::<f32>(&case)),
        _ => agrees::<f64>(&case, &draw::<f64>(&case)),
    }
}

#[test]
fn every_recorded_tensor_has_pytorchs_values() {
    let lines: Vec<&str> = RECORDED.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 1998, "the record is cut short");
    let wrong: Vec<&str> = lines.into_iter().filter(|line| !holds(line)).collect();
    assert!(wrong.is_empty(), "{} tensors differ, first of all\n{}", wrong.len(), wrong[0]);
}

#[test]
fn a_wrong_number_is_rejected() {
    assert!(holds("bits constant(0.5) | f32 2 1 | 3f000000 3f000000"));
    assert!(!holds("bits constant(0.5) | f32 2 1 | 3f000000 3f000001"), "one bit");
    assert!(!holds("bits constant(0.5) | f32 3 1 | 3f000000 3f000000"), "a number missing");
    assert!(
        !holds("bits constant(0.5) | f32 40 1 | 3f000000 3f000000 #0"),
        "in the part that only the hash covers"
    );
    assert!(!holds("close constant(0.5) | f64 1 1 | 3fe0002000000000"), "outside the tolerance");
    let trained =
        RECORDED.lines().find(|line| line.starts_with("close orthogonal | f32 3x5")).expect("a case");
    assert!(holds(trained) && !holds(&trained.replace("orthogonal", "orthogonal(1.001)")));
}
