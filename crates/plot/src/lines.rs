//! The panel of curves over a common x axis.

use crate::axis::Axis;
use crate::curve::Curve;
use crate::end_labels::{self, EndLabel};
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::off_axis;
use crate::palette::INK;
use crate::scene::{Dots, Scene};
use crate::style::{self, SeriesStyle, style};
use crate::{PanelKind, polyline};

/// Curves over linear or logarithmic axes, with horizontal reference lines.
///
/// Up to nine curves and levels have their names at their right ends, more are explained in the legend. Curves differ by
/// colour, and after seven by a glyph as well; [`LinePanel::ordered_colours`] colours them from the
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
    reversed_x: bool,
    ordered: bool,
    held: Vec<f64>,
}

impl LinePanel {
    /// Creates a panel of `curves`, on linear axes and without axis labels.
    pub fn new(title: impl Into<String>, curves: Vec<Curve>) -> Self {
        let (labels, levels, held) = (Labels::new(title, "", ""), Vec::new(), Vec::new());
        let (log_x, log_y, whole_x, reversed_x, ordered) = (false, false, false, false, false);
        LinePanel { labels, curves, levels, log_x, log_y, whole_x, reversed_x, ordered, held }
    }

    axis_labels!();

    /// Makes the x axis logarithmic, and its label say so.
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

    /// Lets a linear x axis fall from left to right: for what is to be read backwards, as gradients are.
    #[must_use]
    pub fn reversed_x(mut self) -> Self {
        self.reversed_x = true;
        self
    }

    /// Makes the y axis logarithmic, and its label say so.
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

    /// True if the names stand beside the curves and levels.
    fn labelled(&self) -> bool {
        let own = self.curves.iter().filter(|curve| !curve.same_colour);
        let shown = |curve: &Curve| self.end(curve).is_some() || curve.points.is_empty();
        let few = self.curves.len() + self.levels.len() <= end_labels::MOST;
        few && own.clone().any(|curve| !curve.name.is_empty()) && own.clone().all(shown)
    }

    /// The point of a curve that has its name: of those that the axes can show, the last, or the nearest to a given x.
    fn end(&self, curve: &Curve) -> Option<(f64, f64)> {
        let (x, y) = (self.x_axis(), self.y_axis());
        let shown = |(at, value): &(f64, f64)| x.missing(*at).is_none() && y.missing(*value).is_none();
        let mut points = curve.points.iter().copied().filter(shown);
        if let Some(at) = curve.named_at {
            return points.min_by(|a, b| (a.0 - at).abs().total_cmp(&(b.0 - at).abs()));
        }
        if self.reversed_x { points.next() } else { points.next_back() }
    }

    /// The curves and levels that have a name at their right end.
    fn end_names(&self) -> Vec<&str> {
        let at_end = self.curves.iter().filter(|curve| !curve.same_colour && curve.named_at.is_none());
        let curves = at_end.map(|curve| curve.name.as_str());
        let levels = self.levels.iter().map(|level| level.label.as_str());
        if self.labelled() { curves.chain(levels).collect() } else { Vec::new() }
    }

    fn draw_end_labels(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let curves = self.styles().into_iter().filter(|(curve, _)| !curve.same_colour);
        let curves = curves.filter_map(|(curve, style)| {
            let (name, end) = (curve.name.clone(), plot.at(self.end(curve)?));
            (!name.is_empty()).then_some(EndLabel { name, end, colour: style.colour })
        });
        let level = |level: &Marker| EndLabel {
            name: level.label.clone(),
            end: (plot.area.right, plot.y(level.at)),
            colour: INK,
        };
        let levels = self.levels.iter().filter(|level| !level.label.is_empty()).map(level);
        end_labels::draw(scene, plot, curves.chain(levels).collect(), &self.lines(plot));
    }

