//! SELECT: items, WHERE, and which operators they ask for.

use super::assigned;
use super::distinct_on::distinct_on;
use super::emission::{emission, refuse_every};
use super::flow::{Flow, Led, Spread, WindowColumns};
use super::query::Context;
use super::star::star;
use super::unnest;
use super::window::{self, BoundWindow};
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{
    AggregateMode, AggregatePlan, Emission, Expr, LatePolicy, OperatorPlan, SortKey, WindowPlan,
};
use crate::sql::ast::{EmitMode, From, Name, OrderItem, Select, SelectItem};
use crate::sql::bind::{
    Alias, Binder, Clause, Column, OverDraft, Scope, has_aggregate, is_small, last_instant,
    nullable, place, with_window,
};
use crate::types::Schema;
use sqlparser::ast::{Expr as SqlExpr, Value as SqlValue};

/// A bound item: name and value over the input and its virtual columns.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub expr: Expr,
    /// Whether it holds an aggregate in the text.
    pub aggregates: bool,
    /// Where.
    pub span: Span,
}

/// An ORDER BY item over the input and its virtual columns, or an output column by number.
pub struct BoundOrder {
    /// What is compared.
    pub expr: Expr,
    /// How.
    pub item: OrderItem,
}

impl Planner<'_> {
    /// Plans a SELECT.
    pub(super) fn select(
        &mut self,
        select: &Select,
        order_by: &[OrderItem],
        context: Context<'_>,
    ) -> Result<Flow, SqlError> {
        let moved = unnest::moved(select)?;
        let select = moved.as_deref().unwrap_or(select);
        let grouped = is_grouped(select);
        let keeps_state = grouped || select.distinct || has_over(select);
        let inner = match keeps_state {
            true => context.feeding(),
            false => context,
        };
        let relation = self.relation(&select.from, inner, select.span)?;
        let mut flow = relation.flow;
        let mut scope = flow.scope();
        scope.zone.clone_from(&self.settings.zone);
        self.subqueries(select, order_by, &mut scope, context)?;
        let window = self.window_of(select, relation.window, &flow)?;
        if let Some(filter) = &select.filter {
            let predicate = self.condition(select, filter, &scope, window.as_ref())?;
            flow.filter(predicate);
        }
        if window.is_some() {
            let clause = select
                .window
                .as_ref()
                .is_some_and(|window| window.clause || window.sampled);
            window::add_columns(&mut scope, clause, !grouped);
            let spelled = match &select.from {
                From::Windowed { window, .. } => Some(window),
                _ => select.window.as_ref(),
            };
            self.notes
                .warnings
                .extend(spelled.and_then(window::warning));
        }
        if !grouped {
            if let Some(window) = window {
                assigned::assign(&mut flow, select, window)?;
            }
            self.project(&mut flow, &scope, select, order_by, context)?;
        } else {
            let own = Context {
                feeds: context.feeds || select.distinct,
                emit: if select.distinct { None } else { context.emit },
                ..context
            };
            self.group(&mut flow, &scope, select, order_by, window, own)?;
        }
        if select.distinct {
            self.distinct(&mut flow, select.span, context)?;
        }
        Ok(flow)
    }

    /// WHERE. Of a table function whose windows a row's time says it can speak of them.
    fn condition(
        &mut self,
        select: &Select,
        filter: &SqlExpr,
        scope: &Scope,
        window: Option<&BoundWindow>,
    ) -> Result<Expr, SqlError> {
        let is_function = matches!(select.from, From::Windowed { .. });
        let bounds = window.filter(|_| is_function).and_then(window::of_row);
        let mut scope = scope.clone();
        if bounds.is_some() {
            window::add_columns(&mut scope, false, false);
        }
        let mut binder = Binder::new(&scope);
        binder.aliases = alias_names(select);
        let predicate = binder.condition_in(Clause::Where, filter)?;
        self.notes.warnings.append(&mut binder.warnings);
        if let Some(window) = window.filter(|_| is_function) {
            check_commutes(window, &predicate, place(filter))?;
        }
        Ok(match &bounds {
            Some(bounds) => with_window(&predicate, bounds),
            None => predicate,
        })
    }

    fn window_of(
        &self,
        select: &Select,
        in_from: Option<BoundWindow>,
        flow: &Flow,
    ) -> Result<Option<BoundWindow>, SqlError> {
        match (&select.window, in_from) {
            (None, in_from) => Ok(in_from),
            (Some(window), None) => window::bind(window, flow, false).map(Some),
            (Some(window), Some(_)) => Err(plan_error(window.span, "the query has two windows")),
        }
    }

    /// The items in order, wildcards expanded; aliases become visible one after another.
    pub(super) fn items(
        &self,
        binder: &mut Binder<'_>,
        scope: &Scope,
        select: &Select,
    ) -> Result<Vec<Item>, SqlError> {
        let mut items = Vec::new();
        for item in &select.items {
            match item {
                SelectItem::Star(it) => items.extend(star(binder, scope, it)?),
                SelectItem::Expr { expr, alias, span } => {
                    let bound = binder.bind_in(Clause::Select, expr)?;
                    let name = alias.clone().unwrap_or_else(|| default_name(expr, *span));
                    if alias.is_some() {
                        binder.aliases.push(Alias {
                            name: name.clone(),
                            expr: bound.clone(),
                            nullable: true,
                        });
                    }
                    items.push(Item {
                        name,
                        expr: bound,
                        aggregates: has_aggregate(expr),
                        span: *span,
                    });
                }
            }
            if items.len() > crate::limits::COLUMNS_MAX {
                return Err(bind_error(
                    select.span,
                    format!("a query has at most {} columns", crate::limits::COLUMNS_MAX),
                ));
            }
        }
        Ok(items)
    }

    /// ORDER BY: output columns by number or name first, then anything the query can compute.
    pub(super) fn orders(
        &self,
        binder: &mut Binder<'_>,
        items: &[Item],
        order_by: &[OrderItem],
    ) -> Result<Vec<BoundOrder>, SqlError> {
        let mut orders = Vec::with_capacity(order_by.len());
        for item in order_by {
            let expr = match position(&item.expr) {
                Some(number) => items
                    .get(number.wrapping_sub(1))
                    .map(|item| item.expr.clone())
                    .ok_or_else(|| no_position(number, items.len(), "ORDER BY", item.span))?,
                None => binder.bind_in(Clause::OrderBy, &item.expr)?,
            };
            orders.push(BoundOrder {
                expr,
                item: item.clone(),
            });
        }
        Ok(orders)
    }

    fn project(
        &mut self,
        flow: &mut Flow,
        scope: &Scope,
        select: &Select,
        order_by: &[OrderItem],
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        let mut binder = Binder::new(scope);
        binder.windows = &select.named_windows;
        let bounds = flow.assigned.as_ref();
        let bounds = bounds.map(|assigned| [assigned.start.clone(), assigned.end.clone()]);
        binder.window_of_row.clone_from(&bounds);
        let mut items = self.items(&mut binder, scope, select)?;
        let mut orders = self.orders(&mut binder, &items, order_by)?;
        let mut qualify = qualify(&mut binder, select, (&items, &orders))?;
        self.notes.warnings.append(&mut binder.warnings);
        let mut overs = std::mem::take(&mut binder.overs);
        if let Some(bounds) = &bounds {
            let exprs = items.iter_mut().map(|item| &mut item.expr);
            let exprs = exprs.chain(orders.iter_mut().map(|order| &mut order.expr));
            let exprs = exprs.chain(overs.iter_mut().flat_map(OverDraft::exprs_mut));
            for expr in exprs.chain(&mut qualify) {
                *expr = with_window(expr, bounds);
            }
        }
        if !overs.is_empty() {
            refuse_every(context.emit, "OVER")?;
        }
        let replaced = self.over(flow, overs, context)?;
        if let Some(qualify) = qualify {
            flow.filter(replaced.apply(&qualify));
        }
        flow.columns = items
            .into_iter()
            .map(|item| visible(flow, &item.name, replaced.apply(&item.expr)))
            .collect();
        flow.qualifiers.clear();
        flow.sort = orders
            .into_iter()
            .map(|order| sort_key(&order.item, replaced.apply(&order.expr)))
            .collect();
        Ok(())
    }

    /// SELECT DISTINCT: an aggregate whose keys are the items.
    pub(super) fn distinct(
        &mut self,
        flow: &mut Flow,
        span: Span,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        let keys: Vec<Expr> = flow
            .columns
            .iter()
            .map(|column| column.expr.clone())
            .collect();
        refuse_every(context.emit, "SELECT DISTINCT")?;
        // A row never changes: what stands on top has it when it first comes.
        let as_they_come = context
            .emit
            .is_none_or(|emit| emit.mode == EmitMode::Changes);
        let passes = context.feeds && as_they_come;
        let emission = match passes {
            true => Emission::Changes,
            false => emission(flow, &context, false, span)?,
        };
        let ttl = self.ttl_of_groups(flow, "SELECT DISTINCT", emission, span)?;
        let (time, window) = match passes {
            true => times_among(flow, &keys),
            false => (None, None),
        };
        let assigned = flow.assigned.take().filter(|_| passes);
        let assigned = assigned.and_then(|it| it.over(&keys)).map(Box::new);
        let hash_is_routed = self.bring_together(flow, &keys, "SELECT DISTINCT", span)?;
        sort_by_selected(flow, &keys, span)?;
        let fields = flow
            .columns
            .iter()
            .map(|column| flow.field(&column.name, &column.expr))
            .collect();
        flow.push(OperatorPlan::Aggregate(AggregatePlan {
            keys: keys.clone(),
            hash_is_routed,
            spread_by: flow.spread.among(&keys),
            window: None,
            time: None,
            aggregates: Vec::new(),
            emission,
            every_ns: None,
            late: LatePolicy::Drop,
            allowed_ns: 0,
            retention_ns: 0,
            mode: AggregateMode::Complete,
            groups_max: self.groups_max(),
            ttl,
        }));
        flow.physical = Schema { fields };
        for (index, column) in flow.columns.iter_mut().enumerate() {
            column.expr = Expr::Column {
                index,
                ty: column.expr.ty(),
            };
        }
        flow.spread = moved(&flow.spread, &keys);
        flow.hashed = false;
        flow.lag_ns = flow.lag();
        (flow.time, flow.window, flow.assigned) = (time, window, assigned);
        flow.state.emit_taken = true;
        let led = flow.led.take().filter(|_| passes);
        flow.led = led.map(|_| Led { keys: None });
        flow.state.unnests = 0;
        flow.state.at_end |= emission == Emission::Final;
        flow.state.changes |= emission == Emission::Changes && !passes;
        Ok(())
    }

    /// Groups one statement may hold on one worker.
    pub(super) fn groups_max(&self) -> u64 {
        self.settings
            .job
            .max_groups
            .unwrap_or(crate::limits::GROUPS_MAX as u64)
    }
}

