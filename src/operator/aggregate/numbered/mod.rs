//! What sessions and bars have in common: groups that are numbered as they begin, with their states and keys.
//!
//! Numbers rise and are not used again, so that all rows of a batch are folded in one pass whatever groups they end;
//! when most groups are over, those that are still of use are moved together ([`Numbered::keep`]).

mod distinct;
mod snapshot;

pub(super) use snapshot::NumberedImage;

use super::engine::Core;
use super::finish::{GroupErrors, finish};
use super::fold::{Folding, RunningStates, Scratch};
use super::kernel::{Groups, Native, Span};
use super::layout::{Layout, SlotKind};
use super::moving::{Mover, NUMBERED_MIN};
use super::state::{First, LaneState, WindowState};
use crate::batch::{Batch, ColumnData, Rows};
use crate::hash::Vnode;
use crate::table::{GroupTable, Segment};
use crate::types::DataType;
use distinct::{Chains, Merger};
use std::slice;

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// Values beside the groups that are held at least before those of groups that are over are forgotten.
const HELD_MIN: usize = 1 << 16;

/// States and keys of groups by number.
pub(super) struct Numbered {
    // Fixed at construction.
    key_types: Vec<DataType>,
    hash_seed: u64,
    /// By lane: whether results are made of copies of the states.
    gathers: Vec<bool>,
    // State.
    pub keys: GroupTable,
    /// Slots and first rows by group.
    pub arena: Box<WindowState>,
    /// By lane: the values that the groups of a DISTINCT lane have seen.
    chains: Vec<Chains>,
    /// Values held beside the groups after the last move.
    held: usize,
    /// Groups of use by vnode, built for a snapshot; whether it is of the present state.
    by_vnode: Vec<(Vnode, u32)>,
    indexed: bool,
    // Scratch.
    spare: Option<(Box<WindowState>, GroupTable)>,
    moved: Vec<LaneState>,
    mover: Mover,
    merger: Merger,
    created: Vec<u32>,
    numbers: Vec<u32>,
}

/// Where a group lies: the number of its key, its window as it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub key: u32,
    pub start: i64,
    pub end: i64,
}

/// Where results go.
pub(super) struct Results<'a> {
    pub running: &'a mut RunningStates,
    pub output: &'a mut Batch,
    pub errors: &'a mut GroupErrors,
}

impl Core {
    /// Where results go.
    pub(super) fn results(&mut self) -> Results<'_> {
        Results {
            running: &mut self.running,
            output: &mut self.output,
            errors: &mut self.group_errors,
        }
    }
}

