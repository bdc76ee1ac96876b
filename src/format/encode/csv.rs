//! CSV by RFC 4180, lines ending in LF.
//!
//! A field is quoted when it has a delimiter, a quote, CR or LF, or when it would otherwise be read as NULL:
//! `''` is written `""`, and so is a text equal to the null text quoted. NULL is the null text, unquoted.

use super::text::{ByteSet, quote_tail};
use super::value::ValueWriter;
use super::{Changelog, Columns, Encoded, Encoder, encode_rows, op_text};
use crate::batch::{Batch, Column, ColumnData};
use crate::plan::TimestampFormat;
use crate::types::Schema;

/// How CSV is written.
#[derive(Clone, Debug)]
pub struct CsvOptions {
    /// Between fields.
    pub delimiter: u8,
    /// Whether a header is written first.
    pub header: bool,
    /// What NULL is written as.
    pub null_text: String,
    /// How TIMESTAMPs are written.
    pub timestamp: TimestampFormat,
}

/// Writes CSV rows.
#[derive(Debug)]
pub struct CsvEncoder {
    // Fixed at construction.
    header: Vec<u8>,
    changelog: Changelog,
    quoting: Quoting,
    // State: only what the value writers remember.
    columns: Columns<CsvColumn>,
}

/// What makes a field quoted.
#[derive(Debug)]
struct Quoting {
    delimiter: u8,
    specials: ByteSet,
    null_text: Vec<u8>,
}

impl Quoting {
    /// Whether `field`, which is not NULL, is quoted.
    #[inline(always)]
    fn applies(&self, field: &[u8]) -> bool {
        field.is_empty() || self.specials.meets(field) || field == self.null_text
    }

    fn write(&self, field: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(field);
        if self.applies(field) {
            quote_tail(out, start);
        }
    }
}

#[derive(Debug)]
struct CsvColumn {
    writer: ValueWriter,
    /// Whether values other than texts have to be looked at too, because of an unusual delimiter or null text.
    guarded: bool,
}

/// Bytes that values other than texts and strftime timestamps are made of.
const VALUE_BYTES: &[u8] = b"0123456789+-.: TZinfaNruelsEbcdx";

impl CsvEncoder {
    /// An encoder of rows of `schema`.
    pub fn new(options: &CsvOptions, schema: &Schema, changelog: Changelog) -> Self {
        let delimiter = options.delimiter;
        let quoting = Quoting {
            delimiter,
            specials: ByteSet::of(|byte| byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n')),
            null_text: options.null_text.clone().into_bytes(),
        };
        let plain = options.null_text.is_empty() && !VALUE_BYTES.contains(&delimiter);
        let free_text = matches!(options.timestamp, TimestampFormat::Strftime(_));
        let columns = schema.fields.iter().map(|field| CsvColumn {
            writer: ValueWriter::new(field.ty, &options.timestamp),
            guarded: !plain || (free_text && field.ty.is_instant()),
        });
        let header = if options.header {
            header(schema, changelog, &quoting)
        } else {
            Vec::new()
        };
        Self {
            header,
            changelog,
            columns: Columns::new(columns),
            quoting,
        }
    }
}

fn header(schema: &Schema, changelog: Changelog, quoting: &Quoting) -> Vec<u8> {
    let op = (changelog == Changelog::Retract).then_some("op");
    let names = schema.fields.iter().map(|field| field.name.as_str());
    let mut out = Vec::new();
    for (i, name) in op.into_iter().chain(names).enumerate() {
        if i > 0 {
            out.push(quoting.delimiter);
        }
        quoting.write(name.as_bytes(), &mut out);
    }
    out.push(b'\n');
    out
}

impl CsvColumn {
    #[inline(always)]
    fn write(&mut self, column: &Column, row: usize, quoting: &Quoting, out: &mut Vec<u8>) {
        if column.is_null(row) {
            out.extend_from_slice(&quoting.null_text);
            return;
        }
        let start = out.len();
        self.writer.write(column, row, out);
        let looked_at = self.guarded || matches!(column.data, ColumnData::Text(_));
        if looked_at && quoting.applies(&out[start..]) {
            quote_tail(out, start);
        }
    }
}

impl Encoder for CsvEncoder {
    fn header(&self) -> Vec<u8> {
        self.header.clone()
    }

    fn place(&mut self, columns: &[usize]) {
        self.columns.place(columns);
    }

    fn encode(&mut self, batch: &Batch, out: &mut Encoded) {
        let Self {
            columns, quoting, ..
        } = self;
        let any = !columns.writers.is_empty();
        encode_rows(batch, self.changelog, out, |row, op, bytes| {
            if let Some(op) = op {
                quoting.write(op_text(op), bytes);
                bytes.push(quoting.delimiter);
            }
            for (writer, column) in columns.each(batch) {
                writer.write(column, row, quoting, bytes);
                bytes.push(quoting.delimiter);
            }
            match bytes.last_mut() {
                Some(last) if any => *last = b'\n',
                _ => bytes.push(b'\n'),
            }
        });
    }
}
