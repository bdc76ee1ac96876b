//! Snapshots of numbered groups: those of a vnode in an order that their owner gives.

use super::Numbered;
use crate::batch::{Column, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::operator::aggregate::combine::merge_lanes;
use crate::operator::aggregate::kernel::{Groups, Span};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::snapshot::{
    SeenImage, gathered, into_columns, misshapen, restore_seen,
};
use crate::operator::aggregate::state::First;
use crate::operator::archive::ColumnImage;
use crate::table::{GroupTable, Segment, hash_keys};
use std::borrow::Cow;

/// Keys and states of some groups.
#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
pub(in super::super) struct NumberedImage {
    /// (seq, ordinal) of the first row of each.
    firsts: Vec<(u64, u32)>,
    keys: Vec<ColumnImage>,
    states: Vec<ColumnImage>,
    /// One for each DISTINCT lane.
    seen: Vec<SeenImage>,
}

impl NumberedImage {
    /// The first rows of the groups.
    pub fn firsts(&self) -> impl ExactSizeIterator<Item = First> {
        let first = |&(seq, ordinal): &(u64, u32)| First { seq, ordinal };
        self.firsts.iter().map(first)
    }
}

impl Numbered {
    /// Whether the index is of the present state.
    pub fn is_indexed(&self) -> bool {
        self.indexed
    }

    /// Puts groups, given with the numbers of their keys, in the order of vnodes, those of one by `rank` of their number
    /// and first row: those of `hashes_of` the keys own them.
    pub fn index<R: Ord>(
        &mut self,
        groups: impl Iterator<Item = (u32, u32)>,
        rank: impl Fn(u32, First) -> R,
        hashes_of: impl Fn(&GroupTable) -> Cow<'_, [u64]>,
    ) {
        self.indexed = true;
        let hashes = hashes_of(&self.keys);
        let vnode = |key: u32| {
            let hash = hashes.get(key as usize);
            hash.map_or(Vnode(0), |&hash| vnode_of(hash))
        };
        self.by_vnode.clear();
        self.by_vnode
            .extend(groups.map(|(id, key)| (vnode(key), id)));
        let firsts = &self.arena.firsts;
        let rank = |id: u32| rank(id, firsts[id as usize]);
        self.by_vnode
            .sort_unstable_by_key(|&(vnode, id)| (vnode.0, rank(id)));
        for (lane, chains) in self.arena.lanes.iter().zip(&mut self.chains) {
            if let Some(seen) = &lane.seen {
                chains.follow(seen);
            }
        }
    }

    /// The groups of `vnode`, which have been indexed.
    pub fn of_vnode(&self, vnode: Vnode) -> Vec<u32> {
        let from = self.by_vnode.partition_point(|entry| entry.0.0 < vnode.0);
        let of_vnode = self.by_vnode[from..].iter();
        let of_vnode = of_vnode.take_while(|entry| entry.0 == vnode);
        of_vnode.map(|entry| entry.1).collect()
    }

    /// The image of groups, given with the numbers of their keys.
    pub fn image(&self, ids: &[u32], keys: &[u32]) -> NumberedImage {
        let first = |&id: &u32| {
            let First { seq, ordinal } = self.arena.firsts[id as usize];
            (seq, ordinal)
        };
        let mut states = Vec::new();
        for slot in self.arena.lanes.iter().flat_map(|lane| &lane.slots) {
            match slot.exported(ids) {
                Some(column) => states.push(ColumnImage::of(&column)),
                None => states.extend(slot.columns.iter().map(|column| gathered(column, ids))),
            }
        }
        let of_keys = self.keys.keys().iter();
        NumberedImage {
            firsts: ids.iter().map(first).collect(),
            keys: of_keys.map(|column| gathered(column, keys)).collect(),
            states,
            seen: self.seen_by(ids),
        }
    }

    /// What DISTINCT calls of the groups have seen.
    fn seen_by(&self, ids: &[u32]) -> Vec<SeenImage> {
        let lanes = self.arena.lanes.iter().zip(&self.chains);
        let distinct = lanes.filter_map(|(lane, chains)| Some((lane.seen.as_ref()?, chains)));
        let image = |(seen, chains): (&GroupTable, &super::Chains)| {
            let (mut owners, mut rows) = (Vec::new(), Vec::new());
            for (owner, &id) in (0..).zip(ids) {
                for value in chains.of(id) {
                    owners.push(owner);
                    rows.push(value);
                }
            }
            let values = seen.keys()[1..].iter();
            SeenImage {
                owners,
                values: values.map(|column| gathered(column, &rows)).collect(),
            }
        };
        distinct.map(image).collect()
    }

    /// Enters the keys of an image; gives the number of each group's, and how many keys are known.
    ///
    /// # Errors
    /// When the image is of another plan.
    pub fn enter(&mut self, image: &mut NumberedImage) -> Result<(Vec<u32>, usize), JobError> {
        let rows = image.firsts.len();
        let keys = into_columns(std::mem::take(&mut image.keys), &self.key_types, rows)?;
        let mut numbers = vec![0; rows];
        if keys.is_empty() {
            return Ok((numbers, 1));
        }
        let keys: Vec<&Column> = keys.iter().collect();
        let (mut hashes, all) = (Vec::new(), Rows::All(rows));
        hash_keys(self.hash_seed, &keys, all.into(), rows, &mut hashes);
        self.keys
            .find_or_insert(&hashes, &keys, all, &mut numbers, &mut self.created);
        Ok((numbers, self.keys.len()))
    }

    /// Gives the newest groups, which have begun in the order of the image, its states.
    ///
    /// # Errors
    /// When the image is of another plan.
    pub fn fill(&mut self, layout: &Layout, image: NumberedImage) -> Result<(), JobError> {
        let (end, count) = (self.arena.groups(), image.firsts.len());
        let states = into_columns(image.states, &layout.state_types(), count)?;
        self.arena.grow(layout);
        let groups: Vec<u32> = (end as u32 - count as u32..end as u32).collect();
        let span = Span {
            rows: Segment::Range {
                start: 0,
                end: count,
            },
            groups: Groups::Each(&groups),
        };
        let (rows, of_rows) = (&mut Vec::new(), &mut Vec::new());
        merge_lanes(layout, &mut self.arena.lanes, &states, span, rows, of_rows);
        restore_seen(layout, self.hash_seed, &mut self.arena, image.seen, &groups)
    }

    /// Checks that an image is of as many groups as are told apart from it.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(image: &NumberedImage, counts: &[usize]) -> Result<(), JobError> {
        match counts.iter().all(|&count| count == image.firsts.len()) {
            true => Ok(()),
            false => Err(misshapen()),
        }
    }
}
