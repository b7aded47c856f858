//! Points that the axes cannot show: NaN, infinity, and on a log axis 0 or less.

use crate::axis::{Axis, Missing};
use crate::frame::Plot;
use crate::glyph::{self, Glyph, REACH};
use crate::header::{Entry, Swatch};
use crate::palette::INK;
use crate::scene::{Colour, Dots, Scene};

/// The smallest distance between equal marks in dots, so that a run that diverged early does not become a wall of them.
const APART: i32 = 3 * REACH;

/// The glyph and the legend text of a point that the axes cannot show; `None` if they can.
fn reason(x: &Axis, y: &Axis, point: (f64, f64)) -> Option<(Glyph, String)> {
    let log = |axis: &Axis| matches!(axis, Axis::Log { .. });
    let below = |axis: &Axis| if log(axis) { "0 or less" } else { "−inf" };
    let across = |word: &str| format!("{word} on the x axis");
    Some(match (x.missing(point.0), y.missing(point.1)) {
        (None, None) => return None,
        (None, Some(Missing::Nan)) => (Glyph::Cross, "NaN".to_string()),
        (None, Some(Missing::Above)) => (Glyph::Up, "inf".to_string()),
        (None, Some(Missing::Below)) => (Glyph::Down, below(y).to_string()),
        (Some(Missing::Nan), _) => (Glyph::Cross, across("NaN")),
        (Some(Missing::Above), _) => (Glyph::Right, across("inf")),
        (Some(Missing::Below), _) => (Glyph::Left, across(below(x))),
    })
}

/// True if the axes can show a point.
pub(crate) fn shown(plot: &Plot<'_>, (x, y): (f64, f64)) -> bool {
    plot.x.missing(x).is_none() && plot.y.missing(y).is_none()
}

/// The position of a point; for one that the axes cannot show, a position just inside the frame, on the side where it
/// would lie.
pub(crate) fn position(plot: &Plot<'_>, point: (f64, f64)) -> Dots {
    let (x, y) = plot.at(point);
    if shown(plot, point) {
        return (x, y);
    }
    let inside = plot.area.grown(-REACH - 4);
    let within = |at: i32, low: i32, high: i32| at.clamp(low, high.max(low));
    (within(x, inside.left, inside.right), within(y, inside.top, inside.bottom))
}

/// Marks the points that the axes cannot show.
pub(crate) fn mark(scene: &mut Scene, plot: &Plot<'_>, points: &[(f64, f64)], colour: Colour) {
    let mut last: Option<(Glyph, Dots)> = None;
    for &(x, y) in points {
        let Some((glyph, _)) = reason(plot.x, plot.y, (x, y)) else { continue };
        let at = position(plot, (x, y));
        let near = |(sign, (left, top)): (Glyph, Dots)| {
            sign == glyph && (left - at.0).abs() < APART && (top - at.1).abs() < APART
        };
        if !last.is_some_and(near) {
            glyph::draw(scene, glyph, at, colour);
            last = Some((glyph, at));
        }
    }
}

/// The legend entries of their marks.
pub(crate) fn entries(x: &Axis, y: &Axis, points: impl Iterator<Item = (f64, f64)>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (sign, label) in points.filter_map(|point| reason(x, y, point)) {
        if !entries.iter().any(|entry| entry.label == label) {
            entries.push(Entry { label, colour: INK, swatch: Swatch::Glyph(sign) });
        }
    }
    entries
}
