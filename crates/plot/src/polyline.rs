//! Polylines: points of data as lines of dots, with gaps, thinned, or cut into dashes.

use crate::frame::Plot;
use crate::off_axis::shown;
use crate::scene::Dots;

/// The lines through the points, broken where the axes cannot show one.
pub(crate) fn lines(plot: &Plot<'_>, points: &[(f64, f64)]) -> Vec<Vec<Dots>> {
    let stretches = points.split(|&point| !shown(plot, point)).filter(|stretch| !stretch.is_empty());
    stretches.map(|stretch| thinned(stretch.iter().map(|&point| plot.at(point)))).collect()
}

/// The lines through the points as far as they lie inside the frame, broken at points that the axes cannot show.
pub(crate) fn clipped(plot: &Plot<'_>, points: &[(f64, f64)]) -> Vec<Vec<Dots>> {
    let fractions = |&(x, y): &(f64, f64)| (plot.x.fraction_beyond(x), plot.y.fraction_beyond(y));
    let finite = |point: &(f64, f64)| {
        let (x, y) = fractions(point);
        x.is_finite() && y.is_finite()
    };
    let mut lines: Vec<Vec<Dots>> = Vec::new();
    for stretch in points.split(|point| !finite(point)) {
        // True if the next part continues the last line.
        let mut open = false;
        for pair in stretch.windows(2) {
            let (from, to) = (fractions(&pair[0]), fractions(&pair[1]));
            let Some((first, last)) = inside(from, to) else {
                open = false;
                continue;
            };
            let at = |t: f64| plot.dots((from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1)));
            match lines.last_mut().filter(|_| open && first == 0.0) {
                Some(line) => line.push(at(last)),
                None => lines.push(vec![at(first), at(last)]),
            }
            open = last == 1.0;
        }
    }
    lines.into_iter().map(|line| thinned(line.into_iter())).filter(|line| line.len() > 1).collect()
}

/// The part of a straight line that lies in the unit square, as fractions of its length (Liang & Barsky 1984).
fn inside(from: (f64, f64), to: (f64, f64)) -> Option<(f64, f64)> {
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (at, step) in [(from.0, to.0 - from.0), (from.1, to.1 - from.1)] {
        if step == 0.0 {
            if !(0.0..=1.0).contains(&at) {
                return None;
            }
            continue;
        }
        let (low, high) = (-at / step, (1.0 - at) / step);
        first = first.max(low.min(high));
        last = last.min(low.max(high));
    }
    (first < last).then_some((first, last))
}

/// The same picture with fewer points: of those in one column of dots, the first, lowest, highest and last
/// (Jugel, Jerzak, Hackenbroich and Markl 2014, "M4").
pub(crate) fn thinned(points: impl Iterator<Item = Dots>) -> Vec<Dots> {
    let points: Vec<Dots> = points.collect();
    let mut kept = Vec::new();
    for column in points.chunk_by(|left, right| left.0 == right.0) {
        let low = (0..column.len()).min_by_key(|&i| column[i].1).unwrap_or(0);
        let high = (0..column.len()).max_by_key(|&i| column[i].1).unwrap_or(0);
        let mut indices = [0, low, high, column.len() - 1];
        indices.sort_unstable();
        kept.extend(indices.map(|i| column[i]));
    }
    kept.dedup();
    kept
}

/// The lengths of a dash and of the gap after it, in dots; round ends take four dots of the gap.
const DASH: f64 = 14.0;
const GAP: f64 = 14.0;

/// Cuts a line into dashes.
pub(crate) fn dashes(line: &[Dots]) -> Vec<Vec<Dots>> {
    let mut dashes = Vec::new();
    let mut dash = line.first().map_or(Vec::new(), |&first| vec![first]);
    let (mut on, mut left) = (true, DASH);
    for pair in line.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (f64::from(x1 - x0), f64::from(y1 - y0));
        let length = (dx * dx + dy * dy).sqrt();
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let along = done / length;
            dash.push((x0 + (dx * along).round() as i32, y0 + (dy * along).round() as i32));
            if on {
                dashes.push(std::mem::take(&mut dash));
            } else {
                dash.drain(..dash.len() - 1);
            }
            on = !on;
            left = if on { DASH } else { GAP };
        }
        left -= length - done;
        if on {
            dash.push((x1, y1));
        }
    }
    if on && dash.len() > 1 {
        dashes.push(dash);
    }
    dashes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Axis;
    use crate::scene::Area;

    #[test]
    fn thinning_keeps_ends_and_extremes_of_every_column() {
        let noise: Vec<Dots> = (0..10_000).map(|i| (i / 100, i * 7919 % 503)).collect();
        let kept = thinned(noise.iter().copied());
        assert!(kept.len() <= 400);
        for x in 0..100 {
            let within = |points: &[Dots]| -> Vec<i32> {
                points.iter().filter(|point| point.0 == x).map(|point| point.1).collect()
            };
            let (all, few) = (within(&noise), within(&kept));
            assert_eq!((all.first(), all.last()), (few.first(), few.last()));
            assert_eq!((all.iter().min(), all.iter().max()), (few.iter().min(), few.iter().max()));
        }
    }

    #[test]
    fn lines_are_cut_at_the_frame() {
        let (x, y) = (Axis::linear(0.0, 10.0), Axis::Log { low: 0.0, high: 2.0 });
        let plot = Plot { area: Area::new(0, 0, 100, 100), x: &x, y: &y };
        // In from the left, out at the top and back, broken at an infinite point, and one line wholly outside.
        let points = [
            (-10.0, 10.0),
            (5.0, 10.0),
            (7.0, 1000.0),
            (9.0, 10.0),
            (9.5, f64::INFINITY),
            (1.0, 1.0),
            (2.0, 10.0),
            (f64::NAN, 1.0),
            (-3.0, 1.0),
            (-1.0, 100.0),
        ];
        let cut = clipped(&plot, &points);
        assert_eq!(
            cut,
            [vec![(0, 50), (50, 50), (60, 0)], vec![(80, 0), (90, 50)], vec![(10, 100), (20, 50)],]
        );
        assert_eq!(inside((2.0, 0.5), (3.0, 0.5)), None);
        assert_eq!(inside((0.5, -1.0), (0.5, 2.0)), Some((1.0 / 3.0, 2.0 / 3.0)));
    }

    #[test]
    fn dashes_follow_the_line_whatever_its_points() {
        let ends = |dashes: &[Vec<Dots>]| -> Vec<(Dots, Dots)> {
            dashes.iter().map(|dash| (dash[0], dash[dash.len() - 1])).collect()
        };
        let whole = ends(&dashes(&[(0, 0), (100, 0)]));
        assert_eq!(whole, [((0, 0), (14, 0)), ((28, 0), (42, 0)), ((56, 0), (70, 0)), ((84, 0), (98, 0))]);
        let cut: Vec<Dots> = (0..=100).map(|x| (x, 0)).collect();
        assert_eq!(ends(&dashes(&cut)), whole);
        assert!(dashes(&[]).is_empty() && dashes(&[(1, 1)]).is_empty());
    }
}
