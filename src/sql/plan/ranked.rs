//! Ranks and frames that need the whole partition, with LAG and LEAD by the same orders, and top-N.

use super::flow::{Flow, Spread};
use super::frame::as_they_come;
use super::lead::gather_leads;
use super::over::{call_name, is_number};
use super::query::Context;
use super::sort::starts_follow_ends;
use super::{Planner, plan_error, unbuilt};
use crate::error::SqlError;
use crate::limits::FOLLOWING_ROWS_MAX;
use crate::plan::{CompareOp, Expr, OperatorPlan, OverFrame, OverFunction, RankedPlan, StagePlan};
use crate::sql::ast::{Emit, EmitMode};
use crate::sql::bind::OverDraft;
use crate::types::{Field, Value};

impl Planner<'_> {
    /// Which of the calls need whole partitions; refuses those whose partitions are never complete.
    pub(super) fn whole(
        &self,
        flow: &mut Flow,
        drafts: &mut [OverDraft],
        emit: Option<&Emit>,
    ) -> Result<Vec<bool>, SqlError> {
        let whole = drafts
            .iter()
            .map(|draft| needs_partition(flow, draft, emit));
        let mut whole: Vec<bool> = whole.collect();
        let by_order = whole.clone();
        let sorted = emit.is_some_and(|emit| emit.mode == EmitMode::Final);
        gather_leads(drafts, &mut whole, sorted, flow.led.is_some());
        for (at, draft) in drafts.iter().enumerate() {
            if !whole[at] {
                continue;
            }
            if !flow.bounded && !is_within_window(flow, draft) && !is_of_window(flow, draft) {
                super::sort::check_at_once(flow, draft.span)?;
                return Err(never_complete(flow, draft, by_order[at]));
            }
            if let Some(emit) = emit {
                if emit.mode == EmitMode::Changes {
                    return Err(unbuilt(
                        emit.span,
                        "EMIT CHANGES of ranks and frames that later rows change",
                    )
                    .with_hint("leave it out: they leave when the partition is complete"));
                }
                flow.state.emit_taken |= emit.mode == EmitMode::Final;
            }
        }
        Ok(whole)
    }

    /// Appends the operators of the calls that rank whole partitions.
    pub(super) fn ranks(
        &mut self,
        flow: &mut Flow,
        drafts: &[OverDraft],
        whole: &[bool],
        at: &mut [usize],
        context: &Context<'_>,
    ) -> Result<(), SqlError> {
        let mut open = whole.to_vec();
        while let Some(first) = open.iter().position(|open| *open) {
            let draft = &drafts[first];
            let stages = flow.stages.len();
            self.partition(flow, &draft.keys, draft.span)?;
            if is_within_window(flow, draft) {
                let exchanged = flow.stages.len() > stages;
                self.close_windows(flow, &draft.keys, exchanged, context.late)?;
            }
            let at_end = !is_of_window(flow, draft);
            let input = flow.physical.clone();
            let mut calls = Vec::new();
            for (index, other) in drafts.iter().enumerate() {
                if !open[index] || other.keys != draft.keys || other.order != draft.order {
                    continue;
                }
                open[index] = false;
                at[index] = input.fields.len() + calls.len();
                flow.physical.fields.push(Field {
                    name: call_name(&other.call.function).into(),
                    ty: other.call.ty,
                    nullable: !is_number(&other.call.function),
                });
                calls.push(other.call.clone());
            }
            flow.push(OperatorPlan::Ranked(RankedPlan {
                input,
                keys: draft.keys.clone(),
                single: flow.spread == Spread::Single,
                order: draft.order.clone(),
                calls,
                at_end,
                limit: None,
            }));
            flow.hashed = false;
            flow.state.sorted = false;
            if at_end {
                // All rows leave when time has ended: no window can hold them.
                (flow.time, flow.window, flow.led) = (None, None, None);
                flow.state.at_end = true;
            }
        }
        Ok(())
    }
}

/// Whether the call needs all rows of a partition, however many come behind the row.
fn needs_partition(flow: &Flow, draft: &OverDraft, emit: Option<&Emit>) -> bool {
    let by_time = match &draft.order[..] {
        [] => true,
        [key] => !key.descending && !key.nulls_first && flow.time.as_ref() == Some(&key.expr),
        _ => false,
    };
    let by_time = by_time && !draft.whole && !flow.takes_whole(draft, emit);
    let as_they_come = as_they_come(flow, draft, emit);
    match draft.call.function {
        OverFunction::RowNumber | OverFunction::Rank | OverFunction::DenseRank => !by_time,
        OverFunction::PercentRank | OverFunction::CumeDist | OverFunction::Ntile(_) => true,
        OverFunction::Lag { .. } => !as_they_come,
        // When the window has fired all its rows no more will come to wait for.
        OverFunction::Lead { .. } => !as_they_come || is_of_window(flow, draft),
        OverFunction::Aggregate(_)
        | OverFunction::Distinct(_)
        | OverFunction::Nth(_)
        | OverFunction::LastValue => matches!(draft.call.frame, OverFrame::Around(_)),
    }
}

