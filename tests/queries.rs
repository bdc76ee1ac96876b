//! Every `tests/queries/**/*.sql` with a `.out` beside it: one answer, however it is run.
//!
//! `velo-tpc test` runs each in the simulator (any read size, ring size and number of workers, with a snapshot and
//! a restore into another number of workers); here each also runs in the binary and in the oracle, and all must
//! give the bytes of its `.out`; lines are sorted first where a sink is not ordered.
//!
//! * `cargo run -- test tests/queries --update` writes the `.out` files anew; look at the difference before you
//!   keep it.
//! * `QUERY=late cargo test --test queries` runs those whose path holds `late`.

mod common;

use common::{Folder, command, compile, finish, sections_of_run};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use velo_tpc::expr::catalogue::names;
use velo_tpc::plan::{Job, SinkFormat};
use velo_tpc::sim::{SimOptions, SimSource, inputs, oracle, resolve, run, sections};
use velo_tpc::worker::LedgerCounts;

/// How the simulator runs them is for `velo-tpc test`, which passes all of them.
#[test]
fn the_test_command_passes_them_all() {
    let folder = Folder::new();
    let filter = std::env::var("QUERY").unwrap_or_default();
    let arguments = ["test", "tests/queries", "--filter", &filter];
    let ended = finish(&mut command(&arguments, folder.path()), b"");
    assert_eq!(ended.code, Some(0), "{}{}", ended.out(), ended.stderr);
    assert!(ended.out().contains(" passed, 0 failed"), "{}", ended.out());
}

#[test]
fn queries_give_their_answers() {
    let filter = std::env::var("QUERY").unwrap_or_default();
    let mut files = Vec::new();
    sql_files(Path::new("tests/queries"), &mut files);
    files.retain(|file| file.to_string_lossy().contains(&filter));
    files.sort();
    assert!(!files.is_empty(), "no query's path holds {filter:?}");
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, |it| it.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let checked = std::panic::catch_unwind(|| check(file));
                    let failed = match checked {
                        Ok(Ok(())) => continue,
                        Ok(Err(message)) => message,
                        Err(_) => "it panicked, see above".to_owned(),
                    };
                    let command = format!("QUERY={} cargo test --test queries", file.display());
                    let message = format!("{}: {failed}\nagain: {command}", file.display());
                    failures.lock().expect("no panic inside").push(message);
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no panic inside");
    assert!(
        failures.is_empty(),
        "{} of {} queries failed:\n\n{}",
        failures.len(),
        files.len(),
        failures.join("\n\n")
    );
}

#[test]
fn every_tumbling_spelling_is_one() {
    let folder = Path::new("tests/queries/window");
    let mut answers = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if name.starts_with("tumble_") && name.ends_with(".out") {
            let answer = std::fs::read_to_string(&path).expect("a .out file");
            answers.insert(name.into_owned(), answer);
        }
    }
    assert!(answers.len() > 8, "{:?}", answers.keys());
    let first = &answers["tumble_table_function.out"];
    for (name, answer) in &answers {
        assert_eq!(answer, first, "{name}");
    }
}

#[test]
fn every_name_of_a_function_stands_in_a_query() {
    let mut files = Vec::new();
    sql_files(Path::new("tests/queries"), &mut files);
    let mut words = std::collections::HashSet::new();
    for file in files {
        let sql = std::fs::read_to_string(file).expect("a SQL file");
        let of_file = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.extend(of_file.map(str::to_ascii_uppercase));
    }
    let without: Vec<&str> = names().filter(|&name| !words.contains(name)).collect();
    assert!(
        without.is_empty(),
        "{without:?}: add a query with a row of NULLs and an edge case below tests/queries"
    );
}

/// The SQL files below a folder that have a `.out`.
fn sql_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sql_files(&path, files);
        } else if path.extension().is_some_and(|it| it == "sql")
            && path.with_extension("out").exists()
        {
            files.push(path);
        }
    }
}

/// A query and what is known of its answer.
struct Case<'a> {
    planned: &'a Job,
    /// With the results of its subqueries.
    job: &'a Job,
    sources: &'a [SimSource],
    expected: Vec<u8>,
    ordered: bool,
    /// Without LIMIT: how far such a statement reads depends on timing.
    ledgers: Option<Vec<LedgerCounts>>,
}

fn check(file: &Path) -> Result<(), String> {
    let sql = std::fs::read_to_string(file).expect("a SQL file");
    let folder = Folder::new();
    let compiled = compile(&file.display().to_string(), &sql, folder.path())?;
    let Some(job) = &compiled.job else {
        // What EXPLAIN and its like print is known to the test command alone.
        return Ok(());
    };
    let planned = job;
    let sources = &inputs(planned)?;
    let options = SimOptions::full(1, 1);
    let job = &resolve(planned, &inputs, &options).map_err(|error| error.to_string())?;
    let inline = run(job, sources, &SimOptions::full(1, 1)).map_err(|error| error.to_string())?;
    let found = sections(job, &inline.sinks, &inline.rows);
    let expected = std::fs::read(file.with_extension("out")).expect("a .out file");
    let ends_early = job.statements.iter().any(|it| it.limit.is_some());
    let case = Case {
        planned,
        job,
        sources,
        expected,
        ordered: job.sinks.iter().all(|sink| sink.ordered),
        ledgers: (!ends_early).then(|| inline.ledgers.clone()),
    };
    case.compare("one worker", &found, &inline.ledgers)?;
    case.oracle()?;
    case.binary(file, &folder)
}

