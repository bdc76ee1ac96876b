//! Functions over times, one row at a time: months are counted one by one, patterns are written letter by letter.
//!
//! Time zones are the one thing taken from a package here, by other calls of it than the engine's: what a zone's
//! clock showed is a matter of record.

use super::calendar::{date_of, days_in_month, days_of, read_timestamp, write_timestamp};
use super::eval::unscaled;
use super::function::{text, truncate, unit_of};
use super::number::Exact;
use crate::civil::zone::Zone;
use crate::error::Reason;
use crate::plan::{TimeFunction, TimestampFormat};
use crate::time::{NS_PER_DAY, NS_PER_SECOND};
use crate::types::{DataType, Value, ZoneId};

fn narrow(value: i128) -> Result<i64, Reason> {
    i64::try_from(value).map_err(|_| Reason::Overflow)
}

/// Calls `function` on values that are not NULL.
pub fn call(function: TimeFunction, args: &[Value], types: &[DataType]) -> Result<Value, Reason> {
    use TimeFunction as F;
    let ns = |index: usize| narrow(unscaled(&args[index]));
    let word = |index: usize| text(&args[index]);
    if function == F::Format {
        return Ok(Value::Text(written(ns(0)?, &word(1))));
    }
    let value = match function {
        F::Bin => {
            let (stride, time, origin) =
                (i128::from(ns(0)?), i128::from(ns(1)?), i128::from(ns(2)?));
            if stride <= 0 {
                return Err(Reason::Domain);
            }
            narrow((time - origin).div_euclid(stride) * stride + origin)?
        }
        F::Parse => read(&word(0), &word(1)).ok_or(Reason::Cast)?,
        F::FromEpoch => from_epoch(&args[0], types[0], unscaled(&args[1]))?,
        F::Add => match length(&word(0)) {
            Some(Length::Fixed(unit)) => narrow(i128::from(ns(2)?) + unscaled(&args[1]) * unit)?,
            Some(Length::Months(months)) => moved(ns(2)?, unscaled(&args[1]) * months)?,
            None => return Err(Reason::Domain),
        },
        F::Elapsed => elapsed(&word(0), ns(1)?, ns(2)?)?,
        F::Boundaries => narrow(number(&word(0), ns(2)?)? - number(&word(0), ns(1)?)?)?,
        F::ToZone => shown(ns(0)?, &word(1))?,
        F::FromZone => instant(ns(0)?, &word(1))?,
        F::TruncateInZone => {
            let local = shown(ns(1)?, &word(2))?;
            let start = truncate(&word(0), local)?;
            match length(&word(0)) {
                Some(Length::Fixed(unit)) if unit < i128::from(NS_PER_DAY) => {
                    narrow(i128::from(ns(1)?) - i128::from(local - start))?
                }
                _ => instant(start, &word(2))?,
            }
        }
        F::Format => unreachable!("handled above"),
    };
    Ok(Value::I64(value))
}

/// The name of a TIMESTAMP_LTZ's zone.
fn name_of(zone: ZoneId) -> String {
    Zone::registered(zone).map_or("UTC".to_owned(), |zone| format!("{zone:?}"))
}

/// What a clock in the zone of a TIMESTAMP_LTZ shows.
pub fn shown_in(ns: i64, zone: ZoneId) -> Option<i64> {
    shown(ns, &name_of(zone)).ok()
}

/// The instant at which a clock there shows it.
pub fn instant_in(local: i64, zone: ZoneId) -> Option<i64> {
    instant(local, &name_of(zone)).ok()
}

/// Reads a TIMESTAMP_LTZ: a text without an offset is what a clock there shows.
pub fn read_in(text: &[u8], format: &TimestampFormat, zone: ZoneId) -> Option<i64> {
    let ns = read_timestamp(text, format)?;
    let is_civil = *format == TimestampFormat::Iso && text.len() < 11
        || text
            .get(10..)
            .is_some_and(|time| !time.iter().any(|b| b"zZ+-".contains(b)));
    match format {
        TimestampFormat::Iso if is_civil => instant_in(ns, zone),
        _ => Some(ns),
    }
}

