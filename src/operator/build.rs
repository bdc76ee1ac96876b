//! From an operator's plan to the operator.

use super::Operator;
use super::expire::Expire;
use crate::error::JobError;
use crate::plan::OperatorPlan;
use crate::types::DataType;

/// The operator of `plan` over rows of `input`. `owner` says whether state without a key is this worker's.
///
/// # Errors
/// `JobError::Limit` when the plan asks for more than the operator can hold.
pub fn build(
    plan: &OperatorPlan,
    input: &[DataType],
    hash_seed: u64,
    owner: bool,
) -> Result<Box<dyn Operator>, JobError> {
    Ok(match plan {
        OperatorPlan::Filter { predicate } => {
            Box::new(super::filter::Filter::new(predicate, input))
        }
        OperatorPlan::Late(plan) => Box::new(super::late::Late::new(plan, input)),
        OperatorPlan::Project { exprs } => Box::new(super::project::Project::new(exprs)),
        OperatorPlan::Aggregate(plan) => {
            if let Some(ttl) = &plan.ttl {
                let expire = Expire::aggregate(plan, ttl, input, hash_seed, owner)?;
                return Ok(Box::new(expire));
            }
            let mut aggregate = super::aggregate::Aggregate::new(plan, input, hash_seed);
            aggregate.set_owner(owner);
            Box::new(aggregate)
        }
        OperatorPlan::LateForSessions(plan) => Box::new(
            super::aggregate::session::late::LateForSessions::new(plan, input, hash_seed),
        ),
        OperatorPlan::Over(plan) => match &plan.ttl {
            Some(ttl) => Box::new(Expire::over(plan, ttl, hash_seed)?),
            None => Box::new(super::over::Over::new(plan, hash_seed)?),
        },
        OperatorPlan::Sort(plan) if plan.at_end => Box::new(super::sort::Sort::new(plan)),
        OperatorPlan::Sort(plan) => Box::new(super::window_sort::WindowSort::new(plan)),
        OperatorPlan::Ranked(plan) => Box::new(super::over::ranked::Ranked::new(plan, hash_seed)?),
        OperatorPlan::Coalesce(plan) => Box::new(super::coalesce::Coalesce::new(plan, hash_seed)),
        OperatorPlan::Fill(plan) => Box::new(super::fill::Fill::new(plan, hash_seed)),
        OperatorPlan::TimeSort(plan) => {
            Box::new(super::over::time_sort::TimeSort::new(plan, hash_seed))
        }
        OperatorPlan::Lead(plan) => Box::new(super::over::lead::Lead::new(plan, hash_seed)),
        OperatorPlan::Unnest(plan) => Box::new(super::unnest::Unnest::new(plan, input)),
        OperatorPlan::LateColumns(plan) => {
            Box::new(super::late_columns::LateColumns::new(plan, input))
        }
    })
}
