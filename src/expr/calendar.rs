//! DATE_TRUNC and EXTRACT.

use super::kernel::{Faults, Operand, add_nulls, data_of, try_rows};
use crate::batch::{Column, Rows};
use crate::civil::CivilTime;
use crate::error::Reason;
use crate::time::{NS_PER_DAY, NS_PER_SECOND};

/// A unit of DATE_TRUNC or a field of EXTRACT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Nanoseconds of the minute, like the next two.
    Nanosecond,
    /// Microseconds of the minute.
    Microsecond,
    /// Milliseconds of the minute.
    Millisecond,
    /// Whole seconds of the minute.
    Second,
    /// Minute of the hour.
    Minute,
    /// Hour of the day.
    Hour,
    /// Day of the month.
    Day,
    /// ISO 8601 week; weeks begin on Monday.
    Week,
    /// Month of the year.
    Month,
    /// Quarter of the year.
    Quarter,
    /// Year.
    Year,
    /// EXTRACT only: day of the week, Sunday is 1.
    DayOfWeek,
    /// EXTRACT only: ISO 8601 day of the week, Monday is 1.
    IsoDayOfWeek,
    /// EXTRACT only: day of the year, from 1.
    DayOfYear,
    /// EXTRACT only: whole seconds since 1970.
    Epoch,
}

impl TimeUnit {
    /// The unit called `name` in any case, singular or plural.
    pub fn parse(name: &str) -> Option<Self> {
        const NAMES: [(&str, TimeUnit); 15] = [
            ("nanosecond", TimeUnit::Nanosecond),
            ("microsecond", TimeUnit::Microsecond),
            ("millisecond", TimeUnit::Millisecond),
            ("second", TimeUnit::Second),
            ("minute", TimeUnit::Minute),
            ("hour", TimeUnit::Hour),
            ("day", TimeUnit::Day),
            ("week", TimeUnit::Week),
            ("month", TimeUnit::Month),
            ("quarter", TimeUnit::Quarter),
            ("year", TimeUnit::Year),
            ("dow", TimeUnit::DayOfWeek),
            ("isodow", TimeUnit::IsoDayOfWeek),
            ("doy", TimeUnit::DayOfYear),
            ("epoch", TimeUnit::Epoch),
        ];
        let singular = name.strip_suffix(['s', 'S']).unwrap_or(name);
        NAMES
            .iter()
            .find(|(known, _)| {
                name.eq_ignore_ascii_case(known) || singular.eq_ignore_ascii_case(known)
            })
            .map(|&(_, unit)| unit)
    }

    /// Whether DATE_TRUNC knows it.
    pub const fn truncates(self) -> bool {
        !matches!(
            self,
            Self::DayOfWeek | Self::IsoDayOfWeek | Self::DayOfYear | Self::Epoch
        )
    }
}

/// Evaluates DATE_TRUNC(unit, input) or EXTRACT(unit FROM input) into `out`, a prepared column of 64-bit integers;
/// `apply` is [`truncate`] or [`extract`]. A unit that is none is outside the domain.
pub(super) fn by_unit(
    apply: fn(TimeUnit, i64) -> Result<i64, Reason>,
    unit: Operand<'_>,
    input: Operand<'_>,
    rows: Rows<'_>,
    out: &mut Column,
    faults: &mut Faults<'_>,
) {
    let len = out.len();
    if !add_nulls(&mut out.nulls, unit, len) || !add_nulls(&mut out.nulls, input, len) {
        return;
    }
    let (units, times) = (unit.texts(), input.i64s());
    let fixed = unit.constant.then(|| TimeUnit::parse(units.get_str(0)));
    let values = data_of!(out.data, I64);
    try_rows(rows, len, &mut out.nulls, faults, |row| {
        let unit = fixed.unwrap_or_else(|| TimeUnit::parse(units.get_str(row)));
        values[row] = apply(unit.ok_or(Reason::Domain)?, times.at(row))?;
        Ok(())
    });
}

