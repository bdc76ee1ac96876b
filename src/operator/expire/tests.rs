//! TTL against a naive twin that keeps the rows of every key, and what is held meanwhile.

use super::*;
use crate::batch::RowOrder;
use crate::limits::VNODES;
use crate::operator::inputs::testing::{Collect, Counts, Random, column, keyed};
use crate::plan::{
    AggregateCall, AggregateKind, AggregateMode, Emission, LatePolicy, OverCall, OverFrame,
    OverFunction,
};
use crate::types::{Schema, Value};
use std::collections::HashMap;

/// Key, event time, value.
const TYPES: [DataType; 3] = [DataType::Varchar, DataType::Timestamp, DataType::BigInt];
const SEED: u64 = 9;

fn call(kind: AggregateKind, distinct: bool) -> AggregateCall {
    let args = match kind {
        AggregateKind::CountRows => Vec::new(),
        _ => vec![column(2, DataType::BigInt)],
    };
    AggregateCall {
        kind,
        args,
        filter: None,
        distinct,
        ty: DataType::BigInt,
    }
}

fn ttl(ttl_ns: i64) -> TtlPlan {
    TtlPlan {
        time: column(1, DataType::Timestamp),
        ttl_ns,
    }
}

fn aggregate(ttl_ns: i64, groups_max: u64) -> Expire {
    let plan = AggregatePlan {
        keys: vec![column(0, DataType::Varchar)],
        hash_is_routed: false,
        spread_by: None,
        window: None,
        time: None,
        aggregates: vec![
            call(AggregateKind::CountRows, false),
            call(AggregateKind::Max, false),
            call(AggregateKind::Count, true),
        ],
        emission: Emission::Changes,
        every_ns: None,
        late: LatePolicy::Drop,
        allowed_ns: 0,
        retention_ns: 0,
        mode: AggregateMode::Complete,
        groups_max,
        ttl: None,
    };
    Expire::aggregate(&plan, &ttl(ttl_ns), &TYPES, SEED, true).expect("built")
}

fn over(ttl_ns: i64, groups_max: u64) -> Expire {
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    let call = |function, frame, args| OverCall {
        function,
        frame,
        args,
        ty: DataType::BigInt,
    };
    let value = || vec![column(2, DataType::BigInt)];
    let lag = OverFunction::Lag {
        offset: 1,
        default: Value::I64(-1),
    };
    let last_two = OverFrame::Rows {
        preceding: Some(1),
        until: 0,
    };
    let plan = OverPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: vec![column(0, DataType::Varchar)],
        hash_is_routed: false,
        single: false,
        time: Some(column(1, DataType::Timestamp)),
        sorted: false,
        calls: vec![
            call(OverFunction::RowNumber, OverFrame::RUNNING, Vec::new()),
            call(lag, OverFrame::RUNNING, value()),
            call(
                OverFunction::Aggregate(AggregateKind::Max),
                last_two,
                value(),
            ),
        ],
        groups_max,
        ttl: None,
    };
    Expire::over(&plan, &ttl(ttl_ns), SEED).expect("built")
}

/// A row with the watermark in force for it.
#[derive(Clone)]
struct Given {
    values: Vec<Value>,
    watermark: i64,
}

fn given(key: Value, time: i64, value: i64, watermark: i64) -> Given {
    Given {
        values: vec![key, Value::I64(time), Value::I64(value)],
        watermark,
    }
}

fn batch_of(rows: &[Given], first_seq: u64) -> Batch {
    let values: Vec<_> = rows.iter().map(|row| row.values.clone()).collect();
    let mut batch = keyed(&TYPES, &values, first_seq);
    let keys = rows.iter().zip(first_seq..);
    let keys = keys.map(|(row, seq)| OrderKey::record(row.watermark, seq));
    batch.order = RowOrder::Keys(keys.collect());
    batch
}

/// An operator with what it has given and said.
struct Run {
    expire: Expire,
    out: Collect,
    counts: Counts,
    failure: Option<JobError>,
    taken: u64,
}

impl Run {
    fn new(expire: Expire) -> Self {
        Self {
            expire,
            out: Collect::default(),
            counts: Counts::default(),
            failure: None,
            taken: 0,
        }
    }

