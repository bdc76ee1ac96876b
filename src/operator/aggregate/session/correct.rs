//! LATE DATA PROCESS and WARN of sessions: a closed session stays for the retention, and whatever row it would take
//! corrects it.
//!
//! A session whose row has left takes rows as an open one does. What that row said is taken back first, then the whole
//! session is told as it has become, all in the place of the row that did it:
//!
//! ```text
//! the row lies in, or prolongs, a session that has left    -U as it was, +U as it is
//! it makes several of them one                             -U the first, -D the others, +U the one
//! the session is open again by it, up to its new end       -D as it was; +I when it is final
//! it begins a session that is final at once                +I
//! ```
//!
//! So the rows that were inserted and not deleted are at any time those of the sessions that are final, as they are. The
//! window of a session moves as it grows: without what is taken back a reader could not tell which rows stand.

use super::{NONE, Sessions};
use crate::batch::RowOp;
use crate::operator::aggregate::early::stretch;
use crate::operator::aggregate::engine::Core;
use crate::operator::aggregate::fold::Folding;
use crate::operator::{Advance, Context, Output};
use crate::table::Segment;
use std::cmp::Reverse;

/// Rows that leave because of one: two that are taken back, and a new one.
const ROWS_MAX: u32 = 3;

impl Core {
    /// Folds rows, each stretch under one watermark behind what that makes final.
    pub(in super::super) fn correct_sessions(
        &mut self,
        folding: &Folding<'_>,
        rows: Segment<'_>,
        context: &mut Context<'_>,
        next: &mut dyn Output,
    ) {
        let mut from = 0;
        while let Some((to, watermark)) = stretch(folding, rows, from) {
            let layout = folding.layout;
            while self.fire_sessions(layout, watermark, context, next) == Advance::More {}
            let Some(mut sessions) = self.sessions.take() else {
                return;
            };
            let part = rows.slice(from, to);
            self.assign_correcting(&mut sessions, folding, (part, watermark), context);
            sessions.compact(layout, self.groups_max, None);
            self.windows.entries = sessions.entries();
            if !sessions.late.is_empty() {
                context.ledger.late(sessions.late.len() as u64);
            }
            self.sessions = Some(sessions);
            self.flush(context, next);
            from = to;
        }
    }

    /// Finds the session of every row and folds them, what is pending before each row that corrects.
    fn assign_correcting(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        (rows, watermark): (Segment<'_>, i64),
        context: &mut Context<'_>,
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
        let mut folded = 0;
        for (position, &key) in key_of.iter().enumerate() {
            let row = rows.row(position);
            let time = times[row];
            let found = sessions.find(key, time, order, row);
            let has_left = |id: u32| {
                let session = sessions.sessions.get(id as usize);
                session.is_some_and(|session| session.left)
            };
            let final_at = |id: u32| sessions.final_at(sessions.sessions[id as usize].last);
            let corrects = found.is_some_and(|(at, other)| {
                has_left(at) || has_left(other) || final_at(at) <= watermark
            });
            if corrects || found.is_none_or(|(_, other)| other != NONE) {
                let part = rows.slice(folded, position);
                self.fold_part(sessions, folding, part, &of_rows[folded..], false);
                folded = position + usize::from(corrects || found.is_none());
            }
            let Some((at, other)) = found else {
                sessions.late.push(row as u32);
                of_rows.push(NONE);
                continue;
            };
            of_rows.push(at);
            if corrects {
                let part = rows.slice(position, position + 1);
                self.correct_session(sessions, folding, (part, watermark), (at, other));
                context.ledger.corrected(1);
                if self.warns {
                    context.ledger.warned(row as u32);
                }
                continue;
            }
            if other != NONE {
                sessions.merge(folding.layout, at, other);
            }
            sessions.extend(at, time);
        }
        let part = rows.slice(folded, rows.len());
        self.fold_part(sessions, folding, part, &of_rows[folded..], false);
        sessions.key_of = key_of;
        sessions.of_rows = of_rows;
    }

    /// Folds one row into session `at`, which takes in `other` if there is one: what of them has left is taken back, and
    /// the session told anew if it is final.
    fn correct_session(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        (rows, watermark): (Segment<'_>, i64),
        (at, other): (u32, u32),
    ) {
        let row = rows.row(0);
        let time = folding.input.times()[row];
        let last = match sessions.sessions.get(other as usize) {
            Some(other) => other.last,
            None => sessions.sessions[at as usize].last,
        };
        let is_final = sessions.final_at(last.max(time)) <= watermark;
        let mut replaced = false;
        let mut number = 0;
        for id in [at, other] {
            let session = sessions.sessions.get(id as usize);
            if !session.is_some_and(|session| session.left) {
                continue;
            }
            let op = match is_final && !replaced {
                true => RowOp::UpdateBefore,
                false => RowOp::Delete,
            };
            replaced |= op == RowOp::UpdateBefore;
            self.emit_session(sessions, folding, (row, number), (id, op));
            number += 1;
        }
        if other != NONE {
            sessions.merge(folding.layout, at, other);
        }
        sessions.extend(at, time);
        self.fold_part(sessions, folding, rows, &[at], false);
        let session = &mut sessions.sessions[at as usize];
        session.left = is_final;
        if is_final {
            let op = match replaced {
                true => RowOp::UpdateAfter,
                false => RowOp::Insert,
            };
            self.emit_session(sessions, folding, (row, number), (at, op));
        } else {
            let final_at = sessions.final_at(sessions.sessions[at as usize].last);
            let first = sessions.numbered.arena.firsts[at as usize];
            sessions.due.push(Reverse((final_at, first, at)));
        }
    }

    /// Appends a session as it is, as the `number`th row that `row` causes.
    fn emit_session(
        &mut self,
        sessions: &mut Sessions,
        folding: &Folding<'_>,
        (row, number): (usize, u32),
        (id, op): (u32, RowOp),
    ) {
        let mut key = folding.batch.order.key(row);
        key.ordinal = key.ordinal.saturating_mul(ROWS_MAX).saturating_add(number);
        self.output.order_keys().push(key);
        sessions.emit(folding.layout, &[id], self.results());
        self.output.ops.push(op);
    }
}
