//! A chain of equal layers, drawn and run: what the formulas of the derivation are held to.

use autograd::{Tape, Tensor, Var};
use mean_field::MeanField;
use torch_rng::Source;

/// Layers `h = f(h₋)·W + b` of one width, weights of `N(0, σ_w²/width)`, biases of `N(0, σ_b²)`.
#[derive(Clone, Copy)]
pub(super) struct DrawnChain {
    /// f, `σ_w²`, `σ_b²`.
    pub(super) field: MeanField,
    /// Units per layer.
    pub(super) width: usize,
    /// Layers behind the first pre-activations.
    pub(super) depth: usize,
}

/// Second moments of the pre-activations of two examples, the first ones and those of each layer.
pub(super) struct ChainMoments {
    /// Mean squares, of both examples.
    pub(super) variance: Vec<f64>,
    /// Cosines between them.
    pub(super) cosine: Vec<f64>,
    /// Mean squared distances.
    pub(super) distance: Vec<f64>,
    /// Mean squares of the gradient, if the last layer's has the mean square 1.
    pub(super) gradient: Vec<f64>,
}

impl DrawnChain {
    /// Draws the chain and runs two examples, whose first pre-activations have exactly the mean square `q` and the cosine `c`.
    pub(super) fn run(&self, (q, c): (f64, f64), source: &mut dyn Source<f32>) -> ChainMoments {
        let tape = Tape::new();
        let mut h = tape.leaf(self.first(q, c, source));
        let mut layers = vec![h];
        for _ in 0..self.depth {
            let weight = self.normal(self.width, self.field.weight / self.width as f64, source);
            h = h.activation(self.field.activation).matmul(tape.leaf(weight));
            if self.field.bias > 0.0 {
                let bias = self.normal(1, self.field.bias, source).reshape([self.width]);
                h = h.add_row(tape.leaf(bias));
            }
            layers.push(h);
        }
        let cotangent = tape.leaf(self.normal(2, 1.0, source));
        let gradients = (h * cotangent).sum().backward_to(&layers);
        let gradient = layers.iter().map(|&layer| gradients.get(layer).map_or(0.0, mean_square));
        let gradient: Vec<f64> = gradient.collect();
        let last = gradient[self.depth];
        ChainMoments {
            variance: layers.iter().map(|layer| mean_square(&layer.value())).collect(),
            cosine: layers.iter().map(|&layer| self.cosine(layer)).collect(),
            distance: layers.iter().map(|&layer| self.distance(layer)).collect(),
            gradient: gradient.into_iter().map(|g| g / last).collect(),
        }
    }

    /// Rows of normal numbers.
    fn normal(&self, rows: usize, variance: f64, source: &mut dyn Source<f32>) -> Tensor<f32> {
        let mut values = vec![0.0; rows * self.width];
        source.normal(0.0, variance.sqrt(), &mut values);
        Tensor::from_vec(values, [rows, self.width]).expect("a matrix")
    }

    /// Two rows of mean square `q` and cosine `c`.
    fn first(&self, q: f64, c: f64, source: &mut dyn Source<f32>) -> Tensor<f32> {
        let drawn = self.normal(2, 1.0, source);
        let (u, v) = rows(&drawn, self.width);
        let along = dot(&u, &v) / dot(&u, &u);
        let across: Vec<f64> = v.iter().zip(&u).map(|(v, u)| v - along * u).collect();
        let scale = |x: &[f64], to: f64| to * (q * self.width as f64 / dot(x, x)).sqrt();
        let (one, other, rest) = (scale(&u, 1.0), scale(&u, c), scale(&across, (1.0 - c * c).sqrt()));
        let second = u.iter().zip(&across).map(|(u, v)| other * u + rest * v);
        let values = u.iter().map(|u| one * u).chain(second).map(|x| x as f32).collect();
        Tensor::from_vec(values, [2, self.width]).expect("two rows")
    }

    fn cosine(&self, layer: Var<'_, f32>) -> f64 {
        let (a, b) = rows(&layer.value(), self.width);
        dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
    }

    fn distance(&self, layer: Var<'_, f32>) -> f64 {
        let (a, b) = rows(&layer.value(), self.width);
        let squares = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>() / self.width as f64
    }
}

fn rows(pair: &Tensor<f32>, width: usize) -> (Vec<f64>, Vec<f64>) {
    let (a, b) = pair.data().split_at(width);
    let wide = |row: &[f32]| row.iter().map(|&x| f64::from(x)).collect();
    (wide(a), wide(b))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean_square(x: &Tensor<f32>) -> f64 {
    let squares = x.data().iter().map(|&x| f64::from(x).powi(2));
    squares.sum::<f64>() / x.data().len() as f64
}

/// The mean of a moment over draws, layer by layer.
pub(super) fn averaged(draws: &[ChainMoments], moment: fn(&ChainMoments) -> &[f64]) -> Vec<f64> {
    let layers = moment(&draws[0]).len();
    let at = |layer: usize| draws.iter().map(|draw| moment(draw)[layer]).sum::<f64>() / draws.len() as f64;
    (0..layers).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mean_field::Activation;
    use torch_rng::Generator;

    #[test]
    fn the_first_layer_is_exactly_what_was_asked_for() {
        let field = MeanField { activation: Activation::Tanh, weight: 1.0, bias: 0.0 };
        let chain = DrawnChain { field, width: 50, depth: 1 };
        let moments = chain.run((2.5, 0.6), &mut Generator::manual_seed(1));
        // One rounding of single precision per value.
        assert!((moments.variance[0] - 2.5).abs() < 1e-6, "{}", moments.variance[0]);
        assert!((moments.cosine[0] - 0.6).abs() < 1e-6, "{}", moments.cosine[0]);
        assert!((moments.distance[0] - 2.5 * 0.8).abs() < 1e-5, "{}", moments.distance[0]);
    }

    #[test]
    fn without_activation_a_gradient_is_multiplied_by_the_gain() {
        let field = MeanField { activation: Activation::Identity, weight: 4.0, bias: 0.0 };
        let moments =
            DrawnChain { field, width: 400, depth: 3 }.run((1.0, 0.5), &mut Generator::manual_seed(1));
        // One draw of 400 units varies by √(2/400) per layer, a factor of e^0.4 at four deviations of three layers.
        for squares in [moments.gradient[0], moments.variance[3]] {
            assert!((squares / 64.0).ln().abs() < 0.4, "{squares}");
        }
    }
}
