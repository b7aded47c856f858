//! A function of many items with room of its own for what it keeps, on all cores if the feature `rayon` is on.

/// The function's value for each item, in their order.
#[cfg(feature = "rayon")]
pub(crate) fn map<I: Sync, S, O: Send>(
    items: &[I],
    room: impl Fn() -> S + Sync + Send,
    function: impl Fn(&mut S, &I) -> O + Sync + Send,
) -> Vec<O> {
    use rayon::prelude::*;
    items.par_iter().map_init(room, function).collect()
}

/// The function's value for each item, in their order.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map<I, S, O>(items: &[I], room: impl Fn() -> S, function: impl Fn(&mut S, &I) -> O) -> Vec<O> {
    let mut room = room();
    items.iter().map(|item| function(&mut room, item)).collect()
}
