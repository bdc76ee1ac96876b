//! A reader for each type: from a record to the value of one field, or nothing where that is not plain.
//!
//! Framer and decoder run the same readers in loops of their own: [`dispatch`] picks the reader of a place, once
//! a batch, and hands it to a [`Visit`]. A short text is read as the word of 8 or 16 bytes that holds its field
//! and lies within the record, so that no load needs a test of where the bytes end.

use super::place::Place;
use crate::batch::{TEXT_INLINE, TextView};
use crate::types::{DataType, Physical};

/// Reads a field of a record, a whole one; `None` for what it does not take.
pub(super) trait Read<T> {
    fn read(&self, record: &[u8]) -> Option<T>;
}

/// A loop over records, for any type's reader.
pub(super) trait Visit {
    type Output;

    fn bools(self, reader: impl Read<bool>) -> Self::Output;
    fn integers(self, reader: impl Read<i64>) -> Self::Output;
    fn wides(self, reader: impl Read<i128>) -> Self::Output;
    fn doubles(self, reader: impl Read<f64>) -> Self::Output;
    fn texts(self, reader: impl Read<TextView>) -> Self::Output;
}

/// Runs `visit` with the reader of `place`.
pub(super) fn dispatch<V: Visit>(place: &Place, visit: V) -> V::Output {
    match place.null {
        None => dispatch_by_type(place, AlwaysThere, visit),
        Some((byte, bit)) => dispatch_by_type(place, Marked { byte, bit }, visit),
    }
}

fn dispatch_by_type<V: Visit>(place: &Place, marks: impl Marks, visit: V) -> V::Output {
    let offset = place.offset;
    let ranged = Ranged::new(place);
    match (place.ty, place.ty.physical()) {
        (DataType::Boolean, _) => visit.bools(There(marks, Boolean(offset))),
        (DataType::Int, _) => visit.integers(There(marks, Int(offset))),
        (DataType::Date, _) => visit.integers(There(marks, RangedInt(ranged))),
        (DataType::BigInt, _) => visit.integers(There(marks, BigInt(offset))),
        (DataType::Timestamp | DataType::TimestampLtz(_), _) if place.unit_ns == 1 => {
            visit.integers(There(marks, BigInt(offset)))
        }
        (_, Physical::I64) => visit.integers(There(marks, ranged)),
        (_, Physical::I128) => visit.wides(There(marks, Wide::new(place))),
        (DataType::Real, _) => visit.doubles(There(marks, Real(offset))),
        (_, Physical::F64) => visit.doubles(There(marks, Double(offset))),
        // Its bytes are not padding, whatever they are.
        (DataType::Varbinary, _) => visit.texts(LongText),
        (_, Physical::Bool) => unreachable!("only BOOLEAN is held so"),
        (_, Physical::Text) if place.width <= 8 && place.record_bytes >= 8 => {
            visit.texts(There(marks, Text8::new(place)))
        }
        (_, Physical::Text) if place.width <= 16 && place.record_bytes >= 16 => {
            visit.texts(There(marks, Text16::new(place)))
        }
        (_, Physical::Text) => visit.texts(LongText),
    }
}

/// The `N` bytes of `record` at `offset`.
#[inline(always)]
fn bytes_at<const N: usize>(record: &[u8], offset: usize) -> Option<[u8; N]> {
    record.get(offset..)?.first_chunk().copied()
}

/// Whether a value is there.
trait Marks {
    fn is_null(&self, record: &[u8]) -> bool;
}

struct AlwaysThere;

impl Marks for AlwaysThere {
    #[inline(always)]
    fn is_null(&self, _: &[u8]) -> bool {
        false
    }
}

struct Marked {
    byte: usize,
    bit: u8,
}

impl Marks for Marked {
    #[inline(always)]
    fn is_null(&self, record: &[u8]) -> bool {
        record[self.byte] & self.bit != 0
    }
}

/// Takes what is not NULL.
struct There<M, R>(M, R);

impl<T, M: Marks, R: Read<T>> Read<T> for There<M, R> {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<T> {
        if self.0.is_null(record) {
            return None;
        }
        self.1.read(record)
    }
}

struct Boolean(usize);

