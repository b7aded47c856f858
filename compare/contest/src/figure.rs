//! The figure: time against width, depth and seeds, drawn from the record.

use plot::{Curve, Figure, LinePanel};
use shared::Work;

/// One row of the record, in microseconds.
struct ContestRow<'a> {
    work: Work,
    program: &'a str,
    median: f64,
    /// Our time over theirs: the smallest and the largest of the turns.
    ratio: (f64, f64),
    floor: Option<f64>,
}

/// The rows of a record as CSV: work, program, median, ratio, its ends, floor. A line that is none is left out.
fn rows(record: &str) -> Vec<ContestRow<'_>> {
    let row = |line| {
        let line: &str = line;
        let cells: Vec<&str> = line.split(',').collect();
        let [work, program, median, _, low, high, floor] = cells[..] else { return None };
        let number = |cell: &str| cell.parse().ok();
        let ratio = (number(low)?, number(high)?);
        Some(ContestRow {
            work: work.parse().ok()?,
            program,
            median: number(median)?,
            ratio,
            floor: number(floor),
        })
    };
    record.lines().filter_map(row).collect()
}

/// The programs in the order of the palette: one has one colour, whichever take part.
const PROGRAMS: [&str; 7] = ["Step Zero", "PyTorch", "torch.compile", "JAX", "candle", "burn", "loops"];

/// The size of a work on an axis; `None` if it does not belong there.
type Size = fn(Work) -> Option<usize>;

/// The steps of three layers over their width, those of a hundred units over their depth, and ensembles over their
/// seeds; `None` if no axis has two works.
pub(super) fn figure(record: &str) -> Option<Figure> {
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
    let rows = rows(record);
    let axes = [
        ("Step, 3 hidden layers", "units per layer", width),
        ("Step, 100 units per layer", "hidden layers", depth),
        ("Ensemble of the lesson", "seeds", seeds),
    ];
    let panels: Vec<LinePanel> =
        axes.into_iter().filter_map(|(title, label, size)| panel(&rows, title, label, size)).collect();
    let title = title(&rows, width).unwrap_or_else(|| "Time against size".to_owned());
    let caption = "130 rows forwards and backwards. Floor: the products at the peak of the processor. Bands: our median over \
                   the smallest and the largest ratio of the turns.";
    (!panels.is_empty()).then(|| Figure::new(title, panels).caption(caption))
}

/// The finding: our time over the floor for the narrowest and the widest network; `None` without two of them.
fn title(rows: &[ContestRow<'_>], width: Size) -> Option<String> {
    let own = rows.iter().filter(|row| row.program == PROGRAMS[0]);
    let ratios = own.filter_map(|row| Some((width(row.work)?, row.median / row.floor?)));
    let mut ratios: Vec<(usize, f64)> = ratios.collect();
    ratios.sort_by_key(|ratio| ratio.0);
    let ([(narrow, most), .., (wide, least)], name) = (&ratios[..], PROGRAMS[0]) else { return None };
    Some(format!(
        "A step of {name} takes {most:.1} times the floor with {narrow} units per layer, and {least:.1} times with {wide}"
    ))
}

/// A point of a curve, and its interval.
type Point = (f64, f64, (f64, f64));

fn panel(rows: &[ContestRow<'_>], title: &str, label: &str, size: Size) -> Option<LinePanel> {
    let sized: Vec<(f64, &ContestRow<'_>)> =
        rows.iter().filter_map(|row| Some((size(row.work)? as f64, row))).collect();
    let mut sizes: Vec<f64> = sized.iter().map(|(size, _)| *size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    let ours = |work| rows.iter().find(|row| row.work == work).map_or(f64::NAN, |row| row.median);
    let point = |&(size, row): &(f64, &ContestRow<'_>)| {
        let (low, high) = row.ratio;
        let interval = (ours(row.work) / high, ours(row.work) / low);
        // Of medians of rounds and of turns, the first may lie outside.
        (size, row.median, (interval.0.min(row.median), interval.1.max(row.median)))
    };
    let curve = |(at, name): (usize, &&str)| {
        let mut points: Vec<Point> =
            sized.iter().filter(|(_, row)| row.program == *name).map(point).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (line, band): (Vec<_>, Vec<_>) = points
            .iter()
            .map(|&(size, median, (low, high))| ((size, median * SECOND), (low * SECOND, high * SECOND)))
            .unzip();
        (!line.is_empty()).then(|| Curve::new(*name, line).band(band).colour(at).dots())
    };
    let mut curves: Vec<Curve> = PROGRAMS.iter().enumerate().rev().filter_map(curve).collect();
    let floor = sizes.iter().filter_map(|&at| {
        let floor = sized.iter().find(|(size, _)| *size == at)?.1.floor?;
        Some((at, floor * SECOND))
    });
    let floor: Vec<(f64, f64)> = floor.collect();
    if !floor.is_empty() {
        curves.push(Curve::new("floor", floor).ink().dashed());
    }
    (sizes.len() > 1).then(|| LinePanel::new(title, curves).log_x().log_y().x_label(label).y_label("seconds"))
}

/// A microsecond.
const SECOND: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::figure;
    use crate::root;
    use crate::tables::TimeComparison;
    use crate::tables::tests::comparison;

    fn record(comparison: &TimeComparison) -> String {
        String::from_utf8(comparison.record().csv()).unwrap()
    }

    #[test]
    fn each_axis_with_two_sizes_has_a_panel() {
        let svg = figure(&record(&comparison())).unwrap().svg();
        for text in ["PyTorch", "floor", "units per layer", "hidden layers"] {
            assert!(svg.contains(text), "{text}");
        }
        let all = comparison();
        let widths = TimeComparison { works: all.works[1..3].to_vec(), ..all };
        let svg = figure(&record(&widths)).unwrap().svg();
        assert!(!svg.contains("floor\n</") && svg.contains("units per layer") && !svg.contains("100 units"));
        let one = TimeComparison { works: widths.works[..1].to_vec(), ..widths };
        assert_eq!(figure(&record(&one)), None);
    }

    #[test]
    fn the_committed_figure_is_drawn_from_the_committed_record() {
        let out = root().join("docs/out");
        let record = std::fs::read_to_string(out.join("performance.csv")).unwrap();
        let svg = std::fs::read_to_string(out.join("performance.svg")).unwrap();
        let drawn = figure(&record).unwrap();
        let renew = "renew it with cargo xtask compare --redraw";
        assert!(drawn.svg() == svg, "docs/out/performance.svg differs from its record; {renew}");
        let png = std::fs::read(out.join("performance.png")).unwrap();
        assert!(drawn.png() == png, "docs/out/performance.png differs from its record; {renew}");
    }
}
