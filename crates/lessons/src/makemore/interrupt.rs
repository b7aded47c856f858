//! Ctrl-C as a flag.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cli::Failure;

/// The exit code of a process that Ctrl-C ended.
const ENDED: i32 = 130;

/// A flag that Ctrl-C sets; a second one ends the process at once.
pub fn flag() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(ENDED);
        }
    })
    .map_err(|error| Failure::new(format!("cannot listen to Ctrl-C: {error}")))?;
    Ok(flag)
}
