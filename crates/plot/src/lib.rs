//! Figures as data, drawn as SVG text and PNG bytes.
//!
//! ```
//! use plot::{Curve, Figure, LinePanel};
//!
//! let loss = Curve::new("tanh", vec![(0.0, 3.30), (100.0, 2.71), (200.0, 2.48)]);
//! let figure = Figure::new("Training loss", [LinePanel::new("", vec![loss]).x_label("step")]);
//! assert!(figure.svg().starts_with("<svg"));
//! ```
//!
//! A [`Figure`] holds panels, and a panel holds numbers and labels; sizes, ticks, legends and colours follow from them.
//! `layout` places the panels, each panel adds shapes to a scene, and SVG and PNG replay the same scene.
//!
//! A figure is at most 830 nominal pixels wide, a column of text on GitHub, so that its labels are read at their own size:
//! 10 pixels or more. An SVG has a title and a description for readers who hear it, and follows the viewer's dark mode.
//!
//! Several kinds of panel share what they draw: `polyline` turns points into lines, `style` tells series apart,
//! `off_axis` marks points that an axis cannot show, `marker` draws a straight line at a value, `cells` a matrix,
//! `end_labels` and `point_labels` names beside curves and points, `scale` a colour bar. `palette` has every colour.
//!
//! Inside, all coordinates are dots, half a nominal pixel each: plotters writes whole numbers only.
//!
//! A new kind of panel is one file that implements `PanelKind`, and one line in `kinds!`.

mod axis;
mod bars;
mod cells;
#[cfg(test)]
mod ciede2000;
mod curve;
mod dark;
mod density;
mod end_labels;
mod escape;
mod font;
mod frame;
mod glyph;
mod header;
mod histogram;
mod labels;
mod layout;
mod letters;
mod lines;
mod map;
mod map_axis;
mod marker;
mod off_axis;
mod paint;
mod palette;
mod phase;
mod png;
mod point_labels;
mod polyline;
mod raster;
mod ridge;
mod scalar_field;
mod scale;
mod scene;
mod style;
#[cfg(test)]
mod tests;
mod ticks;

use axis::Axis;
use frame::Plot;
use header::Entry;
use labels::{Labels, axis_texts};
use scene::Scene;

pub use bars::{BarPanel, Series};
pub use curve::Curve;
pub use density::{Density, DensityPanel};
pub use histogram::HistogramPanel;
pub use lines::LinePanel;
pub use map::MapPanel;
pub use map_axis::MapAxis;
pub use marker::{Line, Marker};
pub use phase::PhasePanel;
pub use ridge::RidgePanel;
pub use scalar_field::Field;
pub use scale::Scale;

/// A figure as data: a title, an optional caption under it, and panels in reading order.
///
/// A single row of panels is 360 nominal pixels high; three histograms side by side are 830 wide, as wide as a figure can
/// be. A title and a caption that are longer take several lines.
///
/// ```
/// use plot::{Figure, HistogramPanel};
///
/// let panel = |title: &str, counts| HistogramPanel::new(title, vec![-1.0, 0.0, 1.0], counts);
/// let figure = Figure::new("Two samples", [panel("first", vec![3, 1]), panel("second", vec![2, 2])]);
/// assert!(figure.caption("four values each").svg().contains("four values each"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    title: String,
    caption: String,
    description: String,
    shared: bool,
    panels: Vec<Panel>,
}

/// The interface of every kind of panel to the layout.
trait PanelKind {
    fn labels(&self) -> &Labels;
    fn x_axis(&self) -> Axis;
    fn y_axis(&self) -> Axis;
    /// The entries of the legend; equal entries of several panels appear once.
    fn legend(&self) -> Vec<Entry>;
    /// The names of what it shows, for a description in words.
    fn names(&self) -> Vec<&str> {
        Vec::new()
    }
    /// A remark on the heights in the panel, which stands beside the label of its x axis.
    fn remark(&self) -> &'static str {
        ""
    }
    /// The width in dots at which the panel looks best.
    fn width(&self) -> i32;
    /// The height in dots that the panel needs, if a row does not have it.
    fn height(&self) -> i32 {
        0
    }
    /// The dots that the panel draws on to the right of its frame.
    fn right(&self) -> i32 {
        0
    }
    /// Adds the data, between the grid and the frame.
    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>);
    /// Adds shapes that may reach over the frame.
    fn draw_over(&self, _: &mut Scene, _: &Plot<'_>) {}
}

/// [`Panel`], with a variant, a `From` and the interface of every kind.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident($panel:ident)),* $(,)?) => {
        /// One panel of a figure.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Panel {
            $($(#[$doc])* $variant($panel),)*
        }

        /// The names of all kinds.
        #[cfg(test)]
        const KINDS: &[&str] = &[$(stringify!($variant)),*];

        impl Panel {
            /// The name of the kind.
            #[cfg(test)]
            fn name(&self) -> &'static str {
                match self {
                    $(Panel::$variant(_) => stringify!($variant),)*
                }
            }

            fn kind(&self) -> &dyn PanelKind {
                match self {
                    $(Panel::$variant(panel) => panel,)*
                }
            }
        }

        $(impl From<$panel> for Panel {
            fn from(panel: $panel) -> Self {
                Panel::$variant(panel)
            }
        })*
    };
}

