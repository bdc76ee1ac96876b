//! What EXPLAIN says a statement holds in memory, and how far it spreads over workers.
//!
//! Bytes are what the operators' flat columns take, an index entry and a hash included; texts beyond
//! [`TEXT_INLINE`](crate::batch::TEXT_INLINE) bytes and spare capacity come on top. They are estimates of one entry:
//! how many there will be only the data knows.

use super::expr::list;
use super::{length, window};
use crate::plan::{
    AggregateCall, AggregateKind, AggregateMode, AggregatePlan, ExchangePlan, Expr, LeadPlan,
    OperatorPlan, OverCall, OverFrame, OverFunction, OverPlan, RoutePlan, SourceConnector,
    SourcePlan, StatementPlan, Strategy,
};
use crate::types::{DataType, Physical, Schema};

/// Hash, index slot and first row of a group.
const GROUP_BYTES: usize = 8 + 4 + 16;
/// What a partition of OVER has beside its values.
const PARTITION_BYTES: usize = 8 + 4 + 64;
/// Order key and place of a row that waits.
const ROW_BYTES: usize = 32;

/// Bytes of a value in a column.
fn value_bytes(ty: DataType) -> usize {
    match ty.physical() {
        Physical::Bool => 1,
        Physical::I64 | Physical::F64 => 8,
        Physical::I128 | Physical::Text => 16,
    }
}

fn row_bytes(schema: &Schema) -> usize {
    let columns = schema.fields.iter().map(|field| value_bytes(field.ty));
    columns.sum::<usize>() + ROW_BYTES
}

/// What `operator` holds; `names` are those of its input.
pub fn state(operator: &OperatorPlan, names: &[String]) -> Option<String> {
    match operator {
        OperatorPlan::Filter { .. }
        | OperatorPlan::Late(_)
        | OperatorPlan::LateColumns(_)
        | OperatorPlan::Unnest(_)
        | OperatorPlan::Project { .. } => None,
        OperatorPlan::Aggregate(plan) => Some(aggregate(plan, names)),
        OperatorPlan::LateForSessions(plan) => {
            let mut bounds = AggregatePlan::clone(plan);
            bounds.aggregates.clear();
            Some(aggregate(&bounds, names))
        }
        OperatorPlan::Over(plan) => Some(over(plan, names)),
        OperatorPlan::Ranked(plan) => {
            let bytes = row_bytes(&plan.input);
            Some(match plan.limit {
                Some(rows) => {
                    format!("about {bytes} B for each of the first {rows} rows of a partition")
                }
                None => format!("about {bytes} B for every row until its partition is complete"),
            })
        }
        OperatorPlan::Lead(plan) => Some(lead(plan, names)),
        OperatorPlan::Fill(plan) => Some(format!(
            "about {} B for each group that has been seen",
            row_bytes(&plan.input) + GROUP_BYTES
        )),
        OperatorPlan::Coalesce(plan) => Some(format!(
            "about {} B for each group that changed in {}",
            row_bytes(&plan.input) + GROUP_BYTES,
            length(plan.every_ns)
        )),
        OperatorPlan::TimeSort(plan) => Some(format!(
            "about {} B for every row {}",
            row_bytes(&plan.input),
            match plan.at_end {
                true => "until the end of the input",
                false => "that the watermark has not passed",
            }
        )),
        OperatorPlan::Sort(plan) => {
            let bytes = row_bytes(&plan.input);
            let kept = plan.limit.map(|rows| rows.saturating_add(plan.offset));
            Some(match (kept, plan.at_end) {
                (Some(rows), true) => {
                    format!("about {bytes} B for each of the first {rows} rows")
                }
                (None, true) => {
                    format!("about {bytes} B for every row until the end of the input")
                }
                (Some(rows), false) => {
                    format!("about {bytes} B for each of the first {rows} rows of a closing window")
                }
                (None, false) => format!("about {bytes} B for every row of a closing window"),
            })
        }
    }
}

fn aggregate(plan: &AggregatePlan, names: &[String]) -> String {
    let keys: usize = plan.keys.iter().map(|key| value_bytes(key.ty())).sum();
    let calls: usize = plan.aggregates.iter().map(call_bytes).sum();
    let mut what = match (plan.keys.is_empty(), plan.mode) {
        (true, AggregateMode::Partial) => "block of rows".to_owned(),
        (true, _) => "group".to_owned(),
        (false, _) => format!("group ({})", list(&plan.keys, names)),
    };
    if let Some(shape) = &plan.window {
        what = format!("{what} of each open window ({})", window(shape));
    }
    let life = life_bytes(keys, plan.ttl_ns());
    let mut text = format!(
        "about {} B for each {what}",
        GROUP_BYTES + keys + calls + life
    );
    let growing = plan
        .aggregates
        .iter()
        .filter(|call| call.distinct || call.kind.grows());
    let growing: Vec<String> = growing
        .map(|call| format!("{} for {}", growth(call), super::expr::call(call, names)))
        .collect();
    if !growing.is_empty() {
        text = format!("{text}, and {}", growing.join(", "));
    }
    format!(
        "{text}; at most {} groups a worker ('max.groups')",
        plan.groups_max
    )
}

