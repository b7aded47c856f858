//! The lecture's networks against real PyTorch: `reference/makemore.json`, made by `reference/make_makemore.py` on the
//! lesson's twenty names.

use std::collections::BTreeMap;

use lessons::makemore::corpus::Corpus;
use lessons::makemore::names::Names;
use lessons::makemore::options::from_text;
use lessons::makemore::run::Run;
use lessons::makemore::samples::samples;
use lessons::makemore::studies;
use lessons::makemore::training::{Trained, Training};
use serde::Deserialize;
use specimen::lesson::NAMES;
use tensor::Activation;

#[derive(Deserialize)]
struct Record {
    runs: BTreeMap<String, Recorded>,
    studies: BTreeMap<String, BTreeMap<String, f64>>,
}

#[derive(Deserialize)]
struct Recorded {
    run: Options,
    out: Out,
}

#[derive(Deserialize)]
struct Options {
    seed: u64,
    context: usize,
    embedding: usize,
    hidden: Vec<usize>,
    activation: String,
    norm: String,
    eps: f64,
    momentum: f64,
    keeps: String,
    biases: String,
    over_fan: bool,
    gain: f64,
    last: f64,
    scale: BTreeMap<String, f64>,
    batch: usize,
    steps: u64,
    rates: Vec<(u64, f64)>,
    every: u64,
    /// The scheme of the weights, where they are not from N(0, 1).
    scheme: Option<String>,
    #[serde(default)]
    norm_bias: bool,
    samples: usize,
    threshold: f64,
}

/// PyTorch's values.
#[derive(Deserialize)]
struct Out {
    count: usize,
    loss_log: Vec<f64>,
    updates: Vec<f64>,
    layers: Vec<Layer>,
    weights: BTreeMap<String, Weight>,
    train: f64,
    val: f64,
    test: f64,
    calibrated_val: Option<f64>,
    samples: Vec<String>,
}

#[derive(Deserialize)]
struct Layer {
    pre_std: f64,
    mean: f64,
    std: f64,
    saturated: f64,
    grad_mean: f64,
    grad_std: f64,
}

#[derive(Deserialize)]
struct Weight {
    grad_mean: f64,
    grad_std: f64,
    grad_data_ratio: f64,
}

impl Options {
    /// As a run file says it.
    fn text(&self) -> String {
        let hidden: Vec<String> = self.hidden.iter().map(ToString::to_string).collect();
        let rates: Vec<String> = self.rates.iter().map(|(from, rate)| format!("{from}:{rate}")).collect();
        let keeps = if self.keeps == "std" { "deviation" } else { "variance" };
        let mut lines = vec![
            format!("seed = {}\ncontext = {}\nembedding = {}", self.seed, self.context, self.embedding),
            format!("layers = {}\nactivation = {}\nnorm = {}", hidden.join(","), self.activation, self.norm),
            format!("eps = {}\nmomentum = {}\nkeeps = {keeps}", self.eps, self.momentum),
            format!("weights = {}", if self.over_fan { "/ sqrt(fan_in)" } else { "" }),
            format!("gain = {}\nlast = {}\nbatch = {}", self.gain, self.last, self.batch),
            format!("rates = {}\nsteps = {}\nevery = {}", rates.join(","), self.steps, self.every),
        ];
        // PyTorch's default has biases of its own.
        if self.scheme.as_deref() != Some("torch.linear") {
            lines.push(format!("biases = {}", self.biases));
        }
        lines.extend(self.scheme.iter().map(|scheme| format!("scheme = {scheme}")));
        lines.extend(self.norm_bias.then(|| "norm-bias = true".to_owned()));
        lines.extend(self.scale.iter().map(|(name, factor)| format!("scale = {name}={factor}")));
        lines.join("\n")
    }

    fn run(&self) -> Run {
        from_text(&self.text(), "record").unwrap()
    }
}

fn record() -> Record {
    serde_json::from_str(include_str!("reference/makemore.json")).unwrap()
}

fn corpus() -> Corpus {
    Corpus::of(&Names::of(&NAMES)).unwrap()
}

fn trained(training: Training, corpus: &Corpus) -> Trained {
    let splits = corpus.splits(training.run.network.context);
    training.run(&splits.train, |_| true)
}

