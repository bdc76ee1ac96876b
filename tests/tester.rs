//! `velo-tpc test` as a user's tool: what it says of right and wrong answers, and what it writes.

mod common;

use common::{Folder, Run, command, finish};

const QUERY: &str = "CREATE TABLE t (k VARCHAR, v BIGINT)
WITH ('connector' = 'file', 'path' = '${DATA}/t.csv', 'format' = 'csv', 'csv.header' = 'true');
SELECT k, SUM(v) AS v FROM t GROUP BY k;";

fn test(folder: &Folder, more: &[&str]) -> Run {
    let mut arguments = vec!["test", folder.path()];
    arguments.extend(more);
    let mut command = command(&arguments, folder.path());
    finish(command.env("DATA", folder.path()), b"")
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", "k,v\na,1\nb,2\na,3\n");
    folder.write("sum.sql", QUERY);
    folder
}

#[test]
fn a_right_answer_passes_and_a_wrong_one_is_shown() {
    let folder = folder();
    let run = test(&folder, &[]);
    assert_eq!(run.code, Some(2), "nothing to compare with yet");
    assert!(run.stderr.contains("--update"), "{}", run.stderr);
    let run = test(&folder, &["--update"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(folder.read("sum.out"), b"k,v\na,4\nb,2\n");
    let run = test(&folder, &["--verbose", "--workers", "1,3", "--seeds", "5"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out().contains("sum.sql") && run.out().contains("1 passed, 0 failed"));
    folder.write("sum.out", "k,v\na,5\nb,2\n");
    let run = test(&folder, &[]);
    assert_eq!(run.code, Some(1));
    assert!(run.out().contains("-a,5\n+a,4"), "{}", run.out());
    assert_eq!(
        folder.read("sum.out"),
        b"k,v\na,5\nb,2\n",
        "only --update writes"
    );
}

#[test]
fn tables_of_errors_hold_what_is_said() {
    let folder = Folder::new();
    let table = "CREATE TABLE t (k VARCHAR) WITH ('connector' = 'stdin', 'format' = 'csv');";
    folder.write("prelude.sql", table);
    folder.write("names.errors", "SELECT kk FROM t\n====\nSELECT k FROM tt\n");
    assert_eq!(test(&folder, &["--update"]).code, Some(0));
    let written = String::from_utf8(folder.read("names.errors")).expect("UTF-8");
    assert!(written.contains("did you mean k?\n====\nSELECT k FROM tt\n----\nerror: table tt"));
    assert_eq!(test(&folder, &[]).code, Some(0));
    folder.write("names.errors", "SELECT k FROM t\n");
    let run = test(&folder, &["--update"]);
    assert_eq!(run.code, Some(1), "a query that is right has no message");
    assert!(run.out().contains("accepted"), "{}", run.out());
}

#[test]
fn what_cannot_be_tested_says_why() {
    let folder = Folder::new();
    let query = "CREATE TABLE t (k VARCHAR) WITH ('connector' = 'stdin', 'format' = 'csv'); SELECT k FROM t;";
    folder.write("stdin.sql", query);
    folder.write("stdin.out", "");
    let run = test(&folder, &[]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.out().contains("stdin is not the test's"),
        "{}",
        run.out()
    );
    assert_eq!(test(&folder, &["--filter", "nosuch"]).code, Some(2));
    assert_eq!(test(&folder, &["--workers", "0"]).code, Some(2));
}
