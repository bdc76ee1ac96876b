//! One statement: the place that each record ends in, then the operators.

use super::aggregate::Aggregate;
use super::eval::{eval_row, time_of};
use super::session::LateJudge;
use super::source::{Sequenced, key_is_valid};
use super::window::windows_of;
use super::{
    Answer, Counts, Row, coalesce, early, fill, late_rows, lead, over, ranked, sort, time_sort,
    ttl, unnest,
};
use crate::batch::RowOp;
use crate::error::Reason;
use crate::plan::{
    AggregateMode, AggregatePlan, Emission, ExchangePlan, Expr, FeedPlan, Job, LatePlan,
    LatePolicy, OperatorPlan, RoutePlan, StatementPlan,
};
use crate::time::OrderKey;
use crate::types::Value;

/// Executes `plan` over the merged sequence.
pub fn run(job: &Job, plan: &StatementPlan, sequence: &[Sequenced]) -> Result<Answer, String> {
    let mut counts = Counts::default();
    let operators: Vec<_> = plan
        .stages
        .iter()
        .flat_map(|stage| &stage.operators)
        .collect();
    let gates = plan.stages[0].operators.iter();
    let gates = gates.take_while(|operator| is_gate(operator)).count();
    let mut rows = Vec::new();
    let route = &job.routes[usize::from(plan.route.0)];
    let needed = needed_columns(job, route, &plan.stages[0].operators);
    let gates = &operators[..gates];
    let mut judges = gates.iter().map(|gate| judge_of(gate)).collect::<Vec<_>>();
    for (seq, record) in sequence.iter().enumerate() {
        if record.source != usize::from(route.source.0) {
            continue;
        }
        counts.read += 1;
        let closed = &mut counts.late_assignments;
        let key = OrderKey::record(record.watermark, seq as u64);
        let of_gates = (gates, &mut judges[..]);
        match admit(route, (record, key), of_gates, &needed, closed) {
            Ok(values) => rows.push(Row {
                key,
                op: RowOp::Insert,
                time: record.time.and_then(Result::ok),
                values,
            }),
            Err(Gone::Filtered) => counts.filtered += 1,
            Err(Gone::Late) => counts.late += 1,
            Err(Gone::Rejected(reason)) => counts.reject(reason),
        }
    }
    let mut rest = operators[gates.len()..].iter();
    loop {
        let done = operators.len() - rest.len();
        if let Some(stage) = fed_stage(job, plan, done) {
            rows = joined(job, (plan, stage), (rows, &mut counts), sequence)?;
            counts.results = true;
        }
        let Some(operator) = rest.next() else { break };
        rows = apply(operator, &rows, &mut rest, &mut counts)?;
        rows.sort_by_key(|row| row.key);
    }
    if let Some(feed) = &plan.feeds {
        refuse_keys(&feed.exchange, &mut rows, &mut counts);
    }
    let refused: u64 = counts.rejected.values().sum();
    counts.used = counts.read - counts.filtered - counts.late - refused;
    counts.results = false;
    if let (Some(limit), None) = (plan.limit, &plan.feeds) {
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(Answer {
        rows: rows
            .into_iter()
            .map(|row| (row.key, row.op, row.values))
            .collect(),
        counts,
    })
}

/// The stage that begins behind `done` operators, if other statements feed it.
fn fed_stage(job: &Job, plan: &StatementPlan, done: usize) -> Option<usize> {
    let mut before = 0;
    for (stage, of_stage) in plan.stages.iter().enumerate() {
        if before == done && !feeders(job, plan, stage).is_empty() {
            return Some(stage);
        }
        before += of_stage.operators.len();
    }
    None
}

/// The statements that feed `stage` of `plan`.
fn feeders<'j>(job: &'j Job, plan: &StatementPlan, stage: usize) -> Vec<&'j StatementPlan> {
    let is_it = |feed: &FeedPlan| {
        let target = &job.statements[usize::from(feed.statement.0)];
        std::ptr::eq(target, plan) && usize::from(feed.stage) == stage
    };
    let statements = job.statements.iter();
    statements
        .filter(|it| it.feeds.as_ref().is_some_and(is_it))
        .collect()
}

/// Refuses the rows of one query of a union that have no key to be spread by.
fn refuse_keys(exchange: &ExchangePlan, rows: &mut Vec<Row>, counts: &mut Counts) {
    rows.retain(|row| {
        let mut keys = exchange.key.iter();
        let failed = keys.find_map(|key| eval_row(key, &row.values).err());
        failed.map(|reason| counts.reject(reason)).is_none()
    });
}

