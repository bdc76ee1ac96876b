//! Records to columns: spans of all rows first, then one column at a time.

use super::parse::{Kind, Parser, Sheet, Span};
use super::paths::Paths;
use super::value::{ValueReader, text_of};
use crate::batch::{Column, ColumnData, Rows, TEXT_INLINE, TextColumn, TextView};
use crate::chunk::RowDescriptors;
use crate::error::Reason;
use crate::format::{Decoder, FieldFault, RECORD_FAULT, field};
use crate::hash::words_of_short;
use crate::plan::JsonFormat;
use crate::types::Schema;

/// Decodes JSON lines.
pub(super) struct JsonDecoder {
    // Fixed at construction.
    columns: Vec<WantedColumn>,
    // State.
    parser: Parser,
    /// Slot by slot, one span a row.
    spans: Vec<Span>,
    scratch: Vec<u8>,
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
            parser: Parser::new(paths),
            spans: Vec::new(),
            scratch: Vec::new(),
        }
    }
}

impl Decoder for JsonDecoder {
    fn begin(&mut self, bytes: &[u8], rows: &RowDescriptors, faults: &mut Vec<FieldFault>) {
        self.spans.clear();
        self.spans
            .resize(self.parser.slots() * rows.len(), Span::default());
        for (row, (&start, &end)) in rows.starts.iter().zip(&rows.ends).enumerate() {
            let mut sheet = Sheet {
                spans: &mut self.spans,
                stride: rows.len(),
                row,
            };
            let read = self
                .parser
                .record(bytes, start as usize, end as usize, &mut sheet);
            if read.is_none() {
                faults.push(FieldFault {
                    row: row as u32,
                    column: RECORD_FAULT,
                    reason: Reason::Json,
                });
            }
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
        let task = Task {
            bytes,
            spans: &self.spans[wanted.slot * count..][..count],
            selection,
            column: column as u16,
            nullable: wanted.nullable,
            scratch: &mut self.scratch,
            nulls: &mut out.nulls,
            faults,
        };
        let reader = &wanted.reader;
        match &mut out.data {
            ColumnData::Bool(to) => task.fill(|row, _, text| {
                to[row] = field::parse_boolean(text)?;
                Ok(())
            }),
            ColumnData::I64(to) => task.fill(|row, kind, text| {
                to[row] = reader.i64(kind, text)?;
                Ok(())
            }),
            ColumnData::I128(to) => task.fill(|row, _, text| {
                to[row] = reader.i128(text)?;
                Ok(())
            }),
            ColumnData::F64(to) => task.fill(|row, _, text| {
                to[row] = field::parse_double(text)?;
                Ok(())
            }),
            ColumnData::Text(to) => task.fill(|row, _, text| set_text(to, row, text)),
        }
    }
}

/// Writes a text of UTF-8; short ones of ASCII go as words, without a copy of variable length.
#[inline(always)]
fn set_text(to: &mut TextColumn, row: usize, text: &[u8]) -> Result<(), Reason> {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    if text.len() <= TEXT_INLINE {
        let (low, high) = words_of_short(text);
        if (low | high) & HIGH_BITS == 0 {
            let word = u128::from(low) | u128::from(high) << 64;
            to.views[row] = TextView::from_word(word, text.len());
            return Ok(());
        }
    }
    field::check_utf8(text)?;
    to.set(row, text);
    Ok(())
}

/// One column of the rows in play.
struct Task<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
    selection: Rows<'a>,
    column: u16,
    nullable: bool,
    scratch: &'a mut Vec<u8>,
    nulls: &'a mut Vec<bool>,
    faults: &'a mut Vec<FieldFault>,
}

impl Task<'_> {
    /// Calls `read(row, kind, text)` for every row with a value; marks the others, and those it fails for.
    #[inline(always)]
    fn fill(self, mut read: impl FnMut(usize, Kind, &[u8]) -> Result<(), Reason>) {
        let Self {
            bytes,
            spans,
            column,
            nullable,
            scratch,
            nulls,
            faults,
            ..
        } = self;
        let mut spoilt = |row: usize, reason: Option<Reason>| {
            nulls.resize(spans.len(), false);
            nulls[row] = true;
            if let Some(reason) = reason {
                let row = row as u32;
                faults.push(FieldFault {
                    row,
                    column,
                    reason,
                });
            }
        };
        self.selection.for_each(|row| {
            let span = spans[row];
            match text_of(span, bytes, scratch) {
                Some(text) => {
                    if let Err(reason) = read(row, span.kind(), text) {
                        spoilt(row, Some(reason));
                    }
                }
                None => spoilt(row, (!nullable).then_some(Reason::Null)),
            }
        });
    }
}
