//! OVER calls: one operator for each PARTITION BY and ORDER BY.

use super::flow::{Flow, Spread};
use super::frame::{self, Settled};
use super::lead::{self, is_lead};
use super::query::Context;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{
    AggregateKind, Expr, LatePlan, LatePolicy, OperatorPlan, OverCall, OverFrame, OverFunction,
    OverPlan, SortKey, TimeSortPlan, WindowPlan,
};
use crate::sql::ast::{EmitMode, LatePolicyAst};
use crate::sql::bind::{OVER_BASE, OverDraft, rewrite};
use crate::types::{DataType, Field};

/// Where the operators put the calls' results.
pub struct OverColumns {
    /// Index of each settled call's column.
    at: Vec<usize>,
    /// For each call that was written its result, over the settled ones.
    results: Vec<Expr>,
}

impl OverColumns {
    /// The expression with real columns for calls as they were written.
    pub fn apply(&self, expr: &Expr) -> Expr {
        replace(expr, &|call, _| {
            let result = self.results.get(call)?;
            Some(placed(result, &self.at))
        })
    }
}

/// The expression with the real columns `at` for settled calls.
pub(super) fn placed(expr: &Expr, at: &[usize]) -> Expr {
    replace(expr, &|call, ty| {
        let &index = at.get(call)?;
        Some(Expr::Column { index, ty })
    })
}

/// The expression with what `of_call` gives for the columns of calls.
fn replace(expr: &Expr, of_call: &dyn Fn(usize, DataType) -> Option<Expr>) -> Expr {
    let new = rewrite::<std::convert::Infallible>(expr, &mut |node| {
        Ok(match node {
            Expr::Column { index, ty } if *index >= OVER_BASE => of_call(index - OVER_BASE, *ty),
            _ => None,
        })
    });
    match new {
        Ok(expr) => expr,
        Err(never) => match never {},
    }
}

