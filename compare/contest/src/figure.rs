//! The figure: time against width, depth and seeds.

use plot::{Curve, Figure, LinePanel};
use shared::Work;

use crate::tables::TimeComparison;

/// The size of a work on an axis; `None` if it does not belong there.
type Size = fn(Work) -> Option<usize>;

/// The steps of three layers over their width, those of a hundred units over their depth, and ensembles over their
/// seeds; `None` if no axis has two works.
pub(super) fn figure(comparison: &TimeComparison) -> Option<Figure> {
    let width: Size = |work| match work {
        Work::Step(width, 3) => Some(width),
        _ => None,
    };
    let depth: Size = |work| match work {
        Work::Step(100, depth) => Some(depth),
        _ => None,
    };
    let seeds: Size = |work| match work {
        Work::Ensemble(seeds, 1) => Some(seeds),
        _ => None,
    };
    let axes = [
        ("step, 3 hidden layers", "units per layer", width),
        ("step, 100 units per layer", "hidden layers", depth),
        ("ensemble of the lesson", "seeds", seeds),
    ];
    let panels: Vec<LinePanel> =
        axes.into_iter().filter_map(|(title, label, size)| panel(comparison, title, label, size)).collect();
    let caption =
        "130 rows forwards and backwards; the floor is the products alone at the peak of the processor";
    (!panels.is_empty()).then(|| Figure::new("Time against size", panels).caption(caption))
}

fn panel(comparison: &TimeComparison, title: &str, label: &str, size: Size) -> Option<LinePanel> {
    let points = |micros: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
        let mut points: Vec<_> = comparison
            .works
            .iter()
            .enumerate()
            .filter_map(|(at, times)| Some((size(times.work)? as f64, micros(at)?)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    };
    let curve = |(program, name): (usize, &&str)| {
        Curve::new(*name, points(&|at| TimeComparison::micros(&comparison.works[at], program))).dots()
    };
    let mut curves: Vec<Curve> = comparison.names.iter().enumerate().map(curve).collect();
    let floor = points(&|at| comparison.floor(comparison.works[at].work));
    if !floor.is_empty() {
        curves.push(Curve::new("floor", floor).dashed());
    }
    let sizes = comparison.works.iter().filter(|times| size(times.work).is_some()).count();
    (sizes > 1).then(|| LinePanel::new(title, curves).log_x().log_y().x_label(label).y_label("µs"))
}

#[cfg(test)]
mod tests {
    use super::{TimeComparison, figure};
    use crate::tables::tests::comparison;

    #[test]
    fn each_axis_with_two_sizes_has_a_panel() {
        let svg = figure(&comparison()).unwrap().svg();
        for text in ["PyTorch", "floor", "units per layer", "hidden layers"] {
            assert!(svg.contains(text), "{text}");
        }
        let all = comparison();
        let widths = TimeComparison { works: all.works[1..3].to_vec(), ..all };
        let svg = figure(&widths).unwrap().svg();
        assert!(!svg.contains("floor</") && svg.contains("units per layer") && !svg.contains("100 units"));
        let one = TimeComparison { works: widths.works[..1].to_vec(), ..widths };
        assert_eq!(figure(&one), None);
    }
}
