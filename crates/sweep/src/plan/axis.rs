//! Axes: the values that a setting takes, one after the other.

use crate::{PlanValue, Setting};

/// A setting and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepAxis {
    /// The setting.
    pub setting: &'static Setting,
    /// Its values in order, at least one, all different.
    pub values: Vec<PlanValue>,
}

/// `points` numbers from one end to the other at equal distances. The ends are exact, and the numbers of a finer axis
/// contain those of a coarser one with half the distances.
pub(super) fn linear([from, to]: [f64; 2], points: usize) -> Vec<f64> {
    spaced([from, to], points, |fraction| from + (to - from) * fraction)
}

/// `points` numbers from one end to the other at equal ratios, with the same bits on every platform.
pub(super) fn logarithmic([from, to]: [f64; 2], points: usize) -> Vec<f64> {
    // The ratio of very different ends overflows; its root does not.
    let root = to.abs().sqrt() / from.abs().sqrt();
    let ratio = to / from;
    spaced([from, to], points, |fraction| match ratio.is_normal() {
        true => from * libm::pow(ratio, fraction),
        false => from * libm::pow(root, fraction) * libm::pow(root, fraction),
    })
}

fn spaced([from, to]: [f64; 2], points: usize, at: impl Fn(f64) -> f64) -> Vec<f64> {
    let last = points - 1;
    let point = |i: usize| match i {
        0 => from,
        i if i == last => to,
        i => at(i as f64 / last as f64),
    };
    (0..points).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::{linear, logarithmic};

    #[test]
    fn ends_are_exact_and_steps_are_equal() {
        assert_eq!(linear([0.0, 1.0], 5), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(logarithmic([1.0, 16.0], 5), [1.0, 2.0, 4.0, 8.0, 16.0]);
        assert_eq!(linear([0.3, 0.3], 1), [0.3]);
        let log = logarithmic([0.1, 0.7], 33);
        assert_eq!((log[0], log[32]), (0.1, 0.7));
        assert!((logarithmic([1e-300, 1e300], 3)[1] - 1.0).abs() < 1e-12);
        let ratios = log.windows(2).map(|two| two[1] / two[0]);
        ratios.for_each(|ratio| assert!((ratio - 7_f64.powf(1.0 / 32.0)).abs() < 1e-14));
    }

    #[test]
    fn a_finer_axis_has_the_points_of_a_coarser_one() {
        for points in [2, 7, 64] {
            let fine = |of: fn([f64; 2], usize) -> Vec<f64>| of([0.5, 4.0], 2 * points - 1);
            let every_second = |values: Vec<f64>| values.into_iter().step_by(2).collect::<Vec<_>>();
            assert_eq!(every_second(fine(linear)), linear([0.5, 4.0], points));
            assert_eq!(every_second(fine(logarithmic)), logarithmic([0.5, 4.0], points));
        }
    }
}
