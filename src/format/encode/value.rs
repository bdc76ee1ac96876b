//! The text of one value, without quotes: the same in CSV, JSON and tables.

use crate::batch::{Column, ColumnData};
use crate::civil;
use crate::decimal;
use crate::format::{hex, nested};
use crate::plan::TimestampFormat;
use crate::time::NS_PER_SECOND;
use crate::types::{DataType, Physical, ZoneId};

/// Writes the values of one column.
#[derive(Clone, Debug)]
pub(super) struct ValueWriter {
    // Fixed at construction.
    kind: Kind,
    timestamp: TimestampFormat,
    // State: the text of the last whole second, since neighbouring rows mostly share it.
    second: i64,
    second_text: Vec<u8>,
}

/// What a column's values are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Integer,
    /// Unscaled `i64`, digits after the point.
    Narrow(u8),
    /// Unscaled `i128`, digits after the point.
    Wide(u8),
    Double,
    Text,
    Date,
    IsoTimestamp,
    OtherTimestamp,
    Interval,
    Real,
    Bytes,
    Time,
    /// By a clock in the zone.
    Local(ZoneId),
    /// As JSON.
    Nested(DataType),
}

impl Kind {
    fn of(ty: DataType, timestamp: &TimestampFormat) -> Self {
        match (ty, timestamp) {
            (DataType::Boolean, _) => Self::Bool,
            (DataType::Int | DataType::BigInt, _) => Self::Integer,
            (DataType::Double, _) => Self::Double,
            (DataType::Decimal { scale, .. }, _) if ty.physical() == Physical::I64 => {
                Self::Narrow(scale)
            }
            (DataType::Decimal { scale, .. }, _) => Self::Wide(scale),
            (DataType::Varchar, _) => Self::Text,
            (DataType::Date, _) => Self::Date,
            (DataType::TimestampLtz(zone), _) if zone != ZoneId::UTC => Self::Local(zone),
            (DataType::Timestamp | DataType::TimestampLtz(_), TimestampFormat::Iso) => {
                Self::IsoTimestamp
            }
            (DataType::Timestamp | DataType::TimestampLtz(_), _) => Self::OtherTimestamp,
            (DataType::Interval, _) => Self::Interval,
            (DataType::Real, _) => Self::Real,
            (DataType::Varbinary, _) => Self::Bytes,
            (DataType::Time, _) => Self::Time,
            (DataType::Array(_) | DataType::Row(_) | DataType::Map(..), _) => Self::Nested(ty),
        }
    }
}

impl ValueWriter {
    /// A writer for values of `ty`.
    pub fn new(ty: DataType, timestamp: &TimestampFormat) -> Self {
        Self {
            kind: Kind::of(ty, timestamp),
            timestamp: timestamp.clone(),
            second: 0,
            second_text: Vec::new(),
        }
    }

