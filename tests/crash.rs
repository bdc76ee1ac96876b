//! Runs that die in the middle and go on from their checkpoints: the sinks hold what one run without a fault writes.
//!
//! Each run is killed at a random moment, several times over, and goes on with another number of workers. Replay at a
//! pace makes a small input last long enough to be killed in.

mod common;

use common::{Folder, Run, command, finish, wait};
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

/// Records of an input: 20 s of event time, 2 s of a run.
const ROWS: usize = 20_000;
/// Runs that are killed before one is let go to its end.
const KILLED: usize = 4;

/// Draws from a seed (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let seed = now.expect("after 1970").as_nanos() as u64;
        println!("seed {seed}");
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A job: its statements, with `{IN}` and `{OUT}` for folders, `{PACE}` and `{RATE}` for how fast its sources are, and what its
/// sinks write.
struct Case {
    sql: &'static str,
    outputs: &'static [&'static str],
}

impl Case {
    fn sql(&self, input: &Folder, out: &Folder, pace: &str) -> String {
        let sql = self.sql.replace("{IN}", input.path());
        let rate = if pace == "max" { "1000000000" } else { "10000" };
        let sql = sql.replace("{RATE}", rate).replace("{PACE}", pace);
        sql.replace("{OUT}", out.path())
    }

    fn written(&self, out: &Folder) -> Vec<String> {
        let read = |name: &&str| String::from_utf8(out.read(name)).expect("UTF-8");
        self.outputs.iter().map(read).collect()
    }
}

fn arguments<'a>(sql: &'a str, workers: &'a str, state: Option<&'a str>) -> Vec<&'a str> {
    let mut arguments = vec!["run", "-e", sql, "--report", "json", "--workers", workers];
    if let Some(state) = state {
        let checkpoints = ["--checkpoint-dir", state, "--checkpoint-interval", "20ms"];
        arguments.extend(checkpoints);
    }
    arguments
}

/// Kills the job at random moments, lets it go on, and compares with a run that was left alone.
fn survives(case: &Case, input: &Folder) {
    let mut random = Random::new();
    let calm = Folder::new();
    let run = finish(
        &mut command(
            &arguments(&case.sql(input, &calm, "max"), "1", None),
            calm.path(),
        ),
        b"",
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let want = case.written(&calm);
    let records = &run.report()["sources"][0]["records"];

    let out = Folder::new();
    let state = format!("{}/state", out.path());
    let sql = case.sql(input, &out, "10x");
    let mut resumed = 0;
    for killed in 0.. {
        let workers = (1 + random.below(3)).to_string();
        let mut command = command(&arguments(&sql, &workers, Some(&state)), out.path());
        let mut child = command.stdin(Stdio::null()).spawn().expect("it starts");
        // A busy machine may need longer to take the first checkpoint.
        if killed < KILLED || (resumed == 0 && killed < 4 * KILLED) {
            let after = 100 + random.below(400 + 100 * killed as u64);
            std::thread::sleep(Duration::from_millis(after));
            // One that is done already is as good.
            let _ = child.kill();
        }
        let run = wait(child);
        resumed += usize::from(run.stderr.contains("going on from checkpoint"));
        if run.code.is_some() {
            assert_eq!(run.code, Some(0), "{}", run.stderr);
            let report = run.report();
            assert_eq!(&report["sources"][0]["records"], records, "{report}");
            assert_eq!(case.written(&out), want, "{}", run.stderr);
            break;
        }
    }
    assert!(resumed > 0, "no run went on from a checkpoint");
    let left = std::fs::read_dir(&state).expect("it was made");
    let left: Vec<_> = left.map(|it| it.expect("an entry").file_name()).collect();
    assert_eq!(left, ["lock"], "a job that came to its end leaves none");
}

/// Trades in the order of time, but for some a little late; every 500th is not one.
fn trades(rows: std::ops::Range<usize>) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        let ms = 1_735_689_600_000 + row as u64 - if row % 7 == 3 { 40 } else { 0 };
        let symbol = row * row % 13;
        match row % 500 {
            499 => writeln!(text, "{ms},S{symbol},much,1,B"),
            _ => writeln!(
                text,
                "{ms},S{symbol},{}.{:02},{},{}",
                100 + row % 9,
                row % 100,
                1 + row % 50,
                if row % 3 == 0 { "B" } else { "S" }
            ),
        }
        .expect("memory takes all");
    }
    text
}

