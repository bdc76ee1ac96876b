//! Rows per second of the aggregate from columns, one core: GROUP BY symbol over the trades feed's shapes.
//!
//! Every shape is verified against a hash map before it is timed, and its steady state must not allocate.
//! `cargo bench --bench aggregate`; `cargo test` runs it small.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use velo_tpc::batch::{Batch, Column, ColumnData, RowOrder, Rows};
use velo_tpc::error::Reason;
use velo_tpc::operator::aggregate::Aggregate;
use velo_tpc::operator::{Advance, Context, Ledger, Operator, Output};
use velo_tpc::plan::{
    AggregateCall, AggregateKind, AggregateMode, AggregatePlan, Emission, Expr, LatePolicy,
    WindowPlan,
};
use velo_tpc::table::{GroupTable, hash_keys};
use velo_tpc::time::{NS_PER_SECOND, OrderKey, WatermarkRuns};
use velo_tpc::types::DataType;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Relaxed: one thread counts and reads.
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const TYPES: [DataType; 4] = [
    DataType::Timestamp,
    DataType::Varchar,
    DataType::decimal(18, 4),
    DataType::BigInt,
];
const BATCH_ROWS: usize = 4096;
const SYMBOLS: u64 = 1000;

struct Quiet;

impl Ledger for Quiet {
    fn warned(&mut self, _: u32) {}

    fn filtered(&mut self, _: u64) {}
    fn late(&mut self, _: u64) {}
    fn rejected(&mut self, row: u32, reason: Reason) {
        panic!("row {row} rejected: {}", reason.name());
    }
    fn out_of_order(&mut self, _: u64) {}
    fn group_error(&mut self, reason: Reason) {
        panic!("group error: {}", reason.name());
    }
    fn corrected(&mut self, _: u64) {}
}

/// Counts output rows and sums their counts and sizes.
#[derive(Default)]
struct Sink {
    rows: u64,
    count: i64,
    size: i64,
}

impl Output for Sink {
    fn push(&mut self, batch: &mut Batch, _: &mut Context<'_>) {
        let of = |column: usize| match &batch.columns[column].data {
            ColumnData::I64(values) => values,
            other => panic!("{other:?}"),
        };
        let results = batch.columns.len() - 5;
        self.rows += batch.selection.len() as u64;
        self.count += of(results).iter().sum::<i64>();
        self.size += of(results + 1).iter().sum::<i64>();
    }
}

fn main() {
    let full = std::env::args().any(|arg| arg == "--bench");
    let batches = feed(if full { 512 } else { 8 });
    let rounds = if full { 10 } else { 1 };
    table(&batches, rounds);
    for (name, window, emission) in [
        ("S2  group by symbol, final", false, Emission::Final),
        ("S2c group by symbol, changes", false, Emission::Changes),
        ("S3a 1 s windows, final", true, Emission::Final),
        ("S3b 1 s windows, changes", true, Emission::Changes),
    ] {
        verify(&batches, window, emission);
        measure(name, &plan(window, emission), &batches, rounds);
    }
}

/// 1000 rows a second of event time, skewed symbols.
fn feed(batches: usize) -> Vec<Batch> {
    let mut random = 42u64;
    let mut feed = Vec::new();
    for index in 0..batches {
        let mut batch = Batch::new(&TYPES);
        for row in 0..BATCH_ROWS {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let time = (index * BATCH_ROWS + row) as i64 * (NS_PER_SECOND / 1000);
            let skew = (random >> 40) % SYMBOLS * ((random >> 20) % SYMBOLS) / SYMBOLS;
            push_i64(&mut batch.columns[0], time);
            if let ColumnData::Text(texts) = &mut batch.columns[1].data {
                texts.push(format!("SYM{skew:04}").as_bytes());
            }
            push_i64(
                &mut batch.columns[2],
                1_000_000 + (random >> 30) as i64 % 50_000,
            );
            push_i64(&mut batch.columns[3], 1 + (random >> 50) as i64 % 1000);
            batch.time.push(time);
        }
        batch.rows = BATCH_ROWS;
        batch.selection.all(BATCH_ROWS);
        let all = Rows::All(BATCH_ROWS);
        hash_keys(
            1,
            &[&batch.columns[1]],
            all.into(),
            BATCH_ROWS,
            &mut batch.hashes,
        );
        feed.push(batch);
    }
    feed
}

fn push_i64(column: &mut Column, value: i64) {
    if let ColumnData::I64(values) = &mut column.data {
        values.push(value);
    }
}

fn plan(window: bool, emission: Emission) -> AggregatePlan {
    let column = |index: usize| Expr::Column {
        index,
        ty: TYPES[index],
    };
    let call = |kind, arg: Option<usize>, ty| AggregateCall {
        kind,
        args: arg.map(column).into_iter().collect(),
        filter: None,
        distinct: false,
        ty,
    };
    use AggregateKind::{Avg, CountRows, Max, Min, Sum};
    AggregatePlan {
        keys: vec![column(1)],
        hash_is_routed: true,
        spread_by: None,
        window: window.then_some(WindowPlan::Tumble {
            size_ns: NS_PER_SECOND,
            offset_ns: 0,
        }),
        time: window.then(|| column(0)),
        aggregates: vec![
            call(CountRows, None, DataType::BigInt),
            call(Sum, Some(3), DataType::BigInt),
            call(Avg, Some(2), DataType::decimal(38, 6)),
            call(Min, Some(2), TYPES[2]),
            call(Max, Some(2), TYPES[2]),
        ],
        emission,
        every_ns: None,
        late: LatePolicy::Drop,
        allowed_ns: 0,
        retention_ns: 0,
        mode: AggregateMode::Complete,
        groups_max: 1 << 24,
        ttl: None,
    }
}

