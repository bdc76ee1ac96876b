//! GROUP BY: keys, windows, how the work is divided, HAVING.

use super::emission::{Lateness, emission, lateness, refuse_every};
use super::fill;
use super::flow::{Flow, WindowColumns};
use super::grouping::{Grouped, sets_of};
use super::placement::{check_session, rows_come_behind};
use super::query::Context;
use super::select::{
    BoundOrder, Item, item_span, moved, no_position, position, qualify, sort_key, visible,
};
use super::settle::check_settled;
use super::sort::starts_follow_ends;
use super::window::{self, BoundWindow};
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::expr::catalogue::aggregate_name;
use crate::plan::{
    AggregateCall, AggregateKind, AggregateMode, AggregatePlan, Emission, Expr, LatePolicy,
    WindowPlan,
};
use crate::sql::ast::{OrderItem, Select, SelectItem};
use crate::sql::bind::{
    AGGREGATE_BASE, Alias, Binder, Clause, GROUPING_BASE, OVER_BASE, OverDraft, Scope, WINDOW_BASE,
    rewrite, window_time,
};
use crate::sql::names;
use crate::types::{DataType, Field, Schema};
use sqlparser::ast::Expr as SqlExpr;

impl Earlier {
    /// What of the rows of `flow` means the bounds of `window`, which was taken from it.
    fn of(flow: &Flow, window: &BoundWindow) -> Option<Self> {
        if let Some(assigned) = flow
            .assigned
            .as_ref()
            .filter(|it| (&it.window.time, &it.window.plan) == (&window.time, &window.plan))
        {
            return Some(Self {
                start: Some(assigned.start.clone()),
                end: assigned.end.clone(),
                time: Some(assigned.time()),
            });
        }
        let made = flow.window.as_ref()?;
        Some(Self {
            start: (!made.plan.made_by().moves()).then(|| made.start.clone()),
            end: made.end.clone(),
            time: flow.time.clone(),
        })
    }
}

/// GROUP BY, bound.
pub struct Keys {
    /// The keys, each once.
    pub exprs: Vec<Expr>,
    /// What each of its expressions is, window columns too.
    pub bound: Vec<Expr>,
    /// Whether `window_start` or `window_end` of the query's own window is among them.
    pub names_window: bool,
    /// Whether the columns of the window that made the rows are.
    pub names_earlier_window: bool,
}

/// Where the aggregate puts what expressions use.
struct Layout<'f> {
    /// What each GROUPING() call is.
    groupings: Vec<Expr>,
    keys: &'f [Expr],
    /// Index of `window_start`.
    window_at: Option<usize>,
    aggregates_at: usize,
    earlier: Option<Earlier>,
    input: &'f Schema,
}

/// The bounds of the earlier window that this one carries on.
struct Earlier {
    /// `window_start`; `None` where it is a key of its own.
    start: Option<Expr>,
    /// `window_end`.
    end: Expr,
    /// `window_time`, which may be a column of its own.
    time: Option<Expr>,
}

/// What stands behind an aggregate, over its input until its layout is known.
struct Behind {
    items: Vec<Item>,
    orders: Vec<BoundOrder>,
    having: Option<Expr>,
    qualify: Option<Expr>,
    overs: Vec<OverDraft>,
}

/// Where the condition on groups stands.
fn having_span(select: &Select) -> Span {
    let having = select.having.as_ref();
    having.map_or(select.span, crate::sql::bind::place)
}

