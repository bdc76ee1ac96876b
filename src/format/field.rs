//! The text of one field to a typed value; CSV and JSON share it.
//!
//! VARBINARY is `0x` and two hexadecimal digits a byte.
//!
//! The callers have dealt with NULL, quotes and escapes: what comes here is the value's own text.

use crate::batch::{Column, ColumnData};
use crate::civil::{self, digits};
use crate::decimal;
use crate::error::Reason;
use crate::format::hex;
use crate::format::nested_read::read_json;
use crate::hash;
use crate::plan::TimestampFormat;
use crate::types::{DataType, Physical};

/// Reads `text` as `ty` into row `row` of `column`, which exists. The row's NULL mark stays as it is.
///
/// # Errors
/// Why the text is no value of the type; the row then holds what it held.
///
/// # Panics
/// When the column's representation is not the type's, or it has no such row.
pub fn write(
    ty: DataType,
    timestamp: &TimestampFormat,
    text: &[u8],
    column: &mut Column,
    row: usize,
) -> Result<(), Reason> {
    match &mut column.data {
        ColumnData::Bool(values) => values[row] = parse_boolean(text)?,
        ColumnData::I64(values) => values[row] = parse_i64(ty, timestamp, text)?,
        ColumnData::I128(values) => values[row] = parse_i128(ty, text)?,
        ColumnData::F64(values) => values[row] = parse_float(ty, text)?,
        ColumnData::Text(values) if ty == DataType::Varbinary => {
            let digits = hex::digits(text).ok_or(Reason::Bytes)?;
            values.set_from(row, |bytes| hex::append(digits, bytes).ok_or(Reason::Bytes))?;
        }
        ColumnData::Text(values) if ty.is_nested() => {
            values.set_from(row, |bytes| read_json(ty, timestamp, text, bytes))?;
        }
        ColumnData::Text(values) => {
            check_utf8(text)?;
            values.set(row, text);
        }
    }
    Ok(())
}

/// The key hash of `text` read as `ty`: what `hash.rs` says of the value.
///
/// # Errors
/// Why the text is no value of the type.
pub fn hash(
    ty: DataType,
    timestamp: &TimestampFormat,
    text: &[u8],
    seed: u64,
) -> Result<u64, Reason> {
    Ok(match ty.physical() {
        Physical::Bool => hash::hash_i64(seed, i64::from(parse_boolean(text)?)),
        Physical::I64 => hash::hash_i64(seed, parse_i64(ty, timestamp, text)?),
        Physical::I128 => hash::hash_i128(seed, parse_i128(ty, text)?),
        Physical::F64 => hash::hash_f64(seed, parse_float(ty, text)?),
        Physical::Text if ty == DataType::Varbinary => {
            let digits = hex::digits(text).ok_or(Reason::Bytes)?;
            hex::with_decoded(digits, |bytes| hash::hash_text(seed, bytes)).ok_or(Reason::Bytes)?
        }
        Physical::Text if ty.is_nested() => {
            let mut bytes = Vec::new();
            read_json(ty, timestamp, text, &mut bytes)?;
            hash::hash_text(seed, &bytes)
        }
        Physical::Text => {
            check_utf8(text)?;
            hash::hash_text(seed, text)
        }
    })
}

/// Reads a value held in 64 bits.
///
/// # Errors
/// The type's own reasons. INTERVAL has no text form in records: it is always `Reason::Cast`.
///
/// # Panics
/// When the type is not held in 64 bits.
#[inline]
pub fn parse_i64(ty: DataType, timestamp: &TimestampFormat, text: &[u8]) -> Result<i64, Reason> {
    match ty {
        DataType::Int => parse_int(text),
        DataType::BigInt => parse_bigint(text),
        DataType::Decimal { precision, scale } => decimal::parse_i64(text, precision, scale),
        DataType::Date => civil::parse_date(text),
        DataType::Timestamp => civil::parse_timestamp(text, timestamp),
        DataType::TimestampLtz(zone) => civil::parse_instant(text, timestamp, zone),
        DataType::Time => civil::parse_time(text),
        DataType::Interval => Err(Reason::Cast),
        DataType::Boolean
        | DataType::Double
        | DataType::Real
        | DataType::Varchar
        | DataType::Varbinary
        | DataType::Array(_)
        | DataType::Row(_)
        | DataType::Map(..) => {
            panic!("{ty} is not held in 64-bit integers")
        }
    }
}

