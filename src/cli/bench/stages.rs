//! `velo-tpc bench stages`: what each stage costs, by driving the roles of a job in one thread over bytes in
//! memory, with the sizes of a real run.
//!
//! One thread means that the rings have no other core to wait for: *hop* is their instructions without the
//! cache misses between cores. Time is divided by marks in the roles ([`crate::probe`]); what the marks
//! themselves cost is measured and told.

use super::feed::{Feed, QueryArgs};
use super::sender::trades;
use crate::cli::run::ReportKind;
use crate::cli::{EXIT_FAILED, EXIT_USAGE, fail, print};
use crate::egress::EgressStep;
use crate::ingest::{IngestOptions, IngestStep};
use crate::limits::{CHUNK_BYTES, LINK_SLOTS, MORSEL_ROWS_MAX, OUTPUT_SLOTS};
use crate::metrics::report::grouped;
use crate::plan::{Job, SourceId};
use crate::probe::{self, Stage, mark};
use crate::source::generator::{ROW_BYTES_MAX, RowFormat, RowMaker};
use crate::source::{READ_BYTES_MAX, decoded_head};
use crate::sql::CompileOptions;
use crate::wiring::{Roles, WiringOptions, wire};
use crate::worker::{LedgerCounts, WorkerStep};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Instant;

/// Rows generated at most: their bytes are in memory.
const ROWS_MAX: u64 = 50_000_000;
/// Passes over the input; the least disturbed one counts.
const PASSES: u32 = 5;
/// Chunks of the source, as in a run.
const CHUNKS: usize = 12;
/// Rounds without any work before a pass is given up.
const IDLE_ROUNDS_MAX: u32 = 1000;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc bench stages
  velo-tpc bench stages --format json --rows 1000000
  velo-tpc bench stages --query \"SELECT symbol, COUNT(*) FROM trades GROUP BY symbol\"
  velo-tpc bench stages --file trades.csv --encode csv")]
pub(super) struct StagesArgs {
    #[command(flatten)]
    pub(super) query: QueryArgs,
    /// Rows to generate
    #[arg(long, value_name = "N", default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(1..=ROWS_MAX), conflicts_with = "file")]
    pub(super) rows: u64,
    /// File with the columns of trades to read instead; CSV has a header, .bin is binary
    #[arg(long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Format of generated rows
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "csv",
        conflicts_with = "file"
    )]
    pub(super) format: InputFormat,
    /// Encode the rows of a bare SELECT, too [default: they are counted]
    #[arg(long, value_name = "FORMAT")]
    pub(super) encode: Option<InputFormat>,
    /// Workers to spread the rows over, all in the same thread
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) workers: u16,
    /// What is printed
    #[arg(long, value_name = "KIND", default_value = "text")]
    pub(super) report: ReportKind,
}

/// A format that rows are generated in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum InputFormat {
    /// CSV
    Csv,
    /// JSON lines
    Json,
}

impl InputFormat {
    /// All.
    pub(super) const ALL: [Self; 2] = [Self::Csv, Self::Json];

