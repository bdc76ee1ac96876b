//! The programs, one struct a shape.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::io::Read;

use super::input::{Format, Trade, for_each_trade};
use super::output::{Group, ResultRow, Results, write_csv};

/// Rows of an S1 frame.
pub const FRAME_ROWS: usize = 100;
/// Seconds of a hopping window.
pub const HOP_SECONDS: i64 = 10;
/// Longest pause within a session.
pub const GAP_MS: i64 = 2_000;
/// How far from the least to the greatest price the percentile lies, by number.
pub const PERCENTILE: f64 = 0.99;
/// Bytes of S0csv's buffer before it is dropped.
const BUFFER_BYTES: usize = 1 << 16;

/// A benchmark query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Filter and project.
    S0,
    /// S0 written as CSV.
    S0Csv,
    /// The last hundred rows of the symbol.
    S1,
    /// The price before and the number of the row, by symbol.
    LagRowNumber,
    /// By symbol.
    S2,
    /// By symbol and second, once.
    S3a,
    /// By symbol and second, each change.
    S3b,
    /// By symbol and ten seconds, every second.
    Hop,
    /// By symbol and session.
    Session,
    /// Distinct prices by symbol.
    CountDistinct,
    /// The median price by symbol.
    Median,
    /// The 99th percentile of the price by symbol: exact, where the engine may be 1 % off.
    Percentile,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 12] = [
        Self::S0,
        Self::S0Csv,
        Self::S1,
        Self::LagRowNumber,
        Self::S2,
        Self::S3a,
        Self::S3b,
        Self::Hop,
        Self::Session,
        Self::CountDistinct,
        Self::Median,
        Self::Percentile,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::S0 => "S0",
            Self::S0Csv => "S0csv",
            Self::S1 => "S1",
            Self::LagRowNumber => "LagRowNumber",
            Self::S2 => "S2",
            Self::S3a => "S3a",
            Self::S3b => "S3b",
            Self::Hop => "hop",
            Self::Session => "session",
            Self::CountDistinct => "CountDistinct",
            Self::Median => "median",
            Self::Percentile => "percentile",
        }
    }

    /// Runs it over the whole input; the rows read.
    pub fn run(
        self,
        format: Format,
        input: &mut dyn Read,
        results: &mut impl Results,
    ) -> Result<u64, String> {
        match self {
            Self::S0 => for_each_trade(format, input, |trade| filter(trade, results)),
            Self::S0Csv => {
                let mut csv = Vec::with_capacity(2 * BUFFER_BYTES);
                for_each_trade(format, input, |trade| filter_to(&mut csv, trade, results))
            }
            Self::S1 => {
                let mut job = Last::default();
                for_each_trade(format, input, |trade| job.row(trade, results))
            }
            Self::LagRowNumber => {
                let mut job = Before::default();
                for_each_trade(format, input, |trade| job.row(trade, results))
            }
            Self::S2 => {
                let mut job = BySymbol::default();
                let rows = for_each_trade(format, input, |trade| job.row(trade))?;
                for (symbol, group) in &job.groups {
                    results.put(ResultRow::Group(None, symbol, group));
                }
                Ok(rows)
            }
            Self::S3a => {
                let mut job = ByWindow::default();
                let rows =
                    for_each_trade(format, input, |trade| job.row(trade, results).map(|_| ()))?;
                job.close(results);
                Ok(rows)
            }
            Self::S3b => {
                let mut job = ByWindow::default();
                for_each_trade(format, input, |trade| job.row_and_change(trade, results))
            }
            Self::Hop => {
                let mut job = ByHop::default();
                let rows = for_each_trade(format, input, |trade| job.row(trade, results))?;
                job.close_before(i64::MAX, results);
                Ok(rows)
            }
            Self::Session => {
                let mut job = BySession::default();
                let rows = for_each_trade(format, input, |trade| job.row(trade, results))?;
                job.close(results);
                Ok(rows)
            }
            Self::CountDistinct => {
                let mut prices: ByName<HashSet<u64, Hashed>> = ByName::default();
                let rows = for_each_trade(format, input, |trade| {
                    let price = trade.price()?.to_bits();
                    prices.entry_ref(trade.symbol).or_default().insert(price);
                    Some(())
                })?;
                for (symbol, prices) in &prices {
                    results.put(ResultRow::Whole(symbol, prices.len() as u64));
                }
                Ok(rows)
            }
            Self::Median => at_rank(format, input, results, median),
            Self::Percentile => at_rank(format, input, results, |prices| {
                let rank = (prices.len() - 1) as f64 * PERCENTILE;
                nth(prices, rank as usize)
            }),
        }
    }
}

