//! Options that are wrong: what is said, and where.

use super::{TABLES, run};
use crate::error::SqlErrorKind;

fn refused(options: &str) -> String {
    let sql = format!("CREATE TABLE s (a INT, b INT) WITH ({options}); SELECT a FROM s;");
    let error = run(&sql).expect_err(options);
    assert!(
        error.span.line > 0,
        "{options}: {} has no place",
        error.message
    );
    let rendered = error.render("q", &format!("{TABLES}{sql}"));
    assert!(rendered.contains('^'), "{rendered}");
    error.to_string()
}

#[test]
fn wrong_options_are_refused_with_a_cure() {
    let file = "'connector' = 'file', 'path' = 'bare.csv'";
    let cases = [
        (
            "'path' = 'bare.csv'".to_owned(),
            "option 'connector' is missing",
        ),
        ("'connector' = 'flie'".into(), "did you mean file?"),
        (
            "'connector' = 'kafka'".into(),
            "connector kafka is not built in this version",
        ),
        ("'connector' = 'udp'".into(), "not built"),
        (
            "'connector' = 'stdout'".into(),
            "is a sink: it cannot be read",
        ),
        ("'connector' = 'file'".into(), "option 'path' is missing"),
        (
            "'connector' = 'file', 'path' = 'none.csv'".into(),
            "no file none.csv",
        ),
        ("'connector' = 'stdin'".into(), "option 'format' is missing"),
        (
            "'connector' = 'stdin', 'format' = 'parquet'".into(),
            "format parquet is not built",
        ),
        (
            "'connector' = 'stdin', 'format' = 'jsn'".into(),
            "did you mean json?",
        ),
        (
            "'connector' = 'stdin', 'format' = 'table'".into(),
            "can be written only",
        ),
        (
            "'connector' = 'tcp', 'format' = 'csv'".into(),
            "needs 'listen' or 'connect'",
        ),
        (
            "'connector' = 'tcp', 'format' = 'csv', 'listen' = 'x'".into(),
            "takes host:port",
        ),
        (
            "'connector' = 'tcp', 'format' = 'csv', 'listen' = '1', 'connect' = '2'".into(),
            "exclude",
        ),
        (
            format!("{file}, 'csv.headr' = 'true'"),
            "did you mean 'csv.header'?",
        ),
        (
            format!("{file}, 'csv.header' = 'yes'"),
            "takes true or false",
        ),
        (
            format!("{file}, 'csv.header' = 'true'"),
            "the header has no column b",
        ),
        (
            format!("{file}, 'csv.delimiter' = ';;'"),
            "one ASCII character",
        ),
        (format!("{file}, 'csv.delimiter' = '\"'"), "same character"),
        (
            format!("{file}, 'listen' = '9000'"),
            "it belongs to connector tcp",
        ),
        (
            format!("{file}, 'rows' = '9'"),
            "it belongs to connector generator",
        ),
        (
            format!("{file}, 'order' = 'source'"),
            "it belongs to a sink",
        ),
        (
            format!("{file}, 'json.path.a' = 'x'"),
            "it belongs to a source of format json",
        ),
        (format!("{file}, 'path' = 'x'"), "a second option"),
        (
            format!("{file}, 'on.error' = 'skp'"),
            "did you mean 'skip'?",
        ),
        (
            format!("{file}, 'on.error' = 'dead_letter'"),
            "'dead.letter.path' is missing",
        ),
        (format!("{file}, 'dead.letter.path' = 'x'"), "has no effect"),
        (format!("{file}, 'idle.timeout' = 'soon'"), "duration"),
        (
            format!("{file}, 'max.future.skew' = '1d'"),
            "for live sources",
        ),
        (
            format!("{file}, 'pace' = 'fast'"),
            "takes max, realtime or a factor",
        ),
        (format!("{file}, 'pace' = '2x'"), "the table has none"),
        (
            format!("{file}, 'timestamp.format' = 'iso8602'"),
            "takes iso, s, ms, us, ns",
        ),
        (format!("{file}, 'validate' = 'some'"), "takes used or all"),
        (format!("{file}, 'follow' = 'maybe'"), "takes true or false"),
        (
            "'connector' = 'generator'".into(),
            "the generator makes no column a",
        ),
        (
            "'connector' = 'generator', 'kind' = 'trade'".into(),
            "did you mean 'trades'?",
        ),
        (
            "'connector' = 'generator', 'rows' = '0'".into(),
            "of at least 1",
        ),
        (
            "'connector' = 'generator', 'disorder' = '1us'".into(),
            "whole milliseconds",
        ),
        (
            "'connector' = 'generator', 'start' = 'now'".into(),
            "is not a timestamp",
        ),
        (
            "'connector' = 'stdin', 'format' = 'json', 'json.path.c' = 'x'".into(),
            "names no physical column",
        ),
        (
            "'connector' = 'stdin', 'format' = 'json', 'json.path.a' = 'x..y'".into(),
            "member names",
        ),
    ];
    for (options, expected) in cases {
        let message = refused(&options);
        assert!(
            message.contains(expected),
            "{options}\n  said: {message}\n  not: {expected}"
        );
    }
}

