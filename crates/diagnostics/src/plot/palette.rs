//! The colours of every figure.

use super::scene::Colour;

pub(super) const PAPER: Colour = Colour(255, 255, 255);
pub(super) const INK: Colour = Colour(38, 38, 38);
pub(super) const FAINT: Colour = Colour(120, 120, 120);
pub(super) const GRID: Colour = Colour(220, 220, 220);
pub(super) const MINOR_GRID: Colour = Colour(240, 240, 240);

/// Histogram bars and their outline: the lesson's default blue at its opacity of 0.8, on white.
pub(super) const BAR: Colour = Colour(76, 146, 195);
pub(super) const OUTLINE: Colour = Colour(30, 58, 78);

pub(super) const DASHED: Colour = Colour(214, 39, 40);
pub(super) const DOTTED: Colour = Colour(255, 140, 0);

/// Series in the order given: the lesson's coral and steelblue, then colours that differ from both in lightness,
/// which readers of every kind of colour vision see.
const SERIES: [Colour; 6] = [
    Colour(255, 127, 80),
    Colour(70, 130, 180),
    Colour(94, 60, 108),
    Colour(230, 194, 41),
    Colour(59, 59, 59),
    Colour(160, 166, 172),
];

/// The colour of the series with this index; they repeat after six.
pub(super) fn series(index: usize) -> Colour {
    SERIES[index % SERIES.len()]
}
