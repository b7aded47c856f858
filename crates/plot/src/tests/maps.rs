//! Tests of matrices as cells.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{frame, inside, says, shapes};
use super::{assert_readable, rects};
use crate::palette::{MARKED, SET};
use crate::scene::{Colour, Primitive};
use crate::{Figure, MapPanel, Scale};

const WHITE: Colour = SET;

fn saturated(units: usize, examples: usize) -> Figure {
    let flags: Vec<bool> = (0..units * examples).map(|i| i * i / 3 % 7 == 0 || i % units == 5).collect();
    Figure::new("Saturated", [MapPanel::flags("", units, &flags, "|h| > 0.99", "not saturated")])
}

fn values(units: usize, examples: usize) -> MapPanel {
    let value = |i: usize| (i * 7919 % 1009) as f64 / 500.0 - 1.0;
    MapPanel::new("", units, (0..units * examples).map(value).collect()).bar_label("h")
}

#[test]
fn cells_are_where_their_unit_and_example_are() {
    // Unit 1 of example 0, units 2 and 3 of example 1; all else black.
    let flags = [false, true, false, false, false, false, true, true, false, false, false, false];
    let figure = Figure::new("", [MapPanel::flags("", 4, &flags, "on", "off")]);
    let frame = frame(&figure);
    let white = shapes(&figure).into_iter().filter_map(|shape| match shape {
        Primitive::Rect(area, WHITE) if frame.holds(area) && area != frame => Some(area),
        _ => None,
    });
    let parts = |length: i32, part: i32, of: i32| (f64::from(length * part) / f64::from(of)).round() as i32;
    let expected = [(1, 2, 0, 1), (2, 4, 1, 2)].map(|(left, right, top, bottom)| {
        let (x, y) =
            (|i| frame.left + parts(frame.width(), i, 4), |i| frame.top + parts(frame.height(), i, 3));
        super::Area::new(x(left), y(top), x(right), y(bottom))
    });
    assert_eq!(white.collect::<Vec<_>>(), expected);
}

#[test]
fn values_that_are_not_finite_are_marked_and_explained() {
    let figure = |values| Figure::new("", [MapPanel::new("", 3, values)]);
    let odd = figure(vec![1.0, f64::NAN, 1.0, f64::INFINITY, 1.0, 1.0, 1.0, 1.0, f64::NEG_INFINITY]);
    // One more for the legend.
    assert_eq!((rects(&odd, MARKED), says(&odd, "not finite")), (4, 1));
    let fine = figure(vec![1.0, 0.0, 2.0]);
    assert_eq!((rects(&fine, MARKED), says(&fine, "not finite")), (0, 0));
    assert_eq!(says(&figure(vec![]), "no values"), 1);
}

#[test]
fn large_matrices_are_averaged_in_blocks_and_say_so() {
    let exact = saturated(200, 100);
    let large = saturated(1000, 130);
    let noise = Figure::new("", [values(1000, 130)]);
    assert_eq!(says(&exact, "a cell is the mean of 4 × 2 values"), 0);
    for figure in [large, noise] {
        assert_eq!(says(&figure, "a cell is the mean of 4 × 2 values"), 1);
        assert!(figure.svg().len() < 1_200_000, "{} bytes", figure.svg().len());
    }
}

#[test]
fn a_diverging_bar_has_zero_in_its_middle() {
    let panel = MapPanel::new("", 2, vec![-1.0, 0.0, 3.0, 0.5]).scale(Scale::Diverging);
    let figure = Figure::new("", [panel]);
    for label in ["−3", "0", "3"] {
        assert!(says(&figure, label) >= 1, "{label}");
    }
    let middle = frame(&figure).centre().1;
    let zero = super::texts(&figure).into_iter().filter(|text| text.text == "0").any(|text| text.y == middle);
    assert!(zero, "0 is not in the middle of the bar");
}

#[test]
fn maps_are_readable() {
    for (units, examples) in [(1, 1), (100, 130), (1000, 130), (7, 1000)] {
        assert_readable(&saturated(units, examples));
        assert!(inside(&saturated(units, examples)).is_empty());
        let pair = [values(units, examples), values(units, examples).scale(Scale::Diverging)];
        assert_readable(&Figure::new("Activations", pair));
    }
}

#[test]
#[should_panic(expected = "5 values do not fill rows of 2")]
fn a_matrix_has_full_rows() {
    let _ = MapPanel::new("", 2, vec![0.0; 5]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn maps_never_panic(values in vec(any::<f64>(), 0..12), columns in 1usize..4, diverging: bool) {
        let whole = values[..values.len() / columns * columns].to_vec();
        let scale = if diverging { Scale::Diverging } else { Scale::Grey };
        let figure = Figure::new("", [MapPanel::new("", columns, whole).scale(scale)]);
        prop_assert!(figure.svg().ends_with("</svg>\n"));
        prop_assert!(!figure.png().is_empty());
    }
}
