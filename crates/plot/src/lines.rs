//! The panel of curves over a common x axis.

use crate::PanelKind;
use crate::axis::Axis;
use crate::curve::Curve;
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::off_axis;
use crate::palette::INK;
use crate::scene::Scene;
use crate::style::{self, SeriesStyle, style};

/// Curves over linear or logarithmic axes, with horizontal reference lines.
///
/// Curves differ by colour, and after seven by a glyph as well; [`LinePanel::ordered_colours`] colours them from the
/// first to the last along one range. Where several points share a column of dots, their extremes are drawn.
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
    ordered: bool,
    held: Vec<f64>,
}

impl LinePanel {
    /// Creates a panel of `curves`, on linear axes and without axis labels.
    pub fn new(title: impl Into<String>, curves: Vec<Curve>) -> Self {
        let (labels, levels, held) = (Labels::new(title, "", ""), Vec::new(), Vec::new());
        let (log_x, log_y, whole_x, ordered) = (false, false, false, false);
        LinePanel { labels, curves, levels, log_x, log_y, whole_x, ordered, held }
    }

    axis_labels!();

    /// Makes the x axis logarithmic.
    #[must_use]
    pub fn log_x(mut self) -> Self {
        self.log_x = true;
        self
    }

    /// Puts ticks of the x axis on whole numbers only.
    #[must_use]
    pub fn whole_x(mut self) -> Self {
        self.whole_x = true;
        self
    }

    /// Makes the y axis logarithmic.
    #[must_use]
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// Colours the curves from the first to the last along one range of colours; more than eight share a legend entry.
    #[must_use]
    pub fn ordered_colours(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Adds a horizontal line at a value of y, and widens the y axis to show it.
    ///
    /// # Panics
    /// If `at` is not finite.
    #[must_use]
    #[track_caller]
    pub fn level(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        self.levels.push(Marker::new(at, label, line));
        self
    }

    /// Widens the y axis to include `value`: 0, say, or an extreme of the panel beside this one.
    #[must_use]
    pub fn holding(mut self, value: f64) -> Self {
        self.held.push(value);
        self
    }

    fn positions(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        self.curves.iter().flat_map(Curve::positions)
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.curves.iter().flat_map(|curve| curve.points.iter().copied())
    }

    /// Every curve with its style.
    fn styles(&self) -> Vec<(&Curve, SeriesStyle)> {
        let own = self.curves.iter().enumerate().filter(|(i, curve)| *i == 0 || !curve.same_colour).count();
        let mut index = 0;
        let style_of = |(i, curve)| {
            let curve: &Curve = curve;
            index += usize::from(i > 0 && !curve.same_colour);
            (curve, style(index, own, self.ordered))
        };
        self.curves.iter().enumerate().map(style_of).collect()
    }
}

impl PanelKind for LinePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        let axis = Axis::holding(self.positions().map(|(x, _)| x), self.log_x, 0.03);
        if self.whole_x { axis.whole() } else { axis }
    }

    fn y_axis(&self) -> Axis {
        let levels = self.levels.iter().map(|level| level.at).chain(self.held.iter().copied());
        Axis::holding(self.positions().map(|(_, y)| y).chain(levels), self.log_y, 0.05)
    }

    fn legend(&self) -> Vec<Entry> {
        let (own, same): (Vec<_>, Vec<_>) =
            self.curves.iter().enumerate().partition(|(i, curve)| *i == 0 || !curve.same_colour);
        let names: Vec<&str> = own.iter().map(|(_, curve)| curve.name.as_str()).collect();
        let mut entries = style::entries(&names, self.ordered);
        // Otherwise one entry stands for all.
        if entries.len() == own.len() {
            let dashed = entries.iter_mut().zip(own).filter(|(_, (_, curve))| curve.dashed);
            dashed.for_each(|(entry, _)| entry.swatch = DASHES);
        }
        entries.extend(same.into_iter().map(|(_, curve)| {
            let swatch = if curve.dashed { DASHES } else { Swatch::Line(None) };
            Entry { label: curve.name.clone(), colour: INK, swatch }
        }));
        entries.extend(marker::entries(&self.levels));
        entries.extend(off_axis::entries(&self.x_axis(), &self.y_axis(), self.points()));
        entries
    }

    fn width(&self) -> i32 {
        1200
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let styles = self.styles();
        styles.iter().for_each(|(curve, style)| curve.draw_band(scene, plot, style.colour));
        styles.iter().for_each(|(curve, style)| curve.draw_line(scene, plot, *style));
        self.levels.iter().for_each(|level| marker::horizontal(scene, plot, level));
        if self.points().next().is_none() {
            plot.no_values(scene);
        }
    }
}

/// The swatch of a dashed curve.
const DASHES: Swatch = Swatch::Strokes(18, 8);
