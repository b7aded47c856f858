//! Tests of curves: where lines go, where they break, and what stands outside of the frame.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{LONG, frame, inside, paths, says, shapes};
use super::{assert_readable, texts};
use crate::palette::{INK, series};
use crate::scene::{Area, Primitive};
use crate::{Curve, Figure, Line, LinePanel};

fn walk(name: &str, seed: i32, steps: i32) -> Curve {
    let place = |t: i32| f64::from((t * 37 + seed * 11) % 23) / 10.0 - 4.0 + f64::from(seed % 5) / 4.0;
    Curve::new(name, (0..steps).map(|t| (f64::from(t), place(t))).collect())
}

fn curves(count: i32) -> Vec<Curve> {
    (1..=count).map(|i| walk(&format!("Layer {i}"), i, 50)).collect()
}

fn ratios(panel: LinePanel) -> Figure {
    Figure::new(
        "Update : data",
        [panel.x_label("Step").y_label("log10").level(-3.0, "about right", Line::Dashed)],
    )
}

#[test]
fn names_stand_beside_the_ends_of_few_curves() {
    let figure = ratios(LinePanel::new("", curves(4)));
    let frame = frame(&figure);
    let texts = texts(&figure);
    let label = |name: &str| texts.iter().find(|text| text.text == name).expect("a label");
    for name in ["Layer 1", "Layer 2", "Layer 3", "Layer 4", "about right"] {
        assert!(label(name).x > frame.right, "{name} is not beside the frame");
        assert_eq!(says(&figure, name), 1, "{name}");
    }
    // Where there is room, a name is level with the end of its line.
    let apart = Curve::new("high", vec![(0.0, 1.0), (1.0, 9.0)]);
    let both = vec![apart, Curve::new("low", vec![(0.0, 1.0), (1.0, 0.0)])];
    let figure = Figure::new("", [LinePanel::new("", both)]);
    for (at, name) in ["high", "low"].into_iter().enumerate() {
        let line = paths(&figure, series(at).0).remove(0);
        let y = super::texts(&figure).into_iter().find(|text| text.text == name).map(|text| text.y);
        assert_eq!(y, line.last().map(|end| end.1), "{name}");
    }
}

#[test]
fn a_curve_that_ends_early_has_its_name_in_the_frame() {
    let long = Curve::new("long", vec![(0.0, 1.0), (9.0, 2.0)]);
    let early = Curve::new("early", vec![(0.0, 1.0), (4.0, 3.0)]);
    let figure = Figure::new("", [LinePanel::new("", vec![long, early])]);
    let end = paths(&figure, series(1).0)[0][1];
    let inside: Vec<_> = inside(&figure).into_iter().map(|text| (text.text, text.y)).collect();
    assert_eq!(inside, [("early".to_owned(), end.1)]);
    assert_eq!(paths(&figure, series(1).0).len(), 1, "a line leads on from the end");
}

#[test]
fn a_name_in_the_frame_keeps_clear_of_other_curves() {
    let early = Curve::new("early", vec![(0.0, 1.0), (4.0, 2.0)]);
    let through = Curve::new("through", vec![(4.2, 0.0), (4.4, 3.0), (4.6, 0.0), (9.0, 1.0)]);
    let figure = Figure::new("", [LinePanel::new("", vec![early, through])]);
    let name = inside(&figure).remove(0);
    assert_eq!(name.text, "early");
    let line = &paths(&figure, series(1).0)[0];
    let near = name.room().grown(2);
    assert!(line.iter().all(|&(x, y)| !near.overlaps(Area::new(x, y, x, y))), "{near:?} is on {line:?}");
    assert!(name.x + 20 < line[0].0, "it stands to the left of the curve in its way: {near:?}, {line:?}");
}

#[test]
fn a_curve_is_named_where_it_is_asked_to_be() {
    let line = |height: f64| Curve::new(height.to_string(), vec![(0.0, 1.0), (5.0, height), (9.0, 1.0)]);
    let figure =
        Figure::new("", [LinePanel::new("", vec![line(2.0).named_at(5.2), line(0.0).named_at(4.0)])]);
    let found: Vec<_> = inside(&figure).into_iter().map(|text| text.text).collect();
    assert_eq!(found, ["2", "0"]);
    let peaks = [0, 1].map(|at| paths(&figure, series(at).0)[0][1]);
    for (text, peak) in inside(&figure).iter().zip(peaks) {
        let centre = text.room().centre();
        assert!((centre.0 - peak.0).abs() < 60 && (centre.1 - peak.1).abs() < 60, "{centre:?} and {peak:?}");
    }
}

#[test]
fn a_reversed_axis_falls_and_names_stand_at_its_right_end() {
    let curve = || Curve::new("W", vec![(1.0, 1.0), (5.0, 9.0)]);
    let figure = Figure::new("", [LinePanel::new("", vec![curve()]).reversed_x()]);
    let line = paths(&figure, series(0).0).remove(0);
    assert!(line[0].0 > line[1].0, "1 is not to the right of 5: {line:?}");
    let name = texts(&figure).into_iter().find(|text| text.text == "W").map(|text| text.y);
    assert_eq!(name, Some(line[0].1));
}

