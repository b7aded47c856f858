//! Figures of a sweep: each measure over the plan's longest axes, as a map or as curves.

use ::sweep::{CellRecord, PlanValue, SweepAxis, SweepPlan};
use plot::{Curve, Figure, LinePanel, MapAxis, MapPanel};

/// The axes of a sweep's figures, and the values of every measure so far.
#[derive(Debug)]
pub(super) struct SweepFigures {
    axes: FigureAxes,
    measures: Vec<String>,
    /// One list per measure: panel by panel, row by row, point by point, seed by seed.
    values: Vec<Vec<f64>>,
}

/// The role of each axis, by its index in the plan.
#[derive(Debug)]
struct FigureAxes {
    /// All axes with their strides in the order of cells.
    strides: Vec<(SweepAxis, u64)>,
    x: usize,
    /// The axis of rows; without one, curves are drawn.
    y: Option<usize>,
    /// The axis with a panel, or a curve, for each value.
    panels: Option<usize>,
    /// The axes that medians are taken over.
    seeds: Vec<usize>,
}

/// Settings that number draws.
const SEEDS: [&str; 2] = ["seed", "data_seed"];
/// The most panels, or curves.
const PANELS: usize = 6;
/// The most values that are held at once: 64 MB.
const VALUES: u64 = 1 << 23;
/// Positive values further apart than this factor are drawn by their logarithm.
const WIDE: f64 = 100.0;

impl SweepFigures {
    /// Figures without values; or the reason why there are none, as the end of "no figures: ".
    pub(super) fn new(plan: &SweepPlan) -> Result<Self, String> {
        let axes = FigureAxes::of(plan)?;
        let (cells, count) = (plan.cells(), plan.measures.len());
        if cells.saturating_mul(count as u64) > VALUES {
            return Err(format!(
                "{cells} cells with {count} measures are more than {VALUES} values; draw them from the table"
            ));
        }
        let values = vec![vec![f64::NAN; cells as usize]; count];
        Ok(Self { axes, measures: plan.measures.iter().map(ToString::to_string).collect(), values })
    }

    /// Adds the measures of a cell.
    pub(super) fn add(&mut self, record: &CellRecord) {
        let at = self.axes.place(record.cell);
        self.values.iter_mut().zip(&record.values).for_each(|(values, &value)| values[at] = value);
    }

    /// The names and figures of all measures.
    pub(super) fn drawn(&self) -> Vec<(String, Figure)> {
        let mut drawn: Vec<(String, Figure)> = Vec::new();
        for (measure, values) in self.measures.iter().zip(&self.values) {
            let mut name = file_name(measure);
            while drawn.iter().any(|(known, _)| *known == name) {
                name.push('-');
            }
            drawn.push((name, self.axes.figure(measure, values)));
        }
        drawn
    }
}

/// A measure as the name of a file: `last: post std@300` is `last-post-std-300`.
fn file_name(measure: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || letter == '_' { letter } else { ' ' };
    measure.chars().map(plain).collect::<String>().split_whitespace().collect::<Vec<_>>().join("-")
}

/// The number that a value is; `None` for texts.
fn number(value: &PlanValue) -> Option<f64> {
    match value {
        PlanValue::Whole(whole) => Some(*whole as f64),
        PlanValue::Number(number) => Some(*number),
        PlanValue::Text(_) => None,
    }
}

fn numbers(axis: &SweepAxis) -> Vec<f64> {
    axis.values.iter().filter_map(number).collect()
}