impl Read<bool> for Boolean {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<bool> {
        match record.get(self.0)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

struct Int(usize);

impl Read<i64> for Int {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<i64> {
        Some(i32::from_le_bytes(bytes_at(record, self.0)?).into())
    }
}

struct BigInt(usize);

impl Read<i64> for BigInt {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<i64> {
        Some(i64::from_le_bytes(bytes_at(record, self.0)?))
    }
}

/// A number of 8 bytes within bounds, in units of `scale`.
struct Ranged {
    offset: usize,
    least: i64,
    greatest: i64,
    scale: i64,
}

impl Ranged {
    fn new(place: &Place) -> Self {
        let (least, greatest) = place.bounds();
        let is_time = place.ty.is_instant();
        Self {
            offset: place.offset,
            least: i64::try_from(least).unwrap_or(i64::MIN),
            greatest: i64::try_from(greatest).unwrap_or(i64::MAX),
            scale: if is_time { place.unit_ns } else { 1 },
        }
    }

    #[inline(always)]
    fn checked(&self, number: i64) -> Option<i64> {
        (self.least..=self.greatest)
            .contains(&number)
            .then(|| number.wrapping_mul(self.scale))
    }
}

impl Read<i64> for Ranged {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<i64> {
        self.checked(i64::from_le_bytes(bytes_at(record, self.offset)?))
    }
}

/// A number of 4 bytes within bounds.
struct RangedInt(Ranged);

impl Read<i64> for RangedInt {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<i64> {
        self.0.checked(Int(self.0.offset).read(record)?)
    }
}

struct Wide {
    offset: usize,
    least: i128,
    greatest: i128,
}

impl Wide {
    fn new(place: &Place) -> Self {
        let (least, greatest) = place.bounds();
        Self {
            offset: place.offset,
            least,
            greatest,
        }
    }
}

impl Read<i128> for Wide {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<i128> {
        let number = i128::from_le_bytes(bytes_at(record, self.offset)?);
        (self.least..=self.greatest)
            .contains(&number)
            .then_some(number)
    }
}

struct Double(usize);

impl Read<f64> for Double {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<f64> {
        Some(f64::from_le_bytes(bytes_at(record, self.0)?))
    }
}

struct Real(usize);

impl Read<f64> for Real {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<f64> {
        Some(f32::from_le_bytes(bytes_at(record, self.0)?).into())
    }
}

/// Where the word of `bytes` bytes begins that holds a field, and how far its bits are shifted in it.
fn window(place: &Place, bytes: usize) -> (usize, u32) {
    let start = place.offset.min(place.record_bytes - bytes);
    (start, 8 * (place.offset - start) as u32)
}

/// An ASCII text in a field of at most 8 bytes.
struct Text8 {
    start: usize,
    shift: u32,
    mask: u64,
}

impl Text8 {
    fn new(place: &Place) -> Self {
        let (start, shift) = window(place, 8);
        Self {
            start,
            shift,
            mask: u64::MAX >> (64 - 8 * place.width),
        }
    }
}

impl Read<TextView> for Text8 {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<TextView> {
        const NOT_ASCII: u64 = u64::from_ne_bytes([0x80; 8]);
        let word = u64::from_le_bytes(bytes_at(record, self.start)?) >> self.shift & self.mask;
        let length = 8 - word.leading_zeros() as usize / 8;
        (word & NOT_ASCII == 0).then(|| TextView::from_word(word.into(), length))
    }
}

/// An ASCII text that a view holds inline, in a field of at most 16 bytes.
struct Text16 {
    start: usize,
    shift: u32,
    mask: u128,
}

impl Text16 {
    fn new(place: &Place) -> Self {
        let (start, shift) = window(place, 16);
        Self {
            start,
            shift,
            mask: u128::MAX >> (128 - 8 * place.width),
        }
    }
}

impl Read<TextView> for Text16 {
    #[inline(always)]
    fn read(&self, record: &[u8]) -> Option<TextView> {
        const NOT_ASCII: u128 = u128::from_ne_bytes([0x80; 16]);
        let word = u128::from_le_bytes(bytes_at(record, self.start)?) >> self.shift & self.mask;
        let length = 16 - word.leading_zeros() as usize / 8;
        (word & NOT_ASCII == 0 && length <= TEXT_INLINE).then(|| TextView::from_word(word, length))
    }
}

/// A text in a longer field, and any text of a record that is shorter than a word.
struct LongText;

impl Read<TextView> for LongText {
    #[inline(always)]
    fn read(&self, _: &[u8]) -> Option<TextView> {
        None
    }
}
