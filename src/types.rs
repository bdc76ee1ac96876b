//! SQL types, their physical representation, values and schemas.
//!
//! A logical [`DataType`] maps to one [`Physical`] representation; every kernel works on the physical one.
//! INT is held in 64 bits and range-checked where it is produced, so there is one integer kernel.

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
}

/// How a type is held in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Physical {
    /// One byte a row.
    Bool,
    /// 64-bit integers: INT, BIGINT, DATE, TIMESTAMP, INTERVAL, DECIMAL up to 18 digits (unscaled).
    I64,
    /// 128-bit integers: DECIMAL of 19 to 38 digits (unscaled).
    I128,
    /// binary64.
    F64,
    /// 16-byte views, see `batch::TextView`.
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
            Self::Int | Self::BigInt | Self::Date | Self::Timestamp | Self::Interval => {
                Physical::I64
            }
            Self::Double => Physical::F64,
            Self::Decimal { precision, .. } if precision <= DECIMAL_NARROW_DIGITS => Physical::I64,
            Self::Decimal { .. } => Physical::I128,
            Self::Varchar => Physical::Text,
        }
    }

    /// Whether it is INT, BIGINT, DECIMAL or DOUBLE.
    pub const fn is_numeric(self) -> bool {
        matches!(
            self,
            Self::Int | Self::BigInt | Self::Double | Self::Decimal { .. }
        )
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
    /// DOUBLE.
    F64(f64),
    /// VARCHAR.
    Text(String),
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
