//! Subqueries in expressions: each becomes a job of its own, correlated ones after their conditions on the query
//! around them have become columns.

use super::flow::Flow;
use super::query::Context;
use super::select::position;
use super::sink::Target;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::{SQL_DEPTH_MAX, SUBQUERIES_MAX, SUBQUERY_ROWS_MAX};
use crate::plan::{Expr, Job, MemberRows, OperatorPlan, SubqueryPlan, SubqueryResult};
use crate::sql::ast::{OrderItem, Query, Select, SelectItem};
use crate::sql::bind::{
    Binder, Clause, Scope, Subquery, any_expr, cast_to, chain, has_aggregate, has_over, place,
};
use crate::sql::mark::{self, Mark, MarkKind};
use crate::sql::names;
use crate::types::DataType;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr as SqlExpr, Value as SqlValue, WindowSpec, WindowType,
};
use sqlparser::tokenizer::TokenWithSpan;
use std::cell::RefCell;
use std::rc::Rc;

/// Queries around a subquery that may name columns of them.
const CORRELATED_DEPTH_MAX: usize = 12;

/// A subquery as it is planned: its own rows, and what of the query around it its first columns equal.
struct Decorrelated {
    query: Rc<Query>,
    outer: Vec<SqlExpr>,
    /// What gives its value where it has no rows, if that may be another than NULL.
    missing: Option<Rc<Query>>,
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
        let exprs = select
            .item_exprs()
            .chain(&select.distinct_on)
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
        let planned = self.decorrelated(query, found, scope, inner)?;
        let job = self.subquery_job(&planned.query, found.kind, planned.outer.is_empty(), inner)?;
        let output = &job.statements[0].output.fields;
        let columns: Vec<DataType> = output.iter().map(|field| field.ty).collect();
        let keys = planned.outer.len();
        if found.kind == MarkKind::Value && columns.len() != keys + 1 {
            let count = columns.len() - keys;
            let message = format!("a subquery gives one column here, not {count}");
            return Err(bind_error(found.span, message));
        }
        let result = match (found.kind, keys) {
            (MarkKind::Value, 0) => SubqueryResult::Value,
            (MarkKind::Value, _) => SubqueryResult::Values,
            (MarkKind::Existence, 0) => SubqueryResult::Existence,
            (MarkKind::Existence | MarkKind::Rows, _) => SubqueryResult::Set,
        };
        let index = self.add_subquery(job, result, found.span)?;
        let missing = match planned.missing {
            None => None,
            Some(query) => {
                let job = self.subquery_job(&query, MarkKind::Value, true, inner)?;
                Some(self.add_subquery(job, SubqueryResult::Value, found.span)?)
            }
        };
        Ok(Subquery {
            number: found.number,
            index,
            columns,
            outer: planned.outer,
            missing,
        })
    }

    /// Adds a subquery to the job that is planned; its index.
    fn add_subquery(
        &mut self,
        job: Job,
        result: SubqueryResult,
        span: Span,
    ) -> Result<u16, SqlError> {
        if self.drafts.subqueries.len() == SUBQUERIES_MAX {
            let message = format!("a job has at most {SUBQUERIES_MAX} subqueries in expressions");
            return Err(plan_error(span, message));
        }
        self.drafts.subqueries.push(SubqueryPlan { job, result });
        Ok(self.drafts.subqueries.len() as u16 - 1)
    }

    /// A job of its own: what is planned so far is put aside meanwhile.
    fn subquery_job(
        &mut self,
        query: &Query,
        kind: MarkKind,
        keyless: bool,
        context: Context<'_>,
    ) -> Result<Job, SqlError> {
        let rows_max = match (kind, keyless) {
            (MarkKind::Value, true) => 2,
            (MarkKind::Existence, true) => 1,
            // One more than may be, so that it shows.
            _ => SUBQUERY_ROWS_MAX as u64 + 1,
        };
        let drafts = std::mem::take(&mut self.drafts);
        let partitioning = self.settings.job.partitioning.take();
        // It ends before the job begins.
        let ttl = self.settings.job.state_ttl_ns.take();
        let target = Target::Memory { rows_max };
        let job = self
            .write_within(query, target, query.span, context)
            .and_then(|()| self.job());
        self.settings.job.partitioning = partitioning;
        self.settings.job.state_ttl_ns = ttl;
        self.drafts = drafts;
        Ok(job?.expect("a statement was just written"))
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
            missing: None,
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
        let query = plainly_grouped(&query, &inner_scope);
        let is_one_group = has_aggregates(&query.body) && !is_grouped(&query.body);
        let missing = is_one_group.then(|| Rc::new(of_no_rows(&query)));
        let query = Rc::new(with_keys(&query, found.kind, keys, rest));
        Ok(Decorrelated {
            query,
            outer,
            missing,
        })
    }
}

