//! The answers once more, by slow programs that share no parser and no table with the fast ones.

use std::collections::BTreeMap;

use super::input::{Format, RECORD_BYTES};
use super::output::{Group, ResultRow, Results};
use super::shapes::{FRAME_ROWS, GAP_MS, HOP_SECONDS, PERCENTILE, Shape};

/// How far a DOUBLE may be off, relative to it: running sums round.
const TOLERANCE: f64 = 1e-9;

struct Row {
    ts_ms: i64,
    symbol: String,
    price: f64,
    size: i64,
}

/// A result row that can be sorted and compared.
#[derive(Clone, Debug)]
struct Kept {
    window_ms: Option<i64>,
    symbol: String,
    numbers: [f64; 5],
}

impl Kept {
    fn new(window_ms: Option<i64>, symbol: &str, group: &Group) -> Self {
        let numbers = [
            group.count as f64,
            group.size as f64,
            group.average(),
            group.low,
            group.high,
        ];
        Self {
            window_ms,
            symbol: symbol.to_owned(),
            numbers,
        }
    }

    fn place(symbol: &str, price: f64, before: Option<f64>, number: u64) -> Self {
        // No price is negative.
        let before = before.unwrap_or(-1.0);
        Self {
            window_ms: None,
            symbol: symbol.to_owned(),
            numbers: [number as f64, price, before, 0.0, 0.0],
        }
    }

    fn number(symbol: &str, number: f64) -> Self {
        Self {
            window_ms: None,
            symbol: symbol.to_owned(),
            numbers: [number, 0.0, 0.0, 0.0, 0.0],
        }
    }

    fn is(&self, other: &Self) -> bool {
        let near = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= TOLERANCE * b.abs();
        (self.window_ms, &self.symbol) == (other.window_ms, &other.symbol)
            && self.numbers.iter().zip(&other.numbers).all(near)
    }
}

/// Keeps every row.
#[derive(Default)]
struct Keep(Vec<Kept>);

impl Results for Keep {
    fn put(&mut self, row: ResultRow<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.0.push(match row {
            ResultRow::Trade(symbol, price, size) => {
                Kept::new(None, &text(symbol), &of(price, size))
            }
            ResultRow::Group(window_ms, symbol, group) => {
                Kept::new(window_ms, &text(symbol), group)
            }
            ResultRow::Means(window_ms, symbol, group) => {
                Kept::new(Some(window_ms), &text(symbol), group)
            }
            ResultRow::Frame(symbol, group) => Kept::new(None, &text(symbol), group),
            ResultRow::Place(symbol, price, before, number) => {
                Kept::place(&text(symbol), price, before, number)
            }
            ResultRow::Whole(symbol, number) => Kept::number(&text(symbol), number as f64),
            ResultRow::Number(symbol, number) => Kept::number(&text(symbol), number),
        });
    }
}

fn of(price: f64, size: i64) -> Group {
    let mut group = Group::EMPTY;
    group.add(price, size);
    group
}

/// Compares the answer of `shape` over `file` with the slow program's, row by row.
pub fn check(file: &[u8], format: Format, shape: Shape) -> Result<(), String> {
    let rows = rows(file, format)?;
    if rows.is_empty() {
        return Err("the file has no rows".to_owned());
    }
    let mut fast = Keep::default();
    let read = shape.run(format, &mut &file[..], &mut fast)?;
    let mut fast = fast.0;
    let mut slow = answer(&rows, shape);
    if is_unordered(shape) {
        // Groups come in the order of a hash table.
        for rows in [&mut fast, &mut slow] {
            rows.sort_by(|a, b| (a.window_ms, &a.symbol).cmp(&(b.window_ms, &b.symbol)));
        }
    }
    let name = shape.name();
    if (read, fast.len()) != (rows.len() as u64, slow.len()) {
        return Err(format!(
            "{name}: {} rows out of {read}, not {} out of {}",
            fast.len(),
            slow.len(),
            rows.len()
        ));
    }
    match fast.iter().zip(&slow).find(|(fast, slow)| !fast.is(slow)) {
        Some((fast, slow)) => Err(format!("{name}: {fast:?}, not {slow:?}")),
        None => Ok(()),
    }
}

fn rows(file: &[u8], format: Format) -> Result<Vec<Row>, String> {
    let text = || std::str::from_utf8(file).map_err(|cause| cause.to_string());
    let rows: Option<Vec<Row>> = match format {
        Format::Csv => text()?.lines().skip(1).map(csv_row).collect(),
        Format::Json => text()?.lines().map(json_row).collect(),
        Format::Binary => file.chunks(RECORD_BYTES).map(record_row).collect(),
    };
    rows.ok_or("a row is not a trade".to_owned())
}

