//! A plan with the measures of all its cells.

use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;

use cli::Progress;
use sweep::{PlanValue, SweepPlan, SweepShard, run_shard};

/// A plan with the measures of all its cells.
pub struct ComputedSweep {
    /// The plan.
    pub plan: SweepPlan,
    /// One row per cell, in the order of the plan: its measures.
    rows: Vec<Vec<f64>>,
}

impl ComputedSweep {
    /// Computes every cell on all cores.
    ///
    /// # Panics
    /// If the text is no valid plan, or a cell cannot be computed.
    #[track_caller]
    pub fn of(text: &str) -> Self {
        let plan = SweepPlan::parse(text).unwrap_or_else(|error| panic!("{error} in a committed plan"));
        let progress = Progress::bar("cells", plan.cells() as usize);
        let mut rows = vec![Vec::new(); plan.cells() as usize];
        let threads = available_parallelism().map_or(1, usize::from);
        let computed = run_shard(
            &plan,
            SweepShard::WHOLE,
            threads,
            |_| false,
            &AtomicBool::new(false),
            |record| {
                rows[record.cell as usize].clone_from(&record.values);
                progress.step();
                Ok(())
            },
        );
        computed.unwrap_or_else(|error| panic!("{error}"));
        Self { plan, rows }
    }

    /// The values of an axis.
    ///
    /// # Panics
    /// If the plan has no such axis.
    #[track_caller]
    pub fn axis(&self, name: &str) -> &[PlanValue] {
        let axis = self.plan.axes.iter().find(|axis| axis.setting.name == name);
        &axis.unwrap_or_else(|| panic!("the plan has no axis {name}")).values
    }

    /// The values of a numeric axis as numbers.
    ///
    /// # Panics
    /// If the plan has no such axis, or its values are texts.
    #[track_caller]
    pub fn numbers(&self, axis: &str) -> Vec<f64> {
        let number = |value: &PlanValue| match value {
            PlanValue::Whole(number) => *number as f64,
            PlanValue::Number(number) => *number,
            PlanValue::Text(text) => panic!("{axis} has the text {text}"),
        };
        self.axis(axis).iter().map(number).collect()
    }

    /// A measure of every cell, in the order of the plan.
    ///
    /// # Panics
    /// If the plan does not have the measure.
    #[track_caller]
    pub fn measure(&self, name: &str) -> Vec<f64> {
        let at = self.plan.measures.iter().position(|measure| measure.to_string() == name);
        let at = at.unwrap_or_else(|| panic!("the plan does not measure {name}"));
        self.rows.iter().map(|row| row[at]).collect()
    }
}
