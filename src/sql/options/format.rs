//! Format options of sources: CSV fields against the header, JSON paths, timestamps.

use super::{Options, invalid};
use crate::error::{SqlError, SqlErrorKind};
use crate::plan::{CsvFormat, FormatPlan, JsonFormat, TimestampFormat};
use crate::sql::Environment;
use crate::sql::infer::{HEAD_BYTES, csv_text};
use crate::sql::names;
use crate::types::Schema;
use std::path::PathBuf;

/// Formats by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatName {
    /// `csv`.
    Csv,
    /// `json`.
    Json,
    /// `table`: stdout only.
    Table,
    /// `binary`: fixed-width records.
    Binary,
}

const UNBUILT: &[&str] = &[
    "avro", "protobuf", "parquet", "arrow", "fix", "raw", "dbn", "pcap", "itch", "msgpack",
];

/// The format asked for, or the one that the path's ending tells.
pub fn format_name(
    options: &Options<'_>,
    path: Option<&str>,
) -> Result<Option<FormatName>, SqlError> {
    let Some(entry) = options.take("format") else {
        return Ok(path.and_then(format_of_path));
    };
    let names = [
        ("csv", FormatName::Csv),
        ("json", FormatName::Json),
        ("table", FormatName::Table),
        ("binary", FormatName::Binary),
    ];
    let aliases = [("jsonl", FormatName::Json), ("ndjson", FormatName::Json)];
    let value = entry.value.to_ascii_lowercase();
    if let Some((_, name)) = names
        .iter()
        .chain(&aliases)
        .find(|(name, _)| *name == value)
    {
        return Ok(Some(*name));
    }
    if UNBUILT.contains(&&value[..]) {
        return Err(SqlError::new(
            SqlErrorKind::Unsupported,
            entry.value_span,
            format!("format {value} is not built in this version"),
        )
        .with_hint("formats are csv, json and binary"));
    }
    let error = invalid(entry, format!("format '{}' is not known", entry.value));
    let known = ["csv", "json", "table", "binary"];
    Err(match names::hint(&value, &known) {
        Some(hint) => error.with_hint(hint),
        None => error,
    })
}

/// The format that a file's name tells, compression endings left out.
pub fn format_of_path(path: &str) -> Option<FormatName> {
    let lower = path.to_ascii_lowercase();
    let plain = [".gz", ".zst"]
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))
        .unwrap_or(&lower);
    match plain.rsplit_once('.')?.1 {
        "csv" | "tsv" | "txt" => Some(FormatName::Csv),
        "json" | "jsonl" | "ndjson" => Some(FormatName::Json),
        "bin" => Some(FormatName::Binary),
        _ => None,
    }
}

/// `'timestamp.format'`.
pub fn timestamp_format(options: &Options<'_>) -> Result<Option<TimestampFormat>, SqlError> {
    let Some(entry) = options.take("timestamp.format") else {
        return Ok(None);
    };
    Ok(Some(match entry.value.to_ascii_lowercase().as_str() {
        "iso" | "iso8601" | "iso-8601" => TimestampFormat::Iso,
        "s" => TimestampFormat::Seconds,
        "ms" => TimestampFormat::Millis,
        "us" => TimestampFormat::Micros,
        "ns" => TimestampFormat::Nanos,
        _ if entry.value.contains('%') => TimestampFormat::Strftime(entry.value.clone()),
        _ => {
            return Err(invalid(
                entry,
                format!(
                    "'timestamp.format' takes iso, s, ms, us, ns or a pattern with %, not '{}'",
                    entry.value
                ),
            ));
        }
    }))
}

/// CSV options of a source, its fields resolved against the header of every file.
pub fn csv_source(
    options: &Options<'_>,
    schema: &Schema,
    paths: &[PathBuf],
    environment: &dyn Environment,
) -> Result<FormatPlan, SqlError> {
    let delimiter_entry = options.take("csv.delimiter");
    let delimiter = options.byte("csv.delimiter")?.unwrap_or(b',');
    let quote = options.byte("csv.quote")?.unwrap_or(b'"');
    if let Some(entry) = delimiter_entry
        && delimiter == quote
    {
        return Err(invalid(entry, "delimiter and quote are the same character"));
    }
    let header = options.bool("csv.header")?.unwrap_or(false);
    let null_text = options.text("csv.null").map(str::to_owned);
    let timestamp = timestamp_format(options)?.unwrap_or_default();
    let (fields, field_count) = if header && !paths.is_empty() {
        let names = header_of_all(options, paths, (delimiter, quote), environment)?;
        (fields_by_name(options, schema, &names)?, names.len())
    } else {
        (
            (0..schema.fields.len() as u16).collect(),
            schema.fields.len(),
        )
    };
    Ok(FormatPlan::Csv(CsvFormat {
        delimiter,
        quote,
        header,
        null_text,
        fields,
        field_count: field_count as u16,
        timestamp,
    }))
}