/// A number with its name and the size that a difference is measured against: its own, or for a mean, which may be 0, the
/// spread of what it is the mean of.
struct Number(String, f64, f64);

#[derive(Default)]
struct Numbers(Vec<Number>);

impl Numbers {
    fn add(&mut self, name: impl Into<String>, value: f64) {
        self.0.push(Number(name.into(), value, value.abs()));
    }

    fn add_mean(&mut self, name: String, value: f64, std: f64) {
        self.0.push(Number(name, value, std));
    }
}

/// PyTorch's numbers of a run.
fn theirs(out: &Out) -> Numbers {
    let mut numbers = Numbers::default();
    for (at, &loss) in out.loss_log.iter().enumerate() {
        numbers.add(format!("loss at entry {at}"), loss);
    }
    for (at, &update) in out.updates.iter().enumerate() {
        numbers.add(format!("update of matrix {at}"), update);
    }
    for (layer, at) in out.layers.iter().zip(1..) {
        numbers.add(format!("layer {at} pre-activation std"), layer.pre_std);
        numbers.add_mean(format!("layer {at} mean"), layer.mean, layer.std);
        numbers.add(format!("layer {at} std"), layer.std);
        numbers.add(format!("layer {at} saturated"), layer.saturated);
        numbers.add_mean(format!("layer {at} grad mean"), layer.grad_mean, layer.grad_std);
        numbers.add(format!("layer {at} grad std"), layer.grad_std);
    }
    for (name, weight) in &out.weights {
        numbers.add_mean(format!("{name} grad mean"), weight.grad_mean, weight.grad_std);
        numbers.add(format!("{name} grad std"), weight.grad_std);
        numbers.add(format!("{name} ratio"), weight.grad_data_ratio);
    }
    numbers.add("train", out.train);
    numbers.add("val", out.val);
    numbers.add("test", out.test);
    if let Some(loss) = out.calibrated_val {
        numbers.add("val, calibrated", loss);
    }
    numbers
}

/// Ours, in the same order.
fn ours(trained: &Trained, corpus: &Corpus, threshold: f64) -> Numbers {
    let training = &trained.training;
    let mut numbers = Numbers::default();
    for (at, (_, loss)) in training.log().enumerate() {
        numbers.add(format!("loss at entry {at}"), loss);
    }
    for (at, &update) in training.updates.rows.last().unwrap().1.iter().enumerate() {
        numbers.add(format!("update of matrix {at}"), update);
    }
    let report = trained.report(threshold, false).unwrap();
    for (layer, at) in report.layers.iter().zip(1..) {
        let (post, gradient) = (&layer.post.summary, &layer.gradient.as_ref().unwrap().summary);
        numbers.add(format!("layer {at} pre-activation std"), layer.pre.as_ref().unwrap().summary.std());
        numbers.add_mean(format!("layer {at} mean"), post.mean(), post.std());
        numbers.add(format!("layer {at} std"), post.std());
        numbers.add(format!("layer {at} saturated"), layer.above_threshold());
        numbers.add_mean(format!("layer {at} grad mean"), gradient.mean(), gradient.std());
        numbers.add(format!("layer {at} grad std"), gradient.std());
    }
    let matrices = report.weights.iter().filter(|weight| training.updates.names.contains(&weight.name));
    for weight in matrices {
        let (name, gradient) = (&weight.name, &weight.gradient.as_ref().unwrap().summary);
        numbers.add_mean(format!("{name} grad mean"), gradient.mean(), gradient.std());
        numbers.add(format!("{name} grad std"), gradient.std());
        numbers.add(format!("{name} ratio"), weight.grad_data_ratio());
    }
    let splits = corpus.splits(training.run.network.context);
    let losses = training.evaluate(&splits);
    numbers.add("train", losses.train);
    numbers.add("val", losses.val);
    numbers.add("test", losses.test);
    if training.run.network.norm.is_some() {
        numbers.add("val, calibrated", training.calibrated(&splits).val);
    }
    numbers
}

/// As near as the sums of two programs are after some hundred steps of a stable network.
const NEAR: f64 = 1e-5;

