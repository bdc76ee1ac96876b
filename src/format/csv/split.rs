//! The first pass: rows and the ends of their first fields, from 64-byte masks.

use super::Dialect;
use super::expand::ExpandRows;
use super::quoted::{self, scan_record};
use super::window::{Look, PlainRows, Window};
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
    /// Delimiters of each row, as a mask of its bytes; 0 where a decoder has to look itself.
    pub delimiters: Vec<u64>,
    /// Rows that took a closer look, rising; the others' masks tell their first `stride` fields.
    pub hard: Vec<u32>,
    /// Ends of the first `stride` fields of each of those; fields that a row lacks lie at its end.
    pub field_ends: Vec<u32>,
    /// Whether one of those has a quote.
    pub quoted: bool,
    /// What is known of the bytes from the next row on.
    pub window: Window,
    /// Faulty rows, rising.
    pub faults: Vec<(u32, Reason)>,
}

impl RowTable {
    /// The bounds of the first `stride` fields of all rows, as [`ExpandRows`] lays them out.
    pub fn bounds(&self, bounds: &mut Vec<u32>) {
        let (rows, stride) = (self.rows, self.stride);
        if bounds.len() < rows * (stride + 1) {
            bounds.resize(rows * (stride + 1), 0);
        }
        if rows == 0 {
            return;
        }
        simd::dispatch(ExpandRows {
            starts: &self.starts[..rows],
            ends: &self.ends[..rows],
            delimiters: &self.delimiters[..rows],
            arrays: stride + 1,
            bounds,
        });
        for (at, &row) in self.hard.iter().enumerate() {
            let row = row as usize;
            for field in 0..stride {
                bounds[(field + 1) * rows + row] = self.field_ends[at * stride + field];
            }
        }
    }
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

/// A row that takes a closer look.
struct Row {
    /// Byte behind its last; the newline's when there is no CR.
    end: usize,
    /// Where the next one starts.
    next: usize,
    /// As in [`RowTable`].
    delimiters: u64,
    quoted: bool,
    fault: Option<Reason>,
}

impl FindRows<'_> {
    /// Fills the table; returns where the next row starts and why it stopped there.
    pub fn find(self) -> (usize, Stop) {
        let table = &mut *self.table;
        table.faults.clear();
        table.hard.clear();
        table.field_ends.clear();
        table.quoted = false;
        if table.starts.len() < self.max {
            table.starts.resize(self.max, 0);
            table.ends.resize(self.max, 0);
            table.delimiters.resize(self.max, 0);
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
        let stride = table.stride;
        table.rows = 0;
        while table.rows < max {
            let rows = table.rows..max;
            let look = Look {
                bytes,
                at,
                dialect,
                window: &mut table.window,
            };
            if scan.enter(look) {
                let plain = scan.enter(PlainRows {
                    bytes,
                    at,
                    fields: stride.max(2),
                    window: &mut table.window,
                    starts: &mut table.starts[rows.clone()],
                    ends: &mut table.ends[rows.clone()],
                    delimiters: &mut table.delimiters[rows],
                });
                table.rows += plain.0;
                at = plain.1;
                if plain.0 > 0 {
                    continue;
                }
            }
            let row = table.rows;
            let kept = table.field_ends.len();
            table.field_ends.resize(kept + stride, 0);
            let hard = scan.enter(HardRow {
                bytes,
                start: at,
                last,
                dialect,
                slots: &mut table.field_ends[kept..],
            });
            let Some(hard) = hard else {
                return (at, Stop::Bytes);
            };
            let start = std::mem::replace(&mut at, hard.next);
            if hard.end == start {
                table.field_ends.truncate(kept);
                continue;
            }
            table.hard.push(row as u32);
            table.quoted |= hard.quoted;
            table.starts[row] = start as u32;
            table.ends[row] = hard.end as u32;
            table.delimiters[row] = hard.delimiters;
            table.rows += 1;
            if let Some(reason) = hard.fault {
                table.faults.push((row as u32, reason));
                if reason == Reason::LineTooLong {
                    return (at, Stop::TooLong);
                }
            }
        }
        (at, Stop::Full)
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

/// A row that is longer than a block, has a quote or no delimiter, is empty, or lies in the last bytes.
struct HardRow<'a> {
    bytes: &'a [u8],
    start: usize,
    last: bool,
    dialect: &'a Dialect,
    slots: &'a mut [u32],
}

impl Kernel for HardRow<'_> {
    type Output = Option<Row>;

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) -> Option<Row> {
        let Self {
            bytes,
            start,
            last,
            dialect,
            slots,
        } = self;
        if start == bytes.len() {
            return None;
        }
        // One byte more than the longest record: where its newline may be.
        let window = &bytes[..bytes.len().min(start + RECORD_BYTES_MAX + 1)];
        let fields = plain_fields(scan, window, start, true, dialect, slots);
        let (first_block, quoted) = (fields.first_block, fields.quoted);
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
                    delimiters: 0,
                    quoted,
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
            delimiters: if raw_end - start < BLOCK {
                first_block
            } else {
                0
            },
            quoted,
            fault: fault.or(short),
        })
    }
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
    /// Delimiters of the first block; 0 where there are quotes.
    first_block: u64,
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
    let (mut count, mut first_block) = (1, 0);
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
                first_block: 0,
                newline: None,
                quoted: true,
            };
        }
        let delimiters = delimiters & line;
        if at == start {
            first_block = delimiters;
        }
        let kept = slots.len().min(count - 1);
        let here = (slots.len() - kept).min(delimiters.count_ones() as usize);
        store_ends(&mut slots[kept..kept + here], at, delimiters, bytes.len());
        count += delimiters.count_ones() as usize;
        if newlines != 0 {
            return PlainFields {
                count,
                first_block,
                newline: Some(at + newlines.trailing_zeros() as usize),
                quoted: false,
            };
        }
        at += BLOCK;
    }
    PlainFields {
        count,
        first_block,
        newline: None,
        quoted: false,
    }
}

