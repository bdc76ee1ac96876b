//! Subqueries run in the simulator, before the job that they stand in.

use super::{SimOptions, SimSource, run};
use crate::error::JobError;
use crate::format::encode::rows::decode;
use crate::plan::Job;
use crate::subquery;

/// `job` with the results of its subqueries, which are run as `options` say over what `inputs` gives for each.
///
/// # Errors
/// What a subquery fails with, or why its input cannot be read.
pub fn resolve(
    job: &Job,
    inputs: &dyn Fn(&Job) -> Result<Vec<SimSource>, String>,
    options: &SimOptions,
) -> Result<Job, JobError> {
    subquery::resolve(job.clone(), &mut |part| {
        let sources = inputs(&part).map_err(unreadable)?;
        let outcome = run(&part, &sources, options)?;
        Ok(decode(&outcome.sinks[0], part.sinks[0].schema.fields.len()))
    })
}

/// The error for input that is not there.
pub(super) fn unreadable(cause: String) -> JobError {
    JobError::Io {
        what: "reading the tables of a subquery".to_owned(),
        cause,
        hint: None,
    }
}
