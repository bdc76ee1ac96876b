//! Million rows a second of the CSV framer and decoder on one core, over the rows
//! `1700000000000,SYM0001,101.25,500,B`. The answer is compared with the slow twins' before it is timed.
//! `cargo bench --bench csv` measures; `cargo test` runs a small input.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;
use velo_tpc::batch::{Column, Rows};
use velo_tpc::chunk::RowDescriptors;
use velo_tpc::format::csv::naive::{NaiveDecoder, NaiveFramer};
use velo_tpc::format::csv::{CsvDecoder, CsvFramer};
use velo_tpc::format::{Decoder, FrameSpec, Framer, Frames};
use velo_tpc::limits::{CHUNK_BYTES, MORSEL_ROWS_MAX};
use velo_tpc::plan::{CsvFormat, TimestampFormat};
use velo_tpc::types::{DataType, Field, Schema};

/// Rows of about one chunk.
const ROWS: usize = CHUNK_BYTES / 35 - 1;

/// Passes between two looks at the clock: about a millisecond, so that some of these stretches have the core
/// to themselves on a busy machine.
const PASSES_TIMED: usize = 4;

fn main() {
    let passes = if std::env::args().any(|argument| argument == "--bench") {
        1_500
    } else {
        2
    };
    let narrow = DataType::decimal(18, 4);
    frame("frame, time and key", &lines(0), spec(true), passes);
    frame("frame only", &lines(0), spec(false), passes);
    frame(
        "frame, time and key, 120-byte rows",
        &lines(85),
        spec(true),
        passes,
    );
    decode(
        "split, symbol, DECIMAL, BIGINT",
        &lines(0),
        narrow,
        &[1, 2, 3],
        passes,
    );
    decode(
        "split, symbol, DOUBLE, BIGINT",
        &lines(0),
        DataType::Double,
        &[1, 2, 3],
        passes,
    );
    decode("split", &lines(0), narrow, &[], passes);
    decode("split, symbol", &lines(0), narrow, &[1], passes);
    decode("split, DECIMAL", &lines(0), narrow, &[2], passes);
    decode("split, BIGINT", &lines(0), narrow, &[3], passes);
    decode(
        "split, all five, 120-byte rows",
        &lines(85),
        narrow,
        &[0, 1, 2, 3, 4],
        passes,
    );
}

/// Feed rows whose last field is longer by `more` bytes.
fn lines(more: usize) -> Vec<u8> {
    let mut text = String::new();
    let mut state = 0x5eed_0071u64;
    let filler = "x".repeat(more);
    for row in 0..ROWS {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let symbol = state % 1000;
        let cents = state >> 20 & 0xffff;
        let size = 1 + (state >> 40) % 1000;
        let side = if state >> 60 & 1 == 0 { 'B' } else { 'S' };
        let time = 1_700_000_000_000 + row;
        let (whole, part) = (50 + cents / 100, cents % 100);
        writeln!(
            text,
            "{time},SYM{symbol:04},{whole}.{part:02},{size},{side}{filler}"
        )
        .expect("memory");
    }
    text.into_bytes()
}

fn spec(with_time_and_key: bool) -> FrameSpec {
    FrameSpec {
        time: with_time_and_key.then_some(0),
        keys: if with_time_and_key {
            vec![vec![1]]
        } else {
            Vec::new()
        },
        hash_seed: velo_tpc::hash::DEFAULT_SEED,
    }
}

fn format() -> CsvFormat {
    CsvFormat {
        delimiter: b',',
        quote: b'"',
        header: false,
        null_text: None,
        fields: (0..5).collect(),
        field_count: 5,
        timestamp: TimestampFormat::Millis,
    }
}

fn schema(price: DataType) -> Schema {
    let types = [
        DataType::Timestamp,
        DataType::Varchar,
        price,
        DataType::BigInt,
        DataType::Varchar,
    ];
    let field = |ty| Field {
        name: String::from("c"),
        ty,
        nullable: true,
    };
    Schema {
        fields: types.map(field).into(),
    }
}

fn report(name: &str, rows: usize, best: f64) {
    println!("{name:<40} {:>7.1} M rows/s", rows as f64 / best / 1e6);
}

fn frame(name: &str, bytes: &[u8], spec: FrameSpec, passes: usize) {
    let schema = schema(DataType::Double);
    let mut frames = Frames::default();
    let mut run = |framer: &mut dyn Framer, bytes: &[u8]| {
        frames.clear(spec.keys.len());
        framer.frame(bytes, 0, true, usize::MAX >> 1, &mut frames);
        assert_eq!(frames.starts.len(), ROWS);
        assert!(frames.faults.is_empty());
        let sum = |sum: u64, value: &u64| sum.rotate_left(5) ^ value;
        let times = frames
            .times
            .iter()
            .fold(0, |s, &time| sum(s, &(time as u64)));
        let ends = frames
            .ends
            .iter()
            .fold(0, |s, &end| sum(s, &u64::from(end)));
        (times, ends, frames.hashes.iter().flatten().fold(0, sum))
    };
    let wanted = run(&mut NaiveFramer::new(&format(), &schema, &spec), bytes);
    let mut framer = CsvFramer::new(&format(), &schema, &spec);
    assert_eq!(run(&mut framer, bytes), wanted);
    let mut best = f64::MAX;
    for _ in 0..passes {
        let start = Instant::now();
        for _ in 0..PASSES_TIMED {
            frames.clear(spec.keys.len());
            framer.frame(black_box(bytes), 0, true, usize::MAX >> 1, &mut frames);
        }
        best = best.min(start.elapsed().as_secs_f64() / PASSES_TIMED as f64);
    }
    report(name, ROWS, best);
}

fn decode(name: &str, bytes: &[u8], price: DataType, columns: &[usize], passes: usize) {
    let schema = schema(price);
    let mut frames = Frames::default();
    CsvFramer::new(&format(), &schema, &spec(false)).frame(bytes, 0, true, 1 << 30, &mut frames);
    let rows = RowDescriptors {
        starts: frames.starts[..MORSEL_ROWS_MAX].to_vec(),
        ends: frames.ends[..MORSEL_ROWS_MAX].to_vec(),
        ..RowDescriptors::default()
    };
    let mut out: Vec<Column> = schema.fields.iter().map(|f| Column::new(f.ty)).collect();
    let mut faults = Vec::new();
    let mut run = |decoder: &mut dyn Decoder, bytes: &[u8]| {
        decoder.begin(bytes, &rows, &mut faults);
        for &column in columns {
            let all = Rows::All(rows.len());
            decoder.column(bytes, &rows, column, all, &mut out[column], &mut faults);
        }
        assert!(faults.is_empty());
        out.clone()
    };
    let slow = run(&mut NaiveDecoder::new(&format(), &schema), bytes);
    let mut decoder = CsvDecoder::new(&format(), &schema);
    let fast = run(&mut decoder, bytes);
    for &column in columns {
        for row in 0..rows.len() {
            assert_eq!(fast[column].value(row), slow[column].value(row));
        }
    }
    let mut best = f64::MAX;
    for _ in 0..passes {
        let start = Instant::now();
        for _ in 0..PASSES_TIMED {
            let bytes = black_box(bytes);
            decoder.begin(bytes, &rows, &mut faults);
            for &column in columns {
                let all = Rows::All(rows.len());
                decoder.column(bytes, &rows, column, all, &mut out[column], &mut faults);
            }
            black_box(&out);
        }
        best = best.min(start.elapsed().as_secs_f64() / PASSES_TIMED as f64);
    }
    report(name, rows.len(), best);
}
