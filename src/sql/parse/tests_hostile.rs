//! Texts made to hurt: none may panic, hang or overflow the stack of a test's thread in a debug build.

use std::time::{Duration, Instant};

use super::tests::run;
use crate::limits::{SQL_BYTES_MAX, SQL_DEPTH_MAX, SQL_EXPRESSION_DEPTH_MAX};

/// What a debug build on a busy machine may take; a release build takes a small part of it.
const PATIENCE: Duration = Duration::from_secs(4);

/// Parses and drops on a thread of 2 MiB; whether it was accepted.
fn survives(what: &str, sql: String) -> bool {
    let start = Instant::now();
    let parsed = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || {
            let script = run(&sql);
            let accepted = script.is_ok();
            drop(script.clone());
            drop(script);
            accepted
        })
        .expect("a thread")
        .join();
    let took = start.elapsed();
    assert!(took < PATIENCE, "{what} took {took:?}");
    parsed.unwrap_or_else(|_| panic!("{what} panicked"))
}

fn select(expr: &str) -> String {
    format!("SELECT {expr} FROM t WHERE {expr}")
}

/// `unit` over and over, as long as a text can be.
fn flood(before: &str, unit: &str, after: &str) -> String {
    let room = SQL_BYTES_MAX - before.len() - after.len();
    format!("{before}{}{after}", unit.repeat(room / unit.len()))
}

#[test]
fn floods_are_refused() {
    for (before, unit, after) in [
        ("SELECT ", "(", ""),
        ("SELECT 1", "+1", " FROM t"),
        ("SELECT 1", " AND 1", " FROM t"),
        ("SELECT a", "::int", " FROM t"),
        ("SELECT a", " IS NULL", " FROM t"),
        ("SELECT a", " NOT BETWEEN 1 AND 2", " FROM t"),
        ("SELECT a", " IS DISTINCT FROM b", " FROM t"),
        ("SELECT ", "NOT ", "a FROM t"),
        ("SELECT ", "- ", "a FROM t"),
        ("SELECT ", "CASE ", "FROM t"),
        ("SELECT ", "case-", "c FROM t"),
        ("SELECT ", "CASE WHEN end THEN ", "1 FROM t"),
        ("SELECT ", "INTERVAL ", "'1' FROM t"),
        ("SELECT a", "[1]", " FROM t"),
        ("SELECT a::int", "[]", " FROM t"),
        ("SELECT a", " COLLATE x", " FROM t"),
        ("SELECT a", "+where", " FROM t"),
        ("SELECT a", " AT TIME ZONE 'x'", " FROM t"),
        ("SELECT CAST(a AS ", "ARRAY<", "INT FROM t"),
        ("", "SELECT 1 FROM (", ""),
        ("", "WITH a AS (", ""),
        ("", "EXPLAIN ", "SELECT 1 FROM t"),
        ("SELECT ", "a,", "a FROM t"),
        ("SELECT E'\\'' ", "+1", " FROM t"),
        ("SELECT a FROM ", "TABLE(", ""),
        ("SELECT a FROM ", "TUMBLE(", ""),
        ("SELECT 1 FROM t ", "UNION SELECT 1 FROM t ", ""),
    ] {
        let sql = flood(before, unit, after);
        assert!(!survives(unit, sql), "{before}{unit}.. was accepted");
    }
    let long = " ".repeat(SQL_BYTES_MAX + 1);
    assert!(run(&long).is_err());
}

#[test]
fn wide_texts_are_accepted() {
    for (what, sql) in [
        (
            "columns",
            format!("SELECT {} FROM t", vec!["a.b + 1 AS c"; 4096].join(", ")),
        ),
        (
            "list",
            format!(
                "SELECT a FROM t WHERE a IN ({})",
                vec!["'x'"; 20_000].join(", ")
            ),
        ),
        ("statements", "SELECT 1 FROM t;".repeat(500)),
        (
            "or",
            format!("SELECT a FROM t WHERE {}", vec!["a = 1"; 4000].join(" OR ")),
        ),
        (
            "and",
            format!(
                "SELECT a FROM t WHERE NOT ({})",
                vec!["a = 1 OR b = 2"; 2000].join(" AND ")
            ),
        ),
        (
            "ddl",
            format!(
                "CREATE TABLE t ({}) WITH (a='b')",
                vec!["c INT NOT NULL"; 4096].join(", ")
            ),
        ),
        (
            "cases",
            format!(
                "SELECT CASE {} END FROM t",
                "WHEN a = 1 AND b = 2 THEN c + 1 ".repeat(1000)
            ),
        ),
        ("comments", "-- x\n".repeat(20_000)),
    ] {
        assert!(survives(what, sql), "{what} was refused");
    }
}

