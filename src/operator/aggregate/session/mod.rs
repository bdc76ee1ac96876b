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
//! Most rows extend the latest session of their key: a batch is looked up whole, every row finds its session by two
//! comparisons, and the slots are folded by session as by group. Only a merge folds what is pending first.
//!
//! Numbers of sessions rise and are not used again; when most are over, those that live are moved together (`compact`).

mod compact;
mod snapshot;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::engine::{Core, Tracing, order_keys};
use super::finish::finish;
use super::fold::Folding;
use super::kernel::{Groups, Native, Span};
use super::layout::Layout;
use super::moving::Mover;
use super::state::{First, LaneState, WindowState};
use crate::batch::{Batch, ColumnData, RowOrder, Rows};
use crate::hash::Vnode;
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::{Advance, Context, Output};
use crate::plan::WindowPlan;
use crate::table::{GroupTable, Segment};
use crate::time::{EventTimeNs, OrderKey};
use crate::types::DataType;

/// No session.
const NONE: u32 = u32::MAX;

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
}

/// When a session can be final, its first row, and its number.
type Due = Reverse<(i64, First, u32)>;

/// All sessions.
pub(super) struct Sessions {
    // Fixed at construction.
    gap_ns: i64,
    span_ns: i64,
    allowed_ns: i64,
    key_types: Vec<DataType>,
    // State.
    keys: GroupTable,
    /// By key: its latest session.
    latest: Vec<u32>,
    sessions: Vec<Session>,
    /// Slots and first rows by session.
    arena: Box<WindowState>,
    live: usize,
    born: u64,
    due: BinaryHeap<Due>,
    /// Live sessions by vnode, those of one by `born`, built for a snapshot; whether it is of the present state.
    by_vnode: Vec<(Vnode, u32)>,
    indexed: bool,
    // Scratch.
    spare: Option<(Box<WindowState>, GroupTable)>,
    moved: Vec<LaneState>,
    rows: Vec<u32>,
    key_of: Vec<u32>,
    created: Vec<u32>,
    of_rows: Vec<u32>,
    /// Rows of the batch that are late.
    late: Vec<u32>,
    mover: Mover,
}

impl Sessions {
    pub fn new(
        plan: &WindowPlan,
        allowed_ns: i64,
        layout: &Layout,
        keys: &[DataType],
    ) -> Option<Self> {
        let WindowPlan::Session { gap_ns, span_ns } = *plan else {
            return None;
        };
        Some(Self {
            gap_ns,
            span_ns: span_ns.unwrap_or(i64::MAX),
            allowed_ns,
            key_types: keys.to_vec(),
            keys: GroupTable::new(keys),
            latest: Vec::new(),
            sessions: Vec::new(),
            arena: Box::new(WindowState::new(layout, &[])),
            live: 0,
            born: 0,
            due: BinaryHeap::new(),
            by_vnode: Vec::new(),
            indexed: false,
            spare: None,
            moved: layout.lanes.iter().map(LaneState::new).collect(),
            rows: Vec::new(),
            key_of: Vec::new(),
            created: Vec::new(),
            of_rows: Vec::new(),
            late: Vec::new(),
            mover: Mover::default(),
        })
    }

    /// Sessions held.
    pub fn live(&self) -> usize {
        self.live
    }

    /// An estimate of the bytes in use.
    pub fn bytes(&self) -> u64 {
        let sessions = self.sessions.len() * (size_of::<Session>() + size_of::<Due>());
        self.keys.bytes() + self.arena.bytes() + (sessions + self.latest.len() * 4) as u64
    }

    /// Adds the bounds of the sessions held.
    pub fn open_windows(&self, windows: &mut BTreeSet<(EventTimeNs, EventTimeNs)>) {
        let live = self.sessions.iter().filter(|session| session.lives);
        windows.extend(live.map(|session| (session.first, session.last + self.gap_ns)));
    }

