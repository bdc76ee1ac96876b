//! Dates and times by counting days: text to nanoseconds and back.

use crate::plan::TimestampFormat;
use crate::time::{NS_PER_DAY, NS_PER_SECOND};

/// Whether `year` has 366 days.
pub fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// Days of a month, 1..=12.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of a cycle of 400 years, after which the calendar repeats.
const CYCLE_DAYS: i64 = 146_097;

/// Days since 1970-01-01.
pub fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let cycles = (year - 1970).div_euclid(400);
    let years = 1970..year - 400 * cycles;
    let days_of_years: i64 = years.map(|year| 365 + i64::from(is_leap(year))).sum();
    let days_of_months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    cycles * CYCLE_DAYS + days_of_years + days_of_months + day - 1
}

/// Year, month and day of a day number.
pub fn date_of(days: i64) -> (i64, i64, i64) {
    let mut year = 1970 + 400 * days.div_euclid(CYCLE_DAYS);
    let mut rest = days.rem_euclid(CYCLE_DAYS);
    while rest >= 365 + i64::from(is_leap(year)) {
        rest -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    while rest >= days_in_month(year, month) {
        rest -= days_in_month(year, month);
        month += 1;
    }
    (year, month, rest + 1)
}

fn number(text: &[u8]) -> Option<i64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads `yyyy-mm-dd` as days.
pub fn read_date(text: &[u8]) -> Option<i64> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let (year, month) = (number(&text[..4])?, number(&text[5..7])?);
    let day = number(&text[8..])?;
    let exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days_of(year, month, day))
}

/// Reads `hh:mm[:ss[.fraction]]` as nanoseconds since midnight.
pub fn read_time(text: &[u8]) -> Option<i64> {
    // On the first day of the epoch a time of day is its distance from midnight.
    let has_offset = text
        .iter()
        .any(|b| !b.is_ascii_digit() && !matches!(b, b':' | b'.'));
    if has_offset || text.len() < 5 {
        return None;
    }
    read_iso(&[b"1970-01-01 ", text].concat())
}

/// Reads an INTERVAL: numbers with units behind each other, a sign before all of them.
pub fn read_interval(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut total: i128 = 0;
    let mut parts = 0;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let number: String = rest.chars().take_while(|c| is_number(*c)).collect();
        rest = rest[number.len()..].trim_start();
        let unit: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
        rest = rest[unit.len()..].trim_start();
        let unit_ns: i128 = match unit.to_lowercase().as_str() {
            "ns" | "nanosecond" | "nanoseconds" => 1,
            "us" | "microsecond" | "microseconds" => 1_000,
            "ms" | "millisecond" | "milliseconds" => 1_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => 1_000_000_000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000_000_000,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000_000_000,
            "d" | "day" | "days" => 86_400_000_000_000,
            "w" | "week" | "weeks" => 604_800_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return None;
        }
        if whole.len() > 19 || fraction.len() > 18 {
            return None;
        }
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = 10_i128.pow(fraction.len() as u32);
        let ns = digits.checked_mul(unit_ns)?;
        if ns % scale != 0 {
            return None;
        }
        total += ns / scale;
        parts += 1;
    }
    (parts > 0).then(|| i64::try_from(sign * total).ok())?
}

/// Writes a time of day.
pub fn write_time(ns: i64) -> String {
    let written = write_timestamp(ns, &TimestampFormat::Iso);
    written["1970-01-01 ".len()..].to_owned()
}

/// The digits behind a point as nanoseconds; more than nine only if the rest is zeros.
fn fraction(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.iter().skip(9).any(|&b| b != b'0') {
        return None;
    }
    let padded: Vec<u8> = digits.iter().copied().chain([b'0'; 9]).take(9).collect();
    number(&padded)
}

