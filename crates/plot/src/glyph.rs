//! Glyphs: small signs at a point.

use crate::scene::{Area, Colour, Dots, Scene};

/// A small sign; all are about the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Disc,
    Square,
    Triangle,
    Diamond,
    Cross,
    /// Arrowheads, for something that lies in that direction.
    Up,
    Down,
    Left,
    Right,
}

/// The dots from the middle of a glyph to its edge.
pub(crate) const REACH: i32 = 8;

/// Draws the glyph around `at`.
pub(crate) fn draw(scene: &mut Scene, glyph: Glyph, at: Dots, colour: Colour) {
    let (x, y) = at;
    let mut fill = |corners: &[Dots]| {
        scene.fill(corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect(), colour, 100);
    };
    match glyph {
        Glyph::Disc => scene.disc(at, 6, colour),
        Glyph::Square => scene.rect(Area::new(x - 6, y - 6, x + 6, y + 6), colour),
        Glyph::Triangle | Glyph::Up => fill(&[(-8, 6), (0, -8), (8, 6)]),
        Glyph::Diamond => fill(&[(0, -8), (8, 0), (0, 8), (-8, 0)]),
        Glyph::Down => fill(&[(-8, -6), (0, 8), (8, -6)]),
        Glyph::Left => fill(&[(6, -8), (-8, 0), (6, 8)]),
        Glyph::Right => fill(&[(-6, -8), (8, 0), (-6, 8)]),
        Glyph::Cross => {
            scene.path(vec![(x - 6, y - 6), (x + 6, y + 6)], 4, colour);
            scene.path(vec![(x - 6, y + 6), (x + 6, y - 6)], 4, colour);
        }
    }
}

/// Draws the glyph on points of a line that are at least `apart` dots apart.
pub(crate) fn along(scene: &mut Scene, glyph: Glyph, line: &[Dots], apart: i32, colour: Colour) {
    let mut last: Option<Dots> = None;
    for &(x, y) in line {
        if last.is_none_or(|at| (at.0 - x).abs().max((at.1 - y).abs()) >= apart) {
            draw(scene, glyph, (x, y), colour);
            last = Some((x, y));
        }
    }
}