impl Planner<'_> {
    /// Plans the grouped part of a SELECT.
    pub(super) fn group(
        &mut self,
        flow: &mut Flow,
        scope: &Scope,
        select: &Select,
        order_by: &[OrderItem],
        window: Option<BoundWindow>,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        let mut binder = Binder::new(scope);
        binder.windows = &select.named_windows;
        binder.grouped = true;
        binder.window_of_row = window.as_ref().and_then(window::of_row);
        let sampled = select.window.as_ref().is_some_and(|window| window.sampled);
        binder.aliases = self.plain_aliases(scope, select);
        let mut keys = self.keys(&mut binder, flow, scope, select)?;
        binder.aliases.clear();
        let mut items = self.items(&mut binder, scope, select)?;
        if select.group_all {
            all_keys(&items, &mut keys, flow);
        }
        if let (true, Some(window)) = (sampled, &window) {
            implicit_keys(&mut items, &mut keys, window);
        }
        let orders = self.orders(&mut binder, &items, order_by)?;
        let having = select.having.as_ref();
        let having = having.map(|having| binder.condition_in(Clause::Having, having));
        let having = having.transpose()?;
        let mut behind = Behind {
            qualify: qualify(&mut binder, select, (&items, &orders))?,
            items,
            orders,
            having,
            overs: std::mem::take(&mut binder.overs),
        };
        self.notes.warnings.append(&mut binder.warnings);
        let aggregates = std::mem::take(&mut binder.aggregates);
        let filled = fill::of(select, &behind.items, &aggregates)?;
        let carries_on = window.is_none();
        let window = self.effective_window(window, &mut keys, flow, select.span)?;
        let earlier = window.as_ref().filter(|_| carries_on);
        let earlier = earlier.and_then(|window| Earlier::of(flow, window));
        let input = flow.physical.clone();
        let sets = sets_of(select, &keys, window.as_ref())?;
        let grouped = Grouped {
            keys: keys.exprs,
            sets,
            window,
            aggregates,
        };
        let (keys, window) = (&grouped.keys, &grouped.window);
        let groupings = binder.groupings.iter();
        let groupings = groupings.map(|args| grouped.flags(args, select.span));
        let layout = Layout {
            groupings: groupings.collect::<Result<_, _>>()?,
            keys,
            window_at: window.as_ref().map(|_| keys.len()),
            aggregates_at: keys.len() + if window.is_some() { 2 } else { 0 },
            earlier,
            input: &input,
        };
        behind.apply(&layout, select)?;
        let own = of_groups(&behind.overs, context)?;
        self.aggregate_sets(flow, &grouped, own, select.span)?;
        self.fill(flow, filled, grouped.sets.len())?;
        self.present(flow, behind, context)
    }

    /// Makes what stands behind an aggregate's groups of them: HAVING, OVER, QUALIFY, and the flow's columns.
    fn present(
        &mut self,
        flow: &mut Flow,
        behind: Behind,
        context: Context<'_>,
    ) -> Result<(), SqlError> {
        if let Some(having) = behind.having {
            flow.filter(having);
        }
        let over = Context {
            late: context.late.filter(|_| !flow.state.late_taken),
            ..context
        };
        let replaced = self.over(flow, behind.overs, over)?;
        if let Some(qualify) = behind.qualify {
            flow.filter(replaced.apply(&qualify));
        }
        let items = behind.items.into_iter();
        flow.columns = items
            .map(|item| visible(flow, &item.name, replaced.apply(&item.expr)))
            .collect();
        flow.qualifiers.clear();
        let orders = behind.orders.into_iter();
        flow.sort = orders
            .map(|order| sort_key(&order.item, replaced.apply(&order.expr)))
            .collect();
        Ok(())
    }

    /// The aliases of items without aggregates, for keys that are written with one.
    fn plain_aliases(&self, scope: &Scope, select: &Select) -> Vec<Alias> {
        let mut binder = Binder::new(scope);
        binder.windows = &select.named_windows;
        // An item that cannot be bound is told of where the items are bound.
        if self.items(&mut binder, scope, select).is_err() {
            return Vec::new();
        }
        let mut aliases = binder.aliases;
        aliases.retain(|alias| !uses(&alias.expr, AGGREGATE_BASE..WINDOW_BASE));
        aliases
    }

    fn keys(
        &self,
        binder: &mut Binder<'_>,
        flow: &Flow,
        scope: &Scope,
        select: &Select,
    ) -> Result<Keys, SqlError> {
        let mut keys = Keys {
            exprs: Vec::new(),
            bound: Vec::new(),
            names_window: false,
            names_earlier_window: false,
        };
        for expr in self.key_expressions(scope, select)? {
            let bound = binder.bind_in(Clause::GroupBy, expr)?;
            keys.bound.push(bound.clone());
            let mut columns = Vec::new();
            bound.columns(&mut columns);
            let is_virtual = columns.last().is_some_and(|&index| index >= WINDOW_BASE);
            if is_virtual {
                let start_or_end = matches!(bound, Expr::Column { .. });
                if !start_or_end && bound != window_time(WINDOW_BASE + 1) {
                    return Err(unbuilt(
                        crate::sql::bind::place(expr),
                        "GROUP BY an expression of window columns",
                    )
                    .with_hint("group by window_start, window_end and compute it in SELECT"));
                }
                keys.names_window = true;
                continue;
            }
            keys.names_earlier_window |= flow.is_of_window(&bound);
            if !keys.exprs.contains(&bound) {
                keys.exprs.push(bound);
            }
        }
        Ok(keys)
    }

    /// GROUP BY items with positions and aliases replaced by the SELECT items they mean.
    fn key_expressions<'s>(
        &self,
        scope: &Scope,
        select: &'s Select,
    ) -> Result<Vec<&'s SqlExpr>, SqlError> {
        let item = |at: usize| match select.items.get(at) {
            Some(SelectItem::Expr { expr, .. }) => Some(&**expr),
            _ => None,
        };
        let mut keys = Vec::new();
        for expr in &select.group_by {
            if let Some(number) = position(expr) {
                let span = crate::sql::bind::place(expr);
                let found = number
                    .checked_sub(1)
                    .and_then(item)
                    .ok_or_else(|| no_position(number, select.items.len(), "GROUP BY", span))?;
                keys.push(found);
                continue;
            }
            let SqlExpr::Identifier(ident) = expr else {
                keys.push(expr);
                continue;
            };
            let name = names::name_of(ident);
            if scope.find(&name)?.is_some() {
                keys.push(expr);
            } else {
                let aliased = select.items.iter().find_map(|item| match item {
                    SelectItem::Expr {
                        expr,
                        alias: Some(alias),
                        ..
                    } if names::means(&name, &alias.text) => Some(&**expr),
                    _ => None,
                });
                keys.push(aliased.unwrap_or(expr));
            }
        }
        Ok(keys)
    }

    /// The query's window, or that of the subquery when its columns are grouped by.
    fn effective_window(
        &self,
        window: Option<BoundWindow>,
        keys: &mut Keys,
        flow: &Flow,
        span: Span,
    ) -> Result<Option<BoundWindow>, SqlError> {
        if let Some(window) = window {
            if window.named_by_group && !keys.names_window {
                return Err(
                    plan_error(window.span, "the query does not group by its window")
                        .with_hint("add GROUP BY window_start, window_end"),
                );
            }
            return Ok(Some(window));
        }
        if !keys.names_earlier_window {
            return Ok(None);
        }
        if let Some(assigned) = &flow.assigned
            && keys.exprs.iter().any(|key| assigned.says(key))
        {
            flow.check_settles("GROUP BY the bounds of windows", span)?;
            keys.exprs.retain(|key| !assigned.says(key));
            return Ok(Some(BoundWindow {
                named_by_group: false,
                settles: assigned.settles(flow),
                span,
                ..assigned.window.clone()
            }));
        }
        let (Some(earlier), Some(time)) = (&flow.window, &flow.time) else {
            return Ok(None);
        };
        let moves = earlier.plan.made_by().moves();
        let says_end = |key: &Expr| *key == earlier.end || key == time;
        // Where the start does not say the end, for the bounds move or several windows begin together, no watermark says
        // that a start comes no more.
        let by_end = keys.exprs.iter().any(says_end);
        if !by_end && !starts_follow_ends(&earlier.plan) {
            return Ok(None);
        }
        flow.check_settles("GROUP BY the bounds of windows", span)?;
        keys.exprs
            .retain(|key| !says_end(key) && (moves || *key != earlier.start));
        Ok(Some(BoundWindow {
            plan: window::carried(&earlier.plan),
            time: time.clone(),
            named_by_group: false,
            partition: None,
            by_clock: false,
            allowed_ns_min: flow.comes_behind_ns(),
            settles: flow.settles(),
            span,
        }))
    }

    pub(super) fn aggregate(
        &mut self,
        flow: &mut Flow,
        keys: &[Expr],
        window: Option<BoundWindow>,
        aggregates: Vec<AggregateCall>,
        context: Context<'_>,
        span: Span,
    ) -> Result<(), SqlError> {
        let windowed = window.is_some();
        let emission = emission(flow, &context, windowed, span)?;
        let fields = output_fields(flow, keys, windowed, &aggregates);
        if let Some(window) = window.as_ref().filter(|window| window.settles) {
            check_settled(flow, &context)?;
            self.settle(flow, &window.time);
        }
        self.use_clock(flow, window.as_ref(), emission, &context)?;
        let late = match &window {
            Some(window) => lateness(&context, window.allowed_ns_min)?,
            None => Lateness::NONE,
        };
        if let Some(window) = &window {
            check_session(window, keys, (late.policy, emission))?;
        }
        let every_ns = self.every_ns(flow, &context, late.policy)?;
        let moves = window.as_ref().is_some_and(|it| it.plan.moves());
        let ttl = self.ttl_of_aggregate(flow, (keys, windowed), emission, span)?;
        let plan = AggregatePlan {
            keys: keys.to_vec(),
            hash_is_routed: false,
            spread_by: None,
            window: window.as_ref().map(|window| window.plan.clone()),
            time: window.as_ref().map(|window| window.time.clone()),
            aggregates,
            emission,
            every_ns: every_ns.filter(|_| moves),
            late: late.policy,
            allowed_ns: late.allowed_ns,
            retention_ns: late.retention_ns,
            mode: AggregateMode::Complete,
            groups_max: self.groups_max(),
            ttl,
        };
        let closes = window.as_ref().map(|it| (it.plan.clone(), late.allowed_ns));
        flow.clock.windows.extend(closes);
        flow.late_into = self.late_target(context.late.filter(|_| windowed))?;
        self.place(flow, plan, span)?;
        super::late::check_collected(flow)?;
        flow.spread = moved(&flow.spread, keys);
        flow.hashed = false;
        flow.physical = Schema { fields };
        if let Some(every_ns) = every_ns.filter(|_| !moves) {
            let plan = self.coalesce(flow, keys, windowed, late, (emission, every_ns));
            flow.push(plan);
        }
        flow.time = window.as_ref().map(|_| window_time(keys.len() + 1));
        flow.assigned = None;
        flow.window = window.map(|window| columns_of(flow, &window, keys, late.allowed_ns));
        flow.lag_ns = 0;
        (flow.rests, flow.state.unnests, flow.led) = (false, 0, None);
        flow.state.at_end = !windowed && emission == Emission::Final;
        flow.state.backdated = false;
        let corrects = late.policy != LatePolicy::Drop;
        flow.state.emit_taken = true;
        flow.state.late_taken |= windowed;
        flow.state.changes |= emission != Emission::Final;
        flow.state.corrections |= corrects;
        flow.state.retracts |= corrects && moves;
        Ok(())
    }
}