/// The rows of a statement and of those that feed its stage, in one order.
fn joined(
    job: &Job,
    (plan, stage): (&StatementPlan, usize),
    (mut own, counts): (Vec<Row>, &mut Counts),
    sequence: &[Sequenced],
) -> Result<Vec<Row>, String> {
    let numbered = |rows: Vec<Row>, exchange: &ExchangePlan| -> Vec<Row> {
        let place = exchange.union.expect("a stage that is fed has a union");
        let rows = rows.into_iter().map(|mut row| {
            row.key.ordinal = row.key.ordinal * place.queries + place.query;
            row.time = None;
            row
        });
        rows.collect()
    };
    let exchange = plan.stages[stage].exchange.as_ref();
    let exchange = exchange.expect("a later stage has an exchange");
    refuse_keys(exchange, &mut own, counts);
    let mut all = numbered(own, exchange);
    for feeder in feeders(job, plan, stage) {
        let answer = run(job, feeder, sequence)?;
        let rows = answer.rows.into_iter().map(|(key, op, values)| Row {
            key,
            op,
            time: None,
            values,
        });
        let feed = feeder.feeds.as_ref().expect("it feeds");
        all.extend(numbered(rows.collect(), &feed.exchange));
    }
    all.sort_by_key(|row| row.key);
    Ok(all)
}

fn is_gate(operator: &OperatorPlan) -> bool {
    matches!(
        operator,
        OperatorPlan::Filter { .. } | OperatorPlan::Late(_) | OperatorPlan::LateForSessions(_)
    )
}

/// What remembers the records that have come to a gate.
fn judge_of(gate: &OperatorPlan) -> Option<LateJudge<'_>> {
    match gate {
        OperatorPlan::LateForSessions(plan) => Some(LateJudge::new(plan)),
        _ => None,
    }
}

/// Why a record does not reach the operators behind the gates.
pub(super) enum Gone {
    Filtered,
    Late,
    Rejected(Reason),
}

