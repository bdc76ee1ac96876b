//! Moves the states and keys that are still of use to where the others are not.
//!
//! Sessions and bars number their groups as they begin and use no number twice; when most of what is held is over,
//! what lives is copied together.

use super::input::recycled;
use super::kernel::{Groups, Native, Span};
use super::layout::{LanePlan, Layout};
use super::state::{LaneState, WindowState};
use crate::batch::Column;
use crate::table::{GroupTable, Segment};
use std::slice;

/// Groups numbered at least before those that are over are forgotten.
pub(super) const NUMBERED_MIN: usize = 4096;

/// Scratch of a move.
#[derive(Default)]
pub(super) struct Mover {
    rows: Vec<u32>,
    groups: Vec<u32>,
    columns: Vec<&'static Column>,
}

impl Mover {
    /// Copies the groups `ids` to the end of `to`, in that order.
    pub fn states(
        &mut self,
        layout: &Layout,
        from: &WindowState,
        to: &mut WindowState,
        ids: &[u32],
    ) {
        let base = to.firsts.len() as u32;
        to.firsts
            .extend(ids.iter().map(|&id| from.firsts[id as usize]));
        to.grow(layout);
        let lanes = layout.lanes.iter().zip(&mut to.lanes);
        for ((plan, to), from) in lanes.zip(&from.lanes) {
            self.lane(plan, from, to, ids, base);
        }
    }

    /// Copies the states of one lane; those of no rows are there already.
    fn lane(
        &mut self,
        plan: &LanePlan,
        from: &LaneState,
        to: &mut LaneState,
        ids: &[u32],
        base: u32,
    ) {
        let counts = i64::of(&from.slots[0].columns[0]);
        self.rows.clear();
        self.groups.clear();
        for (new, &old) in (base..).zip(ids) {
            if counts[old as usize] > 0 {
                self.rows.push(old);
                self.groups.push(new);
            }
        }
        let groups = Groups::Each(&self.groups);
        for ((plan, to), from) in plan.slots.iter().zip(&mut to.slots).zip(&from.slots) {
            let (start, end) = (0, self.rows.len());
            match from.exported(&self.rows) {
                Some(states) => {
                    let rows = Segment::Range { start, end };
                    to.merge(plan, slice::from_ref(&states), Span { rows, groups });
                }
                None => {
                    let rows = Segment::List(&self.rows);
                    to.merge(plan, &from.columns, Span { rows, groups });
                }
            }
        }
    }

    /// Enters the keys numbered `keys` of `from` into `to`; their numbers there go to `numbers`.
    pub fn keys(
        &mut self,
        from: &GroupTable,
        to: &mut GroupTable,
        keys: &[u32],
        numbers: &mut Vec<u32>,
    ) {
        numbers.clear();
        if from.keys().is_empty() {
            numbers.resize(keys.len(), 0);
            return;
        }
        let mut columns = recycled(std::mem::take(&mut self.columns));
        columns.extend(from.keys());
        let rows = Segment::List(keys);
        to.find_or_insert(from.hashes(), &columns, rows, numbers, &mut self.rows);
        self.columns = recycled(columns);
    }
}