/// Reads a wide DECIMAL.
///
/// # Errors
/// Those of `decimal::parse_i128`.
///
/// # Panics
/// When the type is no DECIMAL.
pub fn parse_i128(ty: DataType, text: &[u8]) -> Result<i128, Reason> {
    match ty {
        DataType::Decimal { precision, scale } => decimal::parse_i128(text, precision, scale),
        _ => panic!("{ty} is not held in 128-bit integers"),
    }
}

/// Reads true, false, t, f, 1 or 0, in any case.
///
/// # Errors
/// `Reason::Boolean`.
pub fn parse_boolean(text: &[u8]) -> Result<bool, Reason> {
    const TRUE: [&[u8]; 3] = [b"true", b"t", b"1"];
    const FALSE: [&[u8]; 3] = [b"false", b"f", b"0"];
    let is_one_of = |names: &[&[u8]]| names.iter().any(|name| text.eq_ignore_ascii_case(name));
    if is_one_of(&TRUE) {
        Ok(true)
    } else if is_one_of(&FALSE) {
        Ok(false)
    } else {
        Err(Reason::Boolean)
    }
}

/// Reads an INT: a BIGINT within 32 bits.
///
/// # Errors
/// `Reason::Number` or `Reason::Range`.
#[inline]
pub fn parse_int(text: &[u8]) -> Result<i64, Reason> {
    let value = parse_bigint(text)?;
    match i32::try_from(value) {
        Ok(_) => Ok(value),
        Err(_) => Err(Reason::Range),
    }
}

/// Reads a BIGINT: an optional sign and digits.
///
/// # Errors
/// `Reason::Number` when it is anything else, `Reason::Range` when it does not fit.
#[inline]
pub fn parse_bigint(text: &[u8]) -> Result<i64, Reason> {
    let (negative, magnitude) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if let Some(value) = digits::parse(magnitude) {
        return signed(value, negative).ok_or(Reason::Range);
    }
    parse_long(magnitude, negative)
}