/// The values of a record that passes: frame, field count, event time, key, then gate by gate its columns and
/// its verdict, then all other columns that are used.
fn admit(
    route: &RoutePlan,
    (sequenced, key): (&Sequenced, OrderKey),
    (gates, judges): (&[&OperatorPlan], &mut [Option<LateJudge<'_>>]),
    needed: &[usize],
    assignments: &mut u64,
) -> Result<Vec<Value>, Gone> {
    let record = &sequenced.record;
    if let Some(fault) = record.fault {
        return Err(Gone::Rejected(fault));
    }
    if record.wrong_count {
        return Err(Gone::Rejected(Reason::FieldCount));
    }
    if let Some(Err(reason)) = sequenced.time {
        return Err(Gone::Rejected(reason));
    }
    if !key_is_valid(route, record) {
        return Err(Gone::Rejected(Reason::KeyInvalid));
    }
    let check = |columns: &[usize]| {
        let mut faults = columns
            .iter()
            .filter_map(|&column| record.values[column].as_ref().err());
        faults
            .next()
            .map_or(Ok(()), |&reason| Err(Gone::Rejected(reason)))
    };
    let values: Vec<_> = record
        .values
        .iter()
        .map(|value| value.clone().unwrap_or(Value::Null))
        .collect();
    for (gate, judge_of) in gates.iter().zip(judges) {
        check(&columns_of(gate))?;
        match gate {
            OperatorPlan::Filter { predicate } => {
                if eval_row(predicate, &values).map_err(Gone::Rejected)? != Value::Bool(true) {
                    return Err(Gone::Filtered);
                }
            }
            OperatorPlan::Late(plan) if plan.policy == LatePolicy::Collect => {
                late_rows::admit(judge(plan, &values, sequenced.watermark))?;
            }
            OperatorPlan::Late(plan) => {
                *assignments += judge(plan, &values, sequenced.watermark)?;
            }
            OperatorPlan::LateForSessions(_) => {
                let judge = judge_of.as_mut().expect("it has one");
                let row = Row {
                    key,
                    op: RowOp::Insert,
                    time: sequenced.time.and_then(Result::ok),
                    values: values.clone(),
                };
                if !judge.is_late(&row).map_err(Gone::Rejected)? {
                    return Err(Gone::Filtered);
                }
            }
            _ => unreachable!("gates are filters and LATE"),
        }
    }
    check(needed)?;
    Ok(values)
}

/// Whether a row is late: its windows have been final, and are no longer kept for corrections, at `watermark`. Gives
/// the number of those that have where others have not.
fn judge(plan: &LatePlan, values: &[Value], watermark: i64) -> Result<u64, Gone> {
    let retention = match plan.policy {
        LatePolicy::Drop => 0,
        LatePolicy::Process | LatePolicy::Warn | LatePolicy::Collect => plan.retention_ns,
    };
    let open_after = plan.allowed_ns.saturating_add(retention);
    let time = time_of(&plan.time, values).map_err(Gone::Rejected)?;
    match windows_of(&plan.window, time, open_after) {
        None => Err(Gone::Rejected(Reason::Range)),
        // Between two windows.
        Some(windows) if windows.is_empty() => Err(Gone::Filtered),
        Some(windows) => {
            let closed = |&&(_, end): &&(i64, i64)| end + open_after <= watermark;
            let closed_count = windows.iter().filter(closed).count();
            if closed_count == windows.len() {
                return Err(Gone::Late);
            }
            Ok(closed_count as u64)
        }
    }
}

/// The columns behind the gates that the statement uses: up to where others take the place of the table's.
fn needed_columns(job: &Job, route: &RoutePlan, operators: &[OperatorPlan]) -> Vec<usize> {
    let source = &job.sources[usize::from(route.source.0)];
    let all: Vec<usize> = (0..source.schema.fields.len()).collect();
    let mut needed = Vec::new();
    let replaces = |operator: &&OperatorPlan| {
        matches!(
            operator,
            OperatorPlan::Project { .. } | OperatorPlan::Aggregate(_)
        )
    };
    let behind = operators.iter().skip_while(|operator| is_gate(operator));
    let replaced = operators.iter().any(|operator| replaces(&operator));
    if source.validate_all || !replaced {
        return all;
    }
    for operator in behind {
        needed.extend(columns_of(operator));
        if replaces(&operator) {
            break;
        }
    }
    needed.retain(|column| all.contains(column));
    needed.sort_unstable();
    needed
}

/// The columns that an operator reads, ascending.
fn columns_of(operator: &OperatorPlan) -> Vec<usize> {
    let mut columns = Vec::new();
    let mut add = |exprs: &[&Expr]| exprs.iter().for_each(|expr| expr.columns(&mut columns));
    match operator {
        OperatorPlan::Filter { predicate } => add(&[predicate]),
        OperatorPlan::Late(plan) => add(&[&plan.time]),
        OperatorPlan::Project { exprs } => add(&exprs.iter().collect::<Vec<_>>()),
        OperatorPlan::Aggregate(plan) => add(&plan.exprs()),
        OperatorPlan::LateForSessions(plan) => add(&plan.exprs()),
        OperatorPlan::Over(plan) => add(&plan.exprs()),
        OperatorPlan::Ranked(plan) => {
            let order = plan.order.iter().map(|key| &key.expr);
            add(&plan.keys.iter().chain(order).collect::<Vec<_>>());
            for call in &plan.calls {
                add(&call.args.iter().collect::<Vec<_>>());
            }
        }
        OperatorPlan::Lead(plan) => {
            add(&plan.keys.iter().chain(&plan.time).collect::<Vec<_>>());
            for call in &plan.calls {
                add(&call.args.iter().collect::<Vec<_>>());
            }
        }
        OperatorPlan::Coalesce(plan) => add(&plan.keys.iter().collect::<Vec<_>>()),
        OperatorPlan::LateColumns(plan) => add(&[&plan.time]),
        OperatorPlan::Fill(_) => {}
        OperatorPlan::Unnest(plan) => add(&plan.arrays.iter().collect::<Vec<_>>()),
        OperatorPlan::TimeSort(plan) => {
            add(&plan.keys.iter().chain([&plan.time]).collect::<Vec<_>>());
        }
        OperatorPlan::Sort(plan) => {
            add(&plan.keys.iter().map(|key| &key.expr).collect::<Vec<_>>());
        }
    }
    columns
}

/// Applies one operator to all rows; `rest` are the operators behind it.
fn apply<'a>(
    operator: &OperatorPlan,
    rows: &[Row],
    rest: &mut impl Iterator<Item = &'a &'a OperatorPlan>,
    counts: &mut Counts,
) -> Result<Vec<Row>, String> {
    let out = match operator {
        OperatorPlan::Filter { predicate } => filter(predicate, rows, counts),
        OperatorPlan::Project { exprs } => project(exprs, rows, counts),
        OperatorPlan::Late(plan) => late(plan, rows, counts),
        OperatorPlan::LateForSessions(plan) => late_for_sessions(plan, rows, counts),
        OperatorPlan::Aggregate(plan) => {
            match plan.mode {
                AggregateMode::Complete
                    if plan.emission == Emission::Early && plan.every_ns.is_none() =>
                {
                    early::run(plan, rows, counts)
                }
                AggregateMode::Complete => {
                    let of_keys = (&plan.keys[..], plan.ttl.as_deref());
                    ttl::by_life(of_keys, rows, counts, |rows, counts| {
                        Aggregate::new(plan, false).run(rows, counts)
                    })
                }
                AggregateMode::Partial => {
                    // The partials of all blocks and what combines them are one aggregate in block order.
                    match rest.next() {
                        Some(OperatorPlan::Aggregate(combine))
                            if combine.mode == AggregateMode::Combine => {}
                        _ => return Err("partials that nothing combines".to_owned()),
                    }
                    Aggregate::new(plan, true).run(rows, counts)
                }
                AggregateMode::Combine => return Err("nothing to combine".to_owned()),
            }
        }
        OperatorPlan::Over(plan) => {
            let of_keys = (&plan.keys[..], plan.ttl.as_deref());
            ttl::by_life(of_keys, rows, counts, |rows, counts| {
                over::run(plan, rows, counts)
            })
        }
        OperatorPlan::Ranked(plan) => ranked::run(plan, rows, counts),
        OperatorPlan::Lead(plan) => lead::run(plan, rows, counts),
        OperatorPlan::Coalesce(plan) => match plan.early {
            Some(told) => early::tell(plan, told, rows, counts),
            None => coalesce::run(plan, rows, counts),
        },
        OperatorPlan::LateColumns(plan) => late_rows::columns(plan, rows, counts),
        OperatorPlan::Fill(plan) => fill::run(plan, rows),
        OperatorPlan::Unnest(plan) => unnest::run(plan, rows, counts),
        OperatorPlan::TimeSort(plan) => time_sort::run(plan, rows, counts),
        OperatorPlan::Sort(plan) => sort::run(plan, rows, counts),
    };
    counts.elements |= matches!(operator, OperatorPlan::Unnest(_));
    // What comes behind these sees results.
    counts.results |= matches!(
        operator,
        OperatorPlan::Aggregate(_)
            | OperatorPlan::Over(_)
            | OperatorPlan::Ranked(_)
            | OperatorPlan::Lead(_)
            | OperatorPlan::Unnest(_)
            | OperatorPlan::TimeSort(_)
            | OperatorPlan::Sort(_)
    );
    Ok(out)
}

fn filter(predicate: &Expr, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        match eval_row(predicate, &row.values) {
            Ok(Value::Bool(true)) => out.push(row.clone()),
            Ok(_) => counts.filtered += u64::from(!counts.results),
            Err(reason) => counts.reject(reason),
        }
    }
    out
}

