//! UNION: the queries' rows as one flow, brought together only where something needs them to be.
//!
//! A union begins as what its queries have in common: columns that each computes in its own way. What stands on top
//! and works row by row is written over those columns once and, at the end, put behind every query (`weld`). If
//! nothing keeps state on top, the queries are statements side by side that write to one sink. If something does,
//! its exchange is where their rows meet: the last query's statement goes on behind it, and the others feed that
//! stage. Rows stand in the order of their records, those of one record in the order of the queries.

use super::clock::ClockUse;
use super::flow::{Flow, Led, Spread, WindowColumns};
use super::query::Context;
use super::{Planner, bind_error, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::limits::{SQL_DEPTH_MAX, STATEMENTS_MAX};
use crate::plan::{ExchangePlan, Expr, OperatorPlan, SourceId, StagePlan, UnionPlace};
use crate::sql::ast::UnionArm;
use crate::sql::bind::{Column, last_instant, substitute, unify_all};
use crate::types::{Field, Schema};

/// A query of a union and what it gives for the union's columns.
#[derive(Clone)]
pub struct Arm {
    /// Its rows.
    pub flow: Flow,
    /// The union's columns over them.
    pub columns: Vec<Expr>,
}

/// Where the rows of other queries join those of a flow.
#[derive(Clone)]
pub struct UnionPoint {
    /// The other queries, which come before the flow's own.
    pub arms: Vec<Arm>,
    /// The union's columns over the flow's own rows.
    pub columns: Vec<Expr>,
    /// What the flow's own rows want of the clock; that of what stands on top is the flow's.
    pub clock: ClockUse,
    /// The stage whose operators from `position` on are those of every query.
    pub stage: usize,
    /// See `stage`.
    pub position: usize,
}

/// A statement that feeds a stage of the one it was welded for.
pub struct Feeder {
    /// Its rows, all its operators in place.
    pub welded: Welded,
    /// The stage.
    pub stage: usize,
    /// How the rows go there.
    pub exchange: ExchangePlan,
}

/// A flow with its unions resolved.
pub struct Welded {
    /// The flow, without unions.
    pub flow: Flow,
    /// What feeds its stages.
    pub feeders: Vec<Feeder>,
}

impl Flow {
    /// Whether it is a union whose rows nothing has brought together.
    pub fn is_open_union(&self) -> bool {
        self.unions
            .last()
            .is_some_and(|point| point.stage + 1 == self.stages.len())
    }
}

impl Flow {
    /// The sources of its rows: its own, and those of the queries of its unions.
    pub fn sources(&self) -> Vec<SourceId> {
        let arms = self.unions.iter().flat_map(|point| &point.arms);
        let mut sources: Vec<_> = arms.flat_map(|arm| arm.flow.sources()).collect();
        sources.push(self.source);
        sources
    }

    /// Whether it, or a query of its unions, has the clock for its time.
    pub fn follows_clock(&self) -> bool {
        let of_arms = |point: &UnionPoint| point.arms.iter().any(|arm| arm.flow.follows_clock());
        let mut unions = self.unions.iter();
        self.clock.follows || unions.any(|point| point.clock.follows || of_arms(point))
    }
}

impl Planner<'_> {
    /// The rows of all queries, their columns named by the first and of the types of all.
    pub(super) fn union(
        &mut self,
        arms: &[UnionArm],
        span: Span,
        context: Context<'_>,
    ) -> Result<Flow, SqlError> {
        let inner = Context {
            depth: context.depth + 1,
            ..context
        };
        if inner.depth > SQL_DEPTH_MAX {
            return Err(plan_error(span, "unions nest too deep"));
        }
        // UNION without ALL gives each row once of all the queries up to it.
        let distinct = arms.iter().skip(1).rposition(|arm| !arm.all);
        let Some(last) = distinct.map(|at| at + 1) else {
            let flows = self.union_flows(arms, inner)?;
            return joined("UNION", flows, &spans_of(arms));
        };
        let flows = self.union_flows(&arms[..=last], inner.feeding())?;
        let mut flow = joined("UNION", flows, &spans_of(&arms[..=last]))?;
        self.distinct(&mut flow, span, context)?;
        if last + 1 == arms.len() {
            return Ok(flow);
        }
        let mut flows = vec![flow];
        flows.extend(self.union_flows(&arms[last + 1..], inner)?);
        joined("UNION", flows, &spans_of(&arms[last..]))
    }

    fn union_flows(
        &mut self,
        arms: &[UnionArm],
        context: Context<'_>,
    ) -> Result<Vec<Flow>, SqlError> {
        arms.iter()
            .map(|arm| self.query(&arm.query, context))
            .collect()
    }
}

