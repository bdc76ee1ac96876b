//! Options of sinks.

use super::format::{FormatName, format_name, timestamp_format};
use super::source::check_connector;
use super::{Options, binary_format, invalid};
use crate::error::{SqlError, SqlErrorKind};
use crate::plan::{SinkConnector, SinkFormat, TimestampFormat};
use crate::sql::ast::ColumnDef;
use crate::types::Schema;
use std::path::PathBuf;

/// `'changelog.mode'` before its key columns are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangelogName {
    /// `append`.
    Append,
    /// `upsert`.
    Upsert,
    /// `retract`.
    Retract,
}

/// What the options of a sink say.
#[derive(Clone, Debug)]
pub struct SinkOptions {
    /// Where rows go.
    pub connector: SinkConnector,
    /// How they are written.
    pub format: Option<SinkFormat>,
    /// What it can hold.
    pub changelog: ChangelogName,
    /// `'order'`, if said.
    pub ordered: Option<bool>,
    /// `'late.retention'`, if said.
    pub retention_ns: Option<i64>,
}

/// Reads the options of a table used as a sink; `schema` holds its columns, declared as `declared`.
///
/// # Errors
/// When an option is missing, wrong, or not one of a sink.
pub fn sink_options(
    options: &Options<'_>,
    schema: &Schema,
    declared: &[&ColumnDef],
) -> Result<SinkOptions, SqlError> {
    let name = check_connector(options)?;
    let mut path = None;
    let connector = match name.as_str() {
        "stdout" => SinkConnector::Stdout,
        "blackhole" => SinkConnector::Blackhole,
        "file" => {
            let entry = options.required("path", "out.csv")?;
            let lower = entry.value.to_ascii_lowercase();
            if lower.ends_with(".gz") || lower.ends_with(".zst") {
                return Err(SqlError::new(
                    SqlErrorKind::Unsupported,
                    entry.value_span,
                    "a compressed sink is not built in this version",
                ));
            }
            if entry.value.contains(['*', '?']) {
                return Err(invalid(
                    entry,
                    "a sink writes one file: its path has no wildcards",
                ));
            }
            path = Some(&entry.value[..]);
            SinkConnector::File {
                path: PathBuf::from(&entry.value),
            }
        }
        "tcp" => {
            return Err(SqlError::new(
                SqlErrorKind::Unsupported,
                options.span,
                "connector tcp as a sink is not built in this version",
            )
            .with_hint("sinks are stdout, file and blackhole"));
        }
        other => {
            return Err(SqlError::new(
                SqlErrorKind::Bind,
                options.span,
                format!("connector {other} is a source: it cannot be written"),
            )
            .with_hint("sinks are stdout, file and blackhole"));
        }
    };
    let format = sink_format(&connector, options, path, (schema, declared))?;
    let modes = [
        ("append", ChangelogName::Append),
        ("upsert", ChangelogName::Upsert),
        ("retract", ChangelogName::Retract),
    ];
    let changelog = options
        .one_of("changelog.mode", &modes)?
        .unwrap_or(ChangelogName::Append);
    check_changelog(changelog, format.as_ref(), options)?;
    let ordered = options.one_of("order", &[("source", true), ("none", false)])?;
    let retention_ns = options.duration("late.retention")?;
    options.finish(&format!("a {name} sink"))?;
    Ok(SinkOptions {
        connector,
        format,
        changelog,
        ordered,
        retention_ns,
    })
}

/// Refuses a mode that the format has no place for.
fn check_changelog(
    changelog: ChangelogName,
    format: Option<&SinkFormat>,
    options: &Options<'_>,
) -> Result<(), SqlError> {
    if changelog != ChangelogName::Retract || !matches!(format, Some(SinkFormat::Binary(_))) {
        return Ok(());
    }
    Err(SqlError::new(
        SqlErrorKind::Bind,
        options.span,
        "format binary has no column op, which 'changelog.mode' = 'retract' needs",
    )
    .with_hint("use csv or json, or 'changelog.mode' = 'upsert'"))
}

fn sink_format(
    connector: &SinkConnector,
    options: &Options<'_>,
    path: Option<&str>,
    (schema, declared): (&Schema, &[&ColumnDef]),
) -> Result<Option<SinkFormat>, SqlError> {
    let name = match (format_name(options, path)?, connector) {
        (Some(FormatName::Table), SinkConnector::File { .. } | SinkConnector::Blackhole) => {
            return Err(SqlError::new(
                SqlErrorKind::Bind,
                options.span,
                "format table is for stdout only",
            ));
        }
        (Some(name), _) => name,
        (None, SinkConnector::Stdout) => FormatName::Table,
        (None, SinkConnector::Blackhole) => return Ok(None),
        (None, SinkConnector::File { .. } | SinkConnector::Memory) => {
            return Err(SqlError::new(
                SqlErrorKind::Bind,
                options.span,
                "option 'format' is missing",
            )
            .with_hint("add 'format' = 'csv', 'json' or 'binary'"));
        }
    };
    Ok(Some(match name {
        FormatName::Table => SinkFormat::Table,
        FormatName::Csv => SinkFormat::Csv {
            delimiter: options.byte("csv.delimiter")?.unwrap_or(b','),
            header: options.bool("csv.header")?.unwrap_or(false),
            null_text: options.text("csv.null").unwrap_or("").to_owned(),
            timestamp: timestamp_format(options)?.unwrap_or_default(),
        },
        FormatName::Json => SinkFormat::Json {
            timestamp: timestamp_format(options)?.unwrap_or_default(),
        },
        FormatName::Binary => SinkFormat::Binary(binary_format(options, schema, declared)?),
    }))
}

/// The format of a bare SELECT on stdout; `None` if the name is unknown.
pub fn stdout_format(name: Option<&str>) -> Option<SinkFormat> {
    match name.map(str::to_ascii_lowercase).as_deref() {
        None | Some("table") => Some(SinkFormat::Table),
        Some("csv") => Some(SinkFormat::Csv {
            delimiter: b',',
            header: true,
            null_text: String::new(),
            timestamp: TimestampFormat::Iso,
        }),
        Some("json" | "jsonl" | "ndjson") => Some(SinkFormat::Json {
            timestamp: TimestampFormat::Iso,
        }),
        Some(_) => None,
    }
}
