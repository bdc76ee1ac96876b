//! Values of flags: CPU lists, idle modes, durations, instants.

use crate::civil::parse_timestamp;
use crate::plan::{IdleMode, TimestampFormat};
use crate::runtime::placement::parse_cpu_list;
use clap::ValueEnum;

/// CPUs of `--cores`, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CpuList(pub(super) Vec<u16>);

/// Reads `0-3,6`.
pub(super) fn cpu_list(text: &str) -> Result<CpuList, String> {
    match parse_cpu_list(text)? {
        cpus if cpus.is_empty() => Err("name at least one CPU, for example 0-3,6".to_owned()),
        cpus => Ok(CpuList(cpus)),
    }
}

/// Numbers of workers, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkerCounts(pub(super) Vec<usize>);

/// Reads `1,2,4`.
pub(super) fn worker_counts(text: &str) -> Result<WorkerCounts, String> {
    let count = |part: &str| match part.trim().parse() {
        Ok(count @ 1..=64) => Ok(count),
        _ => Err(format!("'{part}' is not a number of workers from 1 to 64")),
    };
    text.split(',')
        .map(count)
        .collect::<Result<_, _>>()
        .map(WorkerCounts)
}

/// `--idle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Idle {
    /// Poll without pause
    Spin,
    /// Poll, giving the core away in between
    Yield,
    /// Sleep up to 200 us at a time
    Park,
}

impl Idle {
    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Yield => "yield",
            Self::Park => "park",
        }
    }
}

impl From<Idle> for IdleMode {
    fn from(idle: Idle) -> Self {
        match idle {
            Idle::Spin => Self::Spin,
            Idle::Yield => Self::Yield,
            Idle::Park => Self::Park,
        }
    }
}

/// Reads `50ms`, `1s`, `2m`, `250us`, `0`: nanoseconds.
pub(super) fn duration_ns(text: &str) -> Result<i64, String> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let scale = match unit {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        "" if digits == "0" => 1,
        _ => return Err(format!("'{text}' is not a duration such as 50ms or 1s")),
    };
    let count: i64 = digits
        .parse()
        .map_err(|_| format!("'{text}' is not a duration such as 50ms or 1s"))?;
    count
        .checked_mul(scale)
        .ok_or_else(|| format!("'{text}' is longer than 292 years"))
}

/// Reads an instant as ISO 8601: nanoseconds since the epoch.
pub(super) fn instant_ns(text: &str) -> Result<i64, String> {
    parse_timestamp(text.as_bytes(), &TimestampFormat::Iso)
        .map_err(|_| format!("'{text}' is not an instant such as 2025-01-01T00:00:00Z"))
}
