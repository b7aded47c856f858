//! Tests of matrices as cells.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{frame, inside, says, shapes};
use super::{assert_readable, pixels_of, rects};
use crate::palette::{MARKED, SET};
use crate::scene::{Colour, Primitive};
use crate::{Curve, Figure, MapAxis, MapPanel, Scale};

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
fn large_matrices_are_rasters_and_larger_ones_are_averaged_and_say_so() {
    let rasters = |figure: &Figure| {
        let raster = |shape| if let Primitive::Raster(_, raster) = shape { Some(raster) } else { None };
        shapes(figure).into_iter().filter_map(raster).collect::<Vec<_>>()
    };
    assert!(rasters(&saturated(100, 100)).is_empty());
    for figure in [saturated(1000, 130), Figure::new("", [values(1000, 130)])] {
        let [raster] = &rasters(&figure)[..] else { panic!("one raster") };
        assert_eq!((raster.columns, raster.rows()), (1000, 130));
        let svg = figure.svg();
        assert_eq!(svg.matches(r#"href="data:image/png;base64,iVBORw0KGgo"#).count(), 1);
        assert!(!svg.contains("#010203") && svg.contains("image-rendering:pixelated"));
        assert!(svg.len() < 200_000, "{} bytes", svg.len());
    }
    let noise = Figure::new("", [values(4000, 1000)]);
    assert_eq!(says(&noise, "a cell is the mean of 2 × 1 values"), 1);
    assert_eq!(rasters(&noise)[0].columns, 2000);
}

/// The PNG and the SVG show the raster's own pixels.
#[test]
fn a_raster_has_the_colours_of_its_values() {
    let flags: Vec<bool> = (0..20_000).map(|i| i / 200 % 100 < 50).collect();
    let figure = Figure::new("", [MapPanel::flags("", 200, &flags, "on", "off")]);
    let frame = frame(&figure);
    let (width, pixels) = pixels_of(&figure.png());
    let at = |x: i32, y: i32| pixels[(y.unsigned_abs() * width + x.unsigned_abs()) as usize * 3];
    let (x, middle) = frame.centre();
    assert_eq!((at(x, middle - 4), at(x, middle + 4)), (SET.0, 0));
    assert_eq!((at(x, frame.top + 4), at(x, frame.bottom - 4)), (SET.0, 0));
}

#[test]
fn a_plane_has_its_first_row_at_the_bottom_and_curves_on_its_axes() {
    let plane = |values: Vec<f64>| {
        MapPanel::plane("", MapAxis::log(0.1, 10.0, 3), MapAxis::names(["2", "64"]), &values)
    };
    let curve = Curve::new("6 ξ_c", vec![(0.1, -1.0), (1.0, 1.0), (10.0, 7.0), (f64::NAN, 0.0)]);
    let panel = plane(vec![1.0, 0.0, 0.0, 0.0, 0.0, f64::NAN]).curve(curve).ramp("loss: 0 to 1");
    let figure = Figure::new("", [panel.not_finite("diverged")]);
    for text in ["6 ξ_c", "loss: 0 to 1", "diverged", "2", "64"] {
        assert_eq!(says(&figure, text), 1, "{text}");
    }
    assert_readable(&figure);
    let (frame, all) = (frame(&figure), shapes(&figure));
    let place = |colour: Colour| {
        let inner = all.iter().filter_map(|shape| match shape {
            Primitive::Rect(area, c) if *c == colour && frame.holds(*area) && *area != frame => {
                Some(area.centre())
            }
            _ => None,
        });
        inner.collect::<Vec<_>>()
    };
    let (x, y) = frame.centre();
    let [(left, bottom)] = place(Scale::Sequential.colour(1.0))[..] else { panic!("one cell of 1") };
    assert!(left < x && bottom > y, "the first value of the first row");
    let [(right, top)] = place(MARKED)[..] else { panic!("one cell that is not finite") };
    assert!(right > x && top < y, "the last value of the last row");
    let paths: Vec<_> = all
        .iter()
        .filter_map(|shape| if let Primitive::Path(points, 5, _) = shape { Some(points) } else { None })
        .collect();
    let [line] = &paths[..] else { panic!("one line") };
    // A frame of an odd width has its middle between two dots.
    assert!(
        line.len() == 3 && (line[1].0 - x).abs() <= 1 && line[1].1 == y,
        "the middle of the axis is 1: {line:?}"
    );
    assert_eq!((line[0].1, line[2].1), (frame.bottom, frame.top), "it ends at the frame");
    assert!(std::panic::catch_unwind(|| plane(vec![0.0; 5])).is_err(), "too few values were taken");
}

#[test]
fn small_planes_share_a_ramp_and_a_row() {
    let plane = |i: usize| {
        let (x, y) = (MapAxis::linear(0.0, 1.0, 20), MapAxis::log(1.0, 64.0, 7));
        let values: Vec<f64> = (0..140).map(|cell| (cell * i) as f64 % 7.0).collect();
        MapPanel::plane(format!("σ_b {i}"), x, y, &values)
            .range(0.0, 7.0)
            .ramp("loss: 0 to 7")
            .x_label("gain")
            .y_label("depth")
    };
    let figure = Figure::new("Loss", (1..=4).map(plane));
    assert_readable(&figure);
    assert_eq!(says(&figure, "loss: 0 to 7"), 1);
    let tops: Vec<i32> =
        super::texts(&figure).iter().filter(|t| t.text.starts_with("σ_b")).map(|t| t.y).collect();
    assert!(tops.len() == 4 && tops.iter().all(|&top| top == tops[0]), "{tops:?}");
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

/// Cells are drawn to whole pixels, and nothing else is.
#[test]
fn cells_have_no_seams() {
    let style = |figure: &Figure| {
        let svg = figure.svg();
        svg.split_once("<style>").and_then(|(_, rest)| rest.split_once("@media")).unwrap().0.to_owned()
    };
    let flags = style(&saturated(10, 10));
    assert_eq!(flags, r##"[fill="#FEFEFE"],[fill="#000000"]{shape-rendering:crispEdges}"##);
    assert_eq!(style(&saturated(1000, 130)), flags, "those of the legend");
    assert_eq!(style(&super::gradients()), "");
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
