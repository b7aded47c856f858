//! Every scheme against `torch.nn.init` of PyTorch 2.15, as recorded in `reference/torch_init.txt` by the script beside
//! it.

use nn_init::{Element, Generator, Layout, ParseError, Preset, Scheme, Source, Tensor};

const RECORDED: &str = include_str!("reference/torch_init.txt");

/// The tolerance around PyTorch's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Within {
    /// Every bit, because the arithmetic is elementwise.
    Bits,
    /// 4 ε of the value or of its distance from the mean, whichever is larger: double-precision normals depend on the
    /// platform's ln, sin and cos, each within an ulp on both sides. Their means are at most 3.
    Epsilons,
    /// `4 ε·κ` of the gain, κ the condition number of the normal matrix that is factored: PyTorch factors it in the
    /// tensor's own precision, and Q moves by as much as rounding moves the matrix, times κ. The largest of 3,000
    /// distances between PyTorch's Q and that of twice its precision was 1.52 ε·κ.
    Condition,
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
    /// The bits of the normals that the generator gives next.
    after: Vec<u64>,
    /// True if PyTorch refuses to fill the tensor.
    refused: bool,
}

fn parse(line: &str) -> RecordedTensor<'_> {
    let hex = |word| u64::from_str_radix(word, 16).expect("a hexadecimal number");
    let [label, what, result] = line.split(" | ").collect::<Vec<_>>()[..] else {
        panic!("three parts: {line}")
    };
    let (how, text) = label.split_once(' ').expect("a kind and a scheme");
    let [kind, shape, seed] = what.split(' ').collect::<Vec<_>>()[..] else { panic!("three words: {what}") };
    let refused = result.starts_with('!');
    let (values, after) = result.split_once('@').unwrap_or((result, ""));
    let (bits, hash) = values.split_once('#').unwrap_or((values, ""));
    let bits = if refused { "" } else { bits };
    let within = match (how, kind) {
        _ if text.starts_with("orthogonal") => Within::Condition,
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
        hash: Some(hash.trim()).filter(|hash| !hash.is_empty()).map(hex),
        after: after.split_whitespace().map(hex).collect(),
        refused,
    }
}

/// A number type of the record.
pub(crate) trait Recorded: Element {
    /// The distance from 1 to the next number.
    const ULP: f64;
    fn bits(self) -> u64;
    fn from_bits(bits: u64) -> f64;
}

impl Recorded for f32 {
    const ULP: f64 = f32::EPSILON as f64;
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
    fn from_bits(bits: u64) -> f64 {
        f32::from_bits(u32::try_from(bits).expect("32 bits")).into()
    }
}

impl Recorded for f64 {
    const ULP: f64 = f64::EPSILON;
    fn bits(self) -> u64 {
        self.to_bits()
    }
    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
}

/// The bits of the tensor drawn by this crate, and of the three normals that the generator gives next.
fn draw<T: Recorded>(case: &RecordedTensor) -> Result<(Vec<u64>, Vec<u64>), String> {
    let mut source = Generator::manual_seed(case.seed);
    let values: Vec<T> = if case.text.starts_with("torch.") {
        let preset: Preset = case.text.parse().expect("a preset");
        let (weight, bias) = preset.sample(&case.shape, &mut source).expect("a layer");
        weight.data().iter().chain(bias.iter().flat_map(Tensor::data)).copied().collect()
    } else {
        let scheme: Scheme = case.text.parse().map_err(|error: ParseError| error.to_string())?;
        let tensor = scheme.sample(&case.shape, Layout::OUT_IN, &mut source);
        tensor.map_err(|error| error.to_string())?.data().to_vec()
    };
    let mut after = [0_f32; 3];
    source.normal(0.0, 1.0, &mut after);
    Ok((values.into_iter().map(T::bits).collect(), after.map(f32::bits).into()))
}

/// True if `got` agrees with the record.
fn agrees<T: Recorded>(case: &RecordedTensor, got: &[u64]) -> bool {
    let half = case.bits.len() / 2;
    let compared =
        if got.len() == case.bits.len() { got } else { &[&got[..half], &got[got.len() - half..]].concat() };
    let cut = case.bits.len() == 16 && got.len() > 32;
    let allowed = tolerance::<T>(case);
    (cut || got.len() == case.bits.len())
        && compared.iter().zip(&case.bits).all(|(&a, &b)| near::<T>(allowed, a, b))
        && case.hash.is_none_or(|hash| hash == fnv(got))
}

/// The absolute and the relative tolerance.
fn tolerance<T: Recorded>(case: &RecordedTensor) -> [f64; 2] {
    match case.within {
        Within::Bits => [0.0, 0.0],
        Within::Epsilons => [12.0 * f64::EPSILON, 4.0 * f64::EPSILON],
        Within::Condition => {
            let Ok(Scheme::Orthogonal { gain }) = case.text.parse() else { panic!("{}", case.text) };
            [4.0 * T::ULP * gain.value() * condition::<T>(&case.shape, case.seed), 0.0]
        }
    }
}

