//! OVER: every partition keeps all its rows, every frame is computed from them anew.

use super::eval::eval_row;
use super::fold::{Argued, Function};
use super::{Counts, Row, same_values};
use crate::error::Reason;
use crate::plan::{AggregateKind, OverCall, OverFunction, OverPlan};
use crate::types::{DataType, Value};

struct Partition {
    key: Vec<Value>,
    last_time: Option<i64>,
    /// For each row so far, for each call its arguments.
    rows: Vec<Vec<Vec<Value>>>,
}

/// Takes all rows, in order, and gives them with the calls' results.
pub fn run(plan: &OverPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut partitions: Vec<Partition> = Vec::new();
    let mut out = Vec::new();
    for row in rows {
        let (key, time, args) = match evaluate(plan, row) {
            Ok(evaluated) => evaluated,
            Err(reason) => {
                counts.reject(reason);
                continue;
            }
        };
        let known = partitions
            .iter()
            .position(|known| same_values(&known.key, &key));
        let at = known.unwrap_or_else(|| {
            partitions.push(Partition {
                key,
                last_time: None,
                rows: Vec::new(),
            });
            partitions.len() - 1
        });
        let partition = &mut partitions[at];
        if let Some(Value::I64(time)) = time {
            counts.out_of_order += u64::from(partition.last_time.is_some_and(|last| time < last));
            partition.last_time = Some(time);
        }
        partition.rows.push(args);
        let calls = plan.calls.iter().enumerate();
        let results: Result<Vec<_>, _> = calls
            .map(|(call, plan)| {
                let args: Vec<_> = partition.rows.iter().map(|row| &row[call][..]).collect();
                result(plan, &args)
            })
            .collect();
        match results {
            Ok(results) => {
                let mut row = row.clone();
                row.values.extend(results);
                out.push(row);
            }
            Err(reason) => counts.group_error(reason),
        }
    }
    out
}

type Evaluated = (Vec<Value>, Option<Value>, Vec<Vec<Value>>);

fn evaluate(plan: &OverPlan, row: &Row) -> Result<Evaluated, Reason> {
    let eval = |expr| eval_row(expr, &row.values);
    let key = plan.keys.iter().map(eval).collect::<Result<Vec<_>, _>>()?;
    let time = plan.time.as_ref().map(eval).transpose()?;
    let calls = plan.calls.iter();
    let args = calls.map(|call| call.args.iter().map(eval).collect());
    Ok((key, time, args.collect::<Result<Vec<_>, _>>()?))
}

/// The result of a call for the last of `rows`, each row being the call's arguments.
fn result(call: &OverCall, rows: &[&[Value]]) -> Result<Value, Reason> {
    let kind = match &call.function {
        OverFunction::Lag { offset, default } => {
            let at = rows.len().checked_sub(1 + *offset as usize);
            return Ok(at.map_or(default.clone(), |at| rows[at][0].clone()));
        }
        OverFunction::Aggregate(kind) => *kind,
    };
    let length = call.preceding.map_or(usize::MAX, |n| n as usize + 1);
    let frame = &rows[rows.len().saturating_sub(length)..];
    let some = frame.iter().filter(|args| !args.contains(&Value::Null));
    let some: Vec<Argued> = some
        .map(|args| Argued {
            args: args.to_vec(),
            time: None,
            block: 0,
        })
        .collect();
    let double = call
        .args
        .first()
        .is_some_and(|arg| arg.ty() == DataType::Double);
    match kind {
        AggregateKind::Sum if double && !some.is_empty() => {
            Ok(Value::F64(double_sum(rows, length)))
        }
        AggregateKind::Avg if double && !some.is_empty() => {
            Ok(Value::F64(double_sum(rows, length) / some.len() as f64))
        }
        _ => Function::new(kind, &call.args, call.ty).result(&some),
    }
}

/// A frame's sum of DOUBLEs in its fold shape. The partition is cut into blocks as long as the frame: what the
/// frame has of the block before is folded from the newest to the oldest, then what it has of the current one
/// from the oldest to the newest; a NULL adds nothing.
fn double_sum(rows: &[&[Value]], length: usize) -> f64 {
    let value = |args: &&[Value]| match args[0] {
        Value::F64(value) => value,
        // The one number that changes no other.
        _ => -0.0,
    };
    let current = rows.len() - 1;
    let block = current / length * length;
    let oldest = rows.len().saturating_sub(length);
    let before = rows[oldest..block].iter().rev().map(value);
    let after = rows[block..].iter().map(value);
    let before = before.reduce(|sum, older| older + sum).unwrap_or(-0.0);
    before + after.fold(-0.0, |sum, newer| sum + newer)
}
