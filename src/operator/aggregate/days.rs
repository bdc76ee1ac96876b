//! Windows by the clocks of a time zone: whole days, as long as the clocks there make them, and equal parts of a day.
//!
//! A bound of days is the instant at which clocks there show a day's hour, the first of two; a day that clocks skip it
//! on begins as far behind the gap as the hour lies in it. Between bounds that follow each other lies a window, so that
//! every instant is in one.
//!
//! Parts of a day begin whenever clocks show one of their bounds, and where clocks skip one or more, at the end of the gap:
//!
//! ```text
//! clocks put forward 02:00 -> 03:00     00:00  01:00  03:00  04:00     hours: there is none of 02:00
//!                                       00:00         03:00  04:00     of two: 00:00 .. 03:00 is two hours long
//! clocks put back    02:00 -> 01:00     00:00  01:00  01:00  02:00     hours: that of 01:00 comes twice
//!                                       00:00                02:00     of two: 00:00 .. 02:00 is three hours long
//! ```
//!
//! The window found last is kept: a zone is asked once for each window that times come to, not for each row.

use super::window::Window;
use crate::civil::zone::Zone;
use crate::plan::DaysPlan;
use crate::time::NS_PER_DAY;
use std::cell::Cell;

/// Finds the days that times lie in, or the parts of days.
#[derive(Clone, Debug)]
pub(super) struct Days {
    // Fixed at construction.
    zone: Zone,
    size_ns: i64,
    offset_ns: i64,
    // State.
    recent: Cell<Window>,
}

impl Days {
    /// The windows of `plan`.
    ///
    /// # Panics
    /// When there is no such zone.
    pub fn new(plan: &DaysPlan) -> Self {
        Self {
            zone: Zone::get(&plan.zone).expect("the planner knows the zone"),
            size_ns: plan.size_ns,
            offset_ns: plan.offset_ns,
            recent: Cell::new(Window { start: 0, end: 0 }),
        }
    }

    /// The window that holds `time`; `None` when a bound is out of range.
    pub fn window_of(&self, time: i64) -> Option<Window> {
        let recent = self.recent.get();
        if recent.contains(time) {
            return Some(recent);
        }
        let window = match self.size_ns < NS_PER_DAY {
            true => Window {
                start: self.last_bound(time)?,
                end: self.next_bound(time)?,
            },
            false => self.days_of(time)?,
        };
        self.recent.set(window);
        Some(window)
    }

    /// How far a clock that shows `shown` is behind the bound it showed last.
    fn into(&self, shown: i64) -> Option<i64> {
        let from_bound = shown.checked_sub(self.offset_ns)?;
        Some(from_bound.rem_euclid(self.size_ns))
    }

    fn days_of(&self, time: i64) -> Option<Window> {
        let shown = self.zone.to_local(time)?;
        let mut start = shown.checked_sub(self.into(shown)?)?;
        // Clocks that were put back show times of the day before, or those before the bound, a second time.
        while self.zone.from_local(start)? > time {
            start = start.checked_sub(self.size_ns)?;
        }
        let mut end = start.checked_add(self.size_ns)?;
        while self.zone.from_local(end)? <= time {
            start = end;
            end = end.checked_add(self.size_ns)?;
        }
        Some(Window {
            start: self.zone.from_local(start)?,
            end: self.zone.from_local(end)?,
        })
    }

    /// The last instant up to `time` at which a part of a day begins.
    fn last_bound(&self, mut time: i64) -> Option<i64> {
        loop {
            let stretch = self.zone.stretch(time)?;
            let shown = time.checked_add(stretch.ahead_ns)?;
            let bound = time.checked_sub(self.into(shown)?)?;
            match stretch.since {
                Some(since) if bound < since => {
                    if self.begins(since)? {
                        return Some(since);
                    }
                    time = since.checked_sub(1)?;
                }
                _ => return Some(bound),
            }
        }
    }

    /// The first instant behind `time` at which a part of a day begins.
    fn next_bound(&self, mut time: i64) -> Option<i64> {
        loop {
            let stretch = self.zone.stretch(time)?;
            let shown = time.checked_add(stretch.ahead_ns)?;
            let bound = time.checked_add(self.size_ns - self.into(shown)?)?;
            match stretch.until {
                Some(until) if until <= bound => {
                    if self.begins(until)? {
                        return Some(until);
                    }
                    time = until;
                }
                _ => return Some(bound),
            }
        }
    }

