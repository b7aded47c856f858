//! Every colour of every figure.
//!
//! | part of a figure | colour |
//! |---|---|
//! | paper, text and axes, captions, grid | [`PAPER`], [`INK`], [`FAINT`], [`GRID`], [`MINOR_GRID`] |
//! | bars of a histogram, their outline | [`BAR`], [`OUTLINE`] |
//! | grouped bars | [`SERIES`] |
//! | curves and outlines | [`LINES`]; coloured in order: [`ORDERED`] |
//! | marker lines | [`DASHED`], [`DOTTED`] |
//! | the two regions of a phase diagram | [`BELOW`], [`ABOVE`] |
//! | colour scales | [`GREY_SCALE`], [`SEQUENTIAL_SCALE`], [`DIVERGING_SCALE`] |
//! | cells of a map of flags | [`UNSET`], [`SET`] |
//! | cells that are not finite | [`MARKED`] |

use crate::scene::Colour;

/// The paper.
pub(crate) const PAPER: Colour = Colour(255, 255, 255);
/// Cells of a map of flags.
pub(crate) const UNSET: Colour = Colour(0, 0, 0);
pub(crate) const SET: Colour = Colour(255, 255, 255);
/// Text, frames and ticks.
pub(crate) const INK: Colour = Colour(38, 38, 38);
/// Captions, leaders and remarks.
pub(crate) const FAINT: Colour = Colour(120, 120, 120);
/// Grid lines at ticks.
pub(crate) const GRID: Colour = Colour(220, 220, 220);
/// Grid lines between the decades of a log axis.
pub(crate) const MINOR_GRID: Colour = Colour(240, 240, 240);

/// Histogram bars and their outline: matplotlib's default blue at an opacity of 0.8, on white.
pub(crate) const BAR: Colour = Colour(76, 146, 195);
pub(crate) const OUTLINE: Colour = Colour(30, 58, 78);

/// Dashed marker lines: red.
pub(crate) const DASHED: Colour = Colour(214, 39, 40);
/// Dotted marker lines: orange.
pub(crate) const DOTTED: Colour = Colour(255, 140, 0);

/// Cells that are not finite: far from every colour of the scales, for every kind of colour vision.
pub(crate) const MARKED: Colour = Colour(255, 0, 255);

/// The regions below and above the boundary of a phase diagram, light enough for text on them.
pub(crate) const BELOW: Colour = Colour(209, 229, 240);
pub(crate) const ABOVE: Colour = Colour(253, 219, 199);

/// Series of grouped bars in their order: coral and steel blue, then colours that differ from both in lightness, which
/// readers of every kind of colour vision see.
const SERIES: [Colour; 6] = [
    Colour(255, 127, 80),
    Colour(70, 130, 180),
    Colour(94, 60, 108),
    Colour(230, 194, 41),
    Colour(59, 59, 59),
    Colour(160, 166, 172),
];

/// Curves in their order: like the series, but dark enough for thin lines on white paper; no two are alike for any kind
/// of colour vision.
const LINES: [Colour; 7] = [
    Colour(224, 90, 50),
    Colour(70, 130, 180),
    Colour(60, 60, 60),
    Colour(192, 26, 245),
    Colour(102, 50, 0),
    Colour(11, 56, 160),
    Colour(185, 97, 126),
];

/// Curves, rows and points coloured from the first to the last: the part of matplotlib's plasma (CC0) that is visible on
/// white paper.
const ORDERED: [Colour; 6] = [
    Colour(13, 8, 135),
    Colour(76, 2, 161),
    Colour(126, 3, 168),
    Colour(170, 35, 149),
    Colour(204, 71, 120),
    Colour(230, 108, 92),
];

