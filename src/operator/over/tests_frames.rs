//! Frames of any bounds against a naive twin that looks for the rows of every frame among all rows.

use super::tests::{TYPES, before, move_state, naive_sum, plan, random_row, same};
use super::*;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::{AggregateKind, OverCall, OverFrame, OverFunction};
use crate::types::Value;

fn call(function: OverFunction, args: &[usize], ty: DataType, frame: OverFrame) -> OverCall {
    let args = args.iter().map(|&arg| column(arg, TYPES[arg])).collect();
    OverCall {
        function,
        frame,
        args,
        ty,
    }
}

fn frames() -> Vec<OverFrame> {
    let rows = |preceding, until| OverFrame::Rows { preceding, until };
    let range = |preceding_ns, until_ns| OverFrame::Range {
        preceding_ns,
        until_ns,
    };
    vec![
        rows(None, 0),
        rows(None, 3),
        rows(Some(0), 0),
        rows(Some(5), 0),
        rows(Some(5), 5),
        rows(Some(20), 2),
        range(None, 0),
        range(None, 7),
        range(Some(0), 0),
        range(Some(9), 0),
        range(Some(9), 9),
        range(Some(30), 4),
    ]
}

fn every_call() -> Vec<OverCall> {
    use AggregateKind as K;
    use OverFunction::Aggregate;
    let big = DataType::BigInt;
    let mut calls = vec![
        call(OverFunction::RowNumber, &[], big, OverFrame::RUNNING),
        call(OverFunction::Rank, &[], big, OverFrame::RUNNING),
        call(OverFunction::DenseRank, &[], big, OverFrame::RUNNING),
    ];
    for frame in frames() {
        calls.push(call(Aggregate(K::CountRows), &[], big, frame));
        for (arg, &ty) in TYPES.iter().enumerate().skip(2) {
            calls.push(call(Aggregate(K::Count), &[arg], big, frame));
            for kind in [K::Min, K::Max, K::First, K::Last] {
                calls.push(call(Aggregate(kind), &[arg], ty, frame));
            }
            for function in [
                OverFunction::Nth(1),
                OverFunction::Nth(4),
                OverFunction::LastValue,
            ] {
                calls.push(call(function, &[arg], ty, frame));
            }
        }
        let wide = DataType::decimal(38, 2);
        calls.push(call(Aggregate(K::Sum), &[3], wide, frame));
        calls.push(call(Aggregate(K::Sum), &[5], DataType::Double, frame));
        calls.push(call(Aggregate(K::Avg), &[5], DataType::Double, frame));
        let fine = DataType::decimal(38, 6);
        calls.push(call(Aggregate(K::Avg), &[3], fine, frame));
        calls.push(call(Aggregate(K::Vwap), &[3, 3], fine, frame));
    }
    calls
}

/// The rows of the frame of the last of `rows`; `times` are those that the rows stand at.
fn frame_of<'a>(
    frame: OverFrame,
    rows: &[&'a [Value]],
    times: &[i64],
    at: usize,
) -> Vec<&'a [Value]> {
    let inside = |row: usize| match frame {
        OverFrame::Rows { preceding, until } => {
            let back = at as i64 - row as i64;
            back >= i64::from(until) && preceding.is_none_or(|most| back <= i64::from(most))
        }
        OverFrame::Range {
            preceding_ns,
            until_ns,
        } => {
            let back = times[at] - times[row];
            back >= until_ns && preceding_ns.is_none_or(|most| back <= most)
        }
        OverFrame::Around(_) => panic!("OVER has no whole partitions"),
    };
    let rows = rows.iter().enumerate();
    rows.filter(|(row, _)| inside(*row))
        .map(|(_, row)| *row)
        .collect()
}

