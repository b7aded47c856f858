//! The lesson's network, forwards and a step (forwards and backwards), by width and depth.
//!
//! `cargo bench -p specimen --features bench`

use autograd::Tape;
use criterion::{BenchmarkId, Criterion};
use specimen::{Mlp, Parameters, Start, lesson};
use std::hint::black_box;
use torch_rng::Generator;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, mlp) in [
        ("width", Mlp { width: 100, ..Mlp::LESSON }),
        ("width", Mlp { width: 512, ..Mlp::LESSON }),
        ("width", Mlp { width: 1024, ..Mlp::LESSON }),
        ("depth", Mlp { hidden: 3, ..Mlp::LESSON }),
        ("depth", Mlp { hidden: 10, ..Mlp::LESSON }),
        ("depth", Mlp { hidden: 50, ..Mlp::LESSON }),
        ("depth", Mlp { hidden: 1000, ..Mlp::LESSON }),
    ] {
        passes(&mut criterion, name, &mlp);
    }
    criterion.final_summary();
}

/// On the lesson's 130 bigrams, one tape for all rounds.
fn passes(criterion: &mut Criterion, name: &str, mlp: &Mlp) {
    let parameters: Parameters = Start::LESSON_KAIMING.draw(mlp, &mut Generator::manual_seed(42));
    let batch = lesson::bigrams().batch;
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    for backwards in [false, true] {
        let mut tape = Tape::new();
        let way = if backwards { "step" } else { "forward" };
        let size = format!("{}x{}", mlp.width, mlp.hidden);
        group.bench_function(BenchmarkId::new(way, size), |b| {
            b.iter(|| {
                let trace = mlp.forward(&tape, &parameters, &batch);
                if backwards {
                    black_box(trace.loss.backward());
                }
                black_box(trace.loss.value());
                tape.clear();
            });
        });
    }
}