/// QUALIFY, bound, or the condition that DISTINCT ON is.
pub(super) fn qualify(
    binder: &mut Binder<'_>,
    select: &Select,
    (items, orders): (&[Item], &[BoundOrder]),
) -> Result<Option<Expr>, SqlError> {
    if !select.distinct_on.is_empty() {
        return distinct_on(binder, select, items, orders).map(Some);
    }
    let Some(qualify) = &select.qualify else {
        return Ok(None);
    };
    let bound = binder.condition_in(Clause::Qualify, qualify)?;
    if binder.overs.is_empty() {
        return Err(bind_error(place(qualify), "QUALIFY without an OVER call")
            .with_hint("conditions on rows go into WHERE, on groups into HAVING"));
    }
    Ok(Some(bound))
}

/// Puts ORDER BY over the columns that `keys` become.
fn sort_by_selected(flow: &mut Flow, keys: &[Expr], span: Span) -> Result<(), SqlError> {
    for order in &mut flow.sort {
        order.expr = among(keys, &order.expr).ok_or_else(|| {
            let message = "ORDER BY of SELECT DISTINCT takes selected columns only";
            bind_error(span, message)
        })?;
    }
    Ok(())
}

/// The time of the rows and the window that made them, once `keys` have become the columns. The rows of a window keep
/// their time with its bounds only: they come when it closes.
fn times_among(flow: &Flow, keys: &[Expr]) -> (Option<Expr>, Option<WindowColumns>) {
    let column = |expr: &Expr| among(keys, expr);
    let time = flow.time.as_ref().and_then(column);
    let Some(window) = &flow.window else {
        return (time, None);
    };
    let (Some(start), Some(end)) = (column(&window.start), column(&window.end)) else {
        return (None, None);
    };
    let time = time.or_else(|| Some(last_instant(end.clone())));
    let window = WindowColumns {
        start,
        end,
        ..window.clone()
    };
    (time, Some(window))
}

