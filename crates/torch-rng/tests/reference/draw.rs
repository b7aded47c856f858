//! The recorded calls, made with this crate.

use crate::Call;
use torch_rng::python::Random;
use torch_rng::{Float, Generator, Replacement, Source};

/// The generator of a paragraph.
pub(crate) enum RecordedStream {
    Torch(Generator),
    Python(Random),
}

impl RecordedStream {
    /// The generator at the beginning of a paragraph; `None` for a line that is not the first.
    pub(crate) fn new(line: &str) -> Option<Self> {
        match line.split_once(' ')? {
            ("seed", seed) => Some(Self::Torch(Generator::manual_seed(seed.parse().expect("a seed")))),
            ("python", seed) => Some(Self::Python(Random::seed(seed.parse::<i128>().expect("a seed")))),
            _ => None,
        }
    }

    /// The bits of one call. For a state they are those of its spare normal, then its other bytes.
    pub(crate) fn draw(&mut self, call: &Call) -> Vec<u64> {
        match self {
            Self::Torch(generator) => torch(generator, call),
            Self::Python(random) => python(random, call),
        }
    }
}

fn torch(generator: &mut Generator, call: &Call) -> Vec<u64> {
    match (call.op, call.kind) {
        ("state", _) => state(generator),
        ("randperm", _) => generator.randperm(call.n).into_iter().map(|v| v as u64).collect(),
        ("randint", _) => {
            let mut out = vec![0; call.n];
            generator.randint(call.parameter(0), call.parameter(1), &mut out);
            out.into_iter().map(|v| v as u64).collect()
        }
        (_, "bool") => {
            let mut out = vec![false; call.n];
            generator.bernoulli(call.parameter(0), &mut out);
            out.into_iter().map(u64::from).collect()
        }
        (_, "f32") => typed(generator, call, |v: f32| v.to_bits().into()),
        _ => typed(generator, call, f64::to_bits),
    }
}

/// The operations in both precisions.
fn typed<T: Float>(generator: &mut Generator, call: &Call, bits: impl Fn(T) -> u64) -> Vec<u64> {
    let mut out = vec![T::nearest(0.0); call.n];
    match call.op {
        "bernoulli_each" => return bernoulli_each::<T>(generator, call.n),
        "with" => return indices::<T>(generator, call, Replacement::With),
        "without" => return indices::<T>(generator, call, Replacement::Without),
        "uniform" => generator.uniform(call.parameter(0), call.parameter(1), &mut out),
        "normal" => generator.normal(call.parameter(0), call.parameter(1), &mut out),
        "exponential" => generator.exponential(call.parameter(0), &mut out),
        unknown => panic!("unknown operation `{unknown}`"),
    }
    out.into_iter().map(bits).collect()
}

fn bernoulli_each<T: Float>(generator: &mut Generator, n: usize) -> Vec<u64> {
    let probabilities: Vec<T> = (0..n).map(|i| T::nearest((i % 11) as f64 / 10.0)).collect();
    let mut out = vec![false; n];
    generator.bernoulli_each(&probabilities, &mut out).expect("probabilities");
    out.into_iter().map(u64::from).collect()
}

fn indices<T: Float>(generator: &mut Generator, call: &Call, replacement: Replacement) -> Vec<u64> {
    let [categories, modulus]: [usize; 2] = [call.parameter(0), call.parameter(1)];
    let weight = |i: usize| T::nearest(((7 * i + 3) % modulus) as f64 / modulus as f64);
    let weights: Vec<T> = (0..categories).map(weight).collect();
    let mut out = vec![0; call.n];
    generator.multinomial(&weights, replacement, &mut out).expect("weights");
    out.into_iter().map(|i| i as u64).collect()
}

/// Continues from the restored state, so that all later calls test the restoring.
fn state(generator: &mut Generator) -> Vec<u64> {
    let mut bytes = generator.state();
    *generator = Generator::from_state(&bytes).expect("a state");
    let mut spare = [0; 8];
    spare.swap_with_slice(&mut bytes[5024..5032]);
    std::iter::once(u64::from_le_bytes(spare)).chain(bytes.into_iter().map(u64::from)).collect()
}

fn python(random: &mut Random, call: &Call) -> Vec<u64> {
    let n = call.n;
    match call.op {
        "shuffle" => {
            let mut indices: Vec<u64> = (0..n as u64).collect();
            random.shuffle(&mut indices);
            indices
        }
        "sample" => random.sample(call.parameter(0), n).into_iter().map(|i| i as u64).collect(),
        "random" => repeat(n, || random.random().to_bits()),
        "uniform" => repeat(n, || random.uniform(call.parameter(0), call.parameter(1)).to_bits()),
        "getrandbits" => repeat(n, || random.getrandbits(call.parameter(0))),
        "randrange" => repeat(n, || random.randrange(call.parameter(0))),
        "randint" => repeat(n, || random.randint(call.parameter(0), call.parameter(1)) as u64),
        "choice" => {
            let items: Vec<u64> = (0..call.parameter(0)).collect();
            repeat(n, || *random.choice(&items))
        }
        unknown => panic!("unknown operation `{unknown}`"),
    }
}

fn repeat(n: usize, draw: impl FnMut() -> u64) -> Vec<u64> {
    std::iter::repeat_with(draw).take(n).collect()
}