impl FigureAxes {
    fn of(plan: &SweepPlan) -> Result<Self, String> {
        let mut stride = plan.cells();
        let strides: Vec<(SweepAxis, u64)> = plan
            .axes
            .iter()
            .map(|axis| {
                stride /= axis.values.len() as u64;
                (axis.clone(), stride)
            })
            .collect();
        let long: Vec<usize> = (0..plan.axes.len()).filter(|&at| plan.axes[at].values.len() > 1).collect();
        let (seeds, others): (Vec<usize>, Vec<usize>) =
            long.into_iter().partition(|&at| SEEDS.contains(&plan.axes[at].setting.name));
        let length = |at: &usize| plan.axes[*at].values.len();
        let mut numeric: Vec<usize> =
            others.iter().copied().filter(|at| numbers(&plan.axes[*at]).len() == length(at)).collect();
        numeric.sort_by_key(|at| std::cmp::Reverse(length(at)));
        let Some(&x) = numeric.first() else {
            return Err("the plan has no axis of two or more numbers besides seeds".to_owned());
        };
        let y = numeric.get(1).copied();
        let rest: Vec<usize> = others.into_iter().filter(|&at| at != x && Some(at) != y).collect();
        let name = |at: usize| plan.axes[at].setting.name;
        if rest.len() > 1 {
            let names = rest.iter().map(|&at| name(at)).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "besides {} the plan has {names}, and a figure takes one of them; draw parts of the table",
                [Some(x), y].into_iter().flatten().map(name).collect::<Vec<_>>().join(" and ")
            ));
        }
        let panels = rest.first().copied();
        if let Some(at) = panels.filter(|at| length(at) > PANELS) {
            let (name, count) = (name(at), length(&at));
            return Err(format!(
                "`{name}` has {count} values, and a figure at most {PANELS} panels; draw parts of the table"
            ));
        }
        Ok(Self { strides, x, y, panels, seeds })
    }

    fn index(&self, at: usize, cell: u64) -> usize {
        let (axis, stride) = &self.strides[at];
        (cell / stride % axis.values.len() as u64) as usize
    }

    fn length(&self, at: Option<usize>) -> usize {
        at.map_or(1, |at| self.strides[at].0.values.len())
    }

    /// The place of a cell's value in a list.
    fn place(&self, cell: u64) -> usize {
        let order = self.panels.iter().chain(&self.y).chain([&self.x]).chain(&self.seeds);
        order.fold(0, |place, &at| place * self.length(Some(at)) + self.index(at, cell))
    }

    /// The values of all seeds, point by point.
    fn points<'a>(&self, values: &'a [f64]) -> impl Iterator<Item = &'a [f64]> {
        let seeds: usize = self.seeds.iter().map(|&at| self.length(Some(at))).product();
        values.chunks(seeds)
    }

    fn name(&self, at: usize) -> &'static str {
        self.strides[at].0.setting.name
    }

    fn numbers(&self, at: usize) -> Vec<f64> {
        numbers(&self.strides[at].0)
    }

    /// `activation = relu` for each panel; nothing without an axis of panels.
    fn panel_names(&self) -> Vec<String> {
        let named = |at: usize| {
            let (axis, _) = &self.strides[at];
            axis.values.iter().map(|value| format!("{} = {value}", axis.setting.name)).collect()
        };
        self.panels.map_or_else(|| vec![String::new()], named)
    }

    fn figure(&self, measure: &str, values: &[f64]) -> Figure {
        let medians: Vec<f64> = self.points(values).map(median).collect();
        let figure = match self.y {
            Some(y) => self.map(measure, &medians, y),
            None => self.curves(measure, values, &medians),
        };
        let fixed = if self.seeds.is_empty() { "" } else { "median over seeds" };
        figure.caption(match self.y {
            None if !self.seeds.is_empty() => "median over seeds, and the range of finite values",
            _ => fixed,
        })
    }

    fn map(&self, measure: &str, medians: &[f64], y: usize) -> Figure {
        let (low, high) = finite_range(medians).unwrap_or((0.0, 1.0));
        let log = low > 0.0 && high > WIDE * low;
        let shade = |value: f64| if log { value.log10() } else { value };
        let label = if log { format!("log10 of {measure}") } else { measure.to_owned() };
        let (low, high) = (shade(low), shade(high));
        // Equal ends are no range of colours.
        let range = (low < high).then_some((low, high));
        let names = self.panel_names();
        let size = medians.len() / names.len();
        let panel = |(name, medians): (&String, &[f64])| {
            let shades: Vec<f64> = medians.iter().map(|&value| shade(value)).collect();
            let axis = |at| MapAxis::of(&self.numbers(at));
            let panel = MapPanel::plane(name, axis(self.x), axis(y), &shades)
                .x_label(self.name(self.x))
                .y_label(self.name(y))
                .not_finite("NaN, infinite or missing");
            let panel = if let Some((low, high)) = range { panel.range(low, high) } else { panel };
            match names.len() {
                1 => panel.bar_label(&label),
                _ => panel.ramp(format!("{label}: {low:.3} to {high:.3}")),
            }
        };
        Figure::new(measure, names.iter().zip(medians.chunks(size)).map(panel))
    }

    fn curves(&self, measure: &str, values: &[f64], medians: &[f64]) -> Figure {
        let (x, names) = (self.numbers(self.x), self.panel_names());
        let ranges: Vec<(f64, f64)> =
            self.points(values).map(|point| finite_range(point).unwrap_or((f64::NAN, f64::NAN))).collect();
        let curve = |(at, name): (usize, &String)| {
            let part = at * x.len()..(at + 1) * x.len();
            let mut points: Vec<((f64, f64), (f64, f64))> = x
                .iter()
                .zip(&medians[part.clone()])
                .zip(&ranges[part])
                .map(|((&x, &median), &range)| ((x, median), range))
                .collect();
            points.sort_by(|one, other| one.0.0.total_cmp(&other.0.0));
            let (points, band) = points.into_iter().unzip();
            let curve = Curve::new(name, points).dots();
            if self.seeds.is_empty() { curve } else { curve.band(band) }
        };
        let panel = LinePanel::new("", names.iter().enumerate().map(curve).collect());
        let panel = panel.x_label(self.name(self.x)).y_label(measure);
        let (first, last) = (x[0], x[x.len() - 1]);
        let even = 0.0 < first && first < last && MapAxis::of(&x) == MapAxis::log(first, last, x.len());
        let panel = if even { panel.log_x() } else { panel };
        let wide = finite_range(medians).is_some_and(|(low, high)| low > 0.0 && high > WIDE * low);
        Figure::new(measure, [if wide { panel.log_y() } else { panel }])
    }
}