/// The columns of an aggregate's window, by `keys`.
fn columns_of(flow: &Flow, window: &BoundWindow, keys: &[Expr], allowed_ns: i64) -> WindowColumns {
    let column = |index| Expr::Column {
        index,
        ty: DataType::Timestamp,
    };
    // Of windows that move, taken up again, the time says the end alone.
    let again = matches!(&window.plan, WindowPlan::Made(by) if by.moves());
    let earlier = flow.window.as_ref().filter(|_| again);
    let start = earlier.and_then(|it| keys.iter().position(|key| *key == it.start));
    WindowColumns {
        start: column(start.unwrap_or(keys.len())),
        end: column(keys.len() + 1),
        plan: window.plan.clone(),
        allowed_ns: rows_come_behind(&window.plan, allowed_ns),
        at_once: true,
    }
}

fn output_fields(
    flow: &Flow,
    keys: &[Expr],
    windowed: bool,
    aggregates: &[AggregateCall],
) -> Vec<Field> {
    let mut fields: Vec<Field> = keys
        .iter()
        .enumerate()
        .map(|(at, key)| {
            let name = match key {
                Expr::Column { index, .. } => flow.physical.fields[*index].name.clone(),
                _ => format!("key{}", at + 1),
            };
            flow.field(&name, key)
        })
        .collect();
    if windowed {
        for name in ["window_start", "window_end"] {
            fields.push(Field {
                name: name.into(),
                ty: DataType::Timestamp,
                nullable: false,
            });
        }
    }
    fields.extend(aggregates.iter().map(|call| Field {
        name: aggregate_name(call.kind).into(),
        ty: call.ty,
        nullable: !matches!(call.kind, AggregateKind::Count | AggregateKind::CountRows),
    }));
    fields
}

