//! The numbers of one seed: the lesson's network and a deeper one, drawn and scaled once where they are alike.

use specimen::{Mlp, Parameters, Role, Start, standard_normal_of};
use tensor::Shape;
use torch_rng::Source;

type Parts = [(String, Role, Shape)];

/// What both networks draw first, C to b3, and what each draws then.
pub(super) struct Plan {
    trunk: Box<Parts>,
    heads: [Box<Parts>; 2],
}

/// N(0, 1) for every parameter of a [`Plan`].
pub(super) struct Drawn {
    trunk: Parameters,
    heads: [Parameters; 2],
}

impl Plan {
    /// What the audit calls a deeper net: twice the lesson's hidden layers.
    pub(super) const DEEP: Mlp = Mlp { hidden: 2 * Mlp::LESSON.hidden, ..Mlp::LESSON };

    pub(super) fn new() -> Self {
        let (lesson, deep) = (Mlp::LESSON.plan(), Self::DEEP.plan());
        let alike = lesson.iter().zip(&deep).take_while(|(ours, theirs)| ours == theirs).count();
        let heads = [lesson[alike..].into(), deep[alike..].into()];
        Self { trunk: lesson[..alike].into(), heads }
    }

    /// Both networks, each as if it alone were drawn from `source`.
    pub(super) fn draw(&self, mut source: impl Source<f32> + Clone) -> Drawn {
        let trunk = standard_normal_of(self.trunk.iter().cloned(), &mut source);
        let heads =
            self.heads.each_ref().map(|head| standard_normal_of(head.iter().cloned(), &mut source.clone()));
        Drawn { trunk, heads }
    }
}

impl Drawn {
    /// The lesson's network and the deeper one under a start.
    pub(super) fn under(&self, start: &Start) -> [Parameters; 2] {
        let trunk = start.rescale(&self.trunk);
        self.heads.each_ref().map(|head| {
            let head = start.rescale(head);
            Parameters(trunk.0.iter().cloned().chain(head.0).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use specimen::standard_normal;
    use torch_rng::Generator;

    use super::*;

    #[test]
    fn both_networks_are_those_drawn_alone() {
        let drawn = Plan::new().draw(Generator::manual_seed(42));
        for start in [Start::LESSON_RANDOM, Start::LESSON_KAIMING] {
            for (mlp, parameters) in [Mlp::LESSON, Plan::DEEP].iter().zip(drawn.under(&start)) {
                let alone = standard_normal(mlp, &mut Generator::manual_seed(42));
                assert!(parameters == start.rescale(&alone));
                let other = standard_normal(mlp, &mut Generator::manual_seed(43));
                assert!(parameters != start.rescale(&other));
            }
        }
    }
}