/// Refuses WHERE on rows of a table function whose windows go by all rows of a key: it comes behind the function, and
/// only one on the keys could as well come before.
fn check_commutes(window: &BoundWindow, predicate: &Expr, span: Span) -> Result<(), SqlError> {
    let name = match window.plan {
        WindowPlan::Session { .. } => "SESSION",
        WindowPlan::Bars(_) => "BARS",
        _ => return Ok(()),
    };
    let keys = window.partition.as_deref().unwrap_or(&[]);
    let mut columns = Vec::new();
    predicate.columns(&mut columns);
    let is_key = |column: &usize| {
        let mut keys = keys.iter();
        keys.any(|key| matches!(key, Expr::Column { index, .. } if index == column))
    };
    if columns.iter().all(is_key) {
        return Ok(());
    }
    // Its windows go by the rows that WHERE drops, too.
    let what = format!("WHERE behind {name}(..) on columns that it is not partitioned by");
    Err(unbuilt(span, what).with_hint(format!(
        "filter before it, WITH some AS (SELECT * FROM t WHERE ..) SELECT .. FROM {name}(TABLE some ..), or each aggregate, \
         SUM(x) FILTER (WHERE ..)"
    )))
}

/// The column that an expression is once `keys` have become the first columns.
pub(super) fn among(keys: &[Expr], expr: &Expr) -> Option<Expr> {
    let index = keys.iter().position(|key| key == expr)?;
    let ty = expr.ty();
    Some(Expr::Column { index, ty })
}

