//! Random rows, a ledger that counts, and runs over random batches, workers and restarts.

use super::super::{Aggregate, partial_types};
use crate::batch::{Batch, RowOp, RowOrder};
use crate::error::Reason;
use crate::hash::{Vnode, canonical_f64_bits, vnode_of};
use crate::limits::{SEQUENCE_BLOCK, VNODES};
use crate::operator::late::Late;
use crate::operator::{Advance, Context, Ledger, Operator, Output};
use crate::plan::{AggregateCall, AggregateKind, AggregateMode, AggregatePlan, Expr, LatePlan};
use crate::table::hash_keys;
use crate::time::{OrderKey, WatermarkRuns};
use crate::types::DataType;
pub use crate::types::Value;

pub const K1: usize = 0;
pub const K2: usize = 1;
pub const B: usize = 2;
pub const X: usize = 3;
pub const D: usize = 4;
pub const W: usize = 5;
pub const F: usize = 6;
pub const T: usize = 7;
pub const FLAG: usize = 8;
pub const TS: usize = 9;
pub const TYPES: [DataType; 10] = [
    DataType::Varchar,
    DataType::BigInt,
    DataType::Boolean,
    DataType::BigInt,
    DataType::decimal(18, 4),
    DataType::decimal(38, 8),
    DataType::Double,
    DataType::Varchar,
    DataType::Boolean,
    DataType::Timestamp,
];

/// Xorshift.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }
}

#[derive(Clone, Debug)]
pub struct Row {
    pub seq: u64,
    pub watermark: i64,
    /// Taken out by a filter before.
    pub dropped: bool,
    pub values: Vec<Value>,
}

impl Row {
    pub fn time(&self) -> Option<i64> {
        match self.values[TS] {
            Value::I64(time) => Some(time),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    pub late: u64,
    pub corrected: u64,
    pub group_errors: u64,
    pub rejected: Vec<(u32, Reason)>,
}

impl Ledger for Counts {
    fn filtered(&mut self, _: u64) {}
    fn late(&mut self, count: u64) {
        self.late += count;
    }
    fn rejected(&mut self, row: u32, reason: Reason) {
        self.rejected.push((row, reason));
    }
    fn out_of_order(&mut self, _: u64) {}
    fn group_error(&mut self, _: Reason) {
        self.group_errors += 1;
    }
    fn corrected(&mut self, count: u64) {
        self.corrected += count;
    }

    fn warned(&mut self, _row: u32) {}
}

/// Output rows with their order keys, and the batches' rows as values for a next stage.
#[derive(Default)]
pub struct Sink {
    pub lines: Vec<(OrderKey, String)>,
    pub rows: Vec<(OrderKey, Vec<Value>)>,
}

impl Output for Sink {
    fn push(&mut self, batch: &mut Batch, _: &mut Context<'_>) {
        for column in &batch.columns {
            assert_eq!(column.len(), batch.rows);
        }
        batch.selection.rows().for_each(|row| {
            let key = batch.order.key(row);
            let values: Vec<Value> = batch.columns.iter().map(|c| c.value(row)).collect();
            let op = batch.ops.get(row).copied().unwrap_or(RowOp::Insert);
            let time = batch.time.get(row);
            let text = format!(
                "{} {} {} {time:?} {} {op:?}",
                key.time,
                key.kind,
                key.seq,
                line(&values)
            );
            self.lines.push((key, text));
            self.rows.push((key, values));
        });
    }
}

/// Late, then the aggregate.
pub struct Worker {
    late: Option<Late>,
    pub aggregate: Aggregate,
    pub sink: Sink,
}

struct Stage<'a>(&'a mut Aggregate, &'a mut Sink);

impl Output for Stage<'_> {
    fn push(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        self.0.process(batch, context, self.1);
    }
}

impl Worker {
    pub fn new(plan: &AggregatePlan) -> Self {
        let late = plan.window.as_ref().map(|window| {
            let plan = LatePlan {
                time: column(TS),
                window: window.clone(),
                allowed_ns: plan.allowed_ns,
                policy: plan.late,
                retention_ns: plan.retention_ns,
            };
            Late::new(&plan, &TYPES)
        });
        Self {
            late,
            aggregate: Aggregate::new(plan, &TYPES, 1),
            sink: Sink::default(),
        }
    }

