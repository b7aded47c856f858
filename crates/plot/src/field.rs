//! Fields: values over a rectangle of a plane, behind what else is drawn on it.

use super::axis::{Axis, range};
use super::cells::{self, Cells};
use super::frame::Plot;
use super::scale::{self, Scale};
use super::scene::{Area, Scene};

/// Values over a rectangle of the plane, drawn as colours with a bar: a depth scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    label: String,
    x: (f64, f64),
    y: (f64, f64),
    cells: Cells,
}

impl Field {
    /// Values on cells that part the rectangle evenly, row-major, `columns` a row, the first row at the lowest y.
    ///
    /// # Panics
    /// When the last row is not full, or unless `x` and `y` are finite and ascend.
    #[track_caller]
    pub fn new(
        label: impl Into<String>,
        x: (f64, f64),
        y: (f64, f64),
        columns: usize,
        values: Vec<f64>,
    ) -> Self {
        for (low, high) in [x, y] {
            let fine = low.is_finite() && high.is_finite() && low < high;
            assert!(fine, "a field needs finite sides from low to high, not {low} to {high}");
        }
        // Cells have their first row on top.
        let upwards = Cells::new(columns, values);
        let rows = upwards.values.chunks(columns.max(1)).rev();
        let cells = Cells::new(columns, rows.flatten().copied().collect());
        Field { label: label.into(), x, y, cells }
    }

    /// The axis of colours over the values.
    fn axis(&self) -> Axis {
        let (low, high) = range(self.cells.values.iter().copied()).unwrap_or((0.0, 1.0));
        Scale::Sequential.axis(low, high)
    }

    /// Two opposite corners.
    pub(super) fn corners(&self) -> [(f64, f64); 2] {
        [(self.x.0, self.y.0), (self.x.1, self.y.1)]
    }

    /// Whether a value is not finite.
    pub(super) fn has_marked(&self) -> bool {
        self.cells.values.iter().any(|value| !value.is_finite())
    }

    /// The dots that its bar takes.
    pub(super) fn room(&self) -> i32 {
        scale::room(&self.axis(), &self.label)
    }

    pub(super) fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let axis = self.axis();
        if !self.cells.values.is_empty() {
            let area = Area::new(plot.x(self.x.0), plot.y(self.y.1), plot.x(self.x.1), plot.y(self.y.0));
            cells::draw(scene, area, &self.cells, |value| Scale::Sequential.shade(&axis, value));
        }
        scale::bar(scene, plot.area, Scale::Sequential, &axis, &self.label);
    }
}
