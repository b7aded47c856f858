//! Units over a batch: which are dead, which are stuck.

use tensor::Real;

/// How often each unit is active, and at an end of its range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCounts {
    /// Values of each unit.
    pub entries: u64,
    /// For each unit, its values other than 0; NaN and infinity are other than 0.
    pub active: Vec<u64>,
    /// For each unit, its values whose magnitude is above the threshold; NaN is not.
    pub beyond: Vec<u64>,
    /// For each unit, its values near an end of the function's range; NaN is not. The same as `beyond` where that
    /// range is −1 to 1; none where it is not bounded.
    pub saturated: Vec<u64>,
}

impl UnitCounts {
    /// Of rows of `units` times `positions` values, a unit's positions together. Beyond is `|x| > threshold`; saturated is
    /// what is as far as that share of the way from the middle of `range` to either end, and nothing where an end is
    /// infinite. Both are compared in the values' own precision, as PyTorch does.
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    pub fn of<T: Real>(
        values: &[T],
        units: usize,
        positions: usize,
        threshold: f64,
        range: (f64, f64),
    ) -> Self {
        let row = units * positions;
        let whole = row > 0 && values.len().is_multiple_of(row);
        assert!(whole, "{} values are not rows of {units} units of {positions}", values.len());
        let (low, high) = ends(threshold, range);
        let (low, high, threshold) = (T::of(low), T::of(high), T::of(threshold));
        let outside = |low: T, high: T| {
            holding(
                values,
                units,
                positions,
                #[inline(always)]
                move |x| x < low || x > high,
            )
        };
        Self {
            entries: (values.len() / units) as u64,
            active: holding(
                values,
                units,
                positions,
                #[inline(always)]
                |x| x != T::ZERO,
            ),
            beyond: outside(-threshold, threshold),
            saturated: outside(low, high),
        }
    }

    /// The number of units.
    pub fn units(&self) -> usize {
        self.active.len()
    }

    /// Units that are 0 in every example; none of nothing.
    pub fn dead(&self) -> impl Iterator<Item = usize> {
        Self::all(&self.active, 0).filter(|_| self.entries > 0)
    }

    /// Units that are saturated in every example; none of nothing.
    pub fn stuck(&self) -> impl Iterator<Item = usize> {
        Self::all(&self.saturated, self.entries).filter(|_| self.entries > 0)
    }

    fn all(counts: &[u64], wanted: u64) -> impl Iterator<Item = usize> {
        counts.iter().enumerate().filter(move |&(_, &count)| count == wanted).map(|(unit, _)| unit)
    }

    /// The share of all values that are saturated; NaN of nothing.
    pub fn saturated_share(&self) -> f64 {
        self.share(&self.saturated)
    }

    /// The share of all values that are beyond the threshold; NaN of nothing.
    pub fn beyond_share(&self) -> f64 {
        self.share(&self.beyond)
    }

    fn share(&self, counts: &[u64]) -> f64 {
        counts.iter().sum::<u64>() as f64 / (self.entries * self.units() as u64) as f64
    }

    /// Adds what another batch showed of the same units.
    ///
    /// # Panics
    /// If the numbers of units differ.
    #[track_caller]
    pub fn merge(&mut self, other: &Self) {
        assert!(self.units() == other.units(), "merge: {} and {} units", self.units(), other.units());
        self.entries += other.entries;
        self.active.iter_mut().zip(&other.active).for_each(|(count, more)| *count += more);
        self.beyond.iter_mut().zip(&other.beyond).for_each(|(count, more)| *count += more);
        self.saturated.iter_mut().zip(&other.saturated).for_each(|(count, more)| *count += more);
    }
}

/// Below and above which a value is nearer to an end of `range` than that share of the way from its middle; infinite where
/// an end is.
pub(crate) fn ends(threshold: f64, (low, high): (f64, f64)) -> (f64, f64) {
    let (middle, half) = (low.midpoint(high), (high - low) / 2.0);
    if half.is_finite() {
        (middle - threshold * half, middle + threshold * half)
    } else {
        (f64::NEG_INFINITY, f64::INFINITY)
    }
}

/// Values that are counted at once, and that fit 32 bits, of which vectors hold twice as many as of 64.
const AT_ONCE: usize = 1 << 24;

/// For each unit, how many of its values `is` holds for.
///
/// A pass for each question: three in one leave no vector code, and a million values take 4.5 ms.
#[inline(always)]
fn holding<T: Real>(values: &[T], units: usize, positions: usize, is: impl Fn(T) -> bool + Copy) -> Vec<u64> {
    let row = units * positions;
    let mut places = vec![0_u64; row];
    for rows in values.chunks(row * (AT_ONCE / row).max(1)) {
        let mut counts = vec![0_u32; row];
        let sums = counts.as_mut_slice();
        tensor::dispatch(
            #[inline(always)]
            move || {
                for row in rows.chunks_exact(sums.len()) {
                    for (sum, &x) in sums.iter_mut().zip(row) {
                        // Checked, it would keep the loop scalar; no count reaches 2³².
                        *sum = sum.wrapping_add(u32::from(is(x)));
                    }
                }
            },
        );
        places.iter_mut().zip(counts).for_each(|(place, count)| *place += u64::from(count));
    }
    places.chunks_exact(positions).map(|unit| unit.iter().sum()).collect()
}

/// A yes or no for every example and unit: the lecture's black and white picture of `|h| > 0.99`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitMap {
    /// Units: the length of a row.
    pub units: usize,
    /// Rows of examples, whether each unit is it.
    pub cells: Vec<bool>,
}

impl UnitMap {
    /// Where `is` holds, in rows of so many units.
    ///
    /// ```
    /// use diagnostics::UnitMap;
    /// let map = UnitMap::of(&[0.0_f32, 1.0, 0.0, 0.5], 2, |h| h == 0.0);
    /// assert_eq!(map.rows().collect::<Vec<_>>(), [[true, false], [true, false]]);
    /// assert_eq!(map.everywhere().collect::<Vec<_>>(), [0]); // a dead unit
    /// ```
    ///
    /// # Panics
    /// If the values are not whole rows.
    #[track_caller]
    pub fn of<T: Real>(values: &[T], units: usize, is: impl Fn(T) -> bool) -> Self {
        let whole = units > 0 && values.len().is_multiple_of(units);
        assert!(whole, "{} values are not rows of {units} units", values.len());
        Self { units, cells: values.iter().map(|&x| is(x)).collect() }
    }

    /// Example by example.
    pub fn rows(&self) -> impl Iterator<Item = &[bool]> {
        self.cells.chunks_exact(self.units)
    }

    /// Units that are it in every example; none of nothing.
    pub fn everywhere(&self) -> impl Iterator<Item = usize> {
        let all = |unit: usize| self.rows().all(|row| row[unit]);
        (0..self.units).filter(move |&unit| !self.cells.is_empty() && all(unit))
    }
}
