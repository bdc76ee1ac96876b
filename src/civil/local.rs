//! Times of day, and instants as a clock in some zone shows them.

use super::write::write_clock;
use super::zone::Zone;
use super::{CivilTime, iso, ns_of, parse_timestamp, write_timestamp};
use crate::error::Reason;
use crate::plan::TimestampFormat;
use crate::types::ZoneId;

/// Reads a time of day `hh:mm[:ss[.fraction]]` as nanoseconds since midnight.
///
/// # Errors
/// `Reason::Time` when it is anything else, or has non-zero digits beyond the nanosecond.
pub fn parse_time(text: &[u8]) -> Result<i64, Reason> {
    let time = || {
        if text.len() < 5 || text[2] != b':' {
            return None;
        }
        match iso::clock(text)? {
            (seconds, nanos, []) => ns_of(seconds, nanos),
            _ => None,
        }
    };
    time().ok_or(Reason::Time)
}

/// Appends a time of day as `hh:mm:ss`, with a fraction of 3, 6 or 9 digits when there is one.
pub fn write_time(ns: i64, out: &mut Vec<u8>) {
    write_clock(&CivilTime::from_ns(ns), out);
}

/// Whether the text of a timestamp says how far it is from UTC.
pub fn names_offset(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let ends_in_z = matches!(text.last(), Some(b'Z' | b'z'));
    let has_sign = |time: &[u8]| time.iter().any(|byte| matches!(byte, b'+' | b'-'));
    ends_in_z || text.get(10..).is_some_and(has_sign)
}

/// Whether times in `format` are written by some clock, not as numbers or with their distance from UTC.
fn is_by_clock(format: &TimestampFormat) -> bool {
    match format {
        TimestampFormat::Iso => true,
        TimestampFormat::Strftime(pattern) => !["%z", "%:z", "%s"]
            .iter()
            .any(|part| pattern.contains(part)),
        _ => false,
    }
}

/// Reads an instant as nanoseconds since the epoch; a text that does not say how far it is from UTC is read by a
/// clock in `zone`.
///
/// # Errors
/// `Reason::Timestamp`, as [`parse_timestamp`].
#[inline]
pub fn parse_instant(text: &[u8], format: &TimestampFormat, zone: ZoneId) -> Result<i64, Reason> {
    let ns = parse_timestamp(text, format)?;
    match Zone::registered(zone) {
        Some(zone)
            if is_by_clock(format) && !(*format == TimestampFormat::Iso && names_offset(text)) =>
        {
            zone.from_local(ns).ok_or(Reason::Timestamp)
        }
        _ => Ok(ns),
    }
}

/// Appends an instant, by a clock in `zone` unless the format counts from the epoch. The last hours of the range that
/// no clock there can show are written in UTC, ending in `Z`.
pub fn write_instant(ns: i64, format: &TimestampFormat, zone: ZoneId, out: &mut Vec<u8>) {
    let zone = Zone::registered(zone).filter(|_| is_by_clock(format));
    match zone.map(|zone| zone.to_local(ns)) {
        Some(Some(local)) => write_timestamp(local, format, out),
        Some(None) => {
            write_timestamp(ns, &TimestampFormat::Iso, out);
            out.push(b'Z');
        }
        None => write_timestamp(ns, format, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_are_read_and_written() {
        let second = 1_000_000_000;
        for (text, ns, written) in [
            ("00:00", 0, "00:00:00"),
            ("09:30", 34_200 * second, "09:30:00"),
            (
                "23:59:59.999999999",
                86_400 * second - 1,
                "23:59:59.999999999",
            ),
            ("01:02:03.5", 3_723_500_000_000, "01:02:03.500"),
            ("01:02:03.0000000000", 3_723 * second, "01:02:03"),
        ] {
            assert_eq!(parse_time(text.as_bytes()), Ok(ns), "{text}");
            let mut out = Vec::new();
            write_time(ns, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), written);
        }
        for text in [
            "",
            "9:30",
            "24:00",
            "12:60",
            "12:30:60",
            "12:30:",
            "12:30.5",
            "12:30:00Z",
            "12:30:00.",
            "12:30 ",
        ] {
            assert_eq!(parse_time(text.as_bytes()), Err(Reason::Time), "{text}");
        }
    }

    #[test]
    fn a_zone_is_for_texts_without_an_offset() {
        let zone = Zone::register("America/New_York").expect("known");
        let iso = TimestampFormat::Iso;
        let at =
            |text: &str, format: &TimestampFormat| parse_instant(text.as_bytes(), format, zone);
        let noon = parse_timestamp(b"2025-07-01 12:00:00", &iso);
        assert_eq!(at("2025-07-01 08:00:00", &iso), noon);
        assert_eq!(at("2025-07-01T12:00:00Z", &iso), noon);
        assert_eq!(at("2025-07-01 14:00+02", &iso), noon);
        assert_eq!(at("1751371200000", &TimestampFormat::Millis), noon);
        let pattern = |text: &str| TimestampFormat::Strftime(text.into());
        assert_eq!(at("01.07.2025 08:00", &pattern("%d.%m.%Y %H:%M")), noon);
        assert_eq!(
            at("01.07.2025 14:00 +0200", &pattern("%d.%m.%Y %H:%M %z")),
            noon
        );
        let written = |ns, format: &TimestampFormat| {
            let mut out = Vec::new();
            write_instant(ns, format, zone, &mut out);
            String::from_utf8(out).expect("ASCII")
        };
        let noon = noon.expect("a timestamp");
        assert_eq!(written(noon, &iso), "2025-07-01 08:00:00");
        assert_eq!(written(noon, &TimestampFormat::Millis), "1751371200000");
        assert_eq!(written(i64::MIN, &iso), "1677-09-21 00:12:43.145224192Z");
        assert_eq!(at("1677-09-21 00:12:43.145224192Z", &iso), Ok(i64::MIN));
    }
}
