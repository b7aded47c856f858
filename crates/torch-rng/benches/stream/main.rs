//! A million numbers of each kind: this crate, PyTorch on one thread, and rand's normals. Then 2²⁰ seeds on all cores.
//!
//! `TORCH_PYTHON=venv/bin/python cargo bench -p torch-rng --features bench`

mod torch;

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::hint::black_box;
use torch::Torch;
use torch_rng::{DrawnTensor, Generator, Replacement, Source, TensorDraw, find_seed};

const N: usize = 1_000_000;

/// The benchmarks of one kind of number, drawn by this crate and by a statement of PyTorch.
struct Benches {
    criterion: Criterion,
    torch: Option<Torch>,
}

impl Benches {
    fn add(&mut self, name: &str, statement: &str, draw: impl FnMut(&mut Generator)) {
        self.add_with(name, statement, draw, |_| ());
    }

    fn add_with(
        &mut self,
        name: &str,
        statement: &str,
        mut draw: impl FnMut(&mut Generator),
        peers: impl FnOnce(&mut BenchmarkGroup<'_, WallTime>),
    ) {
        let mut group = self.criterion.benchmark_group(name);
        group.sample_size(30);
        let mut generator = Generator::manual_seed(42);
        group.bench_function("torch-rng", |bencher| bencher.iter(|| draw(&mut generator)));
        if let Some(torch) = &mut self.torch {
            group.bench_function("PyTorch", |bencher| bencher.iter_custom(|n| torch.time(n, statement)));
        }
        peers(&mut group);
        group.finish();
    }
}

fn main() {
    let mut benches =
        Benches { criterion: Criterion::default().configure_from_args(), torch: Torch::start() };
    reals(&mut benches);
    other_distributions(&mut benches);
    integers(&mut benches);
    seeds(&mut benches.criterion);
    benches.criterion.final_summary();
}

fn reals(benches: &mut Benches) {
    let (mut single, mut double) = (vec![0_f32; N], vec![0_f64; N]);
    benches.add("uniform f32", "f32.uniform_(generator=g)", |g| g.uniform(0.0, 1.0, black_box(&mut single)));
    benches.add("uniform f64", "f64.uniform_(generator=g)", |g| g.uniform(0.0, 1.0, black_box(&mut double)));
    let mut chacha = ChaCha8Rng::seed_from_u64(42);
    let mut peer = vec![0_f32; N];
    benches.add_with(
        "normal f32",
        "f32.normal_(generator=g)",
        |g| g.normal(0.0, 1.0, black_box(&mut single)),
        |group| {
            group.bench_function("rand: ChaCha8, StandardNormal", |bencher| {
                bencher.iter(|| chacha.normal(0.0, 1.0, black_box(&mut peer)));
            });
        },
    );
    benches.add("normal f64", "f64.normal_(generator=g)", |g| g.normal(0.0, 1.0, black_box(&mut double)));
}

fn other_distributions(benches: &mut Benches) {
    let mut single = vec![0_f32; N];
    benches.add("exponential f32", "f32.exponential_(generator=g)", |g| {
        g.exponential(1.0, black_box(&mut single));
    });
    let mut coins = vec![false; N];
    benches.add("bernoulli", "coins.bernoulli_(0.3, generator=g)", |g| {
        g.bernoulli(0.3, black_box(&mut coins));
    });
    let weights: Vec<f32> = (1..=27).map(|i| i as f32).collect();
    let mut indices = vec![0; N];
    benches.add("multinomial, 27 weights", "torch.multinomial(weights, N, True, generator=g)", |g| {
        g.multinomial(&weights, Replacement::With, black_box(&mut indices)).expect("weights");
    });
}

fn integers(benches: &mut Benches) {
    let mut out = vec![0; N];
    benches.add("randint", "i64.random_(0, 27, generator=g)", |g| g.randint(0, 27, black_box(&mut out)));
    benches.add("randperm", "torch.randperm(N, generator=g, out=i64)", |g| {
        black_box(g.randperm(N));
    });
}

/// 2²⁰ seeds of tensors that none of them has drawn.
fn seeds(criterion: &mut Criterion) {
    const SEEDS: u32 = 1 << 20;
    let uniform = TensorDraw::Uniform { lo: -0.1, hi: 0.1 };
    let normal = TensorDraw::Normal { mean: 0.0, std: 0.02 };
    let mut group = criterion.benchmark_group("find_seed");
    group.sample_size(10).throughput(Throughput::Elements(SEEDS.into()));
    for (name, draw, len, skipped) in [
        ("uniform", uniform, N, 0),
        ("normal", normal, N, 0),
        ("normal, fewer than 16 values", normal, 15, 0),
        ("uniform, after 10,000 words", uniform, N, 10_000),
    ] {
        let tensor = DrawnTensor { draw, len, values: &[0.01, 0.02, 0.03], skipped };
        group.bench_function(name, |bencher| bencher.iter(|| find_seed(black_box(&tensor), 0..=SEEDS - 1)));
    }
    group.finish();
}
