//! Maps: a matrix as coloured cells.

use crate::PanelKind;
use crate::axis::{Axis, range};
use crate::cells::{self, Block, Cells};
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::palette::{SET, UNSET};
use crate::scale::{self, Scale};
use crate::scene::Scene;

/// A matrix as coloured cells, with its first row at the top.
///
/// A matrix of more than 20,000 cells is drawn in blocks, each the mean of its values, and the legend says so. A value
/// that is not finite is magenta, or black on a diverging scale, and so is a block that contains one.
///
/// ```
/// use plot::{Figure, MapPanel};
///
/// let h = [0.1_f32, 0.999, -0.5, 1.0, 0.2, 0.3]; // two examples of three units
/// let flags: Vec<bool> = h.iter().map(|h| h.abs() > 0.99).collect();
/// let panel = MapPanel::flags("Layer 1", 3, &flags, "|h| > 0.99", "not saturated").x_label("unit").y_label("example");
/// let figure = Figure::new("", [panel]);
/// assert!(figure.svg().contains("not saturated"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MapPanel {
    labels: Labels,
    cells: Cells,
    scale: Scale,
    range: Option<(f64, f64)>,
    meaning: Meaning,
}

/// The meaning of a colour.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// A value, read off a colour bar with this label.
    Value(String),
    /// A flag: the text for white, and the text for black.
    Flag(String, String),
}

impl MapPanel {
    /// Creates a panel of `values`, row-major, with `columns` values per row.
    ///
    /// # Panics
    /// If the last row is not full.
    #[track_caller]
    pub fn new(title: impl Into<String>, columns: usize, values: Vec<f64>) -> Self {
        let cells = Cells::new(columns, values);
        let labels = Labels::new(title, "", "");
        MapPanel {
            labels,
            cells,
            scale: Scale::Sequential,
            range: None,
            meaning: Meaning::Value(String::new()),
        }
    }

    /// Creates a panel of flags, row-major, with `columns` per row: white where they are true, black where they are
    /// false. The legend has a text for each.
    ///
    /// # Panics
    /// If the last row is not full.
    #[track_caller]
    pub fn flags(
        title: impl Into<String>,
        columns: usize,
        flags: &[bool],
        white: impl Into<String>,
        black: impl Into<String>,
    ) -> Self {
        let values = flags.iter().map(|&flag| f64::from(u8::from(flag))).collect();
        let meaning = Meaning::Flag(white.into(), black.into());
        MapPanel { meaning, range: Some((0.0, 1.0)), ..Self::new(title, columns, values).scale(Scale::Grey) }
    }

    axis_labels!();

    /// Sets the colour scale.
    #[must_use]
    pub fn scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Sets the range of the colours; values outside have the colour of the nearer end.
    ///
    /// # Panics
    /// Unless both are finite and `low < high`.
    #[must_use]
    #[track_caller]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        let fine = low.is_finite() && high.is_finite() && low < high;
        assert!(fine, "a range of colours must be finite and ascending, not {low} to {high}");
        self.range = Some((low, high));
        self
    }

    /// Sets the text beside the colour bar.
    #[must_use]
    pub fn bar_label(mut self, label: impl Into<String>) -> Self {
        self.meaning = Meaning::Value(label.into());
        self
    }

    /// The axis of the colour bar: over the values, unless a range was given.
    fn colours(&self) -> Axis {
        let (low, high) =
            self.range.or_else(|| range(self.cells.values.iter().copied())).unwrap_or((0.0, 1.0));
        self.scale.axis(low, high)
    }
}

impl PanelKind for MapPanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        Axis::cells(self.cells.columns)
    }

    fn y_axis(&self) -> Axis {
        Axis::cells(self.cells.rows).reversed()
    }

    fn legend(&self) -> Vec<Entry> {
        let boxed = |label: &str, colour| Entry { label: label.to_string(), colour, swatch: Swatch::Box };
        let mut entries = Vec::new();
        if let Meaning::Flag(white, black) = &self.meaning {
            entries.push(boxed(white, SET));
            entries.push(boxed(black, UNSET));
        }
        if self.cells.values.iter().any(|value| !value.is_finite()) {
            entries.push(boxed("not finite", self.scale.marked()));
        }
        let Block { columns, rows } = self.cells.block();
        if columns * rows > 1 {
            entries.push(Entry::remark(format!("a cell is the mean of {columns} × {rows} values")));
        }
        entries
    }

    fn width(&self) -> i32 {
        1400
    }

    fn right(&self) -> i32 {
        if let Meaning::Value(label) = &self.meaning { scale::room(&self.colours(), label) } else { 0 }
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        if self.cells.values.is_empty() {
            return plot.no_values(scene);
        }
        let axis = self.colours();
        cells::draw(scene, plot.area, &self.cells, |value| self.scale.shade(&axis, value));
        if let Meaning::Value(label) = &self.meaning {
            scale::bar(scene, plot.area, self.scale, &axis, label);
        }
    }
}
