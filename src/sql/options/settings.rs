//! SET keys and the annotations that stand for them.

use super::{duration_of, invalid, number_of, pick, same_key};
use crate::civil::zone::Zone;
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::hash::seed_of;
use crate::limits::ZONES_MAX;
use crate::limits::{GROUPS_MAX, MORSEL_ROWS_MAX, WORKERS_MAX};
use crate::plan::{IdleMode, Settings, Strategy};
use crate::sql::ast::{Name, OptionEntry};
use crate::sql::bind::zone_hint;
use crate::sql::names;
use crate::time::NS_PER_SECOND;
use std::path::PathBuf;

/// What SET has said so far: the job's settings and those that only the planner reads.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// The job's.
    pub job: Settings,
    /// `late.retention`.
    pub retention_ns: i64,
    /// `timezone`, unless it is UTC.
    pub zone: Option<String>,
}

impl SessionSettings {
    /// The settings before the first SET.
    pub fn new(job: Settings) -> Self {
        Self {
            job,
            retention_ns: 60 * NS_PER_SECOND,
            zone: None,
        }
    }
}

const KEYS: &[&str] = &[
    "workers",
    "cores",
    "ingest.core",
    "egress.core",
    "idle",
    "partitioning",
    "max.groups",
    "max.state",
    "state.ttl",
    "checkpoint.dir",
    "checkpoint.interval",
    "hash.seed",
    "close.open",
    "morsel.rows",
    "late.retention",
    "timezone",
];
const KEYS_UNBUILT: &[&str] = &["ingest.cores"];

/// SET key = value.
///
/// # Errors
/// When the key is unknown or the value not one of it.
pub fn set(
    settings: &mut SessionSettings,
    key: &Name,
    value: &str,
    value_span: Span,
) -> Result<(), SqlError> {
    let entry = &OptionEntry {
        key: key.text.clone(),
        key_span: key.span,
        value: value.trim().to_owned(),
        value_span,
    };
    let Some(&known) = KEYS.iter().find(|known| same_key(known, &entry.key)) else {
        return Err(unknown(entry));
    };
    let job = &mut settings.job;
    match known {
        "workers" => job.workers = Some(number_of(entry, 1, WORKERS_MAX as u64)? as u16),
        "cores" => job.cores = Some(cores(entry)?),
        "ingest.core" => job.ingest_core = Some(number_of(entry, 0, CORE_MAX)? as u16),
        "egress.core" => job.egress_core = Some(number_of(entry, 0, CORE_MAX)? as u16),
        "idle" => {
            let modes = [
                ("spin", IdleMode::Spin),
                ("yield", IdleMode::Yield),
                ("park", IdleMode::Park),
            ];
            job.idle = pick(entry, &modes)?;
        }
        "partitioning" => job.partitioning = partitioning(entry)?,
        "max.groups" => job.max_groups = Some(number_of(entry, 1, GROUPS_MAX as u64)?),
        "max.state" => job.max_state = Some(bytes(entry)?),
        "state.ttl" => job.state_ttl_ns = Some(duration_of(entry)?).filter(|&ttl_ns| ttl_ns > 0),
        "checkpoint.dir" => job.checkpoint_dir = Some(checkpoint_dir(entry)?),
        "checkpoint.interval" => job.checkpoint_interval_ns = Some(interval(entry)?),
        "hash.seed" => job.hash_seed = Some(seed_of(number_of(entry, 0, u64::MAX)?)),
        "close.open" => job.close_open = pick(entry, &[("true", true), ("false", false)])?,
        "morsel.rows" => {
            job.morsel_rows = Some(number_of(entry, 1, MORSEL_ROWS_MAX as u64)? as u32);
        }
        "late.retention" => settings.retention_ns = duration_of(entry)?,
        _ => settings.zone = zone(entry)?,
    }
    Ok(())
}

/// The directory, which is made when the job runs.
fn checkpoint_dir(entry: &OptionEntry) -> Result<PathBuf, SqlError> {
    match entry.value.is_empty() {
        true => Err(invalid(
            entry,
            "'checkpoint.dir' takes a directory".to_owned(),
        )),
        false => Ok(PathBuf::from(&entry.value)),
    }
}

fn interval(entry: &OptionEntry) -> Result<i64, SqlError> {
    match duration_of(entry)? {
        0 => Err(invalid(
            entry,
            "'checkpoint.interval' takes a time longer than nothing".to_owned(),
        )),
        length => Ok(length),
    }
}

/// The zone's name; UTC is `None`.
fn zone(entry: &OptionEntry) -> Result<Option<String>, SqlError> {
    if ["utc", "z", "etc/utc"].contains(&&entry.value.to_ascii_lowercase()[..]) {
        return Ok(None);
    }
    if Zone::get(&entry.value).is_none() {
        let error = SqlError::new(
            SqlErrorKind::Bind,
            entry.value_span,
            format!("time zone '{}' is not known", entry.value),
        );
        return Err(error.with_hint(zone_hint(&entry.value)));
    }
    if Zone::register(&entry.value).is_none() {
        let message = format!("a process names at most {ZONES_MAX} time zones");
        return Err(SqlError::new(SqlErrorKind::Plan, entry.value_span, message));
    }
    Ok(Some(entry.value.clone()))
}

