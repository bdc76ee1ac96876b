//! The commands as a user types them.

mod common;

use common::{Folder, command, finish};

#[test]
fn the_first_command_of_the_readme_gives_bars() {
    let sql = std::fs::read_to_string("tests/queries/ohlcv.sql").expect("the query");
    assert!(sql.contains("'rows' = '1000000'"), "{sql}");
    let folder = Folder::new();
    let small = sql.replace("'rows' = '1000000'", "'rows' = '3000'");
    let path = folder.write("ohlcv.sql", small);
    let run = finish(
        &mut command(&["run", &path, "--format", "csv"], folder.path()),
        b"",
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let text = run.out();
    let mut lines = text.lines();
    let header = "window_start,symbol,open,high,low,close,volume,vwap,trades";
    assert_eq!(lines.next(), Some(header));
    let trades: u64 = lines
        .map(|line| line.rsplit(',').next().expect("a field"))
        .map(|field| field.parse::<u64>().expect("a count"))
        .sum();
    assert_eq!(trades, 3000, "every trade is in one bar");
    assert!(run.stderr.contains("3,000 records"), "{}", run.stderr);
}

#[test]
fn every_golden_query_passes_check_and_explain() {
    let folder = Folder::new();
    for path in [
        "tests/queries/ohlcv.sql",
        "tests/queries/sink/many.sql",
        "tests/queries/window/exchange.sql",
    ] {
        for verb in ["check", "explain"] {
            let run = finish(&mut command(&[verb, path], folder.path()), b"");
            assert_eq!(run.code, Some(0), "{verb} {path}: {}", run.stderr);
            assert!(!run.stdout.is_empty(), "{verb} {path}");
        }
    }
}

#[test]
fn generated_rows_can_be_piped_in() {
    let folder = Folder::new();
    let rows = finish(
        &mut command(
            &["gen", "trades", "--rows", "500", "--no-header"],
            folder.path(),
        ),
        b"",
    );
    assert_eq!(rows.code, Some(0), "{}", rows.stderr);
    let sql = "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR)
               WITH ('connector' = 'stdin', 'format' = 'csv', 'timestamp.format' = 'ms');
               SELECT COUNT(*) AS n FROM t";
    let arguments = ["run", "-e", sql, "--format", "json", "--report", "none"];
    let run = finish(&mut command(&arguments, folder.path()), &rows.stdout);
    assert_eq!(
        (run.code, run.out()),
        (Some(0), "{\"n\":500}\n".to_owned()),
        "{}",
        run.stderr
    );
}