#[test]
fn the_limits_are_where_they_are_said_to_be() {
    let nested = |depth: usize| select(&format!("{}a{}", "(".repeat(depth), ")".repeat(depth)));
    assert!(survives("deep", nested(SQL_DEPTH_MAX)));
    assert!(!survives("deeper", nested(SQL_DEPTH_MAX + 1)));
    let chain = |terms: usize| select(&vec!["a"; terms].join(" + "));
    assert!(survives("long", chain(SQL_EXPRESSION_DEPTH_MAX)));
    assert!(!survives("longer", chain(SQL_EXPRESSION_DEPTH_MAX + 2)));
    // The unbalanced chain is dropped here, as deep as chains may be.
    let broken = |end: &str| format!("SELECT a FROM t WHERE {}{end}", "a AND ".repeat(9_990));
    assert!(survives("a long AND", broken("a")));
    assert!(!survives("a long AND without an end", broken("")));
    assert!(!survives("a long AND with a wrong end", broken("(a +)")));
    let subqueries = |depth: usize| {
        format!(
            "{}SELECT 1 FROM t{}",
            "SELECT * FROM (".repeat(depth),
            ")".repeat(depth)
        )
    };
    assert!(survives("subqueries", subqueries(SQL_DEPTH_MAX)));
    assert!(!survives("more subqueries", subqueries(SQL_DEPTH_MAX + 1)));
}

