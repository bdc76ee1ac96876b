//! `velo-tpc repl` over a script on stdin: what it keeps, prints and says.

mod common;

use common::{Folder, Run, command, finish, wait};
use std::io::Write;

const TABLE: &str = "CREATE TABLE t (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT) WITH \
    ('connector' = 'file', 'path' = 'tests/queries/data/few.csv', 'format' = 'csv', 'csv.header' = 'true');\n";

fn repl(script: &str, more: &[&str]) -> Run {
    let folder = Folder::new();
    let mut arguments = vec!["repl", "--format", "csv"];
    arguments.extend(more);
    finish(&mut command(&arguments, folder.path()), script.as_bytes())
}

#[test]
fn declarations_are_kept_and_queries_run_with_them() {
    let script = format!(
        "{TABLE}CREATE VIEW v AS SELECT symbol AS s,\n ';' AS semi -- not the end;\nFROM t;\nSET 'workers' = '2';\n\
         SELECT * FROM v LIMIT 1; SELECT COUNT(*) AS n\nFROM t WHERE symbol = 'AAPL'"
    );
    let run = repl(&script, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.out(), "s,semi\nAAPL,;\nn\n5\n");
    assert_eq!(run.stderr, "");
}

#[test]
fn an_error_has_its_place_and_ends_nothing() {
    let script = format!("{TABLE}\nSELECT size,\n  symbl\nFROM t;\nSELECT COUNT(*) AS n FROM t;\n");
    let run = repl(&script, &[]);
    assert_eq!(run.code, Some(1), "a script that failed in part failed");
    assert_eq!(run.out(), "n\n10\n");
    let told = "error: column symbl does not exist\n --> stdin:4:3\n  |\n4 |   symbl\n  |   ^^^^^\n\
        hint: did you mean symbol?\n";
    assert_eq!(run.stderr, told);
    let run = repl(
        "INSERT INTO t SELECT size FROM t;",
        &["--init", "nosuch.sql"],
    );
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("nosuch.sql"), "{}", run.stderr);
}

#[test]
fn an_error_in_a_declaration_is_shown_there() {
    let run = repl(&format!("{TABLE}{TABLE}DESCRIBE t;"), &[]);
    assert!(
        run.stderr.contains("t is declared twice\n --> stdin:2:14"),
        "{}",
        run.stderr
    );
    assert!(run.out().contains("symbol  VARCHAR"), "{}", run.out());
    let stdin =
        "CREATE TABLE i (a INT) WITH ('connector' = 'stdin', 'format' = 'csv'); SELECT a FROM i;";
    let run = repl(stdin, &[]);
    assert!(
        run.stderr.contains("stdin is the shell's"),
        "{}",
        run.stderr
    );
    let sink = "CREATE TABLE i (a INT) WITH ('connector' = 'stdin', 'format' = 'csv');\n\
        INSERT INTO i SELECT size FROM t;";
    let run = repl(&format!("{TABLE}{sink}"), &[]);
    assert!(run.stderr.contains("--> declared:2:14"), "{}", run.stderr);
}

#[test]
fn commands_do_what_help_says() {
    let folder = Folder::new();
    let tables = folder.write("tables.sql", format!("{TABLE}SELECT nosuch FROM t;\n"));
    let script = format!(
        ".help\n.read {tables}\n.tables\n.format json\nSELECT size FROM t LIMIT 1;\n.timing on\nSHOW TABLES;\n\
         .timing off\n.clear\n.tables\n.fromat csv\n.read\n.quit\nSELECT 1 FROM nosuch;\n"
    );
    let run = repl(&script, &[]);
    let out = run.out();
    assert!(out.starts_with(".help"), "{out}");
    assert!(out.contains("\nt     table  file\n{\"size\":"), "{out}");
    let place = format!("--> {tables}:2:8");
    for told in [
        &place[..],
        "time: 0.",
        "command .fromat does not exist\nhint: did you mean .format?",
        "the command is .read FILE",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert!(
        !run.stderr.contains("table nosuch"),
        "behind .quit: {}",
        run.stderr
    );
    assert_eq!(run.code, Some(1));
    let run = repl(
        "SELECT COUNT(*) AS n FROM t;",
        &["--init", "tests/nosuch/../../README.md"],
    );
    assert_eq!(
        run.code,
        Some(2),
        "a file with errors cannot begin a session"
    );
}

#[test]
fn explain_prints_and_bad_rows_are_told() {
    let folder = Folder::new();
    let bad = folder.write("bad.csv", "a\n1\nx\n3\n");
    let script = format!(
        "CREATE TABLE bad (a INT) WITH ('connector' = 'file', 'path' = '{bad}', 'format' = 'csv', 'csv.header' = 'true');\n\
         EXPLAIN SELECT a FROM bad;\nSELECT SUM(a) AS s FROM bad;\n"
    );
    let run = repl(&script, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.out().contains("bad"), "{}", run.out());
    assert!(run.out().ends_with("s\n4\n"), "{}", run.out());
    assert!(
        run.stderr.contains("number"),
        "a row was left out: {}",
        run.stderr
    );
}

#[test]
fn an_interrupt_ends_the_query_with_its_report() {
    let folder = Folder::new();
    let mut child = command(&["repl", "--format", "csv"], folder.path());
    let mut child = child.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    let script = "CREATE TABLE g (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT) WITH \
        ('connector' = 'generator', 'kind' = 'trades', 'rate' = '1000');\nSELECT COUNT(*) AS n FROM g EMIT CHANGES;\n\
        SELECT nosuch FROM g;\n";
    input.write_all(script.as_bytes()).expect("written");
    drop(input);
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it runs");
    let run = wait(child);
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    assert!(
        !run.stderr.contains("nosuch"),
        "the script ends there: {}",
        run.stderr
    );
}
