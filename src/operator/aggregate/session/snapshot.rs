//! Snapshots of sessions: those of a vnode in the order of their first rows.

use super::{NONE, Sessions};
use crate::error::JobError;
use crate::hash::Vnode;
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::numbered::{Numbered, NumberedImage};
use crate::operator::aggregate::state::First;
use crate::operator::aggregate::told::Told;
use crate::operator::archive::{self, ArchiveHeader};
use crate::table::GroupTable;
use std::borrow::Cow;
use std::cmp::Reverse;

const OPERATOR: &str = "session";
const VERSION: u32 = 3;

#[derive(rkyv::Archive, rkyv::Serialize, rkyv::Deserialize)]
struct SessionsImage {
    /// (first, last) of each session.
    bounds: Vec<(i64, i64)>,
    /// Whether rows may join each; the others wait to be told only.
    joins: Vec<bool>,
    /// Whether the final row of each has left.
    left: Vec<bool>,
    /// The tick that those wait for which have changed.
    tick: i64,
    /// (seq, ordinal) of what changed each first since the last tick.
    changed: Vec<Option<(u64, u32)>>,
    states: NumberedImage,
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
    pub fn index(
        &mut self,
        told: Option<&mut Told>,
        hashes_of: impl Fn(&GroupTable) -> Cow<'_, [u64]>,
    ) {
        if self.numbered.is_indexed() {
            return;
        }
        told.into_iter().for_each(Told::index);
        let sessions = &self.sessions;
        let live = (0..).zip(sessions).filter(|(_, session)| session.lives);
        let live = live.map(|(id, session)| (id, session.key));
        let rank = |id: u32, _| sessions[id as usize].born;
        self.numbered.index(live, rank, hashes_of);
    }

    /// Appends the sessions of `vnode`; they have been indexed.
    pub fn snapshot(
        &mut self,
        hash_seed: u64,
        told: Option<&Told>,
        vnode: Vnode,
        out: &mut Vec<u8>,
    ) {
        let ids = self.numbered.of_vnode(vnode);
        if ids.is_empty() {
            return;
        }
        let of_ids = || ids.iter().map(|&id| &self.sessions[id as usize]);
        let keys: Vec<u32> = of_ids().map(|session| session.key).collect();
        let image = SessionsImage {
            bounds: of_ids()
                .map(|session| (session.first, session.last))
                .collect(),
            joins: of_ids().map(|session| session.joins).collect(),
            left: of_ids().map(|session| session.left).collect(),
            tick: told.map_or(i64::MIN, |told| told.tick),
            changed: Told::waiting(told, &ids),
            states: self.numbered.image(&ids, &keys),
        };
        archive::write(header(hash_seed), &image, out);
    }

    /// Adds sessions that `snapshot` wrote.
    pub fn restore(
        &mut self,
        layout: &Layout,
        hash_seed: u64,
        told: Option<&mut Told>,
        bytes: &[u8],
    ) -> Result<(), JobError> {
        let mut image: SessionsImage = archive::read(header(hash_seed), bytes)?;
        let marks = [image.joins.len(), image.left.len(), image.changed.len()];
        let counts = [&[image.bounds.len()], &marks[..]].concat();
        Numbered::check(&image.states, &counts)?;
        let (keys, known) = self.numbered.enter(&mut image.states)?;
        self.latest.resize(known, NONE);
        let base = self.sessions.len() as u32;
        let sessions = image.bounds.iter().zip(image.states.firsts());
        let sessions = sessions.zip(keys).zip(&image.joins);
        for (((&(first, last), begun), key), &joins) in sessions {
            self.resume(key, (first, last), begun, joins);
        }
        for (session, &left) in self.sessions[base as usize..].iter_mut().zip(&image.left) {
            session.left = left;
        }
        if let Some(told) = told {
            told.resume(image.tick, base, &image.changed)?;
            for &(_, id) in &told.changed {
                self.sessions[id as usize].changed = true;
            }
        }
        self.numbered.fill(layout, image.states)
    }

    /// Adds a session as it was.
    fn resume(&mut self, key: u32, (first, last): (i64, i64), begun: First, joins: bool) {
        if !joins {
            self.add(key, first, begun);
            let session = self.sessions.last_mut().expect("it was just added");
            (session.last, session.joins) = (last, false);
            let id = self.sessions.len() as u32 - 1;
            self.due.push(Reverse((self.final_at(last), begun, id)));
            return;
        }
        let (mut behind, mut at) = (NONE, self.latest[key as usize]);
        while at != NONE && first < self.sessions[at as usize].first {
            (behind, at) = (at, self.sessions[at as usize].earlier);
        }
        let id = self.begin(key, first, behind, begun);
        self.sessions[id as usize].last = last;
        self.due.push(Reverse((self.final_at(last), begun, id)));
    }
}
