//! FINAL over hopping and cumulating windows: every row is folded once, into its pane; when a window is final its
//! panes are combined.
//!
//! ```text
//! rows -> fold: pane runs -> one table and slots for each pane        held[..] by rising end
//!                                        |
//!         window [start, end) is final:  merge, pane by pane in time order -> groups of the window -> rows
//! ```
//!
//! A group of a pane has a number that it shares with the groups of the same key in other panes (`ids`), looked up
//! once for each pane. What a window combines is laid out in the order in which its groups appear, pane by pane,
//! which is that of their first rows unless rows came out of order.
//!
//! A DOUBLE is folded within each pane in source order, then the panes by time, whoever fires and however often.
//!
//! Most batches are folded whole and fire afterwards, as tumbling windows do. A row that is late for some of its
//! windows only would then be in all of them: a batch with such rows is folded up to each rise of the watermark, and
//! what is final there fires before they go into their panes.

use super::engine::{Core, Tracing};
use super::finish::finish;
use super::fire::{push_bounds, push_times};
use super::fold::Folding;
use super::input::recycled;
use super::kernel::{Groups, Native, Span};
use super::layout::Layout;
use super::state::{First, LaneState, WindowState};
use super::window::{Window, WindowAssigner};
use crate::batch::{Batch, Column, Rows};
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::table::{GroupTable, Segment};
use crate::time::OrderKey;
use crate::types::DataType;

/// Keys numbered at least before those that no pane holds any more are forgotten.
const KEYS_MIN: usize = 4096;

/// No group of the window that is combined.
const NOWHERE: u32 = u32::MAX;

/// What is combined of panes, and how far windows have fired.
pub(super) struct Panes {
    /// The windows that end here or before have left.
    pub fired_end: i64,
    /// The window whose groups are combined and leave.
    pub window: Option<Window>,
    /// What is combined: a window that starts there too goes on from it, as cumulating ones do.
    kept: Option<Window>,
    /// By position: the group's number, its first row, and whether it has left before a restore.
    pub ids: Vec<u32>,
    firsts: Vec<First>,
    /// When each first row came: results of windows below do not come in the order of their numbers.
    arrivals: Vec<i64>,
    left: Vec<bool>,
    lanes: Vec<LaneState>,
    /// Keys of the groups of held panes; empty for keyless plans.
    keys: GroupTable,
    /// By number: the position in the window that is combined.
    places: Vec<u32>,
    /// Whether the groups stand in the order of their first rows.
    in_order: bool,
    // Scratch.
    positions: Vec<u32>,
    rows: Vec<u32>,
    groups: Vec<u32>,
    created: Vec<u32>,
    columns: Vec<&'static Column>,
}

