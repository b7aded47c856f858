//! Values and derivatives of first and second order at special points (zeros, ties, bounds, saturation, infinities, NaN)
//! in both precisions: against PyTorch, from which they depart exactly as `CONVENTIONS.md` lists, and forward mode
//! against reverse mode. `reference/make_special.py` records them.

use std::collections::BTreeMap;

use autograd::{Activation, Real, Tape, Tensor, Var, hvp, jvp};

use crate::pytorch::{Case, Numbers, apply, parse, tensor, weights};

const RECORDED: &str = include_str!("reference/special.txt");
const CONVENTIONS: &str = include_str!("../CONVENTIONS.md");

fn cases() -> impl Iterator<Item = Case<'static>> {
    RECORDED.split("\n\n").skip(1).map(parse)
}

/// The entry `i` of the direction along which input `k` moves, as in `make_special.py`.
pub(crate) fn velocity(k: usize, i: usize) -> f64 {
    0.5 + ((7 * i + 3 * k + 3) % 32) as f64 / 32.0
}

pub(crate) fn directions<T: Real>(inputs: &[Numbers]) -> Vec<Tensor<T>> {
    let direction = |(k, input): (usize, &Numbers)| {
        let entries: Vec<f64> = (0..input.data.len()).map(|i| velocity(k, i)).collect();
        tensor(&entries, &input.shape)
    };
    inputs.iter().enumerate().map(direction).collect()
}

/// The value of an op at the inputs of a case, the gradients of `⟨u, value⟩` and their derivatives along the direction,
/// one per input, and the derivative of the value by forward mode.
struct Derivatives<T: Real> {
    value: Tensor<T>,
    gradients: Vec<Tensor<T>>,
    seconds: Vec<Tensor<T>>,
    forward: Tensor<T>,
}

fn derivatives<T: Real>(case: &Case<'_>) -> Derivatives<T> {
    let inputs: Vec<Tensor<T>> = case.inputs.iter().map(|x| tensor(&x.data, &x.shape)).collect();
    let along = directions(&case.inputs);
    let tape = Tape::new();
    let leaves: Vec<_> = inputs.iter().map(|x| tape.leaf(x.clone())).collect();
    let y = apply(&case.op, &leaves);
    let (value, shape) = (y.value(), y.shape());
    let grads = y.backward_from(weights(shape.dims()));
    let gradient = |&leaf: &Var<'_, T>| grads.get(leaf).cloned().expect("a gradient");
    let (again, seconds) =
        hvp(|tape, x| (apply(&case.op, x) * tape.leaf(weights(shape.dims()))).sum(), &inputs, &along);
    let gradients: Vec<_> = leaves.iter().map(gradient).collect();
    for (one, other) in gradients.iter().zip(&again) {
        let same = one.data().iter().zip(other.data()).all(|(a, b)| near::<T>(a.to_f64(), b.to_f64()));
        assert!(same, "{:?}: backward gives {one:?}, hvp {other:?}", case.op);
    }
    let (_, forward) = jvp(|_, x| apply(&case.op, x), &inputs, &along);
    Derivatives { value, gradients, seconds, forward }
}

/// True if two numbers are equal, both NaN, or differ by at most 12 roundings, of themselves or of terms of order 1:
/// half a dozen operations on either side, with functions within 2 ulp.
fn near<T: Real>(a: f64, b: f64) -> bool {
    let rounding = T::ONE.next_up().to_f64() - 1.0;
    a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 12.0 * rounding * a.abs().max(b.abs()).max(1.0)
}

/// A number of an op that is not PyTorch's: the type, the op, the input, and `f`, `f′` or `f″`.
type At = (&'static str, String, String, &'static str);
/// This crate's number and PyTorch's, without the weights u and v.
type Pair = (f64, f64);

/// The numbers of a case that are not PyTorch's.
fn departures<T: Real>(name: &'static str, case: &Case<'_>, recorded: &[Vec<f64>]) -> Vec<(At, Pair)> {
    let got = derivatives::<T>(case);
    let u = weights::<f64>(&[64]);
    let gradients = got.gradients.iter().enumerate().map(|(k, x)| ("f′", k, x));
    let seconds = got.seconds.iter().enumerate().map(|(k, x)| ("f″", k, x));
    let tensors = std::iter::once(("f", 0, &got.value)).chain(gradients).chain(seconds);
    let mut found = Vec::new();
    for ((of, k, ours), theirs) in tensors.zip(recorded) {
        for (i, (x, &y)) in ours.data().iter().zip(theirs).enumerate() {
            if !near::<T>(x.to_f64(), y) {
                let unit = match of {
                    "f" => 1.0,
                    "f′" => u.data()[i],
                    _ => u.data()[i] * velocity(k, i),
                };
                let inputs: Vec<String> =
                    case.inputs.iter().filter_map(|x| Some(x.data.get(i)?.to_string())).collect();
                found.push(((name, case.op.join(" "), inputs.join(" "), of), (x.to_f64() / unit, y / unit)));
            }
        }
    }
    found
}

fn all_departures() -> BTreeMap<At, Pair> {
    let of = |case: Case<'static>| {
        let double = departures::<f64>("f64", &case, &case.f64);
        double.into_iter().chain(departures::<f32>("f32", &case, &case.f32))
    };
    cases().flat_map(of).collect()
}

