//! EXPLAIN, DESCRIBE, SHOW.

use super::run;

fn output(sql: &str) -> String {
    run(sql).expect("compiles").output.join("\n")
}

#[test]
fn explain_tells_the_plan_and_runs_nothing() {
    let compiled = run("EXPLAIN SELECT symbol, COUNT(*) AS n FROM trades WHERE size > 10 WINDOW TUMBLING(1s) GROUP BY symbol HAVING n > 1;")
        .expect("compiles");
    assert!(compiled.job.is_none());
    assert_eq!(
        compiled.output[0],
        "statement select
  source trades: file trades.csv, csv with header, bounded, event time ts, watermark 1s behind
  route: hash on symbol: GROUP BY keeps rows of one key on one worker
  stage 0
    filter size > 10
    late: drop by tumble 1s on ts
    aggregate by symbol, tumble 1s on ts: count(*); emit final; late rows: drop
    filter count(*) > 1
    project symbol, count(*)
  state: about 52 B for each group (symbol) of each open window (tumble 1s); at most 134217728 groups a worker ('max.groups')
  parallelism: one ingest core; any number of workers, each with its share of (symbol)
  sink stdout: stdout, table, append, order source
    symbol VARCHAR, n BIGINT"
    );
}

#[test]
fn explain_names_exchanges_and_joined_routes() {
    let text = output(
        "INSERT INTO out SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;
         EXPLAIN INSERT INTO out SELECT symbol, SUM(price) FROM trades GROUP BY symbol;",
    );
    assert!(text.contains("shared by 2 statements"), "{text}");
    let text = output("EXPLAIN SELECT SUM(size) FROM trades;");
    assert!(text.contains("route: blocks:"), "{text}");
    assert!(
        text.contains("exchange to worker 0: partial aggregates"),
        "{text}"
    );
    assert!(text.contains("aggregate, partial: sum(size)"), "{text}");
    let text = output(
        "EXPLAIN SELECT symbol, AVG(price) OVER (PARTITION BY symbol ORDER BY ts ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM trades;",
    );
    assert!(
        text.contains("over by symbol in source order, ts checked: avg(price) of the last 10 rows"),
        "{text}"
    );
}

#[test]
fn explain_analyze_asks_for_a_run() {
    let compiled = run("EXPLAIN ANALYZE SELECT symbol FROM trades;").expect("compiles");
    assert!(compiled.analyze && compiled.job.is_some());
    assert_eq!(compiled.output.len(), 1);
}

#[test]
fn describe_and_show() {
    let text = output("DESCRIBE trades;");
    assert!(text.contains("ts        TIMESTAMP"), "{text}");
    assert!(text.contains("event time"), "{text}");
    assert!(text.contains("watermark: 1s behind ts"), "{text}");
    let text = output("CREATE VIEW v AS SELECT symbol, price * 2 AS p FROM trades; DESCRIBE v;");
    assert!(text.contains("p       DECIMAL(29,4)"), "{text}");
    let text = output("CREATE VIEW v AS SELECT symbol FROM trades; SHOW TABLES;");
    assert!(text.contains("trades") && text.contains("view"), "{text}");
    assert!(output("SHOW FUNCTIONS;").contains("VWAP"));
}

#[test]
fn describe_finds_columns_that_are_not_declared() {
    let columns = "column  type       notes
ts      TIMESTAMP  event time
symbol  VARCHAR
price   DOUBLE
size    BIGINT
side    VARCHAR";
    assert_eq!(output("DESCRIBE 'trades.csv';"), columns);
    let file = "CREATE TABLE f WITH ('connector' = 'file', 'path' = 'trades.csv'); DESCRIBE f;";
    assert!(output(file).starts_with(columns), "{}", output(file));
    let made = output("CREATE TABLE g WITH ('connector' = 'generator'); DESCRIBE g;");
    assert!(made.contains("price   DECIMAL"), "{made}");
    // The file of a sink need not be there, nor tell anything.
    let sink = "CREATE TABLE s WITH ('connector' = 'file', 'path' = 'new.csv'); DESCRIBE s;";
    assert!(
        output(sink).starts_with("column  type  notes"),
        "{}",
        output(sink)
    );
    assert!(run("DESCRIBE 'nosuch.csv';").is_err());
}

