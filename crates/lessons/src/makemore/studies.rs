//! The lecture's two studies of one product: a thousand by a thousand, with and without a normalisation behind it.

use autograd::{Tape, Var};
use diagnostics::Summary;
use tensor::Tensor;
use torch_rng::{Generator, Source};

use super::run::Run;

/// Names and standard deviations, in the lecture's order: forwards, then backwards.
pub struct Study {
    /// Standard deviations of values.
    pub forward: Vec<(&'static str, f64)>,
    /// Standard deviations of gradients.
    pub backward: Vec<(&'static str, f64)>,
}

/// `torch.randn(shape, generator=g)`.
fn randn(generator: &mut Generator, shape: impl Into<tensor::Shape>) -> Tensor {
    let mut x = Tensor::zeros(shape);
    generator.normal(0.0, 1.0, x.data_mut());
    x
}

fn std(values: &Tensor) -> f64 {
    Summary::of(values.data()).std()
}

/// `c = b·a` and the gradients of `⟨r, c⟩`: a of `[n, 1]`, b of `[n, n]`, r of `[n]`, all from N(0, 1).
pub fn linear(n: usize, seed: u64) -> Study {
    let (tape, mut g) = (Tape::new(), Generator::manual_seed(seed));
    let a = tape.leaf(randn(&mut g, [n, 1]));
    let b = tape.leaf(randn(&mut g, [n, n]));
    let c = b.matmul(a);
    let grads = c.backward_from(randn(&mut g, [n]).reshape([n, 1]));
    let grad = |var| grads.get(var).map_or(f64::NAN, std);
    Study {
        forward: vec![("a", std(&a.value())), ("b", std(&b.value())), ("c", std(&c.value()))],
        backward: vec![("c", grad(c)), ("a", grad(a)), ("b", grad(b))],
    }
}

/// `x = w·inp`, `out = (x − mean x)/√(var x + 1e-5)` over the n values of x, and the gradients of `⟨r, out⟩`; w is
/// scaled by `scale` after it was drawn, and its gradient is that of the scaled one.
pub fn norm(n: usize, scale: f64, seed: u64) -> Study {
    let (tape, mut g) = (Tape::new(), Generator::manual_seed(seed));
    let inp = tape.leaf(randn(&mut g, [n, 1]));
    let w = tape.leaf(randn(&mut g, [n, n]).scale(scale as f32));
    let x = w.matmul(inp);
    let out = standardised(x);
    let grads = out.backward_from(randn(&mut g, [n]).reshape([n, 1]));
    let grad = |var| grads.get(var).map_or(f64::NAN, std);
    Study {
        forward: vec![
            ("inp", std(&inp.value())),
            ("w", std(&w.value())),
            ("x", std(&x.value())),
            ("out", std(&out.value())),
        ],
        backward: vec![("out", grad(out)), ("x", grad(x)), ("w", grad(w)), ("inp", grad(inp))],
    }
}

/// `(x − mean)/√(var + 1e-5)` of a column, the variance divided by n − 1.
fn standardised(x: Var<'_>) -> Var<'_> {
    let (tape, n) = (x.tape(), x.shape().numel() as f64);
    let c = (n - 1.0) / n;
    let gamma = tape.leaf(Tensor::full([1], c.sqrt() as f32));
    x.batch_norm(gamma, tape.leaf(Tensor::zeros([1])), c * 1e-5).0
}

/// The studies as the lecture has them.
pub fn lectures() -> [(&'static str, Study); 3] {
    const N: usize = 1000;
    [
        ("linear", linear(N, Run::SEED)),
        ("norm", norm(N, 1.0, Run::SEED)),
        ("norm, w/√n", norm(N, (N as f64).sqrt().recip(), Run::SEED)),
    ]
}
