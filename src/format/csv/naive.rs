//! Framer and decoder byte by byte: the slow twins that tests and benches compare with.

use crate::batch::{Column, Rows};
use crate::chunk::RowDescriptors;
use crate::civil;
use crate::error::Reason;
use crate::format::{
    Decoder, FaultScope, FieldFault, FrameFault, FrameSpec, Framer, Frames, RECORD_FAULT, field,
};
use crate::hash;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::CsvFormat;
use crate::types::Schema;

/// A field's text, `None` for NULL.
type FieldText = Option<Vec<u8>>;

struct Record {
    fields: Vec<FieldText>,
    end: usize,
    next: usize,
    fault: Option<Reason>,
}

enum State {
    FieldStart,
    Unquoted,
    Quoted,
    AfterQuote,
    AfterQuoteAndCr,
}

/// What stands behind the bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// More of the file.
    More,
    /// Nothing.
    EndOfFile,
    /// The newline that ended this record, with its CR.
    Newline,
}

/// One record at a time, one byte at a time.
struct Machine<'a> {
    format: &'a CsvFormat,
    state: State,
    fields: Vec<FieldText>,
    text: Vec<u8>,
    quoted: bool,
    stray: bool,
}

impl<'a> Machine<'a> {
    fn new(format: &'a CsvFormat) -> Self {
        Self {
            format,
            state: State::FieldStart,
            fields: Vec::new(),
            text: Vec::new(),
            quoted: false,
            stray: false,
        }
    }

    /// Takes a byte; true when it is the newline that ends the record.
    fn step(&mut self, byte: u8) -> bool {
        let quote = self.format.quote;
        match self.state {
            State::FieldStart if byte == quote => {
                self.quoted = true;
                self.state = State::Quoted;
            }
            State::Quoted if byte == quote => self.state = State::AfterQuote,
            State::Quoted => self.text.push(byte),
            State::AfterQuote if byte == quote => {
                self.text.push(byte);
                self.state = State::Quoted;
            }
            State::AfterQuote if byte == b'\r' && byte != self.format.delimiter => {
                self.state = State::AfterQuoteAndCr;
            }
            State::AfterQuoteAndCr if byte != b'\n' => {
                self.stray = true;
                self.state = State::Unquoted;
                return self.step(byte);
            }
            _ if byte == b'\n' => return true,
            _ if byte == self.format.delimiter => self.end_field(),
            State::AfterQuote => {
                self.stray = true;
                self.state = State::Unquoted;
            }
            _ => {
                self.text.push(byte);
                self.state = State::Unquoted;
            }
        }
        false
    }

    fn end_field(&mut self) {
        let text = std::mem::take(&mut self.text);
        let null_text = self.format.null_text.as_ref().map(|text| text.as_bytes());
        let is_null = !self.quoted && (text.is_empty() || null_text == Some(&text));
        self.fields.push((!is_null).then_some(text));
        self.quoted = false;
        self.state = State::FieldStart;
    }

    fn end(mut self, strip_cr: bool, end: usize, next: usize) -> Record {
        let open = matches!(self.state, State::Quoted);
        if strip_cr && matches!(self.state, State::Unquoted) {
            self.text.pop();
        }
        self.end_field();
        Record {
            fields: self.fields,
            end,
            next,
            fault: (open || self.stray).then_some(Reason::Quote),
        }
    }
}

/// The record at `start`, or `None` when more bytes are needed.
fn record(bytes: &[u8], start: usize, behind: Behind, format: &CsvFormat) -> Option<Record> {
    let mut machine = Machine::new(format);
    let mut at = start;
    loop {
        let ends = match bytes.get(at) {
            _ if at - start > RECORD_BYTES_MAX => {
                let end = start + RECORD_BYTES_MAX;
                return Some(Record {
                    fields: Vec::new(),
                    end,
                    next: end,
                    fault: Some(Reason::LineTooLong),
                });
            }
            Some(&byte) => machine.step(byte),
            None if behind == Behind::More || start == at => return None,
            None => true,
        };
        if ends {
            let strip_cr = behind != Behind::Newline && at > start && bytes[at - 1] == b'\r';
            let end = at - usize::from(strip_cr);
            return Some(machine.end(strip_cr, end, (at + 1).min(bytes.len())));
        }
        at += 1;
    }
}

/// The slow twin of [`super::CsvFramer`].
#[derive(Debug)]
pub struct NaiveFramer {
    format: CsvFormat,
    schema: Schema,
    spec: FrameSpec,
    expects_mark: bool,
    expects_header: bool,
    skipping: bool,
}

impl NaiveFramer {
    /// A framer at the start of a file.
    pub fn new(format: &CsvFormat, schema: &Schema, spec: &FrameSpec) -> Self {
        Self {
            format: format.clone(),
            schema: schema.clone(),
            spec: spec.clone(),
            expects_mark: true,
            expects_header: format.header,
            skipping: false,
        }
    }

