//! A found value read by its column's type: `format::field` for its text, and what only JSON has.

use super::parse::{Kind, Span};
use super::unescape::unescape;
use crate::decimal;
use crate::error::Reason;
use crate::format::field;
use crate::hash;
use crate::plan::TimestampFormat;
use crate::types::{DECIMAL_DIGITS_MAX, DataType, Physical};

/// How the values of one column are read.
#[derive(Clone, Debug)]
pub(super) struct ValueReader {
    /// The column's type.
    pub ty: DataType,
    timestamp: TimestampFormat,
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

impl ValueReader {
    /// A reader of values of `ty`.
    pub fn new(ty: DataType, timestamp: &TimestampFormat) -> Self {
        Self {
            ty,
            timestamp: timestamp.clone(),
        }
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