impl Planner<'_> {
    /// Appends the operators of the calls.
    pub(super) fn over(
        &mut self,
        flow: &mut Flow,
        written: Vec<OverDraft>,
        context: Context<'_>,
    ) -> Result<OverColumns, SqlError> {
        let Settled {
            mut drafts,
            results,
        } = frame::settle(flow, written, context.emit)?;
        let whole = self.whole(flow, &mut drafts, context.emit)?;
        lead::check_order(flow, &drafts, &whole)?;
        let sorts = self.sorts(flow, &drafts, &whole, context)?;
        self.leave_records(flow, &mut drafts, sorts);
        let mut at = vec![0; drafts.len()];
        let elsewhere = |(draft, whole): (&OverDraft, &bool)| *whole || is_lead(draft);
        let mut done: Vec<bool> = drafts.iter().zip(&whole).map(elsewhere).collect();
        for first in 0..drafts.len() {
            if done[first] {
                continue;
            }
            let (keys, order) = (&drafts[first].keys, &drafts[first].order);
            let time = self.check_order(flow, order, drafts[first].span);
            let stages = flow.stages.len();
            let hash_is_routed = self.partition(flow, keys, drafts[first].span)?;
            let sorted = sorts.filter(|_| time.is_some());
            if let Some(allowed_ns) = sorted {
                sort_by_time(flow, keys, flow.stages.len() > stages, allowed_ns);
            }
            let (input, mut calls) = (flow.physical.clone(), Vec::<OverCall>::new());
            for later in first..drafts.len() {
                let draft = &drafts[later];
                if done[later] || draft.keys != *keys || draft.order != *order {
                    continue;
                }
                done[later] = true;
                let call = match sorted {
                    Some(_) => draft.call.clone(),
                    None => in_source_order(&draft.call),
                };
                if let Some(known) = calls.iter().position(|known| *known == call) {
                    at[later] = input.fields.len() + known;
                    continue;
                }
                at[later] = input.fields.len() + calls.len();
                flow.physical.fields.push(Field {
                    name: call_name(&call.function).into(),
                    ty: call.ty,
                    nullable: !is_number(&call.function),
                });
                calls.push(call);
            }
            flow.push(OperatorPlan::Over(OverPlan {
                input,
                keys: keys.clone(),
                hash_is_routed,
                single: flow.spread == Spread::Single,
                time,
                sorted: sorted.is_some(),
                calls,
                groups_max: self.groups_max(),
                ttl: self.ttl(flow, "OVER", drafts[first].span)?,
            }));
            flow.hashed = false;
        }
        lead::place_arguments(&mut drafts, &at);
        self.ranks(flow, &drafts, &whole, &mut at, &context)?;
        self.leads(flow, &drafts, &whole, sorts, &mut at)?;
        Ok(OverColumns { at, results })
    }

    /// Does to records what cannot be done once they have been made elements, or have gone through an exchange.
    fn leave_records(&self, flow: &mut Flow, drafts: &mut [OverDraft], sorts: Option<i64>) {
        if let (Some(allowed_ns), Some(at)) = (sorts, flow.records_upto()) {
            late_for_sort(flow, at, allowed_ns);
        }
        if let Some(first) = drafts.first()
            && (flow.is_open_union()
                || !first.keys.is_empty() && self.needs_exchange_of_records(flow, &first.keys))
        {
            project_inputs(flow, drafts);
        }
    }

    /// Whether EMIT asks for the rows of the calls in the order of time: then the lateness allowed.
    fn sorts(
        &self,
        flow: &mut Flow,
        drafts: &[OverDraft],
        whole: &[bool],
        context: Context<'_>,
    ) -> Result<Option<i64>, SqlError> {
        let Some(emit) = context.emit.filter(|_| whole.contains(&false)) else {
            return Ok(None);
        };
        match emit.mode {
            EmitMode::Changes => {
                flow.state.emit_taken = true;
                return Ok(None);
            }
            EmitMode::Final => {}
        }
        let by_time = |draft: &OverDraft| {
            let mut order = draft.order.iter().map(|key| &key.expr);
            order.next() == flow.time.as_ref()
        };
        let mut running = drafts.iter().zip(whole).filter(|(_, whole)| !**whole);
        let ordered = running
            .find(|(draft, _)| !draft.order.is_empty())
            .map(|(draft, _)| draft);
        if flow.time.is_none() || ordered.is_some_and(|draft| !by_time(draft)) {
            return Err(plan_error(
                emit.span,
                "EMIT FINAL with OVER sorts rows by the table's event time, which its ORDER BY is not",
            )
            .with_hint("declare WATERMARK FOR ts and ORDER BY ts, or leave EMIT out"));
        }
        if ordered.is_some() && flow.led.is_some() {
            let what =
                "EMIT FINAL with OVER and ORDER BY over rows of LEAD of an input that does not end";
            return Err(unbuilt(emit.span, what).with_hint(
                "write EMIT FINAL in the subquery: its rows then come in the order of time",
            ));
        }
        if ordered.is_some() && flow.state.backdated {
            let what = "EMIT FINAL with OVER and ORDER BY over FILL or a UNION of bars of an input that does not end";
            return Err(unbuilt(emit.span, what)
                .with_hint("leave ORDER BY or EMIT out: windows come in the order of their ends"));
        }
        if ordered.is_some() && flow.state.unnests > 0 && flow.records_upto().is_none() {
            let what =
                "EMIT FINAL with OVER and ORDER BY over UNNEST with OVER or a UNION between them";
            return Err(unbuilt(emit.span, what)
                .with_hint("leave EMIT out: rows are taken in the order they come"));
        }
        flow.state.emit_taken = true;
        ordered
            .map(|_| self.late_rows_of_sort(flow, context))
            .transpose()
    }

    /// What LATE DATA says of the rows that EMIT FINAL sorts: gives the lateness allowed.
    fn late_rows_of_sort(&self, flow: &mut Flow, context: Context<'_>) -> Result<i64, SqlError> {
        let Some(late) = context.late else {
            return Ok(0);
        };
        flow.state.late_taken = true;
        flow.late_into = self.late_target(context.late)?;
        if flow.window.is_some() {
            super::late::check_collected(flow)?;
        }
        match late.policy {
            LatePolicyAst::Drop => Ok(0),
            LatePolicyAst::Allow(_) if context.feeds => Err(unbuilt(
                late.span,
                "an aggregate, DISTINCT or OVER on top of sorted rows that ALLOW holds back",
            )
            .with_hint("give the table's WATERMARK a longer delay")),
            LatePolicyAst::Allow(length) => Ok(length.max(0)),
            LatePolicyAst::Process | LatePolicyAst::Warn => {
                Err(unbuilt(late.span, "LATE DATA PROCESS and WARN of OVER")
                    .with_hint("use LATE DATA ALLOW 1s for rows that come late"))
            }
        }
    }

    /// Brings the rows of a partition together; whether batches carry the hash of exactly `keys`.
    pub(super) fn partition(
        &self,
        flow: &mut Flow,
        keys: &[Expr],
        span: Span,
    ) -> Result<bool, SqlError> {
        if keys.is_empty() {
            self.check_keyless(flow, "OVER", span)?;
            self.bring_to_one(flow, "OVER without PARTITION BY");
            return Ok(false);
        }
        let hash_is_routed = self.bring_whole(flow, keys, "OVER (PARTITION BY)", span)?;
        match &flow.spread {
            // A partition's state moves with the vnode of its own key, so rows must lie by that.
            Spread::Keyed(have) if have != keys => {
                Ok(self.exchange(flow, keys, "OVER (PARTITION BY)"))
            }
            _ => Ok(hash_is_routed),
        }
    }

    /// The time that calls order rows by, which are taken as they come.
    pub(super) fn check_order(
        &mut self,
        flow: &Flow,
        order: &[SortKey],
        span: Span,
    ) -> Option<Expr> {
        let order = &order.first()?.expr;
        assert!(comes_by(flow, order), "other orders take whole partitions");
        if flow.time.as_ref() != Some(order) {
            self.notes.warnings.push((
                span,
                "OVER takes rows in source order: its ORDER BY column is not the table's event time, and rows before their predecessor's are counted, not sorted".into(),
            ));
        }
        Some(order.clone())
    }
}