/// The median; NaN if half of the values or more are not finite.
fn median(values: &[f64]) -> f64 {
    let mut finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if 2 * finite.len() <= values.len() {
        return f64::NAN;
    }
    finite.sort_by(f64::total_cmp);
    let middle = finite.len() / 2;
    if finite.len() % 2 == 1 { finite[middle] } else { f64::midpoint(finite[middle - 1], finite[middle]) }
}

fn finite_range(values: &[f64]) -> Option<(f64, f64)> {
    let finite = values.iter().copied().filter(|value| value.is_finite());
    finite.fold(None, |range: Option<(f64, f64)>, value| {
        Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
    })
}

#[cfg(test)]
mod tests {
    use ::sweep::CpuLevel;

    use super::*;

    fn plan(axes: &str, measures: &str) -> SweepPlan {
        SweepPlan::parse(&format!("version = 1\nmeasure = {measures}\n[axes]\n{axes}\n[train]\nsteps = 9"))
            .unwrap()
    }

    fn refused(axes: &str) -> String {
        SweepFigures::new(&plan(axes, "['loss']")).unwrap_err()
    }

    /// The SVG of the first measure, whose value in each cell is a function of its coordinates.
    fn drawn(axes: &str, value: impl Fn(&[(&str, String)]) -> f64) -> String {
        let plan = plan(axes, "['loss@9']");
        let mut figures = SweepFigures::new(&plan).unwrap();
        for cell in 0..plan.cells() {
            let coordinates: Vec<(&str, String)> =
                plan.coordinates(cell).map(|(setting, value)| (setting.name, value.to_string())).collect();
            figures.add(&CellRecord { cell, level: CpuLevel::here(), values: vec![value(&coordinates)] });
        }
        let drawn = figures.drawn();
        assert_eq!(drawn[0].0, "loss-9");
        assert!(!drawn[0].1.png().is_empty());
        drawn[0].1.svg()
    }