/// Writes a TIMESTAMP_LTZ; what no clock there can show is written in UTC.
pub fn write_in(ns: i64, format: &TimestampFormat, zone: ZoneId) -> String {
    let is_civil = matches!(format, TimestampFormat::Iso | TimestampFormat::Strftime(_));
    match shown_in(ns, zone) {
        Some(local) if is_civil => write_timestamp(local, format),
        None if is_civil => write_timestamp(ns, &TimestampFormat::Iso) + "Z",
        _ => write_timestamp(ns, format),
    }
}

enum Length {
    Fixed(i128),
    Months(i128),
}

fn length(unit: &str) -> Option<Length> {
    let second = i128::from(NS_PER_SECOND);
    Some(match unit_of(unit).as_str() {
        "nanosecond" => Length::Fixed(1),
        "microsecond" => Length::Fixed(1_000),
        "millisecond" => Length::Fixed(1_000_000),
        "second" => Length::Fixed(second),
        "minute" => Length::Fixed(60 * second),
        "hour" => Length::Fixed(3_600 * second),
        "day" => Length::Fixed(86_400 * second),
        "week" => Length::Fixed(7 * 86_400 * second),
        "month" => Length::Months(1),
        "quarter" => Length::Months(3),
        "year" => Length::Months(12),
        _ => return None,
    })
}

/// The same day and time so many months later; the last day of a month that is too short.
fn moved(ns: i64, months: i128) -> Result<i64, Reason> {
    let (year, month, day) = date_of(ns.div_euclid(NS_PER_DAY));
    let number = i128::from(year) * 12 + i128::from(month) - 1 + months;
    let year = number.div_euclid(12);
    if !(-10_000..10_000).contains(&year) {
        return Err(Reason::Overflow);
    }
    let (year, month) = (year as i64, number.rem_euclid(12) as i64 + 1);
    let days = days_of(year, month, day.min(days_in_month(year, month)));
    narrow(i128::from(days) * i128::from(NS_PER_DAY) + i128::from(ns.rem_euclid(NS_PER_DAY)))
}

fn elapsed(unit: &str, from: i64, to: i64) -> Result<i64, Reason> {
    match length(unit).ok_or(Reason::Domain)? {
        Length::Fixed(unit) => narrow((i128::from(to) - i128::from(from)) / unit),
        Length::Months(length) => {
            let (early, late) = (from.min(to), from.max(to));
            let mut months = 0;
            while moved(early, months + 1).is_ok_and(|reached| reached <= late) {
                months += 1;
            }
            let sign = if to < from { -1 } else { 1 };
            narrow(sign * (months / length))
        }
    }
}

/// The number of the unit that `ns` lies in.
fn number(unit: &str, ns: i64) -> Result<i128, Reason> {
    match length(unit).ok_or(Reason::Domain)? {
        Length::Fixed(unit) if unit == 7 * i128::from(NS_PER_DAY) => {
            Ok(i128::from((ns.div_euclid(NS_PER_DAY) + 3).div_euclid(7)))
        }
        Length::Fixed(unit) => Ok(i128::from(ns).div_euclid(unit)),
        Length::Months(length) => {
            let (year, month, _) = date_of(ns.div_euclid(NS_PER_DAY));
            Ok((i128::from(year) * 12 + i128::from(month) - 1).div_euclid(length))
        }
    }
}

fn from_epoch(value: &Value, ty: DataType, digits: i128) -> Result<i64, Reason> {
    if ![0, 3, 6, 9].contains(&digits) {
        return Err(Reason::Domain);
    }
    let scale = (9 - digits) as u32;
    if let Value::F64(value) = value {
        let ns = (value * 10_f64.powi(scale as i32)).round();
        let inside = ns >= -(2_f64.powi(63)) && ns < 2_f64.powi(63);
        return if inside {
            Ok(ns as i64)
        } else {
            Err(Reason::Overflow)
        };
    }
    let ns = Exact::new(unscaled(value), ty.scale())
        .at_scale(scale)
        .to_i128();
    narrow(ns.ok_or(Reason::Overflow)?)
}

fn civil(ns: i64) -> jiff::civil::DateTime {
    let instant = jiff::Timestamp::from_nanosecond(i128::from(ns)).expect("in range");
    instant.in_tz("UTC").expect("known").datetime()
}