/// How rows lie once `keys` have become the first columns of an aggregate's output.
pub(super) fn moved(spread: &Spread, keys: &[Expr]) -> Spread {
    let Spread::Keyed(have) = spread else {
        return spread.clone();
    };
    let columns: Option<Vec<Expr>> = have.iter().map(|key| among(keys, key)).collect();
    columns.map_or(Spread::Scattered, Spread::Keyed)
}

/// A column of the query's result.
pub(super) fn visible(flow: &Flow, name: &Name, expr: Expr) -> Column {
    Column {
        name: name.text.clone(),
        nullable: nullable(&expr, &|index| {
            flow.physical
                .fields
                .get(index)
                .is_none_or(|field| field.nullable)
        }),
        expr,
        hidden: false,
    }
}

/// A sort key: NULLs last unless asked otherwise.
pub(super) fn sort_key(item: &OrderItem, expr: Expr) -> SortKey {
    SortKey {
        expr,
        descending: item.descending,
        nulls_first: item.nulls_first.unwrap_or(false),
    }
}

/// The aliases of the items, for hints only: WHERE sees none of them.
fn alias_names(select: &Select) -> Vec<Alias> {
    let names = select.items.iter().filter_map(|item| match item {
        SelectItem::Expr { alias, .. } => alias.clone(),
        _ => None,
    });
    names
        .map(|name| Alias {
            name,
            expr: Expr::And(Vec::new()),
            nullable: true,
        })
        .collect()
}

/// Whether the SELECT has groups.
pub(super) fn is_grouped(select: &Select) -> bool {
    let item_aggregates = select.item_exprs().any(has_aggregate);
    // The WINDOW clause alone groups nothing; SAMPLE BY and a window as a group key do.
    let windowed = select.window.as_ref().is_some_and(|window| !window.clause);
    let keyed = select.group_all || !select.group_by.is_empty() || !select.grouping.is_empty();
    keyed || select.having.is_some() || item_aggregates || windowed
}

/// Whether the SELECT has OVER calls.
pub(super) fn has_over(select: &Select) -> bool {
    let mut exprs = select.item_exprs().chain(&select.qualify);
    !select.distinct_on.is_empty() || exprs.any(crate::sql::bind::has_over)
}

/// The name of an item without an alias: a column's own, else its text in lower case.
pub(super) fn default_name(expr: &SqlExpr, span: Span) -> Name {
    const NODES_SHOWN_MAX: usize = 24;
    let text = match expr {
        SqlExpr::Identifier(ident) => ident.value.clone(),
        SqlExpr::CompoundIdentifier(parts) => parts
            .last()
            .map_or(String::new(), |part| part.value.clone()),
        other if is_small(other, NODES_SHOWN_MAX) => other.to_string().to_lowercase(),
        _ => "expression".into(),
    };
    Name {
        text,
        quoted: false,
        span,
    }
}

/// The number of `ORDER BY 1` and `GROUP BY 1`.
pub(super) fn position(expr: &SqlExpr) -> Option<usize> {
    match expr {
        SqlExpr::Value(value) => match &value.value {
            SqlValue::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn no_position(number: usize, count: usize, clause: &str, span: Span) -> SqlError {
    bind_error(
        span,
        format!("{clause} {number}: the query has {count} columns, counted from 1"),
    )
}

/// Where an item's expression stands.
pub(super) fn item_span(item: &SelectItem) -> Span {
    match item {
        SelectItem::Expr { span, .. } if span.line > 0 => *span,
        SelectItem::Expr { expr, .. } => place(expr),
        SelectItem::Star(star) => star.span,
    }
}
