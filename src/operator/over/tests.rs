//! OVER against a naive twin that keeps every row and recomputes every frame.

use super::*;
use crate::limits::VNODES;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction};
use crate::types::{Field, Schema, Value};

const NARROW: DataType = DataType::decimal(12, 2);
const WIDE: DataType = DataType::decimal(38, 2);
/// Key, time, then one argument of every representation.
pub(super) const TYPES: [DataType; 8] = [
    DataType::Varchar,
    DataType::Timestamp,
    DataType::BigInt,
    NARROW,
    WIDE,
    DataType::Double,
    DataType::Varchar,
    DataType::Boolean,
];

fn aggregate(kind: AggregateKind, arg: usize, preceding: Option<u32>) -> OverCall {
    use AggregateKind as K;
    let ty = match (kind, TYPES[arg]) {
        (K::CountRows | K::Count, _) => DataType::BigInt,
        (K::Sum, DataType::Decimal { .. }) => DataType::decimal(38, 2),
        (K::Avg, DataType::Decimal { .. }) => DataType::decimal(38, 6),
        (K::Avg, _) => DataType::Double,
        (_, ty) => ty,
    };
    OverCall {
        function: OverFunction::Aggregate(kind),
        frame: OverFrame::Rows {
            preceding,
            until: 0,
        },
        args: if kind == K::CountRows {
            Vec::new()
        } else {
            vec![column(arg, TYPES[arg])]
        },
        ty,
    }
}

fn lag(arg: usize, offset: u32, default: Value) -> OverCall {
    OverCall {
        function: OverFunction::Lag { offset, default },
        frame: OverFrame::RUNNING,
        args: vec![column(arg, TYPES[arg])],
        ty: TYPES[arg],
    }
}

fn every_call() -> Vec<OverCall> {
    use AggregateKind as K;
    let mut calls = Vec::new();
    for preceding in [None, Some(0), Some(1), Some(6), Some(30)] {
        calls.push(aggregate(K::CountRows, 0, preceding));
        for arg in 2..=5 {
            for kind in [K::Count, K::Sum, K::Avg, K::Min, K::Max] {
                calls.push(aggregate(kind, arg, preceding));
            }
        }
        for kind in [K::Count, K::Min, K::Max] {
            calls.push(aggregate(kind, 6, preceding));
        }
    }
    for offset in [0, 1, 3, 20] {
        calls.push(lag(2, offset, Value::I64(-7)));
        calls.push(lag(4, offset, Value::Null));
        calls.push(lag(5, offset, Value::F64(0.5)));
        calls.push(lag(6, offset, Value::Text("none".into())));
        calls.push(lag(7, offset, Value::Null));
    }
    calls
}

pub(super) fn plan(keys: bool, calls: Vec<OverCall>) -> OverPlan {
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    OverPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: if keys {
            vec![column(0, DataType::Varchar)]
        } else {
            Vec::new()
        },
        hash_is_routed: false,
        single: false,
        time: Some(column(1, DataType::Timestamp)),
        sorted: false,
        calls,
        groups_max: 1000,
        ttl: None,
    }
}

pub(super) fn random_row(random: &mut Random, time: &mut i64) -> Vec<Value> {
    *time += random.below(4) as i64 - 1;
    let double = match random.below(30) {
        0 => f64::NAN,
        1 => f64::INFINITY,
        2 => -0.0,
        n => n as f64 * 0.1 + random.below(1000) as f64 * 1e-7,
    };
    let text = ["", "b", "ab", "a text longer than the inline"][random.below(4) as usize];
    let wide = if random.below(8) == 0 {
        10_i128.pow(38) - 1
    } else {
        i128::from(random.next() as i64)
    };
    let mut row = vec![
        Value::Text(format!("K{}", random.below(5))),
        Value::I64(*time),
        Value::I64(random.next() as i64 >> random.below(64)),
        Value::I64(random.next() as i64 % 1_000_000),
        Value::I128(wide * if random.below(2) == 0 { 1 } else { -1 }),
        Value::F64(double),
        Value::Text(text.into()),
        Value::Bool(random.below(2) == 0),
    ];
    for (at, value) in row.iter_mut().enumerate() {
        if at != 1 && random.below(6) == 0 {
            *value = Value::Null;
        }
    }
    row
}

