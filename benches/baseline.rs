//! The yardstick: straightforward hand-written programs on one core, million rows a second.
//!
//! Each does the work of one benchmark query over a CSV file of trades (`velo-tpc gen trades`): find newlines and
//! commas with memchr, parse the fields, keep the answer in a hash map. Nothing is tuned: this is what one writes
//! in an afternoon, for one query, without SQL, watermarks, late data, error policy, ordering or a second core.
//!
//! | shape | work |
//! |---|---|
//! | S0 | `symbol, price, size WHERE size > 500` |
//! | S2 | COUNT, SUM(size), AVG, MIN, MAX(price) by symbol |
//! | S3a | the same by symbol and 1 s window, one window at a time of a file in time order |
//!
//! `cargo run --release --example baseline -- trades.csv [--shape S2] [--runs 5]` measures a file (or
//! `VELO_BENCH_FILE`) and prints one JSON line a run; without a file, or with `--small`, it takes a thousand rows
//! made in memory, as `cargo test` does. The answer over the first rows is compared with a slow program's, which
//! shares no parser and no table with the fast one, before anything is timed.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::io::Read;
use std::process::ExitCode;
use std::time::Instant;

/// Rows of the file's head on which the answer is checked.
const CHECKED_ROWS: usize = 100_000;
/// Bytes read at a time.
const BUFFER_BYTES: usize = 1 << 20;
const USAGE: &str = "usage: baseline [FILE] [--shape S0|S2|S3a] [--runs N] | --small";

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| arguments.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("baseline: {message}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    file: Option<String>,
    shapes: Vec<Shape>,
    runs: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    S0,
    S2,
    S3a,
}

impl Shape {
    const ALL: [Self; 3] = [Self::S0, Self::S2, Self::S3a];

    const fn name(self) -> &'static str {
        match self {
            Self::S0 => "S0",
            Self::S2 => "S2",
            Self::S3a => "S3a",
        }
    }
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut arguments = Self {
            file: std::env::var("VELO_BENCH_FILE").ok(),
            shapes: Shape::ALL.to_vec(),
            runs: 1,
        };
        let mut rest = std::env::args().skip(1);
        while let Some(text) = rest.next() {
            match text.as_str() {
                "--small" => arguments.file = None,
                "--shape" => {
                    let name = rest.next().ok_or(USAGE)?;
                    arguments
                        .shapes
                        .retain(|shape| shape.name().eq_ignore_ascii_case(&name));
                }
                "--runs" => {
                    let count = rest.next().and_then(|text| text.parse().ok());
                    arguments.runs = count.ok_or(USAGE)?;
                }
                _ if !text.starts_with('-') => arguments.file = Some(text),
                // What the test harness would take, such as --nocapture or --test-threads=1.
                _ => {}
            }
        }
        if arguments.shapes.is_empty() {
            return Err(USAGE.to_owned());
        }
        Ok(arguments)
    }

    fn run(&self) -> Result<(), String> {
        let Some(path) = &self.file else {
            let rows = small_file();
            verify(&rows)?;
            for shape in &self.shapes {
                measure(*shape, &mut &rows[..])?;
            }
            return Ok(());
        };
        let open = || std::fs::File::open(path).map_err(|cause| format!("{path}: {cause}"));
        verify(&head(open()?)?)?;
        for _ in 0..self.runs {
            for shape in &self.shapes {
                measure(*shape, &mut open()?)?;
            }
        }
        Ok(())
    }
}

/// The first whole rows of a file.
fn head(file: std::fs::File) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.take(CHECKED_ROWS as u64 * 34)
        .read_to_end(&mut bytes)
        .map_err(|cause| cause.to_string())?;
    let end = memchr::memrchr(b'\n', &bytes).map_or(0, |at| at + 1);
    bytes.truncate(end);
    Ok(bytes)
}