#[test]
fn wrong_sinks_are_refused() {
    let cases = [
        (
            "'connector' = 'generator'",
            "is a source: it cannot be written",
        ),
        (
            "'connector' = 'tcp', 'listen' = '1'",
            "as a sink is not built",
        ),
        (
            "'connector' = 'file', 'path' = 'x'",
            "option 'format' is missing",
        ),
        ("'connector' = 'file', 'path' = 'x.csv.gz'", "compressed"),
        ("'connector' = 'file', 'path' = 'x*.csv'", "wildcards"),
        (
            "'connector' = 'file', 'path' = 'x.csv', 'format' = 'table'",
            "for stdout only",
        ),
        (
            "'connector' = 'stdout', 'follow' = 'true'",
            "no effect on a stdout sink",
        ),
        (
            "'connector' = 'stdout', 'changelog.mode' = 'upsert'",
            "needs a key",
        ),
        (
            "'connector' = 'stdout', 'changelog.mode' = 'appendd'",
            "did you mean 'append'?",
        ),
        (
            "'connector' = 'stdout', 'order' = 'any'",
            "takes source or none",
        ),
        (
            "'connector' = 'blackhole', 'late.retention' = '-1s'",
            "cannot be negative",
        ),
    ];
    for (options, expected) in cases {
        let sql =
            format!("CREATE SINK s WITH ({options}); INSERT INTO s SELECT symbol FROM trades;");
        let message = run(&sql).expect_err(options).to_string();
        assert!(
            message.contains(expected),
            "{options}\n  said: {message}\n  not: {expected}"
        );
    }
}

#[test]
fn wrong_settings_are_refused() {
    let cases = [
        (
            "SET 'wrkers' = '1'",
            "did you mean workers?",
            SqlErrorKind::Bind,
        ),
        ("SET 'workers' = '0'", "from 1 to 64", SqlErrorKind::Bind),
        ("SET 'workers' = 'many'", "whole number", SqlErrorKind::Bind),
        ("SET 'cores' = '3-1'", "takes a list", SqlErrorKind::Bind),
        (
            "SET 'cores' = '0-99999'",
            "takes a list",
            SqlErrorKind::Bind,
        ),
        (
            "SET 'idle' = 'spun'",
            "did you mean 'spin'?",
            SqlErrorKind::Bind,
        ),
        (
            "SET 'partitioning' = 'hsh'",
            "did you mean 'hash'?",
            SqlErrorKind::Bind,
        ),
        (
            "SET 'morsel.rows' = '5000'",
            "from 1 to 4096",
            SqlErrorKind::Bind,
        ),
        (
            "SET 'ingest.cores' = '2'",
            "not built",
            SqlErrorKind::Unsupported,
        ),
        (
            "SET 'timezone' = 'America/Nowhere'",
            "time zone 'America/Nowhere' is not known",
            SqlErrorKind::Bind,
        ),
        ("SET 'late.retention' = '1 parsec'", "", SqlErrorKind::Bind),
    ];
    for (sql, expected, kind) in cases {
        let error = run(&format!("{sql};")).expect_err(sql);
        assert_eq!(error.kind, kind, "{sql}: {error}");
        assert!(
            error.to_string().contains(expected),
            "{sql}\n  said: {error}"
        );
        assert!(error.span.line > 0, "{sql}");
    }
}

#[test]
fn headers_must_agree() {
    let environment = super::Files(vec![("p1.csv", b"a,b\n1,2\n"), ("p2.csv", b"a,c\n1,2\n")]);
    let compile = |sql: &str| {
        crate::sql::compile(sql, &crate::sql::CompileOptions::default(), &environment)
            .expect_err(sql)
            .to_string()
    };
    let declared = compile(
        "CREATE TABLE t (a INT) WITH ('connector' = 'file', 'path' = 'p*.csv', 'csv.header' = 'true'); SELECT a FROM t;",
    );
    assert!(declared.contains("p2.csv has the header a,c"), "{declared}");
    let inferred = compile("SELECT a FROM 'p*.csv'");
    assert!(inferred.contains("does not have the header"), "{inferred}");
}
