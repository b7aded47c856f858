//! Tests of curves: where lines go, where they break, and what stands outside of the frame.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{LONG, frame, inside, paths, says, shapes};
use super::{assert_readable, texts};
use crate::palette::line;
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
fn lines_stay_in_the_frame_and_texts_outside() {
    for count in [1, 3, 20] {
        let figure = ratios(LinePanel::new("", curves(count)));
        let frame = frame(&figure);
        let lines = paths(&figure, line(0).0);
        assert!(!lines.is_empty());
        for &(x, y) in lines.iter().flatten() {
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
    assert_eq!(paths(&Figure::new("", [whole]), line(0).0).len(), 1);
    let figure = Figure::new("", [broken]);
    // Two stretches, and the two strokes of a cross.
    assert_eq!(paths(&figure, line(0).0).len(), 4);
    assert_eq!((says(&figure, "NaN"), says(&figure, "inf")), (1, 1));
    let log = LinePanel::new("", vec![Curve::new("loss", vec![(0.0, 1.0), (1.0, 0.0), (2.0, -1.0)])]).log_y();
    assert_eq!(says(&Figure::new("", [log]), "0 or less"), 1);
}

#[test]
fn a_prediction_is_dashed_in_the_colour_of_what_it_predicts() {
    let pair = |i| [walk(&format!("Layer {i}"), i, 9), walk("predicted", i, 9).dashed().same_colour()];
    let figure = Figure::new("", [LinePanel::new("", (0..3).flat_map(pair).collect())]);
    assert_eq!(says(&figure, "predicted"), 1);
    for i in 0..3 {
        assert!(paths(&figure, line(i).0).len() > 10, "no dashes in colour {i}");
    }
    assert!(paths(&figure, line(3).0).is_empty());
}

#[test]
fn a_band_is_filled_behind_its_curve() {
    let points: Vec<(f64, f64)> = (0..9).map(|t| (f64::from(t), 2.0)).collect();
    let curve = Curve::new("mean", points).band(vec![(1.0, 4.0); 9]).dots();
    let figure = Figure::new("", [LinePanel::new("", vec![curve])]);
    let bands = super::frames::fills(&figure, line(0).0);
    assert_eq!(bands.len(), 1);
    assert_eq!(bands[0].len(), 18);
    let middle = paths(&figure, line(0).0)[0][0].1;
    assert!(bands[0].iter().all(|&(_, y)| y != middle));
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
