//! Casts to and from VARCHAR.
//!
//! Spaces around a text are trimmed before it is read. Integers are read without a fraction, DECIMALs round half up,
//! BOOLEAN is `true t yes y 1` or `false f no n 0` in any case. Times are ISO 8601, INTERVALs `1 day 2h 30ms`. VARBINARY is the text's UTF-8.
//! ARRAY, ROW and MAP are JSON, their parts read as the fields of records are.

use super::kernel::{Faults, Operand, Texts, data_of, try_rows};
use crate::batch::{Column, ColumnData, Rows};
use crate::civil;
use crate::decimal;
use crate::error::Reason;
use crate::format::{nested, nested_read};
use crate::plan::TimestampFormat;
use crate::time::NS_PER_DAY;
use crate::types::DataType;

/// Appends a DOUBLE as the shortest text that reads back as it.
fn write_double(value: f64, out: &mut Vec<u8>) {
    let text = match value {
        _ if value.is_nan() => "NaN",
        f64::INFINITY => "inf",
        f64::NEG_INFINITY => "-inf",
        _ => {
            let mut buffer = zmij::Buffer::new();
            out.extend_from_slice(buffer.format_finite(value).as_bytes());
            return;
        }
    };
    out.extend_from_slice(text.as_bytes());
}

/// Appends a REAL as the shortest text that reads back as it.
fn write_real(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        let mut buffer = zmij::Buffer::new();
        out.extend_from_slice(buffer.format_finite(value as f32).as_bytes());
    } else {
        write_double(value, out);
    }
}

/// Writes every value of `input`, of type `from`, into `out`, whose NULLs are those of the input.
pub(super) fn to_text(
    from: DataType,
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    buffer: &mut Vec<u8>,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    let texts = data_of!(out.data, Text);
    let nulls = &mut out.nulls;
    try_rows(rows, len, nulls, faults, |row| {
        buffer.clear();
        write(from, input, row, buffer);
        texts.set(row, buffer);
        Ok(())
    });
}

fn write(from: DataType, input: Operand<'_>, row: usize, out: &mut Vec<u8>) {
    let mut digits = itoa::Buffer::new();
    match (from, &input.column.data) {
        (DataType::Boolean, _) => {
            let text = if input.bools().at(row) {
                "true"
            } else {
                "false"
            };
            out.extend_from_slice(text.as_bytes());
        }
        (DataType::Double, _) => write_double(input.f64s().at(row), out),
        (ty, _) if ty.is_nested() => nested::write_json(ty, input.texts().get(row), out),
        (DataType::Real, _) => write_real(input.f64s().at(row), out),
        (DataType::Time, _) => civil::write_time(input.i64s().at(row), out),
        (DataType::TimestampLtz(zone), _) => {
            civil::write_instant(input.i64s().at(row), &TimestampFormat::Iso, zone, out);
        }
        (DataType::Date, _) => civil::write_date(input.i64s().at(row), out),
        (DataType::Timestamp, _) => {
            civil::write_timestamp(input.i64s().at(row), &TimestampFormat::Iso, out);
        }
        (DataType::Interval, _) => {
            out.extend_from_slice(digits.format(input.i64s().at(row)).as_bytes());
            out.extend_from_slice(b"ns");
        }
        (_, ColumnData::I64(_)) => {
            decimal::write(i128::from(input.i64s().at(row)), from.scale(), out);
        }
        _ => decimal::write(input.i128s().at(row), from.scale(), out),
    }
}

