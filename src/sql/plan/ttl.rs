//! `state.ttl`: which operators forget keys that no row touches any more, and what is refused under it.
//!
//! GROUP BY and SELECT DISTINCT without a window and OVER hold a state for each key as long as the job runs: they
//! forget; and so does FILL, which goes by the ends of windows. What windows hold ends with them, and what waits for a
//! tick, a closing window or the watermark leaves by itself. The others would lose rows that have not left yet, or hold
//! everything until the input ends: they are refused.

use super::flow::Flow;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{AggregatePlan, Emission, Expr, OperatorPlan, StagePlan, TtlPlan, WindowPlan};

impl Planner<'_> {
    /// When the state of `what` is forgotten, if the setting asks for it.
    pub(super) fn ttl(
        &self,
        flow: &Flow,
        what: &str,
        span: Span,
    ) -> Result<Option<Box<TtlPlan>>, SqlError> {
        let Some(ttl_ns) = self.settings.job.state_ttl_ns else {
            return Ok(None);
        };
        let hint = "declare WATERMARK FOR ts AS ts - INTERVAL '1' SECOND, or SET 'state.ttl' = '0s' before the query";
        match &flow.time {
            None => {
                let message =
                    format!("'state.ttl' forgets by event time, and the rows of {what} have none");
                Err(plan_error(span, message).with_hint(hint))
            }
            Some(_) if flow.rests => {
                let message = format!(
                    "'state.ttl' forgets as the watermark rises, and that of {} rises at the end of its input only",
                    flow.table
                );
                Err(plan_error(span, message).with_hint(hint))
            }
            Some(time) => Ok(Some(Box::new(TtlPlan {
                time: time.clone(),
                ttl_ns,
            }))),
        }
    }

    /// The same of an aggregate: a window ends by itself.
    pub(super) fn ttl_of_aggregate(
        &self,
        flow: &Flow,
        (keys, windowed): (&[Expr], bool),
        emission: Emission,
        span: Span,
    ) -> Result<Option<Box<TtlPlan>>, SqlError> {
        match (windowed, keys.is_empty()) {
            (true, _) => Ok(None),
            (false, true) => self.ttl_of_groups(flow, "an aggregate without keys", emission, span),
            (false, false) => self.ttl_of_groups(flow, "GROUP BY", emission, span),
        }
    }

    /// The same of groups without a window, which must not wait for the end of the input.
    pub(super) fn ttl_of_groups(
        &self,
        flow: &Flow,
        what: &str,
        emission: Emission,
        span: Span,
    ) -> Result<Option<Box<TtlPlan>>, SqlError> {
        if self.settings.job.state_ttl_ns.is_some() && emission != Emission::Changes {
            let message = format!(
                "'state.ttl' and results of {what} at the end of the input: what is forgotten before would have none"
            );
            return Err(plan_error(span, message).with_hint(
                "SET 'state.ttl' = '0s' before the query, or add EMIT CHANGES or a window",
            ));
        }
        self.ttl(flow, what, span)
    }

    /// Refuses operators that neither forget nor end what they hold by themselves.
    pub(super) fn check_ttl(&self, from: usize, span: Span) -> Result<(), SqlError> {
        if self.settings.job.state_ttl_ns.is_none() {
            return Ok(());
        }
        let stages = self.drafts.statements[from..].iter();
        let stages = stages.flat_map(|draft| &draft.stages);
        let mut operators = stages.flat_map(|stage: &StagePlan| &stage.operators);
        let Some(refused) = operators.find_map(refused) else {
            return Ok(());
        };
        Err(unbuilt(span, format!("'state.ttl' with {refused}"))
            .with_hint("SET 'state.ttl' = '0s' before the query: it then forgets nothing"))
    }
}

/// What an operator is called that does not go with TTL.
fn refused(operator: &OperatorPlan) -> Option<&'static str> {
    match operator {
        OperatorPlan::Aggregate(AggregatePlan {
            window: Some(WindowPlan::Bars(_)),
            ..
        }) => Some("bars (their rows wait for the one that ends them)"),
        OperatorPlan::Aggregate(AggregatePlan {
            window: None,
            ttl: None,
            ..
        }) => Some("groups that wait for the end of the input"),
        OperatorPlan::Over(plan) if plan.ttl.is_none() => Some("OVER of rows without event time"),
        OperatorPlan::Lead(_) => Some("LEAD (its rows wait for later ones)"),
        OperatorPlan::Ranked(plan) if plan.at_end => {
            Some("ranks and frames of whole partitions (they wait for the end of the input)")
        }
        OperatorPlan::Sort(plan) if plan.at_end => {
            Some("ORDER BY (its rows wait for the end of the input)")
        }
        OperatorPlan::TimeSort(plan) if plan.at_end => {
            Some("rows that are sorted by time at the end of the input")
        }
        _ => None,
    }
}
