//! Grouped bars or dots: one group per name along x, with one bar or dot per series.

use crate::PanelKind;
use crate::axis::Axis;
use crate::font;
use crate::frame::Plot;
use crate::glyph::{self, Glyph};
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::palette::{self, INK, PAPER};
use crate::scene::{Align, Area, Colour, Scene, Text};

/// Groups of bars along the x axis, on a linear value axis that includes 0; on a logarithmic one, dots.
///
/// A log axis has no 0 that a bar could begin at, and the length of a bar would mean nothing. A value that cannot have a bar
/// or a dot is written at the base: NaN, ±inf, and on a log axis "0" and "<0".
///
/// ```
/// use plot::{BarPanel, Figure, Series};
///
/// let random = Series::new("N(0, 1)", vec![0.67, 0.13, 0.05]);
/// let kaiming = Series::new("Kaiming", vec![0.0058, 0.0056, 0.0094]);
/// let panel = BarPanel::new(["W1", "W2", "W3"], vec![random, kaiming]).log().y_label("mean |gradient|");
/// assert!(Figure::new("", [panel]).svg().contains("Kaiming"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BarPanel {
    labels: Labels,
    groups: Vec<String>,
    series: Vec<Series>,
    log: bool,
}

/// One value per group, drawn in one colour; on a log axis, also with a glyph of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    name: String,
    values: Vec<f64>,
    colour: Option<usize>,
}

/// The fraction of a group's width that its bars take.
const FILLED: f64 = 0.8;
/// The size of the marks of missing bars, in dots per em.
const MARK: i32 = 20;
/// With more groups than this there is no room for the texts: a cross stands for each, and the legend explains it.
const MOST_WRITTEN: usize = 60;

impl Series {
    /// Creates a series called `name` in the legend, with one value per group; any value is allowed.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Series { name: name.into(), values, colour: None }
    }

    /// Takes colour `index` of the palette in place of that of its position, so that one subject has one colour in every
    /// figure.
    #[must_use]
    pub fn colour(mut self, index: usize) -> Self {
        self.colour = Some(index);
        self
    }
}

impl BarPanel {
    /// Creates a panel of `series` over `groups`, on a linear axis and without labels.
    ///
    /// # Panics
    /// If a series does not have one value per group.
    pub fn new(groups: impl IntoIterator<Item = impl Into<String>>, series: Vec<Series>) -> Self {
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        for Series { name, values, .. } in &series {
            let (have, need) = (values.len(), groups.len());
            assert!(have == need, "series {name:?} has {have} values for {need} groups");
        }
        BarPanel { labels: Labels::new("", "", ""), groups, series, log: false }
    }

    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.labels.title = title.into();
        self
    }

    axis_labels!();

    /// Makes the value axis logarithmic, with dots in place of bars, and its label say so.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    fn values(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.series.iter().flat_map(|series| series.values.iter().copied())
    }

    /// The mark of a value that cannot have a bar.
    fn absence(&self, value: f64) -> Option<&'static str> {
        match value {
            v if v.is_nan() => Some("NaN"),
            f64::INFINITY => Some("inf"),
            f64::NEG_INFINITY => Some("−inf"),
            v if self.log && v == 0.0 => Some("0"),
            v if self.log && v < 0.0 => Some("<0"),
            _ => None,
        }
    }

    /// The left and right edge of a bar, in dots.
    fn sides(&self, plot: &Plot<'_>, group: usize, series: usize) -> (i32, i32) {
        let side = |series: usize| {
            let within = FILLED * series as f64 / self.series.len() as f64;
            plot.x(group as f64 + (1.0 - FILLED) / 2.0 + within)
        };
        (side(series), side(series + 1).max(side(series) + 1))
    }

    /// The colour and the glyph of a series.
    fn style(&self, series: usize) -> (Colour, Glyph) {
        let glyphs = [Glyph::Disc, Glyph::Square, Glyph::Triangle, Glyph::Diamond];
        (palette::series(self.series[series].colour.unwrap_or(series)).0, glyphs[series % glyphs.len()])
    }

    fn draw_dot(&self, scene: &mut Scene, plot: &Plot<'_>, group: usize, series: usize) {
        let (left, right) = self.sides(plot, group, series);
        let (colour, glyph) = self.style(series);
        let at = (i32::midpoint(left, right), plot.y(self.series[series].values[group]));
        glyph::draw(scene, glyph, at, colour);
    }

    fn draw_bar(&self, scene: &mut Scene, plot: &Plot<'_>, group: usize, series: usize) {
        let value = self.series[series].values[group];
        let (left, right) = self.sides(plot, group, series);
        let (base, end) = (plot.y(0.0), plot.y(value));
        scene.rect(Area::new(left, end.min(base), right, end.max(base)), self.style(series).0);
    }

    /// Marks the bars that a group lacks, each in its position if there is room, otherwise all in one text.
    fn draw_marks(&self, scene: &mut Scene, plot: &Plot<'_>, group: usize) {
        let mut marks: Vec<(usize, &str)> = Vec::new();
        for (i, series) in self.series.iter().enumerate() {
            marks.extend(self.absence(series.values[group]).map(|mark| (i, mark)));
        }
        let room = (plot.x(group as f64), plot.x(group as f64 + 1.0));
        let (left, right) = self.sides(plot, group, 0);
        if self.groups.len() > MOST_WRITTEN && !marks.is_empty() {
            let at = (i32::midpoint(room.0, room.1), plot.area.bottom - 12);
            glyph::draw(scene, Glyph::Cross, at, INK);
        } else if right - left >= MARK {
            for (series, text) in marks {
                mark(scene, plot, text, self.sides(plot, group, series));
            }
        } else if !marks.is_empty() {
            let mut texts: Vec<&str> = marks.into_iter().map(|(_, text)| text).collect();
            texts.dedup();
            let text = texts.join(" ");
            // On white paper, because it stands in front of the bars that the group has.
            let top = plot.area.bottom - font::width(&text, MARK) - 12;
            scene.rect(Area::new(room.0, top, room.1, plot.area.bottom), PAPER);
            mark(scene, plot, &text, room);
        }
    }
}

