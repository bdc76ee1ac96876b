//! The steady state allocates nothing: every `step` of every role is counted by the allocator itself.
//!
//! The first half of an input warms pools, tables and buffers up; from then on no step may allocate.
//! `ALLOCATION_TRACE=1 cargo test --test allocations -- --nocapture --test-threads=1` prints where one does.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use velo_tpc::egress::EgressStep;
use velo_tpc::ingest::{IngestOptions, IngestStep};
use velo_tpc::limits::{LINK_SLOTS, MORSEL_ROWS_MAX};
use velo_tpc::plan::{Job, SourceId};
use velo_tpc::sql::{CompileOptions, Environment, compile};
use velo_tpc::wiring::{Roles, WiringOptions, wire};
use velo_tpc::worker::WorkerStep;

thread_local! {
    static COUNTING: Cell<bool> = const { Cell::new(false) };
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static TRACES: Cell<u32> = const { Cell::new(0) };
}

struct Counter;

impl Counter {
    fn note(&self) {
        if !COUNTING.get() {
            return;
        }
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        if TRACES.get() > 0 {
            TRACES.set(TRACES.get() - 1);
            COUNTING.set(false);
            eprintln!("{}", Backtrace::force_capture());
            COUNTING.set(true);
        }
    }
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.note();
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.note();
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static COUNTER: Counter = Counter;

/// Runs `step` and counts what it allocates.
fn counted<T>(step: impl FnOnce() -> T) -> (T, u64) {
    let before = ALLOCATIONS.get();
    COUNTING.set(true);
    let result = step();
    COUNTING.set(false);
    (result, ALLOCATIONS.get() - before)
}

struct NoFiles;

impl Environment for NoFiles {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        Ok(vec![PathBuf::from(pattern)])
    }

    fn head(&self, _: &Path, _: usize) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

const ROWS: u64 = 400_000;
const SYMBOLS: u64 = 100;

/// Calls `each` with symbol number, time, hundredths of the price and size of every trade: one every 40 us, so
/// that a window of a second has 25,000.
fn for_each_trade(mut each: impl FnMut(u64, u64, u64, u64)) {
    let mut mixed = 7u64;
    for row in 0..ROWS {
        mixed = mixed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let random = mixed >> 33;
        let us = 1_700_000_000_000_000 + row * 40;
        each(random % SYMBOLS, us, 10_000 + random % 5_000, random % 1000);
    }
}

fn csv_trades() -> Vec<u8> {
    let mut text = String::new();
    for_each_trade(|symbol, us, price, size| {
        let _ = writeln!(
            text,
            "{us},SYM{symbol:03},{}.{:02},{size},B",
            price / 100,
            price % 100
        );
    });
    text.into_bytes()
}

fn json_trades() -> Vec<u8> {
    let mut text = String::new();
    for_each_trade(|symbol, us, price, size| {
        let (whole, part) = (price / 100, price % 100);
        let _ = writeln!(
            text,
            r#"{{"ts":{us},"symbol":"SYM{symbol:03}","price":{whole}.{part:02},"size":{size},"side":"B"}}"#
        );
    });
    text.into_bytes()
}

fn binary_trades() -> Vec<u8> {
    let mut bytes = Vec::new();
    for_each_trade(|symbol, us, price, size| {
        bytes.extend_from_slice(&us.to_le_bytes());
        bytes.extend_from_slice(format!("SYM{symbol:03}\0\0").as_bytes());
        bytes.extend_from_slice(&(price * 100).to_le_bytes());
        bytes.extend_from_slice(&size.to_le_bytes());
        bytes.push(b'B');
    });
    bytes
}

const CSV_TABLE: &str =
    "(ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
    WATERMARK FOR ts AS ts - INTERVAL '100' MILLISECOND)
  WITH ('connector' = 'file', 'path' = 'trades.csv', 'timestamp.format' = 'us')";
const JSON_TABLE: &str =
    "(ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
    WATERMARK FOR ts AS ts - INTERVAL '100' MILLISECOND)
  WITH ('connector' = 'file', 'path' = 'trades.json', 'timestamp.format' = 'us')";
