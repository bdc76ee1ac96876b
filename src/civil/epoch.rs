//! Numbers of seconds, milliseconds, microseconds or nanoseconds since the epoch.

use super::{digits, iso, ns_of};
use crate::time::NS_PER_SECOND;

/// Epoch seconds with an optional fraction; the sign holds for both.
pub(super) fn seconds(text: &[u8]) -> Option<i64> {
    let (negative, text) = sign(text);
    let (whole, fraction) = match text.iter().position(|&byte| byte == b'.') {
        Some(point) => (&text[..point], iso::fraction(&text[point + 1..])?),
        None => (text, 0),
    };
    let whole = i64::try_from(magnitude(whole)?).ok()?;
    if !negative {
        return ns_of(whole, fraction);
    }
    if fraction == 0 {
        return ns_of(-whole, 0);
    }
    ns_of((-whole).checked_sub(1)?, NS_PER_SECOND as u32 - fraction)
}

/// Epoch milliseconds.
#[inline]
pub(super) fn millis(text: &[u8]) -> Option<i64> {
    // Today's milliseconds have 13 digits.
    if text.len() == 13
        && let Some(value) = millis_13(text)
    {
        return value.checked_mul(1_000_000);
    }
    signed(text)?.checked_mul(1_000_000)
}

/// A number of 13 digits: two words that overlap by three.
#[inline(always)]
fn millis_13(text: &[u8]) -> Option<i64> {
    let high = (digits::word_at(text, 0) << 24) | digits::filler(3);
    let value = digits::eight(high)? * 100_000_000 + digits::eight(digits::word_at(text, 5))?;
    Some(value as i64)
}

/// Epoch microseconds.
#[inline]
pub(super) fn micros(text: &[u8]) -> Option<i64> {
    signed(text)?.checked_mul(1_000)
}

/// Epoch nanoseconds.
#[inline]
pub(super) fn nanos(text: &[u8]) -> Option<i64> {
    // A time without a sign, the only kind that feeds send, has no reason to look for one.
    if text.len() == 19
        && let Some(value) = digits::parse(text)
    {
        return i64::try_from(value).ok();
    }
    signed(text)
}

/// Slow twin of the unit readers: a whole number of units of `unit` nanoseconds.
#[cfg(test)]
pub(super) fn naive(text: &[u8], unit: i64) -> Option<i64> {
    let (negative, digits) = sign(text);
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i128;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i128::from(byte - b'0')).min(1 << 100);
    }
    let value = if negative { -value } else { value };
    i64::try_from(value.checked_mul(i128::from(unit))?).ok()
}

fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

fn signed(text: &[u8]) -> Option<i64> {
    let (negative, text) = sign(text);
    let magnitude = magnitude(text)?;
    if negative {
        0i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

/// A number of any length whose leading zeros say nothing.
fn magnitude(text: &[u8]) -> Option<u64> {
    if text.len() <= 19 {
        return digits::parse(text);
    }
    let zeros = text.iter().take_while(|&&byte| byte == b'0').count();
    if zeros == text.len() {
        return Some(0);
    }
    digits::parse(&text[zeros..])
}
