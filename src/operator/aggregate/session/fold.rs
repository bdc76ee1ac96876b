//! Folds rows into sessions, and fires those that are final.

use super::{NONE, Sessions};
use crate::batch::Rows;
use crate::limits::FIRE_ROWS_MAX;
use crate::operator::aggregate::engine::{Core, Tracing};
use crate::operator::aggregate::fold::Folding;
use crate::operator::aggregate::layout::Layout;
use crate::operator::{Advance, Context, Output};
use crate::plan::Emission;
use crate::table::Segment;
use crate::time::OrderKey;

impl Core {
    /// Folds rows into the sessions of their keys, and emits what changed if changes are emitted.
    pub(in super::super) fn fold_sessions(
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
        self.assign(&mut sessions, folding, rows, traced);
        if let Some(told) = &mut self.told {
            sessions.mark(told, &folding.batch.order, rows);
        }
        sessions.compact(folding.layout, self.groups_max, self.told.as_mut());
        self.windows.entries = sessions.entries();
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
    pub(super) fn assign(
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
        sessions.late.clear();
        sessions.numbered.forget_index();
        of_rows.clear();
        let keys = sessions.numbered.find(folding, rows, &mut key_of);
        sessions.latest.resize(keys, NONE);
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
            sessions.extend(id, time);
            if traced {
                let session = &sessions.sessions[id as usize];
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

    pub(super) fn fold_part(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        of_rows: &[u32],
        traced: bool,
    ) {
        let running = traced.then_some(&mut self.running);
        let numbered = &mut sessions.numbered;
        numbered.fold(folding, rows, of_rows, &mut self.scratch, running);
    }

    /// Emits at most `FIRE_ROWS_MAX` sessions that are final at `watermark`, in the order in which they became so.
    pub(in super::super) fn fire_sessions(
        &mut self,
        layout: &Layout,
        watermark: i64,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) -> Advance {
        let Some(mut sessions) = self.sessions.take() else {
            return Advance::Done;
        };
        let kept = self.told.is_some() && self.emission == Emission::Changes;
        let mut step = Advance::Done;
        self.order.clear();
        while let Some(id) = sessions.next_due(watermark, kept) {
            self.order.push(id);
            if self.order.len() == FIRE_ROWS_MAX {
                step = Advance::More;
                break;
            }
        }
        if !self.order.is_empty() {
            self.index.forget();
            if self.emission != Emission::Changes {
                let order = std::mem::take(&mut self.order);
                let key = |&id: &u32| sessions.fired(id);
                self.output.order_keys().extend(order.iter().map(key));
                sessions.emit(layout, &order, self.results());
                self.order = order;
            }
            self.windows.entries = sessions.entries();
        }
        self.sessions = Some(sessions);
        self.flush(context, next);
        step
    }
}

impl Sessions {
    /// Where the final row of a session stands.
    fn fired(&self, id: u32) -> OrderKey {
        let first = self.numbered.arena.firsts[id as usize];
        let final_at = self.final_at(self.sessions[id as usize].last);
        OrderKey::fired(final_at, first.seq, first.ordinal)
    }
}
