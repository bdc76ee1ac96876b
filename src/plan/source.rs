//! Plans of sources, formats and sinks.

use super::{BinaryFormat, Expr, WindowPlan};
use crate::time::EventTimeNs;
use crate::types::{DataType, Field, Schema};
use std::path::PathBuf;

/// A source as declared (CREATE TABLE) or inferred (a file used as a table).
#[derive(Clone, Debug)]
pub struct SourcePlan {
    /// The table's name.
    pub name: String,
    /// Where bytes come from.
    pub connector: SourceConnector,
    /// How records lie in them.
    pub format: FormatPlan,
    /// The physical columns, in declaration order. Computed columns are expanded into the statements.
    pub schema: Schema,
    /// Event time and watermark.
    pub event_time: Option<EventTimePlan>,
    /// Whether the input ends.
    pub bounded: bool,
    /// What happens to refused records.
    pub on_error: OnError,
    /// Silence after which the source no longer holds the watermark; `None`: never.
    pub idle_timeout_ns: Option<i64>,
    /// How far event time may be ahead of arrival (live sources).
    pub max_future_skew_ns: Option<i64>,
    /// Replay speed.
    pub pace: Pace,
    /// Whether columns that no statement uses are validated too (`'validate' = 'all'`).
    pub validate_all: bool,
    /// System columns that the job uses: they stand behind the physical ones in the table.
    pub system: Vec<SystemColumn>,
    /// Whether its watermark is the arrival stamp and the clock: it has no event time in this job.
    pub follows_clock: bool,
    /// TIMEOUT: silence that closes the windows of its rows.
    pub silence: Option<SilencePlan>,
}

impl SourcePlan {
    /// The columns that statements address: the physical ones and the system columns behind them.
    pub fn table(&self) -> Schema {
        let mut schema = self.schema.clone();
        schema.fields.extend(self.system.iter().map(|column| Field {
            name: column.name().to_owned(),
            ty: column.ty(),
            nullable: column.nullable(),
        }));
        schema
    }
}

/// Silence of a source by the clock, and what it closes.
#[derive(Clone, Debug, PartialEq)]
pub struct SilencePlan {
    /// How long.
    pub timeout_ns: i64,
    /// The windows that rows go through one after the other, each with the time past its end that it stays open.
    pub windows: Vec<(WindowPlan, i64)>,
}

/// What is known of a record beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemColumn {
    /// `_partition`: number of the file or connection.
    Partition,
    /// `_offset`: decoded bytes of that file before the record.
    Offset,
    /// `_worker`: who works on it.
    Worker,
    /// `_timestamp`: when the read that brought it arrived.
    Timestamp,
    /// `_watermark`: W before it.
    Watermark,
}

impl SystemColumn {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Partition,
        Self::Offset,
        Self::Worker,
        Self::Timestamp,
        Self::Watermark,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partition => "_partition",
            Self::Offset => "_offset",
            Self::Worker => "_worker",
            Self::Timestamp => "_timestamp",
            Self::Watermark => "_watermark",
        }
    }

    /// Its type.
    pub const fn ty(self) -> DataType {
        match self {
            Self::Partition | Self::Worker => DataType::Int,
            Self::Offset => DataType::BigInt,
            Self::Timestamp | Self::Watermark => DataType::Timestamp,
        }
    }

    /// Whether a record may have none: before the first record there is no watermark.
    pub const fn nullable(self) -> bool {
        matches!(self, Self::Watermark)
    }

    /// Whether another run gives the same values.
    pub const fn is_reproducible(self) -> bool {
        matches!(self, Self::Partition | Self::Offset | Self::Watermark)
    }
}

/// WATERMARK FOR ts AS ts - delay.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTimePlan {
    /// TIMESTAMP over the physical columns; a plain column unless the time column is computed.
    pub expr: Expr,
    /// How far the watermark stays behind the greatest event time.
    pub delay_ns: i64,
    /// False for an inferred table: its watermark does not rise before the end of its input.
    pub rises: bool,
}

/// `'on.error'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnError {
    /// Counted, the first ones shown.
    Skip,
    /// Ends the job.
    Fail,
    /// Counted and written, as it was, to a file.
    DeadLetter(PathBuf),
}

/// `'pace'`: replay speed of a bounded source by event time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// As fast as it goes.
    Max,
    /// Event time passes `0 < speed` times as fast as the clock; 1.0 is `realtime`.
    Speed(f64),
}

/// Where a source's bytes come from.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceConnector {
    /// Files in the order given (a glob is expanded and sorted at planning).
    File {
        /// The files, compressed ones by their magic bytes.
        paths: Vec<PathBuf>,
        /// Goes on reading as the last file grows.
        follow: bool,
    },
    /// Standard input.
    Stdin,
    /// A TCP peer.
    Tcp {
        /// `host:port`.
        address: String,
        /// Which side opens the connection.
        role: TcpRole,
    },
    /// Rows made by a seed.
    Generator(GeneratorPlan),
}

