//! The header of a stream. Planning looks at the headers of files and finds columns by name; stdin and tcp
//! show theirs once they are read, so it is compared with the columns, which are read by position.

use crate::error::JobError;
use crate::limits::RECORD_BYTES_MAX;
use crate::plan::{FormatPlan, SourceConnector, SourcePlan};

/// Holds the first line of a stream against the columns.
pub struct HeaderCheck {
    // Fixed at construction.
    table: String,
    names: Vec<String>,
    delimiter: u8,
    quote: u8,
    // State.
    line: Vec<u8>,
    done: bool,
}

impl HeaderCheck {
    /// The check of `plan`, if it has a header that planning could not look at.
    pub fn new(plan: &SourcePlan) -> Option<Self> {
        let FormatPlan::Csv(format) = &plan.format else {
            return None;
        };
        let is_stream = matches!(
            plan.connector,
            SourceConnector::Stdin | SourceConnector::Tcp { .. }
        );
        let names = plan.schema.fields.iter().map(|field| field.name.clone());
        (format.header && is_stream).then(|| Self {
            table: plan.name.clone(),
            names: names.collect(),
            delimiter: format.delimiter,
            quote: format.quote,
            line: Vec::new(),
            done: false,
        })
    }

    /// A stream begins.
    pub fn begin(&mut self) {
        self.line.clear();
        self.done = false;
    }

    /// `bytes` of it were read.
    ///
    /// # Errors
    /// `JobError::Io` when they complete a header with other names.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), JobError> {
        if self.done {
            return Ok(());
        }
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            self.line.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            if !self.line.trim_ascii().is_empty() {
                return self.end();
            }
            self.line.clear();
        }
        self.line.extend_from_slice(rest);
        // A line without an end is the framer's to refuse.
        self.done = RECORD_BYTES_MAX < self.line.len();
        Ok(())
    }

    /// Nothing of the header follows.
    ///
    /// # Errors
    /// See [`Self::read`].
    pub fn end(&mut self) -> Result<(), JobError> {
        if std::mem::replace(&mut self.done, true) || self.line.trim_ascii().is_empty() {
            return Ok(());
        }
        let found = self.fields();
        let mut pairs = found.iter().zip(&self.names);
        let same = |(found, name): (&String, &String)| found.eq_ignore_ascii_case(name);
        if found.len() == self.names.len() && pairs.all(same) {
            return Ok(());
        }
        Err(JobError::Io {
            what: format!("the header of table {}", self.table),
            cause: format!("it is {}, not {}", found.join(","), self.names.join(",")),
            hint: Some(
                "declare the columns in the order of the header: a stream is read by position"
                    .to_owned(),
            ),
        })
    }

    fn fields(&self) -> Vec<String> {
        let line = self.line.strip_prefix(b"\xef\xbb\xbf");
        let mut fields = vec![Vec::new()];
        let mut quoted = false;
        for &byte in line.unwrap_or(&self.line) {
            if byte == self.quote {
                quoted = !quoted;
            } else if byte == self.delimiter && !quoted {
                fields.push(Vec::new());
            } else if let Some(field) = fields.last_mut() {
                field.push(byte);
            }
        }
        let text = |field: &Vec<u8>| String::from_utf8_lossy(field).trim().to_owned();
        fields.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a stream that comes in these pieces gives.
    fn check(pieces: &[&str]) -> Result<(), JobError> {
        let mut check = HeaderCheck {
            table: "t".into(),
            names: vec!["ts".into(), "price".into()],
            delimiter: b',',
            quote: b'"',
            line: Vec::new(),
            done: false,
        };
        check.begin();
        for piece in pieces {
            check.read(piece.as_bytes())?;
        }
        check.end()
    }

    #[test]
    fn the_columns_names_pass_however_they_come() {
        for pieces in [
            &["ts,price\n1,2\n"][..],
            &["ts", ",pri", "ce\r", "\n1,2"],
            &["\n\r\n", "\u{feff}TS,\"price\"\n"],
            &["ts, price"],
            &[],
            &["\n"],
        ] {
            assert_eq!(check(pieces), Ok(()), "{pieces:?}");
        }
    }

    #[test]
    fn other_names_are_told() {
        for (pieces, found) in [
            (&["price,ts\n"][..], "price,ts"),
            (&["ts,pri", "ze\n"], "ts,prize"),
            (&["ts,price,size\n"], "ts,price,size"),
            (&["1,2"], "1,2"),
        ] {
            let error = check(pieces).unwrap_err().to_string();
            let start = format!("the header of table t: it is {found}, not ts,price; ");
            assert!(error.starts_with(&start), "{error}");
        }
    }
}
