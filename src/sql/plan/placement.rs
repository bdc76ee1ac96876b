//! Where an aggregate stands: on which workers its rows come together, what is late for it, and what is computed in
//! front of an exchange.

use super::emission::Lateness;
use super::flow::{Flow, RouteNeed, Spread};
use super::unnest;
use super::window::{self, BoundWindow};
use super::{Planner, plan_error, unbuilt};
use crate::error::{Span, SqlError};
use crate::plan::{
    AggregateKind, AggregateMode, AggregatePlan, CoalescePlan, EarlyPlan, Emission, ExchangePlan,
    Expr, LatePlan, LatePolicy, OperatorPlan, StagePlan, Strategy, WindowPlan,
};
use crate::types::{DataType, Value};

impl Planner<'_> {
    /// Puts an aggregate where all rows of a group come together.
    pub(super) fn place(
        &mut self,
        flow: &mut Flow,
        mut plan: AggregatePlan,
        span: Span,
    ) -> Result<(), SqlError> {
        let keys = plan.keys.clone();
        if plan.window.is_some() {
            super::bars::let_whole_leave(flow);
        }
        flow.state.bars = matches!(plan.window, Some(WindowPlan::Bars(_)));
        if flow.state.unnests > 0 && !flow.state.settled {
            unnest::late_before(flow, &plan, span)?;
        }
        if keys.is_empty() {
            return self.keyless(flow, plan, span);
        }
        if self.needs_exchange_of_records(flow, &keys) || flow.is_open_union() {
            push_late(flow, &plan);
            let apart = flow.late_into.is_some().then(|| Box::new(flow.clone()));
            let original = plan.clone();
            flow.push(project_inputs(&mut plan, Vec::new()));
            plan.hash_is_routed = self.exchange(flow, &plan.keys, "GROUP BY");
            if let Some(apart) = apart {
                self.collect_behind(flow, *apart, original);
            }
            flow.spread = Spread::Keyed(keys);
        } else {
            plan.hash_is_routed = self.bring_together(flow, &keys, "GROUP BY", span)?;
            plan.spread_by = flow.spread.among(&keys);
            push_late(flow, &plan);
            collect_late(flow, &plan);
        }
        flow.push(OperatorPlan::Aggregate(plan));
        Ok(())
    }

    /// As [`collect_late`], behind the exchange that `flow` has been given: `apart` is the flow before it, `plan` over its
    /// rows. They bring all their columns along.
    fn collect_behind(&self, flow: &mut Flow, mut apart: Flow, mut plan: AggregatePlan) {
        apart.late_rows.clear();
        let fields = apart.physical.fields.iter().enumerate();
        let columns = fields.map(|(index, field)| Expr::Column {
            index,
            ty: field.ty,
        });
        let columns: Vec<Expr> = columns.collect();
        let inputs = project_inputs(&mut plan, columns);
        let OperatorPlan::Project { exprs } = &inputs else {
            unreachable!("inputs are projected");
        };
        for expr in &exprs[apart.physical.fields.len()..] {
            let field = apart.field("input", expr);
            apart.physical.fields.push(field);
        }
        apart.push(inputs);
        match plan.keys.is_empty() {
            true => self.bring_to_one(&mut apart, "an aggregate without keys"),
            false => plan.hash_is_routed = self.exchange(&mut apart, &plan.keys, "GROUP BY"),
        }
        collect_late(&mut apart, &plan);
        flow.late_rows.append(&mut apart.late_rows);
        flow.late_into = apart.late_into;
    }

    /// Of a group's changes the last before each tick.
    pub(super) fn coalesce(
        &self,
        flow: &Flow,
        keys: &[Expr],
        windowed: bool,
        late: Lateness,
        (emission, every_ns): (Emission, i64),
    ) -> OperatorPlan {
        let bounds = if windowed { 2 } else { 0 };
        let column = |index| Expr::Column {
            index,
            ty: flow.physical.fields[index].ty,
        };
        let all = (0..keys.len() + bounds).map(column);
        // The keys that rows are spread by come first: their vnode owns a group.
        let mut grouped: Vec<Expr> = match &flow.spread {
            Spread::Keyed(have) => have.clone(),
            _ => all.clone().take(keys.len()).collect(),
        };
        let routed = grouped.len();
        for key in all {
            if !grouped.contains(&key) {
                grouped.push(key);
            }
        }
        OperatorPlan::Coalesce(CoalescePlan {
            input: flow.physical.clone(),
            keys: grouped,
            routed,
            every_ns,
            groups_max: self.groups_max(),
            early: (emission == Emission::Early).then_some(EarlyPlan {
                windowed,
                allowed_ns: late.allowed_ns,
            }),
        })
    }

    /// One group for all rows: split by blocks when the answer can be put together from parts.
    fn keyless(
        &self,
        flow: &mut Flow,
        mut plan: AggregatePlan,
        span: Span,
    ) -> Result<(), SqlError> {
        self.check_keyless(flow, "an aggregate without keys", span)?;
        let splits = plan.emission == Emission::Final
            && plan.window.as_ref().is_none_or(WindowPlan::tumbles)
            && plan.late == LatePolicy::Drop
            && plan.aggregates.iter().all(|call| {
                call.is_mergeable_in_order()
                    && !matches!(call.kind, AggregateKind::First | AggregateKind::Last)
            });
        let asked_together = self.settings.job.partitioning == Some(Strategy::FanIn);
        if flow.is_open_union() {
            push_late(flow, &plan);
            let apart = flow.late_into.is_some().then(|| Box::new(flow.clone()));
            let original = plan.clone();
            flow.push(project_inputs(&mut plan, Vec::new()));
            self.bring_to_one(flow, "an aggregate without keys");
            if let Some(apart) = apart {
                self.collect_behind(flow, *apart, original);
            }
            flow.push(OperatorPlan::Aggregate(plan));
            return Ok(());
        }
        if !splits || flow.spread != Spread::Free || asked_together {
            self.bring_to_one(flow, "an aggregate without keys");
            push_late(flow, &plan);
            collect_late(flow, &plan);
            flow.push(OperatorPlan::Aggregate(plan));
            return Ok(());
        }
        flow.route = RouteNeed::Blocks {
            reason: "an aggregate without keys is split by blocks of the sequence".into(),
        };
        push_late(flow, &plan);
        flow.push(OperatorPlan::Aggregate(AggregatePlan {
            mode: AggregateMode::Partial,
            ..plan.clone()
        }));
        flow.stages.push(StagePlan {
            exchange: Some(ExchangePlan {
                key: Vec::new(),
                reason: "partial aggregates are combined in the order of their blocks".into(),
                union: None,
            }),
            operators: vec![OperatorPlan::Aggregate(AggregatePlan {
                mode: AggregateMode::Combine,
                ..plan
            })],
        });
        flow.spread = Spread::Single;
        Ok(())
    }
}
/// How far behind its end the rows of a window come.
pub(super) fn rows_come_behind(window: &WindowPlan, allowed_ns: i64) -> i64 {
    match window {
        // A session is final behind its end, which is part of it; a bar comes with its last row, late as that may be.
        WindowPlan::Session { .. } | WindowPlan::Bars(_) => allowed_ns.saturating_add(1),
        _ => allowed_ns,
    }
}

