//! Functions over times beside DATE_TRUNC and EXTRACT.

use super::arguments::{Arguments, Target};
use super::calendar::{TimeUnit, truncate};
use super::kernel::{Faults, Texts, data_of, try_rows};
use crate::civil::zone::Zone;
use crate::civil::{CivilTime, days_in_month, pattern};
use crate::decimal;
use crate::error::Reason;
use crate::plan::TimeFunction;
use crate::time::{NS_PER_DAY, NS_PER_SECOND};
use crate::types::DataType;

/// The zone that a call has met last.
#[derive(Default)]
pub(super) struct LastZone(Option<(String, Zone)>);

impl LastZone {
    fn get(&mut self, name: &str) -> Result<&Zone, Reason> {
        if self.0.as_ref().is_none_or(|last| last.0 != name) {
            let zone = Zone::get(name).ok_or(Reason::Domain)?;
            self.0 = Some((name.to_owned(), zone));
        }
        self.0.as_ref().map(|last| &last.1).ok_or(Reason::Domain)
    }
}

/// Evaluates `function`.
pub(super) fn call(
    function: TimeFunction,
    args: Arguments<'_>,
    zone: &mut LastZone,
    target: &mut Target<'_>,
) {
    match function {
        TimeFunction::Bin => {
            let [strides, times, origins] = [0, 1, 2].map(|index| args.get(index).i64s());
            target.i64s(args, |row| {
                bin(strides.at(row), times.at(row), origins.at(row))
            });
        }
        TimeFunction::Format => {
            let (times, patterns) = (args.get(0).i64s(), args.get(1).texts());
            target.texts(args, |row, out| {
                pattern::write(times.at(row), patterns.get_str(row), out);
                Ok(true)
            });
        }
        TimeFunction::Parse => {
            let [texts, patterns] = [0, 1].map(|index| args.get(index).texts());
            target.i64s(args, |row| {
                let text = texts.get(row).trim_ascii();
                pattern::parse(text, patterns.get_str(row)).ok_or(Reason::Cast)
            });
        }
        TimeFunction::FromEpoch => from_epoch(args, target),
        TimeFunction::Add => {
            let (counts, times) = (args.get(1).i64s(), args.get(2).i64s());
            by_unit(args, target, |unit, row| {
                add(unit, counts.at(row), times.at(row))
            });
        }
        TimeFunction::Elapsed => {
            let [from, to] = [1, 2].map(|index| args.get(index).i64s());
            by_unit(args, target, |unit, row| {
                elapsed(unit, from.at(row), to.at(row))
            });
        }
        TimeFunction::Boundaries => {
            let [from, to] = [1, 2].map(|index| args.get(index).i64s());
            by_unit(args, target, |unit, row| {
                let from = number_of(unit, from.at(row))?;
                number_of(unit, to.at(row))?
                    .checked_sub(from)
                    .ok_or(Reason::Overflow)
            });
        }
        TimeFunction::ToZone => in_zone(args, zone, target, Zone::to_local),
        TimeFunction::FromZone => in_zone(args, zone, target, Zone::from_local),
        TimeFunction::TruncateInZone => {
            let (times, zones) = (args.get(1).i64s(), args.get(2).texts());
            by_unit(args, target, |unit, row| {
                truncate_in_zone(unit, times.at(row), zone.get(zones.get_str(row))?)
            });
        }
    }
}

/// Evaluates a function whose first argument is the name of a unit.
fn by_unit(
    args: Arguments<'_>,
    target: &mut Target<'_>,
    mut f: impl FnMut(TimeUnit, usize) -> Result<i64, Reason>,
) {
    let units = args.get(0);
    let fixed = units
        .constant
        .then(|| TimeUnit::parse(units.texts().get_str(0)));
    target.i64s(args, |row| {
        let unit = fixed.unwrap_or_else(|| TimeUnit::parse(units.texts().get_str(row)));
        f(unit.ok_or(Reason::Domain)?, row)
    });
}

fn bin(stride: i64, time: i64, origin: i64) -> Result<i64, Reason> {
    if stride <= 0 {
        return Err(Reason::Domain);
    }
    let since = (i128::from(time) - i128::from(origin)).rem_euclid(i128::from(stride));
    i64::try_from(i128::from(time) - since).map_err(|_| Reason::Overflow)
}

fn in_zone(
    args: Arguments<'_>,
    zone: &mut LastZone,
    target: &mut Target<'_>,
    f: impl Fn(&Zone, i64) -> Option<i64>,
) {
    let times = args.get(0).i64s();
    let zones: Texts<'_> = args.get(1).texts();
    target.i64s(args, |row| {
        f(zone.get(zones.get_str(row))?, times.at(row)).ok_or(Reason::Overflow)
    });
}

/// The start of the unit by a clock in `zone`. Units below a day are cut off the instant, so that an hour that comes
/// twice is two hours.
fn truncate_in_zone(unit: TimeUnit, ns: i64, zone: &Zone) -> Result<i64, Reason> {
    let local = zone.to_local(ns).ok_or(Reason::Overflow)?;
    let start = truncate(unit, local)?;
    if fixed_ns(unit).is_some_and(|length| length < NS_PER_DAY) {
        return ns.checked_sub(local - start).ok_or(Reason::Overflow);
    }
    zone.from_local(start).ok_or(Reason::Overflow)
}

/// The length of a unit that always has the same.
fn fixed_ns(unit: TimeUnit) -> Option<i64> {
    Some(match unit {
        TimeUnit::Nanosecond => 1,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Second => NS_PER_SECOND,
        TimeUnit::Minute => 60 * NS_PER_SECOND,
        TimeUnit::Hour => 3_600 * NS_PER_SECOND,
        TimeUnit::Day => NS_PER_DAY,
        TimeUnit::Week => 7 * NS_PER_DAY,
        _ => return None,
    })
}