    /// As SQL has it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// `rows` trades in it.
    ///
    /// # Errors
    /// What cannot be made.
    pub(super) fn trades(self, rows: u64) -> Result<Vec<u8>, String> {
        let format = match self {
            Self::Csv => RowFormat::Csv,
            Self::Json => RowFormat::Json,
        };
        let mut maker = RowMaker::new(&trades(rows), format)?;
        let mut bytes = Vec::new();
        let mut filled = 0;
        while !maker.is_done() {
            bytes.resize(filled + (1 << 20) + ROW_BYTES_MAX, 0);
            filled += maker.fill(&mut bytes[filled..], u64::MAX).bytes;
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

/// What the stages of a job cost.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StageCosts {
    /// By `Stage as usize`.
    pub(super) ns_per_record: [f64; Stage::COUNT],
    /// Of all that, the clock readings of the marks.
    pub(super) marks_ns_per_record: f64,
    /// Records of a pass.
    pub(super) records: u64,
    /// Rows out.
    pub(super) rows: u64,
}

impl StageCosts {
    /// All stages.
    pub(super) fn total(&self) -> f64 {
        self.ns_per_record.iter().sum()
    }

    /// Of some stages.
    pub(super) fn sum(&self, stages: &[Stage]) -> f64 {
        let of = |stage: &Stage| self.ns_per_record[*stage as usize];
        stages.iter().map(of).sum()
    }
}

/// Measures.
///
/// # Errors
/// The exit code, after the error was told.
pub(super) fn stages(args: &StagesArgs) -> Result<(), u8> {
    let (feed, bytes) = match &args.file {
        Some(path) => {
            let bytes = decoded_head(path, usize::MAX).map_err(|error| {
                let what = format!("reading {}: {error}", path.display());
                fail(EXIT_USAGE, &what)
            })?;
            (Feed::File { path: path.clone() }, bytes)
        }
        None => {
            let format = args.format.name();
            let bytes = args.format.trades(args.rows);
            let bytes = bytes.map_err(|error| fail(EXIT_USAGE, &error))?;
            (Feed::Memory { format }, bytes)
        }
    };
    let encode = args.encode.map(InputFormat::name);
    let job = args.query.job(&feed, encode, CompileOptions::default())?;
    let costs = measure(&job, &bytes, usize::from(args.workers));
    let costs = costs.map_err(|error| fail(EXIT_FAILED, &error))?;
    let query = args.query.text()?.text;
    match args.report {
        ReportKind::Text => print(&text(&costs, &query, usize::from(args.workers))),
        ReportKind::Json => print(&json_text(&costs, &query)),
        ReportKind::None => Ok(()),
    }
}

/// Drives `job` over `bytes` several times; the costs of the fastest pass.
///
/// # Errors
/// When a pass fails, its ledger does not add up, or two passes differ.
pub(super) fn measure(job: &Job, bytes: &[u8], workers: usize) -> Result<StageCosts, String> {
    let mark_ns = reading_ns();
    let mut best: Option<StageCosts> = None;
    for _ in 0..PASSES {
        let costs = pass(job, bytes, workers, mark_ns)?;
        if let Some(best) = &best
            && (best.records, best.rows) != (costs.records, costs.rows)
        {
            return Err(format!("two passes differ: {best:?} and {costs:?}"));
        }
        if best
            .as_ref()
            .is_none_or(|best| costs.total() < best.total())
        {
            best = Some(costs);
        }
    }
    best.ok_or_else(|| "no pass was made".to_owned())
}

fn pass(job: &Job, bytes: &[u8], workers: usize, mark_ns: f64) -> Result<StageCosts, String> {
    let options = WiringOptions {
        workers,
        link_slots: LINK_SLOTS,
        output_slots: OUTPUT_SLOTS,
        exchange_slots: LINK_SLOTS,
        ingest: IngestOptions {
            morsel_rows: MORSEL_ROWS_MAX,
            chunks: CHUNKS,
            wall_offset_ns: 0,
        },
    };
    let mut roles = wire(job, &options, None).map_err(|error| error.to_string())?;
    probe::start(now_ns);
    let driven = drive(&mut roles, bytes);
    let times = probe::stop();
    driven?;
    let records = roles.ingest.records();
    let rows = roles.egress.rows().iter().sum();
    for statement in 0..job.statements.len() {
        let mut counts = LedgerCounts::default();
        for worker in &roles.workers {
            counts.add(&worker.ledgers()[statement]);
        }
        let rejected: u64 = counts.rejected.iter().sum();
        let ended = counts.used + counts.filtered + counts.late + rejected;
        if counts.read != records || ended != records || rejected > 0 {
            return Err(format!("of {records} records the ledger has {counts:?}"));
        }
    }
    if records == 0 {
        return Err("there is no record to measure".to_owned());
    }
    Ok(StageCosts {
        ns_per_record: times.ns.map(|ns| ns as f64 / records as f64),
        marks_ns_per_record: times.marks as f64 * mark_ns / records as f64,
        records,
        rows,
    })
}

/// Steps every role in turn until all is done.
fn drive(roles: &mut Roles, bytes: &[u8]) -> Result<(), String> {
    const SOURCE: SourceId = SourceId(0);
    let mut offset = 0;
    let mut ended = false;
    let mut idle = 0;
    roles.ingest.begin_file(SOURCE, 0);
    while !(roles.ingest.is_finished() && roles.egress.is_done()) {
        let mut worked = false;
        if offset < bytes.len() {
            if let Some(room) = roles.ingest.read_buffer(SOURCE) {
                let read = room.len().min(READ_BYTES_MAX).min(bytes.len() - offset);
                room[..read].copy_from_slice(&bytes[offset..offset + read]);
                offset += read;
                roles.ingest.read_done(SOURCE, read, 1);
                worked = true;
            }
        } else if !ended {
            roles.ingest.end_file(SOURCE);
            roles.ingest.end_source(SOURCE);
            ended = true;
        }
        mark(Stage::Read);
        worked |= roles.ingest.step(1) == IngestStep::Worked;
        mark(Stage::Route);
        for worker in &mut roles.workers {
            worked |= worker.step(1) == WorkerStep::Worked;
            mark(Stage::Hop);
        }
        worked |= roles.egress.step() == EgressStep::Worked;
        if let Some(error) = roles.egress.take_failure() {
            return Err(error.to_string());
        }
        if let Some(buffer) = roles.egress.take(0) {
            roles.egress.give_back(0, buffer);
            worked = true;
        }
        roles.egress.handed_over(1);
        mark(Stage::Egress);
        idle = if worked { 0 } else { idle + 1 };
        if idle > IDLE_ROUNDS_MAX {
            return Err(format!(
                "nothing moves behind byte {offset}; please report this"
            ));
        }
    }
    Ok(())
}

/// Nanoseconds since the first call.
fn now_ns() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// What a clock reading costs.
fn reading_ns() -> f64 {
    const READINGS: u32 = 10_000;
    let start_ns = now_ns();
    for _ in 0..READINGS {
        std::hint::black_box(now_ns());
    }
    (now_ns() - start_ns) as f64 / f64::from(READINGS)
}

const _: () = assert!(READ_BYTES_MAX <= CHUNK_BYTES);

fn text(costs: &StageCosts, query: &str, workers: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "query      {}", query.trim());
    let _ = writeln!(
        out,
        "verified   {} records in, {} rows out, the ledger adds up; fastest of {PASSES} passes, {workers} \
         worker(s), one thread",
        grouped(costs.records),
        grouped(costs.rows)
    );
    let _ = writeln!(out, "\n{:10} {:>12} {:>6}", "stage", "ns/record", "share");
    for stage in Stage::ALL {
        let ns = costs.ns_per_record[stage as usize];
        if ns > 0.0 {
            let share = 100.0 * ns / costs.total();
            let _ = writeln!(out, "{:10} {ns:12.2} {share:5.1} %", stage.name());
        }
    }
    let _ = writeln!(
        out,
        "{:10} {:12.2}, of which the marks {:.2}",
        "all",
        costs.total(),
        costs.marks_ns_per_record
    );
    let _ = writeln!(
        out,
        "\nread copies bytes that are in memory, hop has no other core to wait for: in a run on several cores \
         both cost more."
    );
    out
}

fn json_text(costs: &StageCosts, query: &str) -> String {
    let stages: Map<String, Value> = Stage::ALL
        .into_iter()
        .map(|stage| {
            let ns = costs.ns_per_record[stage as usize];
            (stage.name().to_owned(), ns.into())
        })
        .collect();
    json!({
        "bench": "stages",
        "query": query.trim(),
        "records": costs.records,
        "rows": costs.rows,
        "ns_per_record": stages,
        "total_ns_per_record": costs.total(),
        "marks_ns_per_record": costs.marks_ns_per_record,
    })
    .to_string()
}
