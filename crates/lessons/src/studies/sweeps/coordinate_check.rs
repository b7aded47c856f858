//! The coordinate check: exponents of sizes and changes, in width and in depth.

use cli::{Cell, Table};
use diagnostics::scaling::{
    ScaledQuantity, ScalingAspect, ScalingCheck, ScalingExpectations, ScalingMeasurement,
    ScalingMeasurements, ScalingOutcome, ScalingRole, ScalingRow,
};
use plot::{Curve, Figure, LinePanel};

use super::residual_depth::{SCALINGS, STEPS, check};
use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};

const SGD: &str = include_str!("../../../../../plans/small/coordinate-check-sgd.toml");
const ADAM: &str = include_str!("../../../../../plans/small/coordinate-check-adam.toml");

pub(super) const ARTIFACT: Artifact<SmallSweeps> = Artifact {
    id: "coordinate-check",
    title: "Coordinate check: powers of width and depth, with 95% intervals",
    run: |sweeps| output(&sweeps.get(SGD), &sweeps.get(ADAM)),
};

/// A check by one table, and by the table of what should transfer.
struct TwoTables {
    name: String,
    /// The judgement by the table of the parametrisation itself, if it has one.
    own: Option<ScalingCheck>,
    /// The judgement by the table of μP or of `CompleteP`.
    transfer: ScalingCheck,
}

fn output(sgd: &ComputedSweep, adam: &ComputedSweep) -> Output {
    let standard = [ScalingExpectations::standard_sgd(), ScalingExpectations::standard_adam()];
    let mup = [ScalingExpectations::mup_sgd(), ScalingExpectations::mup_adam()];
    let mut checks = Vec::new();
    for ((sweep, optimiser), (standard, mup)) in
        [(sgd, "SGD"), (adam, "Adam")].into_iter().zip(standard.iter().zip(&mup))
    {
        for (at, (name, own)) in [("standard", standard), ("μP", mup)].into_iter().enumerate() {
            let measured = of_sweep(sweep, at);
            let [own, transfer] = [own, mup].map(|table| measured.check(table).expect("five widths"));
            checks.push(TwoTables { name: format!("{name}, {optimiser}"), own: Some(own), transfer });
        }
    }
    for scaling in SCALINGS {
        checks.push(TwoTables {
            name: format!("{}, Adam", scaling.name),
            own: None,
            transfer: check(scaling),
        });
    }
    let panels: Vec<LinePanel> = checks.iter().map(panel).collect();
    let figure = Figure::new(
        "Within a power of 0.2, μP keeps every change at its size in width, CompleteP in depth",
        panels,
    )
    .shared_axes();
    Output::figure(table(&checks, |_| true), figure, false)
        .brief(table(&checks, is_brief))
        .notes([notes(&checks)])
}

/// The measurements of one parametrisation, by its place on the first axis.
fn of_sweep(sweep: &ComputedSweep, parametrization: usize) -> ScalingMeasurements {
    let (widths, seeds) = (sweep.numbers("width"), sweep.axis("seed").len());
    let mut measurements = ScalingMeasurements::default();
    let steps = [0].into_iter().chain(STEPS);
    for (step, aspect) in steps.flat_map(|step| [(step, ScalingAspect::Size), (step, ScalingAspect::Change)])
    {
        if (step, aspect) == (0, ScalingAspect::Change) {
            continue;
        }
        for (role, measure, name) in [
            (ScalingRole::Input, "first", "first layer"),
            (ScalingRole::Hidden, "last", "last layer"),
            (ScalingRole::Logits, "logits", "logits"),
        ] {
            let of = if aspect == ScalingAspect::Size { "rms" } else { "change" };
            let at = if step == 0 { String::new() } else { format!("@{step}") };
            let values = sweep.measure(&format!("{measure}_{of}{at}"));
            let own = values.chunks(widths.len() * seeds).nth(parametrization).expect("two parametrisations");
            for (&width, rms) in widths.iter().zip(own.chunks(seeds)) {
                for (seed, &rms) in (0..).zip(rms) {
                    let quantity = ScaledQuantity { role, name: name.to_owned(), aspect };
                    let measurement = ScalingMeasurement { size: width as usize, seed, step, quantity, rms };
                    measurements.push(measurement).expect("each cell is one network");
                }
            }
        }
    }
    measurements
}

