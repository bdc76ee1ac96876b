//! Windows: spellings, columns, nesting, the watermark grid.

use super::{aggregate, check, job, last, operators, shape};
use crate::plan::{AggregatePlan, Job, OperatorPlan, WindowPlan};

const SECOND: i64 = 1_000_000_000;

#[test]
fn every_spelling_gives_the_same_plan() {
    let spellings = [
        "SELECT symbol, COUNT(*) n, window_start FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM TABLE(TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY window_start, window_end, symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM TUMBLE(trades, ts, INTERVAL '1 second') GROUP BY symbol, window_start;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol WINDOW TUMBLING(1s);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW TUMBLING(ts, INTERVAL '1' SECOND) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, _window_start AS window_start FROM trades GROUP BY symbol WINDOW TUMBLING(1s);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol, tumble(interval '1 second');",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND);",
        "SELECT symbol, COUNT(*) n, TUMBLE_START(ts, INTERVAL '1' SECOND) AS window_start FROM trades GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND);",
        "SELECT symbol, COUNT(*) n, ts AS window_start FROM trades SAMPLE BY 1s;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades SAMPLE BY 1s;",
    ];
    are_one(&spellings);
}

/// Asserts that all of `spellings` give the plan of the first.
fn are_one(spellings: &[&str]) {
    let shown = |job: &Job| {
        check(job);
        let (statement, route) = last(job);
        format!(
            "{:?} {:?} {:?} {:?}",
            route.key, statement.stages, statement.output, job.watermark_grid
        )
    };
    let first = shown(&job(spellings[0]));
    for spelling in spellings {
        assert_eq!(shown(&job(spelling)), first, "{spelling}");
    }
}

#[test]
fn every_spelling_of_a_hop_gives_the_same_plan() {
    are_one(&[
        "SELECT symbol, COUNT(*) n, window_start FROM HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM TABLE(HOP(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end, symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM HOP(trades, ts, INTERVAL '1 second', INTERVAL '10 seconds') GROUP BY symbol, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM HOP(DATA => TABLE trades, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '10' SECOND, SLIDE => INTERVAL '1' SECOND) GROUP BY symbol, window_start;",
        "SELECT symbol, COUNT(*) n, window_start FROM HOP(TABLE trades, DESCRIPTOR(ts), 1s, 10s, 3s) GROUP BY symbol, window_start;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol WINDOW SLIDING(10s, 1s);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW SLIDING(ts, 10s, 1s) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW SLIDING(ts, INTERVAL '10' SECOND, INTERVAL '1' SECOND) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 1 SECOND) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW HOPPING (ADVANCE BY 1 SECOND, SIZE 10 SECONDS) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, _window_start AS window_start FROM trades WINDOW HOPPING (10s, 1s) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol, HOP(ts, INTERVAL '1' SECOND, INTERVAL '10' SECOND);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol, hop(interval '1 second', interval '10 seconds');",
        "SELECT symbol, COUNT(*) n, HOP_START(ts, INTERVAL '1' SECOND, INTERVAL '10' SECOND) AS window_start FROM trades GROUP BY symbol, HOP(ts, 1s, 10s);",
    ]);
}

#[test]
fn every_spelling_of_a_cumulating_window_gives_the_same_plan() {
    are_one(&[
        "SELECT symbol, COUNT(*) n, window_end FROM CUMULATE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_end FROM TABLE(CUMULATE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_end FROM CUMULATE(trades, ts, STEP => INTERVAL '1' MINUTE, SIZE => INTERVAL '1' HOUR) GROUP BY symbol, window_start;",
        "SELECT symbol, COUNT(*) n, window_end FROM trades GROUP BY symbol WINDOW CUMULATING(1m, 1h);",
        "SELECT symbol, COUNT(*) n, window_end FROM trades WINDOW CUMULATE(ts, INTERVAL '1' MINUTE, INTERVAL '1' HOUR) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_end FROM trades WINDOW CUMULATING (SIZE 1 HOUR, STEP 1 MINUTE) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, CUMULATE_END(ts, 1m, 1h) AS window_end FROM trades GROUP BY symbol, CUMULATE(ts, INTERVAL '1' MINUTE, INTERVAL '1' HOUR);",
    ]);
}

