//! A run on a terminal: its progress, its loss, the time left; and Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cli::Progress;

use super::training::Training;

/// Steps between two looks at the loss.
const LOOK: u64 = 100;

/// The observer of a run, asked before each step.
pub(super) struct Watch {
    progress: Progress,
    stop: Option<Arc<AtomicBool>>,
}

impl Watch {
    /// Observes a run, which `stop` ends early.
    pub(super) fn of(training: &Training, stop: Option<Arc<AtomicBool>>) -> Self {
        let progress = Progress::bar("training", training.run.steps as usize);
        progress.skip(training.step());
        Self { progress, stop }
    }

    /// Shows that a step begins; returns `false` if the run is to stop.
    pub(super) fn step(&mut self, training: &Training) -> bool {
        if let Some(loss) = training.losses.last().filter(|_| training.step().is_multiple_of(LOOK)) {
            self.progress.say(&format!("{}, loss {loss:.4}", training.run.name));
            self.progress.at(training.step());
        }
        !self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}
