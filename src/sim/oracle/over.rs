//! OVER: every partition keeps all its rows, every frame is computed from them anew.

use super::eval::eval_row;
use super::fold::{Argued, Function};
use super::over_shape;
use super::{Counts, Row, same_values};
use crate::error::Reason;
use crate::plan::{AggregateKind, OverCall, OverFrame, OverFunction, OverPlan};
use crate::types::{DataType, Value};

struct Partition {
    key: Vec<Value>,
    last_time: Option<i64>,
    rows: Vec<Member>,
}

/// A row of a partition.
struct Member {
    /// The time that it stands at: never before its predecessor's.
    time: i64,
    /// For each call its arguments.
    args: Vec<Vec<Value>>,
}

/// Takes all rows, in order, and gives them with the calls' results.
pub fn run(plan: &OverPlan, rows: &[Row], counts: &mut Counts) -> Vec<Row> {
    let mut partitions: Vec<Partition> = Vec::new();
    // Each row that is used with its partition and its place there.
    let mut used = Vec::new();
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
        let mut stands_at = partition.rows.last().map_or(i64::MIN, |row| row.time);
        if let Some(Value::I64(time)) = time {
            counts.out_of_order += u64::from(partition.last_time.is_some_and(|last| time < last));
            partition.last_time = Some(time);
            stands_at = stands_at.max(time);
        }
        used.push((row, at, partition.rows.len()));
        partition.rows.push(Member {
            time: stands_at,
            args,
        });
    }
    let mut out = Vec::new();
    for (row, partition, at) in used {
        let calls = plan.calls.iter().enumerate();
        let members = &partitions[partition].rows;
        let results = calls.map(|(call, _)| result(plan, call, members, at));
        match results.collect::<Result<Vec<_>, _>>() {
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

/// The result of call `index` of `plan` for row `at` of a partition.
fn result(plan: &OverPlan, index: usize, all: &[Member], at: usize) -> Result<Value, Reason> {
    let call = &plan.calls[index];
    let number = |rows: usize| Ok(Value::I64(rows as i64));
    match &call.function {
        OverFunction::Lag { offset, default } => {
            let before = at.checked_sub(*offset as usize);
            let value = |row: usize| all[row].args[index][0].clone();
            return Ok(before.map_or(default.clone(), value));
        }
        OverFunction::RowNumber => return number(at + 1),
        OverFunction::Rank => {
            return number(
                1 + all[..at]
                    .iter()
                    .filter(|row| row.time < all[at].time)
                    .count(),
            );
        }
        OverFunction::DenseRank => {
            let mut times: Vec<_> = all[..=at].iter().map(|row| row.time).collect();
            times.dedup();
            return number(times.len());
        }
        OverFunction::Aggregate(_)
        | OverFunction::Distinct(_)
        | OverFunction::Nth(_)
        | OverFunction::LastValue => {}
        OverFunction::PercentRank
        | OverFunction::CumeDist
        | OverFunction::Ntile(_)
        | OverFunction::Lead { .. } => panic!("what later rows decide is elsewhere"),
    }
    let (before, after) = frame(plan.sorted, call.frame, all, at);
    let args = |row: usize| &all[row].args[index][..];
    of_frame(
        call,
        &[before.map(args).collect(), after.map(args).collect()],
    )
}

/// The result of a call over the rows of both parts of a frame, each its arguments.
pub fn of_frame(call: &OverCall, parts: &[Vec<&[Value]>; 2]) -> Result<Value, Reason> {
    let rows = || parts.iter().flatten();
    let value = |args: &&[Value]| args[0].clone();
    match &call.function {
        OverFunction::Nth(n) => Ok(rows().nth(*n as usize - 1).map_or(Value::Null, value)),
        OverFunction::LastValue => Ok(rows().last().map_or(Value::Null, value)),
        OverFunction::Distinct(kind) => distinct(call, *kind, &parts.concat()),
        OverFunction::Aggregate(AggregateKind::ApproxCountDistinct) => {
            distinct(call, AggregateKind::Count, &parts.concat())
        }
        OverFunction::Aggregate(kind) => {
            // A frame holds its values: what is exact is an approximation too.
            let kind = match kind {
                AggregateKind::ApproxPercentile => &AggregateKind::PercentileCont,
                kind => kind,
            };
            aggregate(call, *kind, parts)
        }
        other => panic!("{other:?} has no frame"),
    }
}

type Range = std::ops::Range<usize>;

/// The rows of the frame of row `at`, cut in two where its fold is. Rows enter one after the other, the last peer
/// being the last that a sorted frame by time takes in; those that have fallen behind leave first, and when they
/// have to leave and the older part is empty, all rows become the older part.
fn frame(sorted: bool, frame: OverFrame, all: &[Member], at: usize) -> (Range, Range) {
    let (by_time, preceding, until) = match frame {
        OverFrame::Rows { preceding, until } => (false, preceding.map(i64::from), i64::from(until)),
        OverFrame::Range {
            preceding_ns,
            until_ns,
        } => (true, preceding_ns, until_ns),
        OverFrame::Around(_) => panic!("frames of whole partitions are elsewhere"),
    };
    let position = |row: usize| {
        if by_time { all[row].time } else { row as i64 }
    };
    let mut last = at;
    if sorted && by_time && until == 0 {
        while last + 1 < all.len() && all[last + 1].time == all[at].time {
            last += 1;
        }
    }
    let (mut oldest, mut cut, mut end) = (0, 0, 0);
    for row in 0..=last {
        let from = preceding.map_or(i64::MIN, |length| position(row).saturating_sub(length));
        let upto = position(row).saturating_sub(until);
        while oldest < end && position(oldest) < from {
            if oldest == cut {
                cut = end;
            }
            oldest += 1;
        }
        while end <= row && position(end) <= upto {
            if position(end) < from {
                (oldest, cut) = (end + 1, end + 1);
            }
            end += 1;
        }
    }
    (oldest..cut.max(oldest), cut.max(oldest)..end)
}

/// An aggregate of the rows of both parts, each its arguments.
fn aggregate(
    call: &OverCall,
    kind: AggregateKind,
    parts: &[Vec<&[Value]>; 2],
) -> Result<Value, Reason> {
    let some = argued(parts);
    let double = call
        .args
        .first()
        .is_some_and(|arg| arg.ty() == DataType::Double);
    let first = |args: &[Value]| as_double(&args[0]);
    match kind {
        AggregateKind::Sum if double && !some.is_empty() => {
            Ok(Value::F64(double_sum(parts, first)))
        }
        AggregateKind::Avg if double && !some.is_empty() => {
            Ok(Value::F64(double_sum(parts, first) / some.len() as f64))
        }
        AggregateKind::Vwap if double => {
            let weight = double_sum(parts, |args| as_double(&args[1]));
            let product = double_sum(parts, |args| as_double(&args[0]) * as_double(&args[1]));
            let none = some.is_empty() || weight == 0.0;
            Ok(match none {
                true => Value::Null,
                false => Value::F64(product / weight),
            })
        }
        AggregateKind::Imbalance if double => {
            let bid = double_sum(parts, first);
            let ask = double_sum(parts, |args| as_double(&args[1]));
            Ok(match bid + ask {
                0.0 => Value::Null,
                sum => Value::F64((bid - ask) / sum),
            })
        }
        AggregateKind::Ema
        | AggregateKind::Twap
        | AggregateKind::RealizedVol
        | AggregateKind::MaxDrawdown => Ok(over_shape::result(kind, parts)),
        _ => Function::new(kind, &call.args, call.ty).result(&some),
    }
}

/// An aggregate of the rows that are the first of their value: DOUBLEs by rising value, all else as they come.
fn distinct(call: &OverCall, kind: AggregateKind, rows: &[&[Value]]) -> Result<Value, Reason> {
    let mut some: Vec<Vec<Value>> = Vec::new();
    for args in rows.iter().filter(|args| args[0] != Value::Null) {
        let known = some
            .iter()
            .any(|known| same_values(&known[..1], &args[..1]));
        if !known {
            some.push(args.to_vec());
        }
    }
    if call.args[0].ty() == DataType::Double {
        some.sort_by(|a, b| {
            let (a, b) = (as_double(&a[0]), as_double(&b[0]));
            a.is_nan()
                .cmp(&b.is_nan())
                .then(a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal))
        });
    }
    let rows: Vec<Argued> = some
        .into_iter()
        .map(|args| Argued {
            args,
            time: None,
            path: Vec::new(),
        })
        .collect();
    match kind {
        AggregateKind::Sum | AggregateKind::Avg if rows.is_empty() => Ok(Value::Null),
        AggregateKind::Sum | AggregateKind::Avg if call.args[0].ty() == DataType::Double => {
            let sum = rows
                .iter()
                .fold(-0.0, |sum, row| sum + as_double(&row.args[0]));
            Ok(Value::F64(match kind {
                AggregateKind::Sum => sum,
                _ => sum / rows.len() as f64,
            }))
        }
        AggregateKind::ApproxPercentile => {
            Function::new(AggregateKind::PercentileCont, &call.args, call.ty).result(&rows)
        }
        _ => Function::new(kind, &call.args, call.ty).result(&rows),
    }
}

/// The rows without a NULL, each with its place in the fold: of the older part a row and what is behind it, and so on;
/// the newer part as one. A part of one row is a row.
fn argued(parts: &[Vec<&[Value]>; 2]) -> Vec<Argued> {
    let some = |part: &Vec<&[Value]>| -> Vec<Vec<Value>> {
        let rows = part.iter().filter(|args| !args.contains(&Value::Null));
        rows.map(|args| args.to_vec()).collect()
    };
    let [older, newer] = [some(&parts[0]), some(&parts[1])];
    let deepest = older.len().saturating_sub(2);
    let alone = older.is_empty() || newer.len() == 1;
    let older = older
        .into_iter()
        .enumerate()
        .map(|(at, args)| (args, vec![1; at.min(deepest)]));
    let newer = newer
        .into_iter()
        .map(|args| (args, if alone { vec![] } else { vec![2] }));
    let all = older.chain(newer);
    all.map(|(args, path)| Argued {
        args,
        time: None,
        path,
    })
    .collect()
}

fn as_double(value: &Value) -> f64 {
    match value {
        Value::F64(value) => *value,
        other => panic!("a DOUBLE, not {other:?}"),
    }
}

/// A sum of DOUBLEs in its fold shape: the older part from the newest to the oldest, then the newer one from the
/// oldest to the newest; a row with a NULL adds nothing.
fn double_sum(parts: &[Vec<&[Value]>; 2], of: impl Fn(&[Value]) -> f64) -> f64 {
    let value = |args: &&[Value]| match args.contains(&Value::Null) {
        // The one number that changes no other.
        true => -0.0,
        false => of(args),
    };
    let older = parts[0].iter().rev().map(value);
    let older = older.reduce(|sum, older| older + sum).unwrap_or(-0.0);
    older
        + parts[1]
            .iter()
            .map(value)
            .fold(-0.0, |sum, newer| sum + newer)
}
