//! Bytes to records, with event time and key hashes.

use super::layout::{Fit, Layouts};
use super::parse::{Parser, Sheet, Span};
use super::stops::{Stop, Stops};
use super::wanted::Wanted;
use crate::error::Reason;
use crate::format::simd::{self, Kernel, Scan};
use crate::format::{FrameSpec, Framer, Frames};
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::JsonFormat;
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

impl JsonFramer {
    /// A framer at the start of a file that finds what `spec` asks for.
    pub fn new(format: &JsonFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        let (values, paths) = Wanted::new(format, schema, spec);
        let spans = vec![Span::default(); paths.slots()];
        Self {
            values,
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
                self.values.read(bytes, spans, scratch, out);
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
        out.hashes.resize_with(self.values.keys(), Vec::new);
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
    fn window<S: Scan>(&mut self, scan: S, mut stops: &[Stop]) -> usize {
        let mut fitting = 0;
        while self.out.starts.len() < self.limit {
            let room = self.limit - self.out.starts.len();
            let framer = &mut *self.framer;
            if let Some(run) = framer.layouts.run(self.bytes, self.at, stops, room) {
                let (of_run, rows) = (&stops[..run.stops()], run.len());
                let scratch = &mut framer.scratch;
                let is_plain = framer
                    .values
                    .read_run(scan, self.bytes, &run, scratch, self.out);
                if is_plain {
                    self.at = of_run[of_run.len() - 1].at() + 1;
                    fitting += rows;
                } else {
                    fitting += self.row_by_row(of_run, rows);
                }
                stops = &stops[of_run.len()..];
            } else {
                let newline = |stop: &Stop| self.bytes[stop.at()] == b'\n';
                let Some(line) = stops.iter().position(newline) else {
                    break;
                };
                let end = stops[line].at();
                self.framer.line(self.bytes, self.at, end, self.out);
                self.at = end + 1;
                stops = &stops[line + 1..];
            }
        }
        fitting
    }

    /// Frames `rows` lines, whose stops these are; how many had a known layout.
    #[inline(never)]
    fn row_by_row(&mut self, stops: &[Stop], rows: usize) -> usize {
        let Self {
            framer,
            bytes,
            at,
            out,
            ..
        } = self;
        let ends_at = |stop: usize| match bytes[stop] {
            b'\n' => true,
            byte => byte == b'\r' && bytes.get(stop + 1) == Some(&b'\n'),
        };
        let (each, mut fitting) = (stops.len() / rows, 0);
        for stops in stops.chunks_exact(each) {
            let newline = stops[each - 1].at();
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
                out.starts.push(*at as u32);
                out.ends.push(stops[count].at() as u32);
                out.delimiters.push(lengths);
                let (spans, scratch) = (&framer.spans, &mut framer.scratch);
                framer.values.read(bytes, spans, scratch, out);
                fitting += 1;
            } else {
                framer.line(bytes, *at, newline, out);
            }
            *at = newline + 1;
        }
        fitting
    }
}
