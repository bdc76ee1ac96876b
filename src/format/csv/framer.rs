//! CSV records, their event time and key hashes, from the bytes of a read.

use super::Dialect;
use super::key::Fields;
use super::key::{HashColumn, KeyColumn, read_times};
use super::spans::Bounds;
use super::split::{FindRows, RowTable, Stop, count_fields};
use crate::error::Reason;
use crate::format::{FaultScope, FrameFault, FrameSpec, Framer, Frames};
use crate::plan::CsvFormat;
use crate::types::{DataType, Schema, ZoneId};

/// Rows that go through both passes at a time: their bytes are still in the L1 for the second.
const ROWS_AT_A_TIME: usize = 256;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The framer of CSV.
#[derive(Debug)]
pub struct CsvFramer {
    // Fixed at construction.
    dialect: Dialect,
    field_count: usize,
    header: bool,
    /// Field of the event time.
    time: Option<usize>,
    /// Of the event time, when it is a TIMESTAMP_LTZ.
    zone: ZoneId,
    keys: Vec<Vec<KeyColumn>>,
    seed: u64,
    // State.
    expects_mark: bool,
    expects_header: bool,
    /// Within the rest of a record that was too long.
    skipping: bool,
    // Buffers.
    table: RowTable,
    /// Bounds of the table's rows.
    bounds: Vec<u32>,
    faults: Vec<FrameFault>,
    scratch: Vec<u8>,
}

