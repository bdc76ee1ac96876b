//! Queries that are wrong: what is said, and that it has a place.

use super::{TABLES, run};
use crate::error::SqlErrorKind::{self, Bind, Parse, Plan, Unsupported};

/// Query, kind, part of the message or hint.
const WRONG: &[(&str, SqlErrorKind, &str)] = &[
    // Names.
    ("SELECT symbl FROM trades", Bind, "did you mean symbol?"),
    (
        "SELECT x.symbol FROM trades",
        Bind,
        "nothing in FROM is called x",
    ),
    (
        "SELECT trades.symbol FROM trades t",
        Bind,
        "nothing in FROM is called trades",
    ),
    (
        "SELECT \"Symbol\" FROM trades",
        Bind,
        "column Symbol does not exist",
    ),
    ("SELECT symbol FROM trads", Bind, "did you mean trades?"),
    (
        "SELECT FOO(symbol) FROM trades",
        Bind,
        "function FOO does not exist",
    ),
    ("SELECT CUONT(*) FROM trades", Bind, "did you mean COUNT?"),
    (
        "SELECT UNNEST(price) FROM trades",
        Bind,
        "UNNEST takes an ARRAY or a MAP, not DECIMAL",
    ),
    (
        "SELECT _timestamp FROM (SELECT symbol FROM trades)",
        Bind,
        "system column _timestamp belongs to a record",
    ),
    ("SELECT _window_start FROM trades", Bind, "WINDOW"),
    (
        "SELECT symbol FROM (SELECT symbol FROM trades) WHERE NOW() > TIMESTAMP '2020-01-01'",
        Bind,
        "only a query that reads a table itself knows it",
    ),
    (
        "SELECT symbol, _offset, COUNT(*) FROM trades GROUP BY symbol",
        Bind,
        "_offset is neither in GROUP BY",
    ),
    ("SELECT NOW(1) FROM trades", Bind, "NOW"),
    (
        "SELECT v FROM (SELECT price AS v, size AS v FROM trades)",
        Bind,
        "ambiguous",
    ),
    (
        "SELECT price AS v FROM trades WHERE v > 1",
        Bind,
        "not visible in WHERE",
    ),
    (
        "INSERT INTO nosuch SELECT symbol FROM trades",
        Bind,
        "table nosuch does not exist",
    ),
    ("DESCRIBE nosuch", Bind, "does not exist"),
    ("SELECT *", Bind, "`*` without FROM has no columns"),
    // Types.
    ("SELECT symbol + 1 FROM trades", Bind, "has no meaning"),
    ("SELECT symbol > 1 FROM trades", Bind, "do not go together"),
    (
        "SELECT symbol FROM trades WHERE size",
        Bind,
        "WHERE needs a condition, not BIGINT",
    ),
    (
        "SELECT symbol FROM trades WHERE size AND price > 1",
        Bind,
        "needs a condition",
    ),
    ("SELECT NOT size FROM trades", Bind, "needs a condition"),
    (
        "SELECT symbol FROM trades WHERE size = 'x'",
        Bind,
        "'x' is not a BIGINT",
    ),
    (
        "SELECT symbol FROM trades WHERE ts > 'yesterday'",
        Bind,
        "'yesterday' is not a TIMESTAMP",
    ),
    ("SELECT -symbol FROM trades", Bind, "minus takes a number"),
    (
        "SELECT price LIKE 'x' FROM trades",
        Bind,
        "LIKE takes VARCHAR",
    ),
    (
        "SELECT symbol LIKE side FROM trades",
        Unsupported,
        "not a constant",
    ),
    (
        "SELECT CASE WHEN size > 1 THEN 1 ELSE 'x' END FROM trades",
        Bind,
        "'x' is not an INT",
    ),
    (
        "SELECT CASE WHEN size > 1 THEN size ELSE symbol END FROM trades",
        Bind,
        "CASE: BIGINT and VARCHAR",
    ),
    (
        "SELECT COALESCE(size, symbol) FROM trades",
        Bind,
        "do not go together",
    ),
    (
        "SELECT symbol || size FROM trades",
        Bind,
        "CAST(x AS VARCHAR)",
    ),
    (
        "SELECT CAST(ts AS BOOLEAN) FROM trades",
        Bind,
        "does not cast",
    ),
    (
        "SELECT CAST(price AS UUID) FROM trades",
        Unsupported,
        "not built",
    ),
    (
        "SELECT CAST(price AS WIDGET) FROM trades",
        Bind,
        "not known",
    ),
    (
        "SELECT CAST(price AS DECIMAL(40,2)) FROM trades",
        Bind,
        "1 to 38 digits",
    ),
    ("SELECT 1e999 FROM trades", Bind, "out of range"),
    (
        "SELECT SUM(symbol) FROM trades",
        Bind,
        "SUM takes a number, not VARCHAR",
    ),
    ("SELECT ABS(symbol) FROM trades", Bind, "ABS takes a number"),
    (
        "SELECT SQRT(symbol) FROM trades",
        Bind,
        "SQRT takes a number there, not VARCHAR",
    ),
    (
        "SELECT LEFT(symbol, 1.5) FROM trades",
        Bind,
        "LEFT takes an integer there",
    ),
    (
        "SELECT REVERSE(size) FROM trades",
        Bind,
        "REVERSE takes VARCHAR there",
    ),
    (
        "SELECT price & 1 FROM trades",
        Bind,
        "BITAND takes an integer there",
    ),
    (
        "SELECT symbol ~ '(' FROM trades",
        Bind,
        "not a regular expression: unclosed group",
    ),
    (
        "SELECT REGEXP_EXTRACT(symbol, 'a{2000000}') FROM trades",
        Bind,
        "not a regular expression",
    ),
    (
        "SELECT symbol SIMILAR TO symbol FROM trades",
        Unsupported,
        "SIMILAR TO with a pattern that is not a constant",
    ),
    (
        "SELECT PI(1) FROM trades",
        Bind,
        "PI does not take 1 argument",
    ),
    (
        "SELECT TRIM(BOTH symbol) FROM trades WHERE symbol LIKE 'a' ESCAPE 'xy'",
        Bind,
        "ESCAPE takes one character",
    ),
    (
        "SELECT UPPER(size) FROM trades",
        Bind,
        "UPPER takes VARCHAR",
    ),
    (
        "SELECT ROUND(price, size) FROM trades",
        Bind,
        "as a constant",
    ),
    (
        "SELECT ABS(price, 1) FROM trades",
        Bind,
        "does not take 2 arguments",
    ),
    (
        "SELECT DATE_TRUNC('minut', ts) FROM trades",
        Bind,
        "did you mean minute?",
    ),
    (
        "SELECT EXTRACT(HOUR FROM symbol) FROM trades",
        Bind,
        "TIMESTAMP or DATE",
    ),
    ("SELECT ts + ts FROM trades", Bind, "has no meaning"),
    (
        "INSERT INTO typed SELECT symbol, price FROM trades",
        Bind,
        "the query has 2 columns, typed takes 3",
    ),
    (
        "INSERT INTO typed (symbl) SELECT symbol FROM trades",
        Bind,
        "did you mean symbol?",
    ),
    (
        "INSERT INTO typed (n, n) SELECT size, size FROM trades",
        Bind,
        "listed twice",
    ),
    (
        "INSERT INTO typed SELECT symbol, ts, size FROM trades",
        Bind,
        "does not cast",
    ),
    // Grouping.
    (
        "SELECT symbol, price FROM trades GROUP BY symbol",
        Bind,
        "price is neither in GROUP BY",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades",
        Bind,
        "symbol is neither in GROUP BY",
    ),
    (
        "SELECT * FROM trades GROUP BY symbol",
        Bind,
        "neither in GROUP BY",
    ),
    (
        "SELECT symbol FROM trades WHERE COUNT(*) > 1",
        Bind,
        "HAVING",
    ),
    (
        "SELECT COUNT(*) FROM trades GROUP BY COUNT(*)",
        Bind,
        "cannot stand in GROUP BY",
    ),
    (
        "SELECT SUM(COUNT(*)) FROM trades",
        Bind,
        "aggregates do not nest",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades GROUP BY 3",
        Bind,
        "counted from 1",
    ),
    (
        "SELECT symbol FROM trades ORDER BY 2",
        Bind,
        "counted from 1",
    ),
    ("SELECT COUNT(DISTINCT *) FROM trades", Bind, "no meaning"),
    (
        "SELECT OHLC(price).opn FROM trades",
        Bind,
        "did you mean open?",
    ),
    (
        "SELECT EMA(price, size) FROM trades",
        Bind,
        "EMA takes a constant",
    ),
    (
        "SELECT EMA(price, 0) FROM trades",
        Bind,
        "EMA takes a constant",
    ),
    (
        "SELECT STDDEV(symbol) FROM trades",
        Bind,
        "STDDEV takes a number, not VARCHAR",
    ),
    (
        "SELECT TWAP(price, size) FROM trades",
        Bind,
        "TWAP takes a TIMESTAMP",
    ),
    (
        "SELECT BOOL_AND(size) FROM trades",
        Bind,
        "BOOL_AND takes a BOOLEAN",
    ),
    (
        "SELECT CORR(price) FROM trades",
        Bind,
        "does not take 1 argument",
    ),
    (
        "SELECT UPPER(symbol) FILTER (WHERE size > 1) FROM trades",
        Bind,
        "takes no FILTER",
    ),
    (
        "SELECT UPPER(symbol) OVER (PARTITION BY symbol) FROM trades",
        Bind,
        "takes no OVER",
    ),
    (
        "SELECT DISTINCT symbol FROM trades ORDER BY price",
        Bind,
        "selected columns only",
    ),
    // Windows and time.
    (
        "SELECT COUNT(*) FROM TUMBLE(TABLE plain, DESCRIPTOR(at), INTERVAL '1' SECOND) GROUP BY window_start, window_end",
        Plan,
        "table plain has no watermark",
    ),
    (
        "SELECT COUNT(*) FROM plain WINDOW TUMBLING(1s)",
        Plan,
        "WATERMARK FOR",
    ),
    (
        "SELECT COUNT(*) FROM TUMBLE(TABLE trades, DESCRIPTOR(symbol), INTERVAL '1' SECOND) GROUP BY window_start",
        Bind,
        "a window is taken of a TIMESTAMP",
    ),
    (
        "SELECT COUNT(*) FROM TUMBLE(TABLE trades, DESCRIPTOR(tz), INTERVAL '1' SECOND) GROUP BY window_start",
        Bind,
        "column tz does not exist",
    ),
    (
        "SELECT COUNT(*) FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)",
        Plan,
        "does not group by its window",
    ),
    (
        "SELECT symbol FROM HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '2' SECOND)",
        Unsupported,
        "a window other than TUMBLE without aggregates",
    ),
    (
        "SELECT symbol FROM trades WINDOW TUMBLING(1s)",
        Unsupported,
        "a window without aggregates",
    ),
    (
        "SELECT COUNT(*) FROM HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start",
        Parse,
        "HOP has no size",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW SLIDING(10s)",
        Parse,
        "HOP has no slide",
    ),
    (
        "SELECT COUNT(*) FROM HOP(TABLE trades, DESCRIPTOR(ts), SLIDE => 1s, STEP => 2s) GROUP BY window_start",
        Parse,
        "expected DATA, TIMECOL, SLIDE, SIZE or OFFSET",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW HOPPING (SIZE 10 SECONDS, SIZE 5 SECONDS)",
        Parse,
        "the window's size is given twice",
    ),
    (
        "SELECT COUNT(*) FROM trades GROUP BY HOP(ts, 1s, 0s)",
        Parse,
        "the window's size has to be positive",
    ),
    (
        "SELECT COUNT(*) FROM CUMULATE(TABLE trades, DESCRIPTOR(ts), 2s, 5s) GROUP BY window_start",
        Plan,
        "a multiple of its step",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW SLIDNG(10s, 1s)",
        Parse,
        "SLIDING",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW SESSION(MAXSPAN 5s)",
        Parse,
        "SESSION has no gap",
    ),
    (
        "SELECT symbol, COUNT(*) FROM SESSION(TABLE trades, DESCRIPTOR(ts), INTERVAL '5' SECOND) GROUP BY symbol, window_start, window_end",
        Plan,
        "GROUP BY has to hold the same",
    ),
    (
        "INSERT INTO retracting SELECT COUNT(*) FROM trades WINDOW BARS(TICKS 5) LATE DATA PROCESS",
        Plan,
        "LATE DATA PROCESS and WARN of bars",
    ),
    (
        "SELECT window_end, COUNT(*) FROM (SELECT symbol, window_start, window_end, COUNT(*) n FROM trades GROUP BY symbol WINDOW SESSION(5s)) GROUP BY window_start, window_end FILL(PREV)",
        Plan,
        "FILL of windows whose bounds are those of their rows",
    ),
    (
        "SELECT TUMBLE_START(ts, INTERVAL '1' SECOND) FROM trades",
        Bind,
        "the query has no window",
    ),
    (
        "SELECT MAX(window_end) FROM trades WINDOW SLIDING(5s, 1s)",
        Bind,
        "window column",
    ),
    (
        "WITH s AS (SELECT window_end, COUNT(*) n FROM trades WINDOW TUMBLING(1s)) SELECT MAX(n) FROM TUMBLE(TABLE s, DESCRIPTOR(window_end), INTERVAL '1' MINUTE) GROUP BY window_start",
        Plan,
        "use window_time",
    ),
    (
        "SELECT COUNT(*) FROM (SELECT symbol, COUNT(*) FROM trades GROUP BY symbol) WINDOW TUMBLING(1s)",
        Plan,
        "no event time",
    ),
    // Emission and lateness.
    (
        "SELECT symbol, COUNT(*) FROM live GROUP BY symbol EMIT FINAL",
        Plan,
        "would never emit",
    ),
    (
        "SELECT symbol FROM live EMIT FINAL",
        Plan,
        "would never emit",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades WINDOW TUMBLING(1s) GROUP BY symbol EMIT FINAL EARLY EVERY 1s LATE DATA PROCESS",
        Unsupported,
        "EVERY with corrections",
    ),
    (
        "SELECT MAX(n) FROM (SELECT symbol, COUNT(*) n FROM live GROUP BY symbol)",
        Unsupported,
        "on top of changing results",
    ),
    (
        "SELECT DISTINCT n FROM (SELECT symbol, COUNT(*) n FROM live GROUP BY symbol)",
        Unsupported,
        "on top of changing results",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol LATE DATA DROP",
        Plan,
        "LATE DATA needs a window",
    ),
    (
        "SELECT symbol FROM trades LATE DATA WARN",
        Plan,
        "LATE DATA needs a window",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW TUMBLING(1s) LATE DATA PROCESS",
        Plan,
        "only appends",
    ),
    (
        "INSERT INTO out SELECT COUNT(*) FROM trades WINDOW TUMBLING(1s) LATE DATA WARN",
        Plan,
        "changelog.mode",
    ),
    (
        "SELECT MAX(n) FROM (SELECT COUNT(*) n FROM trades WINDOW TUMBLING(1s) LATE DATA PROCESS)",
        Unsupported,
        "corrected windows",
    ),
    (
        "SELECT window_end, SUM(n) FROM (SELECT symbol, window_start, window_end, COUNT(*) n FROM trades GROUP BY symbol WINDOW TUMBLING(1s)) GROUP BY window_start, window_end LATE DATA INTO out",
        Bind,
        "never late for the next",
    ),
    (
        "SELECT COUNT(*) FROM trades WINDOW TUMBLING(1s) LATE DATA DROP INTO out",
        Parse,
        "INTO keeps them",
    ),
    // ORDER BY, LIMIT, OVER.
    (
        "SELECT symbol FROM live ORDER BY symbol",
        Plan,
        "an input that ends",
    ),
    (
        "SELECT symbol, COUNT(*) FROM trades GROUP BY symbol ORDER BY 1 EMIT CHANGES",
        Unsupported,
        "changing results",
    ),
    (
        "SELECT symbol FROM (SELECT symbol FROM live ORDER BY symbol)",
        Plan,
        "ORDER BY needs an input that ends",
    ),
    (
        "SELECT symbol FROM (SELECT symbol FROM live LIMIT 3)",
        Plan,
        "LIMIT in a subquery or view needs an input that ends",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN 5 PRECEDING AND CURRENT ROW) FROM trades",
        Bind,
        "length of time",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY size RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND CURRENT ROW) FROM trades",
        Bind,
        "reaches a constant number that is not negative",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol RANGE BETWEEN INTERVAL '1' SECOND PRECEDING AND CURRENT ROW) FROM trades",
        Bind,
        "needs ORDER BY",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 1 PRECEDING AND 2 PRECEDING) FROM trades",
        Bind,
        "ends before it begins",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS size PRECEDING) FROM trades",
        Bind,
        "a constant number of rows",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY ts GROUPS 1.5 PRECEDING) FROM trades",
        Bind,
        "a constant number of groups",
    ),
    (
        "SELECT AVG(price) OVER bysymbol FROM trades WINDOW by_symbol AS (PARTITION BY symbol ORDER BY ts)",
        Bind,
        "window bysymbol is not declared",
    ),
    (
        "SELECT AVG(price) OVER (w PARTITION BY side) FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts)",
        Bind,
        "takes no PARTITION BY",
    ),
    (
        "SELECT AVG(price) OVER (w ORDER BY ts) FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts)",
        Bind,
        "takes no second ORDER BY",
    ),
    (
        "SELECT AVG(price) OVER (w ROWS 2 PRECEDING) FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 1 PRECEDING)",
        Bind,
        "has a frame",
    ),
    (
        "SELECT AVG(price) OVER w FROM trades WINDOW w AS (v), v AS (PARTITION BY symbol ORDER BY ts)",
        Bind,
        "window v is not declared",
    ),
    (
        "SELECT AVG(price) OVER w FROM trades WINDOW w AS (ORDER BY ts), W AS (PARTITION BY symbol ORDER BY ts)",
        Parse,
        "a second window called W",
    ),
    (
        "SELECT NTH_VALUE(price, 0) OVER (PARTITION BY symbol ORDER BY ts) FROM trades",
        Bind,
        "a constant number of rows, 1 to",
    ),
    (
        "SELECT FIRST_VALUE(DISTINCT price) OVER (PARTITION BY symbol ORDER BY ts) FROM trades",
        Bind,
        "takes no DISTINCT",
    ),
    (
        "SELECT VWAP(DISTINCT price, size) OVER (PARTITION BY symbol ORDER BY ts) FROM trades",
        Unsupported,
        "VWAP(DISTINCT ..) with OVER",
    ),
    (
        "SELECT RANK() OVER (PARTITION BY symbol) FROM trades",
        Bind,
        "RANK needs ORDER BY",
    ),
    (
        "SELECT ROW_NUMBER(price) OVER (PARTITION BY symbol ORDER BY ts) FROM trades",
        Bind,
        "does not take 1 argument",
    ),
    (
        "SELECT ROW_NUMBER() FROM trades",
        Bind,
        "ROW_NUMBER needs OVER",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) FROM trades",
        Bind,
        "GROUPS frame needs ORDER BY",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY side DESC RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM trades",
        Bind,
        "a time or a number, not VARCHAR",
    ),
    (
        "SELECT AVG(price) OVER (PARTITION BY symbol ORDER BY price, size RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM trades",
        Bind,
        "ORDER BY of one column",
    ),
    (
        "SELECT symbol, size, COUNT(*) OVER (PARTITION BY symbol ORDER BY ts) FROM trades WHERE ROW_NUMBER() OVER (ORDER BY ts) = 1",
        Bind,
        "cannot stand in WHERE",
    ),
    (
        "SELECT SUM(next) OVER (ROWS 2 PRECEDING) FROM (SELECT ts, LEAD(size) OVER (PARTITION BY symbol ORDER BY ts) AS next FROM trades)",
        Unsupported,
        "OVER over rows of LEAD",
    ),
    ("SELECT LAG(price) FROM trades", Bind, "LAG needs OVER"),
    (
        "SELECT symbol, COUNT(*), LAG(symbol) OVER (PARTITION BY symbol ORDER BY ts) FROM trades GROUP BY symbol",
        Bind,
        "ts is neither in GROUP BY",
    ),
    // Statements.
    (
        "CREATE TABLE trades (a INT) WITH ('connector' = 'stdin', 'format' = 'csv')",
        Bind,
        "declared twice",
    ),
    (
        "CREATE TABLE t2 (a INT, A INT) WITH ('connector' = 'stdin', 'format' = 'csv')",
        Bind,
        "column A is declared twice",
    ),
    (
        "CREATE VIEW bad AS SELECT nosuch FROM trades",
        Bind,
        "nosuch",
    ),
    ("SELECT a FROM out", Plan, "is a sink"),
    (
        "INSERT INTO live SELECT symbol FROM trades",
        Plan,
        "is a source",
    ),
    (
        "INSERT INTO trades SELECT * FROM trades",
        Plan,
        "cannot be written too",
    ),
    (
        "SELECT symbol FROM trades WHERE symbol IN (SELECT symbol FROM live)",
        Plan,
        "runs to its end before the job starts",
    ),
    (
        "CREATE TABLE t2 (a INT) WITH ('connector' = 'stdin', 'formt' = 'csv')",
        Bind,
        "did you mean 'format'?",
    ),
    (
        "CREATE TABLE t2 (a WIDGET) WITH ('connector' = 'stdin')",
        Bind,
        "type WIDGET is not known",
    ),
    (
        "CREATE TABLE t2 (a INT, b AS c + 1) WITH ('connector' = 'stdin')",
        Bind,
        "column c does not exist",
    ),
    (
        "CREATE TABLE t2 (a INT, WATERMARK FOR a AS a) WITH ('connector' = 'stdin')",
        Bind,
        "WATERMARK is for a TIMESTAMP",
    ),
    (
        "CREATE TABLE t2 (a INT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'stdin')",
        Bind,
        "column b does not exist",
    ),
    // Partitioning.
    (
        "SET partitioning = 'round_robin'; SELECT symbol, COUNT(*) FROM trades GROUP BY symbol",
        Plan,
        "would give a wrong answer",
    ),
    (
        "SET partitioning = 'sticky'; SELECT COUNT(*) FROM trades",
        Plan,
        "different workers",
    ),
    (
        "SET partitioning = 'hash'; SELECT symbol FROM trades",
        Plan,
        "needs a key",
    ),
    (
        "SET partitioning = 'hash'; SELECT COUNT(*) FROM trades",
        Plan,
        "no key to hash",
    ),
];