/// Times one run over the whole input and prints its line.
fn measure(shape: Shape, input: &mut dyn Read) -> Result<(), String> {
    let start = Instant::now();
    let (rows, out_rows) = match shape {
        Shape::S0 => {
            let mut job = Filter::default();
            let rows = for_each_row(input, |line| job.row(line))?;
            (rows, job.kept)
        }
        Shape::S2 => {
            let mut job = BySymbol::default();
            let rows = for_each_row(input, |line| job.row(line))?;
            let out_rows = job.groups.values().map(black_box).count();
            (rows, out_rows as u64)
        }
        Shape::S3a => {
            let mut job = ByWindow::default();
            let rows = for_each_row(input, |line| job.row(line))?;
            job.close();
            (rows, job.out_rows)
        }
    };
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{{\"program\":\"baseline\",\"shape\":\"{}\",\"rows\":{rows},\"out_rows\":{out_rows},\"seconds\":{seconds:.4},\"rows_per_second\":{:.0}}}",
        shape.name(),
        rows as f64 / seconds
    );
    Ok(())
}

/// Calls `row` with each line after the header, without its newline; the number of lines.
fn for_each_row(
    input: &mut dyn Read,
    mut row: impl FnMut(&[u8]) -> Option<()>,
) -> Result<u64, String> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut filled, mut rows, mut header) = (0, 0_u64, true);
    loop {
        let read = input
            .read(&mut buffer[filled..])
            .map_err(|cause| cause.to_string())?;
        let end = filled + read;
        let mut start = 0;
        for newline in memchr::memchr_iter(b'\n', &buffer[..end]) {
            let line = &buffer[start..newline];
            start = newline + 1;
            if std::mem::take(&mut header) {
                continue;
            }
            row(line).ok_or_else(|| bad_row(line))?;
            rows += 1;
        }
        if read == 0 {
            if start < end {
                row(&buffer[start..end]).ok_or_else(|| bad_row(&buffer[start..end]))?;
                rows += 1;
            }
            return Ok(rows);
        }
        buffer.copy_within(start..end, 0);
        filled = end - start;
        if filled == buffer.len() {
            return Err("a row is longer than the buffer".to_owned());
        }
    }
}

fn bad_row(line: &[u8]) -> String {
    format!("not a trade: {}", String::from_utf8_lossy(line))
}

/// The fields of `ts,symbol,price,size,side` that some shape reads, not parsed yet.
struct Trade<'a> {
    ts_ms: &'a [u8],
    symbol: &'a [u8],
    price: &'a [u8],
    size: &'a [u8],
}

impl<'a> Trade<'a> {
    fn split(line: &'a [u8]) -> Option<Self> {
        let mut commas = memchr::memchr_iter(b',', line);
        let (first, second) = (commas.next()?, commas.next()?);
        let (third, fourth) = (commas.next()?, commas.next()?);
        Some(Self {
            ts_ms: &line[..first],
            symbol: &line[first + 1..second],
            price: &line[second + 1..third],
            size: &line[third + 1..fourth],
        })
    }

    fn price(&self) -> Option<f64> {
        fast_float2::parse(self.price).ok()
    }

    fn size(&self) -> Option<i64> {
        integer(self.size)
    }
}

/// Up to 18 digits.
fn integer(digits: &[u8]) -> Option<i64> {
    let mut value = 0_i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    (1..=18).contains(&digits.len()).then_some(value)
}

#[derive(Default)]
struct Filter {
    kept: u64,
    price_sum: f64,
    size_sum: i64,
}

impl Filter {
    fn row(&mut self, line: &[u8]) -> Option<()> {
        let trade = Trade::split(line)?;
        let size = trade.size()?;
        if size > 500 {
            self.kept += 1;
            self.price_sum += trade.price()?;
            self.size_sum += size;
            black_box(trade.symbol);
        }
        Some(())
    }
}

/// COUNT, SUM(size), SUM(price), MIN(price), MAX(price).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Group {
    count: u64,
    size: i64,
    price: f64,
    low: f64,
    high: f64,
}

impl Group {
    const EMPTY: Self = Self {
        count: 0,
        size: 0,
        price: 0.0,
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
    };

    fn add(&mut self, price: f64, size: i64) {
        self.count += 1;
        self.size += size;
        self.price += price;
        self.low = self.low.min(price);
        self.high = self.high.max(price);
    }
}

type Hashed = BuildHasherDefault<Multiply>;

#[derive(Default)]
struct BySymbol {
    groups: hashbrown::HashMap<Box<[u8]>, Group, Hashed>,
}

impl BySymbol {
    fn row(&mut self, line: &[u8]) -> Option<()> {
        let trade = Trade::split(line)?;
        let group = self.groups.entry_ref(trade.symbol);
        group
            .or_insert(Group::EMPTY)
            .add(trade.price()?, trade.size()?);
        Some(())
    }
}

/// One window at a time: the file is in time order.
#[derive(Default)]
struct ByWindow {
    /// Symbols by their number, so that clearing a window frees no keys.
    symbols: hashbrown::HashMap<Box<[u8]>, u32, Hashed>,
    second: i64,
    groups: HashMap<u32, Group, Hashed>,
    out_rows: u64,
    /// Results by second and symbol, where somebody wants to see them.
    kept: Option<BTreeMap<(i64, u32), Group>>,
}

