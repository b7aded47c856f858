//! Ridges: one density a layer, in rows that overlap.

use super::PanelKind;
use super::axis::Axis;
use super::density::Density;
use super::frame::Plot;
use super::guide::{self, Line, Marker};
use super::header::Entry;
use super::labels::{Labels, axis_labels};
use super::palette::{FAINT, PAPER, depth};
use super::scene::{Align, Dots, Scene, Text};
use super::trace::thinned;

/// One density a layer, the first layer at the top, each standing on a line of its own beside its name.
///
/// Every density is drawn to the same height, so that a narrow layer does not flatten the others;
/// [`RidgePanel::common_scale`] compares heights too.
///
/// ```
/// use plot::{Density, Figure, RidgePanel};
///
/// let layer = |i: u64| Density::new(format!("Layer {i}"), vec![-1.0, 0.0, 1.0], vec![i, 3]);
/// let figure = Figure::new("", [RidgePanel::new("tanh", (1..=10).map(layer).collect())]);
/// assert!(figure.svg().contains("Layer 10"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RidgePanel {
    labels: Labels,
    layers: Vec<Density>,
    markers: Vec<Marker>,
    common: bool,
}

/// Dots a row at least, and the most rows that get them.
const ROW: usize = 26;
const MOST_ROWS: usize = 60;
/// Dots of the labels around the rows.
const AROUND: usize = 160;
/// Dots an em of what is said of an empty layer.
const REMARK: i32 = 18;

impl RidgePanel {
    /// A panel of `layers`, the first at the top.
    pub fn new(title: impl Into<String>, layers: Vec<Density>) -> Self {
        RidgePanel { labels: Labels::new(title, "", ""), layers, markers: Vec::new(), common: false }
    }

    axis_labels!();

    /// The panel with one scale of heights for all layers: equal areas count equally many values.
    #[must_use]
    pub fn common_scale(mut self) -> Self {
        self.common = true;
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

    /// How many rows the highest ridge reaches over: more where rows are low.
    fn reach(&self) -> f64 {
        (1.0 + 0.05 * self.layers.len() as f64).min(2.4)
    }

    /// The highest finite height of a layer.
    fn peak(layer: &Density) -> f64 {
        layer.heights(false).into_iter().filter(|height| height.is_finite()).fold(0.0, f64::max)
    }

    /// The outline of layer `index` in dots, where a height of `peak` reaches as far as any.
    fn outline(&self, plot: &Plot<'_>, index: usize, peak: f64) -> Vec<Dots> {
        let layer = &self.layers[index];
        let row = |height: f64| {
            let share = if peak > 0.0 { (height / peak).min(1.0) } else { f64::from(u8::from(height > 0.0)) };
            index as f64 + 1.0 - share * self.reach()
        };
        let outline = layer.outline(&layer.heights(false), false);
        thinned(outline.into_iter().map(|(x, height)| plot.at((x, row(height)))))
    }

    fn draw_layer(&self, scene: &mut Scene, plot: &Plot<'_>, index: usize, peak: f64) {
        let (outline, colour) = (self.outline(plot, index, peak), depth(index, self.layers.len()));
        scene.fill(outline.clone(), colour, 88);
        // A light rim sets a ridge off from the one behind it.
        scene.path(outline.iter().map(|&(x, y)| (x, y - 2)).collect(), 2, PAPER);
        scene.path(outline, 2, colour);
    }

    fn remark_on_empty(&self, scene: &mut Scene, plot: &Plot<'_>, index: usize) {
        let at = (plot.area.right - 12, plot.y(index as f64 + 1.0) - REMARK / 2 - 4);
        let text = Text::new("no values", at, REMARK, Align::End, FAINT);
        scene.rect(text.room(), PAPER);
        scene.text(text);
    }
}

impl PanelKind for RidgePanel {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn x_axis(&self) -> Axis {
        let edges = self.layers.iter().flat_map(|layer| layer.edges.iter().copied());
        Axis::holding(edges.chain(self.markers.iter().map(|marker| marker.at)), false, 0.03)
    }

    fn y_axis(&self) -> Axis {
        let names = self.layers.iter().map(|layer| layer.name.clone()).collect();
        Axis::Rows { names, above: self.reach() - 0.9 }
    }

    fn legend(&self) -> Vec<Entry> {
        guide::entries(&self.markers)
    }

    fn width(&self) -> i32 {
        1200
    }

    fn height(&self) -> i32 {
        (self.layers.len().min(MOST_ROWS) * ROW + AROUND) as i32
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let highest = self.layers.iter().map(Self::peak).fold(0.0, f64::max);
        let row = plot.area.height() / self.layers.len().max(1) as i32;
        for (i, layer) in self.layers.iter().enumerate() {
            if layer.total() > 0 {
                self.draw_layer(scene, plot, i, if self.common { highest } else { Self::peak(layer) });
            }
        }
        let empty = (0..self.layers.len()).filter(|&i| row > REMARK && self.layers[i].total() == 0);
        empty.for_each(|i| self.remark_on_empty(scene, plot, i));
        self.markers.iter().for_each(|marker| guide::vertical(scene, plot, marker));
        if self.layers.is_empty() {
            plot.no_values(scene);
        }
    }
}