/// The fold shape of DOUBLE: the block before from the newest to the oldest, the current one from the oldest.
fn naive_total(values: &[&Value], length: usize) -> f64 {
    let of = |value: &&Value| match value {
        Value::F64(number) => *number,
        _ => -0.0,
    };
    let last = values.len() - 1;
    let block = last / length * length;
    let from = (last + 1).saturating_sub(length);
    let back = values[block..].iter().map(of).reduce(|a, b| a + b);
    let front = values[from..block]
        .iter()
        .map(of)
        .rev()
        .reduce(|sum, v| v + sum);
    match (front, back.expect("the current row")) {
        (Some(front), back) => front + back,
        (None, back) => back,
    }
}

pub(super) fn naive_sum(values: &[&Value]) -> Option<i128> {
    // Small halves add without overflow.
    let (mut high, mut low) = (0_i128, 0_i128);
    const HALF: i128 = 1 << 64;
    for value in values {
        let value = match value {
            Value::I64(value) => i128::from(*value),
            Value::I128(value) => *value,
            _ => continue,
        };
        high += value.div_euclid(HALF);
        low += value.rem_euclid(HALF);
    }
    high += low.div_euclid(HALF);
    high.checked_mul(HALF)?.checked_add(low.rem_euclid(HALF))
}

pub(super) fn before(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::I64(a), Value::I64(b)) => a < b,
        (Value::I128(a), Value::I128(b)) => a < b,
        (Value::Bool(a), Value::Bool(b)) => a < b,
        (Value::Text(a), Value::Text(b)) => a.as_bytes() < b.as_bytes(),
        (Value::F64(a), Value::F64(b)) => a < b || (!a.is_nan() && b.is_nan()),
        other => panic!("{other:?}"),
    }
}

/// The result of one call over all the values of its argument so far; `None`: it cannot be represented.
fn naive_call(call: &OverCall, values: &[&Value]) -> Option<Value> {
    use AggregateKind as K;
    let OverFrame::Rows {
        preceding,
        until: 0,
    } = call.frame
    else {
        panic!("other frames have a twin of their own");
    };
    let length = preceding.map_or(usize::MAX, |n| n as usize + 1);
    let frame = &values[values.len().saturating_sub(length)..];
    let some: Vec<_> = frame.iter().filter(|v| ***v != Value::Null).collect();
    let kind = match &call.function {
        OverFunction::Aggregate(kind) => *kind,
        OverFunction::Lag { offset, default } => {
            let at = values.len().checked_sub(1 + *offset as usize);
            return Some(at.map_or(default.clone(), |at| values[at].clone()));
        }
        other => panic!("{other:?} has a twin of its own"),
    };
    if kind == K::CountRows {
        return Some(Value::I64(frame.len() as i64));
    }
    if kind == K::Count {
        return Some(Value::I64(some.len() as i64));
    }
    if some.is_empty() {
        return Some(Value::Null);
    }
    let count = some.len() as i128;
    match (kind, call.args[0].ty()) {
        (K::Sum, DataType::Double) => Some(Value::F64(naive_total(values, length))),
        (K::Avg, DataType::Double) => Some(Value::F64(naive_total(values, length) / count as f64)),
        (K::Avg, DataType::BigInt) => Some(Value::F64(naive_sum(frame)? as f64 / count as f64)),
        (K::Sum, DataType::BigInt) => i64::try_from(naive_sum(frame)?).ok().map(Value::I64),
        (K::Sum, _) => decimal(naive_sum(frame)?),
        (K::Avg, _) => {
            let sum = naive_sum(frame)?;
            let (whole, rest) = ((sum / count).checked_mul(10_000)?, sum % count * 10_000);
            // Half of a unit more, away from zero, then truncated.
            decimal(whole.checked_add((2 * rest + sum.signum() * count) / (2 * count))?)
        }
        (K::Min, _) => some
            .into_iter()
            .reduce(|a, b| if before(b, a) { b } else { a })
            .map(|v| (**v).clone()),
        (K::Max, _) => some
            .into_iter()
            .reduce(|a, b| if before(a, b) { b } else { a })
            .map(|v| (**v).clone()),
        other => panic!("{other:?}"),
    }
}

