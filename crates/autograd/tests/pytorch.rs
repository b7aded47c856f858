//! Every op against PyTorch, value and gradients, in both types; what is recorded is said in `reference/make.py`.

use std::collections::BTreeSet;

use autograd::{BatchStatistics, CrossEntropy, Reduction, Tape, Var};
use tensor::{Activation, Real, Tensor};

const RECORDED: &str = include_str!("reference/torch_grad.txt");

/// One paragraph of the record: an op at one point.
struct Case<'a> {
    op: Vec<&'a str>,
    /// Whether ours is another slope on purpose.
    departs: bool,
    inputs: Vec<Numbers>,
    shape: Vec<usize>,
    /// The numbers that cancel behind an entry are about this large, or as large as the entry.
    size: f64,
    f32: Vec<Vec<f64>>,
    f64: Vec<Vec<f64>>,
}

/// The entries of an input and its shape.
struct Numbers {
    data: Vec<f64>,
    shape: Vec<usize>,
}

/// How many roundings stand between PyTorch's entry and ours: theirs and ours together.
#[derive(Debug, PartialEq)]
enum Roundings {
    /// None: the same single roundings, or sums that are exact because every term is a multiple of 1/1024.
    None,
    /// So many of the entry's own size: factors, functions within an ulp.
    Relative(f64),
    /// So many of the size of the numbers that were added up.
    OfTerms(f64),
}

fn roundings(op: &[&str], longest: usize) -> Roundings {
    match op[0] {
        // A quotient, a power, an exponential have up to 2 here and there; slopes one or two factors more.
        "div" | "rdiv" | "div_scalar" | "exp" | "ln" | "sqrt" | "powf" | "dropout" => {
            Roundings::Relative(4.0)
        }
        "mse" => Roundings::Relative(2.0),
        // 1 − y², φ(x)·x + Φ(x): a handful of terms of order 1, each from functions within 2 ulp.
        "activation" => Roundings::OfTerms(8.0),
        // ε/2 here and there for every entry that is summed, and a few for what is done with the sum.
        "var" | "std" | "var_rows" | "std_rows" | "var_columns" | "std_columns" | "softmax"
        | "log_softmax" | "cross_entropy" | "cross_entropy_with" | "batch_norm" | "batch_norm_running"
        | "layer_norm" | "rms_norm" => Roundings::OfTerms(4.0 + longest as f64),
        _ => Roundings::None,
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("a number: {text:?}"))
}

fn list<N>(text: &str, separator: char, parse: impl Fn(&str) -> N) -> Vec<N> {
    text.split(separator).filter(|word| !word.is_empty()).map(parse).collect()
}

fn shape(text: &str) -> Vec<usize> {
    if text == "scalar" { Vec::new() } else { list(text, 'x', |word| number(word) as usize) }
}

/// Shortest decimals: through `f32` where they stand for one.
fn tensors(text: &str, round: impl Fn(&str) -> f64 + Copy) -> Vec<Vec<f64>> {
    text.split(" | ").map(|numbers| list(numbers, ' ', round)).collect()
}

fn parse(paragraph: &str) -> Case<'_> {
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
            _ => panic!("a key: {line}"),
        }
    }
    case
}

fn cases() -> impl Iterator<Item = Case<'static>> {
    RECORDED.split("\n\n").skip(1).map(parse)
}

/// The weights that the script names.
fn weights<T: Real>(shape: &[usize]) -> Tensor<T> {
    let weight = |i: usize| {
        let size = 0.5 + ((13 * i + 5) % 32) as f64 / 32.0;
        T::of(if i.is_multiple_of(2) { size } else { -size })
    };
    Tensor::from_vec((0..shape.iter().product()).map(weight).collect(), shape).expect("one value an entry")
}

fn tensor<T: Real>(numbers: &[f64], shape: &[usize]) -> Tensor<T> {
    Tensor::from_vec(numbers.iter().map(|&x| T::of(x)).collect(), shape).expect("one number an entry")
}

fn activation(name: &str) -> Activation {
    let more = [Activation::LeakyRelu(0.2), Activation::Elu(0.5)];
    let mut known = Activation::ALL.into_iter().chain(more);
    known.find(|f| format!("{f:?}") == name).unwrap_or_else(|| panic!("an activation: {name}"))
}

fn cross_entropy(reduction: &str, smoothing: &str) -> CrossEntropy {
    let reduction = match reduction {
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        _ => panic!("a reduction: {reduction}"),
    };
    CrossEntropy { reduction, smoothing: number(smoothing) }
}

/// `1,2` as a vector.
fn columns<T: Real>(text: &str) -> Tensor<T> {
    let numbers = list(text, ',', number);
    tensor(&numbers, &[numbers.len()])
}

