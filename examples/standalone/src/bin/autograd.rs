//! autograd by itself: the gradient of two lines, checked against differences.

use autograd::check::gradcheck;
use autograd::{Activation, Tape, Tensor, Var};

/// `Σ tanh(x)·x`.
fn f<'t>(x: Var<'t, f64>) -> Var<'t, f64> {
    let y = x.activation(Activation::Tanh);
    (y * x).sum()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let input = Tensor::from_vec(vec![0.5, -1.0], [2])?;
    gradcheck(|_, vars| f(vars[0]), std::slice::from_ref(&input))?;

    let tape = Tape::new();
    let x = tape.leaf(input);
    let grads = f(x).backward();
    let gradient = grads.get(x).ok_or("the sum depends on x")?;
    let exact = |x: f64| x.tanh() + x * (1.0 - x.tanh().powi(2));
    for (got, x) in gradient.data().iter().zip(x.value().data()) {
        assert!((got - exact(*x)).abs() < 1e-15);
    }
    println!("{:.6} {:.6}", gradient.data()[0], gradient.data()[1]);
    Ok(())
}
