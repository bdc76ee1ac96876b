//! EMIT .. EVERY of sessions and bars: of the changes of each between two ticks, the last.
//!
//! Their bounds move with every row, so that what stands for a change that another replaces is no value of its row:
//! the group itself is marked instead, and told as it is when the tick comes. Ticks are the multiples of the distance;
//! a change under watermark W waits for the first tick behind W. A session that has become part of another is gone
//! and is not told; what is over is kept until it has been told. With EARLY what is final at the tick is not told.

use super::engine::Core;
use super::fold::Folding;
use super::layout::Layout;
use super::state::First;
use crate::batch::RowOrder;
use crate::error::JobError;
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::plan::{AggregatePlan, Emission};
use crate::table::Segment;
use crate::time::{EventTimeNs, OrderKey};

/// What has changed since the last tick.
pub(super) struct Told {
    // Fixed at construction.
    every_ns: i64,
    /// Whether what is told comes before a final row.
    pub early: bool,
    // State.
    /// The tick that everything waits for.
    pub tick: EventTimeNs,
    /// What changed each group first, and its number.
    pub changed: Vec<(First, u32)>,
    // Scratch.
    pub ids: Vec<u32>,
    by_id: Vec<(u32, First)>,
}

impl Told {
    pub fn new(plan: &AggregatePlan) -> Option<Self> {
        Some(Self {
            every_ns: plan.every_ns?.max(1),
            early: plan.emission == Emission::Early,
            tick: EventTimeNs::MIN,
            changed: Vec::new(),
            ids: Vec::new(),
            by_id: Vec::new(),
        })
    }

    /// The tick that a change under `watermark` waits for.
    fn tick_behind(&self, watermark: EventTimeNs) -> EventTimeNs {
        let every = i128::from(self.every_ns);
        let tick = (i128::from(watermark).div_euclid(every) + 1) * every;
        tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// The tick that the row at position `from` waits for, and the end of the rows that wait for the same.
    fn run(&self, order: &RowOrder, rows: Segment<'_>, from: usize) -> (EventTimeNs, usize) {
        let tick = self.tick_behind(order.watermark(rows.row(from)));
        // Watermarks rise: what is below the tick waits for it.
        let (mut low, mut high) = (from + 1, rows.len());
        while low < high {
            let middle = low.midpoint(high);
            match order.watermark(rows.row(middle)) < tick {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        (tick, low)
    }

    /// Takes the next groups that leave into `ids`, and appends their order keys.
    pub fn next(&mut self, keys: &mut Vec<OrderKey>) {
        // In order, save after a restore.
        if !self.changed.is_sorted() {
            self.changed.sort_unstable();
        }
        let count = self.changed.len().min(FIRE_ROWS_MAX);
        let tick = self.tick;
        let key = match self.early {
            true => OrderKey::early,
            false => OrderKey::fired,
        };
        self.ids.clear();
        for (First { seq, ordinal }, id) in self.changed.drain(..count) {
            keys.push(key(tick, seq, ordinal));
            self.ids.push(id);
        }
    }

    /// Prepares for [`waiting`](Self::waiting).
    pub fn index(&mut self) {
        self.by_id.clear();
        let changed = self.changed.iter();
        self.by_id.extend(changed.map(|&(first, id)| (id, first)));
        self.by_id.sort_unstable_by_key(|&(id, _)| id);
    }

    /// For a snapshot: what changed each of the groups `ids` first since the last tick, as (seq, ordinal).
    pub fn waiting(told: Option<&Self>, ids: &[u32]) -> Vec<Option<(u64, u32)>> {
        let by_id = told.map_or(&[][..], |told| &told.by_id);
        let of_group = |id: &u32| {
            let at = by_id.binary_search_by_key(id, |&(id, _)| id).ok()?;
            let First { seq, ordinal } = by_id[at].1;
            Some((seq, ordinal))
        };
        ids.iter().map(of_group).collect()
    }

    /// Adds what a snapshot says was waiting for `tick`, of the groups from number `base` on.
    ///
    /// # Errors
    /// When what is there already waits for another.
    pub fn resume(
        &mut self,
        tick: EventTimeNs,
        base: u32,
        waiting: &[Option<(u64, u32)>],
    ) -> Result<(), JobError> {
        let waiting = (base..).zip(waiting);
        let waiting = waiting.filter_map(|(id, first)| Some((id, (*first)?)));
        let before = self.changed.len();
        self.changed
            .extend(waiting.map(|(id, (seq, ordinal))| (First { seq, ordinal }, id)));
        if before == self.changed.len() {
            return Ok(());
        }
        if before > 0 && self.tick != tick {
            let what = "parts of EMIT .. EVERY wait for different ticks".to_owned();
            return Err(JobError::Snapshot(what));
        }
        self.tick = tick;
        Ok(())
    }
}

impl Core {
    /// Folds the rows of each tick behind what waited for the tick before.
    pub(super) fn fold_told(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let mut from = 0;
        while from < rows.len() {
            let Some(told) = &self.told else {
                return;
            };
            let (tick, to) = told.run(&folding.batch.order, rows, from);
            if tick != told.tick {
                while self.tell(folding.layout, context, next) == Advance::More {}
                self.told.iter_mut().for_each(|told| told.tick = tick);
            }
            self.fold_unequal(folding, rows.slice(from, to), context, next);
            from = to;
        }
    }

    /// Emits at most `FIRE_ROWS_MAX` rows of what waits for the tick, and before it of what is final below it.
    fn tell(
        &mut self,
        layout: &Layout,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let Some(mut told) = self.told.take() else {
            return Advance::Done;
        };
        let below = told.tick.saturating_sub(1);
        if told.early && !told.changed.is_empty() && self.sessions.is_some() {
            let step = self.fire_sessions(layout, below, context, next);
            if step == Advance::More || !self.order.is_empty() {
                self.told = Some(told);
                return Advance::More;
            }
        }
        match (&mut self.sessions, &mut self.bars) {
            (Some(sessions), _) => sessions.leave_untold(&mut told),
            (_, Some(bars)) => bars.leave_untold(&mut told),
            _ => {}
        }
        if told.changed.is_empty() {
            self.told = Some(told);
            return Advance::Done;
        }
        told.next(self.output.order_keys());
        if let Some(mut sessions) = self.sessions.take() {
            sessions.emit(layout, &told.ids, self.results());
            sessions.forget_told(&told);
            self.windows.entries = sessions.entries();
            self.sessions = Some(sessions);
        } else if let Some(mut bars) = self.bars.take() {
            bars.emit(layout, &told.ids, self.results());
            bars.forget_told(&told);
            self.bars = Some(bars);
        }
        self.index.forget();
        self.told = Some(told);
        self.flush(context, next);
        Advance::More
    }

    /// Emits what waits for a tick that `watermark` has reached.
    pub(super) fn tell_at(
        &mut self,
        layout: &Layout,
        (watermark, ended): (EventTimeNs, bool),
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let is_due = |told: &Told| ended || told.tick <= watermark;
        match self.told.as_ref().is_some_and(is_due) {
            true => self.tell(layout, context, next),
            false => Advance::Done,
        }
    }
}
