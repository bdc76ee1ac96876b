//! Rows per second of OVER from columns, one core: frames of the last hundred rows of each of 1000 symbols.
//!
//! Every shape is verified against frames computed anew before it is timed, and its steady state must not
//! allocate. `cargo bench --bench over`; `cargo test` runs it small.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use velo_tpc::batch::{Batch, ColumnData, RowOrder, Rows};
use velo_tpc::error::Reason;
use velo_tpc::operator::over::Over;
use velo_tpc::operator::{Context, Ledger, Operator, Output};
use velo_tpc::plan::{AggregateKind, Expr, OverCall, OverFrame, OverFunction, OverPlan};
use velo_tpc::table::hash_keys;
use velo_tpc::time::WatermarkRuns;
use velo_tpc::types::{DataType, Field, Schema};

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

const TYPES: [DataType; 5] = [
    DataType::Timestamp,
    DataType::Varchar,
    DataType::Double,
    DataType::BigInt,
    DataType::decimal(18, 4),
];
const PRICE: usize = 2;
const SIZE: usize = 3;
const DECIMAL: usize = 4;
const BATCH_ROWS: usize = 4096;
const SYMBOLS: f64 = 1000.0;
const FRAME_ROWS: usize = 100;

/// How the prices of a symbol go.
#[derive(Clone, Copy, PartialEq)]
enum Prices {
    Random,
    /// Every row is the MAX of its frame and every front row the MIN of its rest.
    Rising,
    /// Random, every tenth NULL.
    SomeNull,
}

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

/// Counts output rows and hands them to a check.
struct Sink<F> {
    rows: u64,
    check: F,
}

impl<F: FnMut(&Batch)> Output for Sink<F> {
    fn push(&mut self, batch: &mut Batch, _: &mut Context<'_>) {
        self.rows += batch.selection.len() as u64;
        (self.check)(batch);
    }
}

fn main() {
    let full = std::env::args().any(|arg| arg == "--bench");
    let rounds = if full { 10 } else { 1 };
    use AggregateKind::{Avg, Max, Min, Sum};
    let rolling = |argument| {
        vec![
            (Avg, argument),
            (Sum, SIZE),
            (Min, argument),
            (Max, argument),
        ]
    };
    for (name, prices, calls) in [
        ("S1  DOUBLE", Prices::Random, rolling(PRICE)),
        ("S1  DOUBLE, rising", Prices::Rising, rolling(PRICE)),
        ("S1  DOUBLE, a tenth NULL", Prices::SomeNull, rolling(PRICE)),
        ("S1  DECIMAL", Prices::Random, rolling(DECIMAL)),
        ("AVG of DOUBLE", Prices::Random, vec![(Avg, PRICE)]),
        ("SUM of BIGINT", Prices::Random, vec![(Sum, SIZE)]),
        ("MIN of DOUBLE", Prices::Random, vec![(Min, PRICE)]),
        ("MIN of DOUBLE, rising", Prices::Rising, vec![(Min, PRICE)]),
    ] {
        let batches = feed(if full { 512 } else { 8 }, prices);
        verify(&batches[..8], &calls);
        measure(name, &plan(&calls), batches, rounds);
    }
}

