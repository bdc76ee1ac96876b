//! Files as tables.

use super::{files, job, run};
use crate::plan::{FormatPlan, TimestampFormat};
use crate::sql::{CompileOptions, compile};

#[test]
fn a_csv_file_is_a_table_and_tells_what_was_chosen() {
    let compiled = run("SELECT * FROM 'trades.csv';").expect("compiles");
    let (path, schema, reason) = &compiled.inferred[0];
    assert_eq!(path, "trades.csv");
    assert_eq!(schema.fields.len(), 5);
    assert!(
        reason.contains("time column ts: epoch milliseconds"),
        "{reason}"
    );
    let job = compiled.job.expect("a job");
    let FormatPlan::Csv(format) = &job.sources[0].format else {
        panic!("csv");
    };
    assert!(format.header);
    assert_eq!(format.timestamp, TimestampFormat::Millis);
    assert!(
        !job.sources[0]
            .event_time
            .as_ref()
            .expect("event time")
            .rises
    );
}

#[test]
fn the_same_file_is_read_once() {
    let job = job("SELECT symbol FROM 'trades.csv'; SELECT price FROM 'trades.csv';");
    assert_eq!(job.sources.len(), 1);
}

#[test]
fn headerless_columns_are_c1_and_so_on() {
    let job = job("SELECT c1, SUM(c2) FROM 'bare.csv' GROUP BY c1;");
    assert_eq!(job.statements[0].output.fields[0].name, "c1");
    assert!(job.sources[0].event_time.is_none());
}

#[test]
fn json_lines_are_a_table() {
    let job = job("SELECT bid, ask FROM 'quotes.jsonl' WHERE bid < ask;");
    assert!(matches!(job.sources[0].format, FormatPlan::Json(_)));
    assert!(job.sources[0].event_time.is_some());
}

#[test]
fn a_declared_table_without_columns_is_inferred() {
    let compiled = run(
        "CREATE TABLE t WITH ('connector' = 'file', 'path' = 'trades.csv'); SELECT symbol FROM t;",
    )
    .expect("compiles");
    assert_eq!(compiled.inferred[0].0, "t");
    let error = run("CREATE TABLE t WITH ('connector' = 'file', 'path' = 'trades.csv', 'csv.header' = 'true'); SELECT symbol FROM t;")
        .expect_err("the header is inferred");
    assert!(error.message.contains("needs declared columns"));
}

#[test]
fn what_cannot_be_inferred_is_refused() {
    for (sql, expected) in [
        ("SELECT * FROM 'empty.csv'", "is empty"),
        ("SELECT * FROM 'none.csv'", "no file none.csv"),
        (
            "SELECT nosuch FROM 'trades.csv'",
            "column nosuch does not exist",
        ),
        (
            "SELECT COUNT(*) FROM 'bare.csv' WINDOW TUMBLING(1s)",
            "has no watermark",
        ),
    ] {
        let error = compile(sql, &CompileOptions::default(), &files()).expect_err(sql);
        assert!(error.to_string().contains(expected), "{sql}: {error}");
        assert!(error.span.line > 0, "{sql}");
    }
}
