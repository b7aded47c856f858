//! The values and gradients of every op against PyTorch, in both precisions. `reference/make.py` records them.

use std::collections::BTreeSet;

use autograd::{Activation, BatchStatistics, CrossEntropy, Real, Reduction, Tape, Tensor, Var};

const RECORDED: &str = include_str!("reference/torch_grad.txt");

/// One paragraph of the record: an op with its inputs.
pub(crate) struct Case<'a> {
    pub(crate) op: Vec<&'a str>,
    /// True if this crate has another slope on purpose.
    departs: bool,
    pub(crate) inputs: Vec<Numbers>,
    shape: Vec<usize>,
    /// The size of the numbers that cancel in an entry, if larger than the entry.
    size: f64,
    pub(crate) f32: Vec<Vec<f64>>,
    pub(crate) f64: Vec<Vec<f64>>,
}

/// The values of an input and its shape.
pub(crate) struct Numbers {
    pub(crate) data: Vec<f64>,
    pub(crate) shape: Vec<usize>,
}

/// The number of roundings by which PyTorch's entry and this crate's may differ: those of both together.
#[derive(Debug, PartialEq)]
enum Roundings {
    /// No difference: both round once in the same way, or sums are exact because every term is a multiple of 1/1024.
    None,
    /// A number of roundings of the entry: factors, and functions within an ulp.
    Relative(f64),
    /// A number of roundings of the size of the terms of a sum.
    OfTerms(f64),
}

fn roundings(op: &[&str], longest: usize) -> Roundings {
    match op[0] {
        // A quotient, a power or an exponential has up to 2 on either side; slopes have one or two factors more.
        "div" | "rdiv" | "div_scalar" | "exp" | "ln" | "sqrt" | "powf" | "dropout" | "sin" | "cos"
        | "max" | "min" | "max_rows" | "min_rows" | "max_columns" | "min_columns" => Roundings::Relative(4.0),
        "mse" | "mse_with" => Roundings::Relative(2.0),
        // 1 − y², φ(x)·x + Φ(x) and the like: a few terms of order 1, each from functions within 2 ulp.
        "activation" => Roundings::OfTerms(8.0),
        // The same, times an input up to 2 and a weight up to 1.5.
        "gated" => Roundings::OfTerms(24.0),
        // ε/2 on either side for every entry of a sum, and a few for the use of the sum.
        "var" | "std" | "var_rows" | "std_rows" | "var_columns" | "std_columns" | "softmax"
        | "log_softmax" | "logsumexp" | "logsumexp_rows" | "logsumexp_columns" | "cross_entropy"
        | "cross_entropy_with" | "batch_norm" | "batch_norm_running" | "layer_norm" | "rms_norm" => {
            Roundings::OfTerms(4.0 + longest as f64)
        }
        _ => Roundings::None,
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("not a number: {text:?}"))
}

fn list<N>(text: &str, separator: char, parse: impl Fn(&str) -> N) -> Vec<N> {
    text.split(separator).filter(|word| !word.is_empty()).map(parse).collect()
}

fn shape(text: &str) -> Vec<usize> {
    if text == "scalar" { Vec::new() } else { list(text, 'x', |word| number(word) as usize) }
}

/// The tensors of a line; `round` reads a number through the type that it was recorded in.
fn tensors(text: &str, round: impl Fn(&str) -> f64 + Copy) -> Vec<Vec<f64>> {
    text.split(" | ").map(|numbers| list(numbers, ' ', round)).collect()
}

pub(crate) fn parse(paragraph: &str) -> Case<'_> {
    let mut lines = paragraph.lines();
    let label = lines.next().expect("an op");
    let (departs, op) = label.strip_prefix("departs ").map_or((false, label), |op| (true, op));
    let mut case = Case {
        op: op.split(' ').collect(),
        departs,
        inputs: Vec::new(),
        shape: Vec::new(),
        size: 1.0,
        f32: Vec::new(),
        f64: Vec::new(),
    };
    for line in lines {
        let (key, text) = line.split_once(' ').expect("a key");
        let (of, values) = text.split_once(": ").unwrap_or((text, ""));
        match key {
            "in" => case.inputs.push(Numbers { data: list(values, ' ', number), shape: shape(of.trim()) }),
            "out" => case.shape = shape(text),
            "size" => case.size = number(text),
            "f32" => case.f32 = tensors(values, |word| word.parse::<f32>().expect("a number").into()),
            "f64" => case.f64 = tensors(values, number),
            _ => panic!("unknown key: {line}"),
        }
    }
    case
}

pub(crate) fn cases() -> impl Iterator<Item = Case<'static>> {
    RECORDED.split("\n\n").skip(1).map(parse)
}

