//! A small network as a user would write it, and the faults that its initialisation can have.

use diagnostics::Summary;
use diagnostics::baseline::Statistic;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};
use rand_distr::{Distribution, StandardNormal};
use tensor::{Activation, Tensor};

/// A change of a healthy initialisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Change {
    None,
    /// Weights of std `1/√fan_in`, without the gain of tanh.
    GainDropped,
    /// The last layer's std, 100 × 27, from its fan-out.
    FansSwapped,
    /// The second layer's std from the fan-in of the first, 30 instead of 100.
    AnothersFan,
    /// Biases of 0 instead of std 0.1.
    BiasZeroed,
    /// The std of one layer's weights times a factor.
    Scaled(usize, f64),
    /// The measured std of the second layer's activations times a factor.
    Measured(f64),
    /// Another generator and another algorithm for normal numbers.
    OtherStream,
    /// Every statistic off by a relative error of up to 1e-6.
    Noise,
}

/// Layers of these sizes with an activation after each, 32 random examples, and random gradients at the outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Network<'a> {
    pub(crate) sizes: &'a [usize],
    pub(crate) gain: f64,
    pub(crate) activation: Activation,
    pub(crate) change: Change,
}

/// 30 inputs, two hidden layers of 100 units, 27 outputs.
pub(crate) const HEALTHY: Network<'_> = Network {
    sizes: &[30, 100, 100, 27],
    gain: 5.0 / 3.0,
    activation: Activation::Tanh,
    change: Change::None,
};

/// The same with ReLU and its gain √2, whose activations vary more between seeds.
pub(crate) const RELU: Network<'_> =
    Network { gain: std::f64::consts::SQRT_2, activation: Activation::Relu, ..HEALTHY };

/// Eight layers of 20 units with a gain on the chaotic side of the edge, whose gradients differ by factors between seeds.
pub(crate) const CHAOTIC: Network<'_> =
    Network { sizes: &[20; 9], gain: 3.0, activation: Activation::Tanh, change: Change::None };

/// The statistic that [`Change::Measured`] changes.
pub(crate) const MEASURED: (&str, &str) = ("Layer 2", "activation std");

const BATCH: usize = 32;

