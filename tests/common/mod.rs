//! What the tests of whole queries share: compiling, inputs for the simulator, the binary with a deadline.
#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use velo_tpc::cli::HostEnvironment;
use velo_tpc::plan::{Job, SinkConnector};
use velo_tpc::sim::sections;
use velo_tpc::sql::{CompileOptions, Compiled, Environment};

/// How long a run of the binary may take: all of the queries, in a debug build, on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(300);

/// The host's files, and `${OUT}` as the folder for sinks.
pub struct TestEnvironment {
    /// The folder.
    pub out: String,
}

impl Environment for TestEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "OUT").then(|| self.out.clone())
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        HostEnvironment.files(pattern)
    }

    fn head(&self, path: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        HostEnvironment.head(path, bytes)
    }
}

/// Compiles as `run --format csv` does; the error as a user sees it.
pub fn compile(name: &str, sql: &str, out: &str) -> Result<Compiled, String> {
    let options = CompileOptions {
        stdout_format: Some("csv".to_owned()),
        ..CompileOptions::default()
    };
    let environment = TestEnvironment {
        out: out.to_owned(),
    };
    velo_tpc::sql::compile(sql, &options, &environment).map_err(|error| error.render(name, sql))
}

/// What the sinks of a run of the binary hold, as `sections` gives it.
pub fn sections_of_run(job: &Job, run: &Run) -> Vec<u8> {
    let sinks = job.sinks.iter().map(|sink| match &sink.connector {
        SinkConnector::Stdout => run.stdout.clone(),
        SinkConnector::File { path } => std::fs::read(path).expect("the sink's file"),
        SinkConnector::Blackhole | SinkConnector::Memory => Vec::new(),
    });
    let report = run.report();
    let statements = report["statements"].as_array().expect("statements");
    let rows: Vec<u64> = statements
        .iter()
        .map(|statement| statement["emitted"].as_u64().expect("a count"))
        .collect();
    sections(job, &sinks.collect::<Vec<_>>(), &rows)
}

/// A folder of its own below `target/`, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("run-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }

    /// Writes a file in it; its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// Reads a file in it.
    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).expect("a file")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the binary did.
#[derive(Debug)]
pub struct Run {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Standard output as text.
    pub fn out(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("UTF-8")
    }

    /// The JSON report at the end of stderr.
    pub fn report(&self) -> serde_json::Value {
        let line = self.stderr.lines().rfind(|line| line.starts_with('{'));
        let line = line.unwrap_or_else(|| panic!("no report: {}", self.stderr));
        serde_json::from_str(line).expect("JSON")
    }
}

/// The binary with arguments, run where the package is.
pub fn command(arguments: &[&str], out: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_velo-tpc"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VELO_")) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .env("OUT", out)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it to its end over `stdin`; a run past the deadline is killed and fails the test.
pub fn finish(command: &mut Command, stdin: &[u8]) -> Run {
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    let stdin = stdin.to_vec();
    let feeder = std::thread::spawn(move || {
        // A program that does not read its input is none of the test's business.
        let _ = input.write_all(&stdin);
    });
    let run = wait(child);
    feeder.join().expect("the feeder ends");
    run
}

/// Waits for the end of a started binary.
pub fn wait(mut child: Child) -> Run {
    let mut stdout = child.stdout.take().expect("piped");
    let mut stderr = child.stderr.take().expect("piped");
    let out = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    let err = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| bytes)
    });
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break Some(status),
            None if start.elapsed() > DEADLINE => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let stdout = out.join().expect("no panic").expect("read");
    let stderr = err.join().expect("no panic").expect("read");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    let status = status.unwrap_or_else(|| panic!("killed after {DEADLINE:?}; stderr:\n{stderr}"));
    Run {
        code: status.code(),
        stdout,
        stderr,
    }
}

/// `run` over a SQL text with a JSON report.
pub fn run_sql(sql: &str, more: &[&str], out: &str) -> Run {
    let mut arguments = vec!["run", "-e", sql, "--format", "csv", "--report", "json"];
    arguments.extend_from_slice(more);
    finish(&mut command(&arguments, out), b"")
}
