//! Where clock becomes data: what a tick of the clock does to the watermark of each source.
//!
//! * A source that follows the clock (windows of PROCTIME(), EVERY without event time) has the clock for its watermark.
//!   A read's stamp lifts it before the read's first record, so that what arrives is never late, and while no bytes come
//!   ticks lift it from one point of the grid to the next.
//! * An idle source (`'idle.timeout'`) no longer holds the watermark of the job.
//! * A silent source (`TIMEOUT`) has its watermark lifted to where everything that its rows can be in is final.
//!
//! Ticks take their place in the merged sequence as rises of W do: behind the records numbered so far and before the
//! next. Nothing here is reached before a source's next tick is due, which one comparison a step finds out. Silence is
//! counted only while ingest listens: with nothing of the source waiting to be handed on, and no ring full.

use super::watermark::WatermarkTracker;
use crate::limits::TICK_NS_MIN;
use crate::operator::aggregate::window::WindowAssigner;
use crate::plan::{SilencePlan, SourceId, SourcePlan};
use crate::time::{ClockNs, EventTimeNs, WATERMARK_END, WATERMARK_NONE};

/// What the clock does to one source.
#[derive(Clone, Debug, Default)]
pub struct SourceTimer {
    // Fixed at construction.
    follows_clock: bool,
    idle_timeout_ns: Option<ClockNs>,
    silence: Option<Silence>,
    // State.
    /// When bytes last came, or when it was first looked at; `None` before that.
    heard_ns: Option<ClockNs>,
    idle: bool,
    /// Its windows were closed, and it has said nothing since.
    closed: bool,
}

/// TIMEOUT.
#[derive(Clone, Debug)]
struct Silence {
    timeout_ns: ClockNs,
    windows: Vec<WindowAssigner>,
}

impl Silence {
    fn new(plan: &SilencePlan) -> Self {
        let windows = plan.windows.iter();
        Self {
            timeout_ns: plan.timeout_ns.max(0) as ClockNs,
            windows: windows
                .map(|(window, allowed_ns)| WindowAssigner::new(window, *allowed_ns, 0))
                .collect(),
        }
    }

    /// The least watermark at which the windows of all times up to `time` are final, those of their results included.
    fn closes_at(&self, mut time: EventTimeNs) -> Option<EventTimeNs> {
        let mut final_at = None;
        for windows in &self.windows {
            let window = windows.last_window(time)?;
            final_at = final_at.max(Some(windows.final_at(window)));
            time = window.end - 1;
        }
        final_at
    }
}

impl SourceTimer {
    /// The timer of `source` before its first byte.
    pub fn new(source: &SourcePlan) -> Self {
        Self {
            follows_clock: source.follows_clock,
            idle_timeout_ns: source.idle_timeout_ns.map(|ns| ns.max(0) as ClockNs),
            silence: source.silence.as_ref().map(Silence::new),
            ..Self::default()
        }
    }

    /// Whether the clock does anything to the source.
    pub fn ticks(&self) -> bool {
        self.follows_clock || self.idle_timeout_ns.is_some() || self.silence.is_some()
    }

    /// Whether it does not hold the watermark.
    pub fn is_idle(&self) -> bool {
        self.idle
    }

    /// When its silence has lasted for `timeout_ns`.
    fn silent_at(&self, timeout_ns: ClockNs) -> ClockNs {
        let heard_ns = self.heard_ns.unwrap_or(0);
        heard_ns.saturating_add(timeout_ns)
    }
}

impl WatermarkTracker {
    /// Whether a tick is due.
    #[inline(always)]
    pub fn is_due(&self, now_ns: ClockNs) -> bool {
        self.tick_at_ns <= now_ns
    }

    /// When the next tick is due; `None`: never, unless bytes come.
    pub fn next_tick(&self) -> Option<ClockNs> {
        (self.tick_at_ns != ClockNs::MAX).then_some(self.tick_at_ns)
    }

    /// Ingest could not listen at `now_ns`.
    pub fn busy(&mut self, now_ns: ClockNs) {
        self.busy_ns = now_ns;
    }

