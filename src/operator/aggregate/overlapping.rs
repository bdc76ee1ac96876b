//! Hopping and cumulating windows by the clocks of a time zone: each is some parts in a row, whole days or parts of a
//! day as `days` finds them.
//!
//! ```text
//! clocks put back 02:00 -> 01:00        00:00  01:00  01:00  02:00  03:00
//! hop of two hours by one               [-------------)
//!                                              [-------------)             every two hours that follow each other
//!                                                     [-------------)
//! cumulate a day by hours               [------)
//!                                       [-------------)
//!                                       [--------------------)            25 windows on that day, 23 in spring
//! ```
//!
//! So a window of several hours is as long on every day, and one of several days has the hours of its days. Panes
//! are the parts, of cumulating windows cut where a whole begins: that can lie within a part where clocks skip its
//! hour.
//!
//! Bounds are looked up in a row of those found last, which moves along with time.

use super::days::Days;
use super::window::Window;
use crate::plan::{DaysPlan, OverlappingPlan, Reach};
use crate::time::{NS_PER_DAY, gcd};
use std::cell::RefCell;
use std::collections::VecDeque;

/// Bounds that a time may lie behind the row of those known, to be reached from it.
const STEPS_MAX: usize = 4;

/// A minute: clocks have been changed by whole ones since 1972, and at them.
const MINUTE_NS: u64 = (NS_PER_DAY / (24 * 60)) as u64;

/// Finds windows of a zone that overlap.
#[derive(Clone, Debug)]
pub(super) struct Overlapping {
    // Fixed at construction.
    parts: Days,
    reach: Of,
    /// Numbers that windows of one pane differ by, and the time in which they rise by one.
    numbers: (u32, i64),
    // State.
    /// Bounds of parts that follow one another.
    known: RefCell<VecDeque<i64>>,
}

/// What a window is of.
#[derive(Clone, Debug)]
enum Of {
    /// So many parts.
    Parts(i32),
    /// The parts since this began.
    Whole(Days),
}

impl Overlapping {
    /// The windows of `plan`.
    ///
    /// # Panics
    /// When there is no such zone.
    pub fn new(plan: &OverlappingPlan) -> Self {
        let (reach, size_ns) = match &plan.reach {
            Reach::Parts(count) => {
                let size_ns = plan.parts.size_ns.saturating_mul(i64::from(*count));
                (Of::Parts(*count as i32), size_ns)
            }
            Reach::Since(whole) => (Of::Whole(Days::new(whole)), whole.size_ns),
        };
        Self {
            parts: Days::new(&plan.parts),
            reach,
            numbers: numbers(&plan.parts, size_ns),
            known: RefCell::new(VecDeque::new()),
        }
    }

    /// More than the windows that hold one time.
    pub fn windows_max(&self) -> u32 {
        self.numbers.0
    }

    /// What tells a window from the others of one pane, below [`windows_max`](Self::windows_max).
    pub fn number_of(&self, window: Window) -> u32 {
        let (numbers, unit_ns) = self.numbers;
        window
            .end
            .div_euclid(unit_ns)
            .rem_euclid(i64::from(numbers)) as u32
    }

    /// The pane that holds `time`; `None` when a bound is out of range.
    pub fn pane_of(&self, time: i64) -> Option<Window> {
        let (start, end) = (self.bound(time, 0)?, self.bound(time, 1)?);
        Some(match &self.reach {
            Of::Parts(_) => Window { start, end },
            Of::Whole(whole) => {
                let whole = whole.window_of(time)?;
                Window {
                    start: start.max(whole.start),
                    end: end.min(whole.end),
                }
            }
        })
    }

    /// The windows that hold `pane` and end first and last.
    pub fn bounds_of(&self, pane: Window) -> Option<(Window, Window)> {
        let first = self.ending_with(pane)?;
        let last = match &self.reach {
            Of::Parts(count) => Window {
                start: pane.start,
                end: self.bound(pane.start, *count)?,
            },
            Of::Whole(whole) => whole.window_of(pane.start)?,
        };
        Some((first, last))
    }