/// The weights of the outputs, as in `make.py`.
pub(crate) fn weights<T: Real>(shape: &[usize]) -> Tensor<T> {
    let weight = |i: usize| {
        let size = 0.5 + ((13 * i + 5) % 32) as f64 / 32.0;
        T::of(if i.is_multiple_of(2) { size } else { -size })
    };
    Tensor::from_vec((0..shape.iter().product()).map(weight).collect(), shape).expect("one value per entry")
}

pub(crate) fn tensor<T: Real>(numbers: &[f64], shape: &[usize]) -> Tensor<T> {
    Tensor::from_vec(numbers.iter().map(|&x| T::of(x)).collect(), shape).expect("one number per entry")
}

fn activation(name: &str) -> Activation {
    let more = [
        Activation::LeakyRelu(0.2),
        Activation::Elu(0.5),
        Activation::Softplus(2.0),
        Activation::Sine(2.5),
        Activation::Celu(0.5),
    ];
    let mut known = Activation::ALL.into_iter().chain(more);
    known.find(|f| format!("{f:?}") == name).unwrap_or_else(|| panic!("unknown activation: {name}"))
}

fn reduction(name: &str) -> Reduction {
    match name {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        "none" => Reduction::None,
        _ => panic!("unknown reduction: {name}"),
    }
}

/// The vector of a text such as `1,2`.
fn columns<T: Real>(text: &str) -> Tensor<T> {
    let numbers = list(text, ',', number);
    tensor(&numbers, &[numbers.len()])
}

/// The mask of a text such as `101`.
fn bits(text: &str) -> Vec<bool> {
    text.chars().map(|c| c == '1').collect()
}

/// Applies the op of a paragraph.
pub(crate) fn apply<'t, T: Real>(op: &[&str], v: &[Var<'t, T>]) -> Var<'t, T> {
    let value = number;
    let index = |text: &str| number(text) as usize;
    match *op {
        ["add"] => v[0] + v[1],
        ["sub"] => v[0] - v[1],
        ["mul"] => v[0] * v[1],
        ["neg"] => -v[0],
        ["scale", factor] => v[0].scale(value(factor)),
        ["activation", name] => v[0].activation(activation(name)),
        ["gated", name] => v[0].gated(v[1], activation(name)),
        ["matmul"] => v[0].matmul(v[1]),
        ["linear"] => v[0].linear(v[1], v[2]),
        ["gather", indices] => v[0].gather(&list(indices, ',', index)),
        ["sum"] => v[0].sum(),
        ["mean"] => v[0].mean(),
        ["cross_entropy", targets] => v[0].cross_entropy(&list(targets, ',', index)),
        ["div"] => v[0] / v[1],
        ["maximum"] => v[0].maximum(v[1]),
        ["minimum"] => v[0].minimum(v[1]),
        ["add_scalar", c] => v[0].add_scalar(value(c)),
        ["rsub", c] => v[0].rsub(value(c)),
        ["div_scalar", c] => v[0].div_scalar(value(c)),
        ["rdiv", c] => v[0].rdiv(value(c)),
        ["clamp", lo, hi] => v[0].clamp(value(lo), value(hi)),
        ["powf", exponent] => v[0].powf(number(exponent)),
        ["exp"] => v[0].exp(),
        ["ln"] => v[0].ln(),
        ["sqrt"] => v[0].sqrt(),
        ["abs"] => v[0].abs(),
        ["matmul_nt"] => v[0].matmul_nt(v[1]),
        ["matmul_tn"] => v[0].matmul_tn(v[1]),
        ["matmul_tt"] => v[0].matmul_tt(v[1]),
        ["add_row"] => v[0].add_row(v[1]),
        ["mul_row"] => v[0].mul_row(v[1]),
        ["add_column"] => v[0].add_column(v[1]),
        ["mul_column"] => v[0].mul_column(v[1]),
        ["reshape", to] => v[0].reshape(&*shape(to)),
        ["transpose"] => v[0].transpose(),
        ["concat_rows"] => Var::concat_rows(v),
        ["concat_columns"] => Var::concat_columns(v),
        ["slice_rows", from, to] => v[0].slice_rows(index(from)..index(to)),
        ["slice_columns", from, to] => v[0].slice_columns(index(from)..index(to)),
        ["sum_rows"] => v[0].sum_rows(),
        ["sum_columns"] => v[0].sum_columns(),
        ["mean_rows"] => v[0].mean_rows(),
        ["mean_columns"] => v[0].mean_columns(),
        ["var", c] => v[0].var(index(c)),
        ["std", c] => v[0].std(index(c)),
        ["var_rows", c] => v[0].var_rows(index(c)),
        ["std_rows", c] => v[0].std_rows(index(c)),
        ["var_columns", c] => v[0].var_columns(index(c)),
        ["std_columns", c] => v[0].std_columns(index(c)),
        ["softmax"] => v[0].softmax(),
        ["log_softmax"] => v[0].log_softmax(),
        ["cross_entropy_with", targets, how, smoothing, ref more @ ..] => {
            let given = |at: usize| more.get(at).copied().filter(|&text| text != "-");
            let weights = given(1).map(|text| list(text, ',', number));
            let options = CrossEntropy {
                reduction: reduction(how),
                smoothing: number(smoothing),
                ignore_index: given(0).map(index),
                weights: weights.as_deref(),
            };
            v[0].cross_entropy_with(&list(targets, ',', index), options)
        }
        ["mse"] => v[0].mse(v[1]),
        ["mse_with", how] => v[0].mse_with(v[1], reduction(how)),
        ["sin"] => v[0].sin(),
        ["cos"] => v[0].cos(),
        ["where_mask", mask] => v[0].where_mask(&bits(mask), v[1]),
        ["max"] => v[0].max(),
        ["min"] => v[0].min(),
        ["max_rows"] => v[0].max_rows(),
        ["min_rows"] => v[0].min_rows(),
        ["max_columns"] => v[0].max_columns(),
        ["min_columns"] => v[0].min_columns(),
        ["logsumexp"] => v[0].logsumexp(),
        ["logsumexp_rows"] => v[0].logsumexp_rows(),
        ["logsumexp_columns"] => v[0].logsumexp_columns(),
        ["batch_norm", eps] => v[0].batch_norm(v[1], v[2], number(eps)).0,
        ["batch_norm_running", eps, mean, variance] => {
            let running = BatchStatistics { mean: columns(mean), variance: columns(variance) };
            v[0].batch_norm_running(v[1], v[2], &running, number(eps))
        }
        ["layer_norm", eps] => v[0].layer_norm(v[1], v[2], number(eps)),
        ["rms_norm", eps] => v[0].rms_norm(v[1], number(eps)),
        ["dropout", kept, p] => v[0].dropout(&bits(kept), number(p)),
        _ => panic!("{op:?} is recorded but has no arm in `apply`"),
    }
}

