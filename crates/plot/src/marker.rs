//! Marker lines: straight lines across a panel at a value of an axis.

use crate::frame::Plot;
use crate::header::{Entry, Swatch};
use crate::palette::{INK, PAPER};
use crate::scene::{Area, Scene};

/// A line across a panel at a value of an axis, explained in the legend by its label.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// The position, in the unit of the axis.
    pub at: f64,
    /// The text in the legend; markers with equal label and line share an entry, an empty label has none.
    pub label: String,
    /// The stroke.
    pub line: Line,
}

/// The stroke of a marker line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Line {
    /// Dashes.
    Dashed,
    /// Dots.
    Dotted,
}

impl Marker {
    /// Creates a marker.
    ///
    /// # Panics
    /// If `at` is not finite.
    #[track_caller]
    pub(crate) fn new(at: f64, label: impl Into<String>, line: Line) -> Self {
        assert!(at.is_finite(), "the position of a marker must be finite, not {at}");
        Marker { at, label: label.into(), line }
    }
}

impl Line {
    /// The lengths of a dash and a gap in dots.
    fn stroke(self) -> (i32, i32) {
        match self {
            Line::Dashed => (12, 8),
            Line::Dotted => (4, 6),
        }
    }
}

/// The legend entries of markers.
pub(crate) fn entries(markers: &[Marker]) -> Vec<Entry> {
    let entry = |marker: &Marker| {
        let (on, off) = marker.line.stroke();
        Entry { label: marker.label.clone(), colour: INK, swatch: Swatch::Strokes(on, off) }
    };
    markers.iter().map(entry).collect()
}

/// Draws a marker at a value of the x axis, in ink on a rim of paper, which keeps it visible on any data.
pub(crate) fn vertical(scene: &mut Scene, plot: &Plot<'_>, marker: &Marker) {
    let (on, off) = marker.line.stroke();
    let x = plot.x(marker.at);
    scene.rect(Area { left: x - 3, right: x + 3, ..plot.area }, PAPER);
    for top in (plot.area.top..plot.area.bottom).step_by((on + off).unsigned_abs() as usize) {
        let bottom = (top + on).min(plot.area.bottom);
        scene.rect(Area::new(x - 2, top, x + 2, bottom), INK);
    }
}

/// Draws a marker at a value of the y axis.
pub(crate) fn horizontal(scene: &mut Scene, plot: &Plot<'_>, marker: &Marker) {
    let (on, off) = marker.line.stroke();
    let y = plot.y(marker.at);
    scene.rect(Area { top: y - 3, bottom: y + 3, ..plot.area }, PAPER);
    for left in (plot.area.left..plot.area.right).step_by((on + off).unsigned_abs() as usize) {
        let right = (left + on).min(plot.area.right);
        scene.rect(Area::new(left, y - 2, right, y + 2), INK);
    }
}
