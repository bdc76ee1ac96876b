//! Bytes to columns and back. Three faces: a [`Framer`] (ingest: records, event time, key hash), a
//! [`Decoder`] (worker: columns of the rows in play) and an [`Encoder`] (worker: result rows to bytes).
//!
//! Every format has a straightforward slow twin of its framer and decoder that a test compares.

pub mod binary;
pub mod csv;
pub mod encode;
pub mod field;
pub mod hex;
pub mod json;
pub mod nested;
pub mod nested_map;
pub mod nested_read;
pub(crate) mod simd;

pub use simd::{force as force_simd_level, level as simd_level};

use crate::batch::{Batch, Column, Rows};
use crate::chunk::{RecordRun, RowDescriptors};
use crate::error::Reason;
use crate::plan::FormatPlan;
use crate::time::EventTimeNs;
use crate::types::Schema;

/// The framer of a source's format.
pub fn framer(format: &FormatPlan, schema: &Schema, spec: &FrameSpec) -> Box<dyn Framer> {
    match format {
        FormatPlan::Csv(format) => Box::new(csv::framer(format, schema, spec)),
        FormatPlan::Json(format) => json::framer(format, schema, spec),
        FormatPlan::Binary(format) => Box::new(binary::BinaryFramer::new(format, schema, spec)),
    }
}

/// The decoder of a source's format.
pub fn decoder(format: &FormatPlan, schema: &Schema) -> Box<dyn Decoder> {
    match format {
        FormatPlan::Csv(format) => Box::new(csv::decoder(format, schema)),
        FormatPlan::Json(format) => json::decoder(format, schema),
        FormatPlan::Binary(format) => Box::new(binary::BinaryDecoder::new(format, schema)),
    }
}

/// The decoder of a source's format for rows that carry their event time: `RowDescriptors::times`, where
/// present, are the values of schema column `event_time`, which then is copied rather than read again.
pub fn decoder_with_event_time(
    format: &FormatPlan,
    schema: &Schema,
    event_time: usize,
) -> Box<dyn Decoder> {
    match format {
        FormatPlan::Csv(format) => {
            Box::new(csv::decoder(format, schema).with_event_time(event_time))
        }
        FormatPlan::Json(format) => json::decoder_with_event_time(format, schema, event_time),
        FormatPlan::Binary(format) => {
            Box::new(binary::BinaryDecoder::new(format, schema).with_event_time(event_time))
        }
    }
}

/// What a framer finds beside the records themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameSpec {
    /// Schema column whose value is the event time.
    pub time: Option<usize>,
    /// For each route that needs a hash: the schema columns of its key.
    pub keys: Vec<Vec<usize>>,
    /// Key hash seed.
    pub hash_seed: u64,
}

/// What of a record a fault spoils.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultScope {
    /// The record itself: no statement can use it.
    Record,
    /// Its event time.
    EventTime,
    /// The key of this entry of [`FrameSpec::keys`].
    Key(u16),
}

/// A record that could not be framed, timed or keyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameFault {
    /// Index in the frames of this call.
    pub row: u32,
    /// What is spoilt.
    pub scope: FaultScope,
    /// Why.
    pub reason: Reason,
}

/// Records found by one call of a framer, struct of arrays; every vector but `faults` has one entry a record
/// (those that are needed), faulty records included.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    /// The records, where they are a run; `starts` and `ends` are empty then.
    pub run: RecordRun,
    /// First byte, in the caller's bytes.
    pub starts: Vec<u32>,
    /// Byte behind the last; the newline (and a CR before it) is not part of the record.
    pub ends: Vec<u32>,
    /// Bit `b` is set where byte `b` of the record is a delimiter, so that a decoder need not look for them
    /// again; 0 for a record that the framer says nothing of. JSON has the lengths of a record's values there
    /// instead, a byte each, as `json::layout` tells. Empty for formats that say nothing.
    pub delimiters: Vec<u64>,
    /// Event time; empty without [`FrameSpec::time`].
    pub times: Vec<EventTimeNs>,
    /// Key hashes, one vector for each entry of [`FrameSpec::keys`].
    pub hashes: Vec<Vec<u64>>,
    /// Faults by rising row; at most one for each row and scope, the first of the ledger's order.
    pub faults: Vec<FrameFault>,
}

