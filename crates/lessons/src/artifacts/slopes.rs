//! Which slopes carry the gradient through the layers of the random init.

use autograd::Tape;
use cli::{Cell, Table};
use specimen::{Init, Model};

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "slopes",
    title: "Which slopes carry the gradient, random init",
    run: |lesson: &Lesson| {
        let parameters = lesson.source.draw(lesson.seed, &lesson.network, &Init::LESSON_RANDOM);
        let pass = Model::new(lesson.network.clone(), parameters).pass(&mut Tape::new(), &lesson.batch);
        let mut table = Table::new(&[
            ("layer", "layer"),
            ("slope_squared", "mean squared slope"),
            ("beyond", "|h| > 0.99"),
            ("from_beyond", "their share of it"),
            ("steep", "slope > ½"),
            ("from_steep", "their share of it"),
        ]);
        for (layer, number) in pass.layers.iter().zip(1..) {
            let (values, slopes) = lesson.network.activation.apply(&layer.pre);
            let pairs: Vec<(f64, f64)> = (values.data().iter().zip(slopes.data()))
                .map(|(&value, &slope)| (f64::from(value).abs(), f64::from(slope)))
                .collect();
            let of = |chosen: &dyn Fn(f64, f64) -> bool| SlopeShare::of(&pairs, chosen);
            let beyond = of(&|value, _| value > 0.99);
            let steep = of(&|_, slope| slope > 0.5);
            table.push(vec![
                Cell::text(format!("Layer {number}")),
                Cell::fixed(beyond.mean, 4),
                Cell::percent(beyond.count),
                Cell::percent_to(beyond.sum, 2),
                Cell::percent(steep.count),
                Cell::percent(steep.sum),
            ]);
        }
        Output::table(table)
    },
};

/// Some of the activations of a layer: their share of the number, and of the sum of squared slopes.
struct SlopeShare {
    mean: f64,
    count: f64,
    sum: f64,
}

impl SlopeShare {
    fn of(pairs: &[(f64, f64)], chosen: &dyn Fn(f64, f64) -> bool) -> Self {
        let all: f64 = pairs.iter().map(|(_, slope)| slope * slope).sum();
        let some = pairs.iter().filter(|&&(value, slope)| chosen(value, slope));
        let sum: f64 = some.clone().map(|(_, slope)| slope * slope).sum();
        let n = pairs.len() as f64;
        Self { mean: all / n, count: some.count() as f64 / n, sum: sum / all }
    }
}