/// Reads every text of `input` into `out`, a column of type `to` whose NULLs are those of the input.
pub(super) fn from_text(
    to: DataType,
    input: Texts<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    let nulls = &mut out.nulls;
    let text = |row| input.get(row).trim_ascii();
    match (&mut out.data, to) {
        (ColumnData::Bool(values), _) => try_rows(rows, len, nulls, faults, |row| {
            values[row] = read_bool(text(row)).ok_or(Reason::Cast)?;
            Ok(())
        }),
        (ColumnData::F64(values), DataType::Real) => try_rows(rows, len, nulls, faults, |row| {
            let real: f32 = fast_float2::parse(text(row)).map_err(|_| Reason::Cast)?;
            values[row] = real.into();
            Ok(())
        }),
        (ColumnData::F64(values), _) => try_rows(rows, len, nulls, faults, |row| {
            values[row] = fast_float2::parse(text(row)).map_err(|_| Reason::Cast)?;
            Ok(())
        }),
        (ColumnData::I64(values), _) => try_rows(rows, len, nulls, faults, |row| {
            values[row] = read_i64(to, text(row)).ok_or(Reason::Cast)?;
            Ok(())
        }),
        (ColumnData::I128(values), DataType::Decimal { precision, scale }) => {
            try_rows(rows, len, nulls, faults, |row| {
                values[row] = decimal::parse_rounded(text(row), precision, scale)
                    .map_err(|_| Reason::Cast)?;
                Ok(())
            });
        }
        (ColumnData::Text(values), to) => try_rows(rows, len, nulls, faults, |row| {
            let read = |out: &mut Vec<u8>| {
                nested_read::read_json(to, &TimestampFormat::Iso, text(row), out)
            };
            values.set_from(row, read).map_err(|_| Reason::Cast)
        }),
        (_, to) => unreachable!("VARCHAR is cast to {to} as a text"),
    }
}

/// Takes the bytes of `input` that are UTF-8 into `out`, a VARCHAR column whose NULLs are those of the input.
pub(super) fn from_bytes(
    input: Texts<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    let texts = data_of!(out.data, Text);
    try_rows(rows, len, &mut out.nulls, faults, |row| {
        let text = std::str::from_utf8(input.get(row)).map_err(|_| Reason::Cast)?;
        texts.set(row, text.as_bytes());
        Ok(())
    });
}

fn read_bool(text: &[u8]) -> Option<bool> {
    let is_one_of = |words: [&str; 5]| {
        words
            .iter()
            .any(|w| text.eq_ignore_ascii_case(w.as_bytes()))
    };
    if is_one_of(["true", "t", "yes", "y", "1"]) {
        Some(true)
    } else if is_one_of(["false", "f", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

fn read_i64(to: DataType, text: &[u8]) -> Option<i64> {
    match to {
        DataType::Int => read_integer(text).filter(|&value| i32::try_from(value).is_ok()),
        DataType::BigInt => read_integer(text),
        DataType::Decimal { precision, scale } => decimal::parse_rounded(text, precision, scale)
            .ok()
            .map(|value| value as i64),
        DataType::Date => civil::parse_date(text).ok().or_else(|| {
            let ns = civil::parse_timestamp(text, &TimestampFormat::Iso).ok()?;
            Some(ns.div_euclid(NS_PER_DAY))
        }),
        DataType::Timestamp => civil::parse_timestamp(text, &TimestampFormat::Iso)
            .ok()
            .or_else(|| civil::parse_date(text).ok()?.checked_mul(NS_PER_DAY)),
        DataType::TimestampLtz(zone) => {
            civil::parse_instant(text, &TimestampFormat::Iso, zone).ok()
        }
        DataType::Time => civil::parse_time(text).ok().or_else(|| {
            let ns = civil::parse_timestamp(text, &TimestampFormat::Iso).ok()?;
            Some(ns.rem_euclid(NS_PER_DAY))
        }),
        DataType::Interval => civil::parse_interval(text),
        _ => unreachable!("the compiler admits no cast of VARCHAR to {to}"),
    }
}

/// A sign and digits.
fn read_integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Downwards, because i64::MIN has no positive twin.
        value = value.checked_mul(10)?.checked_sub(i64::from(digit))?;
    }
    if negative {
        Some(value)
    } else {
        value.checked_neg()
    }
}