impl Case<'_> {
    /// Holds a run's text and ledgers against the expected ones.
    fn compare(&self, what: &str, found: &[u8], ledgers: &[LedgerCounts]) -> Result<(), String> {
        for (statement, counts) in self.job.statements.iter().zip(ledgers) {
            let sum = counts.used + counts.filtered + counts.late + counts.rejected_total();
            if counts.read != sum {
                return Err(format!(
                    "{what}: the ledger of {} does not sum: {counts:?}",
                    statement.name
                ));
            }
        }
        if let Some(known) = &self.ledgers
            && known != ledgers
        {
            return Err(format!(
                "{what}: the ledgers are\n{ledgers:?}\nwith one worker they are\n{known:?}"
            ));
        }
        self.compare_text(what, found)
    }

    fn compare_text(&self, what: &str, found: &[u8]) -> Result<(), String> {
        let difference = if self.ordered {
            first_difference(&self.expected, found)
        } else {
            first_difference(&sorted_lines(&self.expected), &sorted_lines(found))
        };
        difference.map_or(Ok(()), |it| Err(format!("{what}: {it}")))
    }

    /// The oracle's answer, where it has one.
    fn oracle(&self) -> Result<(), String> {
        let known = |format: &Option<SinkFormat>| {
            format
                .as_ref()
                .is_none_or(|it| matches!(it, SinkFormat::Csv { .. } | SinkFormat::Binary(_)))
        };
        if !self.job.sinks.iter().all(|sink| known(&sink.format)) {
            return Ok(());
        }
        let files: Vec<Vec<Vec<u8>>> = self.sources.iter().map(|it| it.files.clone()).collect();
        let of_files = |job: &Job| {
            let sources = inputs(job)?;
            Ok(sources.into_iter().map(|source| source.files).collect())
        };
        let job = oracle::resolve(self.planned, &of_files).map_err(|error| error.to_string())?;
        let answers = oracle::run(&job, &files)?;
        let mut sinks = Vec::new();
        for (index, sink) in self.job.sinks.iter().enumerate() {
            let statements = self.job.statements.iter().zip(&answers);
            let into = statements.filter(|(it, _)| usize::from(it.sink.0) == index);
            let mut rows: Vec<_> = into.flat_map(|(_, answer)| answer.rows.clone()).collect();
            // Stable: ties go by statement.
            rows.sort_by_key(|row| row.0);
            let is_encoded = sink.format.is_some();
            let text = is_encoded.then(|| oracle::render(sink, &rows));
            sinks.push(text.transpose()?.unwrap_or_default());
        }
        let rows: Vec<u64> = answers.iter().map(|it| it.rows.len() as u64).collect();
        self.compare_text("the oracle", &sections(self.job, &sinks, &rows))?;
        let Some(ledgers) = &self.ledgers else {
            return Ok(());
        };
        for (counts, answer) in ledgers.iter().zip(&answers) {
            let wanted = &answer.counts;
            let pairs = [
                ("read", counts.read, wanted.read),
                ("used", counts.used, wanted.used),
                ("filtered", counts.filtered, wanted.filtered),
                ("late", counts.late, wanted.late),
                (
                    "rejected",
                    counts.rejected_total(),
                    wanted.rejected.values().sum(),
                ),
                ("corrected", counts.corrected, wanted.corrected),
                (
                    "late assignments",
                    counts.late_assignments,
                    wanted.late_assignments,
                ),
                (
                    "group errors",
                    counts.group_errors,
                    wanted.group_errors.values().sum(),
                ),
            ];
            for (name, found, wanted) in pairs {
                if found != wanted {
                    return Err(format!("the oracle counts {name} {wanted}, not {found}"));
                }
            }
        }
        Ok(())
    }

    /// The binary, and what its report counts.
    fn binary(&self, file: &Path, folder: &Folder) -> Result<(), String> {
        let name = file.to_str().expect("UTF-8");
        for workers in ["1", "2", "4"] {
            let what = format!("velo-tpc run {name} --workers {workers}");
            let flags = ["--format", "csv", "--report", "json", "--no-progress"];
            let mut arguments = vec!["run", name, "--workers", workers];
            arguments.extend(flags);
            let ended = finish(&mut command(&arguments, folder.path()), b"");
            if ended.code != Some(0) {
                return Err(format!("{what}: exit {:?}\n{}", ended.code, ended.stderr));
            }
            self.compare_text(&what, &sections_of_run(self.job, &ended))?;
            let report = ended.report();
            let statements = report["statements"].as_array().expect("statements");
            for (index, statement) in statements.iter().enumerate() {
                let count = |name: &str| statement[name].as_u64().expect("a count");
                let counts = ["used", "filtered", "late", "rejected"].map(count);
                let known = self.ledgers.as_ref().map(|it| &it[index]);
                let wanted = known.map(|it| [it.used, it.filtered, it.late, it.rejected_total()]);
                if counts.iter().sum::<u64>() != count("read")
                    || wanted.is_some_and(|wanted| wanted != counts)
                {
                    return Err(format!("{what}: {statement}\nwanted: {wanted:?}"));
                }
            }
        }
        Ok(())
    }
}

fn sorted_lines(text: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    lines.sort_unstable();
    lines.concat()
}

/// Where two texts part, both lines shown.
fn first_difference(expected: &[u8], found: &[u8]) -> Option<String> {
    if expected == found {
        return None;
    }
    let (expected, found) = (
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(found),
    );
    let (mut ours, mut theirs) = (expected.split('\n'), found.split('\n'));
    let mut number = 1;
    loop {
        let pair = (ours.next(), theirs.next());
        if pair.0 != pair.1 || pair.0.is_none() {
            let mut text = format!("first difference in line {number}\n");
            let shown =
                |line: Option<&str>| line.map_or("(the end)".into(), |it| format!("{it:?}"));
            let _ = write!(
                text,
                "  expected {}\n  found    {}",
                shown(pair.0),
                shown(pair.1)
            );
            return Some(text);
        }
        number += 1;
    }
}
