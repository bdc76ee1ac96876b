//! Rows of a table encoder as aligned text with a header and a rule.
//!
//! ```text
//! symbol | price
//! -------+------
//! AAPL   | 12.50
//! ```
//!
//! The first rows decide the widths, later ones keep them: a wider value moves its own row only. Numbers go
//! to the right. A character counts as one column wide.

use super::table::FIELD_END;
use super::value::is_number;
use crate::plan::ChangelogMode;
use crate::types::Schema;

/// Rows that decide the widths at most.
const ROWS_HELD_MAX: usize = 1000;
/// Bytes that are held at most; rows of long texts decide the widths earlier.
const BYTES_HELD_MAX: usize = 1 << 20;

/// Aligns the rows of a table encoder. Pure: bytes in, text out.
#[derive(Debug)]
pub struct Aligner {
    // Fixed at construction.
    columns: Vec<AlignedColumn>,
    // State.
    held: Vec<u8>,
    held_rows: usize,
    header_written: bool,
    /// The start of a row whose end has not come yet.
    partial: Vec<u8>,
}

#[derive(Debug)]
struct AlignedColumn {
    name: String,
    right: bool,
    width: usize,
}

impl Aligner {
    /// An aligner for rows of `schema`.
    pub fn new(schema: &Schema, changelog: &ChangelogMode) -> Self {
        let op = matches!(changelog, ChangelogMode::Retract).then(|| ("op".to_owned(), false));
        let fields = schema.fields.iter();
        let names = fields.map(|field| (visible(&field.name), is_number(field.ty)));
        let column = |(name, right): (String, bool)| AlignedColumn {
            width: name.chars().count(),
            name,
            right,
        };
        Self {
            columns: op.into_iter().chain(names).map(column).collect(),
            held: Vec::new(),
            held_rows: 0,
            header_written: false,
            partial: Vec::new(),
        }
    }

    /// Takes encoded rows, cut anywhere, and appends the text of those whose widths are decided.
    pub fn push(&mut self, rows: &[u8], out: &mut Vec<u8>) {
        let mut rest = rows;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (row, next) = rest.split_at(end + 1);
            rest = next;
            if self.partial.is_empty() {
                self.row(&row[..end], out);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(&row[..end]);
                self.row(&whole, out);
                whole.clear();
                self.partial = whole;
            }
        }
        self.partial.extend_from_slice(rest);
    }

    /// Appends the text of the rows held, which decides the widths.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        if self.held_rows > 0 {
            self.release(out);
        }
    }

    /// Appends the rows held, and the header if there were no rows at all.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.header_written {
            self.release(out);
        }
    }

    fn row(&mut self, row: &[u8], out: &mut Vec<u8>) {
        if self.header_written {
            write_line(&self.columns, fields(row), out);
            return;
        }
        for (column, field) in self.columns.iter_mut().zip(fields(row)) {
            column.width = column.width.max(chars(field));
        }
        self.held.extend_from_slice(row);
        self.held.push(b'\n');
        self.held_rows += 1;
        if self.held_rows >= ROWS_HELD_MAX || self.held.len() >= BYTES_HELD_MAX {
            self.release(out);
        }
    }

    fn release(&mut self, out: &mut Vec<u8>) {
        self.header_written = true;
        self.write_header(out);
        let mut rest = self.held.as_slice();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            write_line(&self.columns, fields(&rest[..end]), out);
            rest = &rest[end + 1..];
        }
        self.held = Vec::new();
        self.held_rows = 0;
    }

    fn write_header(&self, out: &mut Vec<u8>) {
        let names = self.columns.iter().map(|column| column.name.as_bytes());
        write_line(&self.columns, names, out);
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(b"-+-");
            }
            out.resize(out.len() + column.width, b'-');
        }
        out.push(b'\n');
    }
}

fn fields(row: &[u8]) -> impl Iterator<Item = &[u8]> {
    row.split(|&byte| byte == FIELD_END)
}

/// Characters of a UTF-8 text.
fn chars(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// Appends one line. Fields beyond the declared columns are shown rather than lost.
fn write_line<'a>(
    columns: &[AlignedColumn],
    fields: impl Iterator<Item = &'a [u8]>,
    out: &mut Vec<u8>,
) {
    // Padding to the right is written when another field follows, so that lines do not end in spaces.
    let mut owed = 0;
    for (i, field) in fields.enumerate() {
        out.resize(out.len() + owed, b' ');
        if i > 0 {
            out.extend_from_slice(b" | ");
        }
        let column = columns.get(i);
        let padding = column.map_or(0, |column| column.width.saturating_sub(chars(field)));
        owed = padding;
        if column.is_some_and(|column| column.right) {
            out.resize(out.len() + padding, b' ');
            owed = 0;
        }
        out.extend_from_slice(field);
    }
    out.push(b'\n');
}

/// A column name without control characters.
fn visible(name: &str) -> String {
    let escape = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().map(escape).collect()
}
