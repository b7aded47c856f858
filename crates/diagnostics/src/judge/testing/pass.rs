//! The pass of a small network, forwards and backwards.

use tensor::Tensor;

use super::{Layer, Matrix, Net, Op, matrix};
use crate::sites::{NormKind, PassMode};

/// The results of one pass.
pub(super) struct Pass {
    pub(super) values: Vec<Matrix>,
    pub(super) gradients: Vec<Matrix>,
    pub(super) of_parameters: Vec<Vec<f64>>,
    pub(super) loss: f64,
}

impl Net {
    fn weight(&self, layer: &Layer) -> Matrix {
        let parameter = &self.parameters[layer.weight.unwrap()];
        matrix(&parameter.values, parameter.shape[0])
    }

    /// A row of parameters: a scale, a shift or a bias.
    fn constants(&self, at: Option<usize>, units: usize, default: f64) -> Matrix {
        let values = at.map_or_else(|| vec![default; units], |at| self.parameters[at].values.clone());
        Tensor::from_vec(values, [units]).expect("a row")
    }

    /// Calls a function with the indices of an output, an input and a weight, for every product of a convolution.
    fn taps(&self, layer: &Layer, mut each: impl FnMut(usize, usize, usize)) {
        let parameter = &self.parameters[layer.weight.unwrap()];
        let input = &self.layers[layer.inputs[0]];
        let &[first, second, kernel] = &parameter.shape[..] else { unreachable!("kernels have three axes") };
        let (stride, padding) = (parameter.stride, (kernel - 1) / 2);
        let (wide, narrow) = if parameter.transposed { (layer, input) } else { (input, layer) };
        for example in 0..self.examples {
            for (at, tap) in (0..narrow.positions).flat_map(|at| (0..kernel).map(move |tap| (at, tap))) {
                let Some(position) =
                    (at * stride + tap).checked_sub(padding).filter(|&at| at < wide.positions)
                else {
                    continue;
                };
                for (i, j) in (0..first).flat_map(|i| (0..second).map(move |j| (i, j))) {
                    // `i` is a channel of the narrow end, and `j` one of its group at the wide end.
                    let channel = i / (first / parameter.groups) * second + j;
                    let of_narrow = (example * narrow.positions + at) * narrow.units + i;
                    let of_wide = (example * wide.positions + position) * wide.units + channel;
                    let (out, entering) =
                        if parameter.transposed { (of_wide, of_narrow) } else { (of_narrow, of_wide) };
                    each(out, entering, (i * second + j) * kernel + tap);
                }
            }
        }
    }

    fn forward(&self, layer: &Layer, values: &[Matrix]) -> Matrix {
        let input = |at: usize| &values[layer.inputs[at]];
        let positions = layer.positions;
        match &layer.op {
            Op::Input(values) => values.clone(),
            Op::Embedding(tokens) => self.weight(layer).gather_rows(tokens),
            Op::Linear => {
                input(0).matmul_nt(&self.weight(layer)).add_row(&self.constants(layer.bias, layer.units, 0.0))
            }
            Op::Convolution => {
                let (x, w) = (input(0).data(), &self.parameters[layer.weight.unwrap()].values);
                let mut out = vec![0.0; self.examples * positions * layer.units];
                self.taps(layer, |to, from, weight| out[to] += x[from] * w[weight]);
                matrix(&out, self.examples * positions)
            }
            Op::Activation(function) => function.apply(input(0)).0,
            Op::Norm(kind) => {
                let (scale, shift) = (self.weight_row(layer), self.constants(layer.bias, layer.units, 0.0));
                self.normalised(*kind, input(0)).0.mul_row(&scale).add_row(&shift)
            }
            Op::Sum | Op::ResidualSum => input(0).add(input(1)),
            Op::Gate => input(0).mul(input(1)),
            Op::Scale => input(0).clone().mul_row(&self.weight_row(layer)),
            Op::Scores => {
                let root = (input(0).shape().dims()[1] as f64).sqrt();
                self.each_example(positions, |rows| {
                    let [q, k] = [0, 1].map(|at| input(at).slice_rows(rows.clone()));
                    q.matmul_nt(&k).scale(1.0 / root)
                })
            }
            Op::Softmax(causal) => masked(input(0), *causal, positions).softmax_rows(),
            Op::Mix => self.each_example(positions, |rows| {
                input(0).slice_rows(rows.clone()).matmul(&input(1).slice_rows(rows))
            }),
        }
    }

    fn weight_row(&self, layer: &Layer) -> Matrix {
        self.constants(layer.weight, layer.units, 1.0)
    }

    fn each_example(&self, positions: usize, of: impl Fn(std::ops::Range<usize>) -> Matrix) -> Matrix {
        let parts: Vec<_> = (0..self.examples).map(|at| of(at * positions..(at + 1) * positions)).collect();
        Tensor::concat_rows(&parts)
    }