    /// Bytes of `source` have come at `arrival_ns`; gives the stamp of its records, which is not behind the watermark.
    pub fn heard_from(&mut self, source: SourceId, arrival_ns: ClockNs) -> ClockNs {
        let index = usize::from(source.0);
        let timer = &mut self.clocks[index].timer;
        if !timer.ticks() {
            return arrival_ns;
        }
        timer.heard_ns = Some(arrival_ns);
        if std::mem::take(&mut timer.idle) | std::mem::take(&mut timer.closed) {
            // Its timeouts run again.
            self.tick_at_ns = 0;
        }
        if !timer.follows_clock {
            return arrival_ns;
        }
        // The wall clock of a restored job may be behind the one it was stopped by.
        let watermark = self.clocks[index].watermark.max(self.job());
        let wall_ns = self.wall_ns(arrival_ns).max(watermark);
        self.lift_to(index, wall_ns);
        wall_ns.saturating_sub(self.wall_offset_ns).max(0) as ClockNs
    }

    /// The clock is at `now_ns`; `listens` says whether everything that has come of a source is handed on.
    pub fn tick(&mut self, now_ns: ClockNs, listens: impl Fn(SourceId) -> bool) {
        self.tick_at_ns = ClockNs::MAX;
        for index in 0..self.clocks.len() {
            if self.clocks[index].watermark == WATERMARK_END {
                continue;
            }
            let listens = listens(SourceId(index as u16));
            if self.clocks[index].timer.follows_clock {
                self.follow(index, now_ns, listens);
            }
            let busy_ns = if listens { self.busy_ns } else { now_ns };
            let timer = &mut self.clocks[index].timer;
            // A source that never says anything is silent from the start.
            timer.heard_ns = Some(timer.heard_ns.unwrap_or(now_ns).max(busy_ns));
            self.let_go(index, now_ns);
            self.close(index, now_ns);
        }
        self.settle();
    }

    /// Lifts the watermark of a source to the clock, unless records with an older stamp wait to be handed on.
    fn follow(&mut self, index: usize, now_ns: ClockNs, listens: bool) {
        if !listens {
            self.tick_at_ns = now_ns;
            return;
        }
        self.lift_to(index, self.wall_ns(now_ns));
        let period_ns = self.grid.period_ns.max(TICK_NS_MIN);
        let next_ns = self.clocks[index].watermark.saturating_add(period_ns);
        let next_ns = next_ns.saturating_sub(self.wall_offset_ns);
        let next_ns = ClockNs::try_from(next_ns).unwrap_or(0).max(now_ns + 1);
        self.tick_at_ns = self.tick_at_ns.min(next_ns);
    }

    /// Lets go of a source that has been silent for its idle timeout.
    fn let_go(&mut self, index: usize, now_ns: ClockNs) {
        let timer = &mut self.clocks[index].timer;
        let Some(timeout_ns) = timer.idle_timeout_ns.filter(|_| !timer.idle) else {
            return;
        };
        let silent_at = timer.silent_at(timeout_ns);
        timer.idle = silent_at <= now_ns;
        if !timer.idle {
            self.tick_at_ns = self.tick_at_ns.min(silent_at);
        }
    }

    /// Closes the windows of a source that has been silent for its TIMEOUT.
    fn close(&mut self, index: usize, now_ns: ClockNs) {
        let clock = &mut self.clocks[index];
        let Some(silence) = clock.timer.silence.as_ref().filter(|_| !clock.timer.closed) else {
            return;
        };
        let silent_at = clock.timer.silent_at(silence.timeout_ns);
        if now_ns < silent_at {
            self.tick_at_ns = self.tick_at_ns.min(silent_at);
            return;
        }
        let closes_at = match clock.time_max {
            WATERMARK_NONE => None,
            time => silence.closes_at(time),
        };
        clock.timer.closed = true;
        if let Some(watermark) = closes_at {
            self.lift_to(index, watermark);
        }
    }

