//! Axes of a plane of cells: which value each column or row stands for.

use crate::axis::Axis;

/// One axis of a plane of cells of equal size: the value in the middle of each.
///
/// ```
/// use plot::MapAxis;
///
/// let gains = MapAxis::log(0.5, 4.0, 7);
/// let layers = MapAxis::of(&[2.0, 4.0, 8.0, 16.0]);
/// assert_eq!(layers, MapAxis::log(2.0, 16.0, 4));
/// assert_eq!(MapAxis::of(&[2.0, 3.0, 10.0]), MapAxis::names(["2", "3", "10"]));
/// # let _ = gains;
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MapAxis {
    middles: Middles,
    count: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Middles {
    /// The first and the last value.
    Linear(f64, f64),
    /// The first and the last value, both positive.
    Log(f64, f64),
    Names(Vec<String>),
}

/// The relative error of steps that count as equal.
const EQUAL: f64 = 1e-6;

impl MapAxis {
    /// `count` values at equal distances.
    ///
    /// # Panics
    /// Unless both are finite and `first < last`, or equal for a single value.
    #[track_caller]
    pub fn linear(first: f64, last: f64, count: usize) -> Self {
        check(first, last, count);
        Self { middles: Middles::Linear(first, last), count }
    }

    /// `count` values at equal ratios, on a logarithmic axis.
    ///
    /// # Panics
    /// Unless both are finite, positive and `first < last`, or equal for a single value.
    #[track_caller]
    pub fn log(first: f64, last: f64, count: usize) -> Self {
        check(first, last, count);
        assert!(first > 0.0, "a logarithmic axis has positive values, not {first}");
        Self { middles: Middles::Log(first, last), count }
    }

    /// A name for each cell.
    pub fn names(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self { count: names.len(), middles: Middles::Names(names) }
    }

    /// The axis on which these values are equally far apart: linear or logarithmic if there is one, otherwise their texts as names.
    pub fn of(values: &[f64]) -> Self {
        let (Some(&first), Some(&last)) = (values.first(), values.last()) else {
            return Self::names([""; 0]);
        };
        let finite = values.iter().all(|value| value.is_finite());
        let ascending = values.windows(2).all(|pair| pair[0] < pair[1]);
        let even = |values: &[f64]| {
            let step = (values[values.len() - 1] - values[0]) / (values.len() - 1) as f64;
            values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() <= EQUAL * step)
        };
        match values.len() {
            1 if finite => Self::linear(first, last, 1),
            2.. if finite && ascending && even(values) => Self::linear(first, last, values.len()),
            2.. if finite
                && ascending
                && first > 0.0
                && even(&values.iter().map(|v| v.ln()).collect::<Vec<_>>()) =>
            {
                Self::log(first, last, values.len())
            }
            _ => Self::names(values.iter().map(f64::to_string)),
        }
    }

    /// The number of cells.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The axis, half a cell longer than the values at each end.
    pub(crate) fn axis(&self) -> Axis {
        let ends = |first: f64, last: f64| {
            let half = if self.count > 1 { (last - first) / (2 * (self.count - 1)) as f64 } else { 0.5 };
            (first - half, last + half)
        };
        match &self.middles {
            &Middles::Linear(first, last) => {
                let (low, high) = ends(first, last);
                let step = (last - first) / self.count.max(2).saturating_sub(1) as f64;
                Axis::Linear { low, high, whole: first.fract() == 0.0 && step.fract() == 0.0 }
            }
            &Middles::Log(first, last) => {
                let (low, high) = ends(first.log10(), last.log10());
                Axis::Log { low, high }
            }
            Middles::Names(names) => Axis::Names(names.clone()),
        }
    }
}

#[track_caller]
fn check(first: f64, last: f64, count: usize) {
    let fine = first.is_finite() && last.is_finite() && (first < last || count == 1 && first == last);
    assert!(
        fine && count > 0,
        "an axis of {count} cells must be finite and ascending, not {first} to {last}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_middles_of_their_cells() {
        for axis in [MapAxis::linear(-1.0, 2.0, 4), MapAxis::linear(3.0, 9.0, 4)] {
            let Middles::Linear(first, last) = axis.middles else { panic!() };
            let at = |i: f64| axis.axis().fraction(first + (last - first) * i / 3.0);
            for i in 0..4 {
                assert!((at(f64::from(i)) - (f64::from(i) + 0.5) / 4.0).abs() < 1e-12);
            }
        }
        let log = MapAxis::log(0.25, 16.0, 4).axis();
        for (i, value) in [0.25, 1.0, 4.0, 16.0].into_iter().enumerate() {
            assert!((log.fraction(value) - (i as f64 + 0.5) / 4.0).abs() < 1e-12, "{value}");
        }
        assert_eq!(MapAxis::linear(5.0, 5.0, 1).axis().fraction(5.0), 0.5);
    }

    #[test]
    fn the_kind_of_an_axis_follows_from_its_values() {
        assert_eq!(MapAxis::of(&[0.0, 0.05, 0.1, 0.15]), MapAxis::linear(0.0, 0.15, 4));
        assert_eq!(MapAxis::of(&[1.0, 2.0]), MapAxis::linear(1.0, 2.0, 2));
        assert_eq!(MapAxis::of(&[0.1, 1.0, 10.0]), MapAxis::log(0.1, 10.0, 3));
        assert_eq!(MapAxis::of(&[3.0, 2.0, 1.0]), MapAxis::names(["3", "2", "1"]));
        assert_eq!(MapAxis::of(&[-1.0, 0.0, 3.0]), MapAxis::names(["-1", "0", "3"]));
        assert_eq!(MapAxis::of(&[7.0]), MapAxis::linear(7.0, 7.0, 1));
        assert_eq!(MapAxis::of(&[]).count(), 0);
    }
}
