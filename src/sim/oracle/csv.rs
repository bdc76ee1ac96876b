//! CSV records by a loop over bytes.

use super::field;
use super::source::Record;
use crate::error::Reason;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::CsvFormat;
use crate::types::{Schema, Value};

struct Raw {
    /// Each field's text; `None` for NULL.
    fields: Vec<Option<Vec<u8>>>,
    fault: Option<Reason>,
}

/// The records of a file, its header left out.
pub fn records(bytes: &[u8], format: &CsvFormat, schema: &Schema) -> Vec<Record> {
    let mut at = if bytes.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let mut header = format.header;
    let mut records = Vec::new();
    while at < bytes.len() {
        let start = at;
        let (raw, end) = read_record(bytes, &mut at, format);
        if end - start > RECORD_BYTES_MAX {
            // Such a record is skipped up to the next newline, whatever its quotes say.
            let newline = bytes[start..]
                .iter()
                .skip(RECORD_BYTES_MAX)
                .position(|&b| b == b'\n');
            at = newline.map_or(bytes.len(), |n| start + RECORD_BYTES_MAX + n + 1);
            records.push(Record::spoilt(Reason::LineTooLong, schema, start));
        } else if bytes[start..end].is_empty() || &bytes[start..end] == b"\r" {
            // An empty line is no record.
        } else if header && raw.fault.is_none() {
            header = false;
        } else {
            records.push(to_record(&raw, format, schema, start));
        }
        header &= bytes[start..end].is_empty() || &bytes[start..end] == b"\r";
    }
    records
}

/// Reads one record and moves `at` behind its newline; gives it and where its bytes end (a CR included).
fn read_record(bytes: &[u8], at: &mut usize, format: &CsvFormat) -> (Raw, usize) {
    let mut raw = Raw {
        fields: Vec::new(),
        fault: None,
    };
    loop {
        let (field, quoted) = read_field(bytes, at, format, &mut raw.fault);
        let is_delimiter = bytes.get(*at) == Some(&format.delimiter);
        let field = match field.strip_suffix(b"\r") {
            // The CR of a CR LF, or of the last line.
            Some(stripped) if !is_delimiter && !quoted => stripped.to_vec(),
            _ => field,
        };
        let null_text = format.null_text.as_ref().map(String::as_bytes);
        let is_null = !quoted && (field.is_empty() || null_text == Some(&field));
        raw.fields.push((!is_null).then_some(field));
        if !is_delimiter {
            let end = *at;
            *at += 1;
            return (raw, end.min(bytes.len()));
        }
        *at += 1;
    }
}

/// Reads one field and leaves `at` at the delimiter, the newline or the end.
fn read_field(
    bytes: &[u8],
    at: &mut usize,
    format: &CsvFormat,
    fault: &mut Option<Reason>,
) -> (Vec<u8>, bool) {
    let mut text = Vec::new();
    let quoted = bytes.get(*at) == Some(&format.quote);
    if quoted {
        *at += 1;
        loop {
            match bytes.get(*at) {
                None => {
                    *fault = Some(Reason::Quote);
                    return (text, true);
                }
                Some(&byte) if byte == format.quote => {
                    if bytes.get(*at + 1) != Some(&format.quote) {
                        break;
                    }
                    text.push(byte);
                    *at += 2;
                }
                Some(&byte) => {
                    text.push(byte);
                    *at += 1;
                }
            }
        }
        *at += 1;
        let at_cr = bytes.get(*at) == Some(&b'\r') && format.delimiter != b'\r';
        if at_cr && matches!(bytes.get(*at + 1), None | Some(b'\n')) {
            *at += 1;
        }
    }
    while let Some(&byte) = bytes.get(*at) {
        if byte == b'\n' || byte == format.delimiter {
            break;
        }
        if quoted {
            *fault = Some(Reason::Quote);
        }
        text.push(byte);
        *at += 1;
    }
    (text, quoted)
}

fn to_record(raw: &Raw, format: &CsvFormat, schema: &Schema, offset: usize) -> Record {
    let value = |column: usize| {
        let target = &schema.fields[column];
        match raw.fields.get(usize::from(format.fields[column])) {
            None => Err(Reason::FieldCount),
            Some(None) if target.nullable => Ok(Value::Null),
            Some(None) => Err(Reason::Null),
            Some(Some(text)) => field::read(target.ty, &format.timestamp, text),
        }
    };
    let wrong_count = raw.fields.len() != usize::from(format.field_count);
    Record {
        fault: raw.fault,
        wrong_count,
        values: (0..schema.fields.len()).map(value).collect(),
        offset,
    }
}
