//! The tape: its nodes, backward passes, panics, and reuse.

use std::cell::Cell;
use std::rc::Rc;

use autograd::{Activation, Tape, Tensor, Var};

fn panic_text<R>(f: impl FnOnce() -> R) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| _ = f()));
    *result.unwrap_err().downcast::<String>().unwrap()
}

/// The first expression in the README of micrograd (MIT, karpathy/micrograd): its value and both gradients.
#[test]
fn the_first_example_of_micrograd() {
    let tape = Tape::<f64>::new();
    let leaf = |x: f64| tape.leaf(Tensor::scalar(x));
    let relu = Activation::Relu;
    let cube = |x| x * x * x;
    let (a, b) = (leaf(-4.0), leaf(2.0));
    let mut c = a + b;
    let mut d = a * b + cube(b);
    c = c + c + leaf(1.0);
    c = c + leaf(1.0) + c + (-a);
    d = d + d.scale(2.0) + (b + a).activation(relu);
    d = d + d.scale(3.0) + (b - a).activation(relu);
    let e = c - d;
    let f = e * e;
    // The last line is g = f/2 + 10/f; its derivative by f is the cotangent of f.
    let value = f.value().item();
    assert_eq!(format!("{:.4}", value / 2.0 + 10.0 / value), "24.7041");
    let slope = Tensor::scalar(0.5 - 10.0 / (value * value));
    let grads = f.backward_from(slope);
    assert_eq!(format!("{:.4}", grads.get(a).unwrap().item()), "138.8338");
    assert_eq!(format!("{:.4}", grads.get(b).unwrap().item()), "645.5773");
}

#[test]
fn every_node_that_is_reached_has_a_gradient() {
    let tape = Tape::<f64>::new();
    let x = tape.leaf(Tensor::scalar(3.0));
    let y = x * x;
    let unused = y.scale(f64::INFINITY);
    let z = y.scale(2.0);
    let later = z.scale(5.0);
    let grads = z.backward();
    let read = |var| grads.get(var).map(Tensor::item);
    assert_eq!(
        [read(x), read(y), read(z), read(unused), read(later)],
        [Some(12.0), Some(2.0), Some(1.0), None, None]
    );
    assert_eq!(read(x), Some(12.0), "a gradient can be read twice");
    assert_eq!(later.backward().get(x).unwrap().item(), 60.0, "a tape allows several backward passes");
}

/// The stack has 64 KiB, which 1,000 nested calls would fill.
#[test]
fn a_chain_of_a_million_nodes_needs_no_recursion() {
    let chain = || {
        let tape = Tape::<f32>::new();
        let x = tape.leaf(Tensor::scalar(1.0));
        let end = (0..1_000_000).fold(x, |y, _| -y);
        let grads = end.backward();
        assert_eq!((tape.len(), grads.get(x).unwrap().item()), (1_000_001, 1.0));
    };
    std::thread::Builder::new().stack_size(64 << 10).spawn(chain).unwrap().join().unwrap();
}

/// `[x₀, x₁, …] → Σ weightᵢ·xᵢ`, an op with any number of parents.
fn weighted_sum<'t>(parents: &[Var<'t, f64>]) -> Var<'t, f64> {
    let value = parents
        .iter()
        .zip(1..)
        .fold(Tensor::zeros([2]), |sum, (x, weight)| sum.add(&x.value().scale(f64::from(weight))));
    parents[0].tape().record_each("weighted_sum", parents, value, |g, parent| g.scale(parent as f64 + 1.0))
}

#[test]
fn an_op_can_have_any_number_of_parents() {
    for count in 1..20 {
        let tape = Tape::<f64>::new();
        let leaves: Vec<_> = (0..count).map(|_| tape.leaf(Tensor::full([2], 1.0))).collect();
        let grads = weighted_sum(&leaves).sum().backward();
        for (leaf, weight) in leaves.iter().zip(1..) {
            assert_eq!(grads.get(*leaf).unwrap().data(), [f64::from(weight); 2]);
        }
    }
    let tape = Tape::<f64>::new();
    let x = tape.leaf(Tensor::full([2], 1.0));
    assert_eq!(weighted_sum(&[x, x, x]).sum().backward().get(x).unwrap().data(), [6.0; 2]);
    let one = tape.record_each("one", &[], Tensor::scalar(1.0), |g, _| g.clone());
    assert_eq!(one.backward().get(x), None);
}

