//! Moves the states and keys that are still of use to where the others are not.
//!
//! Sessions and bars number their groups as they begin and use no number twice; when most of what is held is over,
//! what lives is copied together.

use super::input::recycled;
use super::kernel::{Groups, Native, Span};
use super::layout::{LanePlan, Layout};
use super::state::{LaneState, WindowState};
use crate::batch::{Column, ColumnData};
use crate::table::{GroupTable, Segment, hash_keys};
use std::slice;

/// Groups numbered at least before those that are over are forgotten.
pub(super) const NUMBERED_MIN: usize = 4096;

/// Scratch of a move.
#[derive(Default)]
pub(super) struct Mover {
    rows: Vec<u32>,
    groups: Vec<u32>,
    created: Vec<u32>,
    owners: Vec<i64>,
    hashes: Vec<u64>,
    columns: Vec<&'static Column>,
}

impl Mover {
    /// Copies the groups `ids` to the end of `to`, in that order. The values of DISTINCT lanes hash by the seed.
    pub fn states(
        &mut self,
        (layout, hash_seed): (&Layout, u64),
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
            if let (Some(from), Some(to)) = (&from.seen, &mut to.seen) {
                self.seen(from, to, hash_seed, ids, base);
            }
        }
    }

    /// Copies the values that the groups `ids`, which rise, have seen.
    fn seen(
        &mut self,
        from: &GroupTable,
        to: &mut GroupTable,
        hash_seed: u64,
        ids: &[u32],
        base: u32,
    ) {
        let owners = i64::of(&from.keys()[0]);
        self.owners.clear();
        self.owners.resize(from.len(), 0);
        self.rows.clear();
        for (row, &owner) in owners.iter().enumerate() {
            if let Ok(new) = ids.binary_search(&(owner as u32)) {
                self.owners[row] = i64::from(base) + new as i64;
                self.rows.push(row as u32);
            }
        }
        let owners = Column {
            data: ColumnData::I64(std::mem::take(&mut self.owners)),
            nulls: Vec::new(),
        };
        let mut columns = recycled(std::mem::take(&mut self.columns));
        columns.push(&owners);
        columns.extend(&from.keys()[1..]);
        let rows = Segment::List(&self.rows);
        hash_keys(hash_seed, &columns, rows, from.len(), &mut self.hashes);
        let (found, created) = (&mut self.groups, &mut self.created);
        to.find_or_insert(&self.hashes, &columns, rows, found, created);
        self.columns = recycled(columns);
        if let ColumnData::I64(values) = owners.data {
            self.owners = values;
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