#[test]
fn a_colour_that_is_asked_for_replaces_that_of_the_position() {
    let figure = Figure::new("", [LinePanel::new("", vec![walk("a", 1, 9).colour(4), walk("b", 2, 9)])]);
    assert!(!paths(&figure, series(4).0).is_empty() && !paths(&figure, series(1).0).is_empty());
    assert!(paths(&figure, series(0).0).is_empty());
    assert!(paths(&figure, INK).is_empty());
}

#[test]
fn shared_axes_put_equal_values_at_equal_heights() {
    let flat = |value: f64| LinePanel::new("", vec![Curve::new("", vec![(0.0, value), (1.0, value + 1.0)])]);
    let heights = |figure: &Figure| -> Vec<i32> {
        paths(figure, series(0).0).iter().map(|line| line[0].1 - line[1].1).collect()
    };
    let own = Figure::new("", [flat(0.0), flat(9.0)]);
    let shared = own.clone().shared_axes();
    let first = |figure: &Figure| paths(figure, series(0).0).iter().map(|line| line[0].1).collect::<Vec<_>>();
    assert_eq!(first(&own)[0], first(&own)[1]);
    assert!(first(&shared)[1] < first(&shared)[0] - 100);
    assert!(heights(&shared)[0] < heights(&own)[0]);
}

#[test]
fn lines_stay_in_the_frame_and_texts_outside() {
    for count in [1, 3, 20] {
        let figure = ratios(LinePanel::new("", curves(count)));
        let frame = frame(&figure);
        let lines = paths(&figure, series(0).0);
        assert!(!lines.is_empty());
        // The last lines lead to the names.
        for &(x, y) in lines.iter().filter(|line| line.len() != 3).flatten() {
            assert!((frame.left..=frame.right).contains(&x) && (frame.top..=frame.bottom).contains(&y));
        }
        assert!(inside(&figure).is_empty(), "{:?}", inside(&figure));
    }
}

#[test]
fn every_curve_and_level_is_in_the_legend_once() {
    let figure = ratios(LinePanel::new("", curves(20)));
    for name in (1..=20).map(|i| format!("Layer {i}")).chain(["about right".to_string()]) {
        assert_eq!(says(&figure, &name), 1, "{name}");
    }
    let deep = ratios(LinePanel::new("", curves(200)).ordered_colours());
    assert_eq!(says(&deep, "Layer 1 … Layer 200"), 1);
    let crowd = ratios(LinePanel::new("", curves(200)));
    assert!(texts(&crowd).iter().any(|text| text.text.starts_with("and ") && text.text.ends_with(" more")));
    for figure in [figure, deep, crowd] {
        assert_readable(&figure);
    }
}

#[test]
fn a_point_without_a_place_breaks_the_line_and_is_marked() {
    let points = vec![(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0), (4.0, 3.0), (5.0, f64::INFINITY)];
    let whole = LinePanel::new("", vec![Curve::new("loss", points[..2].to_vec())]);
    let broken = LinePanel::new("", vec![Curve::new("loss", points.clone())]);
    assert_eq!(paths(&Figure::new("", [whole]), series(0).0).len(), 2);
    let figure = Figure::new("", [broken]);
    // Two stretches and the two strokes of a cross; the curve ends early, so no line leads to its name.
    assert_eq!(paths(&figure, series(0).0).len(), 4);
    assert_eq!((says(&figure, "NaN"), says(&figure, "inf")), (1, 1));
    let log = LinePanel::new("", vec![Curve::new("loss", vec![(0.0, 1.0), (1.0, 0.0), (2.0, -1.0)])]).log_y();
    assert_eq!(says(&Figure::new("", [log]), "0 or less"), 1);
}

#[test]
fn the_label_of_a_logarithmic_axis_says_so() {
    let panel = || LinePanel::new("", vec![walk("loss", 0, 9)]).x_label("step").y_label("loss");
    let labels = |panel| {
        let figure = Figure::new("", [panel]);
        ["step", "step (log scale)", "loss", "loss (log scale)"].map(|label| says(&figure, label))
    };
    // The curve is called like the y axis.
    assert_eq!(labels(panel()), [1, 0, 2, 0]);
    assert_eq!(labels(panel().log_x().log_y()), [0, 1, 1, 1]);
    let figures = [panel(), panel().log_y()].map(|panel| Figure::new("", [panel]).svg());
    assert_eq!(figures.map(|svg| svg.contains("loss (log scale) against step")), [false, true]);
}

/// One label serves a row of panels only if it is true of all of them.
#[test]
fn panels_of_different_scales_have_labels_of_their_own() {
    let panel = || LinePanel::new("", vec![walk("a", 0, 9)]).y_label("loss");
    let figure = Figure::new("", [panel(), panel().log_y()]);
    assert_eq!([says(&figure, "loss"), says(&figure, "loss (log scale)")], [1, 1]);
}

