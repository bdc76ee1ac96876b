//! One query of `benches/queries` through the real roles in one thread, for counting its instructions.
//!
//! `scripts/instructions.sh` runs this under callgrind and counts what happens within [`step_roles`] alone:
//! rows are made by the seeded generator and handed to ingest outside of it, there is no executor, no clock and
//! no second thread, and the instruction set of the scans is asked for by name. Equal binaries give equal counts.
//!
//! `instructions QUERY [--rows N] [--level avx512|avx2|portable] [--alone]` prints one JSON line; with `--alone` every row
//! of a text format is a read of its own, as a quiet feed brings it. The number of result rows is
//! compared with that of a slow program over the same rows, the ledger must sum and the output of an encoded sink
//! must be as long as its rows say. Without a query (as in `cargo test`) every query takes a thousand rows, at
//! every level, which must agree. Exit code 3: this CPU does not have the level.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use velo_tpc::egress::EgressStep;
use velo_tpc::format::{force_simd_level, simd_level};
use velo_tpc::ingest::{IngestOptions, IngestStep};
use velo_tpc::limits::{CHUNK_BYTES, EXCHANGE_SLOTS, LINK_SLOTS, MORSEL_ROWS_MAX, OUTPUT_SLOTS};
use velo_tpc::plan::{FormatPlan, GeneratorKind, GeneratorPlan, Job, SourceId};
use velo_tpc::source::generator::{RowFormat, RowMaker};
use velo_tpc::sql::{CompileOptions, Environment, compile};
use velo_tpc::wiring::{Roles, WiringOptions, wire};
use velo_tpc::worker::WorkerStep;

/// Queries that a run without arguments takes, those of them that there are.
const QUERIES: [&str; 8] = [
    "s0",
    "s0_csv",
    "s1",
    "s2",
    "s2_json",
    "s2_binary",
    "s3a",
    "s3b",
];
/// Rows unless `--rows` says otherwise: a second or two under callgrind.
const ROWS: u64 = 100_000;
/// 2025-01-01, the first row's time.
const START_NS: i64 = 1_735_689_600_000_000_000;
const USAGE: &str =
    "usage: instructions [QUERY [--rows N] [--level avx512|avx2|portable] [--alone]]";
/// The exit code for a level that this CPU lacks.
const EXIT_NO_LEVEL: u8 = 3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match parse(&arguments).and_then(run) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("instructions: {message}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    query: Option<String>,
    rows: u64,
    level: Option<String>,
    alone: bool,
}

fn parse(arguments: &[String]) -> Result<Arguments, String> {
    let mut parsed = Arguments {
        query: None,
        rows: ROWS,
        level: None,
        alone: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--rows" => {
                let rows = rest.next().and_then(|text| text.parse().ok());
                parsed.rows = rows.ok_or(USAGE)?;
            }
            "--level" => parsed.level = Some(rest.next().ok_or(USAGE)?.clone()),
            "--alone" => parsed.alone = true,
            query if !query.starts_with('-') => parsed.query = Some(query.to_owned()),
            // What the test harness would take, such as --nocapture or --test-threads=1.
            _ => {}
        }
    }
    Ok(parsed)
}

fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Some(query) = arguments.query else {
        return small().map(|()| ExitCode::SUCCESS);
    };
    if let Some(level) = arguments
        .level
        .as_deref()
        .filter(|level| !force_simd_level(level))
    {
        eprintln!(
            "instructions: this CPU has no {level}, only {}",
            simd_level()
        );
        return Ok(ExitCode::from(EXIT_NO_LEVEL));
    }
    let outcome = measure(&query, arguments.rows, arguments.alone)?;
    println!(
        "{{\"query\":\"{query}\",\"level\":\"{}\",\"rows\":{},\"rows_out\":{}}}",
        outcome.level, arguments.rows, outcome.rows_out
    );
    Ok(ExitCode::SUCCESS)
}

/// Every query at every level that the CPU has.
fn small() -> Result<(), String> {
    let queries = || QUERIES.iter().filter(|query| path(query).exists());
    let fast: Vec<Outcome> = queries()
        .map(|query| measure(query, 1000, false))
        .collect::<Result<_, _>>()?;
    let levels = ["avx2", "portable"];
    for level in levels.into_iter().filter(|level| force_simd_level(level)) {
        for (query, fast) in queries().zip(&fast) {
            let other = measure(query, 1000, level == "portable")?;
            let same = (other.rows_out, &other.bytes) == (fast.rows_out, &fast.bytes);
            if other.level != level || !same {
                return Err(format!("{query}: {} and {level} disagree", fast.level));
            }
        }
    }
    Ok(())
}

/// What a run came to.
struct Outcome {
    level: &'static str,
    rows_out: u64,
    bytes: Vec<u8>,
}

