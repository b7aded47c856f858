//! Maps: a matrix as coloured cells, or a plane with values at its points.

use crate::axis::{Axis, range};
use crate::cells::{self, Block, Cells};
use crate::curve::Curve;
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::map_axis::MapAxis;
use crate::palette::{INK, PAPER, SET, UNSET};
use crate::scale::{self, Scale};
use crate::scene::Scene;
use crate::{PanelKind, polyline};

/// A matrix as coloured cells, with its first row at the top; or, by [`MapPanel::plane`], values over two axes, with the first
/// row at the bottom.
///
/// A matrix of more than 10,000 cells is a raster in the SVG, one pixel per cell, which viewers enlarge without smoothing. One
/// of more than two million is drawn in blocks, each the mean of its values, and the legend says so. A value that is not finite is
/// magenta, or black on a diverging scale, and so is a block that contains one.
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
    marked: String,
    axes: Option<[MapAxis; 2]>,
    curves: Vec<Curve>,
}

/// The thickness of a curve in dots.
const THICK: i32 = 5;

/// The meaning of a colour.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// A value, read off a colour bar with this label.
    Value(String),
    /// A value, read off a ramp of colours with this label in the legend.
    Ramp(String),
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
            marked: "not finite".to_owned(),
            axes: None,
            curves: Vec::new(),
        }
    }

    /// Creates a panel of `values` over a plane: one row for each value of `y`, the lowest first, with one value for each of `x`.
    ///
    /// ```
    /// use plot::{Curve, Figure, MapAxis, MapPanel};
    ///
    /// let (gain, depth) = (MapAxis::log(0.5, 4.0, 3), MapAxis::names(["2", "8"]));
    /// let panel = MapPanel::plane("tanh", gain, depth, &[0.1, 0.1, 0.3, 3.1, 0.2, 3.3])
    ///     .x_label("gain")
    ///     .y_label("layers")
    ///     .curve(Curve::new("edge", vec![(0.6, 0.0), (0.9, 2.0)]));
    /// assert!(Figure::new("Loss after 200 steps", [panel]).svg().contains("edge"));
    /// ```
    ///
    /// # Panics
    /// If there is not one value for each cell.
    #[track_caller]
    pub fn plane(title: impl Into<String>, x: MapAxis, y: MapAxis, values: &[f64]) -> Self {
        let (columns, rows) = (x.count(), y.count());
        assert!(values.len() == columns * rows, "{} values for {columns} × {rows} cells", values.len());
        let upwards = values.chunks(columns).rev().flatten().copied().collect();
        MapPanel { axes: Some([x, y]), ..Self::new(title, columns, upwards) }
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

    /// Explains the colours by a ramp in the legend, with its ends in words, in place of a colour bar: panels of one range share it,
    /// and are drawn smaller, up to four beside each other.
    #[must_use]
    pub fn ramp(mut self, label: impl Into<String>) -> Self {
        self.meaning = Meaning::Ramp(label.into());
        self
    }

    /// Sets the legend's text for values that are not finite.
    #[must_use]
    pub fn not_finite(mut self, label: impl Into<String>) -> Self {
        self.marked = label.into();
        self
    }

    /// Draws a curve over the cells, in the coordinates of the axes; names of cells stand at 0.5, 1.5, …. It ends at the frame, and
    /// is broken where a point is not finite. Several curves of one name are one entry of the legend.
    #[must_use]
    pub fn curve(mut self, curve: Curve) -> Self {
        self.curves.push(curve);
        self
    }

    fn draw_curves(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let parts = |curve: &Curve| {
            let lines = polyline::clipped(plot, &curve.points);
            if curve.dashed { lines.iter().flat_map(|line| polyline::dashes(line)).collect() } else { lines }
        };
        let parts: Vec<_> = self.curves.iter().flat_map(parts).collect();
        // A rim in the colour of the paper keeps the line visible on any cell.
        for (thick, colour) in [(THICK + 4, PAPER), (THICK, INK)] {
            parts.iter().for_each(|part| scene.path(part.clone(), thick, colour));
        }
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
        self.axes.as_ref().map_or_else(|| Axis::cells(self.cells.columns), |[x, _]| x.axis())
    }

    fn y_axis(&self) -> Axis {
        self.axes.as_ref().map_or_else(|| Axis::cells(self.cells.rows).reversed(), |[_, y]| y.axis())
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.curves.iter().map(|curve| curve.name.as_str()).collect();
        names.dedup();
        names
    }

    fn legend(&self) -> Vec<Entry> {
        let boxed = |label: &str, colour| Entry { label: label.to_string(), colour, swatch: Swatch::Box };
        let mut entries = Vec::new();
        if let Meaning::Flag(white, black) = &self.meaning {
            entries.push(boxed(white, SET));
            entries.push(boxed(black, UNSET));
        }
        if let Meaning::Ramp(label) = &self.meaning {
            let (colour, swatch) = (INK, Swatch::Ramp(self.scale));
            entries.push(Entry { label: label.clone(), colour, swatch });
        }
        for curve in &self.curves {
            let swatch = if curve.dashed { Swatch::Strokes(18, 8) } else { Swatch::Line(None) };
            entries.push(Entry { label: curve.name.clone(), colour: INK, swatch });
        }
        if self.cells.values.iter().any(|value| !value.is_finite()) {
            entries.push(boxed(&self.marked, self.scale.marked()));
        }
        let Block { columns, rows } = self.cells.block();
        if columns * rows > 1 {
            entries.push(Entry::remark(format!("a cell is the mean of {columns} × {rows} values")));
        }
        entries
    }

    fn width(&self) -> i32 {
        if let Meaning::Ramp(_) = self.meaning { 560 } else { 1400 }
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
        self.draw_curves(scene, plot);
        if let Meaning::Value(label) = &self.meaning {
            scale::bar(scene, plot.area, self.scale, &axis, label);
        }
    }
}
