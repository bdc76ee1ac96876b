//! `velo-tpc bench latency`: an open loop, one record an event, every row charged from the intended time of its
//! record (no coordinated omission).

use super::bare::bare_loop;
use super::charge::{charge, write_distribution};
use super::feed::{Feed, QueryArgs};
use super::line::round_trip;
use super::outcome::{LatencyOutcome, verify};
use super::sender::{Sender, Sending, listen};
use crate::cli::run::ReportKind;
use crate::cli::values::{CpuList, Idle, cpu_list, duration_ns};
use crate::cli::{EXIT_FAILED, EXIT_USAGE, fail, print};
use crate::error::JobError;
use crate::metrics::report::{RunEnd, RunReport};
use crate::plan::{Job, Settings};
use crate::runtime::placement::HostCpus;
use crate::runtime::signals::{EXIT_INTERRUPTED, Interrupt};
use crate::runtime::{self, Measure, Measured, RunClock, RunOptions};
use crate::sql::CompileOptions;
use clap::{Args, ValueEnum};
use hdrhistogram::Histogram;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Greatest rate: a record every 100 ns, three clock reads.
const RATE_MAX: u64 = 10_000_000;
/// Records of a run at most: the log keeps 16 bytes for each row, two rows for each record.
const RECORDS_MAX: u64 = 30_000_000;
/// From the start of the threads to the first record: cores are up and caches of the schedule warm.
const SETTLE_NS: u64 = 200_000_000;
const NS_PER_SECOND: u64 = 1_000_000_000;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc bench latency --rate 100000 --duration 10s
  velo-tpc bench latency --rate 1000000 --duration 10s --hdr latency.hdr
  velo-tpc bench latency --rate 50000 --duration 5s --tcp
  velo-tpc bench latency --rate 1000 --duration 5s --query \"SELECT * FROM trades WHERE price > 100\"

Record i is intended at start + i / rate. A row counts from the intended time of the record that caused it to
the end of its hand-over to the sink, whatever was late in between: the feed, a core, the machine.
It includes the record's way into the chunk, framing, the ring to the worker, decoding, the operators, the
ring to egress and the merge; over --tcp also both ends of the socket. It does not include a disk or a network card.")]
pub(super) struct LatencyArgs {
    /// Records a second
    #[arg(long, value_name = "R", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=RATE_MAX))]
    pub(super) rate: u64,
    /// Time measured, for example 10s
    #[arg(long, value_name = "D", default_value = "10s", value_parser = duration_ns)]
    pub(super) duration: i64,
    /// Time before it that is not counted
    #[arg(long, value_name = "D", default_value = "1s", value_parser = duration_ns)]
    pub(super) warmup: i64,
    #[command(flatten)]
    pub(super) query: QueryArgs,
    /// Send the records over a TCP connection of the loopback, from a thread on a CPU of its own
    #[arg(long)]
    pub(super) tcp: bool,
    /// Encode the rows of a bare SELECT, too [default: they are counted]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub(super) encode: Option<Encode>,
    /// Number of workers [default: one for each core that is left]
    #[arg(long, value_name = "N")]
    pub(super) workers: Option<u16>,
    /// CPUs of the engine [default: all; with --tcp all but the sender's]
    #[arg(long, value_name = "LIST", value_parser = cpu_list)]
    pub(super) cores: Option<CpuList>,
    /// How idle cores wait
    #[arg(long, value_name = "MODE", default_value = "spin")]
    pub(super) idle: Idle,
    /// Write the percentile distribution in HdrHistogram's text format, in microseconds
    #[arg(long, value_name = "FILE")]
    pub(super) hdr: Option<PathBuf>,
    /// What is printed
    #[arg(long, value_name = "KIND", default_value = "text")]
    pub(super) report: ReportKind,
}

/// `--encode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Encode {
    /// As CSV
    Csv,
    /// As JSON lines
    Json,
}

/// What is to be measured, in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// Records before the first that counts.
    pub(super) warmup: u64,
    /// All records.
    pub(super) records: u64,
}

impl LatencyArgs {
    /// How many records there are to be.
    ///
    /// # Errors
    /// What is silly about the times.
    pub(super) fn extent(&self) -> Result<Extent, String> {
        let rows = |ns: i64| {
            let scaled = u128::from(ns.max(0).unsigned_abs()) * u128::from(self.rate);
            u64::try_from(scaled / u128::from(NS_PER_SECOND)).unwrap_or(u64::MAX)
        };
        let (warmup, measured) = (rows(self.warmup), rows(self.duration));
        if measured == 0 {
            return Err(format!(
                "--duration holds no record at {} records/s; give a longer one, for example 10s",
                self.rate
            ));
        }
        let records = warmup.saturating_add(measured);
        if records > RECORDS_MAX {
            let seconds = RECORDS_MAX as f64 / self.rate as f64;
            return Err(format!(
                "--warmup and --duration hold {records} records at {} records/s, and the time of each row is \
                 kept: at most {RECORDS_MAX} records ({seconds:.0} s at this rate)",
                self.rate
            ));
        }
        Ok(Extent { warmup, records })
    }

    fn settings(&self, cores: Option<Vec<u16>>) -> Settings {
        Settings {
            workers: self.workers,
            cores,
            idle: self.idle.into(),
            ..Settings::default()
        }
    }

    /// CPUs of the engine, and the sender's.
    fn cpus(&self) -> Result<(Option<Vec<u16>>, Option<u16>), JobError> {
        let given = self.cores.as_ref().map(|list| list.0.clone());
        if !self.tcp {
            return Ok((given, None));
        }
        let host = HostCpus::read()?;
        let all = host.isolated.iter().chain(&host.housekeeping).copied();
        Ok(share(given, all.collect()))
    }
}