/// The months of a unit that is some.
fn months_of(unit: TimeUnit) -> Result<i64, Reason> {
    match unit {
        TimeUnit::Month => Ok(1),
        TimeUnit::Quarter => Ok(3),
        TimeUnit::Year => Ok(12),
        _ => Err(Reason::Domain),
    }
}

fn add(unit: TimeUnit, count: i64, ns: i64) -> Result<i64, Reason> {
    let sum = match fixed_ns(unit) {
        // The sum can be in range where the product is not.
        Some(length) => {
            let sum = i128::from(count) * i128::from(length) + i128::from(ns);
            i64::try_from(sum).ok()
        }
        None => {
            let months = count.checked_mul(months_of(unit)?);
            months.and_then(|months| add_months(ns, months))
        }
    };
    sum.ok_or(Reason::Overflow)
}

/// Months since the year 0.
fn month_number(civil: &CivilTime) -> i64 {
    i64::from(civil.year) * 12 + i64::from(civil.month) - 1
}

fn add_months(ns: i64, months: i64) -> Option<i64> {
    let civil = CivilTime::from_ns(ns);
    let number = month_number(&civil).checked_add(months)?;
    let year = i32::try_from(number.div_euclid(12)).ok()?;
    let month = number.rem_euclid(12) as u8 + 1;
    let day = civil.day.min(days_in_month(year, month));
    let moved = CivilTime {
        year,
        month,
        day,
        ..civil
    };
    moved.to_ns()
}

/// Whole units from `from` to `to`; negative when `to` is earlier.
fn elapsed(unit: TimeUnit, from: i64, to: i64) -> Result<i64, Reason> {
    if let Some(length) = fixed_ns(unit) {
        let units = (i128::from(to) - i128::from(from)) / i128::from(length);
        return i64::try_from(units).map_err(|_| Reason::Overflow);
    }
    let length = months_of(unit)?;
    if to < from {
        return Ok(-elapsed(unit, to, from)?);
    }
    let civil = [from, to].map(CivilTime::from_ns);
    let months = month_number(&civil[1]) - month_number(&civil[0]);
    let early = add_months(from, months).is_none_or(|reached| reached > to);
    Ok((months - i64::from(early)) / length)
}

/// The number of the unit that `ns` lies in, counted from some beginning.
fn number_of(unit: TimeUnit, ns: i64) -> Result<i64, Reason> {
    match (unit, fixed_ns(unit)) {
        // Weeks begin on Monday, and day 0 was a Thursday.
        (TimeUnit::Week, _) => Ok((ns.div_euclid(NS_PER_DAY) + 3).div_euclid(7)),
        (_, Some(length)) => Ok(ns.div_euclid(length)),
        _ => {
            let months = months_of(unit)?;
            Ok(month_number(&CivilTime::from_ns(ns)).div_euclid(months))
        }
    }
}

/// TO_TIMESTAMP_LTZ(number, digits).
fn from_epoch(args: Arguments<'_>, target: &mut Target<'_>) {
    let digits = args.get(1).i64s();
    let unit = |row: usize| match digits.at(row) {
        count @ (0 | 3 | 6 | 9) => Ok(9 - count as u8),
        _ => Err(Reason::Domain),
    };
    if args.ty(0) == DataType::Double {
        let numbers = args.get(0).f64s();
        target.i64s(args, |row| {
            let ns = (numbers.at(row) * 10f64.powi(i32::from(unit(row)?))).round();
            // 2^63 is a DOUBLE, the greatest i64 is not; NaN is in no range.
            let bound = 9_223_372_036_854_775_808.0;
            if (-bound..bound).contains(&ns) {
                Ok(ns as i64)
            } else {
                Err(Reason::Overflow)
            }
        });
        return;
    }
    let (numbers, scale) = (args.get(0), args.ty(0).scale());
    let len = target.out.len();
    if !args.add_nulls(&mut target.out.nulls, len) {
        return;
    }
    let values = data_of!(target.out.data, I64);
    let faults = &mut Faults::Report(target.errors);
    super::kernel::with_exact!(numbers, numbers => {
        try_rows(target.rows, len, &mut target.out.nulls, faults, |row| {
            let number = super::kernel::Exact::wide(numbers.at(row));
            let ns = decimal::rescale(number, scale, unit(row)?);
            values[row] = ns
                .and_then(|ns| i64::try_from(ns).ok())
                .ok_or(Reason::Overflow)?;
            Ok(())
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_where_they_end() {
        let day = |year, month, day| crate::civil::days_from_civil(year, month, day) * NS_PER_DAY;
        let month = TimeUnit::Month;
        assert_eq!(add(month, 1, day(2025, 1, 31)), Ok(day(2025, 2, 28)));
        assert_eq!(add(month, -13, day(2025, 3, 31)), Ok(day(2024, 2, 29)));
        assert_eq!(
            add(TimeUnit::Year, 300, day(2025, 1, 1)),
            Err(Reason::Overflow)
        );
        assert_eq!(elapsed(month, day(2025, 1, 31), day(2025, 2, 28)), Ok(1));
        assert_eq!(elapsed(month, day(2025, 1, 15), day(2025, 2, 14)), Ok(0));
        assert_eq!(elapsed(month, day(2025, 2, 14), day(2024, 1, 15)), Ok(-12));
        assert_eq!(
            number_of(TimeUnit::Week, day(2025, 1, 6)),
            number_of(TimeUnit::Week, day(2025, 1, 12))
        );
    }
}
