//! Bytes to records, with event time and key hashes.

use super::layout::{Fit, Layouts};
use super::parse::{Parser, Sheet, Span};
use super::paths::Paths;
use super::stops::Stops;
use super::value::{ValueReader, text_of};
use crate::error::Reason;
use crate::format::simd::{self, Kernel, Scan, Swar};
use crate::format::{FaultScope, FrameFault, FrameSpec, Framer, Frames};
use crate::hash;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::JsonFormat;
use crate::time::{EventTimeNs, WATERMARK_END, WATERMARK_NONE};
use crate::types::Schema;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes whose stops are found at a time: they and their positions are still in the L1 when the rows are read.
const WINDOW_BYTES: usize = 4096;
const _: () = assert!(
    WINDOW_BYTES <= RECORD_BYTES_MAX,
    "what fits a window is not too long"
);

/// Frames JSON lines.
pub(super) struct JsonFramer {
    // Fixed at construction.
    values: Wanted,
    // State.
    place: Place,
    parser: Parser,
    layouts: Layouts,
    spans: Vec<Span>,
    // Buffers.
    stops: Stops,
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
            layouts: Layouts::default(),
            spans,
            stops: Stops::default(),
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

    /// Frames the line `bytes[start..end]`, unless it is blank, without regard to layouts.
    #[inline(never)]
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
        out.delimiters.push(0);
        let mut sheet = Sheet {
            spans: &mut self.spans,
            stride: 1,
            row: 0,
        };
        match self.parser.record(bytes, start, end, &mut sheet) {
            Some(()) => {
                self.layouts.learn(bytes, start, end, &sheet);
                let (spans, scratch) = (&self.spans, &mut self.scratch);
                self.values.read(Swar, bytes, spans, scratch, out);
            }
            None => self.values.spoilt(Reason::Json, out),
        }
    }

    /// Frames the line that starts at `at`; where the next one starts, or `None` when its end has not come.
    #[inline(never)]
    fn one_line(&mut self, bytes: &[u8], at: usize, last: bool, out: &mut Frames) -> Option<usize> {
        let rest = &bytes[at..];
        match memchr::memchr(b'\n', rest) {
            Some(len) => {
                self.line(bytes, at, at + len, out);
                Some(at + len + 1)
            }
            None if last => {
                self.line(bytes, at, bytes.len(), out);
                Some(bytes.len())
            }
            None if is_too_long(rest) => {
                self.too_long(at, out);
                self.place = Place::LongRecord;
                Some(bytes.len())
            }
            None => None,
        }
    }

    /// Frames what a record that starts at `start` may have at most as a fault: the same bytes, however the
    /// reads fell.
    #[cold]
    fn too_long(&mut self, start: usize, out: &mut Frames) {
        out.starts.push(start as u32);
        out.ends.push((start + RECORD_BYTES_MAX) as u32);
        out.delimiters.push(0);
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
        if self.layouts.is_promising() {
            let task = FrameRows {
                framer: self,
                bytes,
                at,
                last,
                limit,
                out,
            };
            return simd::dispatch(task);
        }
        while out.starts.len() < limit
            && at < bytes.len()
            && let Some(next) = self.one_line(bytes, at, last, out)
        {
            at = next;
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

/// Frames rows that mostly have a known layout, up to `limit` of them in all.
struct FrameRows<'a> {
    framer: &'a mut JsonFramer,
    bytes: &'a [u8],
    /// Where the next line starts.
    at: usize,
    last: bool,
    limit: usize,
    out: &'a mut Frames,
}

impl Kernel for FrameRows<'_> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Scan>(mut self, scan: S) -> usize {
        let bytes = self.bytes;
        let mut stops = std::mem::take(&mut self.framer.stops);
        let (before, mut fitting) = (self.out.starts.len(), 0);
        while self.out.starts.len() < self.limit && self.at < bytes.len() {
            let from = self.at;
            stops.find(scan, bytes, from, bytes.len().min(from + WINDOW_BYTES));
            fitting += self.window(scan, stops.positions());
            if self.at == from {
                // No line ends within the window.
                match self.framer.one_line(bytes, from, self.last, self.out) {
                    Some(next) => self.at = next,
                    None => break,
                }
            }
        }
        let rows = self.out.starts.len() - before;
        self.framer.stops = stops;
        self.framer.layouts.settle(rows, fitting);
        self.at
    }
}

