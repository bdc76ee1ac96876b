//! Moves the sessions that live together, and forgets keys that have none.

use super::{NONE, Session, Sessions};
use crate::operator::aggregate::layout::Layout;
use crate::operator::aggregate::told::Told;
use std::cmp::Reverse;

impl Sessions {
    /// Moves what lives when most does not; `told` are those that wait for a tick.
    pub(super) fn compact(&mut self, layout: &Layout, groups_max: u64, told: Option<&mut Told>) {
        if !self.numbered.is_sparse(self.live, groups_max) {
            return;
        }
        self.rows.clear();
        let live = self.sessions.iter().enumerate();
        let live = live.filter(|(_, session)| session.lives);
        self.rows.extend(live.map(|(id, _)| id as u32));
        let sessions = &self.sessions;
        self.of_rows.clear();
        self.of_rows
            .extend(self.rows.iter().map(|&id| sessions[id as usize].key));
        let keyless = usize::from(self.numbered.is_keyless());
        let keys = self.numbered.keep(layout, &self.rows, &self.of_rows);
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
            session.key = keys[new];
            sessions[new] = session;
        }
        let known = keys.iter().max().map_or(0, |&key| key as usize + 1);
        sessions.truncate(self.rows.len());
        self.sessions = sessions;
        self.relink(known.max(keyless));
        let mut due = std::mem::take(&mut self.due).into_vec();
        due.retain_mut(|Reverse((_, _, id))| {
            *id = self.key_of[*id as usize];
            *id != NONE
        });
        self.due = due.into();
        if let Some(told) = told {
            told.changed.retain_mut(|(_, id)| {
                *id = self.key_of[*id as usize];
                *id != NONE
            });
        }
    }

    /// Finds the latest session of every key: the one that no other which rows may join names as earlier.
    fn relink(&mut self, keys: usize) {
        self.latest.clear();
        self.latest.resize(keys, NONE);
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