fn decimal(value: i128) -> Option<Value> {
    (value.unsigned_abs() < 10_u128.pow(38)).then_some(Value::I128(value))
}

/// Equal, with NaN equal to itself and the zeros equal.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::F64(a), Value::F64(b)) => a == b || (a.is_nan() && b.is_nan()),
        _ => a == b,
    }
}

struct Expected {
    rows: Vec<(u64, Vec<Value>)>,
    group_errors: usize,
    out_of_order: u64,
}

fn naive(plan: &OverPlan, rows: &[Vec<Value>], dropped: impl Fn(u64) -> bool) -> Expected {
    let mut partitions: Vec<(Value, Vec<&Vec<Value>>)> = Vec::new();
    let mut expected = Expected {
        rows: Vec::new(),
        group_errors: 0,
        out_of_order: 0,
    };
    for (seq, row) in rows
        .iter()
        .enumerate()
        .filter(|(seq, _)| !dropped(*seq as u64))
    {
        let key = match &plan.keys[..] {
            [] => Value::Null,
            _ => row[0].clone(),
        };
        let at = partitions.iter().position(|(known, _)| *known == key);
        let at = at.unwrap_or_else(|| {
            partitions.push((key, Vec::new()));
            partitions.len() - 1
        });
        let partition = &mut partitions[at].1;
        if let Some(last) = partition.last() {
            let (Value::I64(last), Value::I64(new)) = (&last[1], &row[1]) else {
                panic!("times are never NULL here");
            };
            expected.out_of_order += u64::from(new < last);
        }
        partition.push(row);
        let results: Option<Vec<_>> = plan
            .calls
            .iter()
            .map(|call| {
                let index = match call.args.first() {
                    Some(Expr::Column { index, .. }) => *index,
                    _ => 0,
                };
                let values: Vec<_> = partition.iter().map(|row| &row[index]).collect();
                naive_call(call, &values)
            })
            .collect();
        match results {
            Some(results) => expected
                .rows
                .push((seq as u64, row.iter().cloned().chain(results).collect())),
            None => expected.group_errors += 1,
        }
    }
    expected
}

/// Moves all state through archives to a new operator, sometimes two of them and back.
pub(super) fn move_state(over: &mut Over, plan: &OverPlan) {
    let mut fresh = Over::new(plan, 9).expect("every call is built");
    for vnode in 0..VNODES {
        let mut archive = Vec::new();
        let step = over.snapshot(Vnode(vnode as u16), &mut archive, usize::MAX);
        assert_eq!(step, SnapshotStep::Done);
        if !archive.is_empty() {
            fresh.restore(&archive).expect("own archive");
        }
    }
    assert_eq!(fresh.state_size().0, over.state_size().0);
    *over = fresh;
}

fn compare_with_twin(seed: u64, keys: bool, calls: Vec<OverCall>, total: usize) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut time = 0;
    let rows: Vec<_> = (0..total)
        .map(|_| random_row(&mut random, &mut time))
        .collect();
    compare_rows_with_twin(seed, keys, calls, &rows);
}