/// Reads ISO 8601; a date alone is its midnight.
fn read_iso(text: &[u8]) -> Option<i64> {
    let days = read_date(text.get(..10)?)?;
    let mut seconds = days * 86_400;
    let mut nanos = 0;
    let mut rest = &text[10..];
    if !rest.is_empty() {
        if !matches!(rest[0], b'T' | b't' | b' ') || rest.len() < 6 || rest[3] != b':' {
            return None;
        }
        let (hour, minute) = (number(&rest[1..3])?, number(&rest[4..6])?);
        let mut second = 0;
        rest = &rest[6..];
        if rest.first() == Some(&b':') {
            second = number(rest.get(1..3)?)?;
            rest = &rest[3..];
            if rest.first() == Some(&b'.') {
                let digits = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
                nanos = fraction(&rest[1..1 + digits])?;
                rest = &rest[1 + digits..];
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        seconds += hour * 3_600 + minute * 60 + second - offset(rest)?;
    }
    seconds.checked_mul(NS_PER_SECOND)?.checked_add(nanos)
}

/// Seconds ahead of UTC of `Z`, `+hh`, `+hhmm`, `+hh:mm` or nothing.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.len() {
        2 => (number(digits)?, 0),
        4 => (number(&digits[..2])?, number(&digits[2..])?),
        5 if digits[2] == b':' => (number(&digits[..2])?, number(&digits[3..])?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Reads a number of units since the epoch; a fraction only where `fractional` digits are told apart.
fn read_epoch(text: &[u8], unit_ns: i64) -> Option<i64> {
    let (negative, magnitude) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let point = magnitude.iter().position(|&b| b == b'.');
    let (whole, nanos) = match point {
        Some(at) if unit_ns == NS_PER_SECOND => (&magnitude[..at], fraction(&magnitude[at + 1..])?),
        _ => (magnitude, 0),
    };
    if whole.is_empty() || !whole.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let zeros = whole.iter().take_while(|&&b| b == b'0').count();
    let digits = &whole[zeros..];
    if digits.len() > 20 {
        return None;
    }
    let units = digits
        .iter()
        .fold(0_i128, |v, b| v * 10 + i128::from(b - b'0'));
    let ns = units * i128::from(unit_ns) + i128::from(nanos);
    i64::try_from(if negative { -ns } else { ns }).ok()
}

/// Reads a TIMESTAMP. Patterns are not read: `run` refuses jobs with one.
pub fn read_timestamp(text: &[u8], format: &TimestampFormat) -> Option<i64> {
    match format {
        TimestampFormat::Iso => read_iso(text),
        TimestampFormat::Seconds => read_epoch(text, NS_PER_SECOND),
        TimestampFormat::Millis => read_epoch(text, 1_000_000),
        TimestampFormat::Micros => read_epoch(text, 1_000),
        TimestampFormat::Nanos => read_epoch(text, 1),
        TimestampFormat::Strftime(_) => None,
    }
}

/// Writes a DATE.
pub fn write_date(days: i64) -> String {
    let (year, month, day) = date_of(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Writes a fraction of 0, 3, 6 or 9 digits.
fn write_fraction(nanos: i64) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1_000 == 0 => format!(".{:06}", n / 1_000),
        n => format!(".{n:09}"),
    }
}

/// Writes a TIMESTAMP.
pub fn write_timestamp(ns: i64, format: &TimestampFormat) -> String {
    match format {
        TimestampFormat::Iso => {
            let of_day = ns.rem_euclid(NS_PER_DAY);
            let seconds = of_day / NS_PER_SECOND;
            let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
            format!(
                "{} {hour:02}:{minute:02}:{:02}{}",
                write_date(ns.div_euclid(NS_PER_DAY)),
                seconds % 60,
                write_fraction(of_day % NS_PER_SECOND)
            )
        }
        TimestampFormat::Seconds => {
            let sign = if ns < 0 { "-" } else { "" };
            let magnitude = i128::from(ns).abs();
            let whole = magnitude / i128::from(NS_PER_SECOND);
            let nanos = (magnitude % i128::from(NS_PER_SECOND)) as i64;
            format!("{sign}{whole}{}", write_fraction(nanos))
        }
        TimestampFormat::Millis => ns.div_euclid(1_000_000).to_string(),
        TimestampFormat::Micros => ns.div_euclid(1_000).to_string(),
        TimestampFormat::Nanos | TimestampFormat::Strftime(_) => ns.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree() {
        assert_eq!(days_of(1970, 1, 1), 0);
        assert_eq!(days_of(2000, 3, 1), 11_017);
        assert_eq!(days_of(1969, 12, 31), -1);
        for days in (-200_000..200_000).step_by(977) {
            let (year, month, day) = date_of(days);
            assert_eq!(days_of(year, month, day), days);
        }
    }

    #[test]
    fn timestamps_are_read_and_written() {
        let ns = 1_381_239_000_000_000_000 + 5_000_000;
        for text in [
            "2013-10-08 13:30:00.005",
            "2013-10-08T13:30:00.005Z",
            "2013-10-08T15:30:00.005000000000+02:00",
        ] {
            let format = TimestampFormat::Iso;
            assert_eq!(read_timestamp(text.as_bytes(), &format), Some(ns), "{text}");
        }
        assert_eq!(
            write_timestamp(ns, &TimestampFormat::Iso),
            "2013-10-08 13:30:00.005"
        );
        assert_eq!(
            read_timestamp(b"1381239000.005", &TimestampFormat::Seconds),
            Some(ns)
        );
        assert_eq!(
            read_timestamp(b"-0.5", &TimestampFormat::Seconds),
            Some(-500_000_000)
        );
        assert_eq!(
            read_timestamp(b"1381239000005", &TimestampFormat::Millis),
            Some(ns)
        );
        assert_eq!(read_timestamp(b"2013-02-29", &TimestampFormat::Iso), None);
        assert_eq!(read_timestamp(b"1.5", &TimestampFormat::Millis), None);
    }
}