    fn take(&mut self, rows: &[Given]) {
        let mut context = Context {
            ledger: &mut self.counts,
            failure: &mut self.failure,
        };
        let mut batch = batch_of(rows, self.taken);
        self.taken += rows.len() as u64;
        self.expire.process(&mut batch, &mut context, &mut self.out);
    }

    fn advance(&mut self, watermark: i64) {
        let mut context = Context {
            ledger: &mut self.counts,
            failure: &mut self.failure,
        };
        let frontier = OrderKey::record(watermark, self.taken);
        let step = self.expire.advance(frontier, &mut context, &mut self.out);
        assert_eq!(step, Advance::Done);
    }

    fn restored(&mut self, mut fresh: Expire) {
        for vnode in 0..VNODES as u16 {
            let mut archive = Vec::new();
            self.expire.snapshot(Vnode(vnode), &mut archive, usize::MAX);
            if !archive.is_empty() {
                fresh.restore(&archive).expect("its own archive");
            }
        }
        self.expire = fresh;
    }
}

/// The rows so far of each key's life, and its last touch.
type Twin = HashMap<String, (i64, Vec<i64>)>;

/// What the life of a row's key has after it.
fn twin(known: &mut Twin, row: &Given, ttl_ns: i64) -> Vec<i64> {
    let number = |value: &Value| match value {
        Value::I64(number) => *number,
        other => panic!("{other:?}"),
    };
    let (time, value) = (number(&row.values[1]), number(&row.values[2]));
    let key = format!("{:?}", row.values[0]);
    let (touched, life) = known.entry(key).or_insert((time, Vec::new()));
    if i128::from(row.watermark) > i128::from(*touched) + i128::from(ttl_ns) {
        life.clear();
        *touched = time;
    }
    *touched = time.max(*touched);
    life.push(value);
    life.clone()
}

fn random_rows(random: &mut Random, count: usize) -> Vec<Given> {
    let (mut now, mut rows) = (0, Vec::new());
    for _ in 0..count {
        now += random.below(5) as i64;
        // Keys come in waves, so that some are not seen for long.
        let key = match random.below(40) {
            0 => Value::Null,
            key => Value::Text(format!("key number {}", key + now as u64 / 300 % 3 * 20)),
        };
        let time = now - random.below(30) as i64;
        rows.push(given(key, time, random.below(6) as i64, now - 20));
    }
    rows
}

#[test]
fn lives_are_those_of_the_naive_twin_however_they_are_held() {
    type MakeOne = fn(i64, u64) -> Expire;
    for seed in 1..=12 {
        for (make, is_over) in [(aggregate as MakeOne, false), (over as MakeOne, true)] {
            let mut random = Random(seed);
            let ttl_ns = [1, 7, 40, 400, i64::MAX][random.below(5) as usize];
            let rows = random_rows(&mut random, 1500);
            let mut known = Twin::new();
            let mut run = Run::new(make(ttl_ns, u64::MAX));
            let mut rest = &rows[..];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(1 + random.below(90) as usize));
                run.take(now);
                if random.below(2) == 0 {
                    run.advance(now[now.len() - 1].watermark);
                }
                if random.below(8) == 0 {
                    run.restored(make(ttl_ns, u64::MAX));
                }
                rest = later;
            }
            assert_eq!(run.out.rows.len(), rows.len());
            for (row, (_, _, found)) in rows.iter().zip(&run.out.rows) {
                let life = twin(&mut known, row, ttl_ns);
                let (count, last) = (life.len() as i64, life[life.len() - 1]);
                let expected = if is_over {
                    let before = life.iter().rev().nth(1).copied();
                    let greatest = before.unwrap_or(last).max(last);
                    let mut expected = row.values.clone();
                    let calls = [count, before.unwrap_or(-1), greatest];
                    expected.extend(calls.map(Value::I64));
                    expected
                } else {
                    let mut distinct = life.clone();
                    distinct.sort_unstable();
                    distinct.dedup();
                    let greatest = distinct[distinct.len() - 1];
                    let calls = [count, greatest, distinct.len() as i64].map(Value::I64);
                    [&row.values[..1], &calls].concat()
                };
                assert_eq!(*found, expected, "seed {seed}, TTL {ttl_ns}");
            }
        }
    }
}

