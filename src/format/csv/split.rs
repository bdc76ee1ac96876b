//! The first pass: rows and the ends of their first fields, from 64-byte masks.

use super::Dialect;
use super::quoted::{self, scan_record};
use crate::error::Reason;
use crate::format::simd::{self, BLOCK, Kernel, Scan};
use crate::limits::RECORD_BYTES_MAX;

/// Rows found and what is wrong with them, struct of arrays; reused. The arrays never shrink, so that a
/// call that finds one row clears nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct RowTable {
    /// Ends kept for each row.
    pub stride: usize,
    /// Rows found.
    pub rows: usize,
    /// First byte of each row.
    pub starts: Vec<u32>,
    /// Byte behind the last.
    pub ends: Vec<u32>,
    /// Ends of the first `stride` fields of each row; those a row lacks lie at its end.
    pub field_ends: Vec<u32>,
    /// Faulty rows, rising.
    pub faults: Vec<(u32, Reason)>,
}

/// Why no more rows were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As many as asked for.
    Full,
    /// The bytes end; what is left is no whole record.
    Bytes,
    /// The last row found is too long; the rest of it has to be skipped.
    TooLong,
}

/// Finds at most `max` rows in `bytes[at..]`, of which `last` says that nothing follows.
pub(super) struct FindRows<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
    pub last: bool,
    pub max: usize,
    pub dialect: &'a Dialect,
    pub table: &'a mut RowTable,
}

/// A row as found.
struct Row {
    /// Byte behind its last; the newline's when there is no CR.
    end: usize,
    /// Where the next one starts.
    next: usize,
    fault: Option<Reason>,
}

impl FindRows<'_> {
    /// Fills the table; returns where the next row starts and why it stopped there.
    pub fn find(self) -> (usize, Stop) {
        let table = &mut *self.table;
        table.faults.clear();
        if table.starts.len() < self.max {
            table.starts.resize(self.max, 0);
            table.ends.resize(self.max, 0);
            table.field_ends.resize(self.max * table.stride, 0);
        }
        simd::dispatch(self)
    }
}

impl Kernel for FindRows<'_> {
    type Output = (usize, Stop);

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) -> (usize, Stop) {
        let Self {
            bytes,
            mut at,
            last,
            max,
            dialect,
            table,
        } = self;
        let needles = [b'\n', dialect.delimiter, dialect.quote];
        let stride = table.stride;
        let mut rows = 0;
        let mut stop = Stop::Full;
        while rows < max {
            let slots = &mut table.field_ends[rows * stride..][..stride];
            let mut row = None;
            if let Some(block) = bytes[at..].first_chunk::<BLOCK>() {
                let [newlines, delimiters, quotes] = scan.masks(block, needles);
                let line = newlines ^ newlines.wrapping_sub(1);
                if newlines != 0 && quotes & line == 0 {
                    let length = newlines.trailing_zeros() as usize;
                    let end = at + length - usize::from(length > 0 && block[length - 1] == b'\r');
                    let delimiters = delimiters & line;
                    store_ends(slots, at, delimiters, end);
                    let found = delimiters.count_ones() as usize + 1;
                    row = Some(Row {
                        end,
                        next: at + length + 1,
                        fault: (found < stride).then_some(Reason::FieldCount),
                    });
                }
            }
            let row = match row {
                Some(row) => row,
                None => match hard_row(scan, bytes, at, last, dialect, slots) {
                    Some(row) => row,
                    None => {
                        stop = Stop::Bytes;
                        break;
                    }
                },
            };
            if row.end == at {
                at = row.next;
                continue;
            }
            table.starts[rows] = at as u32;
            table.ends[rows] = row.end as u32;
            at = row.next;
            rows += 1;
            if let Some(reason) = row.fault {
                table.faults.push((rows as u32 - 1, reason));
                if reason == Reason::LineTooLong {
                    stop = Stop::TooLong;
                    break;
                }
            }
        }
        table.rows = rows;
        (at, stop)
    }
}

/// Stores the ends of fields as the delimiters of a block that begins at `at` tell; those it does not have
/// are at `end`.
#[inline(always)]
fn store_ends(slots: &mut [u32], at: usize, mut delimiters: u64, end: usize) {
    for slot in slots {
        let field_end = at + delimiters.trailing_zeros() as usize;
        *slot = field_end.min(end) as u32;
        delimiters &= delimiters.wrapping_sub(1);
    }
}

/// A row that is longer than a block, has a quote, or lies in the last bytes.
#[inline(always)]
fn hard_row<S: Scan>(
    scan: S,
    bytes: &[u8],
    start: usize,
    last: bool,
    dialect: &Dialect,
    slots: &mut [u32],
) -> Option<Row> {
    if start == bytes.len() {
        return None;
    }
    // One byte more than the longest record: where its newline may be.
    let window = &bytes[..bytes.len().min(start + RECORD_BYTES_MAX + 1)];
    let fields = plain_fields(scan, window, start, true, dialect, slots);
    let (fields, newline, fault) = if fields.quoted {
        quoted_row(window, start, dialect, slots)
    } else {
        (fields.count, fields.newline, None)
    };
    let raw_end = match newline {
        Some(newline) => newline,
        None if window.len() - start > RECORD_BYTES_MAX => {
            let end = start + RECORD_BYTES_MAX;
            slots.fill(end as u32);
            return Some(Row {
                end,
                next: end,
                fault: Some(Reason::LineTooLong),
            });
        }
        None if !last => return None,
        None => window.len(),
    };
    let end = raw_end - usize::from(raw_end > start && bytes[raw_end - 1] == b'\r');
    for slot in slots.iter_mut().skip(fields - 1) {
        *slot = end as u32;
    }
    let short = (fields < slots.len()).then_some(Reason::FieldCount);
    Some(Row {
        end,
        next: (raw_end + 1).min(bytes.len()),
        fault: fault.or(short),
    })
}

