//! Million rows a second of the encoders on one core, for the result rows of the benchmark queries. Each row is
//! compared with the text that the standard library writes before anything is timed.
//! `cargo bench --bench encode` measures; `cargo test` runs a small input.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Instant;

use velo_tpc::batch::{Batch, ColumnData};
use velo_tpc::format::Encoded;
use velo_tpc::format::encode::encoder;
use velo_tpc::limits::MORSEL_ROWS_MAX;
use velo_tpc::plan::{ChangelogMode, SinkFormat, TimestampFormat};
use velo_tpc::sim::Random;
use velo_tpc::types::{DataType, Field, Schema};

/// Passes between two looks at the clock.
const PASSES_TIMED: usize = 4;
/// 2025-01-01.
const START_MS: i64 = 1_735_689_600_000;

/// One row of the feed: everything that a row's texts are made of.
struct Row {
    ms: i64,
    symbol: u64,
    cents: u64,
    size: u64,
}

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let passes = if full { 500 } else { 2 };
    let rows = rows();
    let csv = SinkFormat::Csv {
        delimiter: b',',
        header: false,
        null_text: String::new(),
        timestamp: TimestampFormat::Millis,
    };
    let json = SinkFormat::Json {
        timestamp: TimestampFormat::Millis,
    };
    for price in [DataType::Double, DataType::decimal(18, 4)] {
        let shown = match price {
            DataType::Double => "DOUBLE",
            _ => "DECIMAL",
        };
        for (windowed, shape) in [
            (false, "symbol, price, size"),
            (true, "window, symbol, price, size"),
        ] {
            let batch = batch(&rows, price, windowed);
            let schema = schema(price, windowed);
            for (name, format) in [("csv", &csv), ("json", &json)] {
                let lines = rows.iter().map(|row| line(row, price, windowed, name));
                let lines: Vec<String> = lines.collect();
                measure(
                    &format!("{name}: {shape}, {shown}"),
                    format,
                    &schema,
                    &batch,
                    &lines,
                    passes,
                );
            }
        }
    }
}

fn rows() -> Vec<Row> {
    let mut random = Random::new(0x5eed_0052);
    let mut row = |number: usize| Row {
        ms: START_MS + number as i64 / 3 * 1000,
        symbol: random.below(1000),
        cents: 500 + random.below(200_000),
        size: 1 + random.below(1000),
    };
    (0..MORSEL_ROWS_MAX).map(&mut row).collect()
}

fn schema(price: DataType, windowed: bool) -> Schema {
    let columns = [
        ("window_start", DataType::Timestamp),
        ("symbol", DataType::Varchar),
        ("price", price),
        ("size", DataType::BigInt),
    ];
    let field = |&(name, ty): &(&str, DataType)| Field {
        name: name.to_owned(),
        ty,
        nullable: true,
    };
    Schema {
        fields: columns[usize::from(!windowed)..]
            .iter()
            .map(field)
            .collect(),
    }
}

fn batch(rows: &[Row], price: DataType, windowed: bool) -> Batch {
    let schema = schema(price, windowed);
    let types: Vec<DataType> = schema.fields.iter().map(|field| field.ty).collect();
    let mut batch = Batch::new(&types);
    for row in rows {
        for (column, field) in batch.columns.iter_mut().zip(&schema.fields) {
            match (&mut column.data, field.name.as_str()) {
                (ColumnData::Text(texts), _) => {
                    texts.push(format!("SYM{:04}", row.symbol).as_bytes())
                }
                (ColumnData::F64(values), _) => values.push(row.cents as f64 / 100.0),
                (ColumnData::I64(values), "window_start") => values.push(row.ms * 1_000_000),
                // Four decimals.
                (ColumnData::I64(values), "price") => values.push(row.cents as i64 * 100),
                (ColumnData::I64(values), _) => values.push(row.size as i64),
                (data, name) => panic!("{name} in {data:?}"),
            }
        }
    }
    batch.rows = rows.len();
    batch.selection.all(rows.len());
    batch
}

/// The row as the standard library writes it.
fn line(row: &Row, price: DataType, windowed: bool, format: &str) -> String {
    let price = match price {
        // The shortest text that reads back as the same DOUBLE, always with a fraction.
        DataType::Double => format!("{:?}", row.cents as f64 / 100.0),
        _ => format!("{}.{:02}00", row.cents / 100, row.cents % 100),
    };
    let (ms, symbol, size) = (row.ms, row.symbol, row.size);
    let mut text = String::new();
    let written = match (format, windowed) {
        ("csv", true) => writeln!(text, "{ms},SYM{symbol:04},{price},{size}"),
        ("csv", false) => writeln!(text, "SYM{symbol:04},{price},{size}"),
        (_, true) => writeln!(
            text,
            "{{\"window_start\":\"{ms}\",\"symbol\":\"SYM{symbol:04}\",\"price\":{price},\"size\":{size}}}"
        ),
        (_, false) => writeln!(
            text,
            "{{\"symbol\":\"SYM{symbol:04}\",\"price\":{price},\"size\":{size}}}"
        ),
    };
    written.expect("memory");
    text
}

fn measure(
    name: &str,
    format: &SinkFormat,
    schema: &Schema,
    batch: &Batch,
    lines: &[String],
    passes: usize,
) {
    let mut encoder = encoder(format, schema, &ChangelogMode::Append);
    let mut out = Encoded::default();
    encoder.encode(batch, &mut out);
    assert_eq!(out.ends.len(), lines.len(), "{name}: rows");
    let mut start = 0;
    for (line, &end) in lines.iter().zip(&out.ends) {
        let written = std::str::from_utf8(&out.bytes[start..end as usize]);
        assert_eq!(written, Ok(line.as_str()), "{name}");
        start = end as usize;
    }
    let bytes = out.bytes.len();
    let mut best = f64::MAX;
    for _ in 0..passes {
        let start = Instant::now();
        for _ in 0..PASSES_TIMED {
            out.bytes.clear();
            out.ends.clear();
            encoder.encode(black_box(batch), &mut out);
        }
        best = best.min(start.elapsed().as_secs_f64() / PASSES_TIMED as f64);
    }
    assert_eq!(out.bytes.len(), bytes, "{name}: every pass writes the same");
    println!(
        "{name:<44} {:>6.1} M rows/s, {:>5.0} MB/s",
        lines.len() as f64 / best / 1e6,
        bytes as f64 / best / 1e6
    );
}
