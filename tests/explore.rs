//! The numbers of the explorable page, docs/explore.html, from the crates: `explore.csv`, which tests/explore.py
//! compares with what the page shows in a browser.
//!
//! `INSTA_UPDATE=always cargo test -p tests explore` writes the file.

use std::fmt::Write as _;
use std::path::Path;

use autograd::Tape;
use diagnostics::Settings;
use mean_field::{Layer, MeanField, Phase, predict, slope_squared, value_squared};
use nn_init::{Distribution, FanMode, Gain, Scheme, VarianceScaling};
use specimen::{Draw, Init, Mode, Network, Parameters, Role, Scalings};
use tensor::Activation;
use torch_rng::Generator;

/// Settings of the page as it writes them behind `#`: the lesson's three inits, the presets, then every activation, scale,
/// kind of embedding and algorithm of PyTorch's stream.
///
/// Rounding does not decide their digits: a difference in the last bit of a weight grows by less than a factor of 30.
const SETTINGS: [&str; 16] = [
    "act=tanh&gain=1&scale=none&emb=one&bias=1&depth=3&width=100&seed=42",
    "act=tanh&gain=1.4142135623730951&scale=fan&emb=scaled&bias=0&depth=3&width=100&seed=42",
    "act=tanh&gain=1&scale=fan&emb=scaled&bias=0&depth=3&width=100&seed=42",
    "act=tanh&gain=1&scale=glorot&emb=one&bias=0&depth=3&width=100&seed=42",
    "act=tanh&gain=1&scale=fan&emb=one&bias=0&depth=20&width=100&seed=42",
    "act=tanh&gain=1.6666666666666667&scale=fan&emb=one&bias=0&depth=20&width=100&seed=42",
    "act=sigmoid&gain=1&scale=fan&emb=one&bias=0&depth=20&width=100&seed=42",
    "act=relu&gain=1.4142135623730951&scale=fan&emb=one&bias=0&depth=64&width=32&seed=7",
    "act=relu&gain=2&scale=fan&emb=one&bias=0.5&depth=8&width=100&seed=0",
    "act=gelu&gain=1.4&scale=fan&emb=one&bias=0.4&depth=10&width=64&seed=1",
    "act=erf&gain=0.8862269254527579&scale=fan&emb=one&bias=0.05&depth=12&width=100&seed=123",
    "act=silu&gain=1.5&scale=glorot&emb=scaled&bias=0.1&depth=5&width=50&seed=2",
    "act=identity&gain=1&scale=fan&emb=one&bias=0&depth=10&width=17&seed=3",
    "act=tanh&gain=1.2&scale=fan&emb=one&bias=0.3&depth=4&width=9&seed=4294967295",
    "act=relu&gain=0.7&scale=fan&emb=scaled&bias=0&depth=1&width=4&seed=5",
    "act=tanh&gain=1.5&scale=fan&emb=one&bias=0&depth=4&width=512&seed=6",
];

/// The activations of the page.
const ACTIVATIONS: [&str; 7] = ["tanh", "relu", "gelu", "erf", "sigmoid", "silu", "identity"];

/// Letters, and the lesson's pairs of them.
const CLASSES: usize = 27;

/// One row: settings or an activation, a quantity, the layer or another index, the value.
struct Row(String, &'static str, String, f64);

/// The value of a key of settings.
fn value<'a>(settings: &'a str, key: &str) -> &'a str {
    let mut pairs = settings.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|&(name, _)| name == key).unwrap().1
}

fn number(settings: &str, key: &str) -> f64 {
    value(settings, key).parse().unwrap()
}

fn network(settings: &str) -> Network {
    let hidden = vec![number(settings, "width") as usize; number(settings, "depth") as usize];
    Network { hidden, activation: value(settings, "act").parse().unwrap(), ..Network::lesson() }
}

