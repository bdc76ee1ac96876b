//! Million rows a second of the JSON framer and decoder on one core, over the rows
//! `{"ts":1700000000000,"symbol":"SYM0001","price":101.25,"size":500,"side":"B"}` and variants of them, some of which
//! the layout of the row before does not foretell. What is found is compared with what was written before it is
//! timed. `cargo bench --bench json` measures; `cargo test` runs a small input.

use std::hint::black_box;
use std::time::Instant;
use velo_tpc::batch::{Column, Rows};
use velo_tpc::chunk::RowDescriptors;
use velo_tpc::format::{FrameSpec, Frames, json};
use velo_tpc::hash::{DEFAULT_SEED, hash_text};
use velo_tpc::limits::{CHUNK_BYTES, MORSEL_ROWS_MAX};
use velo_tpc::plan::{JsonFormat, TimestampFormat};
use velo_tpc::types::{DataType, Field, Schema, Value};

/// Passes between two looks at the clock: about a millisecond, so that some of these stretches have the core
/// to themselves on a busy machine.
const PASSES_TIMED: usize = 4;

/// How the rows of an input differ from each other.
#[derive(Clone, Copy, Debug)]
enum Rowset {
    /// All have one layout.
    Feed,
    /// As a feed, with white space behind colons and commas, as Python writes it.
    Spaced,
    /// Every row has one of two member orders.
    TwoOrders,
    /// One row in eight has an escape in its symbol.
    Escapes,
    /// Every row has an array of its own length, so that no two have one layout.
    Arrays,
    /// As a feed, with a nested member and texts that make a row of about 300 bytes.
    Long,
}

/// A row's values.
struct Trade {
    millis: i64,
    symbol: String,
    cents: i64,
    size: i64,
    side: &'static str,
}

/// Rows as text, where each lies, and what they say.
struct Input {
    bytes: Vec<u8>,
    rows: RowDescriptors,
    trades: Vec<Trade>,
}

fn main() {
    let passes = if std::env::args().any(|argument| argument == "--bench") {
        1_000
    } else {
        2
    };
    let double = DataType::Double;
    for rowset in [
        Rowset::Feed,
        Rowset::Spaced,
        Rowset::TwoOrders,
        Rowset::Escapes,
        Rowset::Arrays,
        Rowset::Long,
    ] {
        let input = input(rowset);
        let row_bytes = input.bytes.len() / input.trades.len();
        println!("{rowset:?}, {row_bytes} bytes a row");
        frame("frame, time and key", &input, spec(true, true), passes);
        frame("frame, time", &input, spec(true, false), passes);
        frame("frame", &input, spec(false, false), passes);
        decode("symbol, DOUBLE, BIGINT", &input, double, &[1, 2, 3], passes);
        decode("members only", &input, double, &[], passes);
        if matches!(rowset, Rowset::Feed) {
            let narrow = DataType::decimal(18, 4);
            decode(
                "symbol, DECIMAL, BIGINT",
                &input,
                narrow,
                &[1, 2, 3],
                passes,
            );
            decode("all five", &input, double, &[0, 1, 2, 3, 4], passes);
        }
    }
}

/// As many rows as a chunk and a morsel hold.
fn input(rowset: Rowset) -> Input {
    let mut input = Input {
        bytes: Vec::new(),
        rows: RowDescriptors::default(),
        trades: Vec::new(),
    };
    let mut state = 0x5eed_0071u64;
    for row in 0..MORSEL_ROWS_MAX as u64 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let trade = Trade {
            millis: 1_700_000_000_000 + row as i64,
            symbol: format!("SYM{:04}", state % 1000),
            cents: 5_000 + (state >> 20 & 0xffff) as i64,
            size: 1 + (state >> 40) as i64 % 1000,
            side: if state >> 60 & 1 == 0 { "B" } else { "S" },
        };
        let line = trade.line(rowset, state);
        let start = input.bytes.len();
        if start + line.len() >= CHUNK_BYTES {
            break;
        }
        input.bytes.extend_from_slice(line.as_bytes());
        input.rows.starts.push(start as u32);
        input.rows.ends.push(input.bytes.len() as u32);
        input.bytes.push(b'\n');
        input.trades.push(trade);
    }
    // What a framer leaves with the rows.
    let (format, schema) = table(DataType::Double);
    let mut frames = Frames::default();
    json::framer(&format, &schema, &spec(false, false)).frame(
        &input.bytes,
        0,
        true,
        usize::MAX >> 1,
        &mut frames,
    );
    input.rows.delimiters = frames.delimiters;
    input
}