/// What the aggregate is told of EMIT: OVER calls take its rows, and EMIT is theirs.
fn of_groups<'q>(overs: &[OverDraft], context: Context<'q>) -> Result<Context<'q>, SqlError> {
    if overs.is_empty() {
        return Ok(context);
    }
    refuse_every(context.emit, "OVER")?;
    Ok(Context {
        feeds: true,
        emit: None,
        ..context
    })
}

/// GROUP BY ALL: items without aggregates are keys; constants need none, and a window is its own.
fn all_keys(items: &[Item], keys: &mut Keys, flow: &Flow) {
    for item in items {
        keys.names_window |= uses(&item.expr, WINDOW_BASE..usize::MAX);
        keys.names_earlier_window |= flow.is_of_window(&item.expr);
        let is_virtual = uses(&item.expr, AGGREGATE_BASE..usize::MAX);
        let varies = uses(&item.expr, 0..AGGREGATE_BASE);
        if varies && !is_virtual && !item.aggregates && !keys.exprs.contains(&item.expr) {
            keys.exprs.push(item.expr.clone());
        }
    }
}

/// Whether the expression reads a column of `range`.
fn uses(expr: &Expr, range: std::ops::Range<usize>) -> bool {
    let mut columns = Vec::new();
    expr.columns(&mut columns);
    columns.iter().any(|column| range.contains(column))
}