fn init(settings: &str) -> Init {
    let gain = number(settings, "gain");
    let scaled = |mode| {
        Scheme::Scaled(VarianceScaling { gain: Gain::number(gain), mode, distribution: Distribution::Normal })
    };
    let weight = match value(settings, "scale") {
        "fan" => scaled(FanMode::FanIn),
        "glorot" => scaled(FanMode::FanAvg),
        _ => Scheme::Normal { mean: 0.0, std: gain },
    };
    let embedding = if value(settings, "emb") == "scaled" { weight } else { Scheme::STANDARD_NORMAL };
    let bias = match number(settings, "bias") {
        0.0 => Scheme::ZEROS,
        std => Scheme::Normal { mean: 0.0, std },
    };
    Init { embedding, weight, bias, draw: Draw::Normal { discards: true }, scalings: Scalings::NONE }
}

fn rms(values: &[f32]) -> f64 {
    let squares: f64 = values.iter().map(|&x| f64::from(x).powi(2)).sum();
    (squares / values.len() as f64).sqrt()
}

/// The layers as theory knows them, without the logits.
fn layers(network: &Network, init: &Init) -> Vec<Layer> {
    let expected = init.expected(network);
    let std = |name: String| expected.iter().find(|(of, _)| *of == name).unwrap().1.std;
    (1..network.depth())
        .map(|layer| {
            let (inputs, units) = network.sizes(layer);
            let (weight_std, bias_std) = (std(format!("W{layer}")), std(format!("b{layer}")));
            Layer { inputs, units, weight_std, bias_std, activation: network.activation }
        })
        .collect()
}

/// The sum of the bits of all parameters, modulo 2³².
fn checksum(parameters: &Parameters) -> u32 {
    let bits = parameters.0.iter().flat_map(|parameter| parameter.value.data()).map(|value| value.to_bits());
    bits.fold(0, u32::wrapping_add)
}

