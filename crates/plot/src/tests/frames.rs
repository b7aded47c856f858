//! Questions about a scene that the tests of several kinds share.

use crate::palette::INK;
use crate::scene::{Area, Colour, Dots, Primitive, Text};
use crate::{Density, Figure, layout};

pub(super) fn shapes(figure: &Figure) -> Vec<Primitive> {
    layout::scene(figure).shapes
}

/// The data area of a figure of one panel, inside its four sides.
pub(super) fn frame(figure: &Figure) -> Area {
    let side = |shape: Primitive| match shape {
        Primitive::Rect(area, INK) if area.height() == 2 && area.width() > 300 => Some(area),
        _ => None,
    };
    let sides: Vec<Area> = shapes(figure).into_iter().filter_map(side).collect();
    Area::new(sides[0].left + 1, sides[0].top + 1, sides[0].right - 1, sides[1].bottom - 1)
}

pub(super) fn paths(figure: &Figure, colour: Colour) -> Vec<Vec<Dots>> {
    let path = |shape| match shape {
        Primitive::Path(points, _, c) if c == colour => Some(points),
        _ => None,
    };
    shapes(figure).into_iter().filter_map(path).collect()
}

pub(super) fn fills(figure: &Figure, colour: Colour) -> Vec<Vec<Dots>> {
    let fill = |shape| match shape {
        Primitive::Fill(points, c, _) if c == colour => Some(points),
        _ => None,
    };
    shapes(figure).into_iter().filter_map(fill).collect()
}

/// The texts inside the frame.
pub(super) fn inside(figure: &Figure) -> Vec<Text> {
    let frame = frame(figure);
    super::texts(figure).into_iter().filter(|text| frame.overlaps(text.room())).collect()
}

pub(super) fn says(figure: &Figure, what: &str) -> usize {
    super::texts(figure).iter().filter(|text| text.text == what).count()
}

/// Bell curves, ever narrower.
pub(super) fn layers(count: usize) -> Vec<Density> {
    let layer = |i: usize| {
        let edges: Vec<f64> = (0..=40).map(|k| f64::from(k) / 20.0 - 1.0).collect();
        let narrow = 1.0 + i as f64 / 4.0;
        let bell = |ends: &[f64]| (1000.0 * (-(narrow * (ends[0] + ends[1])).powi(2)).exp()) as u64;
        let counts = edges.windows(2).map(bell).collect();
        Density::new(format!("Layer {}", i + 1), edges, counts)
    };
    (0..count).map(layer).collect()
}

pub(super) const LONG: &str = "transformer.blocks.12.attention.projection.weight of a module whose path does not end where a line does, but later";
