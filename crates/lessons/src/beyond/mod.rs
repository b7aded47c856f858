//! Beyond chains: what theory says of the parts of real networks, beside networks that are drawn.

mod attention;
mod convolutions;
mod embeddings;
mod norms;
mod residual;
mod widths;

pub(crate) use attention::ARTIFACT as ATTENTION;
pub(crate) use convolutions::ARTIFACT as CONVOLUTIONS;
pub(crate) use embeddings::ARTIFACT as EMBEDDINGS;
pub(crate) use norms::ARTIFACT as NORMS;
pub(crate) use residual::ARTIFACT as RESIDUAL;
pub(crate) use widths::ARTIFACT as WIDTHS;

use autograd::{Tensor, Var};
use cli::{Cell, Table};
use torch_rng::Source;

/// A table of predictions beside measurements.
struct Comparison(Table);

impl Comparison {
    fn new() -> Self {
        Self(Table::new(&[
            ("of", "network"),
            ("quantity", "quantity"),
            ("theory", "theory"),
            ("measured", "measured"),
            ("error", "standard error"),
        ]))
    }

    /// A prediction, and what independent draws gave.
    fn row(&mut self, of: &str, quantity: &str, theory: f64, draws: &[f64]) {
        let n = draws.len() as f64;
        let mean = draws.iter().sum::<f64>() / n;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        self.0.push(vec![
            Cell::text(of),
            Cell::text(quantity),
            Cell::fixed(theory, 4),
            Cell::fixed(mean, 4),
            Cell::fixed((variance / n).sqrt(), 4),
        ]);
    }
}

/// A matrix of normal numbers.
fn normal(rows: usize, columns: usize, std: f64, source: &mut dyn Source<f32>) -> Tensor<f32> {
    let mut values = vec![0.0; rows * columns];
    source.normal(0.0, std, &mut values);
    Tensor::from_vec(values, [rows, columns]).expect("a matrix")
}

fn mean_square(x: &Tensor<f32>) -> f64 {
    x.data().iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / x.data().len() as f64
}

/// The factor per layer on mean squared gradients from the last of `layers` to the first, for a random gradient at the last.
fn growth(layers: &[Var<'_, f32>], source: &mut dyn Source<f32>) -> f64 {
    let (first, last) = (layers[0], layers[layers.len() - 1]);
    let value = last.value();
    let &[rows, columns] = value.shape().dims() else { panic!("a layer is a matrix") };
    let cotangent = normal(rows, columns, 1.0, source);
    let loss = (last * last.tape().leaf(cotangent)).sum();
    let gradients = loss.backward_to(layers);
    let square = |layer| gradients.get(layer).map_or(0.0, mean_square);
    (square(first) / square(last)).powf(1.0 / (layers.len() - 1) as f64)
}
