//! A function of many items, on all cores if the feature `rayon` is on.

/// The function's value for each item, in their order.
#[cfg(feature = "rayon")]
pub(crate) fn map<I: Sync, O: Send>(items: &[I], function: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    use rayon::prelude::*;
    items.par_iter().map(function).collect()
}

/// The function's value for each item, in their order.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map<I: Sync, O: Send>(items: &[I], function: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    items.iter().map(function).collect()
}
