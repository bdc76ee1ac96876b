//! A first look at the bytes of a text: refuses what [`guard`](super::guard) would refuse, before tokens are made.
//!
//! It has to see every operator that sqlparser's tokenizer will see, and may see more. So what could make the two
//! disagree about where a string ends (`E'\''`, `$$`) is refused here: the dialect does not have it.

use super::guard::{Guard, Opener, Piece};
use crate::error::{Span, SqlError, SqlErrorKind};
use crate::limits::SQL_TOKENS_MAX;

/// Operators of two bytes; counting one as two would halve the limits.
const PAIRS: &[&[u8; 2]] = &[
    b"::", b"||", b"<=", b">=", b"<>", b"!=", b"->", b"=>", b"==",
];

/// Checks a whole text.
///
/// # Errors
/// What `guard` refuses, more than `SQL_TOKENS_MAX` tokens, and strings with a prefix.
pub(super) fn text(text: &str) -> Result<(), SqlError> {
    let bytes = text.as_bytes();
    let mut guard = Guard::default();
    let mut tokens = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let Some(piece) = next(text, &mut at) else {
            if bytes[start] == b';' {
                guard = Guard::default();
            }
            continue;
        };
        tokens += 1;
        if tokens > SQL_TOKENS_MAX {
            return Err(SqlError::new(
                SqlErrorKind::Parse,
                place(text, start),
                format!("more than {SQL_TOKENS_MAX} words and signs in one text"),
            )
            .with_hint("split it into several jobs"));
        }
        guard
            .piece(piece)
            .map_err(|trouble| trouble.at(place(text, start)))?;
        let prefix = matches!(piece, Piece::Word(word) if word.len() <= 2 && !is_hexadecimal(word, &bytes[at..]));
        if (prefix && bytes.get(at) == Some(&b'\'')) || bytes[start] == b'$' {
            return Err(SqlError::new(
                SqlErrorKind::Parse,
                place(text, start),
                if prefix {
                    "a letter before a string is not supported, but x'..' with hexadecimal digits"
                } else {
                    "unexpected `$`"
                },
            )
            .with_hint(if prefix {
                "strings are '..', and a ' inside them is written ''"
            } else {
                "variables are written ${NAME}, inside the quotes of an option's value"
            }));
        }
    }
    Ok(())
}

/// Whether a word and the string behind it are `x'..'` around digits only, in which no escape can hide a quote.
fn is_hexadecimal(word: &str, behind: &[u8]) -> bool {
    let string = behind.strip_prefix(b"'");
    let digits = |string: &[u8]| run_end(string, 0, |byte| byte.is_ascii_hexdigit());
    word.eq_ignore_ascii_case("x")
        && string.is_some_and(|string| string.get(digits(string)) == Some(&b'\''))
}

/// The piece at `at`, which moves behind it; `None` for white space, comments and `;`.
fn next<'t>(text: &'t str, at: &mut usize) -> Option<Piece<'t>> {
    let bytes = text.as_bytes();
    let start = *at;
    let behind = bytes.get(start + 1).copied();
    *at += 1;
    match bytes[start] {
        byte if byte.is_ascii_whitespace() => None,
        b';' => None,
        b'-' if behind == Some(b'-') => {
            *at = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |i| start + i);
            None
        }
        b'/' if behind == Some(b'*') => {
            *at = memchr::memmem::find(&bytes[start + 2..], b"*/")
                .map_or(bytes.len(), |i| start + 4 + i);
            None
        }
        quote @ (b'\'' | b'"' | b'`') => {
            *at = quoted_end(bytes, start, quote);
            Some(Piece::Literal)
        }
        b'(' => Some(Piece::Open(Opener::Paren)),
        b'[' => Some(Piece::Open(Opener::Bracket)),
        b'{' => Some(Piece::Open(Opener::Brace)),
        b')' => Some(Piece::Close(Opener::Paren)),
        b']' => Some(Piece::Close(Opener::Bracket)),
        b'}' => Some(Piece::Close(Opener::Brace)),
        b',' => Some(Piece::Comma),
        b'*' => Some(Piece::Star),
        b'.' if !behind.is_some_and(|byte| byte.is_ascii_digit()) => Some(Piece::Period),
        b'0'..=b'9' | b'.' => {
            *at = run_end(bytes, *at, |byte| byte.is_ascii_digit() || byte == b'.');
            Some(Piece::Literal)
        }
        byte if is_letter(byte) => {
            *at = run_end(bytes, *at, |byte| is_letter(byte) || byte.is_ascii_digit());
            Some(Piece::Word(&text[start..*at]))
        }
        byte => {
            if PAIRS
                .iter()
                .any(|pair| Some(pair[1]) == behind && pair[0] == byte)
            {
                *at += 1;
            }
            Some(Piece::Operator)
        }
    }
}

/// Letters, and every byte of a character beyond ASCII.
const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn run_end(bytes: &[u8], from: usize, holds: impl Fn(u8) -> bool) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| !holds(*byte))
        .map_or(bytes.len(), |length| from + length)
}

/// Behind the quote that closes the one at `start`; a doubled quote does not.
fn quoted_end(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut from = start + 1;
    while let Some(length) = memchr::memchr(quote, &bytes[from..]) {
        from += length + 1;
        if bytes.get(from) != Some(&quote) {
            return from;
        }
        from += 1;
    }
    bytes.len()
}

/// The span of the character at byte `at`.
fn place(text: &str, at: usize) -> Span {
    let before = &text.as_bytes()[..at];
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let column = text[start..at].chars().count() + 1;
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Span {
        line: small(line),
        column: small(column),
        end_line: small(line),
        end_column: small(column + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(sql: &str) -> String {
        let mut at = 0;
        let mut out = String::new();
        while at < sql.len() {
            out.push(match next(sql, &mut at) {
                None => continue,
                Some(Piece::Open(_)) => '(',
                Some(Piece::Close(_)) => ')',
                Some(Piece::Comma) => ',',
                Some(Piece::Period) => '.',
                Some(Piece::Star) => '*',
                Some(Piece::Word(_)) => 'w',
                Some(Piece::Literal) => 'l',
                Some(Piece::Operator) => 'o',
            });
        }
        out
    }

    #[test]
    fn pieces_are_what_the_tokenizer_will_see() {
        for (sql, wanted) in [
            ("SELECT a.b, 1.5+.5 FROM t", "ww.w,lolww"),
            ("'it''s' \"a\"\"b\" `c`", "lll"),
            ("a--b\n+/* ' */c", "wow"),
            ("x::int<=y||z", "wowowow"),
            ("1+-1", "lool"),
            ("f(a[1], *) -- '(", "w(w(l),*)"),
            ("größe >= 1s", "wolw"),
            ("'open ( ( (", "l"),
            ("/* open ( (", ""),
            ("a;b", "ww"),
        ] {
            assert_eq!(pieces(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn strings_that_could_hide_operators_are_refused() {
        for sql in [
            "SELECT E'\\'' + 1",
            "SELECT q'[x]'",
            "SELECT $$a$$",
            "SELECT $1",
            "SELECT x'\\'' + 1",
            "SELECT x'4g'",
        ] {
            assert!(text(sql).is_err(), "{sql}");
        }
        assert!(text("SELECT x'4a', X'', x").is_ok());
        assert!(text("SELECT DATE'2020-01-01', '$' , \"$\" -- $").is_ok());
    }
}
