//! Values of ARRAY, ROW and MAP as bytes in a text column, and as JSON text.
//!
//! ```text
//! | item | item | ..                  an ARRAY: its elements; a ROW: its parts; no count, so that joining bytes joins ARRAYs
//! | key | value | key | value | ..    a MAP: items in turn, in the order of their keys, see `nested_map`
//! item:  | 0 |                        NULL
//!        | 1 | value |                BOOLEAN 1 byte, 64-bit numbers and DOUBLE 8, wide DECIMAL 16, little-endian;
//!                                     texts, bytes, ARRAY, ROW and MAP: length u32, then their bytes
//! ```
//! Equal values have equal bytes: there is one NaN and one zero. So keys, DISTINCT and = go by the bytes, and a NULL
//! within equals a NULL.

use super::encode::text::{json_specials, write_json_text};
use super::hex;
use crate::batch::{Column, ColumnData};
use crate::civil;
use crate::decimal;
use crate::hash::canonical_f64_bits;
use crate::plan::TimestampFormat;
use crate::types::{DataType, Physical};

/// Appends row `row` of a column as an item.
pub fn push_item(column: &Column, row: usize, out: &mut Vec<u8>) {
    if column.is_null(row) {
        out.push(0);
        return;
    }
    out.push(1);
    match &column.data {
        ColumnData::Bool(values) => out.push(u8::from(values[row])),
        ColumnData::I64(values) => out.extend_from_slice(&values[row].to_le_bytes()),
        ColumnData::I128(values) => out.extend_from_slice(&values[row].to_le_bytes()),
        ColumnData::F64(values) => {
            out.extend_from_slice(&canonical_f64_bits(values[row]).to_le_bytes());
        }
        ColumnData::Text(values) => {
            let bytes = values.get(row);
            let len = u32::try_from(bytes.len()).expect("a value is below 4 GiB");
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(bytes);
        }
    }
}

/// Writes the length of what has been appended behind `at` into the four bytes there; `None` above 4 GiB.
pub fn set_len(out: &mut [u8], at: usize) -> Option<()> {
    let len = u32::try_from(out.len() - at - 4).ok()?;
    out[at..at + 4].copy_from_slice(&len.to_le_bytes());
    Some(())
}

/// Takes the next item, of type `ty`: the bytes of its value, or `None` for NULL.
///
/// # Panics
/// When `rest` holds no item: values are as long as they were written.
pub fn take_item<'a>(ty: DataType, rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&tag, tail) = rest.split_first().expect("an item");
    if tag == 0 {
        *rest = tail;
        return None;
    }
    let (tail, len) = match ty.physical() {
        Physical::Bool => (tail, 1),
        Physical::I64 | Physical::F64 => (tail, 8),
        Physical::I128 => (tail, 16),
        Physical::Text => {
            let (len, tail) = tail.split_first_chunk().expect("a length");
            (tail, u32::from_le_bytes(*len) as usize)
        }
    };
    let (value, tail) = tail.split_at(len);
    *rest = tail;
    Some(value)
}

/// Passes over the next item, of type `ty`, and gives its bytes, its mark among them.
pub fn raw_item<'a>(ty: DataType, rest: &mut &'a [u8]) -> &'a [u8] {
    let before = *rest;
    take_item(ty, rest);
    &before[..before.len() - rest.len()]
}

/// Overwrites row `row` of `out` by an item's value.
///
/// # Panics
/// When the value is not of the column's representation.
pub fn load(value: &[u8], out: &mut ColumnData, row: usize) {
    match out {
        ColumnData::Bool(values) => values[row] = value[0] != 0,
        ColumnData::I64(values) => values[row] = i64::from_le_bytes(sized(value)),
        ColumnData::I128(values) => values[row] = i128::from_le_bytes(sized(value)),
        ColumnData::F64(values) => values[row] = f64::from_le_bytes(sized(value)),
        ColumnData::Text(values) => values.set(row, value),
    }
}

