//! What the clock does to a job: windows of PROCTIME(), EVERY without event time, TIMEOUT, idle sources.
//!
//! In the simulator the clock follows a script, and whatever the number of workers, the sizes and the interruptions, the
//! bytes and the time at which they leave are the same. Random scripts are compared with naive recomputations. The
//! binary reads a socket that goes silent and has to answer all the same.

mod common;

use common::{Folder, command, compile};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;
use velo_tpc::plan::Job;
use velo_tpc::sim::{Random, SimOptions, SimOutcome, SimSource, run};

const SECOND: u64 = 1_000_000_000;
const MS: u64 = SECOND / 1000;

/// Lines and when they come.
type Script = Vec<(u64, String)>;

fn job(query: &str) -> Job {
    let sql = format!(
        "CREATE TABLE t (k VARCHAR, v BIGINT) WITH ('connector' = 'tcp', 'connect' = 'feed:1', 'format' = 'csv');
         CREATE TABLE t2 (k VARCHAR, v BIGINT) WITH ('connector' = 'tcp', 'connect' = 'feed:1', 'format' = 'csv');
         CREATE TABLE e (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts)
         WITH ('connector' = 'tcp', 'connect' = 'feed:1', 'format' = 'csv', 'timestamp.format' = 'ns');
         CREATE TABLE e2 (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts)
         WITH ('connector' = 'tcp', 'connect' = 'feed:1', 'format' = 'csv', 'timestamp.format' = 'ns');
         CREATE TABLE quiet (k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts)
         WITH ('connector' = 'tcp', 'connect' = 'feed:1', 'format' = 'csv', 'timestamp.format' = 'ns', 'idle.timeout' = '3s');
         CREATE SINK o WITH ('connector' = 'file', 'path' = 'o.csv', 'format' = 'csv', 'order' = 'source',
                             'timestamp.format' = 'ms');
         INSERT INTO o {query};"
    );
    let compiled = compile("clock", &sql, "out").unwrap_or_else(|error| panic!("{error}"));
    compiled.job.expect("a statement")
}

/// A source that says its lines by `script` and ends at `end_ns`.
fn source(script: &Script, end_ns: u64) -> SimSource {
    let text: String = script.iter().map(|(_, line)| &line[..]).collect();
    let mut reads: Vec<_> = script.iter().map(|(at, line)| (*at, line.len())).collect();
    reads.push((end_ns, 0));
    SimSource {
        files: vec![text.into_bytes()],
        reads,
    }
}

/// Runs in many ways; all give the bytes of the first, which is returned.
fn one_answer(job: &Job, sources: &[SimSource], seeds: u64) -> SimOutcome {
    let first = run(job, sources, &SimOptions::full(1, 1)).expect("it runs");
    for seed in 0..seeds {
        let workers = [1, 2, 4][seed as usize % 3];
        let options = [
            SimOptions::tiny(seed, workers),
            SimOptions::full(seed, workers),
            SimOptions::tiny(seed, workers).rescaled(1 + seed as usize % 4),
        ];
        for options in options {
            let again = run(job, sources, &options).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(text(&again), text(&first), "{options:?}");
            assert_eq!(again.ledgers, first.ledgers, "{options:?}");
        }
    }
    first
}

fn text(outcome: &SimOutcome) -> &str {
    std::str::from_utf8(&outcome.sinks[0]).expect("UTF-8")
}

#[test]
fn a_live_sources_windows_leave_sorted_as_they_close() {
    let query = "SELECT window_end, k, SUM(v) AS volume FROM TUMBLE(TABLE e, DESCRIPTOR(ts), INTERVAL '1' SECOND)
                 GROUP BY window_start, window_end, k ORDER BY window_end, volume DESC, k DESC LIMIT 2";
    let line = |second: u64, key: &str, value: u64| {
        let at = second * SECOND;
        (at, format!("{key},{value},{at}\n"))
    };
    let script = vec![
        line(1, "a", 5),
        line(1, "b", 7),
        line(1, "c", 7),
        line(2, "a", 1),
        line(4, "d", 1),
        line(4, "e", 2),
        line(4, "f", 3),
    ];
    let outcome = one_answer(&job(query), &[source(&script, 9 * SECOND)], 12);
    let expected = "2000,c,7\n2000,b,7\n3000,a,1\n5000,f,3\n5000,e,2\n";
    assert_eq!(text(&outcome), expected);
    assert_eq!(seconds(&outcome), [2.0, 4.0, 9.0]);
}

