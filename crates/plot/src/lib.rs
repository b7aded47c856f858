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
//! `layout` places the panels, each panel adds shapes to a scene, and one painter replays the scene on either backend,
//! so that SVG and PNG cannot differ.
//!
//! Several kinds of panel share what they draw: `polyline` turns points into lines, `style` tells series apart,
//! `off_axis` marks points that an axis cannot show, `marker` draws a straight line at a value, `cells` a matrix,
//! `point_labels` names beside points, `scale` a colour bar. `palette` has every colour.
//!
//! Inside, all coordinates are dots, half a nominal pixel each: plotters writes whole numbers only.
//!
//! A new kind of panel is one file that implements `PanelKind`, and one line in `kinds!`.

mod axis;
mod bars;
mod cells;
mod curve;
mod density;
mod encode;
mod font;
mod frame;
mod glyph;
mod header;
mod histogram;
mod labels;
mod layout;
mod lines;
mod map;
mod marker;
mod off_axis;
mod paint;
mod palette;
mod phase;
mod point_labels;
mod polyline;
mod ridge;
mod scalar_field;
mod scale;
mod scene;
mod stroke;
mod style;
#[cfg(test)]
mod tests;
mod ticks;

use axis::Axis;
use frame::Plot;
use header::Entry;
use labels::Labels;
use scene::Scene;

pub use bars::{BarPanel, Series};
pub use curve::Curve;
pub use density::{Density, DensityPanel};
pub use histogram::HistogramPanel;
pub use lines::LinePanel;
pub use map::MapPanel;
pub use marker::{Line, Marker};
pub use phase::PhasePanel;
pub use ridge::RidgePanel;
pub use scalar_field::Field;
pub use scale::Scale;

/// A figure as data: a title, an optional caption under it, and panels in reading order.
///
/// A single row of panels is 400 nominal pixels high; three histograms side by side are 1200 wide. At most five panels
/// share a row.
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
    panels: Vec<Panel>,
}

/// The interface of every kind of panel to the layout.
trait PanelKind {
    fn labels(&self) -> &Labels;
    fn x_axis(&self) -> Axis;
    fn y_axis(&self) -> Axis;
    /// The entries of the legend; equal entries of several panels appear once.
    fn legend(&self) -> Vec<Entry>;
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
        Figure { title: title.into(), caption: String::new(), panels }
    }

    /// Sets a smaller line of text under the title.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Returns width and height in nominal pixels: those of the SVG, and half those of the PNG.
    pub fn size(&self) -> (u32, u32) {
        let Scene { width, height, .. } = layout::scene(self);
        (scene::pixels(width), scene::pixels(height))
    }

    /// Draws the figure as SVG text; equal figures give equal text.
    pub fn svg(&self) -> String {
        paint::svg(&layout::scene(self))
    }

    /// Draws the figure as the bytes of a PNG file, two dots per nominal pixel; equal figures give equal bytes.
    pub fn png(&self) -> Vec<u8> {
        paint::png(&layout::scene(self))
    }
}
