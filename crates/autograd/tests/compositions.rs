//! Random compositions of ops at special points against PyTorch: values, gradients and second derivatives, and forward
//! mode against reverse mode. `reference/compose.py` records them; the variable `COMPOSITIONS` names another record.

use autograd::{Real, Tape, Tensor, Var, hvp, jvp};

use crate::pytorch::{Case, apply, parse, tensor, weights};
use crate::special::{directions, velocity};

const RECORDED: &str = include_str!("reference/compositions.txt");

/// The largest number in a computation whose results are compared. Beyond it, rounding errors that derivatives
/// magnify hide what is looked for.
const LARGEST: f64 = 1e3;

/// Runs the steps of a composition; returns all values.
fn run<'t, T: Real>(steps: &str, inputs: &[Var<'t, T>]) -> Vec<Var<'t, T>> {
    let mut values = inputs.to_vec();
    for step in steps.split("; ") {
        let (op, operands) = step.split_once(" @ ").expect("an op and its operands");
        let of = |number: &str| values[number.parse::<usize>().expect("the number of a value")];
        let operands: Vec<_> = operands.split(' ').map(of).collect();
        values.push(apply(&op.split(' ').collect::<Vec<_>>(), &operands));
    }
    values
}

/// The value, the gradients and the second derivatives, in the order of the record; the slope of forward mode along the
/// directions with that of reverse mode; and the largest number.
struct Results {
    tensors: Vec<Tensor<f64>>,
    forward: f64,
    reverse: f64,
    largest: f64,
}

fn results(steps: &str, case: &Case<'_>) -> Results {
    let inputs: Vec<Tensor<f64>> = case.inputs.iter().map(|x| tensor(&x.data, &x.shape)).collect();
    let along = directions(&case.inputs);
    let tape = Tape::new();
    let leaves: Vec<_> = inputs.iter().map(|x| tape.leaf(x.clone())).collect();
    let values = run(steps, &leaves);
    let y = values[values.len() - 1];
    let u = weights::<f64>(y.shape().dims());
    let grads = y.backward_from(u.clone());
    let gradient = |&var: &Var<'_, f64>| grads.get(var).cloned().unwrap_or_else(|| var.value().map(|_| 0.0));
    let of_values: Vec<_> = values.iter().map(gradient).collect();
    let (_, seconds) = hvp(
        |tape, x| (run(steps, x)[values.len() - 1] * tape.leaf(weights(u.shape().dims()))).sum(),
        &inputs,
        &along,
    );
    let (_, slope) = jvp(|_, x| run(steps, x)[values.len() - 1], &inputs, &along);
    let gradients = &of_values[..inputs.len()];
    let terms = gradients.iter().enumerate().flat_map(|(k, g)| {
        let entries = g.data().iter().enumerate();
        entries.map(move |(i, g)| g * velocity(k, i))
    });
    let numbers = values.iter().map(|x| x.value()).chain(of_values.iter().cloned()).chain(seconds.clone());
    Results {
        forward: u.mul(&slope).sum(),
        reverse: terms.sum(),
        largest: numbers.flat_map(|x| x.data().to_vec()).fold(1.0, |max, x| max.max(x.abs())),
        tensors: std::iter::once(y.value()).chain(gradients.to_vec()).chain(seconds).collect(),
    }
}

/// The first difference of a composition, or `None`; and the number of entries that were compared.
fn difference(case: &Case<'_>) -> (Option<String>, usize) {
    let steps = case.op.join(" ");
    let got = results(&steps, case);
    if got.largest > LARGEST {
        return (None, 0);
    }
    // Some hundred roundings, magnified by two factors of the size of the largest number, and by quotients in between.
    let tolerance = 1e-11 * got.largest * got.largest;
    let far = |a: f64, b: f64| b.is_finite() && (a.is_nan() || (a - b).abs() > tolerance);
    let inputs: Vec<_> = case.inputs.iter().map(|x| &x.data).collect();
    let mut compared = 0;
    for (tensor, (ours, torch)) in got.tensors.iter().zip(&case.f64).enumerate() {
        for (&x, &y) in ours.data().iter().zip(torch) {
            compared += usize::from(y.is_finite());
            if far(x, y) {
                return (
                    Some(format!("{steps}: tensor {tensor}: {x}; PyTorch {y}; inputs {inputs:?}")),
                    compared,
                );
            }
        }
    }
    let all_finite = case.f64.iter().flatten().all(|x| x.is_finite());
    if all_finite && far(got.forward, got.reverse) {
        let Results { forward, reverse, .. } = got;
        return (
            Some(format!("{steps}: forward mode {forward}, reverse {reverse}; inputs {inputs:?}")),
            compared,
        );
    }
    (None, compared)
}

#[test]
#[expect(clippy::print_stdout, reason = "the long run reports its size")]
fn random_compositions_agree_with_pytorch() {
    let other = std::env::var("COMPOSITIONS").ok();
    let text = other.map_or(RECORDED.to_owned(), |path| std::fs::read_to_string(path).expect("the record"));
    let (mut cases, mut entries, mut wrong) = (0, 0, Vec::new());
    for paragraph in text.split("\n\n").skip(1) {
        let (difference, compared) = difference(&parse(paragraph));
        cases += usize::from(compared > 0);
        entries += compared;
        wrong.extend(difference);
    }
    println!("{cases} compositions compared, {entries} numbers, {} differences", wrong.len());
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases >= 30, "{cases} compositions have small finite results");
}

#[test]
fn another_curvature_is_rejected() {
    let curves = |x: &f64| x.is_finite() && *x != 0.0;
    let curved = |paragraph: &&str| {
        let case = parse(paragraph);
        case.f64[3].iter().any(curves) && difference(&case).1 > 0
    };
    let paragraph = RECORDED.split("\n\n").skip(1).find(curved).expect("a composition that is not linear");
    let mut case = parse(paragraph);
    assert_eq!(difference(&case).0, None);
    let entry = case.f64[3].iter().position(curves).expect("a curvature");
    case.f64[3][entry] += 0.01;
    assert!(difference(&case).0.is_some());
}
