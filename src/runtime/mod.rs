//! Placement, pinning, drivers, shutdown: the only executor code.
//!
//! [`run`] checks the host, places the roles and hands over to the core driver; `placement` and the checks of
//! `host` are pure functions of what was read from the system, so that tests give them any machine.

mod core;
mod driver;
mod edges;
pub mod host;
pub mod placement;
pub mod progress;
mod report;
pub mod signals;

use crate::error::JobError;
use crate::metrics::report::RunReport;
use crate::plan::Job;
use placement::{HostCpus, Placement};
use signals::Interrupt;

/// What a run is told beside its job.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Whether a progress line is shown on stderr.
    pub progress: bool,
    /// Asks the job to stop: reading ends, what was read is finished, the report says so.
    pub interrupt: Interrupt,
}

/// Runs `job` to its end, or until it is interrupted or its output is closed.
///
/// # Errors
/// `JobError`: the host does not allow the run, input or output failed, or a record or limit ended it.
pub fn run(job: Job, options: RunOptions) -> Result<RunReport, JobError> {
    crate::sink::refuse_overwriting(&job)?;
    let placement = Placement::new(&HostCpus::read()?, &job.settings)?;
    host::check(placement.cores().len())?;
    driver::run(job, placement, options)
}