/// Appends an item's value, or NULL, to a column.
///
/// # Panics
/// When the value is not of the column's representation.
pub fn push_value(value: Option<&[u8]>, out: &mut Column) {
    let Some(value) = value else {
        return out.push_null();
    };
    match &mut out.data {
        ColumnData::Bool(values) => values.push(value[0] != 0),
        ColumnData::I64(values) => values.push(i64::from_le_bytes(sized(value))),
        ColumnData::I128(values) => values.push(i128::from_le_bytes(sized(value))),
        ColumnData::F64(values) => values.push(f64::from_le_bytes(sized(value))),
        ColumnData::Text(values) => values.push(value),
    }
    if !out.nulls.is_empty() {
        out.nulls.push(false);
    }
}

/// The bytes of a value held in `N`.
pub(super) fn sized<const N: usize>(value: &[u8]) -> [u8; N] {
    value.try_into().expect("a value of its type's size")
}

/// Appends a value of an ARRAY, ROW or MAP as JSON: times and bytes as strings, numbers with all their digits, what is no
/// number of JSON as null.
///
/// # Panics
/// When `ty` is another type.
pub fn write_json(ty: DataType, value: &[u8], out: &mut Vec<u8>) {
    let mut rest = value;
    match ty {
        DataType::Array(element) => {
            out.push(b'[');
            while !rest.is_empty() {
                write_item(*element, take_item(*element, &mut rest), out);
                if !rest.is_empty() {
                    out.push(b',');
                }
            }
            out.push(b']');
        }
        DataType::Row(fields) => {
            out.push(b'{');
            for (at, field) in fields.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_string(field.name.as_bytes(), out);
                out.push(b':');
                write_item(field.ty, take_item(field.ty, &mut rest), out);
            }
            out.push(b'}');
        }
        DataType::Map(key, item) => {
            out.push(b'{');
            while !rest.is_empty() {
                write_key(*key, take_item(*key, &mut rest), out);
                out.push(b':');
                write_item(*item, take_item(*item, &mut rest), out);
                if !rest.is_empty() {
                    out.push(b',');
                }
            }
            out.push(b'}');
        }
        other => panic!("{other} is not made of others"),
    }
}

/// The name of a member: the text of a MAP's key, in quotes whatever its type.
fn write_key(ty: DataType, key: Option<&[u8]>, out: &mut Vec<u8>) {
    let is_bare = ty.is_numeric() || ty == DataType::Boolean;
    if is_bare {
        out.push(b'"');
    }
    write_item(ty, key, out);
    if is_bare {
        out.push(b'"');
    }
}

fn write_item(ty: DataType, value: Option<&[u8]>, out: &mut Vec<u8>) {
    let Some(value) = value else {
        out.extend_from_slice(b"null");
        return;
    };
    match ty {
        _ if ty.is_nested() => write_json(ty, value, out),
        DataType::Boolean => {
            out.extend_from_slice(if value[0] != 0 { b"true" } else { b"false" });
        }
        DataType::Double | DataType::Real => {
            let number = f64::from_le_bytes(sized(value));
            let mut buffer = zmij::Buffer::new();
            let text = match ty {
                _ if !number.is_finite() => "null",
                DataType::Real => buffer.format_finite(number as f32),
                _ => buffer.format_finite(number),
            };
            out.extend_from_slice(text.as_bytes());
        }
        DataType::Int | DataType::BigInt | DataType::Decimal { .. } => {
            let number = match ty.physical() {
                Physical::I128 => i128::from_le_bytes(sized(value)),
                _ => i64::from_le_bytes(sized(value)).into(),
            };
            decimal::write(number, ty.scale(), out);
        }
        DataType::Varchar => write_string(value, out),
        _ => {
            out.push(b'"');
            write_quoted(ty, value, out);
            out.push(b'"');
        }
    }
}

/// The text of a value that JSON has no type for.
fn write_quoted(ty: DataType, value: &[u8], out: &mut Vec<u8>) {
    if ty == DataType::Varbinary {
        return hex::write(value, out);
    }
    let number = i64::from_le_bytes(sized(value));
    match ty {
        DataType::Date => civil::write_date(number, out),
        DataType::Time => civil::write_time(number, out),
        DataType::TimestampLtz(zone) => {
            civil::write_instant(number, &TimestampFormat::Iso, zone, out);
        }
        DataType::Interval => {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            out.extend_from_slice(b"ns");
        }
        _ => civil::write_timestamp(number, &TimestampFormat::Iso, out),
    }
}

fn write_string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    write_json_text(text, &json_specials(), out);
    out.push(b'"');
}
