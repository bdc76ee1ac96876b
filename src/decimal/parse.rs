//! DECIMAL text to unscaled integers.
//!
//! Grammar: `[+-] digits [. digits] [(e|E) [+-] digits]`, digits on at least one side of the point, no spaces.
//! Texts of at most 16 bytes behind the sign and without an exponent are read eight digits at a time: the point
//! is squeezed out of the word, bytes are checked and folded by three multiplications (D. Lemire, "Quickly
//! parsing eight digits", 2018). Everything else takes the general way, which is also its twin.

use super::{POWERS_OF_TEN, fits};
use crate::error::Reason;
use crate::hash::words_of_short;
use crate::types::DECIMAL_NARROW_DIGITS;

const POWERS_NARROW: [u64; 19] = {
    let mut powers = [1; 19];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// Reads an unscaled DECIMAL of at most 18 digits.
///
/// # Errors
/// `Number`: not a number; `Range`: too many digits before the point; `Scale`: non-zero digits beyond the scale.
#[inline]
pub fn parse_i64(text: &[u8], precision: u8, scale: u8) -> Result<i64, Reason> {
    debug_assert!(scale <= precision && precision <= DECIMAL_NARROW_DIGITS);
    let (negative, digits) = split_sign(text);
    if let Some((magnitude, fraction)) = read_short(digits)
        && let Some(missing) = scale.checked_sub(fraction)
    {
        if magnitude >= POWERS_NARROW[usize::from(precision - missing)] {
            return Err(Reason::Range);
        }
        let value = (magnitude * POWERS_NARROW[usize::from(missing)]) as i64;
        return Ok(if negative { -value } else { value });
    }
    parse_general(text, precision, scale).map(|value| value as i64)
}

/// Reads an unscaled DECIMAL of at most 38 digits.
///
/// # Errors
/// As [`parse_i64`].
pub fn parse_i128(text: &[u8], precision: u8, scale: u8) -> Result<i128, Reason> {
    parse_general(text, precision, scale)
}

/// Reads a DECIMAL of at most 38 digits, rounding digits beyond the scale half up.
///
/// # Errors
/// `Number`: not a number; `Range`: too many digits before the point.
pub fn parse_rounded(text: &[u8], precision: u8, scale: u8) -> Result<i128, Reason> {
    let scan = scan(text, precision, scale)?;
    let rounded = scan.magnitude as i128 + i128::from(scan.first_beyond >= 5);
    if scan.too_long || !fits(rounded, precision) {
        return Err(Reason::Range);
    }
    Ok(if scan.negative { -rounded } else { rounded })
}

fn parse_general(text: &[u8], precision: u8, scale: u8) -> Result<i128, Reason> {
    let scan = scan(text, precision, scale)?;
    if scan.too_long {
        return Err(Reason::Range);
    }
    if scan.beyond {
        return Err(Reason::Scale);
    }
    let value = scan.magnitude as i128;
    Ok(if scan.negative { -value } else { value })
}

#[inline(always)]
fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// The digits of a text of 1 to 16 digits and at most one point, and how many follow the point.
#[inline(always)]
fn read_short(text: &[u8]) -> Option<(u64, u8)> {
    let len = text.len();
    if len <= 8 {
        let (word, _) = words_of_short(text);
        let points = find_point(word);
        let (digits, compact, fraction) = if points == 0 {
            (len, word, 0)
        } else {
            let at = points.trailing_zeros() / 8;
            let before = (1u64 << (8 * at)) - 1;
            let compact = (word & before) | ((word >> 8) & !before);
            (len - 1, compact, len - 1 - at as usize)
        };
        if digits == 0 {
            return None;
        }
        let value = read_eight((compact ^ (ONES * 0x30)) << (64 - 8 * digits))?;
        Some((value, fraction as u8))
    } else if len <= 16 {
        let (low, high) = words_of_short(text);
        let word = u128::from(low) | (u128::from(high) << 64);
        let (in_low, in_high) = (find_point(low), find_point(high));
        let (digits, compact, fraction) = if in_low | in_high == 0 {
            (len, word, 0)
        } else {
            let at = if in_low == 0 {
                8 + in_high.trailing_zeros() / 8
            } else {
                in_low.trailing_zeros() / 8
            };
            let before = (1u128 << (8 * at)) - 1;
            let compact = (word & before) | ((word >> 8) & !before);
            (len - 1, compact, len - 1 - at as usize)
        };
        let zeros = u128::from(ONES * 0x30) * ((1 << 64) + 1);
        let aligned = (compact ^ zeros) << (128 - 8 * digits);
        let head = read_eight(aligned as u64)?;
        let tail = read_eight((aligned >> 64) as u64)?;
        Some((head * 100_000_000 + tail, fraction as u8))
    } else {
        None
    }
}

/// The top bit of the first byte that is a point (and perhaps of later ones).
#[inline(always)]
fn find_point(word: u64) -> u64 {
    let difference = word ^ (ONES * 0x2e);
    difference.wrapping_sub(ONES) & !difference & TOPS
}

/// The number that eight bytes 0..=9 write, the most significant digit in the lowest byte.
#[inline(always)]
fn read_eight(digits: u64) -> Option<u64> {
    if (digits | digits.wrapping_add(ONES * 0x76)) & TOPS != 0 {
        return None;
    }
    let pairs = (digits.wrapping_mul(10 * 256 + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 * 65_536 + 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 * (1 << 32) + 1) >> 32)
}

/// What a number text holds, seen through a precision and a scale.
struct Scan {
    negative: bool,
    /// The digits within precision and scale.
    magnitude: u128,
    /// The digit just beyond the scale.
    first_beyond: u8,
    /// Whether a digit beyond the scale is not 0.
    beyond: bool,
    /// Whether a digit before the precision's first is not 0.
    too_long: bool,
}

fn scan(text: &[u8], precision: u8, scale: u8) -> Result<Scan, Reason> {
    let (negative, body) = split_sign(text);
    let (mantissa, exponent) = match body.iter().position(|&byte| byte | 0x20 == b'e') {
        Some(at) => (&body[..at], read_exponent(&body[at + 1..])?),
        None => (body, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|&byte| byte == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &mantissa[..0]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Reason::Number);
    }
    let mut scan = Scan {
        negative,
        magnitude: 0,
        first_beyond: 0,
        beyond: false,
        too_long: false,
    };
    // Power of ten, in units of the result, of the digit at hand.
    let mut place = whole.len() as i64 - 1 + exponent + i64::from(scale);
    for &byte in whole.iter().chain(fraction) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Reason::Number);
        }
        if place >= i64::from(precision) {
            scan.too_long |= digit != 0;
        } else if place >= 0 {
            scan.magnitude = scan.magnitude * 10 + u128::from(digit);
        } else {
            scan.beyond |= digit != 0;
            if place == -1 {
                scan.first_beyond = digit;
            }
        }
        place -= 1;
    }
    let missing = place + 1;
    if missing > 0 && scan.magnitude != 0 {
        scan.magnitude *= POWERS_OF_TEN[missing as usize] as u128;
    }
    Ok(scan)
}

