//! Scenes: the shapes of a figure, in drawing order.
//!
//! Panels add shapes instead of calling a backend, so only the painter is generic over backends, and tests can ask where
//! things are.

use crate::font;
use crate::palette::PLACE;
use crate::raster::Raster;

/// Dots per nominal pixel.
pub(crate) const SCALE: i32 = 2;

/// The smallest size of a text in dots per em: 10 pixels where a figure is shown at its nominal size.
pub(crate) const SMALLEST: i32 = 20;

/// Red, green and blue, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub u8, pub u8, pub u8);

/// A rectangle in dots; `right` and `bottom` are the first dots outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

/// The point of a text that its position refers to, along the reading direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Start,
    Middle,
    End,
}

/// One line of text; `y` (for upright text `x`) is the middle of its capitals.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub text: String,
    pub x: i32,
    pub y: i32,
    /// In dots per em.
    pub size: i32,
    pub align: Align,
    /// True if it reads from bottom to top.
    pub upright: bool,
    pub colour: Colour,
}

/// A position in dots, to the right and down.
pub(crate) type Dots = (i32, i32);

/// The shapes that every figure consists of.
#[derive(Clone, Debug)]
pub(crate) enum Primitive {
    Rect(Area, Colour),
    Text(Text),
    /// A line of this thickness through at least two points, with round ends and corners.
    Path(Vec<Dots>, i32, Colour),
    /// A filled polygon with this opacity in percent.
    Fill(Vec<Dots>, Colour, u8),
    /// A disc of this radius.
    Disc(Dots, i32, Colour),
    /// Pixels that fill an area, each a rectangle of one colour.
    Raster(Area, Raster),
}

/// The shapes of a figure and its size in dots.
pub(crate) struct Scene {
    pub width: i32,
    pub height: i32,
    pub shapes: Vec<Primitive>,
}

/// Dots as nominal pixels.
pub(crate) fn pixels(dots: i32) -> u32 {
    (dots / SCALE).unsigned_abs()
}

impl Primitive {
    pub(crate) fn colour(&self) -> Colour {
        match self {
            Primitive::Rect(_, colour)
            | Primitive::Path(_, _, colour)
            | Primitive::Fill(_, colour, _)
            | Primitive::Disc(_, _, colour)
            | Primitive::Text(Text { colour, .. }) => *colour,
            // Colours of cells stay as they are in dark mode, and so does this one, which stands for them.
            Primitive::Raster(..) => PLACE,
        }
    }
}

impl Area {
    pub(crate) fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Area { left, top, right, bottom }
    }

    pub(crate) fn width(self) -> i32 {
        self.right - self.left
    }

    pub(crate) fn height(self) -> i32 {
        self.bottom - self.top
    }

    pub(crate) fn centre(self) -> Dots {
        ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
    }

    /// The area enlarged by this much on every side, or reduced if it is negative.
    pub(crate) fn grown(self, by: i32) -> Self {
        Area::new(self.left - by, self.top - by, self.right + by, self.bottom + by)
    }

    pub(crate) fn overlaps(self, other: Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub(crate) fn holds(self, inner: Area) -> bool {
        self.left <= inner.left
            && inner.right <= self.right
            && self.top <= inner.top
            && inner.bottom <= self.bottom
    }
}

impl Text {
    /// Horizontal text at (`x`, `y`).
    pub(crate) fn new(text: &str, (x, y): (i32, i32), size: i32, align: Align, colour: Colour) -> Self {
        // A control character would make the SVG ill-formed, and a text has one line.
        let text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Text { text, x, y, size, align, upright: false, colour }
    }

    /// Turns the text, so that it reads upwards.
    pub(crate) fn upright(self) -> Self {
        Text { upright: true, ..self }
    }

    /// Makes the text smaller until it takes at most `room` dots, and shortens it where it would be unreadable.
    pub(crate) fn within(mut self, room: i32) -> Self {
        let width = font::width(&self.text, self.size);
        if width > room {
            // A text that is small already keeps its size.
            self.size = (self.size * room.max(1) / width).max(SMALLEST.min(self.size));
            self.text = font::shortened(&self.text, self.size, room);
        }
        self
    }

    /// The area that the text takes.
    pub(crate) fn room(&self) -> Area {
        self.room_of(font::width(&self.text, self.size))
    }

    /// The area that this text would take with another width.
    pub(crate) fn room_of(&self, width: i32) -> Area {
        let half = self.size / 2;
        let before = match self.align {
            Align::Start => 0,
            Align::Middle => width / 2,
            Align::End => width,
        };
        if self.upright {
            Area::new(self.x - half, self.y + before - width, self.x + half, self.y + before)
        } else {
            Area::new(self.x - before, self.y - half, self.x - before + width, self.y + half)
        }
    }
}

impl Scene {
    /// An empty sheet of paper.
    pub(crate) fn new(width: i32, height: i32, paper: Colour) -> Self {
        Scene { width, height, shapes: vec![Primitive::Rect(Area::new(0, 0, width, height), paper)] }
    }

    pub(crate) fn rect(&mut self, area: Area, colour: Colour) {
        if area.width() > 0 && area.height() > 0 {
            self.shapes.push(Primitive::Rect(area, colour));
        }
    }

    /// Adds a line through the points; a single point becomes a disc.
    pub(crate) fn path(&mut self, points: Vec<Dots>, thick: i32, colour: Colour) {
        match points[..] {
            [] => {}
            [point] => self.disc(point, thick, colour),
            _ => self.shapes.push(Primitive::Path(points, thick, colour)),
        }
    }

    pub(crate) fn fill(&mut self, points: Vec<Dots>, colour: Colour, percent: u8) {
        if points.len() > 2 {
            self.shapes.push(Primitive::Fill(points, colour, percent));
        }
    }

    pub(crate) fn disc(&mut self, centre: Dots, radius: i32, colour: Colour) {
        self.shapes.push(Primitive::Disc(centre, radius, colour));
    }

    pub(crate) fn text(&mut self, text: Text) {
        if !text.text.trim().is_empty() {
            self.shapes.push(Primitive::Text(text));
        }
    }
}
