//! Tests of several histograms in one panel.

use proptest::collection::vec;
use proptest::prelude::*;

use super::frames::{frame, inside, layers, paths, says};
use super::{assert_readable, finite};
use crate::palette::series;
use crate::{Density, DensityPanel, Figure, Line, RidgePanel};

#[test]
fn a_density_has_an_area_of_one_whatever_its_bins() {
    let density = Density::new("a", vec![0.0, 0.1, 0.5, 4.0], vec![3, 0, 7]);
    let heights = density.heights(false);
    let area: f64 = heights.iter().zip([0.1, 0.4, 3.5]).map(|(height, width)| height * width).sum();
    assert!((area - 1.0).abs() < 1e-12);
    assert_eq!(density.heights(true), [3.0, 0.0, 7.0]);
}

#[test]
fn outlines_start_and_end_on_the_ground() {
    for panel in [DensityPanel::new("", layers(3)), DensityPanel::new("", layers(3)).counts()] {
        let figure = Figure::new("", [panel]);
        let bottom = frame(&figure).bottom;
        for i in 0..3 {
            let outline = &paths(&figure, series(i).0)[0];
            assert_eq!((outline[0].1, outline[outline.len() - 1].1), (bottom, bottom));
            assert!(outline.iter().any(|&(_, y)| y < bottom - 100), "outline {i} is flat");
        }
        assert!(inside(&figure).is_empty());
    }
}

#[test]
fn an_outline_is_as_high_at_the_end_of_its_range_as_the_bin_there() {
    // A saturated layer: most values are in the outermost bins.
    let density = Density::new("tanh", vec![-1.0, -0.5, 0.5, 1.0], vec![8, 2, 6]);
    let outline = density.outline(&density.heights(true));
    assert_eq!(outline[..3], [(-1.0, 0.0), (-1.0, 8.0), (-0.5, 8.0)]);
    assert_eq!(outline[outline.len() - 2..], [(1.0, 6.0), (1.0, 0.0)]);
}

#[test]
fn many_densities_are_readable() {
    for count in [1, 6, 20, 200] {
        let panel =
            DensityPanel::new("tanh", layers(count)).x_label("Activation").marker(0.99, "0.99", Line::Dotted);
        assert_readable(&Figure::new("Layers", [panel.clone()]));
        assert_readable(&Figure::new("Layers", [panel.clone().ordered_colours().log(), panel.counts()]));
    }
    let deep = Figure::new("", [DensityPanel::new("", layers(20)).ordered_colours()]);
    assert_eq!(says(&deep, "Layer 1 … Layer 20"), 1);
}

#[test]
fn a_panel_without_counts_says_so() {
    let none = Density::new("none", vec![0.0, 1.0], vec![0]);
    for densities in [vec![], vec![none]] {
        assert_eq!(says(&Figure::new("", [DensityPanel::new("", densities)]), "no values"), 1);
    }
}

#[test]
#[should_panic(expected = "1 bins need 2 edges, not 1")]
fn a_density_needs_one_edge_more() {
    let _ = Density::new("", vec![0.0], vec![1]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn densities_and_ridges_never_panic(
        mut edges in vec(finite(), 1..8),
        counts in vec(any::<u64>(), 7),
        bits in vec(any::<bool>(), 2),
    ) {
        edges.sort_by(f64::total_cmp);
        let counts = counts[..edges.len() - 1].to_vec();
        let both = vec![Density::new("any", edges, counts), layers(1).remove(0)];
        let ridge = RidgePanel::new("", both.clone());
        let panel = DensityPanel::new("", both);
        let panel = if bits[0] { panel.log() } else { panel };
        let figures = [
            Figure::new("", [if bits[1] { panel.counts() } else { panel }]),
            Figure::new("", [if bits[1] { ridge.common_scale() } else { ridge }]),
        ];
        for figure in figures {
            prop_assert!(figure.svg().ends_with("</svg>\n"));
            prop_assert!(!figure.png().is_empty());
        }
    }
}
