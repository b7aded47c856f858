//! Joint bins: log buckets and the bins of a histogram, counted together.
//!
//! The edges of a histogram cut the log buckets of a sketch into pieces. Counting the pieces once gives the counts of
//! both. A value's piece follows from its bucket: where at most one edge falls into a bucket, one comparison with that
//! edge decides, so that bins of any width are found without a search.
//!
//! Measured on one core, in µs for 13,000 values (130 examples of 100 units) and for a million:
//!
//! | | 13,000 | 1,000,000 |
//! |---|---|---|
//! | histogram of a gradient (272 bins): binary search | 192 | 28,300 |
//! | histogram of a gradient: joint bins | 46 | 2,500 |
//! | moments, sketch and that histogram: counted apart | 70 | 3,900 |
//! | moments, sketch and that histogram: counted together | 56 | 3,100 |
//! | the same with 50 uniform bins: counted apart | 35 | 2,250 |
//! | the same with 50 uniform bins: counted together | 38 | 1,680 |

use tensor::Real;

use super::counting::{UniformBins, count_bins, outside_last};
use crate::stats::quantiles::LogBuckets;

/// The way in which a histogram's edges cut one log bucket.
///
/// The number of a value's piece is that of its bucket plus the number of edges at or below it. Both ascend, so no two
/// pieces have the same number.
#[derive(Clone, Copy)]
struct BucketCut<T> {
    /// The smallest number in this bucket that is not below the edge; NaN if no edge falls into the bucket.
    edge: T,
    /// The piece below the edge.
    piece: u32,
}

/// The counts of one pass over the values.
pub(crate) struct JointCounts {
    /// The number of values in each log bucket.
    pub(crate) buckets: Vec<u64>,
    /// The number of values in each bin between ascending edges, the last bin closed; and last of those in no bin.
    pub(crate) bins: Vec<u64>,
}

impl JointCounts {
    /// Counts values over both; `None` if two edges fall into one bucket.
    pub(crate) fn of<T: Real>(values: &[T], buckets: LogBuckets, edges: &[f64]) -> Option<Self> {
        let cuts = cuts::<T>(buckets, edges)?;
        let mut pieces = vec![0; cuts.len() + edges.len()];
        let index = buckets.index();
        if let Some(uniform) = UniformBins::<T>::of(edges, edges[edges.len() - 1]) {
            // Nothing is looked up: a million values take 1.0 ms instead of 1.3.
            count_bins(
                values,
                &mut pieces,
                #[inline(always)]
                move |x: T| index(x.to_f64()).wrapping_add(uniform.edges_passed(x)),
                |_, piece| piece,
            );
        } else {
            count_bins(
                values,
                &mut pieces,
                #[inline(always)]
                move |x: T| index(x.to_f64()),
                |x, bucket| {
                    let BucketCut { edge, piece } = cuts[bucket];
                    piece as usize + usize::from(x >= edge)
                },
            );
        }
        Some(Self::from_pieces(&cuts, &pieces, edges.len()))
    }

    /// The counts of pieces, summed per bucket and per bin.
    fn from_pieces<T>(cuts: &[BucketCut<T>], pieces: &[u64], edges: usize) -> Self {
        let mut buckets = vec![0; cuts.len()];
        let mut bins = vec![0; edges + 1];
        let mut end = pieces.len();
        for (bucket, cut) in cuts.iter().enumerate().rev() {
            for piece in cut.piece as usize..end {
                buckets[bucket] += pieces[piece];
                bins[piece - bucket] += pieces[piece];
            }
            end = cut.piece as usize;
        }
        Self { buckets, bins: outside_last(bins) }
    }
}

/// The cut of each bucket.
fn cuts<T: Real>(buckets: LogBuckets, edges: &[f64]) -> Option<Vec<BucketCut<T>>> {
    let (index, zero) = (buckets.index(), buckets.zero as usize);
    // The last bin is closed: values in no bin begin above its edge.
    let last = edges.iter().rev().take(1).map(|edge| edge.next_up());
    let edges: Vec<T> = edges[..edges.len() - 1].iter().copied().chain(last).map(smallest_from).collect();
    let mut cuts = Vec::with_capacity(buckets.len());
    let extend = |cuts: &mut Vec<BucketCut<T>>, end: usize, below: usize| {
        let uncut = |bucket| BucketCut { edge: T::of(f64::NAN), piece: (bucket + below) as u32 };
        cuts.extend((cuts.len()..end).map(uncut));
    };
    for (below, &edge) in edges.iter().enumerate() {
        let at = index(edge.to_f64()) as usize;
        extend(&mut cuts, at, below);
        // The buckets at the ends, and that of zero, may hold any number of edges: their values are on one side of each.
        if ![0, zero, 2 * zero].contains(&at) {
            if cuts.len() > at {
                return None;
            }
            cuts.push(BucketCut { edge, piece: (at + below) as u32 });
        }
    }
    extend(&mut cuts, buckets.len(), edges.len());
    cuts[0].piece = 0;
    cuts[zero] = cut_of_zero(zero, &edges)?;
    Some(cuts)
}

