//! Which windows an event time falls into, and when each is final.
//!
//! Times that fall into the same windows make a *pane*: the stretch between two bounds of windows that follow each
//! other. A tumbling window is its own pane. Hopping windows cut time where one starts and where one ends:
//!
//! ```text
//! size 5, slide 2    [0 . . . . 5)
//!                        [2 . . . . 7)
//!                            [4 . . . . 9)
//! panes              |-- |-- |-|-|-|-|-|       4..5 ends where the first window ends, 5..6 where the next starts
//! ```
//!
//! Cumulating windows of one size share their start; their panes are the steps. What is said here of a session is of
//! the one that a row would begin alone.

use super::days::Days;
use super::overlapping::Overlapping;
use crate::plan::WindowPlan;

/// A window `[start, end)` of event time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First nanosecond.
    pub start: i64,
    /// Behind the last nanosecond.
    pub end: i64,
}

impl Window {
    /// The one window of a plan without windows.
    pub const ALL: Self = Self {
        start: i64::MIN,
        end: i64::MAX,
    };

    /// Whether `time` lies in it.
    #[inline(always)]
    pub const fn contains(self, time: i64) -> bool {
        self.start <= time && time < self.end
    }
}

/// The windows that hold one pane, by rising end; none in a gap between windows.
#[derive(Clone, Copy, Debug)]
pub struct Covering<'a> {
    next: Option<Window>,
    last_end: i64,
    step: Step<'a>,
}

/// From a window to the one that ends next.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    /// The end moves by the stride, and the start with it where it `moves`.
    Even { stride: i64, moves: bool },
    /// To the end of another part.
    Zoned(&'a Overlapping),
}

impl Iterator for Covering<'_> {
    type Item = Window;

    fn next(&mut self) -> Option<Window> {
        let window = self.next?;
        self.next = match (window.end < self.last_end, self.step) {
            (false, _) => None,
            (true, Step::Even { stride, moves }) => Some(Window {
                start: window.start + if moves { stride } else { 0 },
                end: window.end + stride,
            }),
            (true, Step::Zoned(windows)) => windows.ending_behind(window.end),
        };
        Some(window)
    }
}

/// Assigns windows to event times and watermarks to windows.
#[derive(Clone, Debug)]
pub struct WindowAssigner {
    plan: WindowPlan,
    /// The calendar of `plan`, if it has one.
    days: Option<Box<Days>>,
    /// The windows of `plan`, or of those whose results it takes, where they overlap by a calendar.
    overlapping: Option<Box<Overlapping>>,
    allowed_ns: i64,
    retention_ns: i64,
}

impl WindowAssigner {
    /// Windows of `plan` that stay open for `allowed_ns` past their end, and are kept `retention_ns` longer.
    pub fn new(plan: &WindowPlan, allowed_ns: i64, retention_ns: i64) -> Self {
        Self {
            plan: plan.clone(),
            days: match plan {
                WindowPlan::Days(plan) => Some(Box::new(Days::new(plan))),
                _ => None,
            },
            overlapping: match plan.made_by() {
                WindowPlan::Overlapping(plan) => Some(Box::new(Overlapping::new(plan))),
                _ => None,
            },
            allowed_ns: allowed_ns.max(0),
            retention_ns: retention_ns.max(0),
        }
    }

    /// Whether every pane is one window.
    pub fn is_plain(&self) -> bool {
        self.plan.tumbles()
    }

    /// Whether windows share panes.
    pub fn has_panes(&self) -> bool {
        matches!(
            self.plan,
            WindowPlan::Hop { .. } | WindowPlan::Cumulate { .. } | WindowPlan::Overlapping(_)
        )
    }

    /// Whether there are times that no window holds.
    pub fn has_gaps(&self) -> bool {
        matches!(self.plan, WindowPlan::Hop { size_ns, slide_ns, .. } if size_ns < slide_ns)
    }

