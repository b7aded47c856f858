//! Progress on a terminal, for work that takes longer than a second.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar or spinner on stderr that appears after a second and goes away when dropped; it is not drawn if stderr is not
/// a terminal.
pub struct Progress {
    bar: ProgressBar,
    watch: Option<(Sender<()>, JoinHandle<()>)>,
}

const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

impl Progress {
    /// A bar of `steps` steps.
    pub fn bar(what: &'static str, steps: usize) -> Self {
        Self::new(
            ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden()),
            what,
            "{msg} {bar:40} {pos}/{len}, {eta} left",
        )
    }

    /// A spinner, for work without a known number of steps.
    pub fn spinner(what: &'static str) -> Self {
        Self::new(
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            what,
            "{spinner} {msg}, {elapsed}",
        )
    }

    fn new(bar: ProgressBar, what: &'static str, template: &str) -> Self {
        let style = ProgressStyle::with_template(template).expect("templates are fixed");
        let bar = bar.with_style(style).with_message(what);
        let (done, wait) = mpsc::channel();
        let watched = bar.clone();
        let watcher = thread::spawn(move || {
            if wait.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                watched.set_draw_target(ProgressDrawTarget::stderr());
                watched.enable_steady_tick(TICK);
            }
        });
        Self { bar, watch: Some((done, watcher)) }
    }

    /// Starts at `steps`: they were done before.
    pub fn skip(&self, steps: u64) {
        self.bar.set_position(steps);
        self.bar.reset_eta();
    }

    /// Shows that `steps` steps are done.
    pub fn at(&self, steps: u64) {
        self.bar.set_position(steps);
    }

    /// Shows a message.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// Counts one more step.
    pub fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, watcher)) = self.watch.take() {
            // The watcher may have left already; it cannot panic.
            let _ = done.send(());
            let _ = watcher.join();
        }
        self.bar.finish_and_clear();
    }
}
