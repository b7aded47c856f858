//! Tests of densities in rows.

use super::frames::{LONG, fills, frame, layers, says};
use super::{assert_readable, texts};
use crate::palette::{ordered, series};
use crate::{Density, Figure, Line, RidgePanel};

fn ridge(count: usize) -> Figure {
    Figure::new(
        "Depth",
        [RidgePanel::new("tanh", layers(count)).x_label("Activation").marker(0.0, "0", Line::Dashed)],
    )
}

#[test]
fn every_layer_of_3_10_and_50_has_its_name() {
    for count in [1, 3, 10, 50] {
        let figure = ridge(count);
        assert_readable(&figure);
        for i in 1..=count {
            assert_eq!(says(&figure, &format!("Layer {i}")), 1, "layer {i} of {count}");
        }
    }
    let deep = ridge(200);
    assert_readable(&deep);
    assert_eq!(says(&deep, "Layer 1"), 1);
}

#[test]
fn ridges_stand_on_their_lines_from_the_top_down() {
    let figure = ridge(10);
    let frame = frame(&figure);
    let place = |i: usize| {
        let name = format!("Layer {}", i + 1);
        texts(&figure).into_iter().find(|text| text.text == name).map_or(0, |text| text.y)
    };
    for i in 0..10 {
        let ridge = &fills(&figure, ordered(i, 10))[0];
        let ys = || ridge.iter().map(|point| point.1);
        assert_eq!(ys().max(), Some(place(i)), "layer {i} does not stand on its line");
        assert!(ys().all(|y| (frame.top..=frame.bottom).contains(&y)), "layer {i} leaves the frame");
        assert!(i == 0 || place(i - 1) < place(i));
    }
}

#[test]
fn the_x_label_says_whether_heights_can_be_compared() {
    let remarked = |panel: RidgePanel| says(&Figure::new("", [panel]), "value (each row to its own scale)");
    let panel = |count| RidgePanel::new("", layers(count)).x_label("value");
    assert_eq!([remarked(panel(3)), remarked(panel(3).common_scale()), remarked(panel(1))], [1, 0, 0]);
}

#[test]
fn heights_are_each_its_own_or_common() {
    let height = |figure: &Figure, i: usize| {
        let ridge = fills(figure, ordered(i, 3)).remove(0);
        let ys = || ridge.iter().map(|point| point.1);
        ys().max().unwrap_or(0) - ys().min().unwrap_or(0)
    };
    let densities = || vec![layers(1).remove(0), layers(9).remove(8), layers(30).remove(29)];
    let own = Figure::new("", [RidgePanel::new("", densities())]);
    let common = Figure::new("", [RidgePanel::new("", densities()).common_scale()]);
    // Rounding to dots.
    assert!((height(&own, 0) - height(&own, 2)).abs() <= 1);
    assert!(height(&common, 0) < height(&common, 1) && height(&common, 1) < height(&common, 2));
    assert!((height(&common, 2) - height(&own, 2)).abs() <= 1);
}

#[test]
fn notes_stand_beside_their_rows_and_a_range_cuts() {
    let mut rows = layers(3);
    rows[1] = rows[1].clone().note("std 0.66").colour(2);
    let figure = Figure::new("", [RidgePanel::new("", rows).range(-0.5, 0.5)]);
    let frame = frame(&figure);
    let row = |name: &str| texts(&figure).into_iter().find(|text| text.text == name).expect("a text");
    assert!(row("std 0.66").x > frame.right);
    // The note stands on the line that the ridge stands on.
    assert!((0..30).contains(&(row("Layer 2").y - row("std 0.66").y)));
    let ridge = &fills(&figure, series(2).0)[0];
    assert!(ridge.iter().all(|&(x, _)| (frame.left..=frame.right).contains(&x)));
}

#[test]
#[should_panic(expected = "a range must be finite and ascending, not 1 to 1")]
fn a_range_ascends() {
    let _ = RidgePanel::new("", layers(1)).range(1.0, 1.0);
}

#[test]
fn empty_layers_and_long_names_are_readable() {
    let mut odd = layers(8);
    odd[3] = Density::new(LONG, vec![0.0, 1.0], vec![0]);
    odd[5] = Density::new("spike", vec![0.5, 0.5], vec![9]);
    let figure = Figure::new("", [RidgePanel::new("", odd), RidgePanel::new("", layers(8))]);
    assert_readable(&figure);
    assert_eq!(says(&figure, "no values"), 1);
    assert_eq!(says(&Figure::new("", [RidgePanel::new("", vec![])]), "no values"), 1);
}
