//! The growth of a difference between two runs against PyTorch's, which `reference/make.py` records.

use specimen::{Batch, Curvature, Model, Tangent, Tape};

use crate::reference::Paragraph;

const RECORDED: &str = include_str!("reference/growth.txt");

/// One recorded pair of runs.
struct Case {
    model: Model<f64>,
    batches: Vec<Batch>,
    rate: f64,
    start: Vec<f64>,
    growth: Vec<f64>,
    distance: Vec<f64>,
}

fn cases() -> Vec<Case> {
    let case = |paragraph| {
        let paragraph = Paragraph(paragraph);
        let [rate] = paragraph.numbers("rate")[..] else { panic!("one rate") };
        Case {
            model: paragraph.model(),
            batches: paragraph.batches(),
            rate,
            start: paragraph.numbers("start"),
            growth: paragraph.numbers("growth"),
            distance: paragraph.numbers("distance"),
        }
    };
    let cases: Vec<_> = RECORDED.split("\n\n").skip(1).map(case).collect();
    assert_eq!(
        cases.iter().map(|case| case.growth.len()).collect::<Vec<_>>(),
        [30, 30],
        "the record is truncated"
    );
    cases
}

impl Case {
    /// The growth of each step by a map of the tangent at the model before that step.
    fn grown(&self, map: impl Fn(&Self, &Model<f64>, &Batch, &[f64]) -> Vec<f64>) -> Vec<f64> {
        let (mut model, mut tangent) = (self.model.clone(), Tangent::new(self.start.clone()));
        let mut step = |batch| {
            let growth = tangent.advance(|v| map(self, &model, batch, v));
            descend(&mut model, batch, self.rate);
            growth
        };
        self.batches.iter().map(&mut step).collect()
    }

    fn tangent(&self) -> Vec<f64> {
        self.grown(|case, model, batch, v| model.sgd_difference(batch, case.rate, v))
    }
}

fn descend(model: &mut Model<f64>, batch: &Batch, rate: f64) {
    let pass = model.pass(&mut Tape::new(), batch);
    model.sgd_step(&pass, rate);
}

/// The largest difference of two lists.
fn worst(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |worst, (a, b)| (a - b).abs().max(worst))
}

/// Thirty steps grow a rounding of 1e-16 less than a thousandfold; PyTorch's and ours differ in a few hundred of them.
const TOLERANCE: f64 = 1e-10;

#[test]
fn growth_is_pytorchs() {
    for case in cases() {
        let off = worst(&case.tangent(), &case.growth);
        assert!(off < TOLERANCE, "{off}");
    }
}

#[test]
fn other_maps_are_rejected() {
    for case in cases() {
        let frozen = case.grown(|case, _, batch, v| case.model.sgd_difference(batch, case.rate, v));
        let gauss_newton = case.grown(|case, model, batch, v| {
            let product = model.curvature_product(Curvature::GaussNewton, batch, v);
            v.iter().zip(product).map(|(v, product)| v - case.rate * product).collect()
        });
        for other in [frozen, gauss_newton] {
            assert!(worst(&other, &case.growth) > 1e-4, "{other:?}");
        }
    }
}

/// The factors are those by which two real runs part, here and in PyTorch, which start 1e-6 apart: to first order in the
/// distance, which stays below 1e-5.
#[test]
fn real_runs_part_by_the_growth() {
    for case in cases() {
        assert!(worst(&case.growth, &case.distance) < 1e-5);
        let (mut run, mut copy) = (case.model.clone(), case.model.clone());
        let tangent = Tangent::new(case.start.clone());
        let mut offset = tangent.direction().iter().map(|v| 1e-6 * v);
        for parameter in &mut copy.parameters.0 {
            parameter
                .value
                .data_mut()
                .iter_mut()
                .zip(&mut offset)
                .for_each(|(value, offset)| *value += offset);
        }
        let mut apart = vec![distance(&run, &copy)];
        for batch in &case.batches {
            descend(&mut run, batch, case.rate);
            descend(&mut copy, batch, case.rate);
            apart.push(distance(&run, &copy));
        }
        let factors: Vec<f64> = apart.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
        // A distance of 1e-6 has ten digits of double precision.
        assert!(worst(&factors, &case.distance) < 1e-8, "{factors:?}");
        assert!(worst(&factors, &case.tangent()) < 1e-5);
    }
}

fn distance(a: &Model<f64>, b: &Model<f64>) -> f64 {
    let pairs = a.parameters.0.iter().zip(&b.parameters.0);
    let pairs = pairs.flat_map(|(a, b)| a.value.data().iter().zip(b.value.data()));
    pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}