kinds! {
    /// Counts over bins.
    Histogram(HistogramPanel),
    /// Grouped bars.
    Bars(BarPanel),
    /// Curves.
    Lines(LinePanel),
    /// Outlines of several histograms over one axis.
    Densities(DensityPanel),
    /// Several histograms in rows.
    Ridge(RidgePanel),
    /// A matrix as coloured cells.
    Map(MapPanel),
    /// A plane parted by a curve, with named points.
    Phase(PhasePanel),
}

impl Figure {
    /// Creates a figure of `panels` under `title`, which may be empty.
    ///
    /// # Panics
    /// If there are no panels.
    pub fn new(title: impl Into<String>, panels: impl IntoIterator<Item = impl Into<Panel>>) -> Self {
        let panels: Vec<Panel> = panels.into_iter().map(Into::into).collect();
        assert!(!panels.is_empty(), "a figure needs at least 1 panel, not 0");
        let (title, caption, description) = (title.into(), String::new(), String::new());
        Figure { title, caption, description, shared: false, panels }
    }

    /// Sets a smaller line of text under the title.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Sets the description in words of an SVG, for readers who hear the figure; without one, it names the panels and axes.
    ///
    /// ```
    /// use plot::{Curve, Figure, LinePanel};
    ///
    /// let loss = LinePanel::new("", vec![Curve::new("tanh", vec![(0.0, 3.3), (1.0, 2.5)])]).y_label("loss");
    /// let figure = Figure::new("The loss falls", [loss]);
    /// assert!(figure.svg().contains("<desc>loss: tanh.</desc>"));
    /// assert!(figure.description("The loss falls from 3.3 to 2.5.").svg().contains("<desc>The loss falls from"));
    /// ```
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Gives all panels the same axes, so that heights and positions can be compared from one to the other; axes of names
    /// stay as they are.
    #[must_use]
    pub fn shared_axes(mut self) -> Self {
        self.shared = true;
        self
    }

    /// Returns width and height in nominal pixels: those of the SVG, and half those of the PNG.
    pub fn size(&self) -> (u32, u32) {
        let Scene { width, height, .. } = layout::scene(self);
        (scene::pixels(width), scene::pixels(height))
    }

    /// Draws the figure as SVG text; equal figures give equal text.
    pub fn svg(&self) -> String {
        paint::svg(&layout::scene(self), &self.title, &self.in_words())
    }

    /// Returns where values of a panel's x axis stand in the SVG, in units of its view box: each as `[x, top, bottom]` of the
    /// line through the panel's data. A page that has the SVG can mark them.
    ///
    /// ```
    /// use plot::{Curve, Figure, LinePanel};
    ///
    /// let panel = LinePanel::new("", vec![Curve::new("rms", vec![(1.0, 3.3), (2.0, 2.5)])]);
    /// let [first, second] = Figure::new("", [panel]).columns(0, &[1.0, 2.0])[..] else { panic!("two values") };
    /// assert!(first[0] < second[0] && first[1..] == second[1..]);
    /// ```
    ///
    /// # Panics
    /// If there is no such panel.
    pub fn columns(&self, panel: usize, values: &[f64]) -> Vec<[i32; 3]> {
        assert!(panel < self.panels.len(), "panel {panel} of {}", self.panels.len());
        let (area, columns) = layout::columns(self, panel, values);
        columns.into_iter().map(|x| [x, area.top, area.bottom]).collect()
    }

    /// Draws the figure as the bytes of a PNG file, two dots per nominal pixel, on light paper; equal figures give equal
    /// bytes.
    pub fn png(&self) -> Vec<u8> {
        png::png(&layout::scene(self))
    }

    /// The description, or the caption and, for each panel, its title, its axes and its names.
    fn in_words(&self) -> String {
        if !self.description.is_empty() {
            return self.description.clone();
        }
        let mut sentences = vec![self.caption.clone()];
        for panel in self.panels.iter().map(Panel::kind) {
            let title = &panel.labels().title;
            let [x, y] = axis_texts(panel, &[panel.x_axis(), panel.y_axis()]);
            let axes = [y, x].into_iter().filter(|label| !label.is_empty()).collect::<Vec<_>>();
            let parts = [title.clone(), axes.join(" against "), panel.names().join(", ")];
            sentences.push(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": "));
        }
        let sentences = sentences.into_iter().filter(|sentence| !sentence.is_empty());
        sentences.map(|sentence| sentence + ".").collect::<Vec<_>>().join(" ")
    }
}
