//! ISO 8601 dates and times.
//!
//! ```text
//! yyyy-mm-dd [ T | space  hh:mm [ :ss [ .fraction ] ] [ Z | +hh | +hhmm | +hh:mm | -.. ] ]
//! ```
//!
//! A date alone is its midnight; without an offset the time is UTC.

use super::{days_from_civil, days_in_month, digits, ns_of};

/// Nanoseconds since the epoch.
pub(super) fn parse(text: &[u8]) -> Option<i64> {
    let days = date(text.get(..10)?)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return ns_of(days * 86_400, 0);
    }
    if rest.len() < 6 || !matches!(rest[0], b'T' | b't' | b' ') || rest[3] != b':' {
        return None;
    }
    let (of_day, nanos, rest) = clock(&rest[1..])?;
    ns_of(days * 86_400 + of_day - offset(rest)?, nanos)
}

/// The time of day that `text`, of at least five bytes, begins with: whole seconds, nanoseconds, and what follows.
#[inline(always)]
pub(super) fn clock(text: &[u8]) -> Option<(i64, u32, &[u8])> {
    let (hour, minute) = (digits::two(text, 0)?, digits::two(text, 3)?);
    let (second, rest, has_seconds) = match &text[5..] {
        [b':', rest @ ..] if rest.len() >= 2 => (digits::two(rest, 0)?, &rest[2..], true),
        [b':', ..] => return None,
        rest => (0, rest, false),
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (nanos, rest) = match rest {
        [b'.', rest @ ..] if has_seconds => {
            let end = digits_len(rest);
            (fraction(&rest[..end])?, &rest[end..])
        }
        rest => (0, rest),
    };
    let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some((of_day, nanos, rest))
}

/// Days since 1970-01-01 of exactly `yyyy-mm-dd`.
pub(super) fn date(text: &[u8]) -> Option<i64> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = i32::from(digits::two(text, 0)?) * 100 + i32::from(digits::two(text, 2)?);
    let (month, day) = (digits::two(text, 5)?, digits::two(text, 8)?);
    if month == 0 || month > 12 || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    Some(days_from_civil(year, month, day))
}

/// The nanoseconds that the digits behind a point spell; none for no digits, other characters, or non-zero
/// digits beyond the ninth.
pub(super) fn fraction(text: &[u8]) -> Option<u32> {
    if text.len() <= 9 {
        let value = digits::parse(text)?;
        return Some((value * 10u64.pow(9 - text.len() as u32)) as u32);
    }
    let (head, tail) = text.split_at(9);
    if tail.iter().any(|&byte| byte != b'0') {
        return None;
    }
    digits::parse(head).map(|value| value as u32)
}

fn digits_len(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len())
}

/// Seconds that the local time is ahead of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (digits::two(rest, 0)?, 0),
        4 => (digits::two(rest, 0)?, digits::two(rest, 2)?),
        5 if rest[2] == b':' => (digits::two(rest, 0)?, digits::two(rest, 3)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Some(sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}