    /// The lines of all curves and levels, which names in the frame keep clear of.
    fn lines(&self, plot: &Plot<'_>) -> Vec<Vec<Dots>> {
        let curves = self.curves.iter().flat_map(|curve| polyline::lines(plot, &curve.points));
        let level =
            |level: &Marker| [plot.area.left, plot.area.right].map(|x| (x, plot.y(level.at))).to_vec();
        curves.chain(self.levels.iter().map(level)).collect()
    }

    /// Every curve with its style.
    fn styles(&self) -> Vec<(&Curve, SeriesStyle)> {
        let own = self.curves.iter().enumerate().filter(|(i, curve)| *i == 0 || !curve.same_colour).count();
        let mut index = 0;
        let style_of = |(i, curve)| {
            let curve: &Curve = curve;
            index += usize::from(i > 0 && !curve.same_colour);
            let own = style(curve.colour.unwrap_or(index), own, self.ordered && curve.colour.is_none());
            (curve, if curve.ink { SeriesStyle { colour: INK, glyph: None, ..own } } else { own })
        };
        self.curves.iter().enumerate().map(style_of).collect()
    }
}

impl LinePanel {
    /// The legend entries of the curves with colours of their own, where their names do not stand beside them.
    fn own_entries(&self) -> Vec<Entry> {
        let own: Vec<(&Curve, SeriesStyle)> = self
            .styles()
            .into_iter()
            .enumerate()
            .filter(|(i, (c, _))| *i == 0 || !c.same_colour)
            .map(|(_, s)| s)
            .collect();
        let names: Vec<&str> = own.iter().map(|(curve, _)| curve.name.as_str()).collect();
        let mut entries = style::entries(&names, self.ordered);
        // Otherwise one entry stands for all.
        if entries.len() == own.len() {
            for (entry, (curve, style)) in entries.iter_mut().zip(own) {
                entry.colour = style.colour;
                entry.swatch = if curve.dashed { DASHES } else { Swatch::Line(style.glyph) };
            }
        }
        entries
    }
}

impl PanelKind for LinePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        let axis = Axis::holding(self.positions().map(|(x, _)| x), self.log_x, 0.03);
        let axis = if self.whole_x { axis.whole() } else { axis };
        if self.reversed_x { axis.reversed() } else { axis }
    }

    fn y_axis(&self) -> Axis {
        let levels = self.levels.iter().map(|level| level.at).chain(self.held.iter().copied());
        Axis::holding(self.positions().map(|(_, y)| y).chain(levels), self.log_y, 0.05)
    }

    fn legend(&self) -> Vec<Entry> {
        let labelled = self.labelled();
        let mut entries = Vec::new();
        if !labelled {
            entries = self.own_entries();
        }
        let same = self.curves.iter().skip(1).filter(|curve| curve.same_colour);
        entries.extend(same.map(|curve| Entry {
            label: curve.name.clone(),
            colour: INK,
            swatch: if curve.dashed { DASHES } else { Swatch::Line(None) },
        }));
        if !labelled {
            entries.extend(marker::entries(&self.levels));
        }
        entries.extend(off_axis::entries(&self.x_axis(), &self.y_axis(), self.points()));
        entries
    }

    fn names(&self) -> Vec<&str> {
        self.curves.iter().map(|curve| curve.name.as_str()).filter(|name| !name.is_empty()).collect()
    }

    fn right(&self) -> i32 {
        end_labels::room(self.end_names().into_iter())
    }

    fn draw_over(&self, scene: &mut Scene, plot: &Plot<'_>) {
        if self.labelled() {
            self.draw_end_labels(scene, plot);
        }
    }

    fn width(&self) -> i32 {
        1000 + self.right()
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let styles = self.styles();
        styles.iter().for_each(|(curve, style)| curve.draw_band(scene, plot, style.colour));
        self.levels.iter().for_each(|level| marker::horizontal(scene, plot, level));
        styles.iter().for_each(|(curve, style)| curve.draw_line(scene, plot, *style));
        if self.points().next().is_none() {
            plot.no_values(scene);
        }
    }
}

/// The swatch of a dashed curve.
const DASHES: Swatch = Swatch::Strokes(18, 8);