/// A row for each number: of a key that never comes again, a nanosecond behind the one before.
fn once_each(numbers: std::ops::Range<i64>) -> Vec<Given> {
    let row = |number: i64| {
        let key = Value::Text(format!("a key that comes once: {number}"));
        given(key, number, number, number - 1)
    };
    numbers.map(row).collect()
}

#[test]
fn keys_that_come_once_are_not_held_for_ever() {
    for make in [aggregate, over] {
        // No more than are touched within TTL, those of a batch, and as many again that are over.
        let mut run = Run::new(make(100, 500));
        let (mut greatest, mut bytes) = (0, Vec::new());
        for from in (0..20_000).step_by(50) {
            run.take(&once_each(from..from + 50));
            run.advance(from + 49);
            let (groups, of_them) = run.expire.state_size();
            greatest = greatest.max(groups);
            bytes.push(of_them);
        }
        assert_eq!(run.failure, None);
        assert_eq!(run.out.rows.len(), 20_000);
        assert!((100..400).contains(&greatest), "{greatest} groups held");
        let (early, late) = bytes.split_at(200);
        assert!(late.iter().max() <= early.iter().max(), "bytes grow");
    }
}

#[test]
fn what_is_held_falls_when_time_passes() {
    for make in [aggregate, over] {
        let mut run = Run::new(make(100, u64::MAX));
        run.take(&once_each(0..5_000));
        assert_eq!(run.expire.state_size().0, 5_000);
        let before = run.expire.state_size().1;
        run.advance(4_999);
        run.take(&[given(Value::Null, 9_000, 1, 5_000)]);
        run.advance(9_000);
        let (groups, bytes) = run.expire.state_size();
        assert_eq!(groups, 1, "the key without a value alone was touched");
        assert!(bytes * 10 < before, "{bytes} B of {before}");
    }
}

#[test]
fn the_limit_counts_what_is_left_when_the_rest_is_freed() {
    type MakeOne = fn(i64, u64) -> Expire;
    // Of an aggregate a distinct value counts beside its group.
    for (make, limit) in [(aggregate as MakeOne, 100), (over, 50)] {
        // A batch goes over the limit, but most of it is over at its end.
        let mut run = Run::new(make(100, 250));
        run.take(&once_each(0..4_000));
        assert_eq!(run.failure, None);
        assert!(run.expire.state_size().0 <= 102);

        let mut run = Run::new(make(100, limit));
        run.take(&once_each(0..40));
        assert_eq!(run.failure, None);
        run.take(&once_each(40..90));
        let Some(JobError::Limit(message)) = &run.failure else {
            panic!("no failure");
        };
        let cure = format!("SET 'max.groups' = '{}'", 2 * limit);
        assert!(message.contains(&cure), "{message}");
        assert!(message.contains("shorten 'state.ttl'"), "{message}");
    }
}

#[test]
fn a_row_without_event_time_is_refused() {
    let mut run = Run::new(aggregate(10, 10));
    let mut rows = once_each(0..3);
    rows[1].values[1] = Value::Null;
    run.take(&rows);
    assert_eq!(run.counts.rejected, [(1, Reason::EventTimeNull)]);
    assert_eq!(run.out.rows.len(), 2);
}

#[test]
fn an_archive_of_another_operator_or_twice_the_same_is_refused() {
    let mut run = Run::new(aggregate(10, 10));
    run.take(&once_each(0..1));
    let mut archives = Vec::new();
    for vnode in 0..VNODES as u16 {
        let mut archive = Vec::new();
        run.expire.snapshot(Vnode(vnode), &mut archive, usize::MAX);
        archives.extend((!archive.is_empty()).then_some(archive));
    }
    assert_eq!(archives.len(), 1, "one key lies in one vnode");
    assert!(over(10, 10).restore(&archives[0]).is_err());
    let mut fresh = aggregate(10, 10);
    assert!(fresh.restore(&archives[0]).is_ok());
    assert!(fresh.restore(&archives[0]).is_err());
}
