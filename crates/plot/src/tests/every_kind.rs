//! Tests of figures with a panel of every kind.

use super::frames::layers;
use super::{assert_readable, layer};
use crate::{
    BarPanel, Curve, DensityPanel, Field, Figure, KINDS, LinePanel, MapAxis, MapPanel, Panel, PhasePanel,
    RidgePanel, Scale, Series,
};

fn every_kind() -> Figure {
    let points: Vec<(f64, f64)> = (0..200).map(|t| (f64::from(t), f64::from(t * 37 % 101))).collect();
    let band = points.iter().map(|&(_, y)| (y - 9.0, y + 9.0)).collect();
    let curve = Curve::new("measured", points.clone()).band(band).dots();
    let predicted = Curve::new("predicted", points).dashed().same_colour();
    let field = Field::new("depth", (0.0, 2.0), (0.0, 2.0), 3, (0..9).map(f64::from).collect());
    let phase = PhasePanel::new("phase").boundary("edge", vec![(0.0, 1.0), (2.0, 2.0)]).field(field);
    let map = MapPanel::new("map", 5, (0..20).map(|i| f64::from(i * 7 % 11)).collect());
    let panels: Vec<Panel> = vec![
        layer(1).into(),
        BarPanel::new(["a", "b"], vec![Series::new("series", vec![1.0, 2.0])]).title("bars").into(),
        LinePanel::new("lines", vec![curve, predicted]).log_y().into(),
        DensityPanel::new("densities", layers(4)).into(),
        RidgePanel::new("ridge", layers(9)).into(),
        map.scale(Scale::Diverging).bar_label("h").into(),
        MapPanel::plane("plane", MapAxis::log(0.5, 4.0, 120), MapAxis::linear(1.0, 9.0, 90), &[0.5; 10_800])
            .into(),
        phase.point("start", 1.0, 1.0).point("end", 0.5, 1.7).into(),
    ];
    Figure::new("Every kind", panels)
}

#[test]
fn the_figure_has_a_panel_of_every_kind() {
    let figure = every_kind();
    let missing: Vec<_> =
        KINDS.iter().filter(|kind| !figure.panels.iter().any(|panel| panel.name() == **kind)).collect();
    assert!(missing.is_empty(), "add panels to `every_kind`: {missing:?}");
}

#[test]
fn equal_figures_of_every_kind_give_equal_bytes() {
    let figure = every_kind();
    assert_eq!(figure.svg(), every_kind().svg());
    assert_eq!(figure.png(), every_kind().png());
    for title in ["bars", "lines", "densities", "ridge", "map", "plane", "phase"] {
        assert_eq!(figure.svg().matches(&format!(r#"aria-label="{title}""#)).count(), 1, "{title}");
    }
}

#[test]
fn kinds_share_a_figure_without_overlaps() {
    assert_readable(&every_kind());
}
