//! Densities: histograms as outlines.

/// A named histogram, drawn as an outline: one of several in a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    pub(super) name: String,
    pub(super) edges: Vec<f64>,
    pub(super) counts: Vec<u64>,
}

/// Panics unless the edges are those of the bins.
#[track_caller]
pub(super) fn check(edges: &[f64], counts: &[u64]) {
    let (have, bins) = (edges.len(), counts.len());
    assert!(have == bins + 1, "{bins} bins need {} edges, not {have}", bins + 1);
    assert!(edges.iter().all(|edge| edge.is_finite()), "an edge of a histogram is not finite");
    assert!(edges.is_sorted(), "the edges of a histogram do not ascend");
}

impl Density {
    /// Counts over the bins between neighbouring `edges`, called `name`; every density may have its own bins.
    ///
    /// # Panics
    /// When there is not one edge more than counts, or the edges are not finite and ascending.
    #[track_caller]
    pub fn new(name: impl Into<String>, edges: Vec<f64>, counts: Vec<u64>) -> Self {
        check(&edges, &counts);
        Density { name: name.into(), edges, counts }
    }

    /// What was counted in all.
    pub(super) fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, &count| total.saturating_add(count))
    }

    /// The height over each bin: its count, or the share of all counts in it per unit of x.
    ///
    /// Over a bin without width, a density is infinite.
    pub(super) fn heights(&self, counts: bool) -> Vec<f64> {
        let total = self.total() as f64;
        let height = |(ends, &count): (&[f64], &u64)| match (count, counts) {
            (0, _) => 0.0,
            (count, true) => count as f64,
            (count, false) => count as f64 / total / (ends[1] - ends[0]),
        };
        self.edges.windows(2).zip(&self.counts).map(height).collect()
    }

    /// The outline through the given heights, from the first edge at 0 to the last at 0: straight between the middles
    /// of bins, or in steps.
    pub(super) fn outline(&self, heights: &[f64], steps: bool) -> Vec<(f64, f64)> {
        let (Some(&first), Some(&last)) = (self.edges.first(), self.edges.last()) else { return Vec::new() };
        let over = |(ends, &height): (&[f64], &f64)| {
            // Halves, because the sum of two doubles may overflow.
            let middle = ends[0] / 2.0 + ends[1] / 2.0;
            let xs = if steps { vec![ends[0], ends[1]] } else { vec![middle] };
            xs.into_iter().map(move |x| (x, height))
        };
        let inner = self.edges.windows(2).zip(heights).flat_map(over);
        std::iter::once((first, 0.0)).chain(inner).chain([(last, 0.0)]).collect()
    }
}
