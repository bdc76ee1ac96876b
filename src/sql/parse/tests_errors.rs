//! Wrong texts: what is said, where, and with which hint.

use super::tests::run;
use crate::error::{SqlError, SqlErrorKind};

fn error(sql: &str) -> SqlError {
    match run(sql) {
        Err(error) => error,
        Ok(script) => panic!("accepted: {sql}: {script:?}"),
    }
}

/// The text under the carets, of a text of one line.
fn pointed(sql: &str, error: &SqlError) -> String {
    assert!(error.span.line > 0, "no place: {sql}: {error}");
    let line = sql.lines().nth(error.span.line as usize - 1).unwrap_or("");
    let start = error.span.column as usize - 1;
    let end = if error.span.end_line == error.span.line {
        error.span.end_column as usize - 1
    } else {
        line.chars().count()
    };
    line.chars()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect()
}

fn styled(sql: &str, error: &SqlError) {
    let message = &error.message;
    assert!(!message.ends_with('.'), "{sql}: {message}");
    let first = message.chars().next().expect("a message");
    assert!(
        !first.is_uppercase()
            || message
                .split(' ')
                .next()
                .is_some_and(|word| word.to_uppercase() == word),
        "{sql}: {message}"
    );
}

/// (text, what the message has, the text under the carets, what the hint has)
#[rustfmt::skip]
const WRONG: &[(&str, &str, &str, &str)] = &[
    ("SELEC a FROM t", "expected a statement, found `SELEC`", "SELEC", "SELECT"),
    ("CRATE TABLE t (a INT)", "expected a statement", "CRATE", "CREATE"),
    ("hello", "expected a statement", "hello", ""),
    ("42", "expected a statement", "42", ""),
    ("SELECT a FORM t", "expected a clause or the end of the statement, found `t`", "t", "FROM"),
    ("SELECT a FROM t WERE a > 1", "found `a`", "a", "WHERE"),
    ("SELECT a FROM t GROUP YB a", "expected BY, found `YB`", "YB", "BY"),
    ("SELECT a FROM t GRUOP BY a", "found `BY`", "BY", "GROUP"),
    ("SELECT a FROM t HAVIN a > 1", "found `a`", "a", "HAVING"),
    ("SELECT a FROM t x EMTI CHANGES", "found `EMTI`", "EMTI", "EMIT"),
    ("SELECT a FROM t EMIT CHANGE", "expected CHANGES, FINAL or ON WINDOW CLOSE", "CHANGE", "CHANGES"),
    ("SELECT a FROM t EMIT", "found the end of the statement", "", ""),
    ("SELECT a FROM t LATE DATA DORP", "expected DROP, WARN", "DORP", "DROP"),
    ("SELECT a FROM t LATE DATA ALLOW", "expected the lateness allowed", "", "1s"),
    ("SELECT a FROM t WINDOW TUMBLNG(1s)", "expected TUMBLING", "TUMBLNG", "TUMBLING"),
    ("SELECT a FROM t WINDOW TUMBLING(1)", "with its unit", "1", "1s"),
    ("SELECT a FROM t WINDOW TUMBLING(1x)", "`x` is not a unit of time", "1x", ""),
    ("SELECT a FROM t WINDOW TUMBLING(0s)", "has to be positive", "0s", ""),
    ("SELECT a FROM t WINDOW TUMBLING(1 month)", "no fixed length", "1 month", ""),
    ("SELECT a FROM t WINDOW TUMBLING(1s", "expected `)`", "", ""),
    ("SELECT a FROM t SAMPLE BY", "expected the window's size", "", ""),
    ("SELECT a FROM TUMBLE(TABLE t, DESCRIPTOR(ts))", "TUMBLE has no size", "TUMBLE(TABLE t, DESCRIPTOR(ts))", "INTERVAL"),
    ("SELECT a FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MONTH)", "no fixed length", "INTERVAL '1' MONTH", ""),
    ("SELECT a FROM TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZ => 1s)", "expected DATA, TIMECOL", "SIZ", "SIZE"),
    ("SELECT a FROM TUMBLE(DATA => t, DATA => t, SIZE => 1s)", "given twice", "t", ""),
    ("SELECT a FROM TUMBLE(DATA => t, ts, 1s)", "expected a named argument", "ts", ""),
    ("SELECT a FROM TUMBEL(t, ts, 1s)", "the function `TUMBEL` in FROM is not supported", "TUMBEL", "TUMBLE"),
    ("SELECT a FROM t GROUP BY TUMBLE(ts)", "takes a time column and a size", "TUMBLE(ts)", "TUMBLE(ts,"),
    ("SELECT a FROM t GROUP BY TUMBLE(ts, x)", "constant durations", "TUMBLE(ts, x)", ""),
    ("SELECT a FROM t GROUP BY TUMBLE(ts, 1s) WINDOW TUMBLING(1s)", "a second window", "WINDOW TUMBLING(1s)", ""),
    ("SELECT a FROM TUMBLE(t, ts, 1s) SAMPLE BY 1s", "a second window", "SAMPLE BY 1s", ""),
    ("SELECT a FROM t WHERE a WHERE b", "a second WHERE clause", "WHERE", ""),
    ("SELECT a FROM t LIMIT 1 LIMIT 2", "a second LIMIT clause", "LIMIT", ""),
    ("SELECT a FROM t EMIT FINAL EMIT CHANGES", "a second EMIT clause", "EMIT", ""),
    ("SELECT a FROM t LIMIT x", "expected a number of rows, found `x`", "x", ""),
    ("SELECT a FROM t LIMIT 10s", "found `s`", "s", ""),
    ("SELECT FROM t", "expected an expression, found `FROM`", "FROM", ""),
    ("SELECT a, FROM t", "expected an expression, found `FROM`", "FROM", ""),
    ("SELECT a b c FROM t", "found `c`", "c", ""),
    ("SELECT a FROM", "expected the name of a table, found the end", "", ""),
    ("SELECT a FROM t WHERE", "expected an expression, found the end", "", ""),
    ("SELECT a FROM t WHERE GROUP BY a", "expected an expression, found `GROUP`", "GROUP", ""),
    ("SELECT a FROM t WHERE a >", "found the end of the statement", "", ""),
    ("SELECT a FROM t WHERE a > AND b", "expected an expression, found `AND`", "AND", ""),
    ("SELECT (a FROM t", "found `FROM`", "FROM", ""),
    ("SELECT a) FROM t", "`)` closes nothing", ")", ""),
    ("SELECT sum(a FROM t", "found `FROM`", "FROM", ""),
    ("SELECT CASE WHEN a THEN b FROM t", "found `FROM`", "FROM", ""),
    ("SELECT CASE WHEN a THEN END FROM t", "expected an expression, found `END`", "END", ""),
    ("SELECT 1x FROM t", "`x` is not a unit of time", "1x", "100ms"),
    ("SELECT sum(a) FILTER (a > 1) FROM t", "expected (WHERE ..) after FILTER", "FILTER", "FILTER (WHERE"),
    ("SELECT sum(a) filter FROM t", "expected (WHERE ..) after FILTER", "filter", "AS"),
    ("SELECT sum(a) OVER (ROWS WINDOW BUFFER 0 ROWS) FROM t", "n of at least 1", "ROWS WINDOW BUFFER 0 ROWS", ""),
    ("SELECT sum(a) OVER (ROWS WINDOW BUFFER x) FROM t", "n of at least 1", "ROWS WINDOW BUFFER x)", ""),
    ("SELECT sum(a) OVER (ROWS WINDOW BUFFER 2 ROWS ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t", "expected", "ROWS WINDOW BUFFER 2 ROWS", ""),
    ("SELECT sum(a ROWS WINDOW BUFFER 2 ROWS) FROM t", "belongs inside OVER", "ROWS WINDOW BUFFER 2 ROWS", ""),
    ("SELECT sum(a) OVER (ROWS WINDOW BUFFER 2 ROWS FROM t", "found", "", ""),
    ("SELECT 'abc FROM t", "unterminated string literal", "'", "''"),
    ("SELECT \"abc FROM t", "a quoted name is not closed", "\"", "quote"),
    ("SELECT a /* b FROM t", "comment", "", ""),
    ("SELECT $1 FROM t", "unexpected `$`", "$", "${NAME}"),
    ("SELECT a ? b FROM t", "", "", ""),
    ("SELECT a FROM t; SELECT b FRM t", "found `t`", "t", "FROM"),
    ("CREATE TABEL t (a INT)", "expected TABLE, SOURCE", "TABEL", "TABLE"),
    ("CREATE TABLE t", "expected `(`, WITH or AS", "", ""),
    ("CREATE TABLE t (a INT", "expected `,` or `)`", "", ""),
    ("CREATE TABLE t (a)", "expected a type or AS, found `)`", ")", ""),
    ("CREATE TABLE t ()", "expected a column, found `)`", ")", ""),
    ("CREATE TABLE t (a INT NOT NUL)", "expected NULL, found `NUL`", "NUL", "NULL"),
    ("CREATE TABLE t (a INT, PRIMARY KEY (a), PRIMARY KEY (a))", "a second PRIMARY KEY", "PRIMARY KEY (a)", ""),
    ("CREATE TABLE t (a INT) WITH ('a' = 'b', 'a' = 'c')", "a second option `a`", "'a'", ""),
    ("CREATE TABLE t (a INT) WITH (a = b)", "expected a value in quotes, found `b`", "b", "'b'"),
    ("CREATE TABLE t (a INT) WITH ('a' 'b')", "expected `=`", "'b'", ""),
    ("CREATE TABLE t (a INT) WITH ('a' = 'b' 'c' = 'd')", "expected `,` or `)`", "'c'", ""),
    ("CREATE TABLE t (a INT) WITH ()", "expected an option", ")", ""),
    ("CREATE TABLE t (a INT) WITH ('p' = '${NOPE}/x')", "environment variable NOPE is not set", "'${NOPE}/x'", "default"),
    ("CREATE TABLE t (a INT) WIHT ('a' = 'b')", "expected `;`", "WIHT", "WITH"),
    ("CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS ts - 1)", "watermark", "ts - 1", "INTERVAL"),
    ("CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS other)", "watermark", "other", "ts"),
    ("CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '-1' SECOND)", "ahead of its column", "ts - INTERVAL '-1' SECOND", ""),
    ("CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS ts, WATERMARK FOR ts AS ts)", "a second WATERMARK", "WATERMARK FOR ts AS ts", ""),
    ("CREATE TABLE select (a INT)", "expected a name, found `select`", "select", "double quotes"),
    ("CREATE VIEW v SELECT 1 FROM t", "expected AS, found `SELECT`", "SELECT", ""),
    ("INSERT INTO s", "expected SELECT, found the end", "", ""),
    ("INSERT s SELECT 1 FROM t", "expected INTO", "s", ""),
    ("INSERT INTO s () SELECT 1 FROM t", "expected a column", ")", ""),
    ("SHOW TABLE", "expected TABLES or FUNCTIONS", "TABLE", "TABLES"),
    ("SHOW TABLES x", "expected `;` or the end", "x", ""),
    ("SET x", "expected `=` or TO", "", ""),
    ("SET x = ", "found the end", "", ""),
    ("EXPLAIN SHOW TABLES", "can be explained", "SHOW TABLES", ""),
    ("EXPLAIN EXPLAIN SELECT 1 FROM t", "expected a query", "EXPLAIN", ""),
    ("DESCRIBE", "expected the name of a table", "", ""),
    ("WITH a AS SELECT 1 FROM t SELECT 2 FROM a", "expected `(` before a query", "SELECT", ""),
    ("SELECT a FROM (t)", "expected a table, a file in quotes or a query", "(", ""),
    ("SELECT a FROM ''", "expected the path of a file", "''", ""),
    ("SELECT a FROM t AS 'x'", "expected an alias", "'x'", "\""),
    ("SELECT a FROM t ORDER BY a NULLS FRIST", "expected FIRST or LAST", "FRIST", "FIRST"),
];

