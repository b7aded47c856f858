//! Scalar fields: values over a rectangle of a plane, as colours behind everything else.

use crate::axis::{Axis, range};
use crate::cells::{self, Cells};
use crate::frame::Plot;
use crate::scale::{self, Scale};
use crate::scene::{Area, Scene};

/// Values over a rectangle of the plane of a [`PhasePanel`](crate::PhasePanel), drawn as colours with a colour bar.
///
/// ```
/// use plot::{Field, Figure, PhasePanel};
///
/// // Two columns and two rows, the lower row first.
/// let field = Field::new("depth scale", (0.0, 1.0), (0.5, 2.5), 2, vec![3.0, 4.0, 30.0, 12.0]);
/// assert!(Figure::new("", [PhasePanel::new("tanh").field(field)]).svg().contains("depth scale"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    label: String,
    x: (f64, f64),
    y: (f64, f64),
    cells: Cells,
}

impl Field {
    /// Creates a field from values on equal cells of the rectangle `x` × `y`: row-major, `columns` per row, the first
    /// row at the lowest y. `label` stands beside the colour bar.
    ///
    /// # Panics
    /// If the last row is not full, or `x` or `y` is not finite and ascending.
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
            assert!(fine, "the sides of a field must be finite and ascending, not {low} to {high}");
        }
        // Cells have their first row at the top.
        let upwards = Cells::new(columns, values);
        let rows = upwards.values.chunks(columns.max(1)).rev();
        let cells = Cells::new(columns, rows.flatten().copied().collect());
        Field { label: label.into(), x, y, cells }
    }

    /// The axis of the colour bar.
    fn axis(&self) -> Axis {
        let (low, high) = range(self.cells.values.iter().copied()).unwrap_or((0.0, 1.0));
        Scale::Sequential.axis(low, high)
    }

    /// Two opposite corners of the rectangle.
    pub(crate) fn corners(&self) -> [(f64, f64); 2] {
        [(self.x.0, self.y.0), (self.x.1, self.y.1)]
    }

    /// True if a value is not finite.
    pub(crate) fn has_marked(&self) -> bool {
        self.cells.values.iter().any(|value| !value.is_finite())
    }

    /// The dots that the colour bar takes.
    pub(crate) fn room(&self) -> i32 {
        scale::room(&self.axis(), &self.label)
    }

    pub(crate) fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let axis = self.axis();
        if !self.cells.values.is_empty() {
            let area = Area::new(plot.x(self.x.0), plot.y(self.y.1), plot.x(self.x.1), plot.y(self.y.0));
            cells::draw(scene, area, &self.cells, |value| Scale::Sequential.shade(&axis, value));
        }
        scale::bar(scene, plot.area, Scale::Sequential, &axis, &self.label);
    }
}
