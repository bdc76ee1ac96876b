//! WITH options and SET keys: read once, typed, and refused when nothing reads them.

mod binary;
mod format;
mod known;
mod settings;
mod sink;
mod source;

pub use binary::binary_format;
pub use format::{FormatName, format_name, format_of_path};
pub use known::check as check_keys;
pub use settings::{SessionSettings, annotate, parse_bytes, set};
pub use sink::{ChangelogName, SinkOptions, sink_options, stdout_format};
pub use source::{
    SourceOptions, check_connector, files, generator_columns, generator_field_names, source_options,
};

use super::ast::OptionEntry;
use super::duration;
use super::names;
use crate::error::{Span, SqlError, SqlErrorKind};
use std::cell::RefCell;

/// The options of one table, with a note of which were read.
pub struct Options<'a> {
    entries: &'a [OptionEntry],
    read: RefCell<Vec<bool>>,
    /// Where the table stands, for options that are missing.
    pub span: Span,
}

/// An error of an option's value.
pub(crate) fn invalid(entry: &OptionEntry, message: impl Into<String>) -> SqlError {
    SqlError::new(SqlErrorKind::Bind, entry.value_span, message)
}

impl<'a> Options<'a> {
    /// The options of the table at `span`.
    ///
    /// # Errors
    /// When a key is given twice.
    pub fn new(entries: &'a [OptionEntry], span: Span) -> Result<Self, SqlError> {
        for (at, entry) in entries.iter().enumerate() {
            if entries[..at]
                .iter()
                .any(|before| same_key(&before.key, &entry.key))
            {
                return Err(SqlError::new(
                    SqlErrorKind::Bind,
                    entry.key_span,
                    format!("option '{}' is given twice", entry.key),
                ));
            }
        }
        Ok(Self {
            entries,
            read: RefCell::new(vec![false; entries.len()]),
            span,
        })
    }

    /// The option called `key`, now read.
    pub fn take(&self, key: &str) -> Option<&'a OptionEntry> {
        let at = self
            .entries
            .iter()
            .position(|entry| same_key(&entry.key, key))?;
        self.read.borrow_mut()[at] = true;
        Some(&self.entries[at])
    }

    /// The options whose keys start with `prefix`, now read, each with the rest of its key.
    pub fn take_prefixed(&self, prefix: &str) -> Vec<(&'a str, &'a OptionEntry)> {
        let mut found = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let Some(head) = entry.key.get(..prefix.len()) else {
                continue;
            };
            if head.eq_ignore_ascii_case(prefix) {
                self.read.borrow_mut()[at] = true;
                found.push((&entry.key[prefix.len()..], entry));
            }
        }
        found
    }

    /// The text of an option.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.take(key).map(|entry| &entry.value[..])
    }

    /// An option that must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn required(&self, key: &str, example: &str) -> Result<&'a OptionEntry, SqlError> {
        self.take(key).ok_or_else(|| {
            SqlError::new(
                SqlErrorKind::Bind,
                self.span,
                format!("option '{key}' is missing"),
            )
            .with_hint(format!("add '{key}' = '{example}'"))
        })
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// For any other value.
    pub fn bool(&self, key: &str) -> Result<Option<bool>, SqlError> {
        self.one_of(key, &[("true", true), ("false", false)])
    }

    /// One of the values listed.
    ///
    /// # Errors
    /// For any other value.
    pub fn one_of<T: Clone>(&self, key: &str, values: &[(&str, T)]) -> Result<Option<T>, SqlError> {
        self.take(key).map(|entry| pick(entry, values)).transpose()
    }

    /// A length of time that is not negative.
    ///
    /// # Errors
    /// When it is none.
    pub fn duration(&self, key: &str) -> Result<Option<i64>, SqlError> {
        self.take(key).map(duration_of).transpose()
    }

    /// A number within bounds.
    ///
    /// # Errors
    /// When it is none.
    pub fn number(&self, key: &str, least: u64, most: u64) -> Result<Option<u64>, SqlError> {
        self.take(key)
            .map(|entry| number_of(entry, least, most))
            .transpose()
    }

    /// One ASCII character.
    ///
    /// # Errors
    /// When it is longer.
    pub fn byte(&self, key: &str) -> Result<Option<u8>, SqlError> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        match entry.value.as_str() {
            "\\t" | "tab" => Ok(Some(b'\t')),
            value if value.len() == 1 && !matches!(value, "\n" | "\r") => {
                Ok(Some(value.as_bytes()[0]))
            }
            value => Err(invalid(
                entry,
                format!("'{key}' takes one ASCII character, not '{value}'"),
            )),
        }
    }

    /// Refuses options that nothing has read: `what` is the table's kind, as `a file source`.
    ///
    /// # Errors
    /// For the first of them.
    pub fn finish(&self, what: &str) -> Result<(), SqlError> {
        let read = self.read.borrow();
        match self.entries.iter().zip(&*read).find(|(_, read)| !**read) {
            None => Ok(()),
            Some((entry, _)) => Err(known::stray(entry, what)),
        }
    }
}

/// A key is compared without case, `_` and `-` read as `.`.
fn same_key(left: &str, right: &str) -> bool {
    let plain = |byte: u8| match byte {
        b'_' | b'-' => b'.',
        other => other.to_ascii_lowercase(),
    };
    left.len() == right.len()
        && left
            .bytes()
            .zip(right.bytes())
            .all(|(l, r)| plain(l) == plain(r))
}

fn pick<T: Clone>(entry: &OptionEntry, values: &[(&str, T)]) -> Result<T, SqlError> {
    let found = values
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(&entry.value));
    if let Some((_, value)) = found {
        return Ok(value.clone());
    }
    let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    let error = invalid(
        entry,
        format!(
            "'{}' takes {}, not '{}'",
            entry.key,
            known.join(" or "),
            entry.value
        ),
    );
    Err(match names::nearest(&entry.value, known.iter().copied()) {
        Some(near) => error.with_hint(format!("did you mean '{near}'?")),
        None => error,
    })
}

fn duration_of(entry: &OptionEntry) -> Result<i64, SqlError> {
    match duration::duration_ns(&entry.value) {
        Ok(length) if length >= 0 => Ok(length),
        Ok(_) => Err(invalid(
            entry,
            format!("'{}' cannot be negative", entry.key),
        )),
        Err(message) => Err(invalid(entry, message).with_hint("write 100ms, 5s, 1m or 1h")),
    }
}

fn number_of(entry: &OptionEntry, least: u64, most: u64) -> Result<u64, SqlError> {
    entry
        .value
        .replace('_', "")
        .parse::<u64>()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            let bounds = if most == u64::MAX {
                format!("of at least {least}")
            } else {
                format!("from {least} to {most}")
            };
            invalid(
                entry,
                format!(
                    "'{}' takes a whole number {bounds}, not '{}'",
                    entry.key, entry.value
                ),
            )
        })
}