/// Patterns on which backtracking parsers take time exponential in the depth.
#[test]
fn nesting_up_to_the_limit_is_fast() {
    let depth = SQL_DEPTH_MAX - 1;
    for (open, close) in [
        ("(", ")"),
        ("f(", ")"),
        ("IF(", ")"),
        ("CAST(", " AS INT)"),
        ("TRY_CAST(", " AS INT)"),
        ("EXTRACT(HOUR FROM ", ")"),
        ("POSITION(", " IN b)"),
        ("SUBSTRING(", " FROM 1)"),
        ("TRIM(", ")"),
        ("CEIL(", ")"),
        ("FLOOR(", ")"),
        ("CASE WHEN ", " THEN 1 END"),
        ("current_time(", ")"),
        ("a IN (", ")"),
        ("a OR b AND c = d + e * (", ")"),
        ("f(x => ", ")"),
        ("array[", "]"),
        ("[", "]"),
        ("a[", "]"),
        ("date(", ")"),
        ("struct(", ")"),
        ("interval(", ")"),
        ("map(", ")"),
        ("convert(", ")"),
        ("overlay(", ")"),
        ("exists(", ")"),
        ("sum(", ") OVER (ORDER BY a)"),
        ("DECIMAL(", ")"),
        ("not(", ")"),
        ("case-", ""),
        ("-", ""),
        ("a.f(", ")"),
        ("(a, ", ")"),
        ("count(DISTINCT ", ")"),
    ] {
        for end in ["a", "a b", "1 +"] {
            let whole = format!("{}{end}{}", open.repeat(depth), close.repeat(depth));
            survives(&format!("{open}{end}{close}"), select(&whole));
            survives(
                &format!("{open}{end}"),
                select(&format!("{}{end}", open.repeat(depth))),
            );
        }
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

const VALID: &[&str] = &[
    "SELECT symbol, count(*) AS n FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, symbol HAVING n > 1 EMIT FINAL",
    "SELECT avg(p) OVER (ROWS WINDOW BUFFER 10 ROWS PARTITION BY k ORDER BY ts) a, t.* FROM t WHERE a BETWEEN 1 AND 2 LIMIT 5",
    "CREATE TABLE t (ts TIMESTAMP(9) NOT NULL, a AS b::INT, PRIMARY KEY (a), WATERMARK FOR ts AS ts - 1s) WITH ('a' = '${DATA}', b.c = 1)",
    "WITH a AS (SELECT CASE WHEN x IS NOT NULL THEN -1 ELSE 2.5 END y FROM 'x.csv') SELECT DISTINCT * FROM (SELECT y FROM a) SAMPLE BY 1m LATE DATA ALLOW 5s",
    "INSERT INTO s (a, b) SELECT a, sum(b) FILTER (WHERE c IN (1, 2)) FROM t WINDOW TUMBLING (SIZE 1 SECOND) ORDER BY a DESC NULLS LAST",
    "CREATE STREAM s WITH ('x' = 'y') AS SELECT a FROM t.csv GROUP BY TUMBLE(ts, 1s); SET a.b TO 5; EXPLAIN ANALYZE SELECT 1 FROM t; SHOW TABLES",
];

const WORDS: &[&str] = &[
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "BY",
    "HAVING",
    "WINDOW",
    "TUMBLING",
    "TUMBLE",
    "(",
    ")",
    ",",
    ";",
    ".",
    "*",
    "+",
    "-",
    "=",
    "=>",
    "::",
    "[",
    "]",
    "<",
    "'s'",
    "\"q\"",
    "1",
    "1s",
    "2.5",
    "t",
    "ts",
    "AS",
    "WITH",
    "CREATE",
    "TABLE",
    "STREAM",
    "INSERT",
    "INTO",
    "EMIT",
    "CHANGES",
    "FINAL",
    "ON",
    "CLOSE",
    "LATE",
    "DATA",
    "ALLOW",
    "INTERVAL",
    "SECOND",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "NOT",
    "AND",
    "OR",
    "BETWEEN",
    "IS",
    "NULL",
    "IN",
    "OVER",
    "ROWS",
    "BUFFER",
    "FILTER",
    "DESCRIPTOR",
    "SIZE",
    "EXPLAIN",
    "SET",
    "SHOW",
    "PRIMARY",
    "KEY",
    "WATERMARK",
    "FOR",
    "LIMIT",
    "ORDER",
    "SAMPLE",
    "csv",
    "x.csv",
    "CAST",
    "INT",
    "DISTINCT",
    "LIKE",
    "AT",
    "TIME",
    "ZONE",
    "JOIN",
    "UNION",
    "$",
    "?",
    "--",
    "/*",
    "*/",
    "'",
    "\\",
    "{",
    "@",
    "é",
    "\u{0}",
];

/// Runs `text`, and shows it if the parser panics.
fn holds(seed: u64, text: &str) {
    let result = std::panic::catch_unwind(|| run(text).map_err(|error| error.render("q", text)));
    assert!(result.is_ok(), "panic with seed {seed} on {text:?}");
}

#[test]
fn random_tokens_never_panic() {
    let seed = 0x5eed_0001;
    let mut random = Random(seed);
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(700) {
        let length = 1 + random.below(30);
        let text: Vec<&str> = (0..length)
            .map(|_| WORDS[random.below(WORDS.len())])
            .collect();
        let separator = ["", " ", " ", " "][random.below(4)];
        holds(seed, &text.join(separator));
        let valid = format!("SELECT a FROM t {}", text.join(" "));
        holds(seed, &valid);
    }
}

#[test]
fn mutated_queries_never_panic() {
    let seed = 0x5eed_0002;
    let mut random = Random(seed);
    let start = Instant::now();
    for valid in VALID {
        assert!(run(valid).is_ok(), "{valid}: {:?}", run(valid));
        for end in 0..valid.len() {
            holds(seed, &valid[..end]);
        }
    }
    while start.elapsed() < Duration::from_millis(1500) {
        let mut letters: Vec<char> = VALID[random.below(VALID.len())].chars().collect();
        for _ in 0..1 + random.below(4) {
            let at = random.below(letters.len());
            match random.below(5) {
                0 => {
                    letters.remove(at);
                }
                1 => {
                    letters[at] =
                        ['(', ')', '\'', ',', ' ', '1', 'x', ';', '"', 'é'][random.below(10)]
                }
                2 => {
                    let word = WORDS[random.below(WORDS.len())];
                    letters.splice(at..at, format!(" {word} ").chars());
                }
                3 => {
                    let end = (at + random.below(12)).min(letters.len());
                    letters.drain(at..end);
                }
                _ => {
                    let end = (at + random.below(20)).min(letters.len());
                    let copy: Vec<char> = letters[at..end].to_vec();
                    letters.splice(at..at, copy);
                }
            }
            if letters.is_empty() {
                letters.push('a');
            }
        }
        holds(seed, &letters.into_iter().collect::<String>());
    }
}
