//! The rates at which a check against a baseline is wrong and at which it finds changes, as Markdown tables.
//!
//! ```sh
//! cargo run -p diagnostics --features bench,baseline --example baseline_rates               # some minutes on two cores
//! cargo run -p diagnostics --features bench,baseline --example baseline_rates -- 2000 200   # 2,000 and 200 trials
//! ```
//!
//! Every trial records a baseline over 64 seeds of its own and checks it with 32 others. The intervals contain the true rate
//! with a probability of 95% (Wilson 1927).

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/baseline/distributions.rs"]
mod distributions;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/baseline/network.rs"]
mod network;

use diagnostics::baseline::{Baseline, BaselineComparison, Statistic};
use network::{CHAOTIC, Change, HEALTHY, Network, RELU};
use rayon::prelude::*;

/// A measurement at a seed.
trait Measure: Fn(u64) -> Vec<Statistic> + Sync {}
impl<F: Fn(u64) -> Vec<Statistic> + Sync> Measure for F {}

const RECORDED: u64 = 64;
const CHECKED: u64 = 32;
const ALPHA: f64 = 1e-3;

fn baseline(trial: u64, measure: impl Fn(u64) -> Vec<Statistic>) -> Baseline {
    let start = trial * (RECORDED + CHECKED);
    Baseline::measure(start..start + RECORDED, measure).expect("a measurement")
}

fn check(baseline: &Baseline, measure: impl Fn(u64) -> Vec<Statistic>) -> BaselineComparison {
    let start = baseline.seeds().end;
    baseline.check(start..start + CHECKED, ALPHA, measure).expect("the same statistics")
}

fn smallest(comparison: &BaselineComparison) -> f64 {
    comparison.rows.iter().map(|row| row.p).fold(1.0, f64::min)
}

/// `63 of 100: 0.63 (0.53 to 0.72)`, with Wilson's interval.
fn rate(hits: usize, trials: usize) -> String {
    let (z, n) = (1.96, trials as f64);
    let share = hits as f64 / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let percent = |x: f64| diagnostics::significant(100.0 * x.max(0.0), 3);
    format!(
        "{hits} of {trials} | {}% | {} to {}%",
        percent(share),
        percent(middle - half),
        percent(middle + half)
    )
}

#[allow(clippy::print_stdout, reason = "a program whose result is a table")]
fn print(line: &str) {
    println!("{line}");
}

fn false_alarms(name: &str, trials: u64, measure: impl Measure) {
    let p = (0..trials).into_par_iter().map(|trial| smallest(&check(&baseline(trial, &measure), &measure)));
    let p: Vec<f64> = p.collect();
    for alpha in [0.05, 0.01, ALPHA] {
        let wrong = p.iter().filter(|&&p| p <= alpha).count();
        print(&format!("| {name} | {} | {alpha} | {} |", measure(0).len(), rate(wrong, p.len())));
    }
}

/// The rate at which each change of a healthy network is found.
fn detection(trials: u64, healthy: impl Measure, changes: &[(&str, &dyn Measure)]) {
    let found = (0..trials).into_par_iter().map(|trial| {
        let baseline = baseline(trial, &healthy);
        changes.iter().map(|(_, changed)| !check(&baseline, changed).passed()).collect::<Vec<bool>>()
    });
    let found: Vec<Vec<bool>> = found.collect();
    for (column, (name, _)) in changes.iter().enumerate() {
        let hits = found.iter().filter(|found| found[column]).count();
        print(&format!("| {name} | {} |", rate(hits, found.len())));
    }
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let [many, some] = [arguments.first().copied().unwrap_or(5000), arguments.get(1).copied().unwrap_or(500)];
    let of = |network: Network<'static>| move |seed: u64| network.statistics(seed);

    print(
        "| nothing changed | statistics | stated rate | false alarms | rate | 95% interval |\n|---|---|---|---|---|---|",
    );
    false_alarms("21 distributions", 20 * many, distributions::statistics);
    false_alarms("tanh", many, of(HEALTHY));
    false_alarms("ReLU", many, of(RELU));
    false_alarms("chaotic", many, of(CHAOTIC));

    print(&format!("\n| changed, at {ALPHA} | moved | rate | 95% interval |\n|---|---|---|---|"));
    let tanh = |change| of(HEALTHY.with(change));
    detection(
        some,
        of(HEALTHY),
        &[
            ("random stream", &tanh(Change::OtherStream)),
            ("rounding, 1e-6", &tanh(Change::Noise)),
            ("gain dropped", &tanh(Change::GainDropped)),
            ("fans swapped, 100 × 27", &tanh(Change::FansSwapped)),
            ("another layer's fan", &tanh(Change::AnothersFan)),
            ("bias zeroed", &tanh(Change::BiasZeroed)),
            ("W1, 30 × 100, std +5%", &tanh(Change::Scaled(0, 1.05))),
            ("W1 std −5%", &tanh(Change::Scaled(0, 0.95))),
            ("W1 std +2%", &tanh(Change::Scaled(0, 1.02))),
            ("W1 std −2%", &tanh(Change::Scaled(0, 0.98))),
            ("activation std alone, tanh, +5%", &tanh(Change::Measured(1.05))),
            ("activation std alone, tanh, −5%", &tanh(Change::Measured(0.95))),
        ],
    );
    let weights = |factor| move |seed: u64| distributions::weights(seed, factor);
    detection(
        10 * some,
        weights(1.0),
        &[
            ("std of 1,000 weights alone, +5%", &weights(1.05)),
            ("std of 1,000 weights alone, −5%", &weights(0.95)),
            ("std of 1,000 weights alone, +2%", &weights(1.02)),
            ("std of 1,000 weights alone, −2%", &weights(0.98)),
        ],
    );
    let relu = |change| of(RELU.with(change));
    detection(
        some,
        of(RELU),
        &[
            ("gain dropped, ReLU", &relu(Change::GainDropped)),
            ("activation std alone, ReLU, +5%", &relu(Change::Measured(1.05))),
            ("activation std alone, ReLU, −5%", &relu(Change::Measured(0.95))),
        ],
    );
}
