//! JSON lines: one object a line.
//!
//! A string cannot hold a raw newline, so a newline always ends a record and framing needs no state. Framer
//! and decoder read a record the same way (`parse`): one pass that checks all of its syntax by RFC 8259 and
//! notes where the wanted values lie, without building a tree. Then a value's text is read by its column's
//! type (`value`), in the framer for event time and keys, in the decoder for a column of rows at a time.
//!
//! Rows of a feed differ in their values alone. Where a row has the layout of one before it (`layout`), which the
//! positions of its quotes (`stops`) and a few masked compares tell, it is not parsed at all; any other row is.
//!
//! * Members are found by path and in any order; others are ignored. A missing member and `null` are NULL.
//! * Of members with the same name the last wins.
//! * Numbers are exact: `1.50` and `15e-1` are the same DECIMAL, `1.0` is a BIGINT. Numbers in strings count
//!   as numbers, epoch timestamps may be either.
//! * A VARCHAR takes a string, or the text of any other value as it was written.

mod decoder;
mod framer;
mod lanes;
mod layout;
mod parse;
mod paths;
mod scan;
mod stops;
mod unescape;

pub(super) use unescape::unescape;
mod value;
mod wanted;

#[cfg(test)]
mod naive;
#[cfg(test)]
mod tests;

use super::{Decoder, FrameSpec, Framer};
use crate::plan::JsonFormat;
use crate::types::Schema;

/// A framer of JSON lines: finds what `spec` asks for.
pub fn framer(format: &JsonFormat, schema: &Schema, spec: &FrameSpec) -> Box<dyn Framer> {
    Box::new(framer::JsonFramer::new(format, schema, spec))
}

/// A decoder of JSON lines.
pub fn decoder(format: &JsonFormat, schema: &Schema) -> Box<dyn Decoder> {
    Box::new(decoder::JsonDecoder::new(format, schema))
}

/// A decoder of JSON lines for rows that carry their event time: `RowDescriptors::times`, where present, are the
/// values of schema column `event_time`.
pub fn decoder_with_event_time(
    format: &JsonFormat,
    schema: &Schema,
    event_time: usize,
) -> Box<dyn Decoder> {
    Box::new(decoder::JsonDecoder::new(format, schema).with_event_time(event_time))
}
