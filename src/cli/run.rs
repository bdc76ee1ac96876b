//! `velo-tpc run`: compiles and runs, rows to stdout and sinks, the report to stderr.

use super::compile::compile;
use super::input::InputArgs;
use super::values::{CpuList, Idle, cpu_list};
use super::{EXIT_FAILED, EXIT_USAGE, fail, print};
use crate::limits::MORSEL_ROWS_MAX;
use crate::metrics::report::{RunEnd, RunReport};
use crate::plan::{Job, Settings, SourceConnector};
use crate::runtime::signals::{EXIT_INTERRUPTED, Interrupt};
use crate::runtime::{self, RunOptions};
use crate::sql::CompileOptions;
use crate::sql::duration::duration_ns;
use crate::sql::options::parse_bytes;
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Rows of a full morsel with `--latency`: a core that was busy hands on sooner, at the cost of more hops.
const MORSEL_ROWS_LATENCY: u32 = 256;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc run query.sql
  velo-tpc run -e \"SELECT * FROM 'trades.csv' WHERE price > 100\" --format csv > big.csv
  zcat day.csv.gz | velo-tpc run query.sql          (a table with 'connector' = 'stdin')
  velo-tpc run query.sql --cores 2-7 --idle spin --latency
  velo-tpc run query.sql --report json 2> report.json
  velo-tpc run query.sql --checkpoint-dir state     (again after a stop or a crash: it goes on)

Each setting can be given as VELO_NAME in the environment too; a flag wins.")]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) input: InputArgs,
    /// Number of workers [default: one for each core that is left]
    #[arg(long, env = "VELO_WORKERS", value_name = "N")]
    pub(super) workers: Option<u16>,
    /// CPUs to use, for example 0-3,6 [default: all]
    #[arg(long, env = "VELO_CORES", value_name = "LIST", value_parser = cpu_list)]
    pub(super) cores: Option<CpuList>,
    /// CPU that reads
    #[arg(long, env = "VELO_INGEST_CORE", value_name = "CPU")]
    pub(super) ingest_core: Option<u16>,
    /// CPU that writes
    #[arg(long, env = "VELO_EGRESS_CORE", value_name = "CPU")]
    pub(super) egress_core: Option<u16>,
    /// How idle cores wait [default: yield]
    #[arg(long, env = "VELO_IDLE", value_name = "MODE")]
    pub(super) idle: Option<Idle>,
    /// How rows of a bare SELECT are printed [default: table]
    #[arg(long, env = "VELO_FORMAT", value_name = "FORMAT")]
    pub(super) format: Option<StdoutFormat>,
    /// Report on stderr at the end
    #[arg(long, env = "VELO_REPORT", value_name = "KIND", default_value = "text")]
    pub(super) report: ReportKind,
    /// Emit windows that are still open when the run is interrupted
    #[arg(long, env = "VELO_CLOSE_OPEN", value_parser = FalseyValueParser::new())]
    pub(super) close_open: bool,
    /// Smaller batches under load
    #[arg(long, conflicts_with = "throughput")]
    pub(super) latency: bool,
    /// Largest batches under load
    #[arg(long)]
    pub(super) throughput: bool,
    /// Groups that a statement may hold on one worker
    #[arg(long, env = "VELO_MAX_GROUPS", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) max_groups: Option<u64>,
    /// Bytes of state that one worker may hold, like 4GB or 512MiB
    #[arg(long, env = "VELO_MAX_STATE", value_name = "BYTES", value_parser = state_bytes)]
    pub(super) max_state: Option<u64>,
    /// Event time after which keys that no row touches are forgotten, like 90m or 24h [default: never]
    #[arg(long, env = "VELO_STATE_TTL", value_name = "LENGTH", value_parser = ttl_ns)]
    pub(super) state_ttl: Option<i64>,
    /// Directory for checkpoints: a run that was stopped or died goes on from the newest
    #[arg(long, env = "VELO_CHECKPOINT_DIR", value_name = "DIR")]
    pub(super) checkpoint_dir: Option<PathBuf>,
    /// Time between two checkpoints, like 500ms or 1m [default: 10s]
    #[arg(long, env = "VELO_CHECKPOINT_INTERVAL", value_name = "TIME", value_parser = checkpoint_interval)]
    pub(super) checkpoint_interval: Option<i64>,
    /// No progress line
    #[arg(long, env = "VELO_NO_PROGRESS", value_parser = FalseyValueParser::new())]
    pub(super) no_progress: bool,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StdoutFormat {
    /// Aligned columns
    Table,
    /// CSV with a header
    Csv,
    /// One JSON object a line
    Json,
}

