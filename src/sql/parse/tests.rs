//! Every statement and every spelling.

use super::parse;
use crate::error::{Span, SqlError};
use crate::sql::Environment;
use crate::sql::ast::{
    ColumnKind, EmitMode, From, LatePolicyAst, Query, Script, SelectItem, StatementKind, TableRole,
    Window, WindowShape,
};

/// An environment with one variable.
pub(super) struct Fake;

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "DATA").then(|| "/data".to_owned())
    }
    fn files(&self, _: &str) -> Result<Vec<std::path::PathBuf>, String> {
        Ok(Vec::new())
    }
    fn head(&self, _: &std::path::Path, _: usize) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

pub(super) fn run(sql: &str) -> Result<Script, SqlError> {
    parse(sql, &Fake)
}

fn one(sql: &str) -> StatementKind {
    let mut script = run(sql).unwrap_or_else(|error| panic!("{}", error.render("test", sql)));
    assert_eq!(script.statements.len(), 1, "{sql}");
    script.statements.remove(0).kind
}

fn query(sql: &str) -> Query {
    match one(sql) {
        StatementKind::Query(query) => *query,
        other => panic!("{sql}: {other:?}"),
    }
}

/// The one window of a query, wherever it is written.
fn window(sql: &str) -> Window {
    let query = query(sql);
    match (query.body.from, query.body.window) {
        (From::Windowed { window, .. }, None) => window,
        (_, Some(window)) => window,
        _ => panic!("no window: {sql}"),
    }
}

const SECOND: i64 = 1_000_000_000;

/// (text behind FROM, whether it names the time column, the offset)
#[rustfmt::skip]
const TUMBLING: &[(&str, bool, i64)] = &[
    ("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY window_start, window_end", true, 0),
    ("TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '250' MILLISECOND)", true, SECOND / 4),
    ("TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' SECOND)) AS w GROUP BY window_start", true, 0),
    ("TABLE(TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' SECOND))", true, 0),
    ("TUMBLE(SIZE => 1s, TIMECOL => ts, DATA => t, OFFSET => 1s)", true, SECOND),
    ("TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' SECOND, OFFSET => 250ms)", true, SECOND / 4),
    ("TUMBLE(t, ts, INTERVAL '1 second')", true, 0),
    ("tumble(t, ts, '1 second') x", true, 0),
    ("TUMBLE((SELECT * FROM t WHERE a > 1) , ts, 1s)", true, 0),
    ("TUMBLE(TABLE 'trades.csv', DESCRIPTOR(ts), 1000 ms)", true, 0),
    ("TUMBLE(trades.csv, ts, 1000ms)", true, 0),
    ("t WINDOW TUMBLING(1s)", false, 0),
    ("t WINDOW TUMBLING(1 second)", false, 0),
    ("t WINDOW TUMBLING(INTERVAL '1' SECOND)", false, 0),
    ("t WINDOW TUMBLING(ts, INTERVAL '1' SECOND)", true, 0),
    ("t WINDOW TUMBLING(ts, 1s, 250ms)", true, SECOND / 4),
    ("t WINDOW TUMBLING (SIZE 1 SECOND)", false, 0),
    ("t WINDOW TUMBLING (SIZE 1 SECOND, OFFSET 250ms)", false, SECOND / 4),
    ("t window tumbling (size 1s)", false, 0),
    ("t GROUP BY symbol WINDOW TUMBLING(1s)", false, 0),
    ("t WINDOW TUMBLING(1s) GROUP BY symbol", false, 0),
    ("t GROUP BY symbol, tumble(interval '1 second')", false, 0),
    ("t GROUP BY TUMBLE(ts, INTERVAL '1' SECOND), symbol", true, 0),
    ("t GROUP BY TUMBLE(ts, '1s', INTERVAL '250' MILLISECOND)", true, SECOND / 4),
    ("t GROUP BY (TUMBLE(ts, 1s))", true, 0),
    ("t SAMPLE BY 1s", false, 0),
    ("t WHERE price > 1 SAMPLE BY 1s", false, 0),
    ("t sample by interval '1' second", false, 0),
];