/// A tape whose reused buffers are full of NaN, which reveals an op that does not write all of its buffer.
fn tape_with_nan_buffers<T: Real>() -> Tape<T> {
    let mut tape = Tape::new();
    for n in (1..=64).flat_map(|n| [n; 8]) {
        tape.leaf(Tensor::full([n], T::of(f64::NAN)));
    }
    tape.clear();
    tape
}

/// This crate's value, gradients, and statistics of a batch if any.
fn ours<T: Real>(case: &Case<'_>) -> Vec<Vec<f64>> {
    let tape = tape_with_nan_buffers::<T>();
    let leaves: Vec<_> = case.inputs.iter().map(|x| tape.leaf(tensor(&x.data, &x.shape))).collect();
    let y = apply(&case.op, &leaves);
    assert_eq!(y.shape().dims(), case.shape, "{:?}", case.op);
    let grads = y.backward_from(weights(&case.shape));
    let plain = |x: &Tensor<T>| x.data().iter().map(|x| x.to_f64()).collect();
    let gradients = leaves.iter().map(|&leaf| plain(grads.get(leaf).expect("every input is used")));
    let mut found: Vec<_> = std::iter::once(plain(&y.value())).chain(gradients).collect();
    if let ["batch_norm", eps] = *case.op {
        let (_, batch) = leaves[0].batch_norm(leaves[1], leaves[2], number(eps));
        found.extend([plain(&batch.mean), plain(&batch.variance)]);
    }
    found
}

/// True if `got` is `want` within the tolerance, or both are NaN or the same infinity.
fn agrees(got: f64, want: f64, tolerance: f64) -> bool {
    got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= tolerance && want.is_finite()
}

/// The number of entries of the longest input.
fn longest(case: &Case<'_>) -> usize {
    case.inputs.iter().map(|x| x.data.len()).max().unwrap_or(0)
}