/// SAMPLE BY: the time column means window_start, and items without aggregates are keys.
fn implicit_keys(items: &mut [Item], keys: &mut Keys, window: &BoundWindow) {
    for item in items {
        if item.expr == window.time {
            item.expr = Expr::Column {
                index: WINDOW_BASE,
                ty: DataType::Timestamp,
            };
            continue;
        }
        let mut columns = Vec::new();
        item.expr.columns(&mut columns);
        let is_virtual = columns.last().is_some_and(|&index| index >= AGGREGATE_BASE);
        if !item.aggregates
            && !is_virtual
            && !columns.is_empty()
            && !keys.exprs.contains(&item.expr)
        {
            keys.exprs.push(item.expr.clone());
        }
    }
}

impl Behind {
    /// Puts all of it over the aggregate's output.
    fn apply(&mut self, layout: &Layout<'_>, select: &Select) -> Result<(), SqlError> {
        for (at, item) in self.items.iter_mut().enumerate() {
            let span = select.items.get(at).map_or(item.span, item_span);
            item.expr = layout.apply(&item.expr, span)?;
        }
        for order in &mut self.orders {
            order.expr = layout.apply(&order.expr, order.item.span)?;
        }
        for condition in self.having.iter_mut().chain(&mut self.qualify) {
            *condition = layout.apply(condition, having_span(select))?;
        }
        for over in &mut self.overs {
            layout.apply_over(over)?;
        }
        Ok(())
    }
}

impl Layout<'_> {
    /// The expression over the aggregate's output.
    fn apply(&self, expr: &Expr, span: Span) -> Result<Expr, SqlError> {
        rewrite(expr, &mut |node| self.place(node, span))
    }

    /// Lets an OVER call look at groups.
    fn apply_over(&self, over: &mut OverDraft) -> Result<(), SqlError> {
        let span = over.span;
        for expr in over.exprs_mut() {
            *expr = self.apply(expr, span)?;
        }
        Ok(())
    }

    fn place(&self, node: &Expr, span: Span) -> Result<Option<Expr>, SqlError> {
        let column = |index| {
            Ok(Some(Expr::Column {
                index,
                ty: node.ty(),
            }))
        };
        if let (Some(earlier), Some(at)) = (&self.earlier, self.window_at) {
            if Some(node) == earlier.start.as_ref() {
                return column(at);
            }
            if *node == earlier.end {
                return column(at + 1);
            }
            if Some(node) == earlier.time.as_ref() {
                return Ok(Some(window_time(at + 1)));
            }
        }
        // A constant means itself, also when it is grouped by.
        if let (Some(index), false) = (
            self.keys.iter().position(|key| key == node),
            matches!(node, Expr::Literal { .. }),
        ) {
            return column(index);
        }
        let Expr::Column { index, .. } = node else {
            return Ok(None);
        };
        match (*index, self.window_at) {
            (index, _) if index >= GROUPING_BASE => {
                Ok(Some(self.groupings[index - GROUPING_BASE].clone()))
            }
            // OVER calls come behind the groups.
            (index, _) if (OVER_BASE..WINDOW_BASE).contains(&index) => Ok(Some(node.clone())),
            (index, Some(at)) if index >= WINDOW_BASE => column(at + index - WINDOW_BASE),
            (index, _) if (AGGREGATE_BASE..OVER_BASE).contains(&index) => {
                column(self.aggregates_at + index - AGGREGATE_BASE)
            }
            (index, _) => {
                let name = self
                    .input
                    .fields
                    .get(index)
                    .map_or("it", |field| &field.name);
                Err(bind_error(
                    span,
                    format!("{name} is neither in GROUP BY nor inside an aggregate"),
                )
                .with_hint(format!(
                    "add {name} to GROUP BY, or take FIRST({name}) or LAST({name})"
                )))
            }
        }
    }
}
