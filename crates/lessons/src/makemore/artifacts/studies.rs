//! One product of a thousand by a thousand.

use crate::artifact::{Artifact, Output};
use crate::makemore::lecture::Lecture;
use crate::makemore::studies;
use cli::{Cell, Table};

pub(super) const ARTIFACT: Artifact<Lecture> = Artifact {
    id: "studies",
    title: "One product of 1000 × 1000, and a normalisation behind it: standard deviations",
    run: |_: &Lecture| {
        let mut table = Table::new(&[
            ("study", "study"),
            ("value", "value"),
            ("std", "std"),
            ("gradient", "std of gradient"),
        ]);
        for (name, study) in studies::lectures() {
            for (value, std) in study.forward {
                let gradient = study.backward.iter().find(|(other, _)| *other == value);
                let gradient = gradient.map_or(Cell::text(""), |&(_, gradient)| Cell::fixed(gradient, 6));
                table.push(vec![Cell::text(name), Cell::text(value), Cell::fixed(std, 6), gradient]);
            }
        }
        Output::table(table)
    },
};