impl Numbered {
    pub fn new(layout: &Layout, keys: &[DataType], hash_seed: u64) -> Self {
        let copied = |kind: SlotKind| kind.is_held() || kind == SlotKind::Twap;
        let lanes = layout.lanes.iter();
        let gathers = lanes.map(|lane| lane.slots.iter().any(|slot| copied(slot.kind)));
        Self {
            key_types: keys.to_vec(),
            hash_seed,
            gathers: gathers.collect(),
            keys: GroupTable::new(keys),
            arena: Box::new(WindowState::new(layout, &[])),
            chains: layout.lanes.iter().map(|_| Chains::default()).collect(),
            held: 0,
            by_vnode: Vec::new(),
            indexed: false,
            spare: None,
            moved: layout.lanes.iter().map(LaneState::new).collect(),
            mover: Mover::default(),
            merger: Merger::default(),
            created: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// Whether all groups are of one key, which has no columns.
    pub fn is_keyless(&self) -> bool {
        self.key_types.is_empty()
    }

    /// Finds the number of every row's key; gives how many keys are known.
    pub fn find(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        key_of: &mut Vec<u32>,
    ) -> usize {
        if folding.keyless {
            key_of.clear();
            key_of.resize(rows.len(), 0);
            return 1;
        }
        let (keys, created) = (&folding.input.keys, &mut self.created);
        self.keys
            .find_or_insert(folding.hashes, keys, rows, key_of, created);
        self.keys.len()
    }

    /// Gives the next number to a group that `first` begins.
    pub fn begin(&mut self, first: First) {
        self.indexed = false;
        self.arena.firsts.push(first);
    }

    /// Says that which groups are of use has changed.
    pub fn forget_index(&mut self) {
        self.indexed = false;
    }

    /// Folds rows into the groups of each.
    pub fn fold(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        of_rows: &[u32],
        scratch: &mut Scratch,
        running: Option<&mut RunningStates>,
    ) {
        self.arena.grow(folding.layout);
        if rows.is_empty() {
            return;
        }
        let span = Span {
            rows,
            groups: Groups::Each(of_rows),
        };
        folding.fold_span(&mut self.arena, span, scratch, running);
    }

    /// Merges the state of group `late` into that of `early`, whose rows come first in the fold. Of a DISTINCT lane
    /// the values that only `late` has seen are folded, in the order in which it saw them.
    pub fn merge(&mut self, layout: &Layout, early: u32, late: u32) {
        let lanes = layout.lanes.iter().zip(&mut self.arena.lanes);
        let lanes = lanes.zip(self.moved.iter_mut().zip(&mut self.chains));
        for ((plan, lane), (moved, chains)) in lanes {
            if i64::of(&lane.slots[0].columns[0])[late as usize] == 0 {
                continue;
            }
            if plan.distinct {
                let groups = (early, late);
                self.merger
                    .merge(plan, lane, chains, self.hash_seed, groups);
                continue;
            }
            let span = Span {
                rows: Segment::Range { start: 0, end: 1 },
                groups: Groups::One(early),
            };
            let slots = plan.slots.iter().zip(&mut lane.slots);
            for ((plan, slot), moved) in slots.zip(&mut moved.slots) {
                if let Some(state) = slot.exported(&[late]) {
                    slot.merge(plan, slice::from_ref(&state), span);
                    continue;
                }
                for (to, from) in moved.columns.iter_mut().zip(&slot.columns) {
                    to.clear();
                    to.extend_from(from, Rows::Some(&[late]));
                }
                slot.merge(plan, &moved.columns, span);
            }
        }
    }

    /// Values that are held beside the states of all groups.
    pub fn held(&self) -> usize {
        self.arena.entries() - self.arena.groups()
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        self.keys.bytes() + self.arena.bytes()
    }

    /// Whether it is time to move what is of use, `used` groups of those numbered: when most are over, or hold most of
    /// what is held, or more is held than `entries_max`.
    pub fn is_sparse(&self, used: usize, entries_max: u64) -> bool {
        // A key of late rows only is entered too.
        let numbered = self.arena.groups().max(self.keys.len());
        let held = self.held();
        let over = used < self.arena.groups();
        NUMBERED_MIN.max(4 * used) <= numbered
            || over && (HELD_MIN.max(2 * self.held) < held || entries_max < (used + held) as u64)
    }

    /// Moves the groups `ids`, which rise, to the front, and forgets the others; `keys` are the numbers of their keys.
    /// Gives the new number of each one's key.
    pub fn keep(&mut self, layout: &Layout, ids: &[u32], keys: &[u32]) -> &[u32] {
        let (mut arena, mut table) = self.spare.take().unwrap_or_else(|| {
            let arena = Box::new(WindowState::new(layout, &[]));
            (arena, GroupTable::new(&self.key_types))
        });
        let lanes = (layout, self.hash_seed);
        self.mover.states(lanes, &self.arena, &mut arena, ids);
        self.mover
            .keys(&self.keys, &mut table, keys, &mut self.created);
        std::mem::swap(&mut self.arena, &mut arena);
        std::mem::swap(&mut self.keys, &mut table);
        arena.clear();
        table.clear();
        self.spare = Some((arena, table));
        self.chains.iter_mut().for_each(Chains::clear);
        self.indexed = false;
        self.held = self.held();
        &self.created
    }

    /// Appends the results of groups to the output, save their order keys.
    pub fn emit(
        &mut self,
        layout: &Layout,
        ids: &[u32],
        placed: impl Fn(u32) -> Placed,
        to: Results<'_>,
    ) {
        let Results {
            running,
            output,
            errors,
        } = to;
        self.numbers.clear();
        self.numbers.extend(ids.iter().map(|&id| placed(id).key));
        for (to, key) in output.columns.iter_mut().zip(self.keys.keys()) {
            to.extend_from(key, Rows::Some(&self.numbers));
        }
        let width = self.key_types.len();
        if let ColumnData::I64(starts) = &mut output.columns[width].data {
            starts.extend(ids.iter().map(|&id| placed(id).start));
        }
        if let ColumnData::I64(ends) = &mut output.columns[width + 1].data {
            ends.extend(ids.iter().map(|&id| placed(id).end));
        }
        let all = Rows::All(ids.len());
        let lanes = self.arena.lanes.iter().zip(&layout.lanes);
        for ((running, (lane, plan)), _) in running
            .iter_mut()
            .zip(lanes)
            .zip(&self.gathers)
            .filter(|(_, gathers)| **gathers)
        {
            let slots = lane.slots.iter().zip(&plan.slots);
            for (running, (slot, plan)) in running.iter_mut().zip(slots) {
                running.gather(slot, ids);
                running.close(plan, all, |at| placed(ids[at]).end);
            }
        }
        for (column, call) in layout.calls.iter().enumerate() {
            let out = &mut output.columns[width + 2 + column];
            match self.gathers[call.lane] {
                true => {
                    let slots = &running[call.lane];
                    finish(call, &slots[0], slots, all, out, errors);
                }
                false => {
                    let slots = &self.arena.lanes[call.lane].slots;
                    finish(call, &slots[0], slots, Rows::Some(ids), out, errors);
                }
            }
        }
        let hashes = self.keys.hashes();
        if !hashes.is_empty() {
            let of_keys = self.numbers.iter().map(|&key| hashes[key as usize]);
            output.hashes.extend(of_keys);
        }
        // As of any window: a nanosecond before its end.
        output.time.extend(ids.iter().map(|&id| placed(id).end - 1));
        output.rows += ids.len();
    }
}
