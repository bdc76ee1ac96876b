//! Fixed-width records from end to end: faults by reason, a way there and back, and what is refused.

mod common;

use common::{Folder, command, finish, run_sql};

const COLUMNS: &str = "ts TIMESTAMP, symbol CHAR(4), price DECIMAL(10,2), live BOOLEAN";

fn record(ts: i64, symbol: &[u8], price: i64, live: u8) -> Vec<u8> {
    let mut bytes = ts.to_le_bytes().to_vec();
    bytes.extend_from_slice(symbol);
    bytes.resize(12, 0);
    bytes.extend_from_slice(&price.to_le_bytes());
    bytes.push(live);
    bytes
}

/// The report and stdout of a SELECT over a file of these bytes.
fn select(
    folder: &Folder,
    bytes: &[u8],
    columns: &str,
    options: &str,
) -> (serde_json::Value, String) {
    let path = folder.write("input.bin", bytes);
    let sql = format!(
        "CREATE TABLE t ({columns}) WITH ('connector' = 'file', 'path' = '{path}'{options});
         SELECT symbol, price, live FROM t WHERE symbol <> ts::VARCHAR"
    );
    let run = run_sql(&sql, &["--no-progress"], folder.path());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    (run.report(), run.out())
}

#[test]
fn each_bad_record_is_counted_under_its_reason() {
    let timed = format!("{COLUMNS}, WATERMARK FOR ts AS ts");
    let cases: [(&str, &str, Vec<u8>); 7] = [
        ("utf8", COLUMNS, record(1, b"\xff", 1, 1)),
        ("range", COLUMNS, record(1, b"A", 10_000_000_000, 1)),
        ("range", COLUMNS, record(1, b"A", -10_000_000_000, 1)),
        ("boolean", COLUMNS, record(1, b"A", 1, 2)),
        ("event_time_invalid", &timed, record(i64::MAX, b"A", 1, 1)),
        ("event_time_invalid", &timed, record(i64::MIN, b"A", 1, 1)),
        ("field_count", COLUMNS, record(1, b"A", 1, 1)[..20].to_vec()),
    ];
    for (reason, columns, bad) in cases {
        let folder = Folder::new();
        let cut = reason == "field_count";
        let (good, last) = (record(1, b"GOOD", 150, 1), record(2, b"L", -5, 0));
        let parts = if cut {
            [good, last, bad]
        } else {
            [good, bad, last]
        };
        let (report, out) = select(&folder, &parts.concat(), columns, "");
        assert_eq!(
            out, "symbol,price,live\nGOOD,1.50,true\nL,-0.05,false\n",
            "{reason}"
        );
        let statement = &report["statements"][0];
        assert_eq!(statement["read"], 3, "{reason}: {statement}");
        assert_eq!(statement["rejected_by_reason"][reason], 1, "{statement}");
        let place = &statement["error_samples"][0]["position"];
        assert_eq!(
            place["byte_offset"],
            if cut { 42 } else { 21 },
            "{statement}"
        );
    }
}

#[test]
fn dead_letters_are_records_again() {
    for workers in ["1", "2", "4"] {
        let folder = Folder::new();
        let good = record(1, b"GOOD", 150, 1);
        let (bad, worse) = (record(2, b"\xff", 1, 1), record(3, b"A", 1, 7));
        let cut = &record(4, b"CUT", 1, 1)[..9];
        folder.write("a.bin", [&good[..], &bad, &good, cut].concat());
        folder.write("b.bin", [&worse[..], &good, &bad].concat());
        let sql = |path: &str, dead: &str| {
            format!(
                "CREATE TABLE t ({COLUMNS}) WITH ('connector' = 'file', 'path' = '{0}/{path}',
                 'on.error' = 'dead_letter', 'dead.letter.path' = '{0}/{dead}');
                 SELECT symbol, live FROM t",
                folder.path()
            )
        };
        let filled = [cut, &[0xff; 12]].concat();
        let wanted = [&bad[..], &filled, &worse, &bad].concat();
        for (path, dead, read) in [("?.bin", "dead.bin", 7), ("dead.bin", "again.bin", 4)] {
            let flags = ["--no-progress", "--workers", workers];
            let run = run_sql(&sql(path, dead), &flags, folder.path());
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            assert_eq!(folder.read(dead), wanted, "{path}, {workers} workers");
            let statement = &run.report()["statements"][0];
            assert_eq!(
                (&statement["read"], &statement["rejected"]),
                (&read.into(), &4.into())
            );
        }
    }
}

