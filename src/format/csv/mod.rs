//! CSV after RFC 4180: any one-byte delimiter and quote, CR LF or LF, a header, a byte order mark.
//!
//! A field is quoted when its first byte is the quote; within it a doubled quote is one, and delimiters and
//! newlines are data. Text between the closing quote and the next delimiter or newline is a fault of the
//! record (`Reason::Quote`), as is a quote that is still open where the input ends. A quote further inside
//! an unquoted field is data, as is a NUL byte. An unquoted empty field, or one with the NULL text, is NULL;
//! a quoted one never is. Empty lines are not records. The end of the input ends the last line.
//!
//! Framer and decoder both work in two passes. The framer's first (`split`) looks only at newlines, delimiters and
//! quotes, 64 bytes at a time and some blocks ahead (`window`), and leaves for each row where its delimiters are: as a
//! mask, which goes to the decoder with the row, or, where a row is longer than a block or has quotes, as the ends of
//! its first fields:
//!
//! ```text
//! 1700000000000,SYM0001,101.25,500,B\n      start of row
//!              ^       ^      ^   ^         bits of its mask
//! ```
//!
//! Of masks both make the bounds of fields (`expand`); the decoder looks itself at rows without one.
//! The second pass reads one field of all rows in a tight loop (`key`, `column`), eight rows at a time where the CPU can. Whatever is unusual (a quote,
//! NULL, a long number, the last bytes of the input) leaves the tight loop for one row and is read by
//! `format::field`. [`naive`] does all of it byte by byte, for tests.

pub(in crate::format) mod column;
mod decoder;
mod expand;
mod framer;
mod key;
pub(super) mod number;
mod quoted;
mod spans;
mod split;
mod window;

pub mod naive;

#[cfg(test)]
mod tests;

use crate::format::FrameSpec;
use crate::plan::{CsvFormat, TimestampFormat};
use crate::types::Schema;

pub use decoder::CsvDecoder;
pub use framer::CsvFramer;

/// A framer of CSV records.
pub fn framer(format: &CsvFormat, schema: &Schema, spec: &FrameSpec) -> CsvFramer {
    CsvFramer::new(format, schema, spec)
}

/// A decoder of CSV records.
pub fn decoder(format: &CsvFormat, schema: &Schema) -> CsvDecoder {
    CsvDecoder::new(format, schema)
}

/// What the readers of single fields need of the format.
#[derive(Clone, Debug)]
struct Dialect {
    delimiter: u8,
    quote: u8,
    null_text: Option<Box<[u8]>>,
    timestamp: TimestampFormat,
}

impl Dialect {
    fn new(format: &CsvFormat) -> Self {
        Self {
            delimiter: format.delimiter,
            quote: format.quote,
            null_text: format.null_text.as_ref().map(|text| text.as_bytes().into()),
            timestamp: format.timestamp.clone(),
        }
    }

    /// Whether a field as it stands in the record is NULL.
    #[inline(always)]
    fn is_null(&self, field: &[u8]) -> bool {
        field.is_empty() || self.null_text.as_deref() == Some(field)
    }

    /// The value's text: the field without its quotes, `None` for NULL.
    #[inline]
    fn text<'a>(&self, field: &'a [u8], scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        if self.is_null(field) {
            None
        } else if field[0] == self.quote {
            Some(quoted::unquote(field, self.quote, scratch))
        } else {
            Some(field)
        }
    }
}