    /// The window that ends where `pane` does.
    pub fn ending_with(&self, pane: Window) -> Option<Window> {
        let start = match &self.reach {
            Of::Parts(count) => self.bound(pane.start, 1 - count)?,
            Of::Whole(whole) => whole.window_of(pane.start)?.start,
        };
        let end = pane.end;
        Some(Window { start, end })
    }

    /// The window that ends next behind `time`.
    pub fn ending_behind(&self, time: i64) -> Option<Window> {
        self.ending_with(self.pane_of(time)?)
    }

    /// The bound `steps` behind the one that `time` is of.
    fn bound(&self, time: i64, steps: i32) -> Option<i64> {
        let mut known = self.known.borrow_mut();
        self.reach_for(&mut known, time)?;
        let mut at = known.partition_point(|&bound| bound <= time) as i64 - 1 + i64::from(steps);
        while at < 0 {
            let first = *known.front()?;
            known.push_front(self.parts.window_of(first.checked_sub(1)?)?.start);
            at += 1;
        }
        while known.len() as i64 <= at {
            let last = *known.back()?;
            known.push_back(self.parts.window_of(last)?.end);
        }
        let bound = known[at as usize];
        self.forget(&mut known);
        Some(bound)
    }

    /// Brings `time` between two of the known bounds.
    fn reach_for(&self, known: &mut VecDeque<i64>, time: i64) -> Option<()> {
        for _ in 0..STEPS_MAX {
            match known.back() {
                Some(&last) if last <= time => known.push_back(self.parts.window_of(last)?.end),
                _ => break,
            }
        }
        let holds = known.front().is_some_and(|&first| first <= time)
            && known.back().is_some_and(|&last| time < last);
        if !holds {
            known.clear();
            let part = self.parts.window_of(time)?;
            known.extend([part.start, part.end]);
        }
        Some(())
    }

    /// Lets go of the oldest bounds when there are many.
    fn forget(&self, known: &mut VecDeque<i64>) {
        let most = match self.reach {
            Of::Parts(count) => 4 * count as usize + STEPS_MAX,
            Of::Whole(_) => 2 * STEPS_MAX,
        };
        while known.len() > most {
            known.pop_front();
        }
    }
}