/// What is known of each symbol.
type ByName<T> = hashbrown::HashMap<Box<[u8]>, T, Hashed>;

/// Keeps the prices of each symbol and asks `value` of them.
fn at_rank(
    format: Format,
    input: &mut dyn Read,
    results: &mut impl Results,
    value: impl Fn(&mut [f64]) -> f64,
) -> Result<u64, String> {
    let mut prices: ByName<Vec<f64>> = ByName::default();
    let rows = for_each_trade(format, input, |trade| {
        let price = trade.price()?;
        prices.entry_ref(trade.symbol).or_default().push(price);
        Some(())
    })?;
    for (symbol, prices) in &mut prices {
        results.put(ResultRow::Number(symbol, value(prices)));
    }
    Ok(rows)
}

/// The price at a place of the sorted prices.
fn nth(prices: &mut [f64], at: usize) -> f64 {
    *prices.select_nth_unstable_by(at, f64::total_cmp).1
}

/// The price in the middle, between two of them where their number is even.
fn median(prices: &mut [f64]) -> f64 {
    let middle = prices.len() / 2;
    let upper = nth(prices, middle);
    match prices.len() % 2 {
        1 => upper,
        _ => {
            let below = prices[..middle].iter().copied();
            (below.fold(f64::NEG_INFINITY, f64::max) + upper) / 2.0
        }
    }
}

fn filter(trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
    let size = trade.size()?;
    if size > 500 {
        results.put(ResultRow::Trade(trade.symbol, trade.price()?, size));
    }
    Some(())
}

fn filter_to(csv: &mut Vec<u8>, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
    let size = trade.size()?;
    if size > 500 {
        let row = ResultRow::Trade(trade.symbol, trade.price()?, size);
        write_csv(csv, &row);
        results.put(row);
        if csv.len() >= BUFFER_BYTES {
            black_box(&csv);
            csv.clear();
        }
    }
    Some(())
}

type Hashed = BuildHasherDefault<Multiply>;

#[derive(Default)]
struct BySymbol {
    groups: hashbrown::HashMap<Box<[u8]>, Group, Hashed>,
}

impl BySymbol {
    fn row(&mut self, trade: Trade<'_>) -> Option<()> {
        let group = self.groups.entry_ref(trade.symbol);
        let group = group.or_insert(Group::EMPTY);
        group.add(trade.price()?, trade.size()?);
        Some(())
    }
}

/// Symbols by their number, so that clearing a window frees no keys.
#[derive(Default)]
struct Symbols {
    numbers: hashbrown::HashMap<Box<[u8]>, u32, Hashed>,
    names: Vec<Box<[u8]>>,
}

impl Symbols {
    fn number(&mut self, symbol: &[u8]) -> u32 {
        let Self { numbers, names } = self;
        *numbers.entry_ref(symbol).or_insert_with(|| {
            names.push(symbol.into());
            names.len() as u32 - 1
        })
    }
}

/// One window at a time: the file is in time order.
#[derive(Default)]
struct ByWindow {
    symbols: Symbols,
    second: i64,
    groups: HashMap<u32, Group, Hashed>,
}

impl ByWindow {
    /// Takes in a row; its group.
    fn row(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<&Group> {
        let second = trade.ts_ms()? / 1000;
        if second != self.second {
            self.close(results);
            self.second = second;
        }
        let symbol = self.symbols.number(trade.symbol);
        let group = self.groups.entry(symbol).or_insert(Group::EMPTY);
        group.add(trade.price()?, trade.size()?);
        Some(group)
    }

    fn row_and_change(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
        let start_ms = trade.ts_ms()? / 1000 * 1000;
        let group = *self.row(trade, &mut Nowhere)?;
        results.put(ResultRow::Group(Some(start_ms), trade.symbol, &group));
        Some(())
    }

    fn close(&mut self, results: &mut impl Results) {
        for (symbol, group) in self.groups.drain() {
            let name = &self.symbols.names[symbol as usize];
            results.put(ResultRow::Group(Some(self.second * 1000), name, &group));
        }
    }
}

/// The windows that the current second lies in, each with its groups: a row goes into all of them.
#[derive(Default)]
struct ByHop {
    symbols: Symbols,
    /// By rising start, without holes.
    open: VecDeque<(i64, HashMap<u32, Group, Hashed>)>,
}

impl ByHop {
    fn row(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
        let second = trade.ts_ms()?.div_euclid(1000);
        let newest = self.open.back().map(|window| window.0);
        if newest != Some(second) {
            self.close_before(second + 1, results);
            let from = newest.map_or(i64::MIN, |start| start + 1);
            for start in from.max(second + 1 - HOP_SECONDS)..=second {
                self.open.push_back((start, HashMap::default()));
            }
        }
        let symbol = self.symbols.number(trade.symbol);
        let (price, size) = (trade.price()?, trade.size()?);
        for (_, groups) in &mut self.open {
            let group = groups.entry(symbol).or_insert(Group::EMPTY);
            group.add(price, size);
        }
        Some(())
    }