#[test]
fn windows_and_frames_of_files_come_out_once() {
    let input = Folder::new();
    for (name, rows) in [
        ("a.csv", 0..7000),
        ("b.csv", 7000..7001),
        ("c.csv", 7001..ROWS),
    ] {
        input.write(name, trades(rows));
    }
    let case = Case {
        sql: "CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
               WATERMARK FOR ts AS ts - INTERVAL '50' MILLISECOND)
             WITH ('connector' = 'file', 'path' = '{IN}/*.csv', 'format' = 'csv', 'timestamp.format' = 'ms',
                   'pace' = '{PACE}', 'on.error' = 'dead_letter', 'dead.letter.path' = '{OUT}/dead.txt');
             CREATE SINK bars WITH ('connector' = 'file', 'path' = '{OUT}/bars.csv', 'format' = 'csv',
                   'csv.header' = 'true');
             CREATE SINK frames WITH ('connector' = 'file', 'path' = '{OUT}/frames.json', 'format' = 'json');
             CREATE SINK sessions WITH ('connector' = 'file', 'path' = '{OUT}/sessions.csv', 'format' = 'csv');
             CREATE SINK firsts WITH ('connector' = 'file', 'path' = '{OUT}/firsts.csv', 'format' = 'csv');
             INSERT INTO bars SELECT window_start, symbol, COUNT(*) AS n, SUM(price) AS s, MEDIAN(size) AS m
               FROM trades GROUP BY symbol WINDOW SLIDING(2s, 500ms);
             INSERT INTO frames SELECT ts, symbol, LAG(price) OVER w AS before, MAX(size) OVER w AS most
               FROM trades WINDOW w AS (PARTITION BY symbol ORDER BY ts ROWS 5 PRECEDING) EMIT FINAL;
             INSERT INTO sessions SELECT window_start, window_end, side, COUNT(DISTINCT symbol) AS n
               FROM trades WHERE size > 45 GROUP BY side WINDOW SESSION(20ms);
             INSERT INTO firsts SELECT DISTINCT symbol, size, side FROM trades;",
        outputs: &["bars.csv", "frames.json", "sessions.csv", "firsts.csv", "dead.txt"],
    };
    survives(&case, &input);
}

#[test]
fn a_compressed_file_is_read_on_within_it() {
    let input = Folder::new();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&trades(0..ROWS)).expect("memory takes all");
    input.write("trades.csv.gz", gzip.finish().expect("memory takes all"));
    let case = Case {
        sql: "CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
                WATERMARK FOR ts AS ts - INTERVAL '50' MILLISECOND)
              WITH ('connector' = 'file', 'path' = '{IN}/trades.csv.gz', 'format' = 'csv', 'timestamp.format' = 'ms',
                    'pace' = '{PACE}');
              CREATE SINK sides WITH ('connector' = 'file', 'path' = '{OUT}/sides.csv', 'format' = 'csv');
              INSERT INTO sides SELECT side, window_end AS w, SUM(n) AS n, MAX(v) AS v FROM
                (SELECT symbol, side, window_time AS ts, COUNT(*) AS n, VWAP(price, size) AS v
                 FROM trades GROUP BY symbol, side WINDOW TUMBLING(100ms))
              GROUP BY side WINDOW TUMBLING(1s);",
        outputs: &["sides.csv"],
    };
    survives(&case, &input);
}

#[test]
fn made_rows_are_made_again() {
    let case = Case {
        sql: "CREATE TABLE trades WITH ('connector' = 'generator', 'kind' = 'trades', 'rows' = '20000', 'seed' = '7',
                'symbols' = '20', 'rate' = '{RATE}');
              CREATE SINK bars WITH ('connector' = 'file', 'path' = '{OUT}/bars.csv', 'format' = 'csv');
              CREATE SINK rest WITH ('connector' = 'file', 'path' = '{OUT}/rest.csv', 'format' = 'csv');
              INSERT INTO bars SELECT window_start, symbol, COUNT(*) AS n, LAST(price) AS p FROM trades
                GROUP BY symbol WINDOW BARS(VOLUME 5000, size);
              INSERT INTO rest SELECT symbol, SUM(size) AS s FROM trades GROUP BY symbol;",
        outputs: &["bars.csv", "rest.csv"],
    };
    survives(&case, &Folder::new());
}

/// Bars of a file on stdout, replayed at `pace`.
fn bars_on_stdout(input: &Folder, pace: &str) -> String {
    format!(
        "CREATE TABLE trades (ts TIMESTAMP, symbol VARCHAR, price DECIMAL(18,4), size BIGINT, side VARCHAR,
           WATERMARK FOR ts AS ts - INTERVAL '50' MILLISECOND)
         WITH ('connector' = 'file', 'path' = '{}/trades.csv', 'format' = 'csv', 'timestamp.format' = 'ms',
               'pace' = '{pace}');
         SELECT window_start, symbol, COUNT(*) AS n FROM trades GROUP BY symbol WINDOW TUMBLING(100ms)",
        input.path()
    )
}

/// A run of `sql` with checkpoints in `state`, interrupted after `after`.
fn interrupted(sql: &str, state: &str, after: Option<Duration>) -> Run {
    let mut arguments = arguments(sql, "2", Some(state));
    arguments.extend(["--format", "csv"]);
    let mut command = command(&arguments, state);
    let child = command.stdin(Stdio::null()).spawn().expect("it starts");
    if let Some(after) = after {
        std::thread::sleep(after);
        let id = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it runs");
    }
    wait(child)
}