impl FrameRows<'_> {
    /// Frames the lines that end at one of `stops`, which begin with those of the next line; how many had a known
    /// layout.
    #[inline(always)]
    fn window<S: Scan>(&mut self, scan: S, mut stops: &[u32]) -> usize {
        let Self {
            framer,
            bytes,
            at,
            limit,
            out,
            ..
        } = self;
        let ends_at = |stop: usize| match bytes[stop] {
            b'\n' => true,
            byte => byte == b'\r' && bytes.get(stop + 1) == Some(&b'\n'),
        };
        let mut fitting = 0;
        while out.starts.len() < *limit {
            let mut sheet = Sheet {
                spans: &mut framer.spans,
                stride: 1,
                row: 0,
            };
            let found = framer.layouts.read(bytes, *at, stops, ends_at, &mut sheet);
            if let Some(Fit {
                stops: count,
                lengths,
            }) = found
            {
                let end = stops[count];
                let newline = usize::from(bytes[end as usize] != b'\n');
                out.starts.push(*at as u32);
                out.ends.push(end);
                out.delimiters.push(lengths);
                let (spans, scratch) = (&framer.spans, &mut framer.scratch);
                framer.values.read(scan, bytes, spans, scratch, out);
                *at = end as usize + newline + 1;
                stops = stops.get(count + newline + 1..).unwrap_or_default();
                fitting += 1;
            } else {
                let newline = |&stop: &u32| bytes[stop as usize] == b'\n';
                let Some(line) = stops.iter().position(newline) else {
                    break;
                };
                let end = stops[line] as usize;
                framer.line(bytes, *at, end, out);
                *at = end + 1;
                stops = &stops[line + 1..];
            }
        }
        fitting
    }
}

impl Wanted {
    /// Appends the event time and the key hashes of the record just framed.
    #[inline(always)]
    fn read<S: Scan>(
        &self,
        scan: S,
        bytes: &[u8],
        spans: &[Span],
        scratch: &mut Vec<u8>,
        out: &mut Frames,
    ) {
        let row = (out.starts.len() - 1) as u32;
        let mut fault = |scope, reason| out.faults.push(FrameFault { row, scope, reason });
        if let Some(member) = &self.time {
            match event_time(scan, member, bytes, spans, scratch) {
                Ok(time) => out.times.push(time),
                Err(reason) => {
                    fault(FaultScope::EventTime, reason);
                    out.times.push(0);
                }
            }
        }
        for (i, (key, hashes)) in self.keys.iter().zip(&mut out.hashes).enumerate() {
            match key_hash(scan, key, self.seed, bytes, spans, scratch) {
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

impl Member {
    #[inline(never)]
    fn hash(
        &self,
        bytes: &[u8],
        span: Span,
        seed: u64,
        scratch: &mut Vec<u8>,
    ) -> Result<u64, Reason> {
        match text_of(span, bytes, scratch) {
            None => Ok(hash::hash_null(seed)),
            Some(text) => self
                .reader
                .hash(span.kind(), text, seed)
                .map_err(|_| Reason::KeyInvalid),
        }
    }
}

#[inline(always)]
fn event_time<S: Scan>(
    scan: S,
    member: &Member,
    bytes: &[u8],
    spans: &[Span],
    scratch: &mut Vec<u8>,
) -> Result<EventTimeNs, Reason> {
    let span = spans[member.slot];
    if let Some(time) = member.reader.plain_i64(scan, bytes, span)
        && time != WATERMARK_NONE
        && time != WATERMARK_END
    {
        return Ok(time);
    }
    let text = text_of(span, bytes, scratch).ok_or(Reason::EventTimeNull)?;
    match member.reader.i64(span.kind(), text) {
        Ok(WATERMARK_NONE | WATERMARK_END) | Err(_) => Err(Reason::EventTimeInvalid),
        Ok(time) => Ok(time),
    }
}

#[inline(always)]
fn key_hash<S: Scan>(
    scan: S,
    key: &[Member],
    seed: u64,
    bytes: &[u8],
    spans: &[Span],
    scratch: &mut Vec<u8>,
) -> Result<u64, Reason> {
    let mut hash = None;
    for member in key {
        let span = spans[member.slot];
        let next = match member.reader.plain_hash(scan, bytes, span, seed) {
            Some(hash) => hash,
            None => member.hash(bytes, span, seed, scratch)?,
        };
        hash = Some(hash.map_or(next, |before| hash::combine(before, next)));
    }
    Ok(hash.unwrap_or_default())
}
