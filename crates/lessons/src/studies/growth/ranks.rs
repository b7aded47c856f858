//! Rank correlations of two numbers over the runs of a study, with intervals.

use torch_rng::Generator;

/// Pairs of numbers in cells: the runs of one gain and one learning rate differ by their seeds alone.
pub(in crate::studies) struct RankPairs {
    /// The stratum of each cell, and its pairs.
    pub(in crate::studies) cells: Vec<(usize, Vec<(f64, f64)>)>,
}

/// A correlation, and the bounds of 95% of what resampled runs show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::studies) struct RankCorrelation {
    pub(in crate::studies) value: f64,
    pub(in crate::studies) low: f64,
    pub(in crate::studies) high: f64,
}

/// Resamples of the runs.
pub(in crate::studies) const RESAMPLES: usize = 400;

impl RankPairs {
    /// Spearman's correlation over all runs. The runs of each cell are resampled.
    pub(in crate::studies) fn over_all(&self) -> RankCorrelation {
        self.resampled(Self::seeds, |pairs| spearman(&pairs.joined(|_| true)))
    }

    /// The mean over strata of the correlation in each. The runs of each cell are resampled.
    pub(in crate::studies) fn within_strata(&self) -> RankCorrelation {
        let strata = self.cells.iter().map(|(stratum, _)| stratum + 1).max().unwrap_or(0);
        let within =
            |pairs: &Self| mean((0..strata).map(|at| spearman(&pairs.joined(|stratum| stratum == at))));
        self.resampled(Self::seeds, within)
    }

    /// The mean over cells of the correlation in each. The cells are resampled.
    pub(in crate::studies) fn within_cells(&self) -> RankCorrelation {
        self.resampled(Self::drawn_cells, |pairs| mean(pairs.cells.iter().map(|(_, pairs)| spearman(pairs))))
    }

    fn joined(&self, of: impl Fn(usize) -> bool) -> Vec<(f64, f64)> {
        self.cells
            .iter()
            .filter(|(stratum, _)| of(*stratum))
            .flat_map(|(_, pairs)| pairs.iter().copied())
            .collect()
    }

    fn resampled(
        &self,
        draw: fn(&Self, &mut Generator) -> Self,
        of: impl Fn(&Self) -> f64,
    ) -> RankCorrelation {
        let source = &mut Generator::manual_seed(0);
        let mut all: Vec<f64> = (0..RESAMPLES).map(|_| of(&draw(self, source))).collect();
        all.sort_by(f64::total_cmp);
        RankCorrelation {
            value: of(self),
            low: all[RESAMPLES / 40],
            high: all[RESAMPLES - 1 - RESAMPLES / 40],
        }
    }

    /// As many runs of each cell, drawn with replacement.
    fn seeds(&self, source: &mut Generator) -> Self {
        let cell = |(stratum, pairs): &(usize, Vec<_>)| (*stratum, picked(pairs, source));
        Self { cells: self.cells.iter().map(cell).collect() }
    }

    /// As many cells, drawn with replacement.
    fn drawn_cells(&self, source: &mut Generator) -> Self {
        Self { cells: picked(&self.cells, source) }
    }
}

/// As many items, drawn with replacement.
fn picked<V: Clone>(items: &[V], source: &mut Generator) -> Vec<V> {
    let mut places = vec![0_i64; items.len()];
    source.randint(0, items.len() as i64, &mut places);
    places.into_iter().map(|at| items[at as usize].clone()).collect()
}

/// Spearman's rank correlation: Pearson's of the ranks, where equal values share their mean rank. 0 if one side is constant.
pub(in crate::studies) fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (x, y) = (ranks(&x), ranks(&y));
    let middle = (pairs.len() as f64 - 1.0) / 2.0;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let scale = (dot(&x, &x) * dot(&y, &y)).sqrt();
    if scale > 0.0 { dot(&x, &y) / scale } else { 0.0 }
}

/// Ranks from 0.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let first = order.partition_point(|&at| values[at].total_cmp(&values[equal[0]]).is_lt());
        equal.iter().for_each(|&at| ranks[at] = first as f64 + (equal.len() as f64 - 1.0) / 2.0);
    }
    ranks
}

pub(in crate::studies) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use torch_rng::Source;

    /// `scipy.stats.spearmanr` of these, ties included.
    #[test]
    fn correlations_are_scipys() {
        let pairs = |x: &[f64], y: &[f64]| x.iter().copied().zip(y.iter().copied()).collect::<Vec<_>>();
        let ties = pairs(&[1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 9.0], &[2.0, 1.0, 4.0, 4.0, 3.0, 8.0, 7.0]);
        assert!((spearman(&ties) - SCIPY_TIES).abs() < 1e-12, "{}", spearman(&ties));
        assert_eq!(spearman(&pairs(&[1.0, 2.0, 30.0], &[5.0, 6.0, 7.0])), 1.0);
        assert_eq!(spearman(&pairs(&[1.0, 2.0, 30.0], &[9.0, 6.0, -7.0])), -1.0);
        assert_eq!(spearman(&pairs(&[1.0, 1.0, 1.0], &[9.0, 6.0, -7.0])), 0.0);
    }
    const SCIPY_TIES: f64 = 0.688_102_353_203_975_5;

    /// A cell number that grows along both axes correlates over all runs, and says nothing within a cell.
    #[test]
    fn strata_and_cells_are_told_apart() {
        let cell = |at: usize| {
            let mut noise = vec![0.0; 40];
            Generator::manual_seed(at as u64).normal(0.0, 1.0, &mut noise);
            let pairs = noise.chunks(2).map(|n| (10.0 * at as f64 + n[0], 10.0 * at as f64 + n[1]));
            (at, pairs.collect())
        };
        let pairs = RankPairs { cells: (0..12).map(cell).collect() };
        assert!(pairs.over_all().value > 0.95);
        let within = pairs.within_cells();
        assert!(within.low < 0.0 && within.high > 0.0 && within.high < 0.3, "{within:?}");
        assert_eq!(pairs.within_strata().value, within.value, "every stratum is one cell");
        // One that orders the runs of every cell is found, and its interval is narrow.
        let line = |at: usize| (0, (0..5).map(|i| (f64::from(i), at as f64 + f64::from(i))).collect());
        let lines = RankPairs { cells: (0..12).map(line).collect() };
        assert_eq!(lines.within_cells(), RankCorrelation { value: 1.0, low: 1.0, high: 1.0 });
    }
}
