//! The decoder's second pass: one field of the selected rows into a column.

use super::Dialect;
use super::number::{self, DOUBLES_OF_TEN, POWERS_OF_TEN};
use super::spans::Bounds;
use crate::batch::{Column, ColumnData, Rows, TEXT_INLINE, TextView};
use crate::civil;
use crate::error::Reason;
use crate::format::simd::{self, Kernel, Scan};
use crate::format::{FieldFault, field};
use crate::plan::TimestampFormat;
use crate::types::{DataType, Field};

/// A column's place in the schema and its declaration.
pub(super) struct Target<'a> {
    pub index: u16,
    pub field: &'a Field,
}

/// Buffers of the second pass.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    /// Rows that the tight loop left.
    slow: Vec<u32>,
    /// Text without its quotes.
    text: Vec<u8>,
}

/// Reads a field of the rows in `selection` into `out`, which has a zero value for every row of the morsel.
pub(super) fn decode(
    bounds: Bounds<'_>,
    dialect: &Dialect,
    target: &Target<'_>,
    selection: Rows<'_>,
    out: &mut Column,
    buffers: &mut Buffers,
    faults: &mut Vec<FieldFault>,
) {
    buffers.slow.clear();
    let fill = Fill {
        bounds,
        dialect,
        selection,
        slow: &mut buffers.slow,
    };
    let ty = target.field.ty;
    match &mut out.data {
        ColumnData::Bool(values) => {
            fill.with(values, Text(|text: &[u8]| field::parse_boolean(text).ok()));
        }
        ColumnData::I64(values) => fill_i64(fill, ty, values),
        ColumnData::I128(values) => {
            fill.with(values, Text(|text: &[u8]| field::parse_i128(ty, text).ok()));
        }
        ColumnData::F64(values) if ty == DataType::Real => {
            fill.with(values, Text(|text: &[u8]| field::parse_real(text).ok()));
        }
        ColumnData::F64(values) => fill.with(values, Double),
        ColumnData::Text(_) if ty != DataType::Varchar => fill.nothing(),
        ColumnData::Text(values) => fill.with(&mut values.views, ShortText),
    }
    for &row in &buffers.slow {
        let written = match dialect.text(bounds.field(row as usize), &mut buffers.text) {
            Some(text) => field::write(ty, &dialect.timestamp, text, out, row as usize),
            None => {
                out.set_null(row as usize);
                if target.field.nullable {
                    Ok(())
                } else {
                    Err(Reason::Null)
                }
            }
        };
        if let Err(reason) = written {
            out.set_null(row as usize);
            faults.push(FieldFault {
                row,
                column: target.index,
                reason,
            });
        }
    }
}

fn fill_i64(fill: Fill<'_>, ty: DataType, values: &mut [i64]) {
    let timestamp = &fill.dialect.timestamp;
    match (ty, timestamp) {
        (DataType::BigInt, _) => fill.with(values, BigInt),
        (DataType::Int, _) => fill.with(values, Int),
        (DataType::Decimal { precision, scale }, _) => {
            fill.with(values, Decimal::new(precision, scale));
        }
        (DataType::Timestamp | DataType::TimestampLtz(_), TimestampFormat::Millis) => {
            fill.with(values, Millis);
        }
        (DataType::Timestamp, _) => {
            let read = |text: &[u8]| civil::parse_timestamp(text, timestamp).ok();
            fill.with(values, Text(read));
        }
        (ty, _) => {
            let read = |text: &[u8]| field::parse_i64(ty, timestamp, text).ok();
            fill.with(values, Text(read));
        }
    }
}

/// Reads a value from `bytes[start..end]`; `None` for what it does not take, an empty field among it. What it takes
/// it reads as `format::field` does; JSON reads by it too.
///
/// A trait rather than a closure, because a method can be inlined into both loops by force; a closure that
/// two loops call stays a call for every row.
pub(in crate::format) trait Read<T> {
    /// Whether it would take a field that begins with the quote.
    const TAKES_QUOTES: bool = false;

    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<T>;
}

/// A tight loop over one field; what its reader does not take is left for later.
struct Fill<'a> {
    bounds: Bounds<'a>,
    dialect: &'a Dialect,
    selection: Rows<'a>,
    slow: &'a mut Vec<u32>,
}

impl<'a> Fill<'a> {
    /// Leaves every row for later.
    fn nothing(self) {
        self.selection.for_each(|row| self.slow.push(row as u32));
    }

    #[inline(always)]
    fn with<T, R: Read<T>>(self, values: &'a mut [T], reader: R) {
        simd::dispatch(FillWith {
            fill: self,
            values,
            reader,
        });
    }
}

/// A kernel for the sake of what the instruction sets bring for numbers, shifts and bit counts: it compares no
/// blocks.
struct FillWith<'a, T, R> {
    fill: Fill<'a>,
    values: &'a mut [T],
    reader: R,
}