impl Frames {
    /// Records.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.starts.len() + self.run.rows as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// First byte of record `row`, and the byte behind its last.
    #[inline(always)]
    pub fn place(&self, row: usize) -> (u32, u32) {
        if self.run.rows > 0 {
            self.run.place(row)
        } else {
            (self.starts[row], self.ends[row])
        }
    }

    /// Appends the records of `run`.
    pub fn extend_run(&mut self, run: RecordRun) {
        let rows = run.rows as usize;
        if rows == 0 || (self.starts.is_empty() && self.run.join(run, 0..rows)) {
            return;
        }
        self.run.spread(&mut self.starts, &mut self.ends);
        let mut run = run;
        run.spread(&mut self.starts, &mut self.ends);
    }

    /// All places, for [`RowDescriptors::extend_places`].
    pub fn places(&self) -> (RecordRun, &[u32], &[u32]) {
        (self.run, &self.starts, &self.ends)
    }

    /// Empties it for `keys` routes, keeping its memory.
    pub fn clear(&mut self, keys: usize) {
        self.run = RecordRun::default();
        self.starts.clear();
        self.ends.clear();
        self.delimiters.clear();
        self.times.clear();
        self.hashes.resize_with(keys, Vec::new);
        for hashes in &mut self.hashes {
            hashes.clear();
        }
        self.faults.clear();
    }
}

/// Splits bytes into records.
///
/// A record longer than `limits::RECORD_BYTES_MAX` is framed once as a fault of what was seen of it, and the
/// framer skips the rest of it over as many calls as it takes; that state is the only one it has.
pub trait Framer: Send {
    /// Appends at most `max` records found in `bytes[from..]` to `out` and returns where the next record
    /// starts: everything before it is done with. Bytes that make no whole record stay, unless `last` says
    /// that the file ends with `bytes`: then they are the last record. Empty lines are not records.
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize;

    /// Starts a new file: skips its byte order mark and header, if it has them.
    fn begin_file(&mut self);

    /// Goes on within a file, at the start of a record.
    fn resume_file(&mut self);

    /// Whether it is within a record that is too long; no snapshot can be taken there.
    fn is_skipping(&self) -> bool;
}

/// The `column` of a [`FieldFault`] that means the record as a whole.
pub const RECORD_FAULT: u16 = u16::MAX;

/// A field that could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Row of the morsel.
    pub row: u32,
    /// Schema column, or [`RECORD_FAULT`].
    pub column: u16,
    /// Why.
    pub reason: Reason,
}

/// Decodes columns of a morsel's rows.
pub trait Decoder: Send {
    /// Looks at the structure of all `rows`: faults of whole records (field count, JSON syntax) go to
    /// `faults` with [`RECORD_FAULT`], by rising row; fields are found for the columns to come. Reads nothing
    /// outside `bytes`.
    fn begin(&mut self, bytes: &[u8], rows: &RowDescriptors, faults: &mut Vec<FieldFault>);

    /// Decodes schema column `column` of the rows in `selection` (none of them faulty as a record) into
    /// `out`, which ends with as many rows as the morsel; the others hold any value. A faulty field is NULL
    /// in `out` and appended to `faults`, by rising row.
    fn column(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    );
}

/// Encoded rows: bytes and where each row ends.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// The rows back to back, each with its newline.
    pub bytes: Vec<u8>,
    /// End of each row in `bytes`.
    pub ends: Vec<u32>,
}

/// Encodes result rows.
pub trait Encoder: Send {
    /// What stands before the first row (a CSV header with its newline, or nothing).
    fn header(&self) -> Vec<u8>;

    /// Says which columns of a batch are the sink's; until then they are all of them, in order.
    fn place(&mut self, columns: &[usize]);

    /// Appends the selected rows of `batch`, in order. With `batch.ops` or a retract sink, an `op` field
    /// comes first.
    fn encode(&mut self, batch: &Batch, out: &mut Encoded);
}