/// How many numbers windows of one pane differ by, and the time in which they rise by one. That is no longer than lies
/// between two ends, and windows of one time end within a day more than their size: each has a number of its own.
fn numbers(parts: &DaysPlan, size_ns: i64) -> (u32, i64) {
    let unit_ns = [parts.size_ns, parts.offset_ns]
        .into_iter()
        .fold(MINUTE_NS, |unit, length| gcd(unit, length.unsigned_abs()));
    let ends_within = size_ns.saturating_add(NS_PER_DAY).unsigned_abs();
    let numbers = ends_within / unit_ns + 1;
    (u32::try_from(numbers).unwrap_or(u32::MAX), unit_ns as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::parse_timestamp;
    use crate::operator::aggregate::window::WindowAssigner;
    use crate::plan::{TimestampFormat, WindowPlan};

    const HOUR: i64 = NS_PER_DAY / 24;

    fn at(text: &str) -> i64 {
        parse_timestamp(text.as_bytes(), &TimestampFormat::Iso).expect("a timestamp")
    }

    fn parts(zone: &str, size_ns: i64, offset_ns: i64) -> DaysPlan {
        DaysPlan {
            zone: zone.to_owned(),
            size_ns,
            offset_ns,
        }
    }

    fn hop(zone: &str, slide_ns: i64, count: u32, offset_ns: i64) -> WindowPlan {
        WindowPlan::Overlapping(OverlappingPlan {
            parts: parts(zone, slide_ns, offset_ns),
            reach: Reach::Parts(count),
        })
    }

    fn cumulate(zone: &str, step_ns: i64, size_ns: i64, offset_ns: i64) -> WindowPlan {
        WindowPlan::Overlapping(OverlappingPlan {
            parts: parts(zone, step_ns, offset_ns % step_ns),
            reach: Reach::Since(parts(zone, size_ns, offset_ns)),
        })
    }

    /// Hours of the windows that hold a time.
    fn hours(plan: &WindowPlan, time: &str) -> Vec<i64> {
        let assigner = WindowAssigner::new(plan, 0, 0);
        let pane = assigner.pane_of(at(time)).expect("a pane");
        let windows = assigner.covering(pane);
        windows.map(|it| (it.end - it.start) / HOUR).collect()
    }

    #[test]
    fn windows_are_parts_in_a_row() {
        let zone = "America/New_York";
        assert_eq!(hours(&hop(zone, HOUR, 3, 0), "2025-11-02 05:30:00"), [3; 3]);
        assert_eq!(hours(&hop(zone, HOUR, 3, 0), "2025-03-09 07:30:00"), [3; 3]);
        let days = hop(zone, NS_PER_DAY, 2, 0);
        assert_eq!(hours(&days, "2025-03-09 20:00:00"), [47, 47]);
        assert_eq!(hours(&days, "2025-11-01 20:00:00"), [48, 49]);
        let spring = hours(&cumulate(zone, HOUR, NS_PER_DAY, 0), "2025-03-09 05:30:00");
        assert_eq!(spring, (1..=23).collect::<Vec<_>>());
        let autumn = hours(&cumulate(zone, HOUR, NS_PER_DAY, 0), "2025-11-03 03:30:00");
        assert_eq!(autumn, [24, 25]);
    }

    /// Panes tile time, share their windows, and every window is found again by its end.
    #[test]
    fn panes_are_the_times_that_share_their_windows() {
        let mut plans = Vec::new();
        for zone in ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia"] {
            plans.push(hop(zone, HOUR, 5, HOUR / 2));
            plans.push(hop(zone, 6 * HOUR, 4, HOUR));
            plans.push(hop(zone, NS_PER_DAY, 3, 2 * HOUR + HOUR / 2));
            plans.push(cumulate(zone, 2 * HOUR, NS_PER_DAY, 2 * HOUR + HOUR / 2));
            plans.push(cumulate(zone, HOUR, 6 * HOUR, 0));
            plans.push(cumulate(zone, NS_PER_DAY, 7 * NS_PER_DAY, 9 * HOUR));
        }
        for plan in plans {
            let assigner = WindowAssigner::new(&plan, 0, 0);
            let made = WindowAssigner::new(&WindowPlan::Made(Box::new(plan.clone())), 0, 0);
            for from in [
                "2011-12-28 00:00:00",
                "2025-03-07 00:00:00",
                "2025-10-31 00:00:00",
            ] {
                let mut time = at(from);
                while time < at(from) + 5 * NS_PER_DAY {
                    let pane = assigner.pane_of(time).expect("a pane");
                    // Asked of anew, without what was found before.
                    let anew = WindowAssigner::new(&plan, 0, 0);
                    assert_eq!(anew.pane_of(pane.end - 1), Some(pane), "{plan:?}");
                    let windows: Vec<_> = assigner.covering(pane).collect();
                    assert!(windows.is_sorted_by(|a, b| a.end < b.end), "{plan:?}");
                    let mut numbers = Vec::new();
                    for (at, &window) in windows.iter().enumerate() {
                        assert!(assigner.holds(window, pane), "{plan:?} {window:?}");
                        let from: Vec<_> = assigner.covering_from(pane, window.end).collect();
                        assert_eq!(from, windows[at + 1..], "{plan:?}");
                        let row = made.pane_of(window.end - 1).expect("a row of it");
                        assert_eq!(made.covering(row).collect::<Vec<_>>(), [window]);
                        numbers.push(assigner.ordinal_of(window, 0));
                    }
                    numbers.sort_unstable();
                    numbers.dedup();
                    assert_eq!(numbers.len(), windows.len(), "{plan:?}");
                    assert!(windows.len() <= assigner.windows_max() as usize);
                    time = pane.end;
                }
            }
            assert_eq!(assigner.pane_of(i64::MIN), None);
            assert_eq!(assigner.pane_of(i64::MAX), None);
        }
    }
}
