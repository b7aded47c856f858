//! Phase diagrams: order and chaos over the variances of biases and weights, and where the layers of a network are.

use super::axis::Axis;
use super::field::Field;
use super::frame::Plot;
use super::header::{Entry, Swatch};
use super::labels::{Labels, axis_labels};
use super::palette::{CHAOTIC, INK, MARKED, ORDERED, PAPER, depth};
use super::scene::{Align, Dots, Scene};
use super::{PanelKind, look, missing, names, trace};

/// The plane of `σ_b` and `σ_w`, parted by a curve, with a field of values behind it and named points on it.
///
/// Points at one place share a name. A name stands beside its point or at the end of a line; what finds no room in a
/// crowd is left out.
///
/// ```
/// use plot::{Figure, PhasePanel};
///
/// let panel = PhasePanel::new("tanh")
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

/// Dots: the thickness of the boundary, and the radius of a point.
const THICK: i32 = 5;
const RADIUS: i32 = 8;
/// The part of an axis that is left free at its ends.
const MARGIN: f64 = 0.06;

impl PhasePanel {
    /// An empty plane with axes called `σ_b` and `σ_w`.
    pub fn new(title: impl Into<String>) -> Self {
        PhasePanel {
            labels: Labels::new(title, "σ_b", "σ_w"),
            boundary: Vec::new(),
            boundary_name: String::new(),
            regions: None,
            field: None,
            points: Vec::new(),
        }
    }

    axis_labels!();

    /// The panel with a curve through `points`, (x, y) each, in order of x, called `name` in the legend.
    #[must_use]
    pub fn boundary(mut self, name: impl Into<String>, mut points: Vec<(f64, f64)>) -> Self {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        (self.boundary, self.boundary_name) = (points, name.into());
        self
    }

    /// The panel with the plane filled below and above the boundary, which goes on level at its ends; a field hides
    /// the fillings.
    #[must_use]
    pub fn regions(mut self, below: impl Into<String>, above: impl Into<String>) -> Self {
        self.regions = Some((below.into(), above.into()));
        self
    }

    /// The panel with colours behind everything.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.field = Some(field);
        self
    }

    /// The panel with one more named point; points are coloured from the first to the last, as layers are.
    #[must_use]
    pub fn point(mut self, name: impl Into<String>, x: f64, y: f64) -> Self {
        self.points.push((name.into(), x, y));
        self
    }

    fn places(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        let corners = self.field.iter().flat_map(Field::corners);
        let points = self.points.iter().map(|&(_, x, y)| (x, y));
        corners.chain(points).chain(self.boundary.iter().copied())
    }

    /// The boundary in dots.
    fn curve(&self, plot: &Plot<'_>) -> Vec<Dots> {
        let placed = self.boundary.iter().filter(|&&point| missing::placed(plot, point));
        trace::thinned(placed.map(|&point| plot.at(point)))
    }

    /// The fillings below and above the boundary.
    fn fill_regions(scene: &mut Scene, plot: &Plot<'_>, curve: &[Dots]) {
        let area = plot.area;
        let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return };
        let edge: Vec<Dots> =
            [(area.left, first.1)].iter().chain(curve).chain(&[(area.right, last.1)]).copied().collect();
        let closed = |y: i32| edge.iter().copied().chain([(area.right, y), (area.left, y)]).collect();
        scene.fill(closed(area.bottom), ORDERED, 100);
        scene.fill(closed(area.top), CHAOTIC, 100);
    }
}

impl PanelKind for PhasePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        // A boundary and a field go up to the frame; left of 0 there is nothing.
        let margin = if self.field.is_some() || self.boundary.len() > 1 { 0.0 } else { MARGIN };
        let x = self.places().map(|(x, _)| x);
        Axis::holding(x.clone(), false, margin).starting_at_zero(x.fold(f64::INFINITY, f64::min))
    }

    fn y_axis(&self) -> Axis {
        let margin = if self.field.is_some() { 0.0 } else { MARGIN };
        let y = self.places().map(|(_, y)| y);
        Axis::holding(y.clone(), false, margin).starting_at_zero(y.fold(f64::INFINITY, f64::min))
    }

    fn legend(&self) -> Vec<Entry> {
        let entry = |label: &str, colour, swatch| Entry { label: label.to_string(), colour, swatch };
        let mut entries = vec![entry(&self.boundary_name, INK, Swatch::Line(None))];
        if let (Some((below, above)), None) = (&self.regions, &self.field) {
            entries.extend([(below, ORDERED), (above, CHAOTIC)].map(|(name, c)| entry(name, c, Swatch::Box)));
        }
        if self.field.as_ref().is_some_and(Field::has_marked) {
            entries.push(entry("not finite", MARKED, Swatch::Box));
        }
        let names: Vec<&str> = self.points.iter().map(|(name, ..)| name.as_str()).collect();
        // Few points have their names beside them.
        entries.extend(look::entries(&names, true).into_iter().filter(|entry| entry.swatch == Swatch::Depth));
        let points = self.points.iter().map(|&(_, x, y)| (x, y)).chain(self.boundary.iter().copied());
        entries.extend(missing::entries(&self.x_axis(), &self.y_axis(), points));
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
            // A rim in the paper's colour shows the line on any field.
            scene.path(curve.clone(), THICK + 4, PAPER);
            scene.path(curve.clone(), THICK, INK);
        }
        missing::mark(scene, plot, &self.boundary, INK);
        if self.places().next().is_none() {
            plot.no_values(scene);
        }
    }

    fn draw_over(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let named = self.points.iter().map(|(name, x, y)| (missing::place(plot, (*x, *y)), name.as_str()));
        let placed = names::place(&names::grouped(named), plot.area, &self.curve(plot));
        names::leaders(scene, &placed);
        for (i, &(_, x, y)) in self.points.iter().enumerate() {
            let (at, colour) = (plot.at((x, y)), depth(i, self.points.len()));
            if missing::placed(plot, (x, y)) {
                scene.disc(at, RADIUS + 2, PAPER);
                scene.disc(at, RADIUS, colour);
            } else {
                missing::mark(scene, plot, &[(x, y)], colour);
            }
        }
        for names::Placed { mut text, .. } in placed.into_iter().flatten() {
            // Ink does not show on the dark end of a field.
            if self.field.is_some() {
                let room = text.room();
                scene.rect(room.grown(2), PAPER);
                (text.x, text.align) = (room.centre().0, Align::Middle);
            }
            scene.text(text);
        }
    }
}
