//! Histograms: counts over bins, with vertical marker lines.

use crate::axis::Axis;
use crate::frame::Plot;
use crate::header::Entry;
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::palette::{BAR, OUTLINE};
use crate::scene::{Area, Scene};
use crate::{PanelKind, density};

/// Counts over adjoining bins, on a linear axis from 0, with vertical marker lines.
///
/// ```
/// use plot::{Figure, HistogramPanel, Line};
///
/// let panel = HistogramPanel::new("h", vec![-1.0, -0.5, 0.0, 0.5, 1.0], vec![4, 1, 0, 5])
///     .x_label("activation")
///     .marker(0.99, "|h| = 0.99", Line::Dotted);
/// assert!(Figure::new("", [panel]).svg().contains("|h| = 0.99"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramPanel {
    labels: Labels,
    edges: Vec<f64>,
    counts: Vec<u64>,
    markers: Vec<Marker>,
}

impl HistogramPanel {
    /// Creates a panel of `counts` over the bins between neighbouring `edges`, with "Count" beside the y axis.
    ///
    /// # Panics
    /// If there is not one edge more than counts, or the edges are not finite and ascending.
    pub fn new(title: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        density::check(&edges, &counts);
        let labels = Labels::new(title, "", "Count");
        HistogramPanel { labels, edges, counts, markers: Vec::new() }
    }

    axis_labels!();

    /// Adds a vertical line at a value of x, and widens the x axis to show it.
    ///
    /// # Panics
    /// If `at` is not finite.
    #[must_use]
    pub fn marker(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        self.markers.push(Marker::new(at, label, line));
        self
    }

    fn draw_bar(&self, scene: &mut Scene, plot: &Plot<'_>, bin: usize) {
        // A bin narrower than two dots is drawn two dots wide.
        let left = plot.x(self.edges[bin]);
        let right = plot.x(self.edges[bin + 1]).max(left + 2);
        let bottom = plot.area.bottom;
        // Three dots at least, so that a rare value still shows.
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
        let positions = self.edges.iter().copied().chain(self.markers.iter().map(|marker| marker.at));
        let low = positions.clone().fold(f64::INFINITY, f64::min);
        Axis::linear(low, positions.fold(f64::NEG_INFINITY, f64::max)).padded(0.04, 0.04)
    }

    fn y_axis(&self) -> Axis {
        Axis::counts(self.counts.iter().copied().max().unwrap_or(0))
    }

    fn legend(&self) -> Vec<Entry> {
        marker::entries(&self.markers)
    }

    fn width(&self) -> i32 {
        800
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let counted = (0..self.counts.len()).filter(|&bin| self.counts[bin] > 0);
        counted.clone().for_each(|bin| self.draw_bar(scene, plot, bin));
        self.markers.iter().for_each(|marker| marker::vertical(scene, plot, marker));
        if counted.count() == 0 {
            plot.no_values(scene);
        }
    }
}
