//! Session windows: every session keeps all its rows, every result is computed from them anew.

use super::aggregate::{Aggregate, Evaluated};
use super::fold::Argued;
use super::{Counts, Row, same_values};
use crate::batch::RowOp;
use crate::plan::Emission;
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;

/// A session of one key.
struct Session {
    key: Vec<Value>,
    first: i64,
    last: i64,
    /// The row that began it, and how many rows had begun sessions before.
    begun: OrderKey,
    born: usize,
    /// For each call the rows that reach it.
    calls: Vec<Vec<Argued>>,
}

impl Aggregate<'_> {
    /// Takes all rows, in order, and gives what leaves.
    pub(super) fn run_sessions(
        self,
        gap_ns: i64,
        span_ns: Option<i64>,
        rows: &[Row],
        counts: &mut Counts,
    ) -> Vec<Row> {
        let span_ns = span_ns.unwrap_or(i64::MAX);
        let mut sessions: Vec<Session> = Vec::new();
        let mut out = Vec::new();
        let changes = self.plan.emission == Emission::Changes;
        let final_at = |session: &Session| session.last + gap_ns + self.plan.allowed_ns + 1;
        for (number, row) in rows.iter().enumerate() {
            let watermark = row.key.watermark();
            let (over, open) = sessions
                .into_iter()
                .partition(|session| final_at(session) <= watermark);
            sessions = open;
            self.leave(over, gap_ns, counts, &mut out);
            let (from, time) = match self.evaluate(row) {
                Ok(from) => match from.time {
                    Some(time) => (from, time),
                    None => continue,
                },
                Err(reason) => {
                    counts.reject(reason);
                    continue;
                }
            };
            let lengths = (gap_ns, span_ns);
            let Some(at) = self.join(&mut sessions, &from, time, lengths, (row, number)) else {
                counts.late += 1;
                continue;
            };
            let session = &mut sessions[at];
            session.first = session.first.min(time);
            session.last = session.last.max(time);
            for (rows, args) in session.calls.iter_mut().zip(from.calls) {
                rows.extend(args.map(|args| Argued {
                    args,
                    time: Some(time),
                    path: Vec::new(),
                }));
            }
            if changes {
                self.tell(session, row.key, row.time, gap_ns, counts, &mut out);
            }
        }
        sessions.sort_by_key(&final_at);
        if !changes {
            self.leave(sessions, gap_ns, counts, &mut out);
        }
        debug_assert!(out.iter().all(|row| row.key.time < WATERMARK_END));
        out.sort_by_key(|row| row.key);
        out
    }

    /// The session that a row is of: one that is open, two that become one, or a new one; `None` where the new one
    /// would be final, so that the row is late.
    fn join(
        &self,
        sessions: &mut Vec<Session>,
        from: &Evaluated,
        time: i64,
        (gap_ns, span_ns): (i64, i64),
        (row, number): (&Row, usize),
    ) -> Option<usize> {
        let near = |session: &Session| {
            same_values(&session.key, &from.key)
                && session.first.saturating_sub(gap_ns) <= time
                && time <= session.last + gap_ns
        };
        let spans = |first: i64, last: i64| last.saturating_sub(first) <= span_ns;
        let holds = |session: &Session| session.first <= time && time <= session.last;
        let found = |wanted: &dyn Fn(&Session) -> bool| {
            sessions
                .iter()
                .position(|session| near(session) && wanted(session))
        };
        if let Some(at) = found(&holds) {
            return Some(at);
        }
        let latest_before = (0..sessions.len())
            .filter(|&at| near(&sessions[at]) && sessions[at].last < time)
            .max_by_key(|&at| sessions[at].last);
        let first_after = (0..sessions.len())
            .filter(|&at| near(&sessions[at]) && time < sessions[at].first)
            .min_by_key(|&at| sessions[at].first);
        Some(match (latest_before, first_after) {
            (Some(before), Some(after)) if spans(sessions[before].first, sessions[after].last) => {
                let later = sessions.remove(after);
                let before = before - usize::from(after < before);
                let session = &mut sessions[before];
                session.last = later.last;
                if later.born < session.born {
                    (session.born, session.begun) = (later.born, later.begun);
                }
                for (rows, later) in session.calls.iter_mut().zip(later.calls) {
                    rows.extend(later.into_iter().map(|mut row| {
                        row.path.insert(0, number as u64);
                        row
                    }));
                }
                before
            }
            (Some(before), _) if spans(sessions[before].first, time) => before,
            (_, Some(after)) if spans(time, sessions[after].last) => after,
            _ if time + gap_ns + self.plan.allowed_ns < row.key.watermark() => return None,
            _ => {
                sessions.push(Session {
                    key: from.key.clone(),
                    first: time,
                    last: time,
                    begun: row.key,
                    born: number,
                    calls: vec![Vec::new(); self.functions.len()],
                });
                sessions.len() - 1
            }
        })
    }

    /// Emits what is final.
    fn leave(&self, over: Vec<Session>, gap_ns: i64, counts: &mut Counts, out: &mut Vec<Row>) {
        if self.plan.emission == Emission::Changes {
            return;
        }
        for session in over {
            let final_at = session.last + gap_ns + self.plan.allowed_ns + 1;
            let begun = session.begun;
            let key = OrderKey::fired(final_at, begun.seq, begun.ordinal);
            let time = Some(session.last + gap_ns - 1);
            self.tell(&session, key, time, gap_ns, counts, out);
        }
    }

    fn tell(
        &self,
        session: &Session,
        key: OrderKey,
        time: Option<i64>,
        gap_ns: i64,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        let results = self.functions.iter().zip(&session.calls);
        let results: Result<Vec<_>, _> = results.map(|(f, rows)| f.result(rows)).collect();
        match results {
            Ok(results) => {
                let bounds = [session.first, session.last + gap_ns].map(Value::I64);
                let values = session.key.iter().cloned().chain(bounds).chain(results);
                out.push(Row {
                    key,
                    op: RowOp::Insert,
                    time,
                    values: values.collect(),
                });
            }
            Err(reason) => counts.group_error(reason),
        }
    }
}
