//! Tests of phase diagrams: regions on their sides, names where there is room.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{LONG, fills, frame, inside, says};
use super::{assert_readable, finite};
use crate::palette::{ABOVE, BELOW};
use crate::{Field, Figure, PhasePanel};

fn plane() -> PhasePanel {
    let curve = (0..=20).map(|i| (f64::from(i) / 10.0, 1.0 + f64::from(i * i) / 400.0)).collect();
    PhasePanel::new("").boundary("edge of chaos", curve).regions("ordered", "chaotic")
}

fn figure(panel: PhasePanel) -> Figure {
    Figure::new("Phases", [panel])
}

/// Points scattered over a part of the plane.
fn crowd(count: usize, spread: f64) -> PhasePanel {
    let at = |i: usize, step: usize| 1.0 + spread * ((i * step % 101) as f64 / 50.0 - 1.0);
    (0..count).fold(plane(), |panel, i| panel.point(format!("Layer {i}"), at(i, 37), at(i, 61)))
}

#[test]
fn regions_fill_the_frame_below_and_above_the_boundary() {
    let figure = figure(plane());
    let frame = frame(&figure);
    for (colour, side, name) in [(BELOW, frame.bottom, "ordered"), (ABOVE, frame.top, "chaotic")] {
        let region = &fills(&figure, colour)[0];
        for corner in [(frame.left, side), (frame.right, side)] {
            assert!(region.contains(&corner), "{name} has no corner {corner:?}");
        }
        assert_eq!(says(&figure, name), 1);
    }
    // Both share the boundary: all but the corners.
    let [below, above] = [BELOW, ABOVE].map(|colour| fills(&figure, colour).remove(0));
    assert_eq!(below[..below.len() - 2], above[..above.len() - 2]);
}

#[test]
fn names_neither_overlap_nor_leave_the_frame() {
    for (count, spread) in [(1, 0.0), (4, 0.5), (12, 0.05), (50, 0.9), (200, 0.5)] {
        let figure = figure(crowd(count, spread));
        assert_readable(&figure);
        let (frame, names) = (frame(&figure), inside(&figure));
        assert!(!names.is_empty());
        assert!(names.iter().all(|name| frame.holds(name.room())), "{names:?}");
    }
    let few = figure(crowd(8, 0.9));
    assert_eq!(inside(&few).len(), 8);
    let corners = [(0.0, 1.0), (2.0, 2.0), (0.0, 2.0), (2.0, 1.0)];
    let cornered = corners.into_iter().fold(plane(), |panel, (x, y)| panel.point(LONG, x, y));
    assert_eq!(inside(&figure(cornered)).len(), 4);
}

#[test]
fn points_at_one_position_share_a_name() {
    let same = (1..=30).fold(plane(), |panel, i| panel.point(format!("Layer {i}"), 1.0, 1.5));
    let figure = figure(same);
    let names: Vec<String> = inside(&figure).into_iter().map(|text| text.text).collect();
    assert_eq!(names, ["Layer 1 and 29 more"]);
    assert_eq!(says(&figure, "Layer 1 … Layer 30"), 1);
}

#[test]
fn a_field_replaces_the_regions_and_has_a_bar() {
    let field = Field::new("depth scale", (0.0, 2.0), (0.5, 3.0), 4, (0..12).map(f64::from).collect());
    let figure = figure(crowd(3, 0.5).field(field));
    assert_readable(&figure);
    assert_eq!((says(&figure, "depth scale"), says(&figure, "ordered")), (1, 0));
    assert!(fills(&figure, BELOW).is_empty());
}

#[test]
fn points_off_the_axes_are_marked_and_an_empty_plane_says_so() {
    let odd = figure(plane().point("lost", f64::NAN, 1.0).point("far", 1.0, f64::INFINITY));
    assert_eq!((says(&odd, "NaN on the x axis"), says(&odd, "inf")), (1, 1));
    assert_readable(&odd);
    assert_eq!(says(&figure(PhasePanel::new("")), "no values"), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn phases_never_panic(
        points in vec((any::<f64>(), any::<f64>()), 0..6),
        curve in vec((any::<f64>(), any::<f64>()), 0..6),
        sides in (finite(), finite()),
        filled: bool,
    ) {
        let panel = PhasePanel::new("").boundary("edge", curve).regions("below", "above");
        let panel = points.iter().fold(panel, |panel, &(x, y)| panel.point("any", x, y));
        let (low, high) = (sides.0.min(sides.1), sides.0.max(sides.1));
        let values = points.iter().map(|point| point.0).collect();
        let with_field = filled && low < high;
        let figure = figure(if with_field {
            panel.field(Field::new("", (low, high), (low, high), 1, values))
        } else {
            panel
        });
        prop_assert!(figure.svg().ends_with("</svg>\n"));
        prop_assert!(!figure.png().is_empty());
    }
}
