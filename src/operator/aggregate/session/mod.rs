//! Session windows: for each key the rows that follow one another within a gap.
//!
//! ```text
//! key table -> latest[key] -> session -> earlier session -> ..     mostly one
//!                               | first, last, first row, slots by session
//! heap of (final at, first row, session): the next session that can be final
//! ```
//!
//! A row at `t` meets the sessions of its key that are not final for it, at W(row) > last + gap + allowed lateness.
//! It joins the one that holds `t`, else the one before it when `t <= last + gap`, else the one behind it when
//! `first - gap <= t`; where it lies within the gap of both these become one, the later merged into the earlier, and
//! then it is folded. With MAXSPAN a row joins, and two sessions become one, only while last - first stays within it;
//! a row that can join neither begins a session. So open sessions of a key never overlap.
//!
//! A row is late when it would begin a session that is final for it, at W(row) > t + gap + allowed lateness: where an
//! open session takes it, however far back it lies, it is on time. That is known here only, behind the columns that
//! the rows before it were read for, so of a session's records late is the last place in the ledger.
//!
//! Sessions that are final for a row, and have not left only because their batch is still being folded, are taken out
//! of those of their key when a row comes upon them: the next row is as if they were gone.
//!
//! With corrections (`correct`) a session is kept for the retention behind its end, and "final" above reads "gone".
//!
//! Most rows extend the latest session of their key: a batch is looked up whole, every row finds its session by two
//! comparisons, and the slots are folded by session as by group. Only a merge folds what is pending first.

mod compact;
mod correct;
mod fold;
pub(in crate::operator) mod late;
mod snapshot;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::layout::Layout;
use super::numbered::{NONE, Numbered, Placed, Results};
use super::state::First;
use super::told::Told;
use crate::batch::RowOrder;
use crate::plan::WindowPlan;
use crate::table::Segment;
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;

/// A session's bounds, and its place among those of its key.
#[derive(Clone, Copy, Debug)]
struct Session {
    first: i64,
    last: i64,
    /// Which came first: rises with the arrival of first rows.
    born: u64,
    key: u32,
    /// The session of the key before it in time.
    earlier: u32,
    lives: bool,
    /// Whether it is among those of its key: rows may join it.
    joins: bool,
    /// Whether it waits to be told as it is at the next tick.
    changed: bool,
    /// Whether its final row has left: it is kept to be corrected.
    left: bool,
}

/// When a session can be final, its first row, and its number.
type Due = Reverse<(i64, First, u32)>;

/// All sessions.
pub(super) struct Sessions {
    // Fixed at construction.
    gap_ns: i64,
    span_ns: i64,
    allowed_ns: i64,
    /// How long a session that has left is kept.
    retention_ns: i64,
    // State.
    numbered: Numbered,
    /// By key: its latest session.
    latest: Vec<u32>,
    sessions: Vec<Session>,
    live: usize,
    born: u64,
    due: BinaryHeap<Due>,
    // Scratch.
    rows: Vec<u32>,
    key_of: Vec<u32>,
    of_rows: Vec<u32>,
    /// Rows of the batch that are late.
    late: Vec<u32>,
}

impl Sessions {
    pub fn new(
        plan: &WindowPlan,
        (allowed_ns, retention_ns): (i64, i64),
        layout: &Layout,
        (keys, hash_seed): (&[DataType], u64),
    ) -> Option<Self> {
        let WindowPlan::Session { gap_ns, span_ns } = *plan else {
            return None;
        };
        Some(Self {
            gap_ns,
            span_ns: span_ns.unwrap_or(i64::MAX),
            allowed_ns,
            retention_ns,
            numbered: Numbered::new(layout, keys, hash_seed),
            latest: Vec::new(),
            sessions: Vec::new(),
            live: 0,
            born: 0,
            due: BinaryHeap::new(),
            rows: Vec::new(),
            key_of: Vec::new(),
            of_rows: Vec::new(),
            late: Vec::new(),
        })
    }

    /// Sessions held.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Sessions, and the values that are held beside the states of all.
    pub fn entries(&self) -> usize {
        self.live + self.numbered.held()
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let sessions = self.sessions.len() * (size_of::<Session>() + size_of::<Due>());
        self.numbered.bytes() + (sessions + self.latest.len() * 4) as u64
    }

