//! What a tape promises beside its gradients.

use autograd::Tape;
use tensor::{Activation, Tensor};

fn panic_text<R>(f: impl FnOnce() -> R) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| _ = f()));
    *result.unwrap_err().downcast::<String>().unwrap()
}

/// The first expression of micrograd's README (MIT, karpathy/micrograd): its value and both gradients.
#[test]
fn micrograds_first_example() {
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
    // The last line, g = f/2 + 10/f, by its derivative with respect to f.
    let value = f.value().item();
    assert_eq!(format!("{:.4}", value / 2.0 + 10.0 / value), "24.7041");
    let slope = Tensor::scalar(0.5 - 10.0 / (value * value));
    let grads = f.backward_from(slope);
    assert_eq!(format!("{:.4}", grads.get(a).unwrap().item()), "138.8338");
    assert_eq!(format!("{:.4}", grads.get(b).unwrap().item()), "645.5773");
}

#[test]
fn every_node_keeps_its_gradient_and_unreached_ones_have_none() {
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
    assert_eq!(read(x), Some(12.0), "reading consumes nothing");
    assert_eq!(later.backward().get(x).unwrap().item(), 60.0, "a tape may be walked again");
}

#[test]
fn a_chain_of_a_million_nodes_runs_and_drops() {
    let tape = Tape::<f32>::new();
    let x = tape.leaf(Tensor::scalar(1.0));
    let end = (0..1_000_000).fold(x, |y, _| -y);
    assert_eq!(end.backward().get(x).unwrap().item(), 1.0);
}

#[test]
fn misuse_panics_with_the_op_and_the_shapes() {
    let (one, other) = (Tape::<f64>::new(), Tape::new());
    let x = one.leaf(Tensor::zeros([2, 3]));
    let y = other.leaf(Tensor::zeros([2, 3]));
    assert_eq!(panic_text(|| x + y), "add: the operands live on two tapes");
    assert!(panic_text(|| x.backward()).starts_with("backward: shape [2, 3] is not a single number"));
    assert_eq!(panic_text(|| x.cross_entropy(&[0])), "cross_entropy: logits [2, 3] for 1 targets");
    assert_eq!(panic_text(|| x.cross_entropy(&[0, 3])), "cross_entropy: target 3 among 3 classes");
    let wrong = one.record("wrong", [x], Tensor::scalar(1.0), |_| [Tensor::zeros([3, 2])]);
    assert_eq!(panic_text(|| wrong.backward()), "wrong: cotangent [3, 2] for a parent [2, 3]");
}

#[test]
fn a_panic_names_the_callers_line() {
    use std::sync::Mutex;
    static PLACE: Mutex<String> = Mutex::new(String::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        *PLACE.lock().unwrap() = info.location().unwrap().file().to_owned();
    }));
    let tape = Tape::<f32>::new();
    let (a, b) = (tape.leaf(Tensor::zeros([2, 3])), tape.leaf(Tensor::zeros([4, 5])));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| _ = a.matmul(b)));
    std::panic::set_hook(before);
    assert!(result.is_err());
    assert!(PLACE.lock().unwrap().ends_with("tape.rs"), "{}", PLACE.lock().unwrap());
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
