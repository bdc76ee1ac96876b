//! The fields of a table for people, before they are aligned.
//!
//! Workers write fields separated by [`FIELD_END`] and rows by a newline; control characters within texts
//! become visible escapes, so neither byte occurs in a field. [`Aligner`](super::Aligner) turns such rows
//! into columns where the whole output is known.

use super::text::{ByteSet, control_bytes, write_visible};
use super::value::ValueWriter;
use super::{Changelog, Columns, Encoded, Encoder, encode_rows, op_text};
use crate::batch::{Batch, Column, ColumnData};
use crate::plan::TimestampFormat;
use crate::types::Schema;

/// The byte between two fields: ASCII's unit separator.
pub const FIELD_END: u8 = 0x1f;

/// Writes the rows of a table.
#[derive(Debug)]
pub struct TableEncoder {
    // Fixed at construction.
    changelog: Changelog,
    controls: ByteSet,
    // State: only what the value writers remember.
    columns: Columns<ValueWriter>,
}

impl TableEncoder {
    /// An encoder of rows of `schema`.
    pub fn new(schema: &Schema, changelog: Changelog) -> Self {
        let writer = |ty| ValueWriter::new(ty, &TimestampFormat::Iso);
        Self {
            changelog,
            controls: control_bytes(),
            columns: Columns::new(schema.fields.iter().map(|field| writer(field.ty))),
        }
    }
}

fn write_field(
    writer: &mut ValueWriter,
    column: &Column,
    row: usize,
    controls: &ByteSet,
    out: &mut Vec<u8>,
) {
    match &column.data {
        _ if column.is_null(row) => out.extend_from_slice(b"NULL"),
        ColumnData::Text(values) if writer.is_text() => {
            write_visible(values.get(row), controls, out);
        }
        _ => writer.write(column, row, out),
    }
}

impl Encoder for TableEncoder {
    fn header(&self) -> Vec<u8> {
        Vec::new()
    }

    fn place(&mut self, columns: &[usize]) {
        self.columns.place(columns);
    }

    fn encode(&mut self, batch: &Batch, out: &mut Encoded) {
        let Self {
            columns, controls, ..
        } = self;
        encode_rows(batch, self.changelog, out, |row, op, bytes| {
            if let Some(op) = op {
                bytes.extend_from_slice(op_text(op));
                bytes.push(FIELD_END);
            }
            for (i, (writer, column)) in columns.each(batch).enumerate() {
                if i > 0 {
                    bytes.push(FIELD_END);
                }
                write_field(writer, column, row, controls, bytes);
            }
            bytes.push(b'\n');
        });
    }
}
