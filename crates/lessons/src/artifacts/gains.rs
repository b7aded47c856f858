//! The gain of every activation, by every rule.

use nn_init::{Critical, Gain};
use tensor::Activation;

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;
use cli::{Cell, Table};

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "gains",
    title: "Gains: PyTorch's table, and what each activation asks for",
    run: |_: &Lesson| {
        let mut table = Table::new(&[
            ("activation", "activation"),
            ("torch", "PyTorch"),
            ("forward", "forward"),
            ("backward", "backward"),
            ("critical", "critical"),
            ("variance", "at variance"),
        ]);
        for activation in Activation::ALL {
            let critical = Critical::of(activation);
            table.push(vec![
                Cell::text(activation.to_string()),
                number(Gain::torch(activation).map(Gain::value), "none"),
                number(Some(Gain::forward(activation).value()), "none"),
                number(Some(Gain::backward(activation).value()), "none"),
                number(critical.map(|edge| edge.gain), "none"),
                critical.map_or(Cell::text("none"), |edge| variance(edge.variance)),
            ]);
        }
        Output::table(table)
    },
};

/// Four places, or the word for there being none.
fn number(x: Option<f64>, none: &str) -> Cell {
    x.map_or_else(|| Cell::text(none), |x| Cell::fixed(x, 4))
}

/// The variance at the edge of chaos, where there is just one.
fn variance(q: Option<f64>) -> Cell {
    match q {
        None => Cell::text("every"),
        Some(0.0) => Cell::Number(0.0, "0".to_owned()),
        Some(q) => Cell::fixed(q, 4),
    }
}