/// A row a millisecond; the share of symbol n goes as 1 / n.
fn feed(batches: usize, prices: Prices) -> Vec<Batch> {
    let mut random = 42u64;
    let mut feed = Vec::new();
    for index in 0..batches {
        let mut batch = Batch::new(&TYPES);
        let mut nulls = Vec::with_capacity(BATCH_ROWS);
        for row in 0..BATCH_ROWS {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let number = index * BATCH_ROWS + row;
            let share = (random >> 32) as f64 / (1u64 << 32) as f64;
            let price = match prices {
                Prices::Rising => number as i64,
                Prices::Random | Prices::SomeNull => 1_000_000 + (random >> 16) as i64 % 50_000,
            };
            for (at, column) in batch.columns.iter_mut().enumerate() {
                match &mut column.data {
                    ColumnData::Text(texts) => {
                        texts.push(format!("SYM{:04}", SYMBOLS.powf(share) as u64).as_bytes());
                    }
                    ColumnData::F64(values) => values.push(price as f64 / 1e4),
                    ColumnData::I64(values) => values.push(match at {
                        0 => number as i64 * 1_000_000,
                        SIZE => 1 + (random >> 8) as i64 % 1000,
                        _ => price,
                    }),
                    other => panic!("{other:?}"),
                }
            }
            nulls.push(prices == Prices::SomeNull && random.is_multiple_of(10));
        }
        if prices == Prices::SomeNull {
            batch.columns[PRICE].nulls = nulls;
        }
        batch.rows = BATCH_ROWS;
        batch.selection.all(BATCH_ROWS);
        batch.order = RowOrder::Source {
            first_seq: (index * BATCH_ROWS) as u64,
            seq_offsets: Vec::new(),
            watermarks: WatermarkRuns::default(),
        };
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

fn plan(calls: &[(AggregateKind, usize)]) -> OverPlan {
    let column = |index: usize| Expr::Column {
        index,
        ty: TYPES[index],
    };
    let field = |ty| Field {
        name: "c".into(),
        ty,
        nullable: true,
    };
    let calls = calls.iter().map(|&(kind, argument)| OverCall {
        function: OverFunction::Aggregate(kind),
        frame: OverFrame::Rows {
            preceding: Some(FRAME_ROWS as u32 - 1),
            until: 0,
        },
        args: vec![column(argument)],
        ty: match (kind, TYPES[argument]) {
            (AggregateKind::Avg, DataType::Decimal { .. }) => DataType::decimal(38, 6),
            (_, ty) => ty,
        },
    });
    OverPlan {
        input: Schema {
            fields: TYPES.into_iter().map(field).collect(),
        },
        keys: vec![column(1)],
        hash_is_routed: true,
        single: false,
        time: Some(column(0)),
        sorted: false,
        calls: calls.collect(),
        groups_max: 1 << 24,
        ttl: None,
    }
}

fn drive<F: FnMut(&Batch)>(over: &mut Over, batch: &mut Batch, sink: &mut Sink<F>) {
    let mut failure = None;
    let mut context = Context {
        ledger: &mut Quiet,
        failure: &mut failure,
    };
    over.process(batch, &mut context, sink);
    assert_eq!(failure, None);
}

/// The number of `row` in a column, if it has one.
fn number(batch: &Batch, column: usize, row: usize) -> Option<f64> {
    let column = &batch.columns[column];
    let value = match &column.data {
        ColumnData::F64(values) => values[row],
        ColumnData::I64(values) => values[row] as f64,
        ColumnData::I128(values) => values[row] as f64 / 100.0,
        other => panic!("{other:?}"),
    };
    (!column.is_null(row)).then_some(value)
}

/// Compares every result with one computed from all rows of its frame, within the rounding of sums.
fn verify(batches: &[Batch], calls: &[(AggregateKind, usize)]) {
    let mut seen: HashMap<Vec<u8>, Vec<Vec<Option<f64>>>> = HashMap::new();
    let mut over = Over::new(&plan(calls), 1).expect("every call is built");
    let check = |batch: &Batch| {
        let ColumnData::Text(symbols) = &batch.columns[1].data else {
            panic!("the feed has symbols")
        };
        for row in 0..batch.rows {
            let rows = seen.entry(symbols.get(row).to_vec()).or_default();
            let arguments = calls.iter().map(|&(_, at)| number(batch, at, row));
            rows.push(arguments.collect());
            let frame = &rows[rows.len().saturating_sub(FRAME_ROWS)..];
            for (at, &(kind, _)) in calls.iter().enumerate() {
                let values: Vec<f64> = frame.iter().filter_map(|row| row[at]).collect();
                let expected = naive(kind, &values);
                let result = number(batch, TYPES.len() + at, row);
                let close = match (expected, result) {
                    (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0) + rounding(kind),
                    (a, b) => a == b,
                };
                assert!(close, "row {row}, {kind:?}: {result:?}, not {expected:?}");
            }
        }
    };
    let mut sink = Sink { rows: 0, check };
    for batch in batches {
        drive(&mut over, &mut batch.clone(), &mut sink);
    }
    assert_eq!(sink.rows as usize, batches.len() * BATCH_ROWS);
}

/// AVG of a DECIMAL is rounded to 6 digits, of which [`number`] shows the unscaled value in hundredths.
fn rounding(kind: AggregateKind) -> f64 {
    if kind == AggregateKind::Avg {
        0.005
    } else {
        0.0
    }
}

fn naive(kind: AggregateKind, values: &[f64]) -> Option<f64> {
    let sum = || values.iter().copied().reduce(|a, b| a + b);
    match kind {
        AggregateKind::Sum => sum(),
        AggregateKind::Avg => sum().map(|sum| sum / values.len() as f64),
        AggregateKind::Min => values.iter().copied().reduce(f64::min),
        AggregateKind::Max => values.iter().copied().reduce(f64::max),
        other => panic!("{other:?}"),
    }
}

fn measure(name: &str, plan: &OverPlan, mut batches: Vec<Batch>, rounds: u64) {
    let mut over = Over::new(plan, 1).expect("every call is built");
    let mut sink = Sink {
        rows: 0,
        check: |_: &Batch| (),
    };
    let mut seconds = Vec::new();
    let mut allocations = 0;
    for round in 0..=rounds {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        let start = Instant::now();
        for batch in &mut batches {
            drive(&mut over, batch, &mut sink);
        }
        if round > 0 {
            seconds.push(start.elapsed().as_secs_f64());
        }
        allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
    }
    // The first rounds of a small run still fill the frames.
    assert!(
        rounds == 1 || allocations == 0,
        "{name}: {allocations} allocations"
    );
    seconds.sort_by(f64::total_cmp);
    let ns = |seconds: f64| seconds * 1e9 / (batches.len() * BATCH_ROWS) as f64;
    println!(
        "{name:28} {:5.1} / {:5.1} / {:5.1} ns a row, {allocations} allocations in the last round, {} rows out",
        ns(seconds[0]),
        ns(seconds[seconds.len() / 2]),
        ns(seconds[seconds.len() - 1]),
        sink.rows
    );
}
