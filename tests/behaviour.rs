//! What a run tells and keeps beside its rows is the same for any number of workers: dead letters, open
//! windows, what is logged, where a record's error counts, and when LIMIT has had enough.

mod common;

use common::{Folder, command, finish};

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
