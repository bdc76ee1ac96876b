//! SIGINT and SIGTERM: the first asks the job to stop, the second ends the process at once.

use crate::error::JobError;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of an interrupted run: 128 + SIGINT, as shells have it.
pub const EXIT_INTERRUPTED: u8 = 130;

/// The wish that a job stops. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    requested: Arc<AtomicBool>,
}

impl Interrupt {
    /// One that signals of this process raise.
    ///
    /// # Errors
    /// `JobError::Host` when handlers cannot be installed.
    pub fn on_signals() -> Result<Self, JobError> {
        let interrupt = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // Handlers run in the order they are registered: the first signal finds the flag down and raises
            // it, the second finds it up and exits.
            signal_hook::flag::register_conditional_shutdown(
                signal,
                i32::from(EXIT_INTERRUPTED),
                Arc::clone(&interrupt.requested),
            )
            .and_then(|_| signal_hook::flag::register(signal, Arc::clone(&interrupt.requested)))
            .map_err(|error| JobError::Host {
                what: format!("the handler of signal {signal} cannot be installed: {error}"),
                hint: "run velo-tpc outside the sandbox that forbids sigaction".to_owned(),
            })?;
        }
        Ok(interrupt)
    }

    /// Whether the job is to stop.
    pub fn is_requested(&self) -> bool {
        // Relaxed: nothing else is read on the strength of it; a poll later is soon enough.
        self.requested.load(Ordering::Relaxed)
    }

    /// Takes the wish back, before the next job of the same process.
    pub fn reset(&self) {
        // Relaxed: see `is_requested`.
        self.requested.store(false, Ordering::Relaxed);
    }

    /// Asks the job to stop, as a signal would.
    pub fn request(&self) {
        // Relaxed: see `is_requested`.
        self.requested.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_wish() {
        let interrupt = Interrupt::default();
        let other = interrupt.clone();
        assert!(!other.is_requested());
        interrupt.request();
        assert!(other.is_requested());
        other.reset();
        assert!(!interrupt.is_requested());
    }
}
