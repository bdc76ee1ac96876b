//! Spoilt CSV, JSON and fixed-width records, byte by byte: no panic, one answer, and a ledger that sums.

mod common;

use common::{Folder, compile};
use std::time::{Duration, Instant};
use velo_tpc::sim::{Random, SimOptions, SimSource, run};

/// How long each input is tried, in a debug build on a busy machine.
const BUDGET: Duration = Duration::from_secs(2);
/// Bytes that mean something to one of the formats.
const SPECIAL: &[u8] = b",\"\n\r\\{}[]:;'-+.eE0123456789 \0\xff\xc3\xef\xbb\xbfNaNnull";

const CSV_SQL: &str = "
CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
  WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/part-1.csv', 'csv.header' = 'true',
      'on.error' = 'dead_letter', 'dead.letter.path' = '${OUT}/dead.txt');
CREATE SINK windows WITH ('connector' = 'file', 'path' = '${OUT}/w.csv', 'format' = 'csv');
INSERT INTO windows SELECT window_start, symbol, SUM(size) AS volume, VWAP(price, size) AS vwap, AVG(price / size) AS x
  FROM t GROUP BY symbol WINDOW TUMBLING(1s);
SELECT UPPER(symbol) AS s, price * size AS notional, side FROM t WHERE size > 100;";

const JSON_SQL: &str = "
CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, bid DECIMAL(10,2), q BIGINT, ask DOUBLE, live BOOLEAN, WATERMARK FOR ts AS ts)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/quotes.jsonl', 'timestamp.format' = 'ms',
  'json.path.ts' = 'data.t', 'json.path.symbol' = 'data.s', 'json.path.bid' = 'bid.p', 'json.path.q' = 'bid.q',
  'json.path.ask' = 'ask.p');
CREATE SINK groups WITH ('connector' = 'file', 'path' = '${OUT}/g.csv', 'format' = 'json');
INSERT INTO groups SELECT symbol, live, COUNT(*) AS n, SUM(bid) AS bid, MAX(ask) AS ask FROM t GROUP BY symbol, live;
SELECT ts, symbol, bid, q, ask, live FROM t;";

const BINARY_SQL: &str = "
CREATE TABLE t (flag BOOLEAN, i INT, n BIGINT, x DOUBLE, d DECIMAL(9,2), w DECIMAL(38,4), day DATE, at TIMESTAMP,
  code CHAR(4), name VARCHAR(20), WATERMARK FOR at AS at - INTERVAL '1' SECOND)
WITH ('connector' = 'file', 'path' = 'tests/queries/data/odd.bin', 'binary.nulls' = 'bitmap', 'timestamp.format' = 'ms',
  'on.error' = 'dead_letter', 'dead.letter.path' = '${OUT}/dead.bin');
CREATE SINK groups (code CHAR(4), name CHAR(12), n BIGINT, d DECIMAL(38,2), day DATE)
  WITH ('connector' = 'file', 'path' = '${OUT}/g.bin', 'binary.nulls' = 'bitmap');
INSERT INTO groups SELECT code, name, COUNT(*), SUM(d), MAX(day) FROM t GROUP BY code, name;
SELECT flag, i, n, x, d, w, day, at, code, name FROM t;";

/// Changes, doubles, drops or swaps some bytes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len() as u64) as usize;
        let special = SPECIAL[random.below(SPECIAL.len() as u64) as usize];
        match random.below(7) {
            0 => bytes[at] = special,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.insert(at, special),
            3 => {
                bytes.remove(at);
            }
            4 => bytes.truncate(at),
            5 => {
                let end = bytes.len().min(at + 1 + random.below(40) as usize);
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len() as u64) as usize;
                bytes.splice(to..to, copy);
            }
            _ => {
                let end = bytes.len().min(at + 1 + random.below(200) as usize);
                bytes.drain(at..end);
            }
        }
    }
}

/// Runs mutants of a query's input until the time is up.
fn mutants(name: &str, sql: &str, first_seed: u64) {
    let folder = Folder::new();
    let compiled = compile(name, sql, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let job = compiled.job.expect("a job");
    let original = velo_tpc::sim::inputs(&job).expect("its files");
    let start = Instant::now();
    let mut seed = first_seed;
    while start.elapsed() < BUDGET || seed < first_seed + 10 {
        let mut random = Random::new(seed);
        let mut file = original[0].files[0].clone();
        mutate(&mut file, &mut random);
        let sources = [SimSource::new(vec![file])];
        let workers = 1 + random.below(4) as usize;
        let shown = || {
            format!(
                "{name} seed {seed}: {:?}",
                String::from_utf8_lossy(&sources[0].files[0])
            )
        };
        let outcomes =
            [SimOptions::full(seed, 1), SimOptions::tiny(seed, workers)].map(|options| {
                run(&job, &sources, &options).unwrap_or_else(|error| panic!("{error}: {}", shown()))
            });
        for outcome in &outcomes {
            for counts in &outcome.ledgers {
                let sum = counts.used + counts.filtered + counts.late + counts.rejected_total();
                assert_eq!(counts.read, sum, "{counts:?} {}", shown());
                assert_eq!(counts.read, outcome.records, "{}", shown());
            }
        }
        assert_eq!(outcomes[0].ledgers, outcomes[1].ledgers, "{}", shown());
        for (one, many) in outcomes[0].sinks.iter().zip(&outcomes[1].sinks) {
            let (one, many) = (String::from_utf8_lossy(one), String::from_utf8_lossy(many));
            assert_eq!(one, many, "{}", shown());
        }
        seed += 1;
    }
}

#[test]
fn spoilt_csv_is_counted() {
    mutants("csv", CSV_SQL, 1);
}

#[test]
fn spoilt_binary_records_are_counted() {
    mutants("binary", BINARY_SQL, 2_000_000);
}

#[test]
fn spoilt_json_is_counted() {
    mutants("json", JSON_SQL, 1_000_000);
}