fn naive(call: &OverCall, rows: &[&[Value]], times: &[i64], at: usize) -> Value {
    use AggregateKind as K;
    let frame = frame_of(call.frame, rows, times, at);
    let arg = |at: usize| match call.args[at] {
        crate::plan::Expr::Column { index, .. } => index,
        _ => panic!("a column"),
    };
    let kind = match call.function {
        OverFunction::RowNumber => return Value::I64(at as i64 + 1),
        OverFunction::Rank => {
            let before = times.iter().filter(|time| **time < times[at]).count();
            return Value::I64(before as i64 + 1);
        }
        OverFunction::DenseRank => {
            let mut times = times[..=at].to_vec();
            times.dedup();
            return Value::I64(times.len() as i64);
        }
        OverFunction::Nth(n) => {
            let row = frame.get(n as usize - 1);
            return row.map_or(Value::Null, |row| row[arg(0)].clone());
        }
        OverFunction::LastValue => {
            return frame.last().map_or(Value::Null, |row| row[arg(0)].clone());
        }
        OverFunction::Aggregate(kind) => kind,
        _ => panic!("{:?} has its twin elsewhere", call.function),
    };
    if kind == K::CountRows {
        return Value::I64(frame.len() as i64);
    }
    let some = frame.iter().map(|row| &row[arg(0)]);
    let some: Vec<&Value> = some.filter(|value| **value != Value::Null).collect();
    let total = || naive_sum(&some).expect("small numbers");
    let double = || {
        let values = some.iter().map(|value| match value {
            Value::F64(value) => *value,
            other => panic!("{other:?}"),
        });
        values.sum::<f64>()
    };
    match (kind, TYPES[arg(0)]) {
        (K::Count, _) => Value::I64(some.len() as i64),
        _ if some.is_empty() => Value::Null,
        (K::Min, _) => {
            let least = some
                .into_iter()
                .reduce(|a, b| if before(b, a) { b } else { a });
            least.cloned().expect("not empty")
        }
        (K::Max, _) => {
            let most = some
                .into_iter()
                .reduce(|a, b| if before(a, b) { b } else { a });
            most.cloned().expect("not empty")
        }
        (K::First, _) => some[0].clone(),
        (K::Last, _) => some[some.len() - 1].clone(),
        (K::Sum, DataType::Double) => Value::F64(double()),
        (K::Avg, DataType::Double) => Value::F64(double() / some.len() as f64),
        (K::Sum, _) => Value::I128(total()),
        (K::Avg, _) => Value::I128(half_up(total() * 10_000, some.len() as i128)),
        (K::Vwap, _) => {
            let values = some.iter().map(|value| match value {
                Value::I64(value) => i128::from(*value),
                other => panic!("{other:?}"),
            });
            match total() {
                0 => Value::Null,
                weight => Value::I128(half_up(
                    values.map(|v| v * v).sum::<i128>() * 10_000,
                    weight,
                )),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn half_up(dividend: i128, divisor: i128) -> i128 {
    let sign = dividend.signum() * divisor.signum();
    let (dividend, divisor) = (dividend.abs(), divisor.abs());
    sign * ((2 * dividend + divisor) / (2 * divisor))
}

/// As `same`, and near where a sum of DOUBLEs is rounded in another order.
fn near(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) if a.is_finite() && b.is_finite() => {
            (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
        }
        _ => same(a, b),
    }
}

/// Times with many peers, some out of order, now and then far ahead.
fn rows_of(random: &mut Random, count: usize, sorted: bool) -> Vec<Vec<Value>> {
    let mut time = 0;
    let mut rows: Vec<_> = (0..count)
        .map(|_| {
            let mut row = random_row(random, &mut time);
            if random.below(20) == 0 {
                time += random.below(60) as i64;
            }
            row[4] = Value::Null;
            if random.below(3) == 0 {
                row[1] = Value::I64(time / 4 * 4);
            }
            row
        })
        .collect();
    if sorted {
        rows.sort_by_key(|row| match row[1] {
            Value::I64(time) => time,
            _ => panic!("times are never NULL here"),
        });
    }
    rows
}

/// The key of a partition, its rows, and the times that they stand at.
type Members<'a> = (Value, Vec<&'a [Value]>, Vec<i64>);

/// For each row what its partition held when it came, or in the end, and its place there.
fn expect(plan: &OverPlan, rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mut partitions: Vec<Members<'_>> = Vec::new();
    let mut places = Vec::new();
    for row in rows {
        let found = partitions.iter().position(|(key, ..)| *key == row[0]);
        let at = found.unwrap_or_else(|| {
            partitions.push((row[0].clone(), Vec::new(), Vec::new()));
            partitions.len() - 1
        });
        let Value::I64(time) = row[1] else {
            panic!("times are never NULL here");
        };
        let (_, members, times) = &mut partitions[at];
        times.push(times.last().map_or(time, |last| time.max(*last)));
        members.push(row);
        places.push((at, members.len() - 1));
    }
    let mut out = Vec::new();
    for (partition, at) in places {
        let (_, members, times) = &partitions[partition];
        let results = plan.calls.iter().map(|call| {
            let shares = matches!(call.frame, OverFrame::Range { until_ns: 0, .. });
            let seen = if plan.sorted && shares {
                members.len()
            } else {
                at + 1
            };
            naive(call, &members[..seen], &times[..seen], at)
        });
        out.push(members[at].iter().cloned().chain(results).collect());
    }
    out
}

fn compare(seed: u64, sorted: bool) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let rows = rows_of(&mut random, 300, sorted);
    let mut plan = plan(true, every_call());
    plan.sorted = sorted;
    let expected = expect(&plan, &rows);
    let mut over = Over::new(&plan, 9).expect("every call is built");
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    let mut at = 0;
    while at < rows.len() {
        let mut end = rows.len().min(at + 1 + random.below(60) as usize);
        // Sorted rows come with all of one time in one batch.
        while sorted && end < rows.len() && rows[end][1] == rows[end - 1][1] {
            end += 1;
        }
        let mut batch = keyed(&TYPES, &rows[at..end], at as u64);
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        over.process(&mut batch, &mut context, &mut sink);
        at = end;
        if random.below(4) == 0 {
            move_state(&mut over, &plan);
        }
    }
    assert_eq!(failure, None);
    assert_eq!(sink.rows.len(), rows.len(), "seed {seed}");
    for ((key, _, row), wanted) in sink.rows.iter().zip(&expected) {
        for (at, (a, b)) in row.iter().zip(wanted).enumerate() {
            let call = at.checked_sub(TYPES.len()).map(|at| &plan.calls[at]);
            assert!(
                near(a, b),
                "seed {seed} row {} {call:?}: {a:?}, not {b:?}",
                key.seq
            );
        }
    }
}

#[test]
fn frames_of_any_bounds_equal_the_naive_twin() {
    for seed in 1..=4 {
        compare(seed, false);
    }
}

#[test]
fn sorted_rows_take_in_all_peers() {
    for seed in 5..=8 {
        compare(seed, true);
    }
}

/// A result that cannot be represented drops all peers that share it.
#[test]
fn peers_of_an_overflow_are_dropped_together() {
    let range = OverFrame::Range {
        preceding_ns: Some(0),
        until_ns: 0,
    };
    let sum = OverFunction::Aggregate(AggregateKind::Sum);
    let mut plan = plan(true, vec![call(sum, &[2], DataType::BigInt, range)]);
    plan.sorted = true;
    let row = |time, value| {
        let mut row = vec![Value::Null; TYPES.len()];
        (row[0], row[1], row[2]) = (Value::Text("K".into()), Value::I64(time), Value::I64(value));
        row
    };
    let rows = [row(1, 1), row(2, 5), row(2, i64::MAX), row(3, 7)];
    let mut over = Over::new(&plan, 9).expect("built");
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    over.process(&mut keyed(&TYPES, &rows, 0), &mut context, &mut sink);
    let seqs: Vec<_> = sink.rows.iter().map(|(key, ..)| key.seq).collect();
    assert_eq!(seqs, [0, 3]);
    assert_eq!(counts.group_errors.len(), 2);
}
