//! Densities in one panel: the layers of a network as lines over a common axis.

use super::PanelKind;
use super::axis::{Axis, range};
use super::density::Density;
use super::frame::Plot;
use super::guide::{self, Line, Marker};
use super::header::Entry;
use super::labels::{Labels, axis_labels};
use super::look::{self, look};
use super::scene::Scene;
use super::trace::thinned;

/// Outlines of several histograms over one x axis, as densities (each has an area of 1) or counts.
///
/// ```
/// use diagnostics::Histogram;
/// use plot::{Density, DensityPanel, Figure};
///
/// let density = |name: &str, values: &[f32]| {
///     let histogram = Histogram::over(values, -1.0, 1.0, 4);
///     Density::new(name, histogram.edges, histogram.counts)
/// };
/// let layers = vec![density("Layer 1", &[-0.9, 0.8, 0.9]), density("Layer 2", &[-0.1, 0.0, 0.1])];
/// let figure = Figure::new("", [DensityPanel::new("tanh", layers).by_depth().x_label("Activation")]);
/// assert!(figure.svg().contains("Layer 2"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DensityPanel {
    labels: Labels,
    densities: Vec<Density>,
    markers: Vec<Marker>,
    counts: bool,
    steps: bool,
    log: bool,
    by_depth: bool,
}

impl DensityPanel {
    /// A panel of `densities`, drawn as lines on a linear y axis labelled "Density".
    pub fn new(title: impl Into<String>, densities: Vec<Density>) -> Self {
        let (labels, markers) = (Labels::new(title, "", "Density"), Vec::new());
        DensityPanel { labels, densities, markers, counts: false, steps: false, log: false, by_depth: false }
    }

    axis_labels!();

    /// The panel with counts in place of densities, its y axis labelled "Count".
    #[must_use]
    pub fn counts(mut self) -> Self {
        self.counts = true;
        self.y_label("Count")
    }

    /// The panel with every bin as a step, in place of a line through the middles of bins.
    #[must_use]
    pub fn steps(mut self) -> Self {
        self.steps = true;
        self
    }

    /// The panel on a logarithmic y axis, on which empty bins lie at the bottom.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// The panel with its lines coloured from the first to the last, as layers are; many share a legend entry.
    #[must_use]
    pub fn by_depth(mut self) -> Self {
        self.by_depth = true;
        self
    }

    /// The panel with one more vertical line, which the x axis is widened to hold.
    ///
    /// # Panics
    /// When `at` is not finite.
    #[must_use]
    #[track_caller]
    pub fn marker(mut self, at: f64, label: impl Into<String>, line: Line) -> Self {
        self.markers.push(Marker::new(at, label, line));
        self
    }

    fn heights(&self) -> Vec<f64> {
        self.densities.iter().flat_map(|density| density.heights(self.counts)).collect()
    }
}

impl PanelKind for DensityPanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        let edges = self.densities.iter().flat_map(|density| density.edges.iter().copied());
        Axis::holding(edges.chain(self.markers.iter().map(|marker| marker.at)), false, 0.03)
    }

    fn y_axis(&self) -> Axis {
        let heights = self.heights();
        if self.log {
            return Axis::log(heights.into_iter().filter(|height| *height > 0.0 && height.is_finite()));
        }
        let high = range(heights.into_iter()).map_or(0.0, |(_, high)| high);
        Axis::linear(0.0, if high > 0.0 { high } else { 1.0 }).padded(0.0, 0.05)
    }

    fn legend(&self) -> Vec<Entry> {
        let names: Vec<&str> = self.densities.iter().map(|density| density.name.as_str()).collect();
        let mut entries = look::entries(&names, self.by_depth);
        entries.extend(guide::entries(&self.markers));
        entries
    }

    fn width(&self) -> i32 {
        1200
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        self.markers.iter().for_each(|marker| guide::vertical(scene, plot, marker));
        for (i, density) in self.densities.iter().enumerate().filter(|(_, density)| density.total() > 0) {
            let outline = density.outline(&density.heights(self.counts), self.steps);
            let line = outline.into_iter().map(|point| plot.at(point));
            look(i, self.densities.len(), self.by_depth).stroke(scene, thinned(line));
        }
        if self.densities.iter().all(|density| density.total() == 0) {
            plot.no_values(scene);
        }
    }
}
