//! Judging and predicting recordings of real networks, in sites, depth and units.
//!
//! `cargo bench -p diagnostics --features bench,recording --bench judge`

use std::hint::black_box;
use std::path::Path;

use criterion::Criterion;
use diagnostics::{Activation, LayerView, Recording, Report, Settings, WeightView};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    sites(&mut criterion);
    depth(&mut criterion);
    criterion.final_summary();
}

/// Transformers of 4 to 24 blocks, and a network of 427 sites all of which are joined.
fn sites(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recordings");
    for name in ["gpt2-4", "gpt2-12", "gpt2-24", "densenet121"] {
        let path = format!("{}/../../tests/recordings/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        let recording = Recording::read(Path::new(&path)).expect("a fixture");
        let name = format!("{name}, {} sites", recording.sites.len());
        group.bench_function(format!("judge {name}"), |bencher| {
            bencher.iter(|| black_box(&recording).verdicts());
        });
        group.bench_function(format!("predict {name}"), |bencher| {
            bencher.iter(|| black_box(&recording).predictions());
        });
    }
    group.finish();
}

/// Chains of tanh layers: judging is to cost less than the pass.
fn depth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("layers");
    for (layers, units) in [(10, 100), (100, 100), (10, 1000)] {
        let report = chain(layers, units);
        group.bench_function(format!("judge {layers} of {units} units"), |bencher| {
            bencher.iter(|| black_box(&report).verdicts());
        });
    }
    group.finish();
}

/// A report of layers that all have the same values.
fn chain(layers: usize, units: usize) -> Report {
    let values: Vec<f32> = (0..32 * units).map(|i| ((i * i) as f32 * 0.7).sin()).collect();
    let post: Vec<f32> = values.iter().map(|x| x.tanh()).collect();
    let weight: Vec<f32> =
        (0..units * units).map(|i| (i as f32 * 0.3).sin() / (units as f32).sqrt()).collect();
    let names: Vec<(String, String)> =
        (0..layers).map(|layer| (format!("fc{layer}"), format!("fc{layer}.weight"))).collect();
    let settings = Settings { geometry: false, ..Settings::default() };
    let views = names.iter().map(|(name, weight)| {
        LayerView::new(name, units, &post).pre(&values).activation(Activation::Tanh).weight(weight)
    });
    Report::of(views, names.iter().map(|(_, name)| WeightView::new(name, &weight)), settings)
}
