//! Moves the sessions that live together, and forgets keys that have none.

use super::{NONE, Session, Sessions};
use crate::operator::aggregate::input::recycled;
use crate::operator::aggregate::kernel::{Groups, Span};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::state::WindowState;
use crate::table::{GroupTable, Segment};
use std::cmp::Reverse;

/// Sessions numbered at least before those that are over are forgotten.
const SESSIONS_MIN: usize = 4096;

impl Sessions {
    /// Moves what lives when most do not.
    pub(super) fn compact(&mut self, layout: &Layout) {
        // A key of late rows only is entered too.
        let numbered = self.sessions.len().max(self.keys.len());
        if numbered < SESSIONS_MIN.max(4 * self.live) {
            return;
        }
        let (mut arena, mut keys) = self.spare.take().unwrap_or_else(|| {
            let arena = Box::new(WindowState::new(layout, &[]));
            (arena, GroupTable::new(&self.key_types))
        });
        self.rows.clear();
        let live = self.sessions.iter().enumerate();
        let live = live.filter(|(_, session)| session.lives);
        self.rows.extend(live.map(|(id, _)| id as u32));
        let firsts = self.rows.iter().map(|&id| self.arena.firsts[id as usize]);
        arena.firsts.extend(firsts);
        arena.grow(layout);
        let numbers = &mut self.of_rows;
        numbers.clear();
        numbers.extend(0..self.rows.len() as u32);
        self.copy_slots(layout, &mut arena);
        self.move_keys(&mut keys);
        // By old number the new one, in place of the key.
        let mut sessions = std::mem::take(&mut self.sessions);
        self.key_of.clear();
        self.key_of.resize(sessions.len(), NONE);
        for (new, &old) in self.rows.iter().enumerate() {
            self.key_of[old as usize] = new as u32;
        }
        for (new, &old) in self.rows.iter().enumerate() {
            let mut session = sessions[old as usize];
            if session.earlier != NONE {
                session.earlier = self.key_of[session.earlier as usize];
            }
            session.key = self.created[new];
            sessions[new] = session;
        }
        sessions.truncate(self.rows.len());
        self.sessions = sessions;
        self.relink();
        let mut due = std::mem::take(&mut self.due).into_vec();
        due.retain_mut(|Reverse((_, _, id))| {
            *id = self.key_of[*id as usize];
            *id != NONE
        });
        self.due = due.into();
        std::mem::swap(&mut self.arena, &mut arena);
        std::mem::swap(&mut self.keys, &mut keys);
        arena.clear();
        keys.clear();
        self.spare = Some((arena, keys));
    }

    /// Copies the slots of the sessions in `rows` to `arena`.
    fn copy_slots(&mut self, layout: &Layout, arena: &mut WindowState) {
        let (rows, groups) = (&mut self.key_of, &mut self.created);
        for ((plan, to), from) in layout
            .lanes
            .iter()
            .zip(&mut arena.lanes)
            .zip(&self.arena.lanes)
        {
            let counts = &from.slots[0].columns[0];
            rows.clear();
            groups.clear();
            for (&old, &new) in self.rows.iter().zip(&self.of_rows) {
                if counts_rows(counts, old) {
                    rows.push(old);
                    groups.push(new);
                }
            }
            let span = Span {
                rows: Segment::List(rows),
                groups: Groups::Each(groups),
            };
            for ((plan, to), from) in plan.slots.iter().zip(&mut to.slots).zip(&from.slots) {
                to.merge(plan, &from.columns, span);
            }
        }
    }

    /// Enters the keys of the sessions in `rows` into `keys`; their numbers there go to `created`.
    fn move_keys(&mut self, keys: &mut GroupTable) {
        let old = &mut self.of_rows;
        old.clear();
        let sessions = &self.sessions;
        old.extend(self.rows.iter().map(|&id| sessions[id as usize].key));
        self.created.clear();
        if self.key_types.is_empty() {
            self.created.resize(self.rows.len(), 0);
            return;
        }
        let mut columns = recycled(std::mem::take(&mut self.columns));
        columns.extend(self.keys.keys());
        let mut made = std::mem::take(&mut self.key_of);
        let hashes = self.keys.hashes();
        let rows = Segment::List(old);
        keys.find_or_insert(hashes, &columns, rows, &mut self.created, &mut made);
        self.key_of = made;
        self.columns = recycled(columns);
    }

    /// Finds the latest session of every key: the one that no other which rows may join names as earlier.
    fn relink(&mut self) {
        let keys = self.created.iter().max().map_or(0, |&key| key as usize + 1);
        self.latest.clear();
        self.latest
            .resize(keys.max(usize::from(self.key_types.is_empty())), NONE);
        let named = &mut self.of_rows;
        named.clear();
        named.resize(self.sessions.len(), 0);
        let joined = |session: &&Session| session.joins;
        for session in self.sessions.iter().filter(joined) {
            if session.earlier != NONE {
                named[session.earlier as usize] = 1;
            }
        }
        let sessions = (0..).zip(&self.sessions);
        for (id, session) in sessions.filter(|(_, session)| session.joins) {
            if named[id as usize] == 0 {
                self.latest[session.key as usize] = id;
            }
        }
    }
}

fn counts_rows(counts: &crate::batch::Column, session: u32) -> bool {
    use crate::operator::aggregate::kernel::Native;
    i64::of(counts)[session as usize] > 0
}