/// The seconds at which bytes left, each once.
fn seconds(outcome: &SimOutcome) -> Vec<f64> {
    let times = outcome.written.iter();
    let mut times: Vec<_> = times.map(|it| it.0 as f64 / SECOND as f64).collect();
    times.dedup();
    times
}

fn lines(script: &[(u64, &str)]) -> Script {
    let lines = script.iter();
    lines
        .map(|&(at, line)| (at * MS, format!("{line}\n")))
        .collect()
}

#[test]
fn windows_by_the_clock_close_without_another_record() {
    let job = job(
        "SELECT window_start, k, SUM(v), COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(PROCTIME()), INTERVAL '1' SECOND)
         GROUP BY k, window_start, window_end",
    );
    let script = lines(&[
        (200, "a,1"),
        (900, "b,2"),
        (900, "a,3"),
        (1500, "a,4"),
        (2000, "b,5"),
    ]);
    let outcome = one_answer(&job, &[source(&script, 10 * SECOND)], 9);
    assert_eq!(text(&outcome), "0,a,4,2\n0,b,2,1\n1000,a,4,1\n2000,b,5,1\n");
    assert_eq!(seconds(&outcome), [1.0, 2.0, 3.0]);
    assert_eq!(outcome.ledgers[0].late, 0);
}

#[test]
fn sessions_by_the_clock_end_with_their_gap() {
    let job = job(
        "SELECT window_start, window_end, k, SUM(v) FROM t GROUP BY k WINDOW SESSION(PROCTIME(), 1s)",
    );
    let script = lines(&[(100, "a,1"), (1100, "a,2"), (1150, "b,9"), (4000, "a,4")]);
    let outcome = one_answer(&job, &[source(&script, 10 * SECOND)], 9);
    assert_eq!(
        text(&outcome),
        "100,2100,a,3\n1150,2150,b,9\n4000,5000,a,4\n"
    );
    let left = seconds(&outcome);
    let due = [2.1, 2.15, 5.0];
    assert_eq!(left.len(), due.len(), "{left:?}");
    for (left, due) in left.iter().zip(due) {
        assert!(
            (due..due + 0.0021).contains(left),
            "{left} is not just behind {due}"
        );
    }
}

#[test]
fn every_counts_the_clock_where_there_is_no_event_time() {
    let job = job("SELECT k, SUM(v) FROM t GROUP BY k EMIT CHANGES EVERY 1s");
    let script = lines(&[(200, "a,1"), (300, "b,1"), (900, "a,2"), (5500, "b,5")]);
    let outcome = one_answer(&job, &[source(&script, 10 * SECOND)], 9);
    assert_eq!(text(&outcome), "a,3\nb,1\nb,6\n");
    assert_eq!(seconds(&outcome), [1.0, 6.0]);
}

#[test]
fn a_union_goes_by_the_clock_of_all_its_queries() {
    let job = job(
        "SELECT window_start, k, SUM(v) FROM TUMBLE(
           TABLE (SELECT _timestamp AS at, k, v FROM t UNION ALL SELECT _timestamp, k, v + 100 FROM t2),
           DESCRIPTOR(at), INTERVAL '1' SECOND) GROUP BY k, window_start, window_end",
    );
    assert!(job.sources.iter().all(|source| source.follows_clock));
    let first = lines(&[(200, "a,1"), (900, "b,2"), (2500, "a,3")]);
    let second = lines(&[(300, "a,4"), (1500, "b,5")]);
    let sources = [source(&first, 10 * SECOND), source(&second, 6 * SECOND)];
    let outcome = one_answer(&job, &sources, 9);
    assert_eq!(text(&outcome), "0,a,105\n0,b,2\n1000,b,105\n2000,a,3\n");
    assert_eq!(seconds(&outcome), [1.0, 2.0, 3.0]);
}

