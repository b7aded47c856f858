//! The change of a network by one step, as it gets wider.

use autograd::{Activation, Tape, Tensor, Var};
use cli::{Cell, Table};
use nn_init::{Mup, MupRole};
use torch_rng::Source;

use super::{mean_square, normal};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::slope;

const BASE: usize = 64;
const WIDTHS: [usize; 4] = [64, 128, 256, 512];
const DRAWS: usize = 6;
const INPUTS: usize = 16;
const CLASSES: usize = 10;
const EXAMPLES: usize = 32;
const RATE: f64 = 0.02;

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "width-scaling",
    title: "Changes by the first step of SGD, as powers of the width",
    run: |lesson: &Lesson| {
        let mut table = Table::new(&[
            ("parametrisation", "parametrisation"),
            ("quantity", "quantity"),
            ("theory", "theory"),
            ("measured", "measured"),
            ("narrowest", "at width 64"),
            ("widest", "at width 512"),
        ]);
        let theory = [("standard", [0.0, -0.5, 0.5, 1.0]), ("μP", [-0.5, 0.0, 0.0, 0.0])];
        let names = ["logits before", "first layer", "second layer", "logits"];
        for (name, powers) in theory {
            let rows = WIDTHS.map(|width| {
                let mut source = lesson.source.generator(lesson.seed);
                let draws: Vec<[f64; 4]> =
                    (0..DRAWS).map(|_| step(width, name == "μP", &mut *source)).collect();
                std::array::from_fn::<f64, 4, _>(|at| {
                    draws.iter().map(|draw| draw[at]).sum::<f64>() / DRAWS as f64
                })
            });
            for (at, quantity) in names.into_iter().enumerate() {
                let points =
                    WIDTHS.iter().zip(&rows).map(|(&width, row)| ((width as f64).ln(), row[at].ln()));
                table.push(vec![
                    Cell::text(name),
                    Cell::text(if at == 0 { quantity.to_owned() } else { format!("change of {quantity}") }),
                    Cell::signed(powers[at], 1),
                    Cell::signed(slope(&points.collect::<Vec<_>>()), 2),
                    Cell::fixed(rows[0][at], 4),
                    Cell::fixed(rows[WIDTHS.len() - 1][at], 4),
                ]);
            }
        }
        Output::table(table).notes([format!(
            "Root mean squares of a network {INPUTS}-n-n-{CLASSES} with ReLU, {EXAMPLES} examples, means over {DRAWS} networks; learning rate {RATE} at width {BASE}; widths {WIDTHS:?}."
        )])
    },
};

/// Logits before the step, and the changes of both layers and of the logits, as root mean squares.
fn step(width: usize, mup: bool, source: &mut dyn Source<f32>) -> [f64; 4] {
    let scale = Mup { base: BASE, width };
    let x = normal(EXAMPLES, INPUTS, 1.0, source);
    // Three of the classes: over all of them the gradients of the examples would cancel in part.
    let targets: Vec<usize> = (0..EXAMPLES).map(|row| row % 3).collect();
    let output = if mup { BASE as f64 / width as f64 } else { 1.0 };
    let sizes = [(INPUTS, width, 2.0), (width, width, 2.0), (width, CLASSES, output)];
    let weights =
        sizes.map(|(inputs, outputs, gain)| normal(inputs, outputs, (gain / inputs as f64).sqrt(), source));
    let tape = Tape::new();
    let vars = weights.clone().map(|weight| tape.leaf(weight));
    let before = forward(tape.leaf(x.clone()), &vars);
    let gradients = before[2].cross_entropy(&targets).backward_to(&vars);
    let roles = [MupRole::Input, MupRole::Hidden, MupRole::Output];
    let stepped: Vec<Var<'_, f32>> = (0..3)
        .map(|at| {
            let rate = RATE * if mup { scale.sgd_rate(roles[at]) } else { 1.0 };
            let gradient = gradients.get(vars[at]).expect("the loss depends on every weight");
            tape.leaf(weights[at].sub(&gradient.scale(rate as f32)))
        })
        .collect();
    let after = forward(tape.leaf(x), &stepped);
    let change = |at: usize| rms(&after[at].value().sub(&before[at].value()));
    [rms(&before[2].value()), change(0), change(1), change(2)]
}

/// Both layers, and the logits.
fn forward<'t>(x: Var<'t, f32>, weights: &[Var<'t, f32>]) -> [Var<'t, f32>; 3] {
    let first = x.matmul(weights[0]).activation(Activation::Relu);
    let second = first.matmul(weights[1]).activation(Activation::Relu);
    [first, second, second.matmul(weights[2])]
}

fn rms(x: &Tensor<f32>) -> f64 {
    mean_square(x).sqrt()
}