/// The rows of the table of departures in `CONVENTIONS.md`.
fn listed(conventions: &str) -> BTreeMap<At, Pair> {
    let (_, table) = conventions.split_once("|---|---|---|---|---|---|\n").expect("the table");
    let number = |text: &str| -> f64 {
        let text = text.replace('−', "-").replace('∞', "inf");
        text.parse().unwrap_or_else(|_| panic!("CONVENTIONS.md: not a number: {text}"))
    };
    let mut rows = BTreeMap::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [functions, points, of, here, torch, _] = cells[..] else { panic!("CONVENTIONS.md: {line}") };
        let of = ["f", "f′", "f″"].into_iter().find(|name| of == format!("`{name}`")).expect("f, f′ or f″");
        for function in functions.split('`').skip(1).step_by(2) {
            let is_activation = function.starts_with(char::is_uppercase);
            let op = if is_activation { format!("activation {function}") } else { function.to_owned() };
            for point in points.split(", ") {
                let (point, only) = point.split_once(" in ").map_or((point, None), |(x, t)| (x, Some(t)));
                for name in ["f64", "f32"].into_iter().filter(|&name| only.is_none_or(|only| only == name)) {
                    let at = (name, op.clone(), number(point).to_string(), of);
                    rows.insert(at, (number(here), number(torch)));
                }
            }
        }
    }
    rows
}

/// The first entry that is in one of the lists only, or has other numbers there.
fn difference(found: &BTreeMap<At, Pair>, listed: &BTreeMap<At, Pair>) -> Option<String> {
    let same = |a: f64, b: f64| a.is_nan() && b.is_nan() || a == b || (a - b).abs() < 1e-6;
    let keys = found.keys().chain(listed.keys());
    keys.into_iter().find_map(|at| match (found.get(at), listed.get(at)) {
        (Some(a), Some(b)) if same(a.0, b.0) && same(a.1, b.1) => None,
        (found, listed) => Some(format!("{at:?} has {found:?}; CONVENTIONS.md has {listed:?}")),
    })
}

#[test]
fn derivatives_at_special_points_are_pytorchs_except_where_listed() {
    let (found, table) = (all_departures(), listed(CONVENTIONS));
    assert_eq!(difference(&found, &table), None);
    let at = CONVENTIONS.find("| `Erf`").or(CONVENTIONS.find(", `Erf`")).expect("a row of erf");
    let without = CONVENTIONS.replacen(&CONVENTIONS[at..at + 7], "", 1);
    assert!(difference(&found, &listed(&without)).is_some(), "a departure that is not listed is detected");
    let more = format!("{CONVENTIONS}| `Tanh` | ∞ | `f′` | 0 | 1 | none |\n");
    assert!(difference(&found, &listed(&more)).is_some(), "and one that does not depart");
    let other = CONVENTIONS.replacen("1.7580993", "1.758", 1);
    assert!(difference(&found, &listed(&other)).is_some(), "and another number");
}

/// The entries of `⟨u, ẏ⟩` by forward mode, and of `⟨x̄, v⟩` by reverse mode: one by one for an elementwise op, which is
/// recorded on one row, and their sums for others.
fn forward_and_reverse<T: Real>(case: &Case<'_>) -> Vec<(f64, f64)> {
    let got = derivatives::<T>(case);
    let (shape, n) = (got.value.shape().dims(), got.value.data().len());
    let u = weights::<f64>(shape);
    let ahead = |i: usize| u.data()[i] * got.forward.data()[i].to_f64();
    let term = |k: usize, i: usize| got.gradients[k].data()[i].to_f64() * velocity(k, i);
    if shape.first() == Some(&1) && case.inputs.iter().all(|x| x.shape == shape) {
        return (0..n).map(|i| (ahead(i), (0..case.inputs.len()).map(|k| term(k, i)).sum())).collect();
    }
    let terms = |k: usize| (0..case.inputs[k].data.len()).map(move |i| (k, i));
    let reverse = (0..case.inputs.len()).flat_map(terms).map(|(k, i)| term(k, i)).sum();
    vec![((0..n).map(ahead).sum(), reverse)]
}

#[test]
fn forward_mode_agrees_with_reverse_mode_at_special_points() {
    for case in cases() {
        for (i, (a, b)) in forward_and_reverse::<f64>(&case).into_iter().enumerate() {
            assert!(near::<f64>(a, b), "{:?}, entry {i}: forward mode {a}, reverse mode {b}", case.op);
        }
        for (i, (a, b)) in forward_and_reverse::<f32>(&case).into_iter().enumerate() {
            assert!(near::<f32>(a, b), "{:?}, entry {i} in f32: forward mode {a}, reverse mode {b}", case.op);
        }
    }
    assert!(!near::<f64>(f64::NAN, 1.0) && !near::<f64>(1.0, 1.0 + 1e-14) && !near::<f32>(0.0, 1e-5));
}

#[test]
fn every_activation_is_recorded() {
    let recorded: Vec<String> = cases().map(|case| case.op.join(" ")).collect();
    let missing = |all: &[Activation]| {
        let mut labels = all.iter().map(|f| format!("activation {f:?}"));
        labels.find(|label| !recorded.contains(label))
    };
    assert_eq!(missing(&Activation::ALL), None, "record it with tests/reference/make_special.py");
    assert!(missing(&[Activation::Elu(0.125)]).is_some());
}
