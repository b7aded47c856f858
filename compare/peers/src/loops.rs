//! Hand-written loops for this network alone: plain loops over faer's products, a vector tanh, and buffers that are
//! allocated once. There is no graph and no tensor, and only the step and the forward pass are there.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use pulp::Arch;

use shared::data::RawExamples;
use shared::numbers::norm;
use shared::{DataFiles, Fallible, Job, Work};

pub(crate) fn prepare(data: &DataFiles, work: Work) -> Fallible<Option<Box<dyn Job>>> {
    Ok(match work {
        Work::Step(width, depth) => Some(Box::new(LoopsStep(LoopsNetwork::new(data, width, depth)?))),
        Work::Forward(width, depth) => Some(Box::new(LoopsForward(LoopsNetwork::new(data, width, depth)?))),
        _ => None,
    })
}

/// One layer, `h·W + b`, with one row per example.
struct LoopsLayer {
    inputs: usize,
    outputs: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
    weight_grad: Vec<f32>,
    bias_grad: Vec<f32>,
    /// The activations; the logits in the last layer.
    out: Vec<f32>,
    /// The gradient of `out`.
    out_grad: Vec<f32>,
}

struct LoopsNetwork {
    batch: RawExamples,
    table: Vec<f32>,
    table_grad: Vec<f32>,
    embedded: Vec<f32>,
    embedded_grad: Vec<f32>,
    layers: Vec<LoopsLayer>,
    loss: f32,
}

impl LoopsNetwork {
    fn new(data: &DataFiles, width: usize, depth: usize) -> Fallible<Self> {
        let (batch, mut parameters) = (data.lesson()?, data.network(width, depth)?.into_iter());
        let rows = batch.targets.len();
        let table = parameters.next().ok_or("no table")?;
        let mut layers = Vec::new();
        while let (Some(weight), Some(bias)) = (parameters.next(), parameters.next()) {
            let (inputs, outputs) = (weight.shape[0], weight.shape[1]);
            let zeros = |len| vec![0.0; len];
            let (weight_grad, bias_grad) = (zeros(inputs * outputs), zeros(outputs));
            let (out, out_grad) = (zeros(rows * outputs), zeros(rows * outputs));
            let (weight, bias) = (weight.values, bias.values);
            layers.push(LoopsLayer { inputs, outputs, weight, bias, weight_grad, bias_grad, out, out_grad });
        }
        let embedded = vec![0.0; rows * table.shape[1]];
        Ok(Self {
            batch,
            table_grad: vec![0.0; table.values.len()],
            table: table.values,
            embedded_grad: embedded.clone(),
            embedded,
            layers,
            loss: f32::NAN,
        })
    }

    /// The width of the embedding; an example has one symbol.
    fn embedding(&self) -> usize {
        self.embedded.len() / self.batch.targets.len()
    }

    fn forward(&mut self) {
        let (rows, embedding) = (self.batch.targets.len(), self.embedding());
        for (row, &symbol) in self.embedded.chunks_exact_mut(embedding).zip(&self.batch.inputs) {
            row.copy_from_slice(&self.table[symbol as usize * embedding..][..embedding]);
        }
        let last = self.layers.len() - 1;
        for at in 0..=last {
            let (before, rest) = self.layers.split_at_mut(at);
            let layer = &mut rest[0];
            let h = before.last().map_or(&self.embedded, |layer| &layer.out);
            layer.out.chunks_exact_mut(layer.outputs).for_each(|row| row.copy_from_slice(&layer.bias));
            let (h, weight) = (by_rows(h, rows), by_rows(&layer.weight, layer.inputs));
            product(&mut layer.out, rows, Accum::Add, h, weight);
            if at < last {
                tanh(&mut layer.out);
            }
        }
        self.softmax();
    }

    /// The loss, and its gradient at the logits.
    fn softmax(&mut self) {
        let Some(layer) = self.layers.last_mut() else { return };
        let (classes, rows) = (layer.outputs, self.batch.targets.len());
        let mut loss = 0.0;
        let lines = layer.out.chunks_exact(classes).zip(layer.out_grad.chunks_exact_mut(classes));
        for ((logits, grads), &target) in lines.zip(&self.batch.targets) {
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for (grad, &logit) in grads.iter_mut().zip(logits) {
                *grad = (logit - largest).exp();
                sum += *grad;
            }
            loss += sum.ln() - (logits[target as usize] - largest);
            let scale = 1.0 / (sum * rows as f32);
            grads.iter_mut().for_each(|grad| *grad *= scale);
            grads[target as usize] -= 1.0 / rows as f32;
        }
        self.loss = loss / rows as f32;
    }

