//! Bytes to records, with event time and key hashes.

use super::parse::{Parser, Sheet, Span};
use super::paths::Paths;
use super::value::{ValueReader, text_of};
use crate::error::Reason;
use crate::format::{FaultScope, FrameFault, FrameSpec, Framer, Frames};
use crate::hash;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::JsonFormat;
use crate::time::{EventTimeNs, WATERMARK_END, WATERMARK_NONE};
use crate::types::Schema;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Frames JSON lines.
pub(super) struct JsonFramer {
    // Fixed at construction.
    values: Wanted,
    // State.
    place: Place,
    parser: Parser,
    spans: Vec<Span>,
    scratch: Vec<u8>,
}

/// Where in a file the next byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At its first byte, where a byte order mark may stand.
    FileStart,
    /// At the start of a line.
    LineStart,
    /// In the rest of a record that was too long.
    LongRecord,
}

/// The values that the job wants of a record.
struct Wanted {
    time: Option<Member>,
    keys: Vec<Vec<Member>>,
    seed: u64,
}

/// A wanted value: where the parser leaves it, and how it is read.
struct Member {
    slot: usize,
    reader: ValueReader,
}

impl JsonFramer {
    /// A framer at the start of a file that finds what `spec` asks for.
    pub fn new(format: &JsonFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        let columns: Vec<usize> = spec
            .time
            .iter()
            .chain(spec.keys.iter().flatten())
            .copied()
            .collect();
        let wanted: Vec<&[String]> = columns
            .iter()
            .map(|&column| format.paths[column].as_slice())
            .collect();
        let (paths, slots) = Paths::new(&wanted);
        // The members come in the order of `columns`: the time, then key by key.
        let mut members = columns.iter().zip(&slots).map(|(&column, &slot)| Member {
            slot: slot as usize,
            reader: ValueReader::new(schema.fields[column].ty, &format.timestamp),
        });
        let time = spec.time.and_then(|_| members.next());
        let keys = spec
            .keys
            .iter()
            .map(|key| members.by_ref().take(key.len()).collect())
            .collect();
        let spans = vec![Span::default(); paths.slots()];
        Self {
            values: Wanted {
                time,
                keys,
                seed: spec.hash_seed,
            },
            place: Place::FileStart,
            parser: Parser::new(paths),
            spans,
            scratch: Vec::new(),
        }
    }

    /// Where the next line starts; `None` when the bytes do not say yet or are all skipped.
    fn line_start(&mut self, bytes: &[u8], from: usize, last: bool) -> Option<usize> {
        let rest = &bytes[from..];
        let start = match self.place {
            Place::LineStart => from,
            Place::FileStart if rest.starts_with(BYTE_ORDER_MARK) => from + BYTE_ORDER_MARK.len(),
            Place::FileStart if !last && BYTE_ORDER_MARK.starts_with(rest) => return None,
            Place::FileStart => from,
            Place::LongRecord => from + memchr::memchr(b'\n', rest)? + 1,
        };
        self.place = Place::LineStart;
        Some(start)
    }

    /// Frames the line `bytes[start..end]`, unless it is blank.
    #[inline]
    fn line(&mut self, bytes: &[u8], start: usize, end: usize, out: &mut Frames) {
        let end = end - usize::from(bytes[start..end].ends_with(b"\r"));
        if end - start > RECORD_BYTES_MAX {
            self.too_long(start, out);
            return;
        }
        let is_blank = |&byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
        if bytes[start..end].iter().all(is_blank) {
            return;
        }
        out.starts.push(start as u32);
        out.ends.push(end as u32);
        self.spans.fill(Span::default());
        let mut sheet = Sheet {
            spans: &mut self.spans,
            stride: 1,
            row: 0,
        };
        match self.parser.record(bytes, start, end, &mut sheet) {
            Some(()) => self.values.read(bytes, &self.spans, &mut self.scratch, out),
            None => self.values.spoilt(Reason::Json, out),
        }
    }

    /// Frames what a record that starts at `start` may have at most as a fault: the same bytes, however the
    /// reads fell.
    #[cold]
    fn too_long(&mut self, start: usize, out: &mut Frames) {
        out.starts.push(start as u32);
        out.ends.push((start + RECORD_BYTES_MAX) as u32);
        self.values.spoilt(Reason::LineTooLong, out);
    }
}

