//! Fixed-width records by cutting bytes off the front, and back.

use super::calendar::days_of;
use super::eval::unscaled;
use super::field::exact_value;
use super::source::Record;
use crate::error::Reason;
use crate::plan::BinaryFormat;
use crate::types::{DataType, Schema, Value};

/// The records of a file.
pub fn records(bytes: &[u8], format: &BinaryFormat, schema: &Schema) -> Vec<Record> {
    let mut records = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        if rest.len() < format.record_bytes() {
            records.push(Record::spoilt(Reason::FieldCount, schema, offset));
            break;
        }
        records.push(Record {
            offset,
            ..read_record(&mut rest, format, schema)
        });
    }
    records
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, behind) = rest.split_at(count);
    *rest = behind;
    taken
}

fn read_record(rest: &mut &[u8], format: &BinaryFormat, schema: &Schema) -> Record {
    let columns = schema.fields.len();
    let marks = take(
        rest,
        if format.null_bitmap {
            columns.div_ceil(8)
        } else {
            0
        },
    );
    let mut values = Vec::new();
    for (index, column) in schema.fields.iter().enumerate() {
        let field = take(rest, format.widths[index] as usize);
        let is_null = marks
            .get(index / 8)
            .is_some_and(|byte| byte & 1 << (index % 8) != 0);
        values.push(match is_null {
            true if column.nullable => Ok(Value::Null),
            true => Err(Reason::Null),
            false => read(field, column.ty, format.timestamp.ns()),
        });
    }
    Record {
        fault: None,
        wrong_count: false,
        values,
        offset: 0,
    }
}

fn read(field: &[u8], ty: DataType, unit_ns: i64) -> Result<Value, Reason> {
    match ty {
        DataType::Boolean => match field {
            [0] => Ok(Value::Bool(false)),
            [1] => Ok(Value::Bool(true)),
            _ => Err(Reason::Boolean),
        },
        DataType::Double => {
            let bits = field.iter().rev();
            let bits = bits.fold(0_u64, |sum, &byte| sum * 256 + u64::from(byte));
            Ok(Value::F64(f64::from_bits(bits)))
        }
        DataType::Varchar => {
            let text = std::str::from_utf8(field).map_err(|_| Reason::Utf8)?;
            Ok(Value::Text(text.trim_end_matches('\0').to_owned()))
        }
        DataType::Real => match field.try_into() {
            Ok(bytes) => Ok(Value::F64(f32::from_le_bytes(bytes).into())),
            Err(_) => Err(Reason::Range),
        },
        DataType::Varbinary => Ok(Value::of_bytes(field)),
        DataType::Time => {
            let ns = integer(field);
            if (0..86_400_000_000_000).contains(&ns) {
                Ok(exact_value(ty, ns))
            } else {
                Err(Reason::Time)
            }
        }
        DataType::Timestamp | DataType::TimestampLtz(_) => {
            let ns = integer(field) * i128::from(unit_ns);
            let ns = i64::try_from(ns).map_err(|_| Reason::Timestamp)?;
            Ok(Value::I64(ns))
        }
        DataType::Date => {
            let days = integer(field);
            let legal = i128::from(days_of(0, 1, 1))..i128::from(days_of(10_000, 1, 1));
            if legal.contains(&days) {
                Ok(exact_value(ty, days))
            } else {
                Err(Reason::Date)
            }
        }
        DataType::Decimal { precision, .. } => {
            let value = integer(field);
            if value.unsigned_abs() < 10_u128.pow(u32::from(precision)) {
                Ok(exact_value(ty, value))
            } else {
                Err(Reason::Range)
            }
        }
        _ => Ok(exact_value(ty, integer(field))),
    }
}

/// Two's complement, the last byte first.
fn integer(field: &[u8]) -> i128 {
    let mut bytes = field.iter().rev();
    let first = bytes.next().map_or(0, |&byte| i128::from(byte as i8));
    // Sixteen bytes wrap around exactly.
    bytes.fold(first, |sum, &byte| sum.wrapping_mul(256) | i128::from(byte))
}

/// The records of rows that fit.
pub fn write(rows: &[&[Value]], format: &BinaryFormat, schema: &Schema) -> Vec<u8> {
    let mut out = Vec::new();
    for row in rows {
        if format.null_bitmap {
            for marks in row.chunks(8) {
                let is_null = |value: &&Value| u8::from(**value == Value::Null);
                let bits = marks.iter().rev();
                out.push(bits.fold(0, |sum, value| sum * 2 + is_null(&value)));
            }
        }
        for ((value, column), &width) in row.iter().zip(&schema.fields).zip(&format.widths) {
            let start = out.len();
            match (value, column.ty) {
                (Value::Null, _) => {}
                (Value::Bool(value), _) => out.push(u8::from(*value)),
                (Value::F64(value), DataType::Real) if value.is_nan() => {
                    out.extend_from_slice(&[0, 0, 0xc0, 0x7f]);
                }
                (Value::F64(value), DataType::Real) => {
                    out.extend_from_slice(&(*value as f32).to_le_bytes());
                }
                (Value::F64(value), _) if value.is_nan() => {
                    out.extend_from_slice(&[0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
                }
                (Value::F64(value), _) => out.extend_from_slice(&value.to_le_bytes()),
                (Value::Text(text), _) => out.extend_from_slice(text.as_bytes()),
                (Value::Bytes(bytes), _) => out.extend_from_slice(bytes),
                (Value::I64(ns), DataType::Timestamp | DataType::TimestampLtz(_)) => {
                    let count = ns.div_euclid(format.timestamp.ns());
                    out.extend_from_slice(&count.to_le_bytes());
                }
                (exact, _) => {
                    let bytes = unscaled(exact).to_le_bytes();
                    out.extend_from_slice(&bytes[..width as usize]);
                }
            }
            out.resize(start + width as usize, 0);
        }
    }
    out
}