pub fn shown(ns: i64, zone: &str) -> Result<i64, Reason> {
    let instant = jiff::Timestamp::from_nanosecond(i128::from(ns)).expect("in range");
    let there = instant.in_tz(zone).map_err(|_| Reason::Domain)?.datetime();
    let utc = there.in_tz("UTC").map_err(|_| Reason::Overflow)?;
    narrow(utc.timestamp().as_nanosecond())
}

pub fn instant(local: i64, zone: &str) -> Result<i64, Reason> {
    let there = civil(local).in_tz(zone);
    if there.is_err() && jiff::Timestamp::UNIX_EPOCH.in_tz(zone).is_err() {
        return Err(Reason::Domain);
    }
    narrow(
        there
            .map_err(|_| Reason::Overflow)?
            .timestamp()
            .as_nanosecond(),
    )
}

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes an instant by the directives that the tests know.
fn written(ns: i64, pattern: &str) -> String {
    let days = ns.div_euclid(NS_PER_DAY);
    let (year, month, day) = date_of(days);
    let of_day = ns.rem_euclid(NS_PER_DAY);
    let (hour, minute) = (
        of_day / NS_PER_SECOND / 3_600,
        of_day / NS_PER_SECOND / 60 % 60,
    );
    let second = of_day / NS_PER_SECOND % 60;
    let twelve = (hour + 11) % 12 + 1;
    let weekday = DAYS[(days + 3).rem_euclid(7) as usize];
    let name = MONTHS[month as usize - 1];
    let mut out = String::new();
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        if char != '%' {
            out.push(char);
            continue;
        }
        let mut directive = chars.next().expect("a directive");
        let bare = directive == '-';
        if bare {
            directive = chars.next().expect("a directive");
        }
        let two = |number: i64| {
            if bare {
                number.to_string()
            } else {
                format!("{number:02}")
            }
        };
        out += &match directive {
            'Y' => format!("{year:04}"),
            'y' => two(year.rem_euclid(100)),
            'm' => two(month),
            'd' => two(day),
            'H' => two(hour),
            'I' => two(twelve),
            'M' => two(minute),
            'S' => two(second),
            'j' => format!("{:03}", days - days_of(year, 1, 1) + 1),
            'p' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
            'a' => weekday[..3].to_owned(),
            'A' => weekday.to_owned(),
            'b' => name[..3].to_owned(),
            'B' => name.to_owned(),
            'F' => format!("{year:04}-{month:02}-{day:02}"),
            'T' => format!("{hour:02}:{minute:02}:{second:02}"),
            digits @ '1'..='9' => {
                assert_eq!(chars.next(), Some('f'), "a fraction of seconds");
                let all = format!("{:09}", of_day % NS_PER_SECOND);
                all[..digits as usize - '0' as usize].to_owned()
            }
            other => panic!("the oracle does not write %{other}"),
        };
    }
    out
}

/// Reads an instant by `%Y %m %d %H %M %S`, a fraction, and characters that stand for themselves.
fn read(text: &str, pattern: &str) -> Option<i64> {
    let text = text.trim();
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut of_day, mut nanos) = (0, 0);
    let mut rest = text;
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        if char != '%' {
            rest = rest.strip_prefix(char)?;
            continue;
        }
        let mut directive = chars.next()?;
        if directive == '-' {
            directive = chars.next()?;
        }
        if directive.is_ascii_digit() {
            directive = chars.next()?;
        }
        let most = match directive {
            'Y' => 4,
            'f' => 9,
            _ => 2,
        };
        let count = rest
            .bytes()
            .take(most)
            .take_while(u8::is_ascii_digit)
            .count();
        let number: i64 = rest[..count].parse().ok()?;
        rest = &rest[count..];
        match directive {
            'Y' if count == 4 => year = Some(number),
            'm' if (1..=12).contains(&number) => month = Some(number),
            'd' if (1..=31).contains(&number) => day = Some(number),
            'H' if number < 24 => of_day += number * 3_600,
            'M' if number < 60 => of_day += number * 60,
            'S' if number < 60 => of_day += number,
            'f' => nanos = number * 10_i64.pow(9 - count as u32),
            _ => return None,
        }
    }
    let (year, month, day) = (year?, month?, day?);
    if !rest.is_empty() || day > days_in_month(year, month) {
        return None;
    }
    let seconds = days_of(year, month, day) * 86_400 + of_day;
    seconds.checked_mul(NS_PER_SECOND)?.checked_add(nanos)
}