    fn backward(&mut self) {
        let (rows, embedding) = (self.batch.targets.len(), self.embedding());
        for at in (0..self.layers.len()).rev() {
            let (before, rest) = self.layers.split_at_mut(at);
            let layer = &mut rest[0];
            let (h, h_grad) = match before.last_mut() {
                Some(layer) => (&layer.out, &mut layer.out_grad),
                None => (&self.embedded, &mut self.embedded_grad),
            };
            layer.bias_grad.fill(0.0);
            for row in layer.out_grad.chunks_exact(layer.outputs) {
                layer.bias_grad.iter_mut().zip(row).for_each(|(sum, grad)| *sum += grad);
            }
            let out_grad = by_rows(&layer.out_grad, rows);
            let transposed = by_rows(h, rows).transpose();
            product(&mut layer.weight_grad, layer.inputs, Accum::Replace, transposed, out_grad);
            let weight = by_rows(&layer.weight, layer.inputs).transpose();
            product(h_grad, rows, Accum::Replace, out_grad, weight);
            if at > 0 {
                for (grad, h) in h_grad.iter_mut().zip(h) {
                    *grad *= 1.0 - h * h;
                }
            }
        }
        self.table_grad.fill(0.0);
        for (row, &symbol) in self.embedded_grad.chunks_exact(embedding).zip(&self.batch.inputs) {
            let sums = &mut self.table_grad[symbol as usize * embedding..][..embedding];
            sums.iter_mut().zip(row).for_each(|(sum, grad)| *sum += grad);
        }
    }

    fn gradients(&self) -> Vec<f32> {
        let layers = self.layers.iter().flat_map(|layer| layer.weight_grad.iter().chain(&layer.bias_grad));
        self.table_grad.iter().chain(layers).copied().collect()
    }
}

/// The values as a matrix with this number of rows.
fn by_rows(values: &[f32], rows: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice(values, rows, values.len() / rows)
}

/// `out = a·b`, or `out += a·b`.
fn product(out: &mut [f32], rows: usize, accum: Accum, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    let columns = out.len() / rows;
    matmul(MatMut::from_row_major_slice_mut(out, rows, columns), accum, a, b, 1.0, Par::Seq);
    // faer's kernels leave the upper halves of vector registers dirty, and all SSE code after them is slower.
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        simd.avx._mm256_zeroupper();
    }
}

/// tanh in place, as `x·P(x²)/Q(x²)` fitted on |x| ≤ 9.02: within 5 units in the last place.
fn tanh(values: &mut [f32]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for x in values.iter_mut() {
                let y = x.clamp(-9.02, 9.02);
                let z = y * y;
                let p = (-1.811_166_1e-11_f32).mul_add(z, 4.539_248e-8).mul_add(z, 4.156_700_7e-5);
                let p = p.mul_add(z, 5.741_141_3e-3).mul_add(z, 2.030_291_3e-1).mul_add(z, 1.484_140_3);
                let q = 1.910_633_3e-6_f32.mul_add(z, 5.845_481_6e-4).mul_add(z, 4.043_664_8e-2);
                let q = q.mul_add(z, 6.977_425e-1).mul_add(z, 1.484_140_3);
                *x = y * p / q;
            }
        },
    );
}

/// A pass forwards and backwards.
struct LoopsStep(LoopsNetwork);

impl Job for LoopsStep {
    fn round(&mut self) -> Fallible<()> {
        self.0.forward();
        self.0.backward();
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(vec![self.0.loss.into(), norm(&self.0.gradients())])
    }
}

/// A pass forwards alone.
struct LoopsForward(LoopsNetwork);

impl Job for LoopsForward {
    fn round(&mut self) -> Fallible<()> {
        self.0.forward();
        Ok(())
    }

    fn numbers(&self) -> Fallible<Vec<f64>> {
        Ok(vec![self.0.loss.into()])
    }
}
