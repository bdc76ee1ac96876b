//! W(i), per record: the least over non-idle sources of their greatest event time so far, less the delay,
//! thinned to the grid that the plan can notice. Where the clock takes part in it, see `clock`.

use super::clock::SourceTimer;
use crate::plan::{Job, SourceId};
use crate::time::{ClockNs, EventTimeNs, WATERMARK_END, WATERMARK_NONE, WatermarkGrid};

/// The watermark of one source.
#[derive(Clone, Debug)]
pub(super) struct SourceClock {
    // Fixed at construction.
    takes_part: bool,
    /// False for an inferred table, which holds W until its input ends.
    rises: bool,
    delay_ns: i64,
    // State.
    /// Greatest event time so far.
    pub time_max: EventTimeNs,
    /// Thinned; `WATERMARK_END` once the source has ended.
    pub watermark: EventTimeNs,
    /// The least event time that lifts `watermark`.
    rises_at: EventTimeNs,
    /// What the clock does to it.
    pub timer: SourceTimer,
}

/// The watermark of the job.
#[derive(Clone, Debug)]
pub struct WatermarkTracker {
    pub(super) grid: WatermarkGrid,
    pub(super) clocks: Vec<SourceClock>,
    job: EventTimeNs,
    /// Clock reading at which [`Self::tick`] has something to do.
    pub(super) tick_at_ns: ClockNs,
    /// Clock reading up to which ingest could not listen.
    pub(super) busy_ns: ClockNs,
    /// Wall clock less the clock that stamps reads.
    pub(super) wall_offset_ns: i64,
}

impl WatermarkTracker {
    /// Before any record, the wall clock being `wall_offset_ns` ahead of the one that stamps reads.
    pub fn new(job: &Job, wall_offset_ns: i64) -> Self {
        let clocks: Vec<_> = job
            .sources
            .iter()
            .map(|source| {
                let time = source.event_time.as_ref();
                SourceClock {
                    takes_part: time.is_some() || source.follows_clock,
                    rises: time.is_some_and(|time| time.rises),
                    delay_ns: time.map_or(0, |time| time.delay_ns),
                    time_max: WATERMARK_NONE,
                    watermark: WATERMARK_NONE,
                    rises_at: WATERMARK_NONE,
                    timer: SourceTimer::new(source),
                }
            })
            .collect();
        let ticks = clocks.iter().any(|clock| clock.timer.ticks());
        Self {
            grid: job.watermark_grid,
            clocks,
            job: WATERMARK_NONE,
            tick_at_ns: if ticks { 0 } else { ClockNs::MAX },
            busy_ns: 0,
            wall_offset_ns,
        }
    }

    /// W for the next record.
    pub fn job(&self) -> EventTimeNs {
        self.job
    }

    /// Takes in `times` of consecutive records of `source`, `bounds` being the least and the greatest of them;
    /// appends `(first + i + 1, W)` to `rises` for every record `i` that lifts W, which takes effect behind it.
    pub fn observe(
        &mut self,
        source: SourceId,
        first: u32,
        times: &[EventTimeNs],
        bounds: (EventTimeNs, EventTimeNs),
        rises: &mut Vec<(u32, EventTimeNs)>,
    ) {
        let index = usize::from(source.0);
        if !self.clocks[index].rises {
            return;
        }
        let greatest = bounds.1;
        let mut from = 0;
        // Where the greatest is ahead of the next rise, one follows; the search goes on behind it.
        while greatest >= self.clocks[index].rises_at {
            let rises_at = self.clocks[index].rises_at;
            let Some(ahead) = times[from..].iter().position(|&time| time >= rises_at) else {
                break;
            };
            let row = from + ahead;
            from = row + 1;
            let before = self.job;
            self.lift(index, times[row]);
            if self.job != before {
                rises.push((first + row as u32 + 1, self.job));
            }
        }
        let clock = &mut self.clocks[index];
        clock.time_max = clock.time_max.max(greatest);
    }

