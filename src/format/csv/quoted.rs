//! Records with quotes, one field after another.

use super::Dialect;

/// What [`scan_record`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    /// Index of the newline that ends the record; `None` when the bytes ended first.
    pub newline: Option<usize>,
    /// Whether the bytes ended within quotes.
    pub open: bool,
    /// Whether text stands behind a closing quote.
    pub stray: bool,
}

/// Walks over the record at `bytes[start..]` and calls `delimiter` with the index of each delimiter.
pub(super) fn scan_record(
    bytes: &[u8],
    start: usize,
    dialect: &Dialect,
    mut delimiter: impl FnMut(usize),
) -> Scanned {
    let mut stray = false;
    let mut at = start;
    loop {
        if bytes.get(at) == Some(&dialect.quote) {
            let Some(behind) = behind_closing_quote(bytes, at + 1, dialect.quote) else {
                return Scanned {
                    newline: None,
                    open: true,
                    stray,
                };
            };
            stray |= !ends_field(&bytes[behind..], dialect.delimiter);
            at = behind;
        }
        match memchr::memchr2(dialect.delimiter, b'\n', &bytes[at..]) {
            Some(length) if bytes[at + length] == b'\n' => {
                return Scanned {
                    newline: Some(at + length),
                    open: false,
                    stray,
                };
            }
            Some(length) => {
                delimiter(at + length);
                at += length + 1;
            }
            None => {
                return Scanned {
                    newline: None,
                    open: false,
                    stray,
                };
            }
        }
    }
}

/// Index behind the quote that closes a field whose text begins at `at`.
fn behind_closing_quote(bytes: &[u8], mut at: usize, quote: u8) -> Option<usize> {
    loop {
        at += memchr::memchr(quote, &bytes[at..])? + 1;
        if bytes.get(at) != Some(&quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether what follows a closing quote may follow it. A CR may when nothing or a newline comes next.
fn ends_field(rest: &[u8], delimiter: u8) -> bool {
    match rest {
        [] | [b'\n', ..] | [b'\r'] | [b'\r', b'\n', ..] => true,
        [byte, ..] => *byte == delimiter,
    }
}

/// The text of a quoted field, whose first byte is the quote. Copied only when it has doubled quotes.
pub(super) fn unquote<'a>(field: &'a [u8], quote: u8, scratch: &'a mut Vec<u8>) -> &'a [u8] {
    let inner = &field[1..];
    let inner = inner.strip_suffix(&[quote]).unwrap_or(inner);
    if memchr::memchr(quote, inner).is_none() {
        return inner;
    }
    scratch.clear();
    let mut rest = inner;
    while let Some(at) = memchr::memchr(quote, rest) {
        scratch.extend_from_slice(&rest[..=at]);
        let doubled = rest.get(at + 1) == Some(&quote);
        rest = &rest[at + 1 + usize::from(doubled)..];
    }
    scratch.extend_from_slice(rest);
    scratch
}
