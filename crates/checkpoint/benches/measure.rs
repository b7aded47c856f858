//! One pass over tensors of a million to a hundred million values, beside plain reading of the same file, on one thread and on
//! all cores.
//!
//! `cargo bench -p checkpoint --features bench --profile dev`; files are written to the directory for temporary files, 400 MB at most.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::time::Duration;

use checkpoint::{Checkpoint, MeasureOptions};
use criterion::{Criterion, Throughput};

/// The number of columns of every tensor, as in GPT-2.
const COLUMNS: usize = 768;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = tempfile::tempdir().expect("a directory");
    for (dtype, size) in [("F32", 4), ("BF16", 2)] {
        for values in [1_000_000, 10_000_000, 100_000_000] {
            let path = folder.path().join("weights.safetensors");
            write(&path, dtype, size, values / COLUMNS);
            compare(&mut criterion, &format!("{values} values of {dtype}"), &path);
        }
    }
    criterion.final_summary();
}

/// A tensor of values that are about normal, with std 0.02: sums of twelve uniform numbers.
fn write(path: &Path, dtype: &str, size: usize, rows: usize) {
    let bytes = rows * COLUMNS * size;
    let header =
        format!(r#"{{"w":{{"dtype":"{dtype}","shape":[{rows},{COLUMNS}],"data_offsets":[0,{bytes}]}}}}"#);
    let mut file = std::io::BufWriter::new(File::create(path).expect("a file"));
    file.write_all(&(header.len() as u64).to_le_bytes()).expect("space for it");
    file.write_all(header.as_bytes()).expect("space for it");
    let mut state = 1_u64;
    for _ in 0..rows * COLUMNS {
        let mut sum = -6.0;
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum +=
                (state >> 40) as f32 / (1 << 24) as f32 + (state >> 16 & 0xff_ffff) as f32 / (1 << 24) as f32;
        }
        // The upper bytes alone are the value cut to bf16.
        file.write_all(&(0.02 * sum).to_le_bytes()[4 - size..]).expect("space for it");
    }
    file.flush().expect("space for it");
}

fn compare(criterion: &mut Criterion, name: &str, path: &Path) {
    let checkpoint = Checkpoint::open(&[path]).expect("a sound file");
    let values = checkpoint.tensors()[0].len() as u64;
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(values)).sample_size(10).measurement_time(Duration::from_secs(2));
    let measured = |threads| {
        let options = MeasureOptions { threads, ..MeasureOptions::default() };
        black_box(checkpoint.measure_with(&options, |_, _| ()).expect("a sound file"));
    };
    group.bench_function("one thread", |bencher| bencher.iter(|| measured(NonZero::new(1))));
    group.bench_function("all cores", |bencher| bencher.iter(|| measured(None)));
    group.bench_function("reading alone", |bencher| bencher.iter(|| read(path)));
    group.finish();
}

/// Reads a file into one buffer, a mebibyte at a time.
fn read(path: &Path) {
    let mut file = File::open(path).expect("the file");
    let mut buffer = vec![0; 1 << 20];
    while file.read(&mut buffer).expect("its bytes") > 0 {
        black_box(&buffer);
    }
}
