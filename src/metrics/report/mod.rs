//! What a run did: the end of the ledger, told to people or to programs.
//!
//! Data only; [`RunReport::text`] and [`RunReport::json`] render it. Every record read is in exactly one of
//! used, filtered, late and rejected, by statement and source.

mod json;
#[cfg(test)]
mod tests;
mod text;

pub use text::{duration, grouped};

use crate::error::Reason;
use crate::time::EventTimeNs;

/// How a run ended without an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunEnd {
    /// Every input ended, or every statement had its LIMIT.
    #[default]
    Complete,
    /// A signal asked it to stop.
    Interrupted,
    /// The reader of its output went away.
    OutputClosed,
}

/// A whole run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunReport {
    /// How it ended.
    pub end: RunEnd,
    /// From the first read to the last commit.
    pub elapsed_ns: u64,
    /// The runs of its subqueries, before its own.
    pub subqueries: Vec<RunReport>,
    /// The sources in job order.
    pub sources: Vec<SourceReport>,
    /// The statements in job order.
    pub statements: Vec<StatementReport>,
    /// The cores in use.
    pub cores: Vec<CoreReport>,
    /// From a record's arrival to its rows' hand-over to the sink; `None` when it was not measured.
    pub latency: Option<LatencyReport>,
    /// Greatest resident memory.
    pub memory_peak_bytes: Option<u64>,
    /// Of a run that takes checkpoints.
    pub checkpoints: Option<CheckpointReport>,
}

/// What became of a run's checkpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckpointReport {
    /// The one that the run went on from; `None`: it started from the beginning.
    pub resumed_from: Option<u64>,
    /// Records read before that one.
    pub resumed_records: u64,
    /// Checkpoints written.
    pub taken: u64,
    /// Checkpoints that could not be written.
    pub failed: u64,
    /// Number of the newest.
    pub last: u64,
    /// Its bytes.
    pub last_bytes: u64,
    /// From its request until it was durable.
    pub last_ns: u64,
}

/// What was read of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceReport {
    /// The table's name.
    pub name: String,
    /// Records framed.
    pub records: u64,
    /// Bytes read, decoded.
    pub bytes: u64,
    /// Least and greatest event time; `None` without event time or records.
    pub event_time: Option<(EventTimeNs, EventTimeNs)>,
    /// Where reading stopped; `None` when nothing was read.
    pub position: Option<Position>,
}

/// A place in a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The file, or what stands for it.
    pub file: String,
    /// Offset in the file's decoded bytes.
    pub byte_offset: u64,
    /// Number of the record in the source, from 1.
    pub record_number: u64,
}

/// What became of a source's records in one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementReport {
    /// The statement's name.
    pub name: String,
    /// The source's name.
    pub source: String,
    /// The ledger.
    pub ledger: LedgerReport,
    /// Rows handed to the sink.
    pub emitted: u64,
    /// Records whose time is before their predecessor's, used all the same.
    pub out_of_order: u64,
    /// Late records that corrected a closed window, used all the same.
    pub corrected: u64,
    /// Windows that were closed for used records, which others took in.
    pub late_assignments: u64,
    /// Result rows that could not be made.
    pub group_errors: u64,
    /// Windows that were still open at the end.
    pub open_windows: u64,
    /// The first errors of each kind.
    pub samples: Vec<ErrorSample>,
}

/// Where every record ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerReport {
    /// Records of the source while the statement ran.
    pub read: u64,
    /// Used in a result or a state.
    pub used: u64,
    /// Not TRUE for WHERE.
    pub filtered: u64,
    /// Too late for their window.
    pub late: u64,
    /// Refused, by `Reason as usize`.
    pub rejected: [u64; Reason::COUNT],
}

/// A refused record, or a result row that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorSample {
    /// Why.
    pub reason: Reason,
    /// The column, where one is to blame.
    pub column: Option<String>,
    /// Where the record is; `None` for result rows.
    pub position: Option<Position>,
    /// The offending text, cut at `limits::ERROR_TEXT_MAX` bytes.
    pub text: String,
}

/// How busy a core was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoreReport {
    /// The CPU.
    pub cpu: u16,
    /// Its roles: `ingest`, `worker 0`, `egress`.
    pub roles: Vec<String>,
    /// Share of the run in which its roles made progress, 0.0..=1.0.
    pub busy: f64,
}

/// Latency in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LatencyReport {
    /// Median.
    pub p50_ns: u64,
    /// 99 %.
    pub p99_ns: u64,
    /// 99.9 %.
    pub p999_ns: u64,
    /// 99.99 %.
    pub p9999_ns: u64,
    /// Greatest.
    pub max_ns: u64,
}

impl RunEnd {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Interrupted => "interrupted",
            Self::OutputClosed => "output_closed",
        }
    }
}

impl RunReport {
    /// Whether the answer is that of the whole input.
    pub fn is_complete(&self) -> bool {
        self.end == RunEnd::Complete
    }

    /// Records read of all sources.
    pub fn records(&self) -> u64 {
        self.sources.iter().map(|source| source.records).sum()
    }

    /// Records that this run read, those before a checkpoint apart, a second; 0 for a run without length.
    pub fn records_per_second(&self) -> f64 {
        if self.elapsed_ns == 0 {
            return 0.0;
        }
        let before = self
            .checkpoints
            .map_or(0, |checkpoints| checkpoints.resumed_records);
        self.records().saturating_sub(before) as f64 * 1e9 / self.elapsed_ns as f64
    }
}

impl LedgerReport {
    /// Records refused for any reason.
    pub fn rejected_total(&self) -> u64 {
        self.rejected.iter().sum()
    }

    /// The reasons that occurred, with their counts, in ledger order.
    pub fn reasons(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .map(|reason| (reason, self.rejected[reason as usize]))
            .filter(|(_, count)| *count > 0)
    }

    /// Whether every record read is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.read == self.used + self.filtered + self.late + self.rejected_total()
    }
}
