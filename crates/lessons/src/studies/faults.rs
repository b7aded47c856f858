//! Networks with exactly one fault, and healthy ones.

use diagnostics::{Fault, Report, Settings};
use nn_init::{Distribution, FanMode, Gain, Scheme};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Batch, Mlp, Parameters, Start};
use tensor::Activation;

/// A network that is built in one way and judged at many seeds.
pub struct Case {
    /// What was done to it.
    pub name: &'static str,
    /// Its shape and function.
    pub mlp: Mlp,
    /// How it is drawn.
    pub start: Start,
    /// How it was meant to be drawn, where the judge is told.
    pub promised: Option<Start>,
    /// What is done to the parameters afterwards.
    pub plant: fn(&mut Parameters),
    /// The place and the fault that a verdict must name; none for a healthy network.
    pub fault: Option<(&'static str, Fault)>,
    /// Other places that the fault is at, or where it shows.
    pub also: &'static [&'static str],
}

impl Case {
    /// Whether a verdict is about a place that is at fault, or where the fault shows.
    pub fn excuses(&self, verdict: &diagnostics::Verdict) -> bool {
        let location = verdict.location.as_str();
        // What the network shows follows from a fault, wherever that is.
        self.fault
            .is_some_and(|(at, _)| location == at || location == "network" || self.also.contains(&location))
    }

    /// The network at a seed, before its first step.
    pub fn report(&self, seed: u64, batch: &Batch) -> Report {
        let mut parameters = self.start.draw(&self.mlp, &mut ChaCha8Rng::seed_from_u64(seed));
        (self.plant)(&mut parameters);
        // What the rules do not read is not measured: the examples' geometry.
        let settings = Settings { geometry: false, ..Settings::default() };
        let report = self.mlp.observe(&parameters, batch, settings).report;
        match &self.promised {
            Some(start) => report.with_expected(start.expected(&self.mlp)),
            None => report,
        }
    }
}

fn nothing(_: &mut Parameters) {}

fn change(parameters: &mut Parameters, name: &str, change: impl Fn(&mut f32)) {
    let parameter = parameters.0.iter_mut().find(|parameter| parameter.name == name);
    parameter.expect("a parameter of that name").value.data_mut().iter_mut().for_each(change);
}

fn kaiming(gain: f64) -> Start {
    Start::direct(Scheme::kaiming_normal(Gain::number(gain)), Scheme::ZEROS)
}

const TANH: f64 = 5.0 / 3.0;
const RELU: f64 = std::f64::consts::SQRT_2;

/// A network of the lesson's size.
fn net(activation: Activation, hidden: usize) -> Mlp {
    Mlp { activation, hidden, ..Mlp::LESSON }
}

fn case(name: &'static str, mlp: Mlp, start: Start) -> Case {
    Case { name, mlp, start, promised: None, plant: nothing, fault: None, also: &[] }
}

/// Networks that nothing is wrong with.
pub fn healthy() -> Vec<Case> {
    let (tanh, relu) = (net(Activation::Tanh, 3), net(Activation::Relu, 3));
    let forward = |f| Start::direct(Scheme::kaiming_normal(Gain::forward(f)), Scheme::ZEROS);
    let told = |case: Case| Case { promised: Some(case.start), ..case };
    let mut cases = vec![
        told(case("tanh, Kaiming with gain 5/3", tanh, kaiming(TANH))),
        case("tanh, Xavier", tanh, Start::direct(Scheme::xavier_normal(Gain::number(1.0)), Scheme::ZEROS)),
        case("tanh, orthogonal", tanh, Start::direct(Scheme::orthogonal(), Scheme::ZEROS)),
        told(case("ReLU, Kaiming", relu, kaiming(RELU))),
    ];
    cases.extend([
        told(case(
            "ReLU, Kaiming uniform",
            relu,
            Start::direct(Scheme::kaiming_uniform(Gain::number(RELU)), Scheme::ZEROS),
        )),
        case("SELU, LeCun", net(Activation::Selu, 3), kaiming(1.0)),
        case("GELU, forward gain", net(Activation::Gelu, 3), forward(Activation::Gelu)),
        case("erf, Kaiming with its forward gain", net(Activation::Erf, 3), forward(Activation::Erf)),
        case("tanh, gain 5/3, 10 layers", net(Activation::Tanh, 10), kaiming(TANH)),
        case("ReLU, Kaiming, 10 layers", net(Activation::Relu, 10), kaiming(RELU)),
        case("tanh, gain 5/3, width 20", Mlp { width: 20, ..tanh }, kaiming(TANH)),
    ]);
    cases
}