    /// The windows of a calendar that overlap.
    fn zoned(&self) -> &Overlapping {
        let overlapping = self.overlapping.as_ref();
        overlapping.expect("they were made with the plan")
    }

    /// At least the most windows that hold one time.
    pub fn windows_max(&self) -> u32 {
        let count = match &self.plan {
            WindowPlan::Overlapping(_) => return self.zoned().windows_max(),
            WindowPlan::Hop {
                size_ns, slide_ns, ..
            } => size_ns.max(&1).div_euclid(*slide_ns.max(&1)) + 1,
            WindowPlan::Cumulate {
                size_ns, step_ns, ..
            } => size_ns.max(&1).div_euclid(*step_ns.max(&1)),
            WindowPlan::Tumble { .. }
            | WindowPlan::Made(_)
            | WindowPlan::Session { .. }
            | WindowPlan::Bars(_)
            | WindowPlan::Days(_) => 1,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The ordinal of a row that `window` fires for a group whose first row has `ordinal`: the rows of one record in
    /// several windows differ by it.
    pub fn ordinal_of(&self, window: Window, ordinal: u32) -> u32 {
        let windows = self.windows_max();
        let of_stride =
            |stride| window.end.div_euclid(stride).rem_euclid(i64::from(windows)) as u32;
        let number = match &self.plan {
            WindowPlan::Hop { slide_ns, .. } => of_stride(*slide_ns),
            WindowPlan::Cumulate { step_ns, .. } => of_stride(*step_ns),
            WindowPlan::Overlapping(_) => self.zoned().number_of(window),
            _ => return ordinal,
        };
        ordinal.saturating_mul(windows).saturating_add(number)
    }

    /// The pane of `time`; `None` when the bounds of its windows, or the watermarks that close them, are no event
    /// times.
    pub fn pane_of(&self, time: i64) -> Option<Window> {
        let pane = match &self.plan {
            WindowPlan::Tumble { size_ns, offset_ns } => {
                return self.tumble_of(time, *size_ns, *offset_ns);
            }
            WindowPlan::Hop {
                size_ns,
                slide_ns,
                offset_ns,
            } => {
                let start = floor(time, *slide_ns, *offset_ns)?;
                let end = floor(time, *slide_ns, end_offset(*size_ns, *slide_ns, *offset_ns))?;
                // The first window ends a slide behind `end`, the last starts at `start`.
                end.checked_add(*slide_ns)?.checked_sub(*size_ns)?;
                Window {
                    start: start.max(end),
                    end: start.min(end).checked_add(*slide_ns)?,
                }
            }
            WindowPlan::Cumulate {
                size_ns,
                step_ns,
                offset_ns,
            } => {
                let base = floor(time, *size_ns, *offset_ns)?;
                base.checked_add(*size_ns)?;
                let start = time - time.checked_sub(base)? % step_ns;
                Window {
                    start,
                    end: start + step_ns,
                }
            }
            WindowPlan::Days(_) => self.days.as_ref()?.window_of(time)?,
            WindowPlan::Overlapping(_) => self.zoned().pane_of(time)?,
            WindowPlan::Made(_) => Window {
                start: time,
                end: time.checked_add(1)?,
            },
            WindowPlan::Session { .. } | WindowPlan::Bars(_) => Window {
                start: time,
                end: time.checked_add(1)?,
            },
        };
        let (first, last) = self.bounds_of(pane)?;
        let gone = last
            .end
            .checked_add(self.allowed_ns)?
            .checked_add(self.retention_ns)?;
        (first.start > i64::MIN && gone < i64::MAX).then_some(pane)
    }

    fn tumble_of(&self, time: i64, size_ns: i64, offset_ns: i64) -> Option<Window> {
        let size = size_ns.max(1);
        // One division where the offset is within a window, as nearly always; three wherever it or the time lies.
        let into = match time.checked_sub(offset_ns) {
            Some(time) if (0..size).contains(&offset_ns) => time.rem_euclid(size),
            _ => (time.rem_euclid(size) - offset_ns.rem_euclid(size)).rem_euclid(size),
        };
        let start = time.checked_sub(into)?;
        let end = start.checked_add(size)?;
        let gone = end
            .checked_add(self.allowed_ns)?
            .checked_add(self.retention_ns)?;
        (start > i64::MIN && gone < i64::MAX).then_some(Window { start, end })
    }

    /// The windows that end first and last of those that could hold `pane`: in a gap the last ends before the first.
    fn bounds_of(&self, pane: Window) -> Option<(Window, Window)> {
        let time = pane.start;
        match &self.plan {
            // A row is late for a bar when the watermark has passed its own time.
            WindowPlan::Tumble { .. } | WindowPlan::Bars(_) | WindowPlan::Days(_) => {
                Some((pane, pane))
            }
            // The session that a row would begin alone: the gap's end is part of it.
            WindowPlan::Session { gap_ns, .. } => {
                let end = pane.end.checked_add(*gap_ns)?;
                Some((Window { end, ..pane }, Window { end, ..pane }))
            }
            WindowPlan::Hop {
                size_ns,
                slide_ns,
                offset_ns,
            } => {
                let of_end = |end: i64| {
                    let start = end.checked_sub(*size_ns)?;
                    Some(Window { start, end })
                };
                let end = floor(time, *slide_ns, end_offset(*size_ns, *slide_ns, *offset_ns))?;
                let start = floor(time, *slide_ns, *offset_ns)?;
                let last = of_end(start.checked_add(*size_ns)?)?;
                Some((of_end(end.checked_add(*slide_ns)?)?, last))
            }
            WindowPlan::Cumulate {
                size_ns, offset_ns, ..
            } => {
                let start = floor(time, *size_ns, *offset_ns)?;
                let last = Window {
                    start,
                    end: start.checked_add(*size_ns)?,
                };
                Some((Window { start, ..pane }, last))
            }
            WindowPlan::Overlapping(_) => self.zoned().bounds_of(pane),
            WindowPlan::Made(by) => {
                let end = pane.end;
                let start = match &**by {
                    WindowPlan::Overlapping(_) => self.zoned().ending_behind(time)?.start,
                    WindowPlan::Hop { size_ns, .. } | WindowPlan::Tumble { size_ns, .. } => {
                        end.checked_sub(*size_ns)?
                    }
                    WindowPlan::Cumulate {
                        size_ns, offset_ns, ..
                    } => floor(time, *size_ns, *offset_ns)?,
                    WindowPlan::Session { .. } | WindowPlan::Bars(_) => time,
                    WindowPlan::Made(_) | WindowPlan::Days(_) => return None,
                };
                let window = Window { start, end };
                Some((window, window))
            }
        }
    }

    /// The windows that hold `pane`, which [`Self::pane_of`] gave.
    pub fn covering(&self, pane: Window) -> Covering<'_> {
        let even = |stride: &i64, moves| Step::Even {
            stride: *stride,
            moves,
        };
        let step = match &self.plan {
            WindowPlan::Hop { slide_ns, .. } => even(slide_ns, true),
            WindowPlan::Cumulate { step_ns, .. } => even(step_ns, false),
            WindowPlan::Overlapping(_) => Step::Zoned(self.zoned()),
            _ => even(&1, true),
        };
        let bounds = self.bounds_of(pane);
        let (first, last) = bounds.expect("a pane's windows were looked at when it was made");
        Covering {
            next: (first.end <= last.end).then_some(first),
            last_end: last.end,
            step,
        }
    }

    /// The window that ends next behind `end`, where one does; `None` out of range.
    pub fn next_window(&self, end: i64) -> Option<Window> {
        match &self.plan {
            // One may begin behind a gap.
            WindowPlan::Hop {
                size_ns,
                slide_ns,
                offset_ns,
            } => {
                let before = floor(end, *slide_ns, end_offset(*size_ns, *slide_ns, *offset_ns))?;
                let end = before.checked_add(*slide_ns)?;
                let start = end.checked_sub(*size_ns)?;
                Some(Window { start, end })
            }
            _ => self.covering_from(self.pane_of(end)?, end).next(),
        }
    }

    /// Of the windows that hold `time`, the one that ends last.
    pub fn last_window(&self, time: i64) -> Option<Window> {
        let (_, last) = self.bounds_of(self.pane_of(time)?)?;
        Some(last)
    }

    /// Whether `window` is one of those that hold `pane`.
    pub fn holds(&self, window: Window, pane: Window) -> bool {
        match self.plan {
            WindowPlan::Made(_) => window.end == pane.end,
            _ => window.start <= pane.start && pane.end <= window.end,
        }
    }

    /// The windows of `pane` that end behind `end`.
    pub fn covering_from(&self, pane: Window, end: i64) -> Covering<'_> {
        let mut covering = self.covering(pane);
        let Some(first) = covering.next.filter(|first| first.end <= end) else {
            return covering;
        };
        covering.next = match covering.step {
            Step::Even { stride, moves } => {
                // Both are event times; their distance may not be one.
                let behind = (i128::from(end) - i128::from(first.end)) / i128::from(stride) + 1;
                let next = i128::from(first.end) + behind * i128::from(stride);
                (next <= i128::from(covering.last_end)).then(|| {
                    let moved = next as i64 - first.end;
                    Window {
                        start: first.start + if moves { moved } else { 0 },
                        end: next as i64,
                    }
                })
            }
            Step::Zoned(_) if covering.last_end <= end => None,
            Step::Zoned(windows) => windows.ending_behind(end),
        };
        covering
    }