const CORE_MAX: u64 = u16::MAX as u64;

fn unknown(entry: &OptionEntry) -> SqlError {
    if KEYS_UNBUILT.iter().any(|key| same_key(key, &entry.key)) {
        return SqlError::new(
            SqlErrorKind::Unsupported,
            entry.key_span,
            format!("setting '{}' is not built in this version", entry.key),
        );
    }
    let error = SqlError::new(
        SqlErrorKind::Bind,
        entry.key_span,
        format!("setting '{}' is not known", entry.key),
    );
    match names::hint(&entry.key, KEYS) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

fn partitioning(entry: &OptionEntry) -> Result<Option<Strategy>, SqlError> {
    let strategies = [
        ("hash", Some(Strategy::Hash)),
        ("sticky", Some(Strategy::Sticky)),
        ("round_robin", Some(Strategy::RoundRobin)),
        ("fan_in", Some(Strategy::FanIn)),
        // Where a source says what it is partitioned by, the planner's own choice is the smart one.
        ("smart", None),
        ("roundrobin", Some(Strategy::RoundRobin)),
        ("fanin", Some(Strategy::FanIn)),
    ];
    pick(entry, &strategies)
}

/// `4GB`, `512 MiB`, `1000000`.
fn bytes(entry: &OptionEntry) -> Result<u64, SqlError> {
    parse_bytes(&entry.value).ok_or_else(|| {
        invalid(
            entry,
            format!(
                "'{}' takes a number of bytes like 4GB or 512MiB, not '{}'",
                entry.key, entry.value
            ),
        )
    })
}

/// A positive number of bytes with a unit of thousands (KB, MB, GB, TB) or of 1024s (KiB, MiB, GiB, TiB).
pub fn parse_bytes(text: &str) -> Option<u64> {
    let units: [(&str, u64); 10] = [
        ("tib", 1 << 40),
        ("gib", 1 << 30),
        ("mib", 1 << 20),
        ("kib", 1 << 10),
        ("tb", 1_000_000_000_000),
        ("gb", 1_000_000_000),
        ("mb", 1_000_000),
        ("kb", 1_000),
        ("b", 1),
        ("", 1),
    ];
    let text = text.trim().to_ascii_lowercase();
    let found = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)));
    let (number, factor) = found?;
    let number: u64 = number.trim().parse().ok()?;
    number.checked_mul(*factor).filter(|&bytes| bytes > 0)
}

/// `0,2,4-7`.
fn cores(entry: &OptionEntry) -> Result<Vec<u16>, SqlError> {
    let wrong = || {
        invalid(
            entry,
            format!("'cores' takes a list like 0,2,4-7, not '{}'", entry.value),
        )
    };
    let mut cores = Vec::new();
    for part in entry.value.split(',') {
        let part = part.trim();
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: u16 = first.trim().parse().map_err(|_| wrong())?;
        let last: u16 = last.trim().parse().map_err(|_| wrong())?;
        if first > last || usize::from(last - first) > 4096 {
            return Err(wrong());
        }
        for core in first..=last {
            if !cores.contains(&core) {
                cores.push(core);
            }
        }
        if cores.len() > 4096 {
            return Err(wrong());
        }
    }
    Ok(cores)
}

/// `-- @name value`: honoured where the idea exists here, else the warning.
pub fn annotate(
    settings: &mut SessionSettings,
    (name, value, span): &(String, String, Span),
) -> Option<String> {
    let entry = |key: &str, value: &str| {
        (
            Name {
                text: key.to_owned(),
                quoted: false,
                span: *span,
            },
            value.trim().trim_matches(['\'', '"']).to_ascii_lowercase(),
        )
    };
    let (key, value) = match name.to_ascii_lowercase().as_str() {
        "partitioning_strategy" => entry("partitioning", value),
        "num_partitions" => entry("workers", value),
        "batch_size" => {
            let rows = value.trim().parse::<u64>().ok();
            let most = MORSEL_ROWS_MAX as u64;
            let text = rows.map_or_else(|| value.clone(), |rows| rows.clamp(1, most).to_string());
            entry("morsel.rows", &text)
        }
        "job_mode" => {
            return Some(format!(
                "annotation @{name} has no effect: every job counts bad records and goes on, or stops at the first ('on.error')"
            ));
        }
        other if other.starts_with("metric") => {
            return Some(format!("annotation @{name} has no effect in this version"));
        }
        _ => return Some(format!("annotation @{name} is not known: it has no effect")),
    };
    set(settings, &key, &value, *span)
        .err()
        .map(|error| format!("annotation @{name} has no effect: {}", error.message))
}