fn table(checks: &[TwoTables], wanted: fn(&ScalingRow) -> bool) -> Table {
    let mut table = Table::new(&[
        ("networks", "networks"),
        ("quantity", "quantity"),
        ("step", "step"),
        ("exponent", "exponent"),
        ("low", "low"),
        ("high", "high"),
        ("expected", "own table"),
        ("outcome", ""),
        ("transfer", "μP or CompleteP"),
    ]);
    for check in checks {
        for (at, row) in check.transfer.rows.iter().enumerate().filter(|(_, row)| wanted(row)) {
            let own = check.own.as_ref().map(|own| &own.rows[at]);
            let (value, low, high) = row
                .exponent
                .as_ref()
                .map_or((f64::NAN, f64::NAN, f64::NAN), |e| (e.value, e.low(), e.high()));
            let expected =
                own.and_then(|own| own.expected.as_ref()).map_or_else(String::new, ToString::to_string);
            table.push(vec![
                Cell::text(&check.name),
                Cell::text(row.quantity.to_string()),
                Cell::Count(row.step as u64),
                Cell::rounded(value, 2),
                Cell::rounded(low, 2),
                Cell::rounded(high, 2),
                Cell::text(expected),
                Cell::text(own.map_or_else(String::new, |own| own.outcome.to_string())),
                Cell::text(row.outcome.to_string()),
            ]);
        }
    }
    table
}

fn is_brief(row: &ScalingRow) -> bool {
    row.step == 1 && row.quantity.aspect == ScalingAspect::Change
        || row.step == 0 && row.quantity.role != ScalingRole::Input
}

/// The exponents of changes against the step.
fn panel(check: &TwoTables) -> LinePanel {
    let curve = |role: ScalingRole| {
        let changes = check.transfer.rows.iter().filter(|row| row.quantity.role == role);
        let changes = changes.filter(|row| row.quantity.aspect == ScalingAspect::Change);
        let exponents = changes.filter_map(|row| Some((row, row.exponent.as_ref()?)));
        let (points, band): (Vec<_>, Vec<_>) = exponents
            .map(|(row, exponent)| ((row.step as f64, exponent.value), (exponent.low(), exponent.high())))
            .unzip();
        let name = match role {
            ScalingRole::Input => "first layer",
            ScalingRole::Hidden => "last layer",
            _ => "logits",
        };
        Curve::new(name, points).band(band).dots()
    };
    let axis = check.transfer.axis;
    let curves = [ScalingRole::Input, ScalingRole::Hidden, ScalingRole::Logits].map(curve);
    LinePanel::new(&check.name, curves.to_vec())
        .x_label("after step")
        .y_label(format!("exponent in {axis} of the change"))
        .holding(0.0)
}

fn notes(checks: &[TwoTables]) -> String {
    let count = |outcome| {
        let of = |check: &&TwoTables| check.transfer.rows.iter().any(|row| row.outcome == outcome);
        checks.iter().filter(of).map(|check| check.name.as_str()).collect::<Vec<_>>()
    };
    let transfers = checks.iter().filter(|check| check.transfer.passed()).map(|check| check.name.as_str());
    format!(
        "Networks of width: 16-n-n-10 with ReLU, widths {:?}, {} seeds. Networks of depth: residual blocks of 64 units, depths {:?}, {} seeds. The last column judges by \
         μP, or by CompleteP in depth: everything passes for {}; something fails for {}. Margin {} on each side.",
        checks[0].transfer.sizes,
        checks[0].transfer.seeds,
        checks[checks.len() - 1].transfer.sizes,
        checks[checks.len() - 1].transfer.seeds,
        transfers.collect::<Vec<_>>().join("; "),
        count(ScalingOutcome::Fail).join("; "),
        checks[0].transfer.margin,
    )
}
