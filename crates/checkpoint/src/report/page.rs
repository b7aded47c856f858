//! The report as one page, with the histogram of each tensor that a finding is about beside what is expected of it.

use diagnostics::{Level, ReportPage};
use plot::{Curve, Figure, LinePanel};

use super::CheckReport;
use crate::judge::Population;
use crate::{CheckKind, ExpectedPart, Mention};

/// The number of histograms that a page has: with more, the page says so.
const FIGURES: usize = 24;
/// The number of points of an expected density.
const POINTS: usize = 400;
/// The distance from its mean up to which an expected density is shown, in standard deviations.
const SIGMAS: f64 = 3.5;

impl CheckReport {
    /// The report as one page: findings, their histograms, and all tensors.
    pub fn page(&self) -> ReportPage {
        let mut page = ReportPage::new("Weights and their rules");
        self.lines().into_iter().for_each(|line| page.line(line));
        for finding in &self.findings {
            page.finding(
                Level::Error,
                finding.kind.name(),
                finding.location(),
                &finding.message,
                &finding.details(),
            );
        }
        let shown = self.tensors_with_histograms();
        if !shown.is_empty() {
            let more = shown.len().saturating_sub(FIGURES);
            let about = if more > 0 {
                format!("<p>The first {FIGURES} tensors; {more} more have findings.</p>")
            } else {
                String::new()
            };
            page.section("Measured and expected", &about);
        }
        for at in shown.into_iter().take(FIGURES) {
            self.add_histogram(&mut page, at);
        }
        page.section("Tensors", &self.table().html(None));
        page
    }

    /// The first tensor of each finding that a histogram shows.
    fn tensors_with_histograms(&self) -> Vec<usize> {
        let mut shown = vec![];
        for finding in &self.findings {
            let place = self.tensors.iter().position(|tensor| Some(&tensor.name) == finding.tensors.first());
            let drawn =
                place.filter(|&at| is_seen_in_a_histogram(finding.kind) && self.summaries[at].is_some());
            shown.extend(drawn.filter(|at| !shown.contains(at)));
        }
        shown
    }

    fn add_histogram(&self, page: &mut ReportPage, at: usize) {
        let (tensor, Some(summary)) = (&self.tensors[at], &self.summaries[at]) else { return };
        let total = summary.histogram.total() as f64;
        let bins: Vec<_> =
            summary.histogram.bins(&summary.dtype).filter(|bin| bin.upper - bin.lower > 0.0).collect();
        // Bins near zero are narrow, and so empty by chance; those closer than this are one.
        let narrow = summary.moments.std() / 32.0;
        let mut points: Vec<(f64, f64, f64)> = vec![];
        for bin in bins {
            match points.last_mut() {
                Some((lower, upper, count)) if *upper - *lower < narrow && bin.lower - *upper < narrow => {
                    (*upper, *count) = (bin.upper, *count + bin.count as f64);
                }
                _ => points.push((bin.lower, bin.upper, bin.count as f64)),
            }
        }
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let inner = points
            .iter()
            .map(|&(lower, upper, count)| (lower.midpoint(upper), count / total / (upper - lower)));
        let measured = [(first.0, 0.0)].into_iter().chain(inner).chain([(last.1, 0.0)]).collect();
        let mut curves = vec![Curve::new("measured", measured)];
        let expected = self.expected_density(at, [first.0, last.1]);
        if !expected.is_empty() {
            curves.push(Curve::new("expected", expected).dashed());
        }
        let panel = LinePanel::new("", curves).x_label("value").y_label("density");
        let title = format!("{}: {}", tensor.name, self.found(at));
        let description = format!(
            "{}: density of {} values of {}, and of the expected distribution.",
            self.found(at),
            summary.count,
            tensor.name
        );
        page.figure(&title, &description, &Figure::new(&title, [panel]).svg());
    }

    /// The density that is expected over a range of values and where most of its own are; empty if values are not drawn.
    fn expected_density(&self, at: usize, [low, high]: [f64; 2]) -> Vec<(f64, f64)> {
        let Mention::Expected(expectation) = &self.resolved.tensors[at] else { return vec![] };
        let parts = &expectation.draw.parts;
        let population = |part: &ExpectedPart| {
            Some((part.size as f64, Population::of(part.scheme, &part.shape, expectation.draw.layout).ok()??))
        };
        let Some(parts) = parts.iter().map(population).collect::<Option<Vec<_>>>() else { return vec![] };
        let all: f64 = parts.iter().map(|(size, _)| size).sum();
        let (mut low, mut high) = (low, high);
        for (_, population) in &parts {
            let [lo, hi] = population.bounds();
            let reach = SIGMAS * population.std;
            low = low.min(lo.max(population.mean - reach));
            high = high.max(hi.min(population.mean + reach));
        }
        let step = (high - low) / POINTS as f64;
        let density = |x: f64| {
            let share = |(size, population): &(f64, Population)| {
                size / all * population.between(x - step / 2.0, x + step / 2.0)
            };
            parts.iter().map(share).sum::<f64>() / step
        };
        (0..=POINTS).map(|point| low + point as f64 * step).map(|x| (x, density(x))).collect()
    }
}

fn is_seen_in_a_histogram(kind: CheckKind) -> bool {
    matches!(
        kind,
        CheckKind::WrongStd
            | CheckKind::WrongMean
            | CheckKind::WrongDistribution
            | CheckKind::OutOfBounds
            | CheckKind::PiledOnBound
            | CheckKind::Outlier
            | CheckKind::Zeros
            | CheckKind::ZeroBlock
            | CheckKind::Uneven
    )
}
