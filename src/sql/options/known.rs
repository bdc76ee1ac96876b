//! Every option that something reads, for the errors about those that nothing does.

use super::{SqlError, same_key};
use crate::error::SqlErrorKind;
use crate::sql::ast::OptionEntry;
use crate::sql::names;

/// Key and what it belongs to.
const KNOWN: &[(&str, &str)] = &[
    ("connector", "every table"),
    ("format", "every table"),
    ("path", "connector file"),
    ("follow", "a file source"),
    ("listen", "connector tcp"),
    ("connect", "connector tcp"),
    ("kind", "connector generator"),
    ("rows", "connector generator"),
    ("seed", "connector generator"),
    ("symbols", "connector generator"),
    ("disorder", "connector generator"),
    ("start", "connector generator"),
    ("rate", "connector generator"),
    ("csv.header", "format csv"),
    ("csv.delimiter", "format csv"),
    ("csv.quote", "a source of format csv"),
    ("csv.null", "format csv"),
    ("timestamp.format", "formats csv, json and binary"),
    ("binary.nulls", "format binary"),
    ("json.path.COLUMN", "a source of format json"),
    ("on.error", "a source"),
    (
        "dead.letter.path",
        "a source with 'on.error' = 'dead_letter'",
    ),
    ("idle.timeout", "a source"),
    ("max.future.skew", "a live source"),
    ("pace", "a bounded source"),
    ("partitioned.by", "a source"),
    ("validate", "a source"),
    ("order", "a sink"),
    ("changelog.mode", "a sink"),
    ("late.retention", "a sink"),
    ("state.ttl", "SET, for the queries behind it"),
];

/// Options of the dialect that this version does not build.
const UNBUILT: &[&str] = &[
    "group",
    "interface",
    "topic",
    "bootstrap.servers",
    "capture",
    "capture.path",
    "overflow",
    "backpressure",
];

/// Refuses keys that no table has, before it is known what the table is used for.
pub fn check(entries: &[OptionEntry]) -> Result<(), SqlError> {
    let unknown = entries.iter().find(|entry| owner(entry).is_none());
    unknown.map_or(Ok(()), |entry| Err(stray(entry, "any table")))
}

fn owner(entry: &OptionEntry) -> Option<&'static str> {
    let means = |key: &str| {
        same_key(key, &entry.key)
            || key
                .strip_suffix("COLUMN")
                .is_some_and(|prefix| entry.key.to_ascii_lowercase().starts_with(prefix))
    };
    let found = KNOWN.iter().find(|(key, _)| means(key));
    found.map(|(_, owner)| *owner)
}

/// The error for an option that nothing read in `what`.
pub fn stray(entry: &OptionEntry, what: &str) -> SqlError {
    let error = |kind, message: String| SqlError::new(kind, entry.key_span, message);
    if UNBUILT.iter().any(|key| same_key(key, &entry.key)) {
        return error(
            SqlErrorKind::Unsupported,
            format!("option '{}' is not built in this version", entry.key),
        );
    }
    if let Some(owner) = owner(entry) {
        return error(
            SqlErrorKind::Bind,
            format!("option '{}' has no effect on {what}", entry.key),
        )
        .with_hint(format!("it belongs to {owner}"));
    }
    let error = error(
        SqlErrorKind::Bind,
        format!("option '{}' is not known", entry.key),
    );
    match names::nearest(&entry.key, KNOWN.iter().map(|(key, _)| *key)) {
        Some(near) => error.with_hint(format!("did you mean '{near}'?")),
        None => error,
    }
}