fn csv_row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split(',').collect();
    let &[ts, symbol, price, size, _] = &fields[..] else {
        return None;
    };
    Some(Row {
        ts_ms: ts.parse().ok()?,
        symbol: symbol.to_owned(),
        price: price.parse().ok()?,
        size: size.parse().ok()?,
    })
}

fn json_row(line: &str) -> Option<Row> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    Some(Row {
        ts_ms: value["ts"].as_i64()?,
        symbol: value["symbol"].as_str()?.to_owned(),
        price: value["price"].as_f64()?,
        size: value["size"].as_i64()?,
    })
}

fn record_row(record: &[u8]) -> Option<Row> {
    let number = |at: usize| {
        let bytes = record.get(at..at + 8)?.iter().rev();
        Some(bytes.fold(0, |sum, &byte| sum << 8 | i64::from(byte)))
    };
    let symbol = std::str::from_utf8(record.get(8..16)?).ok()?;
    Some(Row {
        ts_ms: number(0)? / 1_000_000,
        symbol: symbol.trim_end_matches('\0').to_owned(),
        price: format!("{}e-2", number(16)?).parse().ok()?,
        size: number(24)?,
    })
}

/// Whether groups come in the order of a hash table.
fn is_unordered(shape: Shape) -> bool {
    matches!(shape, Shape::S2 | Shape::S3a | Shape::Hop | Shape::Session) || is_of_prices(shape)
}

/// Whether it is a number made of all prices of a symbol.
fn is_of_prices(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::CountDistinct | Shape::Median | Shape::Percentile
    )
}

/// The number that `shape` makes of the prices of a symbol.
fn of_prices(shape: Shape, mut prices: Vec<f64>) -> f64 {
    prices.sort_by(f64::total_cmp);
    let count = prices.len();
    match shape {
        Shape::CountDistinct => {
            prices.dedup();
            prices.len() as f64
        }
        Shape::Median => (prices[(count - 1) / 2] + prices[count / 2]) / 2.0,
        _ => {
            let before = |at: &usize| *at as f64 <= (count - 1) as f64 * PERCENTILE;
            prices[(0..count).rev().find(before).unwrap_or(0)]
        }
    }
}

fn answer(rows: &[Row], shape: Shape) -> Vec<Kept> {
    let mut groups: BTreeMap<(Option<i64>, &str), Group> = BTreeMap::new();
    let mut histories: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    let mut out = Vec::new();
    if is_of_prices(shape) {
        let mut prices: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for row in rows {
            prices.entry(&row.symbol).or_default().push(row.price);
        }
        let all = prices.into_iter();
        return all
            .map(|(symbol, prices)| Kept::number(symbol, of_prices(shape, prices)))
            .collect();
    }
    for row in rows {
        let symbol = row.symbol.as_str();
        let starts = match shape {
            Shape::Hop => {
                let second = row.ts_ms.div_euclid(1000);
                (second + 1 - HOP_SECONDS..second).collect()
            }
            _ => Vec::new(),
        };
        for start in starts {
            let key = (Some(start * 1000), symbol);
            let group = groups.entry(key).or_insert(Group::EMPTY);
            group.add(row.price, row.size);
        }
        let window_ms = match shape {
            Shape::Session => {
                let history = histories.entry(symbol).or_default();
                history.push(row);
                let pairs = history.windows(2).rev();
                let breaks = |pair: &&[&Row]| pair[1].ts_ms - pair[0].ts_ms > GAP_MS;
                let begun = pairs.clone().find(breaks).map(|pair| pair[1].ts_ms);
                Some(begun.unwrap_or(history[0].ts_ms))
            }
            Shape::S3a | Shape::S3b | Shape::Hop => Some(row.ts_ms.div_euclid(1000) * 1000),
            _ => None,
        };
        let group = groups.entry((window_ms, symbol)).or_insert(Group::EMPTY);
        group.add(row.price, row.size);
        match shape {
            Shape::S0 | Shape::S0Csv if row.size > 500 => {
                out.push(Kept::new(None, symbol, &of(row.price, row.size)));
            }
            Shape::S3b => out.push(Kept::new(window_ms, symbol, group)),
            Shape::LagRowNumber => {
                let history = histories.entry(symbol).or_default();
                let before = history.last().map(|row| row.price);
                history.push(row);
                out.push(Kept::place(symbol, row.price, before, history.len() as u64));
            }
            Shape::S1 => {
                let history = histories.entry(symbol).or_default();
                history.push(row);
                let mut frame = Group::EMPTY;
                for row in &history[history.len().saturating_sub(FRAME_ROWS)..] {
                    frame.add(row.price, row.size);
                }
                out.push(Kept::new(None, symbol, &frame));
            }
            _ => {}
        }
    }
    if is_unordered(shape) {
        let all = groups.iter();
        out.extend(all.map(|(&(window, symbol), group)| Kept::new(window, symbol, group)));
    }
    out
}
