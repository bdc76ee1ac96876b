//! Columns, types and the time column of a file used as a table, from its head.
//!
//! Numbers with a fraction become DOUBLE, others BIGINT; a value that fits no other type makes its column
//! VARCHAR. The time column is found by name and, for epoch numbers, by magnitude.

mod csv;
pub mod csv_text;
mod guess;
mod json;

use super::Environment;
use super::options::{FormatName, format_of_path};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::plan::FormatPlan;
use crate::types::Schema;
use std::path::{Path, PathBuf};

/// Bytes of a file's head that inference and header reading look at.
pub const HEAD_BYTES: usize = 64 << 10;

/// What a file's head tells.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// Its columns.
    pub schema: Schema,
    /// How they lie in the records.
    pub format: FormatPlan,
    /// The time column.
    pub time: Option<usize>,
    /// What was chosen and why, for stderr.
    pub reason: String,
}

/// Infers the table in `paths`, of which the first is looked at and the others must have the same header.
///
/// # Errors
/// When the file cannot be read or holds no table.
pub fn infer(
    paths: &[PathBuf],
    span: Span,
    environment: &dyn Environment,
) -> Result<Inferred, SqlError> {
    let fail = |message: String| SqlError::new(SqlErrorKind::Plan, span, message);
    let Some(mut path) = paths.first() else {
        return Err(fail("there is no file to look at".into()));
    };
    refuse_binary(path, span)?;
    let read = |path: &PathBuf| {
        environment
            .head(path, HEAD_BYTES)
            .map_err(|cause| fail(format!("cannot read {}: {cause}", path.display())))
    };
    let mut head = read(path)?;
    // An empty file has no records and tells nothing: the first of the others does.
    for other in &paths[1..] {
        if !is_blank(&head) {
            break;
        }
        path = other;
        head = read(path)?;
    }
    let text = csv_text::without_mark(&head);
    let whole = head.len() < HEAD_BYTES;
    if is_blank(&head) {
        return Err(fail(format!(
            "{} is empty: its columns cannot be inferred",
            path.display()
        ))
        .with_hint("declare it with CREATE TABLE"));
    }
    let name = path.to_string_lossy();
    let is_json = match format_of_path(&name) {
        Some(known) => known == FormatName::Json,
        None => text.trim_ascii_start().starts_with(b"{"),
    };
    if is_json {
        return json::infer(text, whole)
            .map_err(|message| fail(format!("{}: {message}", path.display())));
    }
    let inferred = csv::infer(text, whole)
        .map_err(|message| fail(format!("{}: {message}", path.display())))?;
    let FormatPlan::Csv(format) = &inferred.format else {
        return Ok(inferred);
    };
    let first_line = |text: &[u8]| {
        csv_text::records(csv_text::without_mark(text), format.delimiter, format.quote).next()
    };
    let known = first_line(&head);
    for other in &paths[1..] {
        let head = read(other)?;
        if is_blank(&head) {
            continue;
        }
        let line = first_line(&head);
        let same_width = line.as_ref().map(Vec::len) == known.as_ref().map(Vec::len);
        if (format.header && line != known) || !same_width {
            return Err(fail(format!(
                "{} does not have the header of {}: all files of a table have the same",
                other.display(),
                path.display()
            )));
        }
    }
    Ok(inferred)
}

fn refuse_binary(path: &Path, span: Span) -> Result<(), SqlError> {
    if format_of_path(&path.to_string_lossy()) != Some(FormatName::Binary) {
        return Ok(());
    }
    let message = format!(
        "{} holds binary records, which do not tell their columns",
        path.display()
    );
    let hint = "declare its columns with CREATE TABLE, those of text as CHAR(n)";
    Err(SqlError::new(SqlErrorKind::Plan, span, message).with_hint(hint))
}

/// Whether a file's head holds nothing to read.
fn is_blank(head: &[u8]) -> bool {
    let text = csv_text::without_mark(head);
    text.iter().all(u8::is_ascii_whitespace)
}
