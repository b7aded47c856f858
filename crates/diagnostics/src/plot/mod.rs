//! Figures as data, drawn as SVG text and PNG bytes.
//!
//! A [`Figure`] holds panels of numbers and labels; how they are drawn is decided here.
//! The way of a figure: `layout` places the panels, each panel adds shapes to a scene,
//! and one painter replays the scene on either backend, so that SVG and PNG cannot differ.
//! All inner coordinates are dots, half a nominal pixel: plotters writes whole numbers only.
//!
//! A new kind of panel is one file that implements `Kind`, and one arm in `Panel::kind`.

mod axis;
mod bars;
mod encode;
mod font;
mod frame;
mod header;
mod histogram;
mod layout;
mod number;
mod paint;
mod palette;
mod scene;
#[cfg(test)]
mod tests;
mod ticks;

use axis::Axis;
use frame::Plot;
use header::Entry;
use scene::Scene;

pub use bars::{BarPanel, Series};
pub use histogram::{HistogramPanel, Line, Marker};

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
}

/// What the layout asks of a panel of any kind.
trait Kind {
    fn title(&self) -> &str;
    fn x_label(&self) -> &str;
    fn y_label(&self) -> &str;
    fn x_axis(&self) -> Axis;
    fn y_axis(&self) -> Axis;
    /// The keys to what is drawn; equal ones of several panels appear once.
    fn legend(&self) -> Vec<Entry>;
    /// The width in dots at which the panel looks best.
    fn width(&self) -> i32;
    /// Adds the data, between the grid and the frame.
    fn draw(&self, scene: &mut Scene, plot: &Plot<'_>);
}

impl Panel {
    fn kind(&self) -> &dyn Kind {
        match self {
            Panel::Histogram(panel) => panel,
            Panel::Bars(panel) => panel,
        }
    }
}

impl From<HistogramPanel> for Panel {
    fn from(panel: HistogramPanel) -> Self {
        Panel::Histogram(panel)
    }
}

impl From<BarPanel> for Panel {
    fn from(panel: BarPanel) -> Self {
        Panel::Bars(panel)
    }
}

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