#[test]
fn a_refused_record_is_shown_by_its_bytes() {
    let folder = Folder::new();
    let (report, _) = select(&folder, &record(1, b"\xff\n", 1, 1), COLUMNS, "");
    let sample = &report["statements"][0]["error_samples"][0];
    let wanted = "0100000000000000ff0a0000010000000000000001";
    assert_eq!(sample["text"], wanted, "{sample}");
}

#[test]
fn units_count_from_the_epoch() {
    let folder = Folder::new();
    let bytes = record(1_735_810_200, b"A", 1, 1);
    let options = ", 'timestamp.format' = 's'";
    let path = folder.write("input.bin", bytes);
    let sql = format!(
        "CREATE TABLE t ({COLUMNS}) WITH ('connector' = 'file', 'path' = '{path}'{options}); SELECT ts FROM t"
    );
    let run = run_sql(&sql, &[], folder.path());
    assert_eq!(run.out(), "ts\n2025-01-02 09:30:00\n", "{}", run.stderr);
}

#[test]
fn rows_go_there_and_back() {
    for nulls in ["none", "bitmap"] {
        let folder = Folder::new();
        let columns =
            "ts TIMESTAMP, symbol VARCHAR(8), price DECIMAL(18,4), size BIGINT, side CHAR";
        let table = |name: &str, options: &str| {
            format!("CREATE TABLE {name} ({columns}) WITH ('connector' = 'file', {options});\n")
        };
        let csv = table(
            "trades",
            "'path' = 'tests/queries/data/trades.csv', 'csv.header' = 'true'",
        );
        let options = format!(
            "'path' = '{}/t.bin', 'binary.nulls' = '{nulls}'",
            folder.path()
        );
        let there = format!(
            "{csv}{}INSERT INTO b SELECT * FROM trades",
            table("b", &options)
        );
        let run = run_sql(&there, &["--workers", "2"], folder.path());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let dropped = run.report()["statements"][0]["rejected"].as_u64();
        assert_eq!(dropped, Some(0), "{}", run.stderr);
        let back = format!("{}SELECT * FROM b", table("b", &options));
        let back = run_sql(&back, &[], folder.path());
        let direct = run_sql(&format!("{csv}SELECT * FROM trades"), &[], folder.path());
        assert_eq!(back.out(), direct.out(), "{nulls}: {}", back.stderr);
        assert!(back.out().lines().count() > 100);
    }
}

#[test]
fn generated_trades_are_read_by_the_columns_that_help_names() {
    let folder = Folder::new();
    let help = finish(&mut command(&["gen", "--help"], folder.path()), b"").out();
    let start = help.find("CREATE TABLE").expect("the DDL");
    let end = start + help[start..].find(';').expect("its end");
    let path = format!("{}/trades.bin", folder.path());
    let ddl = help[start..end].replace("'trades.bin'", &format!("'{path}'"));
    for (format, path) in [
        ("bin", &path),
        ("csv", &format!("{}/trades.csv", folder.path())),
    ] {
        let made = ["gen", "trades", "--rows", "2000", "-o", path];
        let made = finish(&mut command(&made, folder.path()), b"");
        assert_eq!(made.code, Some(0), "{format}: {}", made.stderr);
    }
    let query = "SELECT ts, symbol, price, size, side FROM trades";
    let binary = run_sql(&format!("{ddl}; {query}"), &[], folder.path());
    let csv = format!(
        "CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,2), size BIGINT, side VARCHAR) WITH
         ('connector' = 'file', 'path' = '{}/trades.csv', 'csv.header' = 'true', 'timestamp.format' = 'ms'); {query}",
        folder.path()
    );
    let csv = run_sql(&csv, &[], folder.path());
    assert_eq!(binary.out(), csv.out(), "{}", binary.stderr);
    assert_eq!(binary.out().lines().count(), 2001);
}

