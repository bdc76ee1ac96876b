//! Options of fixed-width records, and the width of every column: from its type, or from the length of
//! CHAR(n) and VARCHAR(n), which nothing else asks for.

use super::{Options, invalid};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::{BinaryFormat, TimestampUnit};
use crate::sql::ast::{ColumnDef, ColumnKind};
use crate::types::{DataType, Schema};
use sqlparser::ast::{BinaryLength, CharLengthUnits, CharacterLength, DataType as SqlType};

/// Reads the options of a table whose physical columns are `schema`, declared as `declared` (none of them, when
/// the schema is a query's own).
///
/// # Errors
/// When an option is wrong, or a column's width is not known.
pub fn binary_format(
    options: &Options<'_>,
    schema: &Schema,
    declared: &[&ColumnDef],
) -> Result<BinaryFormat, SqlError> {
    let null_bitmap = options
        .one_of("binary.nulls", &[("none", false), ("bitmap", true)])?
        .unwrap_or(false);
    let timestamp = unit(options)?;
    let mut widths = Vec::with_capacity(schema.fields.len());
    for (at, field) in schema.fields.iter().enumerate() {
        let column = declared.get(at);
        let span = column.map_or(options.span, |column| column.name.span);
        let width = match (BinaryFormat::width_of(field.ty), column) {
            (Some(width), _) => width,
            (None, Some(column)) if matches!(field.ty, DataType::Varchar | DataType::Varbinary) => {
                text_bytes(column)?
            }
            (None, _) => return Err(unknown_width(&field.name, field.ty, span)),
        };
        widths.push(width);
    }
    let format = BinaryFormat {
        widths,
        null_bitmap,
        timestamp,
    };
    let bytes = format.record_bytes();
    if bytes == 0 || bytes > RECORD_BYTES_MAX {
        return Err(SqlError::new(
            SqlErrorKind::Plan,
            options.span,
            format!("a binary record has 1 to {RECORD_BYTES_MAX} bytes, not {bytes}"),
        )
        .with_hint("shorten its texts: n of CHAR(n) is their bytes, used or not"));
    }
    Ok(format)
}

fn unit(options: &Options<'_>) -> Result<TimestampUnit, SqlError> {
    let Some(entry) = options.take("timestamp.format") else {
        return Ok(TimestampUnit::Nanos);
    };
    match entry.value.to_ascii_lowercase().as_str() {
        "s" => Ok(TimestampUnit::Seconds),
        "ms" => Ok(TimestampUnit::Millis),
        "us" => Ok(TimestampUnit::Micros),
        "ns" => Ok(TimestampUnit::Nanos),
        _ => Err(invalid(
            entry,
            format!(
                "'timestamp.format' of binary records takes s, ms, us or ns, not '{}'",
                entry.value
            ),
        )
        .with_hint("a TIMESTAMP is a number of 8 bytes there")),
    }
}

fn unknown_width(name: &str, ty: DataType, span: Span) -> SqlError {
    let hint = if ty == DataType::Varbinary {
        format!("declare the table's columns, {name} as BINARY(n): n bytes")
    } else if ty == DataType::Varchar {
        format!("declare the table's columns, {name} as CHAR(n) or VARCHAR(n)")
    } else {
        "cast it to VARCHAR and declare the table's columns".to_owned()
    };
    SqlError::new(
        SqlErrorKind::Plan,
        span,
        format!("column {name} is {ty}, which has no width in a binary record"),
    )
    .with_hint(hint)
}

/// The bytes of a text column: n of CHAR(n) and VARCHAR(n); CHAR alone is CHAR(1). Those of a column of bytes: n of
/// BINARY(n) and VARBINARY(n).
fn text_bytes(column: &ColumnDef) -> Result<u32, SqlError> {
    use SqlType as T;
    let name = &column.name.text;
    let error = |message: String| SqlError::new(SqlErrorKind::Plan, column.name.span, message);
    let ColumnKind::Physical(ty) = &column.kind else {
        return Err(error(format!("column {name} is computed")));
    };
    let length = match ty {
        T::Binary(Some(bytes))
        | T::Varbinary(Some(BinaryLength::IntegerLength { length: bytes })) => {
            return checked_bytes(*bytes, name, column);
        }
        T::Char(None) | T::Character(None) => return Ok(1),
        T::Char(length)
        | T::Character(length)
        | T::Varchar(length)
        | T::Nvarchar(length)
        | T::CharVarying(length)
        | T::CharacterVarying(length) => length,
        _ => &None,
    };
    let Some(CharacterLength::IntegerLength { length, unit }) = length else {
        return Err(error(format!(
            "column {name} of a binary record needs a length, and {ty} has none"
        ))
        .with_hint(match ty {
            T::Binary(_) | T::Varbinary(_) | T::Bytes(_) | T::Bytea => {
                format!("write {name} BINARY(n): n bytes")
            }
            _ => format!("write {name} CHAR(n): n bytes of UTF-8"),
        }));
    };
    if *unit == Some(CharLengthUnits::Characters) {
        return Err(error(format!(
            "the length of column {name} counts bytes in a binary record, not characters"
        ))
        .with_hint(format!("write {name} CHAR({length})")));
    }
    checked_bytes(*length, name, column)
}

fn checked_bytes(length: u64, name: &str, column: &ColumnDef) -> Result<u32, SqlError> {
    match u32::try_from(length) {
        Ok(bytes) if (1..=RECORD_BYTES_MAX as u32).contains(&bytes) => Ok(bytes),
        _ => {
            let message = format!(
                "column {name} of a binary record has 1 to {RECORD_BYTES_MAX} bytes, not {length}"
            );
            let error = SqlError::new(SqlErrorKind::Plan, column.name.span, message);
            Err(error.with_hint(format!("write {name} CHAR(n): n bytes of every record")))
        }
    }
}