impl StdoutFormat {
    /// As options write it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// `--report`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportKind {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// Nothing
    None,
}

impl RunArgs {
    /// What the flags and the environment say.
    pub(super) fn compile_options(&self) -> CompileOptions {
        let morsel_rows = match (self.latency, self.throughput) {
            (true, _) => Some(MORSEL_ROWS_LATENCY),
            (false, true) => Some(MORSEL_ROWS_MAX as u32),
            (false, false) => None,
        };
        CompileOptions {
            settings: Settings {
                workers: self.workers,
                cores: self.cores.as_ref().map(|list| list.0.clone()),
                ingest_core: self.ingest_core,
                egress_core: self.egress_core,
                idle: self.idle.map(Into::into).unwrap_or_default(),
                max_groups: self.max_groups,
                max_state: self.max_state,
                state_ttl_ns: self.state_ttl.filter(|&ttl_ns| ttl_ns > 0),
                checkpoint_dir: self.checkpoint_dir.clone(),
                checkpoint_interval_ns: self.checkpoint_interval,
                close_open: self.close_open,
                morsel_rows,
                ..Settings::default()
            },
            stdout_format: self.format.map(|format| format.name().to_owned()),
        }
    }
}

fn state_bytes(text: &str) -> Result<u64, String> {
    parse_bytes(text).ok_or_else(|| "a number of bytes like 4GB or 512MiB".to_owned())
}

fn ttl_ns(text: &str) -> Result<i64, String> {
    match duration_ns(text) {
        Ok(length) if length < 0 => Err("a length of time that is not negative".to_owned()),
        parsed => parsed,
    }
}

fn checkpoint_interval(text: &str) -> Result<i64, String> {
    match duration_ns(text)? {
        length if length > 0 => Ok(length),
        _ => Err("the time between two checkpoints is longer than nothing".to_owned()),
    }
}

/// Runs; the exit code.
pub(super) fn run(args: &RunArgs) -> u8 {
    match try_run(args) {
        Ok(code) | Err(code) => code,
    }
}

fn try_run(args: &RunArgs) -> Result<u8, u8> {
    let (sql, compiled) = compile(&args.input, &args.compile_options())?;
    for text in &compiled.output {
        print(text)?;
    }
    let Some(job) = compiled.job else {
        if compiled.output.is_empty() {
            let nothing = format!("{} has nothing to run: add a SELECT or an INSERT", sql.name);
            return Err(fail(EXIT_USAGE, &nothing));
        }
        return Ok(0);
    };
    if sql.is_from_stdin && reads_stdin(&job) {
        let both =
            "the query was read from stdin, so no table can be; put the query into a file or -e";
        return Err(fail(EXIT_USAGE, &both));
    }
    let kind = match (compiled.analyze, args.report) {
        (true, ReportKind::None) => ReportKind::Text,
        (_, kind) => kind,
    };
    let interrupt = Interrupt::on_signals().map_err(|error| fail(EXIT_FAILED, &error))?;
    let options = RunOptions {
        progress: !args.no_progress,
        interrupt,
    };
    let report = runtime::run(job, options).map_err(|error| fail(EXIT_FAILED, &error))?;
    tell_report(&report, kind);
    Ok(exit_code(&report))
}

/// Whether a table of the job is stdin.
pub(super) fn reads_stdin(job: &Job) -> bool {
    let mut connectors = job.sources.iter().map(|source| &source.connector);
    connectors.any(|connector| *connector == SourceConnector::Stdin)
}

fn tell_report(report: &RunReport, kind: ReportKind) {
    match kind {
        ReportKind::Text => eprint!("{}", report.text()),
        ReportKind::Json => eprintln!("{}", report.json()),
        ReportKind::None => {}
    }
}

fn exit_code(report: &RunReport) -> u8 {
    match report.end {
        RunEnd::Complete | RunEnd::OutputClosed => 0,
        RunEnd::Interrupted => EXIT_INTERRUPTED,
    }
}
