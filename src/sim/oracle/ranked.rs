//! Ranks, LAG, LEAD and frames of whole partitions: every row is compared with every other of its partition.

use super::around;
use super::eval::eval_row;
use super::sort::compare;
use super::{Counts, Row, same_values};
use crate::error::Reason;
use crate::plan::{OverFrame, OverFunction, RankedPlan};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;
use std::cmp::Ordering;

/// A row with its PARTITION BY and ORDER BY values.
struct Keyed<'a> {
    row: &'a Row,
    key: Vec<Value>,
    order: Vec<Value>,
    /// For each call its arguments.
    args: Vec<Vec<Value>>,
}

/// Takes all rows, in order, and gives them with the calls' results.
pub fn run(plan: &RankedPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut keyed = Vec::new();
    for row in rows {
        let key = plan.keys.iter().map(|key| eval_row(key, &row.values));
        let order = plan
            .order
            .iter()
            .map(|key| eval_row(&key.expr, &row.values));
        let args = plan.calls.iter().map(|call| {
            let args = call.args.iter().map(|arg| eval_row(arg, &row.values));
            args.collect::<Result<Vec<_>, _>>()
        });
        match (key.collect(), order.collect(), args.collect()) {
            (Ok(key), Ok(order), Ok(args)) => keyed.push(Keyed {
                row,
                key,
                order,
                args,
            }),
            (Err(reason), ..) | (_, Err(reason), _) | (.., Err(reason)) => counts.reject(reason),
        }
    }
    let framed = framed(plan, &keyed);
    let mut out = Vec::new();
    for (at, row) in keyed.iter().enumerate() {
        let all = keyed.iter().enumerate();
        let others: Vec<(usize, Ordering)> = all
            .filter(|(_, other)| same_values(&other.key, &row.key))
            .map(|(other_at, other)| (other_at, order_of(plan, other, row)))
            .collect();
        let number = others
            .iter()
            .filter(|(other_at, order)| order.then(other_at.cmp(&at)).is_lt())
            .count() as u64;
        if plan.limit.is_some_and(|limit| number >= limit) {
            continue;
        }
        let mut values = row.row.values.clone();
        let calls = 0..plan.calls.len();
        let results = calls.map(|call| match plan.calls[call].frame {
            OverFrame::Around(_) => framed[call][at].clone(),
            _ => Ok(result(plan, call, &keyed, &others, number)),
        });
        match results.collect::<Result<Vec<_>, _>>() {
            Ok(results) => values.extend(results),
            Err(reason) => {
                counts.group_error(reason);
                continue;
            }
        }
        let key = row.row.key;
        out.push(Row {
            key: match plan.at_end {
                true => OrderKey::fired(WATERMARK_END, key.seq, key.ordinal),
                false => key,
            },
            values,
            // What leaves at the end has no time any more.
            time: row.row.time.filter(|_| !plan.at_end),
            op: row.row.op,
        });
    }
    out
}

/// For each call over a frame the results of all rows; none for the others.
fn framed(plan: &RankedPlan, keyed: &[Keyed<'_>]) -> Vec<Vec<Result<Value, Reason>>> {
    let mut results: Vec<Vec<_>> = plan.calls.iter().map(|_| Vec::new()).collect();
    for (call, results) in results.iter_mut().enumerate() {
        let OverFrame::Around(frame) = plan.calls[call].frame else {
            continue;
        };
        results.resize_with(keyed.len(), || Ok(Value::Null));
        for (at, row) in keyed.iter().enumerate() {
            let is_in = |other: &usize| same_values(&keyed[*other].key, &row.key);
            let mut rows: Vec<usize> = (0..keyed.len()).filter(is_in).collect();
            if rows[0] != at {
                // Its partition is done.
                continue;
            }
            rows.sort_by(|a, b| order_of(plan, &keyed[*a], &keyed[*b]).then(a.cmp(b)));
            let members: Vec<_> = rows
                .iter()
                .map(|&row| around::Member {
                    order: &keyed[row].order,
                    args: &keyed[row].args[call],
                })
                .collect();
            let found = around::results(&plan.calls[call], &frame, &plan.order, &members);
            for (row, result) in rows.into_iter().zip(found) {
                results[row] = result;
            }
        }
    }
    results
}

/// The result of a call for the row that has `number` of its partition before it; `others` are all rows of the
/// partition and where they stand from it.
fn result(
    plan: &RankedPlan,
    call: usize,
    keyed: &[Keyed<'_>],
    others: &[(usize, Ordering)],
    number: u64,
) -> Value {
    let total = others.len();
    let less: Vec<usize> = others
        .iter()
        .filter(|(_, order)| order.is_lt())
        .map(|(other, _)| *other)
        .collect();
    let upto = others.iter().filter(|(_, order)| order.is_le()).count();
    // The value of the row which has so many others before it.
    let value_at = |place: Option<u64>| {
        let mut sorted: Vec<usize> = others.iter().map(|(other, _)| *other).collect();
        sorted.sort_by(|a, b| order_of(plan, &keyed[*a], &keyed[*b]).then(a.cmp(b)));
        let found = sorted.get(usize::try_from(place?).ok()?)?;
        Some(keyed[*found].args[call][0].clone())
    };
    match &plan.calls[call].function {
        OverFunction::Lag { offset, default } => {
            value_at(number.checked_sub(u64::from(*offset))).unwrap_or(default.clone())
        }
        OverFunction::Lead { offset, default } => {
            value_at(Some(number + u64::from(*offset))).unwrap_or(default.clone())
        }
        OverFunction::RowNumber => Value::I64(number as i64 + 1),
        OverFunction::Rank => Value::I64(less.len() as i64 + 1),
        OverFunction::DenseRank => {
            // Of each set of peers the first one counts.
            let is_first = |at: &&usize| {
                let peer = |other: &&usize| order_of(plan, &keyed[**other], &keyed[**at]).is_eq();
                less.iter().find(peer) == Some(*at)
            };
            Value::I64(less.iter().filter(is_first).count() as i64 + 1)
        }
        OverFunction::PercentRank if total == 1 => Value::F64(0.0),
        OverFunction::PercentRank => Value::F64(less.len() as f64 / (total as f64 - 1.0)),
        OverFunction::CumeDist => Value::F64(upto as f64 / total as f64),
        OverFunction::Ntile(buckets) => {
            Value::I64(bucket(number, total as u64, u64::from(*buckets)))
        }
        other => panic!("no rank of a whole partition: {other:?}"),
    }
}

fn order_of(plan: &RankedPlan, a: &Keyed<'_>, b: &Keyed<'_>) -> Ordering {
    let pairs = plan.order.iter().zip(a.order.iter().zip(&b.order));
    let orders = pairs.map(|(key, (a, b))| compare(key, a, b));
    orders.fold(Ordering::Equal, Ordering::then)
}

/// Deals buckets out, one after the other, until row `number` has its own.
fn bucket(number: u64, total: u64, buckets: u64) -> i64 {
    let mut given = 0;
    for bucket in 0..buckets {
        given += total / buckets + u64::from(bucket < total % buckets);
        if number < given {
            return bucket as i64 + 1;
        }
    }
    panic!("every row has a bucket")
}
