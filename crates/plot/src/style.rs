//! The style of each series of a panel: colour, glyph and thickness, by which series are told apart.

use crate::glyph::{self, Glyph};
use crate::header::{Entry, Swatch};
use crate::palette;
use crate::scene::{Colour, Dots, Scene};

/// The style of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SeriesStyle {
    pub colour: Colour,
    /// Along the line, where colours repeat.
    pub glyph: Option<Glyph>,
    /// The thickness of the line in dots: less among many series.
    pub thick: i32,
}

/// The smallest distance between glyphs along a line, in dots.
const SPARSE: i32 = 120;

impl SeriesStyle {
    /// Draws a line, with glyphs along it if it has any.
    pub(crate) fn stroke(self, scene: &mut Scene, line: Vec<Dots>) {
        if let Some(glyph) = self.glyph {
            glyph::along(scene, glyph, &line, SPARSE, self.colour);
        }
        scene.path(line, self.thick, self.colour);
    }
}

/// More series than this share one legend entry if their colours are ordered.
const MOST_NAMED: usize = 8;

/// The style of series `index` of `count`: in colours ordered along one range, or in colours that differ, repeated with
/// glyphs.
pub(crate) fn style(index: usize, count: usize, ordered: bool) -> SeriesStyle {
    let thick = if count <= MOST_NAMED { 4 } else { 3 };
    if ordered {
        return SeriesStyle { colour: palette::ordered(index, count), glyph: None, thick };
    }
    let (colour, used_up) = palette::series(index);
    let glyphs = [None, Some(Glyph::Disc), Some(Glyph::Square), Some(Glyph::Triangle), Some(Glyph::Diamond)];
    SeriesStyle { colour, glyph: glyphs[used_up % glyphs.len()], thick }
}

/// The legend entries of series with these names.
pub(crate) fn entries(names: &[&str], ordered: bool) -> Vec<Entry> {
    if let (true, [first, .., last]) = (ordered && names.len() > MOST_NAMED, names) {
        let colour = palette::ordered(0, names.len());
        return vec![Entry { label: format!("{first} … {last}"), colour, swatch: Swatch::Ordered }];
    }
    let entry = |(i, name): (usize, &&str)| {
        let SeriesStyle { colour, glyph, .. } = style(i, names.len(), ordered);
        Entry { label: name.to_string(), colour, swatch: Swatch::Line(glyph) }
    };
    names.iter().enumerate().map(entry).collect()
}
