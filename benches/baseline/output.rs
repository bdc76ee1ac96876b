//! Where result rows go: counted, printed, or kept for the check.

use std::hint::black_box;
use std::io::Write;

/// Bytes of CSV held before they are dropped or written.
const BUFFER_BYTES: usize = 1 << 16;

/// COUNT, SUM(size), SUM(price), MIN(price), MAX(price).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Rows.
    pub count: u64,
    /// Sum of sizes.
    pub size: i64,
    /// Sum of prices.
    pub price: f64,
    /// Least price.
    pub low: f64,
    /// Greatest price.
    pub high: f64,
}

impl Group {
    /// Of no rows.
    pub const EMPTY: Self = Self {
        count: 0,
        size: 0,
        price: 0.0,
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
    };

    /// Takes in a row.
    pub fn add(&mut self, price: f64, size: i64) {
        self.count += 1;
        self.size += size;
        self.price += price;
        self.low = self.low.min(price);
        self.high = self.high.max(price);
    }

    /// AVG(price).
    pub fn average(&self) -> f64 {
        self.price / self.count as f64
    }
}

/// One result row.
pub enum ResultRow<'a> {
    /// A trade as it is.
    Trade(&'a [u8], f64, i64),
    /// A group, of a window that starts at this millisecond or of all time.
    Group(Option<i64>, &'a [u8], &'a Group),
    /// A group of the window that starts at this millisecond, without its extremes.
    Means(i64, &'a [u8], &'a Group),
    /// The last rows of a symbol.
    Frame(&'a [u8], &'a Group),
    /// A price, that before it, and how many there were.
    Place(&'a [u8], f64, Option<f64>, u64),
    /// A whole number of a symbol.
    Whole(&'a [u8], u64),
    /// A number of a symbol.
    Number(&'a [u8], f64),
}

/// Takes result rows.
pub trait Results {
    /// Takes one.
    fn put(&mut self, row: ResultRow<'_>);
}

/// Drops rows and counts them.
#[derive(Default)]
pub struct Count {
    rows: u64,
}

impl Count {
    /// Rows taken.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Results for Count {
    fn put(&mut self, row: ResultRow<'_>) {
        self.rows += 1;
        black_box(row);
    }
}

/// Writes CSV.
pub struct Print<W> {
    buffer: Vec<u8>,
    out: W,
    failure: Option<std::io::Error>,
}

impl<W: Write> Print<W> {
    /// Rows go to `out`.
    pub fn new(out: W) -> Self {
        Self {
            buffer: Vec::with_capacity(2 * BUFFER_BYTES),
            out,
            failure: None,
        }
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), String> {
        self.flush();
        self.failure.map_or(Ok(()), |cause| Err(cause.to_string()))
    }

    fn flush(&mut self) {
        if let Err(cause) = self.out.write_all(&self.buffer) {
            self.failure.get_or_insert(cause);
        }
        self.buffer.clear();
    }
}

impl<W: Write> Results for Print<W> {
    fn put(&mut self, row: ResultRow<'_>) {
        write_csv(&mut self.buffer, &row);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush();
        }
    }
}

/// Appends a row as CSV: the columns of `benches/queries`, a window's start in milliseconds.
pub fn write_csv(out: &mut Vec<u8>, row: &ResultRow<'_>) {
    match row {
        ResultRow::Trade(symbol, price, size) => {
            out.extend_from_slice(symbol);
            float(out, *price);
            whole(out, *size);
        }
        ResultRow::Group(window_ms, symbol, group) => {
            if let Some(start) = window_ms {
                out.extend_from_slice(itoa::Buffer::new().format(*start).as_bytes());
                out.push(b',');
            }
            out.extend_from_slice(symbol);
            whole(out, group.count as i64);
            whole(out, group.size);
            float(out, group.average());
            float(out, group.low);
            float(out, group.high);
        }
        ResultRow::Means(start_ms, symbol, group) => {
            out.extend_from_slice(itoa::Buffer::new().format(*start_ms).as_bytes());
            out.push(b',');
            out.extend_from_slice(symbol);
            whole(out, group.count as i64);
            whole(out, group.size);
            float(out, group.average());
        }
        ResultRow::Frame(symbol, group) => {
            out.extend_from_slice(symbol);
            float(out, group.average());
            whole(out, group.size);
            float(out, group.low);
            float(out, group.high);
        }
        ResultRow::Place(symbol, price, before, number) => {
            out.extend_from_slice(symbol);
            float(out, *price);
            match before {
                Some(before) => float(out, *before),
                None => out.push(b','),
            }
            whole(out, *number as i64);
        }
        ResultRow::Whole(symbol, number) => {
            out.extend_from_slice(symbol);
            whole(out, *number as i64);
        }
        ResultRow::Number(symbol, number) => {
            out.extend_from_slice(symbol);
            float(out, *number);
        }
    }
    out.push(b'\n');
}

fn whole(out: &mut Vec<u8>, value: i64) {
    out.push(b',');
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn float(out: &mut Vec<u8>, value: f64) {
    out.push(b',');
    out.extend_from_slice(zmij::Buffer::new().format(value).as_bytes());
}