#[test]
fn every_tumbling_spelling_has_one_shape() {
    for (rest, timed, offset) in TUMBLING {
        let sql = format!("SELECT count(*) FROM {rest}");
        let window = window(&sql);
        let shape = WindowShape::Tumble {
            size_ns: SECOND,
            offset_ns: *offset,
        };
        assert_eq!(window.shape, shape, "{sql}");
        assert_eq!(window.time.is_some(), *timed, "{sql}");
        if let Some(time) = &window.time {
            assert_eq!(time.text, "ts", "{sql}");
        }
        assert_eq!(
            window.clause,
            rest.to_uppercase().contains("WINDOW TUMBLING"),
            "{sql}"
        );
        assert!(
            window.span.line == 1 && window.span.column > 20,
            "{sql}: {:?}",
            window.span
        );
    }
}

#[test]
fn a_window_key_leaves_the_other_keys() {
    let body = query("SELECT 1 FROM t GROUP BY symbol, TUMBLE(ts, 1s), side").body;
    let keys: Vec<String> = body.group_by.iter().map(ToString::to_string).collect();
    assert_eq!(keys, ["symbol", "side"]);
    let body = query("SELECT 1 FROM TUMBLE(t, ts, 1s) w GROUP BY window_start, window_end, 1").body;
    assert_eq!(body.group_by.len(), 3);
    assert!(body.window.is_none());
    assert!(
        matches!(body.from, From::Windowed { alias: Some(alias), .. } if alias.name.text == "w")
    );
}

#[test]
fn durations_have_all_their_spellings() {
    for (text, ns) in [
        ("1s", SECOND),
        ("100ms", SECOND / 10),
        ("250us", 250_000),
        ("10ns", 10),
        ("5m", 300 * SECOND),
        ("1h", 3600 * SECOND),
        ("1d", 86_400 * SECOND),
        ("1m30s", 90 * SECOND),
        ("1.5s", 3 * SECOND / 2),
        ("1 MINUTE", 60 * SECOND),
        ("'1 second'", SECOND),
        ("INTERVAL '1' SECOND", SECOND),
        ("INTERVAL '1 second'", SECOND),
        ("INTERVAL 1 SECOND", SECOND),
        ("INTERVAL '9:30' HOUR TO MINUTE", 34_200 * SECOND),
        ("INTERVAL '1s'", SECOND),
        ("INTERVAL 1s", SECOND),
    ] {
        let window = window(&format!("SELECT 1 FROM t WINDOW TUMBLING({text})"));
        let shape = WindowShape::Tumble {
            size_ns: ns,
            offset_ns: 0,
        };
        assert_eq!(window.shape, shape, "{text}");
    }
}

#[test]
fn a_duration_is_an_expression_too() {
    let body =
        query("SELECT ts - 1s AS a, ts + INTERVAL '1' SECOND FROM t WHERE ts > x - 250ms").body;
    let SelectItem::Expr { expr, .. } = &body.items[0] else {
        panic!("an expression");
    };
    assert_eq!(expr.to_string(), "ts - INTERVAL '1s'");
    assert_eq!(
        body.filter.expect("WHERE").to_string(),
        "ts > x - INTERVAL '250ms'"
    );
}

#[test]
fn clauses_stand_in_any_order() {
    let clauses = [
        "WHERE a > 1",
        "GROUP BY symbol",
        "HAVING count(*) > 1",
        "WINDOW TUMBLING(1s)",
        "EMIT FINAL",
        "LATE DATA DROP",
        "ORDER BY symbol DESC NULLS LAST",
        "LIMIT 5",
    ];
    for shift in 0..clauses.len() {
        let mut order = clauses;
        order.rotate_left(shift);
        if shift % 2 == 1 {
            order.reverse();
        }
        let sql = format!("SELECT count(*) n FROM t {}", order.join(" "));
        let query = query(&sql);
        assert_eq!(query.body.filter.expect("WHERE").to_string(), "a > 1");
        assert_eq!(query.body.group_by.len(), 1, "{sql}");
        assert_eq!(
            query.body.having.expect("HAVING").to_string(),
            "count(*) > 1"
        );
        assert!(query.body.window.expect("WINDOW").clause, "{sql}");
        assert_eq!(query.emit.expect("EMIT").mode, EmitMode::Final);
        assert_eq!(query.late.expect("LATE DATA").policy, LatePolicyAst::Drop);
        assert_eq!(query.limit.expect("LIMIT").0, 5);
        let [item] = query.order_by.as_slice() else {
            panic!("one item: {sql}");
        };
        assert!(item.descending && item.nulls_first == Some(false), "{sql}");
    }
}

