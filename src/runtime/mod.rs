//! Placement, pinning, drivers, shutdown: the only executor code.
//!
//! [`run`] checks the host, places the roles and hands over to the core driver; `placement` and the checks of
//! `host` are pure functions of what was read from the system, so that tests give them any machine.

mod checkpoint;
mod core;
mod driver;
mod edges;
mod gaps;
pub mod host;
pub mod placement;
pub mod progress;
mod report;
pub mod signals;

pub use edges::RunClock;
pub use gaps::{GAP_NS_MIN, Gap, GapKind, Gaps};

use crate::egress::HandOverLog;
use crate::error::JobError;
use crate::format::encode::rows::decode;
use crate::metrics::report::RunReport;
use crate::plan::Job;
use crate::subquery;
use crate::time::{ClockNs, Schedule};
use checkpoint::Checkpoints;
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

/// How a job is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The clock that the run reads.
    pub clock: RunClock,
    /// When record 0 is intended, on that clock.
    pub start_ns: ClockNs,
    /// Records a second.
    pub rate: u64,
    /// Result rows there is room for.
    pub rows: usize,
}

impl Measure {
    /// When each record is intended.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            start_ns: self.start_ns,
            rate: self.rate,
        }
    }
}

/// What a measured run found.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// When the records were intended.
    pub schedule: Option<Schedule>,
    /// When each result row left, and why.
    pub hand_overs: HandOverLog,
    /// What each core's loop did not have, by CPU.
    pub gaps: Vec<(u16, Gaps)>,
}

/// Runs `job` to its end, or until it is interrupted or its output is closed.
///
/// # Errors
/// `JobError`: the host does not allow the run, input or output failed, or a record or limit ended it.
pub fn run(job: Job, options: RunOptions) -> Result<RunReport, JobError> {
    let (job, subqueries) = run_subqueries(job, &options)?;
    let placement = prepare(&job)?;
    let checkpoints = open_checkpoints(&job)?;
    let ran = driver::run(job, placement, options, None, checkpoints)?;
    Ok(RunReport {
        subqueries,
        ..ran.report
    })
}

/// Runs `job`, which has one source whose records are intended at the times of a schedule, and measures when
/// each of its result rows leaves.
///
/// # Errors
/// As [`run`].
pub fn run_measured(
    job: Job,
    options: RunOptions,
    measure: Measure,
) -> Result<(RunReport, Measured), JobError> {
    assert_eq!(
        job.sources.len(),
        1,
        "a schedule numbers the records of one source"
    );
    let (job, _) = run_subqueries(job, &options)?;
    let placement = prepare(&job)?;
    let ran = driver::run(job, placement, options, Some(measure), None)?;
    Ok((ran.report, ran.measured))
}

/// Runs what has to be known before the job starts; the job with it, and a report of each run.
fn run_subqueries(job: Job, options: &RunOptions) -> Result<(Job, Vec<RunReport>), JobError> {
    crate::sink::refuse_overwriting(&job)?;
    let mut reports = Vec::new();
    let job = subquery::resolve(job, &mut |part| {
        let columns = part.sinks[0].schema.fields.len();
        let placement = prepare(&part)?;
        let ran = driver::run(part, placement, options.clone(), None, None)?;
        let is_whole = ran.report.is_complete();
        reports.push(ran.report);
        match is_whole {
            true => Ok(decode(&ran.kept, columns)),
            false => Err(JobError::Limit(
                "it was interrupted while a subquery ran: there is no result".to_owned(),
            )),
        }
    })?;
    Ok((job, reports))
}

/// The checkpoints of `job`, if it takes any; says on stderr where it goes on.
fn open_checkpoints(job: &Job) -> Result<Option<Checkpoints>, JobError> {
    let Some(dir) = &job.settings.checkpoint_dir else {
        return Ok(None);
    };
    let checkpoints = Checkpoints::open(job, dir, &mut |line| eprintln!("{line}"))?;
    if let Some(line) = checkpoints.greeting(job) {
        eprintln!("{line}");
    }
    Ok(Some(checkpoints))
}

fn prepare(job: &Job) -> Result<Placement, JobError> {
    let placement = Placement::new(&HostCpus::read()?, &job.settings)?;
    host::check(placement.cores().len())?;
    Ok(placement)
}
