//! The lecture's studies of one product of 1000 × 1000.

use cli::{Cell, Table};

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::studies::{self, Study};

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "studies",
    title: "One product of 1000 × 1000, alone and followed by a normalisation: standard deviations",
    run: |_: &Lecture| {
        let mut table = Table::new(&[
            ("study", "study"),
            ("value", "value"),
            ("std", "std"),
            ("gradient", "std of gradient"),
        ]);
        let studies = studies::lectures();
        for (name, study) in &studies {
            for &(value, std) in &study.forward {
                table.push(vec![
                    Cell::text(*name),
                    Cell::text(value),
                    Cell::fixed(std, 6),
                    gradient(study, value, 6),
                ]);
            }
        }
        Output::table(table).brief(brief(&studies))
    },
};

fn gradient(study: &Study, value: &str, decimals: usize) -> Cell {
    let gradient = study.backward.iter().find(|(other, _)| *other == value);
    gradient.map_or(Cell::text(""), |&(_, std)| Cell::fixed(std, decimals))
}

/// One row per study: the output, and the gradients of the two factors, input and weight.
fn brief(studies: &[(&'static str, Study)]) -> Table {
    let mut table = Table::new(&[
        ("study", "study"),
        ("output", "std of the output"),
        ("input_gradient", "std of the input's gradient"),
        ("weight_gradient", "std of the weight's gradient"),
    ]);
    for (name, study) in studies {
        if let [(input, _), (weight, _), .., (_, output)] = study.forward[..] {
            let gradients = [input, weight].map(|value| gradient(study, value, 3));
            table.push([Cell::text(*name), Cell::fixed(output, 3)].into_iter().chain(gradients).collect());
        }
    }
    table
}
