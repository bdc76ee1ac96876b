//! Fixed-width records: where each column's bytes lie.
//!
//! ```text
//! ts TIMESTAMP, symbol CHAR(8), price DECIMAL(18,2), size BIGINT, side CHAR(1): 33 bytes
//!
//! 0        8         16       24       32
//! | ts     | symbol  | price  | size   |s|     the next record follows at once
//!
//! 'binary.nulls' = 'bitmap' puts a bit for each column, set for NULL, before them:
//! |b| ts     | symbol  | price  | size   |s|   bit c % 8 of byte c / 8 is that of column c
//! ```

use crate::types::{DECIMAL_NARROW_DIGITS, DataType};

/// Fixed-width little-endian records, fields in the order of the columns and without padding between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinaryFormat {
    /// Bytes of each schema column.
    pub widths: Vec<u32>,
    /// Whether a null bitmap precedes the fields; without one there are no NULLs.
    pub null_bitmap: bool,
    /// What TIMESTAMP columns count.
    pub timestamp: TimestampUnit,
}

/// What an epoch timestamp counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

impl TimestampUnit {
    /// Nanoseconds of one.
    pub const fn ns(self) -> i64 {
        match self {
            Self::Seconds => 1_000_000_000,
            Self::Millis => 1_000_000,
            Self::Micros => 1_000,
            Self::Nanos => 1,
        }
    }
}

impl BinaryFormat {
    /// Bytes of a value of `ty`; `None` for texts and bytes, whose column says how many, and for INTERVAL.
    pub const fn width_of(ty: DataType) -> Option<u32> {
        match ty {
            DataType::Boolean => Some(1),
            DataType::Int | DataType::Date => Some(4),
            DataType::Real => Some(4),
            DataType::BigInt
            | DataType::Double
            | DataType::Time
            | DataType::Timestamp
            | DataType::TimestampLtz(_) => Some(8),
            DataType::Decimal { precision, .. } if precision <= DECIMAL_NARROW_DIGITS => Some(8),
            DataType::Decimal { .. } => Some(16),
            DataType::Varchar
            | DataType::Varbinary
            | DataType::Array(_)
            | DataType::Row(_)
            | DataType::Map(..)
            | DataType::Interval => None,
        }
    }

    /// Bytes before the first field.
    pub fn bitmap_bytes(&self) -> usize {
        if self.null_bitmap {
            self.widths.len().div_ceil(8)
        } else {
            0
        }
    }

    /// Where in a record the field of `column` begins.
    pub fn offset(&self, column: usize) -> usize {
        let before = self.widths[..column].iter();
        self.bitmap_bytes() + before.map(|&width| width as usize).sum::<usize>()
    }

    /// Bytes of a record.
    pub fn record_bytes(&self) -> usize {
        self.offset(self.widths.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_back_to_back_behind_the_bitmap() {
        let mut format = BinaryFormat {
            widths: vec![8, 8, 8, 8, 1],
            null_bitmap: false,
            timestamp: TimestampUnit::Nanos,
        };
        assert_eq!((format.offset(4), format.record_bytes()), (32, 33));
        format.null_bitmap = true;
        assert_eq!((format.offset(0), format.record_bytes()), (1, 34));
        format.widths = vec![1; 9];
        assert_eq!((format.offset(0), format.record_bytes()), (2, 11));
    }
}
