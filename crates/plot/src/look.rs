//! How the series of a panel are told apart.

use super::glyph::{self, Glyph};
use super::header::{Entry, Swatch};
use super::palette;
use super::scene::{Colour, Dots, Scene};

/// A colour, where colours repeat a glyph, and the thickness of a line in dots, less among many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub colour: Colour,
    pub glyph: Option<Glyph>,
    pub thick: i32,
}

/// Dots between glyphs along a line.
const SPARSE: i32 = 120;

impl Look {
    /// Draws a line, with glyphs along it if it has any.
    pub(super) fn stroke(self, scene: &mut Scene, line: Vec<Dots>) {
        if let Some(glyph) = self.glyph {
            glyph::along(scene, glyph, &line, SPARSE, self.colour);
        }
        scene.path(line, self.thick, self.colour);
    }
}

/// More layers than this are explained as a range of colours.
const MOST_NAMED: usize = 8;

/// The look of series `index` of `count`: by colours of depth, or by colours that differ, repeated with glyphs.
pub(super) fn look(index: usize, count: usize, by_depth: bool) -> Look {
    let thick = if count <= MOST_NAMED { 4 } else { 3 };
    if by_depth {
        return Look { colour: palette::depth(index, count), glyph: None, thick };
    }
    let (colour, used_up) = palette::line(index);
    let glyphs = [None, Some(Glyph::Disc), Some(Glyph::Square), Some(Glyph::Triangle), Some(Glyph::Diamond)];
    Look { colour, glyph: glyphs[used_up % glyphs.len()], thick }
}

/// What the legend says of series with these names.
pub(super) fn entries(names: &[&str], by_depth: bool) -> Vec<Entry> {
    if let (true, [first, .., last]) = (by_depth && names.len() > MOST_NAMED, names) {
        let colour = palette::depth(0, names.len());
        return vec![Entry { label: format!("{first} … {last}"), colour, swatch: Swatch::Depth }];
    }
    let entry = |(i, name): (usize, &&str)| {
        let Look { colour, glyph, .. } = look(i, names.len(), by_depth);
        Entry { label: name.to_string(), colour, swatch: Swatch::Line(glyph) }
    };
    names.iter().enumerate().map(entry).collect()
}
