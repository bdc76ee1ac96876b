//! The five benchmark scenarios: how many rows each must give for 100,000 records, and every row of a smaller
//! run against values computed here from the data sets' formulas.

mod common;

use common::{Folder, compile, run_sql};
use std::collections::BTreeMap;
use std::fmt::Write;
use velo_tpc::sim::{SimOptions, run};

const ORDERS: &str = "
CREATE TABLE orders (order_id BIGINT, customer_id BIGINT, order_date TIMESTAMP, total_amount DECIMAL(18,2))
WITH ('connector' = 'generator', 'kind' = 'orders', 'rows' = '{rows}');";
const MARKET: &str = "
CREATE TABLE market_data (
  symbol VARCHAR, price DECIMAL(18,2), quantity BIGINT, trader_id VARCHAR, timestamp TIMESTAMP, trade_time TIMESTAMP,
  WATERMARK FOR {time} AS {time} - INTERVAL '1' SECOND
) WITH ('connector' = 'generator', 'kind' = 'market_data', 'symbols' = '{symbols}', 'rows' = '{rows}', 'start' = '1970-01-01');";

/// A scenario and its answer.
struct Scenario {
    name: &'static str,
    table: &'static str,
    time: &'static str,
    symbols: u64,
    query: &'static str,
    /// Rows for 100,000 records.
    rows: u64,
    /// The lines for `n` records.
    lines: fn(u64) -> Vec<String>,
}

const SCENARIOS: [Scenario; 5] = [
    Scenario {
        name: "V0",
        table: ORDERS,
        time: "",
        symbols: 0,
        query: "SELECT order_id, customer_id, order_date, total_amount FROM orders WHERE total_amount > 100",
        rows: 100_000,
        lines: orders,
    },
    Scenario {
        name: "V1",
        table: MARKET,
        time: "timestamp",
        symbols: 10,
        query: "SELECT symbol, price,
                  AVG(price) OVER (ROWS WINDOW BUFFER 100 ROWS PARTITION BY symbol ORDER BY timestamp) AS moving_avg,
                  MIN(price) OVER (ROWS WINDOW BUFFER 100 ROWS PARTITION BY symbol ORDER BY timestamp) AS low,
                  MAX(price) OVER (ROWS WINDOW BUFFER 100 ROWS PARTITION BY symbol ORDER BY timestamp) AS high
                FROM market_data",
        rows: 100_000,
        lines: moving,
    },
    Scenario {
        name: "V2",
        table: MARKET,
        time: "timestamp",
        symbols: 200,
        query: "SELECT symbol, COUNT(*), AVG(price), MIN(price), MAX(price), SUM(quantity) FROM market_data GROUP BY symbol",
        rows: 200,
        lines: grouped,
    },
    Scenario {
        name: "V3a",
        table: MARKET,
        time: "trade_time",
        symbols: 100,
        query: "SELECT trader_id, symbol, COUNT(*), AVG(price), SUM(quantity), SUM(price * quantity)
                FROM market_data GROUP BY trader_id, symbol WINDOW TUMBLING(trade_time, INTERVAL '1' MINUTE)",
        rows: 100_000,
        lines: windows,
    },
    Scenario {
        name: "V3b",
        table: MARKET,
        time: "trade_time",
        symbols: 100,
        query: "SELECT trader_id, symbol, COUNT(*), AVG(price), SUM(quantity), SUM(price * quantity)
                FROM market_data GROUP BY trader_id, symbol WINDOW TUMBLING(trade_time, INTERVAL '1' MINUTE) EMIT CHANGES",
        rows: 100_000,
        lines: windows,
    },
];

impl Scenario {
    fn sql(&self, rows: u64, sink: &str) -> String {
        let table = self.table.replace("{time}", self.time);
        let table = table.replace("{symbols}", &self.symbols.to_string());
        let table = table.replace("{rows}", &rows.to_string());
        format!("{table}\n{sink}{}", self.query)
    }
}

fn orders(n: u64) -> Vec<String> {
    let line = |i| {
        let (customer, amount) = (i % 1000, 150 + i % 100);
        format!("{i},{customer},2025-01-01 00:00:00,{amount}.00")
    };
    (0..n).map(line).collect()
}

