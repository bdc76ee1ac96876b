//! `orders`, `market_data` and `numbers`: every field is a function of the row's number `i`.
//!
//! | table | columns |
//! |---|---|
//! | numbers | number = i |
//! | orders | order_id = i, customer_id = i % 1000, order_date = start, total_amount = 150 + i % 100 |
//! | market_data | symbol = SYM(i % s), price = 100 + i % min(100, 5 s), quantity = i % 1000, trader_id = T(i % 50), timestamp = start + 1000 i, trade_time = start + 1,000,000 + 1000 i |
//!
//! `s` is the number of symbols; times are in milliseconds. With 10 symbols the price has the period 50 of
//! the moving-average scenario, with 100 and 200 the period 100 of the grouping and window scenarios.

use super::random::Random;
use super::write::RowWriter;

/// State of the orders table.
#[derive(Debug)]
pub struct Orders {
    next: u64,
    date_ms: i64,
}

impl Orders {
    /// Orders of the day `date_ms`.
    pub fn new(date_ms: i64) -> Self {
        Self { next: 0, date_ms }
    }

    #[inline(always)]
    fn step(&mut self) -> (i64, u32, u32) {
        let i = self.next;
        self.next += 1;
        (i as i64, (i % 1000) as u32, 150 + (i % 100) as u32)
    }

    /// Writes the next row as CSV.
    #[inline(always)]
    pub fn csv(&mut self, out: &mut RowWriter<'_>) {
        let (order, customer, amount) = self.step();
        out.integer(order);
        out.text(b",");
        out.small(customer);
        out.text(b",");
        out.integer(self.date_ms);
        out.text(b",");
        out.small(amount);
        out.text(b"\n");
    }

    /// Writes the next row as a JSON line.
    #[inline(always)]
    pub fn json(&mut self, out: &mut RowWriter<'_>) {
        let (order, customer, amount) = self.step();
        out.text(b"{\"order_id\":");
        out.integer(order);
        out.text(b",\"customer_id\":");
        out.small(customer);
        out.text(b",\"order_date\":");
        out.integer(self.date_ms);
        out.text(b",\"total_amount\":");
        out.small(amount);
        out.text(b"}\n");
    }
}

/// State of the table of numbers.
#[derive(Debug, Default)]
pub struct Numbers {
    next: i64,
}

impl Numbers {
    fn step(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// Writes the next row as CSV.
    pub fn csv(&mut self, out: &mut RowWriter<'_>) {
        out.integer(self.step());
        out.text(b"\n");
    }

    /// Writes the next row as a JSON line.
    pub fn json(&mut self, out: &mut RowWriter<'_>) {
        out.text(b"{\"number\":");
        out.integer(self.step());
        out.text(b"}\n");
    }
}

/// State of the market data table.
#[derive(Debug)]
pub struct MarketData {
    // Fixed at construction.
    symbols: u32,
    price_period: u32,
    start_ms: i64,
    disorder_ms: u64,
    // State.
    next: u64,
    random: Random,
}

struct Row {
    symbol: u32,
    price: u32,
    quantity: u32,
    trader: u32,
    timestamp_ms: i64,
    trade_time_ms: i64,
}

impl MarketData {
    /// The table over `symbols` symbols; the seed decides the disorder alone.
    pub fn new(seed: u64, symbols: u32, start_ms: i64, disorder_ms: u64) -> Self {
        Self {
            symbols,
            price_period: symbols.saturating_mul(5).min(100),
            start_ms,
            disorder_ms,
            next: 0,
            random: Random::new(seed),
        }
    }

    #[inline(always)]
    fn row(&mut self) -> Row {
        let i = self.next;
        self.next += 1;
        let displacement = if self.disorder_ms == 0 {
            0
        } else {
            self.random.below(self.disorder_ms + 1) as i64
        };
        let timestamp_ms = self
            .start_ms
            .wrapping_add((i as i64).wrapping_mul(1000))
            .wrapping_sub(displacement);
        Row {
            symbol: (i % u64::from(self.symbols)) as u32,
            price: 100 + (i % u64::from(self.price_period)) as u32,
            quantity: (i % 1000) as u32,
            trader: (i % 50) as u32,
            timestamp_ms,
            trade_time_ms: timestamp_ms.wrapping_add(1_000_000),
        }
    }

    /// Writes the next row as CSV.
    #[inline(always)]
    pub fn csv(&mut self, out: &mut RowWriter<'_>) {
        let row = self.row();
        out.text(b"SYM");
        out.small(row.symbol);
        out.text(b",");
        out.small(row.price);
        out.text(b",");
        out.small(row.quantity);
        out.text(b",T");
        out.small(row.trader);
        out.text(b",");
        out.integer(row.timestamp_ms);
        out.text(b",");
        out.integer(row.trade_time_ms);
        out.text(b"\n");
    }

    /// Writes the next row as a JSON line.
    #[inline(always)]
    pub fn json(&mut self, out: &mut RowWriter<'_>) {
        let row = self.row();
        out.text(b"{\"symbol\":\"SYM");
        out.small(row.symbol);
        out.text(b"\",\"price\":");
        out.small(row.price);
        out.text(b",\"quantity\":");
        out.small(row.quantity);
        out.text(b",\"trader_id\":\"T");
        out.small(row.trader);
        out.text(b"\",\"timestamp\":");
        out.integer(row.timestamp_ms);
        out.text(b",\"trade_time\":");
        out.integer(row.trade_time_ms);
        out.text(b"}\n");
    }
}
