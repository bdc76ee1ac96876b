//! Input that is not as it should be: every record ends in a counted place, the run goes on, and what cannot
//! run is refused before anything runs.

mod common;

use common::{Folder, Run, command, run_sql, wait};
use serde_json::Value;
use std::time::{Duration, Instant};

const HEADER: &[u8] = b"ts,symbol,price,size\n";
const GOOD: &[u8] = b"2025-01-02 09:30:00,A,1.50,10\n";
const LAST: &[u8] = b"2025-01-02 09:30:01,B,2.50,20\n";

/// Runs `SELECT *` over a CSV file of these bytes; `options` go into its table's WITH.
fn select(folder: &Folder, file: &[u8], options: &str) -> Run {
    let path = folder.write("input.csv", file);
    let sql = format!(
        "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, WATERMARK FOR ts AS ts)
         WITH ('connector' = 'file', 'path' = '{path}', 'format' = 'csv', 'csv.header' = 'true'{options});
         SELECT symbol, price, size FROM t WHERE symbol <> ts::VARCHAR"
    );
    run_sql(&sql, &["--no-progress"], folder.path())
}

/// The only statement of a report, its ledger checked.
fn statement(report: &Value) -> &Value {
    let statement = &report["statements"][0];
    let count = |name: &str| statement[name].as_u64().expect("a count");
    let sum: u64 = ["used", "filtered", "late", "rejected"]
        .map(count)
        .iter()
        .sum();
    assert_eq!(sum, count("read"), "{statement}");
    let by_reason = statement["rejected_by_reason"].as_object().expect("counts");
    let by_reason: u64 = by_reason.values().filter_map(Value::as_u64).sum();
    assert_eq!(by_reason, count("rejected"), "{statement}");
    statement
}

/// The bad records, each with the reason it must be counted under.
fn bad_records() -> Vec<(&'static str, Vec<u8>)> {
    let long = [
        b"2025-01-02 09:30:00,".to_vec(),
        vec![b'A'; 140_000],
        b",1.50,10\n".to_vec(),
    ];
    let text = |it: &str| it.as_bytes().to_vec();
    vec![
        ("number", text("2025-01-02 09:30:00,A,abc,10\n")),
        ("number", text("2025-01-02 09:30:00,A,1.50,1.5x\n")),
        ("number", text("2025-01-02 09:30:00,A,1.50, 10\n")),
        ("number", text("2025-01-02 09:30:00,A,NaN,10\n")),
        ("number", text("2025-01-02 09:30:00,A,inf,10\n")),
        ("field_count", text("2025-01-02 09:30:00,A,1.50\n")),
        ("field_count", text("2025-01-02 09:30:00,A,1.50,10,more\n")),
        ("field_count", text("A\n")),
        ("utf8", b"2025-01-02 09:30:00,\xff\xfe,1.50,10\n".to_vec()),
        (
            "utf8",
            b"2025-01-02 09:30:00,\xed\xa0\x80,1.50,10\n".to_vec(),
        ),
        (
            "range",
            text("2025-01-02 09:30:00,A,1.50,9223372036854775808\n"),
        ),
        (
            "range",
            text("2025-01-02 09:30:00,A,1.50,-9223372036854775809\n"),
        ),
        ("range", text("2025-01-02 09:30:00,A,123456789.00,10\n")),
        ("scale", text("2025-01-02 09:30:00,A,1.505,10\n")),
        (
            "event_time_invalid",
            text("2025-13-02 09:30:00,A,1.50,10\n"),
        ),
        (
            "event_time_invalid",
            text("2025-02-29 09:30:00,A,1.50,10\n"),
        ),
        (
            "event_time_invalid",
            text("3000-01-02 09:30:00,A,1.50,10\n"),
        ),
        ("event_time_invalid", text("1735810200000,A,1.50,10\n")),
        ("event_time_null", text(",A,1.50,10\n")),
        ("quote", text("2025-01-02 09:30:00,\"A\"x,1.50,10\n")),
        ("line_too_long", long.concat()),
    ]
}