impl CsvFramer {
    /// A framer at the start of a file.
    ///
    /// # Panics
    /// When `spec` or `format` name columns that `schema` does not have.
    pub fn new(format: &CsvFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        let field_of = |column: usize| usize::from(format.fields[column]);
        let keys: Vec<Vec<KeyColumn>> = spec
            .keys
            .iter()
            .map(|columns| {
                let key_column = |&column: &usize| KeyColumn {
                    field: field_of(column),
                    ty: schema.fields[column].ty,
                };
                columns.iter().map(key_column).collect()
            })
            .collect();
        let time = spec.time.map(field_of);
        let last_field = keys.iter().flatten().map(|key| key.field).chain(time).max();
        let table = RowTable {
            stride: last_field.map_or(0, |field| field + 1),
            ..RowTable::default()
        };
        Self {
            dialect: Dialect::new(format),
            field_count: usize::from(format.field_count),
            header: format.header,
            time,
            zone: match spec.time.map(|column| schema.fields[column].ty) {
                Some(DataType::TimestampLtz(zone)) => zone,
                _ => ZoneId::UTC,
            },
            keys,
            seed: spec.hash_seed,
            expects_mark: true,
            expects_header: format.header,
            skipping: false,
            table,
            bounds: Vec::new(),
            faults: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Passes over a byte order mark; false when there are too few bytes to tell.
    fn pass_mark(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> bool {
        let rest = &bytes[*at..];
        if rest.starts_with(BYTE_ORDER_MARK) {
            *at += BYTE_ORDER_MARK.len();
        } else if BYTE_ORDER_MARK.starts_with(rest) && !last {
            return false;
        }
        self.expects_mark = false;
        true
    }

    /// Passes over the rest of a record that was too long; false when it goes on behind the bytes.
    fn pass_rest(&mut self, bytes: &[u8], at: &mut usize, last: bool) -> bool {
        match memchr::memchr(b'\n', &bytes[*at..]) {
            Some(length) => {
                *at += length + 1;
                self.skipping = false;
            }
            None => {
                *at = bytes.len();
                self.skipping = !last;
            }
        }
        !self.skipping
    }

    /// First pass over at most `max` rows.
    fn find(&mut self, bytes: &[u8], at: usize, last: bool, max: usize) -> (usize, Stop) {
        let found = FindRows {
            bytes,
            at,
            last,
            max,
            dialect: &self.dialect,
            table: &mut self.table,
        }
        .find();
        self.skipping = found.1 == Stop::TooLong;
        found
    }

    /// Second pass: appends the rows of the table to `out`.
    fn read(&mut self, bytes: &[u8], out: &mut Frames) {
        let table = &self.table;
        let (before, rows) = (out.starts.len(), table.rows);
        out.starts.extend_from_slice(&table.starts[..rows]);
        out.ends.extend_from_slice(&table.ends[..rows]);
        let delimiters = &table.delimiters[..rows];
        out.delimiters.extend_from_slice(delimiters);
        self.faults.clear();
        table.bounds(&mut self.bounds);
        let fields = |field: usize| Fields {
            bounds: Bounds::of(bytes, &self.bounds, rows, field),
            quoted: table.quoted,
        };
        if let Some(field) = self.time {
            read_times(
                fields(field),
                rows,
                (&self.dialect, self.zone),
                &mut out.times,
                &mut self.scratch,
                &mut self.faults,
            );
        }
        for (index, (columns, hashes)) in self.keys.iter().zip(&mut out.hashes).enumerate() {
            hashes.resize(before + rows, 0);
            for (position, key) in columns.iter().enumerate() {
                let column = HashColumn {
                    fields: fields(key.field),
                    dialect: &self.dialect,
                    ty: key.ty,
                    seed: self.seed,
                    hashes: &mut hashes[before..],
                    scratch: &mut self.scratch,
                };
                let faults = &mut self.faults;
                let faulty = |row: usize| {
                    faults.push(FrameFault {
                        row: (before + row) as u32,
                        scope: FaultScope::Key(index as u16),
                        reason: Reason::KeyInvalid,
                    });
                };
                match position {
                    0 => column.first(faulty),
                    _ => column.next(faulty),
                }
            }
        }
        let of_rows = table.faults.iter().map(|&(row, reason)| FrameFault {
            row: before as u32 + row,
            scope: FaultScope::Record,
            reason,
        });
        self.faults.extend(of_rows);
        if !self.faults.is_empty() {
            self.report(bytes, out);
        }
    }

    /// Appends the faults in the ledger's order: a fault of the record, the field count among them, hides
    /// those of its event time and keys.
    fn report(&mut self, bytes: &[u8], out: &mut Frames) {
        self.faults
            .sort_unstable_by_key(|fault| (fault.row, scope_order(fault.scope)));
        self.faults.dedup_by_key(|fault| (fault.row, fault.scope));
        for faults in self.faults.chunk_by(|a, b| a.row == b.row) {
            let first = faults[0];
            if first.scope == FaultScope::Record {
                out.faults.push(first);
                continue;
            }
            let row = first.row as usize;
            let record = &bytes[out.starts[row] as usize..out.ends[row] as usize];
            if count_fields(record, &self.dialect) == self.field_count {
                out.faults.extend_from_slice(faults);
            } else {
                out.faults.push(FrameFault {
                    scope: FaultScope::Record,
                    reason: Reason::FieldCount,
                    ..first
                });
            }
        }
    }
}

fn scope_order(scope: FaultScope) -> u32 {
    match scope {
        FaultScope::Record => 0,
        FaultScope::EventTime => 1,
        FaultScope::Key(index) => 2 + u32::from(index),
    }
}

impl Framer for CsvFramer {
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize {
        let mut at = from;
        self.table.window.forget();
        if out.hashes.len() < self.keys.len() {
            out.hashes.resize_with(self.keys.len(), Vec::new);
        }
        if self.expects_mark && !self.pass_mark(bytes, &mut at, last) {
            return at;
        }
        let goal = out.starts.len() + max;
        while out.starts.len() < goal {
            if self.skipping && !self.pass_rest(bytes, &mut at, last) {
                return at;
            }
            let rows = if self.expects_header {
                1
            } else {
                ROWS_AT_A_TIME.min(goal - out.starts.len())
            };
            let (next, stop) = self.find(bytes, at, last, rows);
            at = next;
            if self.expects_header && self.table.rows > 0 {
                self.expects_header = false;
                // A header that cannot be framed is shown as the faulty record it is.
                let fault = self.table.faults.first().map(|fault| fault.1);
                if matches!(fault, None | Some(Reason::FieldCount)) {
                    continue;
                }
            }
            self.read(bytes, out);
            if stop == Stop::Bytes {
                break;
            }
        }
        at
    }

    fn begin_file(&mut self) {
        self.expects_mark = true;
        self.expects_header = self.header;
        self.skipping = false;
    }

    fn resume_file(&mut self) {
        self.expects_mark = false;
        self.expects_header = false;
    }

    fn is_skipping(&self) -> bool {
        self.skipping
    }
}