/// Runs `query` over `rows` rows and checks the answer.
fn measure(query: &str, rows: u64, alone: bool) -> Result<Outcome, String> {
    let csv = trades(rows, RowFormat::Csv)?;
    let job = job(query, &csv)?;
    let input = match &job.sources[0].format {
        FormatPlan::Csv(_) => csv.clone(),
        FormatPlan::Json(_) => trades(rows, RowFormat::Json)?,
        FormatPlan::Binary(_) => trades(rows, RowFormat::Binary)?,
    };
    let options = WiringOptions {
        workers: 1,
        link_slots: LINK_SLOTS,
        output_slots: OUTPUT_SLOTS,
        exchange_slots: EXCHANGE_SLOTS,
        ingest: IngestOptions {
            morsel_rows: MORSEL_ROWS_MAX,
            chunks: 8,
            wall_offset_ns: 0,
        },
    };
    let mut roles = wire(&job, &options, None).map_err(|error| error.to_string())?;
    let bytes = drive(&mut roles, &input, alone);
    let rows_out = roles.egress.rows()[0];
    let wanted = rows_wanted(query, &csv)?;
    if rows_out != wanted {
        return Err(format!("{query}: {rows_out} rows out, not {wanted}"));
    }
    let ledger = &roles.workers[0].ledgers()[0];
    let kept = ledger.used + ledger.filtered;
    if (ledger.read, kept, ledger.late, ledger.rejected_total()) != (rows, rows, 0, 0) {
        return Err(format!("{query}: the ledger of {rows} rows is {ledger:?}"));
    }
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
    if job.sinks[0].format.is_some() && lines != rows_out {
        return Err(format!("{query}: {lines} lines for {rows_out} rows"));
    }
    Ok(Outcome {
        level: simd_level(),
        rows_out,
        bytes,
    })
}

/// Feeds `input` to the roles as one file, line by line if `alone`; the bytes of the first sink.
fn drive(roles: &mut Roles, input: &[u8], alone: bool) -> Vec<u8> {
    let source = SourceId(0);
    let (mut offset, mut ended, mut out) = (0, false, Vec::new());
    roles.ingest.begin_file(source, 0);
    while !(roles.ingest.is_finished() && roles.egress.is_done()) {
        if offset < input.len() {
            if let Some(room) = roles.ingest.read_buffer(source) {
                let most = room.len().min(input.len() - offset).min(CHUNK_BYTES / 2);
                let line = input[offset..].iter().position(|&byte| byte == b'\n');
                let bytes = match line {
                    Some(line) if alone => most.min(line + 1),
                    _ => most,
                };
                room[..bytes].copy_from_slice(&input[offset..offset + bytes]);
                offset += bytes;
                roles.ingest.read_done(source, bytes, 1);
            }
        } else if !ended {
            roles.ingest.end_file(source);
            roles.ingest.end_source(source);
            ended = true;
        }
        while step_roles(roles) {}
        if let Some(error) = roles.egress.take_failure() {
            panic!("the job failed: {error}");
        }
        if let Some(bytes) = roles.egress.take(0) {
            out.extend_from_slice(&bytes);
            roles.egress.give_back(0, bytes);
        }
    }
    out
}

/// Steps every role once; whether any of them worked. Instructions are counted from its entry to its end.
#[inline(never)]
fn step_roles(roles: &mut Roles) -> bool {
    let mut worked = roles.ingest.step(1) == IngestStep::Worked;
    for worker in &mut roles.workers {
        worked |= worker.step(1) == WorkerStep::Worked;
    }
    worked | (roles.egress.step() == EgressStep::Worked)
}

/// The feed of seed 42, as `velo-tpc gen trades` writes it.
fn trades(rows: u64, format: RowFormat) -> Result<Vec<u8>, String> {
    let plan = GeneratorPlan {
        kind: GeneratorKind::Trades,
        rows: Some(rows),
        seed: 42,
        symbols: 1000,
        disorder_ns: 0,
        start_ns: START_NS,
        rate: None,
    };
    let mut bytes = match format {
        RowFormat::Csv => b"ts,symbol,price,size,side\n".to_vec(),
        _ => Vec::new(),
    };
    let mut maker = RowMaker::new(&plan, format)?;
    let mut block = vec![0; CHUNK_BYTES];
    while !maker.is_done() {
        let made = maker.fill(&mut block, u64::MAX);
        bytes.extend_from_slice(&block[..made.bytes]);
    }
    Ok(bytes)
}

/// Result rows that a slow program finds.
fn rows_wanted(query: &str, csv: &[u8]) -> Result<u64, String> {
    let text = std::str::from_utf8(csv).map_err(|error| error.to_string())?;
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|row| row.split(',').collect())
        .collect();
    let large = || {
        rows.iter()
            .filter(|row| row[3].parse::<u32>().is_ok_and(|size| size > 500))
            .count()
    };
    let symbols = || rows.iter().map(|row| row[1]).collect::<BTreeSet<_>>().len();
    // A second of epoch milliseconds is the text without its last three digits.
    let windows = || {
        rows.iter()
            .map(|row| (&row[0][..row[0].len() - 3], row[1]))
            .collect::<BTreeSet<_>>()
            .len()
    };
    let wanted = match query {
        "s0" | "s0_csv" => large(),
        "s1" | "s3b" => rows.len(),
        "s3a" => windows(),
        _ if query.starts_with("s2") => symbols(),
        _ => return Err(format!("what {query} should give is not known here")),
    };
    Ok(wanted as u64)
}

fn path(query: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/queries/{query}.sql"))
}

fn job(query: &str, head: &[u8]) -> Result<Job, String> {
    let path = path(query);
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let files = Memory { head };
    let compiled = compile(&text, &CompileOptions::default(), &files);
    let compiled = compiled.map_err(|error| error.render(query, &text))?;
    compiled
        .job
        .ok_or_else(|| format!("{query} has nothing to run"))
}

/// A world of one file, `trades.csv`.
struct Memory<'a> {
    head: &'a [u8],
}

impl Environment for Memory<'_> {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "FILE").then(|| "trades.csv".to_owned())
    }

    fn files(&self, pattern: &str) -> Result<Vec<PathBuf>, String> {
        Ok(vec![PathBuf::from(pattern)])
    }

    fn head(&self, _: &Path, bytes: usize) -> Result<Vec<u8>, String> {
        Ok(self.head[..bytes.min(self.head.len())].to_vec())
    }
}
