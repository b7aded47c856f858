//! The gains of every activation: PyTorch's, and those derived by quadrature.

use cli::{Cell, Table};
use nn_init::{Critical, Gain};
use tensor::Activation;

use crate::artifact::{Artifact, Output};
use crate::lesson::Lesson;

pub(super) const ARTIFACT: Artifact = Artifact {
    id: "gains",
    title: "Gains: PyTorch's table, and those derived for each activation",
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
                number(Gain::torch(activation).map(Gain::value)),
                number(Some(Gain::forward(activation).value())),
                number(Some(Gain::backward(activation).value())),
                number(critical.map(|edge| edge.gain)),
                critical.map_or(Cell::text("none"), |edge| variance(edge.variance)),
            ]);
        }
        Output::table(table)
    },
};

/// Four decimals, or `none` if there is no value.
fn number(x: Option<f64>) -> Cell {
    x.map_or_else(|| Cell::text("none"), |x| Cell::fixed(x, 4))
}

/// The variance at the edge of chaos: `every` if all variances are critical.
fn variance(q: Option<f64>) -> Cell {
    match q {
        None => Cell::text("every"),
        Some(0.0) => Cell::Number(0.0, "0".to_owned()),
        Some(q) => Cell::fixed(q, 4),
    }
}
