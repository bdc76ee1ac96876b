//! Session windows: every session keeps all its rows, every result is computed from them anew.

use super::aggregate::{Aggregate, Evaluated};
use super::fold::Argued;
use super::told::Told;
use super::{Counts, Row, same_values};
use crate::batch::RowOp;
use crate::error::Reason;
use crate::plan::{AggregatePlan, Emission, LatePolicy, WindowPlan};
use crate::time::{OrderKey, WATERMARK_END};
use crate::types::Value;

/// A session of one key.
#[derive(Clone)]
pub(super) struct Session {
    pub key: Vec<Value>,
    pub first: i64,
    pub last: i64,
    /// The row that began it, and how many rows had begun sessions before.
    pub begun: OrderKey,
    pub born: usize,
    /// Which it is: of two that become one, the one that is earlier in time.
    pub number: usize,
    /// Whether its final row has left.
    pub left: bool,
    /// For each call the rows that reach it.
    pub calls: Vec<Vec<Argued>>,
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
        if matches!(self.plan.late, LatePolicy::Process | LatePolicy::Warn) {
            return self.run_corrected((gap_ns, span_ns), rows, counts);
        }
        let mut sessions: Vec<Session> = Vec::new();
        let mut out = Vec::new();
        let changes = self.plan.emission == Emission::Changes;
        let final_at = |session: &Session| session.last + gap_ns + self.plan.allowed_ns + 1;
        let mut told = Told::new(self.plan);
        // What is over and waits to be told.
        let mut kept: Vec<Session> = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let watermark = row.key.watermark();
            self.tell_changed(
                &mut told,
                (watermark, gap_ns),
                (&sessions, &kept),
                counts,
                &mut out,
            );
            let (over, open) = sessions
                .into_iter()
                .partition(|session| final_at(session) <= watermark);
            sessions = open;
            kept.retain(|session| told.waits(session.number));
            match changes {
                true => kept.extend(over),
                false => self.leave(over, gap_ns, counts, &mut out),
            }
            let Some((from, time)) = self.timed(row, counts) else {
                continue;
            };
            let lengths = (gap_ns, span_ns);
            let Some(at) = self.join(&mut sessions, &from, time, lengths, (row, number)) else {
                counts.late();
                continue;
            };
            let session = &mut sessions[at];
            session.first = session.first.min(time);
            session.last = session.last.max(time);
            self.reach(&mut session.calls, from.calls, time);
            told.mark(session.number, row.key);
            if changes && !told.waits_for_ticks() {
                self.tell(session, row.key, row.time, gap_ns, counts, &mut out);
            }
        }
        self.tell_changed(
            &mut told,
            (WATERMARK_END, gap_ns),
            (&sessions, &kept),
            counts,
            &mut out,
        );
        sessions.sort_by_key(&final_at);
        if !changes {
            self.leave(sessions, gap_ns, counts, &mut out);
        }
        debug_assert!(out.iter().all(|row| row.key.time < WATERMARK_END));
        out.sort_by_key(|row| row.key);
        out
    }

    /// What a row says and its time; `None` where it is refused.
    pub(super) fn timed(&self, row: &Row, counts: &mut Counts) -> Option<(Evaluated, i64)> {
        match self.evaluate(row) {
            Ok(from) => from.time.map(|time| (from, time)),
            Err(reason) => {
                counts.reject(reason);
                None
            }
        }
    }

    /// Tells what waits for a tick that the watermark has come to: of sessions that are there, or are over and were kept.
    fn tell_changed(
        &self,
        told: &mut Told,
        (watermark, gap_ns): (i64, i64),
        (sessions, kept): (&[Session], &[Session]),
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        for (number, key) in told.due(watermark) {
            let mut both = sessions.iter().chain(kept);
            let Some(session) = both.find(|session| session.number == number) else {
                // It is part of another.
                continue;
            };
            let final_at = session.last + gap_ns + self.plan.allowed_ns + 1;
            if self.plan.emission == Emission::Changes || told.at < i128::from(final_at) {
                let time = Some(session.last + gap_ns - 1);
                self.tell(session, key, time, gap_ns, counts, out);
            }
        }
    }

    /// How long behind its end a session takes rows.
    pub(super) fn open_after(&self) -> i64 {
        match self.plan.late {
            LatePolicy::Process | LatePolicy::Warn => self.plan.allowed_ns + self.plan.retention_ns,
            LatePolicy::Drop | LatePolicy::Collect => self.plan.allowed_ns,
        }
    }

    /// The session that a row is of: one that is open, two that become one, or a new one; `None` where the new one
    /// would be final, so that the row is late.
    pub(super) fn join(
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
                for (call, later) in later.calls.into_iter().enumerate() {
                    let distinct = self.plan.aggregates[call].distinct;
                    for mut row in later {
                        if !distinct {
                            row.path.insert(0, number as u64);
                        }
                        self.add(&mut session.calls[call], call, Some(row));
                    }
                }
                before
            }
            (Some(before), _) if spans(sessions[before].first, time) => before,
            (_, Some(after)) if spans(time, sessions[after].last) => after,
            _ if time + gap_ns + self.open_after() < row.key.watermark() => return None,
            _ => {
                sessions.push(Session {
                    key: from.key.clone(),
                    first: time,
                    last: time,
                    begun: row.key,
                    born: number,
                    number,
                    left: false,
                    calls: vec![Vec::new(); self.functions.len()],
                });
                sessions.len() - 1
            }
        })
    }

    /// Adds a row at `time` to those that reach the calls whose arguments it has.
    pub(super) fn reach(
        &self,
        calls: &mut [Vec<Argued>],
        args: Vec<Option<Vec<Value>>>,
        time: i64,
    ) {
        for (call, args) in args.into_iter().enumerate() {
            let row = args.map(|args| Argued {
                args,
                time: Some(time),
                path: Vec::new(),
            });
            self.add(&mut calls[call], call, row);
        }
    }

    /// Adds a row to those that reach a call; DISTINCT does so once.
    pub(super) fn add(&self, rows: &mut Vec<Argued>, call: usize, row: Option<Argued>) {
        let distinct = self.plan.aggregates[call].distinct;
        let known = |row: &Argued| rows.iter().any(|it| same_values(&it.args, &row.args));
        rows.extend(row.filter(|row| !(distinct && known(row))));
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

    pub(super) fn tell(
        &self,
        session: &Session,
        key: OrderKey,
        time: Option<i64>,
        gap_ns: i64,
        counts: &mut Counts,
        out: &mut Vec<Row>,
    ) {
        let results = self.functions.iter().zip(&session.calls);
        let end = Some(session.last + gap_ns);
        let results = results.map(|(f, rows)| f.result_until(rows, end));
        let results: Result<Vec<_>, _> = results.collect();
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

/// Which rows are late for every session, decided one after another.
pub struct LateJudge<'a> {
    aggregate: Aggregate<'a>,
    lengths: (i64, i64),
    sessions: Vec<Session>,
    number: usize,
}

impl<'a> LateJudge<'a> {
    /// Nothing yet.
    pub fn new(plan: &'a AggregatePlan) -> Self {
        let Some(WindowPlan::Session { gap_ns, span_ns }) = plan.window else {
            panic!("rows are late for sessions");
        };
        Self {
            aggregate: Aggregate::new(plan, false),
            lengths: (gap_ns, span_ns.unwrap_or(i64::MAX)),
            sessions: Vec::new(),
            number: 0,
        }
    }

    /// Whether a row is late, or why it is refused.
    pub fn is_late(&mut self, row: &Row) -> Result<bool, Reason> {
        let allowed_ns = self.aggregate.open_after();
        let (gap_ns, watermark) = (self.lengths.0, row.key.watermark());
        self.sessions
            .retain(|session| watermark <= session.last + gap_ns + allowed_ns);
        let from = self.aggregate.evaluate(row)?;
        let time = from.time.expect("a window has a time");
        self.number += 1;
        let place = (row, self.number);
        let found = self
            .aggregate
            .join(&mut self.sessions, &from, time, self.lengths, place);
        let Some(at) = found else {
            return Ok(true);
        };
        let session = &mut self.sessions[at];
        session.first = session.first.min(time);
        session.last = session.last.max(time);
        Ok(false)
    }
}