/// Dark violet to yellow: matplotlib's viridis (CC0) in eighths.
pub(crate) const SEQUENTIAL_SCALE: [Colour; 9] = [
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
/// Blue over white to red: `ColorBrewer`'s `RdBu` of seven classes, reversed.
pub(crate) const DIVERGING_SCALE: [Colour; 7] = [
    Colour(33, 102, 172),
    Colour(103, 169, 207),
    Colour(209, 229, 240),
    Colour(247, 247, 247),
    Colour(253, 219, 199),
    Colour(239, 138, 98),
    Colour(178, 24, 43),
];
/// Black to white.
pub(crate) const GREY_SCALE: [Colour; 2] = [Colour(0, 0, 0), Colour(255, 255, 255)];

/// The colour of the series with this index; colours repeat after six.
pub(crate) fn series(index: usize) -> Colour {
    SERIES[index % SERIES.len()]
}

/// The colour of the curve with this index, and the number of times that the colours were used up before it.
pub(crate) fn line(index: usize) -> (Colour, usize) {
    (LINES[index % LINES.len()], index / LINES.len())
}

/// The colour of item `index` of `count` along the ordered colours.
pub(crate) fn ordered(index: usize, count: usize) -> Colour {
    between(&ORDERED, index as f64 / (count.max(2) - 1) as f64)
}

/// The colour at a fraction of the way along equally spaced ones.
pub(crate) fn between(stops: &[Colour], fraction: f64) -> Colour {
    let place = fraction.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let index = (place as usize).min(stops.len() - 2);
    let (Colour(r0, g0, b0), Colour(r1, g1, b1)) = (stops[index], stops[index + 1]);
    let mix = |from: u8, to: u8| {
        let (from, to) = (f64::from(from), f64::from(to));
        (from + (to - from) * (place - index as f64)).round() as u8
    };
    Colour(mix(r0, r1), mix(g0, g1), mix(b0, b1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::Scale;

    type Matrix = [[f64; 3]; 3];

    /// Full colour vision, then protanopia, deuteranopia, tritanopia: Machado, Oliveira and Fernandes (2009), table 1,
    /// severity 1.0, for linear RGB.
    const VISIONS: [Matrix; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];
    /// Linear sRGB to CIE XYZ, relative to the white point D65 (IEC 61966-2-1).
    const XYZ: Matrix = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8729]];

    fn times(matrix: &Matrix, v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    fn linear(Colour(r, g, b): Colour) -> [f64; 3] {
        [r, g, b].map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// CIE 1976 L*a*b* as it appears to `vision`.
    fn lab(colour: Colour, vision: &Matrix) -> [f64; 3] {
        let seen = times(vision, linear(colour)).map(|c| c.clamp(0.0, 1.0));
        let [x, y, z] =
            times(&XYZ, seen).map(|t| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn difference(a: Colour, b: Colour, vision: &Matrix) -> f64 {
        let (a, b) = (lab(a, vision), lab(b, vision));
        a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    fn least_difference(a: Colour, b: Colour) -> f64 {
        VISIONS.iter().map(|vision| difference(a, b, vision)).fold(f64::INFINITY, f64::min)
    }

    /// The contrast with white paper, 1 to 21 (WCAG 2.2).
    fn contrast(colour: Colour) -> f64 {
        1.05 / (times(&XYZ, linear(colour))[1] + 0.05)
    }

    #[test]
    fn lines_are_visible_on_paper_and_differ_for_every_kind_of_colour_vision() {
        for (i, &a) in LINES.iter().enumerate() {
            // WCAG asks for 3 of graphics. A difference of 2.3 is just noticeable; thin lines need many times that.
            assert!(contrast(a) >= 3.0, "{a:?} has {}", contrast(a));
            for &b in &LINES[..i] {
                assert!(least_difference(a, b) > 20.0, "{a:?} and {b:?}: {}", least_difference(a, b));
            }
        }
        // The check can fail: two of matplotlib's default colours that colour-blind readers confuse.
        assert!(least_difference(Colour(255, 127, 14), Colour(188, 189, 34)) < 20.0);
    }

    #[test]
    fn ordered_colours_grow_lighter_and_are_visible_on_paper() {
        let colours: Vec<Colour> = (0..50).map(|i| ordered(i, 50)).collect();
        assert!(colours.iter().all(|&colour| contrast(colour) >= 3.0));
        assert!(colours.windows(2).all(|pair| contrast(pair[0]) > contrast(pair[1])));
        assert_eq!(ordered(0, 1), ORDERED[0]);
    }

    #[test]
    fn marked_cells_differ_from_every_colour_of_every_scale() {
        for scale in [Scale::Grey, Scale::Sequential, Scale::Diverging] {
            for i in 0..=64 {
                let colour = scale.colour(f64::from(i) / 64.0);
                let least = least_difference(colour, MARKED);
                assert!(least > 15.0, "{scale:?} comes as near as {least}: {colour:?}");
            }
        }
    }
}
