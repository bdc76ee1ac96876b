//! ORDER BY and LIMIT: of a whole result, or of the rows of each window.
//!
//! A result that ends is sorted at its end. One that does not end is sorted window by window, where its ORDER BY begins
//! with what windows close by: then the whole is in order too, and LIMIT holds for each window. `LIMIT n PER WINDOW` asks
//! for the same of any input and any ORDER BY.

use super::flow::{Flow, Spread};
use super::statement::{columns, project};
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{Expr, OperatorPlan, Reach, SortKey, SortPlan, WindowPlan};
use crate::sql::ast::Query;
use crate::types::{Field, Schema};

impl Planner<'_> {
    /// Sorts the rows in one place. The flow's columns become those of `schema`, which `exprs` compute, and behind them
    /// what the sort needs besides. Gives whether all rows are sorted together, at the end.
    pub(super) fn sort(
        &mut self,
        flow: &mut Flow,
        query: &Query,
        mut exprs: Vec<Expr>,
        schema: &Schema,
    ) -> Result<bool, SqlError> {
        let at_end = self.sorts_at_end(flow, query)?;
        let mut fields = schema.fields.clone();
        let mut place = |expr: &Expr, name: &str| {
            let known = exprs.iter().position(|known| known == expr);
            let index = known.unwrap_or(exprs.len());
            if known.is_none() {
                fields.push(Field {
                    name: name.to_owned(),
                    ty: expr.ty(),
                    nullable: true,
                });
                exprs.push(expr.clone());
            }
            let ty = expr.ty();
            Expr::Column { index, ty }
        };
        let mut keys = Vec::with_capacity(flow.sort.len());
        for key in std::mem::take(&mut flow.sort) {
            let expr = place(&key.expr, &format!("sort{}", keys.len() + 1));
            keys.push(SortKey { expr, ..key });
        }
        if at_end {
            // All rows leave when time has ended: no window can hold them.
            (flow.time, flow.window, flow.rests) = (None, None, false);
            (flow.led, flow.state.at_end) = (None, true);
        }
        if let Some(window) = &mut flow.window {
            window.start = place(&window.start, "window_start");
            window.end = place(&window.end, "window_end");
        }
        flow.assigned = None;
        flow.time = flow.time.take().map(|time| place(&time, "window_time"));
        flow.state.sorted = false;
        let input = Schema { fields };
        if flow.spread == Spread::Free && self.settings.job.partitioning.is_none() {
            // Stateless work stays spread: only the sorting is done in one place.
            flow.spread = Spread::Scattered;
        }
        project(flow, exprs, &input);
        self.bring_to_one(flow, "ORDER BY");
        flow.push(OperatorPlan::Sort(SortPlan {
            input,
            keys,
            limit: query.limit.map(|(rows, _)| rows),
            offset: query.offset.map_or(0, |(rows, _)| rows),
            at_end,
        }));
        Ok(at_end)
    }

    /// ORDER BY and LIMIT of a query within another: the first rows of all, or of each window, in their order.
    pub(super) fn sort_within(&mut self, flow: &mut Flow, query: &Query) -> Result<(), SqlError> {
        let plain = query.order_by.is_empty() && query.per_window.is_none();
        if let (Some((_, span)), true) = (query.limit, plain && !flow.bounded) {
            return Err(
                plan_error(span, "LIMIT in a subquery or view needs an input that ends")
                    .with_hint("limit the outermost query, or each window: LIMIT n PER WINDOW"),
            );
        }
        let fields = flow.columns.iter().map(|column| Field {
            name: column.name.clone(),
            ty: column.expr.ty(),
            nullable: column.nullable,
        });
        let schema = Schema {
            fields: fields.collect(),
        };
        let exprs = flow.columns.iter().map(|column| column.expr.clone());
        self.sort(flow, query, exprs.collect(), &schema)?;
        let width = schema.fields.len();
        for (column, expr) in flow.columns.iter_mut().zip(columns(&schema, width)) {
            column.expr = expr;
        }
        Ok(())
    }

    /// Whether all rows are sorted together; refuses what can be sorted neither so nor window by window.
    fn sorts_at_end(&mut self, flow: &mut Flow, query: &Query) -> Result<bool, SqlError> {
        let first = query.order_by.first();
        let span = first.map_or(query.per_window.unwrap_or(query.span), |item| item.span);
        let at_end = flow.bounded && query.per_window.is_none();
        if !at_end && flow.assigned.is_some() {
            self.bring_to_one(flow, "ORDER BY");
            self.close_windows(flow, &[], false, None)?;
        }
        if let (Some((_, span)), None, None, false) =
            (query.offset, first, query.per_window, at_end)
        {
            return Err(plan_error(span, "OFFSET needs an input that ends")
                .with_hint("OFFSET n PER WINDOW passes over rows of each window"));
        }
        if !at_end && flow.window.is_none() {
            return Err(match query.per_window {
                Some(span) => plan_error(span, "LIMIT .. PER WINDOW without rows of a window")
                    .with_hint("add GROUP BY window_start, window_end, or leave PER WINDOW out"),
                None => plan_error(
                    span,
                    "ORDER BY needs an input that ends, or the rows of a window",
                )
                .with_hint("leave it out: rows come in the order of their input"),
            });
        }
        if flow.state.changes {
            return Err(unbuilt(span, "ORDER BY over changing results").with_hint("add EMIT FINAL"));
        }
        if flow.state.corrections {
            return Err(unbuilt(span, "ORDER BY over corrected windows"));
        }
        if at_end {
            return Ok(true);
        }
        if flow.state.backdated || flow.state.bars {
            let time = flow.time.clone().filter(|_| flow.bounded);
            let Some(time) = time else {
                let what =
                    "ORDER BY of each window over bars or FILL of an input that does not end";
                return Err(unbuilt(span, what).with_hint(
                    "leave it out: bars and filled windows come in the order in which they close",
                ));
            };
            self.settle(flow, &time);
        }
        check_at_once(flow, span)?;
        if query.per_window.is_none() {
            check_leading(flow, span)?;
            for (clause, rows) in [("LIMIT", query.limit), ("OFFSET", query.offset)] {
                if let Some((rows, span)) = rows {
                    let message = format!(
                        "the input does not end: {clause} {rows} is of each window, as {clause} {rows} PER WINDOW"
                    );
                    self.notes.warnings.push((span, message));
                }
            }
        }
        Ok(false)
    }
}