    /// The least watermark at which `window` is final.
    #[inline]
    pub fn final_at(&self, window: Window) -> i64 {
        window.end.saturating_add(self.allowed_ns)
    }

    /// The least watermark at which `window` is forgotten.
    #[inline]
    pub fn gone_at(&self, window: Window) -> i64 {
        self.final_at(window).saturating_add(self.retention_ns)
    }

    /// The end up to which windows are final at `watermark`.
    pub fn final_end(&self, watermark: i64) -> i64 {
        watermark.saturating_sub(self.allowed_ns)
    }

    /// The least watermarks at which the first window of `pane` and the last are forgotten.
    pub fn pane_gone_at(&self, pane: Window) -> (i64, i64) {
        if self.is_plain() {
            let gone_at = self.gone_at(pane);
            return (gone_at, gone_at);
        }
        match self.bounds_of(pane) {
            Some((first, last)) if first.end <= last.end => {
                (self.gone_at(first), self.gone_at(last))
            }
            _ => (i64::MIN, i64::MIN),
        }
    }
}

/// Where windows end, modulo the slide.
fn end_offset(size_ns: i64, slide_ns: i64, offset_ns: i64) -> i64 {
    (size_ns.rem_euclid(slide_ns) + offset_ns.rem_euclid(slide_ns) - slide_ns).rem_euclid(slide_ns)
}

