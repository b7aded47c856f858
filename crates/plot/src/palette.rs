//! Every colour of every figure, on light paper and on dark.
//!
//! | part of a figure | colour |
//! |---|---|
//! | paper, text, axes and reference lines, captions, grid | [`PAPER`], [`INK`], [`FAINT`], [`GRID`], [`MINOR_GRID`] |
//! | curves, dots, bars and ridges | [`SERIES`]; coloured in order: [`ORDERED`] |
//! | the outline of a histogram's bars, and the part of them that is set off | [`OUTLINE`] |
//! | the two regions of a phase diagram | [`BELOW`], [`ABOVE`] |
//! | colour scales | [`GREY_SCALE`], [`SEQUENTIAL_SCALE`], [`DIVERGING_SCALE`] |
//! | cells of a map of flags | [`UNSET`], [`SET`] |
//! | cells that are not finite | [`MARKED`], [`MARKED_ON_DIVERGING`] |
//!
//! [`dark`] gives the colour that a viewer in dark mode sees instead. Colours of scales and maps stay as they are.

use crate::scene::Colour;

/// The paper.
pub(crate) const PAPER: Colour = Colour(255, 255, 255);
/// Cells of a map of flags; not quite the paper's white, which dark mode replaces.
pub(crate) const UNSET: Colour = Colour(0, 0, 0);
pub(crate) const SET: Colour = Colour(254, 254, 254);
/// Text, frames, ticks and reference lines.
pub(crate) const INK: Colour = Colour(38, 38, 38);
/// Captions, leaders and remarks.
pub(crate) const FAINT: Colour = Colour(100, 100, 100);
/// Grid lines at ticks.
pub(crate) const GRID: Colour = Colour(220, 220, 220);
/// Grid lines between the decades of a log axis.
pub(crate) const MINOR_GRID: Colour = Colour(240, 240, 240);

/// Holds the place of a text or a raster in an SVG; no scale and no part of a figure has it.
pub(crate) const PLACE: Colour = Colour(1, 2, 3);

/// The outline of histogram bars, and the part of them that is set off.
pub(crate) const OUTLINE: Colour = Colour(30, 31, 34);

/// Cells that are not finite: far from every colour of their scale, for every kind of colour vision.
pub(crate) const MARKED: Colour = Colour(255, 0, 255);
pub(crate) const MARKED_ON_DIVERGING: Colour = Colour(0, 0, 32);

/// The regions below and above the boundary of a phase diagram, light enough for text on them.
pub(crate) const BELOW: Colour = Colour(209, 229, 240);
pub(crate) const ABOVE: Colour = Colour(253, 219, 199);

/// What dark mode has in place of paper, ink and regions: first the light colour, then the dark one.
const DARK: [(Colour, Colour); 8] = [
    (PAPER, Colour(13, 17, 23)),
    (INK, Colour(230, 237, 243)),
    (FAINT, Colour(150, 158, 167)),
    (GRID, Colour(48, 54, 61)),
    (MINOR_GRID, Colour(28, 33, 40)),
    (OUTLINE, Colour(231, 236, 242)),
    (BELOW, Colour(24, 52, 72)),
    (ABOVE, Colour(78, 42, 27)),
];

/// Series in their order. No two of them, nor one of them and ink, are alike for any kind of colour vision: a search over
/// all seven at once kept each near a hue of its own and every pair at least 16 apart (CIEDE2000).
const SERIES: [Colour; 7] = [
    Colour(247, 97, 2),
    Colour(0, 129, 253),
    Colour(102, 25, 207),
    Colour(118, 80, 2),
    Colour(15, 126, 96),
    Colour(79, 14, 85),
    Colour(170, 105, 150),
];

/// The same series on dark paper, each as near to its hue as the distances allow.
const SERIES_ON_DARK: [Colour; 7] = [
    Colour(234, 99, 62),
    Colour(90, 162, 255),
    Colour(136, 81, 219),
    Colour(225, 212, 78),
    Colour(69, 233, 176),
    Colour(160, 76, 104),
    Colour(214, 149, 181),
];

