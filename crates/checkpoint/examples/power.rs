//! The false alarms and the power of `judge_tensors`, by simulation: the numbers of the README.
//!
//! `cargo run -p checkpoint --features bench --example power`

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use checkpoint::{CheckedTensor, ExpectedDraw, FALSE_ALARMS, TensorSummary, judge_tensors};
use nn_init::{Gain, Generator, Layout, Scheme};

fn main() {
    false_alarms();
    power();
}

/// The summary of a tensor that a scheme draws.
fn drawn(scheme: Scheme, shape: &[usize], generator: &mut Generator) -> TensorSummary {
    let tensor = scheme.sample::<f32>(shape, Layout::OUT_IN, generator).expect("a weight with fans");
    TensorSummary::of_f32(shape, tensor.data())
}

/// The fraction of files as expected that have a finding, at levels at which it can be counted.
fn false_alarms() {
    const FILES: u32 = 2000;
    let schemes = [
        Scheme::GPT2,
        Scheme::Normal { mean: 1.0, std: 0.02 },
        Scheme::kaiming_uniform(1.0),
        Scheme::he_normal(),
        Scheme::TruncatedNormal { mean: 0.0, std: 1.0, lo: 1.0, hi: 2.0 },
        Scheme::Sparse { sparsity: 0.3, std: 0.01 },
        Scheme::orthogonal(),
        Scheme::Identity { gain: Gain::ONE },
        Scheme::ONES,
    ];
    let shapes: [&[usize]; 5] = [&[4, 4], &[10, 30], &[64, 64], &[8, 4, 3, 3], &[300, 20]];
    let fits = |scheme: &Scheme, shape: &[usize]| scheme.moments(shape, Layout::OUT_IN).is_ok();
    let layers: Vec<_> = schemes
        .iter()
        .flat_map(|scheme| shapes.iter().map(move |shape| (*scheme, *shape)))
        .filter(|(scheme, shape)| fits(scheme, shape))
        .collect();
    let expected: Vec<_> =
        layers.iter().map(|(scheme, shape)| ExpectedDraw::new(*scheme, shape, Layout::OUT_IN)).collect();
    let mut generator = Generator::manual_seed(1);
    let levels = [0.3, 0.1, 0.03, 0.01];
    let mut alarms = [0; 4];
    for _ in 0..FILES {
        let summaries: Vec<_> =
            layers.iter().map(|(scheme, shape)| drawn(*scheme, shape, &mut generator)).collect();
        let tensor = |(summary, expected)| CheckedTensor { name: "", summary, expected: Some(expected) };
        let tensors: Vec<_> = summaries.iter().zip(&expected).map(tensor).collect();
        for (alarms, level) in alarms.iter_mut().zip(levels) {
            *alarms += u32::from(!judge_tensors(&tensors, &[], level).is_empty());
        }
    }
    println!("false alarms in {FILES} files of {} tensors", layers.len());
    for (alarms, level) in alarms.iter().zip(levels) {
        println!("  promised {level}: measured {:.4} ({alarms})", f64::from(*alarms) / f64::from(FILES));
    }
}

/// The scheme that is expected, the one that is drawn in its place, and the name of the fault.
fn faults() -> [(&'static str, Scheme, Scheme); 8] {
    let expected = Scheme::GPT2;
    let bound = 0.02 * 3_f64.sqrt();
    let truncated = |sigmas: f64| Scheme::truncated_normal_in_sigmas(0.02, -sigmas, sigmas);
    [
        ("std 1% large", expected, expected.times(1.01)),
        ("std 2% large", expected, expected.times(1.02)),
        ("std 5% large", expected, expected.times(1.05)),
        ("uniform of equal std for normal", expected, Scheme::Uniform { lo: -bound, hi: bound }),
        ("truncated at 2 σ, of equal std, for normal", expected, Scheme::truncated_normal_corrected(0.02)),
        ("normal, to be truncated at 2 σ", truncated(2.0), expected),
        ("normal, to be truncated at 3 σ", truncated(3.0), expected),
        (
            "uniform, std 1% large",
            Scheme::Uniform { lo: -bound, hi: bound },
            Scheme::Uniform { lo: -bound * 1.01, hi: bound * 1.01 },
        ),
    ]
}

/// The fraction of faulty tensors that are found, at a file's rate of 10⁻⁶ shared by 148 tensors, as many as GPT-2 has.
fn power() {
    println!(
        "power at {FALSE_ALARMS} per file of 148 tensors: percent of faulty tensors found, by number of values"
    );
    print!("  {:44}", "");
    (2..=7).for_each(|exponent| print!(" {:>5}", format!("1e{exponent}")));
    println!();
    let mut generator = Generator::manual_seed(2);
    for (name, expected, faulty) in faults() {
        print!("  {name:44}");
        for exponent in 2..=7_u32 {
            let columns = 10_usize.pow(exponent / 2);
            let shape = [10_usize.pow(exponent) / columns, columns];
            let trials = [200, 200, 200, 100, 20, 5][exponent as usize - 2];
            let draw = ExpectedDraw::new(expected, &shape, Layout::OUT_IN);
            let found = (0..trials).filter(|_| {
                let summary = drawn(faulty, &shape, &mut generator);
                let tensor = CheckedTensor { name: "", summary: &summary, expected: Some(&draw) };
                !judge_tensors(&[tensor], &[], FALSE_ALARMS / 148.0).is_empty()
            });
            print!(" {:>5.0}", 100.0 * found.count() as f64 / trials as f64);
        }
        println!();
    }
}
