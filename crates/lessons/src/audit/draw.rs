//! The numbers of one seed: the lesson's network and a deeper one, drawn once for all initialisations.
//!
//! The deeper one goes on where the lesson's makes its logits, so it has parameters of its own only from there on.

use specimen::{Init, Network, Parameter, Parameters};
use tensor::{Pool, Tensor};
use torch_rng::Source;

/// The claims' deeper net: the lesson's, with twice as many hidden layers.
pub(super) fn deep() -> Network {
    let lesson = Network::lesson();
    Network { hidden: lesson.hidden.repeat(2), ..lesson }
}

/// Parameters that the lesson's network and the deeper one share: C to b3.
fn shared() -> usize {
    let (lesson, deep) = (Network::lesson().plan(), deep().plan());
    lesson.iter().zip(&deep).take_while(|(ours, theirs)| ours == theirs).count()
}

/// Both networks' parameters.
pub(super) struct Pair {
    /// The lesson's network.
    pub(super) lesson: Parameters,
    /// The parameters of the deeper one behind the shared ones.
    pub(super) deeper: Parameters,
}

/// Mean and std of each parameter of both networks under one of the lesson's initialisations.
pub(super) struct Scales {
    lesson: Vec<(f64, f64)>,
    deeper: Vec<(f64, f64)>,
}

impl Scales {
    pub(super) fn of(init: &Init) -> Self {
        let scales = |network: &Network| -> Vec<(f64, f64)> {
            init.expected(network).into_iter().map(|(_, expected)| (expected.mean, expected.std)).collect()
        };
        Self { lesson: scales(&Network::lesson()), deeper: scales(&deep()).split_off(shared()) }
    }
}

/// N(0, 1) for every parameter, anew at each seed in the same memory.
pub(super) struct Drawn {
    /// The values.
    pub(super) pair: Pair,
    shared: usize,
    /// Memory for scaled values.
    _pool: Pool,
}

impl Drawn {
    pub(super) fn new() -> Self {
        let (pool, shared) = (Pool::new(), shared());
        let room = |plan| {
            let mut parameters = Parameters::zeros(plan);
            parameters.0.iter_mut().for_each(|p| p.value = pool.adopt(p.value.clone()));
            parameters
        };
        let (lesson, deeper) = (room(Network::lesson().plan()), room(deep().plan().split_off(shared)));
        Self { pair: Pair { lesson, deeper }, shared, _pool: pool }
    }

    /// Both networks, each as if it alone were drawn from `source`.
    pub(super) fn draw(&mut self, mut source: impl Source<f32> + Clone) {
        let (trunk, last) = self.pair.lesson.0.split_at_mut(self.shared);
        fill(trunk, &mut source);
        fill(last, &mut source.clone());
        fill(&mut self.pair.deeper.0, &mut source);
    }

    /// Both networks under an initialisation, as [`Init::draw`] scales them.
    pub(super) fn scaled(&self, scales: &Scales) -> Pair {
        Pair {
            lesson: scaled(&self.pair.lesson, &scales.lesson),
            deeper: scaled(&self.pair.deeper, &scales.deeper),
        }
    }
}

/// Each parameter anew from N(0, 1), in their order: the lesson's `torch.randn` calls.
fn fill(parameters: &mut [Parameter], source: &mut impl Source<f32>) {
    for parameter in parameters {
        source.normal(0.0, 1.0, parameter.value.data_mut());
    }
}

/// Each value times its std; the mean in place of it where the std is 0.
fn scaled(standard: &Parameters, scales: &[(f64, f64)]) -> Parameters {
    let scaled = standard.0.iter().zip(scales).map(|(parameter, &(mean, std))| {
        let Parameter { name, role, value } = parameter;
        let constant = std == 0.0;
        let value = if constant { Tensor::full(value.shape(), mean as f32) } else { value.scale(std as f32) };
        Parameter { name: name.clone(), role: *role, value }
    });
    Parameters(scaled.collect())
}

#[cfg(test)]
mod tests {
    use torch_rng::Generator;

    use super::*;

    /// Holds a pair to both networks drawn alone from an initialisation.
    #[track_caller]
    fn assert_drawn_alone(pair: &Pair, init: &Init, seed: u64) {
        let alone =
            |network: Network| -> Parameters { init.draw(&network, &mut Generator::manual_seed(seed)) };
        assert!(pair.lesson == alone(Network::lesson()));
        let deep = alone(deep());
        let (trunk, deeper) = deep.0.split_at(shared());
        assert!(trunk == &pair.lesson.0[..shared()] && deeper == pair.deeper.0);
    }

    #[test]
    fn both_networks_are_those_drawn_alone() {
        let mut drawn = Drawn::new();
        for seed in [42, 43] {
            drawn.draw(Generator::manual_seed(seed));
            assert_drawn_alone(&drawn.pair, &Init::LESSON_RANDOM, seed);
            for init in [Init::LESSON_KAIMING, Init::LESSON_XAVIER] {
                assert_drawn_alone(&drawn.scaled(&Scales::of(&init)), &init, seed);
            }
        }
    }

    #[test]
    #[should_panic(expected = "pair.lesson == alone")]
    fn another_seed_is_told_apart() {
        let mut drawn = Drawn::new();
        drawn.draw(Generator::manual_seed(42));
        assert_drawn_alone(&drawn.pair, &Init::LESSON_RANDOM, 43);
    }
}