/// The start of the unit that `ns` lies in.
pub(super) fn truncate(unit: TimeUnit, ns: i64) -> Result<i64, Reason> {
    let down = |period: i64| {
        ns.checked_sub(ns.rem_euclid(period))
            .ok_or(Reason::Overflow)
    };
    match unit {
        TimeUnit::Nanosecond => Ok(ns),
        TimeUnit::Microsecond => down(1_000),
        TimeUnit::Millisecond => down(1_000_000),
        TimeUnit::Second => down(NS_PER_SECOND),
        TimeUnit::Minute => down(60 * NS_PER_SECOND),
        TimeUnit::Hour => down(3_600 * NS_PER_SECOND),
        TimeUnit::Day => down(NS_PER_DAY),
        TimeUnit::Week => {
            let days = ns.div_euclid(NS_PER_DAY);
            (days - weekday(days))
                .checked_mul(NS_PER_DAY)
                .ok_or(Reason::Overflow)
        }
        TimeUnit::Month | TimeUnit::Quarter | TimeUnit::Year => {
            let civil = CivilTime::from_ns(ns);
            let month = match unit {
                TimeUnit::Month => civil.month,
                TimeUnit::Quarter => (civil.month - 1) / 3 * 3 + 1,
                _ => 1,
            };
            start_of(civil.year, month).ok_or(Reason::Overflow)
        }
        TimeUnit::DayOfWeek | TimeUnit::IsoDayOfWeek | TimeUnit::DayOfYear | TimeUnit::Epoch => {
            Err(Reason::Domain)
        }
    }
}