#[test]
fn every_spelling_of_a_session_gives_the_same_plan() {
    are_one(&[
        "SELECT symbol, COUNT(*) n, window_start FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM TABLE(SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM SESSION(DATA => TABLE trades PARTITION BY symbol, TIMECOL => DESCRIPTOR(ts), GAP => INTERVAL '1' MINUTE) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol WINDOW SESSION(1m);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW SESSION (60 SECONDS) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW SESSION(ts, INTERVAL '1' MINUTE) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, window_start FROM trades WINDOW SESSION (GAP 1 MINUTE) GROUP BY symbol;",
        "SELECT symbol, COUNT(*) n, SESSION_START(ts, 1m) AS window_start FROM trades GROUP BY symbol, SESSION(ts, INTERVAL '1' MINUTE);",
        "SELECT symbol, COUNT(*) n, window_start FROM trades GROUP BY symbol, session(interval '1 minute');",
    ]);
    are_one(&[
        "SELECT symbol, COUNT(*) n, window_end FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), 1m MAXSPAN 1h) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_end FROM SESSION(TABLE trades PARTITION BY symbol, DESCRIPTOR(ts), 1m, 1h) GROUP BY symbol, window_start, window_end;",
        "SELECT symbol, COUNT(*) n, window_end FROM trades GROUP BY symbol WINDOW SESSION(1m MAXSPAN 1h);",
        "SELECT symbol, COUNT(*) n, window_end FROM trades GROUP BY symbol WINDOW SESSION(1m, MAXSPAN 1h);",
        "SELECT symbol, COUNT(*) n, SESSION_END(ts, 1m) AS window_end FROM trades GROUP BY symbol, SESSION(ts, 1m, 1h);",
    ]);
}

#[test]
fn windows_with_gaps_are_warned_of() {
    let warned = |sql: &str| {
        let compiled = super::run(sql).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        compiled.warnings.len()
    };
    let gaps = "SELECT COUNT(*) FROM trades GROUP BY HOP(ts, 10s, 1s);";
    assert_eq!(warned(gaps), 1);
    let table =
        "SELECT COUNT(*) FROM HOP(TABLE trades, DESCRIPTOR(ts), 10s, 1s) GROUP BY window_start;";
    assert_eq!(warned(table), 1);
    assert_eq!(
        warned("SELECT COUNT(*) FROM trades GROUP BY HOP(ts, 10s, 10s);"),
        0
    );
}

#[test]
fn window_columns_are_all_there() {
    let sql = "SELECT window_start, window_end, window_time, COUNT(*) FROM trades GROUP BY tumble(interval '1 second');";
    let job = job(sql);
    check(&job);
    assert_eq!(job.statements[0].output.fields[2].name, "window_time");
    assert!(
        super::run(
            "SELECT _window_start, COUNT(*) FROM trades GROUP BY tumble(interval '1 second');"
        )
        .is_err()
    );
    assert!(super::run("SELECT _window_end, COUNT(*) FROM trades WINDOW TUMBLING(1s);").is_ok());
}

#[test]
fn offsets_are_taken_modulo_the_size() {
    let job = job(
        "SELECT COUNT(*) FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '70' SECOND) GROUP BY window_start, window_end;",
    );
    assert_eq!(
        aggregate(&job).window,
        Some(WindowPlan::Tumble {
            size_ns: 60 * SECOND,
            offset_ns: 10 * SECOND
        })
    );
    assert_eq!(job.watermark_grid.offset_ns, 10 * SECOND);
}

fn second(job: &Job) -> &AggregatePlan {
    operators(job)
        .into_iter()
        .filter_map(|operator| match operator {
            OperatorPlan::Aggregate(plan) => Some(plan),
            _ => None,
        })
        .nth(1)
        .expect("a second aggregate")
}