/// `backward_to` computes the same bits as `backward`, and only for the targets and the nodes between them and the
/// loss.
#[test]
fn backward_to_computes_only_what_its_targets_need() {
    let tape = Tape::<f64>::new();
    let leaf = |x: f64| tape.leaf(Tensor::full([2, 2], x));
    let (a, b, c) = (leaf(0.3), leaf(-0.7), leaf(1.1));
    let hidden = a.matmul(b).activation(Activation::Tanh);
    let loss = (hidden.matmul(c) * hidden).sum();
    let later = leaf(2.0) * a;
    let all = loss.backward();
    let some = loss.backward_to(&[b, hidden, later]);
    for var in [b, hidden, loss] {
        assert_eq!(some.get(var), all.get(var));
    }
    assert!([a, c, later].iter().all(|&var| some.get(var).is_none()) && all.get(a).is_some());
    assert!(loss.backward_to(&[]).get(hidden).is_none());
}

/// The number of calls of the pullback of an op on `a` and `b` in a `backward_to` of the targets, if the op is
/// recorded by `record_each` and by `record`.
fn calls<'t>(a: Var<'t, f64>, b: Var<'t, f64>, targets: &[Var<'t, f64>]) -> [usize; 2] {
    let count = || Rc::new(Cell::new(0));
    let add = |count: &Cell<usize>| count.set(count.get() + 1);
    let (each, together) = (count(), count());
    let ops = [
        a.tape().record_each("each", &[a, b], a.value(), {
            let each = Rc::clone(&each);
            move |g, _| (g.clone(), add(&each)).0
        }),
        a.tape().record("together", [a, b], a.value(), {
            let together = Rc::clone(&together);
            move |g| ([g.clone(), g.clone()], add(&together)).0
        }),
    ];
    for op in ops {
        (op + targets[0].scale(0.0)).sum().backward_to(targets);
    }
    [each.get(), together.get()]
}

#[test]
fn a_pullback_is_called_only_for_parents_that_are_needed() {
    let tape = Tape::<f64>::new();
    let leaf = |x: f64| tape.leaf(Tensor::full([2], x));
    let (a, b, c) = (leaf(0.3), leaf(-0.7), leaf(1.1));
    assert_eq!(calls(a, b, &[a, b, c]), [2, 1]);
    assert_eq!(calls(a, b, &[b]), [1, 1]);
    assert_eq!(calls(a, b, &[c]), [0, 0]);
    // `record` computes all cotangents, keeps the ones that are needed, and is not called for the op's own gradient.
    let both = tape.record("both", [a, b], a.value(), |g| [g.clone(), g.clone()]).sum().backward_to(&[b]);
    assert!(both.get(a).is_none() && both.get(b).is_some());
    let uncalled = tape.record("uncalled", [a, b], a.value(), |_| panic!("no parent is needed"));
    assert_eq!(uncalled.sum().backward_to(&[uncalled]).get(uncalled).unwrap().data(), [1.0; 2]);
}

#[test]
fn a_cleared_tape_is_empty_and_can_be_reused() {
    let mut tape = Tape::<f64>::new();
    let step = |tape: &Tape<f64>, x: f64| {
        let x = tape.leaf(Tensor::scalar(x)).named("x");
        let grads = (x * x).backward();
        grads.get(x).unwrap().item()
    };
    for x in [3.0, -1.0, 0.5] {
        assert_eq!(step(&tape, x), 2.0 * x);
        assert_eq!(tape.len(), 2);
        tape.clear();
        assert!(tape.is_empty());
    }
    assert_eq!(tape.leaf(Tensor::scalar(1.0)).name(), None, "names are removed with their values");
}

/// A backward pass is linear in its cotangent, and passes are independent of each other.
#[test]
fn a_tape_allows_many_backward_passes() {
    let tape = Tape::<f64>::new();
    let x = tape.leaf(Tensor::from_vec(vec![0.5, -1.5], [1, 2]).unwrap());
    let y = x.activation(Activation::Tanh) * x;
    let row = |data: [f64; 2]| Tensor::from_vec(data.to_vec(), [1, 2]).unwrap();
    let pulled = |seed: [f64; 2]| y.backward_from(row(seed)).get(x).unwrap().data().to_vec();
    let (first, second, both) = (pulled([1.0, 0.0]), pulled([0.0, 1.0]), pulled([2.0, -4.0]));
    assert_eq!(both, [2.0 * first[0], -4.0 * second[1]]);
    assert_eq!((first[1], second[0]), (0.0, 0.0));
    assert_eq!(pulled([1.0, 0.0]), first, "a repeated pass has the same result");
    assert_eq!(
        y.sum().backward().get(x).unwrap().data(),
        [first[0], second[1]],
        "nodes can be added after a pass"
    );
}

