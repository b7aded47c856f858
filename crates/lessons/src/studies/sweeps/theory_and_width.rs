//! Deviations from theory against the width: those of single networks, and those of their mean.

use cli::{Cell, Table};
use diagnostics::scaling::ScalingExponent;
use plot::{Curve, Figure, LinePanel};

use super::{ComputedSweep, SmallSweeps};
use crate::artifact::{Artifact, Output};

const SINGLE: &str = include_str!("../../../../../plans/small/theory-and-width.toml");
const MEAN: &str = include_str!("../../../../../plans/small/theory-and-width-mean.toml");

pub(super) const ARTIFACT: Artifact<SmallSweeps> = Artifact {
    id: "theory-and-width",
    title: "Deviations from theory as powers of the width",
    run: |sweeps| output(&sweeps.get(SINGLE), &sweeps.get(MEAN)),
};

/// A quantity, its measures, and true if its deviation is a difference, not the logarithm of a ratio.
const QUANTITIES: [(&str, &str, &str, bool); 3] = [
    ("variance q", "last_q", "expected_q", false),
    ("correlation c", "last_c", "expected_c", true),
    ("squared gradient", "gradient_ratio", "expected_gradient_ratio", false),
];

/// Means that are nearer to 0 than so many of their standard errors have no logarithm to speak of.
const RESOLVED: f64 = 3.0;
/// The normal distribution's factor of a 95% interval.
const NORMAL: f64 = 1.96;

/// The deviations of many networks of one width.
struct WidthDeviation {
    width: f64,
    networks: usize,
    theory: f64,
    mean: f64,
    /// The standard error of the mean.
    error: f64,
    /// The standard deviation of one network around the mean.
    spread: f64,
}

impl WidthDeviation {
    fn is_resolved(&self) -> bool {
        self.mean.abs() > RESOLVED * self.error
    }
}

fn deviations(
    sweep: &ComputedSweep,
    (_, measured, expected, difference): (&str, &str, &str, bool),
) -> Vec<WidthDeviation> {
    let seeds = sweep.axis("seed").len();
    let (measured, expected) = (sweep.measure(measured), sweep.measure(expected));
    let of = |((width, measured), expected): ((f64, &[f64]), &[f64])| {
        let theory = expected[0];
        let deviation = |x: &f64| if difference { x - theory } else { (x / theory).ln() };
        let values: Vec<f64> = measured.iter().map(deviation).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let spread = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        WidthDeviation { width, networks: values.len(), theory, mean, error: spread / n.sqrt(), spread }
    };
    let widths = sweep.numbers("width").into_iter();
    widths.zip(measured.chunks(seeds)).zip(expected.chunks(seeds)).map(of).collect()
}

/// The power of the width with which means that are resolved fall, and half the width of its 95% interval: least squares of
/// logarithms, each with the error of its mean, widened where the points are further from the line than these. `None` if fewer
/// than three are resolved.
fn power_of_means(deviations: &[WidthDeviation]) -> Option<(f64, f64)> {
    let resolved = deviations.iter().filter(|at| at.is_resolved());
    let points: Vec<[f64; 3]> =
        resolved.map(|at| [at.width.ln(), at.mean.abs().ln(), (at.mean / at.error).powi(2)]).collect();
    if points.len() < 3 {
        return None;
    }
    let total: f64 = points.iter().map(|p| p[2]).sum();
    let mean = |of: usize| points.iter().map(|p| p[2] * p[of]).sum::<f64>() / total;
    let (x, y) = (mean(0), mean(1));
    let xx: f64 = points.iter().map(|p| p[2] * (p[0] - x).powi(2)).sum();
    let slope = points.iter().map(|p| p[2] * (p[0] - x) * (p[1] - y)).sum::<f64>() / xx;
    let misfit: f64 = points.iter().map(|p| p[2] * (p[1] - y - slope * (p[0] - x)).powi(2)).sum();
    let widened = (misfit / (points.len() - 2) as f64).max(1.0);
    Some((slope, NORMAL * (widened / xx).sqrt()))
}

fn power_of_spreads(deviations: &[WidthDeviation]) -> ScalingExponent {
    ScalingExponent::fit(deviations.iter().map(|at| (at.width, 0, at.spread))).expect("several widths")
}

