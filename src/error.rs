//! Error kinds: SQL errors with a span and a hint, job errors, and the reasons a record can be refused for.

use std::fmt;

/// A place in the SQL text: 1-based lines and columns (in characters), end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Line of the first character, from 1; 0 when unknown.
    pub line: u32,
    /// Column of the first character, from 1.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

/// Which layer refused a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlErrorKind {
    /// The text is not in the grammar.
    Parse,
    /// A name or a type does not fit.
    Bind,
    /// The query is well formed but cannot be run as asked.
    Plan,
    /// Parsed, understood, and not built.
    Unsupported,
}

/// What is wrong with a statement, where, and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// The layer that refused it.
    pub kind: SqlErrorKind,
    /// Lower case, no full stop.
    pub message: String,
    /// Where; `line` 0 when the whole statement is meant.
    pub span: Span,
    /// A command or a name to use.
    pub hint: Option<String>,
}

impl SqlError {
    /// An error of `kind` at `span`.
    pub fn new(kind: SqlErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            span,
            hint: None,
        }
    }

    /// The same error with a cure.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The error as a user sees it: message, `name:line:column`, the line with carets under it, the hint.
    pub fn render(&self, name: &str, text: &str) -> String {
        use fmt::Write;
        let mut out = format!("error: {}", self.message);
        if self.span.line > 0 {
            let _ = write!(out, "\n --> {name}:{}:{}", self.span.line, self.span.column);
            if let Some(line) = text.lines().nth(self.span.line as usize - 1) {
                let number = self.span.line.to_string();
                let pad = " ".repeat(number.len());
                let (line, carets) = self.underlined(line);
                let _ = write!(out, "\n{pad} |\n{number} | {line}\n{pad} | {carets}");
            }
        }
        if let Some(hint) = &self.hint {
            let _ = write!(out, "\nhint: {hint}");
        }
        out
    }
}

impl SqlError {
    /// The line, or the part of a long one that the span begins in, and the carets below it.
    fn underlined(&self, line: &str) -> (String, String) {
        let start = self.span.column.max(1) as usize - 1;
        let first = start.saturating_sub(SHOWN_BEFORE);
        let mut shown: String = line.chars().skip(first).take(SHOWN_CHARS).collect();
        let count = shown.chars().count();
        let is_cut = line.chars().nth(first + SHOWN_CHARS).is_some();
        let width = match self.span.end_line == self.span.line {
            true => self.span.end_column.saturating_sub(self.span.column) as usize,
            false => usize::MAX,
        };
        let room = count.saturating_sub(start - first);
        let mut carets: String = shown
            .chars()
            .take(start - first)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        carets += &"^".repeat(width.min(room).max(1));
        if first > 0 {
            shown.insert_str(0, "..");
            carets.insert_str(0, "  ");
        }
        if is_cut {
            shown += "..";
        }
        (shown, carets)
    }
}

/// Characters of a line that are shown: a generated text can be one line of a megabyte.
const SHOWN_CHARS: usize = 240;
/// Of them, those before the place at most.
const SHOWN_BEFORE: usize = 160;

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        if self.span.line > 0 {
            write!(f, " at {}:{}", self.span.line, self.span.column)?;
        }
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SqlError {}

/// Why a record was refused. The order is that of the ledger: a record counts under the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// Longer than `limits::RECORD_BYTES_MAX`.
    LineTooLong,
    /// A quote that is never closed, or text behind a closing quote.
    Quote,
    /// Not a JSON object.
    Json,
    /// Too few or too many fields.
    FieldCount,
    /// The event time is NULL.
    EventTimeNull,
    /// The event time cannot be read or is out of range.
    EventTimeInvalid,
    /// The event time is further ahead of the arrival time than `max.future.skew`.
    EventTimeFuture,
    /// The key cannot be read.
    KeyInvalid,
    /// Not UTF-8.
    Utf8,
    /// Not a number.
    Number,
    /// A number outside its type's range.
    Range,
    /// Non-zero digits beyond the DECIMAL's scale.
    Scale,
    /// Not a boolean.
    Boolean,
    /// Not a date.
    Date,
    /// Not a timestamp, or one out of range.
    Timestamp,
    /// NULL in a NOT NULL column.
    Null,
    /// Division by zero of integers or DECIMALs.
    DivisionByZero,
    /// Overflow of an exact number.
    Overflow,
    /// A cast whose value does not fit the target type.
    Cast,
    /// An argument outside a function's domain.
    Domain,
    /// Not a time of day.
    Time,
    /// Not bytes as hexadecimal digits.
    Bytes,
}

impl Reason {
    /// Number of reasons.
    pub const COUNT: usize = Self::Bytes as usize + 1;
    /// All reasons in ledger order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::LineTooLong,
        Self::Quote,
        Self::Json,
        Self::FieldCount,
        Self::EventTimeNull,
        Self::EventTimeInvalid,
        Self::EventTimeFuture,
        Self::KeyInvalid,
        Self::Utf8,
        Self::Number,
        Self::Range,
        Self::Scale,
        Self::Boolean,
        Self::Date,
        Self::Timestamp,
        Self::Null,
        Self::DivisionByZero,
        Self::Overflow,
        Self::Cast,
        Self::Domain,
        Self::Time,
        Self::Bytes,
    ];

    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LineTooLong => "line_too_long",
            Self::Quote => "quote",
            Self::Json => "json",
            Self::FieldCount => "field_count",
            Self::EventTimeNull => "event_time_null",
            Self::EventTimeInvalid => "event_time_invalid",
            Self::EventTimeFuture => "event_time_future",
            Self::KeyInvalid => "key_invalid",
            Self::Utf8 => "utf8",
            Self::Number => "number",
            Self::Range => "range",
            Self::Scale => "scale",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Null => "null",
            Self::DivisionByZero => "division_by_zero",
            Self::Overflow => "overflow",
            Self::Cast => "cast",
            Self::Domain => "domain",
            Self::Time => "time",
            Self::Bytes => "bytes",
        }
    }
}

/// Why a job stopped with exit code 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobError {
    /// A record was refused and the source says `'on.error' = 'fail'`.
    Record {
        /// The source's name.
        source: String,
        /// Where and what, as a sample shows it.
        detail: String,
    },
    /// A group's result could not be represented under `'on.error' = 'fail'`, or a limit was reached.
    Limit(String),
    /// Input or output failed.
    Io {
        /// What was being done, with the path or address.
        what: String,
        /// The system's message.
        cause: String,
        /// The cure.
        hint: Option<String>,
    },
    /// The host does not allow the run.
    Host {
        /// What is missing.
        what: String,
        /// The command that cures it.
        hint: String,
    },
    /// Roles stopped making progress: a bug, reported by the deterministic driver.
    NoProgress(String),
    /// A snapshot that cannot be restored.
    Snapshot(String),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record { source, detail } => write!(
                f,
                "source {source} refused a record and 'on.error' is 'fail': {detail}"
            ),
            Self::Limit(message) => f.write_str(message),
            Self::Io { what, cause, hint } => {
                write!(f, "{what}: {cause}")?;
                hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
            }
            Self::Host { what, hint } => write!(f, "{what}; {hint}"),
            Self::NoProgress(what) => write!(f, "no progress: {what}"),
            Self::Snapshot(what) => write!(f, "snapshot cannot be restored: {what}"),
        }
    }
}

impl std::error::Error for JobError {}