    fn wall_ns(&self, clock_ns: ClockNs) -> EventTimeNs {
        let clock_ns = i64::try_from(clock_ns).unwrap_or(i64::MAX);
        clock_ns.saturating_add(self.wall_offset_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::super::watermark::tests::tracker;
    use super::*;
    use crate::plan::WindowPlan;

    fn idle_after(timeout_ns: ClockNs) -> SourceTimer {
        SourceTimer {
            idle_timeout_ns: Some(timeout_ns),
            ..SourceTimer::default()
        }
    }

    fn always(_: SourceId) -> bool {
        true
    }

    #[test]
    fn a_source_that_never_speaks_lets_go_of_the_watermark() {
        let mut tracker = tracker([SourceTimer::default(), idle_after(100)]);
        assert!(tracker.is_due(1000));
        tracker.tick(1000, always);
        tracker.heard_from(SourceId(0), 1000);
        tracker.observe(SourceId(0), 0, &[50], (50, 50), &mut Vec::new());
        assert_eq!(tracker.job(), WATERMARK_NONE);
        assert_eq!(tracker.next_tick(), Some(1100));
        tracker.tick(1099, always);
        assert_eq!(tracker.job(), WATERMARK_NONE);
        tracker.tick(1100, always);
        assert_eq!((tracker.job(), tracker.next_tick()), (50, None));
        tracker.heard_from(SourceId(1), 1200);
        assert!(tracker.is_due(1200), "it can become idle once more");
        tracker.tick(1200, always);
        assert_eq!(tracker.next_tick(), Some(1300));
    }

    #[test]
    fn silence_counts_only_while_ingest_listens() {
        let mut tracker = tracker([SourceTimer::default(), idle_after(100)]);
        tracker.observe(SourceId(0), 0, &[50], (50, 50), &mut Vec::new());
        tracker.heard_from(SourceId(1), 1000);
        tracker.tick(1000, always);
        tracker.busy(1090);
        tracker.tick(1100, always);
        assert_eq!(
            (tracker.job(), tracker.next_tick()),
            (WATERMARK_NONE, Some(1190))
        );
        tracker.tick(1190, |_| false);
        assert_eq!(tracker.next_tick(), Some(1290));
        tracker.tick(1290, always);
        assert_eq!(tracker.job(), 50);
    }

    #[test]
    fn silence_closes_what_is_open_and_nothing_more() {
        let tumble = |size_ns| WindowPlan::Tumble {
            size_ns,
            offset_ns: 0,
        };
        let plan = SilencePlan {
            timeout_ns: 100,
            windows: vec![(tumble(10), 3), (tumble(60), 3)],
        };
        let timer = SourceTimer {
            silence: Some(Silence::new(&plan)),
            ..SourceTimer::default()
        };
        let mut tracker = tracker([timer.clone(), timer]);
        tracker.heard_from(SourceId(0), 1000);
        tracker.observe(SourceId(0), 0, &[57], (57, 57), &mut Vec::new());
        tracker.end(SourceId(1));
        tracker.tick(1000, always);
        assert_eq!((tracker.job(), tracker.next_tick()), (57, Some(1100)));
        tracker.tick(1100, always);
        assert_eq!((tracker.job(), tracker.next_tick()), (63, None));
        let mut rises = Vec::new();
        tracker.heard_from(SourceId(0), 1200);
        tracker.observe(SourceId(0), 0, &[61, 70], (61, 70), &mut rises);
        assert_eq!(rises, [(2, 70)], "the watermark never falls");
    }

    #[test]
    fn a_source_that_follows_the_clock_is_never_behind_it() {
        let timer = SourceTimer {
            follows_clock: true,
            ..SourceTimer::default()
        };
        let mut tracker = tracker([timer.clone(), timer]);
        tracker.grid.period_ns = 10_000_000;
        tracker.wall_offset_ns = 1_000_000_000;
        tracker.end(SourceId(1));
        assert_eq!(tracker.heard_from(SourceId(0), 25_000_000), 25_000_000);
        assert_eq!(tracker.job(), 1_020_000_000);
        tracker.tick(26_000_000, |_| false);
        assert!(tracker.is_due(26_000_000), "it follows as soon as it may");
        tracker.tick(43_000_000, always);
        assert_eq!(
            (tracker.job(), tracker.next_tick()),
            (1_040_000_000, Some(50_000_000))
        );
        // A stamp that is intended for the past.
        assert_eq!(tracker.heard_from(SourceId(0), 35_000_000), 40_000_000);
    }
}
