//! Lines: curves over a common x axis.

use super::PanelKind;
use super::axis::Axis;
use super::curve::Curve;
use super::frame::Plot;
use super::guide::{self, Line, Marker};
use super::header::{Entry, Swatch};
use super::labels::{Labels, axis_labels};
use super::look::{self, Look, look};
use super::missing;
use super::palette::INK;
use super::scene::Scene;

/// Curves over linear or logarithmic axes, with level reference lines.
///
/// Curves differ by colour, and after seven by a glyph as well; [`LinePanel::by_depth`] colours them from the first
/// layer to the last. More points than dots are drawn as their extremes.
///
/// ```
/// use plot::{Curve, Figure, Line, LinePanel};
///
/// let measured = Curve::new("W1", vec![(0.0, -2.1), (1.0, -2.8), (2.0, -3.1)]).dots();
/// let predicted = Curve::new("predicted", vec![(0.0, -2.0), (2.0, -3.0)]).dashed().same_colour();
/// let panel = LinePanel::new("", vec![measured, predicted])
///     .x_label("Step")
///     .y_label("log10 of update : data")
///     .level(-3.0, "about right", Line::Dashed);
/// assert!(Figure::new("Update : data", [panel]).svg().contains("about right"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinePanel {
    labels: Labels,
    curves: Vec<Curve>,
    levels: Vec<Marker>,
    log_x: bool,
    log_y: bool,
    whole_x: bool,
    by_depth: bool,
    held: Vec<f64>,
}

impl LinePanel {
    /// A panel of `curves`, on linear axes and without labels.
    pub fn new(title: impl Into<String>, curves: Vec<Curve>) -> Self {
        let (labels, levels, held) = (Labels::new(title, "", ""), Vec::new(), Vec::new());
        let (log_x, log_y, whole_x, by_depth) = (false, false, false, false);
        LinePanel { labels, curves, levels, log_x, log_y, whole_x, by_depth, held }
    }

    axis_labels!();

    /// The panel on a logarithmic x axis.
    #[must_use]
    pub fn log_x(mut self) -> Self {
        self.log_x = true;
        self
    }

    /// The panel without ticks between whole numbers of x: layers, steps.
    #[must_use]
    pub fn whole_x(mut self) -> Self {
        self.whole_x = true;
        self
    }

    /// The panel on a logarithmic y axis.
    #[must_use]
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// The panel with its curves coloured from the first to the last, as layers are; many share a legend entry.
    #[must_use]
    pub fn by_depth(mut self) -> Self {
        self.by_depth = true;
        self
    }

    /// The panel with one more level line at a value of y, which the y axis is widened to hold.
    ///
    /// # Panics
    /// When `at` is not finite.
    #[must_use]
    #[track_caller]
    pub fn level(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        self.levels.push(Marker::new(at, label, line));
        self
    }

    /// The panel with its y axis widened to hold `value`: 0, or the extremes of a panel beside it.
    #[must_use]
    pub fn holding(mut self, value: f64) -> Self {
        self.held.push(value);
        self
    }

    fn places(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        self.curves.iter().flat_map(Curve::places)
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.curves.iter().flat_map(|curve| curve.points.iter().copied())
    }

    /// Every curve with its look.
    fn looks(&self) -> Vec<(&Curve, Look)> {
        let own = self.curves.iter().enumerate().filter(|(i, curve)| *i == 0 || !curve.same_colour).count();
        let mut index = 0;
        let look_of = |(i, curve)| {
            let curve: &Curve = curve;
            index += usize::from(i > 0 && !curve.same_colour);
            (curve, look(index, own, self.by_depth))
        };
        self.curves.iter().enumerate().map(look_of).collect()
    }
}

impl PanelKind for LinePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        let axis = Axis::holding(self.places().map(|(x, _)| x), self.log_x, 0.03);
        if self.whole_x { axis.whole() } else { axis }
    }

    fn y_axis(&self) -> Axis {
        let levels = self.levels.iter().map(|level| level.at).chain(self.held.iter().copied());
        Axis::holding(self.places().map(|(_, y)| y).chain(levels), self.log_y, 0.05)
    }

    fn legend(&self) -> Vec<Entry> {
        let (own, same): (Vec<_>, Vec<_>) =
            self.curves.iter().enumerate().partition(|(i, curve)| *i == 0 || !curve.same_colour);
        let names: Vec<&str> = own.iter().map(|(_, curve)| curve.name.as_str()).collect();
        let mut entries = look::entries(&names, self.by_depth);
        // Unless there is one entry for all.
        if entries.len() == own.len() {
            let dashed = entries.iter_mut().zip(own).filter(|(_, (_, curve))| curve.dashed);
            dashed.for_each(|(entry, _)| entry.swatch = DASHES);
        }
        entries.extend(same.into_iter().map(|(_, curve)| {
            let swatch = if curve.dashed { DASHES } else { Swatch::Line(None) };
            Entry { label: curve.name.clone(), colour: INK, swatch }
        }));
        entries.extend(guide::entries(&self.levels));
        entries.extend(missing::entries(&self.x_axis(), &self.y_axis(), self.points()));
        entries
    }

    fn width(&self) -> i32 {
        1200
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let looks = self.looks();
        looks.iter().for_each(|(curve, look)| curve.draw_band(scene, plot, look.colour));
        looks.iter().for_each(|(curve, look)| curve.draw_line(scene, plot, *look));
        self.levels.iter().for_each(|level| guide::level(scene, plot, level));
        if self.points().next().is_none() {
            plot.no_values(scene);
        }
    }
}

/// The strokes of a dashed curve.
const DASHES: Swatch = Swatch::Strokes(18, 8);
