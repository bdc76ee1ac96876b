//! Records to columns: spans of all rows first, then one column at a time.

use super::layout::Layouts;
use super::parse::{Parser, Sheet, Span};
use super::paths::Paths;
use super::stops::Stops;
use super::value::{ValueReader, Words, text_of};
use crate::batch::{Column, ColumnData, Rows};
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::format::csv::column::{Double, Read, ShortText};
use crate::format::simd::{self, Kernel, Scan};
use crate::format::{Decoder, FieldFault, RECORD_FAULT};
use crate::plan::JsonFormat;
use crate::types::{DataType, Schema};

/// Bytes whose stops are found at a time: they and their positions are still in the L1 when the rows are read.
const WINDOW_BYTES: usize = 4096;

/// Decodes JSON lines.
pub(super) struct JsonDecoder {
    // Fixed at construction.
    columns: Vec<WantedColumn>,
    event_time: Option<usize>,
    // State.
    parser: Parser,
    layouts: Layouts,
    /// Slot by slot, one span a row.
    spans: Vec<Span>,
    // Buffers.
    stops: Stops,
    scratch: Vec<u8>,
    slow: Vec<u32>,
}

struct WantedColumn {
    slot: usize,
    reader: ValueReader,
    nullable: bool,
}

impl JsonDecoder {
    /// A decoder of the columns of `schema`.
    pub fn new(format: &JsonFormat, schema: &Schema) -> Self {
        let wanted: Vec<&[String]> = format.paths.iter().map(Vec::as_slice).collect();
        let (paths, slots) = Paths::new(&wanted);
        let columns = schema
            .fields
            .iter()
            .zip(slots)
            .map(|(field, slot)| WantedColumn {
                slot: slot as usize,
                reader: ValueReader::new(field.ty, &format.timestamp),
                nullable: field.nullable,
            })
            .collect();
        Self {
            columns,
            event_time: None,
            parser: Parser::new(paths),
            layouts: Layouts::default(),
            spans: Vec::new(),
            stops: Stops::default(),
            scratch: Vec::new(),
            slow: Vec::new(),
        }
    }

    /// The same decoder, told that `RowDescriptors::times`, where present, are the values of `column`.
    #[must_use]
    pub fn with_event_time(mut self, column: usize) -> Self {
        self.event_time = Some(column);
        self
    }
}

impl Decoder for JsonDecoder {
    fn begin(&mut self, bytes: &[u8], rows: &RowDescriptors, faults: &mut Vec<FieldFault>) {
        self.spans
            .resize(self.parser.slots() * rows.len(), Span::default());
        let promising = self.layouts.is_promising();
        let mut task = ReadRows {
            bytes,
            rows,
            parser: &mut self.parser,
            layouts: &mut self.layouts,
            spans: &mut self.spans,
            stops: &mut self.stops,
            rest: &mut self.slow,
            faults,
        };
        if promising {
            simd::dispatch(task);
        } else {
            (0..rows.len()).for_each(|row| _ = task.general(row));
        }
    }

    fn column(
        &mut self,
        bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    ) {
        let wanted = &self.columns[column];
        let count = rows.len();
        out.reset(count);
        if self.event_time == Some(column)
            && !rows.times.is_empty()
            && let ColumnData::I64(values) = &mut out.data
        {
            values.copy_from_slice(&rows.times);
            return;
        }
        let spans = &self.spans[wanted.slot * count..][..count];
        self.slow.clear();
        let fill = Fill {
            bytes,
            spans,
            selection,
            slow: &mut self.slow,
        };
        match (&mut out.data, wanted.reader.words()) {
            (ColumnData::I64(to), Words::BigInt(reader)) => fill.with(to, reader),
            (ColumnData::I64(to), Words::Int(reader)) => fill.with(to, reader),
            (ColumnData::I64(to), Words::Decimal(reader)) => fill.with(to, &**reader),
            (ColumnData::I64(to), Words::Millis(reader)) => fill.with(to, reader),
            (ColumnData::F64(to), _) if wanted.reader.ty == DataType::Double => {
                fill.with(to, &Double);
            }
            (ColumnData::Text(to), _) if wanted.reader.ty == DataType::Varchar => {
                fill.with(&mut to.views, &ShortText);
            }
            _ => {
                selection.for_each(|row| fill.slow.push(row as u32));
            }
        }
        for &row in &self.slow {
            let (span, at) = (spans[row as usize], row as usize);
            let written = match text_of(span, bytes, &mut self.scratch) {
                Some(text) => wanted.reader.write(span.kind(), text, out, at),
                None => {
                    out.set_null(at);
                    let refused = (!wanted.nullable).then_some(Reason::Null);
                    refused.map_or(Ok(()), Err)
                }
            };
            if let Err(reason) = written {
                out.set_null(at);
                faults.push(FieldFault {
                    row,
                    column: column as u16,
                    reason,
                });
            }
        }
    }
}

/// Finds the spans of all rows.
struct ReadRows<'a> {
    bytes: &'a [u8],
    rows: &'a RowDescriptors,
    parser: &'a mut Parser,
    layouts: &'a mut Layouts,
    spans: &'a mut [Span],
    stops: &'a mut Stops,
    /// Takes the rows of which the framer said nothing that helped.
    rest: &'a mut Vec<u32>,
    faults: &'a mut Vec<FieldFault>,
}

