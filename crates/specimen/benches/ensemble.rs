//! An ensemble: whole observations, seeds in parallel. Cost against seeds, width and depth, and on one thread.
//!
//! `cargo bench -p specimen --features bench`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use diagnostics::Settings;
use rayon::prelude::*;
use specimen::{Mlp, Observation, Start, lesson};
use torch_rng::Generator;

/// What each seed's network shows.
fn ensemble(mlp: &Mlp, seeds: u64) -> Vec<Observation> {
    let batch = lesson::bigrams().batch;
    let observe = |seed| {
        let parameters = Start::LESSON_KAIMING.draw::<f32>(mlp, &mut Generator::manual_seed(seed));
        mlp.observe(&parameters, &batch, Settings { geometry: false, ..Settings::default() })
    };
    (0..seeds).into_par_iter().map(observe).collect()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let lesson = Mlp::LESSON;
    scaling(&mut criterion, "seeds", &[16, 32, 64, 128], |seeds| (lesson, seeds));
    scaling(&mut criterion, "width, 16 seeds", &[50, 100, 200, 400], |width| {
        (Mlp { width: width as usize, ..lesson }, 16)
    });
    scaling(&mut criterion, "depth, 16 seeds", &[3, 6, 12, 24], |hidden| {
        (Mlp { hidden: hidden as usize, ..lesson }, 16)
    });
    let threads: Vec<u64> = (1..=rayon::current_num_threads() as u64).collect();
    let mut group = criterion.benchmark_group("threads, 64 seeds");
    group.sample_size(10);
    for threads in threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build().expect("threads");
        group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
            bencher.iter(|| pool.install(|| black_box(ensemble(&lesson, 64))));
        });
    }
    group.finish();
    criterion.final_summary();
}

/// One group: the cost at each size, and of one seed, layer or unit by its throughput.
fn scaling(criterion: &mut Criterion, name: &str, sizes: &[u64], of: impl Fn(u64) -> (Mlp, u64)) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for &size in sizes {
        let (mlp, seeds) = of(size);
        group.throughput(Throughput::Elements(size));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| black_box(ensemble(&mlp, seeds)));
        });
    }
    group.finish();
}
