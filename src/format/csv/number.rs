//! Numbers of at most 16 characters, read as one or two words.
//!
//! The words end where the number ends, so they never reach past the record's bytes; what stands before the
//! number in the first word is overwritten with '0'. Everything these readers do not accept (a plus sign, an
//! exponent, a point at either end, more characters, a number in the first bytes of the input) goes to
//! `format::field`, whose answer they share where they give one.

use crate::civil::digits::{offsets, others, value, word_at};
use crate::format::simd::{NUMBER, Scan};

/// '.' as an offset from '0'.
const POINT: u64 = 0x1e;
const EIGHT_DIGITS: u64 = 100_000_000;

/// Powers of ten that fit 64 bits.
pub(in crate::format) const POWERS_OF_TEN: [u64; 20] = {
    let mut powers = [1; 20];
    let mut exponent = 1;
    while exponent < 20 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// The first of them as DOUBLEs, all exact.
pub(super) const DOUBLES_OF_TEN: [f64; 16] = {
    let mut powers = [1.0; 16];
    let mut exponent = 0;
    while exponent < 16 {
        powers[exponent] = POWERS_OF_TEN[exponent] as f64;
        exponent += 1;
    }
    powers
};

/// `(-1)^negative * digits / 10^fraction`, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) struct Fixed {
    pub negative: bool,
    /// Below 10^16.
    pub digits: u64,
    /// Digits behind the point, below 16.
    pub fraction: usize,
}

/// Reads digits with an optional minus sign.
#[inline(always)]
pub(in crate::format) fn integer<S: Scan>(
    scan: S,
    bytes: &[u8],
    start: usize,
    end: usize,
) -> Option<i64> {
    let (text, length, negative) = signed(bytes, start, end)?;
    let value = scan.integer(text, length)? as i64;
    Some(if negative { -value } else { value })
}

/// Reads digits with an optional minus sign and an optional point between digits.
#[inline(always)]
pub(in crate::format) fn fixed<S: Scan>(
    scan: S,
    bytes: &[u8],
    start: usize,
    end: usize,
) -> Option<Fixed> {
    let (text, length, negative) = signed(bytes, start, end)?;
    let (digits, fraction) = scan.fixed(text, length)?;
    // A point at the front leaves no digit before it.
    (fraction + 1 < length || fraction == 0).then_some(Fixed {
        negative,
        digits,
        fraction,
    })
}

/// The 16 bytes up to `end`, how many of them are the number behind its sign, at least one, and the sign.
#[inline(always)]
fn signed(bytes: &[u8], start: usize, end: usize) -> Option<(&[u8; NUMBER], usize, bool)> {
    let length = end.wrapping_sub(start);
    if length.wrapping_sub(1) >= NUMBER {
        return None;
    }
    let text = bytes.get(..end)?.last_chunk::<NUMBER>()?;
    let negative = text[(NUMBER - length) % NUMBER] == b'-';
    let length = length - usize::from(negative);
    (length > 0).then_some((text, length, negative))
}

/// The portable twin of [`Scan::integer`].
#[inline(always)]
pub(in crate::format) fn integer_words(text: &[u8; NUMBER], length: usize) -> Option<u64> {
    let low = offsets(word_at(text, 8));
    if length <= 8 {
        let low = behind(low, 8 - length);
        return (others(low) == 0).then(|| value(low));
    }
    let high = behind(offsets(word_at(text, 0)), 16 - length);
    (others(high) | others(low) == 0).then(|| value(high) * EIGHT_DIGITS + value(low))
}

/// The portable twin of [`Scan::fixed`].
#[inline(always)]
pub(in crate::format) fn fixed_words(text: &[u8; NUMBER], length: usize) -> Option<(u64, usize)> {
    let low = offsets(word_at(text, 8));
    if length <= 8 {
        return short_fixed(behind(low, 8 - length));
    }
    long_fixed(behind(offsets(word_at(text, 0)), 16 - length), low)
}

/// A number of at most eight characters, as offsets with zeros before it.
#[inline(always)]
fn short_fixed(word: u64) -> Option<(u64, usize)> {
    let marks = others(word);
    if marks == 0 {
        return Some((value(word), 0));
    }
    let point = point_of(word, marks)?;
    Some((value(without_byte(word, point, 0)), 7 - point))
}

/// A number of 9 to 16 characters, as offsets with zeros before it.
#[inline(always)]
fn long_fixed(high: u64, low: u64) -> Option<(u64, usize)> {
    let (high_marks, low_marks) = (others(high), others(low));
    let (high, low, fraction) = if high_marks | low_marks == 0 {
        (high, low, 0)
    } else if high_marks == 0 {
        let point = point_of(low, low_marks)?;
        (high << 8, without_byte(low, point, high >> 56), 7 - point)
    } else if low_marks == 0 {
        let point = match high_marks {
            // The point is the last character of this word, but not of the number.
            LAST if high >> 56 == POINT => 7,
            marks => point_of(high, marks)?,
        };
        (without_byte(high, point, 0), low, 15 - point)
    } else {
        return None;
    };
    Some((value(high) * EIGHT_DIGITS + value(low), fraction))
}

/// The mark of a word's last byte.
const LAST: u64 = 1 << 63;

