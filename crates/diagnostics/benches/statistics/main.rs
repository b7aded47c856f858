//! The statistics of a million values, one by one and as a layer, beside PyTorch's separate calls on one thread.
//!
//! `TORCH_PYTHON=venv/bin/python cargo bench -p diagnostics --features bench`

#[path = "../../../torch-rng/benches/stream/torch.rs"]
mod torch;

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use diagnostics::{
    Binning, Histogram, LayerView, Quantiles, Report, Settings, Summary, UnitCounts, ValueStatistics,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution as _, StandardNormal};
use torch::Torch;

const N: usize = 1_000_000;
const UNITS: usize = 1000;

/// PyTorch's separate calls, each over the whole tensor; the driver's `f32` holds N(0, 1) by then.
const PEER: &str =
    "(f32.mean(), f32.std(), (f32.abs() > 0.99).float().mean(), torch.histogram(f32, 50, range=(-6.0, 6.0)))";

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let normal: Vec<f32> = StandardNormal.sample_iter(ChaCha8Rng::seed_from_u64(42)).take(N).collect();
    let saturated: Vec<f32> = normal.iter().map(|x| (9.0 * x).tanh()).collect();
    let mut torch = Torch::start();
    for (name, values) in [("N(0, 1)", &normal), ("tanh of N(0, 81)", &saturated)] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(30);
        ours(&mut group, values);
        if let Some(torch) = torch.as_mut().filter(|_| name == "N(0, 1)") {
            torch.time(1, "f32.normal_(generator=g)");
            group.bench_function("PyTorch", |bencher| bencher.iter_custom(|n| torch.time(n, PEER)));
        }
        group.finish();
    }
    criterion.final_summary();
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, values: &[f32]) {
    let settings = Settings { geometry: false, ..Settings::default() };
    let (range, gradients) = (settings.bins, settings.gradient_bins);
    let mut add = |name: &str, run: &dyn Fn(&[f32])| {
        group.bench_function(name, |bencher| bencher.iter(|| run(black_box(values))));
    };
    let histogram = |binning: Binning| move |x: &[f32]| _ = black_box(Histogram::with(x, binning));
    add("summary", &|x| _ = black_box(Summary::of(x)));
    add("units", &|x| _ = black_box(UnitCounts::of(x, UNITS, 1, 0.99, (-1.0, 1.0))));
    add("histogram", &histogram(range));
    add("histogram that merges", &histogram(Binning::PowerOfTwo(50)));
    add("histogram of a gradient", &histogram(gradients));
    add("quantiles", &|x| _ = black_box(Quantiles::of(x)));
    add("distribution", &|x| _ = black_box(ValueStatistics::of(x, range)));
    add("mean, std, saturation, histogram", &|x| {
        black_box((Summary::of(x), UnitCounts::of(x, UNITS, 1, 0.99, (-1.0, 1.0)), histogram_of(x)));
    });
    add("layer", &|x| _ = black_box(Report::of([LayerView::new("h", UNITS, x)], [], settings)));
}

/// The histogram that PyTorch computes, over a known range.
fn histogram_of(values: &[f32]) -> Histogram {
    Histogram::with(values, Binning::Fixed { lo: -6.0, hi: 6.0, bins: 50 })
}