#[test]
fn emission_and_lateness() {
    for (sql, mode) in [
        ("EMIT CHANGES", EmitMode::Changes),
        ("EMIT FINAL", EmitMode::Final),
        ("EMIT ON WINDOW CLOSE", EmitMode::Final),
        ("emit changes", EmitMode::Changes),
        ("EMIT CHANGES EVERY 5s", EmitMode::Changes),
        ("EMIT FINAL EARLY EVERY 5s", EmitMode::Final),
        (
            "EMIT ON WINDOW CLOSE EARLY EVERY 5s TIMEOUT 1s",
            EmitMode::Final,
        ),
        ("EMIT FINAL TIMEOUT 1s", EmitMode::Final),
    ] {
        let query = query(&format!("SELECT a FROM t {sql}"));
        let emit = query.emit.expect("EMIT");
        assert_eq!(emit.mode, mode, "{sql}");
        assert_eq!(emit.every_ns.is_some(), sql.contains("EVERY"), "{sql}");
        assert_eq!(emit.timeout_ns.is_some(), sql.contains("TIMEOUT"), "{sql}");
        assert_eq!(emit.span.column, 17, "{sql}");
    }
    for (sql, policy) in [
        ("DROP", LatePolicyAst::Drop),
        ("WARN", LatePolicyAst::Warn),
        ("PROCESS", LatePolicyAst::Process),
        ("ALLOW 5s", LatePolicyAst::Allow(5 * SECOND)),
        (
            "ALLOW INTERVAL '5' SECOND",
            LatePolicyAst::Allow(5 * SECOND),
        ),
        ("INTO l", LatePolicyAst::Drop),
        ("ALLOW 5s INTO l", LatePolicyAst::Allow(5 * SECOND)),
        ("PROCESS INTO l", LatePolicyAst::Process),
    ] {
        let query = query(&format!("SELECT a FROM t LATE DATA {sql} EMIT CHANGES"));
        let late = query.late.expect("LATE DATA");
        assert_eq!(late.policy, policy, "{sql}");
        assert_eq!(late.into.is_some(), sql.ends_with("INTO l"), "{sql}");
    }
}

#[test]
fn words_of_clauses_are_names_elsewhere() {
    let body = query("SELECT late, sample s, a emitted, fill FROM late sample WHERE data > 1").body;
    assert_eq!(body.items.len(), 4);
    assert!(matches!(body.from, From::Table { name, alias: Some(alias) }
        if name.text == "late" && alias.name.text == "sample"));
    let body = query("SELECT \"select\", `from` FROM \"order\" \"group\"").body;
    assert!(matches!(body.from, From::Table { name, alias: Some(alias) }
        if name.text == "order" && name.quoted && alias.name.text == "group"));
    assert_eq!(
        query("SELECT left(symbol, 2), right(symbol, 1) FROM t")
            .body
            .items
            .len(),
        2
    );
    assert_eq!(
        query("SELECT date, value, timestamp, size, day FROM t")
            .body
            .items
            .len(),
        5
    );
}