/// The condition number of the normal matrix that an orthogonal weight is made of; 1 if it has no values.
fn condition<T: Recorded>(shape: &[usize], seed: u64) -> f64 {
    let [rows, columns] = [shape[0], shape[1..].iter().product()];
    let normal: Tensor<T> = Scheme::STANDARD_NORMAL
        .sample(&[rows, columns], Layout::OUT_IN, &mut Generator::manual_seed(seed))
        .expect("a matrix");
    let singular = normal.cast::<f64>().singular_values();
    singular.first().zip(singular.last()).map_or(1.0, |(largest, smallest)| largest / smallest)
}

fn near<T: Recorded>([absolute, relative]: [f64; 2], a: u64, b: u64) -> bool {
    let distance = (T::from_bits(a) - T::from_bits(b)).abs();
    a == b || distance <= absolute + relative * T::from_bits(b).abs()
}

/// FNV-1a over words instead of bytes.
pub(crate) fn fnv(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |h, w| (h ^ w).wrapping_mul(0x0000_0100_0000_01b3))
}

pub(crate) fn holds(line: &str) -> bool {
    let case = parse(line);
    let drawn = if case.kind == "f32" { draw::<f32>(&case) } else { draw::<f64>(&case) };
    let Ok((values, after)) = drawn else { return case.refused };
    let agree = if case.kind == "f32" { agrees::<f32> } else { agrees::<f64> };
    !case.refused && agree(&case, &values) && (case.after.is_empty() || after == case.after)
}

pub(crate) fn lines(kind: &'static str) -> impl Iterator<Item = &'static str> {
    RECORDED.lines().filter(move |line| line.split(' ').next() == Some(kind))
}

#[test]
fn every_recorded_tensor_has_pytorchs_values_and_leaves_its_generator() {
    let lines: Vec<&str> = ["bits", "normal", "close"].into_iter().flat_map(lines).collect();
    assert_eq!(lines.len(), 2760, "the record is cut short");
    let wrong: Vec<&str> = lines.into_iter().filter(|line| !holds(line)).collect();
    assert!(wrong.is_empty(), "{} tensors differ, first of all\n{}", wrong.len(), wrong[0]);
}

/// What PyTorch fills and this crate refuses, or the reverse, each with its reason.
const DEPARTURES: [(&str, &str); 6] = [
    (
        "truncated_normal(0, -1, -2, 2)",
        "a negative standard deviation is refused; PyTorch's density has its square",
    ),
    ("truncated_normal(0, 0, -2, 2)", "a std of 0 is the mean between the bounds; PyTorch divides by it"),
    ("truncated_normal(0, 1, 1, inf)", "a tail without an end is filled; PyTorch cannot propose from it"),
    ("orthogonal(-1)", "the text of a gain is not negative; from code, -1 is accepted"),
    ("sparse(1.5, 1)", "a sparsity above 1 is refused; PyTorch cuts it off at 1"),
    ("sparse(-0.5, 1)", "a negative sparsity is refused; PyTorch counts the zeros from the other end"),
];

#[test]
fn shapes_and_parameters_at_the_edge_have_pytorchs_outcome() {
    let edges: Vec<&str> = lines("edge").collect();
    assert_eq!(edges.len(), 282, "the record is cut short");
    let departing: Vec<&str> = edges.into_iter().filter(|line| !holds(line)).collect();
    let texts: Vec<&str> = departing.iter().map(|line| parse(line).text).collect();
    assert_eq!(texts, DEPARTURES.map(|(text, _)| text), "{departing:#?}");
}

/// The distance from PyTorch's matrix grows with the condition of its draw, the distance from an orthogonal matrix does
/// not. This draw has a condition number of 7,624.
#[test]
fn an_ill_conditioned_draw_is_as_orthogonal_and_agrees_in_fewer_digits() {
    let case = parse(lines("columns").next().expect("the record has it"));
    let mut generator = Generator::manual_seed(case.seed);
    let ours: Tensor = Scheme::orthogonal().sample(&case.shape, Layout::OUT_IN, &mut generator).unwrap();
    let last_two = ours.data().chunks_exact(128).flat_map(|row| &row[126..]);
    let distance = |(x, &bits): (&f32, &u64)| (f64::from(*x) - <f32 as Recorded>::from_bits(bits)).abs();
    let largest = last_two.zip(&case.bits).map(distance).fold(0.0, f64::max);
    let [allowed, _] = tolerance::<f32>(&case);
    assert!((5e-5..allowed).contains(&largest), "{largest:e} where {allowed:e} is allowed");
    let wide = ours.cast::<f64>();
    let gram = wide.matmul_tn(&wide);
    let off = |(i, x): (usize, &f64)| (x - if i % 129 == 0 { 1.0 } else { 0.0 }).abs();
    let from_identity = gram.data().iter().enumerate().map(off).fold(0.0, f64::max);
    assert!(from_identity < 1e-6, "{from_identity:e}");
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
    assert!(!holds("bits constant(0.5) | f32 1 1 | 3f000000 @ 0 0 0"), "another generator afterwards");
    assert!(!holds("edge constant(0.5) | f32 1 1 | !ValueError: refused"), "filled where PyTorch refuses");
    assert!(!holds("edge identity | f32 3 1 | 0 0 0"), "refused where PyTorch fills");
    let recorded =
        lines("close").find(|line| line.starts_with("close orthogonal | f32 3x5")).expect("a case");
    assert!(holds(recorded) && !holds(&recorded.replace("orthogonal", "orthogonal(1.00001)")));
}
