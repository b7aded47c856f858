//! Colour scales: values as colours, and the bar that explains them.

use super::axis::Axis;
use super::font;
use super::frame;
use super::palette::{INK, MARKED, between};
use super::scene::{Align, Area, Colour, Scene, Text};
use super::ticks::ticks;

/// How values become colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From black to white.
    Grey,
    /// From dark violet to yellow, ever lighter.
    Sequential,
    /// From blue over white to red, with 0 in the middle.
    Diverging,
}

/// matplotlib's viridis (CC0), every eighth of it.
const SEQUENTIAL: [Colour; 9] = [
    Colour(68, 1, 84),
    Colour(71, 45, 123),
    Colour(59, 82, 139),
    Colour(44, 114, 142),
    Colour(33, 145, 140),
    Colour(40, 174, 128),
    Colour(94, 201, 98),
    Colour(173, 220, 48),
    Colour(253, 231, 37),
];
/// `ColorBrewer`'s `RdBu` of seven classes, from blue to red.
const DIVERGING: [Colour; 7] = [
    Colour(33, 102, 172),
    Colour(103, 169, 207),
    Colour(209, 229, 240),
    Colour(247, 247, 247),
    Colour(253, 219, 199),
    Colour(239, 138, 98),
    Colour(178, 24, 43),
];
const GREY: [Colour; 2] = [Colour(0, 0, 0), Colour(255, 255, 255)];

/// Colours of a scale: few, so that neighbouring cells are often equal, enough to look even.
const LEVELS: f64 = 32.0;

impl Scale {
    /// The colour at a fraction of the way through the scale, one of 33.
    pub(super) fn colour(self, fraction: f64) -> Colour {
        let level = (fraction * LEVELS).round() / LEVELS;
        match self {
            Scale::Grey => between(&GREY, level),
            Scale::Sequential => between(&SEQUENTIAL, level),
            Scale::Diverging => between(&DIVERGING, level),
        }
    }

    /// The colour of a value, the marked one where it is not finite.
    pub(super) fn shade(self, axis: &Axis, value: f64) -> Colour {
        if value.is_finite() { self.colour(axis.fraction(value)) } else { MARKED }
    }

    /// The axis over values from `low` to `high`.
    pub(super) fn axis(self, low: f64, high: f64) -> Axis {
        if self == Scale::Diverging {
            let size = low.abs().max(high.abs());
            return if size > 0.0 { Axis::linear(-size, size) } else { Axis::linear(-1.0, 1.0) };
        }
        Axis::linear(low, high)
    }
}

/// Dots from the frame to the bar, its width, and from it to its tick labels.
const BEFORE: i32 = 20;
const WIDTH: i32 = 28;
const AFTER: i32 = 16;

/// The dots that a colour bar takes right of a frame.
pub(super) fn room(axis: &Axis, label: &str) -> i32 {
    BEFORE + WIDTH + AFTER + widest(axis) + if label.is_empty() { 0 } else { frame::Y_LABEL }
}

/// The room of the tick labels: those of a bar as high as any usual one.
fn widest(axis: &Axis) -> i32 {
    const HIGH: i32 = 600;
    let ticks = ticks(axis, HIGH, |_| frame::TICK);
    ticks.iter().map(|tick| font::width(&tick.label, frame::TICK)).max().unwrap_or(0)
}

/// Draws a colour bar right of the frame.
pub(super) fn bar(scene: &mut Scene, frame: Area, scale: Scale, axis: &Axis, label: &str) {
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
