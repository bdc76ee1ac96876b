//! Firings larger than a batch, behind an exchange: rows of one time come from every worker and leave every worker, in
//! rings of one slot and morsels of some rows. A frontier that a stage publishes too early shows as rows out of order.

mod common;

use common::{Folder, compile};
use velo_tpc::sim::{SimOptions, inputs, resolve, run};

/// Groups of a window: more than `limits::FIRE_ROWS_MAX`, and more than a batch.
const GROUPS: u64 = 9_000;

/// Ways to run each query.
const SEEDS: u64 = 6;

/// Two windows, each with every group once and the first thousands twice, in no order.
fn records() -> String {
    let mut text = String::from("ts,a\n");
    for window in 0..2 {
        for at in 0..GROUPS + 2_000 {
            // A step without a common divisor with the groups visits all of them.
            let group = at * 7_919 % GROUPS;
            let second = window * 10 + at * 9 / (GROUPS + 2_000);
            text += &format!("2025-01-01 00:00:{second:02},{group}\n");
        }
    }
    text
}

/// The rows of `select`, the same however it is run.
fn rows_of(select: &str) -> Vec<String> {
    let folder = Folder::new();
    let path = folder.write("input.csv", records());
    let sql = format!(
        "CREATE TABLE t (ts TIMESTAMP, a BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
         WITH ('connector' = 'file', 'path' = '{path}', 'format' = 'csv', 'csv.header' = 'true');
         CREATE VIEW w AS SELECT window_start, window_end, window_time, a, a % 5 AS g, COUNT(*) AS n
         FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY window_start, window_end, a;
         {select}"
    );
    let compiled = compile("firing", &sql, folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let job = compiled.job.expect("a query makes a job");
    let sources = inputs(&job).expect("the file is there");
    let answer = |options: &SimOptions| {
        let nested = |job: &_| inputs(job);
        let job = resolve(&job, &nested, options).expect("no subqueries");
        let outcome = run(&job, &sources, options).unwrap_or_else(|e| panic!("{options:?}: {e}"));
        String::from_utf8(outcome.sinks[0].clone()).expect("CSV is text")
    };
    let expected = answer(&SimOptions::full(1, 1));
    for seed in 0..SEEDS {
        let mut options = SimOptions {
            morsel_rows_max: 64,
            read_bytes_max: 20_000,
            ..SimOptions::tiny(seed, 2 + (seed % 4) as usize)
        };
        if seed % 3 == 2 {
            options = options.rescaled(3);
        }
        let found = answer(&options);
        let mut lines = expected.lines().zip(found.lines()).enumerate();
        let differs = lines.find(|(_, (a, b))| a != b);
        assert!(found == expected, "{options:?}: {differs:?}\n{select}");
    }
    expected.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn ranks_of_windows_leave_in_order() {
    let rows = rows_of(
        "SELECT window_start, g, a, n, ROW_NUMBER() OVER (PARTITION BY window_start, g ORDER BY n DESC, a) AS r FROM w",
    );
    assert_eq!(rows.len() as u64, 2 * GROUPS);
    assert!(rows.is_sorted_by_key(|row| row[..19].to_owned()));
    let best = rows.iter().filter(|row| row.ends_with(",1")).count();
    assert_eq!(best, 2 * 5, "one of each window and part");
}

#[test]
fn the_best_of_windows_are_the_best() {
    let rows = rows_of(
        "SELECT window_end, g, a, n FROM w QUALIFY ROW_NUMBER() OVER (PARTITION BY window_end, g ORDER BY n DESC, a DESC) <= 900",
    );
    assert_eq!(rows.len(), 2 * 5 * 900);
    assert!(rows.iter().filter(|row| row.ends_with(",2")).count() >= 2 * 1_800);
}

#[test]
fn ranks_at_the_end_leave_in_order() {
    let rows = rows_of(
        "SELECT a % 11 AS k, a, n, RANK() OVER (PARTITION BY a % 11 ORDER BY n DESC) AS r
         FROM (SELECT a, COUNT(*) AS n FROM t GROUP BY a)",
    );
    assert_eq!(rows.len() as u64, GROUPS);
}

#[test]
fn groups_of_windows_leave_in_order() {
    let rows = rows_of(
        "SELECT window_start, a % 4999 AS k, SUM(n) AS n FROM TUMBLE(TABLE w, DESCRIPTOR(window_time), INTERVAL '10' SECOND)
         GROUP BY window_start, window_end, a % 4999",
    );
    assert_eq!(rows.len(), 2 * 4999);
}
