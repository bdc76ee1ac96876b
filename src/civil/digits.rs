//! Decimal digits by words of eight bytes, and byte by byte.
//!
//! A word holds eight characters in the order of the text, the first in the lowest byte. Shifted left so
//! that the lowest bytes become free and filled with '0', a shorter run of digits has the same value. The
//! three multiplications that fold a word are Johnny Lee's and Mula's ("SIMD-ized faster parse of integers").

/// Eight '0' characters.
pub(crate) const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The first eight bytes of `text` as a word.
///
/// # Panics
/// When there are fewer.
#[inline(always)]
pub(crate) fn word_at(text: &[u8], start: usize) -> u64 {
    u64::from_le_bytes(text[start..start + 8].try_into().expect("eight bytes"))
}

/// Each character less '0', as exclusive or: 0..=9 are digits, everything else is greater.
#[inline(always)]
pub(crate) fn offsets(word: u64) -> u64 {
    word ^ ZEROS
}

/// The top bit of each byte of `offsets` that is no digit. The lowest mark is exact; one behind it may be
/// wrong, for what is above 0x89 carries.
#[inline(always)]
pub(crate) fn others(offsets: u64) -> u64 {
    (offsets.wrapping_add(0x7676_7676_7676_7676) | offsets) & 0x8080_8080_8080_8080
}

/// The number that eight digits, given as offsets, spell.
#[inline(always)]
pub(crate) fn value(offsets: u64) -> u64 {
    let pairs = offsets.wrapping_mul(2561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32
}

/// The number that eight characters spell; `None` when one is no digit.
#[inline(always)]
pub(crate) fn eight(word: u64) -> Option<u64> {
    let offsets = offsets(word);
    (others(offsets) == 0).then(|| value(offsets))
}

/// The number that at most 19 digits spell; `None` for anything else. (19 digits always fit a `u64`.)
#[inline]
pub(crate) fn parse(text: &[u8]) -> Option<u64> {
    let len = text.len();
    match len {
        8 => eight(word_at(text, 0)),
        9..=16 => {
            // The two words overlap; what the second has already seen is shifted out of the first.
            let low = eight(word_at(text, len - 8))?;
            let high = word_at(text, 0) << (8 * (16 - len));
            let high = high | filler(16 - len);
            Some(eight(high)? * 100_000_000 + low)
        }
        17..=19 => {
            let low = eight(word_at(text, len - 8))?;
            let middle = eight(word_at(text, len - 16))?;
            let high = parse_naive(&text[..len - 16])?;
            Some((high * 100_000_000 + middle) * 100_000_000 + low)
        }
        _ => parse_naive(text),
    }
}

/// '0' in the lowest `bytes` bytes, 0..8 of them.
#[inline(always)]
pub(crate) fn filler(bytes: usize) -> u64 {
    ZEROS & !(u64::MAX << (8 * bytes))
}

/// The slow twin of [`parse`], and what reads the shortest texts.
#[inline]
pub(crate) fn parse_naive(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let mut value = 0u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// The number of two digits.
#[inline(always)]
pub(crate) fn two(text: &[u8], start: usize) -> Option<u8> {
    let (tens, ones) = (
        text[start].wrapping_sub(b'0'),
        text[start + 1].wrapping_sub(b'0'),
    );
    (tens <= 9 && ones <= 9).then(|| tens * 10 + ones)
}
