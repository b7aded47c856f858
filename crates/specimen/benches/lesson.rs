//! The lesson's network, forwards and a step (forwards and backwards), by width and depth.
//!
//! `cargo bench -p specimen --features bench`

use autograd::Tape;
use criterion::{BenchmarkId, Criterion};
use specimen::{Init, Mode, Network, Parameters, lesson};
use std::hint::black_box;
use torch_rng::Generator;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, width, layers) in [
        ("width", 100, 3),
        ("width", 512, 3),
        ("width", 1024, 3),
        ("depth", 100, 3),
        ("depth", 100, 10),
        ("depth", 100, 50),
        ("depth", 100, 1000),
    ] {
        passes(&mut criterion, name, width, layers);
    }
    criterion.final_summary();
}

/// On the lesson's 130 bigrams, one tape for all rounds.
fn passes(criterion: &mut Criterion, name: &str, width: usize, layers: usize) {
    let network = Network { hidden: vec![width; layers], ..Network::lesson() };
    let parameters: Parameters = Init::LESSON_KAIMING.draw(&network, &mut Generator::manual_seed(42));
    let batch = lesson::bigrams().batch;
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    for backwards in [false, true] {
        let mut tape = Tape::new();
        let way = if backwards { "step" } else { "forward" };
        let size = format!("{width}x{layers}");
        group.bench_function(BenchmarkId::new(way, size), |b| {
            b.iter(|| {
                let trace = network.forward(&tape, &parameters, &batch, Mode::Training);
                if backwards {
                    black_box(trace.loss.backward());
                }
                black_box(trace.loss.value());
                tape.clear();
            });
        });
    }
}
