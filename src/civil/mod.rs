//! Calendar time: text to and from nanoseconds since the epoch, and calendar fields.
//!
//! The calendar is the proleptic Gregorian one, UTC, without leap seconds. Conversions between days and
//! dates are Howard Hinnant's ("chrono-Compatible Low-Level Date Algorithms"): years begin in March, eras
//! have 400 years, so that the leap day is the last of its year and every division is by a constant.

pub(crate) mod digits;

mod epoch;
mod interval;
mod iso;
mod local;
pub mod pattern;
mod write;
pub mod zone;

#[cfg(test)]
mod tests;

pub use interval::parse_interval;
pub use local::{names_offset, parse_instant, parse_time, write_instant, write_time};
pub use write::{write_date, write_timestamp};

use crate::error::Reason;
use crate::plan::TimestampFormat;
use crate::time::{NS_PER_DAY, NS_PER_SECOND};

/// Date and time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CivilTime {
    /// Astronomical year: 0 is 1 BC.
    pub year: i32,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
    /// 0..=23.
    pub hour: u8,
    /// 0..=59.
    pub minute: u8,
    /// 0..=59.
    pub second: u8,
    /// 0..=999,999,999.
    pub nanos: u32,
}

impl CivilTime {
    /// The date and time of an instant.
    pub fn from_ns(ns: i64) -> Self {
        let days = ns.div_euclid(NS_PER_DAY);
        let of_day = ns.rem_euclid(NS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let seconds = of_day / NS_PER_SECOND;
        Self {
            year,
            month,
            day,
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            nanos: (of_day % NS_PER_SECOND) as u32,
        }
    }

    /// The instant, or `None` when a field is outside its range or the instant outside `i64` nanoseconds.
    pub fn to_ns(self) -> Option<i64> {
        let legal = (1..=12).contains(&self.month)
            && self.day >= 1
            && self.day <= days_in_month(self.year, self.month)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.nanos < NS_PER_SECOND as u32;
        if !legal {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day);
        let seconds =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        ns_of(days * 86_400 + seconds, self.nanos)
    }
}

/// Nanoseconds of `seconds` since the epoch and `nanos` behind them; `None` when out of range.
#[inline]
fn ns_of(seconds: i64, nanos: u32) -> Option<i64> {
    // The first representable second begins before the least i64 and ends within, so this is done wide
    // where the narrow product overflows.
    match seconds.checked_mul(NS_PER_SECOND) {
        Some(ns) => ns.checked_add(i64::from(nanos)),
        None => {
            let ns = i128::from(seconds) * i128::from(NS_PER_SECOND) + i128::from(nanos);
            i64::try_from(ns).ok()
        }
    }
}

/// Days since 1970-01-01 of a date; the month is 1..=12.
#[inline]
pub fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = i64::from(month);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + i64::from(day) - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Year, month and day of a number of days since 1970-01-01, for years that fit an `i32` (others saturate).
#[inline]
pub fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days.clamp(-784_000_000_000, 784_000_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * from_march + 2) / 5 + 1) as u8;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    } as u8;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32,
        month,
        day,
    )
}

/// Days of a month; the month is 1..=12.
#[inline]
pub fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads a timestamp as nanoseconds since the epoch.
///
/// # Errors
/// `Reason::Timestamp` when the text is not in `format`, has non-zero digits beyond the nanosecond, or is
/// an instant outside `i64` nanoseconds.
#[inline]
pub fn parse_timestamp(text: &[u8], format: &TimestampFormat) -> Result<i64, Reason> {
    match format {
        TimestampFormat::Iso => iso::parse(text),
        TimestampFormat::Seconds => epoch::seconds(text),
        TimestampFormat::Millis => epoch::millis(text),
        TimestampFormat::Micros => epoch::micros(text),
        TimestampFormat::Nanos => epoch::nanos(text),
        TimestampFormat::Strftime(pattern) => pattern::parse(text, pattern),
    }
    .ok_or(Reason::Timestamp)
}

/// Reads a date `yyyy-mm-dd` as days since 1970-01-01.
///
/// # Errors
/// `Reason::Date` when it is anything else, or no date of the calendar.
#[inline]
pub fn parse_date(text: &[u8]) -> Result<i64, Reason> {
    iso::date(text).ok_or(Reason::Date)
}