/// Refuses what sessions and bars do not do.
pub(super) fn check_session(
    window: &BoundWindow,
    keys: &[Expr],
    (late, emission): (LatePolicy, Emission),
) -> Result<(), SqlError> {
    if !window.plan.moves() {
        return Ok(());
    }
    window::check_partition(window, keys)?;
    let corrects = matches!(late, LatePolicy::Process | LatePolicy::Warn);
    match (&window.plan, emission) {
        _ if !corrects => Ok(()),
        (WindowPlan::Session { .. }, Emission::Final) => Ok(()),
        (WindowPlan::Session { .. }, _) => Err(unbuilt(
            window.span,
            "LATE DATA PROCESS and WARN of a session with EMIT CHANGES",
        )
        .with_hint("use EMIT FINAL, or LATE DATA ALLOW 1s")),
        _ => {
            let message = "LATE DATA PROCESS and WARN of bars, which take rows in the order they come: a row put in its place \
                           by time would move the bounds of all bars of its key behind it";
            Err(plan_error(window.span, message)
                .with_hint("use LATE DATA ALLOW 1s: what comes late goes into the open bar"))
        }
    }
}

/// Lateness is decided before the other columns are decoded, when only filters have run before.
fn push_late(flow: &mut Flow, plan: &AggregatePlan) {
    // It stands in front of the UNNEST already, where rows are records.
    if flow.state.unnests == 0 {
        push_late_at(flow, flow.end(), plan);
    }
}