#[test]
fn explain_is_refused_for_what_does_not_run() {
    assert!(run("EXPLAIN SELECT nosuch FROM trades;").is_err());
}

#[test]
fn explain_tells_what_another_run_answers_otherwise() {
    let text =
        output("EXPLAIN SELECT symbol, _offset, _event_time FROM trades WHERE _key IS NULL;");
    assert!(!text.contains("not reproducible"), "{text}");
    assert!(text.contains("project symbol, _offset, ts"), "{text}");
    let text = output("EXPLAIN SELECT symbol, NOW() FROM trades WHERE _worker = 0;");
    assert!(
        text.contains("not reproducible: _worker, _timestamp\n"),
        "{text}"
    );
    let text = output(
        "INSERT INTO out SELECT _timestamp FROM trades;
         EXPLAIN SELECT symbol, COUNT(*) FROM trades GROUP BY symbol;",
    );
    assert!(!text.contains("not reproducible"), "{text}");
    let text = output("EXPLAIN SELECT _partition, COUNT(*) FROM trades GROUP BY ALL;");
    assert!(text.contains("exchange by _partition"), "{text}");
}

#[test]
fn explain_tells_what_is_held_and_what_limits_the_workers() {
    let text = output(
        "EXPLAIN SELECT symbol, MEDIAN(price), COUNT(DISTINCT side) FROM trades GROUP BY symbol;",
    );
    assert!(
        text.contains("8 B a value for median(cast(price as DOUBLE))"),
        "{text}"
    );
    assert!(
        text.contains("32 B a distinct value for count(distinct side)"),
        "{text}"
    );
    let text = output("EXPLAIN SELECT SUM(size) FROM trades;");
    assert!(
        text.contains("any number of workers; stage 1 on worker 0 alone"),
        "{text}"
    );
    let text = output(
        "SET 'partitioning' = 'fan_in'; EXPLAIN SELECT symbol, SUM(size) FROM trades GROUP BY symbol;",
    );
    assert!(
        text.contains("parallelism: one worker: SET 'partitioning' asks for it"),
        "{text}"
    );
    let text = output(
        "EXPLAIN SELECT symbol, AVG(price) OVER (PARTITION BY symbol ORDER BY ts RANGE BETWEEN INTERVAL '5' SECOND PRECEDING AND CURRENT ROW) FROM trades;",
    );
    assert!(
        text.contains("B for each partition (symbol) and 24 B for each row of the last 5s"),
        "{text}"
    );
}

#[test]
fn the_columns_a_source_is_partitioned_by_choose_the_route() {
    let table = |by: &str| {
        format!(
            "CREATE TABLE p (ts TIMESTAMP, symbol VARCHAR, side VARCHAR, size BIGINT) WITH \
             ('connector' = 'file', 'path' = 'trades.csv', 'format' = 'csv', 'partitioned.by' = '{by}');"
        )
    };
    let query = "EXPLAIN SELECT side, symbol, SUM(size) FROM p GROUP BY side, symbol;";
    let text = output(&format!("{} {query}", table("symbol")));
    let route = "route: smart on symbol: GROUP BY keeps rows of one key on one worker, and the source is partitioned by symbol";
    assert!(text.contains(route), "{text}");
    let text = output(&format!(
        "SET 'partitioning' = 'hash'; {} {query}",
        table("symbol")
    ));
    assert!(text.contains("route: hash on side, symbol"), "{text}");
    let text = output(&format!("{} {query}", table("ts")));
    assert!(text.contains("route: hash on side, symbol"), "{text}");
    let wrong = run(&format!("{} {query}", table("symbl"))).expect_err("no such column");
    assert!(
        wrong.to_string().contains("did you mean symbol?"),
        "{wrong}"
    );
    let twice = run(&format!("{} {query}", table("side, side"))).expect_err("twice");
    assert!(twice.to_string().contains("twice"), "{twice}");
}
