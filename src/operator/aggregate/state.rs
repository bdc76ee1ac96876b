//! Open windows, each with its own groups; closed ones are recycled.

use std::collections::VecDeque;

use super::kernel::Native;
use super::layout::{LanePlan, Layout};
use super::slot::SlotState;
use super::window::Window;
use crate::batch::Column;
use crate::table::{GroupTable, column_bytes};
use crate::types::DataType;

/// Closed windows kept for reuse beside as many as are open.
const POOL_MIN: usize = 16;

/// Where a group's first row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct First {
    pub seq: u64,
    pub ordinal: u32,
}

/// State of a lane in one window.
pub(super) struct LaneState {
    pub slots: Vec<SlotState>,
    /// The lane whose count stands for this one's: no row has been left out here yet.
    pub counted_by: Option<usize>,
    /// DISTINCT: the (group, values) seen.
    pub seen: Option<GroupTable>,
}

/// One window's groups.
pub(super) struct WindowState {
    pub window: Window,
    pub final_at: i64,
    pub gone_at: i64,
    /// Key -> group; empty for keyless plans, whose groups are 0 or one for each block.
    pub table: GroupTable,
    /// First row of every group; its length is the number of groups.
    pub firsts: Vec<First>,
    /// Groups that had left before a restore, by group; empty when none had.
    pub emitted: Vec<bool>,
    /// Panes: the end up to which each group's windows had left before a restore; empty when none had.
    pub left: Vec<i64>,
    /// Panes: the watermark at which the first row of each group came, or that fired it.
    pub arrivals: Vec<i64>,
    /// Panes: numbers of the groups, which those of the same key in other panes share; behind them are new ones.
    pub ids: Vec<u32>,
    pub lanes: Vec<LaneState>,
    /// Greatest block of the merged sequence that has a group (`Partial`).
    pub block_max: u64,
}

impl LaneState {
    pub fn new(plan: &LanePlan) -> Self {
        let mut seen = vec![DataType::BigInt];
        seen.extend(&plan.types);
        Self {
            slots: plan.slots.iter().map(SlotState::new).collect(),
            counted_by: None,
            seen: plan.distinct.then(|| GroupTable::new(&seen)),
        }
    }
}

impl WindowState {
    pub fn new(layout: &Layout, keys: &[DataType]) -> Self {
        Self {
            window: Window::ALL,
            final_at: i64::MAX,
            gone_at: i64::MAX,
            table: GroupTable::new(keys),
            firsts: Vec::new(),
            emitted: Vec::new(),
            left: Vec::new(),
            arrivals: Vec::new(),
            ids: Vec::new(),
            lanes: layout.lanes.iter().map(LaneState::new).collect(),
            block_max: 0,
        }
    }

    /// Groups held.
    pub fn groups(&self) -> usize {
        self.firsts.len()
    }

    /// Groups, distinct values and what slots hold beside them: what `groups_max` bounds.
    pub fn entries(&self) -> usize {
        let seen = self.lanes.iter().filter_map(|lane| lane.seen.as_ref());
        self.firsts.len() + seen.map(GroupTable::len).sum::<usize>() + self.held()
    }

    fn held(&self) -> usize {
        let slots = self.lanes.iter().flat_map(|lane| &lane.slots);
        slots.map(SlotState::entries).sum()
    }

    /// Lets the lane of all rows count for those that have the same, while the window has no group.
    pub fn share_counts(&mut self, layout: &Layout) {
        for (plan, lane) in layout.lanes.iter().zip(&mut self.lanes) {
            lane.counted_by = plan.all_rows;
        }
    }

    /// Gives a lane its own count, before rows come that it leaves out.
    pub fn count_apart(&mut self, lane: usize) {
        let Some(by) = self.lanes[lane].counted_by.take() else {
            return;
        };
        let counts = &mut self.lanes[by].slots[0].columns[0];
        let counts = std::mem::replace(counts, Column::new(DataType::BigInt));
        i64::of_mut(&mut self.lanes[lane].slots[0].columns[0]).copy_from_slice(i64::of(&counts));
        self.lanes[by].slots[0].columns[0] = counts;
    }

