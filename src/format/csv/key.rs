//! The framer's second pass: event time and key hashes of the rows found.

use super::Dialect;
use super::column::{Millis, Read, Text, ascii_word};
use super::number;
use super::spans::{self, Spans};
use crate::civil;
use crate::error::Reason;
use crate::format::simd::{self, Kernel, Scan};
use crate::format::{FaultScope, FrameFault, field};
use crate::hash;
use crate::plan::TimestampFormat;
use crate::time::{WATERMARK_END, WATERMARK_NONE};
use crate::types::{DataType, ZoneId};

/// A column of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumn {
    /// Index in the record.
    pub field: usize,
    pub ty: DataType,
}

/// Appends the event time of `rows` rows, read by a clock in `zone`; that of a faulty row is 0.
pub(super) fn read_times(
    spans: Spans<'_>,
    rows: usize,
    (dialect, zone): (&Dialect, ZoneId),
    times: &mut Vec<i64>,
    scratch: &mut Vec<u8>,
    faults: &mut Vec<FrameFault>,
) {
    let before = times.len();
    times.resize(before + rows, 0);
    let slots = &mut times[before..];
    let slow = |row: usize| {
        slow_time(spans.field(row), (dialect, zone), scratch).unwrap_or_else(|reason| {
            faults.push(FrameFault {
                row: (before + row) as u32,
                scope: FaultScope::EventTime,
                reason,
            });
            0
        })
    };
    match dialect.timestamp {
        TimestampFormat::Millis => {
            let fold = |_, time| time;
            simd::dispatch(Each::new(spans, dialect, slots, Millis, slow, fold));
        }
        _ => {
            let read = Text(|text: &[u8]| {
                let time = civil::parse_instant(text, &dialect.timestamp, zone).ok()?;
                (time != WATERMARK_NONE && time != WATERMARK_END).then_some(time)
            });
            simd::dispatch(Each::new(spans, dialect, slots, read, slow, |_, time| time));
        }
    }
}

/// The hash of an ASCII text of at most 16 bytes, by its seed.
struct TextHash(u64);

impl Read<u64> for TextHash {
    #[inline(always)]
    fn read<S: Scan>(&self, _: S, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let length = end - start;
        let word = ascii_word(bytes, start, length)?;
        let (low, high) = (word as u64, (word >> 64) as u64);
        (length > 0).then(|| hash::hash_text_words(self.0, low, high, length))
    }
}

/// The hash of an integer, by its seed.
struct IntegerHash(u64);

impl Read<u64> for IntegerHash {
    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let value = number::integer(scan, bytes, start, end)?;
        Some(hash::hash_i64(self.0, value))
    }
}

/// A tight loop over one field: into each row's slot it folds what `reader` makes of the field or, where that is
/// nothing or the field is out of the ordinary, what `slow` makes of the row.
///
/// A kernel for the sake of what the instruction sets bring for numbers, shifts and bit counts: it compares no
/// blocks.
struct Each<'a, T, R, G, F> {
    spans: Spans<'a>,
    dialect: &'a Dialect,
    slots: &'a mut [T],
    reader: R,
    slow: G,
    fold: F,
}

impl<'a, T, R, G, F> Each<'a, T, R, G, F> {
    fn new(
        spans: Spans<'a>,
        dialect: &'a Dialect,
        slots: &'a mut [T],
        reader: R,
        slow: G,
        fold: F,
    ) -> Self {
        Self {
            spans,
            dialect,
            slots,
            reader,
            slow,
            fold,
        }
    }
}

impl<T, R, G, F> Kernel for Each<'_, T, R, G, F>
where
    T: Copy,
    R: Read<T>,
    G: FnMut(usize) -> T,
    F: Fn(T, T) -> T,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) {
        let Self {
            spans,
            dialect,
            slots,
            reader,
            mut slow,
            fold,
        } = self;
        let (bytes, quote) = (spans.bytes, dialect.quote);
        let no_null_text = dialect.null_text.is_none();
        let rows = slots.len();
        let (starts, ends) = (&spans.starts[..rows], &spans.ends[..rows]);
        let masks = &spans.delimiters[..rows];
        for row in 0..rows {
            let span = match masks[row] {
                0 => spans.unquoted(row, quote),
                mask => Some(spans::in_mask(spans.field, mask, starts[row], ends[row])),
            };
            let value = match span {
                Some((start, end)) if no_null_text => reader.read(scan, bytes, start, end),
                _ => None,
            };
            let value = match value {
                Some(value) => value,
                None => slow(row),
            };
            slots[row] = fold(slots[row], value);
        }
    }
}

fn slow_time(
    field: &[u8],
    (dialect, zone): (&Dialect, ZoneId),
    scratch: &mut Vec<u8>,
) -> Result<i64, Reason> {
    let text = dialect.text(field, scratch).ok_or(Reason::EventTimeNull)?;
    match civil::parse_instant(text, &dialect.timestamp, zone) {
        Ok(WATERMARK_NONE | WATERMARK_END) | Err(_) => Err(Reason::EventTimeInvalid),
        Ok(value) => Ok(value),
    }
}

/// Hashes of one column of a key, folded into `hashes`, which has an entry for each row.
pub(super) struct HashColumn<'a> {
    pub spans: Spans<'a>,
    pub dialect: &'a Dialect,
    pub ty: DataType,
    pub seed: u64,
    pub hashes: &'a mut [u64],
    pub scratch: &'a mut Vec<u8>,
}

impl HashColumn<'_> {
    /// The first column: its hash is the key's so far. Calls `faulty` with unreadable rows.
    pub fn first(self, faulty: impl FnMut(usize)) {
        self.fold(|_, hash| hash, faulty);
    }

    /// A further column.
    pub fn next(self, faulty: impl FnMut(usize)) {
        self.fold(hash::combine, faulty);
    }

    fn fold(self, fold: impl Fn(u64, u64) -> u64, faulty: impl FnMut(usize)) {
        let seed = self.seed;
        match self.ty {
            DataType::Varchar => self.fold_with(TextHash(seed), fold, faulty),
            DataType::BigInt => self.fold_with(IntegerHash(seed), fold, faulty),
            _ => self.fold_with(Text(|_: &[u8]| None), fold, faulty),
        }
    }

    fn fold_with(
        self,
        reader: impl Read<u64>,
        fold: impl Fn(u64, u64) -> u64,
        mut faulty: impl FnMut(usize),
    ) {
        let Self {
            spans,
            dialect,
            ty,
            seed,
            hashes,
            scratch,
        } = self;
        let slow = |row: usize| {
            let hash = match dialect.text(spans.field(row), scratch) {
                Some(text) => field::hash(ty, &dialect.timestamp, text, seed),
                None => Ok(hash::hash_null(seed)),
            };
            hash.unwrap_or_else(|_| {
                faulty(row);
                0
            })
        };
        simd::dispatch(Each::new(spans, dialect, hashes, reader, slow, fold));
    }
}