fn header_of_all(
    options: &Options<'_>,
    paths: &[PathBuf],
    (delimiter, quote): (u8, u8),
    environment: &dyn Environment,
) -> Result<Vec<String>, SqlError> {
    let fail = |message: String| SqlError::new(SqlErrorKind::Plan, options.span, message);
    let mut first: Option<(&PathBuf, Vec<String>)> = None;
    for path in paths {
        let head = environment
            .head(path, HEAD_BYTES)
            .map_err(|cause| fail(format!("cannot read {}: {cause}", path.display())))?;
        let record = csv_text::records(csv_text::without_mark(&head), delimiter, quote).next();
        // An empty file has no records either.
        let Some(record) = record else { continue };
        let names: Vec<String> = record.into_iter().map(|field| field.text).collect();
        match &first {
            None => first = Some((path, names)),
            Some((_, known)) if *known == names => {}
            Some((of, known)) => {
                return Err(fail(format!(
                    "{} has the header {}, {} has {}: all files of a table have the same",
                    path.display(),
                    names.join(","),
                    of.display(),
                    known.join(",")
                )));
            }
        }
    }
    let Some((_, names)) = first else {
        let what = format!("{} is empty: it has no header", paths[0].display());
        return Err(fail(what).with_hint("leave out 'csv.header' or give the file one"));
    };
    if names.len() > crate::limits::COLUMNS_MAX {
        return Err(fail(format!(
            "the header has {} columns, at most {} are read",
            names.len(),
            crate::limits::COLUMNS_MAX
        )));
    }
    Ok(names)
}

fn fields_by_name(
    options: &Options<'_>,
    schema: &Schema,
    header: &[String],
) -> Result<Vec<u16>, SqlError> {
    let known: Vec<&str> = header.iter().map(|name| name.trim()).collect();
    let mut fields = Vec::with_capacity(schema.fields.len());
    for field in &schema.fields {
        let at = known
            .iter()
            .position(|name| *name == field.name)
            .or_else(|| {
                known
                    .iter()
                    .position(|name| name.eq_ignore_ascii_case(&field.name))
            });
        let Some(at) = at else {
            let error = SqlError::new(
                SqlErrorKind::Plan,
                options.span,
                format!("the header has no column {}", field.name),
            );
            return Err(match names::hint(&field.name, &known) {
                Some(hint) => error.with_hint(hint),
                None => error.with_hint(format!("the header is {}", known.join(","))),
            });
        };
        fields.push(at as u16);
    }
    Ok(fields)
}

/// JSON options of a source.
pub fn json_source(options: &Options<'_>, schema: &Schema) -> Result<FormatPlan, SqlError> {
    let timestamp = timestamp_format(options)?.unwrap_or_default();
    let mut paths: Vec<Vec<String>> = schema
        .fields
        .iter()
        .map(|field| vec![field.name.clone()])
        .collect();
    for (column, entry) in options.take_prefixed("json.path.") {
        let Some(at) = schema.position(column) else {
            let known: Vec<&str> = schema.fields.iter().map(|field| &field.name[..]).collect();
            let error = SqlError::new(
                SqlErrorKind::Bind,
                entry.key_span,
                format!("'json.path.' names no physical column: {column}"),
            );
            return Err(match names::hint(column, &known) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        };
        let text = entry.value.strip_prefix("$.").unwrap_or(&entry.value);
        let path: Vec<String> = text.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(invalid(
                entry,
                "a path is member names with dots between: data.p",
            ));
        }
        paths[at] = path;
    }
    Ok(FormatPlan::Json(JsonFormat { paths, timestamp }))
}