impl Network<'_> {
    pub(crate) fn with(self, change: Change) -> Self {
        Self { change, ..self }
    }

    /// The stds of the weights and biases of one layer.
    fn stds(&self, layer: usize) -> (f64, f64) {
        let [fan_in, fan_out] = [self.sizes[layer], self.sizes[layer + 1]];
        let last = layer + 2 == self.sizes.len();
        let (gain, fan, bias, factor) = match self.change {
            Change::GainDropped => (1.0, fan_in, 0.1, 1.0),
            Change::FansSwapped if last => (self.gain, fan_out, 0.1, 1.0),
            Change::AnothersFan if layer == 1 => (self.gain, self.sizes[0], 0.1, 1.0),
            Change::BiasZeroed => (self.gain, fan_in, 0.0, 1.0),
            Change::Scaled(at, factor) if at == layer => (self.gain, fan_in, 0.1, factor),
            _ => (self.gain, fan_in, 0.1, 1.0),
        };
        (factor * gain / (fan as f64).sqrt(), bias)
    }

    /// The statistics of the network at a seed.
    pub(crate) fn statistics(&self, seed: u64) -> Vec<Statistic> {
        let mut all = match self.change {
            Change::OtherStream => self.observe(&mut box_muller(ChaCha20Rng::seed_from_u64(seed))),
            _ => self.observe(&mut ziggurat(ChaCha8Rng::seed_from_u64(seed))),
        };
        if let Change::Measured(factor) = self.change {
            let changed = all.iter_mut().filter(|s| (&s.location[..], &s.name[..]) == MEASURED);
            changed.for_each(|s| s.value *= factor);
        }
        if self.change == Change::Noise {
            let mut noise = ChaCha20Rng::seed_from_u64(seed);
            all.iter_mut().for_each(|s| s.value *= 1.0 + 1e-6 * (2.0 * unit(&mut noise) - 1.0));
        }
        all
    }

    fn observe(&self, normal: &mut dyn FnMut() -> f64) -> Vec<Statistic> {
        let mut draw = |shape: [usize; 2], std: f64| {
            let values = (0..shape[0] * shape[1]).map(|_| (std * normal()) as f32).collect();
            Tensor::from_vec(values, shape).unwrap()
        };
        let mut all = Vec::new();
        // A constant parameter, the same at every seed.
        all.push(Statistic::linear("scale", "mean", 0.1_f32.into()));
        all.push(Statistic::log("scale", "std", 0.0));
        let mut layers = Vec::new();
        let mut h = draw([BATCH, self.sizes[0]], 1.0);
        for layer in 0..self.sizes.len() - 1 {
            let (std, bias) = self.stds(layer);
            let w = draw([self.sizes[layer], self.sizes[layer + 1]], std);
            let b = draw([1, self.sizes[layer + 1]], bias);
            weights(&mut all, layer, &w, &b);
            let row = b.reshape([self.sizes[layer + 1]]);
            let (next, slope) = self.activation.apply(&h.matmul(&w).add_row(&row));
            activations(&mut all, layer, &next);
            layers.push((h, w, slope));
            h = next;
        }
        let mut gradient = draw([BATCH, h.shape().dims()[1]], 1.0 / BATCH as f64);
        for (layer, (input, w, slope)) in layers.iter().enumerate().rev() {
            let inner = gradient.mul(slope);
            let rms = |t: &Tensor<f32>| (Summary::of(t.map(|x| x * x).data()).mean()).sqrt();
            all.push(Statistic::log(
                format!("W{}", layer + 1),
                "gradient rms",
                rms(&input.matmul_tn(&inner)),
            ));
            gradient = inner.matmul_nt(w);
            all.push(Statistic::linear(format!("Input {}", layer + 1), "gradient rms", rms(&gradient)));
        }
        all
    }
}

fn weights(all: &mut Vec<Statistic>, layer: usize, w: &Tensor<f32>, b: &Tensor<f32>) {
    let (name, summary) = (format!("W{}", layer + 1), Summary::of(w.data()));
    all.push(Statistic::linear(&name, "mean", summary.mean()));
    all.push(Statistic::log(&name, "std", summary.std()));
    all.push(Statistic::log(&name, "max |w|", summary.max.max(-summary.min)));
    all.push(Statistic::log(format!("b{}", layer + 1), "std", Summary::of(b.data()).std()));
}

fn activations(all: &mut Vec<Statistic>, layer: usize, h: &Tensor<f32>) {
    let (name, summary) = (format!("Layer {}", layer + 1), Summary::of(h.data()));
    let fourth = Summary::of(h.map(|x| (x - summary.mean() as f32).powi(4)).data()).mean();
    let saturated = h.data().iter().filter(|x| x.abs() > 0.99).count() as f64 / h.data().len() as f64;
    let units = h.shape().dims()[1];
    let always = (0..units).filter(|unit| h.data().iter().skip(*unit).step_by(units).all(|x| x.abs() > 0.9));
    all.push(Statistic::linear(&name, "activation mean", summary.mean()));
    all.push(Statistic::log(&name, "activation std", summary.std()));
    all.push(Statistic::linear(&name, "kurtosis", fourth / summary.variance().powi(2)));
    all.push(Statistic::linear(&name, "saturated", saturated));
    all.push(Statistic::linear(&name, "always saturated units", always.count() as f64));
}

/// Uniform in [0, 1).
fn unit(rng: &mut impl Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn ziggurat(mut rng: impl Rng) -> impl FnMut() -> f64 {
    move || StandardNormal.sample(&mut rng)
}

fn box_muller(mut rng: impl Rng) -> impl FnMut() -> f64 {
    move || {
        let (radius, angle) =
            ((-2.0 * (1.0 - unit(&mut rng)).ln()).sqrt(), std::f64::consts::TAU * unit(&mut rng));
        radius * angle.cos()
    }
}
