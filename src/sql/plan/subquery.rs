//! Subqueries in expressions: each becomes a job of its own, correlated ones after their conditions on the query
//! around them have become columns.

use super::flow::Flow;
use super::query::Context;
use super::sink::Target;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::{SQL_DEPTH_MAX, SUBQUERIES_MAX, SUBQUERY_ROWS_MAX};
use crate::plan::{Expr, Job, MemberRows, OperatorPlan, SubqueryPlan, SubqueryResult};
use crate::sql::ast::{OrderItem, Query, Select, SelectItem};
use crate::sql::bind::{
    Binder, Clause, Scope, Subquery, any_expr, cast_to, chain, has_aggregate, place,
};
use crate::sql::mark::{self, Mark, MarkKind};
use crate::types::DataType;
use sqlparser::ast::{BinaryOperator, Expr as SqlExpr, WindowSpec, WindowType};
use std::cell::RefCell;
use std::rc::Rc;

/// Queries around a subquery that may name columns of them.
const CORRELATED_DEPTH_MAX: usize = 12;

/// A subquery as it is planned: its own rows, and what of the query around it its first columns equal.
struct Decorrelated {
    query: Rc<Query>,
    outer: Vec<SqlExpr>,
}

impl Planner<'_> {
    /// Plans the subqueries in the expressions of a SELECT over `scope`, which gets to know them.
    pub(super) fn subqueries(
        &mut self,
        select: &Select,
        order_by: &[OrderItem],
        scope: &mut Scope,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        if self.texts.is_empty() {
            return Ok(());
        }
        let items = select.items.iter().filter_map(|item| match item {
            SelectItem::Expr { expr, .. } => Some(&**expr),
            _ => None,
        });
        let exprs = items
            .chain(&select.filter)
            .chain(&select.group_by)
            .chain(&select.having)
            .chain(&select.qualify)
            .chain(order_by.iter().map(|item| &item.expr));
        let windows = select.named_windows.iter().map(|(_, window)| window);
        let mut found: Vec<Mark> = exprs.flat_map(marks).collect();
        found.extend(windows.flat_map(marks_of_window));
        found.sort_by_key(|mark| mark.number);
        for found in found {
            let planned = self.subquery(found, scope, context)?;
            scope.subqueries.push(planned);
        }
        Ok(())
    }

    fn subquery(
        &mut self,
        found: Mark,
        scope: &Scope,
        context: Context<'_>,
    ) -> Result<Subquery, SqlError> {
        let query = Rc::clone(&self.texts[found.number]);
        let inner = Context {
            emit: None,
            late: None,
            feeds: false,
            inserts: false,
            depth: context.depth + 1,
            ..context
        };
        if inner.depth > SQL_DEPTH_MAX {
            return Err(plan_error(found.span, "subqueries nest too deep"));
        }
        // A job of its own: what is planned so far is put aside meanwhile.
        let drafts = std::mem::take(&mut self.drafts);
        let partitioning = self.settings.job.partitioning.take();
        let planned = self.subquery_job(query, found, scope, inner);
        self.settings.job.partitioning = partitioning;
        self.drafts = drafts;
        let (job, outer) = planned?;
        if self.drafts.subqueries.len() == SUBQUERIES_MAX {
            let message = format!("a job has at most {SUBQUERIES_MAX} subqueries in expressions");
            return Err(plan_error(found.span, message));
        }
        let output = &job.statements[0].output.fields;
        let columns: Vec<DataType> = output.iter().map(|field| field.ty).collect();
        let result = match found.kind {
            MarkKind::Value => SubqueryResult::Value,
            MarkKind::Existence if outer.is_empty() => SubqueryResult::Existence,
            MarkKind::Existence | MarkKind::Rows => SubqueryResult::Set,
        };
        if found.kind != MarkKind::Existence && columns.len() != outer.len() + 1 {
            let count = columns.len() - outer.len();
            let message = format!("a subquery gives one column here, not {count}");
            return Err(bind_error(found.span, message));
        }
        self.drafts.subqueries.push(SubqueryPlan { job, result });
        Ok(Subquery {
            number: found.number,
            index: self.drafts.subqueries.len() as u16 - 1,
            columns,
            outer,
        })
    }

    fn subquery_job(
        &mut self,
        query: Rc<Query>,
        found: Mark,
        scope: &Scope,
        context: Context<'_>,
    ) -> Result<(Job, Vec<SqlExpr>), SqlError> {
        let Decorrelated { query, outer } = self.decorrelated(query, found, scope, context)?;
        let rows_max = match found.kind {
            MarkKind::Value => 2,
            MarkKind::Existence if outer.is_empty() => 1,
            // One more than may be, so that it shows.
            MarkKind::Existence | MarkKind::Rows => SUBQUERY_ROWS_MAX as u64 + 1,
        };
        self.write_within(&query, Target::Memory { rows_max }, query.span, context)?;
        let job = self.job()?.expect("a statement was just written");
        Ok((job, outer))
    }

    /// Takes the conditions `inner = outer` out of WHERE: the inner sides become columns.
    fn decorrelated(
        &mut self,
        query: Rc<Query>,
        found: Mark,
        outer_scope: &Scope,
        context: Context<'_>,
    ) -> Result<Decorrelated, SqlError> {
        let plain = |query| Decorrelated {
            query,
            outer: Vec::new(),
        };
        let select = &query.body;
        let Some(filter) = &select.filter else {
            return Ok(plain(query));
        };
        // FROM is planned once more to learn its names: level by level that doubles the work.
        if context.depth > CORRELATED_DEPTH_MAX {
            return Ok(plain(query));
        }
        let (drafts, notes) = (self.drafts.clone(), self.notes.clone());
        let relation = self.relation(&select.from, context, select.span);
        (self.drafts, self.notes) = (drafts, notes);
        // What is wrong with FROM is told where the whole is planned.
        let Ok(relation) = relation else {
            return Ok(plain(query));
        };
        let inner_scope = relation.flow.scope();
        let (mut keys, mut outer, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for condition in conjuncts(filter) {
            if !is_unknown(condition, &inner_scope) {
                rest.push(condition.clone());
                continue;
            }
            match equality(condition, &inner_scope, outer_scope) {
                Some((key, of_outer)) => {
                    keys.push(key.clone());
                    outer.push(of_outer.clone());
                }
                None if !names_outer(condition, &inner_scope, outer_scope) => {
                    rest.push(condition.clone());
                }
                None => {
                    return Err(unbuilt(
                        place(condition),
                        "a subquery whose WHERE compares with the query around it other than by `inner = outer`",
                    ));
                }
            }
        }
        if keys.is_empty() {
            return Ok(plain(query));
        }
        check_correlated(&query, found)?;
        let query = Rc::new(with_keys(&query, found.kind, keys, rest));
        Ok(Decorrelated { query, outer })
    }
}