fn spans_of(arms: &[UnionArm]) -> Vec<Span> {
    arms.iter().map(|arm| arm.query.span).collect()
}

/// The union of `flows`, which the queries at `spans` have given, for what messages call `what`.
pub fn joined(what: &str, flows: Vec<Flow>, spans: &[Span]) -> Result<Flow, SqlError> {
    let width = flows[0].columns.len();
    for (flow, span) in flows.iter().zip(spans) {
        if flow.columns.len() != width {
            let count = flow.columns.len();
            let message = format!("the queries of a UNION have {width} and {count} columns");
            return Err(bind_error(*span, message));
        }
    }
    for (flow, span) in flows.iter().zip(spans) {
        // Its rows have used up the numbers that tell rows of one record apart.
        if flow.state.unnests > 1 {
            let what = format!("{what} of rows that UNNEST of an UNNEST made");
            return Err(unbuilt(*span, what));
        }
    }
    let named: Vec<Column> = flows[0].columns.clone();
    let mut columns: Vec<Vec<Expr>> = flows.iter().map(|_| Vec::with_capacity(width)).collect();
    for (at, column) in named.iter().enumerate() {
        let exprs = flows.iter().map(|flow| flow.columns[at].expr.clone());
        let (exprs, _) = unify_all(exprs.collect(), what).map_err(|message| {
            let name = &column.name;
            bind_error(spans[0], format!("column {name}: {message}"))
        })?;
        columns
            .iter_mut()
            .zip(exprs)
            .for_each(|(to, expr)| to.push(expr));
    }
    let nullable = |at: usize| flows.iter().any(|flow| flow.columns[at].nullable);
    let field = |(at, column): (usize, &Column)| Field {
        name: column.name.clone(),
        ty: columns[0][at].ty(),
        nullable: nullable(at),
    };
    let schema = Schema {
        fields: named.iter().enumerate().map(field).collect(),
    };
    let time = in_common(&flows, &columns, |flow| flow.time.as_ref(), &schema);
    let window = window_in_common(&flows, &columns, &schema);
    let arrival = in_common(
        &flows,
        &columns,
        |flow| flow.arrival.as_ref().filter(|_| flow.is_stateless_so_far()),
        &schema,
    );
    let time = time.or_else(|| Some(last_instant(window.as_ref()?.end.clone())));
    let mut open: Vec<Arm> = Vec::new();
    for (flow, columns) in flows.into_iter().zip(columns) {
        open.extend(opened(Arm { flow, columns }));
    }
    if open.len() > STATEMENTS_MAX {
        let message = format!("a UNION is of at most {STATEMENTS_MAX} queries");
        return Err(plan_error(spans[0], message));
    }
    let mut flow = common(open, schema, time, window);
    flow.arrival = arrival;
    Ok(flow)
}