/// What a key of so many bytes takes that may expire: its entry among the lives, and there and here the number of its life.
fn life_bytes(key: usize, ttl_ns: Option<i64>) -> usize {
    ttl_ns.map_or(0, |_| GROUP_BYTES + key + 8)
}

/// Bytes of a call's accumulators.
fn call_bytes(call: &AggregateCall) -> usize {
    // A count goes with every lane of rows.
    8 + accumulator_bytes(call.kind, &call.args, call.ty)
}

/// Bytes that an aggregate with results of type `ty` has beside its count.
fn accumulator_bytes(kind: AggregateKind, args: &[Expr], ty: DataType) -> usize {
    use AggregateKind as A;
    let argument = |at: usize| args.get(at).map_or(0, |arg| value_bytes(arg.ty()));
    match kind {
        A::CountRows | A::Count => 0,
        A::Sum | A::Avg if argument(0) == 8 && ty == DataType::Double => 8,
        A::Sum | A::Avg | A::Imbalance | A::Vwap => 16 * args.len(),
        A::Min | A::Max | A::BoolAnd | A::BoolOr => argument(0),
        A::First | A::Last => argument(0) + 8,
        A::ArgMin | A::ArgMax => argument(0) + argument(1) + 9,
        A::Delta => 2 * argument(0),
        A::Rate => 32,
        A::StddevSamp | A::StddevPop | A::VarSamp | A::VarPop => 24,
        A::Skewness | A::Kurtosis => 40,
        A::Corr | A::CovarSamp | A::CovarPop | A::RegrSlope | A::RegrIntercept | A::RegrR2 => 48,
        A::Twap => 48,
        A::Ema | A::RealizedVol | A::MaxDrawdown => 32,
        A::Median | A::PercentileCont | A::PercentileDisc | A::Mode => 24,
        A::ApproxPercentile | A::ApproxCountDistinct | A::StringAgg | A::ArrayAgg => 24,
    }
}

/// What a call holds beside its accumulators.
fn growth(call: &AggregateCall) -> String {
    let value: usize = call
        .args
        .iter()
        .take(1)
        .map(|arg| value_bytes(arg.ty()))
        .sum();
    match call.kind {
        _ if call.distinct => format!("{} B a distinct value", value + 16),
        AggregateKind::Mode => format!("{} B a distinct value", value + 24),
        AggregateKind::StringAgg => "its texts".to_owned(),
        AggregateKind::ArrayAgg => "its values".to_owned(),
        AggregateKind::ApproxPercentile | AggregateKind::ApproxCountDistinct => {
            "a sketch".to_owned()
        }
        _ => format!("{value} B a value"),
    }
}

/// The rows that wait, and what is known of their partitions.
fn lead(plan: &LeadPlan, names: &[String]) -> String {
    let keys: usize = plan.keys.iter().map(|key| value_bytes(key.ty())).sum();
    let arguments = plan.calls.iter().map(|call| value_bytes(call.ty));
    let bytes = row_bytes(&plan.input) + arguments.sum::<usize>();
    let rows = plan.calls.iter().filter_map(|call| match call.function {
        OverFunction::Lead { offset, .. } => Some(offset),
        _ => None,
    });
    let rows = match rows.max().unwrap_or(1) {
        1 => "the last row".to_owned(),
        rows => format!("each of the last {rows} rows"),
    };
    let what = match plan.keys.is_empty() {
        true => "the one partition".to_owned(),
        false => format!("each partition ({})", list(&plan.keys, names)),
    };
    let partition = PARTITION_BYTES + keys;
    format!("about {partition} B for {what} and {bytes} B for {rows} of it")
}

