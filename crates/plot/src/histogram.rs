//! Histograms: counts over bins, with vertical lines that mark values.

use super::axis::Axis;
use super::frame::Plot;
use super::guide::{self, Line, Marker};
use super::header::Entry;
use super::labels::Labels;
use super::palette::{BAR, OUTLINE};
use super::scene::{Area, Scene};
use super::{PanelKind, density};

/// Counts over adjoining bins, the count axis linear and from 0, with vertical marker lines.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramPanel {
    labels: Labels,
    edges: Vec<f64>,
    counts: Vec<u64>,
    markers: Vec<Marker>,
}

impl HistogramPanel {
    /// A panel of `counts` over the bins between neighbouring `edges`, its y axis labelled "Count".
    ///
    /// # Panics
    /// When there is not one edge more than counts, or the edges are not finite and ascending.
    pub fn new(title: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        density::check(&edges, &counts);
        let labels = Labels::new(title, "", "Count");
        HistogramPanel { labels, edges, counts, markers: Vec::new() }
    }

    /// The panel with this text under its x axis.
    #[must_use]
    pub fn x_label(mut self, label: impl Into<String>) -> Self {
        self.labels.x = label.into();
        self
    }

    /// The panel with this text beside its y axis; panels that share it show it once a row.
    #[must_use]
    pub fn y_label(mut self, label: impl Into<String>) -> Self {
        self.labels.y = label.into();
        self
    }

    /// The panel with one more marker line, which the x axis is widened to hold.
    ///
    /// # Panics
    /// When `at` is not finite.
    #[must_use]
    pub fn marker(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        self.markers.push(Marker::new(at, label, line));
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
}

impl PanelKind for HistogramPanel {
    fn labels(&self) -> &Labels {
        &self.labels
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
        guide::entries(&self.markers)
    }

    fn width(&self) -> i32 {
        800
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let counted = (0..self.counts.len()).filter(|&bin| self.counts[bin] > 0);
        counted.clone().for_each(|bin| self.draw_bar(scene, plot, bin));
        self.markers.iter().for_each(|marker| guide::vertical(scene, plot, marker));
        if counted.count() == 0 {
            plot.no_values(scene);
        }
    }
}