    /// The least watermark at which a session with this last row is final.
    fn final_at(&self, last: i64) -> i64 {
        last.saturating_add(self.gap_ns)
            .saturating_add(self.allowed_ns)
            .saturating_add(1)
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
            if self.final_at(session.last) <= watermark {
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
        if self.final_at(time) <= watermark {
            return None;
        }
        let OrderKey { seq, ordinal, .. } = order.key(row);
        Some((self.begin(key, time, other, First { seq, ordinal }), NONE))
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
        self.sessions.push(Session {
            first: time,
            last: time,
            born: self.born,
            key,
            earlier,
            lives: true,
            joins: true,
        });
        self.born += 1;
        self.live += 1;
        self.indexed = false;
        self.arena.firsts.push(first);
        self.due.push(Reverse((self.final_at(time), first, id)));
        id
    }

    /// Takes a session out of what is held.
    fn unlink(&mut self, id: u32) {
        let Session {
            key,
            earlier,
            joins,
            ..
        } = self.sessions[id as usize];
        self.sessions[id as usize].lives = false;
        self.live -= 1;
        self.indexed = false;
        if !joins {
            return;
        }
        let (mut behind, mut at) = (NONE, self.latest[key as usize]);
        while at != id {
            (behind, at) = (at, self.sessions[at as usize].earlier);
        }
        self.follow(key, behind, earlier);
    }

    /// Merges session `late` into `early`, which comes before it in time.
    fn merge(&mut self, layout: &Layout, early: u32, late: u32) {
        let lanes = layout.lanes.iter().zip(&mut self.arena.lanes);
        for ((plan, lane), moved) in lanes.zip(&mut self.moved) {
            if i64::of(&lane.slots[0].columns[0])[late as usize] == 0 {
                continue;
            }
            let slots = plan.slots.iter().zip(&mut lane.slots);
            for ((plan, slot), moved) in slots.zip(&mut moved.slots) {
                for (to, from) in moved.columns.iter_mut().zip(&slot.columns) {
                    to.clear();
                    to.extend_from(from, Rows::Some(&[late]));
                }
                let span = Span {
                    rows: Segment::Range { start: 0, end: 1 },
                    groups: Groups::One(early),
                };
                slot.merge(plan, &moved.columns, span);
            }
        }
        self.unlink(late);
        let gone = self.sessions[late as usize];
        let session = &mut self.sessions[early as usize];
        session.last = gone.last;
        if gone.born < session.born {
            session.born = gone.born;
            let (last, first) = (gone.last, self.arena.firsts[late as usize]);
            self.arena.firsts[early as usize] = first;
            self.due.push(Reverse((self.final_at(last), first, early)));
        }
    }

    /// The next session that is final at `watermark`, taken out of what is held.
    fn next_due(&mut self, watermark: i64) -> Option<u32> {
        loop {
            let Reverse((at, first, id)) = *self.due.peek()?;
            if at > watermark {
                return None;
            }
            self.due.pop();
            let session = self.sessions[id as usize];
            // Merged, or merged into: then there is another entry.
            if !session.lives || self.arena.firsts[id as usize] != first {
                continue;
            }
            let final_at = self.final_at(session.last);
            if at < final_at {
                self.due.push(Reverse((final_at, first, id)));
                continue;
            }
            self.unlink(id);
            return Some(id);
        }
    }
}

impl Core {
    /// Folds rows into the sessions of their keys, and emits what changed if changes are emitted.
    pub(super) fn fold_sessions(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        tracing: Tracing,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let Some(mut sessions) = self.sessions.take() else {
            return;
        };
        let traced = matches!(tracing, Tracing::All);
        if traced {
            self.start_tracing(folding);
        }
        sessions.indexed = false;
        sessions.late.clear();
        self.assign(&mut sessions, folding, rows, traced);
        self.windows.entries = sessions.live;
        sessions.compact(folding.layout);
        if !sessions.late.is_empty() {
            context.ledger.late(sessions.late.len() as u64);
        }
        if traced {
            self.emit_on_time(folding, rows, &sessions.late);
            self.flush(context, next);
        }
        self.sessions = Some(sessions);
    }

    /// Appends the results of the rows that are not `late`, which rise.
    fn emit_on_time(&mut self, folding: &Folding<'_>, rows: Segment<'_>, late: &[u32]) {
        if late.is_empty() {
            return self.emit_rows(folding, folding.input.selected.rows());
        }
        let mut changed = std::mem::take(&mut self.changed);
        rows.for_each(|row| {
            if late.binary_search(&(row as u32)).is_err() {
                changed.push(row as u32);
            }
        });
        self.emit_rows(folding, Rows::Some(&changed));
        self.changed = changed;
    }

