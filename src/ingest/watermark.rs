//! W(i), per record: the least over non-idle sources of their greatest event time so far, less the delay,
//! thinned to the grid that the plan can notice.

use crate::plan::{Job, SourceId};
use crate::time::{ClockNs, EventTimeNs, WATERMARK_END, WATERMARK_NONE, WatermarkGrid};

/// The watermark of one source.
#[derive(Clone, Debug)]
struct SourceClock {
    // Fixed at construction.
    takes_part: bool,
    /// False for an inferred table, which holds W until its input ends.
    rises: bool,
    delay_ns: i64,
    idle_timeout_ns: Option<i64>,
    // State.
    time_max: EventTimeNs,
    /// Thinned; `WATERMARK_END` once the source has ended.
    watermark: EventTimeNs,
    /// The least event time that lifts `watermark`.
    rises_at: EventTimeNs,
    idle: bool,
    /// When bytes last came, or when it was first looked at; `None` before that.
    heard_ns: Option<ClockNs>,
}

/// The watermark of the job.
#[derive(Clone, Debug)]
pub struct WatermarkTracker {
    grid: WatermarkGrid,
    clocks: Vec<SourceClock>,
    job: EventTimeNs,
}

impl WatermarkTracker {
    /// Before any record.
    pub fn new(job: &Job) -> Self {
        let clocks = job
            .sources
            .iter()
            .map(|source| {
                let time = source.event_time.as_ref();
                SourceClock {
                    takes_part: time.is_some(),
                    rises: time.is_some_and(|time| time.rises),
                    delay_ns: time.map_or(0, |time| time.delay_ns),
                    idle_timeout_ns: source.idle_timeout_ns,
                    time_max: WATERMARK_NONE,
                    watermark: WATERMARK_NONE,
                    rises_at: WATERMARK_NONE,
                    idle: false,
                    heard_ns: None,
                }
            })
            .collect();
        Self {
            grid: job.watermark_grid,
            clocks,
            job: WATERMARK_NONE,
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

    /// Bytes of `source` have come.
    pub fn heard_from(&mut self, source: SourceId, now_ns: ClockNs) {
        let clock = &mut self.clocks[usize::from(source.0)];
        clock.heard_ns = Some(now_ns);
        clock.idle = false;
    }

    /// Lets go of sources that have been silent for their idle timeout.
    pub fn check_idle(&mut self, now_ns: ClockNs) {
        let mut changed = false;
        for clock in &mut self.clocks {
            let Some(timeout_ns) = clock.idle_timeout_ns else {
                continue;
            };
            // A source that never says anything is silent from the start.
            let heard_ns = *clock.heard_ns.get_or_insert(now_ns);
            let silent = now_ns.saturating_sub(heard_ns) as i64 >= timeout_ns;
            if silent && !clock.idle {
                clock.idle = true;
                changed = true;
            }
        }
        if changed {
            self.settle();
        }
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
        let grid = self.grid;
        let clock = &mut self.clocks[index];
        let exact = time
            .saturating_sub(clock.delay_ns)
            .clamp(WATERMARK_NONE + 1, WATERMARK_END - 1);
        clock.watermark = grid.floor(exact).max(clock.watermark);
        clock.rises_at = clock
            .watermark
            .saturating_add(grid.period_ns)
            .saturating_add(clock.delay_ns);
        self.settle();
    }

    /// W never falls: a source that comes back from idleness finds its old rows late.
    fn settle(&mut self) {
        let least = self
            .clocks
            .iter()
            .filter(|clock| clock.takes_part && !clock.idle)
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
mod tests {
    use super::*;

    fn tracker(timeouts: [Option<i64>; 2]) -> WatermarkTracker {
        let clocks = timeouts.map(|idle_timeout_ns| SourceClock {
            takes_part: true,
            rises: true,
            delay_ns: 0,
            idle_timeout_ns,
            time_max: WATERMARK_NONE,
            watermark: WATERMARK_NONE,
            rises_at: WATERMARK_NONE,
            idle: false,
            heard_ns: None,
        });
        WatermarkTracker {
            grid: WatermarkGrid::EXACT,
            clocks: clocks.to_vec(),
            job: WATERMARK_NONE,
        }
    }

    #[test]
    fn a_source_that_never_speaks_lets_go_of_the_watermark() {
        let mut tracker = tracker([None, Some(100)]);
        tracker.check_idle(1000);
        tracker.heard_from(SourceId(0), 1000);
        tracker.observe(SourceId(0), 0, &[50], (50, 50), &mut Vec::new());
        assert_eq!(tracker.job(), WATERMARK_NONE);
        tracker.check_idle(1099);
        assert_eq!(tracker.job(), WATERMARK_NONE);
        tracker.check_idle(1100);
        assert_eq!(tracker.job(), 50);
    }

    #[test]
    fn the_end_of_one_source_leaves_the_watermark_to_the_other() {
        let mut tracker = tracker([None, None]);
        let mut rises = Vec::new();
        tracker.observe(SourceId(0), 0, &[10], (10, 10), &mut rises);
        tracker.observe(SourceId(1), 0, &[30, 40], (30, 40), &mut rises);
        assert_eq!((tracker.job(), &rises[..]), (10, &[(1, 10)][..]));
        let (clocks, job) = tracker.state();
        tracker.end(SourceId(0));
        assert_eq!(tracker.job(), 40);
        let mut restored = super::tests::tracker([None, None]);
        restored.restore(&clocks, job);
        assert_eq!(restored.job(), 10);
        restored.end(SourceId(0));
        assert_eq!(restored.job(), 40);
    }
}