/// Whether a line of which `seen` has come, without its newline, is certainly too long.
fn is_too_long(seen: &[u8]) -> bool {
    let carriage_return = usize::from(seen.ends_with(b"\r"));
    seen.len() > RECORD_BYTES_MAX + carriage_return
}

impl Framer for JsonFramer {
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize {
        out.hashes.resize_with(self.values.keys.len(), Vec::new);
        let Some(mut at) = self.line_start(bytes, from, last) else {
            return match self.place {
                Place::LongRecord => bytes.len(),
                Place::FileStart | Place::LineStart => from,
            };
        };
        let limit = out.starts.len().saturating_add(max);
        while out.starts.len() < limit && at < bytes.len() {
            let rest = &bytes[at..];
            match memchr::memchr(b'\n', rest) {
                Some(len) => {
                    self.line(bytes, at, at + len, out);
                    at += len + 1;
                }
                None if last => {
                    self.line(bytes, at, bytes.len(), out);
                    at = bytes.len();
                }
                None if is_too_long(rest) => {
                    self.too_long(at, out);
                    self.place = Place::LongRecord;
                    at = bytes.len();
                }
                None => break,
            }
        }
        at
    }

    fn begin_file(&mut self) {
        self.place = Place::FileStart;
    }

    fn resume_file(&mut self) {
        self.place = Place::LineStart;
    }

    fn is_skipping(&self) -> bool {
        matches!(self.place, Place::LongRecord)
    }
}

impl Wanted {
    /// Appends the event time and the key hashes of the record just framed.
    #[inline]
    fn read(&self, bytes: &[u8], spans: &[Span], scratch: &mut Vec<u8>, out: &mut Frames) {
        let row = (out.starts.len() - 1) as u32;
        let mut fault = |scope, reason| out.faults.push(FrameFault { row, scope, reason });
        if let Some(member) = &self.time {
            match event_time(member, bytes, spans, scratch) {
                Ok(time) => out.times.push(time),
                Err(reason) => {
                    fault(FaultScope::EventTime, reason);
                    out.times.push(0);
                }
            }
        }
        for (i, (key, hashes)) in self.keys.iter().zip(&mut out.hashes).enumerate() {
            match key_hash(key, self.seed, bytes, spans, scratch) {
                Ok(hash) => hashes.push(hash),
                Err(reason) => {
                    fault(FaultScope::Key(i as u16), reason);
                    hashes.push(0);
                }
            }
        }
    }

    /// Marks the record just framed as faulty.
    #[cold]
    fn spoilt(&self, reason: Reason, out: &mut Frames) {
        out.faults.push(FrameFault {
            row: (out.starts.len() - 1) as u32,
            scope: FaultScope::Record,
            reason,
        });
        if self.time.is_some() {
            out.times.push(0);
        }
        for hashes in &mut out.hashes {
            hashes.push(0);
        }
    }
}

#[inline]
fn event_time(
    member: &Member,
    bytes: &[u8],
    spans: &[Span],
    scratch: &mut Vec<u8>,
) -> Result<EventTimeNs, Reason> {
    let span = spans[member.slot];
    let text = text_of(span, bytes, scratch).ok_or(Reason::EventTimeNull)?;
    match member.reader.i64(span.kind(), text) {
        Ok(WATERMARK_NONE | WATERMARK_END) | Err(_) => Err(Reason::EventTimeInvalid),
        Ok(time) => Ok(time),
    }
}

#[inline]
fn key_hash(
    key: &[Member],
    seed: u64,
    bytes: &[u8],
    spans: &[Span],
    scratch: &mut Vec<u8>,
) -> Result<u64, Reason> {
    let mut hash = None;
    for member in key {
        let span = spans[member.slot];
        let next = match text_of(span, bytes, scratch) {
            None => hash::hash_null(seed),
            Some(text) => member
                .reader
                .hash(span.kind(), text, seed)
                .map_err(|_| Reason::KeyInvalid)?,
        };
        hash = Some(hash.map_or(next, |before| hash::combine(before, next)));
    }
    Ok(hash.unwrap_or_default())
}