/// Curves, rows and points coloured from the first to the last: dark blue to ochre, getting lighter. Up to five are at
/// least 15 apart; more are told apart by their order and their labels.
const ORDERED: [Colour; 6] = [
    Colour(13, 0, 96),
    Colour(63, 42, 191),
    Colour(83, 94, 97),
    Colour(164, 70, 114),
    Colour(195, 66, 58),
    Colour(194, 133, 4),
];

/// The same order on dark paper: blue to yellow.
const ORDERED_ON_DARK: [Colour; 6] = [
    Colour(54, 92, 224),
    Colour(99, 115, 122),
    Colour(228, 104, 170),
    Colour(255, 167, 199),
    Colour(255, 216, 177),
    Colour(255, 247, 85),
];

/// The steps of the ordered colours: a multiple of 2, 3, 4 and 5, so that up to six series get distinct stops.
const STEPS: usize = 60;

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
/// Black to (nearly) white.
pub(crate) const GREY_SCALE: [Colour; 2] = [UNSET, SET];

/// The colour of the series with this index, and the number of times that the colours were used up before it.
pub(crate) fn series(index: usize) -> (Colour, usize) {
    (SERIES[index % SERIES.len()], index / SERIES.len())
}

/// The colour of item `index` of `count` along the ordered colours.
pub(crate) fn ordered(index: usize, count: usize) -> Colour {
    let fraction = index as f64 / (count.max(2) - 1) as f64;
    step(&ORDERED, (fraction * STEPS as f64).round() as usize)
}

fn step(stops: &[Colour], step: usize) -> Colour {
    between(stops, step as f64 / STEPS as f64)
}

