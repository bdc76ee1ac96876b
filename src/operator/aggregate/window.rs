//! Which window an event time falls into, and when that window is final.

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

/// Assigns windows to event times and watermarks to windows.
#[derive(Clone, Debug)]
pub struct WindowAssigner {
    plan: WindowPlan,
    allowed_ns: i64,
    retention_ns: i64,
}

impl WindowAssigner {
    /// Windows of `plan` that stay open for `allowed_ns` past their end, and are kept `retention_ns` longer.
    pub fn new(plan: &WindowPlan, allowed_ns: i64, retention_ns: i64) -> Self {
        Self {
            plan: plan.clone(),
            allowed_ns: allowed_ns.max(0),
            retention_ns: retention_ns.max(0),
        }
    }

    /// The window of `time`; `None` when its bounds, or the watermarks that close it, are no event times.
    pub fn window_of(&self, time: i64) -> Option<Window> {
        let WindowPlan::Tumble { size_ns, offset_ns } = self.plan;
        let size = size_ns.max(1);
        let into = (time.rem_euclid(size) - offset_ns.rem_euclid(size)).rem_euclid(size);
        let start = time.checked_sub(into)?;
        let end = start.checked_add(size)?;
        let gone = end
            .checked_add(self.allowed_ns)?
            .checked_add(self.retention_ns)?;
        (start > i64::MIN && gone < i64::MAX).then_some(Window { start, end })
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
                let Some(window) = assigner.window_of(time) else {
                    assert!(size > 1 << 60);
                    continue;
                };
                assert!(window.contains(time));
                assert_eq!(window.end - window.start, size);
                let aligned = i128::from(window.start) - i128::from(offset);
                assert_eq!(aligned.rem_euclid(i128::from(size)), 0);
            }
            for time in [i64::MIN, i64::MAX] {
                assert_eq!(assigner.window_of(time), None);
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
        assert_eq!(assigner.window_of(60), None);
        let window = assigner.window_of(35).expect("closes in time");
        assert_eq!(assigner.gone_at(window), i64::MAX - 10);
    }
}
