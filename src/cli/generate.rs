//! `velo-tpc gen`: the generator's rows as a file, to try queries on.

use super::values::{duration_ns, instant_ns};
use super::{EXIT_FAILED, EXIT_USAGE, fail};
use crate::plan::{GeneratorKind, GeneratorPlan};
use crate::source::generator::{RowFormat, RowMaker, SYMBOLS_MAX};
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Bytes written at a time.
const BLOCK_BYTES: usize = 1 << 18;
/// 2025-01-01, the first row's time unless `--start` says otherwise.
const START_NS: i64 = 1_735_689_600_000_000_000;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  velo-tpc gen trades --rows 1000000 -o trades.csv
  velo-tpc gen trades --rows 1000000 --disorder 50ms --format json | head
  velo-tpc gen market_data --symbols 100 --no-header | velo-tpc run query.sql
  velo-tpc gen trades --rows 1000000 -o trades.bin

Binary trades are records of 33 bytes, little-endian, one after another, that a table reads as
  CREATE TABLE trades (ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1))
  WITH ('connector' = 'file', 'path' = 'trades.bin', 'format' = 'binary');

Equal seeds give equal bytes, and fewer rows are the first of more.")]
pub(super) struct GenArgs {
    /// The data set
    pub(super) kind: DataSet,
    /// Rows
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) rows: u64,
    /// Seed
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub(super) seed: u64,
    /// Format [default: json for -o *.json, *.jsonl and *.ndjson, binary for *.bin, else csv]
    #[arg(long, value_name = "FORMAT")]
    pub(super) format: Option<GenFormat>,
    /// Distinct symbols [default: 1000, market_data 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(SYMBOLS_MAX)))]
    pub(super) symbols: Option<u32>,
    /// Greatest displacement of a row's time, for example 50ms [default: in order]
    #[arg(long, value_name = "DURATION", value_parser = duration_ns)]
    pub(super) disorder: Option<i64>,
    /// Time of the first row, UTC [default: 2025-01-01, market_data 1970-01-01]
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    pub(super) start: Option<i64>,
    /// Write a CSV header (the default)
    #[arg(long, overrides_with = "no_header")]
    pub(super) header: bool,
    /// Write no CSV header
    #[arg(long, overrides_with = "header")]
    pub(super) no_header: bool,
    /// File to write, or - for stdout
    #[arg(short = 'o', long, value_name = "FILE", default_value = "-")]
    pub(super) output: PathBuf,
}

/// The data sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum DataSet {
    /// ts, symbol, price, size, side: a trade feed
    Trades,
    /// order_id, customer_id, order_date, total_amount
    Orders,
    /// symbol, price, quantity, trader_id, timestamp, trade_time
    MarketData,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GenFormat {
    /// CSV
    Csv,
    /// One JSON object a line
    Json,
    /// Fixed-width records (trades only)
    Binary,
}

impl GenArgs {
    /// The plan of the rows.
    ///
    /// # Errors
    /// What was asked for and does not fit the data set.
    pub(super) fn plan(&self) -> Result<GeneratorPlan, String> {
        let (kind, symbols, start_ns) = match self.kind {
            DataSet::Trades => (GeneratorKind::Trades, 1000, START_NS),
            DataSet::Orders => (GeneratorKind::Orders, 1000, START_NS),
            DataSet::MarketData => (GeneratorKind::MarketData, 200, 0),
        };
        if kind == GeneratorKind::Orders && self.symbols.is_some() {
            return Err("orders have no symbols: leave --symbols out".to_owned());
        }
        Ok(GeneratorPlan {
            kind,
            rows: Some(self.rows),
            seed: self.seed,
            symbols: self.symbols.unwrap_or(symbols),
            disorder_ns: self.disorder.unwrap_or(0),
            start_ns: self.start.unwrap_or(start_ns),
            rate: None,
        })
    }

    /// The format asked for, or that of the file's name.
    pub(super) fn row_format(&self) -> RowFormat {
        let extension = self.output.extension().and_then(|it| it.to_str());
        match (self.format, extension) {
            (Some(GenFormat::Json), _) | (None, Some("json" | "jsonl" | "ndjson")) => {
                RowFormat::Json
            }
            (Some(GenFormat::Binary), _) | (None, Some("bin")) => RowFormat::Binary,
            _ => RowFormat::Csv,
        }
    }

    /// What stands before the first row.
    ///
    /// # Errors
    /// When JSON or binary records are to have a header.
    pub(super) fn first_line(&self) -> Result<String, String> {
        match self.row_format() {
            RowFormat::Json if self.header => Err("JSON has no header".to_owned()),
            RowFormat::Binary if self.header => Err("binary records have no header".to_owned()),
            RowFormat::Csv if !self.no_header => {
                let kind = self.plan()?.kind;
                Ok(format!("{}\n", RowMaker::columns(kind).join(",")))
            }
            _ => Ok(String::new()),
        }
    }
}

/// Generates; the exit code.
pub(super) fn generate(args: &GenArgs) -> u8 {
    let prepared = args.plan().and_then(|plan| {
        let maker = RowMaker::new(&plan, args.row_format())?;
        Ok((maker, args.first_line()?))
    });
    let (maker, first_line) = match prepared {
        Ok(both) => both,
        Err(message) => return fail(EXIT_USAGE, &message),
    };
    let is_compressed = args
        .output
        .extension()
        .is_some_and(|it| it == "gz" || it == "zst");
    if is_compressed {
        let how = "gen writes plain rows; compress them: velo-tpc gen .. | gzip > rows.csv.gz";
        return fail(EXIT_USAGE, &how);
    }
    let written = if args.output == Path::new("-") {
        // Past std's buffer, which would copy every block in search of its last newline.
        rustix::io::dup(io::stdout())
            .map_err(io::Error::from)
            .and_then(|descriptor| write_rows(maker, &first_line, File::from(descriptor)))
    } else {
        File::create(&args.output).and_then(|file| write_rows(maker, &first_line, file))
    };
    match written {
        Ok(()) => 0,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => fail(
            EXIT_FAILED,
            &format!("writing {}: {error}", args.output.display()),
        ),
    }
}

fn write_rows(mut maker: RowMaker, first_line: &str, mut out: impl Write) -> io::Result<()> {
    out.write_all(first_line.as_bytes())?;
    let mut block = vec![0; BLOCK_BYTES];
    while !maker.is_done() {
        let made = maker.fill(&mut block, u64::MAX);
        out.write_all(&block[..made.bytes])?;
    }
    out.flush()
}
