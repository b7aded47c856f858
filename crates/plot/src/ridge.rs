//! Ridgelines: densities in rows that overlap.

use crate::PanelKind;
use crate::axis::Axis;
use crate::density::Density;
use crate::font;
use crate::frame::{Plot, TICK};
use crate::header::Entry;
use crate::labels::{Labels, axis_labels};
use crate::marker::{self, Line, Marker};
use crate::palette::{FAINT, INK, PAPER, ordered, series};
use crate::polyline::thinned;
use crate::scene::{Align, Dots, Scene, Text};

/// Several densities in rows, the first at the top, each standing on a line of its own beside its name.
///
/// Every density is drawn to the same height, so that a narrow one does not flatten the others, and the label of the x axis says
/// that each has its own scale; [`RidgePanel::common_scale`] makes heights comparable.
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
    densities: Vec<Density>,
    markers: Vec<Marker>,
    common: bool,
    range: Option<(f64, f64)>,
}

/// The heights of a row in dots, where rows are few and at least, and the most rows that get the least.
const HIGH_ROW: usize = 44;
const FEW: usize = 12;
const ROW: usize = 26;
const MOST_ROWS: usize = 60;
/// Dots of the labels above and below the rows.
const AROUND: usize = 160;
/// Dots between the frame and the notes.
const NOTE: i32 = 14;
/// The size of the remark on an empty density, in dots per em.
const REMARK: i32 = 20;

impl RidgePanel {
    /// Creates a panel of `densities`, the first at the top.
    pub fn new(title: impl Into<String>, densities: Vec<Density>) -> Self {
        RidgePanel {
            labels: Labels::new(title, "", ""),
            densities,
            markers: Vec::new(),
            common: false,
            range: None,
        }
    }

    axis_labels!();

    /// Draws all densities to one scale: equal areas then stand for equal fractions of the values.
    #[must_use]
    pub fn common_scale(mut self) -> Self {
        self.common = true;
        self
    }

    /// Sets the range of the x axis; parts of densities outside are cut off.
    ///
    /// # Panics
    /// Unless both are finite and `low < high`.
    #[must_use]
    #[track_caller]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        let fine = low.is_finite() && high.is_finite() && low < high;
        assert!(fine, "a range must be finite and ascending, not {low} to {high}");
        self.range = Some((low, high));
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

    /// The number of rows that the highest ridge reaches over: more where rows are low.
    fn reach(&self) -> f64 {
        (1.0 + 0.05 * self.densities.len() as f64).min(2.4)
    }

    /// The highest finite height of a density.
    fn peak(density: &Density) -> f64 {
        density.heights(false).into_iter().filter(|height| height.is_finite()).fold(0.0, f64::max)
    }

    /// The outline of density `index` in dots, in which a height of `peak` reaches as high as any may.
    fn outline(&self, plot: &Plot<'_>, index: usize, peak: f64) -> Vec<Dots> {
        let density = &self.densities[index];
        let row = |height: f64| {
            let share = if peak > 0.0 { (height / peak).min(1.0) } else { f64::from(u8::from(height > 0.0)) };
            index as f64 + 1.0 - share * self.reach()
        };
        let outline = density.outline(&density.heights(false));
        thinned(outline.into_iter().map(|(x, height)| plot.at((x, row(height)))))
    }

    fn draw_density(&self, scene: &mut Scene, plot: &Plot<'_>, index: usize, peak: f64) {
        let own = self.densities[index].colour.map(|colour| series(colour).0);
        let colour = own.unwrap_or_else(|| ordered(index, self.densities.len()));
        let outline = self.outline(plot, index, peak);
        scene.fill(outline.clone(), colour, 88);
        // A light rim separates a ridge from the one behind it.
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
        if let Some((low, high)) = self.range {
            return Axis::linear(low, high);
        }
        let edges = self.densities.iter().flat_map(|density| density.edges.iter().copied());
        Axis::holding(edges.chain(self.markers.iter().map(|marker| marker.at)), false, 0.03)
    }

    fn y_axis(&self) -> Axis {
        let names = self.densities.iter().map(|density| density.name.clone()).collect();
        Axis::Rows { names, above: self.reach() - 0.9 }
    }

    fn legend(&self) -> Vec<Entry> {
        marker::entries(&self.markers)
    }

    fn names(&self) -> Vec<&str> {
        self.densities.iter().map(|density| density.name.as_str()).collect()
    }

    fn remark(&self) -> &'static str {
        if self.common || self.densities.len() < 2 { "" } else { "each row to its own scale" }
    }

    fn width(&self) -> i32 {
        1000 + self.right()
    }

    fn right(&self) -> i32 {
        let notes = self.densities.iter().map(|density| font::width(&density.note, TICK));
        notes.max().filter(|&widest| widest > 0).map_or(0, |widest| widest + NOTE)
    }

    fn draw_over(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let row = plot.area.height() / self.densities.len().max(1) as i32;
        for (i, density) in self.densities.iter().enumerate().filter(|_| row > TICK) {
            let at = (plot.area.right + NOTE, plot.y(i as f64 + 1.0) - TICK / 2);
            scene.text(Text::new(&density.note, at, TICK, Align::Start, INK));
        }
    }

    fn height(&self) -> i32 {
        let rows = self.densities.len();
        (if rows <= FEW { rows * HIGH_ROW } else { rows.min(MOST_ROWS) * ROW.max(FEW * HIGH_ROW / rows) }
            + AROUND) as i32
    }

    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>) {
        let highest = self.densities.iter().map(Self::peak).fold(0.0, f64::max);
        let row = plot.area.height() / self.densities.len().max(1) as i32;
        for (i, density) in self.densities.iter().enumerate() {
            if density.total() > 0 {
                self.draw_density(scene, plot, i, if self.common { highest } else { Self::peak(density) });
            }
        }
        let empty = (0..self.densities.len()).filter(|&i| row > REMARK && self.densities[i].total() == 0);
        empty.for_each(|i| self.remark_on_empty(scene, plot, i));
        self.markers.iter().for_each(|marker| marker::vertical(scene, plot, marker));
        if self.densities.is_empty() {
            plot.no_values(scene);
        }
    }
}
