//! The distance of networks of finite width from the theory.

use cli::{Cell, Table};
use rayon::prelude::*;

use super::chain::{ChainMoments, DrawnChain};
use super::{mean, rms, tanh};
use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use crate::slope;

/// Layers behind the first.
const DEPTH: usize = 4;

/// Widths with the number of networks that are drawn: narrow ones vary more and cost less.
const WIDTHS: [(usize, usize); 5] = [(10, 2000), (30, 1000), (100, 300), (300, 100), (1000, 16)];

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "widths",
    title: "Theory against measurement at widths from 10 to 1,000",
    run: |lesson: &Lesson| {
        let field = tanh(5.0 / 3.0);
        let variances: Vec<f64> =
            std::iter::successors(Some(1.0), |&q| Some(field.variance(q))).take(DEPTH + 1).collect();
        let theory = (variances[DEPTH], variances[..DEPTH].iter().map(|&q| field.chi(q)).product::<f64>());
        let mut table = Table::new(&[
            ("width", "width"),
            ("draws", "networks"),
            ("variance", "variance, mean"),
            ("variance_deviation", "off by"),
            ("variance_spread", "one network"),
            ("gradient", "squared gradient, mean"),
            ("gradient_deviation", "off by"),
            ("gradient_spread", "one network"),
        ]);
        let mut spreads = Vec::new();
        for (width, draws) in WIDTHS {
            let chain = DrawnChain { field, width, depth: DEPTH };
            let seed = |draw: usize| lesson.seed + (1000 * width + draw) as u64;
            let moments = |draw| chain.run((1.0, 0.0), &mut *lesson.source.generator(seed(draw)));
            let draws: Vec<ChainMoments> = (0..draws).into_par_iter().map(moments).collect();
            let variance: Vec<f64> = draws.iter().map(|draw| draw.variance[DEPTH]).collect();
            let gradient: Vec<f64> = draws.iter().map(|draw| draw.gradient[0]).collect();
            let (variance, gradient) =
                (Deviation::of(&variance, theory.0), Deviation::of(&gradient, theory.1));
            let mut row = vec![Cell::Count(width as u64), Cell::Count(draws.len() as u64)];
            row.extend(variance.cells().into_iter().chain(gradient.cells()));
            table.push(row);
            spreads.push((width as f64, variance.spread, gradient.spread));
        }
        let power = |of: fn(&(f64, f64, f64)) -> f64| {
            slope(&spreads.iter().map(|at| (at.0.ln(), of(at).ln())).collect::<Vec<_>>())
        };
        let notes = format!(
            "tanh, gain 5/3, {DEPTH} layers, from a variance of 1. Theory: variance {:.4}, squared gradient {:.4}. Off by: the mean over the networks against theory, ± its standard error. One network: the root mean square of the deviations of single networks. It falls with the width to the power {:.2} and {:.2}; independent units give −½.",
            theory.0,
            theory.1,
            power(|at| at.1),
            power(|at| at.2),
        );
        Output::table(table).notes([notes])
    },
};

/// The deviation of measured values from theory, relative to it.
struct Deviation {
    mean: f64,
    off: f64,
    error: f64,
    spread: f64,
}

impl Deviation {
    fn of(values: &[f64], theory: f64) -> Self {
        let relative: Vec<f64> = values.iter().map(|value| value / theory - 1.0).collect();
        let off = mean(&relative);
        let around: Vec<f64> = relative.iter().map(|x| x - off).collect();
        let error = rms(&around) / (values.len() as f64).sqrt();
        Self { mean: mean(values), off, error, spread: rms(&relative) }
    }

    fn cells(&self) -> [Cell; 3] {
        let percent = |x: f64| 100.0 * x;
        let off = format!("{:+.1}% ± {:.1}%", percent(self.off), percent(self.error));
        [Cell::fixed(self.mean, 4), Cell::text(off), Cell::percent(self.spread)]
    }
}
