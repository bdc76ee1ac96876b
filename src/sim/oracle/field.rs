//! The text of a field as a value of its column's type.

use super::calendar::{read_date, read_time, read_timestamp};
use super::nested;
use super::number::{Beyond, read_decimal};
use super::times::read_in;
use crate::error::Reason;
use crate::plan::TimestampFormat;
use crate::types::{DataType, Value};

/// Reads `text`, which is not NULL, as `ty`.
pub fn read(ty: DataType, timestamp: &TimestampFormat, text: &[u8]) -> Result<Value, Reason> {
    match ty {
        DataType::Boolean => read_boolean(text).map(Value::Bool),
        DataType::Int | DataType::BigInt => read_integer(ty, text).map(Value::I64),
        DataType::Double => read_double(text).map(Value::F64),
        DataType::Decimal { precision, scale } => {
            let value = read_decimal(text, (precision, scale), Beyond::Refuse)?;
            Ok(exact_value(ty, value))
        }
        DataType::Varchar => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(Reason::Utf8),
        },
        DataType::Date => read_date(text).map(Value::I64).ok_or(Reason::Date),
        DataType::Timestamp => read_timestamp(text, timestamp)
            .map(Value::I64)
            .ok_or(Reason::Timestamp),
        DataType::TimestampLtz(zone) => read_in(text, timestamp, zone)
            .map(Value::I64)
            .ok_or(Reason::Timestamp),
        DataType::Time => read_time(text).map(Value::I64).ok_or(Reason::Time),
        DataType::Real => read_real(text).map(|value| Value::F64(value.into())),
        DataType::Varbinary => read_bytes(text).ok_or(Reason::Bytes),
        DataType::Array(_) | DataType::Row(_) | DataType::Map(..) => {
            nested::read(text, ty, timestamp)
        }
        DataType::Interval => Err(Reason::Cast),
    }
}

/// An exact number as columns of `ty` hold it; it fits.
pub fn exact_value(ty: DataType, value: i128) -> Value {
    match ty.physical() {
        crate::types::Physical::I128 => Value::I128(value),
        _ => Value::I64(i64::try_from(value).expect("the caller has checked the range")),
    }
}

fn read_boolean(text: &[u8]) -> Result<bool, Reason> {
    match text.to_ascii_lowercase().as_slice() {
        b"true" | b"t" | b"1" => Ok(true),
        b"false" | b"f" | b"0" => Ok(false),
        _ => Err(Reason::Boolean),
    }
}

/// Reads a sign and digits in the range of `ty`, INT or BIGINT.
pub fn read_integer(ty: DataType, text: &[u8]) -> Result<i64, Reason> {
    let digits = text.strip_prefix(b"-").or(text.strip_prefix(b"+"));
    let digits = digits.unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Reason::Number);
    }
    let text = std::str::from_utf8(text).expect("a sign and digits");
    let value: i64 = text.parse().map_err(|_| Reason::Range)?;
    if ty == DataType::Int && i32::try_from(value).is_err() {
        return Err(Reason::Range);
    }
    Ok(value)
}

fn read_real(text: &[u8]) -> Result<f32, Reason> {
    let text = std::str::from_utf8(text).map_err(|_| Reason::Number)?;
    let value: f32 = text.parse().map_err(|_| Reason::Number)?;
    if value.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        return Err(Reason::Range);
    }
    Ok(value)
}

/// Reads `0x` and two hexadecimal digits a byte.
fn read_bytes(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
    let digits: Vec<u32> = text
        .strip_prefix("0x")?
        .chars()
        .map(|digit| digit.to_digit(16))
        .collect::<Option<_>>()?;
    if digits.len() % 2 == 1 {
        return None;
    }
    let bytes = digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8);
    Some(Value::of_bytes(&bytes.collect::<Vec<_>>()))
}

fn read_double(text: &[u8]) -> Result<f64, Reason> {
    let text = std::str::from_utf8(text).map_err(|_| Reason::Number)?;
    let value: f64 = text.parse().map_err(|_| Reason::Number)?;
    if value.is_infinite() && text.contains(|c: char| c.is_ascii_digit()) {
        return Err(Reason::Range);
    }
    Ok(value)
}
