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

/// A place in dots: right and down.
pub(super) type Dots = (i32, i32);

/// What every figure is made of.
#[derive(Clone, Debug)]
pub(super) enum Primitive {
    Rect(Area, Colour),
    Text(Text),
    /// A line of this thickness through at least two points, its ends and corners round.
    Path(Vec<Dots>, i32, Colour),
    /// The inside of a polygon, of this opacity in percent.
    Fill(Vec<Dots>, Colour, u8),
    /// A disc of this radius.
    Disc(Dots, i32, Colour),
}

/// The shapes of a figure and its size in dots.
pub(super) struct Scene {
    pub width: i32,
    pub height: i32,
    pub shapes: Vec<Primitive>,
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

    pub(super) fn centre(self) -> Dots {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }

    /// The area with this much more on every side, or less where it is negative.
    pub(super) fn grown(self, by: i32) -> Self {
        Area::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    pub(super) fn overlaps(self, other: Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(super) fn holds(self, inner: Area) -> bool {
        self.left <= inner.left
            && inner.right <= self.right
            && self.top <= inner.top
            && inner.bottom <= self.bottom
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

    /// The text, made smaller until it takes at most `room` dots, and shortened where it would be unreadable.
    pub(super) fn within(mut self, room: i32) -> Self {
        const SMALLEST: i32 = 14;
        let width = font::width(&self.text, self.size);
        if width > room {
            // A small text stays as it is.
            self.size = (self.size * room.max(1) / width).max(SMALLEST.min(self.size));
            self.text = font::shortened(&self.text, self.size, room);
        }
        self
    }

    /// The room that the text takes, with the slack for broad fonts.
    pub(super) fn room(&self) -> Area {
        self.room_of(font::width(&self.text, self.size))
    }

    /// The room of a text so long in the place of this one.
    pub(super) fn room_of(&self, long: i32) -> Area {
        let half = self.size / 2;
        let before = match self.align {
            Align::Start => 0,
            Align::Middle => long / 2,
            Align::End => long,
        };
        if self.upright {
            Area::new(self.x - half, self.y + before - long, self.x + half, self.y + before)
        } else {
            Area::new(self.x - before, self.y - half, self.x - before + long, self.y + half)
        }
    }
}

impl Scene {
    /// An empty sheet.
    pub(super) fn new(width: i32, height: i32, paper: Colour) -> Self {
        Scene { width, height, shapes: vec![Primitive::Rect(Area::new(0, 0, width, height), paper)] }
    }

    pub(super) fn rect(&mut self, area: Area, colour: Colour) {
        if area.width() > 0 && area.height() > 0 {
            self.shapes.push(Primitive::Rect(area, colour));
        }
    }

    /// A line through the points; a single one is a dot of the line's thickness.
    pub(super) fn path(&mut self, points: Vec<Dots>, thick: i32, colour: Colour) {
        match points[..] {
            [] => {}
            [point] => self.disc(point, thick, colour),
            _ => self.shapes.push(Primitive::Path(points, thick, colour)),
        }
    }

    pub(super) fn fill(&mut self, points: Vec<Dots>, colour: Colour, percent: u8) {
        if points.len() > 2 {
            self.shapes.push(Primitive::Fill(points, colour, percent));
        }
    }

    pub(super) fn disc(&mut self, centre: Dots, radius: i32, colour: Colour) {
        self.shapes.push(Primitive::Disc(centre, radius, colour));
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.text.trim().is_empty() {
            self.shapes.push(Primitive::Text(text));
        }
    }
}