impl Panes {
    pub fn new(layout: &Layout, keys: &[DataType]) -> Self {
        Self {
            fired_end: i64::MIN,
            window: None,
            kept: None,
            ids: Vec::new(),
            firsts: Vec::new(),
            arrivals: Vec::new(),
            left: Vec::new(),
            lanes: layout.lanes.iter().map(LaneState::new).collect(),
            keys: GroupTable::new(keys),
            places: Vec::new(),
            in_order: true,
            positions: Vec::new(),
            rows: Vec::new(),
            groups: Vec::new(),
            created: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// Numbers the groups of a pane that have no number yet.
    fn number(&mut self, pane: &mut WindowState) {
        let from = pane.ids.len();
        if from == pane.groups() {
            return;
        }
        if pane.table.keys().is_empty() {
            pane.ids.resize(pane.groups(), 0);
            self.places.resize(1, NOWHERE);
            return;
        }
        let mut columns = recycled(std::mem::take(&mut self.columns));
        columns.extend(pane.table.keys());
        let rows = Segment::Range {
            start: from,
            end: pane.groups(),
        };
        let found = &mut self.positions;
        self.keys.find_or_insert(
            pane.table.hashes(),
            &columns,
            rows,
            found,
            &mut self.created,
        );
        pane.ids.extend_from_slice(found);
        self.columns = recycled(columns);
        self.places.resize(self.keys.len(), NOWHERE);
    }

    /// Forgets what was combined.
    fn reset(&mut self) {
        for &id in &self.ids {
            self.places[id as usize] = NOWHERE;
        }
        self.ids.clear();
        self.firsts.clear();
        self.arrivals.clear();
        self.left.clear();
        for slot in self.lanes.iter_mut().flat_map(|lane| &mut lane.slots) {
            slot.clear();
        }
        self.kept = None;
    }

    /// Rows have come into `pane`.
    pub fn touch(&mut self, pane: Window) {
        if self.kept.is_some_and(|kept| pane.end <= kept.end) {
            self.reset();
        }
    }

    /// Merges the groups of a pane into those of the window.
    fn merge(&mut self, layout: &Layout, pane: &mut WindowState, window: Window) {
        self.number(pane);
        self.positions.clear();
        let firsts = pane.firsts.iter().zip(&pane.arrivals);
        for (&id, (&first, &arrival)) in pane.ids.iter().zip(firsts) {
            let place = &mut self.places[id as usize];
            if *place == NOWHERE {
                *place = self.ids.len() as u32;
                self.ids.push(id);
                self.firsts.push(first);
                self.arrivals.push(arrival);
            } else {
                let at = *place as usize;
                if (arrival, first) < (self.arrivals[at], self.firsts[at]) {
                    (self.arrivals[at], self.firsts[at]) = (arrival, first);
                }
            }
            self.positions.push(*place);
        }
        let total = self.ids.len();
        self.left.resize(total, false);
        for (&position, &left) in self.positions.iter().zip(&pane.left) {
            self.left[position as usize] |= left >= window.end;
        }
        for ((plan, to), from) in layout.lanes.iter().zip(&mut self.lanes).zip(&pane.lanes) {
            for (plan, slot) in plan.slots.iter().zip(&mut to.slots) {
                slot.grow(plan, total);
            }
            // A state of no rows has nothing to say.
            let counts = i64::of(&from.slots[0].columns[0]);
            let whole = counts.iter().all(|&count| count > 0);
            let span = if whole {
                Span {
                    rows: Segment::Range {
                        start: 0,
                        end: counts.len(),
                    },
                    groups: Groups::Each(&self.positions),
                }
            } else {
                self.rows.clear();
                self.groups.clear();
                for (row, &count) in counts.iter().enumerate() {
                    if count > 0 {
                        self.rows.push(row as u32);
                        self.groups.push(self.positions[row]);
                    }
                }
                Span {
                    rows: Segment::List(&self.rows),
                    groups: Groups::Each(&self.groups),
                }
            };
            let slots = plan.slots.iter().zip(&mut to.slots).zip(&from.slots);
            for ((plan, to), from) in slots {
                to.merge(plan, &from.columns, span);
            }
        }
    }

    /// Appends the results of the groups at `groups` to the output.
    fn emit(
        &self,
        layout: &Layout,
        groups: &[u32],
        key_rows: &mut Vec<u32>,
        (assigner, window): (&WindowAssigner, Window),
        output: &mut Batch,
        errors: &mut super::finish::GroupErrors,
    ) {
        let base = output.rows;
        key_rows.clear();
        key_rows.extend(groups.iter().map(|&group| self.ids[group as usize]));
        for (to, key) in output.columns.iter_mut().zip(self.keys.keys()) {
            to.extend_from(key, Rows::Some(key_rows));
        }
        let keys = self.keys.keys().len();
        let results = push_bounds(output, keys, self.window, groups.len());
        let rows = match self.in_order && groups.len() == self.ids.len() {
            true => Rows::All(groups.len()),
            false => Rows::Some(groups),
        };
        for (column, call) in layout.calls.iter().enumerate() {
            let out = &mut output.columns[results + column];
            let slots = &self.lanes[call.lane].slots;
            finish(call, &slots[0], slots, rows, out, errors);
        }
        let final_at = assigner.final_at(window);
        output.order_keys().extend(groups.iter().map(|&group| {
            let first = self.firsts[group as usize];
            let ordinal = assigner.ordinal_of(window, first.ordinal);
            OrderKey::fired(final_at, first.seq, ordinal)
        }));
        let hashes = self.keys.hashes();
        if !hashes.is_empty() {
            let of_keys = key_rows.iter().map(|&id| hashes[id as usize]);
            output.hashes.extend(of_keys);
        }
        push_times(output, self.window, groups.len());
        output.rows = base + groups.len();
    }
}

impl Core {
    /// Folds rows into their panes; those that are late for some of their windows behind the firing of these.
    pub(super) fn fold_panes(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        if !self.any_partly_late(folding, rows) {
            return self.fold_windows(folding, rows, Tracing::None);
        }
        let order = &folding.batch.order;
        let mut from = 0;
        while from < rows.len() {
            let watermark = order.watermark(rows.row(from));
            let mut to = from + 1;
            while to < rows.len() && order.watermark(rows.row(to)) == watermark {
                to += 1;
            }
            let layout = folding.layout;
            while self.fire_panes(layout, watermark, context, next) == Advance::More {}
            self.fold_windows(folding, rows.slice(from, to), Tracing::None);
            from = to;
        }
    }

    /// Whether a window is final for a row of it; the runs of the whole batch are at hand.
    fn any_partly_late(&self, folding: &Folding<'_>, rows: Segment<'_>) -> bool {
        let Some(assigner) = &self.assigner else {
            return false;
        };
        let order = &folding.batch.order;
        self.scratch.runs.iter().any(|run| {
            let (first, _) = assigner.pane_gone_at(run.window);
            first <= order.watermark(rows.row(run.to - 1))
        })
    }

    /// Emits at most `FIRE_ROWS_MAX` rows of the windows that are final at `watermark`.
    pub(super) fn fire_panes(
        &mut self,
        layout: &Layout,
        watermark: i64,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let Some(mut panes) = self.panes.take() else {
            return Advance::Done;
        };
        let mut room = FIRE_ROWS_MAX;
        let mut step = Advance::Done;
        while let Some(window) = self.due_window(&panes, watermark) {
            if room == 0 {
                step = Advance::More;
                break;
            }
            let from = match self.firing {
                Some(from) => from,
                None => {
                    self.combine_panes(layout, &mut panes, window);
                    0
                }
            };
            let to = self.order.len().min(from + room);
            self.index.forget();
            let groups = &self.order[from..to];
            let assigner = self.assigner.as_ref().expect("there are windows");
            let (rows, output) = (&mut self.positions, &mut self.output);
            panes.emit(
                layout,
                groups,
                rows,
                (assigner, window),
                output,
                &mut self.group_errors,
            );
            room -= to - from;
            if to < self.order.len() {
                self.firing = Some(to);
                continue;
            }
            self.firing = None;
            panes.window = None;
            panes.fired_end = window.end;
        }
        if step == Advance::Done
            && let Some(assigner) = &self.assigner
        {
            panes.fired_end = panes.fired_end.max(assigner.final_end(watermark));
        }
        self.panes = Some(panes);
        self.flush(context, next);
        step
    }

    /// The next window that leaves, if it is final; panes whose windows have all left are forgotten.
    fn due_window(&mut self, panes: &Panes, watermark: i64) -> Option<Window> {
        let assigner = self.assigner.as_ref()?;
        loop {
            let pane = self.windows.held.front()?.window;
            match assigner.covering_from(pane, panes.fired_end).next() {
                Some(window) => {
                    return (assigner.final_at(window) <= watermark).then_some(window);
                }
                None => {
                    self.windows.retire_first();
                    self.index.forget();
                }
            }
        }
    }

    /// Combines the panes of `window`, and puts its groups in the order of their first rows.
    fn combine_panes(&mut self, layout: &Layout, panes: &mut Panes, window: Window) {
        let held = &mut self.windows.held;
        let limit = KEYS_MIN.max(4 * self.windows.entries);
        let renumber = panes.keys.len() > limit;
        let goes_on = |kept: Window| kept.start == window.start && kept.end <= window.end;
        // What had left one window before a restore has not left the next.
        if renumber || panes.left.contains(&true) || !panes.kept.is_some_and(goes_on) {
            panes.reset();
        }
        if renumber {
            panes.keys.clear();
            panes.places.clear();
            held.iter_mut().for_each(|pane| pane.ids.clear());
        }
        panes.window = Some(window);
        let behind = panes.kept.map_or(window.start, |kept| kept.end);
        panes.kept = Some(window);
        let from = held.partition_point(|pane| pane.window.end <= behind);
        for pane in held.range_mut(from..) {
            if window.end < pane.window.end {
                break;
            }
            panes.merge(layout, pane, window);
        }
        self.order.clear();
        self.order.extend(0..panes.ids.len() as u32);
        panes.in_order = true;
        if panes.left.contains(&true) {
            self.order.retain(|&group| !panes.left[group as usize]);
            panes.in_order = false;
        }
        if !panes.firsts.is_sorted() {
            self.order
                .sort_unstable_by_key(|&group| panes.firsts[group as usize]);
            panes.in_order = false;
        }
        self.firing = Some(0);
    }

    /// The end up to which the windows of each group of a pane have left.
    pub(super) fn left_of(&self, panes: &Panes, pane: &WindowState) -> Vec<i64> {
        let mut left = pane.left.clone();
        left.resize(pane.groups(), i64::MIN);
        left.iter_mut()
            .for_each(|end| *end = (*end).max(panes.fired_end));
        if let (Some(window), Some(fired)) = (panes.window, self.firing) {
            let mut gone = vec![false; panes.ids.len()];
            for &place in &self.order[..fired] {
                gone[place as usize] = true;
            }
            for (group, &id) in pane.ids.iter().enumerate() {
                let place = panes.places[id as usize];
                if place != NOWHERE && gone[place as usize] {
                    left[group] = left[group].max(window.end);
                }
            }
        }
        left
    }
}
