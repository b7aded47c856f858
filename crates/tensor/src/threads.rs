//! The threads of rayon's pool with the feature `rayon`, and the caller's thread without it.

/// The number of threads.
pub(crate) fn count() -> usize {
    #[cfg(feature = "rayon")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}

/// Runs both functions, in parallel if there are several threads.
pub(crate) fn join(one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    #[cfg(feature = "rayon")]
    rayon::join(one, other);
    #[cfg(not(feature = "rayon"))]
    {
        one();
        other();
    }
}