#[test]
fn levels_lie_beneath_curves() {
    let panel = LinePanel::new("", vec![walk("a", 0, 9)]).level(0.0, "zero", Line::Dashed);
    let shapes = shapes(&Figure::new("", [panel]));
    let dash = |shape: &Primitive| matches!(shape, Primitive::Rect(area, INK) if [area.width(), area.height()] == [12, 4]);
    let curve = |shape: &Primitive| matches!(shape, Primitive::Path(_, _, colour) if *colour == series(0).0);
    let (last_dash, first_curve) = (shapes.iter().rposition(dash), shapes.iter().position(curve));
    assert!(last_dash.is_some() && last_dash < first_curve, "{last_dash:?} {first_curve:?}");
}

#[test]
fn a_prediction_is_dashed_in_the_colour_of_what_it_predicts() {
    let pair = |i| [walk(&format!("Layer {i}"), i, 9), walk("predicted", i, 9).dashed().same_colour()];
    let figure = Figure::new("", [LinePanel::new("", (0..3).flat_map(pair).collect())]);
    assert_eq!(says(&figure, "predicted"), 1);
    for i in 0..3 {
        assert!(paths(&figure, series(i).0).len() > 10, "no dashes in colour {i}");
    }
    assert!(paths(&figure, series(3).0).is_empty());
}

#[test]
fn a_band_is_filled_behind_its_curve() {
    let points: Vec<(f64, f64)> = (0..9).map(|t| (f64::from(t), 2.0)).collect();
    let curve = Curve::new("mean", points).band(vec![(1.0, 4.0); 9]).dots();
    let figure = Figure::new("", [LinePanel::new("", vec![curve])]);
    let bands = super::frames::fills(&figure, series(0).0);
    assert_eq!(bands.len(), 1);
    assert_eq!(bands[0].len(), 18);
    let middle = paths(&figure, series(0).0)[0][0].1;
    assert!(bands[0].iter().all(|&(_, y)| y != middle));
}

#[test]
fn windows_have_the_mean_and_the_range_of_their_points() {
    let curve = Curve::new("", vec![(0.0, 1.0), (1.0, 4.0), (2.0, 7.0), (3.0, 0.0), (4.0, 9.0)]);
    let twos = curve.clone().averaged(2);
    assert_eq!((twos.points, twos.band), (vec![(0.5, 2.5), (2.5, 3.5)], vec![(1.0, 4.0), (0.0, 7.0)]));
    assert_eq!(curve.clone().averaged(1), curve);
    assert!(curve.averaged(6).points.is_empty());
}

#[test]
fn narrow_log_axes_have_numbers() {
    let narrow = |low: f64, high: f64| {
        let points = vec![(0.0, low), (1.0, high)];
        Figure::new("", [LinePanel::new("", vec![Curve::new("", points)]).log_y()])
    };
    for (low, high, labels) in
        [(2.0, 3.3, ["2.4", "3.0"]), (0.3, 4.0, ["0.5", "2"]), (1e-9, 1e3, ["10⁻⁴", "10⁰"])]
    {
        for label in labels {
            assert_eq!(says(&narrow(low, high), label), 1, "{label} of {low} to {high}");
        }
    }
}

#[test]
fn long_runs_are_drawn_with_few_points_and_long_names_are_shortened() {
    let long = Figure::new("", [LinePanel::new("", vec![walk("loss", 1, 200_000)])]);
    assert!(long.svg().len() < 100_000, "{} bytes", long.svg().len());
    let names = (0..9).map(|i| walk(&format!("{LONG} {i}"), i, 5)).collect();
    let figure = Figure::new(LONG.repeat(3), [LinePanel::new(LONG.repeat(2), names).y_label(LONG)]);
    assert_readable(&figure);
}

#[test]
fn a_panel_without_points_says_so() {
    assert_eq!(says(&Figure::new("", [LinePanel::new("", vec![])]), "no values"), 1);
    let one = Figure::new("", [LinePanel::new("", vec![Curve::new("", vec![(1.0, 1.0)])])]);
    assert_eq!(says(&one, "no values"), 0);
    assert!(!shapes(&one).is_empty());
}

#[test]
#[should_panic(expected = "the band of curve \"mean\" has 1 pairs for 2 points")]
fn a_band_needs_a_pair_per_point() {
    let _ = Curve::new("mean", vec![(0.0, 1.0), (1.0, 1.0)]).band(vec![(0.0, 2.0)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_never_panic(
        points in vec((any::<f64>(), any::<f64>()), 0..12),
        bits in vec(any::<bool>(), 5),
        held in any::<f64>(),
        name in any::<String>(),
    ) {
        let band = points.iter().map(|&(x, y)| (y, x)).collect();
        let curve = Curve::new(name.clone(), points).band(band);
        let curve = if bits[0] { curve.dots() } else { curve };
        let curve = if bits[1] { curve.dashed() } else { curve };
        let panel = LinePanel::new(name, vec![curve.clone(), curve.same_colour()]).holding(held);
        let panel = if bits[2] { panel.log_x() } else { panel };
        let panel = if bits[3] { panel.log_y() } else { panel };
        let figure = Figure::new("", [if bits[4] { panel.ordered_colours() } else { panel }]);
        prop_assert!(figure.svg().ends_with("</svg>\n"));
        prop_assert!(!figure.png().is_empty());
    }
}
