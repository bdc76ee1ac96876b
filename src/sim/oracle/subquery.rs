//! Subqueries: each answered like any other job, its rows in their order.

use super::run;
use crate::error::JobError;
use crate::plan::Job;
use crate::subquery;

/// The bytes of `[source][file]`.
type Inputs = Vec<Vec<Vec<u8>>>;

/// `job` with the answers of its subqueries over what `inputs` gives for each.
///
/// # Errors
/// When a subquery needs what the oracle leaves out, or gives more rows than it may.
pub fn resolve(
    job: &Job,
    inputs: &dyn Fn(&Job) -> Result<Inputs, String>,
) -> Result<Job, JobError> {
    subquery::resolve(job.clone(), &mut |part| {
        let answers = inputs(&part).and_then(|inputs| run(&part, &inputs));
        let answers = answers.map_err(crate::sim::subquery::unreadable)?;
        let mut rows: Vec<_> = answers.into_iter().flat_map(|it| it.rows).collect();
        rows.sort_by_key(|row| row.0);
        Ok(rows.into_iter().map(|row| row.2).collect())
    })
}