    /// Whether a part of a day begins where clocks are changed: they show a bound then, or have skipped one.
    fn begins(&self, change: i64) -> Option<bool> {
        let shown = self.zone.to_local(change)?;
        let before = self.zone.stretch(change.checked_sub(1)?)?.ahead_ns;
        let into = self.into(shown)?;
        Some(into == 0 || change.checked_add(before)? <= shown.checked_sub(into)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::parse_timestamp;
    use crate::plan::TimestampFormat;

    const HOUR: i64 = NS_PER_DAY / 24;

    fn at(text: &str) -> i64 {
        parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).expect("a timestamp")
    }

    fn days(zone: &str, size_ns: i64, offset_ns: i64) -> Days {
        Days::new(&DaysPlan {
            zone: zone.to_owned(),
            size_ns,
            offset_ns,
        })
    }

    #[test]
    fn windows_follow_one_another_and_hold_their_times() {
        for (zone, size_ns, offset_ns) in [
            ("America/New_York", NS_PER_DAY, 0),
            ("America/New_York", NS_PER_DAY, 9 * HOUR + HOUR / 2),
            // The hours that come twice, and do not come.
            ("America/New_York", NS_PER_DAY, HOUR + HOUR / 2),
            ("America/New_York", NS_PER_DAY, 2 * HOUR + HOUR / 2),
            ("America/Sao_Paulo", NS_PER_DAY, 0),
            ("Asia/Kolkata", 7 * NS_PER_DAY, HOUR),
            ("Australia/Lord_Howe", NS_PER_DAY, 2 * HOUR),
            // A day that does not come.
            ("Pacific/Apia", NS_PER_DAY, 0),
            // Parts of days.
            ("America/New_York", HOUR, 0),
            ("America/New_York", 4 * HOUR, HOUR / 2),
            ("America/New_York", 3 * HOUR / 2, 0),
            ("Australia/Lord_Howe", HOUR, 0),
            ("Australia/Lord_Howe", HOUR / 4, HOUR / 8),
            ("America/Sao_Paulo", 12 * HOUR, 0),
            ("Pacific/Apia", 6 * HOUR, HOUR),
        ] {
            for from in [
                "2011-12-25 00:00:00",
                "2018-10-30 00:00:00",
                "2025-03-05 00:00:00",
                "2025-11-01 00:00:00",
            ] {
                let mut end = None;
                for step in 0..24 * 2 * 20 {
                    let time = at(from) + step * HOUR / 2;
                    let window = days(zone, size_ns, offset_ns).window_of(time);
                    let window = window.expect("a window");
                    assert!(window.contains(time), "{zone} {size_ns} {offset_ns} {time}");
                    if let Some(end) = end.filter(|&end| end <= time && size_ns >= HOUR / 2) {
                        assert_eq!(window.start, end, "{zone} {size_ns} {offset_ns} {time}");
                    }
                    end = Some(window.end);
                    for inside in [window.start, window.end - 1] {
                        let found = days(zone, size_ns, offset_ns).window_of(inside);
                        assert_eq!(found, Some(window), "{zone} {size_ns} {offset_ns}");
                    }
                }
            }
        }
    }

    #[test]
    fn days_have_the_hours_of_their_clocks() {
        let days = days("America/New_York", NS_PER_DAY, 9 * HOUR + HOUR / 2);
        let hours = |text: &str| {
            let window = days.window_of(at(text)).expect("a day");
            (window.end - window.start) / HOUR
        };
        assert_eq!(hours("2025-03-08 20:00:00"), 23);
        assert_eq!(hours("2025-03-09 20:00:00"), 24);
        assert_eq!(hours("2025-11-01 20:00:00"), 25);
        assert_eq!(days.window_of(i64::MIN), None);
        assert_eq!(days.window_of(i64::MAX), None);
    }

    /// The lengths in minutes of the windows that begin within a day there, midnight first.
    fn lengths(size_ns: i64, offset_ns: i64, midnight: &str) -> Vec<i64> {
        let parts = days("America/New_York", size_ns, offset_ns);
        let day = days("America/New_York", NS_PER_DAY, 0);
        let day = day.window_of(at(midnight)).expect("a day");
        let mut lengths = Vec::new();
        let mut time = day.start;
        while time < day.end {
            let window = parts.window_of(time).expect("a part");
            lengths.push((window.end - window.start) / (HOUR / 60));
            time = window.end;
        }
        lengths
    }

    #[test]
    fn hours_that_come_twice_are_two_and_those_that_do_not_come_are_none() {
        let (forward, back) = ("2025-03-09 05:00:00", "2025-11-02 04:00:00");
        assert_eq!(lengths(HOUR, 0, forward), [60; 23]);
        assert_eq!(lengths(HOUR, 0, back), [60; 25]);
        assert_eq!(lengths(HOUR / 2, 0, back).len(), 50);
        let six = [360, 360, 360];
        assert_eq!(lengths(6 * HOUR, 0, forward), [&[300], &six[..]].concat());
        assert_eq!(lengths(6 * HOUR, 0, back), [&[420], &six[..]].concat());
        // 01:30 is shown twice, and 02:00 skipped is 03:00.
        assert_eq!(lengths(3 * HOUR / 2, 0, back)[..4], [90, 60, 90, 90]);
        assert_eq!(lengths(2 * HOUR, 0, forward)[..3], [120, 60, 120]);
        assert_eq!(lengths(2 * HOUR, 0, back)[..2], [180, 120]);
    }
}