#[test]
fn every_over_a_union_counts_the_clock() {
    let job = job(
        "SELECT k, SUM(v) FROM (SELECT k, v FROM t UNION ALL SELECT k, v FROM t2) GROUP BY k EMIT CHANGES EVERY 1s",
    );
    let first = lines(&[(200, "a,1"), (900, "a,2")]);
    let second = lines(&[(300, "a,4"), (5500, "b,5")]);
    let sources = [source(&first, 10 * SECOND), source(&second, 10 * SECOND)];
    let outcome = one_answer(&job, &sources, 9);
    assert_eq!(text(&outcome), "a,7\nb,5\n");
    assert_eq!(seconds(&outcome), [1.0, 6.0]);
}

/// Each source's silence lifts its own watermark, the least of which closes: windows of one query, then those on top.
#[test]
fn silence_closes_windows_over_a_union() {
    let query = "SELECT window_start, SUM(n) FROM TUMBLE(TABLE (
                   SELECT k, window_time, COUNT(*) AS n FROM e GROUP BY k WINDOW TUMBLING(1s)
                   UNION ALL SELECT k, window_time, COUNT(*) AS n FROM e2 GROUP BY k WINDOW TUMBLING(2s)),
                 DESCRIPTOR(window_time), INTERVAL '4' SECOND) GROUP BY window_start, window_end
                 EMIT FINAL TIMEOUT 2s";
    let first = lines(&[
        (100, "a,1,1000000000"),
        (300, "a,1,1500000000"),
        (9000, "a,1,8000000000"),
    ]);
    let second = lines(&[(500, "b,2,3900000000"), (9000, "b,4,8100000000")]);
    let sources = [source(&first, 20 * SECOND), source(&second, 20 * SECOND)];
    let outcome = one_answer(&job(query), &sources, 9);
    assert_eq!(text(&outcome), "0,3\n8000,2\n");
    assert_eq!(seconds(&outcome), [2.5, 11.0]);
}

#[test]
fn early_results_by_the_clock() {
    let job = job(
        "SELECT k, SUM(v) FROM TUMBLE(TABLE t, DESCRIPTOR(PROCTIME()), INTERVAL '5' SECOND)
         GROUP BY k, window_start, window_end EMIT FINAL EARLY EVERY 2s",
    );
    let script = lines(&[(200, "a,1"), (300, "b,1"), (900, "a,2"), (2500, "b,5")]);
    let outcome = one_answer(&job, &[source(&script, 10 * SECOND)], 9);
    assert_eq!(text(&outcome), "a,3\nb,1\nb,6\na,3\nb,6\n");
    assert_eq!(seconds(&outcome), [2.0, 4.0, 5.0]);
}

#[test]
fn silence_closes_windows_and_what_comes_behind_is_late() {
    let query = "SELECT window_start, k, SUM(v) FROM e GROUP BY k WINDOW TUMBLING(10s) EMIT FINAL TIMEOUT 2s";
    let script = lines(&[
        (100, "a,1,1000000000"),
        (1900, "b,2,12000000000"),
        // The window of 10 s is closed at 3.9 s.
        (5000, "b,4,13000000000"),
        (6000, "b,8,21000000000"),
    ]);
    let outcome = one_answer(&job(query), &[source(&script, 10 * SECOND)], 9);
    assert_eq!(text(&outcome), "0,a,1\n10000,b,2\n20000,b,8\n");
    assert_eq!(seconds(&outcome), [1.9, 3.9, 8.0]);
    assert_eq!(outcome.ledgers[0].late, 1);
}

#[test]
fn silence_closes_windows_of_every_kind() {
    let script = lines(&[(100, "a,1,1000000000")]);
    for (window, expected) in [
        ("TUMBLING(4s)", "0,4000\n"),
        ("SLIDING(4s, 2s)", "-2000,2000\n0,4000\n"),
        ("CUMULATING(2s, 4s)", "0,2000\n0,4000\n"),
        ("SESSION(3s)", "1000,4000\n"),
    ] {
        let query = format!(
            "SELECT window_start, window_end FROM e GROUP BY k WINDOW {window}
             EMIT ON WINDOW CLOSE TIMEOUT 1s LATE DATA ALLOW 500ms"
        );
        let outcome = one_answer(&job(&query), &[source(&script, 10 * SECOND)], 3);
        assert_eq!(text(&outcome), expected, "{window}");
        assert_eq!(seconds(&outcome), [1.1], "{window}");
    }
}