/// The flow that goes on with the rows of all arms.
fn common(
    mut arms: Vec<Arm>,
    schema: Schema,
    time: Option<Expr>,
    window: Option<WindowColumns>,
) -> Flow {
    let Arm {
        flow: mut host,
        columns,
    } = arms.pop().expect("a union has queries");
    host.columns = Column::of_fields(&schema.fields);
    let lags = arms.iter().map(|arm| arm.flow.lag());
    host.lag_ns = lags.fold(host.lag(), i64::max);
    for Arm { flow, .. } in &mut arms {
        host.late_rows.append(&mut flow.late_rows);
        host.bounded &= flow.bounded;
        host.rests |= flow.rests;
        host.state.emit_taken |= flow.state.emit_taken;
        host.state.late_taken |= flow.state.late_taken;
        host.state.changes |= flow.state.changes;
        host.state.corrections |= flow.state.corrections;
        host.state.backdated |= flow.state.backdated;
        host.state.bars |= flow.state.bars;
        host.state.at_end |= flow.state.at_end;
        host.state.settled &= flow.state.settled;
        host.state.retracts |= flow.state.retracts;
        host.state.unnests = host.state.unnests.max(flow.state.unnests);
    }
    // Each query's come behind their time by a lateness of its own.
    host.state.backdated |= host.state.bars;
    host.state.sorted = false;
    let led = host.led.is_some() || arms.iter().any(|arm| arm.flow.led.is_some());
    host.led = led.then_some(Led { keys: None });
    host.unions.push(UnionPoint {
        arms,
        columns,
        clock: std::mem::take(&mut host.clock),
        stage: host.stages.len() - 1,
        position: host.stages.last().map_or(0, |stage| stage.operators.len()),
    });
    host.physical = schema;
    host.qualifiers.clear();
    host.spread = Spread::Scattered;
    host.hashed = false;
    host.time = time;
    (host.window, host.assigned) = (window, None);
    host.sort.clear();
    host
}

/// The column that is what `of` gives in every query.
fn in_common<'f>(
    flows: &'f [Flow],
    columns: &[Vec<Expr>],
    of: impl Fn(&'f Flow) -> Option<&'f Expr>,
    schema: &Schema,
) -> Option<Expr> {
    let is_it = |index: usize| {
        let mut both = flows.iter().zip(columns);
        both.all(|(flow, columns)| of(flow) == Some(&columns[index]))
    };
    let index = (0..schema.fields.len()).find(|&index| is_it(index))?;
    Some(Expr::Column {
        index,
        ty: schema.fields[index].ty,
    })
}

/// The window that made the rows of all queries, where they show it in the same columns.
fn window_in_common(
    flows: &[Flow],
    columns: &[Vec<Expr>],
    schema: &Schema,
) -> Option<WindowColumns> {
    let first = flows[0].window.as_ref()?;
    let same = |flow: &Flow| flow.window.as_ref().is_some_and(|it| it.plan == first.plan);
    if !flows.iter().all(same) {
        return None;
    }
    let windows = flows.iter().filter_map(|flow| flow.window.as_ref());
    let comes_with_first = |it: &WindowColumns| it.at_once && it.allowed_ns == first.allowed_ns;
    let at_once = windows.clone().all(comes_with_first);
    Some(WindowColumns {
        start: in_common(
            flows,
            columns,
            |it| it.window.as_ref().map(|it| &it.start),
            schema,
        )?,
        end: in_common(
            flows,
            columns,
            |it| it.window.as_ref().map(|it| &it.end),
            schema,
        )?,
        plan: first.plan.clone(),
        allowed_ns: windows.map(|it| it.allowed_ns).max().unwrap_or(0),
        at_once,
    })
}

/// The queries that a query is made of, if it is a union that is still open.
fn opened(arm: Arm) -> Vec<Arm> {
    let Arm { mut flow, columns } = arm;
    if !flow.is_open_union() {
        return vec![Arm { flow, columns }];
    }
    let point = flow.unions.pop().expect("it is a union");
    let operators = flow.stages[point.stage].operators.split_off(point.position);
    let only_filters = operators
        .iter()
        .all(|operator| matches!(operator, OperatorPlan::Filter { .. }));
    let (physical, unnests) = (flow.physical.clone(), flow.state.unnests);
    let over = |mut flow: Flow, own: &[Expr]| {
        let last = flow.stages.last_mut().expect("a flow has a stage");
        if only_filters {
            last.operators
                .extend(operators.iter().map(|it| filtered(it, own)));
            let columns = columns.iter().map(|it| substitute(it, own)).collect();
            return Arm { flow, columns };
        }
        // Behind UNNEST each query has the union's columns.
        last.operators.extend(welded(&operators, own));
        flow.physical = physical.clone();
        flow.state.unnests = unnests;
        let columns = columns.clone();
        Arm { flow, columns }
    };
    let mut arms: Vec<Arm> = Vec::new();
    for arm in point.arms {
        arms.push(over(arm.flow, &arm.columns));
    }
    flow.clock = point.clock;
    arms.push(over(flow, &point.columns));
    arms
}