/// The numbers of a run that are not PyTorch's, those held to [`NEAR`] alone, and all.
///
/// Where a run is chaotic, no two programs agree: a number may differ by five times what one ulp of one weight, of three,
/// does to it.
fn misses(run: &Run, out: &Out, threshold: f64) -> (Vec<String>, usize, usize) {
    let corpus = corpus();
    let copies = [(0, 3), (1, 0), (1, 100)].map(|(parameter, at)| {
        let mut copy = Training::new(run.clone(), &corpus);
        let weight = &mut copy.model.parameters.0[parameter].value.data_mut()[at];
        *weight = weight.next_up();
        ours(&trained(copy, &corpus), &corpus, threshold)
    });
    let run = trained(Training::new(run.clone(), &corpus), &corpus);
    let (ours, theirs) = (ours(&run, &corpus, threshold), theirs(out));
    assert_eq!(ours.0.len(), theirs.0.len());
    let (mut missed, mut strict) = (Vec::new(), 0);
    for (at, (ours, theirs)) in ours.0.iter().zip(&theirs.0).enumerate() {
        assert_eq!(ours.0, theirs.0);
        let moved = copies.iter().map(|copy| (ours.1 - copy.0[at].1).abs()).fold(0.0, f64::max);
        let chaos = 5.0 * moved;
        let difference = (ours.1 - theirs.1).abs();
        strict += usize::from(chaos <= NEAR * theirs.2);
        if difference.is_nan() || difference > chaos.max(NEAR * theirs.2) {
            missed.push(format!(
                "{}: {} for {}, off by {:.1e}",
                ours.0,
                ours.1,
                theirs.1,
                difference / theirs.2
            ));
        }
    }
    (missed, strict, ours.0.len())
}

#[test]
fn every_run_is_pytorchs() {
    let record = record();
    assert_eq!(record.runs.len(), 19);
    let (mut all, mut strict, mut count) = (Vec::new(), 0, 0);
    for (name, Recorded { run, out }) in &record.runs {
        let (missed, held, numbers) = misses(&run.run(), out, run.threshold);
        all.extend(missed.into_iter().map(|miss| format!("{name}: {miss}")));
        (strict, count) = (strict + held, count + numbers);
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(strict * 10 > count * 8, "{strict} of {count} numbers are held to {NEAR}");
}

#[test]
fn samples_and_counts_are_pytorchs() {
    let corpus = corpus();
    for (name, Recorded { run, out }) in &record().runs {
        let model = trained(Training::new(run.run(), &corpus), &corpus).training.model;
        assert_eq!(model.parameters.count(), out.count, "{name}");
        assert_eq!(samples(&model, &corpus.alphabet, run.seed + 10, run.samples), out.samples, "{name}");
    }
}

#[test]
fn another_network_is_told_apart() {
    let record = record();
    let Recorded { run, out } = &record.runs["deep"];
    let missed = |change: fn(&mut Run)| {
        let mut run = run.run();
        change(&mut run);
        !misses(&run, out, 0.97).0.is_empty()
    };
    assert!(!missed(|_| {}));
    assert!(missed(|run| run.seed += 1));
    assert!(missed(|run| run.scalings.hidden = "1.666".parse().unwrap()));
    assert!(missed(|run| run.scalings.last = "0.1001".parse().unwrap()));
    assert!(missed(|run| run.rates = vec![(0, 0.1), (100, 0.0999)]));
    assert!(missed(|run| run.network.activation = Activation::Erf));
}

#[test]
fn studies_are_pytorchs() {
    let record = record();
    for ((_, study), name) in studies::lectures().into_iter().zip(["linear", "norm", "norm-scaled"]) {
        let torch = &record.studies[name];
        assert_eq!(study.forward.len() + study.backward.len(), torch.len());
        let forward = study.forward.into_iter().map(|(value, std)| (value.to_owned(), std));
        let backward = study.backward.into_iter().map(|(value, std)| (format!("{value}.grad"), std));
        for (value, std) in forward.chain(backward) {
            assert!((std / torch[&value] - 1.0).abs() < NEAR, "{name} {value}: {std} for {}", torch[&value]);
        }
    }
}