/// The exponent, held at a bound that no text of a record reaches with its digits.
fn read_exponent(text: &[u8]) -> Result<i64, Reason> {
    const BOUND: i64 = 1 << 40;
    let (negative, digits) = split_sign(text);
    if digits.is_empty() {
        return Err(Reason::Number);
    }
    let mut exponent = 0i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Reason::Number);
        }
        exponent = (exponent * 10 + i64::from(digit)).min(BOUND);
    }
    Ok(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_read_like_the_general_way() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for round in 0..200_000 {
            let len = next() as usize % 20;
            let mut text: Vec<u8> = (0..len).map(|_| b'0' + (next() % 10) as u8).collect();
            if next() % 3 == 0 {
                text.iter_mut().for_each(|byte| *byte = b'0' + *byte % 2);
            }
            for odd in [
                b".".as_slice(),
                b"-",
                b"+",
                b"e",
                b"..",
                b"\0",
                b"/",
                b":",
                b" ",
                b"\xff",
            ] {
                let often = if odd == b"." { 2 } else { 12 };
                if next() % often == 0 {
                    let at = if odd == b"-" {
                        0
                    } else {
                        next() as usize % (text.len() + 1)
                    };
                    text.splice(at..at, odd.iter().copied());
                }
            }
            let precision = 1 + (next() % 18) as u8;
            let scale = (next() % (u64::from(precision) + 1)) as u8;
            assert_eq!(
                parse_i64(&text, precision, scale).map(i128::from),
                parse_general(&text, precision, scale),
                "round {round}: {:?} as ({precision},{scale})",
                String::from_utf8_lossy(&text)
            );
        }
    }
}
