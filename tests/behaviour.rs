//! What a run tells and keeps beside its rows is the same for any number of workers: dead letters, open
//! windows, what is logged, where a record's error counts, and when LIMIT has had enough.

mod common;

use common::{Folder, command, finish, run_sql, wait};
use std::io::Write;
use std::time::Duration;

const WORKERS: [&str; 3] = ["1", "2", "4"];

#[test]
fn a_record_refused_on_several_routes_is_one_dead_letter() {
    let mut file = String::new();
    let mut refused = String::new();
    for at in 0..2000 {
        let row = match at % 5 {
            0 => format!("{at},A{},x", at % 7),
            1 => format!("b{at},B{},{at}", at % 11),
            2 => format!("{at},short"),
            _ => {
                file += &format!("{at},C{},{}\n", at % 13, at % 17);
                continue;
            }
        };
        file += &format!("{row}\n");
        refused += &format!("{row}\n");
    }
    for workers in WORKERS {
        let folder = Folder::new();
        let path = folder.write("input.csv", &file);
        let sql = format!(
            "CREATE TABLE t (a BIGINT, s VARCHAR, n BIGINT)
             WITH ('connector' = 'file', 'path' = '{path}', 'on.error' = 'dead_letter',
                   'dead.letter.path' = '{}/dead.csv');
             CREATE SINK b WITH ('connector' = 'blackhole');
             CREATE SINK c WITH ('connector' = 'blackhole');
             INSERT INTO b SELECT s, SUM(n), SUM(a) FROM t GROUP BY s;
             INSERT INTO c SELECT n, SUM(a) FROM t GROUP BY n",
            folder.path()
        );
        let run = run_sql(&sql, &["--workers", workers], folder.path());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let kept = String::from_utf8(folder.read("dead.csv")).expect("UTF-8");
        assert!(kept == refused, "{workers} workers: {kept:.200}");
        let report = run.report();
        for statement in report["statements"].as_array().expect("statements") {
            assert_eq!(statement["rejected"], 1200, "{statement}");
        }
    }
}

#[test]
fn a_limit_ends_the_job_though_dead_letters_are_kept() {
    let folder = Folder::new();
    let sql = format!(
        "CREATE TABLE feed WITH ('connector' = 'generator', 'on.error' = 'dead_letter',
                                 'dead.letter.path' = '{}/dead.csv');
         SELECT symbol FROM feed LIMIT 2",
        folder.path()
    );
    let run = run_sql(&sql, &[], folder.path());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.out().lines().count(), 3, "{}", run.out());
}

#[test]
fn a_window_that_several_workers_hold_is_one_open_window() {
    let sql = "CREATE TABLE t (ts TIMESTAMP, s VARCHAR, WATERMARK FOR ts AS ts)
               WITH ('connector' = 'stdin', 'format' = 'csv');
               SELECT window_start, s, COUNT(*) AS n FROM t GROUP BY s WINDOW TUMBLING(10s)";
    for (workers, emit, open) in [("1", "", 1), ("4", "", 1), ("4", "EMIT CHANGES", 0)] {
        let folder = Folder::new();
        let sql = format!("{sql} {emit}");
        let arguments = [
            "run",
            "-e",
            &sql,
            "--report",
            "json",
            "--no-progress",
            "--workers",
            workers,
        ];
        let mut child = command(&arguments, folder.path())
            .spawn()
            .expect("it starts");
        let mut input = child.stdin.take().expect("piped");
        for at in 0..40 {
            writeln!(input, "2025-01-01 00:00:0{},S{at}", at / 5).expect("it reads");
        }
        input.flush().expect("it reads");
        std::thread::sleep(Duration::from_millis(500));
        let id = child.id().to_string();
        let killed = std::process::Command::new("kill")
            .args(["-s", "INT", &id])
            .status();
        assert!(killed.expect("kill runs").success(), "it ended by itself");
        let run = wait(child);
        drop(input);
        assert_eq!(run.code, Some(130), "{}", run.stderr);
        let report = run.report();
        let statement = &report["statements"][0];
        assert_eq!(statement["used"], 40, "{statement}");
        assert_eq!(
            statement["open_windows"], open,
            "{workers} workers: {statement}"
        );
    }
}

