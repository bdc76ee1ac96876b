//! Every query on top of every other, by other keys: the engine against the oracle.
//!
//! The inner query is a view `i` whose rows have a key `symbol`, a time `ts`, and the numbers `size` and `price`; the outer
//! one takes them by `price`. `SEED=7 cargo test --test oracle nest` runs all pairs over other records.

use crate::data::Table;
use crate::{Case, Verdict, check};
use velo_tpc::sim::{Random, SimOptions};

/// Names and texts of the queries that make `i`.
const INNER: &[(&str, &str)] = &[
    ("rows", "SELECT symbol, ts, size, price FROM t"),
    (
        "group",
        "SELECT symbol, SUM(size) AS size, MAX(price) AS price, MAX(ts) AS ts FROM t GROUP BY symbol",
    ),
    ("distinct", "SELECT DISTINCT symbol, ts, size, price FROM t"),
    (
        "tumble",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end",
    ),
    (
        "hop",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM HOP(TABLE t, DESCRIPTOR(ts), 1s, 2s) GROUP BY symbol, window_start, window_end",
    ),
    (
        "cumulate",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM CUMULATE(TABLE t, DESCRIPTOR(ts), 1s, 2s) GROUP BY symbol, window_start, window_end",
    ),
    (
        "session",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM SESSION(TABLE t PARTITION BY symbol, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end",
    ),
    (
        "days",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM t WINDOW TUMBLE (1h) AT TIME ZONE 'America/New_York' GROUP BY symbol",
    ),
    (
        "bars",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM BARS(TABLE t PARTITION BY symbol, DESCRIPTOR(ts), TICKS 2) GROUP BY symbol, window_start, window_end",
    ),
    (
        "fill",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end FILL(PREV)",
    ),
    (
        "fillhop",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM HOP(TABLE t, DESCRIPTOR(ts), 1s, 2s) GROUP BY symbol, window_start, window_end FILL(PREV)",
    ),
    (
        "over",
        "SELECT symbol, ts, SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 3 PRECEDING) AS size, price FROM t",
    ),
    (
        "overfinal",
        "SELECT symbol, ts, SUM(size) OVER (PARTITION BY symbol ORDER BY ts ROWS 3 PRECEDING) AS size, price FROM t EMIT FINAL",
    ),
    (
        "lead",
        "SELECT symbol, ts, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS size, price FROM t",
    ),
    (
        "leadfinal",
        "SELECT symbol, ts, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS size, price FROM t EMIT FINAL",
    ),
    (
        "rank",
        "SELECT symbol, ts, size, price, RANK() OVER (PARTITION BY symbol ORDER BY price DESC) AS r FROM t",
    ),
    (
        "topn",
        "SELECT symbol, ts, size, price FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY price DESC) <= 3",
    ),
    (
        "dedup",
        "SELECT symbol, ts, size, price FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY symbol ORDER BY ts) = 1",
    ),
    (
        "wtopn",
        "SELECT symbol, window_start, window_end, ts, size, price FROM (SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end) QUALIFY ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY size DESC) <= 2",
    ),
    (
        "limit",
        "SELECT symbol, ts, size, price FROM t ORDER BY price LIMIT 5",
    ),
    (
        "perwin",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end ORDER BY size LIMIT 2 PER WINDOW",
    ),
    (
        "union",
        "SELECT symbol, ts, size, price FROM t UNION ALL SELECT symbol, ts, size, price FROM t",
    ),
    (
        "unionbars",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM BARS(TABLE t PARTITION BY symbol, DESCRIPTOR(ts), TICKS 2) GROUP BY symbol, window_start, window_end UNION ALL SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM BARS(TABLE t PARTITION BY symbol, DESCRIPTOR(ts), TICKS 2) GROUP BY symbol, window_start, window_end",
    ),
    (
        "unionlead",
        "SELECT symbol, ts, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS size, price FROM t UNION ALL SELECT symbol, ts, size, price FROM t",
    ),
    (
        "unionwin",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY symbol, window_start, window_end UNION ALL SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM HOP(TABLE t, DESCRIPTOR(ts), 1s, 2s) GROUP BY symbol, window_start, window_end",
    ),
    (
        "unionall_distinct",
        "SELECT symbol, ts, size, price FROM t UNION SELECT symbol, ts, size, price FROM t",
    ),
    (
        "unnest",
        "SELECT symbol, ts, u.x AS size, price FROM t CROSS JOIN UNNEST(ARRAY[size, size+1]) AS u(x)",
    ),
    (
        "rollup",
        "SELECT symbol, window_start, window_end, window_time AS ts, SUM(size) AS size, MAX(price) AS price FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s) GROUP BY window_start, window_end, ROLLUP(symbol)",
    ),
    (
        "tvf",
        "SELECT symbol, ts, size, price, window_start, window_end FROM TUMBLE(TABLE t, DESCRIPTOR(ts), 1s)",
    ),
    (
        "except",
        "SELECT symbol, ts, size, price FROM t EXCEPT ALL SELECT symbol, ts, size, price FROM t WHERE size > 6",
    ),
    (
        "whole",
        "SELECT symbol, ts, SUM(size) OVER (PARTITION BY symbol) AS size, price FROM t",
    ),
];

/// Names and texts of the queries on top of `i`.
const OUTER: &[(&str, &str)] = &[
    (
        "group",
        "SELECT price, SUM(size), COUNT(*) FROM i GROUP BY price",
    ),
    ("keyless", "SELECT SUM(size), COUNT(*) FROM i"),
    (
        "rollup",
        "SELECT price, SUM(size), COUNT(*) FROM i GROUP BY ROLLUP(price)",
    ),
    ("distinct", "SELECT DISTINCT price FROM i"),
    (
        "tumble",
        "SELECT price, window_start, window_end, SUM(size) AS s, COUNT(*) AS n FROM TUMBLE(TABLE i, DESCRIPTOR(ts), 2s) GROUP BY price, window_start, window_end",
    ),
    (
        "hop",
        "SELECT price, window_start, window_end, SUM(size) AS s, COUNT(*) AS n FROM HOP(TABLE i, DESCRIPTOR(ts), 1s, 2s) GROUP BY price, window_start, window_end",
    ),
    (
        "cumulate",
        "SELECT price, window_start, window_end, SUM(size) AS s, COUNT(*) AS n FROM CUMULATE(TABLE i, DESCRIPTOR(ts), 1s, 2s) GROUP BY price, window_start, window_end",
    ),
    (
        "session",
        "SELECT price, window_start, window_end, SUM(size) AS s, COUNT(*) AS n FROM SESSION(TABLE i PARTITION BY price, DESCRIPTOR(ts), 1s) GROUP BY price, window_start, window_end",
    ),
    (
        "zone",
        "SELECT price, window_start, window_end, SUM(size), COUNT(*) FROM i WINDOW TUMBLE (1h) AT TIME ZONE 'America/New_York' GROUP BY price",
    ),
    (
        "bars",
        "SELECT price, window_start, window_end, SUM(size) AS s, COUNT(*) AS n FROM BARS(TABLE i PARTITION BY price, DESCRIPTOR(ts), TICKS 2) GROUP BY price, window_start, window_end",
    ),
    (
        "fill",
        "SELECT price, window_start, window_end, SUM(size) AS s FROM TUMBLE(TABLE i, DESCRIPTOR(ts), 1s) GROUP BY price, window_start, window_end FILL(PREV)",
    ),
    (
        "over",
        "SELECT price, SUM(size) OVER (PARTITION BY price ORDER BY ts ROWS 2 PRECEDING) FROM i",
    ),
    (
        "overfinal",
        "SELECT price, SUM(size) OVER (PARTITION BY price ORDER BY ts ROWS 2 PRECEDING) FROM i EMIT FINAL",
    ),
    (
        "overnone",
        "SELECT price, SUM(size) OVER (PARTITION BY price) FROM i",
    ),
    (
        "overall",
        "SELECT price, SUM(size) OVER (ORDER BY ts ROWS 2 PRECEDING) FROM i",
    ),
    (
        "range",
        "SELECT price, SUM(size) OVER (PARTITION BY price ORDER BY ts RANGE 1s PRECEDING) FROM i",
    ),
    (
        "lag",
        "SELECT price, LAG(size) OVER (PARTITION BY price ORDER BY ts) FROM i",
    ),
    (
        "lead",
        "SELECT price, LEAD(size) OVER (PARTITION BY price ORDER BY ts) FROM i",
    ),
    (
        "leadfinal",
        "SELECT price, LEAD(size) OVER (PARTITION BY price ORDER BY ts) FROM i EMIT FINAL",
    ),
    (
        "rank",
        "SELECT price, RANK() OVER (PARTITION BY price ORDER BY size) FROM i",
    ),
    (
        "rn",
        "SELECT price, ROW_NUMBER() OVER (PARTITION BY price ORDER BY ts) FROM i",
    ),
    (
        "topn",
        "SELECT price, size FROM i QUALIFY ROW_NUMBER() OVER (PARTITION BY price ORDER BY size DESC) <= 2",
    ),
    ("limit", "SELECT price, size FROM i ORDER BY size LIMIT 3"),
    (
        "first",
        "SELECT price, FIRST(size), LAST(size) FROM i GROUP BY price",
    ),
    (
        "union",
        "SELECT price, size FROM i UNION SELECT price, size FROM i",
    ),
    (
        "unnest",
        "SELECT price, u.x FROM i CROSS JOIN UNNEST(ARRAY[size, 1]) AS u(x)",
    ),
    (
        "intersect",
        "SELECT price, size FROM i INTERSECT SELECT price, size FROM i WHERE size < 6",
    ),
    (
        "latest",
        "SELECT DISTINCT ON (price) price, size FROM i ORDER BY price, ts DESC",
    ),
    (
        "near",
        "SELECT price, SUM(size) OVER (PARTITION BY price ORDER BY ts RANGE BETWEEN 1s PRECEDING AND 1s FOLLOWING) FROM i",
    ),
];

/// Names and texts of the queries on top of an `i` that has the bounds of a window.
const OVER_WINDOWS: &[(&str, &str)] = &[
    (
        "bounds",
        "SELECT window_start, window_end, COUNT(*), SUM(size) FROM i GROUP BY window_start, window_end",
    ),
    (
        "boundskey",
        "SELECT price, window_start, window_end, COUNT(*), SUM(size) FROM i GROUP BY price, window_start, window_end",
    ),
    (
        "end",
        "SELECT window_end, COUNT(*), SUM(size) FROM i GROUP BY window_end",
    ),
    (
        "start",
        "SELECT window_start, COUNT(*), SUM(size) FROM i GROUP BY window_start",
    ),
    (
        "wrank",
        "SELECT price, RANK() OVER (PARTITION BY window_start, window_end ORDER BY size) FROM i",
    ),
    (
        "wover",
        "SELECT price, SUM(size) OVER (PARTITION BY window_end ORDER BY ts ROWS 2 PRECEDING) FROM i",
    ),
    (
        "wlimit",
        "SELECT price, size FROM i ORDER BY size LIMIT 1 PER WINDOW",
    ),
    (
        "bounds2",
        "SELECT window_end, COUNT(*), SUM(s) FROM (SELECT price, window_start, window_end, SUM(size) AS s FROM i GROUP BY price, window_start, window_end) GROUP BY window_end",
    ),
    (
        "boundshop",
        "SELECT window_start, window_end, SUM(s) FROM HOP(TABLE (SELECT price, window_start, window_end, ts AS t, SUM(size) AS s FROM i GROUP BY price, window_start, window_end, ts), DESCRIPTOR(t), 1s, 2s) GROUP BY window_start, window_end",
    ),
    (
        "boundsfill",
        "SELECT price, window_start, window_end, SUM(size) FROM i GROUP BY price, window_start, window_end FILL(PREV)",
    ),
];

/// Pairs that are refused, of all queries where a name is empty, and what is said of them.
const REFUSED: &[(&str, &str, &str)] = &[
    ("", "zone", "no event time to take a window of"),
    ("session", "boundsfill", "none is missing"),
    ("bars", "boundsfill", "none is missing"),
    ("unionbars", "boundsfill", "none is missing"),
    ("unionwin", "boundsfill", "it needs a window"),
    ("unionwin", "wlimit", "without rows of a window"),
    (
        "tvf",
        "boundshop",
        "is not the event time of a window's rows",
    ),
];

/// Records with NULLs, equal times, and times that come late or out of order.
fn table(random: &mut Random) -> Table {
    let mut ms = 1_700_000_000_000_i64;
    let mut records = Vec::new();
    for _ in 0..20 + random.below(40) {
        ms += random.below(400) as i64;
        let behind = if random.one_in(12) { 4_000 } else { 700 };
        let ts = ms - random.below(behind) as i64;
        let mut or_null = |text: String| {
            if random.one_in(9) {
                String::new()
            } else {
                text
            }
        };
        let (symbol, price, size) = (
            or_null("x".into()),
            or_null("y".into()),
            or_null("z".into()),
        );
        let symbol = symbol.replace('x', &format!("S{}", random.below(4)));
        let price = price.replace('y', &format!("{}.5", random.below(5)));
        let size = size.replace('z', &random.below(9).to_string());
        records.push(format!("{ts},{symbol},{price},{size}\n").into_bytes());
    }
    Table {
        ddl: "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, \
              WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)\n  \
              WITH ('connector' = 'file', 'path' = 't.in', 'format' = 'csv', 'timestamp.format' = 'ms');\n"
            .into(),
        columns: Vec::new(),
        has_time: true,
        header: None,
        files: vec![records],
        pattern: "t.in".into(),
    }
}

fn case(seed: u64, inner: &str, outer: &str) -> Case {
    let mut random = Random::new(seed);
    let table = table(&mut random);
    let workers = |random: &mut Random| 1 + random.below(4) as usize;
    let first = SimOptions::full(seed, workers(&mut random));
    let second = SimOptions::tiny(seed, workers(&mut random));
    let runs = vec![first, second.rescaled(workers(&mut random))];
    Case {
        script: format!("{}CREATE VIEW i AS {inner};\n{outer};\n", table.ddl),
        tables: vec![table],
        ttl: crate::ttl(&mut random),
        runs,
    }
}

/// What is wrong with a pair: nothing when engine and oracle agree, or it is refused as it should be.
fn fault(seed: u64, inner: (&str, &str), outer: (&str, &str)) -> Option<String> {
    let names = format!("{}>{}", inner.0, outer.0);
    match check(&case(seed, inner.1, outer.1)) {
        Verdict::Agrees { .. } => None,
        Verdict::Refused(error) => {
            let is_it = |name: &str, of: &str| name.is_empty() || name == of;
            let mut refused = REFUSED.iter();
            let known = refused.any(|(below, above, message)| {
                is_it(below, inner.0) && is_it(above, outer.0) && error.contains(message)
            });
            (!known).then(|| format!("{names} is refused: {error}"))
        }
        Verdict::Differs(message) => Some(format!(
            "SEED={seed} {names} differs:\n{}\n{}\n{message}",
            inner.1, outer.1
        )),
    }
}

#[test]
fn every_query_stands_on_top_of_every_other() {
    let seed = crate::number("SEED").unwrap_or(1);
    let (mut number, mut faults) = (0, Vec::new());
    for inner in INNER {
        let windowed = match inner.1.contains("window_start") {
            true => OVER_WINDOWS,
            false => &[],
        };
        for outer in OUTER.iter().chain(windowed) {
            number += 1;
            faults.extend(fault(seed * 1_000 + number, *inner, *outer));
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {number}:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}