fn project(exprs: &[Expr], rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        let values = exprs.iter().map(|expr| eval_row(expr, &row.values));
        match values.collect() {
            Ok(values) => out.push(Row {
                values,
                ..row.clone()
            }),
            Err(reason) => counts.reject(reason),
        }
    }
    out
}

/// LATE of sessions behind an exchange: it has counted the records as used.
fn late_for_sessions(plan: &AggregatePlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let (mut judge, mut out) = (LateJudge::new(plan), Vec::new());
    for row in rows {
        match judge.is_late(row) {
            Ok(true) => out.push(row.clone()),
            Ok(false) => {}
            Err(reason) => counts.reject(reason),
        }
    }
    out
}

/// LATE behind other operators.
fn late(plan: &LatePlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut out = Vec::new();
    for row in rows {
        let mut verdict = judge(plan, &row.values, row.key.watermark());
        if plan.policy == LatePolicy::Collect {
            verdict = late_rows::admit(verdict).map(|()| 0);
        }
        match verdict {
            Ok(closed) => {
                counts.late_assignments += closed;
                out.push(row.clone());
            }
            Err(Gone::Rejected(reason)) => counts.reject(reason),
            Err(Gone::Filtered) => counts.filtered += u64::from(!counts.results),
            Err(Gone::Late) => counts.late(),
        }
    }
    out
}
