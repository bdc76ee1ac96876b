//! A found value read by its column's type: `format::field` for its text, and what only JSON has.

use super::parse::{Kind, Span};
use super::unescape::unescape;
use crate::batch::{Column, ColumnData};
use crate::decimal;
use crate::error::Reason;
use crate::format::csv::column::{BigInt, Decimal, Int, Millis, Read, ascii_word};
use crate::format::field;
use crate::format::simd::Scan;
use crate::hash;
use crate::plan::TimestampFormat;
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Physical};

/// How the values of one column are read.
pub(super) struct ValueReader {
    /// The column's type.
    pub ty: DataType,
    timestamp: TimestampFormat,
    words: Words,
}

/// What reads most values of a column by words of bytes.
pub(super) enum Words {
    BigInt(BigInt),
    Int(Int),
    Decimal(Box<Decimal>),
    Millis(Millis),
    /// A VARCHAR.
    Text,
    /// The column is of another type, or its times are written otherwise.
    Other,
}

/// The text of a value, escapes resolved in `scratch`; `None` for NULL.
#[inline(always)]
pub(super) fn text_of<'a>(
    span: Span,
    bytes: &'a [u8],
    scratch: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    match span.kind() {
        Kind::Missing | Kind::Null => None,
        Kind::Bool | Kind::Number | Kind::Plain | Kind::Nested => Some(span.text(bytes)),
        Kind::Escaped => {
            scratch.clear();
            unescape(span.text(bytes), scratch);
            Some(scratch)
        }
    }
}

/// The hash of a VARCHAR without escapes, if it is as short and plain as most are.
#[inline(always)]
pub(super) fn plain_text_hash(
    bytes: &[u8],
    (start, end): (usize, usize),
    seed: u64,
) -> Option<u64> {
    let word = ascii_word(bytes, start, end - start)?;
    let (low, high) = (word as u64, (word >> 64) as u64);
    Some(hash::hash_text_words(seed, low, high, end - start))
}

impl ValueReader {
    /// A reader of values of `ty`.
    pub fn new(ty: DataType, timestamp: &TimestampFormat) -> Self {
        let words = match (ty, timestamp) {
            (DataType::BigInt, _) => Words::BigInt(BigInt),
            (DataType::Int, _) => Words::Int(Int),
            (DataType::Decimal { precision, scale }, _) if ty.physical() == Physical::I64 => {
                Words::Decimal(Box::new(Decimal::new(precision, scale)))
            }
            (DataType::Timestamp | DataType::TimestampLtz(_), TimestampFormat::Millis) => {
                Words::Millis(Millis)
            }
            (DataType::Varchar, _) => Words::Text,
            _ => Words::Other,
        };
        Self {
            ty,
            timestamp: timestamp.clone(),
            words,
        }
    }

    /// What reads most values.
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// Reads the value `bytes[start..end]`, without escapes and held in 64 bits, as [`Self::i64`] does, if it is as
    /// plain as most are.
    #[inline(always)]
    pub fn plain_i64<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        start: usize,
        end: usize,
    ) -> Option<i64> {
        match &self.words {
            Words::BigInt(reader) => reader.read(scan, bytes, start, end),
            Words::Int(reader) => reader.read(scan, bytes, start, end),
            Words::Decimal(reader) => reader.read(scan, bytes, start, end),
            Words::Millis(reader) => reader.read(scan, bytes, start, end),
            Words::Text | Words::Other => None,
        }
    }

    /// The hash of the value `bytes[start..end]`, without escapes, as [`Self::hash`] has it, if it is a number as plain
    /// as most are.
    #[inline(always)]
    pub fn plain_hash<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (start, end): (usize, usize),
        seed: u64,
    ) -> Option<u64> {
        let value = self.plain_i64(scan, bytes, start, end)?;
        Some(hash::hash_i64(seed, value))
    }

    /// Reads a value held in 64 bits.
    #[inline(always)]
    pub fn i64(&self, kind: Kind, text: &[u8]) -> Result<i64, Reason> {
        if let DataType::Decimal { precision, scale } = self.ty {
            return decimal::parse_i64(text, precision, scale);
        }
        match field::parse_i64(self.ty, &self.timestamp, text) {
            Err(Reason::Number) if kind == Kind::Number && self.ty.is_integer() => {
                self.integral(text)
            }
            result => result,
        }
    }

    /// Reads a wide DECIMAL.
    ///
    /// # Panics
    /// When the type is no DECIMAL.
    #[inline(always)]
    pub fn i128(&self, text: &[u8]) -> Result<i128, Reason> {
        let DataType::Decimal { precision, scale } = self.ty else {
            panic!("{} is not held in 128-bit integers", self.ty);
        };
        decimal::parse_i128(text, precision, scale)
    }

    /// Reads a value into row `row` of `column`. The row's NULL mark stays as it is.
    ///
    /// # Errors
    /// Why it is no value of the type.
    #[inline(never)]
    pub fn write(
        &self,
        kind: Kind,
        text: &[u8],
        column: &mut Column,
        row: usize,
    ) -> Result<(), Reason> {
        match &mut column.data {
            ColumnData::I64(values) => values[row] = self.i64(kind, text)?,
            ColumnData::I128(values) => values[row] = self.i128(text)?,
            ColumnData::Bool(_) | ColumnData::F64(_) | ColumnData::Text(_) => {
                field::write(self.ty, &self.timestamp, text, column, row)?;
            }
        }
        Ok(())
    }

    /// The hash of a value as a key of this type.
    #[inline]
    pub fn hash(&self, kind: Kind, text: &[u8], seed: u64) -> Result<u64, Reason> {
        match self.ty.physical() {
            Physical::I64 => Ok(hash::hash_i64(seed, self.i64(kind, text)?)),
            Physical::I128 => Ok(hash::hash_i128(seed, self.i128(text)?)),
            Physical::Bool | Physical::F64 | Physical::Text => {
                field::hash(self.ty, &self.timestamp, text, seed)
            }
        }
    }

    /// A JSON number that is an integer for all its point or exponent: `1.0`, `1e3`.
    #[cold]
    fn integral(&self, text: &[u8]) -> Result<i64, Reason> {
        let value =
            decimal::parse_i128(text, DECIMAL_DIGITS_MAX, 0).map_err(|reason| match reason {
                // An integer has no scale to exceed: with a fraction it is not a number of this type.
                Reason::Scale => Reason::Number,
                other => other,
            })?;
        let narrow = i64::try_from(value).map_err(|_| Reason::Range)?;
        match (self.ty, i32::try_from(narrow)) {
            (DataType::Int, Err(_)) => Err(Reason::Range),
            _ => Ok(narrow),
        }
    }
}