/// An infinite slope has no effect on an unused branch, although 0 times infinity is NaN.
#[test]
fn an_infinite_slope_on_an_unused_branch_has_no_effect() {
    let tape = Tape::<f64>::new();
    let x = tape.leaf(Tensor::scalar(0.0));
    let root = tape.record("sqrt", [x], Tensor::scalar(0.0), |g| [g.scale(f64::INFINITY)]);
    let apart = tape.leaf(Tensor::scalar(f64::NAN));
    let y = x.scale(3.0);
    let grads = y.backward();
    assert_eq!(grads.get(x).unwrap().item(), 3.0);
    assert!(grads.get(root).is_none() && grads.get(apart).is_none());
    let used = (y + root.scale(0.0)).backward();
    assert!(used.get(x).unwrap().item().is_nan(), "used with weight 0, it is NaN");
}

#[test]
fn misuse_panics_with_the_op_and_the_shapes() {
    let (one, other) = (Tape::<f64>::new(), Tape::new());
    let x = one.leaf(Tensor::zeros([2, 3]));
    let y = other.leaf(Tensor::zeros([2, 3]));
    assert_eq!(panic_text(|| x + y), "add: the operands are on different tapes");
    assert!(panic_text(|| x.backward()).starts_with("backward: got shape [2, 3]; expected a single number"));
    assert_eq!(
        panic_text(|| x.cross_entropy(&[0])),
        "cross_entropy: got logits [2, 3] and 1 targets; expected one row per target"
    );
    assert_eq!(
        panic_text(|| x.cross_entropy(&[0, 3])),
        "cross_entropy: target 3 is out of bounds for 3 classes"
    );
    let wrong = one.record("wrong", [x], Tensor::scalar(1.0), |_| [Tensor::zeros([3, 2])]);
    assert_eq!(
        panic_text(|| wrong.backward()),
        "wrong: the pullback returned shape [3, 2] for a parent of shape [2, 3]"
    );
}

#[test]
fn a_panic_has_the_line_of_the_caller() {
    use std::sync::Mutex;
    static LOCATION: Mutex<(String, u32)> = Mutex::new((String::new(), 0));
    let mine = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let location = info.location().unwrap();
        if std::thread::current().id() == mine {
            *LOCATION.lock().unwrap() = (location.file().to_owned(), location.line());
        }
    }));
    let (tape, other) = (Tape::<f32>::new(), Tape::<f32>::new());
    let (a, b) = (tape.leaf(Tensor::zeros([2, 3])), tape.leaf(Tensor::zeros([4, 5])));
    let c = other.leaf(Tensor::zeros([2, 3]));
    let grads = b.sum().backward();
    let line = line!();
    let misuses: [&dyn Fn(); 8] = [
        &|| _ = a.matmul(b),
        &|| _ = a + c,
        &|| _ = tape.record("mine", [c], Tensor::scalar(0.0), |g| [g.clone()]),
        &|| _ = tape.record_each("mine", &[a, c], Tensor::scalar(0.0), |g, _| g.clone()),
        &|| _ = grads.get(c),
        &|| _ = a.backward(),
        &|| _ = a.backward_to(&[a]),
        &|| _ = a.sum().backward_to(&[c]),
    ];
    let locations = misuses.map(|misuse| {
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(misuse)).is_err());
        LOCATION.lock().unwrap().clone()
    });
    std::panic::set_hook(before);
    for ((file, at), expected) in locations.into_iter().zip(line + 2..) {
        assert!(file.ends_with("tape.rs") && at == expected, "{file}:{at}; expected line {expected}");
    }
}

#[test]
fn nan_and_infinity_propagate() {
    let tape = Tape::<f32>::new();
    let x = tape.leaf(Tensor::from_vec(vec![f32::NAN, f32::INFINITY, 1.0], [1, 3]).unwrap());
    let y = x.scale(2.0);
    assert!(y.value().data()[0].is_nan() && y.value().data()[1].is_infinite());
    let loss = x.cross_entropy(&[2]);
    assert!(loss.value().item().is_nan());
    assert!(loss.backward().get(x).unwrap().data()[0].is_nan());
}
