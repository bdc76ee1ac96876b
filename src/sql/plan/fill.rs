//! FILL: what stands in the place of each aggregate, and where gaps are filled.

use super::flow::Flow;
use super::select::Item;
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{AggregateCall, Emission, Expr, FillPlan, FillValue, LatePolicy, OperatorPlan};
use crate::sql::ast::{Fill, FillItem, Select};
use crate::sql::bind::{AGGREGATE_BASE, OVER_BASE, fold_cast, parse_literal_number};
use crate::types::DataType;

impl Planner<'_> {
    /// Fills the gaps of the windows that the flow's last operator makes, where it is asked for; groups are of `sets`
    /// sets of keys.
    pub(super) fn fill(
        &mut self,
        flow: &mut Flow,
        filled: Option<(&Fill, Vec<FillValue>)>,
        sets: usize,
    ) -> Result<(), SqlError> {
        let Some((fill, values)) = filled else {
            return Ok(());
        };
        if sets > 1 {
            return Err(unbuilt(fill.span, "FILL with GROUPING SETS"));
        }
        let last = flow.stages.last().and_then(|stage| stage.operators.last());
        let Some(OperatorPlan::Aggregate(plan)) = last else {
            return Err(unbuilt(fill.span, "FILL with EMIT CHANGES or EARLY")
                .with_hint("use EMIT FINAL alone"));
        };
        let (keys, groups_max) = (plan.keys.len(), plan.groups_max);
        let window = match &plan.window {
            Some(window) if window.made_by().moves() => {
                let message =
                    "FILL of windows whose bounds are those of their rows: none is missing";
                return Err(plan_error(fill.span, message)
                    .with_hint("take TUMBLE, HOP or CUMULATE, or leave FILL out"));
            }
            // Windows that take up others have their bounds.
            Some(window) => window.made_by().clone(),
            None => {
                let message =
                    "FILL fills the windows in which a key has no rows: it needs a window";
                return Err(plan_error(fill.span, message)
                    .with_hint("write SAMPLE BY 1s FILL(PREV), or GROUP BY a TUMBLE"));
            }
        };
        if plan.emission == Emission::Changes {
            return Err(unbuilt(fill.span, "FILL with EMIT CHANGES").with_hint("use EMIT FINAL"));
        }
        if plan.late != LatePolicy::Drop {
            let what = "FILL with corrections of closed windows";
            return Err(unbuilt(fill.span, what).with_hint("use LATE DATA DROP or ALLOW"));
        }
        for (field, value) in flow.physical.fields[keys + 2..].iter_mut().zip(&values) {
            field.nullable |= *value == FillValue::Null;
        }
        self.bring_to_one(flow, "FILL");
        flow.push(OperatorPlan::Fill(FillPlan {
            input: flow.physical.clone(),
            keys,
            window,
            values,
            groups_max,
            ttl_ns: self.settings.job.state_ttl_ns,
        }));
        flow.state.backdated = true;
        Ok(())
    }
}

/// FILL of a SELECT, if it has one, and what stands in the place of each of `calls`.
pub(super) fn of<'s>(
    select: &'s Select,
    items: &[Item],
    calls: &[AggregateCall],
) -> Result<Option<(&'s Fill, Vec<FillValue>)>, SqlError> {
    let Some(fill) = &select.fill else {
        return Ok(None);
    };
    Ok(Some((fill, values(fill, items, calls)?)))
}

/// What stands in the place of each of `calls`, which the items use.
fn values(
    fill: &Fill,
    items: &[Item],
    calls: &[AggregateCall],
) -> Result<Vec<FillValue>, SqlError> {
    let filled: Vec<&Item> = items.iter().filter(|item| item.aggregates).collect();
    let each = match fill.items.len() {
        1 => vec![&fill.items[0]; filled.len()],
        count if count == filled.len() => fill.items.iter().collect(),
        count => {
            let message = format!(
                "FILL has {count} values, and the query {} items with aggregates",
                filled.len()
            );
            let hint = "give one value for all, or one for each";
            return Err(plan_error(fill.span, message).with_hint(hint));
        }
    };
    let mut values: Vec<Option<FillValue>> = vec![None; calls.len()];
    for (item, (value, span)) in filled.into_iter().zip(each) {
        let mut columns = Vec::new();
        item.expr.columns(&mut columns);
        columns.retain(|column| (AGGREGATE_BASE..OVER_BASE).contains(column));
        let alone = matches!(item.expr, Expr::Column { .. });
        if !alone && matches!(value, FillItem::Number(_)) {
            let what = "a number in FILL for an expression of aggregates";
            return Err(unbuilt(*span, what)
                .with_hint("use NULL or PREV, or compute the expression in a query around it"));
        }
        for column in columns {
            let call = column - AGGREGATE_BASE;
            let new = value_of(value, calls[call].ty, *span)?;
            match &values[call] {
                Some(known) if *known != new => {
                    let message = "FILL gives one aggregate two values";
                    return Err(plan_error(*span, message));
                }
                _ => values[call] = Some(new),
            }
        }
    }
    // What HAVING or ORDER BY alone use.
    let hidden = |ty: DataType| match &fill.items[..] {
        [(FillItem::Previous, _)] => FillValue::Previous,
        [(FillItem::Linear, _)] if ty.is_numeric() => FillValue::Linear,
        _ => FillValue::Null,
    };
    Ok(values
        .into_iter()
        .zip(calls)
        .map(|(value, call)| value.unwrap_or_else(|| hidden(call.ty)))
        .collect())
}

fn value_of(item: &FillItem, ty: DataType, span: Span) -> Result<FillValue, SqlError> {
    let number = match item {
        FillItem::Null => return Ok(FillValue::Null),
        FillItem::Previous => return Ok(FillValue::Previous),
        FillItem::Linear if ty.is_numeric() => return Ok(FillValue::Linear),
        FillItem::Linear => {
            let message = format!("FILL has LINEAR for an aggregate that is {ty}");
            return Err(plan_error(span, message).with_hint("use PREV or NULL"));
        }
        FillItem::Number(number) => number,
    };
    let wrong = || {
        plan_error(
            span,
            format!("FILL has {number} for an aggregate that is {ty}"),
        )
    };
    let (value, from) = parse_literal_number(number).ok_or_else(wrong)?;
    if from == ty {
        return Ok(FillValue::Constant(value));
    }
    match fold_cast(&value, from, ty) {
        Some(Ok(value)) if ty.is_numeric() => Ok(FillValue::Constant(value)),
        _ => Err(wrong()),
    }
}