/// Refuses what takes all rows of a window where they do not come at one time.
pub(super) fn check_at_once(flow: &Flow, span: Span) -> Result<(), SqlError> {
    match &flow.window {
        Some(window) if !window.at_once => {
            let what = "ORDER BY, LIMIT and ranks of each window of a UNION whose queries close it at different times";
            Err(unbuilt(span, what).with_hint("give its queries the same LATE DATA ALLOW"))
        }
        _ => Ok(()),
    }
}

/// Refuses an ORDER BY that does not begin with what windows close by: rows of one that closes later would belong
/// before those that have left.
fn check_leading(flow: &Flow, span: Span) -> Result<(), SqlError> {
    let (Some(window), Some(first)) = (&flow.window, flow.sort.first()) else {
        return Ok(());
    };
    let by_end = first.expr == window.end || Some(&first.expr) == flow.time.as_ref();
    let by_start = first.expr == window.start && starts_follow_ends(&window.plan);
    if (by_end || by_start) && !first.descending {
        return Ok(());
    }
    Err(plan_error(
        span,
        "ORDER BY of an input that does not end begins with window_end, by which windows close",
    )
    .with_hint("ORDER BY window_end, .. sorts each window by itself; so does LIMIT n PER WINDOW"))
}

/// Whether of two windows the one that ends later starts later.
pub(super) fn starts_follow_ends(window: &WindowPlan) -> bool {
    match window {
        WindowPlan::Tumble { .. } | WindowPlan::Hop { .. } | WindowPlan::Days(_) => true,
        WindowPlan::Made(by) => starts_follow_ends(by),
        WindowPlan::Overlapping(windows) => matches!(windows.reach, Reach::Parts(_)),
        WindowPlan::Cumulate { .. } | WindowPlan::Session { .. } | WindowPlan::Bars(_) => false,
    }
}