/// Whether rows can be taken to come in the order of an expression: their time, or a column that can stand for it.
pub(super) fn comes_by(flow: &Flow, order: &Expr) -> bool {
    let ty = order.ty();
    let is_ordered = ty.is_instant() || ty == DataType::Date || ty.is_integer();
    flow.time.as_ref() == Some(order) || is_ordered && matches!(order, Expr::Column { .. })
}

/// Puts rows in the order of time; behind an exchange that was just added, in front of it first: records are late
/// where they are still records.
pub(super) fn sort_by_time(flow: &mut Flow, keys: &[Expr], exchanged: bool, allowed_ns: i64) {
    super::bars::let_whole_leave(flow);
    let time = flow.time.clone().expect("EMIT FINAL was checked");
    let allowed_ns = allowed_ns.max(flow.lag());
    let sort = |keys: Vec<Expr>| {
        OperatorPlan::TimeSort(TimeSortPlan {
            input: flow.physical.clone(),
            time: time.clone(),
            keys,
            allowed_ns,
            at_end: false,
        })
    };
    let keys = match flow.spread {
        Spread::Single => Vec::new(),
        _ => keys.to_vec(),
    };
    let (before, here) = (sort(Vec::new()), sort(keys));
    let at = flow.stages.len() - 1;
    collect_late(flow, &time, exchanged, allowed_ns);
    if exchanged && !flow.state.sorted {
        flow.stages[at - 1].operators.push(before);
    }
    let last = flow.stages[at].operators.last();
    // Behind an OVER of the same stage the rows have their order already.
    if !(flow.state.sorted && matches!(last, Some(OperatorPlan::Over(_)))) {
        flow.push(here);
    }
    flow.state.sorted = true;
}

/// Takes the rows that the sort drops as late, where they are still records.
fn collect_late(flow: &mut Flow, time: &Expr, exchanged: bool, allowed_ns: i64) {
    let behind = exchanged.then(|| flow.stages.pop()).flatten();
    let at = flow.end();
    super::late::collect(flow, &late_for_instant(time, allowed_ns), at, None);
    flow.stages.extend(behind);
}