impl Trade {
    fn line(&self, rowset: Rowset, random: u64) -> String {
        let filler = "no byte of this is wanted, ".repeat(3);
        let (millis, size, side) = (self.millis, self.size, self.side);
        let price = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        let symbol = match rowset {
            Rowset::Escapes if random.is_multiple_of(8) => self.symbol.replace('Y', "\\u0059"),
            _ => self.symbol.clone(),
        };
        match rowset {
            Rowset::Spaced => format!(
                r#"{{"ts": {millis}, "symbol": "{symbol}", "price": {price}, "size": {size}, "side": "{side}"}}"#
            ),
            Rowset::TwoOrders if random >> 50 & 1 == 0 => format!(
                r#"{{"symbol":"{symbol}","ts":{millis},"size":{size},"price":{price},"side":"{side}"}}"#
            ),
            Rowset::Arrays => format!(
                r#"{{"ts":{millis},"symbol":"{symbol}","price":{price},"ids":[{}1],"size":{size},"side":"{side}"}}"#,
                "0,".repeat(random as usize % 8)
            ),
            Rowset::Long => format!(
                r#"{{"ts":{millis},"venue":{{"name":"{filler}","ids":{size}}},"symbol":"{symbol}","price":{price},"note":"{filler}","size":{size},"side":"{side}"}}"#
            ),
            Rowset::Feed | Rowset::TwoOrders | Rowset::Escapes => format!(
                r#"{{"ts":{millis},"symbol":"{symbol}","price":{price},"size":{size},"side":"{side}"}}"#
            ),
        }
    }

    fn value(&self, column: usize, ty: DataType) -> Value {
        match (column, ty) {
            (0, _) => Value::I64(self.millis * 1_000_000),
            (1, _) => Value::Text(self.symbol.clone()),
            (2, DataType::Double) => Value::F64(self.cents as f64 / 100.0),
            (2, _) => Value::I64(self.cents * 100),
            (3, _) => Value::I64(self.size),
            _ => Value::Text(self.side.to_owned()),
        }
    }
}

fn spec(with_time: bool, with_key: bool) -> FrameSpec {
    FrameSpec {
        time: with_time.then_some(0),
        keys: if with_key { vec![vec![1]] } else { Vec::new() },
        hash_seed: DEFAULT_SEED,
    }
}

fn table(price: DataType) -> (JsonFormat, Schema) {
    let columns = [
        ("ts", DataType::Timestamp),
        ("symbol", DataType::Varchar),
        ("price", price),
        ("size", DataType::BigInt),
        ("side", DataType::Varchar),
    ];
    let format = JsonFormat {
        paths: columns.iter().map(|it| vec![it.0.to_owned()]).collect(),
        timestamp: TimestampFormat::Millis,
    };
    let field = |(name, ty): (&str, DataType)| Field {
        name: name.to_owned(),
        ty,
        nullable: true,
    };
    let fields = columns.map(field).into();
    (format, Schema { fields })
}

/// Times `pass` over `rows` rows.
fn time(name: &str, rows: usize, passes: usize, mut pass: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..passes {
        let start = Instant::now();
        (0..PASSES_TIMED).for_each(|_| pass());
        best = best.min(start.elapsed().as_secs_f64() / PASSES_TIMED as f64);
    }
    let (rate, each) = (rows as f64 / best / 1e6, best / rows as f64 * 1e9);
    println!("  {name:<26} {rate:>6.1} M rows/s {each:>6.1} ns a row");
}

fn frame(name: &str, input: &Input, spec: FrameSpec, passes: usize) {
    let (format, schema) = table(DataType::Double);
    let mut framer = json::framer(&format, &schema, &spec);
    let mut frames = Frames::default();
    let mut run = |frames: &mut Frames| {
        frames.clear(spec.keys.len());
        let bytes = black_box(input.bytes.as_slice());
        let end = framer.frame(bytes, 0, true, usize::MAX >> 1, frames);
        assert_eq!(end, bytes.len());
    };
    run(&mut frames);
    assert_eq!(frames.starts, input.rows.starts);
    assert_eq!(frames.ends, input.rows.ends);
    assert!(frames.faults.is_empty());
    if spec.time.is_some() {
        let times = input.trades.iter().map(|trade| trade.millis * 1_000_000);
        assert!(times.eq(frames.times.iter().copied()));
    }
    for hashes in &frames.hashes {
        let hash = |trade: &Trade| hash_text(DEFAULT_SEED, trade.symbol.as_bytes());
        assert!(input.trades.iter().map(hash).eq(hashes.iter().copied()));
    }
    time(name, input.trades.len(), passes, || run(&mut frames));
}

fn decode(name: &str, input: &Input, price: DataType, columns: &[usize], passes: usize) {
    let (format, schema) = table(price);
    let mut out: Vec<Column> = schema.fields.iter().map(|f| Column::new(f.ty)).collect();
    let mut faults = Vec::new();
    let mut decoder = json::decoder(&format, &schema);
    let mut run = |out: &mut [Column]| {
        let bytes = black_box(input.bytes.as_slice());
        decoder.begin(bytes, &input.rows, &mut faults);
        for &column in columns {
            let (all, to) = (Rows::All(input.rows.len()), &mut out[column]);
            decoder.column(bytes, &input.rows, column, all, to, &mut faults);
        }
        assert!(faults.is_empty());
    };
    run(&mut out);
    for (row, trade) in input.trades.iter().enumerate() {
        for &column in columns {
            let wanted = trade.value(column, schema.fields[column].ty);
            assert_eq!(out[column].value(row), wanted, "row {row} column {column}");
        }
    }
    time(name, input.trades.len(), passes, || {
        run(&mut out);
        black_box(&out);
    });
}
