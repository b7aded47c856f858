//! A run beside a copy that starts a little off, and the tangent that says how fast the two part.

use autograd::Tape;
use specimen::{Batch, Draw, Init, Model, Network, Scaling, Scalings, Scheme, Tangent, lesson};
use torch_rng::Generator;

/// Everything that decides a run of the study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Start {
    /// The gain of the hidden weights: their std is `gain/√fan_in`.
    pub gain: f64,
    /// The learning rate.
    pub rate: f64,
    /// The seed of the parameters and then the batches.
    pub seed: u64,
}

/// Hidden layers, their units, and the examples of a batch.
const LAYERS: usize = 5;
const WIDTH: usize = 16;
const BATCH: usize = 32;

/// The distance of the copy at the start, relative to the size of the parameters: the root of what double precision resolves,
/// so that it can grow by eight digits, and shrink by as many.
pub(super) const OFFSET: f64 = 1e-8;

/// A run, a copy of it, and the tangent between them.
#[derive(Clone)]
pub(super) struct CopiedRun {
    pub(super) start: Start,
    /// The run.
    pub(super) model: Model<f64>,
    copy: Model<f64>,
    tangent: Tangent,
    /// ln of the factor by which the tangent has grown.
    pub(super) growth: f64,
    first_distance: f64,
    generator: Generator,
}

impl Start {
    /// The lecture's network with fewer units, on the lesson's pairs.
    pub(super) fn network() -> Network {
        Network { hidden: vec![WIDTH; LAYERS], ..Network::lesson() }
    }

    /// The lecture's deep initialisation: weights over the root of their fan-in, the last a tenth of that, biases 0.
    fn init(self) -> Init {
        let scalings = Scalings {
            weights: Scaling::over_root_fan_in(),
            hidden: Scaling::times(self.gain),
            last: Scaling::times(0.1),
            named: vec![],
        };
        Init { bias: Scheme::ZEROS, draw: Draw::Normal { discards: false }, scalings, ..Init::LESSON_RANDOM }
    }
}

impl CopiedRun {
    /// The pair before its first step. The copy is off in a random direction, as a rounding is.
    pub(super) fn new(start: Start) -> Self {
        let (network, mut generator) = (Start::network(), Generator::manual_seed(start.seed));
        let model = Model::new(network.clone(), start.init().draw(&network, &mut generator));
        let tangent = Tangent::random(model.parameters.count(), &mut generator);
        let mut copy = model.clone();
        let size = OFFSET * values(&model).map(|v| v * v).sum::<f64>().sqrt();
        let mut offsets = tangent.direction().iter().map(|v| size * v);
        for parameter in &mut copy.parameters.0 {
            let values = parameter.value.data_mut().iter_mut();
            values.zip(&mut offsets).for_each(|(value, offset)| *value += offset);
        }
        let first_distance = distance(&model, &copy);
        Self { start, model, copy, tangent, growth: 0.0, first_distance, generator }
    }

    /// One step of both on the same batch.
    pub(super) fn step(&mut self, tape: &mut Tape<f64>, data: &Batch) {
        let batch = draw(&mut self.generator, data);
        let (model, rate) = (&self.model, self.start.rate);
        self.growth += self.tangent.advance(|v| model.sgd_difference(&batch, rate, v));
        for model in [&mut self.model, &mut self.copy] {
            let pass = model.pass(tape, &batch);
            model.sgd_step(&pass, rate);
        }
    }

    /// ln of the factor by which the distance of the copy has grown.
    pub(super) fn parted(&self) -> f64 {
        (distance(&self.model, &self.copy) / self.first_distance).ln()
    }

    /// The batches of the next steps.
    pub(super) fn coming(&self, count: usize, data: &Batch) -> Vec<Batch> {
        let mut generator = self.generator.clone();
        (0..count).map(|_| draw(&mut generator, data)).collect()
    }
}

/// The lesson's pairs of letters, which all runs are trained on.
pub(super) fn data() -> Batch {
    lesson::bigrams().batch
}

/// A batch of examples that are drawn with replacement.
fn draw(generator: &mut Generator, data: &Batch) -> Batch {
    let mut places = [0_i64; BATCH];
    generator.randint(0, data.targets.len() as i64, &mut places);
    data.pick(Start::network().context, &places.map(|place| place as usize))
}

fn values(model: &Model<f64>) -> impl Iterator<Item = f64> {
    model.parameters.0.iter().flat_map(|parameter| parameter.value.data().iter().copied())
}

fn distance(a: &Model<f64>, b: &Model<f64>) -> f64 {
    values(a).zip(values(b)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A real copy parts from its run by what the tangent says, in a calm run and in one that grows a hundredfold.
    #[test]
    fn copies_part_as_the_tangent_says() {
        let data = data();
        for (gain, least) in [(1.0, 0.0), (4.0, 100_f64.ln())] {
            let mut pair = CopiedRun::new(Start { gain, rate: 0.1, seed: 1 });
            for _ in 0..60 {
                if pair.growth < 5.0 {
                    pair.step(&mut Tape::new(), &data);
                }
            }
            assert!(pair.growth > least, "{gain}: {}", pair.growth);
            // To first order in the distance, which is less than 1e-4 of the parameters.
            assert!(
                (pair.parted() - pair.growth).abs() < 1e-2,
                "{gain}: {} for {}",
                pair.parted(),
                pair.growth
            );
        }
    }
}