/// The colour that dark mode has in place of this one; `None` if it stays.
pub(crate) fn dark(colour: Colour) -> Option<Colour> {
    let fixed = DARK.into_iter().chain(SERIES.into_iter().zip(SERIES_ON_DARK));
    let ordered = (0..=STEPS).map(|at| (step(&ORDERED, at), step(&ORDERED_ON_DARK, at)));
    fixed.chain(ordered).find(|(light, _)| *light == colour).map(|(_, dark)| dark)
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
    use crate::ciede2000::difference;
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

    /// The least CIEDE2000 difference of two colours that can meet. 2.3 is just noticeable side by side; thin lines and
    /// small dots far apart need many times that.
    const LEAST: f64 = 15.0;

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

    fn least_difference(a: Colour, b: Colour) -> f64 {
        let seen = VISIONS.iter().map(|vision| difference(lab(a, vision), lab(b, vision)));
        seen.fold(f64::INFINITY, f64::min)
    }

    /// The pair that differs least, and by how much.
    fn nearest(colours: &[Colour]) -> (f64, Colour, Colour) {
        let pairs = colours.iter().enumerate().flat_map(|(i, &a)| colours[..i].iter().map(move |&b| (a, b)));
        let measured = pairs.map(|(a, b)| (least_difference(a, b), a, b));
        measured.min_by(|one, other| one.0.total_cmp(&other.0)).expect("two colours")
    }

    /// The contrast of two colours, 1 to 21 (WCAG 2.2).
    fn contrast(a: Colour, b: Colour) -> f64 {
        let [a, b] = [a, b].map(|colour| times(&XYZ, linear(colour))[1] + 0.05);
        a.max(b) / a.min(b)
    }

    fn on_dark(colour: Colour) -> Colour {
        dark(colour).expect("a colour with a dark one")
    }

    /// A way to see the colours of one mode: as given, or as dark mode replaces them.
    type Mode = fn(Colour) -> Colour;
    const MODES: [(&str, Mode); 2] = [("light", |colour| colour), ("dark", on_dark)];

    #[test]
    fn series_and_ink_differ_for_every_kind_of_colour_vision_in_both_modes() {
        for (name, mode) in MODES {
            let colours: Vec<Colour> = SERIES.into_iter().chain([INK]).map(mode).collect();
            let (least, a, b) = nearest(&colours);
            assert!(least >= LEAST, "{name}: {a:?} and {b:?} differ by {least}");
        }
    }

    #[test]
    fn up_to_five_ordered_colours_differ_for_every_kind_of_colour_vision_in_both_modes() {
        for (name, mode) in MODES {
            for count in 2..=5 {
                let colours: Vec<Colour> = (0..count).map(|at| mode(ordered(at, count))).collect();
                let (least, a, b) = nearest(&colours);
                assert!(least >= LEAST, "{name}, {count}: {a:?} and {b:?} differ by {least}");
            }
        }
        assert_eq!(ordered(0, 1), ORDERED[0]);
    }

    #[test]
    fn two_earlier_palettes_would_fail() {
        // The magenta of one program and the blue of another, and two layers of five, in figures of the first version.
        assert!(nearest(&[Colour(192, 26, 245), Colour(70, 130, 180)]).0 < LEAST);
        assert!(nearest(&[Colour(13, 8, 135), Colour(89, 2, 163), Colour(148, 19, 159)]).0 < LEAST);
    }

    #[test]
    fn every_mark_is_visible_on_its_paper() {
        for (name, mode) in MODES {
            let ramp = (0..=STEPS).map(|at| ordered(at, STEPS + 1));
            for colour in SERIES.into_iter().chain(ramp).chain([INK, FAINT, OUTLINE]).map(mode) {
                // WCAG asks for 3 of graphics.
                let contrast = contrast(colour, mode(PAPER));
                assert!(contrast >= 3.0, "{name}: {colour:?} has {contrast}");
            }
            // And for 4.5 of text.
            for text in [INK, FAINT] {
                assert!(contrast(mode(text), mode(PAPER)) >= 4.5, "{name}: {text:?}");
            }
            for region in [BELOW, ABOVE] {
                assert!(contrast(mode(INK), mode(region)) >= 4.5, "{name}: ink on {region:?}");
            }
        }
    }

    #[test]
    fn ordered_colours_grow_lighter_in_both_modes() {
        for (name, mode) in MODES {
            let light = |colour| times(&XYZ, linear(mode(colour)))[1];
            let ramp: Vec<f64> = (0..=STEPS).map(|at| light(ordered(at, STEPS + 1))).collect();
            // A step of one in a colour of 8 bits is all that rounding can undo.
            assert!(ramp.windows(2).all(|pair| pair[1] > pair[0] - 1e-3), "{name}: {ramp:?}");
        }
    }

    #[test]
    fn dark_mode_leaves_the_colours_of_cells() {
        for scale in [Scale::Grey, Scale::Sequential, Scale::Diverging] {
            assert!((0..=32).all(|i| dark(scale.colour(f64::from(i) / 32.0)).is_none()), "{scale:?}");
        }
        assert!([SET, UNSET, MARKED, MARKED_ON_DIVERGING].into_iter().all(|colour| dark(colour).is_none()));
    }

    #[test]
    fn the_place_of_a_raster_has_a_colour_of_its_own() {
        for scale in [Scale::Grey, Scale::Sequential, Scale::Diverging] {
            assert!((0..=32).all(|i| scale.colour(f64::from(i) / 32.0) != PLACE), "{scale:?}");
        }
        let ramp = (0..=STEPS).map(|at| step(&ORDERED, at));
        let fixed = DARK.into_iter().map(|(light, _)| light).chain(SERIES).chain([
            SET,
            UNSET,
            MARKED,
            MARKED_ON_DIVERGING,
        ]);
        assert!(fixed.chain(ramp).all(|colour| colour != PLACE && dark(PLACE).is_none()));
    }

    #[test]
    fn marked_cells_differ_from_every_colour_of_every_scale() {
        for scale in [Scale::Grey, Scale::Sequential, Scale::Diverging] {
            for i in 0..=64 {
                let colour = scale.colour(f64::from(i) / 64.0);
                let least = least_difference(colour, scale.marked());
                assert!(least >= LEAST, "{scale:?} comes as near as {least}: {colour:?}");
            }
        }
    }
}