/// Gives batch `index` of the endless feed its times, numbers and watermark.
fn place(batch: &mut Batch, index: u64) {
    let first_seq = index * BATCH_ROWS as u64;
    let start = first_seq as i64 * (NS_PER_SECOND / 1000);
    let mut watermarks = WatermarkRuns::default();
    watermarks.reset(start - 1);
    batch.order = RowOrder::Source {
        first_seq,
        seq_offsets: Vec::new(),
        watermarks,
    };
    if let ColumnData::I64(times) = &mut batch.columns[0].data {
        for (row, time) in times.iter_mut().enumerate() {
            *time = start + row as i64 * (NS_PER_SECOND / 1000);
        }
        batch.time.copy_from_slice(times);
    }
}

fn drive(aggregate: &mut Aggregate, batch: &mut Batch, index: u64, sink: &mut Sink) {
    let mut failure = None;
    let mut context = Context {
        ledger: &mut Quiet,
        failure: &mut failure,
    };
    aggregate.process(batch, &mut context, sink);
    let seq = (index + 1) * BATCH_ROWS as u64;
    let frontier = OrderKey::record(seq as i64 * (NS_PER_SECOND / 1000) - 1, seq);
    while aggregate.advance(frontier, &mut context, sink) == Advance::More {}
    assert_eq!(failure, None);
}

fn verify(batches: &[Batch], window: bool, emission: Emission) {
    let mut aggregate = Aggregate::new(&plan(window, emission), &TYPES, 1);
    let mut sink = Sink::default();
    let mut naive: HashMap<(i64, Vec<u8>), (i64, i64)> = HashMap::new();
    let (mut rows, mut count, mut size) = (0u64, 0, 0);
    for (index, batch) in batches.iter().take(8).enumerate() {
        let mut batch = batch.clone();
        place(&mut batch, index as u64);
        let (ColumnData::Text(symbols), ColumnData::I64(sizes)) =
            (&batch.columns[1].data, &batch.columns[3].data)
        else {
            panic!("the feed has symbols and sizes")
        };
        for (row, &size_of_row) in sizes.iter().enumerate() {
            let start = if window {
                batch.time[row] / NS_PER_SECOND
            } else {
                0
            };
            let group = naive.entry((start, symbols.get(row).to_vec())).or_default();
            *group = (group.0 + 1, group.1 + size_of_row);
            if emission == Emission::Changes {
                (rows, count, size) = (rows + 1, count + group.0, size + group.1);
            }
        }
        drive(&mut aggregate, &mut batch, index as u64, &mut sink);
    }
    let mut failure = None;
    let mut context = Context {
        ledger: &mut Quiet,
        failure: &mut failure,
    };
    while aggregate.advance(OrderKey::MAX, &mut context, &mut sink) == Advance::More {}
    if emission == Emission::Final {
        rows = naive.len() as u64;
        count = naive.values().map(|group| group.0).sum();
        size = naive.values().map(|group| group.1).sum();
    }
    assert_eq!((sink.rows, sink.count, sink.size), (rows, count, size));
}

fn measure(name: &str, plan: &AggregatePlan, batches: &[Batch], rounds: u64) {
    let mut batches = batches.to_vec();
    let mut aggregate = Aggregate::new(plan, &TYPES, 1);
    let mut sink = Sink::default();
    let mut index = 0;
    let mut best = f64::MAX;
    let mut allocations = 0;
    for _ in 0..=rounds {
        for (offset, batch) in batches.iter_mut().enumerate() {
            place(batch, index + offset as u64);
        }
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let start = Instant::now();
        for batch in &mut batches {
            drive(&mut aggregate, batch, index, &mut sink);
            index += 1;
        }
        best = best.min(start.elapsed().as_secs_f64());
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    let rows = (batches.len() * BATCH_ROWS) as f64;
    println!(
        "{name:32} {:7.1} M rows/s, {allocations} allocations in the last round, {} rows out",
        rows / best / 1e6,
        sink.rows
    );
}

fn table(batches: &[Batch], rounds: u64) {
    let mut table = GroupTable::new(&[DataType::Varchar]);
    let (mut groups, mut created) = (Vec::new(), Vec::new());
    let mut naive: HashMap<Vec<u8>, u32> = HashMap::new();
    let mut best = f64::MAX;
    for round in 0..=rounds {
        let start = Instant::now();
        for batch in batches {
            let all = Rows::All(BATCH_ROWS);
            let keys = [&batch.columns[1]];
            table.find_or_insert(&batch.hashes, &keys, all, &mut groups, &mut created);
            if round == 0 {
                let ColumnData::Text(symbols) = &batch.columns[1].data else {
                    panic!("the feed has symbols")
                };
                for (row, &group) in groups.iter().enumerate() {
                    let known = *naive.entry(symbols.get(row).to_vec()).or_insert(group);
                    assert_eq!(known, group);
                }
            }
        }
        if round > 0 {
            best = best.min(start.elapsed().as_secs_f64());
        }
    }
    assert_eq!(naive.len(), table.len());
    let rows = (batches.len() * BATCH_ROWS) as f64;
    println!(
        "{:32} {:7.1} M rows/s",
        "table, text key",
        rows / best / 1e6
    );
}