/// A filter over a union's columns as one over a query's own.
fn filtered(operator: &OperatorPlan, columns: &[Expr]) -> OperatorPlan {
    match operator {
        OperatorPlan::Filter { predicate } => OperatorPlan::Filter {
            predicate: substitute(predicate, columns),
        },
        other => unreachable!("{other:?} brings the rows of a union together first"),
    }
}

/// Puts what stands on top of unions behind each of their queries: the statements that the flow becomes, which
/// write to the same sink, the flow's own the last.
pub fn weld(mut flow: Flow) -> Vec<Welded> {
    let mut beside = Vec::new();
    let mut feeders = Vec::new();
    // What stands on top of each union, up to the next and behind it.
    let mut on_top = vec![flow.clock.clone()];
    for point in flow.unions.iter().rev() {
        on_top.push(point.clock.below(&on_top[on_top.len() - 1]));
    }
    flow.clock = on_top.pop().expect("there is one more than unions");
    for point in std::mem::take(&mut flow.unions) {
        let top = on_top.pop().expect("each union has one");
        let operators = flow.stages[point.stage].operators.split_off(point.position);
        let queries = point.arms.len() as u32 + 1;
        let exchange = flow.stages.get_mut(point.stage + 1);
        let exchange = exchange.and_then(|stage| stage.exchange.as_mut());
        let mut numbered = exchange.map(|exchange| {
            let first = exchange.clone();
            exchange.union = Some(UnionPlace {
                query: queries - 1,
                queries,
            });
            first
        });
        for (query, Arm { flow, columns }) in (0..).zip(point.arms) {
            let mut arm = flow;
            arm.clock = arm.clock.below(&top);
            append(&mut arm.stages, welded(&operators, &columns));
            let mut all = weld(arm);
            match &mut numbered {
                None => beside.append(&mut all),
                Some(exchange) => {
                    exchange.union = Some(UnionPlace { query, queries });
                    feeders.push(Feeder {
                        welded: all.pop().expect("a flow is a statement"),
                        stage: point.stage + 1,
                        exchange: exchange.clone(),
                    });
                }
            }
        }
        let own = welded(&operators, &point.columns);
        flow.stages[point.stage].operators.extend(own);
    }
    beside.push(Welded { flow, feeders });
    beside
}

fn append(stages: &mut [StagePlan], mut operators: Vec<OperatorPlan>) {
    let last = stages.last_mut().expect("a flow has a stage");
    last.operators.append(&mut operators);
}

/// The operators on top of a union over the rows of one of its queries, whose `columns` take the place of the
/// union's up to where others do.
fn welded(operators: &[OperatorPlan], columns: &[Expr]) -> Vec<OperatorPlan> {
    let mut own = Vec::with_capacity(operators.len() + 1);
    let mut computed = false;
    let all = || OperatorPlan::Project {
        exprs: columns.to_vec(),
    };
    for operator in operators {
        let over = |expr: &Expr| substitute(expr, columns);
        if computed {
            own.push(operator.clone());
            continue;
        }
        match operator {
            OperatorPlan::Filter { predicate } => own.push(OperatorPlan::Filter {
                predicate: over(predicate),
            }),
            OperatorPlan::Late(plan) => {
                let mut plan = plan.clone();
                plan.time = over(&plan.time);
                own.push(OperatorPlan::Late(plan));
            }
            OperatorPlan::Project { exprs } => {
                computed = true;
                own.push(OperatorPlan::Project {
                    exprs: exprs.iter().map(over).collect(),
                });
            }
            other => {
                computed = true;
                own.extend([all(), other.clone()]);
            }
        }
    }
    if !computed {
        own.push(all());
    }
    own
}