/// A mean of whole prices with 6 digits, rounded half up.
fn mean(sum: u64, count: u64) -> String {
    let millionths = (sum * 2_000_000 + count) / (2 * count);
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

fn moving(n: u64) -> Vec<String> {
    let mut prices: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut lines = Vec::new();
    for i in 0..n {
        let (symbol, price) = (i % 10, 100 + i % 50);
        let all = prices.entry(symbol).or_default();
        all.push(price);
        let frame = &all[all.len().saturating_sub(100)..];
        let mean = mean(frame.iter().sum(), frame.len() as u64);
        let (low, high) = (frame.iter().min(), frame.iter().max());
        let (low, high) = (low.expect("a row"), high.expect("a row"));
        lines.push(format!("SYM{symbol},{price}.00,{mean},{low}.00,{high}.00"));
    }
    lines
}

fn grouped(n: u64) -> Vec<String> {
    let group = |symbol: u64| {
        let rows = || (symbol..n).step_by(200);
        let price = |i: u64| 100 + i % 100;
        let count = rows().count() as u64;
        let mean = mean(rows().map(price).sum(), count);
        let low = rows().map(price).min().expect("a row");
        let high = rows().map(price).max().expect("a row");
        let quantity: u64 = rows().map(|i| i % 1000).sum();
        format!("SYM{symbol},{count},{mean},{low}.00,{high}.00,{quantity}")
    };
    (0..200.min(n)).map(group).collect()
}

/// A minute holds 60 of the 100 pairs of trader and symbol: every group has one row.
fn windows(n: u64) -> Vec<String> {
    let line = |i| {
        let (trader, symbol, price, quantity) = (i % 50, i % 100, 100 + i % 100, i % 1000);
        let notional = price * quantity;
        format!("T{trader},SYM{symbol},1,{price}.000000,{quantity},{notional}.00")
    };
    (0..n).map(line).collect()
}

#[test]
fn a_hundred_thousand_records_give_the_known_number_of_rows() {
    for scenario in &SCENARIOS {
        for workers in ["1", "2"] {
            let folder = Folder::new();
            let sink = "CREATE SINK out WITH ('connector' = 'blackhole', 'format' = 'csv');
                        INSERT INTO out ";
            let mut sql = scenario.sql(100_000, sink);
            if scenario.name == "V2" {
                sql.push_str(" EMIT FINAL");
            }
            let run = run_sql(&sql, &["--workers", workers], folder.path());
            assert_eq!(run.code, Some(0), "{}: {}", scenario.name, run.stderr);
            let report = run.report();
            let statement = &report["statements"][0];
            let found =
                ["read", "used", "emitted", "late", "rejected"].map(|it| statement[it].as_u64());
            let wanted = [100_000, 100_000, scenario.rows, 0, 0].map(Some);
            assert_eq!(found, wanted, "{} with {workers} workers", scenario.name);
        }
    }
}

#[test]
fn every_row_of_a_smaller_run_is_right() {
    for scenario in &SCENARIOS {
        let records = 1_500;
        let folder = Folder::new();
        let sql = scenario.sql(records, "");
        let compiled =
            compile(scenario.name, &sql, folder.path()).unwrap_or_else(|it| panic!("{it}"));
        let job = compiled.job.expect("a job");
        let sources = velo_tpc::sim::inputs(&job).expect("its files");
        let shapes = [
            SimOptions::full(1, 1),
            SimOptions::tiny(2, 4),
            SimOptions::tiny(3, 3).rescaled(2),
        ];
        for shape in shapes {
            let outcome = run(&job, &sources, &shape).unwrap_or_else(|error| panic!("{error}"));
            let text = String::from_utf8(outcome.sinks[0].clone()).expect("UTF-8");
            let mut lines = text.lines().skip(1);
            let mut differences = String::new();
            for (number, wanted) in (scenario.lines)(records).iter().enumerate() {
                let found = lines.next();
                if found != Some(wanted) {
                    let _ = write!(differences, "row {number} is {found:?}, not {wanted:?}");
                    break;
                }
            }
            assert_eq!(differences, "", "{} {shape:?}", scenario.name);
            assert_eq!(
                lines.next(),
                None,
                "{} {shape:?}: too many rows",
                scenario.name
            );
        }
    }
}
