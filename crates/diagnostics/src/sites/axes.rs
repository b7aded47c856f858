//! The axes of a site's values: which index is the example, and which the unit.

use super::kind::named;
use std::fmt;
use std::str::FromStr;

named! {
    /// The meaning of one axis of a site's values.
    AxisName: "axis of values" {
        /// The example in the batch.
        Example = "example",
        /// The unit: a feature, a channel, or a key of attention.
        Unit = "unit",
        /// Anything over which units repeat: a pixel, a token, a head.
        Position = "position",
    }
}

/// The axes of row-major values, as sizes of the parts of an index.
///
/// Values are `[examples, before, units, after]`: positions may stand on both sides of the unit.
///
/// ```
/// use diagnostics::{AxisName, SiteAxes};
///
/// // A convolution's output: 8 images, 16 channels, 4 × 4 pixels.
/// let axes = SiteAxes::of(&[8, 16, 4, 4], &[AxisName::Example, AxisName::Unit, AxisName::Position, AxisName::Position])?;
/// assert_eq!((axes.units, axes.positions()), (16, 16));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteAxes {
    /// The number of examples; 1 if no axis is one.
    pub examples: usize,
    /// The number of positions whose axes come before the unit's.
    pub before: usize,
    /// The number of units; 1 if no axis is one.
    pub units: usize,
    /// The number of positions whose axes come after the unit's.
    pub after: usize,
    /// False if the example is not the first axis. Values are then measured as if the first axis were.
    pub example_first: bool,
}

impl SiteAxes {
    /// Rows of examples, a column per unit, each with adjacent positions.
    pub fn rows(examples: usize, units: usize, positions: usize) -> Self {
        Self { examples, before: 1, units, after: positions, example_first: true }
    }

    /// The axes of values of a shape.
    ///
    /// # Errors
    /// If there is not one name for each axis, or two examples or two units.
    pub fn of(shape: &[usize], names: &[AxisName]) -> Result<Self, String> {
        if shape.len() != names.len() {
            return Err(format!("{} names of axes for values of {} axes", names.len(), shape.len()));
        }
        for name in [AxisName::Example, AxisName::Unit] {
            if names.iter().filter(|&&axis| axis == name).count() > 1 {
                return Err(format!("two axes are named {name}: at most one may be"));
            }
        }
        let example = names.iter().position(|&axis| axis == AxisName::Example);
        let unit = names.iter().position(|&axis| axis == AxisName::Unit).unwrap_or(names.len());
        let first = usize::from(example == Some(0));
        let product = |axes: &[usize]| axes.iter().product::<usize>();
        Ok(Self {
            examples: example.map_or(1, |axis| shape[axis]),
            before: product(&shape[first.min(unit)..unit]),
            units: shape.get(unit).copied().unwrap_or(1),
            after: shape.get(unit + 1..).map_or(1, product),
            example_first: example.is_none_or(|axis| axis == 0),
        })
    }

    /// The number of values of one unit in one example.
    pub fn positions(&self) -> usize {
        let elements = self.before * self.after;
        if self.example_first { elements } else { elements / self.examples.max(1) }
    }

    /// The number of values that are measured at once: one example, or everything if the example is not the first axis.
    pub(super) fn slab(&self) -> usize {
        self.before * self.units * self.after
    }

    /// The number of all values.
    pub fn count(&self) -> usize {
        if self.example_first { self.examples * self.slab() } else { self.slab() }
    }
}
