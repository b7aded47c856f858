//! Histograms: counts over bins, with vertical lines that mark values.

use super::Kind;
use super::axis::Axis;
use super::frame::Plot;
use super::header::{Entry, Sample};
use super::palette::{BAR, DASHED, DOTTED, OUTLINE};
use super::scene::{Area, Colour, Scene};

/// Counts over adjoining bins, the count axis linear and from 0, with vertical marker lines.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramPanel {
    title: String,
    x_label: String,
    y_label: String,
    edges: Vec<f64>,
    counts: Vec<u64>,
    markers: Vec<Marker>,
}

/// A vertical line at a value of the x axis, explained in the legend by its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Where, in the unit of the edges.
    pub at: f64,
    /// What the legend says; markers of equal label and line share an entry, an empty label has none.
    pub label: String,
    /// How it is drawn.
    pub line: Line,
}

/// How a marker line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Red dashes.
    Dashed,
    /// Orange dots.
    Dotted,
}

impl Line {
    /// The colour, and the dots on and off.
    fn look(self) -> (Colour, i32, i32) {
        match self {
            Line::Dashed => (DASHED, 12, 8),
            Line::Dotted => (DOTTED, 4, 6),
        }
    }
}

impl HistogramPanel {
    /// A panel of `counts` over the bins between neighbouring `edges`, its y axis labelled "Count".
    ///
    /// # Panics
    /// When there is not one edge more than counts, or the edges are not finite and ascending.
    pub fn new(title: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        let (have, bins) = (edges.len(), counts.len());
        assert!(have == bins + 1, "{bins} bins need {} edges, not {have}", bins + 1);
        assert!(edges.iter().all(|edge| edge.is_finite()), "an edge of a histogram is not finite");
        assert!(edges.is_sorted(), "the edges of a histogram do not ascend");
        let (x_label, y_label) = (String::new(), "Count".to_string());
        HistogramPanel { title: title.into(), x_label, y_label, edges, counts, markers: Vec::new() }
    }

    /// The panel with this text under its x axis.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.x_label = label.into();
        self
    }

    /// The panel with this text beside its y axis; panels that share it show it once a row.
    #[must_use]
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.y_label = label.into();
        self
    }

    /// The panel with one more marker line, which the x axis is widened to hold.
    ///
    /// # Panics
    /// When `at` is not finite.
    #[must_use]
    pub fn marker(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        assert!(at.is_finite(), "a marker stands at {at}, which is no place on an axis");
        self.markers.push(Marker { at, label: label.into(), line });
        self
    }

    fn draw_bar(&self, scene: &mut Scene, plot: &Plot<'_>, bin: usize) {
        // Bins without width, or less than two dots of it, are drawn as thin bars.
        let left = plot.x(self.edges[bin]);
        let right = plot.x(self.edges[bin + 1]).max(left + 2);
        let bottom = plot.area.bottom;
        // A rare value still shows: nothing counted is invisible.
        let top = plot.y(self.counts[bin] as f64).min(bottom - 3);
        // Neighbours share a dot of outline; bars too narrow for one are plain.
        if right - left >= 5 {
            scene.rect(Area::new(left, top, right + 1, bottom), OUTLINE);
            scene.rect(Area::new(left + 1, top + 1, right, bottom), BAR);
        } else {
            scene.rect(Area::new(left, top, right, bottom), BAR);
        }
    }

    fn draw_marker(scene: &mut Scene, plot: &Plot<'_>, marker: &Marker) {
        let (colour, on, off) = marker.line.look();
        let x = plot.x(marker.at);
        for top in (plot.area.top..plot.area.bottom).step_by((on + off).unsigned_abs() as usize) {
            let bottom = (top + on).min(plot.area.bottom);
            scene.rect(Area::new(x - 2, top, x + 2, bottom), colour);
        }
    }
}

impl Kind for HistogramPanel {
    fn title(&self) -> &str {
        &self.title
    }

    fn x_label(&self) -> &str {
        &self.x_label
    }

    fn y_label(&self) -> &str {
        &self.y_label
    }

    fn x_axis(&self) -> Axis {
        let places = self.edges.iter().copied().chain(self.markers.iter().map(|marker| marker.at));
        let low = places.clone().fold(f64::INFINITY, f64::min);
        Axis::linear(low, places.fold(f64::NEG_INFINITY, f64::max)).padded(0.04, 0.04)
    }

    fn y_axis(&self) -> Axis {
        Axis::counts(self.counts.iter().copied().max().unwrap_or(0))
    }

    fn legend(&self) -> Vec<Entry> {
        let entry = |marker: &Marker| {
            let (colour, on, off) = marker.line.look();
            Entry { label: marker.label.clone(), colour, sample: Sample::Strokes(on, off) }
        };
        self.markers.iter().map(entry).collect()
    }

    fn width(&self) -> i32 {
        800
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let counted = (0..self.counts.len()).filter(|&bin| self.counts[bin] > 0);
        counted.clone().for_each(|bin| self.draw_bar(scene, plot, bin));
        for marker in &self.markers {
            Self::draw_marker(scene, plot, marker);
        }
        if counted.count() == 0 {
            plot.no_values(scene);
        }
    }
}
