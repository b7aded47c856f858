//! The small sweeps that figures are drawn from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::ComputedSweep;

/// The small sweeps, each computed when it is first needed, and once: several artifacts and pages may show one.
#[derive(Clone, Default)]
pub struct SmallSweeps(Arc<Mutex<HashMap<&'static str, OnceSweep>>>);

type OnceSweep = Arc<OnceLock<Arc<ComputedSweep>>>;

impl SmallSweeps {
    /// The sweep of a plan's text.
    ///
    /// # Panics
    /// As [`ComputedSweep::of`].
    #[track_caller]
    pub fn get(&self, plan: &'static str) -> Arc<ComputedSweep> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let once = known.entry(plan).or_default().clone();
        // Other sweeps may be asked for meanwhile.
        drop(known);
        once.get_or_init(|| Arc::new(ComputedSweep::of(plan))).clone()
    }
}
