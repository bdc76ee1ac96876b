//! The bytes of one JSON record: where strings, numbers and literals end, by the grammar of RFC 8259.
//!
//! The common cases look at 16 or 32 bytes at once (SSE2, which every x86-64 has; plain loops elsewhere) and
//! fall back to a loop over single bytes near the end of the buffer and for what is rare: long strings,
//! escapes, exponents. Both give the same answer; the tests compare them with a reader of single bytes.

use super::lanes;

/// A record and the bytes behind it, which wide loads may touch and nothing else may.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    /// Everything that may be read.
    wide: &'a [u8],
    /// The same, cut at the record's end.
    record: &'a [u8],
}

/// What a closing quote ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StringEnd {
    /// Position of the closing quote.
    pub close: usize,
    /// Whether the string has escapes.
    pub escaped: bool,
}

impl<'a> Text<'a> {
    /// The record that ends before `end`.
    pub fn new(bytes: &'a [u8], end: usize) -> Self {
        Self {
            wide: bytes,
            record: &bytes[..end],
        }
    }

    /// Where the record ends.
    #[inline(always)]
    pub fn end(self) -> usize {
        self.record.len()
    }

    /// The byte at `at`; behind the record 0, which is nowhere legal in JSON.
    #[inline(always)]
    pub fn byte(self, at: usize) -> u8 {
        self.record.get(at).copied().unwrap_or(0)
    }

    /// The record's bytes `from..to`.
    #[inline(always)]
    pub fn slice(self, from: usize, to: usize) -> &'a [u8] {
        &self.record[from..to]
    }

    /// The 16 bytes from `at` as a little-endian word, if there are so many.
    #[inline(always)]
    pub fn word(self, at: usize) -> Option<u128> {
        word(self.wide, at)
    }

    /// The first position at or behind `at` that is not white space.
    #[inline(always)]
    pub fn skip_space(self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        }
        at
    }

    /// The end of the string whose opening quote is before `at`; `None` when it is not a legal string.
    #[inline(always)]
    pub fn string(self, at: usize) -> Option<StringEnd> {
        if let Some(word) = self.word(at) {
            let stops = lanes::string_stops(word);
            if stops != 0 {
                let stop = at + stops.trailing_zeros() as usize;
                if self.byte(stop) == b'"' {
                    return Some(StringEnd {
                        close: stop,
                        escaped: false,
                    });
                }
                return self.string_slow(stop);
            }
            return self.string_slow(at + 16);
        }
        self.string_slow(at)
    }

    fn string_slow(self, mut at: usize) -> Option<StringEnd> {
        let mut escaped = false;
        loop {
            while let Some(word) = self.word(at) {
                let stops = lanes::string_stops(word);
                if stops != 0 {
                    at += stops.trailing_zeros() as usize;
                    break;
                }
                at += 16;
            }
            match self.byte(at) {
                b'"' => return Some(StringEnd { close: at, escaped }),
                b'\\' => {
                    escaped = true;
                    at = self.escape(at + 1)?;
                }
                0..=0x1f => return None,
                _ => at += 1,
            }
        }
    }

    /// The position behind the escape whose backslash is before `at`.
    fn escape(self, at: usize) -> Option<usize> {
        match self.byte(at) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
            b'u' => match self.hex4(at + 1)? {
                0xd800..=0xdbff => {
                    let low = self.byte(at + 5) == b'\\' && self.byte(at + 6) == b'u';
                    let paired = low && matches!(self.hex4(at + 7)?, 0xdc00..=0xdfff);
                    paired.then_some(at + 11)
                }
                0xdc00..=0xdfff => None,
                _ => Some(at + 5),
            },
            _ => None,
        }
    }

    fn hex4(self, at: usize) -> Option<u32> {
        hex4(self.record.get(at..at.checked_add(4)?)?)
    }

    /// The position behind the number that starts at `at`; `None` when it is not a legal number.
    #[inline(always)]
    pub fn number(self, at: usize) -> Option<usize> {
        if let (Some(low), Some(high)) = (self.word(at), self.word(at + 16)) {
            let digits = lanes::digits(low) | lanes::digits(high) << 16;
            let sign = u32::from(low as u8 == b'-');
            let whole = (digits >> sign).trailing_ones();
            let leading_zero = whole > 1 && (low >> (8 * sign)) as u8 == b'0';
            let mut len = sign + whole;
            if whole > 0 && !leading_zero && len < 24 {
                if self.byte(at + len as usize) == b'.' {
                    let fraction = (digits >> (len + 1)).trailing_ones();
                    len = if fraction == 0 {
                        32
                    } else {
                        len + 1 + fraction
                    };
                }
                let end = at + len as usize;
                if len < 32 && end <= self.end() && !matches!(self.byte(end), b'e' | b'E') {
                    return Some(end);
                }
            }
        }
        self.number_slow(at)
    }

    fn number_slow(self, mut at: usize) -> Option<usize> {
        at += usize::from(self.byte(at) == b'-');
        at = match self.byte(at) {
            b'0' => at + 1,
            b'1'..=b'9' => self.digits(at)?,
            _ => return None,
        };
        if self.byte(at) == b'.' {
            at = self.digits(at + 1)?;
        }
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            at += usize::from(matches!(self.byte(at), b'+' | b'-'));
            at = self.digits(at)?;
        }
        Some(at)
    }

    /// The position behind one or more digits.
    fn digits(self, at: usize) -> Option<usize> {
        let mut end = at;
        while self.byte(end).is_ascii_digit() {
            end += 1;
        }
        (end > at).then_some(end)
    }

    /// The position behind `literal`, if it stands at `at`.
    #[inline(always)]
    pub fn literal(self, at: usize, literal: &[u8]) -> Option<usize> {
        let end = at + literal.len();
        (self.record.get(at..end)? == literal).then_some(end)
    }
}

/// The 16 bytes from `at` as a little-endian word, if there are so many.
#[inline(always)]
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u128> {
    let word = bytes.get(at..)?.first_chunk::<16>()?;
    Some(u128::from_le_bytes(*word))
}

/// Whether a string cannot simply go on over `byte`.
pub(super) fn is_stop(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f)
}

/// Whether `bytes[from..to]` is a number of at most 16 characters without sign and exponent; also false for numbers
/// that lie in the last bytes.
#[inline(always)]
pub(super) fn is_short_number(bytes: &[u8], from: usize, to: usize) -> bool {
    let length = to.wrapping_sub(from);
    let Some(text) = bytes.get(from..).and_then(<[u8]>::first_chunk::<16>) else {
        return false;
    };
    if length.wrapping_sub(1) >= text.len() {
        return false;
    }
    let digits = lanes::digits(u128::from_le_bytes(*text));
    let others = !digits & ((1 << length) - 1);
    if others == 0 {
        return text[0] != b'0' || length == 1;
    }
    // One point, and digits on both sides of it.
    let ends = 1 | 1 << (length - 1);
    let point = others.trailing_zeros() as usize;
    others & (others - 1) == 0
        && others & ends == 0
        && text[point % text.len()] == b'.'
        && (text[0] != b'0' || point == 1)
}

/// The value of four hexadecimal digits.
pub(super) fn hex4(digits: &[u8]) -> Option<u32> {
    let mut value = 0;
    for &digit in digits.get(..4)? {
        value = value << 4 | char::from(digit).to_digit(16)?;
    }
    Some(value)
}