    fn field<'a>(&self, record: &'a Record, column: usize) -> Option<&'a FieldText> {
        record.fields.get(usize::from(self.format.fields[column]))
    }

    fn time(&self, record: &Record, column: usize) -> Result<i64, Reason> {
        let field = self.field(record, column).ok_or(Reason::FieldCount)?;
        let text = field.as_ref().ok_or(Reason::EventTimeNull)?;
        match civil::parse_timestamp(text, &self.format.timestamp) {
            Ok(i64::MIN | i64::MAX) | Err(_) => Err(Reason::EventTimeInvalid),
            Ok(time) => Ok(time),
        }
    }

    fn key(&self, record: &Record, columns: &[usize]) -> Result<u64, Reason> {
        let mut key = None;
        for &column in columns {
            let field = self.field(record, column).ok_or(Reason::FieldCount)?;
            let ty = self.schema.fields[column].ty;
            let seed = self.spec.hash_seed;
            let hash = match field {
                Some(text) => field::hash(ty, &self.format.timestamp, text, seed)
                    .map_err(|_| Reason::KeyInvalid)?,
                None => hash::hash_null(seed),
            };
            key = Some(key.map_or(hash, |before| hash::combine(before, hash)));
        }
        Ok(key.unwrap_or(0))
    }

    fn push(&self, record: &Record, start: usize, out: &mut Frames) {
        let row = out.starts.len() as u32;
        out.starts.push(start as u32);
        out.ends.push(record.end as u32);
        let mut faults = Vec::new();
        if let Some(column) = self.spec.time {
            let time = self.time(record, column);
            out.times.push(time.unwrap_or(0));
            faults.extend(time.err().map(|reason| (FaultScope::EventTime, reason)));
        }
        for (index, columns) in self.spec.keys.iter().enumerate() {
            let key = self.key(record, columns);
            out.hashes[index].push(key.unwrap_or(0));
            let scope = FaultScope::Key(index as u16);
            faults.extend(key.err().map(|reason| (scope, reason)));
        }
        let wrong_count = record.fields.len() != usize::from(self.format.field_count);
        let of_record = match record.fault {
            Some(reason) => Some(reason),
            None if !faults.is_empty() && wrong_count => Some(Reason::FieldCount),
            None => None,
        };
        if let Some(reason) = of_record {
            faults = vec![(FaultScope::Record, reason)];
        }
        let with_row = |(scope, reason)| FrameFault { row, scope, reason };
        out.faults.extend(faults.into_iter().map(with_row));
    }
}

impl Framer for NaiveFramer {
    fn frame(
        &mut self,
        bytes: &[u8],
        from: usize,
        last: bool,
        max: usize,
        out: &mut Frames,
    ) -> usize {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let mut at = from;
        out.hashes.resize_with(self.spec.keys.len(), Vec::new);
        if self.expects_mark {
            if !last && bytes.len() - at < 3 && MARK.starts_with(&bytes[at..]) {
                return at;
            }
            at += if bytes[at..].starts_with(MARK) { 3 } else { 0 };
            self.expects_mark = false;
        }
        let goal = out.starts.len() + max;
        while out.starts.len() < goal {
            while self.skipping && at < bytes.len() {
                self.skipping = bytes[at] != b'\n';
                at += 1;
            }
            if self.skipping {
                self.skipping = !last;
                break;
            }
            let behind = if last {
                Behind::EndOfFile
            } else {
                Behind::More
            };
            let Some(record) = record(bytes, at, behind, &self.format) else {
                break;
            };
            let start = std::mem::replace(&mut at, record.next);
            if record.end == start {
                continue;
            }
            self.skipping = record.fault == Some(Reason::LineTooLong);
            let is_header = std::mem::replace(&mut self.expects_header, false);
            if !is_header || record.fault.is_some() {
                self.push(&record, start, out);
            }
        }
        at
    }

    fn begin_file(&mut self) {
        self.expects_mark = true;
        self.expects_header = self.format.header;
        self.skipping = false;
    }

    fn resume_file(&mut self) {
        self.expects_mark = false;
        self.expects_header = false;
    }

    fn is_skipping(&self) -> bool {
        self.skipping
    }
}

/// The slow twin of [`super::CsvDecoder`].
#[derive(Debug)]
pub struct NaiveDecoder {
    format: CsvFormat,
    schema: Schema,
    rows: Vec<Vec<FieldText>>,
}

impl NaiveDecoder {
    /// A decoder of the columns of `schema`.
    pub fn new(format: &CsvFormat, schema: &Schema) -> Self {
        Self {
            format: format.clone(),
            schema: schema.clone(),
            rows: Vec::new(),
        }
    }
}

impl Decoder for NaiveDecoder {
    fn begin(&mut self, bytes: &[u8], rows: &RowDescriptors, faults: &mut Vec<FieldFault>) {
        self.rows.clear();
        for (row, (&start, &end)) in rows.starts.iter().zip(&rows.ends).enumerate() {
            let bytes = &bytes[..end as usize];
            let record = record(bytes, start as usize, Behind::Newline, &self.format);
            let (fields, fault) = record.map_or((Vec::new(), None), |r| (r.fields, r.fault));
            let wrong_count = fields.len() != usize::from(self.format.field_count);
            self.rows.push(fields);
            let reason = fault.or(wrong_count.then_some(Reason::FieldCount));
            faults.extend(reason.map(|reason| FieldFault {
                row: row as u32,
                column: RECORD_FAULT,
                reason,
            }));
        }
    }

    fn column(
        &mut self,
        _bytes: &[u8],
        rows: &RowDescriptors,
        column: usize,
        selection: Rows<'_>,
        out: &mut Column,
        faults: &mut Vec<FieldFault>,
    ) {
        out.reset(rows.len());
        let target = &self.schema.fields[column];
        let field = usize::from(self.format.fields[column]);
        selection.for_each(|row| {
            let written = match &self.rows[row][field] {
                Some(text) => field::write(target.ty, &self.format.timestamp, text, out, row),
                None if target.nullable => {
                    out.set_null(row);
                    Ok(())
                }
                None => Err(Reason::Null),
            };
            if let Err(reason) = written {
                out.set_null(row);
                faults.push(FieldFault {
                    row: row as u32,
                    column: column as u16,
                    reason,
                });
            }
        });
    }
}
