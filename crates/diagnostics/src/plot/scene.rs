//! A scene: the list of shapes that a figure comes to, in drawing order.
//!
//! Panels write shapes instead of calling a backend, so only the painter is generic over backends,
//! and tests can ask where things are.

use super::font;

/// Dots in a nominal pixel.
pub(super) const SCALE: i32 = 2;

/// Red, green and blue, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub u8, pub u8, pub u8);

/// A rectangle in dots; `right` and `bottom` are the first dots outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

/// Which point of a text its position names, along the direction of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Start,
    Middle,
    End,
}

/// One line of text; `y` (for upright text `x`) is the middle of its capitals.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub text: String,
    pub x: i32,
    pub y: i32,
    /// Dots an em.
    pub size: i32,
    pub align: Align,
    /// Whether it reads from bottom to top.
    pub upright: bool,
    pub colour: Colour,
}

/// A filled rectangle or a line of text: enough for every panel so far.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Rect(Area, Colour),
    Text(Text),
}

/// The shapes of a figure and its size in dots.
pub(super) struct Scene {
    pub width: i32,
    pub height: i32,
    pub shapes: Vec<Shape>,
}

/// Dots as nominal pixels.
pub(super) fn pixels(dots: i32) -> u32 {
    (dots / SCALE).unsigned_abs()
}

impl Area {
    pub(super) fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Area { left, top, right, bottom }
    }

    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> i32 {
        self.bottom - self.top
    }

    pub(super) fn centre(self) -> (i32, i32) {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }
}

impl Text {
    /// Level text around (`x`, `y`).
    pub(super) fn new(text: &str, (x, y): (i32, i32), size: i32, align: Align, colour: Colour) -> Self {
        // A control character would make the SVG ill-formed, a line break would have no place to go.
        let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Text { text, x, y, size, align, upright: false, colour }
    }

    /// The text, reading upwards.
    pub(super) fn upright(self) -> Self {
        Text { upright: true, ..self }
    }

    /// The text, made smaller until it takes at most `room` dots or becomes unreadable.
    pub(super) fn within(mut self, room: i32) -> Self {
        const SMALLEST: i32 = 8;
        let width = font::width(&self.text, self.size);
        if width > room {
            self.size = (self.size * room.max(1) / width).max(SMALLEST);
        }
        self
    }
}

impl Scene {
    /// An empty sheet.
    pub(super) fn new(width: i32, height: i32, paper: Colour) -> Self {
        Scene { width, height, shapes: vec![Shape::Rect(Area::new(0, 0, width, height), paper)] }
    }

    pub(super) fn rect(&mut self, area: Area, colour: Colour) {
        if area.width() > 0 && area.height() > 0 {
            self.shapes.push(Shape::Rect(area, colour));
        }
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.text.trim().is_empty() {
            self.shapes.push(Shape::Text(text));
        }
    }
}
