//! What a run tells and keeps beside its rows is the same for any number of workers: dead letters, open
//! windows, what is logged, where a record's error counts, and when LIMIT has had enough.

mod common;

use common::{Folder, command, finish, run_sql};

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
