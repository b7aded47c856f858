//! Networks with exactly one planted fault, and healthy networks.

use diagnostics::{Report, Settings};
use nn_init::{Distribution, FanMode, Gain, Scheme};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use specimen::{Batch, Init, Network, Parameters};
use tensor::Activation;

/// A network that is drawn at many seeds and judged at each.
pub struct FaultCase {
    /// Its name in the table of verdicts.
    pub name: &'static str,
    /// Its shape and activation.
    pub network: Network,
    /// The initialisation.
    pub init: Init,
    /// The initialisation that the judge expects, if it is given one.
    pub expected: Option<Init>,
    /// The change that is made to the parameters after drawing.
    pub plant: fn(&mut Parameters),
    /// The location and the rule of the verdict that must be found; `None` for a healthy network.
    pub fault: Option<(&'static str, &'static str)>,
    /// Other locations that have the fault, or at which it can be measured.
    pub also: &'static [&'static str],
}

impl FaultCase {
    /// True if the planted fault explains a verdict: it names the faulty location, one of `also`, the network or the logits.
    pub fn excuses(&self, verdict: &diagnostics::Verdict) -> bool {
        // Any fault may have consequences for the whole network.
        let excused = |at: &str, location: &str| {
            location == at || ["network", "logits"].contains(&location) || self.also.contains(&location)
        };
        self.fault.is_some_and(|(at, _)| verdict.locations.iter().all(|location| excused(at, location)))
    }

    /// The report on the network at a seed, before its first step.
    pub fn report(&self, seed: u64, batch: &Batch) -> Report {
        let mut parameters = self.init.draw(&self.network, &mut ChaCha8Rng::seed_from_u64(seed));
        (self.plant)(&mut parameters);
        // No rule reads the geometry of the examples, so it is not measured.
        let settings = Settings { geometry: false, ..Settings::default() };
        let report = self.network.observe(&parameters, batch, settings).report;
        match &self.expected {
            Some(init) => report.with_expected(init.expected(&self.network)),
            None => report,
        }
    }
}

fn nothing(_: &mut Parameters) {}

fn change(parameters: &mut Parameters, name: &str, change: impl Fn(&mut f32)) {
    let parameter = parameters.0.iter_mut().find(|parameter| parameter.name == name);
    parameter.expect("a parameter of that name").value.data_mut().iter_mut().for_each(change);
}

fn kaiming(gain: f64) -> Init {
    Init::direct(Scheme::kaiming_normal(Gain::number(gain)), Scheme::ZEROS)
}

const TANH: f64 = 5.0 / 3.0;
const RELU: f64 = std::f64::consts::SQRT_2;

/// A network of the lesson's size.
fn net(activation: Activation, layers: usize) -> Network {
    Network { activation, hidden: vec![100; layers], ..Network::lesson() }
}

fn case(name: &'static str, network: &Network, init: Init) -> FaultCase {
    FaultCase { name, network: network.clone(), init, expected: None, plant: nothing, fault: None, also: &[] }
}

/// Healthy networks.
pub fn healthy() -> Vec<FaultCase> {
    let (tanh, relu) = (net(Activation::Tanh, 3), net(Activation::Relu, 3));
    let forward = |f| Init::direct(Scheme::kaiming_normal(Gain::forward(f)), Scheme::ZEROS);
    let given = |case: FaultCase| FaultCase { expected: Some(case.init.clone()), ..case };
    let mut cases = vec![
        given(case("tanh, Kaiming with gain 5/3", &tanh, kaiming(TANH))),
        case("tanh, Xavier", &tanh, Init::direct(Scheme::xavier_normal(Gain::number(1.0)), Scheme::ZEROS)),
        case("tanh, orthogonal", &tanh, Init::direct(Scheme::orthogonal(), Scheme::ZEROS)),
        given(case("ReLU, Kaiming", &relu, kaiming(RELU))),
    ];
    cases.extend([
        given(case(
            "ReLU, Kaiming uniform",
            &relu,
            Init::direct(Scheme::kaiming_uniform(Gain::number(RELU)), Scheme::ZEROS),
        )),
        case("SELU, LeCun", &net(Activation::Selu, 3), kaiming(1.0)),
        case("GELU, forward gain", &net(Activation::Gelu, 3), forward(Activation::Gelu)),
        case("erf, Kaiming with its forward gain", &net(Activation::Erf, 3), forward(Activation::Erf)),
        case("tanh, gain 5/3, 10 layers", &net(Activation::Tanh, 10), kaiming(TANH)),
        case("ReLU, Kaiming, 10 layers", &net(Activation::Relu, 10), kaiming(RELU)),
        case("tanh, gain 5/3, width 20", &Network { hidden: vec![20; 3], ..tanh.clone() }, kaiming(TANH)),
    ]);
    cases
}