/// Finds the bounds of the first fields of rows already framed.
pub(super) struct SplitRows<'a> {
    pub bytes: &'a [u8],
    pub starts: &'a [u32],
    pub ends: &'a [u32],
    /// Bit `b` is set where byte `b` of the row is a delimiter; 0, or no entry, where its bytes have to be looked at.
    pub delimiters: &'a [u64],
    /// Fields that every row must have, at least as many as `bounds` has room for.
    pub field_count: usize,
    pub dialect: &'a Dialect,
    /// As [`ExpandRows`] fills them, `stride` arrays.
    pub bounds: &'a mut [u32],
    pub stride: usize,
    /// Room for the bounds of one row.
    pub slots: &'a mut Vec<u32>,
    /// Takes the faulty rows, rising.
    pub faults: &'a mut Vec<(u32, Reason)>,
}

/// Whether a row's mask says all there is to know.
#[inline(always)]
fn is_regular(mask: u64, field_count: usize) -> bool {
    (mask != 0) & (mask.count_ones() as usize + 1 == field_count)
}

impl SplitRows<'_> {
    /// Fills `bounds` and `faults`.
    pub fn split(self) {
        simd::dispatch(self);
    }

    /// Looks at row `row` itself, unless its mask is right. `slots` has room for the ends of a row's fields.
    #[inline(always)]
    fn split_row<S: Scan>(&mut self, scan: S, row: usize, slots: &mut [u32]) -> Option<Reason> {
        let (bytes, dialect) = (self.bytes, self.dialect);
        let (start, end) = (self.starts[row] as usize, self.ends[row] as usize);
        let known = self.delimiters.get(row).copied().unwrap_or(0);
        let (count, fault) = if known != 0 {
            store_ends(slots, start, known, end);
            (known.count_ones() as usize + 1, None)
        } else {
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
            (count, fault)
        };
        let rows = self.starts.len();
        self.bounds[row] = self.starts[row].wrapping_sub(1);
        for (field, &slot) in slots.iter().enumerate() {
            self.bounds[(field + 1) * rows + row] = slot;
        }
        fault.or((count != self.field_count).then_some(Reason::FieldCount))
    }
}

impl Kernel for SplitRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(mut self, scan: S) {
        if self.starts.is_empty() {
            return;
        }
        let masked = self.delimiters.len() == self.starts.len();
        let expand = ExpandRows {
            starts: self.starts,
            ends: self.ends,
            delimiters: self.delimiters,
            arrays: self.stride,
            bounds: self.bounds,
        };
        let field_count = self.field_count;
        if masked && expand.expand(|mask| is_regular(mask, field_count)) {
            return;
        }
        let mut slots = std::mem::take(self.slots);
        slots.clear();
        slots.resize(self.stride - 1, 0);
        for row in 0..self.starts.len() {
            if masked && is_regular(self.delimiters[row], field_count) {
                continue;
            }
            if let Some(reason) = self.split_row(scan, row, &mut slots) {
                self.faults.push((row as u32, reason));
            }
        }
        *self.slots = slots;
    }
}

/// Fields of one record, for the ledger's order of faults.
pub(super) fn count_fields(record: &[u8], dialect: &Dialect) -> usize {
    let mut fields = 1;
    scan_record(record, 0, dialect, |_| fields += 1);
    fields
}