fn compare_rows_with_twin(seed: u64, keys: bool, calls: Vec<OverCall>, rows: &[Vec<Value>]) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let plan = plan(keys, calls);
    let dropped = |seq: u64| (seq ^ seed).is_multiple_of(7);
    let expected = naive(&plan, rows, dropped);
    let mut over = Over::new(&plan, 9).expect("every call is built");
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    let mut at = 0;
    while at < rows.len() {
        let end = rows.len().min(at + 1 + random.below(90) as usize);
        let mut batch = keyed(&TYPES, &rows[at..end], at as u64);
        batch.selection.retain(|row| !dropped((at + row) as u64));
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        over.process(&mut batch, &mut context, &mut sink);
        assert_eq!(
            batch.columns.len(),
            TYPES.len(),
            "the batch is given back whole"
        );
        at = end;
        if random.below(6) == 0 {
            move_state(&mut over, &plan);
        }
    }
    assert_eq!(failure, None);
    assert_eq!(counts.out_of_order, expected.out_of_order, "seed {seed}");
    assert_eq!(
        counts.group_errors.len(),
        expected.group_errors,
        "seed {seed}"
    );
    assert_eq!(sink.rows.len(), expected.rows.len(), "seed {seed}");
    for ((key, _, row), (seq, wanted)) in sink.rows.iter().zip(&expected.rows) {
        assert_eq!(key.seq, *seq);
        for (at, (a, b)) in row.iter().zip(wanted).enumerate() {
            let call = at.checked_sub(TYPES.len()).map(|at| &plan.calls[at]);
            assert!(
                same(a, b),
                "seed {seed} row {seq} {call:?}: {a:?}, not {b:?}"
            );
        }
    }
}

/// All calls, those apart whose sums overflow and so drop the whole row.
fn fine_and_wide() -> (Vec<OverCall>, Vec<OverCall>) {
    every_call().into_iter().partition(|call| {
        let sum = matches!(
            call.function,
            OverFunction::Aggregate(AggregateKind::Sum | AggregateKind::Avg)
        );
        !(sum && matches!(call.args[0].ty(), WIDE | DataType::BigInt))
    })
}

#[test]
fn frames_equal_the_naive_twin() {
    for seed in 1..=6 {
        let (fine, wide) = fine_and_wide();
        compare_with_twin(seed, seed % 2 == 0, fine, 400);
        for call in wide {
            compare_with_twin(seed, seed % 2 == 1, vec![call], 150);
        }
    }
}

/// A row whose numbers are those of `level`, without a NULL.
fn level_row(key: u64, time: i64, level: i64) -> Vec<Value> {
    vec![
        Value::Text(format!("K{key}")),
        Value::I64(time),
        Value::I64(level),
        Value::I64(level),
        Value::I128(i128::from(level)),
        Value::F64(level as f64 / 8.0),
        Value::Text(format!("{level:04}")),
        Value::Bool(level % 2 == 0),
    ]
}

/// Rises, falls, stands still; from some row on with NULLs.
#[test]
fn nulls_that_begin_late_and_trends_equal_the_naive_twin() {
    let (fine, wide) = fine_and_wide();
    for (seed, step) in [(11, 1), (12, -1), (13, 0)] {
        let mut random = Random(seed);
        let rows: Vec<_> = (0..400_i64)
            .map(|at| {
                let mut row = level_row(random.below(3), at, 500 + at * step);
                if step == 0 && random.below(2) == 0 {
                    row[5] = Value::F64([0.0, -0.0][random.below(2) as usize]);
                }
                for value in &mut row[2..] {
                    if at > 250 && random.below(6) == 0 {
                        *value = Value::Null;
                    }
                }
                row
            })
            .collect();
        compare_rows_with_twin(seed, seed % 2 == 0, fine.clone(), &rows);
        for call in &wide {
            compare_rows_with_twin(seed, true, vec![call.clone()], &rows[150..]);
        }
    }
}

/// Feeds `rows` one by one; gives the calls' results.
fn feed(over: &mut Over, rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut sink = Collect::default();
    for row in rows {
        let mut context = Context {
            ledger: &mut counts,
            failure: &mut failure,
        };
        let mut batch = keyed(&TYPES, std::slice::from_ref(row), 0);
        over.process(&mut batch, &mut context, &mut sink);
    }
    let results = sink.rows.into_iter().map(|(_, _, row)| row);
    results.map(|row| row[TYPES.len()..].to_vec()).collect()
}