/// The op that a line names.
fn apply<'t, T: Real>(op: &[&str], v: &[Var<'t, T>]) -> Var<'t, T> {
    let value = number;
    let index = |text: &str| number(text) as usize;
    match *op {
        ["add"] => v[0] + v[1],
        ["sub"] => v[0] - v[1],
        ["mul"] => v[0] * v[1],
        ["neg"] => -v[0],
        ["scale", factor] => v[0].scale(value(factor)),
        ["activation", name] => v[0].activation(activation(name)),
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
        ["cross_entropy_with", targets, reduction, smoothing] => {
            v[0].cross_entropy_with(&list(targets, ',', index), cross_entropy(reduction, smoothing))
        }
        ["mse"] => v[0].mse(v[1]),
        ["batch_norm", eps] => v[0].batch_norm(v[1], v[2], number(eps)).0,
        ["batch_norm_running", eps, mean, variance] => {
            let running = BatchStatistics { mean: columns(mean), variance: columns(variance) };
            v[0].batch_norm_running(v[1], v[2], &running, number(eps))
        }
        ["layer_norm", eps] => v[0].layer_norm(v[1], v[2], number(eps)),
        ["rms_norm", eps] => v[0].rms_norm(v[1], number(eps)),
        ["dropout", kept, p] => v[0].dropout(&kept.chars().map(|c| c == '1').collect::<Vec<_>>(), number(p)),
        _ => panic!("an op: {op:?}"),
    }
}

/// A tape that has been used: the buffers that it hands out are full of NaN, so that an op that reads what it has not
/// written shows it.
fn used<T: Real>() -> Tape<T> {
    let mut tape = Tape::new();
    for n in (1..=64).flat_map(|n| [n; 8]) {
        tape.leaf(Tensor::full([n], T::of(f64::NAN)));
    }
    tape.clear();
    tape
}

/// The value, the gradient of each input, and the statistics of a batch.
fn ours<T: Real>(case: &Case<'_>) -> Vec<Vec<f64>> {
    let tape = used::<T>();
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

/// Whether `got` is `want` but for rounding; NaN is NaN and infinity infinity.
fn agrees(got: f64, want: f64, tolerance: f64) -> bool {
    got == want || (got.is_nan() && want.is_nan()) || (got - want).abs() <= tolerance && want.is_finite()
}

/// The entries of the longest input.
fn longest(case: &Case<'_>) -> usize {
    case.inputs.iter().map(|x| x.data.len()).max().unwrap_or(0)
}

/// Everything that differs, a line each.
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
            "{} in {kind}: {:?} numbers, not {:?}",
            case.op.join(" "),
            lengths(got),
            lengths(want)
        )];
    }
    let entries = got.iter().zip(want).enumerate().flat_map(|(tensor, (got, want))| {
        got.iter().zip(want).enumerate().map(move |(entry, (&got, &want))| (tensor, entry, got, want))
    });
    let wrong = entries.filter(|&(_, _, got, want)| !agrees(got, want, tolerance(want)));
    let say = |(tensor, entry, got, want): (usize, usize, f64, f64)| {
        let what = if tensor == 0 { "value".to_owned() } else { format!("gradient {}", tensor - 1) };
        let off = (got - want).abs() / epsilon / want.abs().max(f64::MIN_POSITIVE);
        format!(
            "{} in {kind}, {what}, entry {entry}: {got}, PyTorch {want}, {off:.1} ε off",
            case.op.join(" ")
        )
    };
    wrong.map(say).collect()
}

/// Everything that differs in either type.
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

/// Where NaN meets a kink: ours is NaN, PyTorch's slope that of one side.
#[test]
fn the_departures_are_these() {
    let departing: Vec<_> = cases().filter(|case| case.departs).collect();
    let names: Vec<_> = departing.iter().map(|case| case.op.join(" ")).collect();
    assert_eq!(
        names.join(", "),
        "activation Relu, activation LeakyRelu(0.01), activation Elu(1.0), activation Selu, activation HardTanh"
    );
    for line in departing.iter().flat_map(departures) {
        assert!(line.contains("gradient 0, entry 0: NaN, PyTorch 0."), "{line}");
    }
    assert!(departing.iter().all(|case| departures(case).len() == 2), "in both types");
}

/// The masks are PyTorch's own, after `manual_seed(1)`: a source draws them, true with probability 1 − p.
#[test]
fn dropouts_masks_are_drawn_from_pytorchs_stream() {
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
fn the_record_is_whole() {
    let names: BTreeSet<_> = cases().map(|case| case.op[0]).collect();
    assert_eq!((cases().count(), names.len()), (417, 57));
    let activations: BTreeSet<_> =
        cases().filter(|case| case.op[0] == "activation").map(|case| case.op[1]).collect();
    for activation in Activation::ALL {
        assert!(activations.contains(&*format!("{activation:?}")), "{activation:?} is not recorded");
    }
}

#[test]
fn what_differs_by_more_than_rounding_is_rejected() {
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