const BINARY_TABLE: &str =
    "(ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,4), size BIGINT, side CHAR(1),
    WATERMARK FOR ts AS ts - INTERVAL '100' MILLISECOND)
  WITH ('connector' = 'file', 'path' = 'trades.bin', 'timestamp.format' = 'us')";

fn job(table: &str, query: &str, sink: &str) -> Job {
    let text = format!(
        "CREATE TABLE trades {table};
         CREATE SINK out {sink};
         INSERT INTO out {query};"
    );
    let compiled = compile(&text, &CompileOptions::default(), &NoFiles);
    let compiled = compiled.unwrap_or_else(|error| panic!("{}", error.render("test", &text)));
    compiled.job.expect("a job")
}

/// Allocations of a run behind its warm-up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Allocations {
    ingest: u64,
    workers: u64,
    egress: u64,
}

struct Drive<'a> {
    roles: Roles,
    input: &'a [u8],
    offset: usize,
    clock_ns: u64,
    found: Allocations,
}

impl Drive<'_> {
    /// Steps every role in turn up to the end of the input.
    fn run(&mut self, warm_bytes: usize) {
        self.roles.ingest.begin_file(SourceId(0), 0);
        loop {
            self.read();
            if self.offset == self.input.len() {
                // The end closes what is open: no steady state any more.
                return;
            }
            let warm = self.offset >= warm_bytes;
            let before = std::mem::take(&mut self.found);
            self.step();
            if warm {
                self.found.ingest += before.ingest;
                self.found.workers += before.workers;
                self.found.egress += before.egress;
            } else {
                self.found = Allocations::default();
            }
            TRACES.set(if warm && std::env::var_os("ALLOCATION_TRACE").is_some() {
                1
            } else {
                0
            });
        }
    }

    fn read(&mut self) {
        self.clock_ns += 1000;
        let Some(room) = self.roles.ingest.read_buffer(SourceId(0)) else {
            return;
        };
        let bytes = room.len().min(self.input.len() - self.offset).min(1 << 16);
        room[..bytes].copy_from_slice(&self.input[self.offset..self.offset + bytes]);
        self.offset += bytes;
        self.roles
            .ingest
            .read_done(SourceId(0), bytes, self.clock_ns);
    }

    /// Every role works until it has nothing to do.
    fn step(&mut self) {
        let now_ns = self.clock_ns;
        let roles = &mut self.roles;
        loop {
            let mut worked = false;
            let (step, count) = counted(|| roles.ingest.step(now_ns));
            self.found.ingest += count;
            worked |= step == IngestStep::Worked;
            for worker in &mut roles.workers {
                let (step, count) = counted(|| worker.step(now_ns));
                self.found.workers += count;
                worked |= step == WorkerStep::Worked;
            }
            let (step, count) = counted(|| {
                let step = roles.egress.step();
                roles.egress.handed_over(now_ns);
                step
            });
            self.found.egress += count;
            worked |= step == EgressStep::Worked;
            let (buffer, count) = counted(|| roles.egress.take(0));
            self.found.egress += count;
            if let Some(buffer) = buffer {
                roles.egress.give_back(0, buffer);
            }
            if !worked {
                return;
            }
        }
    }
}

fn allocations(job: &Job, input: &[u8], workers: usize) -> Allocations {
    let options = WiringOptions {
        workers,
        link_slots: LINK_SLOTS,
        output_slots: LINK_SLOTS,
        exchange_slots: LINK_SLOTS,
        ingest: IngestOptions {
            morsel_rows: MORSEL_ROWS_MAX,
            chunks: 8,
            wall_offset_ns: 0,
        },
    };
    let mut drive = Drive {
        roles: wire(job, &options, None).expect("wires"),
        input,
        offset: 0,
        clock_ns: 1,
        found: Allocations::default(),
    };
    drive.run(input.len() / 2);
    assert!(
        drive.roles.ingest.records() > ROWS * 3 / 4,
        "the run got on"
    );
    drive.found
}

const BLACKHOLE: &str = "WITH ('connector' = 'blackhole')";
const CSV: &str = "WITH ('connector' = 'file', 'path' = 'out.csv', 'format' = 'csv')";
const AGGREGATES: &str = "COUNT(*), SUM(size), AVG(price), MIN(price), MAX(price)";