    #[test]
    fn the_two_longest_axes_span_a_map_and_a_third_one_its_panels() {
        let axes =
            "activation = ['tanh', 'relu']\ndepth = [2, 4, 8]\ngain = [1, 1.5, 2, 2.5]\nseed = { count = 3 }";
        let found = FigureAxes::of(&plan(axes, "['loss']")).unwrap();
        assert_eq!((found.x, found.y, found.panels, found.seeds.clone()), (2, Some(1), Some(0), vec![3]));
        // Every cell has a place of its own.
        let mut places: Vec<usize> = (0..72).map(|cell| found.place(cell)).collect();
        places.sort_unstable();
        assert_eq!(places, (0..72).collect::<Vec<_>>());
        let svg = drawn(axes, |_| 1.0);
        for text in ["activation = tanh", "activation = relu", "gain", "depth", "median over seeds"] {
            assert!(svg.contains(text), "{text}");
        }
    }

    #[test]
    fn plans_without_a_figure_say_why() {
        insta::assert_snapshot!(refused("activation = ['tanh', 'relu']\nseed = { count = 3 }"), @"the plan has no axis of two or more numbers besides seeds");
        insta::assert_snapshot!(refused("gain = [1]"), @"the plan has no axis of two or more numbers besides seeds");
        insta::assert_snapshot!(refused("gain = [1, 2]\ndepth = [1, 2]\nwidth = [1, 2, 3]\nactivation = ['tanh', 'relu']"), @"besides width and gain the plan has depth, activation, and a figure takes one of them; draw parts of the table");
        insta::assert_snapshot!(refused("gain = { count = 10 }\ndepth = [1, 2, 3, 4, 5, 6, 7]\nwidth = [1, 2, 3, 4, 5, 6, 7, 8]"), @"`depth` has 7 values, and a figure at most 6 panels; draw parts of the table");
        insta::assert_snapshot!(refused("gain = { count = 3000 }\nbias = { count = 3000 }"), @"9000000 cells with 1 measures are more than 8388608 values; draw them from the table");
    }

    #[test]
    fn one_numeric_axis_makes_curves_with_the_range_over_seeds() {
        let axes =
            "gain = { log = [0.1, 10], points = 3 }\nactivation = ['tanh', 'relu']\nseed = { count = 5 }";
        let svg = drawn(axes, |at| at[0].1.parse::<f64>().unwrap() + at[2].1.parse::<f64>().unwrap());
        for text in ["activation = tanh", "loss@9", "10⁰", "and the range of finite values", "<polygon"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
        // Without seeds there is no range.
        assert!(!drawn("gain = [4, 2, 1]", |_| 1.0).contains("<polygon"));
    }

    #[test]
    fn values_that_are_not_finite_are_marked_and_all_of_them_do_not_fail() {
        let axes = "gain = [1, 2]\ndepth = [1, 2, 3]";
        let note = "NaN, infinite or missing";
        assert!(!drawn(axes, |_| 1.0).contains(note));
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(drawn(axes, |_| odd).contains(note));
            assert!(drawn(axes, |at| if at[0].1 == "1.0" { odd } else { 2.0 }).contains(note));
            drawn("gain = [1, 2, 3]\nseed = { count = 2 }", |_| odd);
        }
        // A partial table: cells that were never added.
        let figures = SweepFigures::new(&plan(axes, "['loss', 'xi_c']")).unwrap();
        assert!(figures.drawn().iter().all(|(_, figure)| figure.svg().contains(note)));
    }

    #[test]
    fn wide_ranges_are_drawn_by_their_logarithm() {
        let power = |at: &[(&str, String)]| 10_f64.powi(at[0].1.parse::<f64>().unwrap() as i32);
        assert!(drawn("gain = [1, 2, 3, 4]\ndepth = [1, 2, 3]", power).contains("log10 of loss@9"));
        assert!(!drawn("gain = [1, 2]\ndepth = [1, 2, 3]", power).contains("log10"));
    }

    #[test]
    fn medians_need_a_majority_of_finite_values() {
        assert_eq!(median(&[3.0, 1.0, f64::INFINITY]), 2.0);
        assert_eq!(median(&[5.0]), 5.0);
        assert!(
            median(&[3.0, f64::NAN]).is_nan() && median(&[f64::INFINITY]).is_nan() && median(&[]).is_nan()
        );
        assert_eq!(file_name("last: post std@300"), "last-post-std-300");
        assert_eq!(file_name("W2: grad:data"), "W2-grad-data");
    }
}