fn start_of(year: i32, month: u8) -> Option<i64> {
    let civil = CivilTime {
        year,
        month,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    civil.to_ns()
}

/// Days since the last Monday; day 0, 1970-01-01, was a Thursday.
fn weekday(days: i64) -> i64 {
    (days + 3).rem_euclid(7)
}

/// Days since 1 January of the year that `ns` lies in.
fn day_of_year(ns: i64) -> i64 {
    const DAYS_BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let civil = CivilTime::from_ns(ns);
    let leap = civil.month > 2 && is_leap(civil.year);
    DAYS_BEFORE[usize::from(civil.month) - 1] + i64::from(leap) + i64::from(civil.day) - 1
}

fn is_leap(year: i32) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

/// The ISO 8601 week: week 1 is that of the year's first Thursday.
fn iso_week(ns: i64) -> i64 {
    let year = CivilTime::from_ns(ns).year;
    let day = day_of_year(ns);
    let thursday = day - weekday(ns.div_euclid(NS_PER_DAY)) + 3;
    let days_of = |year| 365 + i64::from(is_leap(year));
    let thursday = if thursday < 0 {
        thursday + days_of(year - 1)
    } else if thursday >= days_of(year) {
        thursday - days_of(year)
    } else {
        thursday
    };
    thursday / 7 + 1
}

/// The field of `ns`.
pub(super) fn extract(unit: TimeUnit, ns: i64) -> Result<i64, Reason> {
    let of_minute = ns.rem_euclid(60 * NS_PER_SECOND);
    let of_day = ns.rem_euclid(NS_PER_DAY);
    let days = ns.div_euclid(NS_PER_DAY);
    Ok(match unit {
        TimeUnit::Nanosecond => of_minute,
        TimeUnit::Microsecond => of_minute / 1_000,
        TimeUnit::Millisecond => of_minute / 1_000_000,
        TimeUnit::Second => of_minute / NS_PER_SECOND,
        TimeUnit::Minute => of_day / (60 * NS_PER_SECOND) % 60,
        TimeUnit::Hour => of_day / (3_600 * NS_PER_SECOND),
        TimeUnit::Day => i64::from(CivilTime::from_ns(ns).day),
        TimeUnit::Week => iso_week(ns),
        TimeUnit::Month => i64::from(CivilTime::from_ns(ns).month),
        TimeUnit::Quarter => (i64::from(CivilTime::from_ns(ns).month) + 2) / 3,
        TimeUnit::Year => i64::from(CivilTime::from_ns(ns).year),
        TimeUnit::DayOfWeek => (weekday(days) + 1) % 7 + 1,
        TimeUnit::IsoDayOfWeek => weekday(days) + 1,
        TimeUnit::DayOfYear => day_of_year(ns) + 1,
        TimeUnit::Epoch => ns.div_euclid(NS_PER_SECOND),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i32, month: u8, day: u8, hour: u8, minute: u8, second: u8, nanos: u32) -> i64 {
        let civil = CivilTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanos,
        };
        civil.to_ns().expect("in range")
    }

    #[test]
    fn truncation_goes_to_the_start_of_the_unit() {
        let ns = at(2013, 10, 8, 13, 31, 59, 123_456_789);
        for (unit, expected) in [
            ("NANOSECOND", ns),
            ("microseconds", at(2013, 10, 8, 13, 31, 59, 123_456_000)),
            ("millisecond", at(2013, 10, 8, 13, 31, 59, 123_000_000)),
            ("second", at(2013, 10, 8, 13, 31, 59, 0)),
            ("minute", at(2013, 10, 8, 13, 31, 0, 0)),
            ("Hour", at(2013, 10, 8, 13, 0, 0, 0)),
            ("day", at(2013, 10, 8, 0, 0, 0, 0)),
            ("week", at(2013, 10, 7, 0, 0, 0, 0)),
            ("month", at(2013, 10, 1, 0, 0, 0, 0)),
            ("quarter", at(2013, 10, 1, 0, 0, 0, 0)),
            ("year", at(2013, 1, 1, 0, 0, 0, 0)),
        ] {
            let unit = TimeUnit::parse(unit).expect(unit);
            assert_eq!(truncate(unit, ns), Ok(expected), "{unit:?}");
        }
        assert_eq!(truncate(TimeUnit::Second, -1), Ok(-NS_PER_SECOND));
        assert_eq!(truncate(TimeUnit::Year, i64::MIN), Err(Reason::Overflow));
        assert_eq!(truncate(TimeUnit::Week, i64::MIN), Err(Reason::Overflow));
        assert_eq!(truncate(TimeUnit::Epoch, 0), Err(Reason::Domain));
    }

    #[test]
    fn fields_are_those_of_the_calendar() {
        let ns = at(2013, 10, 8, 13, 31, 59, 123_456_789);
        for (unit, expected) in [
            ("nanosecond", 59_123_456_789),
            ("microsecond", 59_123_456),
            ("millisecond", 59_123),
            ("second", 59),
            ("minute", 31),
            ("hour", 13),
            ("day", 8),
            ("week", 41),
            ("month", 10),
            ("quarter", 4),
            ("year", 2013),
            ("dow", 3),
            ("isodow", 2),
            ("doy", 281),
            ("epoch", 1_381_239_119),
        ] {
            let unit = TimeUnit::parse(unit).expect(unit);
            assert_eq!(extract(unit, ns), Ok(expected), "{unit:?}");
        }
        assert_eq!(TimeUnit::parse("fortnight"), None);
    }

    #[test]
    fn iso_weeks_at_the_turn_of_years() {
        for (year, month, day, week) in [
            (2012, 1, 1, 52),
            (2012, 1, 2, 1),
            (2012, 12, 31, 1),
            (2016, 1, 1, 53),
            (2019, 12, 30, 1),
            (2020, 12, 31, 53),
            (2021, 1, 3, 53),
            (2021, 1, 4, 1),
            (1969, 12, 31, 1),
        ] {
            let ns = at(year, month, day, 12, 0, 0, 0);
            assert_eq!(
                extract(TimeUnit::Week, ns),
                Ok(week),
                "{year}-{month}-{day}"
            );
        }
    }
}