#[test]
fn an_idle_source_lets_the_others_go_on() {
    let query = "SELECT window_start, k, SUM(v) FROM quiet GROUP BY k WINDOW TUMBLING(1s);
                 INSERT INTO o SELECT window_start, k, SUM(v) FROM e GROUP BY k WINDOW TUMBLING(1s)";
    let quiet = lines(&[(100, "q,1,500000000")]);
    let other = lines(&[
        (200, "a,1,700000000"),
        (4000, "a,2,2500000000"),
        (4100, "a,3,2600000000"),
    ]);
    let sources = [source(&quiet, 10 * SECOND), source(&other, 10 * SECOND)];
    let outcome = one_answer(&job(query), &sources, 9);
    assert_eq!(text(&outcome), "0,q,1\n0,a,1\n2000,a,5\n");
    assert_eq!(seconds(&outcome), [4.0, 10.0]);
}

/// Records as they come: when, key, value, event time.
fn records(random: &mut Random) -> Vec<(u64, String, i64, u64)> {
    let (mut at, mut time) = (1, 0);
    let count = 1 + random.below(12);
    let keys = 1 + random.below(4);
    let mut records = Vec::new();
    for _ in 0..count {
        let pause = [2, 700, 700, 3000][random.below(4) as usize];
        at += random.below(pause) * MS;
        time += random.below(900) * MS;
        let back = random.below(1500) * MS;
        let key = format!("k{}", random.below(keys));
        records.push((at, key, random.below(100) as i64, time.saturating_sub(back)));
    }
    records
}

/// Runs the records through `query` and compares with the lines of `naive`.
fn compare(
    query: &str,
    seeds: u64,
    has_time: bool,
    naive: impl Fn(&[(u64, String, i64, u64)]) -> Vec<String>,
) {
    let job = job(query);
    for seed in 0..seeds {
        let mut random = Random::new(seed + 1);
        let records = records(&mut random);
        let line = |(at, key, value, time): &(u64, String, i64, u64)| {
            let time = if has_time {
                format!(",{time}")
            } else {
                String::new()
            };
            (*at, format!("{key},{value}{time}\n"))
        };
        let script: Script = records.iter().map(line).collect();
        let end = script.last().map_or(0, |last| last.0) + 5 * SECOND;
        let outcome = one_answer(&job, &[source(&script, end)], 3);
        let expected: String = naive(&records).concat();
        assert_eq!(text(&outcome), expected, "seed {seed} of {query}");
    }
}

#[test]
fn random_tumbling_windows_by_the_clock() {
    let query = "SELECT window_start, k, SUM(v), COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(PROCTIME()), INTERVAL '2' SECOND)
                 GROUP BY k, window_start, window_end";
    compare(query, 12, false, |records| {
        let mut windows: Vec<(u64, &str, i64, u64)> = Vec::new();
        for (at, key, value, _) in records {
            let start = at / (2 * SECOND) * 2000;
            let known = windows.iter_mut().find(|it| it.0 == start && it.1 == key);
            match known {
                Some(known) => (known.2, known.3) = (known.2 + value, known.3 + 1),
                None => windows.push((start, key, *value, 1)),
            }
        }
        let rows = windows.iter();
        rows.map(|(start, key, sum, count)| format!("{start},{key},{sum},{count}\n"))
            .collect()
    });
}

