//! UNION ALL: one statement for each of its queries, all into one sink.
//!
//! What stands around the union works row by row, so it is planned once for each query, with the union standing for
//! that one. Rows leave in the order of their records, ties in the order of the queries.

use super::flow::Flow;
use super::query::Context;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::SQL_DEPTH_MAX;
use crate::plan::Expr;
use crate::sql::ast::{Query, UnionArm};
use crate::sql::bind::{Column, unify_all};

/// Which query of a union the statement is planned for.
#[derive(Clone, Copy, Default)]
pub struct UnionChoice {
    /// Its number.
    pub pick: usize,
    /// How many queries the union has that the statement turned out to read.
    pub count: Option<usize>,
    /// Within one of them.
    inside: bool,
}

impl UnionChoice {
    /// The query number `pick`.
    pub fn of(pick: usize) -> Self {
        Self {
            pick,
            count: None,
            inside: false,
        }
    }
}

impl Planner<'_> {
    /// The query of the union that is picked, its columns named by the first and of the types of all.
    pub(super) fn union(
        &mut self,
        arms: &[UnionArm],
        span: Span,
        context: Context<'_>,
    ) -> Result<Flow, SqlError> {
        if let Some(arm) = arms.iter().find(|arm| !arm.all) {
            return Err(unbuilt(arm.span, "UNION without ALL")
                .with_hint("UNION ALL keeps every row; one that comes twice stays twice"));
        }
        if context.feeds {
            return Err(
                unbuilt(span, "an aggregate, window, DISTINCT or OVER over a UNION").with_hint(
                    "aggregate in each of its queries, or write to one sink and read that",
                ),
            );
        }
        if self.union.inside {
            return Err(unbuilt(span, "a UNION within a query of another")
                .with_hint("write all queries side by side: a UNION ALL b UNION ALL c"));
        }
        let inner = Context {
            depth: context.depth + 1,
            ..context
        };
        if inner.depth > SQL_DEPTH_MAX {
            return Err(plan_error(span, "unions nest too deep"));
        }
        self.union.inside = true;
        let planned = self.picked(arms, inner);
        self.union.inside = false;
        self.union.count = Some(arms.len());
        planned
    }

    fn picked(&mut self, arms: &[UnionArm], context: Context<'_>) -> Result<Flow, SqlError> {
        let pick = self.union.pick;
        let mut columns: Vec<Vec<Column>> = Vec::with_capacity(arms.len());
        for arm in arms {
            let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
            let flow = self.query(&arm.query, context)?;
            (self.drafts, self.notes) = (drafts, notes);
            columns.push(flow.columns);
        }
        let (width, first) = (columns[0].len(), &arms[0]);
        for (arm, columns) in arms.iter().zip(&columns) {
            if columns.len() != width {
                return Err(bind_error(
                    arm.query.span,
                    format!(
                        "the queries of a UNION have {width} and {} columns",
                        columns.len()
                    ),
                ));
            }
        }
        let mut flow = self.query(&arms[pick].query, context)?;
        for (at, column) in flow.columns.iter_mut().enumerate() {
            let exprs: Vec<Expr> = columns.iter().map(|arm| arm[at].expr.clone()).collect();
            let (mut exprs, _) = unify_all(exprs, "UNION").map_err(|message| {
                let name = &columns[0][at].name;
                bind_error(first.query.span, format!("column {name}: {message}"))
            })?;
            column.expr = exprs.swap_remove(pick);
            column.nullable = columns.iter().any(|arm| arm[at].nullable);
            column.name.clone_from(&columns[0][at].name);
        }
        flow.qualifiers.clear();
        Ok(flow)
    }

    /// Refuses what the whole of a union would have to be in one place for.
    pub(super) fn check_union(&self, query: &Query) -> Result<(), SqlError> {
        if self.union.count.is_none() {
            return Ok(());
        }
        if let Some(item) = query.order_by.first() {
            return Err(unbuilt(item.span, "ORDER BY over a UNION")
                .with_hint("leave it out: rows come in the order of their records"));
        }
        match query.limit {
            Some((_, span)) => Err(unbuilt(span, "LIMIT of a UNION")),
            None => Ok(()),
        }
    }
}
