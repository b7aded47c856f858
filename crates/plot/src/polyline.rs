//! Polylines: points of data as lines of dots, with gaps, thinned, or cut into dashes.

use crate::frame::Plot;
use crate::off_axis::shown;
use crate::scene::Dots;

/// The lines through the points, broken where the axes cannot show one.
pub(crate) fn lines(plot: &Plot<'_>, points: &[(f64, f64)]) -> Vec<Vec<Dots>> {
    let stretches = points.split(|&point| !shown(plot, point)).filter(|stretch| !stretch.is_empty());
    stretches.map(|stretch| thinned(stretch.iter().map(|&point| plot.at(point)))).collect()
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