/// The cut of the bucket of zeros, which also holds subnormal doubles.
fn cut_of_zero<T: Real>(zero: usize, edges: &[T]) -> Option<BucketCut<T>> {
    let below = edges.partition_point(|edge| edge.to_f64() <= -f64::MIN_POSITIVE);
    let end = edges.partition_point(|edge| edge.to_f64() < f64::MIN_POSITIVE);
    let edge = match edges[below..end] {
        [] => T::of(f64::NAN),
        [edge] => edge,
        _ => return None,
    };
    Some(BucketCut { edge, piece: (zero + below) as u32 })
}

/// The smallest number that is not below `edge`.
fn smallest_from<T: Real>(edge: f64) -> T {
    let nearest = T::of(edge);
    if nearest.to_f64() < edge { nearest.next_up() } else { nearest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::Quantiles;
    use crate::stats::histogram::binning::{linear, symlog};
    use crate::stats::histogram::count_by_search;
    use crate::stats::moments::ValueRange;

    fn number() -> impl Strategy<Value = f64> {
        let special =
            prop::sample::select(vec![0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, 1e308]);
        prop_oneof![-1e3..1e3_f64, -1e-9..1e-9_f64, special, prop::num::f64::ANY]
    }

    /// True if sorting and searching give the same counts; `None` if the edges cannot be counted jointly.
    fn agrees<T: Real>(values: &[T], edges: &[f64]) -> Option<bool> {
        let range = ValueRange::of(values, f64::INFINITY);
        let buckets = LogBuckets::of(&range);
        let joint = JointCounts::of(values, buckets, edges)?;
        let sketch = Quantiles::from_counts(buckets, &joint.buckets, &range);
        let sorted = Quantiles::sorted(values, &range);
        Some(sketch == sorted && joint.bins == count_by_search(values, &range, edges))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn joint_counts_are_those_of_a_sort_and_a_search(
            edges in prop::collection::vec(number(), 2..40),
            values in prop::collection::vec(number(), 100),
        ) {
            let mut edges: Vec<f64> = edges.into_iter().filter(|edge| edge.is_finite()).collect();
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            prop_assume!(edges.len() > 1);
            let neighbours = edges.iter().flat_map(|edge| [edge.next_down(), *edge, edge.next_up()]);
            let values: Vec<f64> = values.into_iter().chain(neighbours).collect();
            let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            prop_assert_ne!(agrees(&values, &edges), Some(false));
            prop_assert_ne!(agrees(&single, &edges), Some(false));
        }

        #[test]
        fn uniform_bins_can_be_counted_jointly(
            values in prop::collection::vec(-1.0..1.0_f32, 1..300), lo in -0.9..0.0_f32, bins in 1..60_usize,
        ) {
            let edges = linear(lo, 0.9, bins);
            let neighbours = edges.iter().flat_map(|edge| [edge.next_down(), *edge, edge.next_up()]);
            let values: Vec<f32> = values.into_iter().chain(neighbours).chain([f32::NAN, -f32::INFINITY]).collect();
            let doubles: Vec<f64> = values.iter().map(|&x| x.into()).collect();
            let edges: Vec<f64> = edges.into_iter().map(f64::from).collect();
            prop_assert_eq!(agrees(&values, &edges), Some(true));
            prop_assert_eq!(agrees(&doubles, &edges), Some(true));
        }

        #[test]
        fn the_bins_of_a_gradient_can_be_counted_jointly(values in prop::collection::vec(-1e-3..1e-3_f64, 1..300)) {
            let edges = symlog(1e-12, 16, 8);
            prop_assert_eq!(agrees(&values, &edges), Some(true));
            let single: Vec<f32> = values.iter().map(|&x| x as f32).collect();
            prop_assert_eq!(agrees(&single, &edges), Some(true));
        }
    }

    #[test]
    fn two_edges_in_one_bucket_are_too_many() {
        assert_eq!(agrees(&[1.0, 1.01, 2.0, f64::NAN], &[1.0, 1.001, 1.5]), None);
        assert_eq!(agrees(&[1.0, 1.01, 2.0, f64::NAN], &[1.0, 1.01, 1.5]), Some(true));
    }
}
