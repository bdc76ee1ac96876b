//! The framer's second pass: event time and key hashes of the rows found.

use super::Dialect;
use super::column::ascii_word;
use super::number;
use super::spans::Spans;
use crate::civil;
use crate::error::Reason;
use crate::format::{FaultScope, FrameFault, field};
use crate::hash;
use crate::plan::TimestampFormat;
use crate::time::{WATERMARK_END, WATERMARK_NONE};
use crate::types::DataType;

/// A column of a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyColumn {
    /// Index in the record.
    pub field: usize,
    pub ty: DataType,
}

/// Appends the event time of `rows` rows; that of a faulty row is 0.
pub(super) fn read_times(
    spans: Spans<'_>,
    rows: usize,
    dialect: &Dialect,
    times: &mut Vec<i64>,
    scratch: &mut Vec<u8>,
    faults: &mut Vec<FrameFault>,
) {
    match dialect.timestamp {
        TimestampFormat::Millis => {
            fill_times(spans, rows, dialect, times, scratch, faults, number::millis);
        }
        _ => fill_times(
            spans,
            rows,
            dialect,
            times,
            scratch,
            faults,
            |bytes, start, end| {
                if start == end {
                    return None;
                }
                civil::parse_timestamp(&bytes[start..end], &dialect.timestamp).ok()
            },
        ),
    }
}

#[inline(always)]
fn fill_times(
    spans: Spans<'_>,
    rows: usize,
    dialect: &Dialect,
    times: &mut Vec<i64>,
    scratch: &mut Vec<u8>,
    faults: &mut Vec<FrameFault>,
    read: impl Fn(&[u8], usize, usize) -> Option<i64>,
) {
    let before = times.len();
    times.resize(before + rows, 0);
    let no_null_text = dialect.null_text.is_none();
    for (row, time) in times[before..].iter_mut().enumerate() {
        let (start, end) = spans.get(row);
        if no_null_text
            && spans.bytes.get(start) != Some(&dialect.quote)
            && let Some(value) = read(spans.bytes, start, end)
            && value != WATERMARK_NONE
            && value != WATERMARK_END
        {
            *time = value;
        } else {
            match slow_time(spans.field(row), dialect, scratch) {
                Ok(value) => *time = value,
                Err(reason) => faults.push(FrameFault {
                    row: (before + row) as u32,
                    scope: FaultScope::EventTime,
                    reason,
                }),
            }
        }
    }
}

fn slow_time(field: &[u8], dialect: &Dialect, scratch: &mut Vec<u8>) -> Result<i64, Reason> {
    let text = dialect.text(field, scratch).ok_or(Reason::EventTimeNull)?;
    match civil::parse_timestamp(text, &dialect.timestamp) {
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

    #[inline(always)]
    fn fold(self, fold: impl Fn(u64, u64) -> u64, faulty: impl FnMut(usize)) {
        let seed = self.seed;
        match self.ty {
            DataType::Varchar => self.fold_with(fold, faulty, |bytes, start, end| {
                let length = end - start;
                let word = ascii_word(bytes, start, length)?;
                Some(hash::hash_text_words(
                    seed,
                    word as u64,
                    (word >> 64) as u64,
                    length,
                ))
            }),
            DataType::BigInt => self.fold_with(fold, faulty, |bytes, start, end| {
                let value = number::integer(bytes, start, end)?;
                Some(hash::hash_i64(seed, value))
            }),
            _ => self.fold_with(fold, faulty, |_, _, _| None),
        }
    }

    #[inline(always)]
    fn fold_with(
        self,
        fold: impl Fn(u64, u64) -> u64,
        mut faulty: impl FnMut(usize),
        fast: impl Fn(&[u8], usize, usize) -> Option<u64>,
    ) {
        let Self {
            spans,
            dialect,
            ty,
            seed,
            hashes,
            scratch,
        } = self;
        let no_null_text = dialect.null_text.is_none();
        for (row, slot) in hashes.iter_mut().enumerate() {
            let (start, end) = spans.get(row);
            if no_null_text
                && start < end
                && spans.bytes[start] != dialect.quote
                && let Some(hash) = fast(spans.bytes, start, end)
            {
                *slot = fold(*slot, hash);
                continue;
            }
            let hash = match dialect.text(spans.field(row), scratch) {
                Some(text) => field::hash(ty, &dialect.timestamp, text, seed),
                None => Ok(hash::hash_null(seed)),
            };
            match hash {
                Ok(hash) => *slot = fold(*slot, hash),
                Err(_) => faulty(row),
            }
        }
    }
}
