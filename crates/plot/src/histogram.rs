//! Histograms: counts over bins, with vertical marker lines.

use crate::axis::Axis;
use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::palette::{OUTLINE, series};
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
    part: Option<(String, Vec<u64>)>,
    colour: usize,
}

/// The colour of bars unless another is asked for: blue.
const BLUE: usize = 1;

impl HistogramPanel {
    /// Creates a panel of `counts` over the bins between neighbouring `edges`, with "Count" beside the y axis.
    ///
    /// # Panics
    /// If there is not one edge more than counts, or the edges are not finite and ascending.
    pub fn new(title: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        density::check(&edges, &counts);
        let labels = Labels::new(title, "", "Count");
        HistogramPanel { labels, edges, counts, markers: Vec::new(), part: None, colour: BLUE }
    }

    axis_labels!();

    /// Takes colour `index` of the palette, so that one subject has one colour in every figure.
    #[must_use]
    pub fn colour(mut self, index: usize) -> Self {
        self.colour = index;
        self
    }

    /// Sets off a part of each bar in ink, from the bottom up, and explains it in the legend: the values above a threshold
    /// that lies within a bin, for instance.
    ///
    /// ```
    /// use plot::{Figure, HistogramPanel};
    ///
    /// let panel = HistogramPanel::new("h", vec![-1.0, 0.0, 1.0], vec![4, 5]).part("|h| > 0.99", vec![3, 1]);
    /// assert!(Figure::new("", [panel]).svg().contains("0.99"));
    /// ```
    ///
    /// # Panics
    /// If there is not one count per bin, or one is larger than its bin's.
    #[must_use]
    #[track_caller]
    pub fn part(mut self, label: impl Into<String>, counts: Vec<u64>) -> Self {
        let (have, need) = (counts.len(), self.counts.len());
        assert!(have == need, "the part of a histogram has {have} counts for {need} bins");
        let fits = counts.iter().zip(&self.counts).all(|(part, all)| part <= all);
        assert!(fits, "the part of a histogram must not be larger than the whole");
        self.part = Some((label.into(), counts));
        self
    }

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
        let colour = series(self.colour).0;
        // Neighbours are parted by a dot of outline; bars too narrow for one are plain.
        let inner = if right - left >= 5 {
            scene.rect(Area::new(left, top, right + 1, bottom), OUTLINE);
            Area::new(left + 1, top + 1, right, bottom)
        } else {
            Area::new(left, top, right, bottom)
        };
        scene.rect(inner, colour);
        let part = self.part.as_ref().map_or(0, |(_, counts)| counts[bin]);
        if part > 0 {
            scene.rect(Area { top: plot.y(part as f64).min(bottom - 3), ..inner }, OUTLINE);
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
        let part = self.part.iter().map(|(label, _)| Entry {
            label: label.clone(),
            colour: OUTLINE,
            swatch: Swatch::Box,
        });
        part.chain(marker::entries(&self.markers)).collect()
    }

    fn width(&self) -> i32 {
        720
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