impl<T, R: Read<T>> Kernel for FillWith<'_, T, R> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) {
        let Self {
            fill,
            values,
            reader,
        } = self;
        let Fill {
            bounds,
            dialect,
            selection,
            slow,
        } = fill;
        let (bytes, quote) = (bounds.bytes, dialect.quote);
        if dialect.null_text.is_some() || b"-.0123456789".contains(&quote) {
            // Not the tightest of loops: any field may be NULL, or a number begin with the quote.
            return selection.for_each(|row| {
                let field = bounds.field(row);
                let (start, end) = bounds.get(row);
                match reader.read(scan, bytes, start, end) {
                    Some(value) if !dialect.is_null(field) && field[0] != quote => {
                        values[row] = value;
                    }
                    _ => slow.push(row as u32),
                }
            });
        }
        let quoted = |start: usize| R::TAKES_QUOTES && bytes.get(start) == Some(&quote);
        match selection {
            Rows::All(rows) => {
                let mut at = bounds.field;
                for (row, slot) in values[..rows].iter_mut().enumerate() {
                    let (start, end) = bounds.at(at);
                    at += bounds.stride;
                    match reader.read(scan, bytes, start, end) {
                        Some(value) if !quoted(start) => *slot = value,
                        _ => slow.push(row as u32),
                    }
                }
            }
            Rows::Some(rows) => {
                for &row in rows {
                    let (start, end) = bounds.get(row as usize);
                    match reader.read(scan, bytes, start, end) {
                        Some(value) if !quoted(start) => values[row as usize] = value,
                        _ => slow.push(row),
                    }
                }
            }
        }
    }
}

/// Reads by a function of the field's text.
pub(super) struct Text<F>(pub F);

impl<T, F: Fn(&[u8]) -> Option<T>> Read<T> for Text<F> {
    const TAKES_QUOTES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, _: S, bytes: &[u8], start: usize, end: usize) -> Option<T> {
        let text = &bytes[start..end];
        if text.is_empty() { None } else { self.0(text) }
    }
}

pub(in crate::format) struct BigInt;

impl Read<i64> for BigInt {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::integer(scan, bytes, start, end)
    }
}

pub(in crate::format) struct Int;

impl Read<i64> for Int {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::integer(scan, bytes, start, end).filter(|&value| i32::try_from(value).is_ok())
    }
}

pub(in crate::format) struct Millis;

impl Read<i64> for Millis {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::millis(scan, bytes, start, end)
    }
}

/// A narrow DECIMAL. For each number of digits behind the point: what scales a number with so many, and the
/// least that then has too many digits. No number is below the limit where the digits behind the point are
/// too many.
pub(in crate::format) struct Decimal([(u64, u64); 16]);

impl Decimal {
    /// For a DECIMAL of at most 18 digits.
    pub fn new(precision: u8, scale: u8) -> Self {
        let (precision, scale) = (usize::from(precision), usize::from(scale));
        let mut steps = [(0, 0); 16];
        for (fraction, step) in steps.iter_mut().enumerate().take(scale + 1) {
            *step = (
                POWERS_OF_TEN[scale - fraction],
                POWERS_OF_TEN[precision - scale + fraction],
            );
        }
        Self(steps)
    }
}

impl Read<i64> for Decimal {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        let number = number::fixed(scan, bytes, start, end)?;
        let (power, limit) = self.0[number.fraction & 15];
        if number.digits >= limit {
            return None;
        }
        let value = (number.digits * power) as i64;
        Some(if number.negative { -value } else { value })
    }
}

/// A DOUBLE whose digits and power of ten are exact, so that one division rounds once (Clinger 1990).
pub(in crate::format) struct Double;

impl Read<f64> for Double {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<f64> {
        let number = number::fixed(scan, bytes, start, end)?;
        if number.digits > 1 << 53 {
            return None;
        }
        // Through i64, which the CPU converts in one instruction.
        let value = number.digits as i64 as f64 / DOUBLES_OF_TEN[number.fraction & 15];
        Some(if number.negative { -value } else { value })
    }
}

/// An ASCII text of 1 to 12 bytes.
pub(in crate::format) struct ShortText;

impl Read<TextView> for ShortText {
    const TAKES_QUOTES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, _: S, bytes: &[u8], start: usize, end: usize) -> Option<TextView> {
        let length = end - start;
        if length == 0 || length > TEXT_INLINE {
            return None;
        }
        Some(TextView::from_word(
            ascii_word(bytes, start, length)?,
            length,
        ))
    }
}

/// Bits of the first `n` bytes of a word.
pub(super) const LOW_BYTES: [u128; 17] = {
    let mut masks = [u128::MAX; 17];
    let mut length = 0;
    while length < 16 {
        masks[length] = !(u128::MAX << (8 * length));
        length += 1;
    }
    masks
};

/// The first 16 bytes at `start` of which those behind `length` are zero; `None` where they are not all
/// there or not ASCII.
#[inline(always)]
pub(in crate::format) fn ascii_word(bytes: &[u8], start: usize, length: usize) -> Option<u128> {
    const NOT_ASCII: u128 = u128::from_ne_bytes([0x80; 16]);
    let chunk = bytes.get(start..)?.first_chunk::<16>()?;
    let word = u128::from_le_bytes(*chunk) & LOW_BYTES.get(length)?;
    (word & NOT_ASCII == 0).then_some(word)
}