    /// The values without mean and with variance 1, and the std of each; as they are in evaluation mode.
    fn normalised(&self, kind: NormKind, x: &Matrix) -> (Matrix, Vec<f64>) {
        if kind == NormKind::Batch {
            if self.mode == PassMode::Eval {
                return (x.clone(), vec![1.0; x.shape().dims()[1]]);
            }
            let (values, stds) = normalised_rows(&x.transpose(), true);
            return (values.transpose(), stds);
        }
        normalised_rows(x, kind != NormKind::Rms)
    }

    /// The gradients at the inputs and parameters of a layer, given that at its values.
    fn backward(&self, layer: &Layer, values: &[Matrix], at: usize, pass: &mut Pass) {
        let g = pass.gradients[at].clone();
        let input = |at: usize| &values[layer.inputs[at]];
        let positions = layer.positions;
        let mut to_weight = |slot: Option<usize>, gradient: &Matrix| {
            if let Some(slot) = slot {
                pass.of_parameters[slot].iter_mut().zip(gradient.data()).for_each(|(sum, x)| *sum += x);
            }
        };
        let inputs: Vec<Matrix> = match &layer.op {
            Op::Input(_) => vec![],
            Op::Embedding(tokens) => {
                let rows = self.parameters[layer.weight.unwrap()].shape[0];
                to_weight(layer.weight, &g.scatter_rows(tokens, rows));
                vec![]
            }
            Op::Linear => {
                to_weight(layer.weight, &g.matmul_tn(input(0)));
                to_weight(layer.bias, &g.sum_rows());
                vec![g.matmul(&self.weight(layer))]
            }
            Op::Convolution => {
                let (x, w) = (input(0).data(), &self.parameters[layer.weight.unwrap()].values);
                let (mut to_input, mut of_weight) = (vec![0.0; x.len()], vec![0.0; w.len()]);
                self.taps(layer, |to, from, weight| {
                    to_input[from] += g.data()[to] * w[weight];
                    of_weight[weight] += g.data()[to] * x[from];
                });
                to_weight(layer.weight, &matrix(&of_weight, 1));
                vec![matrix(&to_input, input(0).shape().dims()[0])]
            }
            Op::Activation(function) => vec![g.mul(&function.apply(input(0)).1)],
            Op::Norm(kind) => {
                let (normal, stds) = self.normalised(*kind, input(0));
                to_weight(layer.weight, &g.mul(&normal).sum_rows());
                to_weight(layer.bias, &g.sum_rows());
                let g = g.mul_row(&self.weight_row(layer));
                vec![match kind {
                    NormKind::Batch if self.mode == PassMode::Eval => g,
                    NormKind::Batch => {
                        through_rows(&g.transpose(), &normal.transpose(), &stds, true).transpose()
                    }
                    _ => through_rows(&g, &normal, &stds, *kind != NormKind::Rms),
                }]
            }
            Op::Sum | Op::ResidualSum => vec![g.clone(), g],
            Op::Gate => vec![g.mul(input(1)), g.mul(input(0))],
            Op::Scale => {
                to_weight(layer.weight, &g.mul(input(0)).sum_rows());
                vec![g.mul_row(&self.weight_row(layer))]
            }
            Op::Scores => {
                let root = (input(0).shape().dims()[1] as f64).sqrt();
                let g = g.scale(1.0 / root);
                let part = |of: &Matrix, rows| of.slice_rows(rows);
                vec![
                    self.each_example(positions, |rows| part(&g, rows.clone()).matmul(&part(input(1), rows))),
                    self.each_example(positions, |rows| {
                        part(&g, rows.clone()).matmul_tn(&part(input(0), rows))
                    }),
                ]
            }
            Op::Softmax(_) => {
                let p = &values[at];
                let inner = g.mul(p).sum_columns();
                vec![g.zip("sub", &inner_columns(&inner, layer.units), |g, inner| g - inner).mul(p)]
            }
            Op::Mix => {
                let part = |of: &Matrix, rows| of.slice_rows(rows);
                vec![
                    self.each_example(positions, |rows| {
                        part(&g, rows.clone()).matmul_nt(&part(input(1), rows))
                    }),
                    self.each_example(positions, |rows| {
                        part(input(0), rows.clone()).matmul_tn(&part(&g, rows))
                    }),
                ]
            }
        };
        for (&input, gradient) in layer.inputs.iter().zip(&inputs) {
            pass.gradients[input].add_assign(gradient);
        }
    }

