//! Rows made by a seed: equal plans give equal bytes, on any machine and however they are asked for.
//!
//! [`RowMaker`] is pure and writes CSV or JSON lines, or trades as binary records; [`GeneratorReader`] makes a
//! source of it. Timestamps are epoch milliseconds (nanoseconds in binary records); the source writes CSV without a header, fields in the order of
//! [`RowMaker::columns`].

mod random;
mod reader;
mod scenario;
#[cfg(test)]
mod tests;
mod trades;
mod write;

pub use reader::GeneratorReader;
pub use write::ROW_BYTES_MAX;

use crate::plan::{GeneratorKind, GeneratorPlan};
use scenario::{MarketData, Numbers, Orders};
use trades::Trades;
use write::RowWriter;

/// Distinct symbols at most: their names and prices stay below 1 GiB.
pub const SYMBOLS_MAX: u32 = 1 << 24;

const NS_PER_MS: i64 = 1_000_000;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowFormat {
    /// CSV, no quotes needed.
    Csv,
    /// One JSON object a line.
    Json,
    /// Trades as fixed-width records of 33 bytes: `ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT,
    /// side CHAR(1)`.
    Binary,
}

/// Symbols whose names CHAR(8) holds: SYM0000 to SYM99999.
const BINARY_SYMBOLS_MAX: u32 = 100_000;

/// What one call of [`RowMaker::fill`] made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Bytes written.
    pub bytes: usize,
    /// Whole rows they hold.
    pub rows: u64,
}

/// Makes the rows of a [`GeneratorPlan`].
#[derive(Debug)]
pub struct RowMaker {
    // Fixed at construction.
    format: RowFormat,
    // State.
    rows: Rows,
    left: u64,
}

#[derive(Debug)]
enum Rows {
    Trades(Trades),
    Orders(Orders),
    MarketData(MarketData),
    Numbers(Numbers),
}

impl RowMaker {
    /// A maker at the plan's first row. The plan's rate is not its concern.
    ///
    /// # Errors
    /// What of the plan cannot be done.
    pub fn new(plan: &GeneratorPlan, format: RowFormat) -> Result<Self, String> {
        if !(1..=SYMBOLS_MAX).contains(&plan.symbols) {
            return Err(format!(
                "{} symbols asked for, 1 to {SYMBOLS_MAX} can be made",
                plan.symbols
            ));
        }
        if format == RowFormat::Binary && plan.kind != GeneratorKind::Trades {
            return Err("only trades are made as binary records".to_owned());
        }
        if format == RowFormat::Binary && plan.symbols > BINARY_SYMBOLS_MAX {
            return Err(format!(
                "{} symbols asked for, binary records have room for the names of {BINARY_SYMBOLS_MAX}",
                plan.symbols
            ));
        }
        if plan.disorder_ns < 0 || plan.disorder_ns % NS_PER_MS != 0 {
            return Err("the disorder must be whole milliseconds, 0 or more".to_owned());
        }
        if plan.kind == GeneratorKind::Orders && plan.disorder_ns > 0 {
            return Err("orders all have the same date, so they cannot be disordered".to_owned());
        }
        let start_ms = plan.start_ns.div_euclid(NS_PER_MS);
        let disorder_ms = (plan.disorder_ns / NS_PER_MS) as u64;
        let rows = match plan.kind {
            GeneratorKind::Trades => {
                Rows::Trades(Trades::new(plan.seed, plan.symbols, start_ms, disorder_ms))
            }
            GeneratorKind::Orders => Rows::Orders(Orders::new(start_ms)),
            GeneratorKind::MarketData => Rows::MarketData(MarketData::new(
                plan.seed,
                plan.symbols,
                start_ms,
                disorder_ms,
            )),
            GeneratorKind::Numbers => Rows::Numbers(Numbers::default()),
        };
        Ok(Self {
            format,
            rows,
            left: plan.rows.unwrap_or(u64::MAX),
        })
    }

    /// Names of a kind's fields, in order.
    pub const fn columns(kind: GeneratorKind) -> &'static [&'static str] {
        match kind {
            GeneratorKind::Trades => &["ts", "symbol", "price", "size", "side"],
            GeneratorKind::Orders => &["order_id", "customer_id", "order_date", "total_amount"],
            GeneratorKind::MarketData => &[
                "symbol",
                "price",
                "quantity",
                "trader_id",
                "timestamp",
                "trade_time",
            ],
            GeneratorKind::Numbers => &["number"],
        }
    }

    /// Whether every row has been made.
    pub fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Writes whole rows, `rows_max` at most, while `out` has room for [`ROW_BYTES_MAX`] more bytes.
    pub fn fill(&mut self, out: &mut [u8], rows_max: u64) -> Made {
        let rows = rows_max.min(self.left);
        let made = match (&mut self.rows, self.format) {
            (Rows::Trades(it), RowFormat::Csv) => fill_with(out, rows, |row| it.csv(row)),
            (Rows::Trades(it), RowFormat::Json) => fill_with(out, rows, |row| it.json(row)),
            (Rows::Trades(it), RowFormat::Binary) => fill_with(out, rows, |row| it.binary(row)),
            (_, RowFormat::Binary) => unreachable!("refused when the maker was made"),
            (Rows::Orders(it), RowFormat::Csv) => fill_with(out, rows, |row| it.csv(row)),
            (Rows::Orders(it), RowFormat::Json) => fill_with(out, rows, |row| it.json(row)),
            (Rows::MarketData(it), RowFormat::Csv) => fill_with(out, rows, |row| it.csv(row)),
            (Rows::MarketData(it), RowFormat::Json) => fill_with(out, rows, |row| it.json(row)),
            (Rows::Numbers(it), RowFormat::Csv) => fill_with(out, rows, |row| it.csv(row)),
            (Rows::Numbers(it), RowFormat::Json) => fill_with(out, rows, |row| it.json(row)),
        };
        self.left -= made.rows;
        made
    }
}

#[inline(always)]
fn fill_with(out: &mut [u8], rows: u64, mut write: impl FnMut(&mut RowWriter<'_>)) -> Made {
    let mut made = Made::default();
    while made.rows < rows {
        let Some(window) = out[made.bytes..].first_chunk_mut() else {
            break;
        };
        let mut row = RowWriter::new(window);
        write(&mut row);
        made.bytes += row.len();
        made.rows += 1;
    }
    made
}