/// The differences, one line each.
fn differences(
    case: &Case<'_>,
    kind: &str,
    epsilon: f64,
    got: &[Vec<f64>],
    want: &[Vec<f64>],
) -> Vec<String> {
    let rule = roundings(&case.op, longest(case));
    let tolerance = |want: f64| match rule {
        Roundings::None => 0.0,
        Roundings::Relative(n) => n * epsilon * want.abs(),
        Roundings::OfTerms(n) => n * epsilon * want.abs().max(case.size),
    };
    let lengths = |tensors: &[Vec<f64>]| tensors.iter().map(Vec::len).collect::<Vec<_>>();
    if lengths(got) != lengths(want) {
        return vec![format!(
            "{} in {kind}: got {:?} numbers; PyTorch has {:?}",
            case.op.join(" "),
            lengths(got),
            lengths(want)
        )];
    }
    let entries = got.iter().zip(want).enumerate().flat_map(|(tensor, (got, want))| {
        got.iter().zip(want).enumerate().map(move |(entry, (&got, &want))| (tensor, entry, got, want))
    });
    let wrong = entries.filter(|&(_, _, got, want)| !agrees(got, want, tolerance(want)));
    let line = |(tensor, entry, got, want): (usize, usize, f64, f64)| {
        let what = if tensor == 0 { "value".to_owned() } else { format!("gradient {}", tensor - 1) };
        let off = (got - want).abs() / epsilon / want.abs().max(f64::MIN_POSITIVE);
        format!(
            "{} in {kind}, {what}, entry {entry}: {got}; PyTorch {want}; {off:.1} ε off",
            case.op.join(" ")
        )
    };
    wrong.map(line).collect()
}

/// The differences in both precisions.
fn departures(case: &Case<'_>) -> Vec<String> {
    let mut wrong = differences(case, "f64", f64::EPSILON, &ours::<f64>(case), &case.f64);
    wrong.extend(differences(case, "f32", f32::EPSILON.into(), &ours::<f32>(case), &case.f32));
    wrong
}

#[test]
fn every_op_agrees_with_pytorch() {
    let wrong: Vec<_> = cases().filter(|case| !case.departs).flat_map(|case| departures(&case)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// At NaN, the slope of an activation with a kink is NaN here and that of one side in PyTorch.
#[test]
fn deliberate_departures_are_these() {
    let departing: Vec<_> = cases().filter(|case| case.departs).collect();
    let names: Vec<_> = departing.iter().map(|case| case.op.join(" ")).collect();
    assert_eq!(
        names.join(", "),
        "activation Relu, activation LeakyRelu(0.01), activation Elu(1.0), activation Selu, activation HardTanh, \
         activation Relu6, activation Celu(1.0), activation Celu(0.5), activation HardSwish, activation HardSigmoid"
    );
    for line in departing.iter().flat_map(departures) {
        assert!(line.contains("gradient 0, entry 0: NaN; PyTorch 0."), "{line}");
    }
    assert!(departing.iter().all(|case| departures(case).len() == 2), "in both precisions");
}

/// The recorded masks are PyTorch's own after `manual_seed(1)`; `torch_rng` draws the same.
#[test]
fn dropout_masks_come_from_the_stream_of_pytorch() {
    let dropouts = || cases().filter(|case| case.op[0] == "dropout");
    for case in dropouts() {
        let drawn = |seed| {
            let mut keep = vec![false; longest(&case)];
            torch_rng::Generator::manual_seed(seed).bernoulli(1.0 - number(case.op[2]), &mut keep);
            keep.iter().map(|&kept| if kept { '1' } else { '0' }).collect::<String>()
        };
        assert_eq!(drawn(1), case.op[1]);
        assert!(drawn(2) != case.op[1] || case.op[2] == "0.0", "another seed gives another mask");
    }
    assert_eq!(dropouts().count(), 4);
}

#[test]
fn the_record_is_complete() {
    assert!(cases().count() >= 615, "the record is truncated");
    let activations: BTreeSet<_> =
        cases().filter(|case| case.op[0] == "activation").map(|case| case.op[1]).collect();
    for activation in Activation::ALL {
        assert!(activations.contains(&*format!("{activation:?}")), "{activation:?} is not recorded");
    }
}

#[test]
fn larger_differences_are_rejected() {
    for mut case in cases() {
        let got = case.f64.clone();
        let wrong = |case: &Case<'_>| differences(case, "f64", f64::EPSILON, &got, &case.f64).len();
        assert_eq!(wrong(&case), 0);
        let roundings = match roundings(&case.op, longest(&case)) {
            Roundings::None => 1.0,
            Roundings::Relative(n) | Roundings::OfTerms(n) => 2.0 * n * case.size,
        };
        for (tensor, entries) in got.iter().enumerate() {
            let Some(entry) = entries.iter().position(|x| x.is_finite()) else { continue };
            let right = entries[entry];
            for other in [right + roundings * f64::EPSILON * right.abs().max(1.0), f64::NAN, f64::INFINITY] {
                case.f64[tensor][entry] = other;
                assert_eq!(wrong(&case), 1, "{:?}, tensor {tensor}: {other} for {right}", case.op);
            }
            case.f64[tensor][entry] = right;
        }
        case.f64[0].push(0.0);
        assert_eq!(wrong(&case), 1, "{:?}", case.op);
    }
}