/// Index of the one mark, if it is a point's and not the last byte's.
#[inline(always)]
fn point_of(offsets: u64, marks: u64) -> Option<usize> {
    let index = marks.trailing_zeros() as usize / 8;
    let is_point = (offsets >> (8 * index)) & 0xff == POINT;
    (is_point && marks & (marks - 1) == 0 && index < 7).then_some(index)
}

/// The word without byte `at`: those before it move up by one, `first` becomes the first.
#[inline(always)]
fn without_byte(word: u64, at: usize, first: u64) -> u64 {
    let before = word & !(u64::MAX << (8 * at));
    let behind = word & ((u64::MAX << (8 * at)) << 8);
    behind | (before << 8) | first
}

/// The word with its first `blank` bytes, 0..8 of them, zero.
#[inline(always)]
fn behind(offsets: u64, blank: usize) -> u64 {
    offsets & (u64::MAX << (8 * blank))
}

/// Greatest number of milliseconds whose nanoseconds fit an `i64`.
const MILLIS_MAX: u64 = i64::MAX as u64 / 1_000_000;

/// Epoch milliseconds of 13 digits as nanoseconds.
#[inline(always)]
pub(in crate::format) fn millis<S: Scan>(
    scan: S,
    bytes: &[u8],
    start: usize,
    end: usize,
) -> Option<i64> {
    if end.wrapping_sub(start) != 13 {
        return None;
    }
    let text = bytes.get(..end)?.last_chunk::<NUMBER>()?;
    let millis = scan.integer(text, 13)?;
    (millis <= MILLIS_MAX).then_some((millis as i64).wrapping_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::field;
    use crate::format::simd::{self, Kernel, Swar};

    #[derive(Clone, Copy)]
    struct Integer<'a>(&'a [u8], usize, usize);

    impl Kernel for Integer<'_> {
        type Output = Option<i64>;

        fn run<S: Scan>(self, scan: S) -> Self::Output {
            integer(scan, self.0, self.1, self.2)
        }
    }

    #[derive(Clone, Copy)]
    struct Decimal<'a>(&'a [u8], usize, usize);

    impl Kernel for Decimal<'_> {
        type Output = Option<Fixed>;

        fn run<S: Scan>(self, scan: S) -> Self::Output {
            fixed(scan, self.0, self.1, self.2)
        }
    }

    #[test]
    fn words_agree_with_the_field_reader() {
        let seed = 0x5eed_0031u64;
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let (mut integers, mut fixeds) = (0, 0);
        for _ in 0..100_000 {
            let mut bytes = b"9.9,99999999.9999,".to_vec();
            let start = bytes.len() - if next().is_multiple_of(8) { 12 } else { 0 };
            bytes.truncate(start);
            if next().is_multiple_of(4) {
                bytes.push(b'-');
            }
            let length = next() % 18;
            for _ in 0..length {
                bytes.push(b'0' + (next() % 10) as u8);
            }
            for _ in 0..next() % 3 {
                let at = start + next() as usize % (bytes.len() - start + 1);
                bytes.insert(at, b"..-+e:/"[next() as usize % 7]);
            }
            let end = bytes.len();
            let text = &bytes[start..];
            let read = Integer(&bytes, start, end);
            let value = simd::dispatch(read);
            assert_eq!(value, read.run(Swar), "{text:?} seed {seed:#x}");
            if let Some(value) = value {
                integers += 1;
                assert_eq!(
                    field::parse_bigint(text),
                    Ok(value),
                    "{text:?} seed {seed:#x}"
                );
            }
            let read = Decimal(&bytes, start, end);
            let value = simd::dispatch(read);
            assert_eq!(value, read.run(Swar), "{text:?} seed {seed:#x}");
            if let Some(value) = value {
                fixeds += 1;
                let mantissa = value.digits as f64;
                if mantissa < 9e15 {
                    let double = mantissa / POWERS_OF_TEN[value.fraction] as f64;
                    let double = if value.negative { -double } else { double };
                    let slow = field::parse_double(text).unwrap();
                    assert_eq!(slow.to_bits(), double.to_bits(), "{text:?} seed {seed:#x}");
                }
            }
        }
        assert!(integers > 10_000 && fixeds > 20_000, "{integers} {fixeds}");
    }

    #[test]
    fn plain_numbers_take_the_fast_way() {
        let read = |text: &str| {
            let bytes = format!("xxxxxxxxxxxxxxxx{text}");
            let read = Decimal(bytes.as_bytes(), 16, bytes.len());
            simd::dispatch(read).map(|v| (v.negative, v.digits, v.fraction))
        };
        assert_eq!(read("101.25"), Some((false, 10125, 2)));
        assert_eq!(read("-0.00000001"), Some((true, 1, 8)));
        assert_eq!(read("12345678.1"), Some((false, 123_456_781, 1)));
        assert_eq!(
            read("1.00000000000002"),
            Some((false, 100_000_000_000_002, 14))
        );
        assert_eq!(
            read("1234567890123456"),
            Some((false, 1_234_567_890_123_456, 0))
        );
        assert_eq!(read("7"), Some((false, 7, 0)));
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".1",
            "-.1",
            "1.2.3",
            "1e5",
            "+1",
            "12345678.",
            "x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
