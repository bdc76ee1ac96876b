//! Snapshots of sessions: those of a vnode in the order of their first rows.

use super::{NONE, Session, Sessions};
use crate::batch::{Column, Rows};
use crate::error::JobError;
use crate::hash::{Vnode, vnode_of};
use crate::operator::aggregate::combine::merge_lanes;
use crate::operator::aggregate::kernel::{Groups, Span};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::snapshot::{gathered, into_columns, misshapen};
use crate::operator::aggregate::state::First;
use crate::operator::archive::{self, ArchiveHeader, ColumnImage};
use crate::table::{GroupTable, Segment, hash_keys};
use std::borrow::Cow;
use std::cmp::Reverse;

const OPERATOR: &str = "session";
const VERSION: u32 = 1;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct SessionsImage {
    /// (first, last) of each session.
    bounds: Vec<(i64, i64)>,
    /// (seq, ordinal) of the first row of each.
    firsts: Vec<(u64, u32)>,
    keys: Vec<ColumnImage>,
    states: Vec<ColumnImage>,
}

fn header(hash_seed: u64) -> ArchiveHeader<'static> {
    ArchiveHeader {
        operator: OPERATOR,
        version: VERSION,
        hash_seed,
    }
}

impl Sessions {
    /// Puts live sessions in the order of vnodes, unless that is done: those of `hashes_of` the keys own them.
    pub fn index(&mut self, hashes_of: impl Fn(&GroupTable) -> Cow<'_, [u64]>) {
        if std::mem::replace(&mut self.indexed, true) {
            return;
        }
        let hashes = hashes_of(&self.keys);
        let vnode_of_session = |session: &Session| {
            let hash = hashes.get(session.key as usize);
            hash.map_or(Vnode(0), |&hash| vnode_of(hash))
        };
        let sessions = (0..).zip(&self.sessions);
        let live = sessions.filter(|(_, session)| session.lives);
        self.by_vnode.clear();
        self.by_vnode
            .extend(live.map(|(id, session)| (vnode_of_session(session), id)));
        self.by_vnode
            .sort_unstable_by_key(|&(vnode, id)| (vnode.0, self.sessions[id as usize].born));
    }

    /// Appends the sessions of `vnode`; they have been indexed.
    pub fn snapshot(&mut self, hash_seed: u64, vnode: Vnode, out: &mut Vec<u8>) {
        let from = self.by_vnode.partition_point(|entry| entry.0.0 < vnode.0);
        let of_vnode = self.by_vnode[from..].iter();
        let of_vnode = of_vnode.take_while(|entry| entry.0 == vnode);
        let ids: Vec<u32> = of_vnode.map(|entry| entry.1).collect();
        if ids.is_empty() {
            return;
        }
        let of_ids = || ids.iter().map(|&id| &self.sessions[id as usize]);
        let keys: Vec<u32> = of_ids().map(|session| session.key).collect();
        let slots = self.arena.lanes.iter().flat_map(|lane| &lane.slots);
        let states = slots.flat_map(|slot| &slot.columns);
        let image = SessionsImage {
            bounds: of_ids()
                .map(|session| (session.first, session.last))
                .collect(),
            firsts: ids
                .iter()
                .map(|&id| {
                    let first = self.arena.firsts[id as usize];
                    (first.seq, first.ordinal)
                })
                .collect(),
            keys: self
                .keys
                .keys()
                .iter()
                .map(|column| gathered(column, &keys))
                .collect(),
            states: states.map(|column| gathered(column, &ids)).collect(),
        };
        let payload = rkyv::to_bytes::<rkyv::rancor::Error>(&image)
            .expect("an archive in memory has nothing to fail on");
        archive::seal(header(hash_seed), &payload, out);
    }

    /// Adds sessions that `snapshot` wrote.
    pub fn restore(
        &mut self,
        layout: &Layout,
        hash_seed: u64,
        bytes: &[u8],
    ) -> Result<(), JobError> {
        let payload = archive::open(header(hash_seed), bytes)?;
        let image = rkyv::from_bytes::<SessionsImage, rkyv::rancor::Error>(&payload)
            .map_err(|error| JobError::Snapshot(format!("session: {error}")))?;
        let rows = image.bounds.len();
        if image.firsts.len() != rows {
            return Err(misshapen());
        }
        let keys = into_columns(image.keys, &self.key_types, rows)?;
        let states = into_columns(image.states, &layout.state_types(), rows)?;
        let mut numbers = vec![0; rows];
        if !keys.is_empty() {
            let keys: Vec<&Column> = keys.iter().collect();
            let (mut hashes, mut created) = (Vec::new(), Vec::new());
            let all = Rows::All(rows);
            hash_keys(hash_seed, &keys, all.into(), rows, &mut hashes);
            self.keys
                .find_or_insert(&hashes, &keys, all, &mut numbers, &mut created);
        }
        self.latest
            .resize(self.keys.len().max(usize::from(keys.is_empty())), NONE);
        let base = self.sessions.len();
        for ((&(first, last), &(seq, ordinal)), &key) in
            image.bounds.iter().zip(&image.firsts).zip(&numbers)
        {
            let (mut behind, mut at) = (NONE, self.latest[key as usize]);
            while at != NONE && first < self.sessions[at as usize].first {
                (behind, at) = (at, self.sessions[at as usize].earlier);
            }
            let begun = First { seq, ordinal };
            let id = self.begin(key, first, behind, begun);
            self.sessions[id as usize].last = last;
            self.due.push(Reverse((self.final_at(last), begun, id)));
        }
        self.arena.grow(layout);
        let groups: Vec<u32> = (base as u32..self.sessions.len() as u32).collect();
        let span = Span {
            rows: Segment::Range {
                start: 0,
                end: rows,
            },
            groups: Groups::Each(&groups),
        };
        let (rows, groups) = (&mut Vec::new(), &mut Vec::new());
        merge_lanes(layout, &mut self.arena.lanes, &states, span, rows, groups);
        Ok(())
    }
}
