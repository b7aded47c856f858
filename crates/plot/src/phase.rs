//! Phase diagrams: a plane parted by a curve, with named points.

use crate::axis::Axis;
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::palette::{ABOVE, BELOW, INK, MARKED, PAPER, ordered};
use crate::scalar_field::Field;
use crate::scene::{Align, Dots, Scene};
use crate::{PanelKind, off_axis, point_labels, polyline, style};

/// A plane parted by a curve into two regions, with an optional field of values behind it and named points on it.
///
/// Points at one position share a name. A name stands beside its point or at the end of a line; in a crowd, names
/// without room are left out.
///
/// ```
/// use plot::{Figure, PhasePanel};
///
/// let panel = PhasePanel::new("tanh")
///     .x_label("σ_b")
///     .y_label("σ_w")
///     .boundary("edge of chaos", vec![(0.0, 1.0), (0.5, 1.4), (1.0, 1.7)])
///     .regions("ordered", "chaotic")
///     .point("Layer 1", 0.2, 1.1);
/// assert!(Figure::new("", [panel]).svg().contains("Layer 1"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PhasePanel {
    labels: Labels,
    boundary: Vec<(f64, f64)>,
    boundary_name: String,
    regions: Option<(String, String)>,
    field: Option<Field>,
    points: Vec<(String, f64, f64)>,
}

/// The thickness of the boundary and the radius of a point, in dots.
const THICK: i32 = 5;
const RADIUS: i32 = 8;
/// The fraction of an axis that is left free at each end.
const MARGIN: f64 = 0.06;

impl PhasePanel {
    /// Creates an empty plane without axis labels.
    pub fn new(title: impl Into<String>) -> Self {
        PhasePanel {
            labels: Labels::new(title, "", ""),
            boundary: Vec::new(),
            boundary_name: String::new(),
            regions: None,
            field: None,
            points: Vec::new(),
        }
    }

    axis_labels!();

    /// Sets the curve that parts the plane: through `points` (x, y) in order of x, called `name` in the legend.
    #[must_use]
    pub fn boundary(mut self, name: impl Into<String>, mut points: Vec<(f64, f64)>) -> Self {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        (self.boundary, self.boundary_name) = (points, name.into());
        self
    }

    /// Fills the regions below and above the boundary, which continues horizontally at its ends; a field hides them.
    #[must_use]
    pub fn regions(mut self, below: impl Into<String>, above: impl Into<String>) -> Self {
        self.regions = Some((below.into(), above.into()));
        self
    }

    /// Sets the values that are drawn as colours behind everything.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    /// Adds a named point; points are coloured from the first to the last along one range of colours.
    #[must_use]
    pub fn point(mut self, name: impl Into<String>, x: f64, y: f64) -> Self {
        self.points.push((name.into(), x, y));
        self
    }

    fn positions(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        let corners = self.field.iter().flat_map(Field::corners);
        let points = self.points.iter().map(|&(_, x, y)| (x, y));
        corners.chain(points).chain(self.boundary.iter().copied())
    }

    /// The boundary, in dots.
    fn curve(&self, plot: &Plot<'_>) -> Vec<Dots> {
        let placed = self.boundary.iter().filter(|&&point| off_axis::shown(plot, point));
        polyline::thinned(placed.map(|&point| plot.at(point)))
    }

    /// Fills the regions below and above the boundary.
    fn fill_regions(scene: &mut Scene, plot: &Plot<'_>, curve: &[Dots]) {
        let area = plot.area;
        let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return };
        let edge: Vec<Dots> =
            [(area.left, first.1)].iter().chain(curve).chain(&[(area.right, last.1)]).copied().collect();
        let closed = |y: i32| edge.iter().copied().chain([(area.right, y), (area.left, y)]).collect();
        scene.fill(closed(area.bottom), BELOW, 100);
        scene.fill(closed(area.top), ABOVE, 100);
    }
}

impl PanelKind for PhasePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        // A boundary and a field reach the frame; an axis without negative values begins at 0.
        let margin = if self.field.is_some() || self.boundary.len() > 1 { 0.0 } else { MARGIN };
        let x = self.positions().map(|(x, _)| x);
        Axis::holding(x.clone(), false, margin).starting_at_zero(x.fold(f64::INFINITY, f64::min))
    }

    fn y_axis(&self) -> Axis {
        let margin = if self.field.is_some() { 0.0 } else { MARGIN };
        let y = self.positions().map(|(_, y)| y);
        Axis::holding(y.clone(), false, margin).starting_at_zero(y.fold(f64::INFINITY, f64::min))
    }

    fn legend(&self) -> Vec<Entry> {
        let entry = |label: &str, colour, swatch| Entry { label: label.to_string(), colour, swatch };
        let mut entries = vec![entry(&self.boundary_name, INK, Swatch::Line(None))];
        if let (Some((below, above)), None) = (&self.regions, &self.field) {
            entries.extend([(below, BELOW), (above, ABOVE)].map(|(name, c)| entry(name, c, Swatch::Box)));
        }
        if self.field.as_ref().is_some_and(Field::has_marked) {
            entries.push(entry("not finite", MARKED, Swatch::Box));
        }
        let names: Vec<&str> = self.points.iter().map(|(name, ..)| name.as_str()).collect();
        // Up to eight points have their names beside them, and no entries.
        entries
            .extend(style::entries(&names, true).into_iter().filter(|entry| entry.swatch == Swatch::Ordered));
        let points = self.points.iter().map(|&(_, x, y)| (x, y)).chain(self.boundary.iter().copied());
        entries.extend(off_axis::entries(&self.x_axis(), &self.y_axis(), points));
        entries
    }

    fn width(&self) -> i32 {
        1200
    }

    fn right(&self) -> i32 {
        self.field.as_ref().map_or(0, Field::room)
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let curve = self.curve(plot);
        match &self.field {
            Some(field) => field.draw(scene, plot),
            None if self.regions.is_some() => Self::fill_regions(scene, plot, &curve),
            None => {}
        }
        if curve.len() > 1 {
            // A rim in the colour of the paper keeps the line visible on any field.
            scene.path(curve.clone(), THICK + 4, PAPER);
            scene.path(curve.clone(), THICK, INK);
        }
        off_axis::mark(scene, plot, &self.boundary, INK);
        if self.positions().next().is_none() {
            plot.no_values(scene);
        }
    }

    fn draw_over(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let named =
            self.points.iter().map(|(name, x, y)| (off_axis::position(plot, (*x, *y)), name.as_str()));
        let placed = point_labels::place(&point_labels::grouped(named), plot.area, &[self.curve(plot)]);
        point_labels::leaders(scene, &placed);
        for (i, &(_, x, y)) in self.points.iter().enumerate() {
            let (at, colour) = (plot.at((x, y)), ordered(i, self.points.len()));
            if off_axis::shown(plot, (x, y)) {
                scene.disc(at, RADIUS + 2, PAPER);
                scene.disc(at, RADIUS, colour);
            } else {
                off_axis::mark(scene, plot, &[(x, y)], colour);
            }
        }
        for point_labels::PlacedName { mut text, .. } in placed.into_iter().flatten() {
            // Ink is not visible on the dark end of a field.
            if self.field.is_some() {
                let room = text.room();
                scene.rect(room.grown(2), PAPER);
                (text.x, text.align) = (room.centre().0, Align::Middle);
            }
            scene.text(text);
        }
    }
}