/// Both sinks, on one worker and on three.
fn assert_none(query: &str) {
    let input = csv_trades();
    for sink in [BLACKHOLE, CSV] {
        assert_none_of(&job(CSV_TABLE, query, sink), &input);
    }
}

fn assert_none_of(job: &Job, input: &[u8]) {
    for workers in [1, 3] {
        let found = allocations(job, input, workers);
        let statement = &job.statements[0];
        assert_eq!(
            found,
            Allocations::default(),
            "{workers} workers: {statement:?}"
        );
    }
}

#[test]
fn filter_and_project_allocate_nothing() {
    assert_none("SELECT symbol, price, size FROM trades WHERE size > 500");
}

#[test]
fn group_by_allocates_nothing() {
    assert_none(&format!(
        "SELECT symbol, {AGGREGATES} FROM trades GROUP BY symbol EMIT FINAL"
    ));
}

#[test]
fn statistics_allocate_nothing() {
    assert_none(
        "SELECT symbol, STDDEV(price) AS a, KURTOSIS(price) AS b, CORR(price, size) AS c, ARG_MAX(size, price) AS d, \
         EMA(price, 0.1) AS e, TWAP(price, ts) AS f, MAX_DRAWDOWN(price) AS g, BOOL_OR(size > 500) AS h, \
         DELTA(price) AS i, MODE(size > 500) AS j, APPROX_COUNT_DISTINCT(size > 500) AS k \
         FROM trades GROUP BY symbol EMIT FINAL",
    );
}

#[test]
fn tumbling_windows_allocate_nothing() {
    assert_none(&format!(
        "SELECT symbol, window_start, window_end, {AGGREGATES}
         FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
         GROUP BY window_start, window_end, symbol EMIT FINAL"
    ));
}

#[test]
fn json_lines_allocate_nothing() {
    let input = json_trades();
    let sink = "WITH ('connector' = 'file', 'path' = 'out.json', 'format' = 'json')";
    let filter = "SELECT symbol, price, size FROM trades WHERE size > 500";
    let windows = format!(
        "SELECT symbol, {AGGREGATES} FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
         GROUP BY window_start, window_end, symbol EMIT FINAL"
    );
    for query in [filter, &windows] {
        assert_none_of(&job(JSON_TABLE, query, sink), &input);
    }
}

#[test]
fn binary_records_allocate_nothing() {
    let input = binary_trades();
    let binary = |columns: &str| {
        format!(
            "({columns}) WITH ('connector' = 'file', 'path' = 'out.bin', 'binary.nulls' = 'bitmap')"
        )
    };
    let filtered = binary("symbol CHAR(8), price DECIMAL(18,4), size BIGINT");
    let grouped = binary("symbol CHAR(8), n BIGINT, volume BIGINT, average DECIMAL(38,6)");
    for (query, sink) in [
        (
            "SELECT symbol, price, size FROM trades WHERE size > 500",
            &filtered,
        ),
        (
            "SELECT symbol, COUNT(*), SUM(size), AVG(price)
             FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
             GROUP BY window_start, window_end, symbol EMIT FINAL",
            &grouped,
        ),
    ] {
        assert_none_of(&job(BINARY_TABLE, query, sink), &input);
    }
}

/// Frames that slide on their own; those of RANGE hold about 300 rows, so that they stay between 256 and 512.
#[test]
fn frames_of_any_bounds_allocate_nothing() {
    assert_none(
        "SELECT symbol, ROW_NUMBER() OVER w, RANK() OVER w, FIRST_VALUE(price) OVER r, LAST(side) OVER b,
                SUM(price) OVER b, VWAP(price, size) OVER b, MIN(size) OVER r, LAG(price) OVER w
         FROM trades
         WINDOW w AS (PARTITION BY symbol ORDER BY ts),
                b AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 20 PRECEDING AND 3 PRECEDING),
                r AS (PARTITION BY symbol ORDER BY ts RANGE BETWEEN 1200ms PRECEDING AND CURRENT ROW)",
    );
}

#[test]
fn rows_that_wait_for_later_ones_allocate_nothing() {
    assert_none(
        "SELECT symbol, side, LEAD(price) OVER w AS next, LEAD(side, 3, 'none') OVER w AS third, LAG(size) OVER w AS before
         FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts)",
    );
}