#[test]
fn each_bad_record_is_counted_under_its_reason_and_shown() {
    for (reason, record) in bad_records() {
        let folder = Folder::new();
        let run = select(&folder, &[HEADER, GOOD, &record, LAST].concat(), "");
        let shown = String::from_utf8_lossy(&record[..record.len().min(60)]).into_owned();
        assert_eq!(run.code, Some(0), "{shown}: {}", run.stderr);
        assert_eq!(
            run.out(),
            "symbol,price,size\nA,1.50,10\nB,2.50,20\n",
            "{shown}"
        );
        let report = run.report();
        let statement = statement(&report);
        assert_eq!(statement["read"], 3, "{shown}: {statement}");
        assert_eq!(
            statement["rejected_by_reason"][reason], 1,
            "{shown}: {statement}"
        );
        let sample = &statement["error_samples"][0];
        let offset = HEADER.len() + GOOD.len();
        assert_eq!(
            sample["position"]["byte_offset"], offset,
            "{shown}: {sample}"
        );
        assert_eq!(sample["position"]["record_number"], 2, "{shown}: {sample}");
        let line = format!("refused ({reason}");
        let line = run.stderr.lines().find(|it| it.starts_with(&line));
        let line = line.unwrap_or_else(|| panic!("{shown}: {}", run.stderr));
        let place = format!("{}/input.csv byte {offset}:", folder.path());
        assert!(line.contains(&place), "{line}");
    }
}

#[test]
fn an_open_quote_takes_the_rest_of_the_file() {
    let folder = Folder::new();
    let open = b"2025-01-02 09:30:00,\"A,1.50,10\n";
    let run = select(&folder, &[HEADER, GOOD, open, LAST].concat(), "");
    assert_eq!(run.code, Some(0));
    assert_eq!(run.out(), "symbol,price,size\nA,1.50,10\n");
    let report = run.report();
    assert_eq!(statement(&report)["rejected_by_reason"]["quote"], 1);
}

#[test]
fn lines_may_end_in_any_way() {
    let crlf = |text: &[u8]| text.strip_suffix(b"\n").expect("a line").to_vec();
    let cases: [(&str, Vec<u8>); 4] = [
        (
            "CRLF",
            [crlf(HEADER), crlf(GOOD), crlf(LAST), Vec::new()].join(&b"\r\n"[..]),
        ),
        ("no last newline", [HEADER, GOOD, &crlf(LAST)].concat()),
        ("BOM", [b"\xef\xbb\xbf", HEADER, GOOD, LAST].concat()),
        (
            "empty lines",
            [HEADER, b"\n", GOOD, b"\r\n\n", LAST, b"\n\n"].concat(),
        ),
    ];
    for (what, file) in cases {
        let folder = Folder::new();
        let run = select(&folder, &file, "");
        assert_eq!(run.code, Some(0), "{what}: {}", run.stderr);
        assert_eq!(
            run.out(),
            "symbol,price,size\nA,1.50,10\nB,2.50,20\n",
            "{what}"
        );
        let report = run.report();
        let statement = statement(&report);
        assert_eq!(
            (&statement["read"], &statement["used"]),
            (&2.into(), &2.into()),
            "{what}"
        );
    }
}

#[test]
fn files_without_records_are_no_error() {
    let folder = Folder::new();
    let run = select(&folder, HEADER, "");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.out(), "symbol,price,size\n");
    let path = folder.write("empty.csv", "");
    let table = |header: &str| {
        format!(
            "CREATE TABLE t (a INT) WITH ('connector' = 'file', 'path' = '{path}', 'csv.header' = '{header}');
             SELECT COUNT(*) AS n FROM t"
        )
    };
    let run = run_sql(&table("false"), &[], folder.path());
    assert_eq!((run.code, run.out()), (Some(0), "n\n0\n".to_owned()));
    // With a header the file lacks one.
    let run = run_sql(&table("true"), &[], folder.path());
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("is empty"), "{}", run.stderr);
}

