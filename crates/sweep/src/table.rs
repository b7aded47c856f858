//! The columns and rows of a merged table.

use crate::{CellRecord, PlanValue, SweepPlan, ValueKind};

/// The columns of a sweep's table: its axes in order, its measures in order, and, where processors differ, `cpu`.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepColumns<'a> {
    plan: &'a SweepPlan,
    /// True if the last column says by which instruction set a row was computed.
    cpu: bool,
}

impl<'a> SweepColumns<'a> {
    /// The columns of a plan.
    pub fn new(plan: &'a SweepPlan, cpu: bool) -> Self {
        Self { plan, cpu }
    }

    /// Names and kinds, in order.
    pub fn named(&self) -> Vec<(String, ValueKind)> {
        let axes = self.plan.axes.iter().map(|axis| (axis.setting.name.to_owned(), axis.setting.kind));
        let measures = self.plan.measures.iter().map(|measure| (measure.to_string(), ValueKind::Number));
        let cpu = self.cpu.then(|| ("cpu".to_owned(), ValueKind::Text));
        axes.chain(measures).chain(cpu).collect()
    }

    /// The values of a row, in order.
    pub fn row(&self, record: &CellRecord) -> Vec<PlanValue> {
        let coordinates = self.plan.coordinates(record.cell).map(|(_, value)| value.clone());
        let values = record.values.iter().map(|&value| PlanValue::Number(value));
        let cpu = self.cpu.then(|| PlanValue::Text(record.level.name().to_owned()));
        coordinates.chain(values).chain(cpu).collect()
    }

    /// The first line of a CSV file, with its line feed.
    pub fn csv_header(&self) -> String {
        line(self.named().into_iter().map(|(name, _)| name))
    }

    /// The line of a record in a CSV file, with its line feed. Numbers have the fewest digits that identify them; NaN and
    /// infinity are `NaN`, `inf` and `-inf`.
    pub fn csv_row(&self, record: &CellRecord) -> String {
        line(self.row(record).iter().map(PlanValue::to_string))
    }
}

fn line(fields: impl Iterator<Item = String>) -> String {
    let quoted = fields.map(|field| {
        let plain = !field.contains([',', '"', '\n', '\r']);
        if plain { field } else { format!("\"{}\"", field.replace('"', "\"\"")) }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}
