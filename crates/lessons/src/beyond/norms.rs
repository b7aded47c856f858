//! Normalisation before and after the activation.

use autograd::{Activation, Tape, Tensor};
use mean_field::{NormScales, batch_norm_growth};
use torch_rng::Source;

use super::{Comparison, growth, normal};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

const WIDTH: usize = 256;
const LAYERS: usize = 12;
const DRAWS: usize = 8;

/// The place of the normalisation.
#[derive(Clone, Copy)]
enum NormPlace {
    /// Batch norm of the pre-activations, for a batch of this size.
    Batch(usize),
    /// Layer norm of the pre-activations.
    LayerBefore,
    /// Layer norm of the activations.
    LayerAfter,
}

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "norms",
    title: "Growth of squared gradients per layer with normalisation",
    run: |lesson: &Lesson| {
        let (tanh, relu) = (Activation::Tanh, Activation::Relu);
        let cases = [
            ("batch norm, tanh, batch of 8", tanh, NormPlace::Batch(8), batch_norm_growth(tanh, 8)),
            ("batch norm, tanh, batch of 32", tanh, NormPlace::Batch(32), batch_norm_growth(tanh, 32)),
            ("batch norm, ReLU, batch of 32", relu, NormPlace::Batch(32), batch_norm_growth(relu, 32)),
            ("layer norm before ReLU", relu, NormPlace::LayerBefore, NormScales::before(relu).chi),
            ("layer norm before tanh", tanh, NormPlace::LayerBefore, NormScales::before(tanh).chi),
            ("layer norm after ReLU", relu, NormPlace::LayerAfter, NormScales::layer_after(relu, 2.0).chi),
        ];
        let mut source = lesson.source.generator(lesson.seed);
        let mut comparison = Comparison::new();
        for (name, activation, norm, theory) in cases {
            let draws: Vec<f64> = (0..DRAWS).map(|_| run(activation, norm, &mut *source)).collect();
            comparison.row(name, "squared gradients, per layer", theory, &draws);
        }
        Output::table(comparison.0)
            .notes([format!("{LAYERS} layers of {WIDTH} units, {DRAWS} networks, weights of variance 2/n.")])
    },
};

/// The growth of squared gradients per layer.
fn run(activation: Activation, norm: NormPlace, source: &mut dyn Source<f32>) -> f64 {
    let tape = Tape::new();
    let rows = if let NormPlace::Batch(rows) = norm { rows } else { 4 };
    let mut h = tape.leaf(normal(rows, WIDTH, 1.0, source));
    let [gamma, beta] = [1.0, 0.0].map(|value| tape.leaf(Tensor::full([WIDTH], value)));
    let mut layers = vec![h];
    for _ in 0..LAYERS {
        let weight = tape.leaf(normal(WIDTH, WIDTH, (2.0 / WIDTH as f64).sqrt(), source));
        h = match norm {
            NormPlace::Batch(_) => h.batch_norm(gamma, beta, 0.0).0.activation(activation),
            NormPlace::LayerBefore => h.layer_norm(gamma, beta, 0.0).activation(activation),
            NormPlace::LayerAfter => h.activation(activation).layer_norm(gamma, beta, 0.0),
        }
        .matmul(weight);
        layers.push(h);
    }
    // The first layers' distribution is that of the input, not yet the network's own.
    growth(&layers[2..], source)
}
