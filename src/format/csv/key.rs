//! The framer's second pass: event time and key hashes of the rows found.

use super::Dialect;
use super::column::{Epochs, Millis, Read, Text, ascii_word};
use super::number;
use super::spans::{self, Bounds};
use crate::civil;
use crate::error::Reason;
use crate::format::simd::{self, Kernel, LANES, Places, Scan};
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

/// One field of rows.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub bounds: Bounds<'a>,
    /// Whether there is a quote in one of the rows.
    pub quoted: bool,
}

/// Appends the event time of `rows` rows, read by a clock in `zone`; that of a faulty row is 0.
pub(super) fn read_times(
    fields: Fields<'_>,
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
        slow_time(fields.bounds.field(row), (dialect, zone), scratch).unwrap_or_else(|reason| {
            faults.push(FrameFault {
                row: (before + row) as u32,
                scope: FaultScope::EventTime,
                reason,
            });
            0
        })
    };
    let fold = |_, time| time;
    let read = Text(|text: &[u8]| {
        let time = civil::parse_instant(text, &dialect.timestamp, zone).ok()?;
        (time != WATERMARK_NONE && time != WATERMARK_END).then_some(time)
    });
    match dialect.timestamp {
        TimestampFormat::Millis => {
            let read = Epochs::<13, _>::new(Millis);
            simd::dispatch(Each::new(fields, dialect, slots, read, slow, fold));
        }
        TimestampFormat::Micros => {
            let read = Epochs::<16, _>::new(read);
            simd::dispatch(Each::new(fields, dialect, slots, read, slow, fold));
        }
        TimestampFormat::Nanos => {
            let read = Epochs::<19, _>::new(read);
            simd::dispatch(Each::new(fields, dialect, slots, read, slow, fold));
        }
        _ => simd::dispatch(Each::new(fields, dialect, slots, read, slow, fold)),
    }
}

/// The hash of an ASCII text of at most 16 bytes, by its seed.
struct TextHash(u64);

impl Read<u64> for TextHash {
    const IN_LANES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, _: S, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let length = end - start;
        let word = ascii_word(bytes, start, length)?;
        let (low, high) = (word as u64, (word >> 64) as u64);
        (length > 0).then(|| hash::hash_text_words(self.0, low, high, length))
    }

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [u64; LANES],
    ) -> u32 {
        scan.text_hashes(bytes, places, self.0, slots)
    }
}

/// The hash of an integer, by its seed.
struct IntegerHash(u64);

impl Read<u64> for IntegerHash {
    const IN_LANES: bool = true;

    #[inline(always)]
    fn read<S: Scan>(&self, scan: S, bytes: &[u8], start: usize, end: usize) -> Option<u64> {
        let value = number::integer(scan, bytes, start, end)?;
        Some(hash::hash_i64(self.0, value))
    }

    #[inline(always)]
    fn read_lanes<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        (places, _): (Places<'_>, u8),
        slots: &mut [u64; LANES],
    ) -> u32 {
        let mut values = [0; LANES];
        let taken = scan.integers(bytes, places, &mut values);
        for (slot, value) in slots.iter_mut().zip(values) {
            *slot = hash::hash_i64(self.0, value);
        }
        taken
    }
}

/// A tight loop over one field: into each row's slot it folds what `reader` makes of the field or, where that is
/// nothing or the field is out of the ordinary, what `slow` makes of the row.
///
/// A kernel for the sake of what the instruction sets bring for numbers, shifts and bit counts: it compares no
/// blocks.
struct Each<'a, T, R, G, F> {
    fields: Fields<'a>,
    dialect: &'a Dialect,
    slots: &'a mut [T],
    reader: R,
    slow: G,
    fold: F,
}

impl<'a, T, R, G, F> Each<'a, T, R, G, F> {
    fn new(
        fields: Fields<'a>,
        dialect: &'a Dialect,
        slots: &'a mut [T],
        reader: R,
        slow: G,
        fold: F,
    ) -> Self {
        Self {
            fields,
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
    T: Copy + Default,
    R: Read<T>,
    G: FnMut(usize) -> T,
    F: Fn(T, T) -> T,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) {
        let Self {
            fields,
            dialect,
            slots,
            reader,
            mut slow,
            fold,
        } = self;
        let Fields { bounds, quoted } = fields;
        let (bytes, quote) = (bounds.bytes, dialect.quote);
        if dialect.null_text.is_some() {
            // Any field may be NULL.
            for (row, slot) in slots.iter_mut().enumerate() {
                *slot = fold(*slot, slow(row));
            }
            return;
        }
        let rows = slots.len();
        let mut done = 0;
        if R::IN_LANES && !quoted {
            let slots = slots.as_chunks_mut::<LANES>().0;
            let before = bounds.before[..rows].as_chunks::<LANES>().0;
            let ends = bounds.ends[..rows].as_chunks::<LANES>().0;
            for ((slots, before), ends) in slots.iter_mut().zip(before).zip(ends) {
                let mut values = [T::default(); LANES];
                let places = (Places { before, ends }, quote);
                let taken = reader.read_lanes(scan, bytes, places, &mut values);
                for lane in 0..LANES {
                    let value = if taken >> lane & 1 == 1 {
                        values[lane]
                    } else {
                        let (start, end) = spans::between(before[lane], ends[lane]);
                        let value = reader.read(scan, bytes, start, end);
                        value.unwrap_or_else(|| slow(done + lane))
                    };
                    slots[lane] = fold(slots[lane], value);
                }
                done += LANES;
            }
        }
        for (row, slot) in slots.iter_mut().enumerate().skip(done) {
            let (start, end) = bounds.get(row);
            let plain = !quoted || bytes.get(start) != Some(&quote);
            let value = match plain {
                true => reader.read(scan, bytes, start, end),
                false => None,
            };
            *slot = fold(*slot, value.unwrap_or_else(|| slow(row)));
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
    pub fields: Fields<'a>,
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
            fields,
            dialect,
            ty,
            seed,
            hashes,
            scratch,
        } = self;
        let slow = |row: usize| {
            let hash = match dialect.text(fields.bounds.field(row), scratch) {
                Some(text) => field::hash(ty, &dialect.timestamp, text, seed),
                None => Ok(hash::hash_null(seed)),
            };
            hash.unwrap_or_else(|_| {
                faulty(row);
                0
            })
        };
        simd::dispatch(Each::new(fields, dialect, hashes, reader, slow, fold));
    }
}