/// Drops the records that are late for a sort in front of the UNNEST at `at`: behind it one would be late as often as it
/// has elements.
fn late_for_sort(flow: &mut Flow, at: usize, allowed_ns: i64) {
    // Rows that a window fired are never late.
    if let (None, Some(time)) = (&flow.window, flow.time.clone()) {
        let late = late_for_instant(&time, allowed_ns);
        super::late::collect(flow, &late, at, None);
        flow.insert(at, OperatorPlan::Late(late));
    }
}

/// What is late for a sort by time: a row is as its own instant is, a window of a nanosecond.
fn late_for_instant(time: &Expr, allowed_ns: i64) -> LatePlan {
    LatePlan {
        time: time.clone(),
        window: WindowPlan::Tumble {
            size_ns: 1,
            offset_ns: 0,
        },
        allowed_ns,
        policy: LatePolicy::Drop,
        retention_ns: 0,
    }
}

/// Computes what the calls read in front of an exchange of records, so that a record that fails does so as a
/// record: behind the exchange its bytes are gone. What nobody reads of the rest is pruned later.
fn project_inputs(flow: &mut Flow, drafts: &mut [OverDraft]) {
    let kept = flow.physical.fields.iter().enumerate();
    let mut exprs: Vec<Expr> = kept
        .map(|(index, field)| Expr::Column {
            index,
            ty: field.ty,
        })
        .collect();
    for draft in drafts {
        for expr in draft.exprs_mut() {
            if matches!(expr, Expr::Column { .. } | Expr::Literal { .. }) {
                continue;
            }
            let known = exprs.iter().position(|known| known == expr);
            let index = known.unwrap_or(exprs.len());
            let ty = expr.ty();
            let computed = std::mem::replace(expr, Expr::Column { index, ty });
            if known.is_none() {
                let field = flow.field(&format!("over{index}"), &computed);
                flow.physical.fields.push(field);
                exprs.push(computed);
            }
        }
    }
    if let Some(assigned) = &mut flow.assigned {
        for bound in [&mut assigned.start, &mut assigned.end] {
            if let Some(index) = exprs.iter().position(|known| known == bound) {
                let ty = bound.ty();
                *bound = Expr::Column { index, ty };
            }
        }
    }
    flow.push(OperatorPlan::Project { exprs });
    // The keys are no columns of the source any more: ingest cannot route by them.
    flow.spread = Spread::Scattered;
}

/// Of rows that come in their own order all up to the current one are all of its peers that are there.
fn in_source_order(call: &OverCall) -> OverCall {
    let mut call = call.clone();
    if call.frame
        == (OverFrame::Range {
            preceding_ns: None,
            until_ns: 0,
        })
    {
        call.frame = OverFrame::RUNNING;
    }
    call
}

/// Whether the result is a number of rows, which is never NULL.
pub(super) fn is_number(function: &OverFunction) -> bool {
    matches!(
        function,
        OverFunction::Aggregate(
            AggregateKind::Count | AggregateKind::CountRows | AggregateKind::ApproxCountDistinct
        ) | OverFunction::Distinct(AggregateKind::Count)
            | OverFunction::RowNumber
            | OverFunction::Rank
            | OverFunction::DenseRank
            | OverFunction::PercentRank
            | OverFunction::CumeDist
            | OverFunction::Ntile(_)
    )
}

/// The name of a call's column.
pub(in crate::sql) fn call_name(function: &OverFunction) -> &'static str {
    match function {
        OverFunction::Aggregate(kind) | OverFunction::Distinct(kind) => {
            crate::expr::catalogue::aggregate_name(*kind)
        }
        OverFunction::Lag { .. } => "lag",
        OverFunction::Lead { .. } => "lead",
        OverFunction::RowNumber => "row_number",
        OverFunction::Rank => "rank",
        OverFunction::DenseRank => "dense_rank",
        OverFunction::Nth(1) => "first_value",
        OverFunction::Nth(_) => "nth_value",
        OverFunction::LastValue => "last_value",
        OverFunction::PercentRank => "percent_rank",
        OverFunction::CumeDist => "cume_dist",
        OverFunction::Ntile(_) => "ntile",
    }
}
