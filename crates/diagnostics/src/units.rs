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
    pub above_threshold: Vec<u64>,
    /// For each unit, its values near an end of the function's range; NaN is not. The same as `above_threshold` where that
    /// range is −1 to 1; none where it is not bounded.
    pub saturated: Vec<u64>,
}

impl UnitCounts {
    /// Of rows of `units` times `positions` values, a unit's positions together. Above the threshold is `|x| > threshold`; saturated is
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
        let [active, above_threshold, saturated] = answers(
            values,
            units,
            positions,
            #[inline(always)]
            move |x| [x != T::ZERO, x < -threshold || x > threshold, x < low || x > high],
        );
        Self { entries: (values.len() / units) as u64, active, above_threshold, saturated }
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
    pub fn always_saturated(&self) -> impl Iterator<Item = usize> {
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
    pub fn above_threshold_share(&self) -> f64 {
        self.share(&self.above_threshold)
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
        self.above_threshold.iter_mut().zip(&other.above_threshold).for_each(|(count, more)| *count += more);
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

/// Bits of a count: three share a word, so that one loop over one slice of words counts all three. A slice for each
/// leaves no vector code (4.5 ms for a million values), a pass for each takes 0.5 ms, this one 0.2.
const BITS: u32 = 10;

/// Rows that are counted at once: no count outgrows its bits.
const AT_ONCE: usize = (1 << BITS) - 1;

/// For each question and each unit, how many of its values the answer is yes for.
#[inline(always)]
fn answers<T: Real>(
    values: &[T],
    units: usize,
    positions: usize,
    ask: impl Fn(T) -> [bool; 3] + Copy,
) -> [Vec<u64>; 3] {
    let row = units * positions;
    let mut counts = [0; 3].map(|_| vec![0; units]);
    let mut words = vec![0; row];
    for rows in values.chunks(row * AT_ONCE) {
        words.fill(0);
        count(rows, &mut words, ask);
        for (unit, words) in words.chunks_exact(positions).enumerate() {
            for (count, shift) in counts.iter_mut().zip([0, BITS, 2 * BITS]) {
                count[unit] +=
                    words.iter().map(|word| u64::from(word >> shift) & AT_ONCE as u64).sum::<u64>();
            }
        }
    }
    counts
}

/// Adds the answers of every row to the words.
#[inline(always)]
fn count<T: Real>(rows: &[T], words: &mut [u32], ask: impl Fn(T) -> [bool; 3]) {
    tensor::dispatch(
        #[inline(always)]
        move || {
            for row in rows.chunks_exact(words.len()) {
                for (word, &x) in words.iter_mut().zip(row) {
                    let [first, second, third] = ask(x);
                    let answers =
                        u32::from(first) | u32::from(second) << BITS | u32::from(third) << (2 * BITS);
                    // Checked, it would keep the loop scalar.
                    *word = word.wrapping_add(answers);
                }
            }
        },
    );
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
