//! Colour scales: values as colours, and the colour bar that explains them.

use crate::axis::Axis;
use crate::font;
use crate::frame;
use crate::palette::{
    DIVERGING_SCALE, GREY_SCALE, INK, MARKED, MARKED_ON_DIVERGING, SEQUENTIAL_SCALE, between,
};
use crate::scene::{Align, Area, Colour, Scene, Text};
use crate::ticks::ticks;

/// A colour scale: the way from values to colours.
///
/// ```
/// use plot::{Figure, MapPanel, Scale};
///
/// let correlation = vec![1.0, -0.3, -0.3, 1.0];
/// let panel = MapPanel::new("correlation", 2, correlation).scale(Scale::Diverging).range(-1.0, 1.0);
/// assert!(Figure::new("", [panel]).svg().contains("correlation"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scale {
    /// Black to white.
    Grey,
    /// Dark violet to yellow, getting lighter.
    Sequential,
    /// Blue over white to red, with 0 in the middle.
    Diverging,
}

/// Steps of a scale: few, so that neighbouring cells are often equal, but enough to look smooth.
const LEVELS: f64 = 32.0;

impl Scale {
    /// The colour at a fraction of the way along the scale, one of 33.
    pub(crate) fn colour(self, fraction: f64) -> Colour {
        let level = (fraction * LEVELS).round() / LEVELS;
        match self {
            Scale::Grey => between(&GREY_SCALE, level),
            Scale::Sequential => between(&SEQUENTIAL_SCALE, level),
            Scale::Diverging => between(&DIVERGING_SCALE, level),
        }
    }

    /// The colour of a value; the marked one if it is not finite.
    pub(crate) fn shade(self, axis: &Axis, value: f64) -> Colour {
        if value.is_finite() { self.colour(axis.fraction(value)) } else { self.marked() }
    }

    /// The colour of a value that is not finite.
    pub(crate) fn marked(self) -> Colour {
        if self == Scale::Diverging { MARKED_ON_DIVERGING } else { MARKED }
    }

    /// The axis over values from `low` to `high`.
    pub(crate) fn axis(self, low: f64, high: f64) -> Axis {
        if self == Scale::Diverging {
            let size = low.abs().max(high.abs());
            return if size > 0.0 { Axis::linear(-size, size) } else { Axis::linear(-1.0, 1.0) };
        }
        Axis::linear(low, high)
    }
}

/// In dots: the distance from the frame to the bar, its width, and the distance to its tick labels.
const BEFORE: i32 = 20;
const WIDTH: i32 = 28;
const AFTER: i32 = 16;

/// The dots that a colour bar takes to the right of a frame.
pub(crate) fn room(axis: &Axis, label: &str) -> i32 {
    BEFORE + WIDTH + AFTER + widest(axis) + if label.is_empty() { 0 } else { frame::Y_LABEL }
}

/// The width of the tick labels, for a bar of usual height.
fn widest(axis: &Axis) -> i32 {
    const HIGH: i32 = 600;
    let ticks = ticks(axis, HIGH, |_| frame::TICK);
    ticks.iter().map(|tick| font::width(&tick.label, frame::TICK)).max().unwrap_or(0)
}

/// Draws a colour bar to the right of the frame.
pub(crate) fn bar(scene: &mut Scene, frame: Area, scale: Scale, axis: &Axis, label: &str) {
    let left = frame.right + BEFORE;
    let bar = Area { left, right: left + WIDTH, ..frame };
    let up = |fraction: f64| frame.bottom - (f64::from(frame.height()) * fraction).round() as i32;
    for level in 0..=LEVELS as i32 {
        // The first and the last colour stand for half a level.
        let (low, high) = ((f64::from(level) - 0.5) / LEVELS, (f64::from(level) + 0.5) / LEVELS);
        let part = Area { top: up(high.min(1.0)), bottom: up(low.max(0.0)), ..bar };
        scene.rect(part, scale.colour(f64::from(level) / LEVELS));
    }
    frame::border(scene, bar);
    let widest = widest(axis);
    for tick in ticks(axis, frame.height(), |_| frame::TICK) {
        let y = up(tick.at);
        scene.rect(Area::new(bar.right, y - 1, bar.right + AFTER / 2, y + 1), INK);
        let at = (bar.right + AFTER, y);
        scene.text(Text::new(&tick.label, at, frame::TICK, Align::Start, INK).within(widest));
    }
    let at = (bar.right + AFTER + widest + frame::Y_LABEL / 2, frame.centre().1);
    let text = Text::new(label, at, frame::LABEL, Align::Middle, INK);
    scene.text(text.within(frame.height()).upright());
}
