//! Strokes on bitmaps: the coverage of each dot by a thick line.
//!
//! plotters turns a thick line into a polygon, which has holes where the line crosses itself and spikes where it turns
//! back; a noisy curve does both all the time.

use crate::scene::Dots;

/// The steps of coverage: few, so that a bitmap fits into a palette.
const STEPS: f64 = 6.0;

/// The dots that a line of this thickness covers, with the coverage of each from 0 to 1; a single point gives a disc.
///
/// A dot is covered if its middle lies inside the outline; within half a dot of the outline, coverage is partial.
pub(crate) fn covered(points: &[Dots], thick: i32) -> Vec<(Dots, f64)> {
    let reach = thick / 2 + 1;
    let (left, right) = bounds(points.iter().map(|point| point.0), reach);
    let (top, bottom) = bounds(points.iter().map(|point| point.1), reach);
    let width = right - left;
    let mut shares = vec![0u8; (width * (bottom - top)) as usize];
    for ends in points.windows(2.min(points.len())) {
        let (from, to) = (ends[0], ends[ends.len() - 1]);
        for y in from.1.min(to.1) - reach..from.1.max(to.1) + reach {
            let (first, last) = stretch(from, to, y, reach);
            for x in first..last {
                let inside = f64::from(thick) / 2.0 + 0.5 - distance(from, to, (x, y));
                let share = &mut shares[((y - top) * width + x - left) as usize];
                *share = (*share).max((inside.clamp(0.0, 1.0) * STEPS).round() as u8);
            }
        }
    }
    let dot = |i: usize| (left + i as i32 % width, top + i as i32 / width);
    let covered = shares.iter().enumerate().filter(|(_, share)| **share > 0);
    covered.map(|(i, &share)| (dot(i), f64::from(share) / STEPS)).collect()
}

fn bounds(positions: impl Iterator<Item = i32> + Clone, reach: i32) -> (i32, i32) {
    let (low, high) = (positions.clone().min().unwrap_or(0), positions.max().unwrap_or(0));
    (low - reach, high + reach)
}

/// The first column, and the one after the last, that a segment may cover in row `y`.
fn stretch(from: Dots, to: Dots, y: i32, reach: i32) -> (i32, i32) {
    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
    let steep = f64::from(to.0 - from.0) / f64::from(to.1 - from.1);
    if !steep.is_finite() {
        return (left - reach, right + reach);
    }
    let at = |y: i32| from.0 + (f64::from(y - from.1) * steep) as i32;
    let (one, other) = (at(y - reach), at(y + reach));
    let (first, last) = (one.min(other).max(left), one.max(other).min(right));
    (first - reach, last + reach)
}

/// The distance from the middle of a dot to the segment, whose ends are corners of dots, as in rectangles.
fn distance((x0, y0): Dots, (x1, y1): Dots, (x, y): Dots) -> f64 {
    let (dx, dy) = (f64::from(x1 - x0), f64::from(y1 - y0));
    let (px, py) = (f64::from(x - x0) + 0.5, f64::from(y - y0) + 0.5);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    let (ex, ey) = (px - along * dx, py - along * dy);
    (ex * ex + ey * ey).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_line_covers_its_thickness_and_round_ends() {
        let covered = covered(&[(10, 20), (30, 20)], 4);
        let full = |y: i32| covered.iter().filter(|(at, share)| at.1 == y && *share == 1.0).count();
        assert_eq!([full(17), full(22)], [0, 0]);
        assert!((18..22).all(|y| full(y) >= 20), "a hole in the line");
    }

    #[test]
    fn the_area_of_a_slope_is_length_times_thickness() {
        let area: f64 = covered(&[(0, 0), (300, 400)], 4).iter().map(|(_, share)| share).sum();
        // A rectangle of 500 by 4 and a disc of radius 2 for both ends; each share is rounded to a sixth.
        let expected = 500.0 * 4.0 + 4.0 * std::f64::consts::PI;
        assert!((area / expected - 1.0).abs() < 0.02, "{area} is not {expected}");
    }

    #[test]
    fn turning_back_leaves_no_hole_and_no_spike() {
        let covered = covered(&[(0, 0), (40, 0), (0, 2)], 4);
        assert!(covered.iter().all(|((x, y), _)| (-3..43).contains(x) && (-3..5).contains(y)));
        assert!((0..40).all(|x| covered.contains(&((x, 0), 1.0))), "a hole in the line");
    }
}
