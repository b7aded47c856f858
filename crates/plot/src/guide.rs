//! Guides: straight lines through the whole of a panel that mark a value of an axis.

use super::frame::Plot;
use super::header::{Entry, Swatch};
use super::palette::{DASHED, DOTTED};
use super::scene::{Area, Colour, Scene};

/// A line at a value of an axis, explained in the legend by its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// Where, in the unit of the axis.
    pub at: f64,
    /// What the legend says; markers of equal label and line share an entry, an empty label has none.
    pub label: String,
    /// How it is drawn.
    pub line: Line,
}

/// How a marker line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Red dashes.
    Dashed,
    /// Orange dots.
    Dotted,
}

impl Marker {
    /// A line at a place, which must be finite.
    pub(super) fn new(at: f64, label: impl Into<String>, line: Line) -> Self {
        assert!(at.is_finite(), "a marker stands at {at}, which is no place on an axis");
        Marker { at, label: label.into(), line }
    }
}

impl Line {
    /// The colour, and the dots on and off.
    fn look(self) -> (Colour, i32, i32) {
        match self {
            Line::Dashed => (DASHED, 12, 8),
            Line::Dotted => (DOTTED, 4, 6),
        }
    }
}

/// What the legend says of the guides.
pub(super) fn entries(guides: &[Marker]) -> Vec<Entry> {
    let entry = |guide: &Marker| {
        let (colour, on, off) = guide.line.look();
        Entry { label: guide.label.clone(), colour, swatch: Swatch::Strokes(on, off) }
    };
    guides.iter().map(entry).collect()
}

/// Draws a guide at a value of the x axis.
pub(super) fn vertical(scene: &mut Scene, plot: &Plot<'_>, guide: &Marker) {
    let (colour, on, off) = guide.line.look();
    let x = plot.x(guide.at);
    for top in (plot.area.top..plot.area.bottom).step_by((on + off).unsigned_abs() as usize) {
        let bottom = (top + on).min(plot.area.bottom);
        scene.rect(Area::new(x - 2, top, x + 2, bottom), colour);
    }
}

/// Draws a guide at a value of the y axis.
pub(super) fn level(scene: &mut Scene, plot: &Plot<'_>, guide: &Marker) {
    let (colour, on, off) = guide.line.look();
    let y = plot.y(guide.at);
    for left in (plot.area.left..plot.area.right).step_by((on + off).unsigned_abs() as usize) {
        let right = (left + on).min(plot.area.right);
        scene.rect(Area::new(left, y - 2, right, y + 2), colour);
    }
}