/// Frames whose states merge, and frames that keep their values in order.
#[test]
fn statistics_of_frames_allocate_nothing() {
    assert_none(
        "SELECT symbol, STDDEV(price) OVER b, CORR(price, size) OVER b, EMA(price, 0.1) OVER w, TWAP(price, ts) OVER r,
                ARG_MAX(side, price) OVER b, DELTA(price) OVER r, MODE(side) OVER b, MEDIAN(price) OVER b,
                COUNT(DISTINCT size / 4) OVER r, SUM(DISTINCT price) OVER b, VAR_POP(DISTINCT size) OVER b
         FROM trades
         WINDOW w AS (PARTITION BY symbol ORDER BY ts),
                b AS (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 20 PRECEDING AND 3 PRECEDING),
                r AS (PARTITION BY symbol ORDER BY ts RANGE BETWEEN 1200ms PRECEDING AND CURRENT ROW)",
    );
}

#[test]
fn overlapping_windows_allocate_nothing() {
    for (window, emit) in [
        ("HOP(ts, 500ms, 1s)", "FINAL"),
        ("HOP(ts, 500ms, 1s)", "CHANGES"),
        ("CUMULATE(ts, 500ms, 1s)", "FINAL"),
    ] {
        assert_none(&format!(
            "SELECT symbol, window_start, window_end, {AGGREGATES} FROM trades
             GROUP BY symbol, {window} EMIT {emit}"
        ));
    }
}

#[test]
fn sessions_allocate_nothing() {
    for emit in [
        "FINAL",
        "CHANGES",
        "CHANGES EVERY 100ms",
        "FINAL EARLY EVERY 100ms",
    ] {
        assert_none(&format!(
            "SELECT symbol, window_start, window_end, {AGGREGATES} FROM trades
             GROUP BY symbol, SESSION(ts, 100ms) EMIT {emit}"
        ));
    }
}

#[test]
fn distinct_values_of_sessions_allocate_nothing() {
    let query = "SELECT symbol, window_start, window_end, COUNT(DISTINCT size > 500), SUM(DISTINCT size % 10)
                 FROM trades GROUP BY symbol, SESSION(ts, 10ms) EMIT FINAL";
    // On several workers the most values that are held at once may be reached late.
    let job = job(CSV_TABLE, query, BLACKHOLE);
    assert_eq!(allocations(&job, &csv_trades(), 1), Allocations::default());
}

#[test]
fn coalesced_changes_allocate_nothing() {
    assert_none(&format!(
        "SELECT symbol, window_start, window_end, {AGGREGATES} FROM trades
         GROUP BY symbol, TUMBLE(ts, 1s) EMIT CHANGES EVERY 100ms"
    ));
}

#[test]
fn bars_allocate_nothing() {
    for (bars, emit) in [
        ("TICKS 7", "FINAL"),
        ("DOLLAR 1000, price, size", "FINAL"),
        ("VOLUME 5000, size", "CHANGES"),
        ("VOLUME 5000, size", "CHANGES EVERY 100ms"),
    ] {
        let query = format!(
            "SELECT symbol, window_start, window_end, {AGGREGATES} FROM trades
             GROUP BY symbol WINDOW BARS({bars}) EMIT {emit}"
        );
        // On several workers the most bars that wait at once may be reached late, and with them their memory.
        let job = job(CSV_TABLE, &query, BLACKHOLE);
        assert_eq!(
            allocations(&job, &csv_trades(), 1),
            Allocations::default(),
            "{bars}"
        );
    }
}

#[test]
fn touching_keys_allocates_nothing() {
    // A symbol comes every 4 ms: none is forgotten, and the keys are looked through every 100 ms.
    let sink = format!("{BLACKHOLE};\nSET 'state.ttl' = '100ms'");
    for query in [
        &format!("SELECT symbol, {AGGREGATES} FROM trades GROUP BY symbol EMIT CHANGES")[..],
        "SELECT symbol, LAG(price) OVER w AS before, SUM(size) OVER w AS volume FROM trades
         WINDOW w AS (PARTITION BY symbol ORDER BY ts)",
    ] {
        assert_none_of(&job(CSV_TABLE, query, &sink), &csv_trades());
    }
}