    fn process(&mut self, batch: &mut Batch, context: &mut Context<'_>) {
        let mut stage = Stage(&mut self.aggregate, &mut self.sink);
        match &mut self.late {
            Some(late) => late.process(batch, context, &mut stage),
            None => stage.push(batch, context),
        }
    }
}

pub fn column(index: usize) -> Expr {
    Expr::Column {
        index,
        ty: TYPES[index],
    }
}

pub fn index_of(expr: &Expr) -> usize {
    match expr {
        Expr::Column { index, .. } => *index,
        other => panic!("{other:?}"),
    }
}

/// A call with the dialect's result type.
pub fn call(kind: AggregateKind, arg: usize) -> AggregateCall {
    use AggregateKind::{Avg, Count, CountRows, Sum, Vwap};
    let ty = match (kind, TYPES[arg]) {
        (CountRows | Count, _) => DataType::BigInt,
        (Sum, DataType::Decimal { scale, .. }) => DataType::decimal(38, scale),
        (Avg | Vwap, DataType::Decimal { scale, .. }) => DataType::decimal(38, scale.max(6)),
        (Avg | Vwap, _) => DataType::Double,
        (_, ty) => ty,
    };
    AggregateCall {
        kind,
        args: match kind {
            CountRows => Vec::new(),
            _ => vec![column(arg)],
        },
        filter: None,
        distinct: false,
        ty,
    }
}

pub fn canonical(value: &Value) -> Value {
    match value {
        Value::F64(value) => Value::F64(f64::from_bits(canonical_f64_bits(*value))),
        other => other.clone(),
    }
}

pub fn line(values: &[Value]) -> String {
    let texts = values.iter().map(|value| match value {
        Value::F64(value) => format!("F64({value:?}, {:x})", canonical_nan(*value)),
        other => format!("{other:?}"),
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn canonical_nan(value: f64) -> u64 {
    if value.is_nan() { 1 } else { value.to_bits() }
}

/// Rows with jittered times, some NULLs, and W as ingest computes it with a delay of 20.
pub fn random_rows(random: &mut Random, count: usize, stride: u64) -> Vec<Row> {
    let (mut greatest, mut rows) = (i64::MIN + 1000, Vec::new());
    for i in 0..count as u64 {
        let jitter = if random.below(10) == 0 { 150 } else { 25 };
        let time = i as i64 * 4 - random.below(jitter) as i64;
        let watermark = if i == 0 { i64::MIN } else { greatest - 20 };
        greatest = greatest.max(time);
        rows.push(Row {
            seq: i * stride + 5,
            watermark,
            dropped: random.below(8) == 0,
            values: random_values(random, time),
        });
    }
    rows
}

fn random_values(random: &mut Random, time: i64) -> Vec<Value> {
    let number = random.below(41) as i64 - 20;
    let double = [0.1, -0.0, 0.0, f64::NAN, 1e300, -3.5, 7.25, 1e-9];
    let texts = [
        "",
        "a",
        "b",
        "exactly12byt",
        "a text that is long",
        "another long text",
    ];
    let mut values = vec![
        Value::Text(texts[random.below(6) as usize].into()),
        Value::I64(random.below(4) as i64),
        Value::Bool(random.below(2) == 0),
        Value::I64(number),
        Value::I64(number * 12_345),
        Value::I128(i128::from(number) * 1_234_567_890_123_456_789_012_345),
        Value::F64(double[random.below(8) as usize]),
        Value::Text(texts[random.below(6) as usize].repeat(1 + random.below(2) as usize)),
        Value::Bool(random.below(2) == 0),
        Value::I64(time),
    ];
    for value in &mut values[..TS] {
        if random.below(7) == 0 {
            *value = Value::Null;
        }
    }
    values
}

/// A batch of source rows.
pub fn batch_of(rows: &[Row]) -> Batch {
    let mut batch = Batch::new(&TYPES);
    let (first_seq, mut seq_offsets) = (rows[0].seq, Vec::new());
    let mut watermarks = WatermarkRuns::default();
    watermarks.reset(rows[0].watermark);
    for (i, row) in rows.iter().enumerate() {
        for (column, value) in batch.columns.iter_mut().zip(&row.values) {
            column.push(value);
        }
        batch.time.push(row.time().unwrap_or(0));
        seq_offsets.push((row.seq - first_seq) as u32);
        if row.watermark > watermarks.last() {
            watermarks.rises.push((i as u32, row.watermark));
        }
    }
    batch.rows = rows.len();
    batch.order = RowOrder::Source {
        first_seq,
        seq_offsets,
        watermarks,
    };
    batch.selection.all(rows.len());
    batch.selection.retain(|row| !rows[row].dropped);
    batch
}

pub fn finish_all(aggregate: &mut Aggregate, sink: &mut Sink) {
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    while aggregate.advance(OrderKey::MAX, &mut context, sink) == Advance::More {}
}

pub fn snapshots(aggregate: &mut Aggregate) -> Vec<(Vnode, Vec<u8>)> {
    let mut archives = Vec::new();
    for vnode in 0..VNODES as u16 {
        let mut out = Vec::new();
        aggregate.snapshot(Vnode(vnode), &mut out, usize::MAX);
        if !out.is_empty() {
            archives.push((Vnode(vnode), out));
        }
    }
    archives
}

/// Runs a plan over random batches on a few workers, restarting on other numbers of workers.
pub fn run(plan: &AggregatePlan, rows: &[Row], random: &mut Random) -> (Vec<String>, Counts) {
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut count = if plan.keys.is_empty() {
        1
    } else {
        1 + random.below(3) as usize
    };
    let mut workers: Vec<Worker> = (0..count).map(|_| Worker::new(plan)).collect();
    let mut lines: Vec<(OrderKey, String)> = Vec::new();
    let mut from = 0;
    while from < rows.len() {
        let to = rows.len().min(from + 1 + random.below(60) as usize);
        let mut context = Context {
            ledger: &mut ledger,
            failure: &mut failure,
        };
        let hashes = route(plan, &rows[from..to]);
        for (index, worker) in workers.iter_mut().enumerate() {
            let mut batch = batch_of(&rows[from..to]);
            let mine = |row: usize| usize::from(vnode_of(hashes[row]).0) % count == index;
            if !plan.keys.is_empty() {
                batch.selection.retain(mine);
            }
            batch.hashes.clone_from(&hashes);
            worker.process(&mut batch, &mut context);
            if random.below(3) > 0 && to < rows.len() {
                let frontier = OrderKey::record(rows[to].watermark, rows[to].seq);
                while worker
                    .aggregate
                    .advance(frontier, &mut context, &mut worker.sink)
                    == Advance::More
                {}
            }
        }
        from = to;
        if random.below(4) == 0 {
            count = if plan.keys.is_empty() {
                1
            } else {
                1 + random.below(4) as usize
            };
            workers = restarted(plan, workers, count, &mut lines);
        }
    }
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    for worker in &mut workers {
        let (aggregate, sink) = (&mut worker.aggregate, &mut worker.sink);
        while aggregate.advance(OrderKey::MAX, &mut context, sink) == Advance::More {}
        let mut open = std::collections::BTreeSet::new();
        aggregate.open_windows(&mut open);
        assert!(open.is_empty());
        collect(&mut worker.sink, &mut lines);
    }
    assert_eq!(failure, None);
    lines.sort_by_key(|line| line.0);
    (lines.into_iter().map(|line| line.1).collect(), ledger)
}

fn restarted(
    plan: &AggregatePlan,
    old: Vec<Worker>,
    count: usize,
    lines: &mut Vec<(OrderKey, String)>,
) -> Vec<Worker> {
    let mut workers: Vec<Worker> = (0..count).map(|_| Worker::new(plan)).collect();
    for mut worker in old {
        collect(&mut worker.sink, lines);
        for (vnode, archive) in snapshots(&mut worker.aggregate) {
            let to = usize::from(vnode.0) % count;
            workers[to]
                .aggregate
                .restore(&archive)
                .expect("an intact archive");
        }
    }
    workers
}

fn collect(sink: &mut Sink, lines: &mut Vec<(OrderKey, String)>) {
    assert!(
        sink.lines.is_sorted_by_key(|line| line.0),
        "{:?}",
        sink.lines
    );
    lines.append(&mut sink.lines);
}

fn route(plan: &AggregatePlan, rows: &[Row]) -> Vec<u64> {
    let batch = batch_of(rows);
    let keys: Vec<_> = plan
        .keys
        .iter()
        .map(|key| &batch.columns[index_of(key)])
        .collect();
    let (mut hashes, all) = (Vec::new(), crate::batch::Rows::All(rows.len()));
    hash_keys(1, &keys, all.into(), rows.len(), &mut hashes);
    hashes
}

/// Runs a keyless plan as `Partial` on some workers and `Combine` behind them.
pub fn run_split(
    plan: &AggregatePlan,
    rows: &[Row],
    workers: usize,
    random: &mut Random,
) -> Vec<String> {
    let mut partial = plan.clone();
    partial.mode = AggregateMode::Partial;
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    let mut states = Vec::new();
    for index in 0..workers as u64 {
        let mut worker = Worker::new(&partial);
        let mine = |row: &&Row| row.seq / SEQUENCE_BLOCK % workers as u64 == index;
        let mine: Vec<Row> = rows.iter().filter(mine).cloned().collect();
        let mut rest = &mine[..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(1 + random.below(40) as usize));
            worker.process(&mut batch_of(now), &mut context);
            if let (Some(next), true) = (later.first(), random.below(2) == 0) {
                let frontier = OrderKey::record(next.watermark, next.seq);
                worker
                    .aggregate
                    .advance(frontier, &mut context, &mut worker.sink);
            }
            if random.below(5) == 0 {
                let mut again = Worker::new(&partial);
                for (_, archive) in snapshots(&mut worker.aggregate) {
                    again
                        .aggregate
                        .restore(&archive)
                        .expect("an intact archive");
                }
                again.sink = std::mem::take(&mut worker.sink);
                worker = again;
            }
            rest = later;
        }
        while worker
            .aggregate
            .advance(OrderKey::MAX, &mut context, &mut worker.sink)
            == Advance::More
        {}
        assert!(worker.sink.rows.is_sorted_by_key(|row| row.0));
        states.append(&mut worker.sink.rows);
    }
    states.sort_by_key(|row| row.0);
    combine(plan, &states, random)
}

fn combine(
    plan: &AggregatePlan,
    states: &[(OrderKey, Vec<Value>)],
    random: &mut Random,
) -> Vec<String> {
    let mut plan = plan.clone();
    plan.mode = AggregateMode::Combine;
    let types = partial_types(&plan);
    let mut aggregate = Aggregate::new(&plan, &types, 1);
    let mut sink = Sink::default();
    let (mut ledger, mut failure) = (Counts::default(), None);
    let mut context = Context {
        ledger: &mut ledger,
        failure: &mut failure,
    };
    let mut rest = states;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(1 + random.below(9) as usize));
        let mut batch = Batch::new(&types);
        for (_, values) in now {
            for (column, value) in batch.columns.iter_mut().zip(values) {
                column.push(value);
            }
        }
        batch.rows = now.len();
        batch.selection.all(now.len());
        batch.order = RowOrder::Keys(now.iter().map(|row| row.0).collect());
        aggregate.process(&mut batch, &mut context, &mut sink);
        if let Some(next) = later.first() {
            aggregate.advance(next.0, &mut context, &mut sink);
        }
        rest = later;
    }
    finish_all(&mut aggregate, &mut sink);
    sink.lines.into_iter().map(|line| line.1).collect()
}