/// The query with its keys in front: each set of them once.
fn with_keys(query: &Query, kind: MarkKind, keys: Vec<SqlExpr>, rest: Vec<SqlExpr>) -> Query {
    let item = |expr: SqlExpr| SelectItem::Expr {
        span: place(&expr),
        expr: Box::new(expr),
        alias: None,
    };
    let mut changed = query.clone();
    let mut items: Vec<SelectItem> = keys.into_iter().map(item).collect();
    if kind == MarkKind::Rows {
        items.append(&mut changed.body.items);
    }
    changed.body.items = items;
    changed.body.distinct = true;
    changed.body.filter = rest.into_iter().reduce(|all, next| SqlExpr::BinaryOp {
        left: Box::new(all),
        op: BinaryOperator::And,
        right: Box::new(next),
    });
    changed.order_by.clear();
    changed
}

/// Refuses correlated subqueries whose rows depend on more than their own WHERE.
fn check_correlated(query: &Query, found: Mark) -> Result<(), SqlError> {
    if found.kind == MarkKind::Value {
        return Err(unbuilt(
            found.span,
            "a subquery that gives another value for each row of the query around it",
        )
        .with_hint("IN and EXISTS take conditions `inner = outer`"));
    }
    let select = &query.body;
    let aggregates = select.items.iter().any(|item| match item {
        SelectItem::Expr { expr, .. } => has_aggregate(expr),
        _ => false,
    });
    let groups = !select.group_by.is_empty()
        || !select.grouping.is_empty()
        || select.group_all
        || select.having.is_some();
    let what = if groups || aggregates || select.window.is_some() {
        "GROUP BY, a window or an aggregate"
    } else if select.qualify.is_some() {
        "QUALIFY"
    } else if query.limit.is_some() {
        "LIMIT"
    } else {
        return Ok(());
    };
    Err(unbuilt(
        found.span,
        format!("{what} in a subquery with conditions on the query around it"),
    ))
}

/// The conditions that all have to hold.
fn conjuncts(filter: &SqlExpr) -> Vec<&SqlExpr> {
    let mut open = vec![filter];
    let mut found = Vec::new();
    while let Some(expr) = open.pop() {
        match expr {
            SqlExpr::BinaryOp {
                op: BinaryOperator::And,
                ..
            } => open.extend(chain(expr, &BinaryOperator::And).into_iter().rev()),
            SqlExpr::Nested(inner) => open.push(inner),
            other => found.push(other),
        }
    }
    found
}