fn signed(magnitude: u64, negative: bool) -> Option<i64> {
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// More digits than any 64-bit number has without leading zeros, or no number at all.
#[cold]
fn parse_long(magnitude: &[u8], negative: bool) -> Result<i64, Reason> {
    if magnitude.is_empty() || !magnitude.iter().all(u8::is_ascii_digit) {
        return Err(Reason::Number);
    }
    let zeros = magnitude.iter().take_while(|&&byte| byte == b'0').count();
    if zeros == magnitude.len() {
        return Ok(0);
    }
    digits::parse(&magnitude[zeros..])
        .and_then(|value| signed(value, negative))
        .ok_or(Reason::Range)
}

/// Reads a DOUBLE: decimal or scientific, `nan`, `inf` and `infinity` in any case.
///
/// # Errors
/// `Reason::Number` when it is anything else, `Reason::Range` when a number is beyond the greatest double.
#[inline]
pub fn parse_double(text: &[u8]) -> Result<f64, Reason> {
    let value: f64 = fast_float2::parse(text).map_err(|_| Reason::Number)?;
    if value.is_infinite() && text.iter().any(u8::is_ascii_digit) {
        return Err(Reason::Range);
    }
    Ok(value)
}

/// Reads a REAL as the DOUBLE of the same value: written as a DOUBLE is, to the nearest.
///
/// # Errors
/// As [`parse_double`], for the greatest REAL.
pub fn parse_real(text: &[u8]) -> Result<f64, Reason> {
    let value: f32 = fast_float2::parse(text).map_err(|_| Reason::Number)?;
    if value.is_infinite() && text.iter().any(u8::is_ascii_digit) {
        return Err(Reason::Range);
    }
    Ok(value.into())
}

/// Reads a DOUBLE or a REAL.
///
/// # Errors
/// As [`parse_double`] and [`parse_real`].
pub fn parse_float(ty: DataType, text: &[u8]) -> Result<f64, Reason> {
    match ty {
        DataType::Real => parse_real(text),
        _ => parse_double(text),
    }
}

/// Admits UTF-8 only.
///
/// # Errors
/// `Reason::Utf8`.
#[inline]
pub fn check_utf8(text: &[u8]) -> Result<(), Reason> {
    if text.is_ascii() {
        return Ok(());
    }
    match std::str::from_utf8(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(Reason::Utf8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Value;

    const ISO: TimestampFormat = TimestampFormat::Iso;

    fn value(ty: DataType, text: &[u8]) -> Result<Value, Reason> {
        let mut column = Column::new(ty);
        column.reset(2);
        write(ty, &ISO, text, &mut column, 1)?;
        Ok(column.value(1))
    }

    #[test]
    fn every_type_reads_its_text() {
        for (ty, text, wanted) in [
            (DataType::Boolean, "TRUE", Value::Bool(true)),
            (DataType::Boolean, "f", Value::Bool(false)),
            (DataType::Boolean, "1", Value::Bool(true)),
            (DataType::Int, "-2147483648", Value::I64(i32::MIN.into())),
            (
                DataType::BigInt,
                "+9223372036854775807",
                Value::I64(i64::MAX),
            ),
            (
                DataType::BigInt,
                "-9223372036854775808",
                Value::I64(i64::MIN),
            ),
            (
                DataType::BigInt,
                "000000000000000000000000012",
                Value::I64(12),
            ),
            (DataType::Double, "1e3", Value::F64(1000.0)),
            (DataType::Double, "-Inf", Value::F64(f64::NEG_INFINITY)),
            (DataType::decimal(18, 4), "101.25", Value::I64(1_012_500)),
            (DataType::decimal(38, 2), "-1.50", Value::I128(-150)),
            (DataType::Varchar, "Zürich", Value::Text("Zürich".into())),
            (DataType::Varchar, "", Value::Text(String::new())),
            (DataType::Date, "1970-01-02", Value::I64(1)),
            (DataType::Real, "0.1", Value::F64(0.1_f32.into())),
            (DataType::Real, "16777217", Value::F64(16_777_216.0)),
            (DataType::Time, "00:00:01.5", Value::I64(1_500_000_000)),
            (DataType::Varbinary, "0x4142", Value::Text("AB".into())),
            (DataType::Varbinary, "0x", Value::Text(String::new())),
            (DataType::Varbinary, "0xFf00", Value::Bytes(vec![255, 0])),
            (
                DataType::Varbinary,
                "0x00112233445566778899aabbccff",
                Value::Bytes(vec![
                    0, 17, 34, 51, 68, 85, 102, 119, 136, 153, 170, 187, 204, 255,
                ]),
            ),
            (
                DataType::Timestamp,
                "1970-01-01 00:00:01",
                Value::I64(1_000_000_000),
            ),
        ] {
            assert_eq!(value(ty, text.as_bytes()), Ok(wanted), "{ty} {text}");
        }
        assert!(matches!(value(DataType::Double, b"nan"), Ok(Value::F64(x)) if x.is_nan()));
    }

    #[test]
    fn every_type_says_why_not() {
        for (ty, text, reason) in [
            (DataType::Boolean, "yes", Reason::Boolean),
            (DataType::Boolean, "", Reason::Boolean),
            (DataType::Int, "2147483648", Reason::Range),
            (DataType::Int, "1.0", Reason::Number),
            (DataType::BigInt, "9223372036854775808", Reason::Range),
            (DataType::BigInt, "99999999999999999999999", Reason::Range),
            (DataType::BigInt, "9999999999999999999999x", Reason::Number),
            (DataType::BigInt, "", Reason::Number),
            (DataType::BigInt, "-", Reason::Number),
            (DataType::BigInt, " 1", Reason::Number),
            (DataType::Double, "", Reason::Number),
            (DataType::Double, "1.5x", Reason::Number),
            (DataType::Double, "1e999", Reason::Range),
            (DataType::decimal(18, 4), "1.00001", Reason::Scale),
            (DataType::decimal(4, 2), "100", Reason::Range),
            (DataType::decimal(38, 4), "x", Reason::Number),
            (DataType::Date, "1970-1-2", Reason::Date),
            (DataType::Timestamp, "12", Reason::Timestamp),
            (DataType::Interval, "1", Reason::Cast),
            (DataType::Real, "1e39", Reason::Range),
            (DataType::Real, "x", Reason::Number),
            (DataType::Time, "24:00:00", Reason::Time),
            (DataType::Varbinary, "4142", Reason::Bytes),
            (DataType::Varbinary, "0x414", Reason::Bytes),
            (DataType::Varbinary, "0x4g", Reason::Bytes),
            (
                DataType::Varbinary,
                "0x00112233445566778899aabbccfg",
                Reason::Bytes,
            ),
        ] {
            assert_eq!(value(ty, text.as_bytes()), Err(reason), "{ty} {text}");
        }
        assert_eq!(value(DataType::Varchar, b"\xc3("), Err(Reason::Utf8));
    }

    #[test]
    fn hashes_are_those_of_the_value() {
        let seed = 7;
        let of = |ty, text: &str| hash(ty, &ISO, text.as_bytes(), seed).unwrap();
        assert_eq!(of(DataType::Int, "+05"), hash::hash_i64(seed, 5));
        assert_eq!(of(DataType::Boolean, "T"), hash::hash_i64(seed, 1));
        assert_eq!(
            of(DataType::decimal(9, 2), "1.5"),
            hash::hash_i64(seed, 150)
        );
        assert_eq!(
            of(DataType::decimal(30, 2), "1.5"),
            hash::hash_i64(seed, 150)
        );
        assert_eq!(of(DataType::Double, "-0.0"), hash::hash_f64(seed, 0.0));
        assert_eq!(
            of(DataType::Varchar, "A\u{e9}"),
            hash::hash_text(seed, "A\u{e9}".as_bytes())
        );
        assert_eq!(
            of(DataType::Real, "0.1"),
            hash::hash_f64(seed, 0.1_f32.into())
        );
        assert_eq!(
            of(DataType::Varbinary, "0x4142"),
            hash::hash_text(seed, b"AB")
        );
        let long = "0x".to_owned() + &"41".repeat(100);
        assert_eq!(
            of(DataType::Varbinary, &long),
            hash::hash_text(seed, &[b'A'; 100])
        );
        assert_eq!(
            hash(DataType::Varchar, &ISO, b"\xff", seed),
            Err(Reason::Utf8)
        );
    }

    #[test]
    fn integers_agree_with_the_standard_library() {
        let seed = 0x5eed_0011u64;
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..40_000 {
            let value = next() as i64 >> (next() % 64);
            let mut text = value.to_string().into_bytes();
            if next().is_multiple_of(3) {
                let at = next() as usize % text.len();
                text[at] = b"0123456789+-. x"[next() as usize % 15];
            }
            let wanted = std::str::from_utf8(&text).unwrap().parse::<i64>().ok();
            assert_eq!(parse_bigint(&text).ok(), wanted, "{text:?} seed {seed:#x}");
            let wanted = wanted.filter(|&value| i32::try_from(value).is_ok());
            assert_eq!(parse_int(&text).ok(), wanted, "{text:?} seed {seed:#x}");
        }
    }
}
