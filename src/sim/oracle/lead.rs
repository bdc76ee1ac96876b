//! LEAD: every partition as a whole; a row leaves with the row that is the last that its calls look at.

use super::eval::eval_row;
use super::{Counts, Row, same_values};
use crate::error::Reason;
use crate::plan::{LeadPlan, OverFunction};
use crate::time::OrderKey;
use crate::types::Value;

/// A row with what the calls look at, by call.
struct Member<'a> {
    row: &'a Row,
    key: Vec<Value>,
    args: Vec<Value>,
}

/// Takes all rows, in order, and gives them with the calls' results in the order in which they are known.
pub fn run(plan: &LeadPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut members: Vec<Member<'_>> = Vec::new();
    let mut times: Vec<(Vec<Value>, i64)> = Vec::new();
    for row in rows {
        match evaluate(plan, row) {
            Ok((member, time)) => {
                if let Some(Value::I64(time)) = time {
                    let known = times
                        .iter_mut()
                        .find(|(key, _)| same_values(key, &member.key));
                    match known {
                        Some((_, last)) => {
                            counts.out_of_order += u64::from(time < *last);
                            *last = time;
                        }
                        None => times.push((member.key.clone(), time)),
                    }
                }
                members.push(member);
            }
            Err(reason) => counts.reject(reason),
        }
    }
    let offsets: Vec<usize> = plan
        .calls
        .iter()
        .map(|call| offset(&call.function))
        .collect();
    let farthest = offsets.iter().copied().max().unwrap_or(0);
    let mut out = Vec::new();
    // Of each partition the places of rows that are left at the end, which they take in the partition's order.
    let mut left: Vec<(Vec<Value>, Vec<OrderKey>)> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let behind: Vec<&Member<'_>> = members[at..]
            .iter()
            .filter(|other| same_values(&other.key, &member.key))
            .collect();
        let mut values = member.row.values.clone();
        for (call, offset) in offsets.iter().enumerate() {
            values.push(match (behind.get(*offset), &plan.calls[call].function) {
                (Some(other), _) => other.args[call].clone(),
                (None, OverFunction::Lead { default, .. }) => default.clone(),
                (None, other) => panic!("{other:?} is no LEAD"),
            });
        }
        let key = behind.get(farthest).map(|other| other.row.key);
        out.push(Row {
            key: key.unwrap_or_else(|| {
                let known = left
                    .iter()
                    .position(|(key, _)| same_values(key, &member.key));
                let of_partition = known.unwrap_or_else(|| {
                    let keys = behind.iter().map(|other| other.row.key);
                    let mut places: Vec<_> = keys
                        .map(|key| OrderKey::left_over(key.seq, key.ordinal))
                        .collect();
                    places.sort_unstable();
                    left.push((member.key.clone(), places));
                    left.len() - 1
                });
                left[of_partition].1.remove(0)
            }),
            values,
            ..member.row.clone()
        });
    }
    out.sort_by_key(|row| row.key);
    out
}

fn evaluate<'a>(plan: &LeadPlan, row: &'a Row) -> Result<(Member<'a>, Option<Value>), Reason> {
    let eval = |expr| eval_row(expr, &row.values);
    let key = plan.keys.iter().map(eval).collect::<Result<Vec<_>, _>>()?;
    let time = plan.time.as_ref().map(eval).transpose()?;
    let args = plan.calls.iter().map(|call| eval(&call.args[0]));
    let args = args.collect::<Result<Vec<_>, _>>()?;
    Ok((Member { row, key, args }, time))
}

fn offset(function: &OverFunction) -> usize {
    match function {
        OverFunction::Lead { offset, .. } => *offset as usize,
        other => panic!("{other:?} is no LEAD"),
    }
}
