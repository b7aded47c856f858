//! Counts over given edges, and last what is in no bin.

use tensor::Real;

use crate::extent::Extent;
use crate::octaves::Octaves;
use crate::pieces;
use crate::quantiles::FEW;
use crate::ruler::Ruler;

/// Over equal bins of the values' own precision, the last one closed: edges `i·step + lo` and last `hi`, as
/// [`linear`](crate::binning::linear) rounds them.
pub(crate) fn equal<T: Real>(values: &[T], edges: &[f64]) -> Vec<u64> {
    let Some(ruler) = Ruler::<T>::of(edges, edges[edges.len() - 1]) else {
        return any(values, &Extent::of(values, f64::INFINITY), edges);
    };
    ruler.count(
        values,
        #[inline(always)]
        |x| x,
    )
}

/// Over any ascending edges, the last bin closed; what is outside the extent is in none.
pub(crate) fn any<T: Real>(values: &[T], extent: &Extent, edges: &[f64]) -> Vec<u64> {
    if values.len() <= FEW {
        return searched(values, extent, edges);
    }
    if let Some(ruler) = Ruler::<f64>::of(edges, edges[edges.len() - 1].min(extent.max)) {
        return ruler.count(
            values,
            #[inline(always)]
            |x: T| x.to_f64(),
        );
    }
    let counted = pieces::count(values, Octaves::of(extent), edges);
    counted.map_or_else(|| searched(values, extent, edges), |(_, counts)| counts)
}

pub(crate) fn searched<T: Real>(values: &[T], extent: &Extent, edges: &[f64]) -> Vec<u64> {
    let last = edges.len() - 1;
    let (lo, hi) = (edges[0].max(extent.min), edges[last].min(extent.max));
    let mut counts = vec![0; last + 1];
    for x in values {
        let x = x.to_f64();
        let inside = x >= lo && x <= hi;
        counts[if inside { edges[1..last].partition_point(|&edge| edge <= x) } else { last }] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn even_bins_are_found_as_by_a_search(
            lo in -1e3..1e3_f32, width in prop_oneof![1e-6..1e-3_f32, 1e-3..1e3_f32], bins in 1..300_usize,
            places in prop::collection::vec(-0.1..1.1_f32, 100),
        ) {
            let edges = crate::binning::linear(lo, lo + width, bins);
            prop_assume!(crate::binning::ascending(&edges));
            let neighbours = edges.iter().flat_map(|edge| [edge.next_down(), *edge, edge.next_up()]);
            let values: Vec<f32> = places.iter().map(|place| lo + width * place).chain(neighbours).collect();
            let exact: Vec<f64> = edges.iter().map(|&edge| edge.into()).collect();
            let extent = Extent::of(&values, f64::INFINITY);
            prop_assert_eq!(equal(&values, &exact), searched(&values, &extent, &exact));
        }
    }
}