fn output(single: &ComputedSweep, mean: &ComputedSweep) -> Output {
    let mut table = Table::new(&[
        ("quantity", "quantity"),
        ("width", "width"),
        ("networks", "networks"),
        ("theory", "theory"),
        ("mean", "deviation, mean"),
        ("error", "standard error"),
        ("spread", "one network"),
    ]);
    let mut brief = Table::new(&[
        ("quantity", "quantity"),
        ("spread", "power of one network's"),
        ("spread_interval", "95% interval"),
        ("mean", "power of the mean's"),
        ("mean_interval", "95% interval"),
        ("widths", "from widths"),
    ]);
    let (mut spreads, mut means, mut unresolved) = (Vec::new(), Vec::new(), String::new());
    for quantity in QUANTITIES {
        let (single, mean) = (deviations(single, quantity), deviations(mean, quantity));
        for at in single.iter().chain(&mean) {
            table.push(vec![
                Cell::text(quantity.0),
                Cell::Count(at.width as u64),
                Cell::Count(at.networks as u64),
                Cell::fixed(at.theory, 4),
                Cell::signed(at.mean, 5),
                Cell::fixed(at.error, 5),
                Cell::fixed(at.spread, 4),
            ]);
        }
        let spread = power_of_spreads(&single);
        let interval = |low: f64, high: f64| {
            Cell::text(format!("{} to {}", diagnostics::signed(low, 2), diagnostics::signed(high, 2)))
        };
        let power = power_of_means(&mean);
        if power.is_none() {
            unresolved += &format!(" ({}: not resolved)", quantity.0);
        }
        let resolved: Vec<&WidthDeviation> = mean.iter().filter(|at| at.is_resolved()).collect();
        let widths: Vec<String> = resolved.iter().map(|at| at.width.to_string()).collect();
        brief.push(vec![
            Cell::text(quantity.0),
            Cell::signed(spread.value, 2),
            interval(spread.low(), spread.high()),
            power.map_or(Cell::text("not resolved"), |(power, _)| Cell::signed(power, 2)),
            power.map_or(Cell::text(""), |(power, half)| interval(power - half, power + half)),
            Cell::text(widths.join(", ")),
        ]);
        spreads.push(Curve::new(quantity.0, single.iter().map(|at| (at.width, at.spread)).collect()).dots());
        let (points, band) = resolved
            .iter()
            .map(|at| {
                let (size, half) = (at.mean.abs(), NORMAL * at.error);
                ((at.width, size), (size - half, size + half))
            })
            .unzip();
        means.push(Curve::new(quantity.0, points).band(band).dots());
    }
    let panel = |title: &str, widths: &[f64], mut curves: Vec<Curve>, (name, power): (&str, f64)| {
        let law = |width: f64| (width, LAW * (width / widths[0]).powf(power));
        curves.push(Curve::new(name, vec![law(widths[0]), law(widths[widths.len() - 1])]).ink().dashed());
        LinePanel::new(title, curves).log_x().log_y().x_label("width").y_label("deviation from theory")
    };
    let figure = Figure::new(
        "Single networks differ from theory by about 1/√n, their mean by about 1/n",
        [
            panel("one network: standard deviation", &single.numbers("width"), spreads, ("∝ 1/√n", -0.5)),
            panel(
                &format!("mean of {} networks, with 95% intervals{unresolved}", mean.axis("seed").len()),
                &mean.numbers("width"),
                means,
                ("∝ 1/n", -1.0),
            ),
        ],
    )
    .shared_axes();
    let notes = format!(
        "tanh, σ_w = 1.5, σ_b = 0.3, 5 layers, inputs of second moment 1 at right angles. Deviations are logarithms of the ratio to theory, of q in the last layer and of the squared gradient in the first one over that in the last; those of c are \
         differences. Single networks: {} of each width; means: of {}. The powers of means are fitted where a mean is more than {RESOLVED} standard errors from 0.",
        single.axis("seed").len(),
        mean.axis("seed").len(),
    );
    Output::figure(table, figure, false).brief(brief).notes([notes])
}

/// The value at which the laws begin in the figure.
const LAW: f64 = 0.2;
