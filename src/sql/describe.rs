//! DESCRIBE and SHOW: text in aligned columns.

use super::ast::{ColumnDef, ColumnKind, CreateTable};
use super::bind::column_type;
use super::options::{FormatName, Options, binary_format, format_name};
use crate::error::{SqlError, SqlErrorKind};
use crate::expr::catalogue;
use crate::plan::BinaryFormat;
use crate::types::{Field, Schema, ZoneId};

/// Rows under a heading, columns padded to the same width.
pub fn aligned(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|text| text.chars().count()).collect();
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut out = String::new();
        for (text, width) in cells.zip(&widths) {
            out.push_str(text);
            out.extend(std::iter::repeat_n(' ', width - text.chars().count() + 2));
        }
        out.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut heading.iter().copied())];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines.join("\n")
}

/// Columns by name and type, the one at `time` being the event time.
pub fn schema(schema: &Schema, time: Option<usize>) -> Vec<Vec<String>> {
    let fields = schema.fields.iter().enumerate();
    fields
        .map(|(at, field)| {
            let note = if time == Some(at) { "event time" } else { "" };
            vec![field.name.clone(), field.ty.to_string(), note.into()]
        })
        .collect()
}

/// DESCRIBE of a declared table; `found` are the columns of one that declares none but computed ones.
///
/// # Errors
/// When a column's type is not known, or its width in a binary record.
pub fn table(table: &CreateTable, found: Vec<Vec<String>>) -> Result<String, SqlError> {
    let mut rows = found;
    let layout = layout(table)?;
    let mut physical = 0;
    for column in &table.columns {
        let ty = match &column.kind {
            ColumnKind::Physical(ty) => column_type(ty, ZoneId::UTC)
                .map_err(|(_, message)| {
                    SqlError::new(SqlErrorKind::Bind, column.name.span, message)
                })?
                .to_string(),
            ColumnKind::Computed(expr) if super::bind::is_small(expr, 64) => format!("AS {expr}"),
            ColumnKind::Computed(_) => "computed".into(),
        };
        let mut notes = Vec::new();
        if let (Some(layout), ColumnKind::Physical(_)) = (&layout, &column.kind) {
            let offset = layout.offset(physical);
            let last = offset + layout.widths[physical] as usize - 1;
            notes.push(format!("bytes {offset}..{last}"));
            physical += 1;
        }
        if column.not_null {
            notes.push("not null".to_owned());
        }
        let same = |name: &super::ast::Name| super::names::means(name, &column.name.text);
        if table.primary_key.iter().any(same) {
            notes.push("primary key".to_owned());
        }
        if table
            .watermark
            .as_ref()
            .is_some_and(|mark| same(&mark.column))
        {
            notes.push("event time".to_owned());
        }
        rows.push(vec![column.name.text.clone(), ty, notes.join(", ")]);
    }
    let mut out = columns(&rows);
    if let Some(watermark) = &table.watermark {
        out.push_str(&format!(
            "\nwatermark: {} behind {}",
            super::explain::length(watermark.delay_ns),
            watermark.column.text
        ));
    }
    if let Some(layout) = &layout {
        out.push_str(&format!(
            "\nrecord: {} bytes, little-endian, {} for NULLs",
            layout.record_bytes(),
            match layout.bitmap_bytes() {
                0 => "no room".to_owned(),
                bytes => format!("{bytes} at the front"),
            }
        ));
    }
    for entry in &table.options {
        out.push_str(&format!("\n'{}' = '{}'", entry.key, entry.value));
    }
    Ok(out)
}

/// Rows of columns under their heading.
pub fn columns(rows: &[Vec<String>]) -> String {
    aligned(&["column", "type", "notes"], rows)
}

/// The records of a table of format binary that declares its columns.
fn layout(table: &CreateTable) -> Result<Option<BinaryFormat>, SqlError> {
    let options = Options::new(&table.options, table.name.span)?;
    let path = options.text("path");
    // A format that is not built is refused where the table is used.
    let Ok(Some(FormatName::Binary)) = format_name(&options, path) else {
        return Ok(None);
    };
    let mut schema = Schema::default();
    let mut physical: Vec<&ColumnDef> = Vec::new();
    for column in &table.columns {
        let ColumnKind::Physical(ty) = &column.kind else {
            continue;
        };
        let ty = column_type(ty, ZoneId::UTC)
            .map_err(|(_, message)| SqlError::new(SqlErrorKind::Bind, column.name.span, message))?;
        schema.fields.push(Field {
            name: column.name.text.clone(),
            ty,
            nullable: !column.not_null,
        });
        physical.push(column);
    }
    if physical.is_empty() {
        return Ok(None);
    }
    binary_format(&options, &schema, &physical).map(Some)
}

/// SHOW FUNCTIONS.
pub fn functions() -> String {
    let kinds = ["aggregate", "window", "scalar"];
    let kind = |function: &catalogue::FunctionInfo| match function.kind {
        catalogue::FunctionKind::Aggregate(_) => 0,
        catalogue::FunctionKind::Window(_) => 1,
        _ => 2,
    };
    let mut functions: Vec<_> = catalogue::FUNCTIONS.iter().collect();
    functions.sort_by_key(|function| kind(function));
    let rows: Vec<Vec<String>> = functions
        .iter()
        .map(|function| {
            vec![
                function.names.join(", "),
                kinds[kind(function)].to_owned(),
                function.call.to_owned(),
                function.about.to_owned(),
            ]
        })
        .collect();
    aligned(&["name", "kind", "call", "about"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = vec![
            vec!["a".into(), "long".into()],
            vec!["bcd".into(), String::new()],
        ];
        assert_eq!(aligned(&["x", "y"], &rows), "x    y\na    long\nbcd");
    }

    #[test]
    fn every_function_is_listed() {
        let text = functions();
        assert_eq!(text.lines().count(), catalogue::FUNCTIONS.len() + 1);
        assert!(text.contains("VWAP(price, size)"));
    }
}