#[test]
fn select_items() {
    let body = query("SELECT DISTINCT *, t.*, price, price * size AS n, 'x' \"Y z\", a IS DISTINCT FROM b FROM t").body;
    assert!(body.distinct);
    let star = |index: usize| match &body.items[index] {
        SelectItem::Star(star) => (
            star.qualifier.as_ref().map(|name| &name.text[..]),
            star.span,
        ),
        other => panic!("{other:?}"),
    };
    assert!(matches!(star(0), (None, span) if span.column == 17));
    assert!(matches!(star(1), (Some("t"), span) if span.column == 20));
    let alias = |index: usize| match &body.items[index] {
        SelectItem::Expr { alias, .. } => alias.as_ref().map(|alias| alias.text.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(alias(2), None);
    assert_eq!(alias(3).as_deref(), Some("n"));
    assert_eq!(alias(4).as_deref(), Some("Y z"));
    assert_eq!(alias(5), None);
    let SelectItem::Expr { span, .. } = &body.items[3] else {
        panic!("an expression");
    };
    let whole = Span {
        line: 1,
        column: 32,
        end_line: 1,
        end_column: 49,
    };
    assert_eq!(*span, whole);
}

#[test]
fn expressions_of_the_dialect() {
    for expr in [
        "CASE WHEN a > 1 THEN 'x' WHEN b THEN 'y' ELSE NULL END",
        "CASE side WHEN 'B' THEN 1 END",
        "CAST(a AS DECIMAL(18,4))",
        "TRY_CAST(a AS BIGINT)",
        "a::BIGINT::VARCHAR",
        "EXTRACT(HOUR FROM ts)",
        "a BETWEEN 1 AND 2 AND b NOT BETWEEN c AND d OR NOT e",
        "a IN (1, 2, 3) AND symbol NOT IN ('A', 'B')",
        "a LIKE 'x%' ESCAPE '!' OR b NOT ILIKE 'y'",
        "a IS NOT NULL AND b IS NULL AND c IS NOT DISTINCT FROM d",
        "a || 'it''s' || b",
        "a % 2 = 1 AND -a < +b",
        "COUNT(*)",
        "COUNT(DISTINCT symbol)",
        "SUM(a) FILTER (WHERE side = 'B')",
        "SUM(a) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 99 PRECEDING AND CURRENT ROW)",
        "SUM(a) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW)",
        "LAG(price, 1) OVER (PARTITION BY symbol ORDER BY ts)",
        "FIRST_VALUE(price) IGNORE NULLS OVER (ORDER BY ts)",
        "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY price)",
        "TIMESTAMP '2020-01-01 00:00:00'",
        "DATE '2020-01-01'",
        "SUBSTRING(a FROM 1 FOR 2) || TRIM(BOTH ' ' FROM b) || POSITION('x' IN c)",
        "t.price * 1e5 + .5 - 1.25",
        "COALESCE(a, b, 0)",
        "TUMBLE_START(ts, INTERVAL '1' SECOND)",
        "SUM(a) FILTER (WHERE b > 1) OVER (ORDER BY ts)",
        "NOT (a AND (b OR c))",
        "CURRENT_TIMESTAMP",
        "NULL IS NULL AND TRUE OR FALSE",
        "date_trunc('hour', ts)",
    ] {
        let _ = query(&format!(
            "SELECT {expr} FROM t WHERE {expr} GROUP BY {expr} HAVING {expr} ORDER BY {expr}"
        ));
    }
}

#[test]
fn a_buffer_of_rows_is_the_standard_frame() {
    let over = |sql: &str| {
        query(&format!("SELECT avg(p) OVER ({sql}) FROM t"))
            .body
            .items[0]
            .clone()
    };
    let text = |item: SelectItem| match item {
        SelectItem::Expr { expr, .. } => expr.to_string(),
        other => panic!("{other:?}"),
    };
    let frame = "ROWS BETWEEN 99 PRECEDING AND CURRENT ROW";
    for (velostream, standard) in [
        ("ROWS WINDOW BUFFER 100 ROWS", frame.to_owned()),
        (
            "ROWS WINDOW BUFFER 100 ROWS PARTITION BY k",
            format!("PARTITION BY k {frame}"),
        ),
        (
            "ROWS WINDOW BUFFER 100 ROWS ORDER BY ts",
            format!("ORDER BY ts {frame}"),
        ),
        (
            "rows window buffer 100 rows partition by upper(k) order by ts desc",
            format!("partition by upper(k) order by ts desc {frame}"),
        ),
        (
            "PARTITION BY k ORDER BY ts ROWS WINDOW BUFFER 100 ROWS",
            format!("PARTITION BY k ORDER BY ts {frame}"),
        ),
    ] {
        assert_eq!(
            text(over(velostream)),
            text(over(&standard)),
            "{velostream}"
        );
    }
    assert!(text(over("ROWS WINDOW BUFFER 1 ROWS")).contains("BETWEEN 0 PRECEDING"));
}

#[test]
fn tables_are_created() {
    let sql = "CREATE TABLE trades (
        ts TIMESTAMP(9) NOT NULL, symbol STRING, price DECIMAL(18,4), size BIGINT NULL,
        notional AS price * size, \"Quoted\" VARCHAR(10), offset BIGINT,
        PRIMARY KEY (symbol, ts) NOT ENFORCED,
        WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
      ) WITH ('connector' = 'file', path = '${DATA}/x.csv', csv.header = true, 'depth' = 10, 'idle.timeout' = 5s)";
    let StatementKind::CreateTable(table) = one(sql) else {
        panic!("a table");
    };
    assert_eq!(table.name.text, "trades");
    assert_eq!(table.role, TableRole::Any);
    assert_eq!(table.columns.len(), 7);
    assert!(table.columns[0].not_null && !table.columns[3].not_null);
    assert!(
        matches!(&table.columns[4].kind, ColumnKind::Computed(expr) if expr.to_string() == "price * size")
    );
    assert!(
        matches!(&table.columns[0].kind, ColumnKind::Physical(ty) if ty.to_string() == "TIMESTAMP(9)")
    );
    assert!(table.columns[5].name.quoted);
    let key: Vec<&str> = table
        .primary_key
        .iter()
        .map(|name| name.text.as_str())
        .collect();
    assert_eq!(key, ["symbol", "ts"]);
    let watermark = table.watermark.expect("a watermark");
    assert_eq!(
        (watermark.column.text.as_str(), watermark.delay_ns),
        ("ts", SECOND)
    );
    assert_eq!(watermark.span.line, 5);
    let options: Vec<(&str, &str)> = table
        .options
        .iter()
        .map(|option| (option.key.as_str(), option.value.as_str()))
        .collect();
    let wanted = [
        ("connector", "file"),
        ("path", "/data/x.csv"),
        ("csv.header", "true"),
        ("depth", "10"),
        ("idle.timeout", "5s"),
    ];
    assert_eq!(options, wanted);
    let span = table.options[0].value_span;
    assert_eq!((span.line, span.column, span.end_column), (6, 29, 35));
}

#[test]
fn the_aliases_of_create_table() {
    for (word, wanted) in [
        ("TABLE", TableRole::Any),
        ("STREAM", TableRole::Any),
        ("SOURCE", TableRole::Source),
        ("SINK", TableRole::Sink),
        ("sink", TableRole::Sink),
    ] {
        let StatementKind::CreateTable(table) = one(&format!(
            "CREATE {word} x (a INT PRIMARY KEY NOT NULL) WITH (a='b')"
        )) else {
            panic!("a table: {word}");
        };
        assert_eq!(table.role, wanted, "{word}");
        assert_eq!(table.primary_key[0].text, "a");
        assert!(table.columns[0].not_null);
    }
    let StatementKind::CreateTable(table) = one("CREATE SINK s WITH ('connector' = 'blackhole')")
    else {
        panic!("a table");
    };
    assert!(table.columns.is_empty());
}

#[test]
fn watermarks_take_a_column_or_a_delay() {
    for (expr, ns) in [
        ("ts", 0),
        ("TS", 0),
        ("(ts)", 0),
        ("ts - INTERVAL '5 seconds'", 5 * SECOND),
        ("(ts - (INTERVAL '0.5' SECOND))", SECOND / 2),
        ("ts - 250ms", SECOND / 4),
    ] {
        let StatementKind::CreateTable(table) = one(&format!(
            "CREATE TABLE t (ts TIMESTAMP, WATERMARK FOR ts AS {expr}) WITH (a='b')"
        )) else {
            panic!("a table");
        };
        assert_eq!(table.watermark.expect("a watermark").delay_ns, ns, "{expr}");
    }
}

#[test]
fn create_as_has_its_options_before_or_behind() {
    for sql in [
        "CREATE STREAM s WITH ('a' = 'b') AS SELECT x FROM t EMIT CHANGES",
        "CREATE TABLE s WITH ('a' = 'b') AS SELECT x FROM t EMIT CHANGES",
        "CREATE STREAM s AS SELECT x FROM t EMIT CHANGES WITH ('a' = 'b')",
        "CREATE SINK s (PRIMARY KEY (x)) WITH ('a' = 'b') AS (SELECT x FROM t EMIT CHANGES)",
    ] {
        let StatementKind::CreateAs {
            name,
            options,
            query,
            ..
        } = one(sql)
        else {
            panic!("create as: {sql}");
        };
        assert_eq!(name.text, "s");
        assert_eq!(options.len(), 1, "{sql}");
        assert_eq!(query.emit.expect("EMIT").mode, EmitMode::Changes);
    }
    assert!(
        matches!(one("CREATE STREAM s AS SELECT x FROM t"), StatementKind::CreateAs { options, .. } if options.is_empty())
    );
    assert!(
        matches!(one("CREATE VIEW v AS WITH a AS (SELECT 1 FROM t) SELECT * FROM a"),
        StatementKind::CreateView { query, .. } if query.ctes.len() == 1)
    );
}

#[test]
fn the_other_statements() {
    assert!(
        matches!(one("INSERT INTO s SELECT * FROM t"), StatementKind::Insert { columns, .. } if columns.is_empty())
    );
    assert!(
        matches!(one("INSERT INTO s (a, b) SELECT a, b FROM t"), StatementKind::Insert { columns, .. } if columns.len() == 2)
    );
    assert!(
        matches!(one("INSERT INTO s (SELECT a FROM t)"), StatementKind::Insert { columns, .. } if columns.is_empty())
    );
    assert!(matches!(
        one("EXPLAIN SELECT a FROM t"),
        StatementKind::Explain { analyze: false, .. }
    ));
    assert!(matches!(
        one("EXPLAIN ANALYZE INSERT INTO s SELECT a FROM t"),
        StatementKind::Explain { analyze: true, .. }
    ));
    assert!(matches!(one("DESCRIBE t"), StatementKind::Describe(name) if name.text == "t"));
    assert!(matches!(one("DESC 'a.csv'"), StatementKind::Describe(name) if name.text == "a.csv"));
    assert!(matches!(one("SHOW TABLES"), StatementKind::ShowTables));
    assert!(matches!(
        one("show functions;"),
        StatementKind::ShowFunctions
    ));
    for (sql, wanted) in [
        ("SET 'state.ttl' = '1h'", ("state.ttl", "1h")),
        ("SET state.ttl = 1h", ("state.ttl", "1h")),
        ("SET workers = 4", ("workers", "4")),
        ("SET workers TO 4", ("workers", "4")),
        ("SET idle = spin", ("idle", "spin")),
        ("SET 'order' TO 'source'", ("order", "source")),
        ("SET x = -1", ("x", "-1")),
        ("SET x = true", ("x", "true")),
    ] {
        let StatementKind::Set { key, value, .. } = one(sql) else {
            panic!("SET: {sql}");
        };
        assert_eq!((key.text.as_str(), value.as_str()), wanted, "{sql}");
    }
}

#[test]
fn relations() {
    assert!(matches!(
        query("SELECT * FROM t x").body.from,
        From::Table { alias: Some(_), .. }
    ));
    for path in [
        "'trades.csv'",
        "trades.csv",
        "a.b.jsonl",
        "trades.json.gz",
        "trades.ndjson.zst",
        "T.CSV",
    ] {
        let sql = format!("SELECT * FROM {path} AS x");
        let From::File {
            path: read, alias, ..
        } = query(&sql).body.from
        else {
            panic!("a file: {sql}");
        };
        assert_eq!(read, path.trim_matches('\''));
        assert_eq!(alias.expect("an alias").name.text, "x");
    }
    assert!(
        matches!(query("SELECT * FROM (SELECT * FROM (SELECT 1 FROM t)) q").body.from,
        From::Subquery { query, alias: Some(_) } if matches!(query.body.from, From::Subquery { .. }))
    );
    assert!(matches!(query("SELECT 1").body.from, From::Nothing));
    let query =
        query("WITH a AS (SELECT 1 x FROM t), b AS (SELECT * FROM a EMIT CHANGES) SELECT * FROM b");
    assert_eq!(query.ctes.len(), 2);
    assert!(query.ctes[1].1.emit.is_some());
    assert!(matches!(one("(SELECT a FROM t)"), StatementKind::Query(_)));
}

#[test]
fn scripts_have_statements_and_annotations() {
    let script = run("-- @job_mode: simple\n-- a comment\n;;SELECT 1 FROM t; -- @batch_size 100\n/* ; */ SET a = 'x;y';\n--@x\n")
        .expect("a script");
    assert_eq!(script.statements.len(), 2);
    let annotations: Vec<(&str, &str)> = script
        .annotations
        .iter()
        .map(|(name, value, _)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        annotations,
        [("job_mode", "simple"), ("batch_size", "100"), ("x", "")]
    );
    let span = script.annotations[1].2;
    assert_eq!(
        (span.line, span.column, span.end_line, span.end_column),
        (3, 20, 3, 38)
    );
    let span = script.statements[0].span;
    assert_eq!((span.line, span.column, span.end_column), (3, 3, 18));
    assert!(run("").expect("nothing").statements.is_empty());
    assert!(
        run(" \n -- only this")
            .expect("nothing")
            .statements
            .is_empty()
    );
}
