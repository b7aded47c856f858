//! The distance of copies from their runs, beside what the tangent says.

use autograd::Tape;
use cli::{Cell, Table};
use plot::{Curve, Figure, LinePanel};
use rayon::prelude::*;

use super::pair::{CopiedRun, OFFSET, Start, data};
use super::ranks::mean;
use crate::artifact::{Artifact, Output};

pub(crate) const ARTIFACT: Artifact = Artifact {
    id: "growth-distance",
    title: "Growth of a small difference in training: real copies and the tangent",
    run: |_| {
        let data = data();
        let followed: Vec<ComparedRun> =
            GAINS.into_par_iter().map(|gain| ComparedRun::of(gain, &data)).collect();
        output(&followed)
    },
};

const GAINS: [f64; 4] = [1.0, 5.0 / 3.0, 3.0, 4.0];
const RATE: f64 = 0.1;
const SEED: u64 = 1;

/// Steps of a run, and of a block between two notes.
const STEPS: usize = 2000;
const BLOCK: usize = 50;

/// Parts of a run in which a slope is fitted: the first block, the one after the last, and Student's t at 97.5% with one degree of
/// freedom less than blocks.
const EARLY: (usize, usize, f64) = (0, 6, 2.571);
const LATE: (usize, usize, f64) = (20, 40, 2.093);

/// One run.
struct ComparedRun {
    gain: f64,
    /// ln of the growth of the tangent and of a real copy's distance, at the start and after each block.
    notes: Vec<(f64, f64)>,
}

impl ComparedRun {
    fn of(gain: f64, data: &specimen::Batch) -> Self {
        let mut pair = CopiedRun::new(Start { gain, rate: RATE, seed: SEED });
        let mut tape = Tape::new();
        let mut notes = vec![(0.0, 0.0)];
        for _ in 0..STEPS / BLOCK {
            (0..BLOCK).for_each(|_| pair.step(&mut tape, data));
            notes.push((pair.growth, pair.parted()));
        }
        Self { gain, notes }
    }

    /// The growth per step over a part, and half the width of its 95% interval: the blocks count as independent.
    fn slope(&self, (first, end, student): (usize, usize, f64)) -> (f64, f64) {
        let notes = &self.notes[first..=end];
        let blocks: Vec<f64> = notes.windows(2).map(|pair| (pair[1].0 - pair[0].0) / BLOCK as f64).collect();
        let (count, mean) = (blocks.len() as f64, mean(blocks.iter().copied()));
        let variance = blocks.iter().map(|block| (block - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, student * (variance / count).sqrt())
    }

    /// `(step, relative distance)` by one of the two growths, up to a distance of 1.
    fn curve(&self, growth: fn(&(f64, f64)) -> f64) -> Vec<(f64, f64)> {
        let distances = self.notes.iter().map(growth).map(|growth| OFFSET * growth.exp());
        let points = distances.enumerate().map(|(at, distance)| ((at * BLOCK) as f64, distance));
        points.take_while(|(_, distance)| *distance < 1.0).collect()
    }
}

fn output(followed: &[ComparedRun]) -> Output {
    let mut table = Table::new(&[
        ("gain", "gain"),
        ("step", "step"),
        ("growth", "ln of the tangent's growth"),
        ("parted", "ln of a copy's growth"),
    ]);
    let mut brief = Table::new(&[
        ("gain", "gain"),
        ("early", "growth per step, steps 0 to 300"),
        ("late", "growth per step, steps 1,000 to 2,000"),
        ("total", "the tangent's factor over 2,000 steps"),
    ]);
    let mut curves = Vec::new();
    for run in followed {
        for (at, (growth, parted)) in run.notes.iter().enumerate() {
            let step = Cell::Count((at * BLOCK) as u64);
            table.push(vec![
                Cell::fixed(run.gain, 2),
                step,
                Cell::fixed(*growth, 3),
                Cell::fixed(*parted, 3),
            ]);
        }
        let [early, late] = [EARLY, LATE].map(|part| {
            let (slope, error) = run.slope(part);
            format!("{slope:.4} ± {error:.4}")
        });
        let name = format!("gain {:.2}: {early}, then {late}", run.gain);
        curves.push(Curve::new(name, run.curve(|(_, parted)| *parted)));
        curves.push(Curve::new("by the tangent", run.curve(|(growth, _)| *growth)).dashed().same_colour());
        brief.push(vec![
            Cell::fixed(run.gain, 2),
            Cell::text(early),
            Cell::text(late),
            Cell::text(format!("{:.1e}", run.notes.last().map_or(f64::NAN, |(growth, _)| growth.exp()))),
        ]);
    }
    let panel = LinePanel::new("", curves)
        .log_y()
        .x_label("step")
        .y_label("distance of the copy, relative to the parameters");
    let figure = Figure::new("Real copies follow the tangent until they are far from the run", [panel])
        .caption(format!(
        "One run per gain, at the rate {RATE}; the tangent is drawn up to a distance of 1, and lies on the copy at the other gains. Numbers: \
         growth per step of the tangent's logarithm, up to step 300, then from step 1,000 on; ± from blocks of 50 steps within the run."
    ));
    let note = "Growth per step is that of the tangent's logarithm; ± is half the width of a 95% interval over blocks of 50 steps.";
    Output::figure(table, figure, false).brief(brief).notes([note.to_owned()])
}