#[test]
fn random_sessions_by_the_clock() {
    let query = "SELECT window_start, window_end, k, SUM(v) FROM t GROUP BY k WINDOW SESSION(PROCTIME(), 1s)";
    // A tick a millisecond takes its time.
    compare(query, 2, false, |records| {
        // Final at, first record, bounds, key, sum.
        let mut sessions: Vec<(u64, usize, u64, &str, i64)> = Vec::new();
        for (number, (at, key, value, _)) in records.iter().enumerate() {
            let open = sessions.iter_mut().find(|it| it.3 == key && *at <= it.0);
            match open {
                Some(open) => (open.0, open.4) = (at + SECOND, open.4 + value),
                None => sessions.push((at + SECOND, number, *at, key, *value)),
            }
        }
        sessions.sort_unstable();
        let rows = sessions
            .iter()
            .map(|(end, _, first, key, sum)| format!("{},{},{key},{sum}\n", first / MS, end / MS));
        rows.collect()
    });
}

#[test]
fn random_silences() {
    let query = "SELECT window_start, k, SUM(v) FROM e GROUP BY k WINDOW TUMBLING(3s) EMIT FINAL TIMEOUT 1500ms";
    compare(query, 12, true, |records| {
        const SIZE: u64 = 3 * SECOND;
        let mut sums: BTreeMap<(u64, usize), (&str, i64)> = BTreeMap::new();
        let (mut watermark, mut greatest, mut heard) = (None, 0, 0);
        for (number, (at, key, value, time)) in records.iter().enumerate() {
            if number > 0 && at - heard >= 1500 * MS {
                watermark = watermark.max(Some(greatest / SIZE * SIZE + SIZE));
            }
            heard = *at;
            let start = time / SIZE * SIZE;
            if watermark.is_none_or(|watermark| watermark < start + SIZE) {
                let known = sums
                    .iter()
                    .find(|(place, sum)| place.0 == start && sum.0 == key);
                let place = known.map_or((start, number), |(place, _)| *place);
                sums.entry(place).or_insert((key, 0)).1 += value;
            }
            greatest = greatest.max(*time);
            watermark = watermark.max(Some(greatest));
        }
        let rows = sums.iter();
        rows.map(|((start, _), (key, sum))| format!("{},{key},{sum}\n", start / MS))
            .collect()
    });
}

/// Feeds the binary by a socket that stays open; gives its first line, which has to come all the same.
fn first_line(columns: &str, select: &str, sent: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let sql = format!(
        "CREATE TABLE t ({columns}) WITH ('connector' = 'tcp', 'connect' = '{address}', 'format' = 'csv',
                                          'timestamp.format' = 'iso');
         {select};"
    );
    let folder = Folder::new();
    let arguments = [
        "run",
        "-e",
        &sql,
        "--format",
        "csv",
        "--no-progress",
        "--workers",
        "2",
    ];
    let mut child = command(&arguments, folder.path())
        .spawn()
        .expect("it starts");
    let (mut socket, _) = listener.accept().expect("it connects");
    socket.write_all(sent.as_bytes()).expect("sent");
    let (tell, told) = mpsc::channel();
    let out = child.stdout.take().expect("piped");
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok).skip(1) {
            let _ = tell.send(line);
        }
    });
    let line = told.recv_timeout(Duration::from_secs(20));
    drop(socket);
    child.kill().expect("it is ours");
    let _ = child.wait();
    reader.join().expect("no panic");
    line.expect("a row comes while the socket is silent")
}

#[test]
fn the_binary_answers_while_its_feed_is_silent() {
    let timeout = first_line(
        "k VARCHAR, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND",
        "SELECT k, SUM(v) AS v FROM t GROUP BY k WINDOW TUMBLING(1h) EMIT FINAL TIMEOUT 200ms",
        "a,1,2025-01-02 09:30:00\na,2,2025-01-02 09:30:10\n",
    );
    assert_eq!(timeout, "a,3");
    let windows = first_line(
        "k VARCHAR, v BIGINT",
        "SELECT k, COUNT(*) AS n FROM t GROUP BY k WINDOW TUMBLING(PROCTIME(), 300ms)",
        "a,1\n",
    );
    assert_eq!(windows, "a,1");
    let every = first_line(
        "k VARCHAR, v BIGINT",
        "SELECT k, SUM(v) AS v FROM t GROUP BY k EMIT CHANGES EVERY 300ms",
        "b,7\n",
    );
    assert_eq!(every, "b,7");
}
