//! Fires windows that are final: groups in the order of their first rows, windows in the order of their ends.

use super::engine::Core;
use super::finish::{GroupErrors, finish};
use super::fold::RunningStates;
use super::layout::Layout;
use super::state::{First, WindowState};
use super::window::{Window, WindowAssigner};
use crate::batch::{Batch, Column, ColumnData, Rows};
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::plan::{AggregateMode, Emission};
use crate::table::{Segment, append_keys};
use crate::time::{OrderKey, WATERMARK_END};

impl Core {
    pub(super) fn advance(
        &mut self,
        layout: &Layout,
        frontier: OrderKey,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        if context.failure.is_some() {
            return Advance::Done;
        }
        let ended = frontier == OrderKey::MAX;
        let watermark = if ended {
            WATERMARK_END
        } else {
            frontier.watermark()
        };
        if self.tell_at(layout, (watermark, ended), context, next) == Advance::More {
            return Advance::More;
        }
        if self.sessions.is_some() {
            return self.fire_sessions(layout, watermark, context, next);
        }
        if self.bars.is_some() {
            return self.end_bars(layout, ended, context, next);
        }
        if self.emission == Emission::Changes {
            self.retire(watermark, ended);
            return Advance::Done;
        }
        if self.panes.is_some() {
            return self.fire_panes(layout, watermark, context, next);
        }
        if ended {
            self.open_lone_group(layout);
        }
        self.fire(layout, watermark, ended, context, next)
    }

    /// Emits at most `FIRE_ROWS_MAX` rows of what is final at `watermark`.
    pub(super) fn fire(
        &mut self,
        layout: &Layout,
        watermark: i64,
        ended: bool,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let mut room = FIRE_ROWS_MAX;
        let mut step = Advance::Done;
        while self.is_due(watermark, ended) {
            if room == 0 {
                step = Advance::More;
                break;
            }
            let at = self.windows.fired;
            let from = match self.firing {
                Some(from) => from,
                None => self.begin_firing(at),
            };
            let to = self.order.len().min(from + room);
            self.index.forget();
            self.emit_groups(layout, at, from, to);
            room -= to - from;
            if to < self.order.len() {
                self.firing = Some(to);
                continue;
            }
            self.firing = None;
            self.windows.fired += 1;
            self.finished |= self.assigner.is_none();
            self.retire_fired(watermark);
        }
        self.retire_fired(watermark);
        self.flush(context, next);
        step
    }

    /// Whether the next window that has not fired is final.
    fn is_due(&self, watermark: i64, ended: bool) -> bool {
        let Some(state) = self.windows.held.get(self.windows.fired) else {
            return false;
        };
        match self.assigner {
            Some(_) => state.final_at <= watermark,
            None => ended,
        }
    }

    /// Puts the groups of a window that have not left yet in the order of their first rows.
    fn begin_firing(&mut self, at: usize) -> usize {
        let state = &self.windows.held[at];
        self.order.clear();
        self.order.extend(0..state.groups() as u32);
        self.in_order = true;
        if !state.emitted.is_empty() {
            self.order.retain(|&group| !state.emitted[group as usize]);
            self.in_order = false;
        }
        // They are in order, save after a restore or where keys shared a hash.
        if !state.firsts.is_sorted() {
            self.order
                .sort_unstable_by_key(|&group| state.firsts[group as usize]);
            self.in_order = false;
        }
        self.firing = Some(0);
        0
    }

    /// Without keys and windows there is a result even when no row came.
    fn open_lone_group(&mut self, layout: &Layout) {
        let lone = self.assigner.is_none() && self.key_types.is_empty();
        let combined = self.mode != AggregateMode::Partial;
        let missing = self.windows.held.is_empty() && !self.finished;
        if !(lone && combined && missing && self.owner) {
            return;
        }
        let at = self.open(layout, Window::ALL);
        let state = &mut self.windows.held[at];
        state.firsts.push(First { seq: 0, ordinal: 0 });
        state.grow(layout);
        self.windows.entries += 1;
    }

    /// Appends the results of `order[from..to]` of a window to the output.
    fn emit_groups(&mut self, layout: &Layout, at: usize, from: usize, to: usize) {
        let state = &self.windows.held[at];
        let groups = &self.order[from..to];
        // Most windows leave whole and as they lie.
        let rows = match self.in_order && from == 0 {
            true => Rows::All(to),
            false => Rows::Some(groups),
        };
        let window = self.assigner.as_ref().map(|_| state.window);
        if self.mode == AggregateMode::Partial {
            let mut column = push_bounds(&mut self.output, 0, window, groups.len());
            // A part of a split aggregate counts every lane for itself.
            for slot in state.lanes.iter().flat_map(|lane| &lane.slots) {
                for from in &slot.columns {
                    self.output.columns[column].extend_from(from, rows);
                    column += 1;
                }
            }
        } else {
            for (to, key) in self.output.columns.iter_mut().zip(state.table.keys()) {
                append_keys(to, key, rows);
            }
            let keys = self.key_types.len();
            let results = push_bounds(&mut self.output, keys, window, groups.len());
            let columns = &mut self.output.columns[results..];
            let running = (&mut self.running, &mut self.group_errors);
            emit_states(layout, state, (groups, rows), window, running, columns);
        }
        push_order(&mut self.output, self.assigner.as_ref(), state, rows);
        self.output.rows += groups.len();
    }