/// The error for a partition that always grows.
fn never_complete(flow: &Flow, draft: &OverDraft, by_order: bool) -> SqlError {
    let name = call_name(&draft.call.function).to_ascii_uppercase();
    if !by_order {
        return plan_error(
            draft.span,
            "LEAD on top of LEAD, over other partitions than another, or beside ranks needs an input that ends",
        )
        .with_hint("give all LEADs of a SELECT the same PARTITION BY");
    }
    if matches!(draft.call.frame, OverFrame::Around(_)) && as_they_come(flow, draft, None) {
        let message = format!(
            "{name} over this frame needs the whole partition, which an unbounded input never has"
        );
        return plan_error(draft.span, message).with_hint(match &draft.order[..] {
            [] => "add ORDER BY ts for the rows so far, or PARTITION BY window_start, window_end of a subquery with a window".to_owned(),
            _ => format!(
                "ROWS frames up to CURRENT ROW or {FOLLOWING_ROWS_MAX} FOLLOWING do without it; so does PARTITION BY window_start, window_end of a subquery with a window"
            ),
        });
    }
    plan_error(
        draft.span,
        format!("{name} by this ORDER BY needs the whole partition, which an unbounded input never has"),
    )
    .with_hint("ORDER BY the event time, or PARTITION BY window_start, window_end of a subquery with a window")
}

/// Whether the partitions are those of a window, whose rows all leave it at once. Those of equal starts do where the
/// start says the end; bars of equal bounds come each with a record of its own.
fn is_of_window(flow: &Flow, draft: &OverDraft) -> bool {
    let window = flow
        .window
        .as_ref()
        .filter(|window| window.at_once && !flow.state.bars);
    window.is_some_and(|window| {
        let by_start = draft.keys.contains(&window.start) && starts_follow_ends(&window.plan);
        by_start || draft.keys.contains(&window.end)
    })
}

/// Whether the partitions are of rows that are in one window, which can wait until it closes.
fn is_within_window(flow: &Flow, draft: &OverDraft) -> bool {
    let assigned = flow.assigned.as_ref();
    assigned.is_some_and(|assigned| draft.keys.iter().any(|key| assigned.says(key)))
}

/// Top-N: ranks behind which a filter keeps the best rows only need no others.
pub fn limit(stages: &mut [StagePlan]) {
    for stage in stages {
        let mut operators = stage.operators.iter_mut().peekable();
        while let Some(operator) = operators.next() {
            if let (OperatorPlan::Ranked(plan), Some(OperatorPlan::Filter { predicate })) =
                (operator, operators.peek())
            {
                plan.limit = wanted(plan, predicate);
            }
        }
    }
}

/// The most rows of a partition that can pass `predicate`.
fn wanted(plan: &RankedPlan, predicate: &Expr) -> Option<u64> {
    let needs_all = plan.calls.iter().any(|call| {
        !matches!(
            call.function,
            OverFunction::RowNumber | OverFunction::Rank | OverFunction::DenseRank
        )
    });
    if needs_all {
        return None;
    }
    match predicate {
        Expr::And(parts) => parts.iter().filter_map(|part| wanted(plan, part)).min(),
        Expr::Compare { op, left, right } => {
            let (number, op) = match (row_number(plan, left), row_number(plan, right)) {
                (true, false) => (constant(right)?, *op),
                (false, true) => (constant(left)?, mirrored(*op)),
                _ => return None,
            };
            let most = match op {
                CompareOp::Equal | CompareOp::LessOrEqual => number,
                CompareOp::Less => number.saturating_sub(1),
                _ => return None,
            };
            Some(u64::try_from(most).unwrap_or(0))
        }
        _ => None,
    }
}

fn row_number(plan: &RankedPlan, expr: &Expr) -> bool {
    let Expr::Column { index, .. } = expr else {
        return false;
    };
    let call = index.checked_sub(plan.input.fields.len());
    let call = call.and_then(|call| plan.calls.get(call));
    call.is_some_and(|call| call.function == OverFunction::RowNumber)
}

fn constant(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal {
            value: Value::I64(number),
            ty,
        } if ty.is_integer() => Some(*number),
        Expr::Cast { input, ty, .. } if ty.is_integer() => constant(input),
        _ => None,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        other => other,
    }
}