/// Puts LATE, if `plan` needs it, in front of the last stage's operator `at`.
pub(super) fn push_late_at(flow: &mut Flow, at: usize, plan: &AggregatePlan) {
    let Some(late) = late_of(flow, plan) else {
        return;
    };
    // A bar begins with its first row, which a late row would move.
    let shown = plan.window.as_ref();
    let shown = shown.filter(|window| !matches!(window, WindowPlan::Bars(_)));
    super::late::collect(flow, &late, at, shown);
    flow.insert(at, OperatorPlan::Late(late));
}

/// What is late for an aggregate; `None` where nothing is, or the aggregate itself decides.
fn late_of(flow: &Flow, plan: &AggregatePlan) -> Option<LatePlan> {
    let (Some(window), Some(time)) = (&plan.window, &plan.time) else {
        return None;
    };
    // Rows that a window fired come in time for the next, and what arrives is never behind the clock: only records
    // with event time can be late.
    if flow.window.is_some() || flow.clock.follows || flow.state.settled {
        return None;
    }
    // A row that an open session takes is on time wherever it lies: only the session knows.
    if matches!(window, WindowPlan::Session { .. }) {
        return None;
    }
    let mut window = window.clone();
    if let WindowPlan::Bars(bars) = &mut window {
        // Lateness is by the row's time alone.
        bars.measure = None;
    }
    Some(LatePlan {
        time: time.clone(),
        window,
        allowed_ns: plan.allowed_ns,
        policy: plan.late,
        retention_ns: plan.retention_ns,
    })
}

/// Takes the rows that are late for sessions, where a table of them is asked for: which they are the sessions alone know.
fn collect_late(flow: &mut Flow, plan: &AggregatePlan) {
    let (Some(WindowPlan::Session { .. }), Some(time)) = (&plan.window, &plan.time) else {
        return;
    };
    if flow.window.is_none() && !flow.clock.follows && !flow.state.settled {
        let gate = OperatorPlan::LateForSessions(Box::new(plan.clone()));
        // None of them had it.
        super::late::collect_by(flow, gate, flow.end(), time, None);
    }
}

/// Computes what an aggregate reads in front of it, behind the columns `exprs`, so that a record that fails does so as a
/// record: behind an exchange its bytes are gone. Arguments are computed where the call's filter holds only.
fn project_inputs(plan: &mut AggregatePlan, mut exprs: Vec<Expr>) -> OperatorPlan {
    let mut take = |expr: &mut Expr| {
        let ty = expr.ty();
        let index = exprs.iter().position(|known| known == expr);
        let index = index.unwrap_or_else(|| {
            exprs.push(expr.clone());
            exprs.len() - 1
        });
        *expr = Expr::Column { index, ty };
    };
    plan.keys.iter_mut().for_each(&mut take);
    plan.time.iter_mut().for_each(&mut take);
    let ttl = plan.ttl.iter_mut().map(|ttl| &mut ttl.time);
    ttl.for_each(&mut take);
    let measure = plan.window.as_mut().and_then(WindowPlan::measure_mut);
    measure.into_iter().for_each(&mut take);
    for call in &mut plan.aggregates {
        if let Some(filter) = &call.filter {
            for arg in varying(call.kind, &mut call.args) {
                *arg = Expr::Case {
                    ty: arg.ty(),
                    branches: vec![(filter.clone(), arg.clone())],
                    otherwise: None,
                };
            }
        }
    }
    let calls = plan.aggregates.iter_mut();
    for call in calls {
        call.filter.iter_mut().for_each(&mut take);
        varying(call.kind, &mut call.args)
            .iter_mut()
            .for_each(&mut take);
    }
    if exprs.is_empty() {
        // Rows without columns are not counted.
        exprs.push(Expr::Literal {
            value: Value::Bool(true),
            ty: DataType::Boolean,
        });
    }
    OperatorPlan::Project { exprs }
}

/// The arguments of a call without the constant one, which its operator reads of the plan.
fn varying(kind: AggregateKind, args: &mut [Expr]) -> &mut [Expr] {
    let count = args.len() - usize::from(kind.has_parameter());
    &mut args[..count]
}