/// Workers whose partitions had NULLs and workers whose had none give their state to one.
#[test]
fn shares_with_and_without_nulls_restore_together() {
    let (fine, _) = fine_and_wide();
    let plan = plan(true, fine);
    let mut random = Random(5);
    let mut share = |keys: std::ops::Range<u64>, with_nulls: bool| -> Vec<Vec<Value>> {
        let mut row = || {
            let key = keys.start + random.below(keys.end - keys.start);
            let mut row = level_row(key, 0, random.below(50) as i64);
            if with_nulls && random.below(3) == 0 {
                row[2..].fill(Value::Null);
            }
            row
        };
        (0..120).map(|_| row()).collect()
    };
    let (plain, holed) = (share(0..3, false), share(3..6, true));
    let rest = [share(0..6, false), share(0..6, true)].concat();
    for swapped in [false, true] {
        let mut shares = [&plain, &holed];
        if swapped {
            shares.swap(0, 1);
        }
        let mut whole = Over::new(&plan, 9).expect("every call is built");
        let mut joined = Over::new(&plan, 9).expect("every call is built");
        for rows in shares {
            feed(&mut whole, rows);
            let mut part = Over::new(&plan, 9).expect("every call is built");
            feed(&mut part, rows);
            for vnode in 0..VNODES {
                let mut archive = Vec::new();
                part.snapshot(Vnode(vnode as u16), &mut archive, usize::MAX);
                if !archive.is_empty() {
                    joined.restore(&archive).expect("own archive");
                }
            }
        }
        assert_eq!(feed(&mut joined, &rest), feed(&mut whole, &rest));
    }
}

#[test]
fn doubles_are_bit_equal_after_a_restore() {
    let calls = vec![aggregate(AggregateKind::Sum, 5, Some(9))];
    let plan = plan(true, calls);
    let mut random = Random(77);
    let mut time = 0;
    let rows: Vec<_> = (0..500)
        .map(|_| random_row(&mut random, &mut time))
        .collect();
    let mut runs = Vec::new();
    for stop_every in [usize::MAX, 1, 7] {
        let mut over = Over::new(&plan, 9).expect("built");
        let (mut counts, mut failure) = (Counts::default(), None);
        let mut sink = Collect::default();
        for (at, row) in rows.iter().enumerate() {
            let mut batch = keyed(&TYPES, std::slice::from_ref(row), at as u64);
            let mut context = Context {
                ledger: &mut counts,
                failure: &mut failure,
            };
            over.process(&mut batch, &mut context, &mut sink);
            if at % stop_every == stop_every - 1 {
                move_state(&mut over, &plan);
            }
        }
        let bits = |row: &(_, _, Vec<Value>)| match &row.2[TYPES.len()] {
            Value::F64(sum) => Some(sum.to_bits()),
            _ => None,
        };
        runs.push(sink.rows.iter().map(bits).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
    assert_eq!(runs[0], runs[2]);
}

#[test]
fn one_partition_too_many_fails_with_the_cure() {
    let mut plan = plan(true, vec![aggregate(AggregateKind::CountRows, 0, Some(1))]);
    plan.groups_max = 2;
    let mut over = Over::new(&plan, 9).expect("built");
    let mut random = Random(3);
    let rows: Vec<_> = (0..50).map(|_| random_row(&mut random, &mut 0)).collect();
    let (mut counts, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut counts,
        failure: &mut failure,
    };
    let mut sink = Collect::default();
    over.process(&mut keyed(&TYPES, &rows, 0), &mut context, &mut sink);
    let Some(JobError::Limit(message)) = failure else {
        panic!("no failure");
    };
    assert!(message.contains("max.groups"), "{message}");
    assert!(sink.rows.is_empty());
}

#[test]
fn what_is_not_built_is_refused() {
    for call in [
        aggregate(AggregateKind::Sum, 6, Some(1)),
        aggregate(AggregateKind::Avg, 7, None),
        aggregate(AggregateKind::Vwap, 2, None),
    ] {
        assert!(Over::new(&plan(true, vec![call]), 9).is_err());
    }
}