/// Networks with one fault each, most of them in the second of three layers.
///
/// # Panics
/// Never: the preset exists.
pub fn faulty() -> Vec<Case> {
    let (tanh, relu) = (net(Activation::Tanh, 3), net(Activation::Relu, 3));
    let base = |name, plant, fault| Case { plant, fault: Some(fault), ..case(name, tanh, kaiming(TANH)) };
    let forward = |f| Start::direct(Scheme::kaiming_normal(Gain::forward(f)), Scheme::ZEROS);
    let of_relu = |name, plant, fault| Case { plant, fault: Some(fault), ..case(name, relu, kaiming(RELU)) };
    // Drawn in one way, promised in another.
    let told = |name, start, fault| Case {
        fault: Some(fault),
        promised: Some(kaiming(TANH)),
        also: EVERYTHING,
        ..case(name, tanh, start)
    };
    let fan_out = |gain: f64| {
        let weight = Scheme::scaled(Gain::number(gain), FanMode::FanOut, Distribution::Normal);
        Start::direct(weight, Scheme::ZEROS)
    };
    vec![
        base("too large: W2 × 6", |p| change(p, "W2", |w| *w *= 6.0), ("Layer 2", Fault::Saturated)),
        base("too small: W2 / 10", |p| change(p, "W2", |w| *w /= 10.0), ("Layer 2", Fault::TooSmall)),
        base("dead layer: W2 = 0", |p| change(p, "W2", |w| *w = 0.0), ("Layer 2", Fault::Dead)),
        of_relu("dead layer: b2 = −10, ReLU", |p| change(p, "b2", |b| *b = -10.0), ("Layer 2", Fault::Dead)),
        base("biased: b2 = 2", |p| change(p, "b2", |b| *b = 2.0), ("Layer 2", Fault::Biased)),
        base("NaN in one weight of W2", |p| one(p, "W2", f32::NAN), ("W2", Fault::NotFinite)),
        told("wrong fan: fan-out, scheme told", fan_out(TANH), ("W1", Fault::Distribution)),
        of_relu(
            "√2 too large: W2, ReLU",
            |p| change(p, "W2", |w| *w *= RELU as f32),
            ("Layer 2", Fault::TooLarge),
        ),
        of_relu(
            "√2 too small: W2, ReLU",
            |p| change(p, "W2", |w| *w /= RELU as f32),
            ("Layer 2", Fault::TooSmall),
        ),
        told("√2 too small everywhere, scheme told", kaiming(TANH / RELU), ("W1", Fault::Distribution)),
        Case {
            fault: Some(("Layer 2", Fault::TooSmall)),
            also: ALL_LAYERS,
            ..case("missing gain, ReLU", relu, kaiming(1.0))
        },
        told("missing gain, tanh, scheme told", kaiming(1.0), ("W1", Fault::Distribution)),
        base("embedding divided by √27", |p| change(p, "C", |c| *c /= 27f32.sqrt()), ("C", Fault::Embedding)),
        base("logits × 10", |p| change(p, "W4", |w| *w *= 10.0), ("network", Fault::Confident)),
        Case {
            fault: Some(("network", Fault::BackwardVanishes)),
            ..case("sigmoid, forward gain", net(Activation::Sigmoid, 3), forward(Activation::Sigmoid))
        },
        Case {
            fault: Some(("Layer 2", Fault::TooSmall)),
            also: ALL_LAYERS,
            ..case("PyTorch's default, tanh", tanh, Start::preset(&"torch.linear".parse().expect("a preset")))
        },
        Case {
            fault: Some(("Layer 1", Fault::Saturated)),
            also: ALL_LAYERS,
            ..case("the lesson's random init", tanh, Start::LESSON_RANDOM)
        },
    ]
}

const ALL_LAYERS: &[&str] = &["Layer 1", "Layer 2", "Layer 3"];
/// All layers and all weights.
const EVERYTHING: &[&str] = &["Layer 1", "Layer 2", "Layer 3", "W1", "W2", "W3", "W4"];

/// Puts a value in the middle of a parameter.
fn one(parameters: &mut Parameters, name: &str, value: f32) {
    let parameter = parameters.0.iter_mut().find(|parameter| parameter.name == name);
    let data = parameter.expect("a parameter of that name").value.data_mut();
    data[data.len() / 2] = value;
}