impl ByWindow {
    fn row(&mut self, line: &[u8]) -> Option<()> {
        let trade = Trade::split(line)?;
        let second = integer(trade.ts_ms)? / 1000;
        if second != self.second {
            self.close();
            self.second = second;
        }
        let next = self.symbols.len() as u32;
        let symbol = *self.symbols.entry_ref(trade.symbol).or_insert(next);
        let group = self.groups.entry(symbol).or_insert(Group::EMPTY);
        group.add(trade.price()?, trade.size()?);
        Some(())
    }

    fn close(&mut self) {
        for (symbol, group) in self.groups.drain() {
            self.out_rows += 1;
            match &mut self.kept {
                Some(kept) => drop(kept.insert((self.second, symbol), group)),
                None => {
                    black_box(group);
                }
            }
        }
    }
}

/// A multiplicative hash of eight bytes at a time.
#[derive(Default)]
struct Multiply(u64);

impl Multiply {
    fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for Multiply {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.word(u64::from(value));
    }

    fn write_i64(&mut self, value: i64) {
        self.word(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A thousand rows that repeat exactly: 8 symbols, 1 ms apart, sizes 1 to 1000.
fn small_file() -> Vec<u8> {
    let mut text = String::from("ts,symbol,price,size,side\n");
    for row in 0..1000_u64 {
        let size = row * 7919 % 1000 + 1;
        let (symbol, ts) = (row % 8, 1_735_689_600_500 + row);
        let (whole, cents) = (50 + row % 13, row % 100);
        text.push_str(&format!(
            "{ts},SYM{symbol:04},{whole}.{cents:02},{size},B\n"
        ));
    }
    text.into_bytes()
}

/// Compares the answers over `file` with those of the slow programs.
fn verify(file: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(file).map_err(|cause| cause.to_string())?;
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    if rows.is_empty() {
        return Err("the file has no rows".to_owned());
    }
    let number = |text: &str| {
        text.parse::<f64>()
            .map_err(|cause| format!("{text}: {cause}"))
    };
    let (mut kept, mut kept_price, mut kept_size) = (0_u64, 0.0, 0_i64);
    let mut slow: BTreeMap<(Option<i64>, &str), Group> = BTreeMap::new();
    for row in &rows {
        let &[ts, symbol, price, size, _] = &row[..] else {
            return Err(format!("not a trade: {}", row.join(",")));
        };
        let (price, size) = (number(price)?, number(size)? as i64);
        if size > 500 {
            kept += 1;
            kept_price += price;
            kept_size += size;
        }
        let second = number(&ts[..ts.len() - 3])? as i64;
        for key in [(None, symbol), (Some(second), symbol)] {
            let group = slow.entry(key).or_insert(Group::EMPTY);
            *group = Group {
                count: group.count + 1,
                size: group.size + size,
                price: group.price + price,
                low: if price < group.low { price } else { group.low },
                high: if price > group.high {
                    price
                } else {
                    group.high
                },
            };
        }
    }
    let mut filter = Filter::default();
    for_each_row(&mut &file[..], |line| filter.row(line))?;
    if (filter.kept, filter.price_sum, filter.size_sum) != (kept, kept_price, kept_size) {
        return Err(format!("S0 is wrong: {} kept, not {kept}", filter.kept));
    }
    verify_groups(file, &slow)
}

fn verify_groups(file: &[u8], slow: &BTreeMap<(Option<i64>, &str), Group>) -> Result<(), String> {
    let (mut by_symbol, mut by_window) = (BySymbol::default(), ByWindow::default());
    by_window.kept = Some(BTreeMap::new());
    for_each_row(&mut &file[..], |line| by_symbol.row(line))?;
    for_each_row(&mut &file[..], |line| by_window.row(line))?;
    by_window.close();
    let windows = by_window.kept.unwrap_or_default();
    if by_window.out_rows != windows.len() as u64 {
        return Err("the file is not in time order".to_owned());
    }
    let fast = by_symbol.groups.len() + windows.len();
    if fast != slow.len() {
        return Err(format!("{fast} groups, not {}", slow.len()));
    }
    for ((second, symbol), slow) in slow {
        let fast = match second {
            None => by_symbol.groups.get(symbol.as_bytes()),
            Some(second) => {
                let number = by_window.symbols.get(symbol.as_bytes());
                number.and_then(|number| windows.get(&(*second, *number)))
            }
        };
        if fast != Some(slow) {
            return Err(format!(
                "group {second:?} {symbol} is {fast:?}, not {slow:?}"
            ));
        }
    }
    Ok(())
}