#[test]
fn a_key_that_fails_behind_where_refuses_its_record() {
    let sql =
        "CREATE TABLE t (a INT, b INT, c DATE) WITH ('connector' = 'stdin', 'format' = 'csv');
               SELECT a, b, SUM(10 / b) OVER (PARTITION BY 12 / a ORDER BY a
                                             ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s
               FROM t WHERE a < 9";
    let rows = b"1,1,\n2,0,\n0,5,\n9,0,\n8,2,no date\n1,5,\n";
    for workers in WORKERS {
        let folder = Folder::new();
        let arguments = [
            "run",
            "-e",
            sql,
            "--format",
            "csv",
            "--report",
            "json",
            "--workers",
            workers,
        ];
        let run = finish(&mut command(&arguments, folder.path()), rows);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(
            run.out(),
            "a,b,s\n1,1,10\n8,2,5\n1,5,12\n",
            "{workers} workers"
        );
        let report = run.report();
        let statement = &report["statements"][0];
        let by_reason = &statement["rejected_by_reason"];
        assert_eq!(by_reason["division_by_zero"], 2, "{statement}");
        assert_eq!(statement["rejected"], 2, "{statement}");
        assert_eq!(statement["group_errors"], 0, "{statement}");
        assert_eq!(statement["used"], 3, "{statement}");
    }
}

#[test]
fn a_stream_whose_header_is_not_its_columns_is_not_read_by_position() {
    let sql = "CREATE TABLE t (b VARCHAR, a INT)
               WITH ('connector' = 'stdin', 'format' = 'csv', 'csv.header' = 'true');
               SELECT b, a FROM t";
    let arguments = ["run", "-e", sql, "--format", "csv"];
    let folder = Folder::new();
    let run = finish(&mut command(&arguments, folder.path()), b"a,b\n1,2\n");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let message = "error: the header of table t: it is a,b, not b,a; declare";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    let run = finish(&mut command(&arguments, folder.path()), b"B,a\n1,2\n");
    assert_eq!((run.code, run.out()), (Some(0), "b,a\n1,2\n".to_owned()));
}

#[test]
fn an_empty_file_among_others_has_no_records() {
    let folder = Folder::new();
    folder.write("1.csv", "");
    folder.write("2.csv", "a,b\n1,x\n");
    folder.write("3.csv", "");
    let glob = format!("{}/*.csv", folder.path());
    let declared = format!(
        "CREATE TABLE t (b VARCHAR) WITH ('connector' = 'file', 'path' = '{glob}', 'csv.header' = 'true');
         SELECT b FROM t"
    );
    for sql in [declared, format!("SELECT b FROM '{glob}'")] {
        let run = run_sql(&sql, &[], folder.path());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(run.out(), "b\nx\n");
        assert_eq!(run.report()["statements"][0]["read"], 1, "{}", run.stderr);
    }
}

#[test]
fn a_text_on_the_command_line_may_begin_with_a_comment() {
    let folder = Folder::new();
    let sql = "-- one row
               CREATE TABLE t (a INT) WITH ('connector' = 'stdin', 'format' = 'csv'); SELECT a FROM t";
    let arguments = ["run", "-e", sql, "--format", "csv", "--report", "none"];
    let run = finish(&mut command(&arguments, folder.path()), b"1\n");
    assert_eq!(
        (run.code, run.out()),
        (Some(0), "a\n1\n".to_owned()),
        "{}",
        run.stderr
    );
}

#[test]
fn late_data_warn_logs_what_process_does_not() {
    let rows = b"2025-01-01 00:00:00,A\n2025-01-01 00:00:05,A\n2025-01-01 00:00:00.5,A\n\
                 2025-01-01 00:00:06,A\n2025-01-01 00:00:01,A\n";
    for (policy, logged) in [("WARN", 1), ("PROCESS", 0)] {
        let folder = Folder::new();
        let sql = format!(
            "CREATE TABLE t (ts TIMESTAMP, s VARCHAR, WATERMARK FOR ts AS ts)
             WITH ('connector' = 'stdin', 'format' = 'csv');
             CREATE SINK o WITH ('connector' = 'blackhole', 'changelog.mode' = 'retract');
             INSERT INTO o SELECT window_start, s, COUNT(*) FROM t GROUP BY s
             WINDOW TUMBLING(1s) LATE DATA {policy}"
        );
        let arguments = ["run", "-e", &sql, "--report", "json"];
        let run = finish(&mut command(&arguments, folder.path()), rows);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert_eq!(
            run.report()["statements"][0]["corrected"],
            2,
            "{}",
            run.stderr
        );
        let lines = run.stderr.lines();
        let late: Vec<&str> = lines.filter(|line| line.starts_with("late, ")).collect();
        // Both came in one second: one line.
        assert_eq!(late.len(), logged, "{policy}: {}", run.stderr);
        if let Some(line) = late.first() {
            let text = "at stdin byte 44: 2025-01-01 00:00:00.5,A";
            assert!(line.ends_with(text), "{line}");
        }
    }
}

#[test]
fn an_arrival_is_told_by_the_wall_clock() {
    let folder = Folder::new();
    let path = folder.write("input.csv", "a\n1\n2\n");
    let sql = format!(
        "SELECT a, NOW() > TIMESTAMP '2025-01-01' AS after, CURRENT_DATE < DATE '2200-01-01' AS before FROM '{path}'"
    );
    let run = run_sql(&sql, &[], folder.path());
    assert_eq!(run.out(), "a,after,before\n1,true,true\n2,true,true\n");
}

#[test]
fn a_gap_of_years_ends_a_job_that_fills_it_and_a_long_one_does_not() {
    let sql = |folder: &Folder, last: &str| {
        let text = format!("2025-01-01 00:00:00,A\n2025-01-01 00:00:01,B\n{last},A\n");
        let path = folder.write("input.csv", &text);
        format!(
            "CREATE TABLE t (ts TIMESTAMP, k VARCHAR, WATERMARK FOR ts AS ts)
             WITH ('connector' = 'file', 'path' = '{path}');
             SELECT k, ts, COUNT(*) FROM t SAMPLE BY 1s FILL(0)"
        )
    };
    for workers in WORKERS {
        let folder = Folder::new();
        let far = sql(&folder, "2031-01-01 00:00:00");
        let run = run_sql(&far, &["--workers", workers], folder.path());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(
            run.stderr.contains("a gap of 189302398 windows"),
            "{}",
            run.stderr
        );
        // Two days: more rows than leave at once, and the rows before the gap have left too.
        let near = sql(&folder, "2025-01-03 00:00:00");
        let run = run_sql(&near, &["--workers", workers], folder.path());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let rows = run.out().lines().count();
        assert_eq!(
            rows,
            1 + 2 * 2 * 86_400 - 1 + 2,
            "header, and each second of both keys"
        );
    }
}