/// Rows of what the network of the lesson's 21 letters has in one pass.
fn measured(
    settings: &str,
    network: &Network,
    parameters: &Parameters,
    push: &mut impl FnMut(&'static str, usize, f64),
) {
    let batch = specimen::lesson::bigrams().batch;
    let report = network.observe(parameters, &batch, Settings::default());
    push("loss", 0, report.loss);
    for (layer, index) in report.report.layers.iter().zip(1..) {
        push("mean", index, layer.post.summary.mean());
        push("std", index, layer.post.summary.std());
        push("beyond", index, layer.above_threshold());
    }
    let weights = report.report.weights.iter().filter(|weight| weight.role == Role::Weight);
    for (weight, index) in weights.zip(1..) {
        push("weight gradient", index, weight.gradient.as_ref().unwrap().summary.mean_abs());
    }

    // A row per letter: the gradient of the loss at the activations that the letter causes.
    let mut letters = batch.inputs.clone();
    letters.sort_unstable();
    letters.dedup();
    let rows: Vec<usize> =
        batch.inputs.iter().map(|x| letters.iter().position(|y| y == x).unwrap()).collect();
    let tape = Tape::new();
    let outputs = network.outputs(&tape, parameters, &letters, Mode::Training);
    let grads = outputs.logits.gather(&rows).cross_entropy(&batch.targets).backward();
    for (layer, index) in outputs.layers.iter().zip(1..) {
        push("gradient", index, rms(grads.get(layer.post).unwrap().data()));
    }
    assert_eq!(letters.len(), 21, "{settings}");
}

/// Rows of what theory expects.
fn theory(
    network: &Network,
    init: &Init,
    parameters: &Parameters,
    push: &mut impl FnMut(&'static str, usize, f64),
) {
    let table = parameters.get("C").unwrap();
    let batch = specimen::lesson::bigrams().batch;
    let inputs: Vec<f64> = batch
        .inputs
        .iter()
        .map(|&letter| rms(&table.value.data()[letter * network.embedding..][..network.embedding]).powi(2))
        .collect();
    let layers = layers(network, init);
    let predicted = predict(&layers, &inputs, 0.99);
    for (prediction, index) in predicted.iter().zip(1..) {
        push("theory", index, prediction.rms);
        push("backward", index, prediction.backward);
    }
    let last = layers.last().unwrap();
    let field = Layer { inputs: last.units, weight_std: hidden_std(network, init), ..*last }.field();
    let fixed = field.fixed_variance(predicted[0].variance);
    push("fixed variance", 0, fixed);
    push("chi", 0, field.chi(fixed));
    push("phase", 0, phase(field.chi(fixed)));
    if fixed.is_finite() && fixed > 0.0 {
        push("fixed correlation", 0, field.fixed_correlation(fixed));
    }
}

/// The std of a weight between hidden layers, whether or not there are two.
fn hidden_std(network: &Network, init: &Init) -> f64 {
    let two = Network { hidden: vec![network.hidden[0]; 2], ..network.clone() };
    layers(&two, init)[1].weight_std
}

/// −1 for ordered, 0 for critical, 1 for chaotic.
fn phase(chi: f64) -> f64 {
    match Phase::of(chi) {
        Phase::Ordered => -1.0,
        Phase::Critical => 0.0,
        Phase::Chaotic => 1.0,
    }
}

/// Rows of the expectations behind theory.
fn expectations(activation: Activation, mut push: impl FnMut(&'static str, f64, f64)) {
    for q in [0.01, 1.0, 30.0] {
        push("value squared", q, value_squared(activation, q));
        push("slope squared", q, slope_squared(activation, q));
        let field = MeanField { activation, weight: 1.0, bias: 0.0 };
        push("correlation at 0.3", q, field.correlation(q, 0.3));
        push("correlation at 0.9", q, field.correlation(q, 0.9));
    }
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for settings in SETTINGS {
        let mut push =
            |name, index: usize, value| rows.push(Row(settings.to_owned(), name, index.to_string(), value));
        let (network, init) = (network(settings), init(settings));
        assert_eq!(network.classes, CLASSES);
        let seed: u64 = value(settings, "seed").parse().unwrap();
        let parameters = init.draw(&network, &mut Generator::manual_seed(seed));
        push("bits", 0, checksum(&parameters).into());
        measured(settings, &network, &parameters, &mut push);
        theory(&network, &init, &parameters, &mut push);
    }
    for name in ACTIVATIONS {
        expectations(name.parse().unwrap(), |quantity, q, value| {
            rows.push(Row(name.to_owned(), quantity, q.to_string(), value));
        });
    }
    rows
}

/// The file: numbers to eight digits, so that the comparison decides, not the file.
fn text(rows: &[Row]) -> String {
    let mut text = "settings,quantity,index,value\n".to_owned();
    for Row(settings, quantity, index, value) in rows {
        let digits = if *quantity == "bits" { value.to_string() } else { format!("{value:.7e}") };
        writeln!(text, "{settings},{quantity},{index},{digits}").unwrap();
    }
    text
}

/// The first difference between two files, if there is one. Sums of single precision differ between CPUs: in 1e-5 of a
/// standard deviation at these settings, where rounding is not amplified.
fn difference(committed: &str, fresh: &str) -> Option<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (committed.lines().collect(), fresh.lines().collect());
    if old.len() != new.len() {
        return Some(format!("{} rows, not {}", old.len(), new.len()));
    }
    let pairs = old.iter().zip(&new).skip(1);
    let mut unequal = pairs.filter(|(old, new)| !same(old, new));
    unequal.next().map(|(old, new)| format!("{old}\n{new}"))
}

/// True if two rows have the same name and number.
fn same(old: &str, new: &str) -> bool {
    let ((old_name, old), (new_name, new)) = (old.rsplit_once(',').unwrap(), new.rsplit_once(',').unwrap());
    let (a, b): (f64, f64) = (old.parse().unwrap(), new.parse().unwrap());
    let (exact, mean) = (new_name.contains(",bits,"), new_name.contains(",mean,"));
    let scale = a.abs().max(b.abs()).max(if mean { 1.0 } else { 0.0 });
    let limit = if exact { 0.0 } else { 1e-5 * scale };
    old_name == new_name && (old == new || (a - b).abs() <= limit)
}

#[test]
fn the_numbers_for_the_page_are_those_of_the_crates() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("explore.csv");
    let fresh = text(&rows());
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(difference(&committed, &fresh), None, "explore.csv is stale");
    // A digit that moved is noticed.
    let moved = committed.replacen("loss,0,1.86", "loss,0,1.87", 1);
    assert!(difference(&moved, &fresh).is_some() && moved != committed);
}
