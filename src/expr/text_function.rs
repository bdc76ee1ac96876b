//! Functions over VARCHAR.

use super::kernel::{Faults, Operand, Texts, add_nulls, data_of, try_rows};
use super::node::Node;
use crate::batch::{Batch, Column, Rows};
use crate::error::Reason;

/// Evaluates a function from text to text into `out`, a prepared VARCHAR column; `write` appends the result to the
/// empty buffer.
pub(super) fn to_text(
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    buffer: &mut Vec<u8>,
    write: impl Fn(&[u8], &mut Vec<u8>),
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    let texts = data_of!(out.data, Text);
    let input = input.texts();
    rows.for_each(|row| {
        buffer.clear();
        write(input.get(row), buffer);
        texts.set(row, buffer);
    });
}

/// UPPER of ASCII letters.
pub(super) fn upper(text: &[u8], out: &mut Vec<u8>) {
    out.extend(text.iter().map(u8::to_ascii_uppercase));
}

/// LOWER of ASCII letters.
pub(super) fn lower(text: &[u8], out: &mut Vec<u8>) {
    out.extend(text.iter().map(u8::to_ascii_lowercase));
}

/// TRIM: spaces at both ends.
pub(super) fn trim(text: &[u8], out: &mut Vec<u8>) {
    let start = text.iter().position(|&byte| byte != b' ');
    let end = text.iter().rposition(|&byte| byte != b' ');
    if let (Some(start), Some(end)) = (start, end) {
        out.extend_from_slice(&text[start..=end]);
    }
}

/// CHAR_LENGTH: code points, that is bytes that do not continue one.
pub(super) fn char_length(input: Operand<'_>, rows: Rows<'_>, out: &mut Column) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    let values = data_of!(out.data, I64);
    let texts = input.texts();
    rows.for_each(|row| {
        let chars = texts.get(row).iter().filter(|&&byte| byte & 0xc0 != 0x80);
        values[row] = chars.count() as i64;
    });
}

/// SUBSTRING(text FROM start [FOR length]) as in the SQL standard: the code points at positions from `start` to
/// before `start + length` that exist, the first being at 1. A negative length is outside the domain.
pub(super) fn substring(
    (input, start, length): (Operand<'_>, Operand<'_>, Option<Operand<'_>>),
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    for operand in [Some(input), Some(start), length].into_iter().flatten() {
        if !add_nulls(&mut out.nulls, operand, len) {
            return;
        }
    }
    let (texts, starts) = (input.texts(), start.i64s());
    let lengths = length.map(Operand::i64s);
    let column = data_of!(out.data, Text);
    try_rows(rows, len, &mut out.nulls, faults, |row| {
        let start = starts.at(row);
        let end = match lengths.map(|lengths| lengths.at(row)) {
            Some(length) if length < 0 => return Err(Reason::Domain),
            Some(length) => start.saturating_add(length),
            None => i64::MAX,
        };
        column.set(row, between(texts, row, start, end));
        Ok(())
    });
}

/// The code points of a text at positions `start..end`, counted from 1.
fn between(texts: Texts<'_>, row: usize, start: i64, end: i64) -> &[u8] {
    let text = texts.get(row);
    let offset = |position: i64| {
        if position <= 1 {
            return 0;
        }
        // Every code point has a byte, so a position behind the bytes is behind the code points.
        let Some(skip) = usize::try_from(position - 1)
            .ok()
            .filter(|&s| s < text.len())
        else {
            return text.len();
        };
        if text.is_ascii() {
            return skip;
        }
        let chars = texts.get_str(row).char_indices().nth(skip);
        chars.map_or(text.len(), |(at, _)| at)
    };
    let (from, to) = (offset(start), offset(end));
    if from < to { &text[from..to] } else { &[] }
}

/// `a || b || ..` of evaluated arguments.
pub(super) fn concat(
    args: &[Node],
    batch: &Batch,
    rows: Rows<'_>,
    out: &mut Column,
    buffer: &mut Vec<u8>,
) {
    let len = out.len();
    for arg in args {
        if !add_nulls(&mut out.nulls, arg.result(batch), len) {
            return;
        }
    }
    let column = data_of!(out.data, Text);
    let nulls = &out.nulls;
    rows.for_each(|row| {
        if !nulls.is_empty() && nulls[row] {
            return;
        }
        buffer.clear();
        for arg in args {
            buffer.extend_from_slice(arg.result(batch).texts().get(row));
        }
        column.set(row, buffer);
    });
}
