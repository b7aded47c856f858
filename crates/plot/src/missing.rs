//! Points without a place: NaN, infinity, and what a log axis has no room for.

use super::axis::{Axis, Missing};
use super::frame::Plot;
use super::glyph::{self, Glyph, REACH};
use super::header::{Entry, Swatch};
use super::palette::INK;
use super::scene::{Colour, Dots, Scene};

/// Dots between marks of one reason, so that a run that diverged early is no wall of them.
const APART: i32 = 3 * REACH;

/// The glyph and the word for a point without a place, or nothing when it has one.
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

/// Whether a point can be drawn.
pub(super) fn placed(plot: &Plot<'_>, (x, y): (f64, f64)) -> bool {
    plot.x.missing(x).is_none() && plot.y.missing(y).is_none()
}

/// Where a point lies, or just inside of the frame, on the side towards which it would.
pub(super) fn place(plot: &Plot<'_>, point: (f64, f64)) -> Dots {
    let (x, y) = plot.at(point);
    if placed(plot, point) {
        return (x, y);
    }
    let inside = plot.area.grown(-REACH - 4);
    let within = |place: i32, low: i32, high: i32| place.clamp(low, high.max(low));
    (within(x, inside.left, inside.right), within(y, inside.top, inside.bottom))
}

/// Marks the points without a place.
pub(super) fn mark(scene: &mut Scene, plot: &Plot<'_>, points: &[(f64, f64)], colour: Colour) {
    let mut last: Option<(Glyph, Dots)> = None;
    for &(x, y) in points {
        let Some((glyph, _)) = reason(plot.x, plot.y, (x, y)) else { continue };
        let at = place(plot, (x, y));
        let near = |(sign, (left, top)): (Glyph, Dots)| {
            sign == glyph && (left - at.0).abs() < APART && (top - at.1).abs() < APART
        };
        if !last.is_some_and(near) {
            glyph::draw(scene, glyph, at, colour);
            last = Some((glyph, at));
        }
    }
}

/// What the legend says of them.
pub(super) fn entries(x: &Axis, y: &Axis, points: impl Iterator<Item = (f64, f64)>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (sign, label) in points.filter_map(|point| reason(x, y, point)) {
        if !entries.iter().any(|entry| entry.label == label) {
            entries.push(Entry { label, colour: INK, swatch: Swatch::Glyph(sign) });
        }
    }
    entries
}
