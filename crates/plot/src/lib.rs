//! Figures as data, drawn as SVG text and PNG bytes.
//!
//! A [`Figure`] holds panels of numbers and labels; how they are drawn is decided here.
//! The way of a figure: `layout` places the panels, each panel adds shapes to a scene,
//! and one painter replays the scene on either backend, so that SVG and PNG cannot differ.
//! What several kinds draw has a home of its own: `trace` makes lines of points, `look` tells series apart,
//! `missing` marks what has no place, `guide` is a straight line at a value, `cells` a matrix, `names` labels of points,
//! `scale` a colour bar.
//! All inner coordinates are dots, half a nominal pixel: plotters writes whole numbers only.
//!
//! A new kind of panel is one file that implements `PanelKind`, one variant of `Panel` and one word in `kinds!`.

mod axis;
mod bars;
mod cells;
mod curve;
mod densities;
mod density;
mod encode;
mod field;
mod font;
mod frame;
mod glyph;
mod guide;
mod header;
mod histogram;
mod labels;
mod layout;
mod lines;
mod look;
mod map;
mod missing;
mod names;
mod number;
mod paint;
mod palette;
mod phase;
mod ridge;
mod scale;
mod scene;
mod stroke;
#[cfg(test)]
mod tests;
mod ticks;
mod trace;

use axis::Axis;
use frame::Plot;
use header::Entry;
use labels::Labels;
use scene::Scene;

pub use bars::{BarPanel, Series};
pub use curve::Curve;
pub use densities::DensityPanel;
pub use density::Density;
pub use field::Field;
pub use guide::{Line, Marker};
pub use histogram::HistogramPanel;
pub use lines::LinePanel;
pub use map::MapPanel;
pub use phase::PhasePanel;
pub use ridge::RidgePanel;
pub use scale::Scale;

/// A figure as data: a title, an optional caption under it, and panels in reading order.
///
/// One row is 400 nominal pixels high; three histograms side by side are 1200 wide. At most five panels
/// share a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    title: String,
    caption: String,
    panels: Vec<Panel>,
}

/// One plot of a figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Panel {
    /// Counts over bins.
    Histogram(HistogramPanel),
    /// Grouped bars.
    Bars(BarPanel),
    /// Curves.
    Lines(LinePanel),
    /// Outlines of several histograms.
    Densities(DensityPanel),
    /// One histogram a layer, in rows.
    Ridge(RidgePanel),
    /// A matrix as cells.
    Map(MapPanel),
    /// Order and chaos, and where layers are.
    Phase(PhasePanel),
}

/// What the layout asks of a panel of any kind.
trait PanelKind {
    fn labels(&self) -> &Labels;
    fn x_axis(&self) -> Axis;
    fn y_axis(&self) -> Axis;
    /// The keys to what is drawn; equal ones of several panels appear once.
    fn legend(&self) -> Vec<Entry>;
    /// The width in dots at which the panel looks best.
    fn width(&self) -> i32;
    /// The height in dots that the panel needs, if more than a row has.
    fn height(&self) -> i32 {
        0
    }
    /// The dots that the panel draws on right of its frame.
    fn right(&self) -> i32 {
        0
    }
    /// Adds the data, between the grid and the frame.
    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>);
    /// Adds what may reach over the frame.
    fn draw_over(&self, _: &mut Scene, _: &Plot<'_>) {}
}

/// The arm and the `From` of every kind.
macro_rules! kinds {
    ($($variant:ident($panel:ident)),*) => {
        impl Panel {
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

kinds!(
    Histogram(HistogramPanel),
    Bars(BarPanel),
    Lines(LinePanel),
    Densities(DensityPanel),
    Ridge(RidgePanel),
    Map(MapPanel),
    Phase(PhasePanel)
);

impl Figure {
    /// A figure of `panels` under `title`, which may be empty.
    ///
    /// # Panics
    /// Without panels.
    pub fn new(title: impl Into<String>, panels: impl IntoIterator<Item = impl Into<Panel>>) -> Self {
        let panels: Vec<Panel> = panels.into_iter().map(Into::into).collect();
        assert!(!panels.is_empty(), "a figure needs at least 1 panel, not 0");
        Figure { title: title.into(), caption: String::new(), panels }
    }

    /// The figure with a smaller line of text under its title.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Width and height in nominal pixels: those of the SVG, and half those of the PNG.
    pub fn size(&self) -> (u32, u32) {
        let Scene { width, height, .. } = layout::scene(self);
        (scene::pixels(width), scene::pixels(height))
    }

    /// The figure as SVG text; equal figures give equal text.
    pub fn svg(&self) -> String {
        paint::svg(&layout::scene(self))
    }

    /// The figure as the bytes of a PNG file, two dots a nominal pixel; equal figures give equal bytes.
    pub fn png(&self) -> Vec<u8> {
        paint::png(&layout::scene(self))
    }
}