    /// Whether values are texts, which may hold any character.
    pub fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }

    /// Appends the value of `row`, which is not NULL; a text as its bare bytes.
    ///
    /// # Panics
    /// When the column is not of the writer's type.
    #[inline(always)]
    pub fn write(&mut self, column: &Column, row: usize, out: &mut Vec<u8>) {
        match (self.kind, &column.data) {
            (Kind::Text, ColumnData::Text(values)) => out.extend_from_slice(values.get(row)),
            (Kind::Integer, ColumnData::I64(values)) => write_integer(values[row], out),
            (Kind::Narrow(scale), ColumnData::I64(values)) => {
                write_narrow_decimal(values[row], scale, out);
            }
            (Kind::Double, ColumnData::F64(values)) => write_double(values[row], out),
            (Kind::IsoTimestamp, ColumnData::I64(values)) => self.write_iso(values[row], out),
            (_, data) => self.write_rare(data, row, out),
        }
    }

    fn write_rare(&self, data: &ColumnData, row: usize, out: &mut Vec<u8>) {
        match (self.kind, data) {
            (Kind::Bool, ColumnData::Bool(values)) => write_bool(values[row], out),
            (Kind::Wide(scale), ColumnData::I128(values)) => {
                decimal::write(values[row], scale, out)
            }
            (Kind::Date, ColumnData::I64(values)) => civil::write_date(values[row], out),
            (Kind::OtherTimestamp, ColumnData::I64(values)) => {
                civil::write_timestamp(values[row], &self.timestamp, out);
            }
            (Kind::Interval, ColumnData::I64(values)) => {
                write_integer(values[row], out);
                out.extend_from_slice(b"ns");
            }
            (Kind::Real, ColumnData::F64(values)) => write_real(values[row], out),
            (Kind::Bytes, ColumnData::Text(values)) => hex::write(values.get(row), out),
            (Kind::Time, ColumnData::I64(values)) => civil::write_time(values[row], out),
            (Kind::Local(zone), ColumnData::I64(values)) => {
                civil::write_instant(values[row], &self.timestamp, zone, out);
            }
            (Kind::Nested(ty), ColumnData::Text(values)) => {
                nested::write_json(ty, values.get(row), out);
            }
            (kind, data) => panic!("column of {data:?} written as {kind:?}"),
        }
    }

    /// As `civil::write_timestamp` with ISO, which is asked only for a second that is not the last one.
    #[inline(always)]
    fn write_iso(&mut self, ns: i64, out: &mut Vec<u8>) {
        let second = ns.div_euclid(NS_PER_SECOND);
        if second != self.second || self.second_text.is_empty() {
            self.second_text.clear();
            let whole = ns.checked_sub(ns.rem_euclid(NS_PER_SECOND));
            let Some(whole) = whole else {
                // The first second that an i64 reaches is cut off; it is never remembered.
                civil::write_timestamp(ns, &TimestampFormat::Iso, out);
                return;
            };
            civil::write_timestamp(whole, &TimestampFormat::Iso, &mut self.second_text);
            self.second = second;
        }
        out.extend_from_slice(&self.second_text);
        let nanos = ns.rem_euclid(NS_PER_SECOND) as u64;
        if nanos != 0 {
            out.push(b'.');
            match (nanos % 1_000_000, nanos % 1_000) {
                (0, _) => write_digits(nanos / 1_000_000, 3, out),
                (_, 0) => write_digits(nanos / 1_000, 6, out),
                _ => write_digits(nanos, 9, out),
            }
        }
    }
}

#[inline(always)]
fn write_integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

fn write_bool(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Shortest text that reads back as the same double; `NaN`, `inf`, `-inf`.
#[inline(always)]
fn write_double(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(zmij::Buffer::new().format(value).as_bytes());
}

/// Shortest text that reads back as the same REAL.
fn write_real(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(zmij::Buffer::new().format(value as f32).as_bytes());
}

/// As `decimal::write`, without dividing 128 bits.
#[inline(always)]
fn write_narrow_decimal(value: i64, scale: u8, out: &mut Vec<u8>) {
    if scale == 0 {
        write_integer(value, out);
        return;
    }
    if value < 0 {
        out.push(b'-');
    }
    let unit = 10_u64.pow(u32::from(scale));
    let unsigned = value.unsigned_abs();
    out.extend_from_slice(itoa::Buffer::new().format(unsigned / unit).as_bytes());
    out.push(b'.');
    write_digits(unsigned % unit, usize::from(scale), out);
}

/// Appends `value` with zeros before it up to `width` digits.
#[inline(always)]
fn write_digits(value: u64, width: usize, out: &mut Vec<u8>) {
    const ZEROS: [u8; 20] = [b'0'; 20];
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value).as_bytes();
    out.extend_from_slice(&ZEROS[..width.saturating_sub(digits.len())]);
    out.extend_from_slice(digits);
}

/// Whether `ty` is written as a bare JSON number, and to the right in tables.
pub(super) const fn is_number(ty: DataType) -> bool {
    ty.is_numeric()
}