    /// Finds the session of every row and folds them, what is pending before each merge and each late row.
    fn assign(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        traced: bool,
    ) {
        let times = folding.input.times();
        let order = &folding.batch.order;
        let mut key_of = std::mem::take(&mut sessions.key_of);
        let mut of_rows = std::mem::take(&mut sessions.of_rows);
        of_rows.clear();
        if folding.keyless {
            key_of.clear();
            key_of.resize(rows.len(), 0);
            sessions.latest.resize(1, NONE);
        } else {
            let keys = &folding.input.keys;
            let created = &mut sessions.created;
            let table = &mut sessions.keys;
            table.find_or_insert(folding.hashes, keys, rows, &mut key_of, created);
            sessions.latest.resize(sessions.keys.len(), NONE);
        }
        let greatest = order.watermark(rows.row(rows.len() - 1));
        let mut folded = 0;
        for (position, &key) in key_of.iter().enumerate() {
            let row = rows.row(position);
            let time = times[row];
            let mut id = sessions.latest[key as usize];
            let next = sessions.sessions.get(id as usize).is_some_and(|session| {
                session.first <= time
                    && time <= session.last.saturating_add(sessions.gap_ns)
                    && greatest < sessions.final_at(session.last)
                    && sessions.spans(session.first, time)
            });
            if !next {
                let found = sessions.find(key, time, order, row);
                if found.is_none_or(|(_, merged)| merged != NONE) {
                    let part = rows.slice(folded, position);
                    self.fold_part(sessions, folding, part, &of_rows[folded..], traced);
                    folded = position + usize::from(found.is_none());
                }
                let Some((at, merged)) = found else {
                    sessions.late.push(row as u32);
                    of_rows.push(NONE);
                    continue;
                };
                if merged != NONE {
                    sessions.merge(folding.layout, at, merged);
                }
                id = at;
            }
            let session = &mut sessions.sessions[id as usize];
            session.first = session.first.min(time);
            session.last = session.last.max(time);
            if traced {
                self.starts[row] = session.first;
                self.ends[row] = session.last.saturating_add(sessions.gap_ns);
            }
            of_rows.push(id);
        }
        let part = rows.slice(folded, rows.len());
        self.fold_part(sessions, folding, part, &of_rows[folded..], traced);
        sessions.key_of = key_of;
        sessions.of_rows = of_rows;
    }

    fn fold_part(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        of_rows: &[u32],
        traced: bool,
    ) {
        let arena = &mut *sessions.arena;
        arena.grow(folding.layout);
        if rows.is_empty() {
            return;
        }
        let span = Span {
            rows,
            groups: Groups::Each(of_rows),
        };
        let running = traced.then_some(&mut self.running);
        folding.fold_span(arena, span, &mut self.scratch, running);
    }

    /// Emits at most `FIRE_ROWS_MAX` sessions that are final at `watermark`, in the order in which they became so.
    pub(super) fn fire_sessions(
        &mut self,
        layout: &Layout,
        watermark: i64,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let Some(mut sessions) = self.sessions.take() else {
            return Advance::Done;
        };
        let mut step = Advance::Done;
        self.order.clear();
        while let Some(id) = sessions.next_due(watermark) {
            self.order.push(id);
            if self.order.len() == FIRE_ROWS_MAX {
                step = Advance::More;
                break;
            }
        }
        if !self.order.is_empty() {
            self.index.forget();
            if self.emission == crate::plan::Emission::Final {
                sessions.emit(
                    layout,
                    &self.order,
                    &mut self.output,
                    &mut self.group_errors,
                );
            }
            self.windows.entries = sessions.live;
        }
        self.sessions = Some(sessions);
        self.flush(context, next);
        step
    }
}

impl Sessions {
    /// Appends the results of sessions to the output.
    fn emit(
        &mut self,
        layout: &Layout,
        ids: &[u32],
        output: &mut Batch,
        errors: &mut super::finish::GroupErrors,
    ) {
        let base = output.rows;
        let session = |&id: &u32| self.sessions[id as usize];
        self.rows.clear();
        self.rows.extend(ids.iter().map(|id| session(id).key));
        for (to, key) in output.columns.iter_mut().zip(self.keys.keys()) {
            to.extend_from(key, Rows::Some(&self.rows));
        }
        let keys = self.keys.keys().len();
        let end = |id| session(id).last.saturating_add(self.gap_ns);
        if let ColumnData::I64(starts) = &mut output.columns[keys].data {
            starts.extend(ids.iter().map(|id| session(id).first));
        }
        if let ColumnData::I64(ends) = &mut output.columns[keys + 1].data {
            ends.extend(ids.iter().map(end));
        }
        for (column, call) in layout.calls.iter().enumerate() {
            let out = &mut output.columns[keys + 2 + column];
            let slots = &self.arena.lanes[call.lane].slots;
            finish(call, slots, Rows::Some(ids), out, errors);
        }
        order_keys(output).extend(ids.iter().map(|id| {
            let first = self.arena.firsts[*id as usize];
            OrderKey::fired(self.final_at(session(id).last), first.seq, first.ordinal)
        }));
        let hashes = self.keys.hashes();
        if !hashes.is_empty() {
            let of_keys = self.rows.iter().map(|&key| hashes[key as usize]);
            output.hashes.extend(of_keys);
        }
        output.time.extend(ids.iter().map(|id| end(id) - 1));
        output.rows = base + ids.len();
    }
}