impl ReadRows<'_> {
    /// Reads the rows whose lengths the framer left, and leaves the others in `rest`.
    #[inline(always)]
    fn read_told(&mut self) {
        self.rest.clear();
        if self.rows.delimiters.is_empty() {
            self.rest.extend(0..self.rows.len() as u32);
            return;
        }
        let (layouts, rest) = (&mut *self.layouts, &mut *self.rest);
        layouts.read_told(self.bytes, self.rows, self.spans, rest);
    }

    /// How many of the first of `rest` lie close to each other.
    #[inline(always)]
    fn neighbours(&self, rest: &[u32]) -> usize {
        let place = |row: u32| {
            let row = row as usize;
            (self.rows.starts[row], self.rows.ends[row])
        };
        let (from, mut end) = place(rest[0]);
        let mut count = 1;
        for &row in &rest[1..] {
            let (start, next) = place(row);
            // CR and LF.
            if start.wrapping_sub(end) > 2 || next.wrapping_sub(from) as usize > WINDOW_BYTES {
                break;
            }
            end = next;
            count += 1;
        }
        count
    }

    /// Reads a row in general; whether it is legal.
    #[inline(never)]
    fn general(&mut self, row: usize) -> bool {
        let (start, end) = (self.rows.starts[row], self.rows.ends[row]);
        let mut sheet = Sheet {
            spans: self.spans,
            stride: self.rows.len(),
            row,
        };
        let read = self
            .parser
            .record(self.bytes, start as usize, end as usize, &mut sheet);
        if read.is_none() {
            self.faults.push(FieldFault {
                row: row as u32,
                column: RECORD_FAULT,
                reason: Reason::Json,
            });
        }
        read.is_some()
    }

    /// Reads a row that has no known layout.
    #[cold]
    #[inline(never)]
    fn unforeseen(&mut self, row: usize) {
        if self.general(row) {
            let (start, end) = (self.rows.starts[row], self.rows.ends[row]);
            let sheet = Sheet {
                spans: self.spans,
                stride: self.rows.len(),
                row,
            };
            self.layouts
                .learn(self.bytes, start as usize, end as usize, &sheet);
        }
    }
}

impl Kernel for ReadRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(mut self, scan: S) {
        let (bytes, rows) = (self.bytes, self.rows);
        self.read_told();
        let all = std::mem::take(self.rest);
        let mut found = std::mem::take(self.stops);
        let mut fitting = rows.len() - all.len();
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let (near, far) = rest.split_at(self.neighbours(rest));
            rest = far;
            let (first, last) = (near[0] as usize, near[near.len() - 1] as usize);
            // The newline behind the last row is what ends it.
            let to = bytes.len().min(rows.ends[last] as usize + 1);
            found.find(scan, bytes, rows.starts[first] as usize, to);
            let mut stops = found.positions();
            for row in near.iter().map(|&row| row as usize) {
                let (start, end) = (rows.starts[row] as usize, rows.ends[row] as usize);
                while let Some((&stop, rest)) = stops.split_first()
                    && stop.at() < start
                {
                    stops = rest;
                }
                let mut sheet = Sheet {
                    spans: self.spans,
                    stride: rows.len(),
                    row,
                };
                let ends_at = |stop: usize| stop == end;
                match self.layouts.read(bytes, start, stops, ends_at, &mut sheet) {
                    Some(fit) => {
                        stops = &stops[fit.stops..];
                        fitting += 1;
                    }
                    None => self.unforeseen(row),
                }
            }
        }
        *self.stops = found;
        *self.rest = all;
        self.layouts.settle(rows.len(), fitting);
    }
}

/// A tight loop over one column; what its reader does not take is left for later.
struct Fill<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
    selection: Rows<'a>,
    slow: &'a mut Vec<u32>,
}

impl<'a> Fill<'a> {
    #[inline(always)]
    fn with<T, R: Read<T>>(self, to: &'a mut [T], reader: &'a R) {
        simd::dispatch(FillWith {
            fill: self,
            to,
            reader,
        });
    }
}

/// A kernel for the sake of what the instruction sets bring for numbers.
struct FillWith<'a, T, R> {
    fill: Fill<'a>,
    to: &'a mut [T],
    reader: &'a R,
}

impl<T, R: Read<T>> Kernel for FillWith<'_, T, R> {
    type Output = ();

    #[inline(always)]
    fn run<S: Scan>(self, scan: S) {
        let Self { fill, to, reader } = self;
        let Fill {
            bytes,
            spans,
            selection,
            slow,
        } = fill;
        let to = &mut to[..spans.len()];
        // One loop for each set of rows, and no closure that both call: it would be compiled for no instruction set.
        match selection {
            Rows::All(rows) => {
                for (row, (&span, to)) in spans[..rows].iter().zip(to).enumerate() {
                    let (start, end) = span.range();
                    match reader.read(scan, bytes, start, end) {
                        Some(value) if span.is_literal() => *to = value,
                        _ => slow.push(row as u32),
                    }
                }
            }
            Rows::Some(rows) => {
                for &row in rows {
                    let span = spans[row as usize];
                    let (start, end) = span.range();
                    match reader.read(scan, bytes, start, end) {
                        Some(value) if span.is_literal() => to[row as usize] = value,
                        _ => slow.push(row),
                    }
                }
            }
        }
    }
}