/// The sides of `inner = outer`, in this order.
fn equality<'e>(
    condition: &'e SqlExpr,
    inner: &Scope,
    outer: &Scope,
) -> Option<(&'e SqlExpr, &'e SqlExpr)> {
    let SqlExpr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    } = condition
    else {
        return None;
    };
    let is_pair = |a: &SqlExpr, b: &SqlExpr| {
        !is_unknown(a, inner) && is_unknown(b, inner) && !is_unknown(b, outer)
    };
    if is_pair(left, right) {
        return Some((left, right));
    }
    is_pair(right, left).then_some((right, left))
}

/// Whether the expression names something that only the query around knows.
fn names_outer(expr: &SqlExpr, inner: &Scope, outer: &Scope) -> bool {
    any_expr(expr, |node| {
        let is_name = matches!(
            node,
            SqlExpr::Identifier(_) | SqlExpr::CompoundIdentifier(_)
        );
        is_name && is_unknown(node, inner) && !is_unknown(node, outer)
    })
}

/// Whether the expression names something that is not in `scope`.
fn is_unknown(expr: &SqlExpr, scope: &Scope) -> bool {
    any_expr(expr, |node| match node {
        SqlExpr::Identifier(_) | SqlExpr::CompoundIdentifier(_) => {
            Binder::new(scope).bind_in(Clause::Where, node).is_err()
        }
        _ => false,
    })
}

/// The subqueries in an expression.
fn marks(expr: &SqlExpr) -> Vec<Mark> {
    let found = RefCell::new(Vec::new());
    any_expr(expr, |node| {
        let mut found = found.borrow_mut();
        found.extend(mark::read(node));
        if let SqlExpr::Function(call) = node
            && let Some(WindowType::WindowSpec(window)) = &call.over
        {
            found.extend(marks_of_window(window));
        }
        false
    });
    found.into_inner()
}

/// The subqueries in PARTITION BY and ORDER BY of a window.
fn marks_of_window(window: &WindowSpec) -> Vec<Mark> {
    let order = window.order_by.iter().map(|item| &item.expr);
    window
        .partition_by
        .iter()
        .chain(order)
        .flat_map(marks)
        .collect()
}

/// Refuses a subquery without an end, and one whose rows change.
pub fn check_ends(flow: &Flow, span: Span) -> Result<(), SqlError> {
    if !flow.bounded {
        return Err(plan_error(
            span,
            format!(
                "a subquery in an expression runs to its end before the job starts, and {} has none",
                flow.table
            ),
        )
        .with_hint("read a table that ends, like a file"));
    }
    match flow.state.changes {
        true => Err(unbuilt(span, "EMIT CHANGES in a subquery").with_hint("leave EMIT out")),
        false => Ok(()),
    }
}

/// Gives the subqueries' columns the types that they are compared in.
pub fn cast_results(job: &mut Job) {
    if job.subqueries.is_empty() {
        return;
    }
    let wanted = RefCell::new(Vec::new());
    super::rewrite_job(job, &|node| {
        match node {
            Expr::InSubquery { input, index, .. } => {
                wanted.borrow_mut().push((*index, vec![input.ty()]));
            }
            Expr::Member {
                inputs,
                rows: MemberRows::Of { index, .. },
            } => {
                let types = inputs.iter().map(Expr::ty).collect();
                wanted.borrow_mut().push((*index, types));
            }
            _ => {}
        }
        None
    });
    for (index, types) in wanted.into_inner() {
        cast_columns(&mut job.subqueries[usize::from(index)].job, &types);
    }
}

/// Casts the first columns of a job's result.
fn cast_columns(job: &mut Job, types: &[DataType]) {
    let fields = job.sinks[0].schema.fields.clone();
    if fields.iter().zip(types).all(|(field, ty)| field.ty == *ty) {
        return;
    }
    let columns = fields.iter().enumerate();
    let exprs: Vec<Expr> = columns
        .map(|(index, field)| {
            let column = Expr::Column {
                index,
                ty: field.ty,
            };
            let ty = types.get(index).copied().unwrap_or(field.ty);
            cast_to(column, ty, false).expect("the types were unified")
        })
        .collect();
    let schemas = job.statements.iter_mut().map(|it| &mut it.output);
    for schema in schemas.chain([&mut job.sinks[0].schema]) {
        for (field, expr) in schema.fields.iter_mut().zip(&exprs) {
            field.ty = expr.ty();
        }
    }
    for statement in &mut job.statements {
        let stage = statement
            .stages
            .last_mut()
            .expect("a statement has a stage");
        let exprs = exprs.clone();
        stage.operators.push(OperatorPlan::Project { exprs });
    }
}