fn over(plan: &OverPlan, names: &[String]) -> String {
    let keys: usize = plan.keys.iter().map(|key| value_bytes(key.ty())).sum();
    let mut fixed = PARTITION_BYTES + keys + life_bytes(keys, plan.ttl_ns());
    let mut rows = Vec::new();
    for call in &plan.calls {
        let value: usize = call.args.iter().map(|arg| value_bytes(arg.ty())).sum();
        let (of_row, keeps_all) = frame_row_bytes(call);
        let held = match (&call.function, call.frame) {
            (OverFunction::Lag { offset, .. }, _) => Some(*offset as usize),
            (
                OverFunction::Aggregate(_) | OverFunction::Distinct(_),
                OverFrame::Rows {
                    preceding: Some(rows),
                    until,
                },
            ) => Some((rows + 1).saturating_sub(until) as usize),
            (
                _,
                OverFrame::Range {
                    preceding_ns: Some(ns),
                    ..
                },
            ) => {
                rows.push(format!(
                    "{} B for each row of the last {}",
                    of_row.unwrap_or(value + 16),
                    length(ns)
                ));
                None
            }
            _ if keeps_all => {
                let of_row = of_row.unwrap_or(value);
                rows.push(format!("{of_row} B for each of its rows"));
                None
            }
            _ => None,
        };
        fixed += 16 + held.unwrap_or(0) * of_row.unwrap_or(value.max(8));
    }
    let what = match plan.keys.is_empty() {
        true => "the one partition".to_owned(),
        false => format!("each partition ({})", list(&plan.keys, names)),
    };
    rows.dedup();
    let rows = rows.iter().map(|rows| format!(" and {rows}"));
    let mut text = format!("about {fixed} B for {what}");
    text.extend(rows);
    text
}

/// Bytes that a frame holds for each of its rows, where that is not the value alone, and whether a frame without a
/// beginning holds them too.
fn frame_row_bytes(call: &OverCall) -> (Option<usize>, bool) {
    use AggregateKind as A;
    let value = call.args.first().map_or(0, |arg| value_bytes(arg.ty()));
    let kind = match call.function {
        OverFunction::Aggregate(A::ApproxCountDistinct) | OverFunction::Distinct(_) => {
            // In a queue and, once for all that are equal, in a table.
            let (position, count) = (8, 24);
            return (Some(position + count + 2 * value), true);
        }
        OverFunction::Aggregate(kind) => kind,
        _ => return (None, false),
    };
    match kind {
        A::CountRows | A::Count | A::Sum | A::Avg | A::Min | A::Max | A::First | A::Last => {
            (None, false)
        }
        // In the order of the rows, and again in their own.
        _ if kind.grows() => (Some(8 + 2 * value), true),
        _ => {
            let position_and_count = 16;
            let state = accumulator_bytes(kind, &call.args, call.ty);
            (Some(position_and_count + state), false)
        }
    }
}

/// What limits how many workers take part.
pub fn parallelism(
    source: &SourcePlan,
    route: &RoutePlan,
    statement: &StatementPlan,
    names: &[String],
) -> String {
    let mut text = match route.strategy {
        Strategy::Hash | Strategy::Smart => format!(
            "one ingest core; any number of workers, each with its share of ({})",
            list(&route.key, names)
        ),
        Strategy::RoundRobin | Strategy::Blocks => {
            "one ingest core; any number of workers".to_owned()
        }
        Strategy::Sticky => match &source.connector {
            SourceConnector::File { paths, .. } if paths.len() > 1 => {
                format!(
                    "one ingest core; one worker for each of {} files",
                    paths.len()
                )
            }
            _ => "one worker: the source has one partition".to_owned(),
        },
        Strategy::FanIn => format!("one worker: {}", route.reason),
    };
    let later = statement.stages.iter().enumerate().skip(1);
    for (at, stage) in later {
        if let Some(ExchangePlan { key, .. }) = &stage.exchange
            && key.is_empty()
        {
            text = format!("{text}; stage {at} on worker 0 alone");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_what_its_columns_take() {
        let call = |kind, ty, args: &[DataType]| AggregateCall {
            kind,
            args: args
                .iter()
                .map(|&ty| Expr::Column { index: 0, ty })
                .collect(),
            filter: None,
            distinct: false,
            ty,
        };
        let (double, big) = (DataType::Double, DataType::BigInt);
        assert_eq!(call_bytes(&call(AggregateKind::CountRows, big, &[])), 8);
        assert_eq!(call_bytes(&call(AggregateKind::Sum, double, &[double])), 16);
        assert_eq!(call_bytes(&call(AggregateKind::Sum, big, &[big])), 24);
        assert_eq!(
            call_bytes(&call(
                AggregateKind::Min,
                DataType::Varchar,
                &[DataType::Varchar]
            )),
            24
        );
        let mut distinct = call(AggregateKind::Count, big, &[DataType::Varchar]);
        distinct.distinct = true;
        assert_eq!(growth(&distinct), "32 B a distinct value");
    }
}