/// The query with what its GROUP BY names written out, and HAVING of the one group of all rows in its values, which are
/// NULL where it does not hold, as where there is no row.
fn plainly_grouped(query: &Query, scope: &Scope) -> Query {
    let mut changed = query.clone();
    let Select {
        items,
        group_by,
        having,
        group_all,
        ..
    } = &mut *changed.body;
    for key in group_by.iter_mut() {
        if let Some(item) = named_item(key, items, scope) {
            *key = item.clone();
        }
    }
    if !group_by.is_empty() || *group_all {
        return changed;
    }
    if let Some(having) = having.take() {
        for item in items {
            if let SelectItem::Expr { expr, .. } = item {
                let result = std::mem::replace(&mut **expr, SqlExpr::value(SqlValue::Null));
                **expr = SqlExpr::Case {
                    case_token: TokenWithSpan::new_eof().into(),
                    end_token: TokenWithSpan::new_eof().into(),
                    operand: None,
                    conditions: vec![CaseWhen {
                        condition: having.clone(),
                        result,
                    }],
                    else_result: None,
                };
            }
        }
    }
    changed
}

/// The item that a key of GROUP BY means by its number, or by a name that nothing in FROM has.
fn named_item<'i>(key: &SqlExpr, items: &'i [SelectItem], scope: &Scope) -> Option<&'i SqlExpr> {
    let found = match (key, position(key)) {
        (_, Some(number)) => items.get(number.wrapping_sub(1)),
        (SqlExpr::Identifier(name), None) if is_unknown(key, scope) => items.iter().find(|item| {
            matches!(item, SelectItem::Expr { alias: Some(alias), .. }
                if names::means(alias, &name.value))
        }),
        _ => None,
    };
    match found {
        Some(SelectItem::Expr { expr, .. }) => Some(expr),
        _ => None,
    }
}

/// The query with its keys in front: each row once, a value once for each set of keys.
fn with_keys(query: &Query, kind: MarkKind, keys: Vec<SqlExpr>, rest: Vec<SqlExpr>) -> Query {
    let item = |expr: SqlExpr| SelectItem::Expr {
        span: place(&expr),
        expr: Box::new(expr),
        alias: None,
    };
    let mut changed = query.clone();
    let select = &mut changed.body;
    if has_aggregates(select) || is_grouped(select) {
        // By number, for a key may be a constant; GROUP BY ALL finds them by itself.
        let number = |at: usize| SqlExpr::value(SqlValue::Number(at.to_string(), false));
        let numbers = (1..=keys.len()).filter(|_| !select.group_all).map(number);
        select.group_by.splice(..0, numbers);
    }
    let mut items: Vec<SelectItem> = keys.into_iter().map(item).collect();
    if kind != MarkKind::Existence {
        items.append(&mut select.items);
    }
    select.distinct |= kind != MarkKind::Value;
    select.items = items;
    select.filter = rest.into_iter().reduce(|all, next| SqlExpr::BinaryOp {
        left: Box::new(all),
        op: BinaryOperator::And,
        right: Box::new(next),
    });
    changed.order_by.clear();
    changed
}

/// The query over no rows.
fn of_no_rows(query: &Query) -> Query {
    let mut changed = query.clone();
    changed.body.filter = Some(SqlExpr::value(SqlValue::Boolean(false)));
    changed.order_by.clear();
    changed
}

/// Whether its rows are those of one group or several.
fn has_aggregates(select: &Select) -> bool {
    select.item_exprs().any(has_aggregate) || select.having.is_some()
}

/// Whether it says what its groups are.
fn is_grouped(select: &Select) -> bool {
    !select.group_by.is_empty() || select.group_all
}

/// Refuses correlated subqueries whose rows depend on more than their own WHERE.
fn check_correlated(query: &Query, found: Mark) -> Result<(), SqlError> {
    let select = &query.body;
    let is_value = found.kind == MarkKind::Value;
    let (what, hint) = if !select.grouping.is_empty() {
        ("GROUPING SETS in a subquery", None)
    } else if select.window.is_some() {
        ("a window in a subquery", None)
    } else if select.group_all && found.kind == MarkKind::Existence {
        (
            "GROUP BY ALL in a subquery of EXISTS",
            Some("name the keys"),
        )
    } else if select.having.iter().any(|having| !has_aggregate(having)) && !is_grouped(select) {
        ("HAVING without an aggregate in a subquery", None)
    } else if !is_value && has_aggregates(select) && !is_grouped(select) {
        (
            "an aggregate without GROUP BY in a subquery of IN or EXISTS",
            Some("compare with its value: x = (SELECT MAX(y) ..)"),
        )
    } else if select.item_exprs().any(has_over) {
        (
            "OVER in a subquery",
            Some("put OVER (PARTITION BY ..) into a subquery of its FROM"),
        )
    } else if select.qualify.is_some() {
        ("QUALIFY in a subquery", None)
    } else if !select.distinct_on.is_empty() {
        ("DISTINCT ON in a subquery", None)
    } else if query.is_cut() {
        (
            "LIMIT in a subquery",
            Some("take an aggregate: MAX(x), or ARG_MAX(x, ts) for the last"),
        )
    } else {
        return Ok(());
    };
    let what = format!("{what} with conditions on the query around it");
    let error = unbuilt(found.span, what);
    Err(match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    })
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
            }
            | Expr::InRows {
                inputs,
                rows: MemberRows::Of { index, .. },
                ..
            }
            | Expr::Lookup {
                inputs,
                rows: MemberRows::Of { index, .. },
                ..
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
