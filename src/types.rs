//! SQL types, their physical representation, values and schemas.
//!
//! A logical [`DataType`] maps to one [`Physical`] representation; every kernel works on the physical one.
//! INT is held in 64 bits and range-checked where it is produced, so there is one integer kernel.

mod nested;

pub use nested::{RowField, array_of, map_of, row_of};

use std::fmt;

/// A SQL type as users write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataType {
    /// TRUE, FALSE or NULL.
    Boolean,
    /// 32-bit signed integer (SMALLINT and TINYINT widen to it).
    Int,
    /// 64-bit signed integer.
    BigInt,
    /// IEEE 754 binary64.
    Double,
    /// Exact decimal; `precision` 1..=38 digits, `scale` 0..=precision of them after the point.
    Decimal {
        /// Total digits, 1..=38.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// UTF-8 text.
    Varchar,
    /// Days since 1970-01-01.
    Date,
    /// Nanoseconds since the epoch, UTC.
    Timestamp,
    /// A length of time in nanoseconds.
    Interval,
    /// IEEE 754 binary32, held widened.
    Real,
    /// Bytes of any value.
    Varbinary,
    /// Nanoseconds since midnight, below a day.
    Time,
    /// An instant as TIMESTAMP is; its text is what a clock in the zone shows.
    TimestampLtz(ZoneId),
    /// Values of one type in their order.
    Array(&'static DataType),
    /// Parts with names.
    Row(&'static [RowField]),
    /// Keys of one type, each once, and a value of another type for each.
    Map(&'static DataType, &'static DataType),
}

/// A time zone by its place in `civil::zone`'s register, so that types stay small and comparable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ZoneId(pub u8);

impl ZoneId {
    /// UTC.
    pub const UTC: Self = Self(0);
}

/// How a type is held in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Physical {
    /// One byte a row.
    Bool,
    /// 64-bit integers: INT, BIGINT, DATE, TIME, TIMESTAMP, INTERVAL, DECIMAL up to 18 digits (unscaled).
    I64,
    /// 128-bit integers: DECIMAL of 19 to 38 digits (unscaled).
    I128,
    /// binary64: DOUBLE, and REAL as the DOUBLE of the same value.
    F64,
    /// 16-byte views of bytes, see `batch::TextView`: VARCHAR in UTF-8, VARBINARY, and what `format::nested` makes of
    /// ARRAY, ROW and MAP.
    Text,
}

/// Digits that an unscaled DECIMAL can have and still be held in an `i64`.
pub const DECIMAL_NARROW_DIGITS: u8 = 18;
/// Digits of the widest DECIMAL.
pub const DECIMAL_DIGITS_MAX: u8 = 38;

impl DataType {
    /// The DECIMAL of `precision` digits, `scale` of them after the point.
    pub const fn decimal(precision: u8, scale: u8) -> Self {
        Self::Decimal { precision, scale }
    }

    /// How columns of this type are held.
    pub const fn physical(self) -> Physical {
        match self {
            Self::Boolean => Physical::Bool,
            Self::Int
            | Self::BigInt
            | Self::Date
            | Self::Time
            | Self::Timestamp
            | Self::TimestampLtz(_)
            | Self::Interval => Physical::I64,
            Self::Double | Self::Real => Physical::F64,
            Self::Decimal { precision, .. } if precision <= DECIMAL_NARROW_DIGITS => Physical::I64,
            Self::Decimal { .. } => Physical::I128,
            Self::Varchar | Self::Varbinary | Self::Array(_) | Self::Row(_) | Self::Map(..) => {
                Physical::Text
            }
        }
    }

    /// Whether it is INT, BIGINT, DECIMAL, DOUBLE or REAL.
    pub const fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::Int | Self::BigInt | Self::Double | Self::Real | Self::Decimal { .. }
        )
    }

    /// Whether it is DOUBLE or REAL.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::Double | Self::Real)
    }

    /// Whether it is TIMESTAMP or TIMESTAMP_LTZ.
    pub const fn is_instant(self) -> bool {
        matches!(self, Self::Timestamp | Self::TimestampLtz(_))
    }

    /// Whether it is ARRAY, ROW or MAP: values have no order.
    pub const fn is_nested(self) -> bool {
        matches!(self, Self::Array(_) | Self::Row(_) | Self::Map(..))
    }

    /// Whether values can be keys of a MAP: they have a text to be found by, and equal ones are equal in every bit.
    pub const fn is_map_key(self) -> bool {
        !self.is_nested() && !self.is_float() && !matches!(self, Self::Interval)
    }

    /// The type that functions compute in: DOUBLE for REAL, TIMESTAMP for TIMESTAMP_LTZ; others stay. Values are held
    /// the same in both.
    pub const fn computed_in(self) -> Self {
        match self {
            Self::Real => Self::Double,
            Self::TimestampLtz(_) => Self::Timestamp,
            other => other,
        }
    }

    /// Whether it is INT or BIGINT.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Int | Self::BigInt)
    }

    /// Digits after the point of an exact number; 0 for every other type.
    pub const fn scale(self) -> u8 {
        match self {
            Self::Decimal { scale, .. } => scale,
            _ => 0,
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("BOOLEAN"),
            Self::Int => f.write_str("INT"),
            Self::BigInt => f.write_str("BIGINT"),
            Self::Double => f.write_str("DOUBLE"),
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision},{scale})"),
            Self::Varchar => f.write_str("VARCHAR"),
            Self::Date => f.write_str("DATE"),
            Self::Timestamp => f.write_str("TIMESTAMP"),
            Self::Interval => f.write_str("INTERVAL"),
            Self::Real => f.write_str("REAL"),
            Self::Varbinary => f.write_str("VARBINARY"),
            Self::Time => f.write_str("TIME"),
            Self::TimestampLtz(_) => f.write_str("TIMESTAMP_LTZ"),
            Self::Array(element) => write!(f, "ARRAY<{element}>"),
            Self::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            Self::Row(fields) => {
                f.write_str("ROW<")?;
                for (at, field) in fields.iter().enumerate() {
                    let comma = if at > 0 { ", " } else { "" };
                    write!(f, "{comma}{} {}", field.name, field.ty)?;
                }
                f.write_str(">")
            }
        }
    }
}

/// One value in its physical representation; the type beside it says how to read it.
///
/// Used where rows are few: literals, snapshots, the oracle. Never on the data path.
#[derive(Clone, Debug, PartialEq, rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BOOLEAN.
    Bool(bool),
    /// Everything held in `Physical::I64`.
    I64(i64),
    /// Everything held in `Physical::I128`.
    I128(i128),
    /// DOUBLE and REAL.
    F64(f64),
    /// VARCHAR, and bytes that are UTF-8.
    Text(String),
    /// Bytes that are not UTF-8.
    Bytes(Vec<u8>),
}

impl Value {
    /// The value of a column of texts or bytes: one spelling for equal bytes, whatever the type.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_vec()),
        }
    }

    /// The bytes of a text or of bytes.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text.as_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A named, typed column of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name as declared; compared without case unless it was quoted.
    pub name: String,
    /// Its type.
    pub ty: DataType,
    /// Whether NULL may occur.
    pub nullable: bool,
}

/// An ordered list of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// The columns in order.
    pub fields: Vec<Field>,
}

impl Schema {
    /// Position of the column called `name`, compared without case.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.name.eq_ignore_ascii_case(name))
    }
}