impl SourceConnector {
    /// What its file number `file` is called in messages and reports.
    pub fn file_name(&self, file: u32) -> String {
        match self {
            Self::File { paths, .. } => paths
                .get(file as usize)
                .map_or_else(|| format!("file {file}"), |path| path.display().to_string()),
            Self::Stdin => "stdin".to_owned(),
            Self::Tcp { address, .. } => format!("tcp {address} connection {file}"),
            Self::Generator(_) => "generator".to_owned(),
        }
    }
}

/// Which side of a TCP connection the source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpRole {
    /// Accepts one connection after another.
    Listen,
    /// Connects.
    Connect,
}

/// Data sets of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneratorKind {
    /// ts, symbol, price, size, side: Zipf symbols, about 1 ms between rows.
    Trades,
    /// order_id, customer_id, order_date, total_amount.
    Orders,
    /// symbol, price, quantity, trader_id, timestamp, trade_time.
    MarketData,
    /// number, from 0 on.
    Numbers,
}

/// What the generator makes. It writes records as CSV, which then go the way of any other source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeneratorPlan {
    /// The data set.
    pub kind: GeneratorKind,
    /// Rows; `None`: without end.
    pub rows: Option<u64>,
    /// Seed; equal seeds give equal bytes.
    pub seed: u64,
    /// Distinct symbols.
    pub symbols: u32,
    /// Greatest displacement of a row's time, 0: in order.
    pub disorder_ns: i64,
    /// Event time of the first row.
    pub start_ns: EventTimeNs,
    /// Rows a second of the clock; `None`: as fast as it goes.
    pub rate: Option<u64>,
}

/// How records lie in the bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum FormatPlan {
    /// RFC 4180 and its kin.
    Csv(CsvFormat),
    /// One JSON object a line.
    Json(JsonFormat),
    /// Fixed-width records.
    Binary(BinaryFormat),
}

impl FormatPlan {
    /// Bytes of every record, where they are fixed: such records follow each other without line ends.
    pub fn record_bytes(&self) -> Option<usize> {
        match self {
            Self::Csv(_) | Self::Json(_) => None,
            Self::Binary(format) => Some(format.record_bytes()),
        }
    }
}

/// CSV options, resolved against the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvFormat {
    /// One byte between fields.
    pub delimiter: u8,
    /// `"` unless set otherwise.
    pub quote: u8,
    /// Whether the first record of every file is a header, to be skipped.
    pub header: bool,
    /// Unquoted text that means NULL beside the empty field; `None`: only the empty field.
    pub null_text: Option<String>,
    /// Field index of each schema column.
    pub fields: Vec<u16>,
    /// Fields that a record must have.
    pub field_count: u16,
    /// How TIMESTAMP columns are written.
    pub timestamp: TimestampFormat,
}

/// JSON options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFormat {
    /// Path of each schema column: the member names from the top (`a.b.c` is three).
    pub paths: Vec<Vec<String>>,
    /// How TIMESTAMP columns are written.
    pub timestamp: TimestampFormat,
}

/// `'timestamp.format'`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TimestampFormat {
    /// ISO 8601 with any fraction; a plain integer is refused.
    #[default]
    Iso,
    /// Epoch seconds, a fraction allowed.
    Seconds,
    /// Epoch milliseconds.
    Millis,
    /// Epoch microseconds.
    Micros,
    /// Epoch nanoseconds.
    Nanos,
    /// A strftime pattern.
    Strftime(String),
}

/// A sink.
#[derive(Clone, Debug)]
pub struct SinkPlan {
    /// The table's name, or `stdout`.
    pub name: String,
    /// Where rows go.
    pub connector: SinkConnector,
    /// How they are written; `None` (blackhole only): rows are counted, not encoded.
    pub format: Option<SinkFormat>,
    /// Names and types as written.
    pub schema: Schema,
    /// What it can hold.
    pub changelog: ChangelogMode,
    /// Release rows in the one order (`'order' = 'source'`) or as they come (`'none'`).
    pub ordered: bool,
}

/// Where a sink's rows go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkConnector {
    /// Standard output.
    Stdout,
    /// A file, truncated at start.
    File {
        /// Its path; `.gz` and `.zst` are refused until built.
        path: PathBuf,
    },
    /// Counts rows.
    Blackhole,
    /// Keeps them for the job that a subquery stands in.
    Memory,
}

/// How rows are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkFormat {
    /// Aligned columns for people (stdout only).
    Table,
    /// CSV.
    Csv {
        /// Between fields.
        delimiter: u8,
        /// Whether a header is written first.
        header: bool,
        /// What NULL is written as.
        null_text: String,
        /// How TIMESTAMPs are written.
        timestamp: TimestampFormat,
    },
    /// One JSON object a line.
    Json {
        /// How TIMESTAMPs are written.
        timestamp: TimestampFormat,
    },
    /// Fixed-width records; the planner lets only rows come that fit ([`Expr::Fit`]).
    Binary(BinaryFormat),
    /// Values as columns hold them (subqueries only).
    Rows,
}

/// `'changelog.mode'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangelogMode {
    /// `+I` only.
    Append,
    /// The newest row of a key wins; the indices of its key columns.
    Upsert(Vec<usize>),
    /// A column `op` first.
    Retract,
}
