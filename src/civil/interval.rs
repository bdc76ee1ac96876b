//! INTERVALs from text at run time: `1 day 2h 30.5ms`, and `123ns` as they are written.

/// Digits that a whole number may have, and a fraction.
const DIGITS_MAX: (usize, usize) = (19, 18);

/// The units by their names in lower case, and their nanoseconds.
const UNITS: &[(&[u8], i128)] = &[
    (b"ns", 1),
    (b"nanosecond", 1),
    (b"us", 1_000),
    (b"microsecond", 1_000),
    (b"ms", 1_000_000),
    (b"millisecond", 1_000_000),
    (b"s", 1_000_000_000),
    (b"sec", 1_000_000_000),
    (b"second", 1_000_000_000),
    (b"m", 60_000_000_000),
    (b"min", 60_000_000_000),
    (b"minute", 60_000_000_000),
    (b"h", 3_600_000_000_000),
    (b"hr", 3_600_000_000_000),
    (b"hour", 3_600_000_000_000),
    (b"d", 86_400_000_000_000),
    (b"day", 86_400_000_000_000),
    (b"w", 604_800_000_000_000),
    (b"week", 604_800_000_000_000),
];

/// Reads numbers with units behind each other, a sign before all of them, as nanoseconds; `None` when it is anything
/// else, finer than a nanosecond or beyond 292 years. Months and years have no fixed length.
pub fn parse_interval(text: &[u8]) -> Option<i64> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest.trim_ascii_start()),
        [b'+', rest @ ..] => (false, rest.trim_ascii_start()),
        _ => (false, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (number, behind) = split(rest, |byte| byte.is_ascii_digit() || byte == b'.');
        let (unit, behind) = split(behind.trim_ascii_start(), |byte| {
            byte.is_ascii_alphabetic() || byte >= 0x80
        });
        // At most 37 digits: 2^127 has 39.
        total = total.checked_add(scaled(number, unit_ns(unit)?)?)?;
        rest = behind.trim_ascii_start();
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

fn split(text: &[u8], holds: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&byte| !holds(byte));
    text.split_at(end.unwrap_or(text.len()))
}

/// The nanoseconds of a unit, in any case and in the plural too where it is a word.
fn unit_ns(unit: &[u8]) -> Option<i128> {
    let named = |name: &[u8]| {
        let known = UNITS
            .iter()
            .find(|known| name.eq_ignore_ascii_case(known.0));
        known.map(|known| known.1)
    };
    let singular = || match unit {
        [name @ .., b's' | b'S'] if name.len() > 1 && !name.ends_with(b"s") => named(name),
        _ => None,
    };
    named(unit).or_else(singular)
}

fn scaled(number: &[u8], unit_ns: i128) -> Option<i128> {
    let (whole, fraction) = split(number, |byte| byte != b'.');
    let fraction = fraction.get(1..).unwrap_or_default();
    if whole.len() + fraction.len() == 0
        || whole.len() > DIGITS_MAX.0
        || fraction.len() > DIGITS_MAX.1
    {
        return None;
    }
    let mut digits: i128 = 0;
    for &byte in whole.iter().chain(fraction) {
        if !byte.is_ascii_digit() {
            return None;
        }
        digits = digits * 10 + i128::from(byte - b'0');
    }
    let ns = digits.checked_mul(unit_ns)?;
    let scale = 10_i128.pow(fraction.len() as u32);
    (ns % scale == 0).then_some(ns / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        for (text, wanted) in [
            ("123ns", Some(123)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("1 day 2h 30.5ms", Some(93_600_030_500_000)),
            ("- 1 MINUTE", Some(-60_000_000_000)),
            ("2 Weeks", Some(1_209_600_000_000_000)),
            ("1.5 hrs", Some(5_400_000_000_000)),
            ("0.1ns", None),
            ("1 month", None),
            ("1", None),
            ("", None),
            ("-", None),
            ("s", None),
            (".s", None),
            ("1.2.3s", None),
            ("1ss", None),
            ("1s-2s", None),
            ("99999999999999999999d", None),
        ] {
            assert_eq!(parse_interval(text.as_bytes()), wanted, "{text}");
        }
    }
}