#[test]
fn wrong_queries_say_what_and_where() {
    refused(WRONG);
}

/// Checks that each query is refused with a place, by an error of its kind that says this.
pub fn refused(wrong: &[(&str, SqlErrorKind, &str)]) {
    let mut failures = Vec::new();
    for (sql, kind, expected) in wrong {
        let text = format!("{sql};");
        match run(&text) {
            Ok(_) => failures.push(format!("compiled: {sql}")),
            Err(error) => {
                let message = error.to_string();
                if !message.contains(expected) {
                    failures.push(format!("{sql}\n    said: {message}\n    not: {expected}"));
                } else if error.kind != *kind {
                    failures.push(format!("{sql}\n    {message}\n    is {:?}", error.kind));
                } else if error.span.line == 0 {
                    failures.push(format!("{sql}\n    {message}\n    has no place"));
                }
                let shown = error.render("q", &format!("{TABLES}{text}"));
                assert!(shown.starts_with("error: "), "{shown}");
            }
        }
    }
    assert!(failures.is_empty(), "{}\n", failures.join("\n"));
}

#[test]
fn there_is_a_limit_to_routes() {
    let mut sql = String::from(
        "CREATE TABLE w (a INT, b INT, c INT, d INT, e INT, f INT, g INT, h INT, i INT) WITH ('connector' = 'stdin', 'format' = 'csv');",
    );
    for column in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        sql.push_str(&format!(
            "SELECT {column}, COUNT(*) FROM w GROUP BY {column};"
        ));
    }
    assert_eq!(super::job(&sql).routes.len(), 8);
    sql.push_str("SELECT i, COUNT(*) FROM w GROUP BY i;");
    let error = run(&sql).expect_err("nine routes");
    assert!(error.message.contains("more than 8 routes"), "{error}");
}

#[test]
fn errors_point_at_the_word() {
    let sql = "SELECT symbol,\n       prcie FROM trades;";
    let error = run(sql).expect_err("no such column");
    let rendered = error.render("q.sql", &format!("{TABLES}{sql}"));
    assert!(rendered.contains("|        ^^^^^"), "{rendered}");
    assert!(
        rendered.ends_with("hint: did you mean price?"),
        "{rendered}"
    );
}