#[test]
fn wrong_texts_are_refused_where_they_are_wrong() {
    for (sql, message, place, hint) in WRONG {
        let error = error(sql);
        assert!(error.message.contains(message), "{sql}: {}", error.message);
        if !place.is_empty() {
            assert_eq!(pointed(sql, &error), *place, "{sql}: {error:?}");
        }
        let given = error.hint.clone().unwrap_or_default();
        assert!(
            given.contains(hint),
            "{sql}: {}, hint {given:?}",
            error.message
        );
        styled(sql, &error);
        assert!(error.render("q.sql", sql).contains("q.sql:1:"), "{sql}");
    }
    assert!(WRONG.len() >= 40);
}

/// (text, what the message names, the text at which the carets begin)
#[rustfmt::skip]
const UNBUILT: &[(&str, &str, &str)] = &[
    ("SELECT a FROM t JOIN u ON t.a = u.a", "a JOIN is not supported", "JOIN"),
    ("SELECT a FROM t x LEFT JOIN u ON x.a = u.a", "a JOIN is not supported", "LEFT"),
    ("SELECT a FROM t ASOF JOIN q ON t.a = q.a", "a JOIN is not supported", "ASOF"),
    ("SELECT a FROM t, u", "a JOIN is not supported", ","),
    ("SELECT a FROM t CROSS JOIN u", "a JOIN is not supported", "CROSS"),
    ("SELECT a FROM t WHERE a > (SELECT TOP 5 WITH TIES 1 FROM u)", "TOP .. WITH TIES is not supported", "WITH"),
    ("SELECT a FROM t FETCH FIRST 5 ROWS WITH TIES", "FETCH .. WITH TIES is not supported", "WITH"),
    ("SELECT a FROM t WHERE a > (SELECT TOP 5 WITH TIES 1 FROM u)", "TOP .. WITH TIES is not supported", "WITH"),
    ("SELECT * ILIKE 'a%' FROM t", "* ILIKE is not supported", "ILIKE"),
    ("CREATE MATERIALIZED TABLE t AS SELECT 1 FROM u", "CREATE MATERIALIZED is not supported", "CREATE"),
    ("SELECT a INTO b FROM t", "SELECT INTO is not supported", "INTO"),
    ("SELECT a FROM t LATERAL VIEW explode(x) y", "LATERAL is not supported", "LATERAL"),
    ("SELECT a FROM LATERAL (SELECT 1 FROM t)", "LATERAL is not supported", "LATERAL"),
    ("SELECT a FROM t GROUP BY DISTINCT ROLLUP (a)", "GROUP BY DISTINCT is not supported", "DISTINCT"),
    ("SELECT a FROM t FOR UPDATE", "FOR is not supported", "FOR"),
    ("SELECT a FROM t TABLESAMPLE (10)", "TABLESAMPLE is not supported", "TABLESAMPLE"),
    ("SELECT a FROM t WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 1 MINUTE)", "GRACE PERIOD is not supported", "GRACE"),
    ("SELECT a FROM t WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE, GRACE PERIOD 1 MINUTE)", "GRACE PERIOD is not supported", "GRACE"),
    ("SELECT a FROM t GROUP BY bars(interval '1 second')", "BARS in GROUP BY", "bars"),
    ("SELECT a FROM HOP(TABLE t PARTITION BY k, DESCRIPTOR(ts), 1s, 5s)", "PARTITION BY of a hop window", "PARTITION"),
    ("SELECT a FROM t SAMPLE BY 1d ALIGN TO FIRST OBSERVATION", "ALIGN TO FIRST OBSERVATION is not supported", "ALIGN"),
    ("SELECT a FROM TUMBLE(TABLE t PARTITION BY k, DESCRIPTOR(ts), 1s)", "PARTITION BY of a tumble window", "PARTITION"),
    ("SELECT a FROM t EMIT FINAL EVERY 1s", "EMIT FINAL EVERY is not supported", "EMIT"),
    ("SELECT a FROM db.t", "a qualified name of a table is not supported", "db"),
    ("SELECT a FROM range(1, 5)", "in FROM is not supported", "range"),
    ("WITH RECURSIVE a AS (SELECT 1 FROM t) SELECT 1 FROM a", "WITH RECURSIVE is not supported", "RECURSIVE"),
    ("CREATE TABLE t (a INT DEFAULT 1)", "DEFAULT of a column is not supported", "DEFAULT"),
    ("CREATE TABLE t (a INT CHECK (a > 1))", "CHECK of a column is not supported", "CHECK"),
    ("CREATE TABLE t (a INT, UNIQUE (a))", "UNIQUE is not supported", "UNIQUE"),
    ("CREATE TABLE t (a INT, CONSTRAINT c PRIMARY KEY (a))", "CONSTRAINT is not supported", "CONSTRAINT"),
    ("CREATE TABLE t (a INT) COMMENT 'x'", "COMMENT", "COMMENT"),
    ("CREATE TABLE t (a INT) WITH (a = 'b') AS SELECT 1 FROM u", "together with AS SELECT are not supported", "("),
    ("INSERT INTO s SELECT 1 FROM t ON CONFLICT DO NOTHING", "ON CONFLICT is not supported", "ON"),
    ("INSERT INTO s SELECT 1 FROM t RETURNING a", "RETURNING is not supported", "RETURNING"),
    ("INSERT OVERWRITE s SELECT 1 FROM t", "INSERT OVERWRITE", "INSERT"),
    ("SELECT a @> 1 FROM t", "the operator `@>` is not supported", "@>"),
    ("SELECT convert(a, b) FROM t", "CONVERT is not supported", "convert"),
    ("DROP TABLE t", "DROP as a statement is not supported", "DROP"),
    ("UPDATE t SET a = 1", "UPDATE as a statement is not supported", "UPDATE"),
    ("EXPLAIN VERBOSE SELECT 1 FROM t", "EXPLAIN VERBOSE is not supported", "VERBOSE"),
];

#[test]
fn what_is_not_built_is_refused_by_its_name() {
    for (sql, message, place) in UNBUILT {
        let error = error(sql);
        assert_eq!(error.kind, SqlErrorKind::Unsupported, "{sql}: {error}");
        assert!(error.message.contains(message), "{sql}: {}", error.message);
        let pointed = pointed(sql, &error);
        assert!(
            !pointed.is_empty() && pointed.starts_with(place),
            "{sql}: {pointed:?}"
        );
        styled(sql, &error);
    }
}

#[test]
fn places_are_right_across_lines_and_letters() {
    let error = error("-- ü\nSELECT 'äöü', größe\n  FROM t\n WHERE größe @> 1 WHERE x\n");
    assert_eq!((error.span.line, error.span.column), (4, 14), "{error:?}");
}
