//! An ensemble: whole observations, seeds in parallel. Cost against seeds, width and depth, and on one thread.
//!
//! `cargo bench -p specimen --features bench`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use diagnostics::Settings;
use rayon::prelude::*;
use specimen::{Init, Network, Observation, lesson};
use torch_rng::Generator;

/// One observation per seed.
fn ensemble(network: &Network, seeds: u64) -> Vec<Observation> {
    let batch = lesson::bigrams().batch;
    let observe = |seed| {
        let parameters = Init::LESSON_KAIMING.draw::<f32>(network, &mut Generator::manual_seed(seed));
        network.observe(&parameters, &batch, Settings { geometry: false, ..Settings::default() })
    };
    (0..seeds).into_par_iter().map(observe).collect()
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let layers = |width, layers| Network { hidden: vec![width; layers], ..Network::lesson() };
    scaling(&mut criterion, "seeds", &[16, 32, 64, 128], |seeds| (Network::lesson(), seeds));
    scaling(&mut criterion, "width, 16 seeds", &[50, 100, 200, 400], |width| (layers(width as usize, 3), 16));
    scaling(&mut criterion, "depth, 16 seeds", &[3, 6, 12, 24], |hidden| (layers(100, hidden as usize), 16));
    let threads: Vec<u64> = (1..=rayon::current_num_threads() as u64).collect();
    let mut group = criterion.benchmark_group("threads, 64 seeds");
    group.sample_size(10);
    for threads in threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build().expect("threads");
        group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
            bencher.iter(|| pool.install(|| black_box(ensemble(&Network::lesson(), 64))));
        });
    }
    group.finish();
    criterion.final_summary();
}

/// One group: the cost at each size, and the throughput of seeds, layers or units.
fn scaling(criterion: &mut Criterion, name: &str, sizes: &[u64], of: impl Fn(u64) -> (Network, u64)) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for &size in sizes {
        let (network, seeds) = of(size);
        group.throughput(Throughput::Elements(size));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| black_box(ensemble(&network, seeds)));
        });
    }
    group.finish();
}
