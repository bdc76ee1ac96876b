//! The decoder's second pass: one field of the selected rows into a column.

use super::Dialect;
use super::number::{self, DOUBLES_OF_TEN, POWERS_OF_TEN};
use super::spans::{self, Bounds};
use crate::batch::{Column, ColumnData, Rows, TEXT_INLINE, TextView};
use crate::civil;
use crate::error::Reason;
use crate::format::simd::{self, EpochHead, Kernel, LANES, Places, Scan};
use crate::format::{FieldFault, field};
use crate::plan::TimestampFormat;
use crate::types::{DataType, Field};
use std::cell::Cell;

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
        out.zero(row as usize);
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
            fill.with(values, Epochs::<13, _>::new(Millis));
        }
        (DataType::Timestamp, _) => {
            let read = Text(|text: &[u8]| civil::parse_timestamp(text, timestamp).ok());
            match timestamp {
                TimestampFormat::Micros => fill.with(values, Epochs::<16, _>::new(read)),
                TimestampFormat::Nanos => fill.with(values, Epochs::<19, _>::new(read)),
                _ => fill.with(values, read),
            }
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

    /// Whether [`Self::read_lanes`] is worth a try.
    const IN_LANES: bool = false;

    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<T>;

    /// Reads several fields at a time, none of them one that [`Self::read`] would not take: bit `i` of the result says
    /// whether `slots[i]` has its value, else it has any. It may leave all of them, and takes none with a quote in front.
    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, quote): (Places<'_>, u8),
        slots: &mut [T; LANES],
    ) -> u32 {
        let _ = (scan, bytes, places, quote, slots);
        0
    }
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
                let done = if R::IN_LANES {
                    fill_lanes(scan, bounds, quote, &reader, &mut values[..rows], slow)
                } else {
                    0
                };
                let (before, ends) = (&bounds.before[done..rows], &bounds.ends[done..rows]);
                let places = before.iter().zip(ends);
                let left = values[done..rows].iter_mut().zip(places).enumerate();
                for (row, (slot, (&before, &end))) in left {
                    let (start, end) = spans::between(before, end);
                    match reader.read(scan, bytes, start, end) {
                        Some(value) if !quoted(start) => *slot = value,
                        _ => slow.push((done + row) as u32),
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

/// So many times in a row none of several fields is taken before the others are read one by one.
const TRIES: u32 = 4;

/// Fills the first rows, several at a time, with what a reader makes of a field; what it does not take is left for
/// later. Returns how many rows that were.
#[inline(always)]
fn fill_lanes<S: Scan, T, R: Read<T>>(
    scan: S,
    bounds: Bounds<'_>,
    quote: u8,
    reader: &R,
    values: &mut [T],
    slow: &mut Vec<u32>,
) -> usize {
    let rows = values.len();
    let slots = values.as_chunks_mut::<LANES>().0;
    let before = bounds.before[..rows].as_chunks::<LANES>().0;
    let ends = bounds.ends[..rows].as_chunks::<LANES>().0;
    let (mut row, mut misses) = (0, 0);
    for ((slots, before), ends) in slots.iter_mut().zip(before).zip(ends) {
        let places = (Places { before, ends }, quote);
        let taken = reader.read_lanes(scan, bounds.bytes, places, slots);
        if taken != ALL_LANES {
            for (lane, slot) in slots.iter_mut().enumerate() {
                if taken >> lane & 1 == 1 {
                    continue;
                }
                let (start, end) = bounds.get(row + lane);
                let quoted = R::TAKES_QUOTES && bounds.bytes.get(start) == Some(&quote);
                match reader.read(scan, bounds.bytes, start, end) {
                    Some(value) if !quoted => *slot = value,
                    _ => slow.push((row + lane) as u32),
                }
            }
            misses = if taken == 0 { misses + 1 } else { 0 };
        }
        row += LANES;
        if misses == TRIES {
            break;
        }
    }
    row
}

/// Every lane taken.
const ALL_LANES: u32 = (1 << LANES) - 1;

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
    const IN_LANES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::integer(scan, bytes, start, end)
    }

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [i64; LANES],
    ) -> u32 {
        scan.integers(bytes, places, slots)
    }
}

pub(in crate::format) struct Int;

impl Read<i64> for Int {
    const IN_LANES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::integer(scan, bytes, start, end).filter(|&value| i32::try_from(value).is_ok())
    }

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [i64; LANES],
    ) -> u32 {
        // So few characters are no more than an INT holds.
        scan.integers(bytes, places, slots)
    }
}

/// Epoch milliseconds.
pub(in crate::format) struct Millis;

impl Read<i64> for Millis {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        number::millis(scan, bytes, start, end)
    }
}

/// Epoch times of rows that follow each other, most of which have so many digits: what one has in common with those
/// before is read once. `one` reads any other.
pub(super) struct Epochs<const DIGITS: usize, R> {
    one: R,
    head: Cell<EpochHead>,
}

impl<const DIGITS: usize, R> Epochs<DIGITS, R> {
    pub fn new(one: R) -> Self {
        Self {
            one,
            head: Cell::default(),
        }
    }
}

impl<const DIGITS: usize, R: Read<i64>> Read<i64> for Epochs<DIGITS, R> {
    const TAKES_QUOTES: bool = R::TAKES_QUOTES;
    const IN_LANES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<i64> {
        self.one.read(scan, bytes, start, end)
    }

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [i64; LANES],
    ) -> u32 {
        let mut head = self.head.get();
        let taken = scan.epochs::<DIGITS>(bytes, places, &mut head, slots);
        self.head.set(head);
        taken
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
    const IN_LANES: bool = true;

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

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [i64; LANES],
    ) -> u32 {
        let (mut digits, mut fractions) = ([0; LANES], [0; LANES]);
        let mut taken = scan.fixeds(bytes, places, &mut digits, &mut fractions);
        for (lane, slot) in slots.iter_mut().enumerate() {
            let (power, limit) = self.0[fractions[lane] as usize & 15];
            let fits = u64::from(digits[lane].unsigned_abs()) < limit;
            taken &= !(u32::from(!fits) << lane);
            // Of what does not fit the product is any.
            *slot = i64::from(digits[lane]).wrapping_mul(power as i64);
        }
        taken
    }
}

/// A DOUBLE whose digits and power of ten are exact, so that one division rounds once (Clinger 1990).
pub(in crate::format) struct Double;

impl Read<f64> for Double {
    const IN_LANES: bool = true;

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

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [f64; LANES],
    ) -> u32 {
        scan.doubles(bytes, places, slots)
    }
}

/// An ASCII text of 1 to 12 bytes.
pub(in crate::format) struct ShortText;

impl Read<TextView> for ShortText {
    const TAKES_QUOTES: bool = true;
    const IN_LANES: bool = true;

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

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, quote): (Places<'_>, u8),
        slots: &mut [TextView; LANES],
    ) -> u32 {
        scan.texts(bytes, places, quote, slots)
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