    /// Hands the output on, without the rows that have a group error.
    pub(super) fn flush(&mut self, context: &mut Context<'_>, next: &mut dyn Output) {
        let output = &mut self.output;
        if output.rows == 0 {
            return;
        }
        output.selection.all(output.rows);
        if !self.group_errors.is_empty() {
            self.group_errors.sort_unstable();
            self.group_errors.dedup_by_key(|error| error.0);
            for &(_, reason) in &self.group_errors {
                context.ledger.group_error(reason);
            }
            let errors = &self.group_errors;
            output.selection.retain(|row| {
                errors
                    .binary_search_by_key(&(row as u32), |error| error.0)
                    .is_err()
            });
            self.group_errors.clear();
        }
        output.arrival_ns = self.arrival_ns;
        if !output.selection.is_empty() {
            next.push(output, context);
        }
        output.clear();
    }

    /// Forgets fired windows that no late row can reach.
    fn retire_fired(&mut self, watermark: i64) {
        while self.windows.fired > 0 && self.windows.held[0].gone_at <= watermark {
            self.windows.retire_first();
            self.index.forget();
        }
    }

    /// Forgets windows that no row can reach (CHANGES: nothing fires).
    fn retire(&mut self, watermark: i64, ended: bool) {
        if self.assigner.is_none() && !ended {
            return;
        }
        while let Some(state) = self.windows.held.front() {
            if state.gone_at > watermark {
                return;
            }
            self.windows.retire_first();
            self.index.forget();
        }
    }
}

/// Appends the results of groups, which are `rows` of the states, to `columns`: one for each call.
fn emit_states(
    layout: &Layout,
    state: &WindowState,
    (groups, rows): (&[u32], Rows<'_>),
    window: Option<Window>,
    (running, errors): (&mut RunningStates, &mut GroupErrors),
    columns: &mut [Column],
) {
    let ready = |lane: usize| {
        let plans = &layout.lanes[lane].slots;
        let mut slots = state.lanes[lane].slots.iter().zip(plans);
        slots.all(|(slot, plan)| slot.lies_ready(plan))
    };
    for (lane, running) in running.iter_mut().enumerate() {
        if ready(lane) {
            continue;
        }
        let slots = state.slots_of(lane).zip(&layout.lanes[lane].slots);
        for (running, (slot, plan)) in running.iter_mut().zip(slots) {
            running.gather(slot, groups);
            if let Some(window) = window {
                running.close(plan, Rows::All(groups.len()), |_| window.end);
            }
        }
    }
    for (call, out) in layout.calls.iter().zip(columns) {
        if ready(call.lane) {
            let slots = &state.lanes[call.lane].slots;
            finish(call, state.count_of(call.lane), slots, rows, out, errors);
        } else {
            let slots = &running[call.lane];
            let rows = Rows::All(groups.len());
            finish(call, &slots[0], slots, rows, out, errors);
        }
    }
}

/// Appends `rows` times the bounds of the window from column `column` on; gives the column behind them.
pub(super) fn push_bounds(
    output: &mut Batch,
    column: usize,
    window: Option<Window>,
    rows: usize,
) -> usize {
    let Some(window) = window else {
        return column;
    };
    for (offset, bound) in [window.start, window.end].into_iter().enumerate() {
        if let ColumnData::I64(values) = &mut output.columns[column + offset].data {
            values.resize(values.len() + rows, bound);
        }
    }
    column + 2
}

fn push_order(
    output: &mut Batch,
    assigner: Option<&WindowAssigner>,
    state: &WindowState,
    groups: Rows<'_>,
) {
    let (final_at, firsts, groups) = (state.final_at, &state.firsts[..], Segment::from(groups));
    match assigner.filter(|assigner| !assigner.is_plain()) {
        Some(assigner) => groups.extend(output.order_keys(), |group| {
            let First { seq, ordinal } = firsts[group];
            OrderKey::fired(final_at, seq, assigner.ordinal_of(state.window, ordinal))
        }),
        None => groups.extend(output.order_keys(), |group| {
            let First { seq, ordinal } = firsts[group];
            OrderKey::fired(final_at, seq, ordinal)
        }),
    }
    if !state.table.is_empty() {
        let hashes = state.table.hashes();
        groups.extend(&mut output.hashes, |group| hashes[group]);
    }
    let window = (state.window != Window::ALL).then_some(state.window);
    push_times(output, window, groups.len());
}

/// Appends the event time of `rows` rows of a window.
pub(super) fn push_times(output: &mut Batch, window: Option<Window>, rows: usize) {
    if let Some(window) = window {
        output.time.resize(output.time.len() + rows, window.end - 1);
    }
}