    /// `source` has ended: it no longer holds W.
    pub fn end(&mut self, source: SourceId) {
        self.clocks[usize::from(source.0)].watermark = WATERMARK_END;
        self.settle();
    }

    /// The state that a snapshot keeps: per source (greatest event time, ended), and W.
    pub fn state(&self) -> (Vec<(EventTimeNs, bool)>, EventTimeNs) {
        let clocks = self
            .clocks
            .iter()
            .map(|clock| (clock.time_max, clock.watermark == WATERMARK_END))
            .collect();
        (clocks, self.job)
    }

    /// Goes on from what [`Self::state`] gave.
    pub fn restore(&mut self, clocks: &[(EventTimeNs, bool)], job: EventTimeNs) {
        for (index, &(time_max, ended)) in clocks.iter().enumerate() {
            self.clocks[index].time_max = time_max;
            if time_max != WATERMARK_NONE && self.clocks[index].rises {
                self.lift(index, time_max);
            }
            if ended {
                self.clocks[index].watermark = WATERMARK_END;
            }
        }
        self.job = job;
    }

    fn lift(&mut self, index: usize, time: EventTimeNs) {
        let delay_ns = self.clocks[index].delay_ns;
        self.lift_to(index, time.saturating_sub(delay_ns));
    }

    /// Lifts the watermark of a source to `exact`, thinned.
    pub(super) fn lift_to(&mut self, index: usize, exact: EventTimeNs) {
        let grid = self.grid;
        let clock = &mut self.clocks[index];
        let exact = exact.clamp(WATERMARK_NONE + 1, WATERMARK_END - 1);
        clock.watermark = grid.floor(exact).max(clock.watermark);
        clock.rises_at = clock
            .watermark
            .saturating_add(grid.period_ns)
            .saturating_add(clock.delay_ns);
        self.settle();
    }

    /// W never falls: a source that comes back from idleness finds its old rows late.
    pub(super) fn settle(&mut self) {
        let least = self
            .clocks
            .iter()
            .filter(|clock| clock.takes_part && !clock.timer.is_idle())
            .map(|clock| clock.watermark)
            .min();
        // Once every source has ended there is no record left for W to apply to; the end itself says +inf.
        if let Some(least) = least
            && least != WATERMARK_END
        {
            self.job = self.job.max(least);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn tracker(timers: [SourceTimer; 2]) -> WatermarkTracker {
        let clocks = timers.map(|timer| SourceClock {
            takes_part: true,
            rises: true,
            delay_ns: 0,
            time_max: WATERMARK_NONE,
            watermark: WATERMARK_NONE,
            rises_at: WATERMARK_NONE,
            timer,
        });
        WatermarkTracker {
            grid: WatermarkGrid::EXACT,
            clocks: clocks.to_vec(),
            job: WATERMARK_NONE,
            tick_at_ns: 0,
            busy_ns: 0,
            wall_offset_ns: 0,
        }
    }

    #[test]
    fn the_end_of_one_source_leaves_the_watermark_to_the_other() {
        let mut tracker = tracker([SourceTimer::default(), SourceTimer::default()]);
        let mut rises = Vec::new();
        tracker.observe(SourceId(0), 0, &[10], (10, 10), &mut rises);
        tracker.observe(SourceId(1), 0, &[30, 40], (30, 40), &mut rises);
        assert_eq!((tracker.job(), &rises[..]), (10, &[(1, 10)][..]));
        let (clocks, job) = tracker.state();
        tracker.end(SourceId(0));
        assert_eq!(tracker.job(), 40);
        let mut restored = super::tests::tracker([SourceTimer::default(), SourceTimer::default()]);
        restored.restore(&clocks, job);
        assert_eq!(restored.job(), 10);
        restored.end(SourceId(0));
        assert_eq!(restored.job(), 40);
    }
}