/// Writes a mark over the base between two dots, upright if it is too wide.
fn mark(scene: &mut Scene, plot: &Plot<'_>, text: &str, (left, right): (i32, i32)) {
    let (centre, bottom) = (i32::midpoint(left, right), plot.area.bottom);
    if font::width(text, MARK) <= right - left {
        scene.text(Text::new(text, (centre, bottom - MARK / 2 - 6), MARK, Align::Middle, INK));
    } else {
        scene.text(Text::new(text, (centre, bottom - 8), MARK, Align::Start, INK).upright());
    }
}

impl PanelKind for BarPanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        Axis::Names(self.groups.clone())
    }

    fn y_axis(&self) -> Axis {
        let drawn = self.values().filter(|&value| self.absence(value).is_none());
        if self.log {
            return Axis::log(drawn);
        }
        let (low, high) = drawn.fold((0f64, 0f64), |(low, high), v| (low.min(v), high.max(v)));
        // All values are 0: the axis goes upwards from 0, as for counts.
        let high = if low == high { 1.0 } else { high };
        Axis::linear(low, high)
            .padded(if low < 0.0 { 0.05 } else { 0.0 }, if high > 0.0 { 0.05 } else { 0.0 })
    }

    fn legend(&self) -> Vec<Entry> {
        let entry = |(i, series): (usize, &Series)| {
            let (colour, glyph) = self.style(i);
            let swatch = if self.log { Swatch::Glyph(glyph) } else { Swatch::Box };
            Entry { label: series.name.clone(), colour, swatch }
        };
        let mut entries: Vec<Entry> = self.series.iter().enumerate().map(entry).collect();
        if self.groups.len() > MOST_WRITTEN && self.values().any(|value| self.absence(value).is_some()) {
            let label = if self.log { "not a positive number" } else { "not finite" }.to_string();
            entries.push(Entry { label, colour: INK, swatch: Swatch::Glyph(Glyph::Cross) });
        }
        entries
    }

    fn names(&self) -> Vec<&str> {
        self.series.iter().map(|series| series.name.as_str()).collect()
    }

    fn width(&self) -> i32 {
        // Groups stay 16 nominal pixels apart while the figure may grow.
        (self.groups.len().min(100) as i32 * 32 + 220).max(1200)
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        for group in 0..self.groups.len() {
            for series in 0..self.series.len() {
                match self.absence(self.series[series].values[group]) {
                    None if self.log => self.draw_dot(scene, plot, group, series),
                    None => self.draw_bar(scene, plot, group, series),
                    Some(_) => {}
                }
            }
            if !self.series.is_empty() {
                self.draw_marks(scene, plot, group);
            }
        }
        if self.values().next().is_none() {
            plot.no_values(scene);
        }
    }
}
