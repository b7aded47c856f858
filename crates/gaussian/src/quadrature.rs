//! Expectations whose nodes are computed once.

use crate::panels::{depth, visit};

/// Nodes and weights for expectations of many functions that have the same breaks.
///
/// [`expectation`](crate::expectation) computes its nodes at every call, an exponential for each. Here they are kept, and
/// functions that change on a scale no smaller than `finest` need far fewer: about 900 for `tanh z` where a function of
/// any steepness takes 2,800.
///
/// ```
/// use gaussian::Quadrature;
///
/// let smooth = Quadrature::new(&[], 0.5);
/// let [mean, second] = smooth.means(|z| [z.cos(), z * z]);
/// assert!((mean - (-0.5_f64).exp()).abs() < 1e-14 && (second - 1.0).abs() < 1e-14);
/// assert!(smooth.nodes() < Quadrature::new(&[], 0.0).nodes() / 3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Quadrature {
    /// Each node with its weight.
    nodes: Vec<(f64, f64)>,
    /// The sum of the weights. Sums are divided by it at the end, so that the expectation of a constant is exact.
    total: f64,
}

impl Quadrature {
    /// The nodes for functions with these `breaks`, the points at which they or their slopes jump, that change on no
    /// scale smaller than `finest` elsewhere; with `finest` 0, the nodes of [`expectation`](crate::expectation).
    ///
    /// A function changes on the scale s if its singularities in the complex plane are 3s or more from every break and
    /// from 0: those of `tanh z` are π/2 from 0, so its scale is ½.
    ///
    /// # Panics
    /// If a break is NaN.
    #[track_caller]
    pub fn new(breaks: &[f64], finest: f64) -> Self {
        Self::within(f64::NEG_INFINITY, f64::INFINITY, breaks, finest)
    }

    /// The nodes of [`new`](Self::new) for `E[f(z) | lo ≤ z ≤ hi]`, as in
    /// [`expectation_within`](crate::expectation_within).
    ///
    /// # Panics
    /// If a break is NaN, or the bounds are out of order or NaN.
    #[track_caller]
    pub fn within(lo: f64, hi: f64, breaks: &[f64], finest: f64) -> Self {
        let mut nodes = Vec::new();
        let mut points = breaks.iter().copied().chain([0.0]);
        visit((lo, hi), &mut points, depth(finest), &mut |z, weight| nodes.push((z, weight)));
        let total = nodes.iter().fold(0.0, |total, (_, weight)| total + weight);
        Self { nodes, total }
    }

    /// The number of evaluations that an expectation takes.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The expectations of several functions of one `z ~ N(0, 1)`, which are evaluated together.
    pub fn means<const N: usize>(&self, f: impl Fn(f64) -> [f64; N]) -> [f64; N] {
        let mut sums = [0.0; N];
        for &(z, weight) in &self.nodes {
            for (sum, value) in sums.iter_mut().zip(f(z)) {
                *sum += weight * value;
            }
        }
        sums.map(|sum| sum / self.total)
    }
}
