//! The values that DISTINCT calls have seen, by group: in the order in which it saw them, to be merged or written down.

use crate::batch::{Column, Rows};
use crate::operator::aggregate::kernel::{Groups, Native, Span};
use crate::operator::aggregate::layout::LanePlan;
use crate::operator::aggregate::slot::{Args, empty_columns};
use crate::operator::aggregate::state::LaneState;
use crate::table::{GroupTable, Segment, hash_keys};
use crate::types::DataType;

const NONE: u32 = u32::MAX;

/// A lane's seen values as chains, one of each group. They are looked at when groups merge and for snapshots only, so
/// they follow the table when they are asked.
#[derive(Default)]
pub(super) struct Chains {
    /// By value: the next one of its group.
    next: Vec<u32>,
    /// By group: its first value and its last.
    ends: Vec<(u32, u32)>,
}

impl Chains {
    /// Appends the values that are new since the last call to the chains of their groups.
    pub fn follow(&mut self, seen: &GroupTable) {
        let owners = i64::of(&seen.keys()[0]);
        for &owner in &owners[self.next.len()..] {
            let (value, group) = (self.next.len() as u32, owner as usize);
            self.next.push(NONE);
            if self.ends.len() <= group {
                self.ends.resize(group + 1, (NONE, NONE));
            }
            let (first, last) = &mut self.ends[group];
            match *last {
                NONE => *first = value,
                last => self.next[last as usize] = value,
            }
            *last = value;
        }
    }

    /// The values of a group, as they are numbered in the table.
    pub fn of(&self, group: u32) -> impl Iterator<Item = u32> {
        let first = self.ends.get(group as usize).map_or(NONE, |ends| ends.0);
        let found = |value: u32| (value != NONE).then_some(value);
        std::iter::successors(found(first), move |&value| found(self.next[value as usize]))
    }

    pub fn clear(&mut self) {
        self.next.clear();
        self.ends.clear();
    }
}

/// Scratch of a merge.
#[derive(Default)]
pub(super) struct Merger {
    values: Vec<u32>,
    /// The owner, then the values.
    columns: Vec<Column>,
    hashes: Vec<u64>,
    found: Vec<u32>,
    created: Vec<u32>,
}

impl Merger {
    /// Folds the values that `late` has seen and `early` has not into the state of `early`.
    pub fn merge(
        &mut self,
        plan: &LanePlan,
        lane: &mut LaneState,
        chains: &mut Chains,
        hash_seed: u64,
        (early, late): (u32, u32),
    ) {
        let seen = lane.seen.as_mut().expect("a DISTINCT lane has a table");
        chains.follow(seen);
        self.values.clear();
        self.values.extend(chains.of(late));
        let rows = self.values.len();
        let mut owners = empty_columns(&[DataType::BigInt]);
        i64::of_mut(&mut owners[0]).resize(rows, i64::from(early));
        self.columns = owners;
        self.columns.extend(empty_columns(&plan.types));
        for (to, from) in self.columns[1..].iter_mut().zip(&seen.keys()[1..]) {
            to.extend_from(from, Rows::Some(&self.values));
        }
        let keys: Vec<&Column> = self.columns.iter().collect();
        let all = Rows::All(rows);
        hash_keys(hash_seed, &keys, all.into(), rows, &mut self.hashes);
        let (found, created) = (&mut self.found, &mut self.created);
        seen.find_or_insert(&self.hashes, &keys, all, found, created);
        created.sort_unstable();
        if created.is_empty() {
            return;
        }
        let span = Span {
            rows: Segment::List(created),
            groups: Groups::One(early),
        };
        for (plan, slot) in plan.slots.iter().zip(&mut lane.slots) {
            let args = Args {
                first: self.columns.get(1 + plan.arg),
                second: self.columns.get(2 + plan.arg),
                // What goes by time ignores repetitions, and is not DISTINCT.
                times: &[],
            };
            slot.fold(plan, args, span, None);
        }
    }
}
