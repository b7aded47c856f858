//! The numbers of one seed: the lesson's network and a deeper one, drawn and scaled once where they are alike.
//!
//! The deeper one goes on where the lesson's makes its logits, so of its own it has only the layers from there on.

use specimen::{Mlp, Parameters, fill_normal};
use tensor::Pool;
use torch_rng::Source;

/// What the audit calls a deeper net: twice the lesson's hidden layers.
pub(super) const DEEP: Mlp = Mlp { hidden: 2 * Mlp::LESSON.hidden, ..Mlp::LESSON };

/// N(0, 1) for every parameter, anew at each seed in the same room.
pub(super) struct Drawn {
    /// The lesson's network.
    pub(super) lesson: Parameters,
    /// What the deeper one has in place of the lesson's last layer.
    pub(super) deeper: Parameters,
    /// Parameters that both networks have: C to b3.
    alike: usize,
    /// Room for what is scaled.
    _pool: Pool,
}

impl Drawn {
    pub(super) fn new() -> Self {
        let (lesson, deep) = (Mlp::LESSON.plan(), DEEP.plan());
        let alike = lesson.iter().zip(&deep).take_while(|(ours, theirs)| ours == theirs).count();
        let pool = Pool::new();
        let room = |plan| {
            let mut parameters = Parameters::zeros(plan);
            parameters
                .0
                .iter_mut()
                .for_each(|parameter| parameter.value = pool.adopt(parameter.value.clone()));
            parameters
        };
        let (lesson, deeper) = (room(lesson), room(deep[alike..].to_vec()));
        Self { lesson, deeper, alike, _pool: pool }
    }

    /// Both networks, each as if it alone were drawn from `source`.
    pub(super) fn draw(&mut self, mut source: impl Source<f32> + Clone) {
        let (trunk, last) = self.lesson.0.split_at_mut(self.alike);
        fill_normal(trunk, &mut source);
        fill_normal(last, &mut source.clone());
        fill_normal(&mut self.deeper.0, &mut source);
    }
}

#[cfg(test)]
mod tests {
    use specimen::{Start, standard_normal};
    use torch_rng::Generator;

    use super::*;

    #[test]
    fn both_networks_are_those_drawn_alone() {
        let mut drawn = Drawn::new();
        let alone = |seed, mlp| standard_normal::<f32>(mlp, &mut Generator::manual_seed(seed));
        for seed in [42, 43] {
            drawn.draw(Generator::manual_seed(seed));
            assert!(drawn.lesson == alone(seed, &Mlp::LESSON));
            assert!(drawn.lesson != alone(seed + 1, &Mlp::LESSON));
            let deep = alone(seed, &DEEP);
            let (trunk, deeper) = deep.0.split_at(drawn.alike);
            assert!(trunk == &drawn.lesson.0[..drawn.alike] && deeper == drawn.deeper.0);
        }
    }

    #[test]
    fn the_deeper_part_is_scaled_as_in_its_network() {
        let mut drawn = Drawn::new();
        drawn.draw(Generator::manual_seed(42));
        let deep = standard_normal::<f32>(&DEEP, &mut Generator::manual_seed(42));
        for start in [Start::LESSON_KAIMING, Start::LESSON_XAVIER] {
            let (part, whole) = (start.rescale(&drawn.deeper), start.rescale(&deep));
            assert!(whole.0.ends_with(&part.0));
        }
    }
}