/// The greatest time that is `offset` modulo `period` and not behind `time`.
fn floor(time: i64, period: i64, offset: i64) -> Option<i64> {
    let into = (time.rem_euclid(period) - offset.rem_euclid(period)).rem_euclid(period);
    time.checked_sub(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_aligned_and_extremes_are_refused() {
        for (size, offset) in [(10, 0), (10, 3), (7, 6), (1, 0), (i64::MAX / 2, 5)] {
            let plan = WindowPlan::Tumble {
                size_ns: size,
                offset_ns: offset,
            };
            let assigner = WindowAssigner::new(&plan, 0, 0);
            for time in (-50..50).chain([1 << 60, -(1 << 60)]) {
                let Some(window) = assigner.pane_of(time) else {
                    assert!(size > 1 << 60);
                    continue;
                };
                assert!(window.contains(time));
                assert_eq!(window.end - window.start, size);
                let aligned = i128::from(window.start) - i128::from(offset);
                assert_eq!(aligned.rem_euclid(i128::from(size)), 0);
                assert_eq!(assigner.covering(window).collect::<Vec<_>>(), [window]);
            }
            for time in [i64::MIN, i64::MAX] {
                assert_eq!(assigner.pane_of(time), None);
            }
        }
    }

    #[test]
    fn a_window_that_could_never_close_is_refused() {
        let plan = WindowPlan::Tumble {
            size_ns: 10,
            offset_ns: 0,
        };
        let assigner = WindowAssigner::new(&plan, i64::MAX - 100, 50);
        assert_eq!(assigner.pane_of(60), None);
        let window = assigner.pane_of(35).expect("closes in time");
        assert_eq!(assigner.gone_at(window), i64::MAX - 10);
    }

    /// All windows that hold `time`, by rising end, found by trying.
    fn tried(plan: &WindowPlan, time: i64) -> Vec<Window> {
        let mut windows = Vec::new();
        for end in time + 1..time + 40 {
            for start in time - 40..=time {
                let is = match *plan {
                    WindowPlan::Hop {
                        size_ns,
                        slide_ns,
                        offset_ns,
                    } => end - start == size_ns && (start - offset_ns).rem_euclid(slide_ns) == 0,
                    WindowPlan::Cumulate {
                        size_ns,
                        step_ns,
                        offset_ns,
                    } => {
                        (start - offset_ns).rem_euclid(size_ns) == 0
                            && end - start <= size_ns
                            && (end - start) % step_ns == 0
                    }
                    _ => unreachable!("not tried"),
                };
                if is {
                    windows.push(Window { start, end });
                }
            }
        }
        windows
    }

    #[test]
    fn panes_are_the_times_that_share_their_windows() {
        let mut plans = Vec::new();
        for (size_ns, slide_ns) in [(10, 1), (10, 3), (5, 2), (4, 4), (3, 10), (7, 5), (1, 1)] {
            for offset_ns in [0, 1, 6] {
                plans.push(WindowPlan::Hop {
                    size_ns,
                    slide_ns,
                    offset_ns: offset_ns % slide_ns,
                });
            }
        }
        for (size_ns, step_ns) in [(12, 3), (10, 10), (6, 1)] {
            plans.push(WindowPlan::Cumulate {
                size_ns,
                step_ns,
                offset_ns: 2,
            });
        }
        for plan in plans {
            let assigner = WindowAssigner::new(&plan, 0, 0);
            for time in -30..30 {
                let pane = assigner.pane_of(time).expect("far from the ends of time");
                assert!(pane.contains(time), "{plan:?} {time} {pane:?}");
                let windows: Vec<_> = assigner.covering(pane).collect();
                assert_eq!(windows, tried(&plan, time), "{plan:?} {time}");
                assert!(windows.len() <= assigner.windows_max() as usize);
                for inside in pane.start..pane.end {
                    assert_eq!(assigner.pane_of(inside), Some(pane), "{plan:?} {inside}");
                }
                for end in time - 3..time + 30 {
                    let from: Vec<_> = assigner.covering_from(pane, end).collect();
                    let expected = windows.iter().filter(|window| window.end > end);
                    assert!(expected.eq(&from), "{plan:?} {time} {end}");
                }
            }
            for time in [i64::MIN, i64::MAX] {
                assert_eq!(assigner.pane_of(time), None, "{plan:?} {time}");
            }
        }
    }

    #[test]
    fn a_row_of_a_window_finds_the_window_that_made_it() {
        let hop = WindowPlan::Hop {
            size_ns: 10,
            slide_ns: 3,
            offset_ns: 1,
        };
        let assigner = WindowAssigner::new(&hop, 0, 0);
        let again = WindowAssigner::new(&WindowPlan::Made(Box::new(hop)), 0, 0);
        let pane = assigner.pane_of(14).expect("a pane");
        for window in assigner.covering(pane) {
            let row = again.pane_of(window.end - 1).expect("a pane");
            assert_eq!(again.covering(row).collect::<Vec<_>>(), [window]);
        }
    }
}