#[test]
fn a_window_over_a_window_takes_its_window_time() {
    let sql = "WITH s AS (SELECT symbol, window_time, COUNT(*) n FROM TUMBLE(TABLE trades, DESCRIPTOR(ts), INTERVAL '1' SECOND)
          GROUP BY symbol, window_start, window_end LATE DATA ALLOW 2s)
        SELECT symbol, MAX(n) FROM TUMBLE(TABLE s, DESCRIPTOR(window_time), INTERVAL '1' MINUTE) GROUP BY symbol, window_start, window_end;";
    // Rows of a window are never late for the next one: no second late operator.
    assert_eq!(shape(sql), "hash late aggregate aggregate project");
    let job = job(sql);
    check(&job);
    assert_eq!(
        second(&job).allowed_ns,
        2 * SECOND,
        "rows come at their window's end + 2 s"
    );
    assert_eq!(
        second(&job).window,
        Some(WindowPlan::Tumble {
            size_ns: 60 * SECOND,
            offset_ns: 0
        })
    );
    assert_eq!(job.watermark_grid.period_ns, SECOND);
}

#[test]
fn grouping_by_a_windows_columns_carries_it_on() {
    let sql = "INSERT INTO out SELECT window_start, window_end, SUM(n) FROM (
          SELECT symbol, window_start, window_end, COUNT(*) n FROM TUMBLE(TABLE live, DESCRIPTOR(ts), INTERVAL '1' SECOND)
          GROUP BY symbol, window_start, window_end) GROUP BY window_start, window_end;";
    assert_eq!(shape(sql), "hash late aggregate | exchange(0) aggregate");
    let job = job(sql);
    check(&job);
    assert!(second(&job).keys.is_empty());
    assert!(second(&job).window.is_some());
}

#[test]
fn the_grid_keeps_every_decision() {
    let grid = |sql: &str| job(sql).watermark_grid;
    let two = grid(
        "SELECT COUNT(*) FROM trades GROUP BY tumble(interval '6 seconds');
         SELECT COUNT(*) FROM trades GROUP BY tumble(interval '4 seconds');",
    );
    assert_eq!((two.period_ns, two.offset_ns), (2 * SECOND, 0));
    let hop = grid("SELECT COUNT(*) FROM trades GROUP BY HOP(ts, 4s, 9s) LATE DATA ALLOW 2s;");
    assert_eq!((hop.period_ns, hop.offset_ns), (4 * SECOND, 3 * SECOND));
    let steps = grid("SELECT COUNT(*) FROM trades GROUP BY CUMULATE(ts, 4s, 12s);");
    assert_eq!((steps.period_ns, steps.offset_ns), (4 * SECOND, 0));
    let allowed = grid(
        "SELECT COUNT(*) FROM trades GROUP BY tumble(interval '10 seconds') LATE DATA ALLOW 3s;",
    );
    assert_eq!(
        (allowed.period_ns, allowed.offset_ns),
        (10 * SECOND, 3 * SECOND)
    );
    let mixed = grid(
        "SELECT COUNT(*) FROM trades GROUP BY tumble(interval '10 seconds') LATE DATA ALLOW 3s;
         SELECT COUNT(*) FROM trades GROUP BY tumble(interval '10 seconds');",
    );
    assert_eq!(mixed.period_ns, SECOND);
    let corrected = grid(
        "INSERT INTO retracting SELECT COUNT(*) FROM trades GROUP BY tumble(interval '10 seconds') LATE DATA PROCESS;",
    );
    assert_eq!(corrected.period_ns, 10 * SECOND);
    // Shown is the watermark itself; a word that reads nothing costs nothing.
    let shown = grid("SELECT symbol FROM trades WHERE ts < CURRENT_WATERMARK;");
    assert_eq!(shown.period_ns, 1);
    let named = grid("SELECT symbol AS _watermark FROM trades;");
    assert!(SECOND < named.period_ns);
}

#[test]
fn an_inferred_table_has_windows_over_any_timestamp() {
    let job = job(
        "SELECT symbol, COUNT(*) FROM 'trades.csv' GROUP BY symbol, TUMBLE(ts, INTERVAL '1' SECOND);",
    );
    check(&job);
    let time = job.sources[0].event_time.as_ref().expect("a time column");
    assert!(!time.rises);
}
