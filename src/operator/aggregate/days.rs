//! Windows of whole days of a time zone: as long as the clocks there make them.
//!
//! A bound is the instant at which clocks there show a day's hour, the first of two, and the end of the gap where they
//! skip it. Between bounds that follow each other lies a window, so that every instant is in one. The window found
//! last is kept: a zone is asked once for each window that times come to, not for each row.

use super::window::Window;
use crate::civil::zone::Zone;
use crate::plan::DaysPlan;
use crate::time::NS_PER_DAY;
use std::cell::Cell;

/// Finds the days that times lie in.
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
    /// The days of `plan`.
    ///
    /// # Panics
    /// When there is no such zone.
    pub fn new(plan: &DaysPlan) -> Self {
        Self {
            zone: Zone::get(&plan.zone).expect("the planner knows the zone"),
            size_ns: plan.days.saturating_mul(NS_PER_DAY),
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
        let shown = self.zone.to_local(time)?;
        let into = shown.checked_sub(self.offset_ns)?.rem_euclid(self.size_ns);
        let mut start = shown.checked_sub(into)?;
        // Clocks that were put back show times of the day before, or those before the bound, a second time.
        while self.zone.from_local(start)? > time {
            start = start.checked_sub(self.size_ns)?;
        }
        let mut end = start.checked_add(self.size_ns)?;
        while self.zone.from_local(end)? <= time {
            start = end;
            end = end.checked_add(self.size_ns)?;
        }
        let window = Window {
            start: self.zone.from_local(start)?,
            end: self.zone.from_local(end)?,
        };
        self.recent.set(window);
        Some(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::parse_timestamp;
    use crate::plan::TimestampFormat;

    fn at(text: &str) -> i64 {
        parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).expect("a timestamp")
    }

    #[test]
    fn windows_follow_one_another_and_hold_their_times() {
        let hour = NS_PER_DAY / 24;
        for (zone, days, offset_ns) in [
            ("America/New_York", 1, 0),
            ("America/New_York", 1, 9 * hour + hour / 2),
            // The hours that come twice, and do not come.
            ("America/New_York", 1, hour + hour / 2),
            ("America/New_York", 1, 2 * hour + hour / 2),
            ("America/Sao_Paulo", 1, 0),
            ("Asia/Kolkata", 7, hour),
            ("Australia/Lord_Howe", 1, 2 * hour),
            // A day that does not come.
            ("Pacific/Apia", 1, 0),
        ] {
            let plan = DaysPlan {
                zone: zone.to_owned(),
                days,
                offset_ns,
            };
            for from in [
                "2011-12-25 00:00:00",
                "2018-10-30 00:00:00",
                "2025-03-05 00:00:00",
            ] {
                let mut end = None;
                for step in 0..24 * 2 * 20 {
                    let time = at(from) + step * hour / 2;
                    let window = Days::new(&plan).window_of(time).expect("a day");
                    assert!(window.contains(time), "{zone} {offset_ns} {time}");
                    if let Some(end) = end.filter(|&end| end <= time) {
                        assert_eq!(window.start, end, "{zone} {offset_ns} {time}");
                    }
                    end = Some(window.end);
                    for inside in [window.start, window.end - 1] {
                        assert_eq!(Days::new(&plan).window_of(inside), Some(window), "{zone}");
                    }
                }
            }
        }
    }

    #[test]
    fn days_have_the_hours_of_their_clocks() {
        let plan = DaysPlan {
            zone: "America/New_York".to_owned(),
            days: 1,
            offset_ns: 34_200_000_000_000,
        };
        let days = Days::new(&plan);
        let hours = |text: &str| {
            let window = days.window_of(at(text)).expect("a day");
            (window.end - window.start) / 3_600_000_000_000
        };
        assert_eq!(hours("2025-03-08 20:00:00"), 23);
        assert_eq!(hours("2025-03-09 20:00:00"), 24);
        assert_eq!(hours("2025-11-01 20:00:00"), 25);
        assert_eq!(days.window_of(i64::MIN), None);
        assert_eq!(days.window_of(i64::MAX), None);
    }
}