    /// The slot that holds the count of a lane.
    pub fn count_of(&self, lane: usize) -> &SlotState {
        let by = self.lanes[lane].counted_by.unwrap_or(lane);
        &self.lanes[by].slots[0]
    }

    /// The slots of a lane, the first the one that holds its count.
    pub fn slots_of(&self, lane: usize) -> impl Iterator<Item = &SlotState> {
        let others = self.lanes[lane].slots.iter().skip(1);
        std::iter::once(self.count_of(lane)).chain(others)
    }

    /// Gives every group up to the last a state in every slot.
    pub fn grow(&mut self, layout: &Layout) {
        let groups = self.firsts.len();
        for (plan, lane) in layout.lanes.iter().zip(&mut self.lanes) {
            for (plan, slot) in plan.slots.iter().zip(&mut lane.slots) {
                slot.grow(plan, groups);
            }
        }
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let lanes = self.lanes.iter();
        let slots = lanes.flat_map(|lane| lane.slots.iter().flat_map(|slot| &slot.columns));
        let seen = self.lanes.iter().filter_map(|lane| lane.seen.as_ref());
        let states: usize = slots.map(column_bytes).sum();
        let firsts = self.firsts.len() * size_of::<First>();
        let held = self.held() * size_of::<u64>();
        self.table.bytes()
            + (states + firsts + held) as u64
            + seen.map(GroupTable::bytes).sum::<u64>()
    }

    pub fn clear(&mut self) {
        self.table.clear();
        self.firsts.clear();
        self.emitted.clear();
        self.left.clear();
        self.arrivals.clear();
        self.ids.clear();
        self.block_max = 0;
        for lane in &mut self.lanes {
            lane.slots.iter_mut().for_each(SlotState::clear);
            if let Some(seen) = &mut lane.seen {
                seen.clear();
            }
        }
    }
}

/// The windows that are held, by rising end. The first `fired` of them have been emitted and are retained.
pub(super) struct Windows {
    /// Whether lanes share counts: nothing but folding, firing and snapshots touches the states.
    shares_counts: bool,
    pub held: VecDeque<Box<WindowState>>,
    pub fired: usize,
    /// Sum of [`WindowState::entries`] over the windows.
    pub entries: usize,
    #[allow(clippy::vec_box)] // Windows move between here and `held` as pointers.
    pool: Vec<Box<WindowState>>,
    last: usize,
}

impl Windows {
    pub fn new(shares_counts: bool) -> Self {
        Self {
            shares_counts,
            held: VecDeque::new(),
            fired: 0,
            entries: 0,
            pool: Vec::new(),
            last: 0,
        }
    }

    /// The index of `window`, opened if it is new. A window that is opened before one that has fired counts as
    /// fired itself.
    pub fn find_or_open(
        &mut self,
        window: Window,
        final_and_gone_at: impl FnOnce() -> (i64, i64),
        layout: &Layout,
        keys: &[DataType],
    ) -> usize {
        let is_it = |state: &WindowState| state.window == window;
        if self.held.get(self.last).is_some_and(|state| is_it(state)) {
            return self.last;
        }
        let at = self
            .held
            .partition_point(|state| state.window.end < window.end);
        self.last = at;
        if self.held.get(at).is_some_and(|state| is_it(state)) {
            return at;
        }
        let pooled = self.pool.pop();
        let mut state = pooled.unwrap_or_else(|| Box::new(WindowState::new(layout, keys)));
        state.window = window;
        if self.shares_counts {
            state.share_counts(layout);
        }
        (state.final_at, state.gone_at) = final_and_gone_at();
        self.held.insert(at, state);
        self.fired += usize::from(at < self.fired);
        at
    }

    /// The window that was found last, if it holds `time`.
    pub fn last_with(&self, time: i64) -> Option<Window> {
        let last = self.held.get(self.last)?;
        last.window.contains(time).then_some(last.window)
    }

    /// Recycles the first window.
    pub fn retire_first(&mut self) {
        let Some(mut state) = self.held.pop_front() else {
            return;
        };
        self.fired = self.fired.saturating_sub(1);
        self.last = self.last.saturating_sub(1);
        self.entries -= state.entries();
        if self.pool.len() < POOL_MIN.max(self.held.len()) {
            state.clear();
            self.pool.push(state);
        }
    }
}
