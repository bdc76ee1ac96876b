//! `velo-tpc test`: queries with their expected output, run in the simulator in every shape.
//!
//! `NAME.sql` is a query over files, `NAME.out` what its sinks hold: CSV for a bare SELECT, as
//! `velo-tpc run --format csv` prints it. `NAME.errors` is a table of queries that must be refused ([`wrong`]).
//! The clock is simulated, and nothing is written: a sink's rows are compared, not stored.

mod diff;
mod query;
mod wrong;

use super::values::{WorkerCounts, worker_counts};
use super::{EXIT_FAILED, EXIT_USAGE, HostEnvironment, fail, print};
use crate::sim::SimOptions;
use crate::sql::Environment;
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc test queries
  velo-tpc test queries/vwap.sql --workers 1,8 --seeds 20
  velo-tpc test queries --filter session --update

NAME.sql is run over its files and must give the bytes of NAME.out: with every number of workers, any size of reads,
morsels and rings, and with a snapshot taken in the middle and restored into another number of workers. NAME.errors
is a table of queries that must be refused: query, ----, message, ==== between two. ${OUT} in a query is a path for sinks;
nothing is written there. A query without NAME.out is left out, unless --update makes it.

Exit code 0: all passed; 1: some failed; 2: there was nothing to test.")]
pub(super) struct TestArgs {
    /// Folders, SQL files and tables of errors
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Only those whose path holds this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Numbers of workers
    #[arg(long, value_name = "LIST", default_value = "1,2,4", value_parser = worker_counts)]
    workers: WorkerCounts,
    /// Seeds that each shape of run is drawn from
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    seeds: u64,
    /// First seed
    #[arg(long, value_name = "N", default_value_t = 2)]
    seed: u64,
    /// Write what was found as what is expected; look at the difference before you keep it
    #[arg(long)]
    update: bool,
    /// Tests at a time [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
    /// Name those that passed, too
    #[arg(long, short)]
    verbose: bool,
}

/// The runs that a query goes through beside the first.
struct Shapes {
    workers: Vec<usize>,
    seeds: std::ops::Range<u64>,
}

impl Shapes {
    fn options(&self) -> Vec<SimOptions> {
        let mut all = Vec::new();
        for seed in self.seeds.clone() {
            for (at, &workers) in self.workers.iter().enumerate() {
                // Another number after the restore, where there is one.
                let other = self.workers[(at + 1) % self.workers.len()];
                all.push(SimOptions::full(seed, workers));
                all.push(SimOptions::tiny(seed, workers));
                all.push(SimOptions::tiny(seed, workers).rescaled(other));
            }
        }
        all
    }
}

/// What became of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passed,
    Updated,
}

/// What a test is to give, and where that is written.
struct Expectation {
    path: PathBuf,
    expected: Vec<u8>,
    update: bool,
}

impl Expectation {
    /// Compares with what was found, or writes it.
    fn settle(&self, found: &[u8]) -> Result<Verdict, String> {
        let Some(difference) = diff::diff(&self.expected, found) else {
            return Ok(Verdict::Passed);
        };
        if !self.update {
            return Err(difference);
        }
        let path = &self.path;
        std::fs::write(path, found).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Verdict::Updated)
    }
}

/// The host's files; `${OUT}` is a path that nothing is written to.
struct TestEnvironment;

impl Environment for TestEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "OUT" => Some("out".to_owned()),
            _ => HostEnvironment.variable(name),
        }
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        HostEnvironment.files(pattern)
    }

    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        HostEnvironment.head(path, bytes)
    }
}

/// Tests; the exit code.
pub(super) fn test(args: &TestArgs) -> u8 {
    let mut files = Vec::new();
    for path in &args.paths {
        if let Err(error) = collect(path, &mut files) {
            return fail(EXIT_USAGE, &error);
        }
    }
    files.retain(|file| file.to_string_lossy().contains(&args.filter));
    files.sort();
    files.dedup();
    let before = files.len();
    if !args.update {
        files.retain(|file| expected_path(file).exists());
    }
    if files.is_empty() {
        let nothing = match before {
            0 => "no SQL file and no table of errors there".to_owned(),
            _ => format!("none of {before} queries has its NAME.out; make them with --update"),
        };
        return fail(EXIT_USAGE, &nothing);
    }
    let start = Instant::now();
    let tally = run_all(args, &files);
    let left_out = before - files.len();
    summarise(&tally, left_out, start).unwrap_or_else(|code| code)
}

/// Counts of verdicts.
#[derive(Default)]
struct Tally {
    passed: usize,
    updated: usize,
    failed: usize,
}

fn run_all(args: &TestArgs, files: &[PathBuf]) -> Tally {
    let shapes = Shapes {
        workers: args.workers.0.clone(),
        seeds: args.seed..args.seed.saturating_add(args.seeds),
    };
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(Tally::default());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = args.jobs.map_or(cores, usize::from).min(files.len());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                // Relaxed: each index is taken once, nothing else is shared by it.
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = run_one(file, args.update, &shapes);
                    let Ok(mut tally) = tally.lock() else { return };
                    report(file, verdict, args.verbose, &mut tally);
                }
            });
        }
    });
    tally.into_inner().unwrap_or_default()
}

fn run_one(file: &Path, update: bool, shapes: &Shapes) -> Result<Verdict, String> {
    let path = expected_path(file);
    let expected = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if update && error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(format!("{}: {error}", path.display())),
    };
    let expectation = Expectation {
        path,
        expected,
        update,
    };
    if is_table(file) {
        return wrong::check(file, &expectation);
    }
    let sql = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    query::check(file, &sql, &expectation, shapes)
}

fn report(file: &Path, verdict: Result<Verdict, String>, verbose: bool, tally: &mut Tally) {
    let line = match verdict {
        Ok(Verdict::Passed) => {
            tally.passed += 1;
            verbose.then(|| format!("ok      {}", file.display()))
        }
        Ok(Verdict::Updated) => {
            tally.updated += 1;
            Some(format!("written {}", expected_path(file).display()))
        }
        Err(message) => {
            tally.failed += 1;
            Some(format!("FAILED  {}: {message}\n", file.display()))
        }
    };
    if let Some(line) = line {
        // A reader that went away changes nothing about the verdict.
        let _ = print(&line);
    }
}

fn summarise(tally: &Tally, left_out: usize, start: Instant) -> Result<u8, u8> {
    let mut text = format!("{} passed, {} failed", tally.passed, tally.failed);
    if tally.updated > 0 {
        let _ = write!(text, ", {} written", tally.updated);
    }
    if left_out > 0 {
        let _ = write!(text, ", {left_out} without a NAME.out");
    }
    let _ = write!(text, " in {:.1} s", start.elapsed().as_secs_f64());
    print(&text)?;
    Ok(if tally.failed > 0 { EXIT_FAILED } else { 0 })
}

/// Where the answer of a test is written: a table of errors holds its own.
fn expected_path(file: &Path) -> PathBuf {
    if is_table(file) {
        file.to_owned()
    } else {
        file.with_extension("out")
    }
}

fn is_table(file: &Path) -> bool {
    file.extension().is_some_and(|it| it == "errors")
}

/// The tests at and below `path`.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let message = |error: std::io::Error| format!("{}: {error}", path.display());
    if !path.metadata().map_err(message)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(message)? {
        let entry = entry.map_err(message)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(message)?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if (path.extension().is_some_and(|it| it == "sql")
            && path.file_name().is_some_and(|it| it != wrong::PRELUDE))
            || is_table(&path)
        {
            files.push(path);
        }
    }
    Ok(())
}