    pub(super) fn pass(&self) -> Pass {
        let mut values: Vec<Matrix> = vec![];
        for layer in &self.layers {
            values.push(self.forward(layer, &values));
        }
        let logits = values.last().expect("a layer");
        let (rows, classes) = logits.shape().matrix().expect("a matrix");
        let target = |row: usize| ((row * 40_503) >> 4) % classes;
        let logs = logits.log_softmax_rows();
        let of_row = |row: usize| -logs.data()[row * classes + target(row)] / rows as f64;
        let loss = (0..rows).map(of_row).sum();
        let mut gradient = logits.softmax_rows();
        (0..rows).for_each(|row| gradient.data_mut()[row * classes + target(row)] -= 1.0);
        let mut gradients: Vec<Matrix> = values.iter().map(|x| x.scale(0.0)).collect();
        *gradients.last_mut().expect("a layer") = gradient.scale(1.0 / rows as f64);
        let of_parameters = self.parameters.iter().map(|p| vec![0.0; p.values.len()]).collect();
        let mut pass = Pass { values: vec![], gradients, of_parameters, loss };
        for (at, layer) in self.layers.iter().enumerate().rev() {
            self.backward(layer, &values, at, &mut pass);
        }
        Pass { values, ..pass }
    }
}

fn inner_columns(column: &Matrix, units: usize) -> Matrix {
    column.reshape([column.data().len(), 1]).matmul(&Tensor::full([1, units], 1.0))
}

/// Scores that are −∞ where a query may not look.
fn masked(scores: &Matrix, causal: bool, positions: usize) -> Matrix {
    let mut scores = scores.clone();
    let units = scores.shape().dims()[1];
    for (at, score) in scores.data_mut().iter_mut().enumerate().filter(|_| causal) {
        if at % units > at / units % positions {
            *score = f64::NEG_INFINITY;
        }
    }
    scores
}

fn normalised_rows(x: &Matrix, centred: bool) -> (Matrix, Vec<f64>) {
    let (rows, units) = x.shape().matrix().expect("a matrix");
    let (mut values, mut stds) = (Vec::with_capacity(rows * units), Vec::with_capacity(rows));
    for row in x.data().chunks(units) {
        let mean = if centred { row.iter().sum::<f64>() / units as f64 } else { 0.0 };
        let std = (row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / units as f64 + 1e-5).sqrt();
        values.extend(row.iter().map(|x| (x - mean) / std));
        stds.push(std);
    }
    (matrix(&values, rows), stds)
}

/// The gradient through the normalisation of rows.
fn through_rows(g: &Matrix, normal: &Matrix, stds: &[f64], centred: bool) -> Matrix {
    let (rows, units) = g.shape().matrix().expect("a matrix");
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / units as f64;
    let mut values = Vec::with_capacity(rows * units);
    for ((g, normal), std) in g.data().chunks(units).zip(normal.data().chunks(units)).zip(stds) {
        let shift = if centred { mean(&mut g.iter().copied()) } else { 0.0 };
        let inner = mean(&mut g.iter().zip(normal).map(|(g, x)| g * x));
        values.extend(g.iter().zip(normal).map(|(g, x)| (g - shift - x * inner) / std));
    }
    matrix(&values, rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tensor::Activation;

    /// Central differences are the oracle, with every operation in one network.
    #[test]
    fn gradients_are_those_of_central_differences() {
        let mut net = Net::new(1, 3);
        let table = net.embedding("table", (5, 4), 6, 0.7);
        let x = net.input(4, 6);
        let x = net.sum("sum", table, x);
        let x = net.convolution("conv", x, 6, (3, 2, 2), 1.0);
        let x = net.convolution("up", x, 4, (4, -2, 1), 1.0);
        let h = net.norm("ln", x, NormKind::Layer);
        let h = net.attention("attention", h, 1.3, true);
        let h = net.norm("rms", h, NormKind::Rms);
        let h = net.scale("scale", h, 0.5);
        let x = net.residual("block", x, h);
        let a = net.linear("a", x, 5, 1.0);
        let a = net.activation(a, Activation::Tanh);
        let b = net.linear("b", x, 5, 1.0);
        let x = net.gate("gate", a, b);
        let x = net.norm("bn", x, NormKind::Batch);
        net.linear("head", x, 3, 1.0);
        let pass = net.pass();
        for at in 0..net.parameters.len() {
            let last = net.parameters[at].values.len() - 1;
            let loss = |step: f64| {
                let mut moved = net.clone();
                moved.parameters[at].values[last] += step;
                moved.loss()
            };
            let slope = (loss(1e-5) - loss(-1e-5)) / 2e-5;
            let gradient = pass.of_parameters[at][last];
            // Differences of a loss near 1 with a step of 1e-5 have errors of about 1e-10.
            assert!((slope - gradient).abs() < 1e-8, "{}: {slope} {gradient}", net.parameters[at].name);
        }
    }
}
