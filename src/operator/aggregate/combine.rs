//! Combines the states of split aggregates in the order they come, which is that of the blocks.

use super::engine::Core;
use super::kernel::{Groups, Native, Span};
use super::layout::{LanePlan, Layout};
use super::state::{First, LaneState};
use super::window::Window;
use crate::batch::{Batch, Column};
use crate::table::Segment;

impl Core {
    /// Folds rows that `Partial` gave out into one group for each window.
    pub(super) fn combine(&mut self, layout: &Layout, batch: &Batch) {
        let rows: Segment<'_> = batch.selection.rows().into();
        let bounds = if self.assigner.is_some() { 2 } else { 0 };
        let window_of = |row: usize| match bounds {
            0 => Window::ALL,
            _ => Window {
                start: i64::of(&batch.columns[0])[row],
                end: i64::of(&batch.columns[1])[row],
            },
        };
        let states = &batch.columns[bounds..];
        let mut from = 0;
        while from < rows.len() {
            let window = window_of(rows.row(from));
            let mut to = from + 1;
            while to < rows.len() && window_of(rows.row(to)) == window {
                to += 1;
            }
            let at = self.open(layout, window);
            let state = &mut self.windows.held[at];
            if state.firsts.is_empty() {
                let key = batch.order.key(rows.row(from));
                state.firsts.push(First {
                    seq: key.seq,
                    ordinal: key.ordinal,
                });
                state.grow(layout);
                self.windows.entries += 1;
            }
            let span = Span {
                rows: rows.slice(from, to),
                groups: Groups::One(0),
            };
            let (rows, groups) = (&mut self.positions, &mut self.created);
            merge_lanes(layout, &mut state.lanes, states, span, rows, groups);
            from = to;
        }
    }
}

/// Folds state columns, lane by lane and slot by slot, into the states of the rows' groups.
pub(super) fn merge_lanes(
    layout: &Layout,
    lanes: &mut [LaneState],
    states: &[Column],
    span: Span<'_>,
    rows: &mut Vec<u32>,
    groups: &mut Vec<u32>,
) {
    let mut rest = states;
    for (plan, lane) in layout.lanes.iter().zip(lanes) {
        rest = merge_lane(plan, lane, rest, span, rows, groups);
    }
}

fn merge_lane<'a>(
    plan: &LanePlan,
    lane: &mut LaneState,
    states: &'a [Column],
    span: Span<'_>,
    rows: &mut Vec<u32>,
    groups: &mut Vec<u32>,
) -> &'a [Column] {
    // A state of no rows has nothing to say.
    let counts = i64::of(&states[0]);
    rows.clear();
    groups.clear();
    span.for_each(|row, group| {
        if counts[row] > 0 {
            rows.push(row as u32);
            groups.push(group as u32);
        }
    });
    let span = Span {
        rows: Segment::List(rows),
        groups: Groups::Each(groups),
    };
    let mut rest = states;
    for (plan, slot) in plan.slots.iter().zip(&mut lane.slots) {
        let columns = slot.width();
        slot.merge(plan, &rest[..columns], span);
        rest = &rest[columns..];
    }
    rest
}
