//! Densities: named histograms, and the panel that draws several of them as outlines over a common axis.

use crate::PanelKind;
use crate::axis::{Axis, range};
use crate::frame::Plot;
use crate::header::Entry;
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::polyline::thinned;
use crate::scene::Scene;
use crate::style::{self, style};

/// A named histogram, drawn as an outline: one of several in a [`DensityPanel`] or [`RidgePanel`](crate::RidgePanel).
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    pub(crate) name: String,
    pub(crate) edges: Vec<f64>,
    pub(crate) counts: Vec<u64>,
    pub(crate) note: String,
    pub(crate) colour: Option<usize>,
}

/// Checks the edges of a histogram.
///
/// # Panics
/// If there is not one edge more than counts, or the edges are not finite and ascending.
#[track_caller]
pub(crate) fn check(edges: &[f64], counts: &[u64]) {
    let (have, bins) = (edges.len(), counts.len());
    assert!(have == bins + 1, "{bins} bins need {} edges, not {have}", bins + 1);
    assert!(
        edges.iter().all(|edge| edge.is_finite()),
        "the edges of a histogram must be finite, not {edges:?}"
    );
    assert!(edges.is_sorted(), "the edges of a histogram must ascend, unlike {edges:?}");
}

impl Density {
    /// Creates a density called `name` of `counts` over the bins between neighbouring `edges`; every density may have
    /// its own bins.
    ///
    /// # Panics
    /// If there is not one edge more than counts, or the edges are not finite and ascending.
    #[track_caller]
    pub fn new(name: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        check(&edges, &counts);
        Density { name: name.into(), edges, counts, note: String::new(), colour: None }
    }

    /// Sets a remark to the right of its row in a [`RidgePanel`](crate::RidgePanel): its standard deviation, for instance.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Takes colour `index` of the palette in place of that of its position, so that one subject has one colour in every
    /// figure.
    #[must_use]
    pub fn colour(mut self, index: usize) -> Self {
        self.colour = Some(index);
        self
    }

    /// The sum of all counts.
    pub(crate) fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, &count| total.saturating_add(count))
    }

    /// The height over each bin: its count, or its fraction of all counts per unit of x.
    ///
    /// Over a bin of width 0, a density is infinite.
    pub(crate) fn heights(&self, counts: bool) -> Vec<f64> {
        let total = self.total() as f64;
        let height = |(ends, &count): (&[f64], &u64)| match (count, counts) {
            (0, _) => 0.0,
            (count, true) => count as f64,
            (count, false) => count as f64 / total / (ends[1] - ends[0]),
        };
        self.edges.windows(2).zip(&self.counts).map(height).collect()
    }

    /// The outline through these heights in steps, from height 0 at the first edge to height 0 at the last: a line through
    /// the middles of bins would fall to 0 at the ends of a range, where a saturated layer has most of its values.
    pub(crate) fn outline(&self, heights: &[f64]) -> Vec<(f64, f64)> {
        let (Some(&first), Some(&last)) = (self.edges.first(), self.edges.last()) else { return Vec::new() };
        let over = |(ends, &height): (&[f64], &f64)| [ends[0], ends[1]].map(|x| (x, height));
        let inner = self.edges.windows(2).zip(heights).flat_map(over);
        std::iter::once((first, 0.0)).chain(inner).chain([(last, 0.0)]).collect()
    }
}

/// Outlines of several histograms over one x axis, as densities (each of area 1) or counts.
///
/// ```
/// use plot::{Density, DensityPanel, Figure};
///
/// let edges = vec![-1.0, -0.5, 0.0, 0.5, 1.0];
/// let first = Density::new("Layer 1", edges.clone(), vec![4, 1, 0, 5]);
/// let second = Density::new("Layer 2", edges, vec![1, 4, 5, 0]);
/// let panel = DensityPanel::new("tanh", vec![first, second]).ordered_colours().x_label("activation");
/// assert!(Figure::new("", [panel]).svg().contains("Layer 2"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DensityPanel {
    labels: Labels,
    densities: Vec<Density>,
    markers: Vec<Marker>,
    counts: bool,
    log: bool,
    ordered: bool,
}

impl DensityPanel {
    /// Creates a panel of `densities`, drawn in steps on a linear y axis with "Density" beside it.
    pub fn new(title: impl Into<String>, densities: Vec<Density>) -> Self {
        let (labels, markers) = (Labels::new(title, "", "Density"), Vec::new());
        DensityPanel { labels, densities, markers, counts: false, log: false, ordered: false }
    }

    axis_labels!();

    /// Shows counts instead of densities, with "Count" beside the y axis.
    #[must_use]
    pub fn counts(mut self) -> Self {
        self.counts = true;
        self.y_label("Count")
    }

    /// Makes the y axis logarithmic, and its label say so; empty bins lie at its bottom.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// Colours the outlines from the first to the last along one range of colours; more than eight share a legend entry.
    #[must_use]
    pub fn ordered_colours(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Adds a vertical line at a value of x, and widens the x axis to show it.
    ///
    /// # Panics
    /// If `at` is not finite.
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
        let mut entries = style::entries(&names, self.ordered);
        entries.extend(marker::entries(&self.markers));
        entries
    }

    fn width(&self) -> i32 {
        1200
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        self.markers.iter().for_each(|marker| marker::vertical(scene, plot, marker));
        for (i, density) in self.densities.iter().enumerate().filter(|(_, density)| density.total() > 0) {
            let outline = density.outline(&density.heights(self.counts));
            let line = outline.into_iter().map(|point| plot.at(point));
            style(i, self.densities.len(), self.ordered).stroke(scene, thinned(line));
        }
        if self.densities.iter().all(|density| density.total() == 0) {
            plot.no_values(scene);
        }
    }
}