#[test]
fn an_interrupted_run_goes_on_behind_the_last_row_it_wrote() {
    let input = Folder::new();
    input.write("trades.csv", trades(0..ROWS));
    let sql = bars_on_stdout(&input, "max");
    let mut calm = arguments(&sql, "1", None);
    calm.extend(["--format", "csv"]);
    let calm = finish(&mut command(&calm, input.path()), b"");
    assert_eq!(calm.code, Some(0), "{}", calm.stderr);

    let state = format!("{}/state", input.path());
    let sql = bars_on_stdout(&input, "10x");
    let first = interrupted(&sql, &state, Some(Duration::from_millis(1000)));
    assert_eq!(first.code, Some(130), "{}", first.stderr);
    assert!(first.stderr.contains("\"interrupted\""), "{}", first.stderr);
    let second = interrupted(&sql, &state, None);
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert!(
        second.stderr.contains("going on from checkpoint"),
        "{}",
        second.stderr
    );
    // Without a fault not even stdout gets a row twice.
    assert_eq!(first.out() + &second.out(), calm.out());
    let checkpoints = &second.report()["checkpoints"];
    let read_before = checkpoints["resumed_records"].as_u64();
    assert!(
        read_before.is_some_and(|records| records > 0),
        "{checkpoints}"
    );
}

#[test]
fn a_followed_file_is_read_on_where_it_stood() {
    let input = Folder::new();
    let path = input.write("trades.csv", trades(0..8000));
    let state = format!("{}/state", input.path());
    let sql = bars_on_stdout(&input, "max").replace("'pace'", "'follow' = 'true', 'pace'");
    let half = Duration::from_millis(1500);
    let first = interrupted(&sql, &state, Some(half));
    assert_eq!(first.code, Some(130), "{}", first.stderr);
    let mut file = std::fs::File::options()
        .append(true)
        .open(path)
        .expect("it is there");
    file.write_all(&trades(8000..ROWS)).expect("there is room");
    let second = interrupted(&sql, &state, Some(half));
    assert_eq!(second.code, Some(130), "{}", second.stderr);
    let report = second.report();
    assert_eq!(report["sources"][0]["records"], ROWS, "{report}");
    // One every 20 ms, but none while nothing comes.
    let taken = report["checkpoints"]["taken"].as_u64();
    assert!(
        taken.is_some_and(|taken| (1..50).contains(&taken)),
        "{report}"
    );

    let bounded = bars_on_stdout(&input, "max");
    let mut bounded = arguments(&bounded, "1", None);
    bounded.extend(["--format", "csv"]);
    let calm = finish(&mut command(&bounded, input.path()), b"").out();
    // Rows of endless input come as their workers make them. The newest windows are open: the file may grow.
    let out = first.out() + &second.out();
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    let (out, mut calm) = (sorted(&out), sorted(&calm));
    let open = calm.len() - out.len();
    assert!(open < 13 * 3, "{open} rows are missing");
    calm.retain(|line| out.contains(line));
    assert_eq!(out, calm);
}

#[test]
fn what_cannot_be_gone_on_with_is_refused() {
    let input = Folder::new();
    input.write("trades.csv", trades(0..ROWS));
    let state = format!("{}/state", input.path());
    let sql = bars_on_stdout(&input, "10x");
    let first = interrupted(&sql, &state, Some(Duration::from_millis(1000)));
    assert_eq!(first.code, Some(130), "{}", first.stderr);

    let refused = |sql: &str, why: &str| {
        let run = interrupted(sql, &state, None);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(run.stdout.is_empty(), "{}", run.out());
    };
    refused(
        &sql.replace("COUNT(*)", "COUNT(size)"),
        "taken of another query",
    );
    refused(
        "CREATE TABLE t (a INT) WITH ('connector' = 'stdin', 'format' = 'csv'); SELECT a FROM t",
        "stdin is not a regular file: what it gave cannot be read again after a restart",
    );
    input.write("trades.csv", trades(0..200));
    refused(&sql, "it is shorter than when the checkpoint was taken");
    input.write("trades.csv", trades(1..ROWS));
    refused(&sql, "begins with other bytes now");
}

#[test]
fn a_disk_that_fails_for_a_while_costs_checkpoints_only() {
    let input = Folder::new();
    input.write("trades.csv", trades(0..ROWS));
    let state = format!("{}/state", input.path());
    let sql = bars_on_stdout(&input, "10x");
    let mut arguments = arguments(&sql, "1", Some(&state));
    arguments.extend(["--format", "csv"]);
    let mut command = command(&arguments, input.path());
    let child = command.stdin(Stdio::null()).spawn().expect("it starts");
    let gone = format!("{state}.gone");
    let mut waited = 0;
    while std::fs::rename(&state, &gone).is_err() && waited < 1000 {
        std::thread::sleep(Duration::from_millis(5));
        waited += 1;
    }
    std::thread::sleep(Duration::from_millis(700));
    std::fs::rename(&gone, &state).expect("it was there");
    let run = wait(child);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.contains("no checkpoint was taken: writing"),
        "{}",
        run.stderr
    );
    let checkpoints = &run.report()["checkpoints"];
    let count = |name: &str| checkpoints[name].as_u64().expect("a count");
    assert!(count("failed") > 0 && count("taken") > 1, "{checkpoints}");
}