    /// Adds the bounds of the sessions held.
    pub fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        let live = self.sessions.iter();
        let live = live.filter(|session| session.lives && !session.left);
        windows.extend(live.map(|session| (session.first, session.last + self.gap_ns)));
    }

    /// The least watermark at which a session with this last row is final.
    fn final_at(&self, last: i64) -> i64 {
        last.saturating_add(self.gap_ns)
            .saturating_add(self.allowed_ns)
            .saturating_add(1)
    }

    /// The least watermark at which such a session takes no row any more.
    fn gone_at(&self, last: i64) -> i64 {
        self.final_at(last).saturating_add(self.retention_ns)
    }

    /// Whether rows from `first` to `last` may be one session.
    fn spans(&self, first: i64, last: i64) -> bool {
        last.saturating_sub(first) <= self.span_ns
    }

    /// The session of a row that is not simply next in the latest of its key: (session, one to merge into it).
    /// `NONE`: it begins one, before the second in time.
    fn place(&mut self, key: u32, time: i64, watermark: i64) -> (u32, u32) {
        let (mut behind, mut at) = (NONE, self.latest[key as usize]);
        while let Some(&session) = self.sessions.get(at as usize) {
            if self.gone_at(session.last) <= watermark {
                self.sessions[at as usize].joins = false;
                self.follow(key, behind, session.earlier);
            } else if time < session.first {
                behind = at;
            } else {
                break;
            }
            at = session.earlier;
        }
        let session = |at: u32| self.sessions.get(at as usize);
        let before = session(at).filter(|it| time <= it.last.saturating_add(self.gap_ns));
        let after = session(behind).filter(|it| it.first.saturating_sub(self.gap_ns) <= time);
        match (before, after) {
            (Some(before), _) if time <= before.last => (at, NONE),
            (Some(before), Some(after)) if self.spans(before.first, after.last) => (at, behind),
            (Some(before), _) if self.spans(before.first, time) => (at, NONE),
            (_, Some(after)) if self.spans(time, after.last) => (behind, NONE),
            _ => (NONE, behind),
        }
    }

    /// The session of a row, begun if it is new, and one to merge into it or `NONE`; `None` where the row is late.
    fn find(&mut self, key: u32, time: i64, order: &RowOrder, row: usize) -> Option<(u32, u32)> {
        let watermark = order.watermark(row);
        let (found, other) = self.place(key, time, watermark);
        if found != NONE {
            return Some((found, other));
        }
        if self.gone_at(time) <= watermark {
            return None;
        }
        let OrderKey { seq, ordinal, .. } = order.key(row);
        Some((self.begin(key, time, other, First { seq, ordinal }), NONE))
    }

    /// Stretches a session to a row at `time`.
    fn extend(&mut self, id: u32, time: i64) {
        let session = &mut self.sessions[id as usize];
        session.first = session.first.min(time);
        session.last = session.last.max(time);
    }

    /// Makes `id` what comes before session `behind` among those of `key`; behind none it is the latest.
    fn follow(&mut self, key: u32, behind: u32, id: u32) {
        match self.sessions.get_mut(behind as usize) {
            Some(behind) => behind.earlier = id,
            None => self.latest[key as usize] = id,
        }
    }

    /// Begins a session of `key`, before session `behind` in time.
    fn begin(&mut self, key: u32, time: i64, behind: u32, first: First) -> u32 {
        let id = self.sessions.len() as u32;
        let earlier = match self.sessions.get(behind as usize) {
            Some(behind) => behind.earlier,
            None => self.latest[key as usize],
        };
        self.follow(key, behind, id);
        self.add(key, time, first);
        self.sessions[id as usize].earlier = earlier;
        self.due.push(Reverse((self.final_at(time), first, id)));
        id
    }

    /// Adds a session that is not among those of its key yet.
    fn add(&mut self, key: u32, time: i64, first: First) {
        self.sessions.push(Session {
            first: time,
            last: time,
            born: self.born,
            key,
            earlier: NONE,
            lives: true,
            joins: true,
            changed: false,
            left: false,
        });
        self.born += 1;
        self.live += 1;
        self.numbered.begin(first);
    }

    /// Takes a session out of those of its key.
    fn detach(&mut self, id: u32) {
        let session = &mut self.sessions[id as usize];
        let Session { key, earlier, .. } = *session;
        if !std::mem::replace(&mut session.joins, false) {
            return;
        }
        let (mut behind, mut at) = (NONE, self.latest[key as usize]);
        while at != id {
            (behind, at) = (at, self.sessions[at as usize].earlier);
        }
        self.follow(key, behind, earlier);
    }

    /// Takes a session out of what is held.
    fn unlink(&mut self, id: u32) {
        self.sessions[id as usize].lives = false;
        self.live -= 1;
        self.numbered.forget_index();
        self.detach(id);
    }

    /// Merges session `late` into `early`, which comes before it in time.
    fn merge(&mut self, layout: &Layout, early: u32, late: u32) {
        self.numbered.merge(layout, early, late);
        self.unlink(late);
        let gone = self.sessions[late as usize];
        let session = &mut self.sessions[early as usize];
        session.last = gone.last;
        if gone.born < session.born {
            session.born = gone.born;
            let firsts = &mut self.numbered.arena.firsts;
            let first = firsts[late as usize];
            firsts[early as usize] = first;
            let final_at = self.final_at(gone.last);
            self.due.push(Reverse((final_at, first, early)));
        }
    }

    /// The next session that is final at `watermark`, taken out of what is held save where it is `kept` to be told.
    fn next_due(&mut self, watermark: i64, kept: bool) -> Option<u32> {
        loop {
            let Reverse((at, first, id)) = *self.due.peek()?;
            if at > watermark {
                return None;
            }
            self.due.pop();
            let session = self.sessions[id as usize];
            // Merged, or merged into: then there is another entry.
            if !session.lives || self.numbered.arena.firsts[id as usize] != first {
                continue;
            }
            let final_at = self.final_at(session.last);
            if at < final_at {
                self.due.push(Reverse((final_at, first, id)));
                continue;
            }
            if self.retention_ns > 0 && !session.left {
                self.sessions[id as usize].left = true;
                self.due
                    .push(Reverse((self.gone_at(session.last), first, id)));
                return Some(id);
            }
            if session.left {
                match self.gone_at(session.last) {
                    gone_at if at < gone_at => self.due.push(Reverse((gone_at, first, id))),
                    _ => self.unlink(id),
                }
                continue;
            }
            if kept && session.changed {
                self.detach(id);
            } else {
                self.unlink(id);
            }
            return Some(id);
        }
    }

    /// Marks the sessions of rows: they wait for the tick.
    fn mark(&mut self, told: &mut Told, order: &RowOrder, rows: Segment<'_>) {
        for (position, &id) in self.of_rows.iter().enumerate() {
            let Some(session) = self.sessions.get_mut(id as usize) else {
                // Late.
                continue;
            };
            if !std::mem::replace(&mut session.changed, true) {
                let OrderKey { seq, ordinal, .. } = order.key(rows.row(position));
                told.changed.push((First { seq, ordinal }, id));
            }
        }
    }

    /// Takes out of what waits for the tick what is not told at it.
    pub fn leave_untold(&mut self, told: &mut Told) {
        let (tick, early) = (told.tick, told.early);
        told.changed.retain(|&(_, id)| {
            let session = self.sessions[id as usize];
            let tells = session.lives && !(early && self.final_at(session.last) <= tick);
            self.sessions[id as usize].changed = tells;
            tells
        });
    }

    /// Forgets that sessions waited for the tick, and those that were kept for it.
    pub fn forget_told(&mut self, told: &Told) {
        for &id in &told.ids {
            let session = &mut self.sessions[id as usize];
            session.changed = false;
            if !session.joins && !told.early {
                self.unlink(id);
            }
        }
    }

    /// Appends the results of sessions to the output, save their order keys.
    pub fn emit(&mut self, layout: &Layout, ids: &[u32], to: Results<'_>) {
        let (sessions, gap_ns) = (&self.sessions, self.gap_ns);
        let placed = |id: u32| {
            let session = sessions[id as usize];
            Placed {
                key: session.key,
                start: session.first,
                end: session.last.saturating_add(gap_ns),
            }
        };
        self.numbered.emit(layout, ids, placed, to);
    }
}