#[test]
fn doubles_know_nan_and_infinities() {
    let folder = Folder::new();
    let path = folder.write(
        "x.csv",
        "1e308\nNaN\ninf\n-inf\n-Infinity\n1e309\nnothing\n-0\n",
    );
    let sql = format!(
        "CREATE TABLE t (x DOUBLE) WITH ('connector' = 'file', 'path' = '{path}');
         SELECT x, x * 10 AS ten FROM t"
    );
    let run = run_sql(&sql, &[], folder.path());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = run.out();
    for line in [
        "1e+308,inf\n",
        "NaN,NaN\n",
        "inf,inf\n",
        "-inf,-inf\n",
        "-0.0,-0.0\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let report = run.report();
    let by_reason = &statement(&report)["rejected_by_reason"];
    assert_eq!(
        (&by_reason["number"], &by_reason["range"]),
        (&1.into(), &1.into()),
        "{by_reason}"
    );
}

#[test]
fn expressions_that_fail_refuse_their_row() {
    let folder = Folder::new();
    let path = folder.write(
        "n.csv",
        "1,0\n9223372036854775807,1\n-9223372036854775808,-1\n8,2\n",
    );
    let cases = [
        ("a / b", "division_by_zero", 1),
        ("a % b", "division_by_zero", 1),
        ("a + b", "overflow", 2),
        ("a * 2", "overflow", 2),
        ("CAST(a AS INT)", "cast", 2),
        ("CASE WHEN b = 0 THEN 0 ELSE 8 / b END", "", 0),
    ];
    for (expression, reason, count) in cases {
        let sql = format!(
            "CREATE TABLE t (a BIGINT, b BIGINT) WITH ('connector' = 'file', 'path' = '{path}');
             SELECT {expression} AS x FROM t"
        );
        let run = run_sql(&sql, &[], folder.path());
        assert_eq!(run.code, Some(0), "{expression}: {}", run.stderr);
        let report = run.report();
        let statement = statement(&report);
        assert_eq!(statement["read"], 4, "{expression}");
        if count > 0 {
            let counted = &statement["rejected_by_reason"][reason];
            assert_eq!(*counted, count, "{expression}: {statement}");
        } else {
            assert_eq!(statement["rejected"], 0, "{expression}");
        }
    }
}

#[test]
fn on_error_fail_ends_the_run_with_1() {
    for workers in ["1", "2", "4"] {
        let folder = Folder::new();
        let mut file = [HEADER, GOOD].concat();
        for (_, record) in bad_records() {
            file.extend_from_slice(&record);
        }
        let path = folder.write("input.csv", &file);
        let sql = format!(
            "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT)
             WITH ('connector' = 'file', 'path' = '{path}', 'csv.header' = 'true', 'on.error' = 'fail');
             SELECT * FROM t"
        );
        let run = run_sql(&sql, &["--workers", workers], folder.path());
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        let place = format!(" at {path} byte ");
        let error = run.stderr.lines().rfind(|it| it.starts_with("error: "));
        let error = error.unwrap_or_else(|| panic!("no error: {}", run.stderr));
        assert!(error.contains("source t refused a record"), "{error}");
        assert!(error.contains(&place), "{error}");
    }
}

#[test]
fn the_dead_letter_file_holds_what_was_refused() {
    for workers in ["1", "2", "4"] {
        let folder = Folder::new();
        let mut file = [HEADER, GOOD].concat();
        let mut refused = Vec::new();
        // Lines too long are kept up to the limit only.
        for (_, record) in bad_records().iter().filter(|it| it.0 != "line_too_long") {
            file.extend_from_slice(record);
            file.extend_from_slice(LAST);
            refused.extend_from_slice(record);
        }
        let dead = format!("{}/dead.txt", folder.path());
        let path = folder.write("input.csv", &file);
        let sql = format!(
            "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(10,2), size BIGINT, WATERMARK FOR ts AS ts)
             WITH ('connector' = 'file', 'path' = '{path}', 'csv.header' = 'true',
                   'on.error' = 'dead_letter', 'dead.letter.path' = '{dead}');
             SELECT * FROM t"
        );
        let run = run_sql(&sql, &["--workers", workers], folder.path());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let kept = folder.read("dead.txt");
        assert_eq!(
            String::from_utf8_lossy(&kept),
            String::from_utf8_lossy(&refused),
            "{workers} workers"
        );
    }
}

#[test]
fn what_cannot_run_is_refused_with_its_place_and_a_cure() {
    const TABLE: &str = "CREATE TABLE t (a INT, b VARCHAR, ts TIMESTAMP) WITH ('connector' = 'stdin', 'format' = 'csv');";
    // Query, message, text under the caret, hint; empty: none asked for.
    let cases = [
        (
            "SELECT * FROM 'no/such.csv'",
            "no file no/such.csv",
            "'no/such.csv'",
            "relative",
        ),
        (
            "CREATE TABLE u (a INT) WITH ('connector' = 'fil', 'path' = 'x'); SELECT * FROM u",
            "connector 'fil' is not known",
            "'fil'",
            "file",
        ),
        (
            "CREATE TABLE u (a INT) WITH ('connector' = 'kafka', 'topic' = 'x'); SELECT * FROM u",
            "not built",
            "'kafka'",
            "file",
        ),
        (
            "CREATE TABLE u (a INT) WITH ('connector' = 'stdin', 'fromat' = 'csv'); SELECT * FROM u",
            "option 'fromat' is not known",
            "'fromat'",
            "'format'",
        ),
        (
            "CREATE TABLE u (a INT) WITH ('connector' = 'stdin', 'format' = 'csv', 'path' = 'x'); SELECT * FROM u",
            "'path'",
            "'path'",
            "belongs to",
        ),
        ("SELECT a + b FROM t", "has no meaning", "a + b", ""),
        ("SELECT aa FROM t", "aa", "aa", "a"),
        ("SELECT SUMM(a) FROM t", "SUMM", "SUMM", "SUM"),
        (
            "SELECT COUNT(*) FROM t WINDOW TUMBLING(1s)",
            "no watermark",
            "WINDOW TUMBLING(1s)",
            "WATERMARK FOR ts",
        ),
        (
            "SET 'partitioning' = 'round_robin'; SELECT a, COUNT(*) FROM t GROUP BY a",
            "wrong answer",
            "SELECT a, COUNT(*) FROM t GROUP BY a",
            "fan_in",
        ),
        ("SELECT a FROM t GROUP BY b", "a", "a", ""),
        ("SELECT a b c FROM t", "expected", "c", ""),
        ("SELECT * FROM u", "u", "u", ""),
        ("SELECT a FROM t; SELECT", "expected", "", ""),
        (
            "SELECT AVG(a) OVER (PARTITION BY b ORDER BY ts RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
            "RANGE",
            "",
            "",
        ),
        ("SELECT LEAD(a) FROM t", "LEAD", "LEAD", ""),
    ];
    let folder = Folder::new();
    for (query, message, place, hint) in cases {
        let sql = format!("{TABLE}\n{query}");
        let run = run_sql(&sql, &[], folder.path());
        assert_eq!(run.code, Some(2), "{query}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{query}: {}", run.out());
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert!(lines[0].starts_with("error: "), "{query}: {}", run.stderr);
        assert!(lines[0].contains(message), "{query}: {}", run.stderr);
        assert!(
            run.stderr.contains("\n --> -e:2:"),
            "{query}: {}",
            run.stderr
        );
        let carets = lines.iter().position(|line| line.ends_with('^'));
        let carets = carets.unwrap_or_else(|| panic!("{query}: no caret in {}", run.stderr));
        let start = lines[carets].find('^').expect("found");
        let under: String = lines[carets - 1].chars().skip(start).collect();
        assert!(under.starts_with(place), "{query}: {}", run.stderr);
        if !hint.is_empty() {
            let shown = lines.iter().find(|line| line.starts_with("hint: "));
            let shown = shown.unwrap_or_else(|| panic!("{query}: no hint in {}", run.stderr));
            assert!(shown.contains(hint), "{query}: {shown}");
        }
    }
}

#[test]
fn an_interrupt_ends_an_endless_run_soon() {
    let folder = Folder::new();
    let sql =
        "CREATE TABLE feed WITH ('connector' = 'generator', 'kind' = 'trades', 'rate' = '1000');
               CREATE SINK nothing WITH ('connector' = 'blackhole');
               INSERT INTO nothing SELECT symbol, price FROM feed";
    for signal in ["INT", "TERM"] {
        let arguments = ["run", "-e", sql, "--report", "json", "--no-progress"];
        let child = command(&arguments, folder.path())
            .spawn()
            .expect("it starts");
        std::thread::sleep(Duration::from_millis(700));
        let sent = Instant::now();
        let id = child.id().to_string();
        let killed = std::process::Command::new("kill")
            .args(["-s", signal, &id])
            .status();
        assert!(killed.expect("kill runs").success(), "it ended by itself");
        let run = wait(child);
        let took = sent.elapsed();
        assert_eq!(run.code, Some(130), "SIG{signal}: {}", run.stderr);
        assert!(took < Duration::from_secs(3), "SIG{signal}: {took:?}");
        let report = run.report();
        assert_eq!(report["complete"], false, "{report}");
        assert_eq!(report["end"], "interrupted", "{report}");
        let statement = statement(&report);
        assert!(statement["used"].as_u64() > Some(0), "{statement}");
        assert_eq!(statement["emitted"], statement["used"], "{statement}");
    }
}

#[test]
fn state_that_outgrows_its_limit_ends_the_job() {
    let folder = Folder::new();
    let sql = |most: &str| {
        format!(
            "CREATE TABLE t WITH ('connector' = 'generator', 'rows' = '200000', 'symbols' = '50000');
             SET 'max.state' = '{most}'; SET 'morsel.rows' = '256';
             SELECT COUNT(*) FROM (SELECT ts, COUNT(*) AS n FROM t GROUP BY ts)"
        )
    };
    let run = run_sql(&sql("1GiB"), &["--no-progress"], folder.path());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run = run_sql(&sql("100KB"), &["--no-progress"], folder.path());
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(
        run.stderr.contains("of state, at most 100000 are allowed"),
        "{}",
        run.stderr
    );
    let run = run_sql(&sql("much"), &["--no-progress"], folder.path());
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(
        run.stderr.contains("takes a number of bytes like 4GB"),
        "{}",
        run.stderr
    );
}
