//! Moves the sessions that live together, and forgets keys that have none.

use super::{NONE, Session, Sessions};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::moving::NUMBERED_MIN;
use crate::operator::aggregate::state::WindowState;
use crate::table::GroupTable;
use std::cmp::Reverse;

impl Sessions {
    /// Moves what lives when most do not.
    pub(super) fn compact(&mut self, layout: &Layout) {
        // A key of late rows only is entered too.
        let numbered = self.sessions.len().max(self.keys.len());
        if numbered < NUMBERED_MIN.max(4 * self.live) {
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
        self.mover
            .states(layout, &self.arena, &mut arena, &self.rows);
        let sessions = &self.sessions;
        self.of_rows.clear();
        self.of_rows
            .extend(self.rows.iter().map(|&id| sessions[id as usize].key));
        self.mover
            .keys(&self.keys, &mut keys, &self.of_rows, &mut self.created);
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