/// Gives the sender a CPU that the engine does not have, if there is one.
pub(super) fn share(given: Option<Vec<u16>>, mut all: Vec<u16>) -> (Option<Vec<u16>>, Option<u16>) {
    all.sort_unstable();
    match given {
        Some(given) => {
            let free = all.into_iter().rfind(|cpu| !given.contains(cpu));
            (Some(given), free)
        }
        None if all.len() < 2 => (None, None),
        None => {
            let last = all.pop();
            (Some(all), last)
        }
    }
}

/// Measures.
///
/// # Errors
/// The exit code, after the error was told.
pub(super) fn latency(args: &LatencyArgs) -> Result<(), u8> {
    let interrupt = Interrupt::on_signals().map_err(|error| fail(EXIT_FAILED, &error))?;
    let outcome = measure(args, interrupt)?;
    if let Some(path) = &args.hdr {
        write_hdr(path, &outcome).map_err(|error| {
            let what = format!("writing {}: {error}", path.display());
            fail(EXIT_FAILED, &what)
        })?;
    }
    match args.report {
        ReportKind::Text => print(&outcome.text()),
        ReportKind::Json => print(&outcome.json()),
        ReportKind::None => Ok(()),
    }
}

/// Runs, and verifies what came out.
///
/// # Errors
/// As [`latency`].
pub(super) fn measure(args: &LatencyArgs, interrupt: Interrupt) -> Result<LatencyOutcome, u8> {
    let extent = args.extent().map_err(|error| fail(EXIT_USAGE, &error))?;
    let (cores, sender_cpu) = args.cpus().map_err(|error| fail(EXIT_USAGE, &error))?;
    let failed = |error: &dyn std::fmt::Display| fail(EXIT_FAILED, error);
    let (listener, feed) = if args.tcp {
        let (listener, port) = listen().map_err(|error| failed(&error))?;
        (Some(listener), Feed::Tcp { port })
    } else {
        let (rate, rows) = (args.rate, extent.records);
        (None, Feed::Generator { rate, rows })
    };
    let encode = args.encode.map(|encode| match encode {
        Encode::Csv => "csv",
        Encode::Json => "json",
    });
    let options = CompileOptions {
        settings: args.settings(cores),
        ..CompileOptions::default()
    };
    let job = args.query.job(&feed, encode, options)?;
    let clock = RunClock::start();
    let measure = Measure {
        clock,
        // The log's memory is touched before the cores start, which takes its time.
        start_ns: clock.now_ns() + SETTLE_NS + extent.records * 8,
        rate: args.rate,
        rows: 2 * extent.records as usize,
    };
    let sending = Sending {
        clock,
        schedule: measure.schedule(),
        rows: extent.records,
        cpu: sender_cpu,
    };
    let sender = listener
        .map(|listener| Sender::start(listener, sending))
        .transpose()
        .map_err(|error| failed(&error))?;
    let run = run(job, interrupt.clone(), measure);
    let sent = sender.map(Sender::finish).transpose();
    let (report, measured) = run.map_err(|error| failed(&error))?;
    if report.end == RunEnd::Interrupted {
        return Err(EXIT_INTERRUPTED);
    }
    sent.map_err(|error| failed(&format!("the sender failed: {error}")))?;
    let schedule = measure.schedule();
    verify(&report, &measured, extent, &schedule).map_err(|what| failed(&what))?;
    let charged = charge(
        &schedule,
        &measured.hand_overs.rows,
        extent.warmup,
        &measured.gaps,
    );
    let bare = control(args, &report, &interrupt)?;
    let line_ns = line(&report)?;
    Ok(LatencyOutcome {
        rate: args.rate,
        extent,
        counted_from_ns: schedule.at_ns(extent.warmup),
        query: args.query.text()?.text,
        sender_cpu: args.tcp.then_some(sender_cpu),
        idle: args.idle,
        encode,
        charged,
        bare,
        line_ns,
        gaps: measured.gaps,
        report,
    })
}

/// How long a cache line takes between the first two CPUs of the engine and back, in nanoseconds.
fn line(report: &RunReport) -> Result<Option<u64>, u8> {
    let [one, other, ..] = &report.cores[..] else {
        return Ok(None);
    };
    round_trip(one.cpu, other.cpu)
        .map_err(|error| fail(EXIT_FAILED, &format!("a cache line's round trip: {error}")))
}

/// What a loop that only reads the clock waits on the engine's CPUs, at the rate of the run.
fn control(
    args: &LatencyArgs,
    report: &RunReport,
    interrupt: &Interrupt,
) -> Result<Histogram<u64>, u8> {
    let cpus: Vec<u16> = report.cores.iter().map(|core| core.cpu).collect();
    let bare = bare_loop(&cpus, args.rate, args.duration.unsigned_abs(), interrupt)
        .map_err(|error| fail(EXIT_FAILED, &format!("the bare loop: {error}")))?;
    match interrupt.is_requested() {
        true => Err(EXIT_INTERRUPTED),
        false => Ok(bare),
    }
}

fn run(
    job: Job,
    interrupt: Interrupt,
    measure: Measure,
) -> Result<(RunReport, Measured), JobError> {
    let options = RunOptions {
        progress: false,
        interrupt,
    };
    runtime::run_measured(job, options, measure)
}

fn write_hdr(path: &Path, outcome: &LatencyOutcome) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write_distribution(&outcome.charged.all, &mut out)?;
    out.flush()
}
