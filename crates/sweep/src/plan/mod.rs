//! Plans: the axes, fixed settings and measures of a sweep.

mod axis;
mod error;
mod parse;
mod value;

pub use axis::SweepAxis;
pub use error::PlanError;
pub use value::{PlanValue, ValueKind};

use sha2::{Digest, Sha256};

use crate::{CellSettings, Measure, SeedPolicy, Setting};

/// What is computed: for every combination of the axes' values, a network with these settings, and its measures.
///
/// ```
/// use sweep::SweepPlan;
///
/// let plan = SweepPlan::parse(
///     "version = 1\nmeasure = ['loss@300', 'xi_c']\n[axes]\ndepth = [2, 4, 8]\ngain = { log = [0.5, 4], points = 64 }\n\
///      seed = { count = 8 }\n[fixed]\nwidth = 100\n[train]\nsgd = 0.1\nsteps = 300",
/// )?;
/// assert_eq!(plan.cells(), 3 * 64 * 8);
/// let coordinates: Vec<String> = plan.coordinates(9).map(|(setting, value)| format!("{}={value}", setting.name)).collect();
/// assert_eq!(coordinates, ["depth=2", "gain=0.5167788915035139", "seed=1"]);
/// # Ok::<(), sweep::PlanError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPlan {
    /// What is measured in each cell, in order.
    pub measures: Vec<Measure>,
    /// The axes in order; the last one changes from cell to cell.
    pub axes: Vec<SweepAxis>,
    /// Settings with one value for all cells.
    pub fixed: Vec<(&'static Setting, PlanValue)>,
    /// The seed of a cell.
    pub seeds: SeedPolicy,
}

impl SweepPlan {
    /// The number of cells: the product of the axes' lengths.
    pub fn cells(&self) -> u64 {
        self.axes.iter().map(|axis| axis.values.len() as u64).product()
    }

    /// The value of each axis in a cell: mixed radix, the last axis changing fastest.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn coordinates(&self, cell: u64) -> impl Iterator<Item = (&'static Setting, &PlanValue)> {
        assert!(cell < self.cells(), "coordinates: cell {cell} of {}", self.cells());
        let mut stride = self.cells();
        self.axes.iter().map(move |axis| {
            let length = axis.values.len() as u64;
            stride /= length;
            (axis.setting, &axis.values[(cell / stride % length) as usize])
        })
    }

    /// The cell with these indices into the values of the axes.
    ///
    /// # Panics
    /// If there is not one index for each axis, below its length.
    #[track_caller]
    pub fn cell(&self, indices: &[usize]) -> u64 {
        assert!(
            indices.len() == self.axes.len(),
            "cell: {} indices for {} axes",
            indices.len(),
            self.axes.len()
        );
        let step = |cell: u64, (axis, &index): (&SweepAxis, &usize)| {
            assert!(index < axis.values.len(), "cell: index {index} of the axis {}", axis.setting.name);
            cell * axis.values.len() as u64 + index as u64
        };
        self.axes.iter().zip(indices).fold(0, step)
    }

    /// The coordinates of a cell as text: `depth=2, gain=0.5`.
    ///
    /// # Panics
    /// If there are not so many cells.
    #[track_caller]
    pub fn describe(&self, cell: u64) -> String {
        let named = self.coordinates(cell).map(|(setting, value)| format!("{}={value}", setting.name));
        named.collect::<Vec<_>>().join(", ")
    }

    /// The settings of a cell, its seed included.
    ///
    /// # Panics
    /// If there are not so many cells, or a value that was put into the plan by hand does not suit its setting.
    #[track_caller]
    pub fn settings(&self, cell: u64) -> CellSettings {
        let mut settings = CellSettings::default();
        let fixed = self.fixed.iter().map(|(setting, value)| (*setting, value));
        for (setting, value) in fixed.chain(self.coordinates(cell)) {
            // Every value was set once when the plan was read.
            (setting.set)(&mut settings, value).expect("the values of a plan are valid");
        }
        settings.seed = self.seeds.of(settings.seed, self.coordinates(cell));
        settings
    }

    /// SHA-256 of the plan's meaning, in hexadecimal digits: of its axes with their values, fixed settings, measures and
    /// seed policy, in order. Comments, spaces and the way in which an axis is written do not matter.
    pub fn hash(&self) -> String {
        let mut text = String::from("step-zero plan 1\n");
        for measure in &self.measures {
            text += &format!("measure {measure}\n");
        }
        for axis in &self.axes {
            let values: Vec<String> = axis.values.iter().map(PlanValue::to_string).collect();
            text += &format!("axis {} {}\n", axis.setting.name, values.join("\t"));
        }
        for (setting, value) in &self.fixed {
            text += &format!("fixed {} {value}\n", setting.name);
        }
        text += &format!("seeds {}\n", self.seeds.name());
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