/// Fields, newline and fault of a row with quotes.
#[cold]
#[inline(never)]
fn quoted_row(
    bytes: &[u8],
    start: usize,
    dialect: &Dialect,
    slots: &mut [u32],
) -> (usize, Option<usize>, Option<Reason>) {
    let mut fields = 1;
    let quoted::Scanned {
        newline,
        open,
        stray,
    } = scan_record(bytes, start, dialect, |at| {
        if let Some(slot) = slots.get_mut(fields - 1) {
            *slot = at as u32;
        }
        fields += 1;
    });
    (fields, newline, (open || stray).then_some(Reason::Quote))
}

/// Fields of a row up to a newline, the first quote, or the end of the bytes.
struct PlainFields {
    count: usize,
    newline: Option<usize>,
    quoted: bool,
}

/// Walks a row block by block. With `lines` it ends at a newline, else only with the bytes. Stores the ends
/// of the fields that a delimiter ends.
#[inline(always)]
fn plain_fields<S: Scan>(
    scan: S,
    bytes: &[u8],
    start: usize,
    lines: bool,
    dialect: &Dialect,
    slots: &mut [u32],
) -> PlainFields {
    let needles = [b'\n', dialect.delimiter, dialect.quote];
    let mut count = 1;
    let mut at = start;
    let mut room = [0; BLOCK];
    while at < bytes.len() {
        let (block, valid) = simd::block_at(bytes, at, &mut room);
        let [newlines, delimiters, quotes] = scan.masks(block, needles);
        let newlines = if lines { newlines & valid } else { 0 };
        let line = valid & (newlines ^ newlines.wrapping_sub(1));
        if quotes & line != 0 {
            return PlainFields {
                count,
                newline: None,
                quoted: true,
            };
        }
        let delimiters = delimiters & line;
        let kept = slots.len().min(count - 1);
        let here = (slots.len() - kept).min(delimiters.count_ones() as usize);
        store_ends(&mut slots[kept..kept + here], at, delimiters, bytes.len());
        count += delimiters.count_ones() as usize;
        if newlines != 0 {
            return PlainFields {
                count,
                newline: Some(at + newlines.trailing_zeros() as usize),
                quoted: false,
            };
        }
        at += BLOCK;
    }
    PlainFields {
        count,
        newline: None,
        quoted: false,
    }
}

/// Finds the ends of the first fields of rows already framed.
pub(super) struct SplitRows<'a> {
    pub bytes: &'a [u8],
    pub starts: &'a [u32],
    pub ends: &'a [u32],
    /// Fields that every row must have, at least `stride`.
    pub field_count: usize,
    pub stride: usize,
    pub dialect: &'a Dialect,
    /// Room for `stride` ends a row.
    pub field_ends: &'a mut [u32],
    /// Takes the faulty rows, rising.
    pub faults: &'a mut Vec<(u32, Reason)>,
}

impl SplitRows<'_> {
    /// Fills `field_ends` and `faults`.
    pub fn split(self) {
        simd::dispatch(self);
    }
}

impl Kernel for SplitRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) {
        let Self {
            bytes,
            starts,
            ends,
            field_count,
            stride,
            dialect,
            field_ends,
            faults,
        } = self;
        let needles = [dialect.delimiter, dialect.quote];
        for (row, (&start, &end)) in starts.iter().zip(ends).enumerate() {
            let (start, end) = (start as usize, end as usize);
            let slots = &mut field_ends[row * stride..][..stride];
            let block = bytes[start..].first_chunk::<BLOCK>();
            if let Some(block) = block
                && (1..=BLOCK).contains(&(end - start))
            {
                let [delimiters, quotes] = scan.masks(block, needles);
                let line = u64::MAX >> (BLOCK - (end - start));
                if quotes & line == 0 {
                    let delimiters = delimiters & line;
                    store_ends(slots, start, delimiters, end);
                    if delimiters.count_ones() as usize + 1 != field_count {
                        faults.push((row as u32, Reason::FieldCount));
                    }
                    continue;
                }
            }
            let fields = plain_fields(scan, &bytes[..end], start, false, dialect, slots);
            let (count, fault) = if fields.quoted {
                let (count, _, fault) = quoted_row(&bytes[..end], start, dialect, slots);
                (count, fault)
            } else {
                (fields.count, None)
            };
            for slot in slots.iter_mut().skip(count - 1) {
                *slot = end as u32;
            }
            let wrong_count = (count != field_count).then_some(Reason::FieldCount);
            if let Some(reason) = fault.or(wrong_count) {
                faults.push((row as u32, reason));
            }
        }
    }
}

/// Fields of one record, for the ledger's order of faults.
pub(super) fn count_fields(record: &[u8], dialect: &Dialect) -> usize {
    let mut fields = 1;
    scan_record(record, 0, dialect, |_| fields += 1);
    fields
}
