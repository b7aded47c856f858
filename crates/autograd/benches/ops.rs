//! The time of each op, forward alone and with its backward pass, on a layer of the lesson; and the time per node.
//!
//! `cargo bench -p autograd --features bench`

use autograd::{Activation, BatchStatistics, Tape, Tensor, Var};
use criterion::{BenchmarkId, Criterion};
use std::hint::black_box;

/// An op on `[x, y, w, row, column]`, of shapes `[130, 100]`, `[130, 100]`, `[100, 100]`, `[100]` and `[130]`.
type Op = for<'t> fn([Var<'t>; 5]) -> Var<'t>;

const OPS: [(&str, Op); 31] = [
    ("matmul", |[x, _, w, ..]| x.matmul(w)),
    ("linear", |[x, _, w, row, _]| x.linear(w, row)),
    ("tanh", |[x, ..]| x.activation(Activation::Tanh)),
    ("relu", |[x, ..]| x.activation(Activation::Relu)),
    ("exp", |[x, ..]| x.exp()),
    ("ln", |[x, ..]| x.ln()),
    ("sqrt", |[x, ..]| x.sqrt()),
    ("abs", |[x, ..]| x.abs()),
    ("powf", |[x, ..]| x.powf(1.5)),
    ("clamp", |[x, ..]| x.clamp(0.2, 0.8)),
    ("add", |[x, y, ..]| x + y),
    ("sub", |[x, y, ..]| x - y),
    ("mul", |[x, y, ..]| x * y),
    ("div", |[x, y, ..]| x / y),
    ("neg", |[x, ..]| -x),
    ("maximum", |[x, y, ..]| x.maximum(y)),
    ("scale", |[x, ..]| x.scale(2.0)),
    ("add_row", |[x, _, _, row, _]| x.add_row(row)),
    ("mul_row", |[x, _, _, row, _]| x.mul_row(row)),
    ("add_column", |[x, _, _, _, column]| x.add_column(column)),
    ("mul_column", |[x, _, _, _, column]| x.mul_column(column)),
    ("sum_rows", |[x, ..]| x.sum_rows()),
    ("transpose", |[x, ..]| x.transpose()),
    ("gather", |[_, _, w, ..]| w.gather(&[7; 130])),
    ("softmax", |[x, ..]| x.softmax()),
    ("log_softmax", |[x, ..]| x.log_softmax()),
    ("cross_entropy", |[x, ..]| x.cross_entropy(&[7; 130])),
    ("batch_norm", |[x, _, _, row, _]| x.batch_norm(row, row, 1e-5).0),
    ("batch_norm_running", |[x, _, _, row, _]| {
        let running = BatchStatistics { mean: row.value(), variance: row.value() };
        x.batch_norm_running(row, row, &running, 1e-5)
    }),
    ("layer_norm", |[x, _, _, row, _]| x.layer_norm(row, row, 1e-5)),
    ("rms_norm", |[x, _, _, row, _]| x.rms_norm(row, 1e-5)),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    ops(&mut criterion);
    nodes(&mut criterion);
    criterion.final_summary();
}

fn operands() -> [Tensor; 5] {
    let fill = |n: usize| (0..n).map(|i| ((i * 37 % 8191) as f32 + 1.0) / 8192.0).collect();
    [&[130, 100][..], &[130, 100], &[100, 100], &[100], &[130]]
        .map(|dims| Tensor::from_vec(fill(dims.iter().product()), dims).unwrap())
}

fn ops(criterion: &mut Criterion) {
    let operands = operands();
    for (name, op) in OPS {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20);
        for backward in [false, true] {
            let mut tape = Tape::new();
            let name = if backward { "forward and backward" } else { "forward" };
            group.bench_function(name, |b| {
                b.iter(|| {
                    let y = op(std::array::from_fn(|i| tape.leaf(operands[i].clone())));
                    if backward {
                        black_box(y.backward_from(y.value()));
                    }
                    tape.clear();
                });
            });
        }
    }
}

/// A thousand nodes of one number: the cost of an op without its arithmetic.
fn nodes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a thousand nodes of one number");
    let one = Tensor::full([1, 1], 0.5_f32);
    let mut tape = Tape::new();
    for (name, f) in [("relu", Activation::Relu), ("identity", Activation::Identity)] {
        group.bench_function(BenchmarkId::from_parameter(name), |b| {
            b.iter(|| {
                let mut x = tape.leaf(one.clone());
                for _ in 0..1000 {
                    x = x.activation(f);
                }
                black_box(x.backward());
                tape.clear();
            });
        });
    }
}