    /// Emits the windows that end before this second does.
    fn close_before(&mut self, second: i64, results: &mut impl Results) {
        while let Some((start, groups)) = self
            .open
            .pop_front_if(|window| window.0 + HOP_SECONDS < second)
        {
            for (symbol, group) in groups {
                let name = &self.symbols.names[symbol as usize];
                results.put(ResultRow::Means(start * 1000, name, &group));
            }
        }
    }
}

/// The session that is open of each symbol.
#[derive(Default)]
struct BySession {
    /// (first, last, group).
    open: hashbrown::HashMap<Box<[u8]>, (i64, i64, Group), Hashed>,
}

impl BySession {
    fn row(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
        let ts_ms = trade.ts_ms()?;
        let session = self.open.entry_ref(trade.symbol);
        let session = session.or_insert((ts_ms, ts_ms, Group::EMPTY));
        if ts_ms - session.1 > GAP_MS {
            results.put(ResultRow::Means(session.0, trade.symbol, &session.2));
            *session = (ts_ms, ts_ms, Group::EMPTY);
        }
        session.1 = ts_ms;
        session.2.add(trade.price()?, trade.size()?);
        Some(())
    }

    fn close(&self, results: &mut impl Results) {
        for (symbol, (first, _, group)) in &self.open {
            results.put(ResultRow::Means(*first, symbol, group));
        }
    }
}

/// Takes the closed windows of S3b, whose changes are out already.
struct Nowhere;

impl Results for Nowhere {
    fn put(&mut self, _: ResultRow<'_>) {}
}

/// The price and the number of each symbol's last row.
#[derive(Default)]
struct Before {
    groups: hashbrown::HashMap<Box<[u8]>, (Option<f64>, u64), Hashed>,
}

impl Before {
    fn row(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
        let (before, number) = self.groups.entry_ref(trade.symbol).or_default();
        let price = trade.price()?;
        *number += 1;
        results.put(ResultRow::Place(trade.symbol, price, *before, *number));
        *before = Some(price);
        Some(())
    }
}

/// The last rows of each symbol.
#[derive(Default)]
struct Last {
    symbols: Symbols,
    frames: Vec<Frame>,
}

/// Running sums, and for the least and the greatest price a queue of those that can still become it.
#[derive(Default)]
struct Frame {
    rows: VecDeque<(f64, i64)>,
    first: u64,
    price: f64,
    size: i64,
    low: VecDeque<(u64, f64)>,
    high: VecDeque<(u64, f64)>,
}

impl Last {
    fn row(&mut self, trade: Trade<'_>, results: &mut impl Results) -> Option<()> {
        let symbol = self.symbols.number(trade.symbol) as usize;
        if symbol == self.frames.len() {
            self.frames.push(Frame::default());
        }
        let group = self.frames[symbol].add(trade.price()?, trade.size()?);
        results.put(ResultRow::Frame(trade.symbol, &group));
        Some(())
    }
}

impl Frame {
    fn add(&mut self, price: f64, size: i64) -> Group {
        if self.rows.len() == FRAME_ROWS
            && let Some((price, size)) = self.rows.pop_front()
        {
            self.price -= price;
            self.size -= size;
            self.first += 1;
        }
        let number = self.first + self.rows.len() as u64;
        self.rows.push_back((price, size));
        self.price += price;
        self.size += size;
        Group {
            count: self.rows.len() as u64,
            size: self.size,
            price: self.price,
            low: extreme(&mut self.low, self.first, number, price, |old| old >= price),
            high: extreme(&mut self.high, self.first, number, price, |old| {
                old <= price
            }),
        }
    }
}

/// Enters a price behind those that it does not beat; the front is the extreme of the frame.
fn extreme(
    queue: &mut VecDeque<(u64, f64)>,
    first: u64,
    number: u64,
    price: f64,
    beaten: impl Fn(f64) -> bool,
) -> f64 {
    while queue.back().is_some_and(|&(_, old)| beaten(old)) {
        queue.pop_back();
    }
    queue.push_back((number, price));
    while queue.front().is_some_and(|&(at, _)| at < first) {
        queue.pop_front();
    }
    queue.front().map_or(price, |&(_, old)| old)
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

    fn write_usize(&mut self, value: usize) {
        self.word(value as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