/// Networks with one planted fault each, most of them in the second of three layers.
///
/// # Panics
/// Never: the preset exists.
pub fn faulty() -> Vec<FaultCase> {
    let (tanh, relu) = (net(Activation::Tanh, 3), net(Activation::Relu, 3));
    let base =
        |name, plant, fault| FaultCase { plant, fault: Some(fault), ..case(name, &tanh, kaiming(TANH)) };
    let forward = |f| Init::direct(Scheme::kaiming_normal(Gain::forward(f)), Scheme::ZEROS);
    let of_relu =
        |name, plant, fault| FaultCase { plant, fault: Some(fault), ..case(name, &relu, kaiming(RELU)) };
    // The judge knows the scheme, and the network was drawn by another.
    let given = |name, init, fault| FaultCase {
        fault: Some(fault),
        expected: Some(kaiming(TANH)),
        also: EVERYTHING,
        ..case(name, &tanh, init)
    };
    let fan_out = |gain: f64| {
        let weight = Scheme::scaled(Gain::number(gain), FanMode::FanOut, Distribution::Normal);
        Init::direct(weight, Scheme::ZEROS)
    };
    vec![
        base("too large: W2 × 6", |p| change(p, "W2", |w| *w *= 6.0), ("Layer 2", "saturated")),
        base("too small: W2 / 10", |p| change(p, "W2", |w| *w /= 10.0), ("W2", "wrong-gain")),
        base("dead layer: W2 = 0", |p| change(p, "W2", |w| *w = 0.0), ("W2", "zero-gradient")),
        of_relu("dead layer: b2 = −10, ReLU", |p| change(p, "b2", |b| *b = -10.0), ("Layer 2", "dead-units")),
        base("biased: b2 = 2", |p| change(p, "b2", |b| *b = 2.0), ("b2", "biased")),
        base("NaN in one weight of W2", |p| one(p, "W2", f32::NAN), ("W2", "not-finite")),
        given("wrong fan: fan-out, scheme given", fan_out(TANH), ("W1", "wrong-distribution")),
        of_relu("√2 too large: W2, ReLU", |p| change(p, "W2", |w| *w *= RELU as f32), ("W2", "wrong-gain")),
        of_relu("√2 too small: W2, ReLU", |p| change(p, "W2", |w| *w /= RELU as f32), ("W2", "wrong-gain")),
        given("√2 too small everywhere, scheme given", kaiming(TANH / RELU), ("W1", "wrong-distribution")),
        FaultCase {
            fault: Some(("W2", "wrong-gain")),
            also: EVERYTHING,
            ..case("missing gain, ReLU", &relu, kaiming(1.0))
        },
        given("missing gain, tanh, scheme given", kaiming(1.0), ("W1", "wrong-distribution")),
        base(
            "embedding divided by √27",
            |p| change(p, "C", |c| *c /= 27f32.sqrt()),
            ("C", "embedding-scale"),
        ),
        base("logits × 10", |p| change(p, "W4", |w| *w *= 10.0), ("logits", "overconfident-logits")),
        FaultCase {
            fault: Some(("network", "vanishing-gradients")),
            ..case("sigmoid, forward gain", &net(Activation::Sigmoid, 3), forward(Activation::Sigmoid))
        },
        FaultCase {
            fault: Some(("W2", "wrong-gain")),
            also: EVERYTHING,
            ..case("PyTorch's default, tanh", &tanh, Init::preset(&"torch.linear".parse().expect("a preset")))
        },
        FaultCase {
            fault: Some(("Layer 1", "saturated")),
            also: EVERYTHING,
            ..case("the lesson's random init", &tanh, Init::LESSON_RANDOM)
        },
    ]
}

/// All layers and all parameters but the embedding.
const EVERYTHING: &[&str] =
    &["Layer 1", "Layer 2", "Layer 3", "W1", "W2", "W3", "W4", "b1", "b2", "b3", "b4"];

/// Replaces the middle entry of a parameter.
fn one(parameters: &mut Parameters, name: &str, value: f32) {
    let parameter = parameters.0.iter_mut().find(|parameter| parameter.name == name);
    let data = parameter.expect("a parameter of that name").value.data_mut();
    data[data.len() / 2] = value;
}
