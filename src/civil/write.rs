//! Instants and dates as text.

use super::{CivilTime, civil_from_days, pattern};
use crate::plan::TimestampFormat;

/// Appends an instant.
///
/// ISO is `2013-10-08 13:30:00`, with a fraction of 3, 6 or 9 digits when there is one. Epoch seconds have
/// such a fraction too; epoch milliseconds and microseconds are whole, rounded towards the past.
pub fn write_timestamp(ns: i64, format: &TimestampFormat, out: &mut Vec<u8>) {
    match format {
        TimestampFormat::Iso => write_iso(ns, out),
        TimestampFormat::Seconds => write_seconds(ns, out),
        TimestampFormat::Millis => write_integer(ns.div_euclid(1_000_000), out),
        TimestampFormat::Micros => write_integer(ns.div_euclid(1_000), out),
        TimestampFormat::Nanos => write_integer(ns, out),
        TimestampFormat::Strftime(text) => pattern::write(ns, text, out),
    }
}

/// Appends a date as `yyyy-mm-dd`; years outside 0..=9999 have a sign and more digits as needed.
pub fn write_date(days: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil_from_days(days);
    write_year_month_day(year, month, day, out);
}

fn write_year_month_day(year: i32, month: u8, day: u8, out: &mut Vec<u8>) {
    if (0..=9999).contains(&year) {
        let (century, of_century) = ((year / 100) as u8, (year % 100) as u8);
        out.extend_from_slice(&pair(century));
        out.extend_from_slice(&pair(of_century));
    } else {
        let text = format!("{year:+05}");
        out.extend_from_slice(text.as_bytes());
    }
    let ([m0, m1], [d0, d1]) = (pair(month), pair(day));
    out.extend_from_slice(&[b'-', m0, m1, b'-', d0, d1]);
}

fn write_iso(ns: i64, out: &mut Vec<u8>) {
    let time = CivilTime::from_ns(ns);
    write_year_month_day(time.year, time.month, time.day, out);
    out.push(b' ');
    write_clock(&time, out);
}

/// Appends the time of day as `hh:mm:ss`, with a fraction of 3, 6 or 9 digits when there is one.
pub(super) fn write_clock(time: &CivilTime, out: &mut Vec<u8>) {
    let ([h0, h1], [m0, m1], [s0, s1]) = (pair(time.hour), pair(time.minute), pair(time.second));
    out.extend_from_slice(&[h0, h1, b':', m0, m1, b':', s0, s1]);
    write_fraction(time.nanos, out);
}

fn write_seconds(ns: i64, out: &mut Vec<u8>) {
    if ns < 0 {
        out.push(b'-');
    }
    let magnitude = ns.unsigned_abs();
    out.extend_from_slice(
        itoa::Buffer::new()
            .format(magnitude / 1_000_000_000)
            .as_bytes(),
    );
    write_fraction((magnitude % 1_000_000_000) as u32, out);
}

fn write_fraction(nanos: u32, out: &mut Vec<u8>) {
    let (mut value, digits) = match nanos {
        0 => return,
        nanos if nanos.is_multiple_of(1_000_000) => (nanos / 1_000_000, 3),
        nanos if nanos.is_multiple_of(1_000) => (nanos / 1_000, 6),
        nanos => (nanos, 9),
    };
    let mut text = [b'0'; 10];
    text[0] = b'.';
    for slot in text[1..=digits].iter_mut().rev() {
        *slot = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&text[..=digits]);
}

fn write_integer(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Two digits of a number below 100.
fn pair(value: u8) -> [u8; 2] {
    [b'0' + value / 10 % 10, b'0' + value % 10]
}