#[test]
fn what_has_no_fixed_width_is_refused_with_a_cure() {
    const FILE: &str = "'connector' = 'file', 'path' = 'tests/queries/data/odd.bin'";
    const OUT: &str = "'connector' = 'blackhole', 'format' = 'binary'";
    let source = |columns: &str, options: &str| {
        format!("CREATE TABLE t ({columns}) WITH ({FILE}{options}); SELECT COUNT(*) FROM t")
    };
    let sink = |columns: &str, options: &str, query: &str| {
        format!(
            "CREATE TABLE n (a INT, b VARCHAR) WITH ('connector' = 'stdin', 'format' = 'csv');
             CREATE SINK o {columns} WITH ({OUT}{options}); INSERT INTO o {query}"
        )
    };
    let cases = [
        (source("a VARCHAR", ""), "needs a length", "CHAR(n)"),
        (source("a TEXT", ""), "needs a length", "CHAR(n)"),
        (source("a VARCHAR(0)", ""), "1 to 131072 bytes", "CHAR(n)"),
        (
            source("a VARCHAR(4294967297)", ""),
            "not 4294967297",
            "CHAR(n)",
        ),
        (
            source("a VARCHAR(131072), b INT", ""),
            "1 to 131072 bytes, not 131076",
            "shorten",
        ),
        (
            source("one AS 1", ""),
            "declares no columns",
            "every column",
        ),
        (
            source("a VARCHAR(3 CHARACTERS)", ""),
            "counts bytes",
            "CHAR(3)",
        ),
        (
            source("a INT", ", 'timestamp.format' = 'iso'"),
            "s, ms, us or ns",
            "number",
        ),
        (
            source("a INT", ", 'timestamp.format' = '%Y'"),
            "s, ms, us or ns",
            "number",
        ),
        (
            source("a INT", ", 'binary.nulls' = 'yes'"),
            "none or bitmap",
            "",
        ),
        (
            source("a INT", ", 'csv.header' = 'true'"),
            "no effect",
            "format csv",
        ),
        (
            "SELECT * FROM 'tests/queries/data/odd.bin'".to_owned(),
            "do not tell",
            "CREATE TABLE",
        ),
        (
            format!("CREATE TABLE t WITH ({FILE}); SELECT * FROM t"),
            "declares no columns",
            "declare every column",
        ),
        (sink("", "", "SELECT b FROM n"), "no width", "CHAR(n)"),
        (
            sink("", "", "SELECT INTERVAL '1' SECOND AS i FROM n"),
            "no width",
            "cast it",
        ),
        (
            sink("(a INT, b CHAR(3))", "", "(a) SELECT a FROM n"),
            "always NULL",
            "bitmap",
        ),
        (
            sink(
                "(a INT)",
                ", 'changelog.mode' = 'retract'",
                "SELECT a FROM n",
            ),
            "no column op",
            "upsert",
        ),
    ];
    let folder = Folder::new();
    for (sql, message, hint) in cases {
        let run = run_sql(&sql, &[], folder.path());
        assert_eq!(run.code, Some(2), "{sql}: {}", run.stderr);
        assert!(run.stderr.contains(message), "{sql}: {}", run.stderr);
        assert!(run.stderr.contains(" --> -e:"), "{sql}: {}", run.stderr);
        assert!(run.stderr.contains(hint), "{sql}: {}", run.stderr);
    }
}

#[test]
fn explain_and_describe_tell_the_layout() {
    let folder = Folder::new();
    let table = format!(
        "CREATE TABLE t ({COLUMNS}, WATERMARK FOR ts AS ts) WITH ('connector' = 'file', \
         'path' = 'tests/queries/data/odd.bin', 'binary.nulls' = 'bitmap');\n\
         CREATE SINK o (symbol CHAR(2), n BIGINT) WITH ('connector' = 'stdout', 'format' = 'binary');\n"
    );
    let described = run_sql(&format!("{table}DESCRIBE t"), &[], folder.path()).out();
    for line in [
        "bytes 1..8, event time",
        "bytes 9..12",
        "record: 22 bytes, little-endian, 1 at the front for NULLs",
    ] {
        assert!(described.contains(line), "{described}");
    }
    let query = "EXPLAIN INSERT INTO o SELECT symbol, COUNT(*) FROM t GROUP BY symbol";
    let explained = run_sql(&format!("{table}{query}"), &[], folder.path()).out();
    for text in [
        "binary records of 22 bytes with a null bitmap",
        "stdout, binary records of 10 bytes",
        "fit(symbol, 2 bytes, not null)",
    ] {
        assert!(explained.contains(text), "{explained}");
    }
}
