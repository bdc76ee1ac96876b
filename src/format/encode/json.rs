//! JSON lines: one object a row, members in schema order, no white space.
//!
//! Numbers are JSON numbers with all their digits (DECIMAL too), texts, times and intervals are strings, NULL
//! and doubles that JSON has no number for are `null`.

use super::text::{ByteSet, json_specials, write_json_text};
use super::value::{ValueWriter, is_number};
use super::{Changelog, Columns, Encoded, Encoder, encode_rows, op_text};
use crate::batch::{Batch, Column, ColumnData};
use crate::plan::TimestampFormat;
use crate::types::{DataType, Schema};

/// Writes JSON lines.
#[derive(Debug)]
pub struct JsonEncoder {
    // Fixed at construction.
    changelog: Changelog,
    specials: ByteSet,
    // State: only what the value writers remember.
    columns: Columns<JsonColumn>,
}

#[derive(Debug)]
struct JsonColumn {
    /// `,"name":`
    member: Vec<u8>,
    /// How a value stands.
    style: Style,
    writer: ValueWriter,
}

/// How a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// As it is.
    Bare,
    /// In quotes, with escapes.
    Text,
    /// In quotes; made of harmless characters.
    Quoted,
}

impl JsonColumn {
    #[inline(always)]
    fn write(&mut self, column: &Column, row: usize, specials: &ByteSet, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.member);
        if column.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match (self.style, &column.data) {
            (Style::Text, ColumnData::Text(values)) => {
                out.push(b'"');
                write_json_text(values.get(row), specials, out);
                out.push(b'"');
            }
            (_, ColumnData::F64(values)) if !values[row].is_finite() => {
                out.extend_from_slice(b"null");
            }
            (Style::Bare, _) => self.writer.write(column, row, out),
            _ => {
                out.push(b'"');
                let start = out.len();
                self.writer.write(column, row, out);
                if self.style == Style::Text {
                    escape_tail(out, start, specials);
                }
                out.push(b'"');
            }
        }
    }
}

/// Escapes `out[start..]`, which a strftime pattern wrote.
fn escape_tail(out: &mut Vec<u8>, start: usize, specials: &ByteSet) {
    if specials.meets(&out[start..]) {
        let text = out.split_off(start);
        write_json_text(&text, specials, out);
    }
}

impl JsonEncoder {
    /// An encoder of rows of `schema`.
    pub fn new(schema: &Schema, timestamp: &TimestampFormat, changelog: Changelog) -> Self {
        let specials = json_specials();
        let columns = schema.fields.iter().map(|field| {
            let mut member = b",\"".to_vec();
            write_json_text(field.name.as_bytes(), &specials, &mut member);
            member.extend_from_slice(b"\":");
            JsonColumn {
                member,
                style: Style::of(field.ty, timestamp),
                writer: ValueWriter::new(field.ty, timestamp),
            }
        });
        Self {
            changelog,
            columns: Columns::new(columns),
            specials,
        }
    }
}

impl Style {
    fn of(ty: DataType, timestamp: &TimestampFormat) -> Self {
        match (ty, timestamp) {
            (DataType::Varchar, _) => Self::Text,
            (ty, TimestampFormat::Strftime(_)) if ty.is_instant() => Self::Text,
            (DataType::Boolean, _) => Self::Bare,
            _ if is_number(ty) || ty.is_nested() => Self::Bare,
            _ => Self::Quoted,
        }
    }
}

impl Encoder for JsonEncoder {
    fn header(&self) -> Vec<u8> {
        Vec::new()
    }

    fn place(&mut self, columns: &[usize]) {
        self.columns.place(columns);
    }

    fn encode(&mut self, batch: &Batch, out: &mut Encoded) {
        let Self {
            columns, specials, ..
        } = self;
        encode_rows(batch, self.changelog, out, |row, op, bytes| {
            let start = bytes.len();
            if let Some(op) = op {
                bytes.extend_from_slice(b",\"op\":\"");
                bytes.extend_from_slice(op_text(op));
                bytes.push(b'"');
            }
            for (writer, column) in columns.each(batch) {
                writer.write(column, row, specials, bytes);
            }
            // Every member brings its comma; the first one's becomes the brace.
            match bytes.get_mut(start) {
                Some(comma) => *comma = b'{',
                None => bytes.push(b'{'),
            }
            bytes.extend_from_slice(b"}\n");
        });
    }
}
