//! OVER calls: one operator for each PARTITION BY and ORDER BY.

use super::flow::{Flow, Spread};
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{AggregateKind, Expr, OperatorPlan, OverFunction, OverPlan};
use crate::sql::bind::{OVER_BASE, OverDraft, rewrite};
use crate::types::{DataType, Field};

/// Where the operators put the calls' results.
pub struct OverColumns {
    /// Index of each call's column.
    at: Vec<usize>,
}

impl OverColumns {
    /// The expression with real columns for calls.
    pub fn apply(&self, expr: &Expr) -> Expr {
        let new = rewrite::<std::convert::Infallible>(expr, &mut |node| {
            Ok(match node {
                Expr::Column { index, ty } if *index >= OVER_BASE => self
                    .at
                    .get(index - OVER_BASE)
                    .map(|&index| Expr::Column { index, ty: *ty }),
                _ => None,
            })
        });
        match new {
            Ok(expr) => expr,
            Err(never) => match never {},
        }
    }
}

impl Planner<'_> {
    /// Appends the operators of the calls.
    pub(super) fn over(
        &mut self,
        flow: &mut Flow,
        mut drafts: Vec<OverDraft>,
    ) -> Result<OverColumns, SqlError> {
        if let Some(first) = drafts.first()
            && !first.keys.is_empty()
            && self.needs_exchange_of_records(flow, &first.keys)
        {
            project_inputs(flow, &mut drafts);
        }
        let mut at = vec![0; drafts.len()];
        let mut done = vec![false; drafts.len()];
        for first in 0..drafts.len() {
            if done[first] {
                continue;
            }
            let (keys, order) = (&drafts[first].keys, &drafts[first].order);
            self.check_order(flow, order.as_ref(), drafts[first].span)?;
            let hash_is_routed = if keys.is_empty() {
                self.check_keyless(flow, "OVER", drafts[first].span)?;
                self.bring_to_one(flow, "OVER without PARTITION BY");
                false
            } else {
                self.bring_together(flow, keys, "OVER (PARTITION BY)", drafts[first].span)?
            };
            let input = flow.physical.clone();
            let mut calls = Vec::new();
            for later in first..drafts.len() {
                let draft = &drafts[later];
                if done[later] || draft.keys != *keys || draft.order != *order {
                    continue;
                }
                check_built(draft)?;
                done[later] = true;
                at[later] = input.fields.len() + calls.len();
                flow.physical.fields.push(Field {
                    name: call_name(&draft.call.function).into(),
                    ty: draft.call.ty,
                    nullable: !is_count(&draft.call.function),
                });
                calls.push(draft.call.clone());
            }
            flow.push(OperatorPlan::Over(OverPlan {
                input,
                keys: keys.clone(),
                hash_is_routed,
                time: order.clone(),
                calls,
                groups_max: self.groups_max(),
            }));
            flow.hashed = false;
        }
        Ok(OverColumns { at })
    }

    /// Rows are taken as they come, so ORDER BY must be what they come by.
    fn check_order(
        &mut self,
        flow: &Flow,
        order: Option<&Expr>,
        span: Span,
    ) -> Result<(), SqlError> {
        let Some(order) = order else {
            return Ok(());
        };
        if flow.time.as_ref() == Some(order) {
            return Ok(());
        }
        let ordered_type =
            matches!(order.ty(), DataType::Timestamp | DataType::Date) || order.ty().is_integer();
        if !ordered_type || !matches!(order, Expr::Column { .. }) {
            return Err(plan_error(span, "OVER orders rows by time")
                .with_hint("ORDER BY the table's time column"));
        }
        self.notes.warnings.push((
            span,
            "OVER takes rows in source order: its ORDER BY column is not the table's event time, and rows before their predecessor's are counted, not sorted".into(),
        ));
        Ok(())
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
        for expr in draft.keys.iter_mut().chain(&mut draft.call.args) {
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
    flow.push(OperatorPlan::Project { exprs });
    // The keys are no columns of the source any more: ingest cannot route by them.
    flow.spread = Spread::Scattered;
}

/// Refuses calls that have no OVER form yet.
fn check_built(draft: &OverDraft) -> Result<(), SqlError> {
    use AggregateKind::{Max, Min};
    let of_boolean = draft
        .call
        .args
        .iter()
        .any(|arg| arg.ty() == DataType::Boolean);
    match draft.call.function {
        OverFunction::Aggregate(Min | Max) if of_boolean => {
            Err(unbuilt(draft.span, "MIN and MAX of a BOOLEAN over a frame"))
        }
        _ => Ok(()),
    }
}

fn is_count(function: &OverFunction) -> bool {
    matches!(
        function,
        OverFunction::Aggregate(AggregateKind::Count | AggregateKind::CountRows)
    )
}

fn call_name(function: &OverFunction) -> &'static str {
    match function {
        OverFunction::Aggregate(kind) => crate::expr::catalogue::aggregate_name(*kind),
        OverFunction::Lag { .. } => "lag",
    }
}
