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
//! a row that can join neither begins a session. So sessions of a key never overlap. A row whose own session
//! `[t, t + gap]` would be final has been taken out as late before.
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
use super::state::{First, LaneState, WindowState};
use crate::batch::{Batch, ColumnData, Rows};
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
    columns: Vec<&'static crate::batch::Column>,
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
            columns: Vec::new(),
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
    /// `NONE`: it begins one, behind the second in time.
    fn place(&self, key: u32, time: i64, watermark: i64) -> (u32, u32) {
        let (mut behind, mut at) = (NONE, self.latest[key as usize]);
        while at != NONE && time < self.sessions[at as usize].first {
            (behind, at) = (at, self.sessions[at as usize].earlier);
        }
        let open = |at: u32| {
            let session = self.sessions.get(at as usize)?;
            (watermark < self.final_at(session.last)).then_some(session)
        };
        let before = open(at).filter(|session| time <= session.last.saturating_add(self.gap_ns));
        let after =
            open(behind).filter(|session| session.first.saturating_sub(self.gap_ns) <= time);
        match (before, after) {
            (Some(before), _) if time <= before.last => (at, NONE),
            (Some(before), Some(after)) if self.spans(before.first, after.last) => (at, behind),
            (Some(before), _) if self.spans(before.first, time) => (at, NONE),
            (_, Some(after)) if self.spans(time, after.last) => (behind, NONE),
            _ => (NONE, at),
        }
    }

    /// Begins a session of `key`, behind session `earlier` in time.
    fn begin(&mut self, key: u32, time: i64, earlier: u32, first: First) -> u32 {
        let id = self.sessions.len() as u32;
        self.sessions.push(Session {
            first: time,
            last: time,
            born: self.born,
            key,
            earlier,
            lives: true,
        });
        self.born += 1;
        self.live += 1;
        self.indexed = false;
        self.arena.firsts.push(first);
        self.link(key, earlier, id);
        self.due.push(Reverse((self.final_at(time), first, id)));
        id
    }

    /// Makes `id` what comes behind `earlier` among the sessions of `key`.
    fn link(&mut self, key: u32, earlier: u32, id: u32) {
        let mut at = self.latest[key as usize];
        if at == earlier {
            self.latest[key as usize] = id;
            return;
        }
        while self.sessions[at as usize].earlier != earlier {
            at = self.sessions[at as usize].earlier;
        }
        self.sessions[at as usize].earlier = id;
    }

    /// Takes a session out of those of its key.
    fn unlink(&mut self, id: u32) {
        let Session { key, earlier, .. } = self.sessions[id as usize];
        self.sessions[id as usize].lives = false;
        self.live -= 1;
        self.indexed = false;
        let mut at = self.latest[key as usize];
        if at == id {
            self.latest[key as usize] = earlier;
            return;
        }
        while self.sessions[at as usize].earlier != id {
            at = self.sessions[at as usize].earlier;
        }
        self.sessions[at as usize].earlier = earlier;
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
        self.assign(&mut sessions, folding, rows, traced);
        self.windows.entries = sessions.live;
        sessions.compact(folding.layout);
        self.sessions = Some(sessions);
        if traced {
            self.emit_rows(folding, folding.input.selected.rows());
            self.flush(context, next);
        }
    }

    /// Finds the session of every row and folds them, what is pending before each merge.
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
                let (found, other) = sessions.place(key, time, order.watermark(row));
                if found == NONE {
                    let key_of_row = order.key(row);
                    let first = First {
                        seq: key_of_row.seq,
                        ordinal: key_of_row.ordinal,
                    };
                    id = sessions.begin(key, time, other, first);
                } else {
                    id = found;
                }
                if found != NONE && other != NONE {
                    let part = rows.slice(folded, position);
                    self.fold_part(sessions, folding, part, &of_rows[folded..], traced);
                    folded = position;
                    sessions.merge(folding.layout, id, other);
                }
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
