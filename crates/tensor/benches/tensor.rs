//! Products by shape and transposition, and every activation on the values of a layer and on a million values.
//!
//! `cargo bench -p tensor --features bench`

use criterion::{BenchmarkId, Criterion, Throughput};
use std::hint::black_box;
use tensor::{Activation, Pool, Real, Tensor};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    products(&mut criterion);
    activations(&mut criterion);
    criterion.final_summary();
}

/// Values in −4..4 with a period of 8,191, in buffers that a pool reuses as on a tape.
fn values(pool: &Pool, rows: usize, columns: usize) -> Tensor {
    let data = (0..rows * columns).map(|i| (i * 37 % 8191) as f32 / 1024.0 - 4.0).collect();
    pool.adopt(Tensor::from_vec(data, [rows, columns]).unwrap())
}

/// `[m, k]·[k, n]`: the lecture's batch, the lesson's layers, wide layers, a square.
const PRODUCTS: [[usize; 3]; 9] = [
    [32, 30, 200],
    [32, 200, 27],
    [32, 100, 100],
    [130, 10, 100],
    [130, 100, 100],
    [130, 100, 27],
    [130, 512, 512],
    [130, 1024, 1024],
    [1024, 1024, 1024],
];

fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("product");
    group.sample_size(20);
    let pool = Pool::new();
    for [m, k, n] in PRODUCTS {
        let (x, w, g) = (values(&pool, m, k), values(&pool, k, n), values(&pool, m, n));
        let shape = format!("{m}x{k}x{n}");
        // The unit is multiply-adds, so criterion's rate is half the number of floating-point operations.
        group.throughput(Throughput::Elements((m * k * n) as u64));
        let mut add = |how, product: &dyn Fn() -> Tensor| {
            group.bench_function(BenchmarkId::new(how, &shape), |b| b.iter(|| black_box(product())));
        };
        add("x·w", &|| x.matmul(&w));
        add("ȳ·wᵀ", &|| g.matmul_nt(&w));
        add("xᵀ·ȳ", &|| x.matmul_tn(&g));
    }
}

fn activations(criterion: &mut Criterion) {
    for n in [13_000, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("activation of {n}"));
        group.sample_size(20).throughput(Throughput::Elements(n as u64));
        let pool = Pool::new();
        let x = values(&pool, 1, n);
        for f in Activation::ALL {
            group.bench_function(f.name(), |b| b.iter(|| black_box(f.apply(&x))));
        }
        group.bench_function("tanh alone", |b| b.iter(|| black_box(x.map(Real::tanh))));
    }
}
